"""Lines of a text file, and what a line by its words alone seems to be."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from docanalyze.ingest.clauses import Mark, is_bullet, mark_of
from docanalyze.model import Role

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONGEST_HEADING = 90
_MOST_HEADING_WORDS = 12


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    text: str
    number: int

    @property
    def words(self) -> str:
        return self.text.strip()


class Group(NamedTuple):
    """Lines of one Segment. `head` counts those that are header rows, `goes_on` is as in a Part."""

    role: Role
    level: int
    lines: list[Line]
    note: str = ""
    head: int = 0
    goes_on: bool = False


def lines_of(text: str) -> list[Line]:
    """The lines of a text, each with its end."""
    return [Line(match.start(), match[0], number) for number, match in enumerate(_LINE.finditer(text), 1)]


def typed(group: list[Line]) -> Group:
    """What lines are that stand together: a heading, an item or a paragraph."""
    first = group[0].words
    if len(group) == 1 and is_heading(first):
        return Group(Role.HEADING, 0, group)
    mark = mark_of(first)
    if is_bullet(first) or (mark and mark.style in ("bracket", "letter")):
        return Group(Role.LIST_ITEM, 0, group)
    return Group(Role.PARAGRAPH, 0, group)


def is_heading(words: str) -> bool:
    """A short line that names what follows: numbered or in capitals, no sentence."""
    if not 2 < len(words) <= _LONGEST_HEADING or words.endswith((",", ";", "-")):
        return False
    mark = mark_of(words)
    rest = words[mark.end :].strip() if mark else words
    if not any(character.isalpha() for character in rest):
        return mark is not None and mark.style in ("article", "schedule")
    if len(rest.split()) > _MOST_HEADING_WORDS or "__" in rest:
        return False
    if rest.isupper() and len(rest) > 2:
        return not rest.endswith(":") or mark is not None
    return _is_numbered_title(mark, rest)


def _is_numbered_title(mark: Mark | None, rest: str) -> bool:
    if mark is None or mark.style in ("bracket", "letter"):
        return False
    if rest.rstrip(".").count(".") or rest.endswith(":"):
        return False
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", rest) if len(word) > 3]
    return bool(words) and all(word[0].isupper() for word in words)
