"""The date of the contract: of all dates that its opening and its signatures name, the one it bears."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.places import signing_zones
from docanalyze.extract.reading import Reading, Sentence
from docanalyze.language import dates
from docanalyze.language.values import Value

_MADE = re.compile(
    r"\b(?:made|entered\s+into|dated|executed|concluded|signed)\b|\bdate\s*:|\bas\s+of\b|\bth(?:is|e)\s*$",
    re.IGNORECASE,
)
_EFFECTIVE = re.compile(r"\beffective\b|\bcommenc|\btakes?\s+effect\b", re.IGNORECASE)
_OWN = re.compile(
    r"(?i:\bthis\b.{0,120}?\b(?:agreement|contract|amendment|addendum|lease|deed|memorandum|licen[cs]e|undertaking)\b)"
    r"|^\W{0,5}[A-Z][A-Z\s,&/()-]{6,}\b(?:AGREEMENT|CONTRACT|AMENDMENT|LEASE)\b",
    re.DOTALL,
)
_OTHERS = re.compile(
    r"\b(?:that\s+certain|pursuant\s+to|whereas|filed|source:|commission|registration|ended?|ending|until|expires?|born|"
    r"(?:terminat|expir)\w*\s+(?:date|on)|concludes?\s+on|"
    r"no\s+later\s+than|incorporated\s+on)[^;]{0,160}$"
    r"|\b(?:certain|such|prior|original|existing|under|amend(?:s|ed|ing)|section|act\s+of|form\s+(?:8|10|s))"
    r"(?:\s+[^\s;]+){0,8}\s*$",
    re.IGNORECASE,
)
"""What stands before the date of something else."""
_ANOTHER = re.compile(
    r"\b(?:[Tt]he|an?|certain)\s+(?:[A-Z][\w&-]*\s+){1,6}(?:\([^)]*\),?\s*)?(?:,\s*)?dated\s+(?:as\s+of\s+)?$"
)
"""A document that is named with its date is not this one."""
_TITLED = re.compile(r"\b(?:AGREEMENT|CONTRACT|AMENDMENT|LEASE)\W{0,5}$")
_DATE_BELOW = re.compile(r"[\s\d/.-]*\(?Date\b")
_MONTH_CUT = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\.\s*$"
)
"""A full stop after a month ends no sentence, though it is cut there."""
_BETWEEN = re.compile(r"\b(?:between|among|by\s+and|parties|party)\b", re.IGNORECASE)
_CALLED = re.compile(
    r"\s*,?\s*\(?\s?(?:the |this |such date,? )*"
    r"[\"“'](?:the\s)?(?:effective|execution|agreement|contract|signing)\s+date\b",
    re.IGNORECASE,
)
_WITNESS = re.compile(r"\bin\s+witness\b|\bexecuted\b.{0,80}\bas\s+of\b", re.IGNORECASE | re.DOTALL)
_SIGNED = re.compile(r"\bdated?\s?(?:signed)?\s?:?\s*$|/s/", re.IGNORECASE)
_SIGNATURE = re.compile(r"/s/|\bby\s*:|\b(?:name|title|its)\s*:", re.IGNORECASE)
_BEFORE, _NEAR, _AFTER = 220, 70, 400
_OPENING, _TITLE_PAGE = 12_000, 2_000
_FADES = 6_000
"""Over so many characters a date loses one point: the opening names the contract's own date first."""
_ENOUGH = 1.0
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, the sentence that it stands in, and how much speaks for its being the contract's."""

    sentence: Sentence
    value: Value
    score: float


def contract_date(reading: Reading) -> Dated | None:
    """The date that the contract bears; None where nothing says which."""
    # Of the dates of two signatures the later one made the contract.
    best = max(_candidates(reading), key=lambda one: (one.score, one.value.value or ""), default=None)
    return best if best is not None and best.score >= _ENOUGH else None


def _candidates(reading: Reading) -> Iterator[Dated]:
    opening, closing = reading.opening, reading.closing
    signed_at = [*signing_zones(reading.document.text), closing]
    for number, sentence in enumerate(reading.sentences):
        first = len(opening) > 0 and sentence.span.start < opening.start + _OPENING
        if not first and not any(zone.contains(sentence.span) for zone in signed_at):
            continue
        words = reading.document.slice(sentence.span)
        if _MONTH_CUT.search(words) and number + 1 < len(reading.sentences):
            words = reading.document.text[sentence.span.start : reading.sentences[number + 1].span.end]
        since = 0
        for value in dates(words):
            if value.value is not None:
                place = sentence.span.start - opening.start
                signed = not first or _is_signed(reading, sentence, value)
                score = _of_closing(words, value) if signed else _of_opening(words, value, since, place)
                yield Dated(sentence, value, score)
            since = value.span.end


def _is_signed(reading: Reading, sentence: Sentence, value: Value) -> bool:
    """Whether a signature stands above: what is dated below it is that."""
    start = sentence.span.start
    return _SIGNATURE.search(reading.document.text[max(0, start - _BEFORE) : start + value.span.start]) is not None


def _of_opening(words: str, value: Value, since: int, place: int) -> float:
    """What speaks for a date; `since` is where the one before it ends, `place` where the sentence begins."""
    before = words[max(0, value.span.start - _BEFORE) : value.span.start]
    near = words[max(since, value.span.start - _NEAR) : value.span.start]
    score = -place / _FADES
    if _OTHERS.search(words[max(since, value.span.start - _BEFORE) : value.span.start]) or _ANOTHER.search(before):
        return score - 2.0
    made, effective = _last(_MADE, near), _last(_EFFECTIVE, near)
    if made > effective and near[max(0, effective) : made].strip().lower() not in ("effective", "made effective"):
        # Of "made on the 1st and effective as of the 2nd" the word before counts.
        score += 3.0 if effective < 0 else 2.6
    elif effective >= 0 or _CALLED.match(words, value.span.end):
        score += 2.0
    elif place < _TITLE_PAGE and (_is_titled(words, value) or value.span.start == 0):
        score += 1.3
    if _OWN.search(before):
        score += 2.0
    elif place > _TITLE_PAGE:
        score -= 1.0
    if _BETWEEN.search(words[value.span.end : value.span.end + _AFTER]) or _BETWEEN.search(before):
        score += 0.8
    return score + (0.7 if _CALLED.match(words, value.span.end) else 0.0)


def _is_titled(words: str, value: Value) -> bool:
    """Whether the date stands below a title, or little but the date is there, as on a cover."""
    if _TITLED.search(words[: value.span.start]):
        return True
    rest = words[: value.span.start] + words[value.span.end :]
    return len(rest.split()) <= _FEW_WORDS


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match begins; -1 where there is none."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _of_closing(words: str, value: Value) -> float:
    before = words[max(0, value.span.start - _BEFORE) : value.span.start]
    if _WITNESS.search(before):
        return 1.6
    signed = _SIGNED.search(before[-_NEAR:]) or _DATE_BELOW.match(words, value.span.end)
    return 1.05 if signed else 0.0
