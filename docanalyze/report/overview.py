"""What a busy reader reads: the first facts of each sort, each in the words around it, with its place.

It is meant to fill one printed page, so every sort has its most, and says how many more there are.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from docanalyze.model import Document, Evidence, Field, FieldKind, Finding, Label, Run, Span
from docanalyze.report.labels import LABELS, Labelled, label_of
from docanalyze.report.plain import counted, shown, titled
from docanalyze.report.quotes import holds, stands, whole
from docanalyze.report.said import own_words, without_title

_ROOM, _NARROW_ROOM = 190, 118
"""Characters of a fact, and of one where all would not fit a printed page: five and three lines of a column."""
_PAGE, _PLACE, _LONG_PLACE = 3_600, 24, 40
"""Characters of facts on a printed page, what a place takes of them, and from where on it takes more."""
_TERM_ROOM = 270
"""How long a contract runs and how it ends is told whole: half of it would mislead."""
_PARTIES, _DATES, _AMOUNTS = 6, 6, 8
_SAID_FIRST = (
    ("Term", "term", 2),
    ("Governing law", "law", 1),
    ("What is unusual", "unusual", 6),
    ("What is missing", "missing", 8),
    ("Question", "question", 2),
    ("Contributions", "contributions", 4),
    ("Method", "method", 2),
    ("Data", "data", 2),
    ("Results", "results", 5),
    ("Limits", "limitations", 3),
    ("Summary", "summary", 5),
    ("Decisions", "decisions", 4),
)
"""Sections that a busy reader wants first, what they are called there, and how many findings of each."""
_ORDER = ("Parties", "Term", "Dates", "Governing law", "Amounts", "What is unusual", "What is missing")
_FOR_NEWCOMERS = (
    ("What it is for", "purpose", 3),
    ("How to run it", "build", 5),
    ("Where it starts", "entry-points", 5),
    ("Where to start reading", "start", 6),
    ("How it is put together", "architecture", 5),
)
"""Of a code base: what someone who comes to it new wants first."""
_RISKS = ("security", "debt", "errors", "performance")
_OF_OTHERS = 2, 5
"""Of a Kind that has none of these: so many findings of each of its first Sections."""
_AHEAD = 0.75
_TELLING = frozenset((FieldKind.DURATION, FieldKind.AMOUNT, FieldKind.DATE, FieldKind.NUMBER))
"""Kinds of values that a statement is about: its words are shown around the first."""
_NUMBERED = re.compile(
    r"(?:\(?[A-Za-z0-9]{1,4}\)|(?:(?:Section |Article |§ ?)\d{1,3}(?:\.\d{1,3})*\.?|\d{1,3}(?:\.\d{1,3})+\.?|\d{1,3}\.)"
    r"(?=\s+(?:[A-Z“\"(]|$)))(?:\s+|$)"
)
"""The number that a clause begins with, and no number of its sentence."""
_SENTENCE = re.compile(r"[.;:]\s+(?=[A-Z“\"])")


@dataclass(frozen=True, slots=True)
class Fact:
    """A value or a statement in the words around it, what it is of, and the Finding that it stands in."""

    before: str
    value: str
    after: str
    about: str
    finding: int
    locator: str
    verdict: Labelled

    @property
    def text(self) -> str:
        return f"{self.before}{self.value}{self.after}"


@dataclass(frozen=True, slots=True)
class Facts:
    """The first facts of one sort, and how many more there are."""

    title: str
    facts: tuple[Fact, ...]
    more: int


def overview(run: Run, document: Document) -> tuple[Facts, ...]:
    """The facts of a Run, sort by sort; of a code base what a newcomer wants first."""
    groups = _groups(run, document, _ROOM)
    if _size(groups) > _PAGE:
        groups = _groups(run, document, _NARROW_ROOM)
    while _size(groups) > _PAGE:
        longest = max(groups, key=lambda group: len(group.facts))
        fewer = Facts(longest.title, longest.facts[:-1], longest.more + 1)
        groups = [fewer if group is longest else group for group in groups]
    places = {title: place for place, title in enumerate(_ORDER)}
    return tuple(sorted(groups, key=lambda group: places.get(group.title, len(places))))


def _size(groups: Sequence[Facts]) -> int:
    return sum(len(fact.text) + len(fact.about) + _place(fact.locator) for group in groups for fact in group.facts)


def _place(locator: str) -> int:
    """What a place takes: the path of a file may be long."""
    return _PLACE + max(0, len(locator) - _LONG_PLACE)


def _groups(run: Run, document: Document, room: int) -> list[Facts]:
    """With `room` characters for each fact."""
    if document.tree is not None:
        return _for_newcomers(run, document, room) or _of_others(run, document, room)
    parties, dates, amounts = (
        _values(run, document, kind, room) for kind in (FieldKind.PARTY, FieldKind.DATE, FieldKind.AMOUNT)
    )
    groups = [
        _group("Parties", parties, _PARTIES),
        _group("Dates", _known_first(dates), _DATES),
        _group("Amounts", _spread(amounts, run), _AMOUNTS),
        *(_group(title, _foremost(run, document, section, room, most), most) for title, section, most in _SAID_FIRST),
    ]
    return [group for group in groups if group.facts] or _of_others(run, document, room)


def _group(title: str, facts: Sequence[Fact], most: int) -> Facts:
    return Facts(title, tuple(facts[:most]), max(0, len(facts) - most))


def _for_newcomers(run: Run, document: Document, room: int) -> list[Facts]:
    """Of a code base: what it is for, where it starts, where to read, and the risks, counted."""
    absent = {finding.number for finding in run.findings if finding.absence}

    def told(section: str) -> list[Fact]:
        return sorted(_statements(run, document, section, room), key=lambda fact: fact.finding in absent)

    groups = [_group(title, told(section), most) for title, section, most in _FOR_NEWCOMERS]
    risks = [_risk(run, document, section, room) for section in _RISKS]
    groups.append(Facts("Places to look at, counted", tuple(fact for fact in risks if fact), 0))
    return [group for group in groups if group.facts]


def _risk(run: Run, document: Document, section: str, room: int) -> Fact | None:
    """How many findings a Section has, and the first of them."""
    facts = _statements(run, document, section, room)
    if not facts:
        return None
    title = shown(dict(run.sections).get(section, section))
    first = "" if len(facts) == 1 else ", the first"
    return replace(facts[0], before=f"{title}: ", value=f"{len(facts):,}", after=f"{first}: {facts[0].text}")


def _of_others(run: Run, document: Document, room: int) -> list[Facts]:
    most, sections = _OF_OTHERS
    groups = [_group(shown(title), _statements(run, document, name, room), most) for name, title in run.sections]
    return [group for group in groups if group.facts][:sections]


# -- statements ------------------------------------------------------------------------------------


def _foremost(run: Run, document: Document, section: str, room: int, most: int) -> list[Fact]:
    """Those of a Section; of what is unusual the most confident first, in the document's order, then the others."""
    facts = _statements(run, document, section, _TERM_ROOM if section == "term" else room)
    if section != "unusual":
        return facts
    sure = {finding.number: finding.confidence or 0.0 for finding in run.findings}
    ranked = sorted(facts, key=lambda fact: (-sure[fact.finding], fact.finding))
    return [*sorted(ranked[:most], key=lambda fact: fact.finding), *ranked[most:]]


