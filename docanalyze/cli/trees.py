"""What the commands for code bases share: their options, whether a folder is meant, how reading is told."""

import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from docanalyze.config import Settings
    from docanalyze.ingest import TreeOptions
    from docanalyze.model import Tree

DEFAULT_WINDOW = 131_072
_MOST_REASONS = 8

CodeBase = Annotated[str, typer.Argument(metavar="PATH", help="A folder, a checkout, a single file.")]
Focus = Annotated[
    list[str] | None,
    typer.Option("--focus", metavar="GLOB", help="Favour these files and what they need; repeatable."),
]
Include = Annotated[
    list[str] | None, typer.Option("--include", metavar="GLOB", help="Read only these files; repeatable.")
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Do not read these files; repeatable.")
]
NoTests = Annotated[bool, typer.Option("--no-tests", help="Leave tests out.")]
Window = Annotated[int, typer.Option("--window", min=1, metavar="TOKENS", help="How many tokens there is room for.")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which files of a code base a command was told to read, as typed."""

    focus: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    no_tests: bool
    written: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, focus: list[str] | None, include: list[str] | None, exclude: list[str] | None, no_tests: bool
    ) -> "Chosen":
        """From the options of a command."""
        return cls(tuple(focus or ()), tuple(include or ()), tuple(exclude or ()), no_tests)

    def options(self) -> "TreeOptions":
        """What reading takes."""
        from docanalyze.ingest import TreeOptions

        return TreeOptions(self.include, self.exclude, self.written, not self.no_tests)

    def without(self, path: Path, source: str) -> "Chosen":
        """The same, but for a file that the command itself writes into the folder it reads."""
        root = Path(source).resolve()
        inside = path.resolve()
        if not inside.is_relative_to(root) or inside == root:
            return self
        return replace(self, written=(*self.written, "/" + _literal(inside.relative_to(root).as_posix())))

    def without_ours(self, settings: "Settings", source: str) -> "Chosen":
        """The same, but for what runs write: the database, and where that is not the code base itself, the reports.
        What one command wrote the next must not find."""
        ours = list(settings.database_files)
        if settings.out.resolve() != Path(source).resolve():
            ours.append(settings.out)
        chosen = self
        for path in ours:
            chosen = chosen.without(path, source)
        return chosen


def _literal(path: str) -> str:
    """A path as a pattern that means it alone."""
    return "".join(f"\\{char}" if char in "\\*?[]!# " else char for char in path)


def unread(tree: "Tree") -> list[str]:
    """Why files were not read, the commonest reasons first, each with how many files."""
    reasons = Counter(file.reason for file in tree.files if file.reason).most_common()
    lines = [f"{number:,} {'file' if number == 1 else 'files'}: {reason}" for reason, number in reasons[:_MOST_REASONS]]
    rest = sum(number for _, number in reasons[_MOST_REASONS:])
    return [*lines, f"{rest:,} more for other reasons: --json has all"] if rest else lines


def require_meant(source: str) -> None:
    """Asks before a home directory is read as a code base; UsageError where nobody can be asked, or says no, and
    for an empty path, which would be the folder one is in."""
    from docanalyze.ingest import is_home

    if not source:
        raise UsageError("the path is empty", "name a folder; . is the one you are in")

    if not is_home(source):
        return
    what = f"{source} is a home directory, or holds one"
    refused = UsageError(what, "name a folder in it")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise refused
    if not typer.confirm(f"{what}. Read all of it?", err=True):
        raise refused
