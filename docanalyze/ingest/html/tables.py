"""Tables: those that hold data become rows of cells, those that only place text become its paragraphs.

Filings split what people see as one into several cells (`$`, `1,234`, `)`) and put empty columns
between; here columns are those of the rows with most cells in use, and signs rejoin their figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from docanalyze.ingest.html.blocks import Block, Cell, is_lead, led
from docanalyze.model import Role

GROUP = 30
"""Rows in one Segment, at most."""
_MOST_COLUMNS = 400
_MOST_SPAN = 200
_LONGEST_CELL = 1500
_MOST_HEAD = 4
_OPENING = re.compile(r"(?:US|CA?|A|HK)?[$€£¥₹]\s?\(?|\(|[(]?(?:USD|EUR|GBP|CHF|Rs\.?)")
_CLOSING = re.compile(r"\)|%|\)\s?%|%\s?\)|\)?\s?[x*]|\)?\s?bps|\*+|\(\d{1,2}\)")
_FIGURE = re.compile(r"[(\-−–—+]?\s?(?:US)?[$€£¥₹]?\s?\(?\s?(?:\d[\d,.\s]*|—|–|-)\)?\s?%?\)?(?:\s?\(\d\))?")
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:[-/]\d{2,4})?")
_SIGNING = re.compile(r"_{4,}|\bBy:|/s/", re.IGNORECASE)
_LEADER = re.compile(r"(?:\s?\.){4,}\s*")


@dataclass(slots=True)
class Row:
    cells: list[Cell] = field(default_factory=list)
    heads: bool = False


@dataclass(slots=True)
class Table:
    """A table as it stands in the mark-up; `strays` are what stands in it outside its cells."""

    rows: list[Row] = field(default_factory=list)
    cell: Cell | None = None
    strays: list[Block] = field(default_factory=list)
    in_head: bool = False
    placing: bool = False
    nests: bool = False


class _Placed(NamedTuple):
    """Words in a row, over the columns from `start` to before `end`."""

    start: int
    end: int
    text: str


def settle(table: Table) -> list[Block]:
    """What the table becomes: row groups, or the paragraphs that it only placed."""
    rows = [_joined(row) for row in _grid(table)]
    columns = _columns(rows)
    lines = [_cells(row, columns) for row in rows]
    if not _is_data(table, lines, len(columns)):
        return [*table.strays, *_flow(table)]
    kept = [(row.heads, cells) for row, cells in zip(table.rows, lines, strict=True) if any(cells)]
    apart = [block for row in table.rows for cell in row.cells for block in cell.blocks if block.apart]
    return [*table.strays, *_groups(kept), *apart]


# -- the grid --------------------------------------------------------------------------------------


def _grid(table: Table) -> Iterator[list[_Placed]]:
    """The words of each row with the columns they take, cells of rows above kept free."""
    taken: dict[int, int] = {}
    for row in table.rows:
        placed: list[_Placed] = []
        column = 0
        below: dict[int, int] = {}
        for cell in row.cells:
            while taken.get(column, 0) > 0:
                column += 1
            width = min(max(cell.columns, 1), _MOST_SPAN)
            if column + width > _MOST_COLUMNS:
                break
            if text := cell.text:
                placed.append(_Placed(column, column + width, text))
            if cell.rows > 1:
                below |= dict.fromkeys(range(column, column + width), cell.rows - 1)
            column += width
        taken = {at: left - 1 for at, left in taken.items() if left > 1} | below
        yield placed


def _joined(row: list[_Placed]) -> list[_Placed]:
    """A row with its signs rejoined to their figures."""
    joined: list[_Placed] = []
    for placed in row:
        last = joined[-1] if joined else None
        if last and placed.start - last.end <= 1 and _belongs(last.text, placed.text):
            joined[-1] = _Placed(last.start, placed.end, last.text + placed.text)
        else:
            joined.append(placed)
    return joined


def _belongs(before: str, after: str) -> bool:
    """Whether a cell's words are one figure with those of the cell before."""
    if _OPENING.fullmatch(before):
        return after[0].isdigit() or after[0] in "(—–-−.$"
    return bool(_CLOSING.fullmatch(after)) and (before[-1].isdigit() or (before[-1] in "—–-)" and len(before) < 20))


