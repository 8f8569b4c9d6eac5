"""Makes the Findings of several Windows into one list: what two Windows found of one thing is one.

Findings of one call stay apart, for one sentence may say two things; only exact repetitions of one
another are joined. Nothing that was found is lost: all Evidence, Fields and calls are kept, and
Fields and statements that disagree are named in `conflict`; another wording of the same stays in the
reply that it came with. Evidence is located already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from docanalyze.language import criticals
from docanalyze.model import Evidence, Field, Finding, Quote, Span

_T = TypeVar("_T")


def over_windows(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The Findings, merged and numbered from 1, Sections in the order in which they first appear."""
    sections: dict[str, list[Finding]] = {}
    for finding in findings:
        sections.setdefault(finding.section, []).append(finding)
    ordered = (finding for found in sections.values() for finding in _merged(found))
    return tuple(replace(finding, number=number) for number, finding in enumerate(ordered, 1))


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """One Section's Findings, joined until no two are the same: one may bring two others together."""
    merged: list[Finding] = []
    for finding in found:
        place = _same_place(merged, finding)
        if place is None:
            merged.append(finding)
        else:
            merged[place] = _join(merged[place], finding)
    return merged if len(merged) == len(found) else _merged(merged)


def _same_place(merged: Sequence[Finding], finding: Finding) -> int | None:
    """Where the same thing stands already: an exact repetition, else the largest overlap."""
    for place, other in enumerate(merged):
        if _repeats(other, finding):
            return place
    shared = [_shared(other, finding) for other in merged]
    most = max(shared, default=0)
    return shared.index(most) if most else None


def _repeats(one: Finding, other: Finding) -> bool:
    """Whether both say the same in all that an analyst says of a thing."""
    return (one.statement, one.fields, one.quotes, one.evidence, one.absence) == (
        other.statement,
        other.fields,
        other.quotes,
        other.evidence,
        other.absence,
    )


def _shared(one: Finding, other: Finding) -> int:
    """Characters of Evidence in common, if the two come from different calls; 0 if under half of the shorter."""
    if one.absence != other.absence or not set(one.calls).isdisjoint(other.calls):
        return 0
    ours, theirs = _spans(one), _spans(other)
    shared = sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in ours for b in theirs)
    return shared if 2 * shared >= min(sum(map(len, ours)), sum(map(len, theirs))) else 0


def _spans(finding: Finding) -> list[Span]:
    return [span for evidence in finding.evidence for span in evidence.spans]


def _join(one: Finding, other: Finding) -> Finding:
    """One Finding out of two: the statement of the first, all else of both."""
    surer = max(one, other, key=lambda finding: finding.confidence or 0.0)
    quotes, evidence = _proofs(one, other)
    return replace(
        one,
        quotes=quotes,
        evidence=evidence,
        fields=_unique((*one.fields, *other.fields)),
        verdicts=_unique((*one.verdicts, *other.verdicts)),
        confidence=surer.confidence,
        calibrated=surer.calibrated,
        sweep=one.sweep or other.sweep,
        conflict="; ".join(_unique(filter(None, (one.conflict, other.conflict, *_conflicts(one, other))))),
        calls=tuple(sorted({*one.calls, *other.calls})),
    )


def _proofs(one: Finding, other: Finding) -> tuple[tuple[Quote, ...], tuple[Evidence, ...]]:
    """Quotes and Evidence of both, which stay one each: the same words at the same place count once."""
    if not (one.evidence and other.evidence):
        return one.quotes, one.evidence
    proofs = {
        (evidence.quote, evidence.spans): (quote, evidence)
        for finding in (other, one)
        for quote, evidence in zip(finding.quotes, finding.evidence, strict=True)
    }
    quotes, evidence = zip(*proofs.values(), strict=True)
    return quotes, evidence


def _conflicts(one: Finding, other: Finding) -> list[str]:
    """Statements with other numbers or denials, and Fields with values that the other lacks."""
    found = []
    ours, theirs = criticals(one.statement), criticals(other.statement)
    if (set(ours.numbers), set(ours.negations)) != (set(theirs.numbers), set(theirs.negations)):
        found.append(f"{one.statement} against {other.statement}")
    for name in _unique(field.name for field in one.fields):
        first, second = _values(one, name), _values(other, name)
        if second and not (first.keys() <= second.keys() or second.keys() <= first.keys()):
            found.append(f"{name}: {', '.join(first.values())} against {', '.join(second.values())}")
    return found


def _values(finding: Finding, name: str) -> dict[tuple[str, str], str]:
    """What compares equal if two Fields say the same, with how it is shown."""
    values = {}
    for field in finding.fields:
        if field.name == name:
            values[_key(field)] = " ".join(filter(None, (field.value or field.written, field.unit)))
    return values


def _key(field: Field) -> tuple[str, str]:
    written = " ".join(field.written.split()).casefold()
    return (written if field.value is None else field.value, field.unit)


def _unique(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))
