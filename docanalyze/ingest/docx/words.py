"""The words of one paragraph: what is to be seen of its runs, and what is to be told apart of them.

Walks the inline elements once, in the order of the file. Insertions are read, deletions are not;
fields give their result; of a picture's two forms one is taken.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from docanalyze.ingest.docx.names import ID, MC, M, W
from docanalyze.ingest.docx.styles import Look, Styles, look_of
from docanalyze.model import Role

_SYMBOLS = {"F0B7": "•", "F0A7": "▪", "F0FE": "☒", "F0A8": "☐", "F06F": "☐", "F0FC": "✓", "F0FB": "✗", "F0E0": "→"}
_TEXT, _PROPERTIES = f"{W}t", f"{W}rPr"
_PLAIN_LOOK = Look()
_PLAIN = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "\u2011",
    f"{W}softHyphen": "\u00ad",
}


class Change(NamedTuple):
    """An insertion or a deletion that nobody has accepted yet."""

    role: Role
    words: str
    by: str


class Mark(NamedTuple):
    """Where a footnote, an endnote or a comment is referred to."""

    kind: str
    key: str


class Found:
    """What a paragraph holds: words, those hidden among them, and what hangs on it.

    `sources` are the elements that the `parts` of its words stand in, one each.
    """

    __slots__ = ("bold", "boxes", "changes", "hidden", "marks", "parts", "plain", "sources")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.sources: list[Any] = []
        self.hidden: list[tuple[str, str]] = []
        self.marks: list[Mark] = []
        self.boxes: list[Any] = []
        self.changes: list[Change] = []
        self.bold = 0
        self.plain = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)


class Inline:
    """Reads the inline elements of paragraphs. Fields may run over several of them, comments too."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.fields: list[bool] = []
        """For each open field whether its instruction, and not its result, is being read."""
        self.open_comments: dict[str, list[str]] = {}
        self.commented: dict[str, str] = {}
        self._hidden_by_style: dict[tuple[str, str], str] = {}
        self._ways: dict[str, Callable[[Any, Found], None]] = {
            f"{W}r": self._run,
            f"{W}ins": self._inserted,
            f"{W}moveTo": self._inserted,
            f"{W}del": self._deleted,
            f"{W}moveFrom": self._deleted,
            f"{W}sdt": self._control,
            f"{W}commentRangeStart": self._comment_starts,
            f"{W}commentRangeEnd": self._comment_ends,
            f"{MC}AlternateContent": self._alternate,
            f"{M}oMath": self._math,
            f"{M}oMathPara": self._math,
            f"{W}pPr": self._nothing,
            f"{W}txbxContent": self._box,
            f"{W}p": self._nothing,
        }
        self._in_run: dict[str, Callable[[Any, Found], None]] = {
            f"{W}rPr": self._nothing,
            f"{W}instrText": self._nothing,
            f"{W}delText": self._nothing,
            f"{W}br": self._break,
            f"{W}fldChar": self._field,
            f"{W}sym": self._symbol,
            f"{W}footnoteReference": lambda e, found: found.marks.append(Mark("footnote", e.get(ID, ""))),
            f"{W}endnoteReference": lambda e, found: found.marks.append(Mark("endnote", e.get(ID, ""))),
            f"{W}commentReference": lambda e, found: found.marks.append(Mark("comment", e.get(ID, ""))),
            f"{W}ruby": self._ruby,
            f"{MC}AlternateContent": self._alternate,
            f"{W}txbxContent": self._box,
        }
        self.paragraph_style = ""
        self.on_ground = False

    def read(self, paragraph: Any, style: str, *, on_ground: bool) -> Found:
        """The words of a paragraph. `on_ground`: it stands on a shaded ground, where white is to be seen."""
        self.paragraph_style, self.on_ground = style, on_ground
        found = Found()
        self._inside(paragraph, found)
        return found

    def _inside(self, element: Any, found: Found) -> None:
        for child in element:
            way = self._ways.get(child.tag)
            if way is not None:
                way(child, found)
            elif len(child):
                self._inside(child, found)

    def _nothing(self, element: Any, found: Found) -> None:
        pass

    # -- runs --------------------------------------------------------------------------------------

    def _run(self, run: Any, found: Found) -> None:
        look = _PLAIN_LOOK
        before = len(found.parts)
        for child in run:
            tag = child.tag
            if tag == _TEXT:
                self._add(child.text or "", child, found)
            elif tag == _PROPERTIES:
                look = look_of(child)
            elif tag in _PLAIN:
                self._add(_PLAIN[tag], child, found)
            elif (way := self._in_run.get(tag)) is not None:
                way(child, found)
            elif len(child):
                self._drawn(child, found)
        if len(found.parts) > before:
            self._settle(found, before, look)

    def _settle(self, found: Found, before: int, look: Look) -> None:
        """Keeps the words of a run that were added since `before`, or puts them aside as hidden."""
        words = "".join(found.parts[before:])
        if why := self._why_hidden(look):
            del found.parts[before:], found.sources[before:]
            if words.strip():
                found.hidden.append((why, words))
            return
        length = len(words.strip())
        found.bold += length * bool(look.bold)
        found.plain += length * (not look.bold)
        for anchored in self.open_comments.values():
            anchored.append(words)

    def _add(self, words: str, source: Any, found: Found) -> None:
        if words and not (self.fields and any(self.fields)):
            found.parts.append(words)
            found.sources.append(source)

    def _why_hidden(self, look: Look) -> str:
        """Why a run is not to be seen; empty if it is. What the run says goes before what its styles say."""
        if look.hidden is not None:
            return "" if look.hidden == "white on white" and self.on_ground else look.hidden
        named = look.style
        key = (self.paragraph_style, named)
        known = self._hidden_by_style.get(key)
        if known is None:
            by_run = self.styles.hidden(named) if named else None
            by_paragraph = self.styles.hidden(self.paragraph_style)
            known = next((why for why in (by_run, by_paragraph) if why is not None), self.styles.hidden_default)
            self._hidden_by_style[key] = known
        return "" if known == "white on white" and self.on_ground else known

    def _break(self, element: Any, found: Found) -> None:
        self._add("\n", element, found)

    def _symbol(self, element: Any, found: Found) -> None:
        code = element.get(f"{W}char", "").upper()
        try:
            shown = _SYMBOLS.get(code) or chr(int(code, 16))
        except (ValueError, OverflowError):
            shown = "\ufffd"
        self._add(shown, element, found)

    def _field(self, element: Any, found: Found) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self.fields.append(True)
        elif kind == "separate" and self.fields:
            self.fields[-1] = False
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _ruby(self, element: Any, found: Found) -> None:
        base = element.find(f"{W}rubyBase")
        if base is not None:
            self._inside(base, found)

    def _drawn(self, element: Any, found: Found) -> None:
        """Pictures, shapes, objects: of these the text boxes."""
        for box in element.iter(f"{W}txbxContent", f"{MC}AlternateContent"):
            if box.tag == f"{W}txbxContent" and not any(
                parent.tag in (f"{W}txbxContent", f"{MC}Fallback") for parent in box.iterancestors()
            ):
                found.boxes.append(box)

    # -- changes, controls, comments ---------------------------------------------------------------

    def _inserted(self, element: Any, found: Found) -> None:
        before = len(found.parts)
        self._inside(element, found)
        words = "".join(found.parts[before:])
        if words.strip():
            found.changes.append(Change(Role.INSERTION, words, made_by(element)))

    def _deleted(self, element: Any, found: Found) -> None:
        words = "".join(part.text or "" for part in element.iter(f"{W}delText", f"{W}t"))
        if words.strip():
            found.changes.append(Change(Role.DELETION, words, made_by(element)))

    def _control(self, element: Any, found: Found) -> None:
        content = element.find(f"{W}sdtContent")
        if content is not None:
            self._inside(content, found)

    def _alternate(self, element: Any, found: Found) -> None:
        """One of the two forms of what newer and older programs show, never both."""
        chosen = element.find(f"{MC}Choice")
        if chosen is None:
            chosen = element.find(f"{MC}Fallback")
        if chosen is not None:
            boxes = [box for box in chosen.iter(f"{W}txbxContent") if not _nested(box, chosen)]
            found.boxes += boxes
            if not boxes:
                self._inside(chosen, found)

    def _box(self, element: Any, found: Found) -> None:
        found.boxes.append(element)

    def _math(self, element: Any, found: Found) -> None:
        self._add("".join(part.text or "" for part in element.iter(f"{M}t")), element, found)

    def _comment_starts(self, element: Any, found: Found) -> None:
        self.open_comments[element.get(ID, "")] = []

    def _comment_ends(self, element: Any, found: Found) -> None:
        key = element.get(ID, "")
        if key in self.open_comments:
            self.commented[key] = "".join(self.open_comments.pop(key))


def _nested(box: Any, within: Any) -> bool:
    for parent in box.iterancestors():
        if parent is within:
            return False
        if parent.tag == f"{W}txbxContent":
            return True
    return False


def made_by(element: Any) -> str:
    """Who made a change or a comment, and when."""
    author = " ".join(element.get(f"{W}author", "").split()) or "somebody"
    day = element.get(f"{W}date", "")[:10]
    return f"by {author}, {day}" if day else f"by {author}"
