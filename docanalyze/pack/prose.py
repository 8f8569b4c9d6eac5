"""Puts a Document into Windows: whole if it fits, else in the fewest balanced ones, nothing left out.

A Segment stands in a Window as a line of its own, `[number] text`. A line that starts with `[` adds
its tokens exactly to those before it, so Segments are counted once and Windows are sums; each Window
is still counted as a whole at the end. Pure: counting is an argument. Knows nothing of models,
prompts or files.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

from docanalyze.errors import WindowError
from docanalyze.model import (
    Coverage,
    Covered,
    Detail,
    Document,
    PageState,
    Placed,
    Role,
    Segment,
    Span,
    Window,
)

Count = Callable[[str], int]

OUTSIDE = "outside --pages"
WHY_APART = {
    Role.FURNITURE: "running head or page number",
    Role.HIDDEN: "text that is not to be seen",
    Role.INSERTION: "insertion that is not accepted yet; it stands in the text as well",
    Role.DELETION: "deleted, and that is not accepted yet",
    Role.COMMENT: "comment",
    Role.FORM_FIELD: "form field",
}
"""Why a Segment stands in no Window."""

# Repeated headings take at most this part of a Window; the innermost are left out first.
_PATH_SHARE = 4
# A Segment larger than a Window is cut into pieces of this part of it, so that Windows stay balanced.
_PIECE_SHARE = 4
_SMALLEST_PIECE = 64
# A cut may lie this part of a Window's share away from where balance wants it, for a higher boundary.
_LEEWAY = 4

# How good a cut before a piece is: a heading's level, or one of these; lower is better.
_PARAGRAPH, _SAME_LIST, _UNDER_HEADING, _IN_SEGMENT = 100, 200, 300, 400

# Where a Segment may be cut, best first. Before the blank, never after it: there counts add.
_PLACES = (
    re.compile(r"(?<=\n)(?=\S)"),
    re.compile(r"(?<=[.!?;:])(?= \S)|(?<=[。！？；])(?=\S)"),
    re.compile(r"(?<=\S)(?= [^\W\d_])"),
    re.compile(r"(?<=\S)(?=\s)"),
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A Segment or a part of one, with the tokens of its line and how good a cut before it is."""

    segment: Segment
    span: Span
    tokens: int
    cut: int


class Cut(Protocol):
    """What Windows are made of: something of so many tokens, and how good a cut before it is."""

    @property
    def tokens(self) -> int: ...

    @property
    def cut(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Above:
    """A line to be repeated at the start of a Window: a heading, the header of a table."""

    segment: Segment
    span: Span
    tokens: int


def room(context: int, fixed: int, answer: int) -> int:
    """Tokens left for a Window's text: the context less what surrounds the text and the answer.

    WindowError if nothing is left.
    """
    left = context - fixed - answer
    if left <= 0:
        raise WindowError(
            f"a window of {context:,} tokens has no room for the document beside {fixed:,} tokens of "
            f"instructions and question and {answer:,} for the answer",
            f"give --window more than {fixed + answer:,}",
        )
    return left


def render(document: Document, segments: Iterable[Segment]) -> tuple[str, tuple[Placed, ...]]:
    """The text of a Window with these Segments, and where in it their own text starts."""
    return _render(document, ((segment, segment.span, False) for segment in segments))


def into_windows(
    document: Document,
    budget: int,
    count: Count,
    *,
    pages: frozenset[int] | None = None,
    include: frozenset[Role] = frozenset(),
) -> tuple[tuple[Window, ...], Coverage]:
    """The Windows of a Document, at most `budget` tokens each, and the receipt of what is in which.

    Only body Segments that stand at least partly on `pages` are put in, all if that is None, and those
    apart whose role is in `include`; nothing to put in gives no Window. What is above the first
    Segment of a Window, headings and the header of its table, is repeated. WindowError if the budget
    does not hold even a piece of a Segment.
    """
    shown = [s for s in document.segments if s.in_body or s.role in include]
    chosen = [s for s in shown if pages is None or not _pages_of(s).isdisjoint(pages)]
    windows: tuple[Window, ...] = ()
    if chosen:
        whole = _whole(document, chosen, budget, count)
        windows = (whole,) if whole else _split(document, chosen, budget, count)
    return windows, _coverage(document, windows)


def _pages_of(segment: Segment) -> frozenset[int]:
    return frozenset({segment.page, *(box.page for box in segment.boxes)})


def _whole(document: Document, chosen: Sequence[Segment], budget: int, count: Count) -> Window | None:
    lines = [(heading, heading.span, True) for heading in document.heading_path(chosen[0].number)]
    headed: Span | None = None
    for segment in chosen:
        if segment.head is not None and segment.head != headed:
            headed = segment.head
            if segment.span.start > headed.start:
                lines.append((_holder(document, headed), headed, True))
        lines.append((segment, segment.span, False))
    text, placed = _render(document, lines)
    tokens = count(text)
    return Window(1, text, placed, tokens, budget) if tokens <= budget else None


def _split(document: Document, chosen: Sequence[Segment], budget: int, count: Count) -> tuple[Window, ...]:
    size = _Size(document, count)
    pieces: list[_Piece] = []
    above: list[tuple[_Above, ...]] = []
    before: Segment | None = None
    for segment in chosen:
        path = _path(document, segment, budget, size)
        limit = budget - sum(one.tokens for one in path)
        for span, tokens in _cut_up(document, segment, limit, size):
            cut = _cut_before(before, segment) if span.start == segment.span.start else _IN_SEGMENT
            pieces.append(_Piece(segment, span, tokens, cut))
            above.append(tuple(one for one in path if one.span.end <= span.start))
        before = segment
    heads = [sum(one.tokens for one in path) for path in above]
    starts = starts_of(pieces, heads, budget)
    windows = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(pieces)], strict=True), 1):
        lines = [(one.segment, one.span, True) for one in above[start]]
        lines += [(piece.segment, piece.span, False) for piece in pieces[start:end]]
        text, placed = _render(document, lines)
        tokens = heads[start] + sum(piece.tokens for piece in pieces[start:end])
        windows.append(counted_window(Window(number, text, placed, tokens, budget), count))
    return tuple(windows)


