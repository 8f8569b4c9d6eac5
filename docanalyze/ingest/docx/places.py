"""Where the words of a Span stand in a Word document: between which characters of which elements.

A Document's text is the words of its paragraphs in the order in which they were read, with labels,
bars between cells and marks of footnotes put in, blanks changed, and what nobody sees taken out. So
all but the blanks is compared, from the first word to the last.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

from docanalyze.ingest.docx.names import ID, W
from docanalyze.ingest.docx.walk import Traced
from docanalyze.model import Span

_MOST_BETWEEN = 4_096
"""Characters that were put in between two paragraphs: a row of many empty cells has many bars."""
_REFERENCES = {f"{W}footnote": f"{W}footnoteReference", f"{W}endnote": f"{W}endnoteReference"}


class Point(NamedTuple):
    """Between two characters: so many characters into an element. Compares in the order of reading."""

    paragraph: int
    at: int
    element: Any
    offset: int


class Place(NamedTuple):
    """From one Point to another; without them the whole of a paragraph."""

    paragraph: Any
    start: Point | None = None
    end: Point | None = None


class Places:
    """The way back from a Document's text to the elements that it was read from."""

    def __init__(self, trail: Sequence[Traced], text: str, main: Any) -> None:
        self._main = main
        self._solid = array("Q", (at for at, character in enumerate(text) if not character.isspace()))
        self._starts: list[int] = []
        self._read: list[Traced] = []
        self._origins = cache(self._traced_back)
        told = _solid(text)
        at = 0
        for traced in trail:
            words = _solid(traced.text)
            start = told.find(words, at, at + len(words) + _MOST_BETWEEN)
            if start >= 0:
                self._starts.append(start)
                self._read.append(traced)
                at = start + len(words)

    def of(self, span: Span) -> Place | None:
        """Where a Span stands; None where the body has no paragraph for it.

        Word has no comments in text boxes, and other programs none in footnotes: there it is the
        paragraph that they hang on, as it is where only a label is quoted, which is no text in the file.
        """
        reached = list(self._reached(bisect_left(self._solid, span.start), bisect_left(self._solid, span.end)))
        if not reached:
            return None
        paragraph = self._outermost(self._read[reached[0][0]].paragraph)
        characters = [(index, at) for index, origins in reached for at in origins if at >= 0]
        plain = all(self._outermost(self._read[index].paragraph) is self._read[index].paragraph for index, _ in reached)
        if paragraph is None:
            return None
        if not characters or not plain:
            return Place(paragraph)
        return Place(paragraph, self._point(*characters[0]), self._point(*characters[-1], behind=1))

    def _reached(self, first: int, last: int) -> Iterator[tuple[int, Sequence[int]]]:
        """The paragraphs that hold some of these characters, and where each stands among what was found in it."""
        index = max(bisect_right(self._starts, first) - 1, 0)
        while index < len(self._starts) and self._starts[index] < last:
            start = self._starts[index]
            if origins := self._origins(index)[max(first - start, 0) : last - start]:
                yield index, origins
            index += 1

    def _traced_back(self, index: int) -> list[int]:
        """For each character of a paragraph as told, its place in what was found; -1 for those of its label."""
        _, found, words, text = self._read[index]
        raw, told = found.text, _solid(words)
        origins = [-1] * (len(_solid(text)) - len(told))
        at = -1
        for character in told:
            at = raw.index(character, at + 1)
            origins.append(at)
        return origins

    def _point(self, index: int, at: int, behind: int = 0) -> Point:
        found = self._read[index].found
        starts = list(accumulate(map(len, found.parts), initial=0))
        part = bisect_right(starts, at) - 1
        return Point(index, at + behind, found.sources[part], at - starts[part] + behind)

    def _outermost(self, paragraph: Any) -> Any:
        """The paragraph of the main text that one hangs on, by its text box or by the mark of its note; or itself."""
        above = list(paragraph.iterancestors())
        for note in above:
            if note.tag in _REFERENCES:
                marks = self._main.iter(_REFERENCES[note.tag])
                mark = next((mark for mark in marks if mark.get(ID) == note.get(ID)), None)
                above = [] if mark is None else list(mark.iterancestors())
                paragraph = None
                break
        return next((one for one in reversed(above) if one.tag == f"{W}p"), paragraph)


def _solid(text: str) -> str:
    return "".join(text.split())
