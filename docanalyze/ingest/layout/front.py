"""The front of a paper: its title, who wrote it, its abstract. Of other documents nothing is said."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docanalyze.ingest.layout.headings import Style
from docanalyze.ingest.layout.paragraphs import Paragraph

_ABSTRACT = re.compile(r"(?:\d\.?\s{1,3})?(?:abstract|summary|executive summary)\s{0,2}[:.—–-]?", re.IGNORECASE)
_RUN_IN = re.compile(r"(?:abstract|ABSTRACT|Abstract)\s{0,2}[:.—–-]{0,2}\s{0,2}[A-Z].{80}", re.DOTALL)
_SERIES = re.compile(
    r"\b(?:journal|proceedings|transactions|letters|annals|archives|special publication)\b", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:\d{1,2}|[IVX]{1,4})(?:\.\d{1,2})*\.?\s+[A-Z]")
_REFERENCES = re.compile(r"(?:[\dA-Z]{1,3}\.?\s{1,3})?(?:references|bibliography|works cited)", re.IGNORECASE)
_NAME = re.compile(
    r"(?:[A-Z][\w'’.-]*\.?|[a-z]{2,3}|de|van|von|der|la|di)(?:[\s~]+(?:[A-Z][\w'’.-]*|de|van|von|der|den|la|di|el|al|bin|y)){1,4}"
)
_MARKS = re.compile(r"[\d∗*†‡§¶,]{0,6}[∗*†‡§¶\d]|\([^)]*\)|[\w.+-]+@[\w.-]+|https?://\S+|\borcid\b", re.IGNORECASE)
_NO_NAME = re.compile(
    r"university|institut|department|laborator|school|college|centre|center|faculty|company|inc\b|ltd|gmbh|"
    r"correspond|email|e-mail|doi|submitted|published|license|software|journal|editor|review|archive|abstract|keywords",
    re.IGNORECASE,
)
_LARGE = 1.25
_MOST_FRONT = 40
_LONGEST = 700


@dataclass(slots=True)
class Front:
    """Which paragraphs, by position, are the title, the authors' block, the abstract; and the authors' names."""

    title: str = ""
    names: tuple[str, ...] = ()
    authors: set[int] = field(default_factory=set)
    abstract: set[int] = field(default_factory=set)


def front_of(paragraphs: Sequence[Paragraph], style: Style) -> Front:
    """The front of a paper; empty for what has neither abstract nor references."""
    start = _abstract_at(paragraphs)
    cited = any(p.reference or (p.heading and _REFERENCES.fullmatch(p.text.strip())) for p in paragraphs)
    if start is None and not cited:
        return Front()
    found = Front()
    title = _title_at(paragraphs, style)
    if title is not None:
        found.title = " ".join(paragraphs[title].text.split())
        found.authors = _authors(paragraphs, title, start)
        found.names = _names(paragraphs[i].text for i in sorted(found.authors))
    if start is not None:
        found.abstract = _abstract(paragraphs, start)
    return found


def _abstract_at(paragraphs: Sequence[Paragraph]) -> int | None:
    for position, paragraph in enumerate(paragraphs[:_MOST_FRONT]):
        if paragraph.page > 2:
            return None
        text = paragraph.text.strip()
        if _ABSTRACT.fullmatch(text) or _RUN_IN.match(text.replace("\n", " ")):
            return position
    return None


def _abstract(paragraphs: Sequence[Paragraph], start: int) -> set[int]:
    """From its heading, or the paragraph that begins with the word, to the next heading."""
    first = start if _RUN_IN.match(paragraphs[start].text.strip()) else start + 1
    found: set[int] = set()
    for position in range(first, min(len(paragraphs), first + 6)):
        if paragraphs[position].heading or paragraphs[position].page > paragraphs[start].page + 1:
            break
        found.add(position)
        if first == start and len(paragraphs[position].text) > 400:
            break
    return found


def _title_at(paragraphs: Sequence[Paragraph], style: Style) -> int | None:
    """The paragraph of the largest type on the first pages."""
    large = [
        (paragraph.rows[0].size, -position)
        for position, paragraph in enumerate(paragraphs[:_MOST_FRONT])
        if paragraph.page == paragraphs[0].page
        and paragraph.rows[0].size >= _LARGE * style.size
        and 3 <= len(paragraph.text) <= 300
        and not _SERIES.search(paragraph.text)
    ]
    return -max(large)[1] if large else None


def _authors(paragraphs: Sequence[Paragraph], title: int, abstract: int | None) -> set[int]:
    """What stands between the title and the abstract, or the next heading: names, places, addresses."""
    found: set[int] = set()
    for position in range(title + 1, min(len(paragraphs), title + 12)):
        paragraph = paragraphs[position]
        text = paragraph.text
        if position == abstract or paragraph.page != paragraphs[title].page or len(text) > _LONGEST:
            break
        if paragraph.heading and (_NUMBERED.match(text) or not _found_names(text)):
            break
        if not found and not _found_names(text):
            continue
        found.add(position)
    return found


def _found_names(text: str) -> list[str]:
    """Names of people in a line of authors: capitalised words between commas, marks and `and`."""
    found = []
    for piece in re.split(r"[,;·•|]|\band\b|&|\s{3,}", _MARKS.sub(",", text)):
        words = " ".join(piece.split()).strip(".:")
        if _NAME.fullmatch(words) and not _NO_NAME.search(words) and len(words) < 50:
            found.append(words)
    return found


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in texts:
        if _NO_NAME.search(text) and found:
            continue
        found += [name for name in _found_names(text) if name not in found]
    return tuple(found)
