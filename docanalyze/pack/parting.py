"""A code base in as many Windows as all of it takes, cut where the fewest lines of thought cross."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from docanalyze.errors import WindowError
from docanalyze.model import Detail, FileCovered, Segment, Span, Window, shown_part
from docanalyze.pack.choosing import Links, Measured, showable
from docanalyze.pack.forms import InParts
from docanalyze.pack.laid import Laid
from docanalyze.pack.listing import Line, listing
from docanalyze.pack.order import reading_order
from docanalyze.pack.prose import Count, counted_window, divide, starts_of
from docanalyze.pack.receipt import why_not
from docanalyze.pack.rendering import LINE, Shown, pieces

# What stands in front of every Window takes at most this part of it, the listing at most the other one.
_SHARED, _SHARED_NAMES = 0.1, 0.04
_LEAST_ROOM = 48
# A boundary between files of one folder is worse than any between folders.
_IN_FOLDER, _IN_FILE = 200, 400
_MOST_DEPTH = 90
# How many sizes are tried between even Windows and full ones, and what gap is left as it is.
_TRIES, _CLOSE = 8, 0.002


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a run of its lines, as it stands in a Window: `tokens` with its first line, `cut` how good a cut
    before it is, lower being better."""

    place: int
    span: Span
    head: str
    tokens: int
    cut: int


@dataclass(eq=False)
class _Shared:
    """What stands in front of every Window: outlines of what matters most, and all that is listed."""

    text: str = ""
    tokens: int = 0
    shown: list[Shown] = field(default_factory=list)


def into_parts(
    laid: Laid, measured: Measured, budget: int
) -> tuple[list[Window], list[list[Shown]], list[FileCovered]]:
    """All files in full in the fewest Windows that they fit into; what is in each; what became of each file.

    WindowError if a Window holds nothing beside what must stand in front of it.
    """
    places = showable(measured)
    shared = _shared(laid, measured, places, budget)
    # However many Windows there are, the line that says which this is counts no more than this.
    most = measured.count(_part_line(measured, 10_000, 10_000, len(places)))
    room = budget - shared.tokens - most
    if room < _LEAST_ROOM:
        raise WindowError(f"{budget:,} tokens leave {max(room, 0):,} for the text of files", "give a larger --window")
    ordered = list(_pieces(laid, measured, _in_a_row(measured, places), room))
    groups = _groups(ordered, room)
    return _written(laid, measured, shared, groups, budget)


def _part_line(measured: Measured, number: int, of: int, files: int) -> str:
    return f"Part {number:,} of {of:,}: {files:,} of {len(measured.tree.files):,} files, in full.\n"


# -- in front ----------------------------------------------------------------------------------------


def _shared(laid: Laid, measured: Measured, places: Sequence[int], budget: int) -> _Shared:
    form, count, ranks = measured.form, measured.count, measured.ranks
    shared = _Shared()
    everything = range(len(measured.tree.files))
    _add(shared, form.overview(InParts(len(places), 0, len(measured.tree.files) - len(places))), count)
    left = int(budget * _SHARED_NAMES) - shared.tokens
    lines = listing(everything, form, count, ranks, left) if left > 0 else None
    chosen: list[int] = []
    taken = shared.tokens + sum(line.tokens for line in lines or ()) + count(form.names_head())
    for place in sorted(places, key=lambda place: (-ranks[place], place)):
        tokens = measured.block(place, Detail.OUTLINE) if measured.inner(place, Detail.OUTLINE) else 0
        if tokens and taken + tokens <= budget * _SHARED:
            chosen.append(place)
            taken += tokens
    details = [Detail.NAME] * len(measured.tree.files)
    for place in chosen:
        details[place] = Detail.OUTLINE
    for place in reading_order(measured.tree, measured.links, ranks, details):
        file = measured.tree.files[place]
        shared.shown.append(Shown(place, None, len(shared.text) + form.path_at(place), Detail.OUTLINE, repeated=True))
        _add(shared, form.head(place, Detail.OUTLINE), count)
        for span in pieces(file, "", Detail.OUTLINE):
            shared.shown.append(Shown(place, span, len(shared.text), Detail.OUTLINE, repeated=True))
            _add(shared, laid.text_of(file)[span.start : span.end] + "\n", count)
    _list(shared, lines, measured, frozenset(places))
    return shared


