"""Styles: what a paragraph or a run has from its style, from the style that that is based on, and so on."""

from typing import Any, NamedTuple

from docanalyze.ingest.docx.names import NO, VAL, W, value

_DEEPEST = 30
_WHITE = "FFFFFF"
_TINY = 4
"""Half points."""


class Numbered(NamedTuple):
    """The list that a paragraph belongs to: its number, and the level, if it says one."""

    number: str
    level: int | None


class Style(NamedTuple):
    """One style as it stands in the file."""

    name: str
    based: str
    numbered: Numbered | None
    outline: int | None
    hidden: str | None
    bold: bool | None


class Styles:
    """All styles of a document by their id, looked up along the chain of what they are based on."""

    def __init__(self, root: Any) -> None:
        self.by_id: dict[str, Style] = {}
        self.default = ""
        self.hidden_default = ""
        self._chains: dict[str, tuple[Style, ...]] = {}
        if root is None:
            return
        for style in root.iter(f"{W}style"):
            key = style.get(f"{W}styleId", "")
            self.by_id[key] = _style(style)
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                self.default = key
        default = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self.hidden_default = (look_of(default).hidden or "") if default is not None else ""

    def chain(self, key: str) -> tuple[Style, ...]:
        """A style and those that it is based on."""
        known = self._chains.get(key)
        if known is None:
            found: list[Style] = []
            at, seen = key, set[str]()
            while at in self.by_id and at not in seen and len(found) < _DEEPEST:
                seen.add(at)
                found.append(self.by_id[at])
                at = self.by_id[at].based
            known = self._chains[key] = tuple(found)
        return known

    def name(self, key: str) -> str:
        style = self.by_id.get(key)
        return style.name if style else ""

    def numbered(self, key: str) -> tuple[Numbered, str] | None:
        """The list that a style puts its paragraphs into, and the id of the style that says so."""
        at = key
        for style in self.chain(key):
            if style.numbered is not None:
                return style.numbered, at
            at = style.based
        return None

    def outline(self, key: str) -> int | None:
        return next((style.outline for style in self.chain(key) if style.outline is not None), None)

    def hidden(self, key: str) -> str | None:
        """Why text of a style is hidden, empty if the style says that it is not, None if it says nothing."""
        return next((style.hidden for style in self.chain(key) if style.hidden is not None), None)

    def bold(self, key: str) -> bool:
        return next((style.bold for style in self.chain(key) if style.bold is not None), False)


def _style(style: Any) -> Style:
    paragraph, run = style.find(f"{W}pPr"), style.find(f"{W}rPr")
    look = look_of(run) if run is not None else Look()
    return Style(
        value(style, f"{W}name"),
        value(style, f"{W}basedOn"),
        numbered_by(paragraph),
        outline_by(paragraph),
        look.hidden,
        look.bold,
    )


def numbered_by(properties: Any) -> Numbered | None:
    """The list that properties of a paragraph name; a level alone belongs to the list of the style."""
    found = properties.find(f"{W}numPr") if properties is not None else None
    if found is None:
        return None
    level = value(found, f"{W}ilvl")
    return Numbered(value(found, f"{W}numId"), int(level) if level.isdigit() else None)


def outline_by(properties: Any) -> int | None:
    """0 for the highest heading; None where nothing is said; 9 and more is body text."""
    level = value(properties, f"{W}outlineLvl") if properties is not None else ""
    return int(level) if level.isdigit() else None


class Look(NamedTuple):
    """What properties of a run say: why its words are hidden (None if nothing), its style, whether it is bold."""

    hidden: str | None = None
    style: str = ""
    bold: bool | None = None


def look_of(properties: Any) -> Look:
    """In one pass, since most of a document's elements are these."""
    said = {one.tag: one for one in properties}
    style = said[_STYLE].get(VAL, "") if _STYLE in said else ""
    bold = said[_BOLD].get(VAL, "1").lower() not in NO if _BOLD in said else None
    vanish = said[_VANISH].get(VAL, "1").lower() not in NO if _VANISH in said else None
    if vanish:
        return Look("hidden by Word", style, bold)
    size = said[_SIZE].get(VAL, "") if _SIZE in said else ""
    if size.isdigit() and int(size) <= _TINY:
        return Look("tiny", style, bold)
    color = said[_COLOR].get(VAL, "") if _COLOR in said else ""
    if color.upper() == _WHITE and _HIGHLIGHT not in said and not (_SHADE in said and _is_ground(said[_SHADE])):
        return Look("white on white", style, bold)
    return Look("" if vanish is False or color else None, style, bold)


_SIZE, _COLOR, _BOLD, _STYLE, _VANISH = (f"{W}{name}" for name in ("sz", "color", "b", "rStyle", "vanish"))
_SHADE, _HIGHLIGHT = f"{W}shd", f"{W}highlight"


def shaded(properties: Any) -> bool:
    """Whether properties give a ground of another colour than white."""
    found = properties.find(_SHADE) if properties is not None else None
    return found is not None and _is_ground(found)


def _is_ground(found: Any) -> bool:
    fill = found.get(f"{W}fill", "auto").upper()
    pattern = found.get(VAL, "clear")
    return fill not in ("AUTO", _WHITE) or found.get(f"{W}themeFill") is not None or pattern == "solid"
