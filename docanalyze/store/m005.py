"""The fifth step of the schema: what was proven and measured of model servers."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = """
CREATE TABLE proofs (
    -- One verification of a running model server.
    id INTEGER PRIMARY KEY,  -- in order
    fingerprint_id TEXT NOT NULL REFERENCES fingerprints (id),  -- what served
    role TEXT NOT NULL,  -- main, judge
    profile TEXT NOT NULL,  -- name of the profile
    started TEXT NOT NULL,  -- when, in UTC
    seconds REAL NOT NULL,  -- how long it took
    outcome TEXT NOT NULL  -- pass, fail, not provable
);
CREATE INDEX proofs_fingerprint ON proofs (fingerprint_id);
CREATE TABLE proof_checks (
    -- What was expected of a server, and what was seen.
    proof_id INTEGER NOT NULL REFERENCES proofs (id) ON DELETE CASCADE,  -- the verification
    ordinal INTEGER NOT NULL,  -- in order, from 1
    step INTEGER NOT NULL,  -- 1 log, 2 device, 3 speed, 4 quality
    name TEXT NOT NULL,  -- what was looked at
    expected TEXT NOT NULL,  -- what it should be
    seen TEXT NOT NULL,  -- what it was
    outcome TEXT NOT NULL,  -- pass, fail, not provable, not run
    remedy TEXT NOT NULL,  -- what to do, or empty
    PRIMARY KEY (proof_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE proof_speeds (
    -- How fast a server read and wrote at depths of its window.
    proof_id INTEGER NOT NULL REFERENCES proofs (id) ON DELETE CASCADE,  -- the verification
    depth INTEGER NOT NULL,  -- tokens before
    reading REAL NOT NULL,  -- tokens read a second
    writing REAL NOT NULL,  -- tokens written a second
    PRIMARY KEY (proof_id, depth)
) WITHOUT ROWID;
CREATE TABLE proof_recalls (
    -- What a model told of facts that were planted in texts of several lengths.
    proof_id INTEGER NOT NULL REFERENCES proofs (id) ON DELETE CASCADE,  -- the verification
    length INTEGER NOT NULL,  -- tokens
    way TEXT NOT NULL,  -- document, conversation
    asked INTEGER NOT NULL,  -- facts asked for
    right INTEGER NOT NULL,  -- facts told
    quoted INTEGER NOT NULL,  -- 1 if a long quote came back word for word
    PRIMARY KEY (proof_id, length, way)
) WITHOUT ROWID;
CREATE TABLE trusted_lengths (
    -- Up to how many tokens a model, with its cache as it was, told all that it was asked.
    proof_id INTEGER PRIMARY KEY REFERENCES proofs (id) ON DELETE CASCADE,  -- the verification
    tokens INTEGER  -- the length; null where none was proven
);
CREATE TABLE benchmarks (
    -- One comparison of serving configurations on one machine.
    id INTEGER PRIMARY KEY,  -- in order
    started TEXT NOT NULL,  -- when, in UTC
    machine TEXT NOT NULL,  -- the devices that served
    model TEXT NOT NULL  -- name of the model file
);
CREATE TABLE benchmark_rows (
    -- One configuration of a comparison.
    benchmark_id INTEGER NOT NULL REFERENCES benchmarks (id) ON DELETE CASCADE,  -- the comparison
    ordinal INTEGER NOT NULL,  -- in order, from 1
    configuration TEXT NOT NULL,  -- name of the profile
    proof_id INTEGER REFERENCES proofs (id),  -- its verification; null where it did not start
    context INTEGER NOT NULL,  -- tokens granted, or asked for where it did not start
    cache_k TEXT NOT NULL,  -- type of the key cache
    cache_v TEXT NOT NULL,  -- type of the value cache
    cache_mib REAL,  -- of the cache, by the log; null where it did not say
    total_mib REAL,  -- in all under load; null where it could not be read
    writing REAL,  -- tokens written a second; null where it was not measured
    error TEXT NOT NULL,  -- why it did not start, or empty
    PRIMARY KEY (benchmark_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX benchmark_rows_proof ON benchmark_rows (proof_id);
"""


def m005_proofs(db: "Database") -> None:
    """Verifications of servers, trusted lengths, benchmarks."""
    execute(db, _TABLES)
