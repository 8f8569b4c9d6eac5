"""What the analyst reads of one Window: its sentences, with what surrounds each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from docanalyze.extract.repo import Known
from docanalyze.extract.scoring import models
from docanalyze.language import Bm25, sentences
from docanalyze.model import Document, Role, Segment, Span, Window

LONGEST_SENTENCED = 200_000
"""A Segment of more characters holds no prose; it is left to a model."""

_LEADERS = re.compile(r"(?:\.\s?){5,}|\s\d{1,3}\s*$")
_SIGNATURE = re.compile(
    r"(?:by|name|title|date|its|witness|attest|signature|signed|print(?:ed)? name)\s{0,3}:|_{4,}|/s/",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[a-zA-Z]|[ivxIVX]{1,5})[.)]+\s+|(?:\d{1,3}\.){1,4}\d{0,3}\s+"
    r"|(?:section|article|clause)\s+[\w.]{1,8}[.:]?\s+|[•●▪◦*-]\s+)+",
    re.IGNORECASE,
)
_RUN_IN = re.compile(
    r"(?P<title>[A-Z][\w'’&/,-]*(?:\s(?:and|or|of|for|to|the|by|in|on|[A-Z(][\w'’&/,)-]*)){0,7})\s?[.:]\s+(?=[A-Z(\"“])"
)
_APART = re.compile(r"(?:\d[\d.]*\s+)?(?:references|bibliography|works cited|literature cited)\b", re.IGNORECASE)
"""A heading over what is others' words."""
_ABSTRACT = re.compile(r"\s*A(?:bstract|BSTRACT)\s?[.:—–-]?\s+(?=[A-Z\"“])")
"""The heading of an abstract, run into its first sentence."""
_DIVIDED = re.compile(r"(?<=[^\W\d_])-\n(?=[a-z])")
_SHORTEST, _LONGEST_LIST = 20, 40
_NO_PROSE = frozenset({Role.TABLE, Role.REFERENCE, Role.AUTHORS})
_ENDED = (".", ";", ":", "?", "!", "”", '"')


@dataclass(frozen=True)
class Sentence:
    """One sentence: its Span, its Segment, its words in one line, the heading above and all above that."""

    span: Span
    segment: Segment
    text: str
    heading: str
    headings: str
    contents: bool

    @cached_property
    def body(self) -> str:
        """The words without clause number and run-in heading."""
        return self.text[self.skipped :]

    @cached_property
    def skipped(self) -> int:
        """How many characters number and run-in heading take."""
        label = _LABEL.match(self.text)
        start = label.end() if label else 0
        title = _RUN_IN.match(self.text, start) if label or self.heading else None
        return title.end() if title and title.end() < len(self.text) - _SHORTEST else start

    @cached_property
    def title(self) -> str:
        """The run-in heading, else the heading above."""
        return f"{self.heading} {self.text[: self.skipped]}".strip()


def in_one_line(text: str) -> str:
    """The text as people say it: words that a line's end divides made whole, white space joined."""
    return " ".join(_DIVIDED.sub("", text).split())


class Reading:
    """A Window's part of a Document as sentences; read once they are asked for, and used for all Sections."""

    def __init__(self, document: Document, window: Window) -> None:
        self.document = document
        self.number = window.number
        self._spans = window.spans()

    @cached_property
    def known(self) -> Known:
        """The whole code base, whatever the Window holds; ValueError of a Document that is none."""
        return Known(self.document)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(_sentences(self.document, self._spans))

    @cached_property
    def prose(self) -> tuple[Sentence, ...]:
        """Sentences that say something: no headings, contents, references, signature lines."""
        return tuple(s for s in self.sentences if not s.contents)

    def after(self, sentence: Sentence) -> tuple[Sentence, ...]:
        """The sentences that follow, as many as a list may have items."""
        place = self._places[sentence.span.start] + 1
        return self.sentences[place : place + _LONGEST_LIST]

    @cached_property
    def _places(self) -> dict[int, int]:
        return {sentence.span.start: place for place, sentence in enumerate(self.sentences)}

    @cached_property
    def scores(self) -> tuple[tuple[float, ...], ...]:
        """How much each sentence of the prose looks like which clause, by the models' order."""
        return tuple(models().scores(sentence.text, sentence.title) for sentence in self.prose)

    @cached_property
    def index(self) -> Bm25:
        return Bm25([sentence.text for sentence in self.prose])

    def holds(self, span: Span) -> bool:
        """Whether a Span begins in the Window."""
        return any(own.start <= span.start < own.end for own in self._spans)

    @cached_property
    def opening(self) -> Span:
        """The first part of the text, where a contract names its parties and its date."""
        spans = self._spans
        if not spans or spans[0].start > _OPENING_STARTS:
            return Span(0, 0)
        return Span(spans[0].start, min(spans[0].start + _OPENING_CHARS, spans[-1].end))

    @cached_property
    def closing(self) -> Span:
        """The last part of the text, where a contract is signed and its schedules stand."""
        spans = self._spans
        if not spans or spans[-1].end < len(self.document.text) - _OPENING_STARTS:
            return Span(0, 0)
        return Span(max(spans[0].start, spans[-1].end - _CLOSING_CHARS), spans[-1].end)


