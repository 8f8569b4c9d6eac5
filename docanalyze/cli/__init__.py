"""The `docanalyze` command: parses, calls one function, prints. The only place that turns an error
into text and an exit code.

Nothing heavy is imported before a command runs: `--help` must come at once.
"""

import os
import sys
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from docanalyze.cli.group import FileGroup, PairsCommand
from docanalyze.errors import DocanalyzeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docanalyze.ingest.repo.crew import Crew

INTERRUPTED = 130
_KEEPING_NOTHING = frozenset({"pack", "map"})
_NOTHING = "nothing was kept"
_HELP = frozenset({"-h", "--help"})


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"docanalyze {version('docanalyze')}")
        raise typer.Exit


def before(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop."),
    ] = False,
) -> None:
    """Options that stand before a command."""


@cache
def _app(*, packs: bool) -> typer.Typer:
    """All commands; or those alone that pack, where one of them is asked for: the modules of all others take longer
    to import than its own."""
    app = typer.Typer(
        cls=FileGroup,
        name="docanalyze",
        help="Analyse whole documents on your own machine; every statement carries a quote proven in the source.",
        epilog="`docanalyze FILE` is `docanalyze analyze FILE`. A file named like a command needs ./ before it.",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": sorted(_HELP, key=len)},
    )
    app.callback()(before)
    if not packs:
        _register(app)
        return app
    from docanalyze.cli import packing

    for name, command in packing.COMMANDS:
        app.command(name)(command)
    return app


def _register(app: typer.Typer) -> None:
    from docanalyze.cli import (
        analyze,
        batch,
        datasette,
        diff,
        doctor,
        export,
        keep,
        look,
        models,
        packing,
        query,
        rejudge,
        repo,
        search,
        server,
    )

    app.command("analyze")(analyze.analyze)
    app.command("repo")(repo.repo)
    app.command("query", cls=PairsCommand)(query.query)
    for module in (batch, rejudge, look, search, diff, export, datasette, packing, keep, doctor):
        for name, command in module.COMMANDS:
            app.command(name)(command)
    for group in (server, models):
        group.register(app)


@contextmanager
def _ahead() -> "Iterator[Crew]":
    """Processes that read code bases: they start and load while the line is parsed, which takes as long."""
    from docanalyze.ingest.collecting import uncollected
    from docanalyze.ingest.options import Limits
    from docanalyze.ingest.repo.crew import Crew

    with uncollected(), Crew(Limits()) as crew:
        crew.start()
        yield crew


def main() -> None:
    """Entry point: runs the command and leaves with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Unicode must not end in a traceback
    code = call(sys.argv[1:])
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None
    except OSError as error:
        code = _unwritable(error)
    sys.exit(code)


def _unwritable(error: OSError) -> int:
    from docanalyze.cli.terminal import complain

    complain(f"standard output cannot be written: {error.strerror}", "what was finished is kept")
    # What is left in its buffer would fail once more at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 1


def _command(error: TyperException) -> str:
    """The command that a wrong line was given to, as far as it was understood."""
    return str(getattr(getattr(error, "ctx", None), "command_path", "docanalyze"))


def _run(arguments: list[str], *, packs: bool) -> object:
    try:
        with _ahead() if packs and not _HELP.intersection(arguments) else nullcontext() as ahead:
            return _app(packs=packs)(arguments, prog_name="docanalyze", standalone_mode=False, obj=ahead)
    except KeyboardInterrupt:
        # A command that has begun ends with the same code.
        return INTERRUPTED


def call(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code; errors go to standard error as one line."""
    from docanalyze.cli.terminal import complain

    packs = bool(_KEEPING_NOTHING.intersection(arguments[:1]))
    try:
        result = _run(arguments or ["--help"], packs=packs)
    except DocanalyzeError as error:
        complain(error.what, error.try_)
        return error.exit_code
    except TyperException as error:
        said = " ".join(error.format_message().split()).replace("Value error, ", "").rstrip(".")
        complain(said, f"{_command(error)} --help")
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more when it flushes at exit.
        sys.stdout = None
        return 0
    except OSError as error:
        if error.filename is not None:
            raise
        # Of all that is written only standard output has no name.
        return _unwritable(error)
    if result == INTERRUPTED:
        complain("Stopped", _NOTHING if packs else "what was finished is kept; the same command goes on from there")
    return result if isinstance(result, int) else 0
