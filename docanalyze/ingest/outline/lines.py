"""Lines of a text, and what of them an outline shows. Only `\\n` ends a line."""

import re
from collections.abc import Iterable

from docanalyze.model import Span

MOST_LINES = 12
MOST_INDENT = 400
MOST_SHOWN = 300
"""Characters of one line that are shown: what is longer was not written to be read."""
_WORD = re.compile(r"[^\W_]")
_END = re.compile(r"\n|\Z")


def begin(text: str, place: int) -> int:
    """Where the line of a place begins."""
    return text.rfind("\n", 0, place) + 1


def close(text: str, place: int) -> int:
    """Where the line of a place ends: before its `\\n`."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def clipped(text: str, start: int, end: int, most: int = MOST_LINES) -> Span:
    """From the line of `start` to `end`, without blanks at its end, at most so many lines, the last not too long."""
    first = begin(text, start)
    place = first
    for _ in range(most):
        found = text.find("\n", place, end)
        if found < 0:
            break
        place = found + 1
    else:
        end = place - 1
    last = max(begin(text, end), start)
    end = min(end, last + MOST_SHOWN)
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(first, end)


def merged(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, without overlap; what stands in lines that follow each other is one."""
    whole: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if whole and span.start <= whole[-1].end + 1:
            last = whole[-1]
            if span.end > last.end:
                whole[-1] = Span(last.start, span.end)
        else:
            whole.append(span)
    return tuple(whole)


def meaningful(text: str, start: int, end: int) -> Span | None:
    """The first line between two places that holds a letter or digit there; None if none does."""
    found = _WORD.search(text, start, end)
    if not found:
        return None
    return clipped(text, found.start(), min(close(text, found.start()), end))
