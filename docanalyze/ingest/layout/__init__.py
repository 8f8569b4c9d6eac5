"""A PDF's lines made into headings, paragraphs, tables, footnotes, and what stands apart.

Works on plain values that the reading process sent, page by page; it never touches the file. Inside
a paragraph lines are joined by one blank, after a line-end hyphen by a line end: the hyphen stays in
the text, and the matching key undoes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.ingest.layout import tables
from docanalyze.ingest.layout.front import front_of
from docanalyze.ingest.layout.furniture import furniture
from docanalyze.ingest.layout.headings import Levels, Outline, Style, style_of
from docanalyze.ingest.layout.lines import Beside, Entry, Line, PageLines, Row, rows_of
from docanalyze.ingest.layout.order import in_order
from docanalyze.ingest.layout.paragraphs import Joiner, Paragraph, footnotes, part_footnotes
from docanalyze.ingest.layout.tables import Table
from docanalyze.ingest.layout.writing import Piece, Writer
from docanalyze.model import Role, Segment

__all__ = [
    "READER",
    "VERSION",
    "Beside",
    "Entry",
    "Laid",
    "Line",
    "PageLines",
    "Piece",
    "Prepared",
    "lay_out",
    "prepare",
]

READER = "pdf"
VERSION = "2"


@dataclass(frozen=True, slots=True)
class Laid:
    """A PDF as text: what a Document needs, and the way back to the page."""

    text: str
    segments: tuple[Segment, ...]
    pieces: tuple[Piece, ...]
    replaced: int
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Laying:
    """A page sorted: rows and tables in reading order, footnotes, and what stands apart."""

    page: PageLines
    body: list[Row | Table]
    notes: list[Row]
    furniture: list[Row]
    hidden: list[Row]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page by itself: rows and tables as people read them, and what is not to be seen."""

    page: PageLines
    items: list[Row | Table]
    hidden: list[Row]


def prepare(page: PageLines) -> Prepared:
    """What can be told of a page without the others: it is done while these are still being read."""
    number = page.page.number
    hidden = [line for line in page.lines if line.hidden]
    shown = [line for line in page.lines if not line.hidden] if hidden else list(page.lines)
    ordered = shown if page.vertical else in_order(shown, page.tall)
    found = [] if page.vertical else tables.find(number, ordered, page.rules)
    return Prepared(page, _with_tables(number, ordered, found), rows_of(number, hidden))


def lay_out(pages: Sequence[Prepared], outline: Sequence[Entry] = ()) -> Laid:
    """Text, Segments and the way back to the page, from all pages that were read."""
    running = furniture([page.page for page in pages])
    sorted_pages = [_sorted(page, running) for page in pages]
    rows = [row for page in sorted_pages for row in page.body if isinstance(row, Row)]
    style = style_of(rows)
    titles = Outline.of(outline)
    for page in sorted_pages:
        _part_notes(page, style)
    flow = _flow(sorted_pages, style, titles)
    paragraphs = [item for item in flow if isinstance(item, Paragraph)]
    front = front_of(paragraphs, style)
    headings = [(p.rows[0], p.text) for p in paragraphs if p.heading]
    writer = Writer(Levels(style, titles, headings), front)
    position = 0
    for item in flow:
        if isinstance(item, Table):
            writer.table(item)
        else:
            writer.paragraph(item, position)
            position += 1
    _write_apart(writer, sorted_pages)
    facts = [("title", front.title), ("authors", "; ".join(front.names))]
    found = tuple((name, value) for name, value in facts if value)
    return Laid(writer.text(), tuple(writer.segments), tuple(writer.pieces), writer.replaced, found)


def _sorted(prepared: Prepared, running: set[tuple[int, int]]) -> _Laying:
    """A page with its running heads and feet apart."""
    body: list[Row | Table] = []
    apart: list[Row] = []
    number = prepared.page.page.number
    for item in prepared.items:
        if running and isinstance(item, Row) and all((number, line.number) in running for line in item.lines):
            apart.append(item)
        else:
            body.append(item)
    return _Laying(prepared.page, body, [], apart, prepared.hidden)


def _with_tables(number: int, ordered: list[Line], found: list[Table]) -> list[Row | Table]:
    """Rows in reading order; a table stands where the first of its lines stood."""
    if not found:
        return [*rows_of(number, ordered)]
    by_line = {line: table for table in found for line in table.numbers}
    rest = [line for line in ordered if line.number not in by_line]
    rows = rows_of(number, rest)
    places = {line.number: position for position, line in enumerate(ordered)}
    keyed: list[tuple[int, Row | Table]] = [(places[row.lines[0].number], row) for row in rows]
    keyed += [(min(places[line] for line in table.numbers), table) for table in found]
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]


def _part_notes(page: _Laying, style: Style) -> None:
    """Takes the footnotes out of the body, so that a sentence goes on in the next column."""
    rows = [item for item in page.body if isinstance(item, Row)]
    _, notes = part_footnotes(rows, style, page.page.tall)
    if notes:
        taken = {id(row) for row in notes}
        page.notes = notes
        page.body = [item for item in page.body if id(item) not in taken]


def _flow(pages: Sequence[_Laying], style: Style, outline: Outline) -> list[Paragraph | Table]:
    """Paragraphs and tables in reading order, each page's footnotes after its text."""
    joiner = Joiner([item for page in pages for item in page.body if isinstance(item, Row)], style, outline)
    flow: list[Paragraph | Table] = []
    held: list[Paragraph] = []
    for page in pages:
        begun = 0
        for item in page.body:
            if isinstance(item, Table):
                joiner.interrupt()
            taken = item if isinstance(item, Table) else joiner.take(item)
            if taken is None:
                continue
            if begun:
                flow += held
                held = []
            flow.append(taken)
            begun += 1
        flow += held
        # Where a sentence goes on overleaf, the notes below it come after its end.
        held = list(footnotes(page.notes))
    return flow + held


def _write_apart(writer: Writer, pages: Sequence[_Laying]) -> None:
    """After the body: running heads and numbers, fields and notes, and what is not to be seen."""
    for page in pages:
        for row in page.furniture:
            writer.apart([row], Role.FURNITURE)
    for page in pages:
        for item in page.page.beside:
            writer.beside(item, page.page.page.number)
    for page in pages:
        by_reason: dict[str, list[Row]] = {}
        for row in page.hidden:
            by_reason.setdefault(row.lines[0].hidden, []).append(row)
        for reason, rows in by_reason.items():
            writer.apart(rows, Role.HIDDEN, reason)
