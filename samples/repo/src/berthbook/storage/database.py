"""The connection, and the tables made from `schema.sql`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = Path(__file__).parents[3] / "schema.sql"


@contextmanager
def connect(path: str) -> Iterator[sqlite3.Connection]:
    """A connection in one transaction: kept if nothing is raised, else undone."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def create(path: str) -> None:
    """Makes what tables are missing."""
    with connect(path) as connection:
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
