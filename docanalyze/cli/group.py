"""How lines are parsed where Typer's own way does not do: a file as the first word, options of two words."""

import typer
import typer.core

from docanalyze.errors import UsageError

DEFAULT = "analyze"


class FileGroup(typer.core.TyperGroup):
    """A first word that is neither a command nor an option of the group goes to `analyze`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


class PairsCommand(typer.core.TyperCommand):
    """A command whose `-p NAME VALUE` takes two words and may be repeated: the two reach it as `NAME=VALUE`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        made, words = list[str](), iter(args)
        for word in words:
            made.append(word)
            if word == "--":
                made += words
            elif word in ("-p", "--param"):
                name, value = next(words, None), next(words, None)
                if name is None or value is None or not name.lstrip(":@$").isidentifier():
                    raise UsageError(f"{word} takes a name and a value", f"give it as {word} days 30")
                made.append(f"{name.lstrip(':@$')}={value}")
        return super().parse_args(ctx, made)
