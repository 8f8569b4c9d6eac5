"""What blocks are: headings told from paragraphs, clauses numbered, long preformatted prose read as text."""

from collections.abc import Iterable, Iterator

from docanalyze.ingest import text as plain
from docanalyze.ingest.clauses import Numbering, is_bullet, mark_of
from docanalyze.ingest.html.blocks import Block
from docanalyze.ingest.lines import is_heading
from docanalyze.ingest.parts import Part
from docanalyze.model import Role

_LONGEST_HEADING = 120
_MOST_HEADING_WORDS = 14
_NUMBERED = frozenset((Role.HEADING, Role.PARAGRAPH, Role.LIST_ITEM))
_LEAST_PROSE = 1500
_PROSE_WORDS = 8


def named(blocks: Iterable[Block], *, by_looks: bool) -> Iterator[Part]:
    """The blocks as Parts; `by_looks` where no element says what is a heading."""
    numbering = Numbering()
    for block in blocks:
        if block.role is Role.CODE and len(block.text) >= _LEAST_PROSE and (prose := _prose(block)):
            yield from prose
        else:
            yield _part(block, numbering, by_looks=by_looks)


def _part(block: Block, numbering: Numbering, *, by_looks: bool) -> Part:
    role, level = block.role, block.level
    if role not in _NUMBERED:
        return Part(block.text, role, 0, "", block.page, 0, block.note, block.head, block.goes_on)
    mark = mark_of(block.text)
    if role is Role.PARAGRAPH:
        if by_looks and _is_heading(block):
            role, level = Role.HEADING, mark.depth if mark else 1
        elif is_bullet(block.text) or (mark and mark.style in ("bracket", "letter")):
            role = Role.LIST_ITEM
    if role is Role.HEADING and mark is None:
        numbering.interrupt()
    clause = numbering.take(mark) if mark else ""
    return Part(block.text, role, level, clause, block.page, 0, block.note)


def _is_heading(block: Block) -> bool:
    """A short line that looks it: numbered or in capitals, or wholly bold or underlined."""
    words = " ".join(block.text.split())
    if is_heading(words):
        return True
    if not (block.bold or block.under) or not 2 < len(words) <= _LONGEST_HEADING:
        return False
    if words.endswith((",", ";", ":")) or "__" in words or len(words.split()) > _MOST_HEADING_WORDS:
        return False
    mark = mark_of(words)
    rest = words[mark.end :].strip() if mark else words
    sentence = rest.endswith(".") and mark is None and not block.centre
    return any(c.isalpha() for c in rest) and rest[:1].upper() == rest[:1] and not sentence


def _prose(block: Block) -> list[Part]:
    """Preformatted text that is a document and no code: read as a text file is."""
    found = plain.segments(block.text, markdown=False)
    words = [len(block.text[s.span.start : s.span.end].split()) for s in found]
    if not words or sum(words) < _PROSE_WORDS * len(words) or "{" in block.text:
        return []
    parts = []
    for s in found:
        parts.append(Part(block.text[s.span.start : s.span.end], s.role, s.level, s.clause, block.page))
    return parts
