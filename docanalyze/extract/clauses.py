"""Clauses that the learned models recognise, with the measured share of such sentences that are right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from docanalyze.errors import UsageError
from docanalyze.extract.reading import Reading, Sentence
from docanalyze.extract.scoring import ClauseType, models
from docanalyze.extract.wording import SUREST, fields_of, finding, quoted_part, said_of, shortened
from docanalyze.model import Finding, Section

MOST_OF_ONE = 3
"""Sentences of one Window that are shown as one clause."""
_FURTHER = 0.5
"""The confidence from which a second and a third sentence are shown."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence that looks like a clause; `position` is its place in the Reading's prose."""

    type: ClauseType
    position: int
    sentence: Sentence
    confidence: float


def names() -> frozenset[str]:
    """What a Section's `clauses` may name."""
    return frozenset(known.name for known in models().types)


def candidates(reading: Reading, wanted: Sequence[str], least: float) -> list[Clause]:
    """Every sentence that a model gives at least that confidence, the most confident first."""
    found = []
    for number, known in enumerate(models().types):
        if known.name in wanted:
            for position, scores in enumerate(reading.scores):
                confidence = known.confidence(scores[number])
                if confidence >= least:
                    found.append(Clause(known, position, reading.prose[position], confidence))
    return sorted(found, key=lambda clause: (-clause.confidence, clause.position))


def recognised(reading: Reading, wanted: Sequence[str]) -> list[Clause]:
    """The sentences that are taken for clauses, at most three of each, the most confident first."""
    taken: defaultdict[str, int] = defaultdict(int)
    found = []
    for clause in candidates(reading, wanted, 0.0):
        score = reading.scores[clause.position][_number(clause.type)]
        if is_taken(clause.type, score, taken[clause.type.name]):
            taken[clause.type.name] += 1
            found.append(clause)
    return found


def is_taken(known: ClauseType, score: float, before: int) -> bool:
    """Whether a sentence is taken, `before` others of its Window being taken for that clause with higher scores."""
    return score >= known.found and (before == 0 or (before < MOST_OF_ONE and known.confidence(score) >= _FURTHER))


def surely_absent(readings: Sequence[Reading], wanted: Sequence[str]) -> bool:
    """Whether no sentence of a Document comes near any of the clauses.

    False for a clause of which that was never measured to be right in more than 95 of 100 documents
    that have it.
    """
    if not wanted:
        return False
    return all(
        _is_absent(readings, number, known) for number, known in enumerate(models().types) if known.name in wanted
    )


def _is_absent(readings: Sequence[Reading], number: int, known: ClauseType) -> bool:
    best = max((scores[number] for reading in readings for scores in reading.scores), default=None)
    return known.absent is not None and best is not None and best < known.absent


def _number(known: ClauseType) -> int:
    return models().types.index(known)


def find_clauses(section: Section, reading: Reading) -> dict[int, Finding]:
    """By place in the prose, one Finding for each sentence that is taken for clauses of the Section."""
    named = {*section.clauses, *(name for spec in section.fields for name in spec.clauses)}
    if unknown := sorted(named - names()):
        raise UsageError(f"section {section.name}: no clause {unknown[0]!r}", f"known are {', '.join(sorted(names()))}")
    at: defaultdict[int, list[Clause]] = defaultdict(list)
    for clause in recognised(reading, section.clauses):
        at[clause.position].append(clause)
    return {position: _stated(section, clauses, reading) for position, clauses in at.items()}


def _stated(section: Section, clauses: Sequence[Clause], reading: Reading) -> Finding:
    sentence = clauses[0].sentence
    at = quoted_part(reading, sentence, None)
    words = reading.document.slice(at)
    title = ", ".join(_title(clause, first=number == 0) for number, clause in enumerate(clauses))
    said = said_of(reading, sentence, at)
    heading = f"{clauses[0].type.title}. "
    if said.lower().startswith(heading.lower()):
        # "Change of control: Change of control. If …" says it twice.
        said = said[len(heading) :]
    names = {clause.type.name for clause in clauses}
    fields = fields_of([spec for spec in section.fields if not spec.clauses or names & set(spec.clauses)], words)
    place = next((field.value for field in fields if field.name == "place"), None)
    statement = f"{title}: {place or shortened(said)}"
    found = finding(section, sentence, statement, reading, fields=fields, confidence=0.0, at=at)
    return replace(
        found, confidence=min(SUREST, round(min(clause.confidence for clause in clauses), 2)), calibrated=True
    )


def _title(clause: Clause, *, first: bool) -> str:
    title = clause.type.title if first else clause.type.title[:1].lower() + clause.type.title[1:]
    if not clause.type.possible:
        return title
    return f"{'Possibly' if first else 'possibly'} {title[:1].lower() + title[1:]}"
