"""Outlines by the lines that begin something: what a line marks, and how marks become definitions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docanalyze.ingest.outline.lines import clipped, merged
from docanalyze.ingest.outline.outlined import Outlined
from docanalyze.model import Definition, Import, Span

MOST_MARKS = 200
MOST_IMPORTS = 40
"""Definitions of one file: a data file has as many keys as it has records."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; `number` counts from 1."""

    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line begins. What follows with a higher `level` is inside of it; `end` is -1 where a level ends it."""

    name: str
    kind: str
    line: Line
    level: int = 1
    end: int = -1
    shown: tuple[Span, ...] = ()


def lines_of(text: str) -> Iterator[Line]:
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        yield Line(number, start, line.rstrip("\r"))
        start += len(line) + 1


def outlined_of(
    text: str,
    marks: list[Mark],
    imports: Iterable[Import] = (),
    references: tuple[tuple[str, int], ...] = (),
) -> Outlined:
    """Definitions from marks in order: each ends where the next of its level or a lower one begins."""
    marks = marks[:MOST_MARKS]
    ends = [mark.end for mark in marks]
    parents = [-1] * len(marks)
    around: list[int] = []
    for place, mark in enumerate(marks):
        while around and _is_over(marks[around[-1]], ends[around[-1]], mark):
            last = around.pop()
            if ends[last] < 0:
                ends[last] = mark.line.start
        parents[place] = around[-1] if around else -1
        around.append(place)
    definitions: list[Definition] = []
    for mark, end, parent in zip(marks, ends, parents, strict=True):
        shown = mark.shown or (clipped(text, first_of(mark.line), mark.line.end, 1),)
        whole = trimmed(text, mark.line.start, len(text) if end < 0 else max(end, mark.line.end))
        if parent >= 0:
            whole = Span(whole.start, min(whole.end, definitions[parent].span.end))
        definitions.append(Definition(mark.name, mark.kind, mark.line.number, whole, merged(text, shown), parent))
    taken = tuple(imports)
    spans = [span for one in definitions for span in one.shown]
    spans += [clipped(text, one.span.start, one.span.end) for one in taken[:MOST_IMPORTS]]
    return Outlined(merged(text, spans), tuple(definitions), taken, references)


def _is_over(mark: Mark, end: int, following: Mark) -> bool:
    return mark.level >= following.level or 0 <= end <= following.line.start


def first_of(line: Line) -> int:
    return line.start + len(line.text) - len(line.text.lstrip())


def trimmed(text: str, start: int, end: int) -> Span:
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


@dataclass(slots=True)
class Numbered:
    """Lines by place, asked for in order."""

    text: str
    number: int = 1
    start: int = 0

    def at(self, place: int) -> Line:
        """The line of a place, which is not before the one asked for last."""
        self.number += self.text.count("\n", self.start, place)
        self.start = max(self.start, self.text.rfind("\n", 0, place) + 1)
        end = self.text.find("\n", place)
        return Line(self.number, self.start, self.text[self.start : len(self.text) if end < 0 else end].rstrip("\r"))