def _statements(run: Run, document: Document, section: str, room: int) -> list[Fact]:
    of_section = (finding for finding in run.findings if finding.section == section)
    return [_said(one, document, room) for one in of_section if _counts(one)]


def _counts(finding: Finding) -> bool:
    return bears(finding) or (finding.absence and not _refuted(finding))


def bears(finding: Finding) -> bool:
    """Whether a quote of it stands in the Document, and nobody found it wrong."""
    return not _refuted(finding) and any(stands(evidence) for evidence in finding.evidence)


def _refuted(finding: Finding) -> bool:
    return label_of(finding) in {Label.UNSUPPORTED, Label.CONTRADICTED}


def _said(finding: Finding, document: Document, room: int) -> Fact:
    evidence = next((one for one in finding.evidence if stands(one)), None)
    statement, label = shown(finding.statement), LABELS[label_of(finding)]
    if evidence is None:
        return Fact("", "", _cut(statement, room), "", finding.number, _searched(finding), label)
    if document.tree is not None:
        place = shown(document.locator(evidence.spans[0]))
        return Fact("", "", _cut(statement, room), "", finding.number, place, label)
    quote = _sentence(evidence, document)
    title, rest = without_title(statement, quote)
    place = shown(document.locator(evidence.spans[0]))
    flagged = title.strip(' "“”…')
    if flagged and title.startswith(('"', "“")) and flagged in quote:
        return Fact(*_around(quote, flagged, room), "", finding.number, place, label)
    written = next((shown(field.written) for field in finding.fields if field.kind in _TELLING), "")
    if written and written in quote and (title or not own_words(statement, quote)):
        return Fact(*_around(quote, written, room), title, finding.number, place, label)
    told = quote if not own_words(statement, quote) else rest
    return Fact("", "", _cut(_unnumbered(told.lstrip("… ")), room), title, finding.number, place, label)


def _searched(finding: Finding) -> str:
    """What became of the search that an absence rests on."""
    if finding.sweep is None:
        return "not searched"
    hits = len(finding.sweep.hits)
    return f"searched in the whole text, {counted(hits, 'hit') if hits else 'no hit'}"


# -- values ----------------------------------------------------------------------------------------


