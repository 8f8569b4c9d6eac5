"""Text in a document that speaks to whatever model reads it: shown to people, whoever analyses.

Written orders, role markers and control words, in any Segment, also those that no Window shows. A
finding here says that the text is there, not that anybody obeyed it.
"""

import re
from collections.abc import Iterator

from docanalyze.language import sentences
from docanalyze.model import Document, Finding, Quote, Section, Segment, Span

ORDERS = "orders"
INJECTED = Section(
    "injected",
    "Text that addresses a reader model",
    "Which text speaks to whatever model reads the document, to steer it?",
    ORDERS,
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


def orders(document: Document) -> list[Finding]:
    """Each place once, in reading order."""
    found = []
    for segment in document.segments:
        text = document.slice(segment.span)
        for span in _places(text, segment):
            words = " ".join(document.slice(span).split())
            shown = words if len(words) <= _SHOWN else words[:_SHOWN].rsplit(" ", 1)[0] + " …"
            quote = Quote(document.slice(span), (segment.number,), span)
            found.append(Finding(INJECTED.name, f"To a reader model: {shown}", (quote,), confidence=0.5))
    return found


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
