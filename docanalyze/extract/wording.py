"""From a sentence to a statement with a verbatim quote and typed Fields."""

import re
from collections.abc import Sequence

from docanalyze.extract.reading import Reading, Sentence, in_one_line
from docanalyze.language import amounts, dates, durations, measures, percentages
from docanalyze.language.jurisdictions import law_of
from docanalyze.language.values import Value
from docanalyze.model import Field, FieldKind, FieldSpec, Finding, Quote, Role, Section, Span

LONGEST_STATEMENT = 240
LONGEST_QUOTE = 700
SUREST = 0.99
"""The highest confidence that is ever stated."""
MOST_VALUES = 4
"""Values of one Field that one quote may have."""

_NONE = "none"
_ITEM = re.compile(r"(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,5})[.)]|[•●▪◦–-])\s")
_FORUM = re.compile(
    r"\b(?:seat(?:ed)?|place|venue)\b(?:\s\w+){0,6}?\s(?:in|be|of)\s(?:the\s)?"
    r"(?P<a>(?:City of\s)?[A-Z][\w.]+(?:(?:,\s|\s)[A-Z][\w.]+){0,3})"
    r"|\bcourts?\b(?:\s(?:located|sitting|situated|of|in|for|within|having|competent|jurisdiction)){1,4}\s(?:the\s)?"
    r"(?P<b>(?:(?:State|City|County|Commonwealth)\sof\s)?[A-Z][\w.]+(?:(?:,\s|\s)(?:[A-Z][\w.]+|County)){0,4})"
    r"|\barbitration\b(?:\s\w+){0,8}?\sin\s(?P<c>[A-Z][\w.]+(?:(?:,\s|\s)[A-Z][\w.]+){0,3})"
)
_NOT_PLACES = frozenset("this such any the agreement section applicable governing by law".split())
_OF_MEASURE = frozenset({"value", "size"})
"""Names of Fields for any measured number; a number of another name is a share in per cent."""
_READERS = {
    FieldKind.AMOUNT: amounts,
    FieldKind.DURATION: durations,
    FieldKind.DATE: dates,
    FieldKind.NUMBER: percentages,
}


def finding(
    section: Section,
    sentence: Sentence,
    statement: str,
    reading: Reading,
    *,
    fields: Sequence[Field] = (),
    confidence: float,
    at: Span | None = None,
) -> Finding:
    """A Finding whose quote is the sentence, or `at` where a part of it is meant.

    Its confidence is at most 0.95: nobody measured it.
    """
    span = at or sentence.span
    numbers = tuple(segment.number for segment in reading.document.segments_at(span))
    quote = Quote(reading.document.slice(span), numbers, span)
    return Finding(section.name, statement, (quote,), tuple(fields), confidence=round(min(confidence, 0.95), 2))


def shortened(text: str, limit: int = LONGEST_STATEMENT) -> str:
    """The text, or its beginning up to a word's end."""
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def around(text: str, at: Span, limit: int) -> str:
    """The text in one line, or of a longer one the words around a place in it."""
    if len(text) <= limit:
        return in_one_line(text)
    start = max(0, at.start - limit // 2)
    end = min(len(text), start + limit)
    part = text[start:end]
    left = part.split(None, 1)[-1] if start else part
    right = left.rsplit(None, 1)[0] if end < len(text) else left
    return f"{'… ' if start else ''}{in_one_line(right)}{' …' if end < len(text) else ''}"


def said_of(reading: Reading, sentence: Sentence, at: Span) -> str:
    """The words at a place on one line; of those that begin with the sentence without its number and heading."""
    if at == sentence.span:
        return sentence.body
    words = in_one_line(reading.document.slice(at))
    return words[sentence.skipped :] if at.start == sentence.span.start else words


def with_list(reading: Reading, sentence: Sentence) -> Span:
    """The sentence's Span, and where it ends with a colon that of the items after it, as long as there is room."""
    if not sentence.text.endswith(":"):
        return sentence.span
    end, own = sentence.span.end, _shape(sentence.text) or _NONE
    for item in reading.after(sentence):
        shape = _shape(item.text)
        listed = shape or item.segment.role is Role.LIST_ITEM
        # What is numbered as the sentence itself is its neighbour, not a part of it.
        if not listed or shape == own or item.span.end - sentence.span.start > LONGEST_QUOTE:
            break
        end = item.span.end
    return Span(sentence.span.start, end)


def _shape(text: str) -> str:
    """How a text is numbered: `(a)`, `1.`, `•`; empty if it is not."""
    label = _ITEM.match(text)
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "1", label[0].strip())) if label else ""


def quoted_part(reading: Reading, sentence: Sentence, meant: re.Match[str] | None) -> Span:
    """The sentence's Span with the list that it opens, or of a very long one the clauses around what is meant."""
    span = with_list(reading, sentence)
    if len(span) <= LONGEST_QUOTE:
        return span
    text = reading.document.slice(span)
    share = meant.start() / max(1, len(sentence.text)) if meant else 0.0
    middle = int(share * len(text))
    start = max((m.end() for m in re.finditer(r"[;:]\s+", text[:middle])), default=0)
    if middle - start > LONGEST_QUOTE // 2:
        start = text.rfind(" ", 0, max(1, middle - LONGEST_QUOTE // 2)) + 1
    ends = [m.start() for m in re.finditer(r";|\.\s", text) if middle < m.start() <= start + LONGEST_QUOTE]
    end = ends[-1] if ends else text.rfind(" ", 0, min(len(text), start + LONGEST_QUOTE))
    if end <= start:
        end = min(len(text), start + LONGEST_QUOTE)
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return Span(span.start + start + left, span.start + start + len(part.rstrip()))


def fields_of(specs: Sequence[FieldSpec], words: str) -> list[Field]:
    """The values of each typed Field in the words, numbered from the second on; places by their names."""
    found = []
    for spec in specs:
        reader = measures if spec.kind is FieldKind.NUMBER and spec.name in _OF_MEASURE else _READERS.get(spec.kind)
        if reader is not None:
            for number, value in enumerate(reader(words)[:MOST_VALUES], 1):
                found.append(as_field(spec.name if number == 1 else f"{spec.name} {number}", value))
        elif spec.name == "place" and (place := law_of(words)):
            found.append(Field(spec.name, spec.kind, *place))
        elif spec.name == "forum" and (forum := _named(_FORUM, words)):
            found.append(Field(spec.name, spec.kind, forum, forum))
    return found


def as_field(name: str, value: Value) -> Field:
    return Field(name, value.kind, value.written, value.value, value.unit)


def _named(pattern: re.Pattern[str], words: str) -> str:
    for match in pattern.finditer(words):
        name = next(group for group in match.groups() if group).rstrip(".,")
        if name.split()[0].lower() not in _NOT_PLACES:
            return name
    return ""
