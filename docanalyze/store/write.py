"""Rows from values. Opens no transaction: the caller decides what belongs together.

Bulk goes through plain `executemany`: row by row it takes many times as long.
"""

import sqlite3
from collections.abc import Sequence
from itertools import count

from docanalyze.model import Coverage, Document, Fingerprint, Note, Run, Window, hash_text
from docanalyze.store import index, trees
from docanalyze.store.forms import as_json, boxes_json, fingerprint_id, fingerprint_row, storable

# -- documents -------------------------------------------------------------------------------------


def document(connection: sqlite3.Connection, document: Document) -> bool:
    """Every row of a Document, its search index included. False, and nothing, if it is there already."""
    found = connection.execute("SELECT 1 FROM documents WHERE id = ?", (document.id,)).fetchone()
    if found:
        return False
    _text(connection, document.text_sha256, document.text)
    source, reader = document.source, document.reader
    row = (
        document.id,
        storable(source.name),
        storable(source.path),
        document.format,
        source.size,
        source.sha256,
        document.text_sha256,
        reader.name,
        reader.version,
        as_json(reader.options),
        as_json(document.metadata),
    )
    connection.execute(
        "INSERT INTO documents (id, name, path, format, size, source_sha256, text_sha256, reader,"
        " reader_version, reader_options, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    _pages(connection, document)
    _segments(connection, document)
    notes(connection, document.notes, document_id=document.id)
    trees.put(connection, document)
    return True


def _pages(connection: sqlite3.Connection, document: Document) -> None:
    connection.executemany(
        "INSERT INTO pages (document_id, number, width, height, rotation, chars, state, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (document.id, p.number, p.width, p.height, p.rotation, p.chars, p.state.value, p.reason)
            for p in document.pages
        ),
    )
    connection.executemany(
        "INSERT INTO page_readings (document_id, number, source, ink, hidden, doubt) VALUES (?, ?, ?, ?, ?, ?)",
        ((document.id, p.number, p.source.value, p.ink, p.hidden, storable(p.doubt)) for p in document.pages),
    )


def _segments(connection: sqlite3.Connection, document: Document) -> None:
    first = next_id(connection, "segments")
    connection.executemany(
        "INSERT INTO segments (id, document_id, number, start, end, role, level, clause, page, line,"
        " locator, boxes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                document.id,
                segment.number,
                segment.span.start,
                segment.span.end,
                segment.role.value,
                segment.level,
                segment.clause,
                segment.page,
                segment.line,
                document.locator(segment.span),
                boxes_json(segment.boxes),
            )
            for row, segment in enumerate(document.segments, first)
        ),
    )
    connection.executemany(
        "INSERT INTO segment_readings (document_id, number, note, head_start, head_end) VALUES (?, ?, ?, ?, ?)",
        (
            (document.id, s.number, storable(s.note), *((s.head.start, s.head.end) if s.head else (None, None)))
            for s in document.segments
            if s.note or s.head
        ),
    )
    index.add_segments(
        connection,
        ((row, document.slice(segment.span)) for row, segment in enumerate(document.segments, first)),
    )


def notes(
    connection: sqlite3.Connection,
    notes: Sequence[Note],
    *,
    document_id: str | None = None,
    run_id: str | None = None,
) -> None:
    """Adds Notes to a Document or to a Run."""
    connection.executemany(
        "INSERT INTO notes (document_id, run_id, code, text, page) VALUES (?, ?, ?, ?, ?)",
        ((document_id, run_id, note.code, storable(note.text), note.page) for note in notes),
    )


# -- runs ------------------------------------------------------------------------------------------


def run(connection: sqlite3.Connection, run: Run) -> None:
    """A Run without its Windows, Calls and Findings."""
    connection.execute(
        "INSERT INTO runs (id, key, source, document_id, kind, kind_sha256, analyst, judge, state,"
        " started, ended, error, settings, versions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id,
            run.key,
            storable(run.source),
            run.document_id,
            run.kind,
            run.kind_sha256,
            run.analyst,
            run.judge,
            run.state.value,
            run.started,
            run.ended,
            storable(run.error),
            as_json(run.settings),
            as_json(run.versions),
        ),
    )
    connection.executemany(
        "INSERT INTO sections (run_id, ordinal, name, title) VALUES (?, ?, ?, ?)",
        ((run.id, ordinal, name, title) for ordinal, (name, title) in enumerate(run.sections, 1)),
    )
    stages(connection, run.id, run.stages)
    notes(connection, run.notes, run_id=run.id)


def stages(connection: sqlite3.Connection, run_id: str, stages: Sequence[tuple[str, float]]) -> None:
    """Replaces the times of a Run."""
    connection.execute("DELETE FROM stages WHERE run_id = ?", (run_id,))
    connection.executemany(
        "INSERT INTO stages (run_id, ordinal, name, seconds) VALUES (?, ?, ?, ?)",
        ((run_id, ordinal, name, seconds) for ordinal, (name, seconds) in enumerate(stages, 1)),
    )


