"""The receipt of a code base in Windows: what of each Segment and each file stands where, and why not more."""

from collections.abc import Iterator, Sequence

from docanalyze.model import NEVER_IN_FULL, Coverage, Covered, Detail, FileCovered, Span
from docanalyze.pack.choosing import Choice, Measured, counts_as_test
from docanalyze.pack.laid import Laid, common
from docanalyze.pack.prose import joined_runs
from docanalyze.pack.rendering import Shown

IN_OUTLINE_ONLY = "in outline only"
BY_NAME_ONLY = "by name only"
IN_A_FOLDER = "listed with its folder"
DOES_NOT_FIT = "does not fit"


def coverage(laid: Laid, packed: Sequence[Sequence[Shown]], files: Sequence[FileCovered]) -> Coverage:
    """What of each Segment and each file stands in which Window, how fully, and why not more."""
    texts: dict[int, list[Covered]] = {}
    paths: dict[int, Covered] = {}
    for number, shown in enumerate(packed, 1):
        for one in shown:
            path = laid.paths[one.place]
            if one.repeated:
                continue
            if one.span is not None:
                within = laid.tree.files[one.place].within(one.span)
                texts.setdefault(one.place, []).append(Covered(within, number, one.detail))
            elif path is not None and one.place not in paths:
                paths[one.place] = Covered(path.span, number, one.detail)
    parts: list[Covered] = []
    for place, path in enumerate(laid.paths):
        if path is not None:
            parts.append(paths.get(place) or Covered(path.span, 0, Detail.NONE, IN_A_FOLDER))
        parts += _of_text(laid, place, sorted(texts.get(place, []), key=lambda one: one.span), files[place])
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
            if not one.span.overlaps(segment.span):
                continue
            part = common(one.span, segment.span)
            if part.start > start and laid.document.text[start : part.start].strip():
                yield Covered(Span(start, part.start), 0, Detail.NONE, why)
            yield Covered(part, one.window, one.detail)
            start = part.end
        if start == segment.span.start or laid.document.text[start : segment.span.end].strip():
            yield Covered(Span(start, segment.span.end), 0, Detail.NONE, why)


def files_covered(choice: Choice) -> list[FileCovered]:
    """What became of each file of the one Window of a Choice, in order."""
    lines = {line.places[0]: line.tokens for line in choice.names if not line.folded}
    measured = choice.measured
    covered = []
    for place, detail in enumerate(choice.details):
        tokens = lines.get(place, 0) if detail is Detail.NAME else measured.block(place, detail)
        why = "" if detail is Detail.FULL else _why(choice, place)
        covered.append(FileCovered(place, measured.ranks[place], 1, detail, tokens, why))
    return covered


def _why(choice: Choice, place: int) -> str:
    if place in choice.parts:
        return f"{DOES_NOT_FIT} in full: its beginning is shown"
    if choice.details[place] is Detail.OUTLINE:
        return f"{DOES_NOT_FIT} in full"
    return why_not(choice.measured, place)


def why_not(measured: Measured, place: int) -> str:
    """Why a file is listed by name only."""
    file = measured.tree.files[place]
    if not file.is_read:
        return file.reason
    if file.role in NEVER_IN_FULL:
        return file.role.value
    if not measured.inner(place, Detail.FULL):
        return "empty"
    return f"{DOES_NOT_FIT}: tests take only a part of the room" if counts_as_test(file) else DOES_NOT_FIT
