"""Code bases as rows and back: files, what they define and import, what a Run saw of each file.

Opens no transaction. Every table is written by one statement and read by one query, whatever the number of files.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from docanalyze.model import (
    Definition,
    Detail,
    Document,
    File,
    FileCovered,
    FileRole,
    Import,
    Secret,
    Skipped,
    Span,
    Tree,
)
from docanalyze.store.forms import as_counts, as_json, as_spans, restored, spans_json, storable

LONGEST_NAME = 400
"""Characters of a name with those that enclose it; of a longer one the end is kept."""

_DIGEST = 16

# -- writing ---------------------------------------------------------------------------------------


def put(connection: sqlite3.Connection, document: Document) -> None:
    """The Tree of a Document, whose row must be there; nothing if it has none."""
    tree = document.tree
    if tree is None:
        return
    connection.execute(
        "INSERT INTO trees (document_id, name, branch, commit_id, vocabulary) VALUES (?, ?, ?, ?, ?)",
        (document.id, storable(tree.name), storable(tree.branch), storable(tree.commit), tree.vocabulary),
    )
    last: int | None = connection.execute("SELECT max(id) FROM files").fetchone()[0]
    numbered = list(enumerate(tree.files, (last or 0) + 1))
    _files(connection, document.id, numbered)
    _symbols(connection, document, numbered)
    _imports(connection, numbered)
    connection.executemany(
        "INSERT INTO skipped_files (document_id, ordinal, path, reason, count) VALUES (?, ?, ?, ?, ?)",
        (
            (document.id, ordinal, storable(s.path), storable(s.reason), s.count)
            for ordinal, s in enumerate(tree.skipped, 1)
        ),
    )
    connection.executemany(
        "INSERT INTO submodules (document_id, ordinal, path) VALUES (?, ?, ?)",
        ((document.id, ordinal, storable(path)) for ordinal, path in enumerate(tree.submodules, 1)),
    )


Numbered = Sequence[tuple[int, File]]
"""Files with the rows that they get."""


def _files(connection: sqlite3.Connection, document_id: str, numbered: Numbered) -> None:
    connection.executemany(
        "INSERT INTO files (id, document_id, ordinal, path, size, role, sha256, language, reason, encoding, lines,"
        " chars, start, tokens, outline_tokens, outline, mains, cells, referenced)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                document_id,
                ordinal,
                storable(file.path),
                file.size,
                file.role.value,
                file.sha256,
                file.language,
                storable(file.reason),
                file.encoding,
                file.lines,
                file.chars,
                file.start,
                file.tokens,
                file.outline_tokens,
                spans_json(file.outline),
                spans_json(file.mains),
                as_json(file.cells),
                as_json(file.references),
            )
            for ordinal, (row, file) in enumerate(numbered, 1)
        ),
    )


def _symbols(connection: sqlite3.Connection, document: Document, numbered: Numbered) -> None:
    connection.executemany(
        "INSERT INTO symbols (file_id, ordinal, name, qualified, occurrence, kind, line, start, end, shown, parent,"
        " branches, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                ordinal,
                storable(found.name),
                storable(qualified),
                occurrence,
                found.kind,
                found.line,
                found.span.start,
                found.span.end,
                spans_json(found.shown),
                found.parent + 1 if found.parent >= 0 else None,
                found.branches,
                digest,
            )
            for row, file in numbered
            for ordinal, (found, (qualified, occurrence), digest) in enumerate(
                zip(file.definitions, _qualified(file.definitions), digests(document, file), strict=True), 1
            )
        ),
    )


def _imports(connection: sqlite3.Connection, numbered: Numbered) -> None:
    connection.executemany(
        "INSERT INTO imports (file_id, ordinal, module, line, start, end, names) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (row, ordinal, storable(i.module), i.line, i.span.start, i.span.end, as_json(i.names) if i.names else "[]")
            for row, file in numbered
            for ordinal, i in enumerate(file.imports, 1)
        ),
    )
    connection.executemany(
        "INSERT INTO secrets (file_id, ordinal, start, end, what) VALUES (?, ?, ?, ?, ?)",
        (
            (row, ordinal, secret.span.start, secret.span.end, storable(secret.what))
            for row, file in numbered
            for ordinal, secret in enumerate(file.secrets, 1)
        ),
    )


def _qualified(definitions: Sequence[Definition]) -> Iterator[tuple[str, int]]:
    """Of each definition its name behind those that enclose it, and how often the file has defined that by then.

    By these two and its kind a definition is known again in a later state of its file.
    """
    names: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for place, found in enumerate(definitions):
        # What encloses stands before what it encloses; anything else is no place to take a name from.
        outer = f"{names[found.parent]}." if 0 <= found.parent < place else ""
        names.append((outer + found.name)[-LONGEST_NAME:])
        key = names[-1], found.kind
        seen[key] = seen.get(key, 0) + 1
        yield names[-1], seen[key]


def digests(document: Document, file: File) -> list[str]:
    """Of each definition the start of the hash of its own text: without that of what it encloses, since
    a class is the same while only a method of it changes."""
    inside: dict[int, list[Span]] = {}
    for found in file.definitions:
        if found.parent >= 0:
            inside.setdefault(found.parent, []).append(found.span)
    made: dict[Span, str] = {}
    # What is declared together shares a Span: hashed once, or a long list of names would take time without end.
    return [
        _digest(document, file, found.span, inside[place])
        if place in inside
        else made.get(found.span) or made.setdefault(found.span, _digest(document, file, found.span, ()))
        for place, found in enumerate(file.definitions)
    ]


def _digest(document: Document, file: File, span: Span, inside: Iterable[Span]) -> str:
    told, position = hashlib.sha256(), span.start
    for inner in sorted(inside):
        if inner.start > position:
            told.update(document.text[file.start + position : file.start + inner.start].encode())
        position = max(position, inner.end)
    told.update(document.text[file.start + position : file.start + max(position, span.end)].encode())
    return told.hexdigest()[:_DIGEST]


# -- reading ---------------------------------------------------------------------------------------

Values = tuple[Any, ...]


def read(connection: sqlite3.Connection, document_id: str) -> Tree | None:
    """The Tree of a Document; None if it has none. ValueError where a column does not hold what it should."""
    rows = _rows(connection, "SELECT name, branch, commit_id, vocabulary FROM trees WHERE document_id = ?", document_id)
    told = next(rows, None)
    if told is None:
        return None
    name, branch, commit, vocabulary = told
    try:
        return Tree(
            name=restored(name),
            files=_read_files(connection, document_id),
            skipped=tuple(
                Skipped(restored(path), restored(reason), count)
                for path, reason, count in _rows(connection, _SKIPPED, document_id)
            ),
            branch=restored(branch),
            commit=restored(commit),
            submodules=tuple(restored(path) for (path,) in _rows(connection, _SUBMODULES, document_id)),
            vocabulary=vocabulary,
        )
    except TypeError as error:
        # A column that holds another type than it should.
        raise ValueError(str(error)) from error


_FILES = (
    "SELECT id, path, size, role, sha256, language, reason, encoding, lines, chars, start, tokens, outline_tokens,"
    " outline, mains, cells, referenced FROM files WHERE document_id = ? ORDER BY ordinal"
)
_SYMBOLS = (
    "SELECT s.file_id, s.name, s.kind, s.line, s.start, s.end, s.shown, s.parent, s.branches FROM files AS f"
    " CROSS JOIN symbols AS s ON s.file_id = f.id WHERE f.document_id = ? ORDER BY f.ordinal, s.ordinal"
)
_IMPORTS = (
    "SELECT i.file_id, i.module, i.line, i.start, i.end, i.names FROM files AS f"
    " CROSS JOIN imports AS i ON i.file_id = f.id WHERE f.document_id = ? ORDER BY f.ordinal, i.ordinal"
)
_SECRETS = (
    "SELECT s.file_id, s.start, s.end, s.what FROM files AS f"
    " CROSS JOIN secrets AS s ON s.file_id = f.id WHERE f.document_id = ? ORDER BY f.ordinal, s.ordinal"
)
_SKIPPED = "SELECT path, reason, count FROM skipped_files WHERE document_id = ? ORDER BY ordinal"
_SUBMODULES = "SELECT path FROM submodules WHERE document_id = ? ORDER BY ordinal"


def _read_files(connection: sqlite3.Connection, document_id: str) -> tuple[File, ...]:
    symbols, imports, secrets = (
        {row: list(group) for row, group in groupby(_rows(connection, sql, document_id), key=itemgetter(0))}
        for sql in (_SYMBOLS, _IMPORTS, _SECRETS)
    )
    return tuple(
        File(
            path=restored(path),
            size=size,
            role=FileRole(role),
            sha256=sha256,
            language=language,
            reason=restored(reason),
            encoding=encoding,
            lines=lines,
            chars=chars,
            start=start,
            tokens=tokens,
            outline_tokens=outline_tokens,
            outline=as_spans(outline),
            definitions=_definitions(symbols.get(row, [])),
            imports=tuple(_import(values) for values in imports.get(row, [])),
            references=as_counts(referenced),
            mains=as_spans(mains),
            secrets=tuple(Secret(Span(start, end), restored(what)) for _, start, end, what in secrets.get(row, [])),
            cells=tuple(int(cell) for cell in json.loads(cells)),
        )
        for (
            row, path, size, role, sha256, language, reason, encoding, lines, chars, start, tokens, outline_tokens,
            outline, mains, cells, referenced,
        ) in _rows(connection, _FILES, document_id)
    )  # fmt: skip


def _definitions(rows: Sequence[Values]) -> tuple[Definition, ...]:
    # Parsed together: most of the time would go into beginning to parse.
    shown = json.loads("[" + ",".join([row[6] for row in rows]) + "]")
    return tuple(
        Definition(
            restored(name),
            kind,
            line,
            Span(start, end),
            tuple([Span(*place) for place in places]),
            parent - 1 if parent else -1,
            branches,
        )
        for (_, name, kind, line, start, end, _, parent, branches), places in zip(rows, shown, strict=True)
    )


def stored_digests(connection: sqlite3.Connection, document_id: str) -> dict[int, list[str]]:
    """Of each file, by its ordinal, the digests of its definitions as they were stored."""
    sql = (
        "SELECT f.ordinal, s.digest FROM files AS f CROSS JOIN symbols AS s ON s.file_id = f.id"
        " WHERE f.document_id = ? ORDER BY f.ordinal, s.ordinal"
    )
    groups = groupby(_rows(connection, sql, document_id), key=itemgetter(0))
    return {ordinal: [digest for _, digest in group] for ordinal, group in groups}


def _import(values: Values) -> Import:
    _, module, line, start, end, names = values
    taken = tuple(str(name) for name in json.loads(names)) if names != "[]" else ()
    return Import(restored(module), line, Span(start, end), taken)


def _rows(connection: sqlite3.Connection, sql: str, key: str) -> Iterator[Values]:
    """Plain tuples: a tree has so many rows that anything more costs seconds."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, (key,))


