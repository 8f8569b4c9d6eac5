"""Proof that what is stored still holds: every text hashed again, every place sliced again.

A hash shows that a text was altered, slicing shows which findings no longer stand on it, a seal that
any other row was. What was judged is not judged again, and no opinion is checked.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from docanalyze.errors import StoreError
from docanalyze.model import Coverage, Document, Evidence, Finding, Match, Run, Window
from docanalyze.store import find, index, read, seal, verify_trees
from docanalyze.store.connection import code, snapshot
from docanalyze.store.findings import shown_place, shown_words
from docanalyze.store.forms import fingerprint_id

_MOST_DAMAGE = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not hold: in which table, of which row, and what."""

    table: str
    id: str
    what: str


def problems(connection: sqlite3.Connection, ref: str | None) -> list[Problem]:
    """Everything, or one Run with its Document. Empty if all holds. RunNotFound for a wrong `ref`."""
    run = find.run_id(connection, ref) if ref else None
    found: list[Problem] = []
    try:
        found.extend(_file(connection))
        with snapshot(connection):
            found.extend(_rows(connection, run))
        found.extend(Problem(table, "", what) for table, what in index.structure_problems(connection))
    except sqlite3.DatabaseError as error:
        if code(error) != sqlite3.SQLITE_CORRUPT:
            raise
        found.append(Problem("database", "", f"cannot be read to the end: {error}"))
    return found


def _rows(connection: sqlite3.Connection, run: str | None) -> Iterator[Problem]:
    yield from _texts(connection, run)
    yield from _fingerprints(connection)
    for document_id in _documents(connection, run):
        yield from _document(connection, document_id, run)
    if run is None:
        yield from (Problem(table, "", what) for table, what in index.problems(connection))


def _documents(connection: sqlite3.Connection, run: str | None) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM documents WHERE ?1 IS NULL OR id = (SELECT document_id FROM runs WHERE id = ?1) ORDER BY id",
        (run,),
    )
    return [row["id"] for row in rows]


