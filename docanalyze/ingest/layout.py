"""A PDF's lines made into paragraphs, headings, list items and page furniture.

Works on plain values that the reading process sent, page by page; it never touches the file. Natural
block order is kept. Inside a paragraph lines are joined by one blank, after a line-end hyphen by a
line end: the hyphen stays in the text, and the matching key undoes it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from docanalyze.ingest.clauses import Mark, Numbering, is_bullet, mark_of
from docanalyze.model import Box, Page, Role, Segment, Span

READER = "pdf"
VERSION = "1"

_LEAST_PAGES_FOR_FURNITURE = 4
_MARGIN = 0.12
_HEADING_SCORE = 2.0
_LARGER = 1.07
_LONGEST_HEADING = 140
_LINE_GAP = 1.0
"""Room between two lines of a paragraph, in type sizes, at most."""
_RAGGED = 7
"""How far before the right edge a line that was broken there may end, in type sizes."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:page\s{1,3})?(?P<number>\d{1,4}|[ivxlc]{1,7})(?:\s{0,3}(?:of|/)\s{0,3}\d{1,4})?\W{0,3}",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:fig(?:ure|\.)|table|algorithm|listing)\s{0,3}\d", re.IGNORECASE)
_SECTION_WORD = re.compile(
    r"(?:abstract|introduction|background|recitals?|definitions|preamble|conclusions?|references|summary|"
    r"acknowledge?ments?|contents|table of contents|witnesseth):?",
    re.IGNORECASE,
)
_ENDED = (".", ";", ":", "?", "!", "”", '"')
_LETTERS = re.compile(r"[^\W\d_].*?[^\W\d_]", re.DOTALL)
_LEADER = re.compile(r"(?:\.\s?){5,}\s*\d{1,4}\s*$")


class Line(NamedTuple):
    """One line as MuPDF gives it: its place on the page as shown (`seen`) and unrotated (`box`)."""

    number: int
    text: str
    box: tuple[float, float, float, float]
    seen: tuple[float, float, float, float]
    size: float
    bold: bool
    block: int
    level: bool


@dataclass(frozen=True, slots=True)
class PageLines:
    """A page with its lines; `width` and `height` as shown."""

    page: Page
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the PDF's own outline."""

    level: int
    title: str
    page: int


class Piece(NamedTuple):
    """Where a line's characters stand in `Document.text`: from `start`, the line's from `offset`."""

    start: int
    end: int
    page: int
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A PDF as text: what a Document needs, and the way back to the page."""

    text: str
    segments: tuple[Segment, ...]
    pieces: tuple[Piece, ...]
    replaced: int


class _Row:
    """Lines of one block on one baseline."""

    __slots__ = ("block", "bold", "level", "lines", "longest", "page", "seen", "size", "text")

    def __init__(self, page: int, first: Line) -> None:
        self.page = page
        self.lines = [first]
        self.longest = len(first.text)
        self.seen = first.seen
        self.text = first.text.strip()
        self.size = first.size
        self.bold = first.bold
        self.block = first.block
        self.level = first.level

    def add(self, line: Line) -> None:
        if len(line.text) > self.longest:
            self.size, self.bold, self.longest = line.size, line.bold, len(line.text)
        self.lines.append(line)
        self.text = f"{self.text} {line.text.strip()}"
        self.seen = _around(self.seen, line.seen)


class _Paragraph:
    """Rows that belong together. Grows row by row, in time that does not depend on its length."""

    def __init__(self, first: _Row, *, heading: bool) -> None:
        self.page = first.page
        self.rows = [first]
        self.heading = heading
        self.seen = first.seen

    def add(self, row: _Row) -> None:
        self.rows.append(row)
        self.seen = _around(self.seen, row.seen)

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)


Edges = tuple[float, float, float, float]


def _around(one: Edges, other: Edges) -> Edges:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


@dataclass(frozen=True, slots=True)
class _Style:
    """What is ordinary in a document: the body's type size, and how much of it is bold."""

    size: float
    bold_share: float


