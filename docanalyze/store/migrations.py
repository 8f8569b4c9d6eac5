"""The steps that made the schema, numbered, in one list: its history reads from top to bottom.

A step that was released is never edited: a new one is added below it, in a file of its own if it is
long. Knows how steps are taken, not what they do.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from docanalyze.store.connection import transaction, version
from docanalyze.store.m001 import m001_documents_runs_findings
from docanalyze.store.m002 import m002_models
from docanalyze.store.m003 import m003_seals
from docanalyze.store.m004 import m004_reading
from docanalyze.store.m005 import m005_proofs
from docanalyze.store.m006 import m006_trees
from docanalyze.store.m007 import m007_questions
from docanalyze.store.m008 import m008_batches
from docanalyze.store.m009 import m009_latest
from docanalyze.store.m010 import m010_views

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x646F6361
"""Stands in the header of every database of ours; reads `doca`."""

MIGRATIONS: tuple[Callable[["Database"], None], ...] = (
    m001_documents_runs_findings,
    m002_models,
    m003_seals,
    m004_reading,
    m005_proofs,
    m006_trees,
    m007_questions,
    m008_batches,
    m009_latest,
    m010_views,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the schema up to the newest step, each step whole or not at all."""
    from sqlite_utils import Database

    # Plug-ins of sqlite-utils that happen to be installed have no business in this file.
    db = Database(connection, execute_plugins=False, recursive_triggers=False)
    for number, step in enumerate(MIGRATIONS, 1):
        with transaction(connection):
            # Asked again under the lock: another process may have been faster.
            if version(connection) >= number:
                continue
            step(db)
            row = (number, step.__name__, datetime.now(UTC).isoformat(timespec="seconds"))
            connection.execute("INSERT INTO migrations (number, name, applied) VALUES (?, ?, ?)", row)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
