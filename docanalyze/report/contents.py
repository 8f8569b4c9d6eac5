"""What a report says of the findings, as plain values, before any markup.

Both forms of the report are made from these, so that they cannot say different things. Every text in
them has passed through `plain`. How a Run came about is the business of `origin`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.model import (
    CallState,
    Document,
    Field,
    FieldKind,
    Finding,
    Label,
    Run,
    RunState,
    Verdict,
)
from docanalyze.report.labels import LABELS, Labelled, label_of
from docanalyze.report.overview import Facts, overview
from docanalyze.report.plain import counted, moment, shown, titled
from docanalyze.report.quotes import Quoted, Refused, Searched, holds, quoted, refused, searched, stands
from docanalyze.report.said import beside_code, own_words

BUILT_IN = "extract"
RULES = "rules"
NO_MODEL = (
    "The built-in analyst works by fixed rules and learned weights: its statements are quotes, or values read from "
    "quotes. Where it names a clause or a party its confidence is measured, elsewhere it is not calibrated."
)
NO_MODEL_READ_CODE = (
    "The built-in analyst works by fixed rules: it tells what manifests, documentation and the code itself say, who "
    "defines, imports and uses what, and counts. It does not understand the code. Its confidence is not calibrated."
)


@dataclass(frozen=True, slots=True)
class Valued:
    """A Field: `value` is empty where it has none or says the same as `written`."""

    title: str
    written: str
    value: str
    remark: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A Verdict, with who gave it."""

    labelled: Labelled
    by: str
    probability: str
    reason: str
    call: int

    @property
    def line(self) -> str:
        """Who, how sure, and why: the name of the label stands elsewhere."""
        sure = f", probability {self.probability}" if self.probability else ""
        return f"{self.by}{sure}{f': {self.reason}' if self.reason and not self.aside else ''}"

    @property
    def aside(self) -> str:
        """The reason where it only says what the label does: that the words of a derived statement are no quote."""
        return self.reason if self.labelled == LABELS[Label.DERIVED] else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A Finding. `said` is what its statement says that its quotes do not: all of it, a title, or nothing."""

    number: int
    statement: str
    said: str
    verdict: Judged
    earlier: tuple[Judged, ...]
    fields: tuple[Valued, ...]
    quotes: tuple[Quoted, ...]
    refused: tuple[Refused, ...]
    searched: Searched | None
    absence: bool
    confidence: str
    conflict: str
    calls: tuple[int, ...]

    @property
    def compact(self) -> bool:
        """Whether it has several quotes of code: how each was found is told where it is not to the letter."""
        return len(self.quotes) > 1 and all(quote.code and not quote.corrected for quote in self.quotes)

    @property
    def to_the_letter(self) -> str:
        """`3 quotes, word for word`, where that is told once for all."""
        exact = sum(quote.is_exact for quote in self.quotes) if self.compact else 0
        return f"{counted(exact, 'quote')} word for word" if exact else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A Section: `remark` says why it has no findings, or fewer than it might. `ungrounded` stand apart."""

    number: int
    title: str
    remark: str
    findings: tuple[Shown, ...]
    ungrounded: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a report says of one Run's findings. `no_model` says what it means that none was used, if so."""

    title: str
    summary: tuple[str, ...]
    no_model: str
    unfinished: str
    counts: tuple[tuple[Labelled, int], ...]
    total: int
    facts: tuple[Facts, ...]
    parts: tuple[Part, ...]
    refused: tuple[Refused, ...]

    @property
    def ungrounded(self) -> tuple[Shown, ...]:
        """The Findings of which no quote stands in the Document."""
        return tuple(one for part in self.parts for one in part.ungrounded)

    @property
    def half_refused(self) -> tuple[Refused, ...]:
        """The refused quotes of Findings that have others, which stand."""
        alone = {one.number for one in self.ungrounded}
        return tuple(one for one in self.refused if one.finding not in alone)

    @property
    def total_line(self) -> str:
        """`14 findings in 9 of 10 sections`."""
        full = sum(bool(part.findings or part.ungrounded) for part in self.parts)
        return f"{counted(self.total, 'finding')} in {full} of {counted(len(self.parts), 'section')}"


def of(run: Run, document: Document) -> Contents:
    """The contents of a Run over the Document that it read."""
    counts = Counter(label_of(finding) for finding in run.findings)
    return Contents(
        title=shown(document.source.name),
        summary=_summary(run),
        no_model=_no_model(run, document),
        unfinished=_unfinished(run),
        counts=tuple((LABELS[label], counts[label]) for label in LABELS if counts[label]),
        total=len(run.findings),
        facts=overview(run, document),
        parts=_parts(run, document),
        refused=tuple(one for finding in run.findings for one in refused(finding)),
    )


# -- the run ---------------------------------------------------------------------------------------


def _summary(run: Run) -> tuple[str, ...]:
    analyst = "the built-in analyst" if run.analyst == BUILT_IN else shown(run.analyst)
    judge = f"judged by {shown(run.judge)}" if run.judge else "not judged"
    if run.judge == RULES:
        judge = "checked by rules"
    return titled(run.kind), f"analysed by {analyst}", judge, moment(run.started), run.state.value


