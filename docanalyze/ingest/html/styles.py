"""What style says of a page's words: hidden or not, bold, centred, where pages break.

Knows the declarations that decide these and no others; of style sheets the rules with simple
selectors (`.class`, `#id`, a tag, a tag with a class) in the file itself. Nothing is fetched.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Declared = dict[str, str]

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"([a-zA-Z-]+)\s*:\s*([^;]+)")
_SELECTOR = re.compile(r"(?P<tag>[a-z][\w:-]*|\*)?(?P<id>#[\w-]+)?(?P<class>\.[\w-]+)?", re.IGNORECASE)
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|in|cm|mm|pc|%)?")
_POINTS = {"": 0.75, "px": 0.75, "pt": 1.0, "em": 11.0, "rem": 11.0, "ex": 5.0, "in": 72.0, "cm": 28.3, "mm": 2.83}
_POINTS |= {"pc": 12.0, "%": 0.11}
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})")
_NAMED = {
    "white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "navy": (0, 0, 128),
}  # fmt: skip
_CLEAR = ("transparent", "rgba(0,0,0,0)", "inherit", "initial", "none")
_BREAKS = ("always", "page", "left", "right", "recto", "verso")
_SMALLEST = 1.0
_ALIKE = 8
_FAR = -900.0
_MOST_RULES = 20_000
_MOST_CLASSES = 50
_MOST_KNOWN = 20_000
_WHITE = (255, 255, 255)
Colour = tuple[int, int, int]


class Frame(NamedTuple):
    """How words are shown at one place: an element's own style over what it inherits."""

    hidden: str = ""
    unseen: str = ""
    bold: bool = False
    under: bool = False
    centre: bool = False
    pre: bool = False
    colour: Colour | None = None
    ground: Colour | None = _WHITE
    list_style: str = ""

    @property
    def why(self) -> str:
        """Why words here are not seen; empty if they are."""
        return self.hidden or self.unseen


class Sheet:
    """The rules of a file's own style sheets that can be told without looking at more than one element."""

    def __init__(self) -> None:
        self.rules: dict[str, list[tuple[int, int, Declared]]] = {}
        self.count = 0
        self._known: dict[tuple[str, str, str], Declared] = {}

    def add(self, text: str) -> None:
        """Takes the rules of one `<style>`."""
        for selectors, body in _rules(_COMMENT.sub(" ", text).replace("<!--", " ").replace("-->", " ")):
            declared = declarations(body)
            if not declared:
                continue
            for selector in selectors.split(","):
                self._take(selector.strip(), declared)

    def _take(self, selector: str, declared: Declared) -> None:
        match = _SELECTOR.fullmatch(selector)
        if match is None or not selector or self.count >= _MOST_RULES:
            return
        self.count += 1
        weight = 100 * bool(match["id"]) + 10 * bool(match["class"]) + bool(match["tag"])
        key = match["id"] or match["class"] or (match["tag"] or "").lower()
        tag = (match["tag"] or "").lower() if match["id"] or match["class"] else ""
        if match["id"] and match["class"]:
            return
        self.rules.setdefault(f"{tag if tag != '*' else ''} {key}", []).append((weight, self.count, declared))

    def of(self, tag: str, attributes: Mapping[str, str]) -> Declared:
        """What the sheets and the element itself declare of it."""
        own = declarations(attributes["style"]) if "style" in attributes else {}
        if not self.rules:
            return own
        return self._ruled(tag, attributes.get("class", ""), attributes.get("id", "")) | own

    def _ruled(self, tag: str, classes: str, name: str) -> Declared:
        """What the rules say of such an element, the weightier after the others."""
        key = (tag, classes, name)
        if key not in self._known:
            keys = [tag, "*", f"#{name}", *(f".{one}" for one in classes.split()[:_MOST_CLASSES])]
            found = [rule for one in keys for prefix in ("", tag) for rule in self.rules.get(f"{prefix} {one}", ())]
            together: Declared = {}
            for _, _, declared in sorted(found, key=lambda rule: rule[:2]):
                together |= declared
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = together
        return self._known[key]


