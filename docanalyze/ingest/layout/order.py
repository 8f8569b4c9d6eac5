"""The order in which a person reads a page.

The order of the file is right on nearly every page. Where it jumps back (up, above what came
before; or up into a column that lies before the last), the page is cut along its white gaps, columns
first.
"""

from collections.abc import Sequence
from itertools import pairwise

from docanalyze.ingest.layout.lines import Line, overlap

_GUTTER = 7.0
"""Points of white that part two columns at least."""
_LEAST_SIDE = 0.12
_DEEPEST = 12
_LEAST_LINES = 2
_MARGIN = 0.08
_TALL = 60.0
"""Points that two blocks stand side by side to be columns, and no row of a table."""
_RTL = range(0x0590, 0x08FF)


def in_order(lines: Sequence[Line], height: float) -> list[Line]:
    """The lines of a page of that height as people read them: as they came where that goes down and on.

    Running heads and feet are often written last: at the margins lines may jump.
    """
    within = [line for line in lines if line.seen[3] > _MARGIN * height and line.seen[1] < (1 - _MARGIN) * height]
    if not _jumps(within):
        return list(lines)
    return _cut(list(lines), _reads_left(lines), 0)


def _reads_left(lines: Sequence[Line]) -> bool:
    """Whether most of it is written from the right to the left."""
    letters = [ord(character) in _RTL for line in lines for character in line.text if character.isalpha()]
    return sum(letters) * 2 > len(letters)


def _jumps(lines: Sequence[Line]) -> bool:
    blocks: list[tuple[float, float, float, float, int]] = []
    for line in lines:
        if not line.level:
            continue
        left, top, right, bottom = line.seen
        if blocks and blocks[-1][4] == line.block:
            b = blocks[-1]
            blocks[-1] = (min(b[0], left), min(b[1], top), max(b[2], right), max(b[3], bottom), line.block)
        else:
            blocks.append((left, top, right, bottom, line.block))
    for before, block in pairwise(blocks):
        above = block[3] < before[1] + 2
        if above and block[0] < before[2] - _GUTTER:
            return True
        if block[2] < before[0] - _GUTTER and overlap(block[1], block[3], before[1], before[3]) > _TALL:
            # A column that lies before the one that was written before it.
            return True
    return False


def _cut(lines: list[Line], leftward: bool, depth: int) -> list[Line]:
    """Lines ordered by recursive cuts: columns where a gutter runs through, else bands from top to bottom."""
    if len(lines) <= 1 or depth > _DEEPEST:
        return _sorted(lines, leftward)
    gutter = _gutter(lines)
    if gutter is not None:
        sides = [line for line in lines if _middle(line) < gutter], [line for line in lines if _middle(line) >= gutter]
        first, second = (sides[1], sides[0]) if leftward else sides
        return _cut(first, leftward, depth + 1) + _cut(second, leftward, depth + 1)
    bands = _bands(lines)
    if len(bands) <= 1:
        return _sorted(lines, leftward)
    found: list[Line] = []
    for band in bands:
        found += _cut(band, leftward, depth + 1)
    return found


def _middle(line: Line) -> float:
    return (line.seen[0] + line.seen[2]) / 2


def _sorted(lines: list[Line], leftward: bool) -> list[Line]:
    """By rows from the top, each along the line; a line that stands a little higher than its row stays in it."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.seen[1] + one.seen[3]) / 2):
        height = line.seen[3] - line.seen[1]
        if rows and overlap(*line.seen[1::2], *rows[-1][-1].seen[1::2]) > 0.5 * height:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.seen[0], reverse=leftward)]


def _gutter(lines: list[Line]) -> float | None:
    """Where a white strip runs down through all lines, the widest of them; None if there is none."""
    left, right = min(line.seen[0] for line in lines), max(line.seen[2] for line in lines)
    least = _LEAST_SIDE * (right - left)
    best: tuple[float, float] | None = None
    end = left
    for line in sorted(lines, key=lambda one: one.seen[0]):
        gap = line.seen[0] - end
        if gap >= _GUTTER and end - left > least and right - line.seen[0] > least and (not best or gap > best[0]):
            best = gap, (end + line.seen[0]) / 2
        end = max(end, line.seen[2])
    if best is None:
        return None
    before = sum(_middle(line) < best[1] for line in lines)
    return best[1] if min(before, len(lines) - before) >= _LEAST_LINES else None


def _bands(lines: list[Line]) -> list[list[Line]]:
    """Strips from top to bottom; neighbours that share a gutter are one, as a paragraph's end is no column's."""
    strips: list[list[Line]] = []
    end = 0.0
    for line in sorted(lines, key=lambda one: one.seen[1]):
        if not strips or line.seen[1] >= end:
            strips.append([])
            end = line.seen[3]
        strips[-1].append(line)
        end = max(end, line.seen[3])
    bands: list[list[Line]] = []
    for strip in strips:
        joined = [*bands[-1], *strip] if bands else strip
        if bands and _gutter(joined) is not None:
            bands[-1] = joined
        else:
            bands.append(strip)
    return bands
