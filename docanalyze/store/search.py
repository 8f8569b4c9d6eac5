"""Full text over findings and sources: ranked, narrowed, each hit with its place and the words that were meant."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from docanalyze.errors import QuestionRefused
from docanalyze.store import read
from docanalyze.store.asking import not_text, open_to_read, refusal, require_new, timed
from docanalyze.store.connection import code, translated
from docanalyze.store.forms import as_pairs, restored
from docanalyze.store.words import TOKENIZER, expression, refused

Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is what was looked for."""

_OPEN, _CLOSE, _CUT = "\x02", "\x03", "…"
_CLEAN = str.maketrans({_OPEN: " ", _CLOSE: " "})
MOST_RANKED = 200_000
"""Of a word that stands nearly everywhere, so many of the latest are ranked: it tells hardly one from another."""
_TOKENS = 40
"""Words of an extract: as many as SQLite gives at most are 64."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What hits must be; empty is whatever they are. Older runs of a document are left out unless `all_runs`."""

    kind: str = ""
    section: str = ""
    verdict: str = ""
    all_runs: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A Finding in which the words stand, or a Segment of a source (`finding` 0).

    `run` is the Finding's, or the latest one over the source. `folder` is where that run put its report. `extract`
    is the statement, or the words of the Segment around what was found; `quote` those of a quote, where the
    statement does not hold them.
    """

    document: str
    document_id: str
    kind: str
    section: str
    verdict: str
    locator: str
    page: int
    extract: Marked
    quote: Marked = ()
    run: str = ""
    finding: int = 0
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """The best hits first; `more` if there are further ones; `oldest_left_out` if the words stand in so many that
    only the latest `MOST_RANKED` were compared with one another."""

    found: tuple[Match, ...]
    more: bool
    oldest_left_out: bool = False


_FINDINGS = """
SELECT f.id, f.number, f.run_id, f.section, f.statement, r.kind, r.document_id, d.name, r.settings, t.quotes,
    (SELECT label FROM verdicts WHERE finding_id = f.id ORDER BY ordinal DESC LIMIT 1) AS verdict,
    e.locator, e.page
FROM findings_fts AS i
CROSS JOIN findings AS f ON f.id = i.rowid
CROSS JOIN runs AS r ON r.id = f.run_id
CROSS JOIN documents AS d ON d.id = r.document_id
CROSS JOIN finding_texts AS t ON t.id = f.id
LEFT JOIN evidence AS e ON e.finding_id = f.id AND e.quote = (SELECT min(quote) FROM evidence
    WHERE finding_id = f.id AND start IS NOT NULL)
WHERE findings_fts MATCH :words AND i.rowid >= :first
    AND (:all_runs OR f.run_id NOT IN (SELECT id FROM runs
        WHERE state = 'done' AND id NOT IN (SELECT run FROM latest_runs))
        OR EXISTS (SELECT 1 FROM latest_sections WHERE run = f.run_id AND section = f.section))
    AND (:kind = '' OR r.kind = :kind) AND (:section = '' OR f.section = :section)
    AND (:verdict = '' OR :verdict = coalesce((SELECT label FROM verdicts WHERE finding_id = f.id
        ORDER BY ordinal DESC LIMIT 1), 'unjudged'))
ORDER BY i.rank LIMIT :most
"""
_SOURCES = """
SELECT s.id, s.start, s.end, s.locator, s.page, s.document_id, d.name, d.text_sha256, r.id AS run_id, r.kind, r.settings
FROM source_fts AS i
CROSS JOIN segments AS s ON s.id = i.rowid
CROSS JOIN documents AS d ON d.id = s.document_id
LEFT JOIN runs AS r ON r.id = (SELECT id FROM runs WHERE document_id = d.id AND (:kind = '' OR kind = :kind)
    ORDER BY started DESC, id DESC LIMIT 1)
WHERE source_fts MATCH :words AND i.rowid >= :first AND (:kind = '' OR r.id IS NOT NULL)
    AND (:all_runs OR s.document_id NOT IN (SELECT document_id FROM runs WHERE state = 'done'
        EXCEPT SELECT document_id FROM latest_runs))
