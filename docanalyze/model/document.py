"""A Source as read: its text, its Segments, its pages."""

import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from docanalyze.model.note import Note
from docanalyze.model.places import Box, Span, hash_text
from docanalyze.model.tree import File, Tree


class Role(StrEnum):
    """What a Segment is in its document."""

    HEADING = "heading"
    AUTHORS = "authors"
    ABSTRACT = "abstract"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE = "table"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    REFERENCE = "reference"
    CODE = "code"
    FURNITURE = "furniture"
    HIDDEN = "hidden text"
    INSERTION = "insertion"
    DELETION = "deletion"
    COMMENT = "comment"
    FORM_FIELD = "form field"


APART = frozenset({Role.FURNITURE, Role.HIDDEN, Role.INSERTION, Role.DELETION, Role.COMMENT, Role.FORM_FIELD})
"""Roles that stand after the body in `Document.text` and stay out of Windows unless asked for."""


TAKEN_OUT = "taken out: "
"""What stands in the note of a Segment of a code base before what nobody would see of it, each with its line."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A paragraph, heading, list item, ...: a Span with a number and a place.

    `number` counts from 1 in reading order. `level` is 1 for the highest heading and 0 for what is
    no heading. `clause` is the designation in full, as one cites it: `3.2(a)`; empty if there is
    none. `page` counts from 1, and is 0 where the format has no pages. `line` counts from 1, and is
    0 where the format has no lines of its own. `note` says what its role leaves open: why text is
    hidden, who inserted it and where. `head` is where the header rows of its table stand, in this
    Segment or in an earlier one.
    """

    number: int
    span: Span
    role: Role
    level: int = 0
    clause: str = ""
    page: int = 0
    line: int = 0
    boxes: tuple[Box, ...] = ()
    note: str = ""
    head: Span | None = None

    @property
    def in_body(self) -> bool:
        return self.role not in APART


@dataclass(frozen=True, slots=True)
class Source:
    """What the user named: `path` as given (`-` for standard input), and the bytes found there."""

    path: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Reader:
    """What read a Source: name, version, and the options that change what is read."""

    name: str
    version: str
    options: tuple[tuple[str, str], ...] = ()


class PageState(StrEnum):
    READ = "read"
    PART = "read in part"
    EMPTY = "no text"
    UNREAD = "not read"


