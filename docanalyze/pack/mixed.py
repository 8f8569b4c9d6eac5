"""A code base in Windows: what matters most in full, more in outline, the rest by name."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from docanalyze.model import (
    NEVER_IN_FULL,
    Coverage,
    Covered,
    Detail,
    Document,
    File,
    FileCovered,
    Placed,
    Segment,
    Span,
    Tree,
    Window,
)
from docanalyze.pack.choosing import Choice, Links, Measured, Sizes, choose, counts_as_test
from docanalyze.pack.forms import Form
from docanalyze.pack.prose import Count, counted_window, joined_runs
from docanalyze.pack.rendering import Shown, TextOf, fill, render, text_sizes, tree_sizes

IN_OUTLINE_ONLY = "in outline only"
BY_NAME_ONLY = "by name only"
IN_A_FOLDER = "listed with its folder"
DOES_NOT_FIT = "does not fit"


def into_mixed(
    document: Document, budget: int, count: Count, ranks: Sequence[float], graph: Links, *, whole: bool = False
) -> tuple[tuple[Window, ...], Coverage]:
    """The Windows of a code base, at most `budget` tokens each, and the receipt of what is how fully in which.

    All in full in one Window if that fits. Else one Window at mixed detail; with `whole` as many as
    all files in full take. `document` has a tree. WindowError if the budget does not hold the smallest overview.
    """
    laid = Laid(document)
    measured = Measured(laid.tree, ranks, graph, sizes_for(laid.tree, count, laid.text_of), count, laid.form)
    choice = fill(choose(measured, budget), laid.text_of)
    text, shown = render(choice, laid.text_of)
    window = Window(1, text, tuple(laid.placed(shown)), choice.tokens, budget)
    return (counted_window(window, count),), coverage(laid, [(choice, shown)])


def sizes_for(tree: Tree, count: Count, text_of: TextOf) -> Sizes:
    """The sizes that the Tree has, if they are of the vocabulary that counts; else all texts are counted."""
    return (
        tree_sizes
        if tree.vocabulary and tree.vocabulary == getattr(count, "sha256", "")
        else text_sizes(count, text_of)
    )


class Laid:
    """A Document of a code base by files: which Segments are a file's path and its text."""

    def __init__(self, document: Document) -> None:
        if document.tree is None:
            raise ValueError("not the Document of a code base")
        self.document = document
        self.tree = document.tree
        starts = [file.start for file in self.tree.files]
        self.paths: list[Segment | None] = [None] * len(starts)
        self.segments: list[list[Segment]] = [[] for _ in starts]
        for segment in document.segments:
            # A path stands right before its file's text, a file that was not read has no text.
            place = bisect_right(starts, segment.span.end) - 1
            if place >= 0 and segment.span.start < self.tree.files[place].span.end:
                self.segments[place].append(segment)
            elif segment.line == 0:
                self.paths[bisect_right(starts, segment.span.end)] = segment
        self.form = Form(self.tree, [path.number if path else 0 for path in self.paths])

    def text_of(self, file: File) -> str:
        """A file's own text."""
        return self.document.slice(file.span)

    def placed(self, shown: Sequence[Shown]) -> Iterator[Placed]:
        """What was written as pieces of Segments."""
        for one in shown:
            path = self.paths[one.place]
            if one.span is None and path is not None:
                yield Placed(path.number, path.span, one.start)
            elif one.span is not None:
                within = self.tree.files[one.place].within(one.span)
                for segment in self._touched(one.place, within):
                    part = _common(segment.span, within)
                    yield Placed(segment.number, part, one.start + part.start - within.start)

    def _touched(self, place: int, span: Span) -> Iterator[Segment]:
        inside = self.segments[place]
        first = max(0, bisect_right(inside, span.start, key=lambda segment: segment.span.start) - 1)
        for segment in inside[first:]:
            if segment.span.start >= span.end:
                return
            if segment.span.overlaps(span):
                yield segment


