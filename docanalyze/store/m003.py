"""The third step of the schema: seals, by which any later change of a row shows."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = """
CREATE TABLE seals (
    -- The hash of all rows of a document, or of a run that has ended: docanalyze verify computes it again.
    id INTEGER PRIMARY KEY,  -- row
    document_id TEXT UNIQUE REFERENCES documents (id) ON DELETE CASCADE,  -- the document, or null
    run_id TEXT UNIQUE REFERENCES runs (id) ON DELETE CASCADE,  -- the run, or null
    form INTEGER NOT NULL,  -- which columns were hashed
    sha256 TEXT NOT NULL,  -- the hash
    CHECK ((document_id IS NULL) <> (run_id IS NULL))
);
"""


def m003_seals(db: "Database") -> None:
    """A hash of all rows of a document or a run."""
    execute(db, _TABLES)
