"""What stands before a list item on the screen: its bullet or its number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BULLET = "•"
_STYLES = {
    "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal",
    "lower-latin": "lower-alpha", "upper-latin": "upper-alpha",
}  # fmt: skip
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST = 1_000_000


@dataclass(slots=True)
class Listing:
    """A list that is open: how its items are numbered, and the number of the next."""

    style: str = ""
    number: int = 1
    step: int = 1

    @classmethod
    def of(cls, element: Any, attributes: Mapping[str, str], declared: str) -> "Listing":
        if element.tag != "ol":
            return cls(declared)
        step = -1 if "reversed" in attributes else 1
        first = _number(attributes.get("start"))
        if first is None:
            first = sum(1 for _ in element.iterchildren("li")) if step < 0 else 1
        style = declared or _STYLES.get(attributes.get("type", ""), "decimal")
        return cls(style, first, step)


def item_prefix(listing: Listing, attributes: Mapping[str, str], declared: str) -> str:
    """Bullet or number of an item, after which the list counts on; empty where the style shows none."""
    style = _STYLES.get(attributes.get("type", ""), "") or declared or listing.style
    style = next((_STYLES.get(word, word) for word in style.split() if word not in ("inside", "outside")), "")
    given = _number(attributes.get("value"))
    number = listing.number if given is None else given
    listing.number = number + listing.step
    if style == "none":
        return ""
    if style.startswith("decimal"):
        return f"{number}."
    if style.endswith("alpha"):
        return f"{_cased(_letters(number), style)}."
    if style.endswith("roman"):
        return f"{_cased(_roman(number), style)}."
    return BULLET


def _number(said: str | None) -> int | None:
    try:
        number = int((said or "").strip()[:9])
    except ValueError:
        return None
    return number if abs(number) < _MOST else None


def _cased(text: str, style: str) -> str:
    return text.upper() if style.startswith("upper") else text


def _letters(number: int) -> str:
    if number < 1:
        return str(number)
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    letters = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        letters += sign * count
    return letters
