"""Plain text and Markdown: decoded once, never changed, cut into Segments by lines.

Runs in the reading process. `Document.text` is the decoded file as it is, line ends included; a NUL
alone is replaced, because neither a database nor a terminal keeps it, and characters that turn the
text or spell what nobody sees are taken out. Form feeds end pages.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from docanalyze.ingest import markdown as markdowns
from docanalyze.ingest.clauses import Numbering, is_bullet, mark_of
from docanalyze.ingest.decoding import decoded
from docanalyze.ingest.invisible import TAGS, Sweeper
from docanalyze.ingest.lines import Group, Line, is_heading, lines_of, typed
from docanalyze.model import Note, Role, Segment, Span

READER = "text"
VERSION = "2"

_LONG_LINE = 150
_NUMBERED = frozenset((Role.HEADING, Role.PARAGRAPH, Role.LIST_ITEM))
_SHORT_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as read. `encoding` is named where it is not UTF-8."""

    text: str
    segments: tuple[Segment, ...]
    encoding: str
    notes: tuple[Note, ...]
    facts: tuple[tuple[str, str], ...]


def read(data: bytes, *, markdown: bool) -> TextFile:
    """A file as text and Segments. What was spelled in characters that nobody sees stands at its end."""
    whole, notes, encoding = decoded(data)
    sweeper = Sweeper()
    text = sweeper.clean(whole)
    found = list(segments(text, markdown=markdown))
    facts = markdowns.facts(lines_of(text)) if markdown else []
    for words in sweeper.spelled:
        text = text.rstrip() + "\n\n" + words
        found.append(Segment(len(found) + 1, Span(len(text) - len(words), len(text)), Role.HIDDEN, note=TAGS))
    return TextFile(text, tuple(found), encoding, (*notes, *sweeper.notes()), tuple(facts))


def segments(text: str, *, markdown: bool) -> tuple[Segment, ...]:
    """Segments in order: they cover all but white space, and each begins with a line's first word.

    All are in the order of the file, those that stand apart (a comment, the front matter) among the
    body: its text is the file's, so nothing can be moved to the end.
    """
    lines = lines_of(text)
    groups = markdowns.groups(lines) if markdown else _plain_groups(lines)
    numbering = Numbering()
    ends = [match.start() for match in re.finditer("\f", text)]
    found: list[Segment] = []
    head: Span | None = None
    for group in groups:
        segment = _segment(len(found) + 1, group, numbering)
        if not group.goes_on:
            head = _head(group, segment.span.start)
        page = bisect_right(ends, segment.span.start) + 1 if ends else 0
        found.append(replace(segment, page=page, head=head if group.role is Role.TABLE else None))
    return tuple(found)


def _segment(number: int, group: Group, numbering: Numbering) -> Segment:
    role, level, lines, note, *_ = group
    first, last = lines[0], lines[-1]
    start = first.start + len(first.text) - len(first.text.lstrip())
    end = last.start + len(last.text.rstrip())
    opening = first.words.lstrip("# ") if role is Role.HEADING else first.words
    mark = mark_of(opening) if role in _NUMBERED else None
    clause = numbering.take(mark) if mark else ""
    if role is Role.HEADING and mark and level == 0:
        level = mark.depth
    level = max(level, 1) if role is Role.HEADING else 0
    return Segment(number, Span(start, end), role, level, clause, line=first.number, note=note)


def _head(group: Group, start: int) -> Span | None:
    """Where the header rows of a table stand that begins here."""
    if not group.head:
        return None
    last = group.lines[group.head - 1]
    return Span(start, last.start + len(last.text.rstrip()))


def _plain_groups(lines: list[Line]) -> list[Group]:
    groups: list[Group] = []
    for block in _blocks(lines):
        width = max(len(line.text) for line in block)
        current: list[Line] = []
        for line in block:
            if current and _begins(current[-1], line, width):
                groups.append(typed(current))
                current = []
            current.append(line)
        groups.append(typed(current))
    return groups


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Runs of lines without a blank one or the end of a page between."""
    blocks: list[list[Line]] = [[]]
    for line in lines:
        if line.text.startswith("\f"):
            blocks.append([])
        if line.words:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _begins(before: Line, line: Line, width: int) -> bool:
    """Whether a line begins a Segment although no blank line stands before it."""
    ended = before.words.endswith((".", ";", ":", "?", "!", "”", '"')) or is_heading(before.words)
    if is_bullet(line.words) or is_heading(line.words) or is_heading(before.words):
        return True
    mark = mark_of(line.words)
    if mark and (ended or mark.style in ("article", "schedule")):
        return True
    if len(before.text) > _LONG_LINE:
        return True
    return ended and len(before.text.rstrip()) < _SHORT_SHARE * width and line.words[:1].isupper()