def lay_out(pages: Sequence[PageLines], outline: Sequence[Entry] = ()) -> Laid:
    """Text, Segments and the way back to the page, from all pages that were read."""
    furniture = _furniture(pages)
    rows: list[_Row] = []
    apart: list[_Row] = []
    for page in pages:
        for row in _rows(page):
            number = page.page.number
            is_apart = bool(furniture) and all((number, line.number) in furniture for line in row.lines)
            (apart if is_apart else rows).append(row)
    style = _style(rows)
    titles = _titles(outline)
    paragraphs = _paragraphs(rows, style, titles)
    writer = _Writer(style, titles)
    for paragraph in paragraphs:
        writer.add(paragraph)
    for row in apart:
        writer.add_furniture(row)
    return writer.laid()


# -- rows and furniture ----------------------------------------------------------------------------


def _rows(page: PageLines) -> list[_Row]:
    rows: list[_Row] = []
    for line in page.lines:
        if rows and _on_one_baseline(rows[-1].lines[-1], line):
            rows[-1].add(line)
        else:
            rows.append(_Row(page.page.number, line))
    return rows


def _on_one_baseline(left: Line, right: Line) -> bool:
    height = min(left.seen[3] - left.seen[1], right.seen[3] - right.seen[1])
    overlap = min(left.seen[3], right.seen[3]) - max(left.seen[1], right.seen[1])
    gap = right.seen[0] - left.seen[2]
    return left.block == right.block and overlap > 0.6 * height and -1 <= gap < 8 * left.size


def _furniture(pages: Sequence[PageLines]) -> set[tuple[int, int]]:
    """(page, line) of running heads and feet and of page numbers; none in very short documents."""
    if len(pages) < _LEAST_PAGES_FOR_FURNITURE:
        return set()
    on_pages: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    margins: list[tuple[PageLines, Line, tuple[str, int]]] = []
    for page in pages:
        for line in page.lines:
            height = page.page.height or 1.0
            top, bottom = line.seen[1] / height, line.seen[3] / height
            if bottom < _MARGIN or top > 1 - _MARGIN or not line.level:
                key = (re.sub(r"\d+", "#", line.text.strip().lower()), round(top * 40))
                on_pages[key].add(page.page.number)
                margins.append((page, line, key))
    needed = max(3, 0.3 * len(pages))
    shift = _number_shift(margins)
    found = set()
    for page, line, key in margins:
        number = _number_of(line.text)
        counted = number is not None and shift is not None and number - page.page.number == shift
        if len(on_pages[key]) >= needed or counted or not line.level:
            found.add((page.page.number, line.number))
    return found


def _number_shift(margins: Iterable[tuple[PageLines, Line, tuple[str, int]]]) -> int | None:
    """How far the printed page numbers are ahead of the pages, if they follow them at all."""
    shifts: Counter[int] = Counter()
    for page, line, _ in margins:
        number = _number_of(line.text)
        if number is not None:
            shifts[number - page.page.number] += 1
    common = shifts.most_common(1)
    return common[0][0] if common and common[0][1] >= 3 else None