def damage(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file: pages, indexes, rows that refer to nothing."""
    said = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST_DAMAGE})")]
    lost = [
        f"a row of {row[0]} refers to a row of {row[2]} that is not there"
        for row in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_DAMAGE)
    ]
    return [line for line in (*said, *lost) if line != "ok"]


# -- the file --------------------------------------------------------------------------------------


def _file(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in connection.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield Problem("database", "", str(row[0]))
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield Problem(row["table"], f"row {row['rowid']}", f"refers to a row of {row['parent']} that is gone")


def _texts(connection: sqlite3.Connection, run: str | None) -> Iterator[Problem]:
    rows = connection.execute(
        "SELECT sha256, CAST(text AS BLOB) AS text, chars FROM texts WHERE ?1 IS NULL OR sha256 IN ("
        " SELECT d.text_sha256 FROM documents AS d JOIN runs AS r ON r.document_id = d.id WHERE r.id = ?1"
        " UNION SELECT text_sha256 FROM windows WHERE run_id = ?1"
        " UNION SELECT prompt_sha256 FROM calls WHERE run_id = ?1"
        " UNION SELECT reply_sha256 FROM calls WHERE run_id = ?1"
        " UNION SELECT s.system_sha256 FROM call_prompts AS s JOIN calls AS k ON k.id = s.call_id WHERE k.run_id = ?1"
        " UNION SELECT s.schema_sha256 FROM call_prompts AS s JOIN calls AS k ON k.id = s.call_id WHERE k.run_id = ?1)",
        (run,),
    )
    for row in rows:
        text = bytes(row["text"])
        if hashlib.sha256(text).hexdigest() != row["sha256"]:
            yield Problem("texts", row["sha256"], "the text is not the one that was stored: its hash differs")
        elif len(text.decode(errors="replace")) != row["chars"]:
            yield Problem("texts", row["sha256"], f"has not the {row['chars']} characters that it should have")


def _fingerprints(connection: sqlite3.Connection) -> Iterator[Problem]:
    for row in connection.execute("SELECT * FROM fingerprints"):
        if fingerprint_id(read.fingerprint(row)) != row["id"]:
            yield Problem("fingerprints", row["id"], "is not the hash of its row")


# -- documents -------------------------------------------------------------------------------------


def _document(connection: sqlite3.Connection, document_id: str, run: str | None) -> Iterator[Problem]:
    try:
        document = read.document(connection, document_id)
    except (ValueError, StoreError, sqlite3.OperationalError) as error:
        yield Problem("documents", document_id, f"cannot be read: {error}")
        return
    if document.id != document_id:
        yield Problem("documents", document_id, "is not the hash of its text, source and reader")
    if what := seal.document_problem(connection, document_id):
        yield Problem("seals", f"document {document_id}", what)
    for what in _segment_problems(document):
        yield Problem("segments", document_id, what)
    for table, path, what in verify_trees.document_problems(connection, document):
        yield Problem(table, f"{document_id} {path}", what)
    runs = connection.execute(
        "SELECT id FROM runs WHERE document_id = ? AND (? IS NULL OR id = ?) ORDER BY id",
        (document_id, run, run),
    ).fetchall()
    for row in runs:
        yield from _run(connection, row["id"], document)


def _segment_problems(document: Document) -> Iterator[str]:
    numbers = [segment.number for segment in document.segments]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"are not numbered 1 to {len(numbers)}: some are missing"
    places = [(segment.span.start, segment.span.end) for segment in document.segments]
    edges = [(0, 0), *places, (len(document.text), len(document.text))]
    for (_, end), (start, _) in pairwise(edges):
        if start < end:
            yield f"overlap, or lie outside the text, at character {start}"
        elif document.text[end:start].strip():
            yield f"leave out the text from character {end} to {start}"


# -- runs ------------------------------------------------------------------------------------------


def _run(connection: sqlite3.Connection, run_id: str, document: Document) -> Iterator[Problem]:
    try:
        run = read.run(connection, run_id)
    except (ValueError, StoreError, sqlite3.OperationalError) as error:
        yield Problem("runs", run_id, f"cannot be read: {error}")
        return
    for window in run.windows:
        for what in _window_problems(window, document):
            yield Problem("windows", f"{run_id} window {window.number}", what)
    if run.coverage is not None:
        for what in _coverage_problems(run.coverage, run.windows, document):
            yield Problem("coverage", run_id, what)
    for what in verify_trees.run_problems(run, document):
        yield Problem("run_files", run_id, what)
    if what := seal.run_problem(connection, run_id):
        yield Problem("seals", f"run {run_id}", what)
    shown = _shown(connection, run_id)
    for finding in run.findings:
        yield from _finding(run, finding, document, shown)


def _window_problems(window: Window, document: Document) -> Iterator[str]:
    for piece in window.placed:
        words = document.slice(piece.span)
        if piece.span.end > len(document.text):
            yield f"segment {piece.segment} is placed from outside the text"
        elif not window.text.startswith(words, piece.start):
            yield f"does not hold the words of segment {piece.segment} at character {piece.start}"
        elif not any(s.number == piece.segment for s in document.segments_at(piece.span)) and words.strip():
            yield f"shows words of another segment as those of segment {piece.segment}"


def _coverage_problems(coverage: Coverage, windows: Iterable[Window], document: Document) -> Iterator[str]:
    """Compares what can be seen, since the receipt may or may not count the white space between."""

    def visible(start: int, end: int) -> int:
        return len(re.sub(r"\s+", "", document.text[start:end]))

    counted: dict[int, int] = {}
    for part in coverage.parts:
        counted[part.window] = counted.get(part.window, 0) + visible(part.span.start, part.span.end)
    if sum(counted.values()) != visible(0, len(document.text)):
        yield "does not account for the whole text"
    for window in windows:
        held = sum(visible(span.start, span.end) for span in window.spans())
        if held != counted.get(window.number, 0):
            yield f"says other than what window {window.number} holds"


# -- findings --------------------------------------------------------------------------------------

Shown = dict[tuple[int, int | None, int | None], tuple[str | None, str | None]]
"""Words and locator as stored for reading, by finding, quote and field."""


def _shown(connection: sqlite3.Connection, run_id: str) -> Shown:
    rows = connection.execute(
        "SELECT f.number, e.quote, e.field, e.words, e.locator FROM evidence AS e"
        " JOIN findings AS f ON f.id = e.finding_id WHERE f.run_id = ?",
        (run_id,),
    )
    return {(number, quote, field): (words, place) for number, quote, field, words, place in rows}


def _finding(run: Run, finding: Finding, document: Document, shown: Shown) -> Iterator[Problem]:
    place = f"{run.id} finding {finding.number}"
    if finding.sweep and any(span.end > len(document.text) for _, span in finding.sweep.hits):
        yield Problem("sweep_hits", place, "some lie outside the text")
    for ordinal, evidence in enumerate(finding.evidence, 1):
        if ordinal > len(finding.quotes) or finding.quotes[ordinal - 1].text != evidence.quote:
            yield Problem("evidence", f"{place} quote {ordinal}", "is not for the quote that was given")
        for what in _evidence_problems(evidence, document, shown[finding.number, ordinal, None]):
            yield Problem("evidence", f"{place} quote {ordinal}", what)
    for ordinal, field in enumerate(finding.fields, 1):
        if field.evidence is None:
            continue
        if field.evidence.quote != field.written:
            yield Problem("evidence", f"{place} field {field.name}", "is not for the words of the field")
        for what in _evidence_problems(field.evidence, document, shown[finding.number, None, ordinal]):
            yield Problem("evidence", f"{place} field {field.name}", what)


def _evidence_problems(evidence: Evidence, document: Document, shown: tuple[str | None, str | None]) -> Iterator[str]:
    span, sentence = evidence.span, evidence.sentence
    if (span is None) != (evidence.match is Match.MISSING):
        yield "has no place in the text" if span is None else "is missing and has a place"
        return
    if span is None:
        return
    if span.end > len(document.text) or (sentence is not None and sentence.end > len(document.text)):
        yield "lies outside the text"
        return
    if shown != (shown_words(document, evidence), shown_place(document, evidence)):
        yield "the words or the place shown are not those of the text"
    if sentence is not None and not sentence.contains(span):
        yield "does not stand in its sentence"
    if not _stands(evidence, document):
        yield "the text there is not what was quoted"


def _stands(evidence: Evidence, document: Document) -> bool:
    """Whether the quote is made of the places, which a fuzzy one never claims."""
    from docanalyze.language import normalise

    words = [document.slice(span) for span in evidence.spans]
    if evidence.match is Match.EXACT:
        return _made_of(evidence.quote, words)
    if evidence.match is Match.NORMALISED and evidence.reason:
        # Punctuation differs, the words do not.
        return _words(evidence.quote) == [word for part in words for word in _words(part)]
    if evidence.match is Match.NORMALISED:
        return _made_of(normalise(evidence.quote).text, [normalise(part).text for part in words])
    return True


def _words(text: str) -> list[str]:
    from docanalyze.language import normalise
    from docanalyze.language.lexical import words

    return words(normalise(text).text)


def _made_of(whole: str, parts: Iterable[str]) -> bool:
    """Whether the parts stand in the whole, in order, and nothing that can be read is left over."""
    rest, position = [], 0
    for part in map(str.strip, parts):
        found = whole.find(part, position)
        if found < 0:
            return False
        rest.append(whole[position:found])
        position = found + len(part)
    return not re.search(r"\w", "".join([*rest, whole[position:]]))