_OPENING_CHARS, _CLOSING_CHARS = 20_000, 12_000
_OPENING_STARTS = 8_000
"""A Window that begins after so many characters holds no opening."""


def _sentences(document: Document, spans: Sequence[Span]) -> list[Sentence]:
    found: list[Sentence] = []
    under: Sequence[Segment] | None = None
    for first, within in _passages(document, spans):
        if _APART.fullmatch(document.slice(within)):
            # A heading that the reader of a plain text did not know for one: it holds until the next.
            under = document.heading_path(first.number)
        elif under is not None and document.heading_path(first.number) != under:
            under = None
        apart = under is not None
        found += [replace(one, contents=True) if apart else one for one in _of_passage(document, first, within)]
    return found


def _touched(document: Document, spans: Sequence[Span]) -> Iterator[tuple[Segment, Span]]:
    for span in spans:
        for segment in document.segments_at(span):
            yield segment, Span(max(span.start, segment.span.start), min(span.end, segment.span.end))


def _passages(document: Document, spans: Sequence[Span]) -> Iterator[tuple[Segment, Span]]:
    """Runs of text to be cut into sentences: paragraphs, those whole that a page's end cut in two."""
    first: Segment | None = None
    last: Segment | None = None
    passage = Span(0, 0)
    for segment, within in _touched(document, spans):
        if not segment.in_body or segment.role in (Role.HEADING, Role.CODE) or len(within) > LONGEST_SENTENCED:
            continue
        if first is not None and last is not None and _goes_on(document, last, segment):
            passage = Span(passage.start, within.end)
        else:
            if first is not None:
                yield first, passage
            first, passage = segment, within
        last = segment
    if first is not None:
        yield first, passage


def _goes_on(document: Document, before: Segment, segment: Segment) -> bool:
    """Whether a paragraph that ended with a page goes on with the next page's first."""
    if segment.page == before.page or segment.number != before.number + 1:
        return False
    if segment.role is not Role.PARAGRAPH or before.role not in (Role.PARAGRAPH, Role.LIST_ITEM):
        return False
    text = document.slice(before.span).rstrip()
    return len(text) > _SHORTEST * 2 and not text.endswith(_ENDED) and not _LABEL.match(document.slice(segment.span))


def _of_passage(document: Document, segment: Segment, within: Span) -> list[Sentence]:
    path = document.heading_path(segment.number)
    titles = [in_one_line(document.slice(one.span)) for one in path]
    if run_in := _ABSTRACT.match(document.slice(within)):
        titles.append(run_in[0].strip())
        within = Span(within.start + run_in.end(), within.end)
    heading = titles[-1] if titles else ""
    apart = any(_APART.match(title) for title in titles) or segment.role in _NO_PROSE
    text = document.slice(within)
    cut = _rows(text, within.start) if segment.role is Role.TABLE else sentences(text, within.start)
    found = []
    for span in cut:
        text = in_one_line(document.slice(span))
        if text:
            first = document.segments_at(span)[0]
            found.append(Sentence(span, first, text, heading, "; ".join(titles), apart or _is_contents(text)))
    return found


def _rows(text: str, start: int) -> Iterator[Span]:
    """The rows of a table, each as a sentence of its own."""
    for row in text.splitlines(keepends=True):
        words = row.strip()
        if words:
            begin = start + row.index(words[0])
            yield Span(begin, begin + len(words))
        start += len(row)


def _is_contents(text: str) -> bool:
    """A line of a table of contents, of a signature page, or no sentence at all."""
    letters = sum(character.isalpha() for character in text)
    if letters < _SHORTEST // 2 or letters < len(text) * 0.4:
        return True
    if len(text) < 160 and _LEADERS.search(text) and not text.rstrip().endswith((".", ";")):
        return True
    return len(text) < 200 and _SIGNATURE.search(text) is not None and not re.search(r"\bshall\b", text)