def _columns(rows: list[list[_Placed]]) -> list[tuple[int, int]]:
    """The columns that people see: those of the rows with most cells in use, then what others add."""
    columns: list[tuple[int, int]] = []
    for row in sorted(rows, key=len, reverse=True):
        for placed in row:
            touched = [i for i, (start, end) in enumerate(columns) if start < placed.end and placed.start < end]
            if not touched:
                columns.append((placed.start, placed.end))
            elif len(touched) == 1:
                start, end = columns[touched[0]]
                columns[touched[0]] = (min(start, placed.start), max(end, placed.end))
    return sorted(columns)


def _cells(row: list[_Placed], columns: list[tuple[int, int]]) -> list[str]:
    cells = [""] * len(columns)
    for placed in row:
        at = next((i for i, (start, end) in enumerate(columns) if start < placed.end and placed.start < end), 0)
        # Two of one column, as under a wide head, stay two words.
        cells[at] = f"{cells[at]} {placed.text}".strip()
    return cells


# -- data or placing -------------------------------------------------------------------------------


def _is_data(table: Table, lines: list[list[str]], width: int) -> bool:
    rows = [line for line in lines if any(line)]
    if table.placing or table.nests or width < 2 or len(rows) < 2 or _holds_more(table):
        return False
    if any(row.heads or any(cell.heads for cell in row.cells) for row in table.rows):
        return True
    texts = [cell for line in rows for cell in line if cell]
    if any(len(text) > _LONGEST_CELL or _SIGNING.search(text) for text in texts):
        return False
    firsts = [next((cell for cell in line if cell), "") for line in rows]
    leads = sum(1 for line, first in zip(rows, firsts, strict=True) if is_lead(first) and sum(map(bool, line)) == 2)
    if leads * 2 >= len(rows):
        return False
    full = sum(1 for line in rows if sum(map(bool, line)) > 1)
    return full * 2 >= len(rows)


def _holds_more(table: Table) -> bool:
    """Whether cells hold what a table of data does not: pages' ends, headings, code, lists, long prose."""
    cells = [cell for row in table.rows for cell in row.cells]
    for cell in cells:
        if any(b.breaks or b.role in (Role.HEADING, Role.CODE, Role.TABLE) for b in cell.blocks):
            return True
    prose = [cell for cell in cells if sum(len(b.text) > 200 for b in cell.blocks if not b.apart) > 1]
    return len(prose) > 0


def _flow(table: Table) -> Iterator[Block]:
    """The blocks of a table that only places them, row by row; `(a)` in a cell leads the next cell's."""
    for row in table.rows:
        lead = ""
        for cell in row.cells:
            body = [block for block in cell.blocks if not block.apart and not block.breaks]
            if len(body) == 1 and body[0].role is not Role.TABLE and is_lead(body[0].text):
                lead = f"{lead} {body[0].text}".strip()
                yield from (block for block in cell.blocks if block is not body[0])
                continue
            for block in cell.blocks:
                first = bool(body) and block is body[0] and block.role is not Role.TABLE
                yield led(lead, block) if first else block
            lead = "" if body else lead
        if lead:
            yield Block(lead)


# -- rows as text ----------------------------------------------------------------------------------


def _groups(rows: list[tuple[bool, list[str]]]) -> Iterator[Block]:
    head = _head(rows)
    lines = [_line(cells) for _, cells in rows]
    for at in range(0, len(lines), GROUP):
        text = "\n".join(lines[at : at + GROUP])
        yield Block(text, Role.TABLE, head=head if at == 0 else 0, goes_on=at > 0)


def _line(cells: list[str]) -> str:
    """Cells in one line; empty ones at its end are left out, at its start they hold the columns apart."""
    used = max((n for n, cell in enumerate(cells, 1) if cell), default=0)
    return " | ".join(_LEADER.sub(" ", cell).strip() for cell in cells[:used]).strip()


def _head(rows: list[tuple[bool, list[str]]]) -> int:
    """How many rows at the start are the table's header."""
    marked = next((n for n, (heads, _) in enumerate(rows) if not heads), len(rows))
    if marked:
        return marked if marked < len(rows) else 0
    lines = [cells for _, cells in rows]
    if not any(_is_figure(cell) for cells in lines[1:] for cell in cells[1:]):
        plain = all(cells[0] and len(cells[0]) < 60 for cells in lines[:1])
        return int(plain and all(lines[0]) and len(lines) > 2 and all(len(cell) < 60 for cell in lines[0]))
    leading = 0
    for cells in lines[:_MOST_HEAD]:
        if any(_is_figure(cell) for cell in cells[1:]) or (leading and not any(cells[1:])):
            break
        leading += 1
    return leading if leading < len(lines) else 0


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text)) and not _YEAR.fullmatch(text)