def _common(one: Span, other: Span) -> Span:
    return Span(max(one.start, other.start), min(one.end, other.end))


# -- the receipt -------------------------------------------------------------------------------------


def coverage(laid: Laid, packed: Sequence[tuple[Choice, Sequence[Shown]]]) -> Coverage:
    """What of each Segment and each file stands in which Window, how fully, and why not more."""
    texts: dict[int, list[Covered]] = {}
    paths: dict[int, Covered] = {}
    for number, (_, shown) in enumerate(packed, 1):
        for one in shown:
            path = laid.paths[one.place]
            if one.repeated:
                continue
            if one.span is not None:
                within = laid.tree.files[one.place].within(one.span)
                texts.setdefault(one.place, []).append(Covered(within, number, one.detail))
            elif path is not None and one.place not in paths:
                paths[one.place] = Covered(path.span, number, one.detail)
    files = files_covered([choice for choice, _ in packed])
    parts: list[Covered] = []
    for place, path in enumerate(laid.paths):
        if path is not None:
            parts.append(paths.get(place) or Covered(path.span, 0, Detail.NONE, IN_A_FOLDER))
        parts += _of_text(laid, place, texts.get(place, []), files[place])
    return Coverage(tuple(joined_runs(parts)), (), tuple(files))


def _of_text(laid: Laid, place: int, shown: Sequence[Covered], file: FileCovered) -> Iterator[Covered]:
    why = IN_OUTLINE_ONLY if file.detail is Detail.OUTLINE else BY_NAME_ONLY
    inside = laid.segments[place]
    if not shown and inside:
        yield Covered(Span(inside[0].span.start, inside[-1].span.end), 0, Detail.NONE, why)
        return
    at = 0
    for segment in laid.segments[place]:
        start = segment.span.start
        while at < len(shown) and shown[at].span.end <= start:
            at += 1
        for one in shown[at:]:
            if one.span.start >= segment.span.end:
                break
            part = _common(one.span, segment.span)
            if part.start > start and laid.document.text[start : part.start].strip():
                yield Covered(Span(start, part.start), 0, Detail.NONE, why)
            yield Covered(part, one.window, one.detail)
            start = part.end
        if start == segment.span.start or laid.document.text[start : segment.span.end].strip():
            yield Covered(Span(start, segment.span.end), 0, Detail.NONE, why)


def files_covered(choices: Sequence[Choice]) -> list[FileCovered]:
    """What became of each file, in order: where it stands most fully."""
    best: dict[int, FileCovered] = {}
    order = [Detail.NAME, Detail.OUTLINE, Detail.FULL]
    for number, choice in enumerate(choices, 1):
        lines = {line.places[0]: line.tokens for line in choice.names if not line.folded}
        for place, detail in enumerate(choice.details):
            if place in best and order.index(best[place].detail) >= order.index(detail):
                continue
            measured = choice.measured
            tokens = lines.get(place, 0) if detail is Detail.NAME else measured.block(place, detail)
            why = _why(choice, place)
            best[place] = FileCovered(place, measured.ranks[place], number, detail, tokens, why)
    return [best[place] for place in sorted(best)]


def _why(choice: Choice, place: int) -> str:
    file, detail = choice.measured.tree.files[place], choice.details[place]
    if detail is Detail.FULL:
        return ""
    if not file.is_read:
        return file.reason
    if file.role in NEVER_IN_FULL:
        return file.role.value
    if not choice.measured.inner(place, Detail.FULL):
        return "empty"
    if place in choice.parts:
        return f"{DOES_NOT_FIT} in full: its beginning is shown"
    if detail is Detail.NAME and counts_as_test(file):
        return f"{DOES_NOT_FIT}: tests take only a part of the room"
    return f"{DOES_NOT_FIT} in full" if detail is Detail.OUTLINE else DOES_NOT_FIT
