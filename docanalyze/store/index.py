"""The search index: filled in batches, emptied of what is deleted, compared with what it is of.

Its two tables keep no text of their own. SQLite trusts that whoever deletes an entry gives the very
words it was made from, so all of that happens here.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from docanalyze.store.connection import code
from docanalyze.store.migrations import migrate

Words = Iterable[tuple[int, str]]

# -- filling ---------------------------------------------------------------------------------------


def add_segments(connection: sqlite3.Connection, words: Words) -> None:
    """Adds Segments, each by row and words."""
    connection.executemany("INSERT INTO source_fts (rowid, text) VALUES (?, ?)", words)


def add_findings(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Adds the Findings of a range of rows, both ends included."""
    connection.execute(
        "INSERT INTO findings_fts (rowid, statement, quotes)"
        " SELECT id, statement, quotes FROM finding_texts WHERE id BETWEEN ? AND ?",
        (first, last),
    )


def remove_findings(connection: sqlite3.Connection, rows: Sequence[int]) -> None:
    """Removes Findings by row. They must still be there."""
    connection.executemany(
        "INSERT INTO findings_fts (findings_fts, rowid, statement, quotes)"
        " SELECT 'delete', id, statement, quotes FROM finding_texts WHERE id = ?",
        ((row,) for row in rows),
    )


def make_anew(connection: sqlite3.Connection) -> None:
    """Empties the index and fills it with what is stored now.

    Deleting single entries leaves their words in it until its parts happen to be merged, and breaks
    it where a stored text was altered meanwhile.
    """
    connection.execute("INSERT INTO source_fts (source_fts) VALUES ('delete-all')")
    connection.execute("INSERT INTO findings_fts (findings_fts) VALUES ('delete-all')")
    for document_id in _documents(connection):
        add_segments(connection, _segment_words(connection, document_id))
    connection.execute(
        "INSERT INTO findings_fts (rowid, statement, quotes) SELECT id, statement, quotes FROM finding_texts"
    )
    connection.execute("INSERT INTO source_fts (source_fts) VALUES ('optimize')")
    connection.execute("INSERT INTO findings_fts (findings_fts) VALUES ('optimize')")


def _documents(connection: sqlite3.Connection) -> list[str]:
    return [row["id"] for row in connection.execute("SELECT id FROM documents ORDER BY id")]


def _segment_words(connection: sqlite3.Connection, document_id: str) -> list[tuple[int, str]]:
    found = connection.execute(
        "SELECT CAST(t.text AS BLOB) FROM documents AS d JOIN texts AS t ON t.sha256 = d.text_sha256 WHERE d.id = ?",
        (document_id,),
    ).fetchone()
    # A damaged or missing text must not stand in the way of forgetting another.
    characters = bytes(found[0]).decode(errors="replace") if found else ""
    rows = connection.execute(
        "SELECT id, start, end FROM segments WHERE document_id = ? ORDER BY number", (document_id,)
    )
    return [(row["id"], characters[row["start"] : row["end"]]) for row in rows]


def _finding_words(connection: sqlite3.Connection) -> Iterator[tuple[int, str, str]]:
    rows = connection.execute("SELECT id, CAST(statement AS BLOB), CAST(quotes AS BLOB) FROM finding_texts ORDER BY id")
    for row, statement, quotes in rows:
        yield row, bytes(statement).decode(errors="replace"), bytes(quotes).decode(errors="replace")


# -- comparing -------------------------------------------------------------------------------------


def problems(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, what) where the index is not the one that the stored texts give.

    SQLite's own comparison cuts every Segment out of its text anew, which takes minutes for a long
    one. So the index is made a second time, in memory, and the two vocabularies are compared.
    """
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        fresh.row_factory = sqlite3.Row
        migrate(fresh)
        # In one transaction: each of its own would be merged into the index by itself.
        fresh.execute("BEGIN")
        for document_id in _documents(connection):
            add_segments(fresh, _segment_words(connection, document_id))
        fresh.executemany(
            "INSERT INTO findings_fts (rowid, statement, quotes) VALUES (?, ?, ?)",
            _finding_words(connection),
        )
        compared = ((table, _difference(connection, fresh, table)) for table in _VOCABULARY)
        return [(table, what) for table, what in compared if what]
    finally:
        fresh.close()


_VOCABULARY = {
    "source_fts": "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, source_fts, row)",
    "findings_fts": "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, findings_fts, row)",
}


def _difference(connection: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> str:
    try:
        differing = _vocabulary(connection, table) ^ _vocabulary(fresh, table)
    except sqlite3.DatabaseError as error:
        if code(error) != sqlite3.SQLITE_CORRUPT:
            raise
        return f"is broken: {error}"
    words = len({word for word, *_ in differing})
    return f"does not match what it is of: {words} words differ" if words else ""


def _vocabulary(connection: sqlite3.Connection, table: str) -> set[tuple[str, int, int]]:
    """Each word with how many rows have it and how often it stands in all."""
    connection.execute(_VOCABULARY[table])
    try:
        return {tuple(row) for row in connection.execute("SELECT term, doc, cnt FROM temp.vocabulary")}
    finally:
        connection.execute("DROP TABLE temp.vocabulary")


def structure_problems(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, what) where SQLite finds the index broken in itself; nothing on a read-only database."""
    found = []
    for table, command in (
        ("source_fts", "INSERT INTO source_fts (source_fts) VALUES ('integrity-check')"),
        ("findings_fts", "INSERT INTO findings_fts (findings_fts) VALUES ('integrity-check')"),
    ):
        try:
            connection.execute(command)
        except sqlite3.DatabaseError as error:
            # The check is asked for by a command that counts as writing.
            if code(error) == sqlite3.SQLITE_READONLY:
                continue
            if code(error) != sqlite3.SQLITE_CORRUPT:
                raise
            found.append((table, f"is broken: {error}"))
    return found
