"""Deleting for good: rows, texts that nothing refers to any more, search index, freed pages.

Deleted content must not be found in any file of the database afterwards. Knows nothing of reports,
which lie beside it: `Forgotten` names the Runs, so that the caller deletes those.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docanalyze.errors import StoreLocked
from docanalyze.store import find, index, parsed
from docanalyze.store.connection import transaction
from docanalyze.store.forms import as_pairs


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted, by id; `texts` counts the long texts. `folders` is where the Runs put their reports, `batches`
    are the numbers of those whose pages named them.

    `complete` is False where another process kept SQLite from emptying its log or from giving back
    the freed pages: the rows are gone, but traces of them are until that process closes the file.
    """

    runs: tuple[str, ...]
    folders: tuple[str, ...]
    documents: tuple[str, ...]
    texts: int
    complete: bool
    batches: tuple[int, ...] = ()


def forget(connection: sqlite3.Connection, ref: str, path: Path) -> Forgotten:
    """Deletes a Run, or a Document with all its Runs. A Document goes with its last Run.

    Raises RunNotFound, and StoreLocked, before anything is deleted, where another process reads.
    """
    run_id, document_id = find.run_or_document(connection, ref)
    if not _empty_log(connection):
        raise StoreLocked(f"another process reads {path}, and what it sees cannot be deleted", "close it and try again")
    with transaction(connection):
        runs = [run_id] if run_id else _runs_of(connection, document_id)
        documents = [document_id] if document_id else _without_other_runs(connection, run_id)
        folders, batches = _folders(connection, runs), _batches(connection, runs)
        _delete(connection, runs, documents)
        texts = _delete_orphans(connection)
        parsed.empty(connection)
        index.make_anew(connection)
    return Forgotten(tuple(runs), folders, tuple(documents), texts, _scrub(connection), batches)


def _runs_of(connection: sqlite3.Connection, document_id: str) -> list[str]:
    rows = connection.execute("SELECT id FROM runs WHERE document_id = ? ORDER BY id", (document_id,))
    return [row["id"] for row in rows]


def _folders(connection: sqlite3.Connection, runs: list[str]) -> tuple[str, ...]:
    """The folders that the Runs' settings name, each once; what cannot be read names none."""
    found: dict[str, None] = {}
    for run in runs:
        row = connection.execute("SELECT settings FROM runs WHERE id = ?", (run,)).fetchone()
        with suppress(ValueError):
            found |= {value: None for name, value in as_pairs(row["settings"]) if name == "out" and value}
    return tuple(found)


def _batches(connection: sqlite3.Connection, runs: list[str]) -> tuple[int, ...]:
    """The numbers of the Batches that hold one of the Runs."""
    found = {
        row["batch_id"]
        for run in runs
        for row in connection.execute("SELECT batch_id FROM batch_documents WHERE run_id = ?", (run,))
    }
    return tuple(sorted(found))


def _without_other_runs(connection: sqlite3.Connection, run_id: str) -> list[str]:
    """The Document of a Run, if no other Run is of it: a text without Runs is what no one asked to keep."""
    rows = connection.execute(
        "SELECT document_id FROM runs AS r WHERE id = ? AND NOT EXISTS"
        " (SELECT 1 FROM runs WHERE document_id = r.document_id AND id <> r.id)",
        (run_id,),
    )
    return [row["document_id"] for row in rows]


def _delete(connection: sqlite3.Connection, runs: list[str], documents: list[str]) -> None:
    connection.executemany("DELETE FROM runs WHERE id = ?", ((run,) for run in runs))
    connection.executemany("DELETE FROM documents WHERE id = ?", ((document,) for document in documents))


def _delete_orphans(connection: sqlite3.Connection) -> int:
    connection.execute(
        "DELETE FROM fingerprints WHERE id NOT IN (SELECT fingerprint_id FROM calls WHERE fingerprint_id IS NOT NULL"
        " UNION SELECT fingerprint_id FROM proofs)"
    )
    return connection.execute(
        "DELETE FROM texts WHERE sha256 NOT IN (SELECT text_sha256 FROM documents"
        " UNION SELECT text_sha256 FROM windows UNION SELECT prompt_sha256 FROM calls"
        " UNION SELECT reply_sha256 FROM calls WHERE reply_sha256 IS NOT NULL"
        " UNION SELECT system_sha256 FROM call_prompts UNION SELECT schema_sha256 FROM call_prompts)"
    ).rowcount


def _scrub(connection: sqlite3.Connection) -> bool:
    """Rewrites the file without what was freed; False where that did not succeed."""
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError:
        # A full disk or another process. Freed pages were overwritten with zeros as they were freed.
        _empty_log(connection)
        return False
    return _empty_log(connection)


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Moves the write-ahead log into the file and truncates it; False if someone still reads from it."""
    busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0
