"""What only contracts have: parties, dates with their meaning, one-sided clauses."""

import re

from docanalyze.extract.dated import contract_date
from docanalyze.extract.parties import Party, parties
from docanalyze.extract.reading import Reading, Sentence
from docanalyze.extract.scoring import PartyModel
from docanalyze.extract.wording import LONGEST_QUOTE, SUREST, around, finding, quoted_part, shortened
from docanalyze.language import dates
from docanalyze.language.search import compiled
from docanalyze.language.values import Value
from docanalyze.model import Field, FieldKind, Finding, Quote, Section, Span

_MEANINGS = (
    (
        "effective date",
        re.compile(r"\beffective\b|\bcommenc|\btakes? effect\b|\bbegin|\bstart(?:s|ing)?\b", re.IGNORECASE),
    ),
    (
        "end",
        re.compile(
            r"\bexpir|\buntil\b|\b(?:terminat|conclud|end)(?:es?|s|ing)? on\b|\bthrough\b"
            r"|\b(?:terminat|expir|end)\w* date\s?:",
            re.IGNORECASE,
        ),
    ),
    ("from", re.compile(r"\bnot (?:before|earlier than)\b", re.IGNORECASE)),
    (
        "dated",
        re.compile(
            r"\b(?:made|entered into|dated|executed|as of)\b"
            r"|(?<!termination )(?<!expiration )(?<!expiry )(?<!end )\bdate:",
            re.IGNORECASE,
        ),
    ),
    (
        "deadline",
        re.compile(
            r"\b(?:no later than|on or before|not later than|prior to|(?<!not )before)\b"
            # Further away, or at a signature, it is by whom.
            r"|\bby\b(?!\s?:)(?=(?:\s+\S+){0,6}\s*$)",
            re.IGNORECASE,
        ),
    ),
)
_DEFINED = re.compile(
    r"\s*,?\s*(?:the\s)?\(?\s?(?:the\s|such date,?\s)*[\"“'](?:the\s)?(?P<name>[A-Z][\w ]{3,30}\bdate)\b", re.IGNORECASE
)
_THIS = re.compile(
    r"\bthis\b(?:\s[\w&-]+){0,6}?\s(?:agreement|contract|amendment|lease|deed|statement)\b|\bthis agreement\b",
    re.IGNORECASE,
)
_NOT_A_DATE_OF = re.compile(r"\b(?:filed|exhibit|form (?:8|10)|sec file|page)\b|\bsource:", re.IGNORECASE)
_SIGNED = re.compile(r"\bdated?\s?:|/s/|\bby\s?:|\bname\s?:|\bsignature\b", re.IGNORECASE)
_ANOTHER = re.compile(
    r"\b(?:that|a|an|the|certain|such|its|prior|original|existing)\s(?:\w+\s){0,6}?"
    r"(?:agreement|contract|amendment|lease|plan|order|letter|notice|act)\b",
    re.IGNORECASE,
)
_OWN_DATE = "date of the contract"
_TELLING = frozenset(("effective date", _OWN_DATE, "signed", "date"))
_BARELY = ("date of a document named", "date", "")
_OF_THE_CONTRACT = re.compile(r"\beffective\b|\b(?:agreement|contract|term|lease)\b", re.IGNORECASE)
_SIGNATURES = re.compile(r"/s/|\bby:.{0,200}\b(?:its|name|title):|\bdate signed\b", re.IGNORECASE | re.DOTALL)
_NEITHER = re.compile(r"\b(?:neither|no)\s(?:\w+\s){0,3}$", re.IGNORECASE)
_WORDS_END = re.compile(r"[^\W\d_]*")
_CONTEXT = 90
_SHORT = 160
_FEWEST_WORDS = 4
"""A line with a date and fewer words besides is a row or a cell: it does not say what of."""
_BARE = 40


def find_parties(section: Section, reading: Reading, model: PartyModel | None = None) -> list[Finding]:
    """Each party by name, with what the contract calls it, in the Window that shows it best."""
    found = [one for one in parties(reading.document.text, model) if reading.holds(one.name)]
    return [_named(section, party, reading) for party in found[: section.limit]]


def _named(section: Section, party: Party, reading: Reading) -> Finding:
    """One party: its name, and its alias where that stands near enough to be quoted with it."""
    text = reading.document.text
    name = text[party.name.start : party.name.end]
    alias = text[party.alias.start : party.alias.end] if party.alias else ""
    end = _after(text, party.alias) if party.alias else party.name.end
    at = Span(party.name.start, end)
    segments = reading.document.segments_at(at)
    shown, called = " ".join(name.split()), " ".join(alias.split())
    fields = [Field("name", FieldKind.PARTY, name, shown)]
    if alias:
        fields.append(Field("role", FieldKind.TEXT, alias, called))
    quote = Quote(reading.document.slice(at), tuple(segment.number for segment in segments), at)
    statement = f'{shown} ("{called}")' if alias else shown
    confidence = min(SUREST, round(party.confidence, 2))
    return Finding(section.name, statement, (quote,), tuple(fields), confidence=confidence, calibrated=True)


def _after(text: str, alias: Span) -> int:
    """The end of the brackets that say what a party is called."""
    closing = text.find(")", alias.end, alias.end + 3)
    return closing + 1 if closing >= 0 else min(len(text), alias.end + 1)