def _list(shared: _Shared, lines: "Sequence[Line] | None", measured: Measured, elsewhere: frozenset[int]) -> None:
    """The names of all files; those whose text stands in some Window count as covered there."""
    if not lines:
        return
    form, count = measured.form, measured.count
    _add(shared, "All files:\n", count)
    for line in lines:
        if not line.folded:
            place = line.places[0]
            shared.shown.append(
                Shown(place, None, len(shared.text) + form.path_at(place), Detail.NAME, repeated=place in elsewhere)
            )
        _add(shared, line.text, count)


def _add(shared: _Shared, text: str, count: Count) -> None:
    shared.text += text
    shared.tokens += count(text)


# -- in a row ----------------------------------------------------------------------------------------


def _in_a_row(measured: Measured, places: Sequence[int]) -> list[int]:
    """All files so that what belongs together stands together: folder by folder, who needs whom side by side."""
    return list(_row(measured, places, ""))


def _row(measured: Measured, places: Sequence[int], folder: str) -> Iterator[int]:
    files = measured.tree.files
    groups: dict[str, list[int]] = {}
    for place in places:
        name, below, _ = files[place].path[len(folder) :].partition("/")
        groups.setdefault(f"{name}/" if below else f"\0{place}", []).append(place)
    names = list(groups)
    of = {place: number for number, name in enumerate(names) for place in groups[name]}
    weights = [sum(measured.ranks[place] for place in groups[name]) for name in names]
    for number in _chain(weights, _between(measured.links, of)):
        name = names[number]
        if name.startswith("\0"):
            yield from groups[name]
        else:
            yield from _row(measured, groups[name], folder + name)


def _between(links: Links, of: Mapping[int, int]) -> dict[int, dict[int, float]]:
    """How strongly groups of files are tied to each other, by imports and uses both ways."""
    between: dict[int, dict[int, float]] = {}
    for place, group in of.items():
        tied = [(other, float(len(found))) for other, found in links.imports.get(place, {}).items()]
        tied += links.uses.get(place, {}).items()
        for other, weight in tied:
            one = of.get(other, group)
            if one != group:
                for here, there in ((group, one), (one, group)):
                    held = between.setdefault(here, {})
                    held[there] = held.get(there, 0.0) + weight
    return between


def _chain(weights: Sequence[float], between: Mapping[int, Mapping[int, float]]) -> list[int]:
    """All groups, the heaviest first, each next one that most tied to those before it."""
    tied = [0.0] * len(weights)
    done: list[int] = []
    left = set(range(len(weights)))
    waiting = [(0.0, -weight, number) for number, weight in enumerate(weights)]
    heapq.heapify(waiting)
    while waiting:
        tie, _, number = heapq.heappop(waiting)
        if number not in left or -tie != tied[number]:
            continue
        left.discard(number)
        done.append(number)
        for other, weight in sorted(between.get(number, {}).items()):
            if other in left:
                tied[other] += weight
                heapq.heappush(waiting, (-tied[other], -weights[other], other))
    return done


# -- in pieces ---------------------------------------------------------------------------------------


def _pieces(laid: Laid, measured: Measured, places: Sequence[int], room: int) -> Iterator[Piece]:
    """The files one after the other; one larger than a Window in several, cut at its Segments."""
    before = ""
    for place in places:
        file = measured.tree.files[place]
        cut = _cut_between(before, file.folder)
        before = file.folder
        tokens = measured.block(place, Detail.FULL)
        if tokens <= room:
            yield Piece(place, shown_part(laid.text_of(file)), measured.form.head(place, Detail.FULL), tokens, cut)
            continue
        for number, (span, head, counted) in enumerate(_cut_up(laid, measured, place, room)):
            yield Piece(place, span, head, counted, _IN_FILE if number else cut)


