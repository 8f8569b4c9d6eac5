"""`docanalyze export`: runs for other programs and people: JSON lines, CSV, Markdown, HTML."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from docanalyze.cli import options
from docanalyze.cli.terminal import json_text, one_line
from docanalyze.errors import StoreUnwritable, UsageError

if TYPE_CHECKING:
    from docanalyze.model import Document, Finding, Run
    from docanalyze.store import Store

COLUMNS = (
    "run document kind section finding statement verdict probability judge reason quote status place page fields"
    " absence conflict analyst started"
).split()


class ExportForm(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    HTML = "html"


def export(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="A run's id, the start of one, or latest.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="The latest finished run of every document and kind.")] = False,
    all_runs: Annotated[bool, typer.Option("--all-runs", help="Every finished run, older ones too.")] = False,
    form: Annotated[ExportForm, typer.Option("--format", help="jsonl and csv: a finding a line.")] = ExportForm.JSONL,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE|FOLDER", help="Write here.", show_default="standard output"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    db: options.Db = None,
) -> None:
    """Write runs for other programs and people: a finding a line as JSON or CSV, or whole reports."""
    from docanalyze import config
    from docanalyze.store import Store

    if (all_ or all_runs) and run:
        raise UsageError(f"{'--all-runs' if all_runs else '--all'} is more than one run", "name a run or give it alone")
    settings = config.resolve({"db": db})
    with Store.open(settings.db, create=False) as store:
        many = all_ or all_runs
        runs = _many(store, older=all_runs) if many else [run or "latest"]
        if form in (ExportForm.JSONL, ExportForm.CSV):
            _write_lines(store, runs, form, _file(out, force=force))
        elif many or (out is not None and out.is_dir()):
            _write_reports(store, runs, form, out, force=force)
        else:
            with _writing(_file(out, force=force)) as stream:
                stream.write(_report(store, runs[0], form)[1])


def _many(store: "Store", *, older: bool) -> list[str]:
    """The runs that are written, and a word about those that are not."""
    from docanalyze.cli.terminal import complain
    from docanalyze.report.plain import counted

    runs = store.finished_runs() if older else store.latest_runs()
    left = len(store.finished_runs()) - len(runs)
    if left:
        complain(f"note: {counted(left, 'older run')} of the same documents left out", "--all-runs writes them, too")
    if not runs:
        complain("note: no run is finished, and nothing is written", "see docanalyze runs")
    return runs


# -- where to --------------------------------------------------------------------------------------


def _file(out: Path | None, *, force: bool) -> Path | None:
    """The file to write, None for standard output; UsageError where something would be overwritten."""
    if out is None or str(out) == "-":
        return None
    if out.is_dir():
        raise UsageError(f"{out} is a folder", "name a file")
    _require_free(out, force=force)
    return out


def _require_free(path: Path, *, force: bool) -> None:
    if os.path.lexists(path) and not force:
        raise UsageError(f"{path} is there already", "name another, or give --force")


@contextmanager
def _writing(path: Path | None) -> Iterator[TextIO]:
    """A stream to write a file whole or not at all, for its owner alone; standard output for None."""
    if path is None:
        with nullcontext(sys.stdout) as stream:
            yield cast(TextIO, stream)
        return
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w",
            dir=path.parent,
            prefix=".",
            suffix=".new",
            delete=False,
            encoding="utf-8",
            newline="",
            # Names of files may hold bytes that are no text; a terminal shows them so, too.
            errors="replace",
        ) as file:
            new = Path(file.name)
            try:
                yield cast(TextIO, file)
                file.close()
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreUnwritable(f"{path} cannot be written: {why}", "name another place with -o") from None


# -- a finding a line ------------------------------------------------------------------------------


def _write_lines(store: "Store", runs: list[str], form: ExportForm, path: Path | None) -> None:
    from docanalyze.cli import rows

    with _writing(path) as stream:
        if form is ExportForm.CSV:
            stream.write(rows.csv(COLUMNS, ()))
        for ref in runs:
            run = store.run(ref)
            document = store.document_of(run)
            for finding in run.findings:
                if form is ExportForm.CSV:
                    stream.write(rows.csv_lines([_row(run, document, finding)]))
                else:
                    stream.write(json_text(line(run, document, finding)) + "\n")


def line(run: "Run", document: "Document", finding: "Finding") -> dict[str, Any]:
    """A Finding with what it is of, as one JSON object."""
    from docanalyze.cli import output

    about = {
        "run": run.id,
        "document": document.source.name,
        "document_id": run.document_id,
        "source": run.source,
        "kind": run.kind,
        "analyst": run.analyst,
        "judge": run.judge,
        "started": run.started,
    }
    return {**about, **output.finding_object(finding, document)}


def _row(run: "Run", document: "Document", finding: "Finding") -> tuple[str | int | float | None, ...]:
    """The cells of `COLUMNS`. Several quotes stand in one cell, with their places in the same order."""
    from docanalyze.report.labels import label_of

    verdict, located = finding.verdict, [one for one in finding.evidence if one.spans]
    quotes = [" … ".join(document.slice(span) for span in one.spans) for one in located]
    places = [document.locator(one.spans[0]) for one in located]
    pages = [segments[0].page for one in located[:1] if (segments := document.segments_at(one.spans[0]))]
    return (
        run.id,
        document.source.name,
        run.kind,
        finding.section,
        finding.number,
        finding.statement,
        label_of(finding).value,
        verdict.probability if verdict else None,
        verdict.by if verdict else "",
        verdict.reason if verdict else "",
        "\n".join(quotes),
        ", ".join(dict.fromkeys(one.status for one in finding.evidence)),
        "\n".join(places),
        (pages[0] if pages else 0) or None,
        "; ".join(f"{x.name}: {x.value or x.written} {x.unit}".rstrip() for x in finding.fields),
        int(finding.absence),
        finding.conflict,
        run.analyst,
        run.started,
    )


# -- reports ---------------------------------------------------------------------------------------


def _write_reports(store: "Store", runs: list[str], form: ExportForm, out: Path | None, *, force: bool) -> None:
    if out is None or str(out) == "-" or (out.exists() and not out.is_dir()):
        raise UsageError(f"every run is a {form.value} file of its own", "name a folder with -o")
    names = [out / f"{run}.{form.value}" for run in runs]
    for path in names:
        _require_free(path, force=force)
    from docanalyze.report import make_folder
    from docanalyze.report.plain import counted

    try:
        make_folder(out)
    except OSError as error:
        raise StoreUnwritable(f"{out} cannot be made: {error.strerror}", "name another folder with -o") from None
    for ref in runs:
        run_id, text = _report(store, ref, form)
        path = out / f"{run_id}.{form.value}"
        _require_free(path, force=force)
        with _writing(path) as stream:
            stream.write(text)
    typer.echo(one_line(f"{counted(len(runs), 'report')} in {out}"), err=True)


def _report(store: "Store", ref: str, form: ExportForm) -> tuple[str, str]:
    """The id of a run, which can be the name of a file, and its report."""
    from docanalyze import report
    from docanalyze.cli.terminal import safe
    from docanalyze.report.files import required_name

    run = store.run(ref)
    required_name(run)
    document = store.document_of(run)
    if form is ExportForm.HTML:
        return run.id, report.html(run, document)
    return run.id, safe(report.markdown(run, document))


COMMANDS = (("export", export),)