def windows(connection: sqlite3.Connection, run_id: str, windows: Sequence[Window]) -> None:
    """Replaces the Windows of a Run."""
    connection.execute("DELETE FROM windows WHERE run_id = ?", (run_id,))
    numbered = list(enumerate(windows, next_id(connection, "windows")))
    for _, window in numbered:
        _text(connection, window.sha256, window.text)
    connection.executemany(
        "INSERT INTO windows (id, run_id, number, text_sha256, tokens, budget) VALUES (?, ?, ?, ?, ?, ?)",
        ((row, run_id, w.number, w.sha256, w.tokens, w.budget) for row, w in numbered),
    )
    connection.executemany(
        "INSERT INTO window_spans (window_id, ordinal, segment, start, end, at, repeated) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (row, ordinal, p.segment, p.span.start, p.span.end, p.start, int(p.repeated))
            for row, window in numbered
            for ordinal, p in enumerate(window.placed, 1)
        ),
    )


def coverage(connection: sqlite3.Connection, run_id: str, coverage: Coverage) -> None:
    """Replaces the receipt of a Run."""
    connection.execute("DELETE FROM coverage WHERE run_id = ?", (run_id,))
    connection.execute("DELETE FROM unread_pages WHERE run_id = ?", (run_id,))
    connection.executemany(
        "INSERT INTO coverage (run_id, ordinal, start, end, window, detail, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (run_id, ordinal, p.span.start, p.span.end, p.window, p.detail.value, p.reason)
            for ordinal, p in enumerate(coverage.parts, 1)
        ),
    )
    connection.executemany(
        "INSERT INTO unread_pages (run_id, ordinal, page, reason) VALUES (?, ?, ?, ?)",
        ((run_id, ordinal, page, reason) for ordinal, (page, reason) in enumerate(coverage.unread, 1)),
    )
    trees.put_covered(connection, run_id, coverage.files)
    connection.execute(
        "UPDATE runs SET chars_in = ?, chars_out = ? WHERE id = ?",
        (coverage.chars_in, coverage.chars_out, run_id),
    )


# -- texts and rows --------------------------------------------------------------------------------


def text(connection: sqlite3.Connection, text: str) -> str:
    """Stores a long text, once, and returns its hash."""
    sha256 = hash_text(text)
    _text(connection, sha256, text)
    return sha256


def _text(connection: sqlite3.Connection, sha256: str, text: str) -> None:
    # Given as it is, a text would keep its encoded form beside it for as long as it lives.
    if len(text) <= _PIECE:
        row = sha256, text.encode(), len(text)
        connection.execute("INSERT OR IGNORE INTO texts (sha256, text, chars) VALUES (?, CAST(? AS TEXT), ?)", row)
    elif not connection.execute("SELECT 1 FROM texts WHERE sha256 = ?", (sha256,)).fetchone():
        _in_pieces(connection, sha256, text)


_PIECE = 4_000_000
"""Characters of a text that are given to SQLite at once: of all that, it would hold two copies."""


def _in_pieces(connection: sqlite3.Connection, sha256: str, text: str) -> None:
    pieces = range(0, len(text), _PIECE)
    size = sum(len(text[at : at + _PIECE].encode()) for at in pieces)
    sql = "INSERT INTO texts (sha256, text, chars) VALUES (?, zeroblob(?), ?)"
    row = connection.execute(sql, (sha256, size, len(text))).lastrowid or 0
    with connection.blobopen("texts", "text", row) as written:
        for at in pieces:
            written.write(text[at : at + _PIECE].encode())
    connection.execute("UPDATE texts SET text = CAST(text AS TEXT) WHERE sha256 = ?", (sha256,))


def fingerprint(connection: sqlite3.Connection, fingerprint: Fingerprint) -> str:
    """Stores what served a Reply, once, and returns its id."""
    row = fingerprint_id(fingerprint)
    connection.execute(
        "INSERT OR IGNORE INTO fingerprints (id, model, file_sha256, quantization, cache_k, cache_v, context,"
        " rope, build, device, proven) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row, *fingerprint_row(fingerprint)),
    )
    return row


_LAST_ID = {
    "segments": "SELECT max(id) FROM segments",
    "windows": "SELECT max(id) FROM windows",
    "findings": "SELECT max(id) FROM findings",
    "evidence": "SELECT max(id) FROM evidence",
}


def next_id(connection: sqlite3.Connection, table: str) -> int:
    """The first free row of a table. Holds for as long as the write lock is held."""
    last: int | None = connection.execute(_LAST_ID[table]).fetchone()[0]
    return (last or 0) + 1


def ids(connection: sqlite3.Connection, table: str) -> "count[int]":
    """Free rows of a table, one after the other."""
    return count(next_id(connection, table))
