"""A Document prepared for many quotes: its matching key, its words, its sentences."""

from array import array
from collections.abc import Sequence
from functools import cached_property

from docanalyze.language import Key, normalise, sentences
from docanalyze.language.lexical import WORD
from docanalyze.model import Document, Role, Segment, Span

LONGEST_SENTENCED = 200_000
"""Characters of a Segment beyond which its sentences are not looked for."""

_BETWEEN = "\x00"
"""Stands in the key between texts that do not follow each other: no text holds it, so no quote crosses it."""


class Index:
    """A Document prepared for many quotes. Building its key costs one pass over what is searched.

    `within` are the Spans that were shown to whoever quotes; the whole text is searched if that is None. Of a
    code base that may be a hundredth of it.
    """

    def __init__(self, document: Document, within: Sequence[Span] | None = None) -> None:
        self.document = document
        self.text = document.text
        self._within = within
        self._sentences: dict[int, list[Span]] = {}

    @cached_property
    def key(self) -> Key:
        """The matching key of what is searched; its map leads to the whole text."""
        if self._within is None:
            return normalise(self.text)
        pieces: list[str] = []
        places = array("L")
        for span in _joined(self.document, self._within):
            part = normalise(self.document.slice(span))
            pieces += [part.text, _BETWEEN]
            # The end of a part is where the mark behind it stands.
            places.extend(span.start + place for place in part.map)
        places.append(len(self.text))
        return Key("".join(pieces), places)

    @property
    def is_whole(self) -> bool:
        """Whether the whole text is searched."""
        return self._within is None

    def straddles(self, span: Span) -> bool:
        """Whether it runs from the body into what stands apart, or over that."""
        return len({segment.in_body for segment in self.document.segments_at(span)}) > 1

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of what is searched, as the key writes it."""
        return frozenset(match[0] for match in WORD.finditer(self.key.text))

    def cited(self, numbers: Sequence[int]) -> tuple[Span, ...]:
        """What the numbers cited stand for; one that no Segment has is passed over."""
        known = range(1, len(self.document.segments) + 1)
        return tuple(self.document.cited(number) for number in numbers if number in known)

    def enclosing(self, spans: Sequence[Span]) -> Span | None:
        """The sentences from the first to the last place, as one Span; of code the lines."""
        first, last = self._sentence_at(spans[0].start), self._sentence_at(spans[-1].end - 1)
        return Span(first.start, last.end) if first and last else None

    def _sentence_at(self, position: int) -> Span | None:
        segments = self.document.segments_at(Span(position, position + 1))
        if not segments or len(segments[0].span) > LONGEST_SENTENCED:
            return None
        segment = segments[0]
        if segment.role is Role.CODE:
            return self._line_at(position, segment)
        if segment.number not in self._sentences:
            self._sentences[segment.number] = sentences(self.document.slice(segment.span), segment.span.start)
        return next((s for s in self._sentences[segment.number] if s.start <= position < s.end), None)

    def _line_at(self, position: int, segment: Segment) -> Span:
        start = self.text.rfind("\n", segment.span.start, position) + 1 or segment.span.start
        end = self.text.find("\n", position, segment.span.end)
        return Span(start, end if end >= position else segment.span.end)


def _joined(document: Document, spans: Sequence[Span]) -> list[Span]:
    """The Spans in order, those as one between which only white space stands; a path is never one with a text."""
    joined: list[Span] = []
    after_path = False
    for span in sorted(spans):
        is_path = document.lines_of(span) == (0, 0)
        apart = is_path or after_path or not joined
        if not apart and (span.start <= joined[-1].end or document.text[joined[-1].end : span.start].isspace()):
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        elif not joined or span.end > joined[-1].end:
            joined.append(span)
        after_path = is_path
    return joined
