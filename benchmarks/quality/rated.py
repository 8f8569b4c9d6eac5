"""What the grades of the findings that were shown, in their order, say of an analyst."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FIRST = 3
"""So many findings a reader sees of a Section before looking further."""
_LOOKED = 5
_BEST = 2


@dataclass(frozen=True, slots=True)
class Rated:
    """One Section of one paper: the grades of what was shown, in order, and of all that was labelled.

    `quoted` counts the findings that are the words of a sentence of the paper.
    """

    section: str
    aside: bool
    shown: tuple[int, ...]
    labelled: tuple[int, ...]
    quoted: int


def precision(rated: Sequence[Rated], first: int | None = None) -> tuple[int, int]:
    """How many of what was shown, or of the first, are right; and of how many."""
    looked = [grade for one in rated for grade in one.shown[:first]]
    return sum(grade > 0 for grade in looked), len(looked)


def begun_well(rated: Sequence[Rated]) -> tuple[int, int]:
    """In how many Sections one of the best is among the first; of those that have a best."""
    have = [one for one in rated if _BEST in one.labelled]
    return sum(_BEST in one.shown[:FIRST] for one in have), len(have)


def recall(rated: Sequence[Rated]) -> tuple[int, int]:
    """How many of the best are shown."""
    return sum(one.shown.count(_BEST) for one in rated), sum(one.labelled.count(_BEST) for one in rated)


def ndcg(one: Rated) -> float:
    """The discounted gain of the first five against that of the best order; 0 where there is nothing to gain."""
    ideal = _gain(sorted(one.labelled, reverse=True))
    return _gain(one.shown) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades[:_LOOKED]))


def print_rated(title: str, rated: Sequence[Rated]) -> None:
    """A row for each Section over all papers of a group, and one for all."""
    if not rated:
        return
    names = list(dict.fromkeys(one.section for one in rated))
    count = len(rated) // len(names)
    print(f"\n{title}: {count} paper{'s' * (count != 1)}")
    print(f"{'section':14}  right of shown  right of first {FIRST}  best among them  best shown  nDCG")
    for name in names:
        print(_row(name, [one for one in rated if one.section == name]))
    print(_row("all", rated))
    said = sum(len(one.shown) for one in rated)
    print(f"{sum(one.quoted for one in rated)} of {said} findings are the words of a sentence of the paper")


def _row(name: str, rated: Sequence[Rated]) -> str:
    have = [one for one in rated if any(one.labelled)]
    mean = sum(map(ndcg, have)) / max(1, len(have))
    right, first = _share(precision(rated)), _share(precision(rated, FIRST))
    well, best = ("{} of {}".format(*begun_well(rated)), _share(recall(rated)))
    return f"{name:14}  {right:>14}  {first:>16}  {well:>15}  {best:>10}  {mean:4.2f}"


def _share(part: tuple[int, int]) -> str:
    return f"{part[0]}/{part[1]} {100 * part[0] / part[1]:3.0f}%" if part[1] else "-"