class PageSource(StrEnum):
    """Where the characters of a page come from."""

    TEXT = "text"
    OCR = "OCR"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: size in points as shown, rotation in degrees, characters read, and why if none.

    `width` is 0 where the format has no page images. `ink` is the share of the page that images and
    drawings cover where no text is, 0 to 1. `hidden` counts characters that are not to be seen.
    `doubt` says what speaks against the text layer; empty if nothing does.
    """

    number: int
    width: float
    height: float
    rotation: int = 0
    chars: int = 0
    state: PageState = PageState.READ
    reason: str = ""
    source: PageSource = PageSource.TEXT
    ink: float = 0.0
    hidden: int = 0
    doubt: str = ""


_ANOTHER_CLAUSE = re.compile(r"[.;:][”\"]?\s+\(?\d{1,2}(?:\.\d{1,2}){0,5}[.)]?\s+(?=[A-Z“\"])")
_LABEL = 12


@dataclass(frozen=True)
class Document:
    """One Source as read. Never changes after ingest.

    `segments` are in order, disjoint, and leave only white space between them. Body Segments come
    first; what stands apart (`APART`) follows, but in text files, whose text is the file's, it stands
    where it is written. Of a code base `tree` tells the files: the text is, file after file, its path as a
    heading, and where it was read, its text as it is.
    """

    text: str
    segments: tuple[Segment, ...]
    source: Source
    reader: Reader
    format: str
    pages: tuple[Page, ...] = ()
    notes: tuple[Note, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    tree: Tree | None = None

    @cached_property
    def text_sha256(self) -> str:
        return hash_text(self.text)

    @cached_property
    def id(self) -> str:
        """Hash of the text, the bytes it was read from, and what read it."""
        options = (f"{name}={value}" for name, value in self.reader.options)
        parts = (self.text_sha256, self.source.sha256, self.reader.name, self.reader.version, *options)
        return hash_text("\n".join(parts))

    @cached_property
    def _starts(self) -> list[int]:
        return [segment.span.start for segment in self.segments]

    @cached_property
    def body(self) -> tuple[Segment, ...]:
        """The Segments that Windows hold."""
        return tuple(segment for segment in self.segments if segment.in_body)

    def slice(self, span: Span) -> str:
        """The only way that text is quoted anywhere."""
        return self.text[span.start : span.end]

    def segment(self, number: int) -> Segment:
        """The Segment of that number; IndexError if there is none."""
        if not 1 <= number <= len(self.segments):
            raise IndexError(f"no segment {number}")
        return self.segments[number - 1]

    def cited(self, number: int) -> Span:
        """What a cited number stands for: its Segment; of a code base a path for its whole file. IndexError if none."""
        span = self.segment(number).span
        file = self.file_at(span)
        # The text of a file begins right after the line that is its path.
        return Span(span.start, file.span.end) if file and file.chars and file.start == span.end + 1 else span

    def segments_at(self, span: Span) -> tuple[Segment, ...]:
        """The Segments that the Span touches, in order; of an empty Span the one it stands in."""
        first = max(0, bisect_right(self._starts, span.start) - 1)
        found = []
        for at in range(first, len(self.segments)):
            segment = self.segments[at]
            if segment.span.start >= max(span.end, span.start + 1):
                break
            if segment.span.end > span.start:
                found.append(segment)
        return tuple(found)

    @cached_property
    def _paths(self) -> list[tuple[int, ...]]:
        paths: list[tuple[int, ...]] = []
        open_: list[Segment] = []
        for segment in self.segments:
            if segment.role is Role.HEADING:
                while open_ and open_[-1].level >= segment.level:
                    open_.pop()
            # What stands apart may lie between the body's Segments, and is under none of its headings.
            paths.append(tuple(heading.number for heading in open_) if segment.in_body else ())
            if segment.role is Role.HEADING:
                open_.append(segment)
        return paths

    def heading_path(self, number: int) -> tuple[Segment, ...]:
        """The headings above a Segment, highest first, itself not among them."""
        return tuple(self.segment(n) for n in self._paths[number - 1])

    @cached_property
    def _files(self) -> list[int]:
        return [file.start for file in self.tree.files] if self.tree is not None else []

    def file_at(self, span: Span) -> File | None:
        """The file in whose text a Span begins, or whose path it is; None where there are no files."""
        if self.tree is None or not self.tree.files:
            return None
        # The path stands right before the text: on the path, the next file's text has not begun.
        place = bisect_right(self._files, span.start) - 1
        file = self.tree.files[max(0, place)]
        if place < 0 or span.start < file.start + file.chars or place + 1 == len(self.tree.files):
            return file
        return self.tree.files[place + 1]

    def lines_of(self, span: Span) -> tuple[int, int]:
        """First and last line, from 1, of a Span in the text of its file; (0, 0) outside of one."""
        file = self.file_at(span)
        return self._lines_in(file, span) if file is not None else (0, 0)

    def _lines_in(self, file: File, span: Span) -> tuple[int, int]:
        last = max(span.start, span.end - 1)
        if span.start < file.start or last > file.start + file.chars:
            return 0, 0
        ends = self._ends_of(file)
        first = bisect_left(ends, span.start)
        return first + 1, 1 + bisect_left(ends, last, first)

    def _ends_of(self, file: File) -> "array[int]":
        """Where the lines of a file end, found once: places are asked for by the ten thousand."""
        found = self._ends.get(file.start)
        if found is None:
            found = self._ends[file.start] = array("Q")
            at = self.text.find("\n", file.start, file.span.end)
            while at >= 0:
                found.append(at)
                at = self.text.find("\n", at + 1, file.span.end)
        return found

    @cached_property
    def _ends(self) -> "dict[int, array[int]]":
        return {}

    def locator(self, span: Span) -> str:
        """The human form of a Span: `p. 14, §3.2`, `line 120, §7`, `§12.1(a)`, `¶ 7`, `src/app.py:10-22`."""
        if self.tree is not None:
            return self._in_file(span)
        segments = self.segments_at(span)
        if not segments:
            return f"character {span.start}"
        first, last = segments[0], segments[-1]
        parts = []
        if first.page:
            parts.append(f"p. {first.page}" if first.page == last.page else f"pp. {first.page}-{last.page}")
        if first.line:
            line = first.line + self.text.count("\n", first.span.start, span.start)
            parts.append(f"line {line}")
        clause = first.clause or next((h.clause for h in reversed(self.heading_path(first.number)) if h.clause), "")
        # A line may hold several clauses: of the later ones only the line is known.
        if clause and not _ANOTHER_CLAUSE.search(self.text, first.span.start, min(span.start + _LABEL, span.end)):
            parts.append(f"§{clause}")
        return ", ".join(parts) or f"¶ {first.number}"

    def _in_file(self, span: Span) -> str:
        file = self.file_at(span)
        if file is None:
            return f"character {span.start}"
        first, last = self._lines_in(file, span)
        if not first:
            return file.path
        if file.cells:
            return f"{file.path}, cell {max(1, bisect_right(file.cells, span.start - file.start))}"
        return f"{file.path}:{first}" if first == last else f"{file.path}:{first}-{last}"
