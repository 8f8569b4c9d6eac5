"""Where quotes stand: page images with the words marked, or the text with the places marked.

A mark's anchor is `mark-<finding>-<n>` for the n-th quote of a Finding, so that a quote leads to its place.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docanalyze.model import Box, Document, Finding, Page, Run, Segment, Span
from docanalyze.report.labels import LABELS, label_of
from docanalyze.report.plain import counted, shown, spaced
from docanalyze.report.quotes import stands

Picture = Callable[[int], bytes]
"""A page as PNG."""

MOST_PAGES = 60
MOST_TEXT = 1_500_000
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle on a page as shown, in points. `anchor` stands with the first one of a quote."""

    finding: int
    anchor: str
    title: str
    tone: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """A page with findings: its image in base64, and the marks on it."""

    number: int
    width: float
    height: float
    image: str
    marks: tuple[Mark, ...]

    @property
    def findings(self) -> tuple[int, ...]:
        return tuple(sorted({mark.finding for mark in self.marks}))


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """A part of a Segment; `findings` quote it, `anchors` begin with it."""

    text: str
    findings: tuple[int, ...] = ()
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkedSegment:
    """A Segment as readable text."""

    locator: str
    kind: str
    pieces: tuple[MarkedPiece, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Page images, or the text. `remark` says what of them is not shown, and why."""

    pages: tuple[MarkedPage, ...] = ()
    segments: tuple[MarkedSegment, ...] = ()
    remark: str = ""

    @property
    def anchors(self) -> frozenset[str]:
        of_pages = {mark.anchor for page in self.pages for mark in page.marks if mark.anchor}
        of_text = {anchor for one in self.segments for piece in one.pieces for anchor in piece.anchors}
        return frozenset(of_pages | of_text)


def places(run: Run, document: Document, picture: Picture | None) -> Places:
    """Images of the pages with findings where there are any and `picture` makes them; else the text."""
    marks = _marks(run, document) if picture is not None else {}
    if picture is not None and marks:
        return _pages(document, marks, picture)
    if len(document.text) > MOST_TEXT:
        return Places(remark=f"The text is too long to be shown here: it has {len(document.text):,} characters.")
    return Places(segments=tuple(_shown_segments(run, document)))


def quotes_of(finding: Finding) -> Iterator[tuple[str, tuple[Span, ...], tuple[Box, ...]]]:
    """(anchor, Spans, rectangles) of each quote that stands in the Document."""
    standing = [evidence for evidence in finding.evidence if stands(evidence)]
    for number, evidence in enumerate(standing, 1):
        yield f"mark-{finding.number}-{number}", evidence.spans, evidence.boxes


# -- pages -----------------------------------------------------------------------------------------


def _marks(run: Run, document: Document) -> dict[int, list[Mark]]:
    """The marks of all Findings, by page: quote by quote, in the order of the page."""
    quotes: defaultdict[int, list[list[Mark]]] = defaultdict(list)
    by_number = {page.number: page for page in document.pages if page.width}
    for finding in run.findings:
        for anchor, _, boxes in quotes_of(finding):
            for number, of_page in _by_page(boxes).items():
                if number in by_number:
                    first = anchor if number == boxes[0].page else ""
                    page = by_number[number]
                    quotes[number].append([_mark(finding, "" if n else first, b, page) for n, b in enumerate(of_page)])
    return {
        number: [mark for quote in sorted(found, key=lambda quote: (quote[0].top, quote[0].left)) for mark in quote]
        for number, found in quotes.items()
    }


def _by_page(boxes: Sequence[Box]) -> dict[int, list[Box]]:
    pages: dict[int, list[Box]] = {}
    for box in boxes:
        pages.setdefault(box.page, []).append(box)
    return pages


def _pages(document: Document, marks: Mapping[int, Sequence[Mark]], picture: Picture) -> Places:
    by_number = {page.number: page for page in document.pages}
    numbers = sorted(sorted(marks, key=lambda number: -len(marks[number]))[:MOST_PAGES])
    pictures = ((by_number[number], picture(number)) for number in numbers)
    made = tuple(_page(page, png, marks[page.number]) for page, png in pictures if png)
    return Places(pages=made, remark=_remark(len(marks) - len(numbers), len(numbers) - len(made)))


def _remark(omitted: int, failed: int) -> str:
    said = []
    if omitted:
        said.append(f"{counted(omitted, 'page')} with fewer findings left out here.")
    if failed:
        said.append(f"{counted(failed, 'page')} of which no image could be made.")
    return " ".join(said)


def _page(page: Page, png: bytes, marks: Sequence[Mark]) -> MarkedPage:
    return MarkedPage(page.number, page.width, page.height, base64.b64encode(png).decode("ascii"), tuple(marks))


def _mark(finding: Finding, anchor: str, box: Box, page: Page) -> Mark:
    left, top, right, bottom = on_page(box, page)
    title = f"{finding.number} {shown(finding.statement)[:_SHORT]}"
    return Mark(finding.number, anchor, title, LABELS[label_of(finding)].tone, left, top, right - left, bottom - top)


def on_page(box: Box, page: Page) -> tuple[float, float, float, float]:
    """A rectangle in the file's coordinates as it lies on the page as shown."""
    if page.rotation == 90:
        return page.width - box.y1, box.x0, page.width - box.y0, box.x1
    if page.rotation == 180:
        return page.width - box.x1, page.height - box.y1, page.width - box.x0, page.height - box.y0
    if page.rotation == 270:
        return box.y0, page.height - box.x1, box.y1, page.height - box.x0
    return box.x0, box.y0, box.x1, box.y1


# -- text ------------------------------------------------------------------------------------------


def _shown_segments(run: Run, document: Document) -> Iterator[MarkedSegment]:
    quotes = [
        (span, finding.number, "" if number else anchor)
        for finding in run.findings
        for anchor, spans, _ in quotes_of(finding)
        for number, span in enumerate(spans)
    ]
    within: defaultdict[int, list[tuple[Span, int, str]]] = defaultdict(list)
    for quote in quotes:
        for segment in document.segments_at(quote[0]):
            within[segment.number].append(quote)
    for segment in document.segments:
        if segment.in_body or segment.number in within:
            pieces = tuple(_pieces(document, segment, within[segment.number]))
            yield MarkedSegment(shown(document.locator(segment.span)), segment.role.value, pieces)


def _pieces(document: Document, segment: Segment, quotes: Sequence[tuple[Span, int, str]]) -> Iterator[MarkedPiece]:
    """The Segment cut wherever a quote begins or ends."""
    start, end = segment.span.start, segment.span.end
    cuts = {start, end}
    for span, _, _ in quotes:
        cuts |= {max(start, span.start), min(end, span.end)}
    ordered = sorted(cuts)
    for left, right in pairwise(ordered):
        over = [quote for quote in quotes if quote[0].start < right and quote[0].end > left]
        anchors = tuple(anchor for span, _, anchor in over if anchor and span.start == left)
        yield MarkedPiece(spaced(document.slice(Span(left, right))), tuple(number for _, number, _ in over), anchors)
