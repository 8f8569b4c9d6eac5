"""A code base as read: its files, what they define, what they import and name.

All Spans here are of the file's own text, as read; `File.start` is where that stands in `Document.text`.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from docanalyze.model.places import Span


class FileRole(StrEnum):
    """What a file is for, by its path, its name and its first bytes."""

    CODE = "code"
    TEST = "test"
    EXAMPLE = "example"
    DOCUMENTATION = "documentation"
    MANIFEST = "manifest"
    CONFIGURATION = "configuration"
    SCHEMA = "schema"
    DATA = "data"
    LOCK = "lock file"
    GENERATED = "generated"
    MINIFIED = "minified"
    VENDORED = "vendored"
    BINARY = "binary"


NEVER_IN_FULL = frozenset({FileRole.LOCK, FileRole.GENERATED, FileRole.MINIFIED, FileRole.VENDORED, FileRole.BINARY})
"""What nobody wrote here by hand: it is listed by name."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that a file defines: `kind` is function, method, class, interface, struct, enum, trait,
    type, module, constant, macro, table, heading, key, target, stage, ...

    `line` counts from 1. `span` is the whole of it, decorators and leading comment included.
    `shown` is what an outline shows: signature, first line of documentation; each Span begins with its
    line (indentation included) and ends before a line's end. `parent` is the place of the enclosing
    one in `File.definitions`, -1 for none. `branches` counts decisions inside (if, loop, case, catch, and, or).
    """

    name: str
    kind: str
    line: int
    span: Span
    shown: tuple[Span, ...]
    parent: int = -1
    branches: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """An import as written: `module` without quotes (`./db`, `app.store`, `stdio.h`), the names taken from it."""

    module: str
    line: int
    span: Span
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Secret:
    """A place whose characters were replaced before anything else saw them; `what` is what it looked like."""

    span: Span
    what: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of a code base. `path` is relative to its root, with `/`.

    `reason` says why its text was not read; empty if it was. `sha256` is of its bytes, empty where
    those were not read. `language` is empty where none is known. `outline` is what stands for it at lower detail,
    in order. `tokens` and `outline_tokens` count the text without blank lines around it, and the outline, each with
    a last line end, by the vocabulary that `Tree.vocabulary` names. `references` are the names that it uses and how
    often. `mains` are where a program starts. `cells` are where the cells of a notebook begin. `chars` is 0 where no
    text was read.
    """

    path: str
    size: int
    role: FileRole
    sha256: str = ""
    language: str = ""
    reason: str = ""
    encoding: str = ""
    lines: int = 0
    chars: int = 0
    start: int = 0
    tokens: int = 0
    outline_tokens: int = 0
    outline: tuple[Span, ...] = ()
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[tuple[str, int], ...] = ()
    mains: tuple[Span, ...] = ()
    secrets: tuple[Secret, ...] = ()
    cells: tuple[int, ...] = ()

    @property
    def is_read(self) -> bool:
        return not self.reason

    @property
    def span(self) -> Span:
        """Where its text stands in `Document.text`."""
        return Span(self.start, self.start + self.chars)

    @property
    def folder(self) -> str:
        """The folder that it lies in, empty for the root."""
        return self.path.rpartition("/")[0]

    def within(self, span: Span) -> Span:
        """A Span of its own text as one of `Document.text`."""
        return Span(self.start + span.start, self.start + span.end)


def shown_part(text: str) -> Span:
    """Where the text of a file is without the blank lines around it: what a Window holds of it, and what is counted."""
    first = len(text) - len(text.lstrip())
    start = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    return Span(start, max(start, len(text.rstrip())))


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not even listed: a path, relative to the root, and why (ignored, a link, no permission, ...).

    `count` is how many files it stands for, 0 where nobody counted.
    """

    path: str
    reason: str
    count: int = 1


@dataclass(frozen=True)
class Tree:
    """A code base: `name` is that of its folder. `files` stand in the order of their paths.

    `branch` and `commit` are what its own files say, empty where it is no checkout. `submodules` are
    their paths. `vocabulary` is the sha256 of the vocabulary that counted.
    """

    name: str
    files: tuple[File, ...]
    skipped: tuple[Skipped, ...] = ()
    branch: str = ""
    commit: str = ""
    submodules: tuple[str, ...] = ()
    vocabulary: str = ""

    @cached_property
    def sha256(self) -> str:
        """Hash of the sorted paths and content hashes."""
        told = hashlib.sha256()
        for file in self.files:
            told.update(f"{file.path}\0{file.sha256}\0{file.size}\n".encode(errors="surrogateescape"))
        return told.hexdigest()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {file.path: place for place, file in enumerate(self.files)}

    def place(self, path: str) -> int:
        """Where a file stands in `files`; KeyError if there is none of that path."""
        return self._places[path]
