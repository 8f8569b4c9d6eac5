"""Finding what is stored: by id, by the start of one, by key, by words."""

import re
import sqlite3
from dataclasses import dataclass

from docanalyze.errors import RunNotFound
from docanalyze.model import RunState, Span
from docanalyze.store import read
from docanalyze.store.forms import restored, storable

LATEST = "latest"
SHOWN = 3
"""How many of several candidates an error names."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One Run in a list. `labels` counts its Findings by their latest Verdict."""

    id: str
    started: str
    source: str
    kind: str
    analyst: str
    judge: str
    state: str
    findings: int
    labels: dict[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A Segment (`run` empty, `finding` 0) or a Finding in which the words of a search stand.

    `span` is the Segment's, or that of the Finding's first Evidence, None where it has none. `text`
    is the Segment's or the Finding's statement.
    """

    document_id: str
    document: str
    locator: str
    span: Span | None
    text: str
    run: str = ""
    finding: int = 0


# -- by id -----------------------------------------------------------------------------------------


def run_id(connection: sqlite3.Connection, ref: str) -> str:
    """The id that `latest`, a full id or the start of one means; RunNotFound otherwise."""
    if ref == LATEST:
        return _latest(connection)
    found = _runs_like(connection, ref)
    if not found:
        raise RunNotFound(f"no run {ref!r} in this database", "see docanalyze runs")
    return _only(found, ref)


def run_or_document(connection: sqlite3.Connection, ref: str) -> tuple[str, str]:
    """(run id, "") or ("", document id) for what a full id or the start of one means."""
    if ref == LATEST:
        return _latest(connection), ""
    runs, documents = _runs_like(connection, ref), _documents_like(connection, ref)
    if not runs and not documents:
        raise RunNotFound(f"no run or document {ref!r} in this database", "see docanalyze runs")
    only = _only([*runs, *documents], ref)
    return (only, "") if only in runs else ("", only)


def unfinished(connection: sqlite3.Connection) -> set[str]:
    """The ids of the Runs that a later command may go on with."""
    ended = (RunState.DONE.value, RunState.FAILED.value)
    return {run_id for (run_id,) in connection.execute("SELECT id FROM runs WHERE state NOT IN (?, ?)", ended)}


def runs_of_key(connection: sqlite3.Connection, key: str) -> list[str]:
    """The ids of the Runs of that key, the latest first."""
    rows = connection.execute("SELECT id FROM runs WHERE key = ? ORDER BY started DESC, id DESC", (key,))
    return [row["id"] for row in rows]


def _latest(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT 1").fetchone()
    if row is None:
        raise RunNotFound("no run in this database", "analyse a document first")
    return str(row["id"])


def _runs_like(connection: sqlite3.Connection, start: str) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM runs WHERE ? <> '' AND substr(id, 1, length(?)) = ? ORDER BY id", (storable(start),) * 3
    )
    return [row["id"] for row in rows]


def _documents_like(connection: sqlite3.Connection, start: str) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM documents WHERE ? <> '' AND substr(id, 1, length(?)) = ? ORDER BY id", (storable(start),) * 3
    )
    return [row["id"] for row in rows]


def _only(found: list[str], ref: str) -> str:
    if ref in found:
        return ref
    if len(found) > 1:
        named = ", ".join(found[:SHOWN]) + (", …" if len(found) > SHOWN else "")
        raise RunNotFound(f"{ref!r} may mean {len(found)} of them: {named}", "give more of the id")
    return found[0]


# -- lists -----------------------------------------------------------------------------------------


def runs(connection: sqlite3.Connection, limit: int) -> list[RunLine]:
    """The latest Runs first."""
    rows = connection.execute(
        "SELECT r.*, (SELECT count(*) FROM findings WHERE run_id = r.id) AS findings,"
        " (SELECT total(seconds) FROM stages WHERE run_id = r.id) AS seconds FROM runs AS r"
        " ORDER BY r.started DESC, r.id DESC LIMIT ?",
        (limit,),
    )
    return [_line(connection, row) for row in rows]


def latest_runs(connection: sqlite3.Connection) -> list[str]:
    """The ids of the latest finished Run of every Document and Kind, by when they began."""
    return [row["run"] for row in connection.execute("SELECT run FROM latest_runs ORDER BY started, run")]


def finished_runs(connection: sqlite3.Connection) -> list[str]:
    """The ids of all finished Runs, by when they began."""
    return [row["id"] for row in connection.execute("SELECT id FROM runs WHERE state = 'done' ORDER BY started, id")]


def _line(connection: sqlite3.Connection, row: sqlite3.Row) -> RunLine:
    labels = connection.execute(
        "SELECT v.label, count(*) FROM findings AS f JOIN verdicts AS v ON v.finding_id = f.id"
        " AND v.ordinal = (SELECT max(ordinal) FROM verdicts WHERE finding_id = f.id)"
        " WHERE f.run_id = ? GROUP BY v.label ORDER BY count(*) DESC, v.label",
        (row["id"],),
    )
    return RunLine(
        id=row["id"],
        started=row["started"],
        source=restored(row["source"]),
        kind=row["kind"],
        analyst=row["analyst"],
        judge=row["judge"],
        state=row["state"],
        findings=row["findings"],
        labels={label: number for label, number in labels},
        seconds=round(row["seconds"], 3),
    )


# -- by words --------------------------------------------------------------------------------------

_WORDS = re.compile(r'"([^"]*)"|([^\s"]+)')


def expression(query: str) -> str:
    """What the search index understands: all words, `"these together"`, and `star*` for a beginning.

    Everything else in the query is taken as it stands, so that no sign in it is a syntax error.
    """
    terms = []
    for phrase, word in _WORDS.findall(query.replace("\0", " ")):
        text = phrase or word.rstrip("*")
        if re.search(r"\w", text):
            terms.append(f'"{text}"' + ("*" if word.endswith("*") else ""))
    return " ".join(terms)


def source(connection: sqlite3.Connection, query: str, limit: int) -> list[Hit]:
    """Segments in which all words stand, the best first."""
    wanted = expression(query)
    if not wanted:
        return []
    rows = connection.execute(
        "SELECT s.*, d.name, d.text_sha256 FROM source_fts AS i JOIN segments AS s ON s.id = i.rowid"
        " JOIN documents AS d ON d.id = s.document_id WHERE source_fts MATCH ? ORDER BY i.rank LIMIT ?",
        (wanted, limit),
    ).fetchall()
    texts = {sha256: read.text(connection, sha256) for sha256 in {row["text_sha256"] for row in rows}}
    return [
        Hit(
            document_id=row["document_id"],
            document=restored(row["name"]),
            locator=row["locator"],
            span=Span(row["start"], row["end"]),
            text=texts[row["text_sha256"]][row["start"] : row["end"]],
        )
        for row in rows
    ]


def findings(connection: sqlite3.Connection, query: str, limit: int) -> list[Hit]:
    """Findings in whose statement or quotes all words stand, the best first."""
    wanted = expression(query)
    if not wanted:
        return []
    rows = connection.execute(
        "SELECT f.*, r.document_id, d.name, e.start, e.end, e.locator FROM findings_fts AS i"
        " JOIN findings AS f ON f.id = i.rowid JOIN runs AS r ON r.id = f.run_id"
        " JOIN documents AS d ON d.id = r.document_id"
        " LEFT JOIN evidence AS e ON e.finding_id = f.id AND e.quote = (SELECT min(quote) FROM evidence"
        " WHERE finding_id = f.id AND start IS NOT NULL)"
        " WHERE findings_fts MATCH ? ORDER BY i.rank LIMIT ?",
        (wanted, limit),
    )
    return [
        Hit(
            document_id=row["document_id"],
            document=restored(row["name"]),
            locator=row["locator"] or "",
            span=Span(row["start"], row["end"]) if row["start"] is not None else None,
            text=row["statement"],
            run=row["run_id"],
            finding=row["number"],
        )
        for row in rows
    ]


def speeds(connection: sqlite3.Connection, model: str) -> tuple[float, float, float] | None:
    """(tokens read a second, tokens written a second, tokens of an answer) of the latest calls to a model."""
    row = connection.execute(
        "SELECT sum(prompt_tokens - cached_tokens) AS read, sum(prompt_seconds) AS reading,"
        " sum(output_tokens) AS written, sum(output_seconds) AS writing, count(*) AS calls FROM ("
        " SELECT k.prompt_tokens, k.cached_tokens, k.output_tokens, s.prompt_seconds, s.output_seconds"
        " FROM calls AS k JOIN call_prompts AS s ON s.call_id = k.id JOIN fingerprints AS f ON f.id = k.fingerprint_id"
        " WHERE f.model = ? AND k.role <> 'judge' ORDER BY k.id DESC LIMIT 100)",
        (model,),
    ).fetchone()
    if not row["calls"] or not row["reading"] or not row["writing"]:
        return None
    return row["read"] / row["reading"], row["written"] / row["writing"], row["written"] / row["calls"]
