"""Rows joined to paragraphs, headings, footnotes and entries of references, over the end of a column too."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from docanalyze.ingest.clauses import is_bullet, mark_of
from docanalyze.ingest.layout.headings import Outline, Style, is_heading, is_listed
from docanalyze.ingest.layout.lines import Row, around

_LINE_GAP = 1.0
"""Room between two rows of a paragraph, in type sizes, at most."""
_RAGGED = 7
"""How far before the right edge a row that was broken there may end, in type sizes."""
_WIDER = 0.3
"""Room above a row that sets it off, over the usual room, in type sizes."""
_SMALL = 0.93
_ENDED = (".", ";", "\N{GREEK QUESTION MARK}", ":", "?", "!", "”", '"', "。", "！", "？", "؟")
_FOOTNOTE = re.compile(r"(?:\d{1,3}|[*†‡§¶∗]{1,3}|\[\d{1,3}\]|[a-z](?=\s))\.?\s{0,2}\S")
_REFERENCES = re.compile(
    r"(?:[\dA-Z]{1,3}\.?\s{1,3})?(?:references|bibliography|works cited|literature cited|literature|references cited)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\[[\w+.-]{1,12}\]\s*\S|\d{1,3}\.?\s+[A-Z(“\"]")
_LEAST_DEEP = 0.35
"""A footnote begins in this part of its page, from the top, or lower."""


class Paragraph:
    """Rows that belong together. Grows row by row, in time that does not depend on its length."""

    __slots__ = ("footnote", "heading", "page", "reference", "rows", "seen")

    def __init__(self, first: Row, *, heading: bool) -> None:
        self.page = first.page
        self.rows = [first]
        self.heading = heading
        self.footnote = False
        self.reference = False
        self.seen = first.seen

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.seen = around(self.seen, row.seen)

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)


# -- footnotes -------------------------------------------------------------------------------------


def part_footnotes(rows: Sequence[Row], style: Style, height: float) -> tuple[list[Row], list[Row]]:
    """A page's rows and its footnotes: small type under the last of the text, to the foot of a column."""
    small = _SMALL * style.size
    if not any(row.size < small for row in rows):
        return list(rows), []
    kept: list[Row] = []
    notes: list[Row] = []
    for column in _columns(rows):
        first = len(column)
        while first > 0 and column[first - 1].size < small:
            first -= 1
        tail = column[first:]
        start = next((i for i, row in enumerate(tail) if _FOOTNOTE.match(row.text)), len(tail))
        if start < len(tail) and (first == 0 or tail[start].seen[1] < _LEAST_DEEP * height):
            start = len(tail)
        kept += [*column[:first], *tail[:start]]
        notes += tail[start:]
    return kept, notes


def _columns(rows: Sequence[Row]) -> list[list[Row]]:
    found: list[list[Row]] = []
    for row in rows:
        if found and found[-1][-1].column == row.column:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def footnotes(rows: Sequence[Row]) -> list[Paragraph]:
    """Rows at a page's foot as notes: each begins with its mark."""
    found: list[Paragraph] = []
    for row in rows:
        begins = _FOOTNOTE.match(row.text) is not None
        left = found[-1].rows[0].seen[0] if found else row.seen[0]
        if found and (not begins or row.seen[0] > left + 2 * row.size) and row.column == found[-1].rows[-1].column:
            found[-1].add(row)
        else:
            found.append(Paragraph(row, heading=False))
            found[-1].footnote = True
    return found


# -- paragraphs ------------------------------------------------------------------------------------


class Joiner:
    """Makes paragraphs of the rows of a document, page by page."""

    def __init__(self, rows: Sequence[Row], style: Style, outline: Outline) -> None:
        self.style, self.outline = style, outline
        self.in_block = Counter((row.page, row.block) for row in rows)
        self.columns = _columns_of(rows)
        self.before: Row | None = None
        self.last: Paragraph | None = None
        self.references = False

    def interrupt(self) -> None:
        """Something else stands between, a table: no paragraph goes on after it."""
        self.last = None

    def take(self, row: Row) -> Paragraph | None:
        """The paragraph that begins with this row, or none where it goes on with the last."""
        before, last = self.before, self.last
        self.before = row
        outlined = self.outline.level(row.page, row.text) or self.outline.begins(row.page, row.text)
        few = self.in_block[row.page, row.block] <= 2
        heading = bool(outlined) or is_heading(row, before, self.style, few=few)
        if self.references and not outlined and row.size < 1.07 * self.style.size:
            # A numbered entry is none, though it begins like one.
            heading = heading and row.bold and mark_of(row.text) is None
        if last is not None and before is not None:
            if last.heading and not heading and self._only_began_bold(last, before, row):
                last.heading = False
            if self._joins(last, before, row, heading=heading):
                last.add(row)
                return None
        found = Paragraph(row, heading=heading)
        if heading:
            self.references = _REFERENCES.fullmatch(row.text.rstrip(":. ")) is not None
        found.reference = self.references and not heading
        self.last = found
        return found

    def _joins(self, last: Paragraph, before: Row, row: Row, *, heading: bool) -> bool:
        if row.page != last.page:
            return False
        if heading or last.heading:
            return self._same_heading(last, before, row, heading=heading)
        if last.reference:
            return not self._begins_entry(last, before, row)
        if row.column != before.column:
            return _over_columns(before, row)
        return _continues(last, before, row, self.columns[row.page, row.column])

    def _same_heading(self, last: Paragraph, before: Row, row: Row, *, heading: bool) -> bool:
        """A heading over two rows: same type, close below, and no number of its own."""
        if not last.heading or row.column != before.column:
            return False
        gap = row.seen[1] - before.seen[3]
        if self.outline.level(last.page, last.text):
            return False
        if self.outline.goes_on(last.page, last.text, row.text):
            return gap < 2 * row.size
        alike = abs(row.size - before.size) < 0.5 and row.bold == before.bold
        if not alike or mark_of(row.text) is not None or -row.size > gap or gap > 0.7 * row.size:
            return False
        large = row.size >= 1.15 * self.style.size
        goes_on = before.text.endswith(("-", ",", ":")) or row.text[:1].islower() or row.text[:1] in "(&"
        together = row.block == before.block or (row.size >= 1.3 * self.style.size and _aligned(before, row))
        return (heading and together) or ((large or row.bold) and (goes_on or together))

    def _only_began_bold(self, last: Paragraph, before: Row, row: Row) -> bool:
        """Whether what looked like a heading is the first line of a sentence in bold, which goes on plainly."""
        if self.outline.level(last.page, last.text) or row.block != before.block or row.column != before.column:
            return False
        close = -row.size < row.seen[1] - before.seen[3] < 0.5 * row.size
        plain = abs(row.size - before.size) < 0.5 and row.bold != before.bold
        return close and plain and (row.text[:1].islower() or before.text.endswith("-"))

    def _begins_entry(self, last: Paragraph, before: Row, row: Row) -> bool:
        """Whether a row begins the next entry of the references."""
        left = self.columns[row.page, row.column].left
        if _ENTRY.match(last.rows[0].text):
            return _ENTRY.match(row.text) is not None and row.seen[0] <= left + row.size
        if row.column != before.column:
            return before.text.endswith(".")
        hanging = any(other.seen[0] > left + 0.8 * row.size for other in (before, row))
        if hanging:
            return row.seen[0] <= left + 0.8 * row.size
        return row.seen[1] - before.seen[3] > 0.45 * row.size and before.text.endswith((".", ")"))


