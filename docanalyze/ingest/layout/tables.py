"""Tables of a page, found by the rules drawn around them or by rows of cells that stand in columns.

Every cell is the words of lines as they stand on the page: nothing is guessed from a picture, so that
every figure is right. Where columns are plain, empty cells keep their place.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from docanalyze.ingest.clauses import is_bullet, mark_of
from docanalyze.ingest.layout.lines import Edges, Line, Rule, around, overlap

_SAME_RULE = 4.0
_LONGEST_PROSE = 34
_LEAST_ROWS = 3
_LEAST_RULED = 2
_WORD_GAP = 0.3
"""Room between two lines that stand in one cell, in type sizes, at most."""
_FAR, _FAR_RULED = 2.2, 5.0
"""Room between two rows of a table, in type sizes, at most; more where rules say what belongs to it."""
_WIDE = 0.6
_CLOSE = 0.15
_NEXT_LINE = 0.6
"""Room between two lines of one cell, in type sizes, at most."""
_MOST_SINGLE = 3
_LEAST_COLUMNS = 3
_MOST_LINES = 2000
_NUMERIC = re.compile(
    r"[(\[]?(?:[A-Z]{2,3}\s?)?[-+–−±~<>≤≥≈]?\s?[$€£¥]?\s?\d[\d.,'\s]*\s?(?:%|[a-zA-Zµ°/²³]{1,6})?[)\]*†‡]{0,2}|[-–—]|n/?a",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\.\s?){5,}|_{4,}")


class Cell:
    """Lines that stand together in one place of a row."""

    __slots__ = ("lines", "seen")

    def __init__(self, line: Line) -> None:
        self.lines = [line]
        self.seen: Edges = line.seen

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.seen = around(self.seen, line.seen)

    @property
    def text(self) -> str:
        return " ".join(line.text.strip() for line in self.lines)

    @property
    def numeric(self) -> bool:
        return _NUMERIC.fullmatch(self.text) is not None


Cells = list[Cell]


class Table:
    """Rows of cells; None is an empty one. The first `head` rows are its header."""

    __slots__ = ("head", "numbers", "page", "rows")

    def __init__(self, page: int, rows: list[list[Cell | None]], head: int) -> None:
        self.page, self.rows, self.head = page, rows, head
        self.numbers = {line.number for row in rows for cell in row if cell for line in cell.lines}


def find(page: int, lines: Sequence[Line], rules: Sequence[Rule]) -> list[Table]:
    """The tables of a page; no line stands in two of them."""
    if len(lines) > _MOST_LINES:
        return []
    found: list[Table] = []
    taken: set[int] = set()
    for region, heights in _regions(rules):
        inside = [line for line in lines if line.number not in taken and _stands_in(line, region)]
        for rows in _runs(_visual_rows(inside), _LEAST_RULED, _FAR_RULED):
            if _is_table(rows, ruled=True):
                table = _table(page, rows, heights)
                found.append(table)
                taken |= table.numbers
    rest = [line for line in lines if line.number not in taken] if taken else lines
    for rows in _runs(_following_rows(rest), _LEAST_ROWS, _FAR):
        if _is_table(rows, ruled=False):
            found.append(_table(page, rows, []))
    return found


# -- where tables are ------------------------------------------------------------------------------


def _regions(rules: Sequence[Rule]) -> list[tuple[Edges, list[float]]]:
    """Rectangles between rules of like extent that stand above each other, with the heights of the rules."""
    if len(rules) < 2:
        return []
    groups: list[list[Rule]] = []
    for rule in _joined(rules):
        home = next((group for group in reversed(groups) if _alike(group[0], rule)), None)
        if home is not None:
            home.append(rule)
        else:
            groups.append([rule])
    found = []
    for group in groups:
        heights = sorted({round(rule[2]) for rule in group})
        if len(heights) >= 2:
            left, right = min(rule[0] for rule in group), max(rule[1] for rule in group)
            found.append(((left, group[0][2], right, group[-1][2]), [float(height) for height in heights]))
    return found


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    """Rules from top to bottom, those of one height that touch as one: cells draw their own borders."""
    found: list[Rule] = []
    for left, right, height in sorted(rules, key=lambda rule: (round(rule[2]), rule[0])):
        if found and abs(found[-1][2] - height) < 1.5 and left - found[-1][1] < _SAME_RULE:
            found[-1] = (min(found[-1][0], left), max(found[-1][1], right), found[-1][2])
        else:
            found.append((left, right, height))
    return found


def _alike(one: Rule, other: Rule) -> bool:
    return abs(one[0] - other[0]) < _SAME_RULE and abs(one[1] - other[1]) < _SAME_RULE


def _stands_in(line: Line, region: Edges) -> bool:
    x, y = (line.seen[0] + line.seen[2]) / 2, (line.seen[1] + line.seen[3]) / 2
    return line.level and region[0] - 2 <= x <= region[2] + 2 and region[1] < y < region[3]


def _runs(rows: Sequence[Cells], least: int, most: float) -> list[list[Cells]]:
    """Rows of several cells that follow each other, with single cells between: further lines, group titles."""
    runs: list[list[Cells]] = [[]]
    for row in rows:
        run = runs[-1]
        far = bool(run) and _is_far(run, row, most)
        if len(row) >= 2 and not _is_item(row):
            if run and far:
                runs.append([])
            runs[-1].append(row)
        elif run and (far or _ends_table(run, row)):
            runs.append([])
        elif run:
            run.append(row)
    trimmed = (_without_tail(run) for run in runs if run)
    return [run for run in trimmed if len(run) >= least]


def _is_far(run: list[Cells], row: Cells, most: float) -> bool:
    """Whether there is more room above a row than between the rows before it."""
    size = row[0].lines[0].size
    gap = _gap(run[-1], row)
    usual = median(_gap(above, below) for above, below in pairwise(run)) if len(run) > 1 else most * size / 2
    return gap > most * size or gap > max(size, 2 * usual + 1)


def _gap(above: Cells, below: Cells) -> float:
    return min(cell.seen[1] for cell in below) - max(cell.seen[3] for cell in above)


def _ends_table(run: list[Cells], row: Cells) -> bool:
    """Whether a row of one cell, or a clause, is no part of the table above it: too wide, or one too many."""
    if len(row) > 1:
        return True
    if _goes_on(run[-1], row):
        return False
    first, cells = row[0].lines[0], run[-1][0].lines[0]
    if first.size > 1.05 * cells.size and first.bold:
        return True
    left, right = _width(run)
    wide = row[0].seen[2] - row[0].seen[0] > _WIDE * (right - left)
    singles = len(run) - max((i for i, one in enumerate(run) if len(one) > 1), default=0) - 1
    return (wide and len(row[0].text) > _LONGEST_PROSE) or singles >= _MOST_SINGLE


def _without_tail(run: list[Cells]) -> list[Cells]:
    """Without rows of one cell at its end that are the text below, unless they go on with a cell."""
    end = len(run)
    while end and len(run[end - 1]) == 1 and not (end > 1 and _goes_on(run[end - 2], run[end - 1])):
        end -= 1
    return run[:end]


def _goes_on(above: Cells, row: Cells) -> bool:
    """Whether the first cell of a row came in one block with a cell above it, or stands close under one."""
    first = row[0].lines[0]
    if any(cell.lines[-1].block == first.block for cell in above):
        return True
    close = _gap(above, row) < _CLOSE * first.size
    return close and any(abs(cell.seen[0] - row[0].seen[0]) < 1 for cell in above) and len(row[0].text) < _LONGEST_PROSE


def _width(run: list[Cells]) -> tuple[float, float]:
    return min(row[0].seen[0] for row in run), max(row[-1].seen[2] for row in run)


def _following_rows(lines: Sequence[Line]) -> list[Cells]:
    """Lines in reading order as rows: a line goes on with a row where it stands beside it, to the right."""
    rows: list[Cells] = []
    for line in lines:
        if rows and line.level:
            last = rows[-1][-1]
            height = min(line.seen[3] - line.seen[1], last.seen[3] - last.seen[1])
            if overlap(*line.seen[1::2], *last.seen[1::2]) > 0.5 * height and line.seen[0] >= last.seen[2] - 1:
                if line.seen[0] - last.seen[2] < _WORD_GAP * line.size:
                    last.add(line)
                else:
                    rows[-1].append(Cell(line))
                continue
        rows.append([Cell(line)])
    return rows


def _is_item(row: Cells) -> bool:
    """A clause or a bullet with its text beside it, a line of contents, a line to sign on."""
    first = row[0].text
    if any(_LEADER.search(cell.text) for cell in row):
        return True
    marked = is_bullet(f"{first} x") or mark_of(f"{first} X") is not None
    return len(row) == 2 and marked and not row[1].numeric


def _visual_rows(lines: Sequence[Line]) -> list[Cells]:
    """Lines as rows by where they stand, whatever their order."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.seen[1] + one.seen[3]) / 2):
        height = line.seen[3] - line.seen[1]
        if rows and overlap(*line.seen[1::2], *rows[-1][0].seen[1::2]) > 0.5 * min(height, _height(rows[-1][0])):
            rows[-1].append(line)
        else:
            rows.append([line])
    found: list[Cells] = []
    for row in rows:
        cells: Cells = []
        for line in sorted(row, key=lambda one: one.seen[0]):
            if cells and line.seen[0] - cells[-1].seen[2] < _WORD_GAP * line.size:
                cells[-1].add(line)
            else:
                cells.append(Cell(line))
        found.append(cells)
    return found


