"""A Document of a code base by files, and the pieces of its Segments in what was written."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from docanalyze.model import Document, File, Placed, Segment, Span
from docanalyze.pack.forms import Form
from docanalyze.pack.rendering import Shown


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
                    part = common(segment.span, within)
                    yield Placed(segment.number, part, one.start + part.start - within.start)

    def _touched(self, place: int, span: Span) -> Iterator[Segment]:
        inside = self.segments[place]
        first = max(0, bisect_right(inside, span.start, key=lambda segment: segment.span.start) - 1)
        for segment in inside[first:]:
            if segment.span.start >= span.end:
                return
            if segment.span.overlaps(span):
                yield segment


def common(one: Span, other: Span) -> Span:
    return Span(max(one.start, other.start), min(one.end, other.end))