def _aligned(one: Row, other: Row) -> bool:
    """Whether two rows begin at one place, or stand around one middle."""
    middles = (one.seen[0] + one.seen[2]) / 2, (other.seen[0] + other.seen[2]) / 2
    return abs(one.seen[0] - other.seen[0]) < one.size or abs(middles[0] - middles[1]) < one.size


class _Column(NamedTuple):
    """Where the rows of a column stand: its edges, nine in ten rows ending before the right one, and the
    usual room between two rows. In points."""

    left: float
    right: float
    room: float


def _columns_of(rows: Sequence[Row]) -> dict[tuple[int, int], _Column]:
    """The columns of a document, by page and column."""
    places: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        places[row.page, row.column].append(row)
    return {place: _column(standing) for place, standing in places.items()}


def _column(rows: Sequence[Row]) -> _Column:
    right = sorted(row.seen[2] for row in rows)[int(0.9 * (len(rows) - 1))]
    gaps = [row.seen[1] - before.seen[3] for before, row in pairwise(rows)]
    close = sorted(gap for gap, row in zip(gaps, rows[1:], strict=True) if -row.size < gap <= _LINE_GAP * row.size)
    return _Column(min(row.seen[0] for row in rows), right, close[len(close) // 2] if close else 0.0)


def _over_columns(before: Row, row: Row) -> bool:
    """Whether a paragraph goes on at the head of the next column: its sentence was not ended."""
    if abs(row.size - before.size) > 0.6 or before.text.endswith(_ENDED):
        return False
    return not is_bullet(row.text) and (mark_of(row.text) is None or row.text[:1].islower())


def _continues(last: Paragraph, before: Row, row: Row, column: _Column) -> bool:
    """Whether a row goes on with the paragraph before it, in the same column."""
    gap = row.seen[1] - before.seen[3]
    ended = before.text.endswith(_ENDED)
    if is_bullet(row.text) or _starts_clause(row, before, ended=ended) or is_listed(before.text):
        return False
    same_kind = abs(row.size - before.size) < 0.6
    if same_kind and -row.size < gap <= _LINE_GAP * row.size:
        if ended and _set_off(before, row, column, gap):
            return False
        indented = row.seen[0] > before.seen[0] + 0.8 * row.size
        first = last.rows[0]
        hanging = row.seen[0] > first.seen[0] + 0.8 * row.size and mark_of(first.text) is not None
        if before.seen[2] >= column.right - _RAGGED * row.size or hanging:
            return hanging or not (ended and indented)
        if row.block == before.block:
            return not (ended and (indented or row.text[:1].isupper()))
    return same_kind and not ended and row.text[:1].islower() and -row.size < gap < 2.5 * row.size


def _set_off(before: Row, row: Row, column: _Column, gap: float) -> bool:
    """Whether what follows a sentence's end begins a paragraph: more room than between the column's
    rows, or a first word that the row before had room for, further to the left."""
    if gap > column.room + _WIDER * row.size:
        return True
    word = len(row.text.split(maxsplit=1)[0]) + 1
    needs = word * (row.seen[2] - row.seen[0]) / max(1, len(row.text))
    outdented = row.seen[0] < before.seen[0] - 0.8 * row.size
    return outdented and row.text[:1].isupper() and column.right - before.seen[2] > 1.2 * needs


def _starts_clause(row: Row, before: Row, *, ended: bool) -> bool:
    mark = mark_of(row.text)
    if mark is None:
        return False
    if mark.style in ("article", "schedule"):
        return ended and len(row.text) < 90
    if ended or before.text.rstrip().endswith((",", "and", "or")):
        return True
    # "(10) days" in the middle of a sentence may fall on a line's start; a number like "4.3" seldom does.
    return mark.style == "decimal" and mark.depth > 1 and row.seen[0] != before.seen[0]