def _height(line: Line) -> float:
    return line.seen[3] - line.seen[1]


# -- what is one -----------------------------------------------------------------------------------


def _is_table(rows: list[Cells], *, ruled: bool) -> bool:
    several = [row for row in rows if len(row) >= 2]
    if len(several) < 2 or len(several) * (4 if ruled else 2) < len(rows):
        return False
    if _is_prose(several):
        return False
    if ruled:
        return True
    wide = sum(len(row) >= _LEAST_COLUMNS for row in several)
    figures = sum(any(cell.numeric for cell in row[1:]) for row in several)
    return (
        len(several) >= _LEAST_ROWS
        and figures * 5 >= len(several) * 3
        and (wide * 2 >= len(several) or figures * 5 >= len(several) * 4)
    )


def _is_prose(rows: list[Cells]) -> bool:
    """Two columns of running text between two rules are no table."""
    pairs = [row for row in rows if len(row) == 2]
    if len(pairs) * 3 < len(rows) * 2:
        return False
    firsts = median(len(row[0].text) for row in pairs)
    seconds = median(len(row[1].text) for row in pairs)
    return min(firsts, seconds) > _LONGEST_PROSE


# -- rows and columns ------------------------------------------------------------------------------


def _table(page: int, rows: list[Cells], heights: list[float]) -> Table:
    columns = _columns(rows)
    placed = [_placed(row, columns) for row in rows]
    bands = [_band(row, heights) for row in rows]
    further = _further_lines(placed)
    merged: list[list[Cell | None]] = []
    kept: list[int] = []
    for position, (row, band) in enumerate(zip(placed, bands, strict=True)):
        if position in further and kept[-1] == band:
            merged[-1] = [_both(above, cell) for above, cell in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
            kept.append(band)
    head = _head(merged, kept, len(heights))
    if head > 1 and not any(_spans(cell, columns) for row in merged[:head] for cell in row):
        # Lines of the names of columns, not names over several of them.
        top = merged[0]
        for row in merged[1:head]:
            top = [_both(above, cell) for above, cell in zip(top, row, strict=True)]
        merged, head = [top, *merged[head:]], 1
    return Table(page, merged, head)


def _spans(cell: Cell | None, columns: list[tuple[float, float]]) -> bool:
    """Whether a cell stands over more than one column, or nobody knows over which."""
    if not columns:
        return True
    return cell is not None and sum(overlap(cell.seen[0], cell.seen[2], *column) > 1 for column in columns) > 1


def _further_lines(rows: list[list[Cell | None]]) -> set[int]:
    """Positions of rows that are further lines of the cells above them.

    Such a row has empty cells, what it has stands under filled ones, and either its first cell goes on
    with the block of the one above, or it stands nearer to the row above than any full row does.
    """
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        return set()
    partial: dict[int, float] = {}
    full: list[float] = []
    same_block = 0
    above = rows[0]
    for position, row in enumerate(rows[1:], 1):
        gap = min(c.seen[1] for c in row if c) - max(c.seen[3] for c in rows[position - 1] if c)
        if not all(row) and _words_below(above, row):
            partial[position] = gap
            continue
        full.append(gap)
        same_block += all(row) and _in_one_block(rows[position - 1], row)
        above = row
    size = next(cell for cell in rows[0] if cell).lines[0].size
    nearer = bool(full) and all(gap < min(full) - 0.08 * size for gap in partial.values())
    return {
        at
        for at, gap in partial.items()
        if gap < _NEXT_LINE * size
        and (
            nearer
            or (not same_block and _in_one_block(rows[at - 1], rows[at]))
            or (rows[at][0] is None and gap < 0.3 * size and _wordy(rows[at]))
        )
    }


def _in_one_block(above: list[Cell | None], row: list[Cell | None]) -> bool:
    """Whether the first cells of two rows came as one block of text."""
    one, other = above[0], row[0]
    return one is not None and other is not None and one.lines[-1].block == other.lines[0].block


def _words_below(above: list[Cell | None], row: list[Cell | None]) -> bool:
    """Whether every cell of a row has a filled one above it."""
    return all(above[i] is not None for i, cell in enumerate(row) if cell)


def _wordy(row: list[Cell | None]) -> bool:
    return all(not cell.numeric for cell in row if cell)


def _columns(rows: list[Cells]) -> list[tuple[float, float]]:
    """Ranges of the columns, from the rows that have most cells and are no exception; nothing if they overlap."""
    counts = Counter(len(row) for row in rows)
    usual = [n for n in sorted(counts, reverse=True) if n >= 2 and counts[n] * 5 >= len(rows)]
    for most in usual or [max(counts)]:
        full = [row for row in rows if len(row) == most]
        columns = [(cell.seen[0], cell.seen[2]) for cell in full[0]]
        for row in full[1:]:
            columns = [(min(c[0], x.seen[0]), max(c[1], x.seen[2])) for c, x in zip(columns, row, strict=True)]
        if all(right <= left + 1 for (_, right), (left, _) in pairwise(columns)):
            return columns
    return []


def _placed(row: Cells, columns: list[tuple[float, float]]) -> list[Cell | None]:
    """The cells of a row in their columns. Two that fall into one stand in it together."""
    if not columns:
        return [*row]
    found: list[Cell | None] = [None] * len(columns)
    for cell in row:
        shares = [overlap(cell.seen[0], cell.seen[2], *column) for column in columns]
        best = next((i for i, share in enumerate(shares) if share > 0), shares.index(max(shares)))
        if len(row) == len(columns):
            best = row.index(cell)
        found[best] = _both(found[best], cell)
    return found


def _both(one: Cell | None, other: Cell | None) -> Cell | None:
    if one is None or other is None:
        return one or other
    for line in other.lines:
        one.add(line)
    return one


def _band(row: Cells, heights: list[float]) -> int:
    """Between which rules a row stands, counted from 0."""
    middle = (row[0].seen[1] + row[0].seen[3]) / 2
    return sum(height < middle for height in heights)


def _head(rows: list[list[Cell | None]], bands: list[int], rules: int) -> int:
    """How many rows are the header: those over the second rule, else one that names columns of figures."""
    first = sum(band == bands[0] for band in bands)
    if rules >= 3 and first <= 3 and first < len(rows):
        return first
    names = [cell for cell in rows[0] if cell]
    below = [cell for row in rows[1:] for cell in row[1:] if cell]
    figures = sum(cell.numeric for cell in below)
    if not any(cell.numeric for cell in names[1:]) and figures * 2 >= len(below) and below:
        return 1
    bold = all(line.bold for cell in names for line in cell.lines)
    return int(bold and len(rows) > 1)
