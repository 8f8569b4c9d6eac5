"""Paragraphs, tables and what stands apart written as text, with Segments and the way back to the page."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from docanalyze.ingest.clauses import Mark, Numbering, is_bullet, mark_of
from docanalyze.ingest.layout.front import Front
from docanalyze.ingest.layout.headings import CAPTION, Levels, is_listed
from docanalyze.ingest.layout.lines import Beside, Line, Row, around
from docanalyze.ingest.layout.paragraphs import Paragraph
from docanalyze.ingest.layout.tables import Table
from docanalyze.model import Box, Role, Segment, Span

_OWN_BULLET = re.compile("^[\x00-\x1f\x7f-\x9f](?=\\s)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HYPHENS = ("-", "\u2010", "\u00ad")
_NAMED = re.compile(r"\s{0,2}[:.|—–-]")
_LONGEST_CAPTION = 600
_MOST_ROWS = 30
"""Rows of a table in one Segment."""
_CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


class Piece(NamedTuple):
    """Where a line's characters stand in `Document.text`: from `start`, the line's from `offset`."""

    start: int
    end: int
    page: int
    line: int
    offset: int


Placed = tuple[int, Line]
"""A line with its page."""


class Writer:
    """Builds text, Segments and Pieces in one pass."""

    def __init__(self, levels: Levels, front: Front) -> None:
        self.levels, self.front = levels, front
        self.numbering = Numbering()
        self.parts: list[str] = []
        self.length = 0
        self.segments: list[Segment] = []
        self.pieces: list[Piece] = []
        self.replaced = 0

    def text(self) -> str:
        return "".join(self.parts)

    def paragraph(self, paragraph: Paragraph, position: int) -> None:
        """The paragraph of that position among all."""
        written = self._write([(row.page, line) for row in paragraph.rows for line in row.lines])
        if written is None:
            return
        span, boxes = written
        text = paragraph.text
        mark = None if is_listed(text) else mark_of(text)
        role = self._role(paragraph, position, text, mark)
        if role in (Role.FOOTNOTE, Role.REFERENCE, Role.CAPTION, Role.AUTHORS):
            mark = None
        clause = self.numbering.take(mark) if mark else ""
        if paragraph.heading and not mark:
            self.numbering.interrupt()
        level = self.levels.of(paragraph.rows[0], text) if role is Role.HEADING else 0
        self.segments.append(Segment(self._number, span, role, level, clause, page=paragraph.page, boxes=boxes))

    def _role(self, paragraph: Paragraph, position: int, text: str, mark: Mark | None) -> Role:
        if paragraph.footnote:
            return Role.FOOTNOTE
        if position in self.front.authors:
            return Role.AUTHORS
        if position in self.front.abstract:
            return Role.ABSTRACT
        if paragraph.heading:
            return Role.HEADING
        if paragraph.reference:
            return Role.REFERENCE
        if is_caption(paragraph, text, self.levels.style.size):
            return Role.CAPTION
        if is_bullet(text) or (mark is not None and mark.style in ("bracket", "letter")):
            return Role.LIST_ITEM
        return Role.PARAGRAPH

    def table(self, table: Table) -> None:
        """Rows as lines, cells parted by a bar; a long table in several Segments under one header."""
        head: Span | None = None
        for first in range(0, len(table.rows), _MOST_ROWS):
            rows = table.rows[first : first + _MOST_ROWS]
            self._part()
            start, written = self.length, len(self.parts)
            lines: list[Placed] = []
            header_end = 0
            for number, row in enumerate(rows, first):
                if self.length > start:
                    self._put("\n")
                for position, cell in enumerate(row):
                    if position:
                        self._put("| " if self.parts[-1] == "\n" or self.length == start else " | ")
                    placed = [(table.page, line) for line in cell.lines] if cell else []
                    self._lines(placed, in_cell=True)
                    lines += placed
                if number == table.head - 1:
                    header_end = self.length
            if header_end:
                head = Span(start, header_end)
            span = _trimmed(start, "".join(self.parts[written:]))
            if span is not None:
                self.segments.append(
                    Segment(self._number, span, Role.TABLE, page=table.page, boxes=_union(lines), head=head)
                )

    def apart(self, rows: Sequence[Row], role: Role, note: str = "") -> None:
        """Rows that stand apart, as one Segment."""
        written = self._write([(row.page, line) for row in rows for line in row.lines])
        if written is not None:
            self.segments.append(
                Segment(self._number, written[0], role, page=rows[0].page, boxes=written[1], note=note)
            )

    def beside(self, item: Beside, page: int) -> None:
        """A form field or a note on a page."""
        words = self._safe(" ".join(item.words.split()))
        if not words:
            return
        self._part()
        start = self.length
        self._put(words)
        box = Box(page, *(round(edge, 1) for edge in item.box))
        span = Span(start, self.length)
        self.segments.append(Segment(self._number, span, Role(item.role), page=page, boxes=(box,), note=item.note))

    @property
    def _number(self) -> int:
        return len(self.segments) + 1

    def _write(self, lines: Sequence[Placed]) -> tuple[Span, tuple[Box, ...]] | None:
        """Writes lines as one paragraph; its Span, and one rectangle around them a column."""
        lines = [placed for placed in lines if placed[1].text.strip()]
        if not lines:
            return None
        self._part()
        start = self.length
        self._lines(lines)
        return Span(start, self.length), _union(lines)

    def _lines(self, lines: Sequence[Placed], *, in_cell: bool = False) -> None:
        before = ""
        for page, line in lines:
            words = line.text.strip()
            if not words:
                continue
            if before:
                joint = _between(before, words)
                # A row of a table is one line.
                self._put("" if in_cell and joint == "\n" else joint)
            offset = 0 if words[0] == line.text[0] else line.text.index(words)
            self.pieces.append(Piece(self.length, self.length + len(words), page, line.number, offset))
            before = words
            self._put(self._safe(words))

    def _safe(self, words: str) -> str:
        if words.isprintable():
            return words
        # A bullet of a font of its own comes as a character without meaning.
        words = _OWN_BULLET.sub("•", words)
        words, count = _CONTROL.subn("\ufffd", words.replace("\n", " "))
        self.replaced += count
        return words

    def _part(self) -> None:
        if self.parts:
            self._put("\n\n")

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def _trimmed(start: int, text: str) -> Span | None:
    """Where a text that was written from `start` has its words, blanks at its ends left out."""
    if not text.strip("| \n"):
        return None
    left = start + len(text) - len(text.lstrip())
    return Span(left, left + len(text.strip()))


def is_caption(paragraph: Paragraph, text: str, size: float) -> bool:
    """Whether a paragraph names a figure or a table, and is no sentence that only begins with its name."""
    match = CAPTION.match(text)
    if match is None or len(text) > _LONGEST_CAPTION:
        return False
    return bool(_NAMED.match(text, match.end())) or paragraph.rows[0].size < 0.96 * size or len(text) < 20


def _between(before: str, words: str) -> str:
    """What joins two lines: nothing in scripts without blanks, a line end after a hyphen, else a blank."""
    if before.endswith(_HYPHENS):
        return "\n"
    return "" if _CJK.match(before[-1]) and _CJK.match(words[0]) else " "


def _union(lines: Sequence[Placed]) -> tuple[Box, ...]:
    """One rectangle around lines that follow each other downward; a further one for each column and page."""
    found: list[tuple[int, tuple[float, float, float, float]]] = []
    top = 0.0
    for page, line in lines:
        if found and found[-1][0] == page and line.seen[3] >= top:
            found[-1] = page, around(found[-1][1], line.box)
        else:
            found.append((page, line.box))
        top = line.seen[1] - 2
    return tuple(Box(page, *(round(edge, 1) for edge in edges)) for page, edges in found)
