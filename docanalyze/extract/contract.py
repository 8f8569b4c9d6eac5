"""What only contracts have: parties, dates with their meaning, obligations, one-sided clauses."""

import re

from docanalyze.extract.parties import parties
from docanalyze.extract.reading import Reading, Sentence
from docanalyze.extract.wording import finding, quoted_part, shortened
from docanalyze.language import dates, durations
from docanalyze.language.search import compiled
from docanalyze.language.values import Value
from docanalyze.model import Field, FieldKind, Finding, Quote, Section, Span

_MEANINGS = (
    ("effective date", re.compile(r"\beffective\b|\bcommenc|\btakes? effect\b|\bbegins?\b", re.IGNORECASE)),
    (
        "end",
        re.compile(r"\bexpir|\buntil\b|\bterminates? on\b|\bends? on\b|\bno later than\b.{0,20}\bterm", re.IGNORECASE),
    ),
    (
        "date of the agreement",
        re.compile(r"\b(?:made|entered into|dated|executed|as of|this agreement)\b", re.IGNORECASE),
    ),
    (
        "deadline",
        re.compile(r"\b(?:no later than|on or before|by|not later than|prior to|before)\b", re.IGNORECASE),
    ),
)
_NOT_A_DATE_OF = re.compile(r"\b(?:filed|exhibit|form (?:8|10)|sec file|page)\b", re.IGNORECASE)
_CONTEXT = 90
_BARE = 40

_DUTY = re.compile(
    r"(?P<who>(?:\b(?:the|each|either|neither|both|any|such|all|every|no)\s)?[A-Z][\w'’&-]*(?:\s(?:of\s|and\s|or\s|the\s)?[A-Z][\w'’&-]*){0,4}"
    r"|\b(?:the|each|either|neither|both|such)\s(?:other\s)?(?:part(?:y|ies)|[a-z]{3,20}))"
    r"(?:,[^,;.]{3,80},)?\s(?P<modal>(?:shall|must|will|may)\snot|shall|must|will|agrees?\s(?:not\s)?to|undertakes?\sto|"
    r"is\s(?:required|obliged|obligated)\sto|are\s(?:required|obliged|obligated)\sto|covenants?\s(?:not\s)?to)\s"
    r"(?P<what>[^;]{4,600})"
)
_WORTHLESS = re.compile(
    r"(?:not\s)?(?:be\s(?:governed|construed|deemed|interpreted|effective|binding|subject|considered|entitled|void|null)|mean|include|"
    r"have\sthe\s(?:meaning|right|same)|survive|remain\sin|constitute|apply|commence|continue|inure|prevail|control|"
    r"terminate\s(?:up)?on|automatically|receive|govern|be\s(?:\w+ly\s)?restricted|expire|begin|become|result|occur|arise|exceed|equal)\b",
    re.IGNORECASE,
)
_NOT_BOUND = re.compile(
    r"(?:the\s|this\s|any\s|such\s|each\s|no\s|all\s)*(?:agreements?|terms?|sections?|articles?|provisions?|exhibits?|schedules?|"
    r"failure|notices?|invoices?|payments?|waivers?|amendments?|headings?|rights?|obligations?|law|laws|it|this|which|"
    r"that|what|who|there|he|she|they|we|information|delay|assignment|consent|liability|date|period|effective date|"
    r"fees?|price|purchase price|taxes|confidential information|products?|services?|territory|royalt(?:y|ies)|amounts?|"
    r"costs?|nothing|time|interest|copyright|title|use|damages|arbitration|arbitrators?|courts?|covenants?|warrant(?:y|ies)|remed(?:y|ies))\b",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:within|no later than|not later than|not more than|at least|not less than|no less than|on or before|"
    r"prior to|before|by|upon|promptly|immediately|for a period of|during|until)\b(?:\s[^\s,;.]{1,24}){0,12}",
    re.IGNORECASE,
)
_PLEDGES = re.compile(
    r"\b(?:pay|deliver|provide|notify|maintain|keep|return|destroy|obtain|submit|furnish|report|reimburse|perform|"
    r"ensure|cause|indemnify|disclose|supply|complete|issue|permit|refrain|compete|solicit|assign|procure|remedy|"
    r"correct|replace|appoint|use|make|give|send|cooperate|comply|supervise|train|restore)\b",
    re.IGNORECASE,
)


def find_parties(section: Section, reading: Reading) -> list[Finding]:
    """Each party by name, with what the contract calls it."""
    opening = reading.opening
    text = reading.document.slice(opening)
    found = []
    for party in parties(text):
        name = text[party.name.start : party.name.end]
        alias = text[party.alias.start : party.alias.end] if party.alias else ""
        end = _after(text, party.alias) if party.alias else party.name.end
        at = Span(opening.start + party.name.start, opening.start + end)
        segments = reading.document.segments_at(at)
        shown, called = " ".join(name.split()), " ".join(alias.split())
        fields = [Field("name", FieldKind.PARTY, name, shown)]
        if alias:
            fields.append(Field("role", FieldKind.TEXT, alias, called))
        quote = Quote(reading.document.slice(at), tuple(segment.number for segment in segments), at)
        statement = f'{shown} ("{called}")' if alias else shown
        confidence = 0.85 if alias else 0.6
        found.append(Finding(section.name, statement, (quote,), tuple(fields), confidence=confidence))
    return found[: section.limit]


def _after(text: str, alias: Span) -> int:
    """The end of the brackets that say what a party is called."""
    closing = text.find(")", alias.end, alias.end + 3)
    return closing + 1 if closing >= 0 else min(len(text), alias.end + 1)


