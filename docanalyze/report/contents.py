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
)
from docanalyze.report.plain import counted, moment, shown, titled
from docanalyze.report.quotes import Quoted, Refused, Searched, quoted, refused, searched, stands

BUILT_IN = "extract"
RULES = "rules"
FACTS = 12
"""Facts of one sort shown in the overview."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """How a Label is shown: its mark, what colours it, and what it means."""

    name: str
    mark: str
    tone: str
    meaning: str


LABELS = {
    Label.SUPPORTED: Labelled("supported", "✓", "good", "the judge holds that the quote supports the statement"),
    Label.QUOTED: Labelled(
        "quoted",
        "✓",
        "plain",
        "quoted from the document, and the rules found nothing against it; no model has judged it",
    ),
    Label.CONSISTENT: Labelled(
        "consistent",
        "✓",
        "plain",
        "the rules found nothing against it, or no trace of what it calls absent; no model has judged it",
    ),
    Label.PARTLY: Labelled("partly", "~", "warn", "the quote supports a part of the statement"),
    Label.REVIEW: Labelled("review", "?", "warn", "undecided: someone should look at it"),
    Label.UNJUDGED: Labelled("unjudged", "·", "none", "there is no verdict, which is not a pass"),
    Label.UNSUPPORTED: Labelled("unsupported", "✗", "bad", "nothing in the document bears the statement out"),
    Label.CONTRADICTED: Labelled("contradicted", "✗", "bad", "the document says otherwise"),
}


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

    @property
    def line(self) -> str:
        """Who, how sure, and why: the name of the label stands elsewhere."""
        sure = f", probability {self.probability}" if self.probability else ""
        return f"{self.by}{sure}{f': {self.reason}' if self.reason else ''}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A Finding. `echo` says that the first quote's sentence is the statement itself."""

    number: int
    statement: str
    verdict: Judged
    earlier: tuple[Judged, ...]
    fields: tuple[Valued, ...]
    quotes: tuple[Quoted, ...]
    refused: int
    searched: Searched | None
    absence: bool
    echo: bool
    confidence: str
    conflict: str
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A Section: `remark` says why it has no findings, or fewer than it might."""

    number: int
    title: str
    remark: str
    findings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One party, date or amount for the overview, and the Finding that it stands in."""

    text: str
    about: str
    finding: int
    locator: str
    verdict: Labelled


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a report says of one Run's findings."""

    title: str
    summary: tuple[str, ...]
    built_in: bool
    unfinished: str
    counts: tuple[tuple[Labelled, int], ...]
    total: int
    facts: tuple[tuple[str, tuple[Fact, ...], int], ...]
    parts: tuple[Part, ...]
    refused: tuple[Refused, ...]

    @property
    def total_line(self) -> str:
        """`14 findings in 9 of 10 sections`."""
        full = sum(bool(part.findings) for part in self.parts)
        return f"{counted(self.total, 'finding')} in {full} of {counted(len(self.parts), 'section')}"