def _number_of(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    return int(match["number"]) if match and match["number"].isdigit() else None


# -- paragraphs ------------------------------------------------------------------------------------


def _style(rows: Sequence[_Row]) -> _Style:
    sizes: Counter[float] = Counter()
    bold = total = 0
    for row in rows:
        for line in row.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
            bold += len(line.text) * line.bold
            total += len(line.text)
    return _Style(sizes.most_common(1)[0][0] if sizes else 10.0, bold / total if total else 0.0)


def _titles(outline: Sequence[Entry]) -> dict[tuple[int, str], int]:
    """Heading levels by page and title, as the outline has them."""
    return {(entry.page, _comparable(entry.title)): entry.level for entry in outline}


def _comparable(title: str) -> str:
    return re.sub(r"\W+", "", title).lower()


def _paragraphs(rows: Sequence[_Row], style: _Style, titles: dict[tuple[int, str], int]) -> list[_Paragraph]:
    in_block = Counter((row.page, row.block) for row in rows)
    edges = _right_edges(rows)
    found: list[_Paragraph] = []
    before: _Row | None = None
    for row in rows:
        outlined = bool(titles) and (row.page, _comparable(row.text)) in titles
        few = in_block[row.page, row.block] <= 2
        heading = outlined or _heading_score(row, before, style, few=few) >= _HEADING_SCORE
        last = found[-1] if found else None
        if (
            last is not None
            and before is not None
            and _continues(last, before, row, heading=heading, edge=edges[row.page])
        ):
            last.add(row)
        else:
            found.append(_Paragraph(row, heading=heading))
        before = row
    return found


def _right_edges(rows: Sequence[_Row]) -> dict[int, float]:
    """Where lines end on the right, page by page: nine in ten end before it."""
    ends: defaultdict[int, list[float]] = defaultdict(list)
    for row in rows:
        ends[row.page].append(row.seen[2])
    return {page: sorted(right)[int(0.9 * (len(right) - 1))] for page, right in ends.items()}


def _heading_score(row: _Row, before: _Row | None, style: _Style, *, few: bool) -> float:
    """How much speaks for a heading: type size, weight, number, words, capitals, room above."""
    text = row.text
    if not 2 < len(text) <= _LONGEST_HEADING or not row.level:
        return 0.0
    mark = mark_of(text)
    plain = mark is None and not row.bold and row.size < _LARGER * style.size and not text.isupper()
    if plain and not _SECTION_WORD.fullmatch(text):
        # Nothing of a heading about it: most lines end here.
        return 0.0
    if not _LETTERS.search(text) or _LEADER.search(text):
        return 0.0
    score = _size_score(row, style)
    score += row.bold * (1.3 if style.bold_share < 0.3 else 0.3)
    score += 0.8 if mark and mark.style in ("decimal", "article", "schedule") else 0.0
    score += 1.6 if _SECTION_WORD.fullmatch(text) else 0.0
    score += 0.9 if text.isupper() and len(text) > 4 and len(text.split()) <= 10 else 0.0
    score += 0.9 if mark and mark.style in ("article", "schedule") else 0.0
    if text[-1] in ",;" or (text[-1] == "." and not text.isupper() and not row.bold):
        score -= 1.2
    if _CAPTION.match(text):
        score -= 2.5
    if text[0].islower() or text[0] in '(“"':
        score -= 1.5
    if before is not None and before.page == row.page and row.seen[1] - before.seen[3] > 0.5 * row.size:
        score += 0.5
    return score + (0.4 if few else 0.0)


def _size_score(row: _Row, style: _Style) -> float:
    ratio = row.size / style.size
    if ratio >= 1.3:
        return 2.0
    if ratio >= 1.15:
        return 1.6
    if ratio >= _LARGER:
        return 0.8
    if ratio < 0.88:
        return -0.7 if row.bold or row.text.isupper() else -2.0
    return 0.0


def _continues(last: _Paragraph, before: _Row, row: _Row, *, heading: bool, edge: float) -> bool:
    """Whether a row goes on with the paragraph before it. A page's end always ends one.

    `edge` is where the page's lines end on the right: a line that reaches it was broken there.
    """
    if row.page != last.page:
        return False
    gap = row.seen[1] - before.seen[3]
    if heading or last.heading:
        # A heading over two lines: same size, same weight, close below, and no number of its own.
        alike = abs(row.size - before.size) < 0.5 and row.bold == before.bold and row.block == before.block
        return heading and last.heading and gap < 0.5 * row.size and alike and mark_of(row.text) is None
    ended = before.text.endswith(_ENDED)
    if is_bullet(row.text) or _starts_clause(row, before, ended=ended) or _LEADER.search(before.text):
        return False
    same_kind = abs(row.size - before.size) < 0.6
    if same_kind and -row.size < gap <= _LINE_GAP * row.size:
        indented = row.seen[0] > before.seen[0] + 1.2 * row.size
        first = last.rows[0]
        hanging = row.seen[0] > first.seen[0] + 0.8 * row.size and mark_of(first.text) is not None
        if before.seen[2] >= edge - _RAGGED * row.size or hanging:
            return hanging or not (ended and indented)
        if row.block == before.block:
            return not (ended and (indented or row.text[:1].isupper()))
    return same_kind and not ended and row.text[:1].islower() and -row.size < gap < 2.5 * row.size


def _starts_clause(row: _Row, before: _Row, *, ended: bool) -> bool:
    mark = mark_of(row.text)
    if mark is None:
        return False
    if mark.style in ("article", "schedule"):
        return ended and len(row.text) < 90
    if ended or before.text.rstrip().endswith((",", "and", "or")):
        return True
    # "(10) days" in the middle of a sentence may fall on a line's start; a number like "4.3" seldom does.
    return mark.style == "decimal" and mark.depth > 1 and row.seen[0] != before.seen[0]


# -- writing ---------------------------------------------------------------------------------------


class _Writer:
    """Builds text, Segments and Pieces in one pass."""

    def __init__(self, style: _Style, titles: dict[tuple[int, str], int]) -> None:
        self.style = style
        self.titles = titles
        self.numbering = Numbering()
        self.parts: list[str] = []
        self.length = 0
        self.segments: list[Segment] = []
        self.pieces: list[Piece] = []
        self.replaced = 0

    def add(self, paragraph: _Paragraph) -> None:
        span, boxes = self._write(paragraph.rows)
        if span is None:
            return
        text = paragraph.text
        mark = None if _LEADER.search(text, max(0, len(text) - 200)) else mark_of(text)
        clause = self.numbering.take(mark) if mark else ""
        if paragraph.heading and not mark:
            self.numbering.interrupt()
        role, level = self._role(paragraph, text, mark)
        self._append(span, role, level, clause, paragraph.page, boxes)

    def add_furniture(self, row: _Row) -> None:
        span, boxes = self._write((row,))
        if span is not None:
            self._append(span, Role.FURNITURE, 0, "", row.page, boxes)

    def laid(self) -> Laid:
        return Laid("".join(self.parts), tuple(self.segments), tuple(self.pieces), self.replaced)

    def _append(self, span: Span, role: Role, level: int, clause: str, page: int, boxes: tuple[Box, ...]) -> None:
        number = len(self.segments) + 1
        self.segments.append(Segment(number, span, role, level, clause, page=page, boxes=boxes))

    def _role(self, paragraph: _Paragraph, text: str, mark: Mark | None) -> tuple[Role, int]:
        if paragraph.heading:
            return Role.HEADING, self._level(paragraph, mark)
        if _CAPTION.match(text) and len(text) < 300:
            return Role.CAPTION, 0
        if is_bullet(text) or (mark is not None and mark.style in ("bracket", "letter")):
            return Role.LIST_ITEM, 0
        return Role.PARAGRAPH, 0

    def _level(self, paragraph: _Paragraph, mark: Mark | None) -> int:
        outlined = self.titles.get((paragraph.page, _comparable(paragraph.text)))
        if outlined:
            return outlined
        if mark is not None:
            return mark.depth
        return 1 if paragraph.rows[0].size >= 1.15 * self.style.size else 2

    def _write(self, rows: Sequence[_Row]) -> tuple[Span | None, tuple[Box, ...]]:
        """Writes lines as one paragraph; its Span, and one rectangle around them a page."""
        lines = [(row.page, line) for row in rows for line in row.lines if line.text.strip()]
        if not lines:
            return None, ()
        if self.parts:
            self._put("\n\n")
        start = self.length
        for position, (page, line) in enumerate(lines):
            if position:
                hyphen = lines[position - 1][1].text.rstrip().endswith(("-", "\u2010", "\u00ad"))
                self._put("\n" if hyphen else " ")
            words = line.text.strip()
            offset = 0 if words[0] == line.text[0] else line.text.index(words)
            self.pieces.append(Piece(self.length, self.length + len(words), page, line.number, offset))
            if not words.isprintable():
                words, count = _CONTROL.subn("\ufffd", words.replace("\n", " "))
                self.replaced += count
            self._put(words)
        return Span(start, self.length), _union(lines)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def _union(lines: Sequence[tuple[int, Line]]) -> tuple[Box, ...]:
    edges = lines[0][1].box
    for _, line in lines:
        edges = _around(edges, line.box)
    return (Box(lines[0][0], *(round(edge, 1) for edge in edges)),)
