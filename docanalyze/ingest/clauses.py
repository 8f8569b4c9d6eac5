"""Clause numbers as people cite them: `3.2(a)(ii)` from the marks that begin paragraphs.

Knows the marks alone; what is a paragraph or a heading is decided by the readers.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

_ROMAN = r"(?:x{0,3}(?:ix|iv|v?i{0,3}))"
_DECIMAL = re.compile(
    r"(?:(?:section|clause|sec\.|§{1,2})\s{0,3})?(?P<number>\d{1,2}(?:\.\d{1,3}){0,4})(?P<end>\.|\))?(?:\s|$|(?<=[.)])(?=[A-Z][a-z]))",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"article\s{1,3}(?P<number>[IVXLC]{1,7}|\d{1,2})\b[.:]?", re.IGNORECASE)
_SCHEDULE = re.compile(
    r"(?P<word>schedule|exhibit|annex|appendix|attachment|addendum)\s{1,3}(?P<number>[A-Z]\d?|\d{1,2}(?:\.\d{1,3})?|[IVX]{1,5})\b[.:]?",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"(?P<number>[A-Z](?:\.\d{1,2}){1,3})\.?\s+(?=[A-Z\"“(])")
_BRACKET = re.compile(r"\((?P<mark>[a-z]{1,2}|[A-Z]|[ivx]{1,6}|\d{1,2})\)(?=\s|\S)")
_LETTER = re.compile(r"(?P<mark>[a-zA-Z]|[ivx]{1,5})[.)]\s")
_BULLET = re.compile(r"[•●▪■◦‣·–—*-]\s+\S")
_LONGEST_TITLE = 90
_NAMES = frozenset({"art", "sch", "exh", "ann", "app", "att", "add", "sec", "cla"})
"""How the words begin that name a clause."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a paragraph begins with: its style, its value, and how many levels deep it is.

    `kind` says how it counts (letter, roman, capital, figure) where that is known, as of a list of
    Word; else it is judged by what came before.
    """

    style: str
    value: str
    depth: int
    end: int
    kind: str = ""


@lru_cache(maxsize=2048)
def mark_of(text: str) -> Mark | None:
    """The clause mark that a paragraph begins with, if it begins with one."""
    if text[:2].isalpha() and text[0] not in "ivxIVX" and text[:3].lower() not in _NAMES:
        # Most lines begin with a word.
        return None
    if match := _ARTICLE.match(text):
        return Mark("article", match["number"].upper(), 1, match.end())
    if (match := _SCHEDULE.match(text)) and _names_itself(match, text):
        return Mark("schedule", f"{match['word'].capitalize()} {match['number'].upper()}", 1, match.end())
    if (match := _DECIMAL.match(text)) and _is_clause(match, text):
        number = match["number"]
        return Mark("decimal", number.removesuffix(".0") or number, number.count(".") + 1, match.end())
    if match := _LETTERED.match(text):
        return Mark("decimal", match["number"], match["number"].count(".") + 1, match.end())
    if match := _BRACKET.match(text):
        return Mark("bracket", match["mark"], 2, match.end())
    if (match := _LETTER.match(text)) and text[: match.end()].strip() != "I.":
        return Mark("letter", match["mark"], 2, match.end())
    return None


def _names_itself(match: re.Match[str], text: str) -> bool:
    """Whether `Schedule B` is a title here, and not the first words of a sentence."""
    return len(text) <= _LONGEST_TITLE and not text[match.end() :].lstrip()[:1].islower()


def is_bullet(text: str) -> bool:
    return _BULLET.match(text) is not None


def _is_clause(match: re.Match[str], text: str) -> bool:
    """Whether figures begin a clause: `3.2 Payment`, `4. Term`; not `30 days`, `3.5 million`, `2019.`"""
    number, rest = match["number"], text[match.end() :].lstrip()
    named = match.start("number") > match.start()
    if named:
        return not rest[:1].islower()
    if number.startswith("0") and number != "0":
        return False
    starts_well = not rest or rest[0].isupper() or rest[0] in "\"“'‘([_" or rest[0].isdigit() is False
    if rest[:1].islower() or rest[:1] in "%,;":
        return False
    if "." in number or match["end"]:
        return starts_well and not rest[:1].isdigit()
    return rest[:1].isupper() and len(text) <= _LONGEST_TITLE and not rest.rstrip().endswith((".", ","))


@dataclass
class Numbering:
    """Follows the marks of a document in order and says the full number of each."""

    schedule: str = ""
    base: str = ""
    stack: list[tuple[str, str]] = field(default_factory=list)

    def take(self, mark: Mark) -> str:
        """The full designation of the clause that begins with the mark."""
        if mark.style == "schedule" and not (self.base or self.schedule):
            # A filing's own "Exhibit 10.1" over the contract: nothing stands before it to be a schedule of.
            return mark.value
        if mark.style == "schedule":
            self.schedule, self.base, self.stack = mark.value, "", []
            return mark.value
        if mark.style in ("article", "decimal"):
            self.base, self.stack = mark.value, []
            return self._prefixed(mark.value)
        style = mark.kind or self._style(mark.value)
        styles = [known for known, _ in self.stack]
        if style in styles:
            del self.stack[styles.index(style) :]
        self.stack.append((style, mark.value))
        return self._prefixed(self.base + "".join(f"({value})" for _, value in self.stack))

    def interrupt(self) -> None:
        """A heading without a number: letters after it do not belong to what stood before."""
        if not self.base:
            self.stack = []

    def _prefixed(self, number: str) -> str:
        if not self.schedule or number[:1].isalpha():
            return number
        return f"{self.schedule}, {number}"

    def _style(self, value: str) -> str:
        """Letters, small Roman figures, capitals or figures; `(i)` after `(h)` is a letter."""
        if value.isdigit():
            return "figure"
        if value.isupper():
            return "capital"
        last = next((known for style, known in reversed(self.stack) if style == "letter"), "")
        if re.fullmatch(_ROMAN, value) and not (len(value) == 1 and last and ord(last[0]) + 1 == ord(value)):
            return "roman"
        return "letter"
