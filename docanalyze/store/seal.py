"""A seal: the hash of every row of a Document, or of a Run that has ended.

What can be worked out again is proven by hashing and slicing; what cannot (rectangles, verdicts,
token counts) is only seen to be altered by its seal. It is no signature: whoever can write the
database can seal anew.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable

Queries = Callable[[int], tuple[str, ...]]

FORM = 3
"""Which columns are hashed. A step of the schema that adds some adds a form, and keeps the older ones."""

_DOCUMENT = (
    "SELECT id, name, path, format, size, source_sha256, text_sha256, reader, reader_version, reader_options,"
    " metadata FROM documents WHERE id = ?",
    "SELECT number, width, height, rotation, chars, state, reason FROM pages WHERE document_id = ? ORDER BY number",
    "SELECT number, start, end, role, level, clause, page, line, locator, boxes FROM segments"
    " WHERE document_id = ? ORDER BY number",
    "SELECT code, text, page FROM notes WHERE document_id = ? ORDER BY id",
)
# Queries that the second form added to those of the first.
_DOCUMENT_2 = (
    "SELECT number, note, head_start, head_end FROM segment_readings WHERE document_id = ? ORDER BY number",
    "SELECT number, source, ink, hidden, doubt FROM page_readings WHERE document_id = ? ORDER BY number",
)
# Those that the third form added: code bases.
_DOCUMENT_3 = (
    "SELECT name, branch, commit_id, vocabulary FROM trees WHERE document_id = ?",
    "SELECT ordinal, path, size, role, sha256, language, reason, encoding, lines, chars, start, tokens,"
    " outline_tokens, outline, mains, cells, referenced FROM files WHERE document_id = ? ORDER BY ordinal",
    "SELECT f.ordinal, s.ordinal, s.name, s.qualified, s.occurrence, s.kind, s.line, s.start, s.end, s.shown, s.parent,"
    " s.branches, s.digest FROM files AS f CROSS JOIN symbols AS s ON s.file_id = f.id WHERE f.document_id = ?"
    " ORDER BY f.ordinal, s.ordinal",
    "SELECT f.ordinal, i.ordinal, i.module, i.line, i.start, i.end, i.names FROM files AS f"
    " CROSS JOIN imports AS i ON i.file_id = f.id WHERE f.document_id = ? ORDER BY f.ordinal, i.ordinal",
    "SELECT f.ordinal, s.ordinal, s.start, s.end, s.what FROM files AS f"
    " CROSS JOIN secrets AS s ON s.file_id = f.id WHERE f.document_id = ? ORDER BY f.ordinal, s.ordinal",
    "SELECT ordinal, path, reason, count FROM skipped_files WHERE document_id = ? ORDER BY ordinal",
    "SELECT ordinal, path FROM submodules WHERE document_id = ? ORDER BY ordinal",
)
_RUN = (
    "SELECT id, key, source, document_id, kind, kind_sha256, analyst, judge, state, started, ended, error, settings,"
    " versions, chars_in, chars_out FROM runs WHERE id = ?",
    "SELECT ordinal, name, title FROM sections WHERE run_id = ? ORDER BY ordinal",
    "SELECT ordinal, name, seconds FROM stages WHERE run_id = ? ORDER BY ordinal",
    "SELECT code, text, page FROM notes WHERE run_id = ? ORDER BY id",
    "SELECT number, text_sha256, tokens, budget FROM windows WHERE run_id = ? ORDER BY number",
    "SELECT w.number, p.ordinal, p.segment, p.start, p.end, p.at, p.repeated FROM window_spans AS p"
    " JOIN windows AS w ON w.id = p.window_id WHERE w.run_id = ? ORDER BY w.number, p.ordinal",
    "SELECT ordinal, start, end, window, detail, reason FROM coverage WHERE run_id = ? ORDER BY ordinal",
    "SELECT ordinal, page, reason FROM unread_pages WHERE run_id = ? ORDER BY ordinal",
    "SELECT number, key, role, section, window, template, template_sha256, prompt_sha256, reply_sha256,"
    " fingerprint_id, sampling, prompt_tokens, cached_tokens, output_tokens, seconds, finish, state, error, started"
    " FROM calls WHERE run_id = ? ORDER BY number",
    "SELECT k.number, p.whole_sha256, p.prompt_sha256, p.system_sha256, p.schema_sha256, p.kept, p.prompt_seconds,"
    " p.output_seconds FROM call_prompts AS p JOIN calls AS k ON k.id = p.call_id WHERE k.run_id = ? ORDER BY k.number",
    "SELECT number, section, statement, confidence, calibrated, absence, conflict FROM findings"
    " WHERE run_id = ? ORDER BY number",
    "SELECT f.number, c.ordinal, k.number FROM finding_calls AS c JOIN findings AS f ON f.id = c.finding_id"
    " JOIN calls AS k ON k.id = c.call_id WHERE f.run_id = ? ORDER BY f.number, c.ordinal",
    "SELECT f.number, q.ordinal, q.text, q.cited, q.at_start, q.at_end FROM quotes AS q"
    " JOIN findings AS f ON f.id = q.finding_id WHERE f.run_id = ? ORDER BY f.number, q.ordinal",
    "SELECT f.number, x.ordinal, x.name, x.kind, x.written, x.value, x.unit FROM finding_fields AS x"
    " JOIN findings AS f ON f.id = x.finding_id WHERE f.run_id = ? ORDER BY f.number, x.ordinal",
    "SELECT f.number, e.quote, e.field, e.written, e.words, e.match, e.score, e.in_place, e.occurrences, e.start,"
    " e.end, e.sentence_start, e.sentence_end, e.page, e.locator, e.boxes, e.reason FROM evidence AS e"
    " JOIN findings AS f ON f.id = e.finding_id WHERE f.run_id = ? ORDER BY f.number, e.quote, e.field",
    "SELECT f.number, e.quote, e.field, s.ordinal, s.start, s.end FROM evidence_spans AS s"
    " JOIN evidence AS e ON e.id = s.evidence_id JOIN findings AS f ON f.id = e.finding_id"
    " WHERE f.run_id = ? ORDER BY f.number, e.quote, e.field, s.ordinal",
    "SELECT f.number, v.ordinal, v.by, v.label, v.probability, v.reason FROM verdicts AS v"
    " JOIN findings AS f ON f.id = v.finding_id WHERE f.run_id = ? ORDER BY f.number, v.ordinal",
    "SELECT f.number, c.ordinal, k.number, c.shares FROM verdict_calls AS c JOIN findings AS f ON f.id = c.finding_id"
    " JOIN calls AS k ON k.id = c.call_id WHERE f.run_id = ? ORDER BY f.number, c.ordinal",
    "SELECT f.number, s.terms, s.chars FROM sweeps AS s JOIN findings AS f ON f.id = s.finding_id"
    " WHERE f.run_id = ? ORDER BY f.number",
    "SELECT f.number, h.ordinal, h.term, h.start, h.end FROM sweep_hits AS h JOIN findings AS f"
    " ON f.id = h.finding_id WHERE f.run_id = ? ORDER BY f.number, h.ordinal",
)
_RUN_3 = (
    "SELECT name, branch, commit_id FROM checkouts WHERE run_id = ?",
    "SELECT file, rank, window, detail, tokens, reason FROM run_files WHERE run_id = ? ORDER BY file",
)


def document(connection: sqlite3.Connection, document_id: str) -> None:
    """Seals a Document."""
    _put(connection, "document_id", document_id, _hash(connection, _document(FORM), document_id, FORM))


def run(connection: sqlite3.Connection, run_id: str) -> None:
    """Seals a Run that has ended. Every later change of it must break the seal and seal it again."""
    _put(connection, "run_id", run_id, _hash(connection, _run(FORM), run_id, FORM))


def break_run(connection: sqlite3.Connection, run_id: str) -> None:
    """Takes the seal from a Run that is about to be changed."""
    connection.execute("DELETE FROM seals WHERE run_id = ?", (run_id,))


def document_problem(connection: sqlite3.Connection, document_id: str) -> str:
    """What the seal of a Document says; empty if it holds, or if there is none, as of older databases."""
    return _problem(connection, "document_id", document_id, _document)


def run_problem(connection: sqlite3.Connection, run_id: str) -> str:
    """What the seal of a Run says; empty if it holds, or if there is none."""
    return _problem(connection, "run_id", run_id, _run)


def _document(form: int) -> tuple[str, ...]:
    return _DOCUMENT + (_DOCUMENT_2 if form > 1 else ()) + (_DOCUMENT_3 if form > 2 else ())


def _run(form: int) -> tuple[str, ...]:
    return _RUN + (_RUN_3 if form > 2 else ())


_PUT = {
    "document_id": "INSERT OR REPLACE INTO seals (document_id, form, sha256) VALUES (?, ?, ?)",
    "run_id": "INSERT OR REPLACE INTO seals (run_id, form, sha256) VALUES (?, ?, ?)",
}
_GET = {
    "document_id": "SELECT form, sha256 FROM seals WHERE document_id = ?",
    "run_id": "SELECT form, sha256 FROM seals WHERE run_id = ?",
}


def _put(connection: sqlite3.Connection, column: str, key: str, digest: str) -> None:
    connection.execute(_PUT[column], (key, FORM, digest))


def _problem(connection: sqlite3.Connection, column: str, key: str, queries: Queries) -> str:
    row = connection.execute(_GET[column], (key,)).fetchone()
    if row is None or row["form"] > FORM:
        return ""
    if row["sha256"] == _hash(connection, queries(row["form"]), key, row["form"]):
        return ""
    return "some of its rows are not those that were stored: its seal is broken"


_JSON = json.JSONEncoder(default=repr)
_TOGETHER = 1000


def _hash(connection: sqlite3.Connection, queries: tuple[str, ...], key: str, form: int) -> str:
    digest = hashlib.sha256()
    # The third form came with documents of a hundred thousand rows, which take twice as long one by one.
    together = _TOGETHER if form > 2 else 1
    cursor = connection.cursor()
    cursor.row_factory = None
    for query in queries:
        cursor.execute(query, (key,))
        while rows := cursor.fetchmany(together):
            digest.update(_JSON.encode(rows if form > 2 else rows[0]).encode("ascii") + b"\n")
        digest.update(b"\0")
    return digest.hexdigest()
