"""Rows of what was proven and measured of model servers, and back. Opens no transaction.

Speaks in values of its own: what a Check means is known above.
"""

import sqlite3
from dataclasses import dataclass

from docanalyze.model import Fingerprint
from docanalyze.store import read, write
from docanalyze.store.forms import storable


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that was looked at, in words."""

    step: int
    name: str
    expected: str
    seen: str
    outcome: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """Tokens a second at one depth."""

    depth: int
    reading: float
    writing: float


@dataclass(frozen=True, slots=True)
class RecallRow:
    """What was told at one length, one way."""

    length: int
    way: str
    asked: int
    right: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """One verification of a running server. `trusted` is None where no length was proven."""

    fingerprint: Fingerprint
    role: str
    profile: str
    started: str
    seconds: float
    outcome: str
    checks: tuple[CheckRow, ...] = ()
    speeds: tuple[SpeedRow, ...] = ()
    recalls: tuple[RecallRow, ...] = ()
    trusted: int | None = None


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One configuration of a comparison. What was not measured is None; `proof` is a row of `proofs`."""

    configuration: str
    context: int
    cache_k: str
    cache_v: str
    cache_mib: float | None = None
    total_mib: float | None = None
    writing: float | None = None
    error: str = ""
    proof: int | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A comparison of configurations on one machine."""

    started: str
    machine: str
    model: str
    rows: tuple[BenchmarkRow, ...] = ()


# -- writing ---------------------------------------------------------------------------------------


def put_proof(connection: sqlite3.Connection, proof: Proof) -> int:
    """Stores a verification with all that belongs to it; returns its row."""
    served = write.fingerprint(connection, proof.fingerprint)
    row = connection.execute(
        "INSERT INTO proofs (fingerprint_id, role, profile, started, seconds, outcome) VALUES (?, ?, ?, ?, ?, ?)",
        (served, proof.role, storable(proof.profile), proof.started, proof.seconds, proof.outcome),
    ).lastrowid
    connection.executemany(
        "INSERT INTO proof_checks (proof_id, ordinal, step, name, expected, seen, outcome, remedy)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (row, ordinal, c.step, c.name, storable(c.expected), storable(c.seen), c.outcome, storable(c.remedy))
            for ordinal, c in enumerate(proof.checks, 1)
        ),
    )
    connection.executemany(
        "INSERT INTO proof_speeds (proof_id, depth, reading, writing) VALUES (?, ?, ?, ?)",
        ((row, s.depth, s.reading, s.writing) for s in proof.speeds),
    )
    connection.executemany(
        "INSERT INTO proof_recalls (proof_id, length, way, asked, right, quoted) VALUES (?, ?, ?, ?, ?, ?)",
        ((row, r.length, r.way, r.asked, r.right, int(r.quoted)) for r in proof.recalls),
    )
    if proof.recalls:
        connection.execute("INSERT INTO trusted_lengths (proof_id, tokens) VALUES (?, ?)", (row, proof.trusted))
    return row or 0


def put_benchmark(connection: sqlite3.Connection, benchmark: Benchmark) -> int:
    """Stores a comparison; returns its row."""
    row = connection.execute(
        "INSERT INTO benchmarks (started, machine, model) VALUES (?, ?, ?)",
        (benchmark.started, storable(benchmark.machine), storable(benchmark.model)),
    ).lastrowid
    connection.executemany(
        "INSERT INTO benchmark_rows (benchmark_id, ordinal, configuration, proof_id, context, cache_k, cache_v,"
        " cache_mib, total_mib, writing, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                ordinal,
                storable(r.configuration),
                r.proof,
                r.context,
                r.cache_k,
                r.cache_v,
                r.cache_mib,
                r.total_mib,
                r.writing,
                storable(r.error),
            )
            for ordinal, r in enumerate(benchmark.rows, 1)
        ),
    )
    return row or 0


# -- reading ---------------------------------------------------------------------------------------


def trusted(connection: sqlite3.Connection, served: Fingerprint) -> tuple[bool, int | None]:
    """Whether recall was ever measured of this model, cache and positions, and the length that counts."""
    if not served.file_sha256:
        return False, None
    counts = _counts(connection, served.file_sha256, served.cache_k, served.cache_v, served.rope)
    return (True, counts[1]) if counts else (False, None)


def recalls(connection: sqlite3.Connection, file_sha256: str, cache: str, rope: str) -> tuple[RecallRow, ...]:
    """What the measurement that counts of that model file with that type of cache, for both, told; empty without."""
    counts = _counts(connection, file_sha256, cache, cache, rope)
    return _recalls(connection, counts[0]) if counts else ()


def _counts(
    connection: sqlite3.Connection, file_sha256: str, keys: str, values: str, rope: str
) -> tuple[int, int | None] | None:
    """The measurement of recall that counts, and its length, of a model file with those types and that stretching.

    The longest one, unless a later one failed at its length or below it; one that asked for less says nothing
    of what is longer.
    """
    rows = connection.execute(
        "SELECT t.proof_id, t.tokens, (SELECT min(r.length) FROM proof_recalls AS r"
        "  WHERE r.proof_id = t.proof_id AND r.length > coalesce(t.tokens, 0)) AS failed"
        " FROM trusted_lengths AS t JOIN proofs AS p ON p.id = t.proof_id"
        " JOIN fingerprints AS f ON f.id = p.fingerprint_id"
        " WHERE f.file_sha256 = ? AND f.cache_k = ? AND f.cache_v = ? AND f.rope = ? ORDER BY p.id",
        (file_sha256, keys, values, rope),
    )
    counts: tuple[int, int | None] | None = None
    for row in rows:
        longest = (counts[1] or 0) if counts else 0
        failed_below = row["failed"] is not None and row["failed"] <= longest
        if counts is None or failed_below or (row["tokens"] or 0) >= longest:
            counts = row["proof_id"], row["tokens"]
    return counts


def proof(connection: sqlite3.Connection, row: int) -> Proof | None:
    """A verification by its row."""
    found = connection.execute(
        "SELECT p.*, f.*, p.id AS proof_row, t.tokens AS trusted FROM proofs AS p"
        " JOIN fingerprints AS f ON f.id = p.fingerprint_id"
        " LEFT JOIN trusted_lengths AS t ON t.proof_id = p.id WHERE p.id = ?",
        (row,),
    ).fetchone()
    if found is None:
        return None
    checks = connection.execute("SELECT * FROM proof_checks WHERE proof_id = ? ORDER BY ordinal", (row,))
    speeds = connection.execute("SELECT * FROM proof_speeds WHERE proof_id = ? ORDER BY depth", (row,))
    return Proof(
        read.fingerprint(found),
        found["role"],
        found["profile"],
        found["started"],
        found["seconds"],
        found["outcome"],
        tuple(CheckRow(c["step"], c["name"], c["expected"], c["seen"], c["outcome"], c["remedy"]) for c in checks),
        tuple(SpeedRow(s["depth"], s["reading"], s["writing"]) for s in speeds),
        _recalls(connection, row),
        found["trusted"],
    )


def latest(connection: sqlite3.Connection) -> int | None:
    """The row of the last verification; None without one."""
    row: int | None = connection.execute("SELECT max(id) FROM proofs").fetchone()[0]
    return row


def benchmark(connection: sqlite3.Connection, row: int) -> Benchmark | None:
    """A comparison by its row."""
    found = connection.execute("SELECT * FROM benchmarks WHERE id = ?", (row,)).fetchone()
    if found is None:
        return None
    rows = connection.execute("SELECT * FROM benchmark_rows WHERE benchmark_id = ? ORDER BY ordinal", (row,))
    listed = tuple(
        BenchmarkRow(
            r["configuration"],
            r["context"],
            r["cache_k"],
            r["cache_v"],
            r["cache_mib"],
            r["total_mib"],
            r["writing"],
            r["error"],
            r["proof_id"],
        )
        for r in rows
    )
    return Benchmark(found["started"], found["machine"], found["model"], listed)


def _recalls(connection: sqlite3.Connection, row: int) -> tuple[RecallRow, ...]:
    rows = connection.execute("SELECT * FROM proof_recalls WHERE proof_id = ? ORDER BY length, way", (row,))
    return tuple(RecallRow(r["length"], r["way"], r["asked"], r["right"], bool(r["quoted"])) for r in rows)
