"""The eighth step of the schema: many documents analysed together."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = """
CREATE TABLE batches (
    -- Many documents that one command named. The same command goes on with the same batch.
    id INTEGER PRIMARY KEY,  -- in order
    key TEXT NOT NULL UNIQUE,  -- hash of what the command named
    sources TEXT NOT NULL,  -- what it named, as JSON
    started TEXT NOT NULL,  -- when last begun, in UTC
    ended TEXT NOT NULL  -- when last ended, in UTC; empty while at work, and after a stop
);
CREATE TABLE batch_documents (
    -- A document of a batch and how it stands.
    batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,  -- the batch
    number INTEGER NOT NULL,  -- in order, from 1
    source TEXT NOT NULL,  -- its path
    is_code INTEGER NOT NULL,  -- 1 for a code base
    size INTEGER NOT NULL,  -- bytes; 0 of a code base
    state TEXT NOT NULL,  -- waiting, working, found, done, failed, set aside, skipped
    reason TEXT NOT NULL,  -- why it failed or was skipped, or empty
    sha256 TEXT NOT NULL,  -- of its content; empty until it is begun, and of a code base
    asked TEXT NOT NULL,  -- hash of all that decides its result beside the content
    run_id TEXT REFERENCES runs (id) ON DELETE CASCADE,  -- its analysis, or null
    tries INTEGER NOT NULL,  -- how often it was begun
    crashes INTEGER NOT NULL,  -- how often its process ended under it
    started TEXT NOT NULL,  -- when last begun, in UTC
    ended TEXT NOT NULL,  -- when last ended, in UTC
    seconds REAL NOT NULL,  -- from beginning to end
    tokens INTEGER NOT NULL,  -- of its windows
    findings INTEGER NOT NULL,  -- how many
    tokens_in INTEGER NOT NULL,  -- read by models, cached ones among them
    cached INTEGER NOT NULL,  -- of those, taken from a cache
    tokens_out INTEGER NOT NULL,  -- written by models
    model_seconds REAL NOT NULL,  -- of all calls to models
    calls INTEGER NOT NULL,  -- to models
    cost REAL,  -- money, where a price is set
    PRIMARY KEY (batch_id, number)
);
CREATE UNIQUE INDEX batch_documents_source ON batch_documents (batch_id, source);
CREATE INDEX batch_documents_content ON batch_documents (sha256, asked);
CREATE INDEX batch_documents_run ON batch_documents (run_id);
"""


def m008_batches(db: "Database") -> None:
    """Batches and their documents."""
    execute(db, _TABLES)