def declarations(text: str) -> Declared:
    """Names and values of a declaration block, in small letters."""
    if ":" not in text:
        return {}
    found = _DECLARATION.findall(text[:20_000])
    return {name.lower(): value.lower().replace("!important", "").strip() for name, value in found}


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and bodies; those for print alone are left out, other conditions taken as met."""
    at = skipped = depth = 0
    start = 0
    while at < len(text):
        opening, closing = text.find("{", at), text.find("}", at)
        if opening < 0 and closing < 0:
            return
        if opening < 0 or 0 <= closing < opening:
            depth, at, start = max(0, depth - 1), closing + 1, closing + 1
            skipped = min(skipped, depth)
            continue
        before, at = text[start:opening].strip().rpartition(";")[2].strip(), opening + 1
        start = at
        if before.startswith("@"):
            depth += 1
            if "print" in before and "screen" not in before and not skipped:
                skipped = depth
            continue
        closing = text.find("}", at)
        closing = len(text) if closing < 0 else closing
        if not skipped:
            yield before, text[at:closing]
        at = start = closing + 1


# -- from an element to its frame ------------------------------------------------------------------


def framed(above: Frame, tag: str, attributes: Mapping[str, str], declared: Declared) -> Frame:
    """How words of an element are shown, from how those around it are."""
    changed: dict[str, object] = {}
    if tag in TAGGED:
        changed |= TAGGED[tag]
    _decorate(changed, attributes, declared)
    colour, ground = _colours(above, tag, attributes, declared)
    if colour != above.colour or ground != above.ground:
        changed |= {"colour": colour, "ground": ground}
    hidden = above.hidden or _hidden(attributes, declared)
    if hidden:
        changed["hidden"] = hidden
    unseen = _unseen(above, declared)
    if not unseen and colour is not None and ground is not None and _same(colour, ground):
        unseen = "its colour is that of its background"
    elif unseen.startswith("its colour"):
        unseen = ""
    changed["unseen"] = unseen
    return above._replace(**changed)  # type: ignore[arg-type]


TAGGED: dict[str, dict[str, object]] = {
    "b": {"bold": True},
    "strong": {"bold": True},
    "th": {"bold": True},
    "u": {"under": True},
    "center": {"centre": True},
    "pre": {"pre": True},
    "listing": {"pre": True},
}


def _decorate(changed: dict[str, object], attributes: Mapping[str, str], declared: Declared) -> None:
    weight = declared.get("font-weight", "")
    if weight:
        changed["bold"] = weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 600)
    if "underline" in declared.get("text-decoration", "") + declared.get("text-decoration-line", ""):
        changed["under"] = True
    align = declared.get("text-align") or attributes.get("align", "").lower()
    if align:
        changed["centre"] = align in ("center", "middle")
    if space := declared.get("white-space", ""):
        changed["pre"] = space in ("pre", "pre-wrap", "pre-line", "break-spaces")
    if style := declared.get("list-style-type") or declared.get("list-style", ""):
        changed["list_style"] = style


def _hidden(attributes: Mapping[str, str], declared: Declared) -> str:
    """Why an element and all in it is not shown; nothing in it can undo that."""
    if "hidden" in attributes:
        return "the attribute hidden"
    if not declared:
        return ""
    if declared.get("display") == "none":
        return "display:none"
    opacity = _LENGTH.match(declared.get("opacity", ""))
    if opacity and float(opacity[1]) <= (5 if opacity[2] else 0.05):
        return f"opacity:{declared['opacity']}"
    if declared.get("position") in ("absolute", "fixed"):
        for side in ("left", "top", "right"):
            if points(declared.get(side, "")) < _FAR:
                return f"{side}:{declared[side]}"
        if re.match(r"rect\(\s*(?:0|1px)[\s,]", declared.get("clip", "")):
            return "clipped away"
    if points(declared.get("text-indent", "")) < _FAR:
        return f"text-indent:{declared['text-indent']}"
    small = [side for side in ("width", "height", "max-height", "max-width") if declared.get(side, "") in _NOTHING]
    return f"{small[0]}:0" if small and declared.get("overflow") == "hidden" else ""


_NOTHING = ("0", "0px", "0pt", "0em", "0%")


def _unseen(above: Frame, declared: Declared) -> str:
    """Why an element's words are not seen, where what stands in it may be seen again."""
    before = above.unseen
    if visibility := declared.get("visibility", ""):
        if visibility in ("hidden", "collapse"):
            return f"visibility:{visibility}"
        before = "" if before.startswith("visibility") else before
    if size := declared.get("font-size", "") or _font_size(declared.get("font", "")):
        relative = size.endswith(("em", "%")) and before.startswith("font-size")
        if _LENGTH.match(size) and points(size) <= _SMALLEST:
            return f"font-size:{size}"
        before = "" if before.startswith("font-size") and not relative else before
    return before


def _font_size(font: str) -> str:
    match = re.search(r"(?:^|\s)(\d*\.?\d+(?:px|pt|em|rem|%))", font)
    return match[1] if match else ""


def points(length: str) -> float:
    """A length in points; 0.0 for what is none."""
    match = _LENGTH.match(length)
    return float(match[1]) * _POINTS[match[2] or ""] if match else 0.0


def breaks(declared: Declared) -> tuple[bool, bool]:
    """Whether a page ends before an element, and after it."""
    before = declared.get("page-break-before") or declared.get("break-before", "")
    after = declared.get("page-break-after") or declared.get("break-after", "")
    return before in _BREAKS, after in _BREAKS


def _colours(
    above: Frame, tag: str, attributes: Mapping[str, str], declared: Declared
) -> tuple[Colour | None, Colour | None]:
    """Of the words and of what is behind them; None where it is not known."""
    colour, ground = above.colour, above.ground
    said = declared.get("color") or (attributes.get("color" if tag == "font" else "text", "").strip().lower())
    if said and said not in ("inherit", "initial", "currentcolor"):
        colour = _colour(said)
    behind = declared.get("background-color") or attributes.get("bgcolor", "").strip().lower()
    painted = declared.get("background", "")
    if behind and behind.replace(" ", "") not in _CLEAR:
        ground = _colour(behind)
    elif painted and painted.replace(" ", "") not in _CLEAR:
        ground = _colour(painted.split(" url(")[0]) if "url(" not in painted and "gradient" not in painted else None
    if "background-image" in declared and declared["background-image"] != "none":
        ground = None
    return colour, ground


def _colour(said: str) -> Colour | None:
    said = said.strip()
    if match := _RGB.match(said):
        return int(match[1]), int(match[2]), int(match[3])
    digits = said.lstrip("#").split(" ")[0]
    if said[:1] == "#" or re.fullmatch(r"[0-9a-f]{6}", digits):
        short = len(digits) in (3, 4)
        pairs = [digits[n] * 2 for n in range(3)] if short else [digits[n : n + 2] for n in (0, 2, 4)]
        if all(re.fullmatch("[0-9a-f]{2}", pair) for pair in pairs):
            return int(pairs[0], 16), int(pairs[1], 16), int(pairs[2], 16)
        return None
    return _NAMED.get(said.split(" ")[0])


def _same(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))