def find_dates(section: Section, reading: Reading) -> list[Finding]:
    """The contract's own date first, then each calendar date once for each meaning, with what it is the date of."""
    found: dict[tuple[str, str], tuple[int, Finding]] = {}
    own = contract_date(reading)
    if own is not None and own.value.value is not None:
        whole = _dated(section, own.sentence, own.value, _OWN_DATE, reading)
        found[own.value.value, _OWN_DATE] = (len(own.sentence.span), whole)
    for sentence in reading.sentences:
        words = reading.document.slice(sentence.span)
        for value in dates(words):
            meaning = _meaning(words, value, sentence, reading)
            if value.value is None or meaning is None:
                continue
            if own is not None and (meaning == _OWN_DATE or (meaning in _BARELY and value.value == own.value.value)):
                # Said already: a cover and a heading repeat it.
                continue
            key = (value.value, meaning)
            # A cover or a heading has the bare date; a sentence says more of it.
            if key not in found or found[key][0] < _BARE < len(sentence.span):
                found[key] = (len(sentence.span), _dated(section, sentence, value, meaning, reading))
    return [finding for _, finding in found.values()][: section.limit]


def _meaning(words: str, value: Value, sentence: Sentence, reading: Reading) -> str | None:
    """What a date is of: its defined name, else the nearest words before it that say so.

    Empty where nothing says it; None where the date is no contract's date at all (a filing's, a row's).
    """
    before = words[max(0, value.span.start - _CONTEXT) : value.span.start]
    if _NOT_A_DATE_OF.search(before):
        return None
    if defined := _DEFINED.match(words, value.span.end):
        return " ".join(defined["name"].split()).lower()
    best, what = -1, ""
    for name, pattern in _MEANINGS:
        last = max((match.start() for match in pattern.finditer(before)), default=-1)
        if last > best:
            best, what = last, name
    if what == "effective date" and not _OF_THE_CONTRACT.search(words):
        what = "from"
    if what == "dated":
        what = _what_is_dated(words[: value.span.start], sentence, reading)
    if not what and sentence.contents:
        what = "signed" if _SIGNED.search(before) else ""
    bare = len(re.findall(r"[^\W\d_]{2,}", words)) - len(re.findall(r"[^\W\d_]{2,}", value.written))
    return None if not what and bare < _FEWEST_WORDS else what


def _what_is_dated(before: str, sentence: Sentence, reading: Reading) -> str:
    """Whether this contract is dated there, a signature, or another document that is named."""
    if (sentence.contents and _SIGNED.search(before)) or _SIGNATURES.search(before):
        return "signed" if reading.closing.contains(sentence.span) else "date"
    this = [match.end() for match in _THIS.finditer(before)]
    other = [match.end() for match in _ANOTHER.finditer(before)]
    return _OWN_DATE if this and this[-1] > max(other, default=-1) else "date of a document named"


def _dated(section: Section, sentence: Sentence, value: Value, what: str, reading: Reading) -> Finding:
    place = Span(sentence.span.start + value.span.start, sentence.span.start + value.span.end)
    # Of what a sentence opens, a date is no part.
    at = sentence.span if len(sentence.span) <= LONGEST_QUOTE else quoted_part(reading, sentence, None)
    fields = [Field("date", FieldKind.DATE, value.written, value.value)]
    return finding(
        section,
        sentence,
        _said_of(sentence, value, what, reading),
        reading,
        fields=fields,
        confidence=0.75 if what else 0.5,
        at=at if at.contains(place) else place,
    )


def _said_of(sentence: Sentence, value: Value, what: str, reading: Reading) -> str:
    """The statement: of a contract's own dates what they are, of others what the words say."""
    date = " ".join(value.written.split())
    if what in _TELLING:
        return f"{what.capitalize()}: {date}"
    # The value's place counts in the words as written, the body's in one line: near enough here.
    if value.span.end < sentence.skipped + _SHORT:
        said = shortened(sentence.body, _SHORT)
    else:
        said = around(reading.document.slice(sentence.span), value.span, _SHORT)
    return f"{what.capitalize()} {date}: {said}".strip()


def find_unusual(section: Section, reading: Reading) -> list[Finding]:
    """Sentences with words that favour one side, and which words those are."""
    scored = []
    for position, sentence in enumerate(reading.prose):
        hits = [
            (cue, match)
            for cue in section.cues
            if cue.weight > 0 and (match := compiled(cue.pattern).search(sentence.text))
            # "Neither party may assign" gives no side what "may assign" alone would.
            if not _NEITHER.search(sentence.text[: match.start()])
        ]
        if not hits:
            continue
        score = sum(cue.weight for cue, _ in hits)
        match = max(hits, key=lambda hit: hit[0].weight)[1]
        at = quoted_part(reading, sentence, match)
        # A cue may be the stem of a word: the word is shown whole.
        end = _WORDS_END.match(sentence.text, match.end())
        said = " ".join(sentence.text[match.start() : end.end() if end else match.end()].split())
        statement = f'"{shortened(said, 60)}": {shortened(sentence.body)}'
        one = finding(section, sentence, statement, reading, confidence=0.3 + 0.1 * score, at=at)
        scored.append((score, position, one))
    best = sorted(scored, key=lambda entry: (-entry[0], entry[1]))[: section.limit]
    return [one for _, _, one in sorted(best, key=lambda entry: entry[1])]