def counted_window(window: Window, count: Count) -> Window:
    """The Window, once its tokens are found to be the sum of its lines and within the budget."""
    full = count(window.text)
    if full != window.tokens or full > window.budget:
        raise WindowError(
            f"window {window.number} counts {full:,} tokens as a whole, {window.tokens:,} as the sum of its "
            f"lines, and may have {window.budget:,}",
            "use another vocabulary: with this one lines do not add",
        )
    return window


def _render(document: Document, lines: Iterable[tuple[Segment, Span, bool]]) -> tuple[str, tuple[Placed, ...]]:
    written: list[str] = []
    placed: list[Placed] = []
    at = 0
    for segment, span, repeated in lines:
        line = _line(document, segment, span)
        # The text is the line's end but for the newline: what stands before it is the number.
        start = at + len(line) - 1 - len(span)
        placed.append(Placed(segment.number, span, start, repeated))
        written.append(line)
        at += len(line)
    return "".join(written), tuple(placed)


def _line(document: Document, segment: Segment, span: Span) -> str:
    return f"[{segment.number}] {document.slice(span)}\n"


class _Size:
    """Tokens of lines, each whole Segment counted once."""

    def __init__(self, document: Document, count: Count) -> None:
        self._document = document
        self._count = count
        self._known: dict[int, int] = {}

    def of(self, segment: Segment) -> int:
        known = self._known.get(segment.number)
        if known is None:
            known = self._known[segment.number] = self.part(segment, segment.span)
        return known

    def part(self, segment: Segment, span: Span) -> int:
        return self._count(_line(self._document, segment, span))


def _path(document: Document, segment: Segment, budget: int, size: _Size) -> tuple[_Above, ...]:
    """The headings above a Segment, as many from the highest down as a Window's share for them holds,
    and the header of its table, where there is room for that as well.

    From the highest down, because then a Window that starts later never has to hold more.
    """
    left = budget // _PATH_SHARE
    path: list[_Above] = []
    for heading in document.heading_path(segment.number):
        one = _Above(heading, heading.span, size.of(heading))
        left -= one.tokens
        if left < 0:
            return tuple(path)
        path.append(one)
    if segment.head is not None:
        holder = _holder(document, segment.head)
        tokens = size.part(holder, segment.head)
        if tokens <= left:
            path.append(_Above(holder, segment.head, tokens))
    return tuple(path)


def _holder(document: Document, head: Span) -> Segment:
    """The Segment in which the header of a table stands."""
    return document.segments_at(head)[0]


def _cut_before(before: Segment | None, segment: Segment) -> int:
    if before is not None and before.role is Role.HEADING:
        deeper = segment.role is not Role.HEADING or segment.level > before.level
        return _UNDER_HEADING if deeper else segment.level
    if segment.role is Role.HEADING:
        return segment.level
    same = before is not None and before.role is segment.role is not Role.PARAGRAPH
    return _SAME_LIST if same else _PARAGRAPH


# -- where Windows start -----------------------------------------------------------------------------


