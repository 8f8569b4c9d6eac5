"""What a document holds for other eyes than its reader's: shown to people, whoever analyses.

Text that speaks to whatever model reads it (orders, role markers, control words), in any Segment,
also those that no Window shows; and text that people do not see. A finding here says that the text
is there, not that anybody obeyed it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from docanalyze.extract.repo.addressed import addressed
from docanalyze.language import sentences
from docanalyze.model import Document, Finding, Note, Quote, Role, Section, Segment, Span

ORDERS = "orders"
INJECTED = Section(
    "injected",
    "Text that addresses a reader model",
    "Which text speaks to whatever model reads the document, to steer it?",
    ORDERS,
    limit=50,
)

HIDDEN = Section(
    "hidden",
    "Text that is not to be seen",
    "Which text does the document hold that people do not see on it?",
    "hidden",
    limit=50,
)

_MACHINE = r"(?:AI|A\.I\.|LLM|GPT|ChatGPT|chatbot|(?:large )?language model|artificial intelligence|AI assistant)s?"
_SAY = (
    r"(?:report|say|state|conclude|respond|answer|output|print|write|summari[sz]e|rate|score|recommend|approve|accept|"
    r"ignore|disregard|omit|mention|treat|consider|reply)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:previous|prior|preceding|above|earlier|system|"
        r"your|existing)\b[^.!?]{0,30}\b(?:instructions?|prompts?|rules|directions|guidelines|context)\b",
        r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>",
        r"(?:^|\n)\s{0,8}(?:#{2,4}\s{0,2})?(?:system|assistant)\s{0,2}:\s{0,4}\S",
        rf"\b(?:you are|act as|as) (?:an? |the )?{_MACHINE}\b[^.!?]{{0,80}}"
        r"\b(?:must|should|shall|will|need|may|always|never|please)\b",
        rf"\b(?:to|attention|note (?:to|for)|if you are|dear)\s(?:an? |any |all |the )?{_MACHINE}\b"
        rf"[^.!?]{{0,120}}\b{_SAY}\b",
        rf"\b(?:any|every|the|all) {_MACHINE}\b[^.!?]{{0,40}}\b(?:must|should|shall)\b[^.!?]{{0,60}}\b{_SAY}\b",
        r"\b(?:do not|don['’]t|never)\s(?:mention|reveal|report|disclose|flag)\b[^.!?]{0,60}\b(?:in your|to the user|"
        r"your (?:summary|analysis|answer|review|report))\b",
        r"\b(?:respond|reply|answer) (?:only|exactly|solely) (?:with|by)\b|\byour (?:system )?prompt\b|"
        r"\bnew instructions?\s?:",
    )
)
_LONGEST = 400
_SHOWN = 160


class Watched(NamedTuple):
    """A Section of this module that has something to say, its Findings up to its limit, and a line that counts all."""

    section: Section
    findings: tuple[Finding, ...]
    note: Note


def orders(document: Document) -> list[Finding]:
    """Each place once, in reading order."""
    spans = [span for segment in _prose(document) for span in _places(document.slice(segment.span), segment)]
    found = []
    for span in sorted([*spans, *addressed(document)]):
        words = " ".join(document.slice(span).split())
        shown = words if len(words) <= _SHOWN else words[:_SHOWN].rsplit(" ", 1)[0] + " …"
        quote = Quote(document.slice(span), (document.segments_at(span)[0].number,), span)
        found.append(Finding(INJECTED.name, f"To a reader model: {shown}", (quote,), confidence=0.5))
    return found


def _prose(document: Document) -> Iterator[Segment]:
    """All Segments; of a code base those that are no code, which is read by rules of its own."""
    return (segment for segment in document.segments if document.tree is None or segment.role is not Role.CODE)


def hidden(document: Document) -> list[Finding]:
    """Each Segment that people do not see, with why."""
    found = []
    for segment in document.segments:
        if segment.role is Role.HIDDEN:
            words = " ".join(document.slice(segment.span).split())
            shown = words if len(words) <= _SHOWN else words[:_SHOWN].rsplit(" ", 1)[0] + " …"
            span = Span(segment.span.start, min(segment.span.end, segment.span.start + _LONGEST))
            quote = Quote(document.slice(span), (segment.number,), span)
            why = segment.note or "hidden"
            found.append(Finding(HIDDEN.name, f"Not to be seen ({why}): {shown}", (quote,), confidence=0.5))
    return found


def watched(document: Document) -> tuple[Watched, ...]:
    """The Sections of this module that have something to say. Reads the whole Document: to be asked once of each."""
    said = (
        (INJECTED, orders(document), "orders", ("place addresses", "places address"), "whatever model reads it"),
        (HIDDEN, hidden(document), "hidden", ("passage is", "passages are"), "not to be seen by its readers"),
    )
    listed = []
    for section, found, code, (one, several), what in said:
        if found:
            more = f"; the first {section.limit} are listed" if len(found) > section.limit else ""
            text = f"{len(found)} {one if len(found) == 1 else several} {what}{more}"
            listed.append(Watched(section, tuple(found[: section.limit]), Note(code, text)))
    return tuple(listed)


def _places(text: str, segment: Segment) -> Iterator[Span]:
    """The sentences of a Segment in which something is addressed to a model."""
    hits = sorted(match.span() for pattern in _PATTERNS for match in pattern.finditer(text))
    if not hits:
        return
    told = -1
    for start, end in hits:
        if start < told:
            continue
        inside = [s for s in sentences(text, 0) if s.start < end and start < s.end] or [Span(start, end)]
        whole = Span(inside[0].start, inside[-1].end)
        place = whole if len(whole) <= _LONGEST else Span(start, min(end, start + _LONGEST))
        told = place.end
        yield Span(segment.span.start + place.start, segment.span.start + place.end)
