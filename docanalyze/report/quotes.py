"""Quotes in their sentences, and what was searched where there is nothing to quote, before any markup.

What is shown of a located quote is always the document's own text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from docanalyze import tokens
from docanalyze.model import Document, Evidence, Field, Finding, Match, Span, Sweep
from docanalyze.report.listing import is_code, listing
from docanalyze.report.plain import cut, shown, spaced

_DIVIDED = re.compile(r"([^\W\d_]+)-\r?\n[ \t]*([a-z]+)")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
PLACES = 12
"""Places shown of one searched term."""

HOW = {
    Match.EXACT: "word for word",
    Match.NORMALISED: "word for word, but for spacing, hyphens or typography",
    Match.FUZZY: "corrected: these are the document’s words",
}
WHOLE_FILE = "the file as a whole"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shown sentence, and whether it belongs to the quote."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Quoted:
    """A located quote in its sentence, or in its lines if it is `code`; no `pieces` where it is a file's path, which
    the locator tells. `wording` is the analyst's own where it was corrected. `more` says what of it is not shown."""

    pieces: tuple[Piece, ...]
    locator: str
    how: str
    corrected: bool
    wording: str
    remarks: tuple[str, ...]
    code: bool = False
    language: str = ""
    more: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether it is word for word, in every sign."""
        return self.how in {HOW[Match.EXACT], WHOLE_FILE}

    @property
    def sentence(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Refused:
    """A quote that does not stand in the document, and the statement that it was given for."""

    finding: int
    statement: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A searched term, how often it was met, and where: `places` may be fewer than `count`."""

    term: str
    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched before something was stated to be absent."""

    chars: int
    hits: tuple[Hit, ...]
    without: tuple[str, ...]


def stands(evidence: Evidence) -> bool:
    """Whether the quote was found: what was not is never shown as evidence."""
    return bool(evidence.spans) and evidence.match is not Match.MISSING


def holds(field: Field) -> bool:
    """Whether a Field's own quote was found, where it has one."""
    return field.evidence is None or stands(field.evidence)


def quoted(evidence: Evidence, document: Document) -> Quoted:
    """The quote in its sentence, in the document's words. Only for Evidence that `stands`."""
    corrected = evidence.match is Match.FUZZY
    remarks = []
    if evidence.occurrences > 1:
        remarks.append(f"these words stand in {evidence.occurrences:,} places")
    if evidence.in_place is False:
        remarks.append("not where the analyst pointed")
    if evidence.reason:
        remarks.append(shown(evidence.reason))
    code = is_code(evidence, document)
    lines, more = listing(evidence, document) if code else ((), "")
    file = document.file_at(evidence.spans[0]) if code else None
    how = HOW[evidence.match] if lines or not code else WHOLE_FILE
    return Quoted(
        pieces=tuple(Piece(*part) for part in lines) if code else _pieces(evidence, document),
        locator=shown(document.locator(Span(evidence.spans[0].start, evidence.spans[-1].end))),
        how=f"{how} (likeness {evidence.score:.2f})" if corrected else how,
        corrected=corrected,
        wording=shown(evidence.quote) if corrected else "",
        remarks=tuple(remarks),
        code=code,
        language=shown(file.language) if file else "",
        more=more,
    )


def _pieces(evidence: Evidence, document: Document) -> tuple[Piece, ...]:
    """The sentence around the quote, cut where the quote begins and ends."""
    ends = [*evidence.spans, *([evidence.sentence] if evidence.sentence else [])]
    start, end = min(span.start for span in ends), max(span.end for span in ends)
    pieces: list[tuple[Span, bool]] = []
    for span in evidence.spans:
        pieces += [(Span(start, max(start, span.start)), False), (span, True)]
        start = max(start, span.end)
    pieces.append((Span(start, max(start, end)), False))
    return _trimmed((spaced(whole(document.slice(span), document)), marked) for span, marked in pieces)


def _trimmed(pieces: Iterable[tuple[str, bool]]) -> tuple[Piece, ...]:
    """Without blanks at the ends, and without two quoted Pieces side by side."""
    joined: list[tuple[str, bool]] = []
    for text, marked in pieces:
        if text and joined and joined[-1][1] == marked:
            joined[-1] = (joined[-1][0] + text, marked)
        elif text:
            joined.append((text, marked))
    if joined:
        joined[0] = (joined[0][0].lstrip(), joined[0][1])
        joined[-1] = (joined[-1][0].rstrip(), joined[-1][1])
    return tuple(Piece(cut(text), marked) for text, marked in joined if text)


def whole(text: str, document: Document) -> str:
    """The text with words that a line's end divides made whole, where the word is known without its hyphen.

    Of others nobody knows whether the hyphen is theirs: it stays. In a code base nobody divides words.
    """
    if document.tree is not None:
        return text
    return _DIVIDED.sub(lambda word: _joined(word, document), text)


def _joined(divided: re.Match[str], document: Document) -> str:
    joined, known = divided[1] + divided[2], _words(document.text)
    if f"{divided[1]}-{divided[2]}".lower() in known:
        return divided[0]
    return joined if joined.lower() in known or _is_common(joined) else divided[0]


@lru_cache(maxsize=2)
def _words(text: str) -> frozenset[str]:
    """The words of a text, those with hyphens whole."""
    return frozenset(_WORD.findall(text.lower()))


@lru_cache(maxsize=4096)
def _is_common(word: str) -> bool:
    """Whether the packaged vocabulary has the word as a token of its own."""
    return len(tokens.packaged().encode(f" {word.lower()}")) == 1


def refused(finding: Finding) -> list[Refused]:
    """The Finding's quotes that do not stand in the document."""
    statement = shown(finding.statement)
    return [
        Refused(finding.number, statement, shown(evidence.quote), shown(evidence.reason))
        for evidence in finding.evidence
        if not stands(evidence)
    ]


def searched(sweep: Sweep, document: Document) -> Searched:
    """What was searched, what was met where, and which terms met nothing."""
    found: dict[str, list[Span]] = {}
    for term, span in sweep.hits:
        found.setdefault(term, []).append(span)
    hits = tuple(
        Hit(
            term=shown(term),
            count=len(spans),
            places=tuple(dict.fromkeys(shown(document.locator(span)) for span in spans))[:PLACES],
        )
        for term, spans in found.items()
    )
    without = tuple(shown(term) for term in sweep.terms if term not in found)
    return Searched(sweep.chars, hits, without)
