"""Who must do or not do what, and by when: duties as contracts word them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.contract import find_parties
from docanalyze.extract.reading import Reading, Sentence, in_one_line
from docanalyze.extract.wording import (
    LONGEST_QUOTE,
    LONGEST_STATEMENT,
    finding,
    said_of,
    shortened,
    with_list,
)
from docanalyze.language import dates, durations
from docanalyze.model import Field, FieldKind, Finding, Section, Span

_DETERMINER = r"(?:the|each|either|neither|both|any|such|all|every|no)"
_DUTY = re.compile(
    rf"(?P<who>(?:\b{_DETERMINER}\s)?(?<![\w/])[A-Z][\w'’&/-]*(?:\s(?:of\s|and\s|or\s|the\s)?[A-Z][\w'’&/-]*){{0,4}}"
    r"|\b(?:the|each|either|neither|both|such)\s(?:other\s)?(?:part(?:y|ies)|[a-z]{3,20}))"
    r"(?:,[^,;.]{3,80},)?\s(?P<modal>(?:shall|must|will|may)\snot|shall|must|will|agrees?\s(?:not\s)?to|undertakes?\sto|"
    r"is\s(?:required|obliged|obligated)\sto|are\s(?:required|obliged|obligated)\sto|covenants?\s(?:not\s)?to)\s"
    r"(?P<what>[^;]{4,600})"
)
_HEADED = re.compile(r"^.+\s(?=(?:The|Each|Either|Neither|Both|All)\s)")
"""A run-in heading before the one who is bound: "Announcement The Parties shall"."""
_SINCE = re.compile(r"^.+(?<!\bof)(?<!\band)(?<!\bor)\s(?=the\s)")
"""When or where, before the one who is bound: "During the Initial Term the Client shall"."""
_WORTHLESS = re.compile(
    r"(?:not\s)?(?:also\s|each\s|either\s|then\s|further\s|collectively\s|hereinafter\s)*"
    r"(?:be\s(?:governed|construed|deemed|interpreted|effective|binding|subject|considered|entitled|void|null|permitted|"
    r"liable|as\s|within|duly|referred|collectively|hereinafter|required|obligated|free|the\s|in\s(?:violation|default))|"
    r"mean|include|have\s(?:the\s(?:\w+\s|[\w-]+,\s){0,2}(?:meaning|right|same)|sole|final|no\s|been|received|"
    r"requested|access|\[|(?:\w+\s){1,4}after)|survive|remain|constitute|apply|commence|continue|inure|prevail|control|"
    r"terminate\s(?:up)?on|automatically|receive|govern|be\s(?:\w+ly\s)?restricted|expire|begin|become|result|occur|arise|"
    r"exceed|equal|retain\sall|own\s|count|take\splace|relieve|hold\stwo|be\sreferred)",
    re.IGNORECASE,
)
_THING = re.compile(
    r"(?:the\s|this\s|any\s|such\s|each\s|no\s|all\s)*(?:agreements?|terms?|sections?|articles?|provisions?|"
    r"exhibits?|schedules?|failure|notices?|invoices?|payments?|waivers?|amendments?|headings?|rights?|obligations?|"
    r"law|laws|it|this|which|that|what|who|there|he|she|they|we|information|delay|assignment|consent|liability|date|"
    r"period|effective date|"
    r"fees?|price|purchase price|taxes|confidential information|products?|services?|territory|royalt(?:y|ies)|amounts?|"
    r"costs?|nothing|time|interest|copyright|title|use|damages|arbitration|arbitrators?|courts?|covenants?|"
    r"warrant(?:y|ies)|remed(?:y|ies)|shares?|plan|act|proceedings?|site|action|content|program|masters?)\b",
    re.IGNORECASE,
)
_BINDABLE = re.compile(
    r"(?:.*\s)?(?:part(?:y|ies)|company|client|agent|consultant|staff|personnel|\w{3,}(?:or|er|ee|ant|ist|yer)s?)$",
    re.IGNORECASE,
)
_NOT_SUBJECT = re.compile(
    r"\b(?:of|to|by|from|in|with|for|under|on|at|against|between|upon|into|as|which|than|if|when|where|whom|until|before|"
    r"after|unless|whether|that\sis|extent|any|date|time|may|including)\s(?:the\s|such\s|any\s|each\s)?$",
    re.IGNORECASE,
)
"""Before one who is not bound: the words are part of another, or of a condition."""
_CONDITION = re.compile(r"(?:If|When|Where|Unless|Until|Before|After|As|Should|Whether|Upon)\s")
_DENIED = re.compile(r"\b(?:neither|nor|no|none|not|never)\b[^.;:]{0,80}$", re.IGNORECASE)
_PASSIVE = re.compile(r"(?:not\s)?be\s", re.IGNORECASE)
_DEADLINE = re.compile(
    r"\b(?:within|no later than|not later than|not more than|at least|not less than|no less than|on or before|"
    r"prior to|before|by|upon|promptly|immediately|for a period of|during|until)\b(?:\s[^\s,;.]{1,24}){0,12}",
    re.IGNORECASE,
)
_BY_A_TIME = re.compile(
    r"(?:within|no later than|not later than|at least|not less than|on or before|prior to|before|by|until|for a)",
    re.IGNORECASE,
)
_PLEDGES = re.compile(
    r"(?:(?:not|also|promptly|immediately|forthwith|at\sits\s\w+\sexpense)\s)*"
    r"(?:pay|deliver|provide|notify|maintain|keep|return|destroy|obtain|submit|furnish|report|reimburse|perform|"
    r"ensure|cause|indemnify|disclose|supply|complete|issue|permit|refrain|compete|solicit|assign|procure|remedy|"
    r"correct|replace|appoint|use|make|give|send|cooperate|comply|supervise|train|restore)\b",
    re.IGNORECASE,
)
_TOLD = 60
_LEADING = re.compile(r"^(?:the|each|either|neither|both|such|all)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Duty:
    """Where in a sentence's words a duty stands: from `start`, who by `who`, what by `what`."""

    start: int
    who: str
    modal: str
    what: str
    what_start: int
    of_party: bool


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
    duty = next(iter(sorted(_duties(words, bound), key=lambda one: not one.of_party)), None)
    if duty is None:
        return None
    deadline = _deadline(duty.what)
    score = 1.0 + 1.2 * duty.of_party + 1.0 * (_PLEDGES.match(duty.what) is not None) + 1.2 * (deadline != "")
    fields = [
        Field("who", FieldKind.PARTY, duty.who, in_one_line(duty.who)),
        Field("what", FieldKind.TEXT, duty.what),
    ]
    if deadline:
        values = [*durations(deadline), *dates(deadline)]
        value, unit = (values[0].value, values[0].unit) if values else (None, "")
        fields.append(Field("by_when", FieldKind.TEXT, deadline, value, unit))
    at = with_list(reading, sentence)
    if len(at) > LONGEST_QUOTE:
        start = sentence.span.start + duty.start
        at = Span(start, sentence.span.start + duty.what_start + len(duty.what))
    statement = _stated(reading, sentence, duty, at)
    return score, finding(section, sentence, statement, reading, fields=fields, confidence=0.4 + 0.1 * score, at=at)


