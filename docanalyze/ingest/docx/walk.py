"""The text of a Word document, block by block, in the order in which people read it."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docanalyze.ingest.clauses import Mark, Numbering, mark_of
from docanalyze.ingest.docx import tables
from docanalyze.ingest.docx.names import MC, W, value
from docanalyze.ingest.docx.numbering import Label, Lists
from docanalyze.ingest.docx.styles import Numbered, Styles, numbered_by, outline_by, shaded
from docanalyze.ingest.docx.words import Change, Found, Inline, made_by
from docanalyze.ingest.invisible import Sweeper
from docanalyze.ingest.lines import is_heading
from docanalyze.ingest.parts import Part
from docanalyze.model import Role

_BODY_LEVEL = 9
_LONGEST_HEADING = 160
_SENTENCE = re.compile(r"[a-z)”\"]\.\s+[A-Z“\"]|[;,]$|[a-z]\.$")
_HEADING_STYLE = re.compile(r"heading (\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"toc \d|table of figures|contents", re.IGNORECASE)
_CONTAINERS = frozenset(f"{W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "sdtContent", "body"))
_DEEPEST = 40
_WORDS_SHOWN = 40


class Waiting:
    """What is listed after the body: changes, hidden words, comments that were met."""

    def __init__(self) -> None:
        self.changes: list[tuple[Change, str]] = []
        self.hidden: list[tuple[str, str]] = []
        self.comments: list[str] = []


class Traced(NamedTuple):
    """A paragraph with words: its `text` as told is its label and then its `words`, which were `found` in it."""

    paragraph: Any
    found: Found
    words: str
    text: str


class Walk:
    """Walks containers of blocks. Where a `trail` is given, each paragraph with words is put on it."""

    def __init__(self, styles: Styles, lists: Lists, sweeper: Sweeper, trail: list[Traced] | None = None) -> None:
        self.trail = trail
        self.styles, self.lists, self.sweeper = styles, lists, sweeper
        self.inline = Inline(styles)
        self.numbering = Numbering()
        self.waiting = Waiting()
        self.referred: list[tuple[str, str]] = []
        self._merged: Found | None = None

    def blocks(self, container: Any, role: Role | None = None, note: str = "", depth: int = 0) -> Iterator[Part]:
        """Parts of what stands in a container; all of one role where that is given."""
        if depth > _DEEPEST:
            return
        for child in container:
            tag = child.tag
            if tag == f"{W}p":
                yield from self._paragraph(child, role, note, depth)
            elif tag == f"{W}tbl":
                yield from self._table(child, role, note, depth)
            elif tag in (f"{W}del", f"{W}moveFrom"):
                self._gone(child)
            elif (inner := _inner(child)) is not None:
                yield from self.blocks(inner, role, note, depth + 1)

    def _gone(self, element: Any) -> None:
        words = " ".join(part.text or "" for part in element.iter(f"{W}delText", f"{W}t"))
        if words.strip():
            self.waiting.changes.append((Change(Role.DELETION, words, made_by(element)), ""))

    # -- paragraphs --------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any, role: Role | None, note: str, depth: int) -> Iterator[Part]:
        properties = paragraph.find(f"{W}pPr")
        style = value(properties, f"{W}pStyle") or self.styles.default
        found = self.inline.read(paragraph, style, on_ground=shaded(properties) or depth > 0)
        if self._merged is not None:
            found = _joined(self._merged, found)
            self._merged = None
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None):
            # The end of this paragraph is deleted: it goes on with the next, and counts with it.
            self._merged = found
            return
        label = self._label(properties, style, found)
        words = tidy(self.sweeper.clean(found.text))
        self._keep(found, words, label)
        if role is not Role.FOOTNOTE:
            # Before the words are given: what they refer to comes right after them.
            self._refer(found)
        if words:
            part = self._part(words, label, (properties, style), found, (role, note))
            if self.trail is not None:
                self.trail.append(Traced(paragraph, found, words, part.text))
            yield part
        for box in found.boxes:
            yield from self.blocks(box, role, note or "text box", depth + 1)

    def _refer(self, found: Found) -> None:
        for kind, key in found.marks:
            if kind == "comment":
                self.waiting.comments.append(key)
            else:
                self.referred.append((kind, key))

    def _keep(self, found: Found, words: str, label: Label | None) -> None:
        """Puts aside what is listed after the body, with where it stands."""
        if not found.changes and not found.hidden:
            return
        shown = f"{label.text} {words}" if label and not label.bullet else words
        where = f'in "{shown[:_WORDS_SHOWN].rstrip()}…"' if len(shown) > _WORDS_SHOWN else f'in "{shown}"'
        self.waiting.changes += [(change, where) for change in found.changes]
        self.waiting.hidden += [(why, self.sweeper.clean(hidden)) for why, hidden in found.hidden]

    def _label(self, properties: Any, style: str, found: Found) -> Label | None:
        """The number of a paragraph. One that only carries the end of a section is not counted."""
        numbered, by = self._numbered(properties, style)
        if numbered is None or numbered.number in ("", "0"):
            return None
        ends_section = properties is not None and properties.find(f"{W}sectPr") is not None
        if ends_section and not found.text.strip():
            return None
        level = numbered.level
        if level is None:
            level = self.lists.depth_of_style(numbered.number, by)
        return self.lists.take(numbered.number, min(level, 8))

    def _numbered(self, properties: Any, style: str) -> tuple[Numbered | None, str]:
        direct = numbered_by(properties)
        if direct is not None and direct.number:
            return Numbered(direct.number, direct.level or 0), style
        by_style = self.styles.numbered(style)
        if by_style is None:
            return None, style
        numbered, by = by_style
        return (Numbered(numbered.number, direct.level), by) if direct is not None else (numbered, by)

    def _part(
        self,
        words: str,
        label: Label | None,
        told: tuple[Any, str],
        found: Found,
        given: tuple[Role | None, str],
    ) -> Part:
        role, note = given
        text = f"{label.text} {words}" if label and label.text else words
        if role is not None:
            return Part(text, role, note=note)
        properties, style = told
        if _CONTENTS.match(self.styles.name(style)):
            return Part(text, note=note)
        mark = _marked(label) if label else mark_of(words)
        level = self._heading(words, label, properties, style, found)
        clause = ""
        if mark is not None:
            clause = self.numbering.take(mark)
        elif level:
            self.numbering.interrupt()
        if level:
            return Part(text, Role.HEADING, level, clause, note=note)
        listed = (label is not None and label.bullet) or (mark is not None and mark.style in ("bracket", "letter"))
        return Part(text, Role.LIST_ITEM if listed else Role.PARAGRAPH, clause=clause, note=note)

    def _heading(self, words: str, label: Label | None, properties: Any, style: str, found: Found) -> int:
        """The level of a heading, 0 if it is none: a clause in full that has a heading's style is no heading."""
        if len(words) > _LONGEST_HEADING or _SENTENCE.search(words) or (label is not None and label.bullet):
            return 0
        outline = outline_by(properties)
        if outline is None:
            outline = self.styles.outline(style)
        name = self.styles.name(style)
        if outline is None and (match := _HEADING_STYLE.match(name)):
            outline = int(match[1]) - 1
        if outline is not None:
            return outline + 1 if outline < _BODY_LEVEL else 0
        if name.lower() == "title":
            return 1
        bold = found.bold > 4 * found.plain or (not found.bold and self.styles.bold(style))
        shown = f"{label.text} {words}" if label and label.text else words
        if not is_heading(shown) or not (bold or words.isupper()):
            return 0
        mark = mark_of(shown)
        return mark.depth if mark is not None else 1

    # -- tables ------------------------------------------------------------------------------------

    def _table(self, table: Any, role: Role | None, note: str, depth: int) -> Iterator[Part]:
        read = tables.read(table, self._cell(depth), self._row_gone)
        if read.places:
            for cell in read.cells:
                yield from self.blocks(cell, role, note, depth + 1)
            return
        for first, rows in read.groups():
            text = "\n".join(" | ".join(row).strip() for row in rows)
            if text.strip("| \n"):
                head = read.head if first == 0 else 0
                yield Part(text, role or Role.TABLE, note=note, head=head, goes_on=first > 0)

    def _cell(self, depth: int) -> tables.ReadCell:
        def read(cell: Any) -> list[str]:
            # A cell of a table may stand on a ground that its table's style gives it.
            return [part.text for part in self.blocks(cell, Role.TABLE, "", depth + 1)]

        return read

    def _row_gone(self, row: Any) -> bool:
        """Whether a row is deleted; what was deleted or inserted with it is kept aside."""
        properties = row.find(f"{W}trPr")
        for tag, kind in ((f"{W}del", Role.DELETION), (f"{W}ins", Role.INSERTION)):
            change = properties.find(tag) if properties is not None else None
            if change is not None:
                words = " ".join(part.text or "" for part in row.iter(f"{W}delText", f"{W}t"))
                self.waiting.changes.append((Change(kind, words, made_by(change)), "a row of a table"))
                return kind is Role.DELETION
        return False


def _inner(element: Any) -> Any:
    """Where the blocks of a container stand; None for what holds none."""
    tag = element.tag
    if tag in _CONTAINERS:
        return element
    if tag == f"{W}sdt":
        return element.find(f"{W}sdtContent")
    if tag == f"{MC}AlternateContent":
        chosen = element.find(f"{MC}Choice")
        return element.find(f"{MC}Fallback") if chosen is None else chosen
    return None


def _marked(label: Label) -> Mark | None:
    """A label as the mark that it would be if it were typed, with what its list knows of it."""
    if label.bullet or not label.text:
        return None
    mark = mark_of(f"{label.text} X")
    if mark is None:
        return None
    if mark.style in ("bracket", "letter") and label.style:
        return Mark(mark.style, mark.value, mark.depth, mark.end, label.style)
    return mark


def _joined(first: Found, second: Found) -> Found:
    """Two paragraphs as one: the second goes on with the first."""
    for name in ("parts", "sources", "hidden", "marks", "boxes", "changes"):
        setattr(second, name, [*getattr(first, name), *getattr(second, name)])
    second.bold += first.bold
    second.plain += first.plain
    return second


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and without empty lines, which would part Segments."""
    if "\n" not in text:
        return text.strip()
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)
