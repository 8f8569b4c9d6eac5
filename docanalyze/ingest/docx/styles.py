"""Styles: what a paragraph or a run has from its style, from the style that that is based on, and so on."""

from typing import Any, NamedTuple

from docanalyze.ingest.docx.names import VAL, W, switched, value

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
        self.hidden_default = hidden_by(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")) or ""

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
    return Style(
        value(style, f"{W}name"),
        value(style, f"{W}basedOn"),
        numbered_by(paragraph),
        outline_by(paragraph),
        hidden_by(run),
        switched(run, f"{W}b"),
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


def hidden_by(properties: Any) -> str | None:
    """Why properties of a run hide its words; empty if they say that they do not; None if they say nothing."""
    if properties is None:
        return None
    vanish = switched(properties, f"{W}vanish")
    if vanish:
        return "hidden by Word"
    size = value(properties, f"{W}sz")
    if size.isdigit() and int(size) <= _TINY:
        return "tiny"
    color = value(properties, f"{W}color")
    if color.upper() == _WHITE and not shaded(properties) and properties.find(f"{W}highlight") is None:
        return "white on white"
    return "" if vanish is False or color else None


def shaded(properties: Any) -> bool:
    """Whether properties give a ground of another colour than white."""
    found = properties.find(f"{W}shd") if properties is not None else None
    if found is None:
        return False
    fill = found.get(f"{W}fill", "auto").upper()
    pattern = found.get(VAL, "clear")
    return fill not in ("AUTO", _WHITE) or found.get(f"{W}themeFill") is not None or pattern == "solid"