def _stated(reading: Reading, sentence: Sentence, duty: _Duty, at: Span) -> str:
    """The duty with what it depends on: the words before it are told, or their place is marked."""
    said = said_of(reading, sentence, at)
    alone = in_one_line(f"{duty.who} {duty.modal} {duty.what}")
    if at != sentence.span or said.startswith(in_one_line(f"{duty.who} {duty.modal}")):
        return shortened(said if at.end > sentence.span.end else alone)
    place = said.find(in_one_line(f"{duty.modal} {duty.what}")[:_TOLD])
    return shortened(said) if 0 <= place < LONGEST_STATEMENT // 2 else f"… {shortened(alone)}"


def _duties(words: str, bound: set[str]) -> Iterator[_Duty]:
    """Each duty in a sentence's words, in order."""
    for match in _DUTY.finditer(words):
        start = _subject(words, match, bound)
        if start is None or _WORTHLESS.match(match["what"]):
            continue
        who = words[start : match.end("who")].strip()
        of_party = _LEADING.sub("", " ".join(who.split()).lower()) in bound
        what = match["what"].strip().rstrip(".")
        if of_party or _binds(" ".join(who.split()), match["modal"], what):
            yield _Duty(start, who, match["modal"], what, match.start("what"), of_party)


def _subject(words: str, match: re.Match[str], bound: set[str]) -> int | None:
    """Where the one who is bound begins; None if the words before make it another's or a condition's."""
    since = _SINCE.match(match["who"])
    if _CONDITION.match(match["who"]) and (since is None or _CONDITION.fullmatch(since[0])):
        return None
    headed = _HEADED.match(match["who"])
    before_it = since.end() if since else headed.end() if headed else _before_party(match["who"], bound)
    start = match.start("who") + before_it
    before = words[:start]
    if denied := _DENIED.search(before):
        # "Neither A nor B shall" denies: without its denial it would say the opposite.
        return denied.start() if denied[0].lower().startswith("neither") else None
    return None if not before_it and _NOT_SUBJECT.search(before) else start


def _before_party(who: str, bound: set[str]) -> int:
    """Where in it a known party begins, after a heading in capitals or the last word of what is no party."""
    for space in re.finditer(r"\s", who):
        earlier = who[: space.start()]
        if " ".join(who[space.end() :].split()).lower() in bound and (
            (earlier.isupper() and not who[space.end() :].isupper()) or _THING.fullmatch(earlier.split()[-1])
        ):
            return space.end()
    return 0


def _binds(who: str, modal: str, what: str) -> bool:
    """Whether somebody not known as a party can be bound so."""
    if _THING.fullmatch(who) or _THING.fullmatch(who.split()[-1]):
        return False
    if modal.startswith("will") and who[:1].islower() and who.split()[0] not in ("the", "each"):
        return False
    if _BINDABLE.fullmatch(who):
        return True
    return bool(_deadline(what)) or (_PLEDGES.match(what) is not None and not _PASSIVE.match(what))


def _deadline(what: str) -> str:
    """The words that say by when: those with a time in them first."""
    found = [match[0].strip() for match in _DEADLINE.finditer(what)]
    timed = [words for words in found if _BY_A_TIME.match(words) and _timed(words)]
    prompt = [words.split()[0] for words in found if words.lower().startswith(("promptly", "immediately"))]
    return (timed or prompt or [""])[0]


def _timed(words: str) -> bool:
    """Whether the words name a time that something can be due by: an hour a week is none."""
    return bool(dates(words)) or any(
        value.unit in ("days", "weeks", "months", "years", "business days") for value in durations(words)
    )
