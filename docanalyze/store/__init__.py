"""What is kept: Documents, Runs and Findings in one SQLite file, with all that they came from.

A Store is a connection and a dozen methods, each of which is one transaction. It speaks in values
of `model` and raises errors of `errors` alone. It knows nothing of how a value was come by.
"""

import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from docanalyze.errors import RunNotFound, StoreError
from docanalyze.model import (
    Call,
    CallState,
    Coverage,
    Document,
    Finding,
    Fingerprint,
    Note,
    Run,
    RunState,
    Verdict,
    Window,
)
from docanalyze.store import find, findings, forget, migrations, parsed, proofs, read, seal, trees, verify, write
from docanalyze.store.asking import Answer, Cell, ask, require_database
from docanalyze.store.batches import Batches
from docanalyze.store.claim import Claim, claim, sweep
from docanalyze.store.connection import (
    BUSY_SECONDS,
    close_to_others,
    connect,
    make_concurrent,
    make_safe,
    prepare_file,
    require_file,
    require_writable,
    snapshot,
    transaction,
    translated,
    version,
)
from docanalyze.store.find import Hit, RunLine
from docanalyze.store.forget import Forgotten
from docanalyze.store.forms import storable
from docanalyze.store.metadata import metadata
from docanalyze.store.opening import require_ours
from docanalyze.store.proofs import Benchmark, BenchmarkRow, CheckRow, Proof, RecallRow, SpeedRow
from docanalyze.store.questions import Parameter, Question, question, questions
from docanalyze.store.schema import schema_markdown, schema_sql
from docanalyze.store.search import Match, Matches, Narrowed, search_findings, search_sources
from docanalyze.store.verify import Problem

__all__ = [
    "Answer",
    "Batches",
    "Benchmark",
    "BenchmarkRow",
    "Cell",
    "CheckRow",
    "Claim",
    "Forgotten",
    "Hit",
    "Match",
    "Matches",
    "Narrowed",
    "Parameter",
    "Problem",
    "Proof",
    "Question",
    "RecallRow",
    "RunLine",
    "SpeedRow",
    "Store",
    "ask",
    "metadata",
    "question",
    "questions",
    "require_database",
    "schema_markdown",
    "schema_sql",
    "search_findings",
    "search_sources",
]