def starts_of(pieces: Sequence[Cut], heads: Sequence[int], budget: int) -> list[int]:
    """The first piece of each of the fewest Windows. `heads` are the tokens of the path above a piece.

    Every piece fits with its path. Each start is the highest boundary near where the rest would be
    divided evenly, among those from which the remaining Windows still suffice.
    """
    sums = [0, *accumulate(piece.tokens for piece in pieces)]
    reach = [bisect_right(sums, sums[i] + budget - heads[i]) - 1 for i in range(len(pieces))]
    needed = [0] * (len(pieces) + 1)
    for i in reversed(range(len(pieces))):
        needed[i] = 1 + needed[reach[i]]
    starts = [0]
    while needed[starts[-1]] > 1:
        start = starts[-1]
        share = (sums[-1] - sums[start]) // needed[start]
        even = sums[start] + share
        possible = [j for j in range(start + 1, reach[start] + 1) if needed[j] < needed[start]]
        near = [j for j in possible if abs(sums[j] - even) * _LEEWAY <= share]
        if near:
            starts.append(min(near, key=lambda j: (pieces[j].cut, abs(sums[j] - even))))
        else:
            starts.append(min(possible, key=lambda j: abs(sums[j] - even)))
    return starts


# -- Segments larger than a Window -------------------------------------------------------------------


def _cut_up(document: Document, segment: Segment, limit: int, size: _Size) -> Iterator[tuple[Span, int]]:
    """(Span, tokens) of the pieces of a Segment, in order: one if the whole fits into `limit`."""
    whole = size.of(segment)
    if whole <= limit:
        yield segment.span, whole
        return
    most = max(limit // _PIECE_SHARE, min(limit, _SMALLEST_PIECE))
    waiting = [segment.span]
    while waiting:
        span = waiting.pop()
        tokens = size.part(segment, span)
        if tokens <= most:
            yield span, tokens
        elif len(span) > 1 and most > 0:
            waiting += reversed(divide(document.text, span, -(-tokens // most)))
        else:
            raise WindowError(
                f"{max(limit, 0):,} tokens for text do not hold even one character of segment {segment.number}",
                "give a larger --window",
            )


def divide(text: str, span: Span, count: int) -> list[Span]:
    """About `count` parts of like length, cut where it hurts least; at least two, none empty."""
    count = min(count, len(span))
    leeway = len(span) // (count * _LEEWAY)
    bounds = [span.start]
    for i in range(1, count):
        even = span.start + len(span) * i // count
        low, high = max(bounds[-1] + 1, even - leeway), min(span.end - 1, even + leeway)
        bounds.append(_place(text, low, max(low, high), max(low, even)))
    bounds.append(span.end)
    return [Span(a, b) for a, b in pairwise(bounds)]


def _place(text: str, low: int, high: int, even: int) -> int:
    """The best place to cut between `low` and `high`, of equals the one nearest to `even`."""
    for pattern in _PLACES:
        # The patterns look at two characters behind a place.
        found = [match.start() for match in pattern.finditer(text, low, high + 2)]
        within = [place for place in found if low <= place <= high]
        if within:
            return min(within, key=lambda place: abs(place - even))
    return next((place for place in range(even, low, -1) if not _joined(text, place)), even)


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides of a place make one together."""
    before, after = text[place - 1], text[place]
    joiner = before in _JOINERS or after in _JOINERS
    return joiner or unicodedata.combining(after) > 0 or before + after == "\r\n"


# -- the receipt -------------------------------------------------------------------------------------


def _coverage(document: Document, windows: Sequence[Window]) -> Coverage:
    parts = [Covered(span, window.number) for window in windows for span in window.spans()]
    inside = {piece.segment for window in windows for piece in window.placed if not piece.repeated}
    for segment in document.segments:
        if segment.number not in inside:
            reason = OUTSIDE if segment.in_body else _why_apart(segment)
            parts.append(Covered(segment.span, 0, Detail.NONE, reason))
    parts.sort(key=lambda part: part.span)
    unread = [(p.number, p.reason or p.state) for p in document.pages if p.state is not PageState.READ]
    return Coverage(tuple(joined_runs(parts)), tuple(unread))


def _why_apart(segment: Segment) -> str:
    why = WHY_APART[segment.role]
    return f"{why}: {segment.note}" if segment.role is Role.HIDDEN and segment.note else why


def joined_runs(parts: Iterable[Covered]) -> list[Covered]:
    """Neighbours with the same fate as one, with the white space between them."""
    runs: list[Covered] = []
    for part in parts:
        if runs and (runs[-1].window, runs[-1].detail, runs[-1].reason) == (part.window, part.detail, part.reason):
            runs[-1] = replace(part, span=Span(runs[-1].span.start, part.span.end))
        else:
            runs.append(part)
    return runs
