"""Clause numbers as Word shows them: counters, templates, restarts and overrides of its lists."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docanalyze.ingest.docx.names import W, switched, value

_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST = 32_767
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
BULLET = "•"


def roman(number: int) -> str:
    found = ""
    for worth, letters in _ROMAN:
        while number >= worth:
            found += letters
            number -= worth
    return found


def letters(number: int) -> str:
    """a to z, then aa, bb, as Word goes on."""
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""


def _ordinal(number: int) -> str:
    last = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _cardinal(number: int) -> str:
    if number < 20:
        return _ONES[number].capitalize()
    if number < 100:
        tens, one = divmod(number, 10)
        return (_TENS[tens] + (f"-{_ONES[one]}" if one else "")).capitalize()
    return str(number)


def _ordinal_words(number: int) -> str:
    head, mark, last = _cardinal(number).lower().rpartition("-")
    if last.isdigit():
        return _ordinal(number)
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{mark}{last}".capitalize()


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "lowerLetter": letters,
    "upperLetter": lambda number: letters(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "decimalZero": lambda number: f"{number:02d}",
    "none": lambda number: "",
    "bullet": lambda number: "",
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_words,
}
STYLES = {
    "lowerLetter": "letter", "upperLetter": "capital", "lowerRoman": "roman", "upperRoman": "roman capital",
    "decimal": "figure", "decimalZero": "figure",
}  # fmt: skip
"""What marks of these formats are called in clause numbers."""


@dataclass(slots=True)
class Level:
    """How one level of a list counts and looks."""

    start: int
    form: str
    template: str
    legal: bool
    restart: int | None
    style: str


@dataclass(frozen=True, slots=True)
class Label:
    """A number as Word shows it; whether it names the levels above it; how its own level counts."""

    text: str
    whole: bool
    style: str

    @property
    def bullet(self) -> bool:
        return self.text == BULLET


@dataclass(slots=True)
class _List:
    """One `num`: the counters that it shares, and what it has its own way."""

    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Lists:
    """All lists of a document and where they have come to."""

    def __init__(self, root: Any) -> None:
        self.abstract: dict[str, dict[int, Level]] = {}
        self.lists: dict[str, _List] = {}
        self.counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if root is not None:
            self._load(root)

    def _load(self, root: Any) -> None:
        links: dict[str, str] = {}
        linked: dict[str, str] = {}
        for one in root.iter(f"{W}abstractNum"):
            key = one.get(f"{W}abstractNumId", "")
            self.abstract[key] = {_depth(level): _level(level) for level in one.findall(f"{W}lvl")}
            if style := value(one, f"{W}styleLink"):
                links[style] = key
            if style := value(one, f"{W}numStyleLink"):
                linked[key] = style
        for one in root.iter(f"{W}num"):
            key = value(one, f"{W}abstractNumId")
            found = _List(links.get(linked.get(key, ""), key))
            for override in one.findall(f"{W}lvlOverride"):
                depth = _depth(override)
                start = value(override, f"{W}startOverride")
                if start.isdigit():
                    found.starts[depth] = min(int(start), _MOST)
                level = override.find(f"{W}lvl")
                if level is not None:
                    found.levels[depth] = _level(level)
            self.lists[one.get(f"{W}numId", "")] = found

    def depth_of_style(self, number: str, style: str) -> int:
        """The level of a list that a paragraph style stands for; the first if none does."""
        known = self.lists.get(number)
        levels = self.abstract.get(known.abstract, {}) if known else {}
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def take(self, number: str, depth: int) -> Label | None:
        """The label of the next paragraph of a list on a level; None if the list counts nothing there."""
        known = self.lists.get(number)
        if known is None or number == "0":
            return None
        level = self._level(known, depth)
        if level is None:
            return None
        counts = self.counts.setdefault(known.abstract, {})
        self._count(number, known, counts, depth)
        if level.form == "bullet":
            return Label(BULLET, whole=False, style="")
        text = _PLACE.sub(lambda place: self._shown(known, counts, int(place[1]) - 1, level), level.template)
        whole = depth == 0 or any(f"%{above}" in level.template for above in range(1, depth + 1))
        return Label(" ".join(text.split()), whole, STYLES.get(level.form, ""))

    def _level(self, known: _List, depth: int) -> Level | None:
        return known.levels.get(depth) or self.abstract.get(known.abstract, {}).get(depth)

    def _count(self, number: str, known: _List, counts: dict[int, int], depth: int) -> None:
        if depth in known.starts and (number, depth) not in self._started:
            # A restart holds once: the list goes on from there.
            counts[depth] = known.starts[depth] - 1
        self._started.add((number, depth))
        for above in range(depth):
            if above not in counts:
                counts[above] = self._start(known, above)
        counts[depth] = min(counts[depth] + 1, _MOST) if depth in counts else self._start(known, depth)
        for below in [other for other in counts if other > depth]:
            level = self._level(known, below)
            restart = level.restart if level else None
            if restart is None or (restart != 0 and depth < restart):
                del counts[below]

    def _start(self, known: _List, depth: int) -> int:
        level = self._level(known, depth)
        return known.starts.get(depth, level.start if level else 1)

    def _shown(self, known: _List, counts: dict[int, int], depth: int, of: Level) -> str:
        level = self._level(known, depth)
        form = level.form if level else "decimal"
        if of.legal and form not in ("decimalZero", "none"):
            form = "decimal"
        shape = _FORMS.get(form, str)
        return str(shape(counts.get(depth, self._start(known, depth))))


def _depth(element: Any) -> int:
    level = element.get(f"{W}ilvl", "0")
    return int(level) if level.isdigit() else 0


def _level(level: Any) -> Level:
    start, restart = value(level, f"{W}start", "1"), value(level, f"{W}lvlRestart")
    return Level(
        min(int(start), _MOST) if start.isdigit() else 1,
        value(level, f"{W}numFmt", "decimal"),
        value(level, f"{W}lvlText"),
        bool(switched(level, f"{W}isLgl")),
        int(restart) if restart.isdigit() else None,
        value(level, f"{W}pStyle"),
    )