ORDER BY i.rank LIMIT :most
"""
_BOUNDS = {
    _FINDINGS: "SELECT rowid FROM findings_fts WHERE findings_fts MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?",
    _SOURCES: "SELECT rowid FROM source_fts WHERE source_fts MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?",
}


def search_findings(path: Path, query: str, narrowed: Narrowed, *, limit: int, seconds: float = 0.0) -> Matches:
    """Findings in whose statement or quotes the words stand. Raises QuestionRefused, QuestionTooLong, StoreError."""
    words = expression(query)
    values = {
        "words": words,
        "kind": narrowed.kind,
        "section": narrowed.section,
        "verdict": narrowed.verdict,
        "all_runs": narrowed.all_runs,
        "most": limit + 1,
    }
    with translated(path), closing(open_to_read(path)) as connection:
        rows, first = _rows(connection, path, query, _FINDINGS, values, seconds)
        if not rows:
            _require_known(connection, narrowed)
    texts = [(row["statement"], row["quotes"]) for row in rows[:limit]]
    marked = _marked(words, texts, ("statement", "quotes"))
    found = tuple(_finding(row, *marks) for row, marks in zip(rows, marked, strict=False))
    return Matches(found, len(rows) > limit, first > 0)


def search_sources(path: Path, query: str, narrowed: Narrowed, *, limit: int, seconds: float = 0.0) -> Matches:
    """Parts of documents in which the words stand. Raises QuestionRefused, QuestionTooLong, StoreError."""
    words = expression(query)
    values = {"words": words, "kind": narrowed.kind, "all_runs": narrowed.all_runs, "most": limit + 1}
    with translated(path), closing(open_to_read(path)) as connection:
        rows, first = _rows(connection, path, query, _SOURCES, values, seconds)
        if not rows:
            _require_known(connection, narrowed)
        hashes = {row["text_sha256"] for row in rows[:limit]}
        whole = {sha256: read.text(connection, sha256) for sha256 in hashes}
    texts = [(whole[row["text_sha256"]][row["start"] : row["end"]],) for row in rows[:limit]]
    marked = _marked(words, texts, ("text",))
    found = tuple(_source(row, marks[0]) for row, marks in zip(rows, marked, strict=False))
    return Matches(found, len(rows) > limit, first > 0)


def _rows(
    connection: sqlite3.Connection, path: Path, query: str, sql: str, values: Mapping[str, object], seconds: float
) -> tuple[list[sqlite3.Row], int]:
    """The rows, and the first row of the index that was looked at."""
    try:
        with timed(connection, seconds):
            bound = connection.execute(_BOUNDS[sql], (values["words"], MOST_RANKED)).fetchone()
            first = bound[0] if bound else 0
            return connection.execute(sql, {**values, "first": first}).fetchall(), first
    except sqlite3.OperationalError as error:
        require_new(connection, path, error)
        if code(error) == sqlite3.SQLITE_ERROR:
            raise refused(query, str(error)) from error
        raise refusal(error, seconds) from error
    except UnicodeEncodeError:
        raise not_text() from None


def _require_known(connection: sqlite3.Connection, narrowed: Narrowed) -> None:
    """A name that nothing here has is misspelt: that nothing is found in it says nothing of the documents."""
    from difflib import get_close_matches

    for what, name, sql in (
        ("kind", narrowed.kind, "SELECT DISTINCT kind FROM runs"),
        ("section", narrowed.section, "SELECT DISTINCT name FROM sections"),
    ):
        known = sorted(row[0] for row in connection.execute(sql)) if name else []
        if known and name not in known:
            close = get_close_matches(name, known, n=1)
            raise QuestionRefused(
                f"no run has the {what} {name!r}",
                f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}",
            )


def _finding(row: sqlite3.Row, statement: Marked, quotes: Marked) -> Match:
    shown = any(marked for _, marked in statement)
    return Match(
        document=restored(row["name"]),
        document_id=row["document_id"],
        kind=row["kind"],
        section=row["section"],
        verdict=row["verdict"] or "unjudged",
        locator=row["locator"] or "",
        page=row["page"] or 0,
        extract=statement,
        quote=() if shown else quotes,
        run=row["run_id"],
        finding=row["number"],
        folder=_folder(row["settings"]),
    )


def _source(row: sqlite3.Row, extract: Marked) -> Match:
    return Match(
        document=restored(row["name"]),
        document_id=row["document_id"],
        kind=row["kind"] or "",
        section="",
        verdict="",
        locator=row["locator"],
        page=row["page"],
        extract=extract,
        run=row["run_id"] or "",
        folder=_folder(row["settings"]),
    )


def _folder(settings: str | None) -> str:
    """Where a run's report was put; empty where that cannot be told."""
    try:
        return dict(as_pairs(settings or "[]")).get("out", "")
    except ValueError:
        return ""


# -- extracts --------------------------------------------------------------------------------------


def _marked(words: str, texts: Sequence[tuple[str, ...]], columns: tuple[str, ...]) -> list[tuple[Marked, ...]]:
    """Extracts of texts in which the words are marked, by an index like that in which they were found."""
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute(f"CREATE VIRTUAL TABLE w USING fts5 ({', '.join(columns)}, tokenize='{TOKENIZER}')")
        places = ", ".join("?" for _ in columns)
        index.executemany(
            f"INSERT INTO w (rowid, {', '.join(columns)}) VALUES (?, {places})",  # noqa: S608
            ((row, *(text.translate(_CLEAN) for text in held)) for row, held in enumerate(texts)),
        )
        snippets = ", ".join(f"snippet(w, {n}, ?1, ?2, ?3, {_TOKENS})" for n in range(len(columns)))
        sql = f"SELECT rowid, {snippets} FROM w WHERE w MATCH ?4"  # noqa: S608 (columns are ours)
        rows = index.execute(sql, (_OPEN, _CLOSE, _CUT, words))
        made = {row[0]: tuple(map(_pieces, row[1:])) for row in rows}
    unmarked = [tuple(((text, False),) for text in held) for held in texts]
    return [made.get(row, plain) for row, plain in enumerate(unmarked)]


def _pieces(text: str) -> Marked:
    pieces: list[tuple[str, bool]] = []
    for part in text.split(_OPEN):
        inside, closed, after = part.partition(_CLOSE)
        if closed:
            pieces += [(inside, True), (after, False)]
        else:
            pieces.append((inside, False))
    return tuple(piece for piece in pieces if piece[0])