def _cut_between(one: str, other: str) -> int:
    """The deeper the folder that two files share, the worse a cut between them."""
    if one == other:
        return _IN_FOLDER
    shared = 0
    for here, there in zip(one.split("/"), other.split("/"), strict=False):
        if here != there:
            break
        shared += 1
    return min(shared, _MOST_DEPTH) + 1


def _cut_up(laid: Laid, measured: Measured, place: int, room: int) -> Iterator[tuple[Span, str, int]]:
    """Runs of Segments that fit, with the line before each and its tokens."""
    file = measured.tree.files[place]
    text = laid.text_of(file)
    most = room - measured.count(_lines_head(measured, place, file.lines, file.lines))
    run: list[Span] = []
    taken = 0
    for span, tokens, alone in _units(laid, measured, place, text, most):
        if run and (alone or taken + tokens > most):
            yield _run(measured, place, text, run)
            run, taken = [], 0
        run.append(span)
        # Tokens of parts of a line do not add: nothing joins them.
        taken = most if alone else taken + tokens
    if run:
        yield _run(measured, place, text, run)


def _run(measured: Measured, place: int, text: str, run: Sequence[Span]) -> tuple[Span, str, int]:
    shown = shown_part(text[run[0].start : run[-1].end])
    span = Span(run[0].start + shown.start, run[0].start + shown.end)
    first = text.count("\n", 0, span.start) + 1
    head = _lines_head(measured, place, first, first + text.count("\n", span.start, span.end))
    return span, head, measured.count(head) + measured.count(text[span.start : span.end] + "\n")


def _lines_head(measured: Measured, place: int, first: int, last: int) -> str:
    file = measured.tree.files[place]
    return f"{measured.form.number(place)}{file.path} (lines {first}-{last} of {file.lines})\n"


def _units(laid: Laid, measured: Measured, place: int, text: str, most: int) -> Iterator[tuple[Span, int, bool]]:
    """The lines of each Segment with what is blank behind them; of a line that is larger than a Window parts, which
    stand alone."""
    file = measured.tree.files[place]
    body = shown_part(text)
    starts = [_line_start(text, segment, file.start) for segment in laid.segments[place]]
    bounds = [body.start, *(start for start in starts if body.start < start < body.end), body.end]
    for start, end in pairwise(sorted(set(bounds))):
        tokens = _counted(measured, text[start:end])
        if tokens <= most:
            yield Span(start, end), tokens, False
            continue
        for line in _lines(text, start, end):
            tokens = _counted(measured, text[line.start : line.end])
            if tokens <= most:
                yield line, tokens, False
            else:
                yield from ((part, most, True) for part in _parts(measured, text, line, most))


def _counted(measured: Measured, text: str) -> int:
    return measured.count(text if text.endswith("\n") else text + "\n")


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """Lines that are not blank, each with the blank ones behind it."""
    cuts = [start, *(match.start() for match in LINE.finditer(text, start + 1, end) if match.start() < end), end]
    yield from (Span(a, b) for a, b in pairwise(cuts))


