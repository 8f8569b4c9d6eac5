"""Commands that show: what is stored, what a file holds, what kinds and forms there are."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.cli.reading import AS_USUAL, SourceFile, read, text
from docanalyze.cli.terminal import one_line, safe
from docanalyze.model import Label

if TYPE_CHECKING:
    from docanalyze.model import Document, Window

WINDOWS = (32_768, 65_536, 131_072)


def show(
    run: options.RunRef = "latest",
    calls: Annotated[bool, typer.Option("--calls", help="List the run's calls.")] = False,
    call: Annotated[int | None, typer.Option("--call", min=1, help="Print what one call was told and said.")] = None,
    section: Annotated[list[str] | None, typer.Option("--section", help="Only this section; repeatable.")] = None,
    verdict: Annotated[list[Label] | None, typer.Option("--verdict", help="Only this verdict; repeatable.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Long quotes and long sections whole.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the report as Markdown.")] = False,
    json: options.Json = False,
    db: options.Db = None,
) -> None:
    """Show a finished run: findings by section, verdicts, the receipt; or its calls."""
    from docanalyze import config
    from docanalyze.cli import output, view
    from docanalyze.cli.chosen import Chosen
    from docanalyze.store import Store

    settings = config.resolve({"db": db})
    with Store.open(settings.db, create=False) as store:
        loaded = store.run(run)
        document = store.document_of(loaded)
    if calls or call:
        from docanalyze.cli import told

        told.show_calls(loaded, document, call or 0, as_json=json)
        return
    chosen = Chosen(tuple(section or ()), tuple(verdict or ()), full)
    shown = chosen.of(loaded)
    if json:
        output.write_runs([shown], {loaded.id: document})
    elif md:
        from docanalyze import report as reports

        sys.stdout.write(safe(reports.markdown(shown, document)))
    elif chosen.is_all:
        view.show_run(loaded, document, full=full)
        view.show_places((), settings.db, finished_before=False)
    else:
        view.show_findings(shown, loaded, document, full=full)


def report(
    run: options.RunRef = "latest",
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    marked: options.Marked = False,
    password: options.Password = "",
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Write a run's report again, as Markdown and as one HTML page; with --marked a marked copy, too."""
    from docanalyze import config, report
    from docanalyze.cli import marking, view
    from docanalyze.cli.pictures import pictures
    from docanalyze.ingest import ReadOptions, Worker
    from docanalyze.store import Store

    settings = config.resolve({"db": db, "out": out})
    with Store.open(settings.db, create=False) as store:
        loaded = store.run(run)
        document = store.document_of(loaded)
    with Worker() as worker:
        picture = pictures(loaded.source, document, worker, ReadOptions(password))
        paths = report.write(loaded, document, settings.out, picture)
    view.show_places(paths, settings.db, finished_before=False)
    if marked:
        copy = marking.write_from_file(loaded, document, settings.out, password)
        view.show_marked(copy, len(loaded.findings))
    if open_:
        import webbrowser

        webbrowser.open(paths[1].resolve().as_uri())


def runs(
    json: options.Json = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=options.MOST_LISTED, help="How many, the latest first.")
    ] = 50,
    db: options.Db = None,
) -> None:
    """List the runs in the database, the latest first."""
    from dataclasses import asdict

    from docanalyze import config
    from docanalyze.cli import output, view
    from docanalyze.store import Store

    settings = config.resolve({"db": db})
    with Store.open(settings.db, create=False) as store:
        lines = store.runs(limit)
    if json:
        output.write({"schema": "docanalyze.run-list", "version": output.VERSION, "runs": [asdict(x) for x in lines]})
    elif lines:
        view.show_runs(lines)
    else:
        typer.echo("No runs yet: docanalyze FILE makes one.")


def kinds(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="With --show: what is asked about.")] = None,
    show: Annotated[str | None, typer.Option("--show", metavar="NAME", help="Print what a model is told.")] = None,
    section: Annotated[str | None, typer.Option("--section", help="With --show: this section alone.")] = None,
    json: options.Json = False,
    folder: Annotated[Path | None, typer.Option("--prompts", help="A folder of your own kinds.")] = None,
) -> None:
    """List the kinds of analysis and their sections, or show what a model is told of one."""
    from docanalyze import config, prompts
    from docanalyze.cli import output

    settings = config.resolve({"prompts": folder})
    if show is not None:
        from docanalyze.cli import told

        told.show_prompts(show, section, read(file, AS_USUAL) if file else None, settings)
        return
    found = prompts.kinds(settings.prompts)
    if json:
        listed = [
            {
                "name": k.name,
                "title": k.title,
                "sections": [{"name": s.name, "title": s.title} for s in k.sections],
            }
            for k in found
        ]
        output.write({"schema": "docanalyze.kinds", "version": output.VERSION, "kinds": listed})
        return
    for kind in found:
        typer.echo(f"{kind.name}: {one_line(kind.title)}")
        for part in kind.sections:
            typer.echo(f"  {part.name:<16} {one_line(part.title)}")


def tokens(
    file: SourceFile,
    json: options.Json = False,
    kind: options.KindName = None,
    password: options.Password = "",
    max_size: options.MaxSize = "200MB",
    ocr: options.Ocr = options.OcrMode.AUTO,
    ocr_language: options.OcrLanguage = "eng",
    convert: options.Convert = False,
) -> None:
    """Count a document's tokens exactly, and say which window it fits."""
    from docanalyze import pack
    from docanalyze import tokens as counting
    from docanalyze.cli import output

    document = read(file, options.Reading(password, max_size, ocr, ocr_language, convert))
    count = counting.packaged()
    rendered, _ = pack.render(document, document.body)
    in_text, in_window = count(document.text), count(rendered)
    needed = {window: _windows_needed(document, window, kind, file) for window in WINDOWS}
    if json:
        output.write(
            {
                "schema": "docanalyze.tokens",
                "version": output.VERSION,
                "source": file,
                "vocabulary": {"name": count.name, "sha256": count.sha256},
                "text_chars": len(document.text),
                "text_tokens": in_text,
                "window_tokens": in_window,
                "windows": [{"window": window, "needed": needed[window]} for window in WINDOWS],
            }
        )
        return
    typer.echo(f"{in_text:>9,} tokens of text, as read")
    typer.echo(f"{in_window:>9,} tokens as a model sees it, segments numbered")
    for window in WINDOWS:
        fits = "whole" if needed[window] == 1 else f"in {needed[window]} windows"
        typer.echo(f"{window:>9,} window: {fits}")


def _windows_needed(document: "Document", window: int, kind: str | None, source: str) -> int:
    """How many Windows of that context the Document takes, with question and answer kept free."""
    return len(_windows(document, window, kind, source))


def _windows(document: "Document", window: int, kind: str | None, source: str) -> "tuple[Window, ...]":
    from docanalyze import config, pipeline

    settings = config.resolve({"window": window, "kind": kind})
    return pipeline.plan(pipeline.Task(source, settings), document).windows


def schema(json: options.Json = False) -> None:
    """Print the documented schema of the database; with --json that of the JSON output."""
    from docanalyze.store import schema_markdown

    if json:
        sys.stdout.write((files("docanalyze.cli") / "runs.schema.json").read_text(encoding="utf-8"))
    else:
        sys.stdout.write(schema_markdown())


COMMANDS = (
    ("show", show),
    ("report", report),
    ("runs", runs),
    ("kinds", kinds),
    ("tokens", tokens),
    ("text", text),
    ("schema", schema),
)
