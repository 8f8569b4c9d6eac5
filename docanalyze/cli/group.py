"""The command group that takes a file for its first word, so that `docanalyze contract.pdf` works."""

import typer
import typer.core

DEFAULT = "analyze"


class FileGroup(typer.core.TyperGroup):
    """A first word that is neither a command nor an option of the group goes to `analyze`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