def _parts(measured: Measured, text: str, line: Span, most: int) -> Iterator[Span]:
    waiting = [line]
    while waiting:
        span = waiting.pop()
        shown = shown_part(text[span.start : span.end])
        tokens = measured.count(text[span.start + shown.start : span.start + shown.end] + "\n")
        if tokens <= most:
            if len(shown):
                yield span
        elif len(span) < 2 or most < 1:
            raise WindowError(f"{most:,} tokens do not hold even one character", "give a larger --window")
        else:
            waiting += reversed(divide(text, span, -(-tokens // most) + 1))


def _line_start(text: str, segment: Segment, start: int) -> int:
    return text.rfind("\n", 0, segment.span.start - start) + 1


# -- in Windows --------------------------------------------------------------------------------------


def _groups(ordered: Sequence[Piece], room: int) -> list[list[Piece]]:
    """The pieces of each Window: runs of the row, or where that takes more Windows than must be, filled up by size."""
    starts = starts_of(ordered, [0] * len(ordered), room)
    runs = [list(ordered[a:b]) for a, b in pairwise([*starts, len(ordered)])]
    least = -(-sum(piece.tokens for piece in ordered) // room)
    for number in range(least, len(runs)):
        filled = _filled(ordered, room, number)
        if filled is not None:
            return filled
    return runs


def _filled(ordered: Sequence[Piece], room: int, number: int) -> list[list[Piece]] | None:
    """The row in so many Windows, gaps filled with the nearest pieces behind; as even as that goes, None if it does
    not."""
    even = -(-sum(piece.tokens for piece in ordered) // number)
    for step in range(_TRIES + 1):
        most = even + (room - even) * step // _TRIES
        groups: list[list[Piece]] = []
        left = list(ordered)
        while left and len(groups) < number:
            group, left = _taken(left, most)
            groups.append(group)
        if not left:
            return groups
    return None


def _taken(row: Sequence[Piece], most: int) -> tuple[list[Piece], list[Piece]]:
    """The pieces of one Window from the start of the row, what does not fit passed over; and the others."""
    group: list[Piece] = []
    rest: list[Piece] = []
    # The parts of one file stand in their order.
    begun: set[int] = set()
    left = most
    for at, piece in enumerate(row):
        if piece.tokens <= left and piece.place not in begun:
            group.append(piece)
            left -= piece.tokens
        else:
            rest.append(piece)
            begun.add(piece.place)
            if left <= most * _CLOSE:
                return group, [*rest, *row[at + 1 :]]
    return group, rest


def _written(
    laid: Laid, measured: Measured, shared: _Shared, groups: Sequence[Sequence[Piece]], budget: int
) -> tuple[list[Window], list[list[Shown]], list[FileCovered]]:
    windows: list[Window] = []
    contents: list[list[Shown]] = []
    begun: set[int] = set()
    for number, group in enumerate(groups, 1):
        line = _part_line(measured, number, len(groups), len({piece.place for piece in group}))
        written, at = [shared.text, line], len(shared.text) + len(line)
        shown = list(shared.shown) if number == 1 else [_again(one) for one in shared.shown]
        for piece in _well_ordered(measured, group):
            text = laid.text_of(measured.tree.files[piece.place])[piece.span.start : piece.span.end] + "\n"
            path_at = at + measured.form.path_at(piece.place)
            shown.append(Shown(piece.place, None, path_at, Detail.FULL, repeated=piece.place in begun))
            begun.add(piece.place)
            shown.append(Shown(piece.place, piece.span, at + len(piece.head), Detail.FULL))
            written += [piece.head, text]
            at += len(piece.head) + len(text)
        tokens = shared.tokens + measured.count(line) + sum(piece.tokens for piece in group)
        window = Window(number, "".join(written), tuple(laid.placed(shown)), tokens, budget)
        windows.append(counted_window(window, measured.count))
        contents.append(shown)
    return windows, contents, _files(measured, groups)


def _again(one: Shown) -> Shown:
    return Shown(one.place, one.span, one.start, one.detail, repeated=True)


def _well_ordered(measured: Measured, group: Sequence[Piece]) -> list[Piece]:
    details = [Detail.NAME] * len(measured.tree.files)
    for piece in group:
        details[piece.place] = Detail.FULL
    order = reading_order(measured.tree, measured.links, measured.ranks, details)
    at = {place: number for number, place in enumerate(order)}
    return sorted(group, key=lambda piece: (at[piece.place], piece.span))


def _files(measured: Measured, groups: Sequence[Sequence[Piece]]) -> list[FileCovered]:
    first: dict[int, int] = {}
    tokens: dict[int, int] = {}
    for number, group in enumerate(groups, 1):
        for piece in group:
            first[piece.place] = min(first.get(piece.place, number), number)
            tokens[piece.place] = tokens.get(piece.place, 0) + piece.tokens
    covered = []
    for place, rank in enumerate(measured.ranks):
        if place in first:
            covered.append(FileCovered(place, rank, first[place], Detail.FULL, tokens[place]))
        else:
            covered.append(FileCovered(place, rank, 1, Detail.NAME, 0, why_not(measured, place)))
    return covered
