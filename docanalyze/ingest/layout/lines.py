"""The values of laying out: lines as they came, rows of them, where they stand."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from docanalyze.model import Page

_EQUATION = re.compile(r"\(\d{1,3}(?:\.\d{1,3})?[a-z]?\)")
"""The number of an equation, which stands far from it at the right."""

Edges = tuple[float, float, float, float]
Rule = tuple[float, float, float]
"""A level line that is drawn on the page: left, right, height."""


class Line(NamedTuple):
    """One line as MuPDF gives it: its place on the page as shown (`seen`) and unrotated (`box`).

    `hidden` says why it is not to be seen; empty where it is.
    """

    number: int
    text: str
    box: Edges
    seen: Edges
    size: float
    bold: bool
    block: int
    level: bool
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Something on a page beside its text: a form field, a note. `role` as in Role."""

    role: str
    words: str
    note: str
    box: Edges


@dataclass(frozen=True, slots=True)
class PageLines:
    """A page with its lines and the rules drawn on it.

    `vertical` says that lines run from the top to the bottom; `height` is that of the page as one
    turns it to read it, where that is not as it is shown.
    """

    page: Page
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...] = ()
    beside: tuple[Beside, ...] = ()
    vertical: bool = False
    height: float = 0.0

    @property
    def tall(self) -> float:
        """Its height as read, in points; never 0."""
        return self.height or self.page.height or 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the PDF's own outline."""

    level: int
    title: str
    page: int


class Row:
    """Lines of one block on one baseline. `column` counts the columns of its page, from 0."""

    __slots__ = ("block", "bold", "column", "level", "lines", "longest", "page", "seen", "size", "text")

    def __init__(self, page: int, first: Line, column: int = 0) -> None:
        self.page = page
        self.column = column
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
            self.size, self.longest = line.size, len(line.text)
        if len(line.text) > 2:
            # A word in bold before a sentence makes no heading of it.
            self.bold = self.bold and line.bold
        self.lines.append(line)
        self.text = f"{self.text} {line.text.strip()}"
        self.seen = around(self.seen, line.seen)


def around(one: Edges, other: Edges) -> Edges:
    """The rectangle around two."""
    left, top, right, bottom = one
    other_left, other_top, other_right, other_bottom = other
    return (
        left if left < other_left else other_left,
        top if top < other_top else other_top,
        right if right > other_right else other_right,
        bottom if bottom > other_bottom else other_bottom,
    )


def overlap(low: float, high: float, other_low: float, other_high: float) -> float:
    """How far two ranges overlap; negative where there is room between them."""
    return min(high, other_high) - max(low, other_low)


def rows_of(page: int, lines: list[Line]) -> list[Row]:
    """Lines in reading order as rows, each with the column that it stands in."""
    rows: list[Row] = []
    column = 0
    for line in lines:
        last = rows[-1] if rows else None
        if last is not None and _on_one_baseline(last.lines[-1], line):
            last.add(line)
            continue
        if last is not None and line.seen[3] < last.seen[1] and line.level and last.level:
            column += 1
        rows.append(Row(page, line, column))
    return rows


def _on_one_baseline(left: Line, right: Line) -> bool:
    height = min(left.seen[3] - left.seen[1], right.seen[3] - right.seen[1])
    shared = min(left.seen[3], right.seen[3]) - max(left.seen[1], right.seen[1])
    gap = right.seen[0] - left.seen[2]
    if gap > 0 and shared > 0.3 * height and _EQUATION.fullmatch(right.text.strip()):
        return True
    return left.block == right.block and shared > 0.6 * height and -1 <= gap < 8 * left.size
