"""What is said of a definition where it stands: docstrings, and comments before it."""

import re
from dataclasses import dataclass

from docanalyze.ingest.outline.languages import Language
from docanalyze.ingest.outline.lines import begin, close, meaningful
from docanalyze.model import Span

_QUOTES = re.compile(r"[rRuUbBfF]{0,2}(\"\"\"|'''|\"|')")
_MOST_BACK = 200
"""Lines looked at before a definition for its comment."""
_MOST_WIDTH = 1000
_MOST_COMMENT = 20_000
_ATTRIBUTE = ("@", "#[", "[")


def docstring(text: str, start: int, end: int) -> Span | None:
    """The first line of the docstring that a Python body begins with; `start` is where its first statement begins."""
    quotes = _QUOTES.match(text, start)
    if not quotes:
        return None
    closing = text.find(quotes[1], quotes.end(), end)
    shown = meaningful(text, quotes.end(), end if closing < 0 else closing)
    if shown is None:
        return None
    behind = closing + len(quotes[1])
    return Span(shown.start, behind) if closing >= 0 and "\n" not in text[shown.end : behind] else shown


@dataclass(frozen=True, slots=True)
class Before:
    """What belongs to a definition in the lines before it: where it begins, and the first line of its comment."""

    start: int
    shown: Span | None


def before(language: Language, text: str, start: int) -> Before:
    """The comment directly before a line that begins at `start`, with attributes and decorators between the two."""
    place = first = start
    shown, blank = None, False
    for _ in range(_MOST_BACK):
        if place == 0:
            break
        line_start = text.rfind("\n", max(0, place - _MOST_WIDTH), place - 1) + 1
        if line_start == 0 and place > _MOST_WIDTH:
            break
        line = text[line_start : place - 1].strip()
        if language.blocks and line.endswith("*/"):
            opening = text.rfind("/*", max(0, place - _MOST_COMMENT), place - 1)
            line_start = begin(text, opening) if opening >= 0 else -1
            if line_start < 0 or text[line_start:opening].strip():
                break
            if blank and not text.startswith("/**", opening):
                break
            first = line_start
            shown = _said(text, opening, place - 1) or shown
        elif not line and language.blocks and place == start:
            # Some leave a line free between a block of documentation and what it is about.
            blank = True
        elif not blank and _is_comment(language, line):
            first = line_start
            shown = _said(text, line_start, place - 1) or shown
        elif not blank and line.startswith(_ATTRIBUTE) and (language.blocks or line[0] == "@"):
            first = line_start
        else:
            break
        place = line_start
    return Before(first, shown)


def _is_comment(language: Language, line: str) -> bool:
    """Whether a line is a comment of its own; `#[...]` and `#!` are none."""
    if not line.startswith(language.comment) and not (language.name == "php" and line.startswith("#")):
        return False
    return not line.startswith(("#!", "#["))


def _said(text: str, start: int, end: int) -> Span | None:
    """The first line of a comment that says something: rulers, tags and licences do not."""
    place = start
    while place < end:
        shown = meaningful(text, place, end)
        if shown is None:
            return None
        line = text[shown.start : shown.end].strip().lstrip("/*#!-; \t<")
        if not line.startswith(("@", "\\", "eslint", "noqa", "nolint", "pylint", "type:", "shellcheck")):
            return shown
        place = close(text, shown.end, end) + 1
    return None
