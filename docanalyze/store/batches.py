"""Batches as rows and back: which documents, how each stands, what was found in all of them.

Every method of `Batches` is one transaction, as those of a Store are.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from docanalyze.errors import StoreError
from docanalyze.model import Batch, BatchDocument, BatchState, Cell, Label, Spent
from docanalyze.store.connection import snapshot, transaction, translated
from docanalyze.store.forms import as_json, restored, storable

_COLUMNS = (
    "batch_id, number, source, is_code, size, state, reason, sha256, asked, run_id, tries, crashes, started, ended,"
    " seconds, tokens, findings, tokens_in, cached, tokens_out, model_seconds, calls, cost"
)
_PUT = f"INSERT OR REPLACE INTO batch_documents ({_COLUMNS}) VALUES ({', '.join('?' * 23)})"  # noqa: S608 - ours
_CELLS = (
    "SELECT f.run_id, f.section, coalesce(v.label, 'unjudged') AS label, count(*) AS findings,"
    " sum(f.absence) AS absences FROM (SELECT DISTINCT run_id FROM batch_documents WHERE batch_id = ?) AS b"
    " CROSS JOIN findings AS f ON f.run_id = b.run_id LEFT JOIN verdicts AS v ON v.finding_id = f.id"
    " AND v.ordinal = (SELECT max(ordinal) FROM verdicts WHERE finding_id = f.id)"
    " GROUP BY f.run_id, f.section, v.label"
)


class Batches:
    """Batches in an open database. Methods raise what those of a Store do."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    # -- writing -----------------------------------------------------------------------------------

    def begin(self, key: str, sources: Sequence[str], now: str, *, redo: bool = False) -> Batch:
        """The Batch of that key, begun again, or a new one.

        With `redo` all its documents wait again, unless a Batch that was to be redone is gone on with.
        """
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO batches (key, sources, started, ended) VALUES (?, ?, ?, '')"
                " ON CONFLICT (key) DO UPDATE SET started = excluded.started, ended = ''",
                (key, storable(as_json(list(sources))), now),
            )
            batch = _batch(connection.execute("SELECT * FROM batches WHERE key = ?", (key,)).fetchone())
            if not redo:
                connection.execute("DELETE FROM batches_redone WHERE batch_id = ?", (batch.number,))
            elif connection.execute("INSERT OR IGNORE INTO batches_redone VALUES (?)", (batch.number,)).rowcount:
                connection.execute(
                    "UPDATE batch_documents SET state = 'waiting', crashes = 0 WHERE batch_id = ?", (batch.number,)
                )
            return batch

    def end(self, batch: int, now: str) -> None:
        """Marks a Batch as ended."""
        with self._writing() as connection:
            connection.execute("UPDATE batches SET ended = ? WHERE id = ?", (now, batch))
            connection.execute("DELETE FROM batches_redone WHERE batch_id = ?", (batch,))

    def listed(self, batch: int, found: Iterable[BatchDocument]) -> list[BatchDocument]:
        """Sets the documents of a Batch to those found, in their order; of one that is known its state stays."""
        known = {one.source: one for one in self.documents(batch)}
        merged = [_merged(one, known.get(one.source)) for one in found]
        with self._writing() as connection:
            connection.execute("DELETE FROM batch_documents WHERE batch_id = ?", (batch,))
            connection.executemany(_PUT, (_row(batch, one) for one in merged))
        return merged

    def put(self, batch: int, *documents: BatchDocument) -> None:
        """Stores how documents stand."""
        with self._writing() as connection:
            connection.executemany(_PUT, (_row(batch, one) for one in documents))

    # -- reading -----------------------------------------------------------------------------------

    def latest(self) -> Batch | None:
        """The Batch that was begun last."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM batches ORDER BY started DESC, id DESC LIMIT 1").fetchone()
            return _batch(row) if row is not None else None

    def batch(self, number: int) -> Batch:
        """The Batch of that number; StoreError if there is none."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM batches WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise StoreError(f"no batch {number} in {self._path}", "docanalyze batch makes one")
            return _batch(row)

    def documents(self, batch: int) -> list[BatchDocument]:
        """All documents of a Batch in their order."""
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM batch_documents WHERE batch_id = ? ORDER BY number", (batch,))
            return [_document(row) for row in rows]

    def analysed(self, sha256: str, asked: str) -> BatchDocument | None:
        """A document of that content that was done when the same was asked of it, in whatever Batch."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT b.* FROM batch_documents AS b JOIN runs AS r ON r.id = b.run_id AND r.state = 'done'"
                " WHERE b.sha256 = ? AND b.asked = ? AND b.state = 'done' ORDER BY b.ended DESC LIMIT 1",
                (sha256, asked),
            ).fetchone()
            return _document(row) if row is not None else None

    def at_work(self, batch: int) -> list[tuple[int, str]]:
        """What other Batches have begun and not ended: (number of the Batch, path of the document)."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT batch_id, source FROM batch_documents WHERE batch_id <> ? AND state = 'working'"
                " ORDER BY batch_id, number",
                (batch,),
            )
            return [(row["batch_id"], restored(row["source"])) for row in rows]

    def cells(self, batch: int) -> dict[tuple[str, str], Cell]:
        """What was found, by the id of the Run and the name of the Section, of all Runs of a Batch."""
        found: dict[tuple[str, str], Cell] = {}
        with self._reading() as connection:
            for row in connection.execute(_CELLS, (batch,)):
                place = (row["run_id"], row["section"])
                before = found.get(place, Cell(()))
                labels = (*before.labels, (Label(row["label"]), row["findings"]))
                found[place] = Cell(labels, before.absences + row["absences"])
        return found

    def kinds(self, batch: int) -> dict[str, str]:
        """The Kind of each Run of a Batch, by the Run's id."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT r.id, r.kind FROM batch_documents AS b JOIN runs AS r ON r.id = b.run_id"
                " WHERE b.batch_id = ?",
                (batch,),
            )
            return {row["id"]: row["kind"] for row in rows}

    def sections(self, batch: int) -> list[tuple[str, str, str]]:
        """(Kind, name, title) of every Section of the Runs of a Batch, in the order asked."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT r.kind, s.name, max(s.title) AS title, min(s.ordinal) AS place FROM batch_documents AS b"
                " JOIN runs AS r ON r.id = b.run_id JOIN sections AS s ON s.run_id = r.id WHERE b.batch_id = ?"
                " GROUP BY r.kind, s.name ORDER BY r.kind, place, s.name",
                (batch,),
            )
            return [(row["kind"], row["name"], row["title"]) for row in rows]

    def pace(self, analyst: str) -> float | None:
        """Tokens of windows that an analyst got through in a second of its stages, in its latest Runs."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT sum(tokens) AS tokens, sum(seconds) AS seconds FROM ("
                " SELECT (SELECT total(tokens) FROM windows WHERE run_id = r.id) AS tokens,"
                " (SELECT total(seconds) FROM stages WHERE run_id = r.id) AS seconds FROM runs AS r"
                " WHERE r.analyst = ? AND r.state = 'done' ORDER BY r.started DESC LIMIT 100)",
                (analyst,),
            ).fetchone()
            return row["tokens"] / row["seconds"] if row["tokens"] and row["seconds"] else None

    # -- inside ------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with translated(self._path), transaction(self._connection):
            yield self._connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translated(self._path), snapshot(self._connection):
            try:
                yield self._connection
            except ValueError as error:
                raise StoreError(f"{self._path} holds what cannot be read: {error}") from error


def _merged(found: BatchDocument, before: BatchDocument | None) -> BatchDocument:
    """What is known of a document that was found again. What was never begun is as it was found now."""
    if before is None or found.state is not BatchState.WAITING or not (before.tries or before.run):
        return found
    return replace(before, number=found.number, size=found.size, is_code=found.is_code)


def _batch(row: sqlite3.Row) -> Batch:
    sources = tuple(str(one) for one in json.loads(restored(row["sources"])))
    return Batch(row["id"], row["key"], sources, row["started"], row["ended"])


def _row(batch: int, one: BatchDocument) -> tuple[object, ...]:
    spent = one.spent
    return (
        *(batch, one.number, storable(one.source), int(one.is_code), one.size, one.state.value, storable(one.reason)),
        *(one.sha256, one.asked, one.run or None, one.tries, one.crashes, one.started, one.ended, one.seconds),
        *(one.tokens, one.findings, spent.tokens_in, spent.cached, spent.tokens_out, spent.seconds, spent.calls),
        one.cost,
    )


def _document(row: sqlite3.Row) -> BatchDocument:
    return BatchDocument(
        number=row["number"],
        source=restored(row["source"]),
        size=row["size"],
        is_code=bool(row["is_code"]),
        state=BatchState(row["state"]),
        reason=restored(row["reason"]),
        sha256=row["sha256"],
        asked=row["asked"],
        run=row["run_id"] or "",
        tries=row["tries"],
        crashes=row["crashes"],
        started=row["started"],
        ended=row["ended"],
        seconds=row["seconds"],
        tokens=row["tokens"],
        findings=row["findings"],
        spent=Spent(row["tokens_in"], row["cached"], row["tokens_out"], row["model_seconds"], row["calls"]),
        cost=row["cost"],
    )