def of(run: Run, document: Document) -> Contents:
    """The contents of a Run over the Document that it read."""
    counts = Counter(_label(finding) for finding in run.findings)
    return Contents(
        title=shown(document.source.name),
        summary=_summary(run),
        built_in=run.analyst == BUILT_IN,
        unfinished=_unfinished(run),
        counts=tuple((LABELS[label], counts[label]) for label in LABELS if counts[label]),
        total=len(run.findings),
        facts=_facts(run, document),
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


def _unfinished(run: Run) -> str:
    if run.state is RunState.DONE:
        return ""
    error = f": {shown(run.error)}" if run.error else ""
    return f"The analysis did not end; its state is “{run.state.value}”{error}"


def _label(finding: Finding) -> Label:
    return finding.verdict.label if finding.verdict else Label.UNJUDGED


# -- facts -----------------------------------------------------------------------------------------


def _facts(run: Run, document: Document) -> tuple[tuple[str, tuple[Fact, ...], int], ...]:
    """Title, the first facts, and how many more there are, for each sort that was found."""
    sorts = (("Parties", FieldKind.PARTY), ("Dates", FieldKind.DATE), ("Amounts", FieldKind.AMOUNT))
    groups = []
    for title, kind in sorts:
        facts = _facts_of(run, document, kind)
        if facts:
            groups.append((title, tuple(facts[:FACTS]), max(0, len(facts) - FACTS)))
    for title, section, most in _SAID_FIRST:
        said = [_said(finding, document) for finding in run.findings if finding.section == section and _counts(finding)]
        if said:
            groups.append((title, tuple(said[:most]), max(0, len(said) - most)))
    return tuple(groups)


_SAID_FIRST = (
    ("Term", "term", 3),
    ("What is unusual", "unusual", 6),
    ("What is missing", "missing", 8),
    ("Question", "question", 2),
    ("Contributions", "contributions", 4),
    ("Results", "results", 5),
    ("Limits", "limitations", 3),
)
"""Sections that a busy reader wants first, what they are called there, and how many findings of each."""


def _counts(finding: Finding) -> bool:
    return finding.absence or _bears(finding)


def _said(finding: Finding, document: Document) -> Fact:
    spans = next((evidence.spans for evidence in finding.evidence if stands(evidence)), ())
    place = shown(document.locator(spans[0])) if spans else "searched in the whole text"
    return Fact(_cut(shown(finding.statement)), "", finding.number, place, LABELS[_label(finding)])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_FACT else text[:_LONGEST_FACT].rsplit(" ", 1)[0].rstrip(",;:") + " …"


_LONGEST_FACT = 130


def _facts_of(run: Run, document: Document, kind: FieldKind) -> list[Fact]:
    """One Fact a value. A party stands in many Sections, so those of the parties' own count alone."""
    titles = dict(run.sections)
    facts: dict[str, Fact] = {}
    for finding in run.findings:
        if not _bears(finding) or (kind is FieldKind.PARTY and finding.section != "parties"):
            continue
        for field in finding.fields:
            if field.kind is not kind or field.value is None or not _found(field):
                continue
            text = _normalised(field)
            about = _about(field, finding, titles.get(finding.section, finding.section))
            facts.setdefault(text, Fact(text, about, finding.number, *_place(finding, field, document)))
    return list(facts.values())


def _place(finding: Finding, field: Field, document: Document) -> tuple[str, Labelled]:
    own = field.evidence.spans if field.evidence and stands(field.evidence) else ()
    spans = own or next(evidence.spans for evidence in finding.evidence if stands(evidence))
    return shown(document.locator(spans[0])), LABELS[_label(finding)]


def _about(field: Field, finding: Finding, section: str) -> str:
    """Of a party its role; of a date or an amount the Field's name where that says more than its kind."""
    if field.kind is FieldKind.PARTY:
        roles = [other for other in finding.fields if other.name == "role"]
        return shown(roles[0].value or roles[0].written) if roles else ""
    if finding.section == "dates":
        meaning = finding.statement.partition(":")[0].replace(" ".join(field.written.split()), "").strip()
        return shown(meaning)
    return titled(section if field.name == field.kind.value else field.name)


def _bears(finding: Finding) -> bool:
    refuted = _label(finding) in {Label.UNSUPPORTED, Label.CONTRADICTED}
    return not refuted and any(stands(evidence) for evidence in finding.evidence)


def _found(field: Field) -> bool:
    return field.evidence is None or stands(field.evidence)


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
            findings=tuple(_shown(finding, document) for finding in findings),
        )
        for number, (name, findings) in enumerate(by_section.items(), 1)
    )


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
    judged = [_judged(verdict.label, verdict.by, verdict.probability, verdict.reason) for verdict in finding.verdicts]
    return Shown(
        number=finding.number,
        statement=statement,
        verdict=judged[-1] if judged else _judged(Label.UNJUDGED, "", None, ""),
        earlier=tuple(judged[:-1]),
        fields=tuple(_valued(field) for field in finding.fields),
        quotes=quotes,
        refused=sum(not stands(evidence) for evidence in finding.evidence),
        searched=searched(finding.sweep, document) if finding.sweep else None,
        absence=finding.absence,
        echo=len(quotes) == 1 and not quotes[0].corrected and _same(quotes[0].sentence, statement),
        confidence=_confidence(finding),
        conflict=shown(finding.conflict),
        calls=finding.calls,
    )


def _same(one: str, other: str) -> bool:
    return one.strip(" “”\"'.") == other.strip(" “”\"'.")


def _judged(label: Label, by: str, probability: float | None, reason: str) -> Judged:
    return Judged(LABELS[label], shown(by), "" if probability is None else f"{probability:.2f}", shown(reason))


def _confidence(finding: Finding) -> str:
    if finding.confidence is None:
        return ""
    return f"{finding.confidence:.2f}{'' if finding.calibrated else ', not calibrated'}"


def _valued(field: Field) -> Valued:
    value = "" if field.value is None else _normalised(field)
    written = shown(field.written)
    remark = "" if _found(field) else "not found in the quote"
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