# -- runs ------------------------------------------------------------------------------------------


def put_checkout(connection: sqlite3.Connection, run_id: str, document_id: str, tree: Tree | None) -> None:
    """What a Run found checked out: by the Tree that it read, else as it was when its Document was stored."""
    if tree is not None:
        connection.execute(
            "INSERT INTO checkouts (run_id, name, branch, commit_id) VALUES (?, ?, ?, ?)",
            (run_id, storable(tree.name), storable(tree.branch), storable(tree.commit)),
        )
    else:
        connection.execute(
            "INSERT INTO checkouts (run_id, name, branch, commit_id)"
            " SELECT ?, name, branch, commit_id FROM trees WHERE document_id = ?",
            (run_id, document_id),
        )


def checked_out(connection: sqlite3.Connection, run_id: str, document: Document) -> Document:
    """The Document of a code base under the name, branch and commit that a Run found."""
    sql = "SELECT name, branch, commit_id FROM checkouts WHERE run_id = ?"
    for values in _rows(connection, sql, run_id):
        if document.tree is None:
            break
        name, branch, commit = map(restored, values)
        facts = [pair for pair in (("branch", branch), ("commit", commit)) if pair[1]]
        others = [pair for pair in document.metadata if pair[0] not in ("branch", "commit")]
        return replace(
            document,
            source=replace(document.source, name=name),
            metadata=(*facts, *others),
            tree=replace(document.tree, name=name, branch=branch, commit=commit),
        )
    return document


