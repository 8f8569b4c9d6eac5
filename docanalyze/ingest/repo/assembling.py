"""A Tree with its texts as one Document: a path, its text, the next path, and Segments of all of it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from docanalyze.model import TAKEN_OUT, Definition, File, Role, Segment, Span

_MOST_LINES = 80
_LEAST_LINES = 20
_LEAST_APART = 3
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Told = Sequence[Sequence[Any]]
"""Segments as a reading process tells them: start, end, role, level, clause, line, note, head."""

Taken = Sequence[tuple[int, str]]
"""Where characters that nobody sees were taken out of a file's text, and what is said of it."""


def assembled(
    files: Sequence[File], texts: Mapping[str, str], told: Mapping[str, Told], taken: Mapping[str, Taken]
) -> tuple[str, list[File], list[Segment]]:
    """The text of all files, the files with where they stand in it, and its Segments."""
    pieces: list[str] = []
    placed: list[File] = []
    segments: list[Segment] = []
    at = 0
    for file in files:
        segments.append(Segment(len(segments) + 1, Span(at, at + len(file.path)), Role.HEADING, 1))
        file = replace(file, start=at + len(file.path) + 1)
        text = texts.get(file.path, "")
        # Put together only once: a copy of each text would be one more of all of them.
        whole = (file.path, "\n", text, "\n\n" if text and not text.endswith("\n") else "\n")
        for segment in _of(file, text, told.get(file.path)):
            segments.append(replace(segment, number=len(segments) + 1))
        _note(segments, file, taken.get(file.path, ()))
        pieces += whole
        placed.append(file)
        at += sum(map(len, whole))
    return "".join(pieces), placed, segments


def _of(file: File, text: str, told: Told | None) -> Iterator[Segment]:
    if told is not None:
        yield from (_moved(one, file) for one in told)
        return
    for span, line in units(text, file.definitions, file.mains):
        yield Segment(1, file.within(span), Role.CODE, line=line)


def _note(segments: list[Segment], file: File, taken: Taken) -> None:
    """Says in the Segment around each place, else in the one before it, what was taken out there."""
    said: dict[int, list[str]] = {}
    for at, what in taken:
        place = bisect_right(segments, file.start + at, key=lambda segment: segment.span.start) - 1
        said.setdefault(place, []).append(what)
    for place, found in said.items():
        before = f"{segments[place].note}; " if segments[place].note else ""
        segments[place] = replace(segments[place], note=f"{before}{TAKEN_OUT}{', '.join(found)}")


def _moved(told: Sequence[Any], file: File) -> Segment:
    start, end, role, level, clause, line, note, head = told
    level = level + 1 if role == Role.HEADING else 0
    place = file.within(Span(*head)) if head else None
    return Segment(1, file.within(Span(start, end)), Role(role), level, clause, line=line, note=note, head=place)


def units(text: str, definitions: Sequence[Definition], mains: Sequence[Span] = ()) -> Iterator[tuple[Span, int]]:
    """The units of a file of code with the line each begins in: definitions, where a program starts, the rest.

    A unit begins with a line that is not blank, at its first word; long ones are cut at blank lines.
    """
    lines = [match.span() for match in _LINE.finditer(text)]
    blank = [not text[start:end].strip() for start, end in lines]
    for first, last in pairwise(_cuts(text, definitions, mains, len(lines))):
        for start, end in _short(blank, first, last):
            while start < end and blank[start]:
                start += 1
            while end > start and blank[end - 1]:
                end -= 1
            if start < end:
                begin, stop = lines[start][0], lines[end - 1][1]
                words = text[begin:stop]
                yield Span(begin + len(words) - len(words.lstrip()), begin + len(words.rstrip())), start + 1


def _cuts(text: str, definitions: Sequence[Definition], mains: Sequence[Span], lines: int) -> list[int]:
    """Lines, from 0, that a unit begins with, and the end."""
    cuts = {0, lines} | {text.count("\n", 0, one.start) for one in mains}
    long = set()
    newlines = 0
    at = 0
    for place, one in sorted(enumerate(definitions), key=lambda pair: (pair[1].span.start, pair[0])):
        newlines += text.count("\n", at, one.span.start)
        at = one.span.start
        length = text.count("\n", one.span.start, one.span.end) + 1
        if length >= _LEAST_APART and (one.parent < 0 or one.parent in long):
            cuts |= {newlines, min(lines, newlines + length)}
            if length > _MOST_LINES:
                long.add(place)
    return sorted(cuts)


def _short(blank: Sequence[bool], first: int, last: int) -> Iterator[tuple[int, int]]:
    """A run of lines in parts of not much over so many."""
    while last - first > _MOST_LINES * 3 // 2:
        most = first + _MOST_LINES
        cut = next((line for line in range(most, first + _LEAST_LINES, -1) if blank[line]), most)
        yield first, cut
        first = cut
    yield first, last
