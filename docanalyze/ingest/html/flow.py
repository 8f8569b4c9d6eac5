"""The walk over a page's elements: running text into blocks, as a browser would break them.

White space is collapsed as browsers do; a blank that must not break counts as one. Words that are
not to be seen become blocks of their own, with the reason.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from docanalyze.ingest.html import forms, styles
from docanalyze.ingest.html.blocks import Block, Cell
from docanalyze.ingest.html.lists import Listing, item_prefix
from docanalyze.ingest.html.styles import Declared, Frame, Sheet
from docanalyze.ingest.html.tables import Row, Table, settle
from docanalyze.ingest.invisible import Sweeper
from docanalyze.model import Role

_BLOCKS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li listing main menu nav ol option p plaintext pre"
    " section summary table tbody td tfoot th thead tr ul xmp document text type sequence filename description".split()
)
_DROPPED = frozenset(
    "script style template noscript head title meta link base datalist audio video canvas map rp annotation"
    " annotation-xml ix:references ix:resources param source track".split()
)
_UNREAD = frozenset(("img", "object", "embed", "iframe", "svg", "image", "applet"))
_FOOTNOTES = frozenset(("footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote", "footnotes", "endnotes"))
_SPACE = re.compile(r"[ \t\n\r\f\u00a0]+")
_EMPTY_LINE = re.compile(r"\n[ \t\u00a0]*\n\s*")
_SUPERSCRIPT = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPT = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_FIGURES = re.compile(r"[+−-]?\d{1,4}")
_GAP = 3.0
_LEAST_ALT_WORDS = 4
Attributes = Mapping[str, str]


@dataclass(slots=True)
class _Opened:
    """What the start of an element did that its end must undo."""

    tag: str
    block: bool
    breaks: bool
    kind: bool
    raised: str = ""


class Flow:
    """Takes elements as they begin and end; `out` holds the blocks that are finished."""

    def __init__(self, root: Any, sheet: Sheet, sweeper: Sweeper) -> None:
        self.out: list[Block] = []
        self.unread = 0
        self.sheet = sheet
        self.sweeper = sweeper
        self.labels = forms.labels(root)
        self.frames = [Frame()]
        self.opened: list[_Opened] = []
        self.kinds: list[tuple[Role, int]] = []
        self.tables: list[Table] = []
        self.lists: list[Listing] = []
        self.run: list[str] = []
        self.styled = [0, 0, 0]
        self.prefix = ""
        self.hidden: list[str] = []
        self.why = ""
        self.late: list[Block] = []
        self.skipping = 0

    # -- elements ----------------------------------------------------------------------------------

    def start(self, element: Any) -> None:
        tag, attributes = element.tag, element.attrib
        if self.skipping or not isinstance(tag, str) or tag in _DROPPED:
            self.skipping += 1
            return
        if tag in _UNREAD or tag in forms.FIELDS:
            if tag in _UNREAD:
                self._picture(attributes)
            elif not self.frames[-1].why:
                self._field(element)
            self.skipping = 1
            return
        self._open(element, tag, attributes)
        if element.text:
            self._words(element.text)

    def _open(self, element: Any, tag: str, attributes: Attributes) -> None:
        above = self.frames[-1]
        declared = self.sheet.of(tag, attributes) if attributes or self.sheet.rules else {}
        plain = not declared and not attributes and tag not in styles.TAGGED
        frame = above if plain else styles.framed(above, tag, attributes, declared)
        if tag in ("ix:header", "ix:hidden") or (tag == "dialog" and "open" not in attributes):
            frame = frame._replace(hidden=above.hidden or tag)
        before, after = styles.breaks(declared) if declared else (False, False)
        block = tag in _BLOCKS or declared.get("display") in ("block", "list-item", "flex", "grid", "table")
        if block:
            self.flush()
        elif declared:
            self._gap(declared)
        if before:
            self._break()
        kind = self._kind(tag, attributes)
        if kind:
            self.kinds.append(kind)
        raised = tag if tag in ("sup", "sub") else ""
        self.opened.append(_Opened(tag, block, after, kind is not None, raised))
        self.frames.append(frame)
        if begin := _STARTS.get(tag):
            begin(self, element, attributes)

    def end(self, element: Any) -> None:
        if self.skipping:
            self.skipping -= 1
        else:
            self._close()
        if element.tail and not self.skipping:
            self._words(element.tail)

    def _close(self) -> None:
        opened = self.opened.pop()
        if opened.block:
            self.flush()
        if finish := _ENDS.get(opened.tag):
            finish(self)
        self.frames.pop()
        if opened.kind:
            self.kinds.pop()
        if opened.breaks:
            self._break()
        if not self.frames[-1].why:
            self._reveal()

    def finish(self) -> None:
        """The end of the file: what is still open is closed."""
        self.flush()
        self._reveal()

    # -- words -------------------------------------------------------------------------------------

    def _words(self, text: str) -> None:
        frame = self.frames[-1]
        if frame.why:
            self._hide(text, frame.why)
            return
        if not frame.pre:
            text = _SPACE.sub(" ", text)
            if text[:1] == " " and (not self.run or self.run[-1][-1:] in (" ", "\n")):
                text = text[1:]
        elif not self.run:
            # The line end right after the tag is none of the text's.
            text = text.removeprefix("\r").removeprefix("\n")
        if not text:
            return
        raised = self.opened[-1].raised if self.opened else ""
        if raised and _FIGURES.fullmatch(text.strip()):
            text = text.strip().translate(_SUPERSCRIPT if raised == "sup" else _SUBSCRIPT)
        length = len(text.strip())
        self.styled[0] += length
        self.styled[1] += length * frame.bold
        self.styled[2] += length * frame.under
        self.run.append(text)

    def _gap(self, declared: Declared) -> None:
        """A blank where an element stands off from the words before it by its style alone."""
        off = max(styles.points(declared.get(f"{what}-left", "")) for what in ("padding", "margin"))
        if (off >= _GAP or declared.get("display") == "inline-block") and self.run:
            self._words(" ")

    def _hide(self, text: str, why: str) -> None:
        if why != self.why:
            self._reveal()
        self.why = why
        self.hidden.append(text)

    def _reveal(self) -> None:
        """What was hidden so far becomes a block of its own."""
        if not self.hidden:
            return
        text = self.sweeper.clean(" ".join("".join(self.hidden).split()))
        self.hidden = []
        if text:
            self.late.append(Block(text, Role.HIDDEN, note=self.why))
        if not self.run:
            self.flush()

    def flush(self) -> None:
        """Ends the running text: one block, or several where empty lines part it."""
        if self.hidden and not self.frames[-1].why:
            self._reveal()
        elif self.hidden:
            self.hidden.append(" ")
        pieces, self.run = self.run, []
        length, bold, under = self.styled
        self.styled = [0, 0, 0]
        text = self.sweeper.clean("".join(pieces))
        role, level = self.kinds[-1] if self.kinds else (Role.PARAGRAPH, 0)
        for words in [text] if role is Role.CODE else _EMPTY_LINE.split(text):
            self._put(words, role, level, styled=(bold * 10 >= length * 9, under * 10 >= length * 9))
        for block in self.late:
            self._sink().append(block)
        self.late = []

    def _put(self, words: str, role: Role, level: int, *, styled: tuple[bool, bool]) -> None:
        code = role is Role.CODE
        words = words.rstrip().strip("\r\n") if code else "\n".join(line.strip() for line in words.strip().split("\n"))
        if not words.strip():
            return
        if self.prefix:
            words, self.prefix = f"{self.prefix} {words}", ""
            role = Role.LIST_ITEM if role is Role.PARAGRAPH else role
        bold, under = styled
        self._sink().append(Block(words, role, level, bold=bold, under=under, centre=self.frames[-1].centre))

    def _sink(self) -> list[Block]:
        """Where blocks go: into the cell that is open, beside the table, or out."""
        if not self.tables:
            return self.out
        table = self.tables[-1]
        return table.cell.blocks if table.cell is not None else table.strays

    def _break(self) -> None:
        self.flush()
        self._sink().append(Block("", breaks=True))

    # -- kinds of elements -------------------------------------------------------------------------

    def _kind(self, tag: str, attributes: Attributes) -> tuple[Role, int] | None:
        """The role that blocks in an element have by its name."""
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            return Role.HEADING, int(tag[1])
        if tag in ("figcaption", "caption"):
            return Role.CAPTION, 0
        if tag in ("pre", "listing", "xmp", "plaintext"):
            return Role.CODE, 0
        named = {attributes.get("role", ""), *attributes.get("epub:type", "").split()}
        if named & _FOOTNOTES or "footnote" in attributes.get("class", "").split():
            return Role.FOOTNOTE, 0
        return None

    def _picture(self, attributes: Attributes) -> None:
        self.unread += 1
        alt = self.sweeper.clean(" ".join(attributes.get("alt", "").split()))
        if len(alt.split()) >= _LEAST_ALT_WORDS and not self.frames[-1].why:
            self.late.append(Block(alt, Role.CAPTION, note="description of an image"))

    def _field(self, element: Any) -> None:
        said = self.sweeper.clean(forms.said(element, self.labels))
        if said:
            self.late.append(Block(said, Role.FORM_FIELD))

    def _line_end(self, element: Any, attributes: Attributes) -> None:
        if self.frames[-1].why:
            self.hidden.append(" ")
            return
        if self.run:
            self.run[-1] = self.run[-1].rstrip(" ")
        self.run.append("\n")

    def _list(self, element: Any, attributes: Attributes) -> None:
        self.lists.append(Listing.of(element, attributes, self.frames[-1].list_style))

    def _end_list(self) -> None:
        self.lists.pop()

    def _item(self, element: Any, attributes: Attributes) -> None:
        listing = self.lists[-1] if self.lists else Listing()
        # A list that begins an item of another shows both numbers in its first line.
        self.prefix = f"{self.prefix} {item_prefix(listing, attributes, self.frames[-1].list_style)}".strip()

    def _end_item(self) -> None:
        self.prefix = ""

    def _table(self, element: Any, attributes: Attributes) -> None:
        for above in self.tables[-1:]:
            above.nests = True
        self.tables.append(Table(placing=attributes.get("role", "") in ("presentation", "none")))
        self.frames[-1] = self.frames[-1]._replace(bold=False, centre=False)

    def _end_table(self) -> None:
        if self.tables:
            table = self.tables.pop()
            self._sink().extend(settle(table))

    def _row(self, element: Any, attributes: Attributes) -> None:
        if self.tables:
            self.tables[-1].rows.append(Row(heads=self.tables[-1].in_head))

    def _cell(self, element: Any, attributes: Attributes) -> None:
        if not self.tables:
            return
        table = self.tables[-1]
        if not table.rows:
            table.rows.append(Row(heads=table.in_head))
        width, height = _count(attributes.get("colspan")), _count(attributes.get("rowspan"))
        table.cell = Cell([], width, height, element.tag == "th")
        table.rows[-1].cells.append(table.cell)
        self.prefix = ""

    def _end_cell(self) -> None:
        self.prefix = ""
        if self.tables:
            self.tables[-1].cell = None

    def _head(self, element: Any, attributes: Attributes) -> None:
        if self.tables:
            self.tables[-1].in_head = True

    def _end_head(self) -> None:
        if self.tables:
            self.tables[-1].in_head = False


def _count(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 6 else 1


_STARTS: dict[str, Callable[[Flow, Any, Attributes], None]] = {
    "br": Flow._line_end,
    "ol": Flow._list,
    "ul": Flow._list,
    "menu": Flow._list,
    "dir": Flow._list,
    "li": Flow._item,
    "table": Flow._table,
    "tr": Flow._row,
    "td": Flow._cell,
    "th": Flow._cell,
    "thead": Flow._head,
}
_ENDS: dict[str, Callable[[Flow], None]] = {
    "ol": Flow._end_list,
    "ul": Flow._end_list,
    "menu": Flow._end_list,
    "dir": Flow._end_list,
    "li": Flow._end_item,
    "table": Flow._end_table,
    "td": Flow._end_cell,
    "th": Flow._end_cell,
    "thead": Flow._end_head,
}
