"""What the reader of a format without pages of its own gives, in reading order, and how it becomes a Document's text.

A reader is a generator of Parts, Notes and Facts, so that what came before a limit broke is kept. It
runs in the reading process and knows nothing of Spans: these are decided here, on the other side.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from docanalyze.model import APART, Note, Role, Segment, Span

VERSION = "1"
_BATCH = 200
_MOST = 2_000_000
"""Parts of one document."""
_LOWEST = 9
"""The level of the lowest headings."""


class Part(NamedTuple):
    """A Segment to be: its words as people see them, and what it is.

    `head` counts the lines at its start that are header rows of a table; with `goes_on` it is a
    further row group of the table of the Part before it. Everything else is as in a Segment.
    """

    text: str
    role: Role = Role.PARAGRAPH
    level: int = 0
    clause: str = ""
    page: int = 0
    line: int = 0
    note: str = ""
    head: int = 0
    goes_on: bool = False


class Fact(NamedTuple):
    """What a file says of itself: its title, its authors, the date of its last change."""

    name: str
    value: str


Told = Part | Note | Fact


@dataclass(frozen=True, slots=True)
class Assembled:
    """Parts as text: the body first, then what stands apart, each in the order in which it came."""

    text: str
    segments: tuple[Segment, ...]


def assemble(parts: Sequence[Part]) -> Assembled:
    """Text and Segments of Parts; empty ones vanish."""
    full = [part for part in parts if part.text.strip()]
    ordered = [part for part in full if part.role not in APART] + [part for part in full if part.role in APART]
    written: list[str] = []
    segments: list[Segment] = []
    at = 0
    head: Span | None = None
    for part in ordered:
        words = part.text.strip()
        if not part.goes_on:
            head = _head(part, words, at)
        span = Span(at, at + len(words))
        known = head if part.role is Role.TABLE else None
        place = (part.clause, part.page, part.line)
        level = min(max(part.level, 1), _LOWEST) if part.role is Role.HEADING else 0
        segments.append(Segment(len(segments) + 1, span, part.role, level, *place, note=part.note, head=known))
        written.append(words)
        at = span.end + 2
    return Assembled("\n\n".join(written), tuple(segments))


def _head(part: Part, words: str, start: int) -> Span | None:
    """Where the header rows of a table stand that begins here."""
    if part.role is not Role.TABLE or not part.head:
        return None
    rows = words.split("\n")[: part.head]
    return Span(start, start + len("\n".join(rows)))


def answers(told: Iterable[Told]) -> Iterator[dict[str, Any]]:
    """What a reader tells as answers of the reading process, many Parts in one."""
    batch: list[list[object]] = []
    given = 0
    for item in told:
        if isinstance(item, Part):
            batch.append([*item])
            given += 1
            if given >= _MOST:
                yield {"type": "note", "note": ["capped", f"the first {_MOST:,} paragraphs were read, no more", 0]}
                break
            if len(batch) >= _BATCH:
                yield {"type": "parts", "parts": batch}
                batch = []
        elif isinstance(item, Note):
            yield {"type": "note", "note": [item.code, item.text, item.page]}
        else:
            yield {"type": "fact", "fact": [*item]}
    yield {"type": "parts", "parts": batch}
    yield {"type": "done"}


def part_of(values: Sequence[Any]) -> Part:
    """A Part as it came over the wire."""
    text, role, *rest = values
    return Part(text, Role(role), *rest)
