"""Lines of a text, and what of them an outline shows. Only `\\n` ends a line."""

import re
from collections.abc import Iterable
from operator import attrgetter

from docanalyze.model import Span

MOST_LINES = 12
MOST_INDENT = 400
"""Characters of a line before what stands in it; further on nothing is shown."""
MOST_SHOWN = 300
"""Characters of one line that are shown: what is longer was not written to be read."""
_WORD = re.compile(r"[^\W_]")
_ENDS = attrgetter("start", "end")


def begin(text: str, place: int) -> int:
    """Where the line of a place begins; -1 if that is far before it, as in a minified file."""
    far = max(0, place - MOST_INDENT)
    found = text.rfind("\n", far, place)
    return found + 1 if found >= 0 or far == 0 else -1


def close(text: str, place: int, end: int) -> int:
    """Where the line of a place ends, before its `\\n`, or `end` if that comes first."""
    found = text.find("\n", place, end)
    return end if found < 0 else found


def clipped(text: str, start: int, end: int, most: int = MOST_LINES) -> Span:
    """From the line of `start` to `end`, without blanks at its end, at most so many lines, the last not too long.

    The line begins not far before `start`.
    """
    first = text.rfind("\n", max(0, start - MOST_INDENT), start) + 1
    if text.find("\n", start, end) < 0:
        return Span(first, start + len(text[start : min(end, start + MOST_SHOWN)].rstrip()))
    place = start
    for _ in range(most):
        found = text.find("\n", place, end)
        if found < 0:
            break
        place = found + 1
    else:
        end = place - 1
    end = min(end, max(text.rfind("\n", start, end) + 1, start) + MOST_SHOWN)
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(first, end)


def merged(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, without overlap; what stands in lines that follow each other is one."""
    spans = list(spans)
    if len(spans) < 2:
        return tuple(spans)
    spans.sort(key=_ENDS)
    whole: list[Span] = []
    last = spans[0]
    for span in spans:
        if span.start > last.end + 1:
            whole.append(last)
            last = span
        elif span.end > last.end:
            last = Span(last.start, span.end)
    return (*whole, last)


def meaningful(text: str, start: int, end: int) -> Span | None:
    """The first line between two places that holds a letter or digit there; None if none does."""
    found = _WORD.search(text, start, end)
    if not found or begin(text, found.start()) < 0:
        return None
    return clipped(text, found.start(), close(text, found.start(), end))
