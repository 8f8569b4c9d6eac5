"""Whose a database file is, and whether this docanalyze may use it."""

import sqlite3
from pathlib import Path

from docanalyze.errors import StoreError, StoreNewer
from docanalyze.store import migrations
from docanalyze.store.connection import application, version


def require_ours(connection: sqlite3.Connection, path: Path, *, empty: bool) -> None:
    """Raises unless the file is a database that this docanalyze may use, or `empty` and it is."""
    belongs = application(connection)
    if belongs is None:
        if not empty:
            raise StoreError(f"{path} is an empty database", "analyse a document first")
        return
    if belongs != migrations.APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program", "name another with --db")
    newest = len(migrations.MIGRATIONS)
    if version(connection) > newest:
        raise StoreNewer(
            f"{path} was written by a newer docanalyze: its schema is {version(connection)}, ours {newest}",
            "update docanalyze, or name another database with --db",
        )
