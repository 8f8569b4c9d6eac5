"""The data set's own figures: precision over recall of the passages ranked by confidence, over all clauses together.

As CUAD's `evaluate.py` has it: a passage is right whose set of words is at least half that of a labelled one
(Jaccard), a label is found by any passage that is, every other passage is wrong; precision is never less than
at a higher recall, and the area lies under the straight lines between the points.
"""

from collections.abc import Sequence

from benchmarks.quality.clauses import Answers, gold
from benchmarks.quality.corpus import CLAUSES, Contract

SAME = 0.5
RECALL = 0.8
_WITHOUT = str.maketrans({".": None, ",": None, ";": None, ":": None, "/": " "})


def print_ranking(contracts: Sequence[Contract], answers: Sequence[Answers]) -> None:
    """The area under the curve, and the precision at 80 % recall."""
    points, wanted = ranked(contracts, answers)
    area, precision = curve(points, wanted)
    print(
        f"\n{len(CLAUSES)} clauses, {wanted} labelled passages, Jaccard of words at least {SAME}: AUPR {area:.3f}, "
        f"precision at {RECALL:.0%} recall {precision:.3f}, highest recall {highest(points, wanted):.3f}"
    )


def ranked(contracts: Sequence[Contract], answers: Sequence[Answers]) -> tuple[list[tuple[float, int, int]], int]:
    """(confidence, labels first found by it, 1 if wrong) of each passage, and how many labels there are."""
    points: list[tuple[float, int, int]] = []
    wanted = 0
    for contract, answer in zip(contracts, answers, strict=True):
        for clause in CLAUSES:
            labelled = [words(contract.document.slice(one)) for one in gold(contract, clause)]
            wanted += len(labelled)
            claims = [claim for claim in answer.claims if claim.clause == clause]
            points += hits([(one.confidence, words(contract.document.slice(one.span))) for one in claims], labelled)
    return points, wanted


def hits(
    passages: Sequence[tuple[float, frozenset[str]]], labelled: Sequence[frozenset[str]]
) -> list[tuple[float, int, int]]:
    """The same of one clause in one contract, by the sets of words of its passages and labels."""
    left = set(range(len(labelled)))
    points = []
    for confidence, said in sorted(passages, key=lambda passage: -passage[0]):
        same = {number for number, one in enumerate(labelled) if jaccard(said, one) >= SAME}
        points.append((confidence, len(same & left), int(not same)))
        left -= same
    return points


def words(text: str) -> frozenset[str]:
    """The set of words, as CUAD has it."""
    return frozenset(text.translate(_WITHOUT).lower().split())


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that are in both."""
    return len(one & other) / max(1, len(one | other))


def highest(points: Sequence[tuple[float, int, int]], wanted: int) -> float:
    """The share of labels that anything finds."""
    return sum(new for _, new, _ in points) / max(1, wanted)


def curve(points: Sequence[tuple[float, int, int]], wanted: int) -> tuple[float, float]:
    """The area under precision over recall, and the precision from 80 % recall on (0 where that is never reached)."""
    recalls, precisions = [0.0], [1.0]
    right = wrong = 0
    ordered = sorted(points, key=lambda point: -point[0])
    for number, (confidence, new, missed) in enumerate(ordered):
        right, wrong = right + new, wrong + missed
        if number + 1 == len(ordered) or ordered[number + 1][0] < confidence:
            recalls.append(right / max(1, wanted))
            precisions.append(right / max(1, right + wrong))
    for number in range(len(precisions) - 2, -1, -1):
        precisions[number] = max(precisions[number], precisions[number + 1])
    area = sum(
        (recalls[number] - recalls[number - 1]) * (precisions[number] + precisions[number - 1]) / 2
        for number in range(1, len(recalls))
    )
    return area, next((one for one, recall in zip(precisions, recalls, strict=True) if recall >= RECALL), 0.0)
