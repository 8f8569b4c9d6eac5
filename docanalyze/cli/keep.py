"""Commands that guard what is kept: prove that it holds, or delete it for good."""

import re
from pathlib import Path
from typing import Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import StoreLocked, StoreUnwritable

_RUN_ID = re.compile(r"[\w-]{1,80}")
"""No id leads out of a folder."""
OWN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def verify(
    run: Annotated[str | None, typer.Argument(help="A run's id, the start of one, or latest; all if left out.")] = None,
    json: options.Json = False,
    db: options.Db = None,
) -> None:
    """Hash and slice everything again, and name what does not hold."""
    from dataclasses import asdict

    from docanalyze import config
    from docanalyze.cli import output
    from docanalyze.cli.terminal import one_line
    from docanalyze.store import Store

    settings = config.resolve({"db": db})
    with Store.open(settings.db, create=False) as store:
        problems = store.verify(run)
    if json:
        listed = [asdict(problem) for problem in problems]
        output.write({"schema": "docanalyze.problems", "version": output.VERSION, "problems": listed})
    elif problems:
        for problem in problems:
            typer.echo(one_line(f"{problem.table} {problem.id}: {problem.what}"))
        typer.echo(f"{len(problems)} do not hold in {settings.db}")
    else:
        typer.echo(f"Everything holds in {settings.db}")
    raise typer.Exit(1 if problems else 0)


def forget(
    what: Annotated[str, typer.Argument(metavar="RUN|DOCUMENT", help="An id, or the start of one.")],
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Delete a run, or a document with all its runs: text, calls, findings, reports, what servers kept on disk.

    What a running server has of it in memory goes when it stops: docanalyze server stop.
    """
    from docanalyze import config
    from docanalyze.cli.batch_view import write_again
    from docanalyze.report.plain import counted
    from docanalyze.runtime import folder as places
    from docanalyze.runtime import shelf
    from docanalyze.store import Store

    settings = config.resolve({"db": db, "out": out})
    with Store.open(settings.db, create=False) as store:
        forgotten = store.forget(what)
    files = sum(_delete_reports(settings.out, run) for run in forgotten.runs if _RUN_ID.fullmatch(run))
    for folder in {Path(one) for one in forgotten.folders} - {settings.out}:
        # A database may be anybody's: only what is named as our Runs are goes from a folder that it names.
        files += sum(_delete_reports(folder, run) for run in forgotten.runs if OWN_ID.fullmatch(run))
    kept = shelf.forget(places.slots(config.runtime_folder(settings)), forgotten.documents)
    counts = [(len(forgotten.runs), "run"), (len(forgotten.documents), "document"), (files, "report file")]
    if kept:
        counts.append((kept, "kept prefix file"))
    typer.echo(f"Forgotten: {', '.join(counted(count, what) for count, what in counts)}")
    with Store.open(settings.db, create=False) as store:
        pages = write_again(store, forgotten.batches, settings)
    if pages:
        typer.echo(f"Written again without it: {counted(pages, 'page')} of batches")
    if not forgotten.complete:
        raise StoreLocked(
            f"another program still holds the old pages of {settings.db}",
            "close it and run docanalyze forget on any run again",
        )


def _delete_reports(folder: Path, run: str) -> int:
    from docanalyze.report import SUFFIXES

    deleted = 0
    for suffix in SUFFIXES:
        path = folder / f"{run}{suffix}"
        try:
            path.unlink()
            deleted += 1
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreUnwritable(
                f"the report {path} could not be deleted: {error.strerror}", "delete it yourself"
            ) from None
    return deleted


COMMANDS = (("verify", verify), ("forget", forget))
