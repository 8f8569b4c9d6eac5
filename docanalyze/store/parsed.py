"""A cache of what parsing gave of files, by a key that the parser makes of their content and of itself.

It proves nothing, so nothing of it is verified or sealed, and whatever of it cannot be read is as if it were not there.
It is bounded by size, and emptied whenever anything is forgotten: what was parsed holds names out of files,
and which entry belongs to which document is not known.
"""

import sqlite3
from collections.abc import Iterator, Mapping

from docanalyze.store.forms import storable

MOST_CHARS = 100_000_000
"""Characters that are kept in all. Of more, what was kept first goes first, however often it was used."""


class Parsed(Mapping[str, str]):
    """What is kept: the keys as they were when this was made, each value read when it is asked for.

    A value that is gone or damaged raises KeyError like one that was never there, although its key is among the
    keys: so `get` is what to ask with. Not to be shared between threads.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._keys: frozenset[str] = frozenset()
        try:
            rows = connection.execute("SELECT key FROM parsed_files").fetchall()
            self._keys = frozenset(row["key"] for row in rows if isinstance(row["key"], str))
        except sqlite3.DatabaseError:
            # What is wrong with the file shows where it matters: a cache that cannot be read is an empty one.
            return

    def __getitem__(self, key: str) -> str:
        if key not in self._keys:
            raise KeyError(key)
        try:
            # As bytes: what is no text would otherwise be an error of SQLite's that says nothing of where.
            row = self._connection.execute(
                "SELECT CAST(parsed AS BLOB) AS parsed FROM parsed_files WHERE key = ?", (key,)
            ).fetchone()
            return bytes(row["parsed"]).decode("utf-8", "surrogatepass")
        except (sqlite3.DatabaseError, TypeError, ValueError):
            raise KeyError(key) from None

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def keep(connection: sqlite3.Connection, parsed: Mapping[str, str], most_chars: int = MOST_CHARS) -> None:
    """Adds what parsing gave, and lets go of the oldest beyond `most_chars`."""
    connection.executemany(
        # What is there already is compared, not written again: most of a code base is as it was.
        "INSERT INTO parsed_files (key, chars, parsed) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET chars = excluded.chars, parsed = excluded.parsed WHERE parsed IS NOT excluded.parsed",
        ((storable(key), len(value), storable(value)) for key, value in parsed.items()),
    )
    connection.execute(
        "DELETE FROM parsed_files WHERE id <= (SELECT max(id) FROM"
        " (SELECT id, sum(chars) OVER (ORDER BY id DESC) AS total FROM parsed_files) WHERE total > ?)",
        (most_chars,),
    )


def empty(connection: sqlite3.Connection) -> None:
    """Lets go of everything."""
    connection.execute("DELETE FROM parsed_files")
