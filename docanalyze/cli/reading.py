"""Commands that only read: the text as it was read, its receipt, a picture of how it was read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.cli.terminal import complain, one_line, safe
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from docanalyze.model import Document, Segment

SourceFile = Annotated[str, typer.Argument(metavar="FILE", help=options.READ)]
AS_USUAL = options.Reading("", "200MB", options.OcrMode.AUTO, "eng", convert=False)
_DPI = 80
_MOST_DRAWN = 200


def read(file: str, reading: options.Reading) -> "Document":
    """A document, without a word on the way."""
    from docanalyze.cli.terminal import Progress
    from docanalyze.ingest import Worker

    with Worker() as worker:
        return worker.read(file, reading.options(), Progress(quiet=True))


def text(
    file: SourceFile,
    receipt: Annotated[bool, typer.Option("--receipt", help="Print what was read of each page instead.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Write a page that shows how it was read instead.")] = False,
    pages: Annotated[str | None, typer.Option("--pages", help="With --html: only these pages, such as 3-20.")] = None,
    out: options.Out = None,
    password: options.Password = "",
    max_size: options.MaxSize = "200MB",
    ocr: options.Ocr = options.OcrMode.AUTO,
    ocr_language: options.OcrLanguage = "eng",
    convert: options.Convert = False,
) -> None:
    """Print what was read, with segment numbers and locators: what a model would see."""
    reading = options.Reading(password, max_size, ocr, ocr_language, convert)
    if html:
        _write_html(file, reading, pages, out)
        return
    if pages is not None or out is not None:
        raise UsageError("--pages and --out belong to --html", "give --html as well")
    document = read(file, reading)
    if receipt:
        _print_receipt(document)
    else:
        _print_segments(document)
    for note in document.notes:
        complain(f"note: page {note.page}: {note.text}" if note.page else f"note: {note.text}")


def _print_segments(document: "Document") -> None:
    for segment in document.segments:
        apart = "" if segment.in_body else f" ({_why(segment)}, not in the window)"
        words = safe(document.slice(segment.span))
        sys.stdout.write(f"[{segment.number}] {document.locator(segment.span)}{apart}\n{words}\n\n")
    if not document.segments:
        complain("note: no words were read: --receipt tells why")


def _why(segment: "Segment") -> str:
    return f"{segment.role.value}: {one_line(segment.note)}" if segment.note else segment.role.value


def _print_receipt(document: "Document") -> None:
    from docanalyze.cli import view

    view.show_pages(document)


def _write_html(file: str, reading: options.Reading, pages: str | None, out: Path | None) -> None:
    from docanalyze import config, report
    from docanalyze.cli.terminal import Progress
    from docanalyze.ingest import Worker

    folder = config.resolve({"out": out}).out
    wanted = options.parse_pages(pages)
    with Worker() as worker:
        document = worker.read(file, reading.options(), Progress(quiet=True))
        drawn = [page.number for page in document.pages if page.width and (wanted is None or page.number in wanted)]
        if len(drawn) > _MOST_DRAWN:
            complain(f"note: the first {_MOST_DRAWN} of {len(drawn)} pages are drawn: choose others with --pages")
            drawn = drawn[:_MOST_DRAWN]
        made = report.reading_html(document, drawn, lambda number: worker.render(file, reading.options(), number, _DPI))
    typer.echo(f"Reading    {report.write_reading(made, document, folder)}")
