"""Where the lines of a page run as it is shown, and the page turned so that most of them run to the right."""

from collections import Counter
from collections.abc import Iterable

RIGHT, DOWN, LEFT, UP, ASLANT, VERTICAL = range(6)
"""VERTICAL is writing from the top to the bottom, as of Japanese; its signs stand upright."""

Edges = tuple[float, float, float, float]


def main_way(lines: Iterable[tuple[int, int]]) -> int:
    """Where most of a page's text runs, from (way, characters) of its lines: RIGHT unless another has over half."""
    counts: Counter[int] = Counter()
    for code, chars in lines:
        counts[code] += chars
    total = sum(counts.values())
    for code in (DOWN, LEFT, UP):
        if counts[code] * 2 > total:
            return code
    return RIGHT


def turned(box: Edges, code: int, width: float, height: float) -> Edges:
    """A rectangle of a page after the page is turned so that what ran this way runs to the right."""
    left, top, right, bottom = box
    if code == DOWN:
        return top, width - right, bottom, width - left
    if code == LEFT:
        return width - right, height - bottom, width - left, height - top
    if code == UP:
        return height - bottom, left, height - top, right
    return box


def turned_back(box: Edges, code: int, width: float, height: float) -> Edges:
    """The other way round: from the turned page to the page as shown, whose size that is."""
    left, top, right, bottom = box
    if code == DOWN:
        return width - bottom, left, width - top, right
    if code == LEFT:
        return width - right, height - bottom, width - left, height - top
    if code == UP:
        return top, height - right, bottom, height - left
    return box