def find_dates(section: Section, reading: Reading) -> list[Finding]:
    """Each calendar date once for each meaning, with what it is the date of."""
    found: dict[tuple[str, str], tuple[int, Finding]] = {}
    for sentence in reading.sentences:
        words = reading.document.slice(sentence.span)
        for value in dates(words):
            before = words[max(0, value.span.start - _CONTEXT) : value.span.start]
            if value.value is None or _NOT_A_DATE_OF.search(before[-40:]):
                continue
            key = (value.value, _meaning(before))
            # A cover or a heading has the bare date; a sentence says more of it.
            if key not in found or found[key][0] < _BARE < len(sentence.span):
                found[key] = (len(sentence.span), _dated(section, sentence, value, key[1], reading))
    return [finding for _, finding in found.values()][: section.limit]


def _meaning(before: str) -> str:
    """What a date is of, by the nearest words before it that say so."""
    best, what = -1, "date named"
    for name, pattern in _MEANINGS:
        last = max((match.start() for match in pattern.finditer(before)), default=-1)
        if last > best:
            best, what = last, name
    return what


def _dated(section: Section, sentence: Sentence, value: Value, what: str, reading: Reading) -> Finding:
    place = Span(sentence.span.start + value.span.start, sentence.span.start + value.span.end)
    at = quoted_part(reading, sentence, None)
    field = Field("date", FieldKind.DATE, value.written, value.value)
    statement = f"{what.capitalize()}: {' '.join(value.written.split())}"
    confidence = 0.5 if what == "date named" else 0.75
    return finding(
        section,
        sentence,
        statement,
        reading,
        fields=[field],
        confidence=confidence,
        at=at if at.contains(place) else place,
    )


def find_obligations(section: Section, reading: Reading) -> list[Finding]:
    """Who must do or not do what, and by when; the weightiest, in the document's order."""
    bound = {" ".join(f.written.split()).lower() for p in find_parties(section, reading) for f in p.fields}
    scored = []
    for position, sentence in enumerate(reading.prose):
        found = _obligation(section, sentence, reading, bound)
        if found is not None:
            scored.append((found[0], position, found[1]))
    best = sorted(scored, key=lambda entry: (-entry[0], entry[1]))[: section.limit]
    return [one for _, _, one in sorted(best, key=lambda entry: entry[1])]


def _obligation(
    section: Section, sentence: Sentence, reading: Reading, bound: set[str]
) -> tuple[float, Finding] | None:
    words = reading.document.slice(sentence.span)
    match = _duty(words, bound)
    if match is None:
        return None
    who, what = match["who"].strip(), match["what"].strip().rstrip(".")
    deadline = _deadline(what)
    is_party = re.sub(r"^(?:the|each|either|neither|both)\s", "", " ".join(who.split()).lower()) in bound
    score = 1.0 + 1.2 * is_party + 1.0 * (_PLEDGES.match(what) is not None) + 1.2 * (deadline != "")
    fields = [Field("who", FieldKind.PARTY, who, " ".join(who.split())), Field("what", FieldKind.TEXT, what)]
    if deadline:
        values = [*durations(deadline), *dates(deadline)]
        value, unit = (values[0].value, values[0].unit) if values else (None, "")
        fields.append(Field("by_when", FieldKind.TEXT, deadline, value, unit))
    start, end = (
        sentence.span.start + match.start("who"),
        sentence.span.start + match.start("what") + len(what),
    )
    at = sentence.span if len(sentence.span) <= 700 else Span(start, end)
    duty = " ".join(f"{who} {match['modal']} {what}".split())
    confidence = 0.4 + 0.1 * score
    statement = shortened(duty)
    return score, finding(section, sentence, statement, reading, fields=fields, confidence=confidence, at=at)


def _duty(words: str, bound: set[str]) -> re.Match[str] | None:
    """The first duty of somebody in the words, a party's before anybody else's."""
    best = None
    for match in _DUTY.finditer(words):
        who = " ".join(match["who"].split())
        if words[: match.start()].rstrip().lower().endswith((" no", "no")) and who.lower().startswith("such"):
            continue
        if _NOT_BOUND.fullmatch(who) or _NOT_BOUND.fullmatch(who.split()[-1]) or _WORTHLESS.match(match["what"]):
            continue
        if match["modal"].startswith("will") and who[:1].islower() and who.split()[0] not in ("the", "each"):
            continue
        if re.sub(r"^(?:the|each|either|neither|both)\s", "", who.lower()) in bound:
            return match
        best = best or match
    return best


def _deadline(what: str) -> str:
    """The words that say by when: those with a time in them first."""
    found = [match[0].strip() for match in _DEADLINE.finditer(what)]
    timed = [words for words in found if durations(words) or dates(words)]
    prompt = [words.split()[0] for words in found if words.lower().startswith(("promptly", "immediately"))]
    return (timed or prompt or [""])[0]


def find_unusual(section: Section, reading: Reading) -> list[Finding]:
    """Sentences with words that favour one side, and which words those are."""
    scored = []
    for position, sentence in enumerate(reading.prose):
        hits = [(c, m) for c in section.cues if c.weight > 0 and (m := compiled(c.pattern).search(sentence.text))]
        if not hits:
            continue
        score = sum(cue.weight for cue, _ in hits)
        match = max(hits, key=lambda hit: hit[0].weight)[1]
        at = quoted_part(reading, sentence, match)
        said = " ".join(match[0].split())
        statement = f'"{shortened(said, 60)}": {shortened(sentence.body)}'
        one = finding(section, sentence, statement, reading, confidence=0.3 + 0.1 * score, at=at)
        scored.append((score, position, one))
    best = sorted(scored, key=lambda entry: (-entry[0], entry[1]))[: section.limit]
    return [one for _, _, one in sorted(best, key=lambda entry: entry[1])]
