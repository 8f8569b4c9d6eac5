"""Clauses against lawyers' labels: presence, places, the confidence stated, and what is said to be absent."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.quality.corpus import CLAUSES, Contract, is_shared
from docanalyze.model import Span

LEAST_CONFIDENCE = 0.01
LEAST_TYPES, BAR_F1, BAR_ECE, BAR_ABSENT = 12, 0.85, 0.05, 0.05
_BINS = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage that an analyst takes for a clause. `shown` to a user, or only ranked; `possible` said so."""

    clause: str
    span: Span
    confidence: float
    shown: bool = True
    possible: bool = False


@dataclass
class Answers:
    """What an analyst says of one contract; `absent` are the clauses that it says are not there."""

    claims: list[Claim] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)


@dataclass
class Tally:
    right: int = 0
    said: int = 0
    wanted: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.said + other.said, self.wanted + other.wanted)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.said)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.wanted)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.said + self.wanted)

    def __str__(self) -> str:
        return f"{self.precision:5.2f} {self.recall:5.2f} {self.f1:5.2f}"


def gold(contract: Contract, clause: str) -> list[Span]:
    return contract.spans[CLAUSES[clause][0]]


def presence(contracts: Sequence[Contract], answers: Sequence[Answers], clause: str) -> Tally:
    """By contract: whether the clause is said to be there, and whether it is."""
    tally = Tally()
    for contract, answer in zip(contracts, answers, strict=True):
        said = any(claim.clause == clause and claim.shown for claim in answer.claims)
        there = bool(gold(contract, clause))
        tally += Tally(said and there, said, there)
    return tally


def places(contracts: Sequence[Contract], answers: Sequence[Answers], clause: str) -> tuple[Tally, Tally]:
    """By passage: those shown that overlap a labelled one, and those labelled that were shown (in `wanted`)."""
    shown, labelled = Tally(), Tally()
    for contract, answer in zip(contracts, answers, strict=True):
        spans = [claim.span for claim in answer.claims if claim.clause == clause and claim.shown]
        wanted = gold(contract, clause)
        shown += Tally(sum(any(is_shared(span, one) for one in wanted) for span in spans), len(spans), 0)
        labelled += Tally(sum(any(is_shared(span, one) for span in spans) for one in wanted), 0, len(wanted))
    return shown, labelled


def print_clauses(contracts: Sequence[Contract], answers: Sequence[Answers]) -> None:
    """One line a clause, the best first; then all that are shown plainly, together."""
    weak = {claim.clause for answer in answers for claim in answer.claims if claim.possible}
    said = {claim.clause for answer in answers for claim in answer.claims if claim.shown}
    tallies = {clause: presence(contracts, answers, clause) for clause in said}
    print(f"\n{'clause':30}  {'n':>4}   by contract         by passage\n{'':38}     P     R    F1      P     R")
    for clause in sorted(said, key=lambda clause: -tallies[clause].f1):
        shown, labelled = places(contracts, answers, clause)
        mark = "possible" if clause in weak else ""
        print(
            f"{clause:30}  {tallies[clause].wanted:4}  {tallies[clause]}  {shown.precision:5.2f} "
            f"{labelled.recall:5.2f}  {mark}"
        )
    plain = sorted(said - weak, key=lambda clause: -tallies[clause].f1)
    print(f"never shown: {', '.join(sorted(set(CLAUSES) - said)) or 'none'}")
    for count in sorted({min(LEAST_TYPES, len(plain)), len(plain)}):
        total = sum((tallies[clause] for clause in plain[:count]), Tally())
        print_bar(f"{count} clauses shown plainly, micro-F1 by contract", total.f1, BAR_F1, total.f1 >= BAR_F1)


def print_calibration(contracts: Sequence[Contract], answers: Sequence[Answers]) -> None:
    """Of what is shown: the confidence stated beside the share that is right, and their mean distance."""
    stated = [
        (claim.confidence, any(is_shared(claim.span, one) for one in gold(contract, claim.clause)))
        for contract, answer in zip(contracts, answers, strict=True)
        for claim in answer.claims
        if claim.shown
    ]
    print_reliability("of clauses: ", stated)


def print_reliability(what: str, stated: Sequence[tuple[float, bool]]) -> None:
    """The table of confidences stated and shares right, in tenths, and the expected calibration error."""
    print(f"\n{what}confidence   findings   mean   right")
    for number, held in sorted(_bins(stated).items()):
        mean, share = _means(held)
        print(f"{number / _BINS:.1f} to {(number + 1) / _BINS:.1f}          {len(held):12}   {mean:.2f}    {share:.2f}")
    off = calibration_error(stated)
    print_bar(f"{what}expected calibration error", off, BAR_ECE, off <= BAR_ECE)


def calibration_error(stated: Sequence[tuple[float, bool]]) -> float:
    """The mean distance of the confidence stated from the share that is right, over tenths of confidence."""
    off = 0.0
    for held in _bins(stated).values():
        mean, share = _means(held)
        off += len(held) / len(stated) * abs(mean - share)
    return off


def _bins(stated: Sequence[tuple[float, bool]]) -> dict[int, list[tuple[float, bool]]]:
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in stated:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    return bins


def _means(held: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    return sum(confidence for confidence, _ in held) / len(held), sum(right for _, right in held) / len(held)


def print_absences(contracts: Sequence[Contract], answers: Sequence[Answers]) -> None:
    """How often "not found" is said, and of the contracts that have the clause, of how many."""
    print('\n"not found"                    said   true   wrongly, of contracts that have the clause')
    for clause in sorted({clause for answer in answers for clause in answer.absent}):
        said = [contract for contract, answer in zip(contracts, answers, strict=True) if clause in answer.absent]
        wrong = sum(bool(gold(contract, clause)) for contract in said)
        having = sum(bool(gold(contract, clause)) for contract in contracts)
        share = wrong / max(1, having)
        verdict = "ok" if share < BAR_ABSENT else "MISSED"
        print(f"{clause:28}  {len(said):5}  {1 - wrong / len(said):5.2f}   {share:.3f} {verdict}")


def print_bar(what: str, value: float, bar: float, met: bool) -> None:
    print(f"{what}: {value:.3f} (bar {bar}) {'ok' if met else 'MISSED'}")