def name_of(connection: sqlite3.Connection, run_id: str, document_id: str) -> str:
    """The name of a code base as a Run found it; empty of a Document that is none."""
    row = connection.execute(
        "SELECT coalesce(c.name, t.name) FROM trees AS t LEFT JOIN checkouts AS c ON c.run_id = ?"
        " WHERE t.document_id = ?",
        (run_id, document_id),
    ).fetchone()
    return restored(row[0]) if row is not None else ""


def put_covered(connection: sqlite3.Connection, run_id: str, covered: Sequence[FileCovered]) -> None:
    """Replaces what became of every file in a Run."""
    connection.execute("DELETE FROM run_files WHERE run_id = ?", (run_id,))
    connection.executemany(
        "INSERT INTO run_files (run_id, file, rank, window, detail, tokens, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((run_id, c.file + 1, c.rank, c.window, c.detail.value, c.tokens, storable(c.reason)) for c in covered),
    )


def covered(connection: sqlite3.Connection, run_id: str) -> tuple[FileCovered, ...]:
    """What became of every file in a Run."""
    sql = "SELECT file, rank, window, detail, tokens, reason FROM run_files WHERE run_id = ? ORDER BY file"
    return tuple(
        FileCovered(file - 1, rank, window, Detail(detail), tokens, restored(reason))
        for file, rank, window, detail, tokens, reason in _rows(connection, sql, run_id)
    )