def _no_model(run: Run, document: Document) -> str:
    if run.analyst != BUILT_IN:
        return ""
    return NO_MODEL if document.tree is None else NO_MODEL_READ_CODE


def _unfinished(run: Run) -> str:
    if run.state is RunState.DONE:
        return ""
    error = f": {shown(run.error)}" if run.error else ""
    return f"The analysis did not end; its state is “{run.state.value}”{error}"


# -- sections --------------------------------------------------------------------------------------


def _parts(run: Run, document: Document) -> tuple[Part, ...]:
    by_section: dict[str, list[Finding]] = {name: [] for name, _ in run.sections}
    for finding in run.findings:
        by_section.setdefault(finding.section, []).append(finding)
    titles = dict(run.sections)
    return tuple(
        Part(
            number=number,
            title=shown(titles.get(name, name)),
            remark=_remark(run, name, findings),
            findings=tuple(_shown(finding, document) for finding in findings if _is_grounded(finding)),
            ungrounded=tuple(_shown(finding, document) for finding in findings if not _is_grounded(finding)),
        )
        for number, (name, findings) in enumerate(by_section.items(), 1)
    )


def _is_grounded(finding: Finding) -> bool:
    return finding.absence or any(stands(evidence) for evidence in finding.evidence)


def _remark(run: Run, section: str, findings: Sequence[Finding]) -> str:
    """Why there is nothing, or perhaps not all: an empty Section never looks like a searched one."""
    title = dict(run.sections).get(section, section)
    trouble = [
        f"{note.code.capitalize()}: {shown(note.text.partition(': ')[2])}"
        for note in run.notes
        if note.code in ("failed", "incomplete") and note.text.startswith((f"{title}, window ", f"{title}: "))
    ]
    calls = [call for call in run.calls if call.section == section]
    if trouble:
        return "; ".join(trouble)
    if calls and calls[-1].state is CallState.FAILED:
        return f"Failed: {shown(calls[-1].error)}"
    if findings:
        return ""
    if not calls and run.state is not RunState.DONE:
        return "Not analysed"
    return "No findings"


def _shown(finding: Finding, document: Document) -> Shown:
    quotes = tuple(quoted(evidence, document) for evidence in finding.evidence if stands(evidence))
    statement = shown(finding.statement)
    judged = [_judged(verdict) for verdict in finding.verdicts]
    return Shown(
        number=finding.number,
        statement=statement,
        said=_beside(statement, quotes) if label_of(finding) in _UNDISPUTED else statement,
        verdict=judged[-1] if judged else _judged(Verdict("", Label.UNJUDGED)),
        earlier=tuple(judged[:-1]),
        fields=tuple(_valued(field) for field in finding.fields),
        quotes=quotes,
        refused=tuple(refused(finding)),
        searched=searched(finding.sweep, document) if finding.sweep else None,
        absence=finding.absence,
        confidence=_confidence(finding),
        conflict=shown(finding.conflict),
        calls=finding.calls,
    )


_UNDISPUTED = frozenset((Label.QUOTED, Label.CONSISTENT, Label.SUPPORTED))
"""Labels under which a statement may be left to its quote: what is doubted is shown as it was said."""


def _beside(statement: str, quotes: Sequence[Quoted]) -> str:
    """Of a statement what its quotes do not say. Corrected words are not the analyst's: both are shown."""
    for quote in quotes:
        said = (beside_code if quote.code else own_words)(statement, quote.sentence)
        if not quote.corrected and said != statement:
            return said
    return statement


def _judged(verdict: Verdict) -> Judged:
    sure = "" if verdict.probability is None else f"{verdict.probability:.2f}"
    return Judged(LABELS[verdict.label], shown(verdict.by), sure, shown(verdict.reason), verdict.call)


def _confidence(finding: Finding) -> str:
    if finding.confidence is None:
        return ""
    return f"{finding.confidence:.2f}{'' if finding.calibrated else ', not calibrated'}"


def _valued(field: Field) -> Valued:
    value = "" if field.value is None else _normalised(field)
    written = shown(field.written)
    remark = "" if holds(field) else "not found in the quote"
    return Valued(titled(field.name), written, "" if value == written else value, remark)


def _normalised(field: Field) -> str:
    """`USD 500,000.00`, `90 days`, `5%`; a date or a name as it is."""
    value, unit = shown(field.value or ""), shown(field.unit)
    if field.kind is FieldKind.AMOUNT:
        return f"{unit} {_grouped(value)}".strip()
    if field.kind is FieldKind.DURATION and value == "1":
        unit = unit.removesuffix("s")
    return f"{value}{'' if unit == '%' else ' '}{unit}".strip()


def _grouped(value: str) -> str:
    whole, point, cents = value.partition(".")
    return f"{int(whole):,}{point}{cents}" if whole.isascii() and whole.isdigit() and len(whole) < 30 else value
