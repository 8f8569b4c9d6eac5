"""What slicing proves of code bases: that files and definitions stand where their rows say, and of a Run that
what it says of every file is what its receipt says of the text."""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from math import fsum, isclose

from docanalyze.model import Coverage, Detail, Document, File, Run, Span, Tree
from docanalyze.store import trees

_NEAR = 1e-6
"""By how much ranks, which are rounded each, may miss 1 in sum."""

# -- documents -------------------------------------------------------------------------------------


def document_problems(connection: sqlite3.Connection, document: Document) -> Iterator[tuple[str, str, str]]:
    """(table, path, what) of the files and definitions of a Document that has a Tree."""
    if document.tree is None:
        return
    stored = trees.stored_digests(connection, document.id)
    end = 0
    for ordinal, file in enumerate(document.tree.files, 1):
        if what := _misplaced(document, file, end):
            yield "files", file.path, what
            continue
        end = file.span.end
        if any(not _lies_in(file, span.end) for span in chain(file.outline, file.mains)):
            yield "files", file.path, "its outline does not lie in its text"
        for table, ends in _places(file):
            if not all(_lies_in(file, last) for last in ends):
                yield table, file.path, "some do not lie in the file's text"
                break
        else:
            if trees.digests(document, file) != stored.get(ordinal, []):
                yield "symbols", file.path, "some do not stand where they are said to"


def _misplaced(document: Document, file: File, end: int) -> str:
    line = file.path + "\n"
    begins = file.start - len(line)
    if begins < end or not document.text.startswith(line, begins):
        return "its path does not stand before its text"
    if file.span.end > len(document.text):
        return "its text goes beyond the document's"
    return ""


def _places(file: File) -> Iterator[tuple[str, list[int]]]:
    yield "symbols", [max(found.span.end, *(s.end for s in found.shown), 0) for found in file.definitions]
    yield "imports", [found.span.end for found in file.imports]
    yield "secrets", [found.span.end for found in file.secrets]


def _lies_in(file: File, end: int) -> bool:
    return end <= file.chars


# -- runs ------------------------------------------------------------------------------------------

# Beside an outline the beginning of a file may stand in full.
_SAYS: dict[Detail, set[Detail]] = {
    Detail.FULL: {Detail.FULL},
    Detail.OUTLINE: {Detail.OUTLINE, Detail.FULL, Detail.NONE},
    Detail.NAME: {Detail.NONE},
    Detail.NONE: {Detail.NONE},
}


def run_problems(run: Run, document: Document) -> Iterator[str]:
    """What does not hold of what a Run says of files."""
    if run.coverage is None or (document.tree is None and not run.coverage.files):
        return
    tree, files = document.tree, run.coverage.files
    if tree is None:
        yield "are of a document that has no files"
        return
    if [covered.file for covered in files] != list(range(len(tree.files))):
        yield "are not one for each file"
        return
    if files and not isclose(fsum(covered.rank for covered in files), 1, abs_tol=_NEAR):
        yield "have ranks that do not add to 1"
    windows = {0, *(window.number for window in run.windows)}
    seen = _details(run.coverage, document, tree)
    for covered, file in zip(files, tree.files, strict=True):
        if covered.window not in windows:
            yield f"name a window that there is not, for {file.path}"
        if not seen.get(covered.file, set()) <= _SAYS[covered.detail]:
            yield f"say {covered.detail} of {file.path}, and the receipt of its text says other"


def _details(coverage: Coverage, document: Document, tree: Tree) -> dict[int, set[Detail]]:
    """By the place of a file, how what can be seen of its text stands in Windows; what is left out counts as none."""
    starts = [file.start for file in tree.files]
    found: dict[int, set[Detail]] = {}
    for part in coverage.parts:
        # Neighbours with the same fate are one part, be they of several files.
        first = max(0, bisect_right(starts, part.span.start) - 1)
        for place in range(first, bisect_left(starts, part.span.end)):
            text = tree.files[place].span
            if text.overlaps(part.span) and _common(document, text, part.span).strip():
                found.setdefault(place, set()).add(part.detail if part.window else Detail.NONE)
    return found


def _common(document: Document, one: Span, other: Span) -> str:
    return document.text[max(one.start, other.start) : min(one.end, other.end)]