def _values(run: Run, document: Document, kind: FieldKind, room: int) -> list[Fact]:
    """One Fact a value and Section. A party stands in many Sections, so those of the parties' own count alone."""
    titles = dict(run.sections)
    facts: dict[tuple[str, str], Fact] = {}
    for finding in run.findings:
        if not bears(finding) or (kind is FieldKind.PARTY and finding.section != "parties"):
            continue
        for field in finding.fields:
            if field.kind is kind and field.value is not None and holds(field):
                section = titles.get(finding.section, finding.section)
                fact = _valued(field, finding, section, document, room)
                facts.setdefault((f"{field.value} {field.unit}", fact.about), fact)
    known = {value for value, about in facts if about}
    return [fact for (value, about), fact in facts.items() if about or value not in known]


def _valued(field: Field, finding: Finding, section: str, document: Document, room: int) -> Fact:
    own = field.evidence if field.evidence and stands(field.evidence) else None
    evidence = own or next(one for one in finding.evidence if stands(one))
    place, label = shown(document.locator(evidence.spans[0])), LABELS[label_of(finding)]
    sentence, written = _sentence(evidence, document), shown(field.written)
    about = _about(field, finding, section, sentence)
    if field.kind is FieldKind.PARTY:
        return Fact("", written, "", about, finding.number, place, label)
    words = _around(sentence, written, room)
    return Fact(*words, about, finding.number, place, label)


def _about(field: Field, finding: Finding, section: str, sentence: str) -> str:
    """Of a party its role, of a date what it is of where the statement begins with it, of an amount its Section."""
    if field.kind is FieldKind.PARTY:
        roles = [other for other in finding.fields if other.name == "role"]
        return shown(roles[0].value or roles[0].written) if roles else ""
    if field.kind is FieldKind.DATE and finding.section == "dates":
        return _meaning(shown(finding.statement), shown(field.written), sentence)
    return titled(section)


def _meaning(statement: str, written: str, sentence: str) -> str:
    """What a date is of, by statements such as `End 31 March 2029: …` and `Effective date: 1 April 2025`."""
    title, _ = without_title(statement, sentence)
    if not title and statement.endswith(f": {written}"):
        title = statement.removesuffix(f": {written}")
    return " ".join(title.replace(written, "").split())


def _known_first(facts: Iterable[Fact]) -> list[Fact]:
    """Dates of which it is known what they are of, then the others."""
    return sorted(facts, key=lambda fact: not fact.about)


def _spread(facts: Sequence[Fact], run: Run) -> list[Fact]:
    """The first amount of each Finding, in turn one of each Section, then the others: fees crowd out no cap."""
    sections = {finding.number: finding.section for finding in run.findings}
    of_finding: Counter[int] = Counter()
    of_section: Counter[str] = Counter()
    ranked: list[tuple[int, int, int, Fact]] = []
    for fact in facts:
        section = sections[fact.finding]
        ranked.append((of_finding[fact.finding], of_section[section], len(ranked), fact))
        of_finding[fact.finding] += 1
        of_section[section] += of_finding[fact.finding] == 1
    chosen = sorted(ranked, key=lambda one: one[:3])
    # The chosen ones stand in the document's order, those beyond the most after them.
    first = sorted(chosen[:_AMOUNTS], key=lambda one: one[2])
    return [one[3] for one in (*first, *chosen[_AMOUNTS:])]


# -- words -----------------------------------------------------------------------------------------


def _sentence(evidence: Evidence, document: Document) -> str:
    """The sentence that a quote stands in, on one line."""
    ends = [*evidence.spans, *([evidence.sentence] if evidence.sentence else [])]
    around = Span(min(span.start for span in ends), max(span.end for span in ends))
    return shown(whole(document.slice(around), document))


def _around(text: str, value: str, room: int) -> tuple[str, str, str]:
    """The words before a value, the value, and those after it: whole, or cut to the room that there is."""
    whole_value = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)
    start = whole_value.start() if whole_value else text.find(value)
    if start < 0 or len(value) >= room:
        return "", _cut(value, room), ""
    before, after = _unnumbered(text[:start]), re.sub(r";(?: and| or)?$", "", text[start + len(value) :])
    room -= len(value)
    if len(before) + len(after) > room:
        # What stands at the beginning stays there, as long as some words can follow.
        ahead = len(before) if len(before) <= _AHEAD * room else room // 2
        before = _cut_before(before, max(ahead, room - len(after)))
        after = _cut(after, max(0, room - len(before)))
    return before, value, after


def _unnumbered(text: str) -> str:
    """The text without the number of its clause: the place says it."""
    label = _NUMBERED.match(text)
    return text[label.end() :] if label else text


def _cut(text: str, room: int) -> str:
    """The text, or its beginning up to a word's end."""
    if len(text) <= room:
        return text
    # What has no blanks, as Chinese, is cut where the room ends.
    part = text[:room].rpartition(" ")[0] or text[:room]
    return part.rstrip(",;:(“ ") + " …"


def _cut_before(text: str, room: int) -> str:
    """The text, or its end: from the last beginning of a sentence that fits, else from a word's."""
    if len(text) <= room:
        return text
    part = text[len(text) - room :]
    sentence = _SENTENCE.search(part)
    return part[sentence.end() :] if sentence else "… " + (part.partition(" ")[2] or part)