class Store:
    """An open database. Not to be shared between threads; any number may be open on one file.

    Every method may raise StoreLocked (another process holds the file), StoreUnwritable (read-only,
    no permission, disk full) or StoreError (damaged).
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._document: Callable[[], Document | None] = lambda: None

    @classmethod
    def open(cls, path: Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS) -> "Store":
        """Opens a database, to write if `create`, which then makes what is missing.

        Without `create` the file must be there; it may be read-only. Raises StoreNewer, and
        StoreError where the file is not one of ours, in both cases with nothing written.
        """
        if create:
            prepare_file(path)
        require_file(path)
        with translated(path):
            connection = connect(path, busy_seconds)
            try:
                require_ours(connection, path, empty=create)
                make_safe(connection)
                if create:
                    close_to_others(path)
                    make_concurrent(connection, busy_seconds)
                if version(connection) < len(migrations.MIGRATIONS):
                    migrations.migrate(connection)
                if create:
                    require_writable(connection)
                    sweep(path, partial(find.unfinished, connection))
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- writing -----------------------------------------------------------------------------------

    def put_document(self, document: Document) -> None:
        """Stores a Document; nothing happens if it is stored."""
        with self._writing():
            if write.document(self.connection, document):
                seal.document(self.connection, document.id)
        self._document = weakref.ref(document)

    def start_run(self, run: Run) -> None:
        """Stores a new Run and all that it holds already. Its Document must be stored."""
        with self._writing():
            write.run(self.connection, run)
            # Kept from `put_document`: what this Run read, whatever commit the same files were stored for before.
            at_hand = self._document()
            tree = at_hand.tree if at_hand is not None and at_hand.id == run.document_id else None
            trees.put_checkout(self.connection, run.id, run.document_id, tree)
            write.windows(self.connection, run.id, run.windows)
            if run.coverage is not None:
                write.coverage(self.connection, run.id, run.coverage)
            for call in run.calls:
                findings.call(self.connection, run.id, call)
            if run.findings:
                findings.insert(self.connection, run.id, self._document_of(run.id), run.findings)

    def put_windows(self, run_id: str, windows: Sequence[Window], coverage: Coverage) -> None:
        """Stores what a Run sees of its Document, in place of what was stored before."""
        with self._writing():
            self._to_change(run_id)
            write.windows(self.connection, run_id, windows)
            write.coverage(self.connection, run_id, coverage)

    def finish_call(self, run_id: str, call: Call, found: Sequence[Finding]) -> None:
        """Stores one Call with its Findings, in place of an earlier Call of that number with its own.

        A Finding without a number, or with one that is taken, gets the next that is free.
        """
        with self._writing():
            document = self._document_of(run_id)
            findings.call(self.connection, run_id, call)
            numbered = findings.numbered(self.connection, run_id, found, call.number)
            findings.insert(self.connection, run_id, document, numbered)

    def replace_findings(self, run_id: str, found: Sequence[Finding]) -> None:
        """Stores these Findings in place of all that the Run has. Their calls must be stored."""
        with self._writing():
            document = self._document_of(run_id)
            findings.delete(self.connection, findings.rows_of(self.connection, run_id))
            findings.insert(self.connection, run_id, document, found)

    def add_verdicts(self, run_id: str, verdicts: Sequence[tuple[int, Verdict]]) -> None:
        """Adds a Verdict each to Findings by number. The last one of a Finding decides."""
        self.finish_verdicts(run_id, (), verdicts)

    def finish_verdicts(self, run_id: str, calls: Sequence[Call], verdicts: Sequence[tuple[int, Verdict]]) -> None:
        """Stores Calls to a judge with the Verdicts that came of them."""
        with self._writing():
            self._to_change(run_id)
            for call in calls:
                findings.call(self.connection, run_id, call)
            for number, verdict in verdicts:
                row = findings.row_of(self.connection, run_id, number)
                findings.verdicts(self.connection, row, [verdict])

    def set_judge(self, run_id: str, judge: str) -> None:
        """Sets who judges a Run."""
        with self._writing():
            self._to_change(run_id)
            self.connection.execute("UPDATE runs SET judge = ? WHERE id = ?", (judge, run_id))

    def set_state(
        self,
        run_id: str,
        state: RunState,
        *,
        error: str = "",
        ended: str = "",
        stages: Sequence[tuple[str, float]] = (),
        notes: Sequence[Note] = (),
        replacing: Sequence[str] = (),
    ) -> None:
        """Sets where a Run stands. Stages stay as they are if none are given.

        Notes are added; those that it has of the codes in `replacing` go. With `ended` it is sealed:
        any change that does not come from here shows when it is verified.
        """
        with self._writing():
            self._to_change(run_id)
            self.connection.execute(
                "UPDATE runs SET state = ?, error = ?, ended = ? WHERE id = ?",
                (state.value, storable(error), ended, run_id),
            )
            if stages:
                write.stages(self.connection, run_id, stages)
            self.connection.executemany(
                "DELETE FROM notes WHERE run_id = ? AND code = ?", ((run_id, code) for code in replacing)
            )
            write.notes(self.connection, notes, run_id=run_id)
            if ended:
                seal.run(self.connection, run_id)

    def keep_parsed(self, made: Mapping[str, str]) -> None:
        """Keeps what parsing gave of files, by keys that are the caller's. The oldest go where it is too much."""
        with self._writing():
            parsed.keep(self.connection, made)

    def claim(self, run_id: str) -> Claim | None:
        """The right to work on a Run, to be given back; None while another process has it."""
        return claim(self.path, run_id)

    # -- reading -----------------------------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        """The Document of that id; RunNotFound if there is none."""
        with self._reading():
            return read.document(self.connection, document_id)

    def document_of(self, run: Run) -> Document:
        """The Document of a Run under the name by which the Run knew it: copies of a file are one Document.

        So are two commits of a code base with the same files: the Run's own branch and commit are told.
        """
        with self._reading():
            found = trees.checked_out(self.connection, run.id, read.document(self.connection, run.document_id))
        if found.tree is not None:
            return replace(found, source=replace(found.source, path=run.source))
        return replace(found, source=replace(found.source, name=self.name_of(run), path=run.source))

    def run(self, ref: str, *, windows: bool = True) -> Run:
        """A whole Run by `latest`, its id, or the start of one; RunNotFound if that is not one Run.

        Without `windows` it has none: those of a code base may hold all of its text once more.
        """
        with self._reading():
            return read.run(self.connection, find.run_id(self.connection, ref), with_windows=windows)

    def name_of(self, run: Run) -> str:
        """The name of a Run's source, as its Document has it in `document_of`."""
        with self._reading():
            name = trees.name_of(self.connection, run.id, run.document_id)
        return name or ("standard input" if run.source == "-" else Path(run.source).name)

    def runs_of(self, key: str) -> list[str]:
        """The ids of the Runs of that key, the latest first, whatever their state."""
        with self._reading():
            return find.runs_of_key(self.connection, key)

    def done_calls(self, run_id: str) -> dict[str, Call]:
        """The Calls of a Run that need not be repeated, by key. A failed one is never among them."""
        with self._reading():
            calls = read.calls(self.connection, run_id)
            return {call.key: call for call in calls if call.state is CallState.DONE}

    def parsed(self) -> Mapping[str, str]:
        """What parsing gave before, by key. Ask with `get`: what is damaged is as if it were not there."""
        return parsed.Parsed(self.connection)

    def runs(self, limit: int = 50) -> list[RunLine]:
        """The latest Runs first."""
        with self._reading():
            return find.runs(self.connection, limit)

    def latest_runs(self) -> list[str]:
        """The ids of the latest finished Run of every Document and Kind, by when they began."""
        with self._reading():
            return find.latest_runs(self.connection)

    def finished_runs(self) -> list[str]:
        """The ids of all finished Runs, by when they began."""
        with self._reading():
            return find.finished_runs(self.connection)

    def speeds(self, model: str) -> tuple[float, float, float] | None:
        """Of earlier calls to a model: tokens read and written a second, and tokens of an answer."""
        with self._reading():
            return find.speeds(self.connection, model)

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """Where all words of the query stand: up to `limit` Findings, then up to `limit` Segments.

        `"words together"` in quotes, `term*` for a beginning; endings of English words do not matter.
        """
        with self._reading():
            found = find.findings(self.connection, query, limit)
            return [*found, *find.source(self.connection, query, limit)]

    # -- batches -----------------------------------------------------------------------------------

    @property
    def batches(self) -> Batches:
        """What is kept of many documents that were analysed together."""
        return Batches(self.connection, self.path)

    # -- servers -----------------------------------------------------------------------------------

    def put_proof(self, proof: Proof) -> int:
        """Stores a verification of a model server; its number."""
        with self._writing():
            return proofs.put_proof(self.connection, proof)

    def put_benchmark(self, benchmark: Benchmark) -> int:
        """Stores a comparison of serving configurations; its number."""
        with self._writing():
            return proofs.put_benchmark(self.connection, benchmark)

    def proof(self, number: int | None = None) -> Proof | None:
        """A verification by its number, the last one without; None if there is none."""
        with self._reading():
            row = number if number is not None else proofs.latest(self.connection)
            return proofs.proof(self.connection, row) if row is not None else None

    def benchmark(self, number: int) -> Benchmark | None:
        """A comparison by its number; None if there is none."""
        with self._reading():
            return proofs.benchmark(self.connection, number)

    def trusted(self, served: Fingerprint) -> int | None:
        """Tokens up to which this model, with this cache, told all it was asked; 0 where it failed from the
        start; None where that was never measured."""
        with self._reading():
            measured, length = proofs.trusted(self.connection, served)
            return (length or 0) if measured else None

    def recalls(self, file_sha256: str, cache: str, rope: str = "") -> tuple[RecallRow, ...]:
        """What that model file told when its length was proven, with both caches of that type; empty if never asked."""
        with self._reading():
            return proofs.recalls(self.connection, file_sha256, cache, rope)

    # -- keeping -----------------------------------------------------------------------------------

    def verify(self, ref: str | None = None) -> list[Problem]:
        """What does not hold any more, of everything or of one Run and its Document."""
        with translated(self.path):
            return verify.problems(self.connection, ref)

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file, which no reading of its rows would show."""
        with translated(self.path):
            return verify.damage(self.connection)

    def forget(self, ref: str) -> Forgotten:
        """Deletes for good a Run, or a Document with all its Runs, by id or the start of one.

        A Document goes with its last Run, and so does all that parsing gave of any file, since it is not
        known of which. Reports are the caller's to delete, by `Forgotten.runs`.
        """
        self._document = lambda: None
        with translated(self.path):
            return forget.forget(self.connection, ref, self.path)

    # -- inside ------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.path), transaction(self.connection):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with translated(self.path), snapshot(self.connection):
            try:
                yield
            except ValueError as error:
                raise StoreError(
                    f"{self.path} holds what cannot be read: {error}", "docanalyze verify says where"
                ) from error

    def _to_change(self, run_id: str) -> str:
        """The id of the Document of a Run about to be changed; its seal is broken."""
        row = self.connection.execute("SELECT document_id FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunNotFound(f"no run {run_id} in this database", "it may have been forgotten meanwhile")
        seal.break_run(self.connection, run_id)
        return str(row["document_id"])

    def _document_of(self, run_id: str) -> Document:
        """That which was put last, for as long as whoever put it holds it: all calls of a Run are over one Document."""
        document_id = self._to_change(run_id)
        known = self._document()
        return known if known is not None and known.id == document_id else read.document(self.connection, document_id)
