"""The database as a file: who may open it, what happens when it cannot be used, and when one is killed."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import StoreError, StoreLocked, StoreNewer, StoreUnwritable
from docanalyze.model import Finding, Role, RunState
from docanalyze.store import Store
from docanalyze.store.migrations import MIGRATIONS, migrate
from tests.store_material import a_call, a_document, a_run, rows

PATIENCE = 0.05
NOBODY = 65534

posix = pytest.mark.skipif(os.name != "posix", reason="rights of files as POSIX has them")


def filled(path: Path) -> Path:
    """A database with one Run."""
    document = a_document()
    with Store.open(path) as store:
        store.put_document(document)
        store.start_run(a_run(document, "r"))
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- rights ----------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_read_what_is_made(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with Store.open(tmp_path / "a" / "b" / "x.db") as store:
            store.put_document(a_document())
            made = {path.name: mode(path) for path in (tmp_path / "a" / "b").iterdir()}
    finally:
        os.umask(before)
    assert made == {"x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600}
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


@posix
def test_folders_that_were_there_keep_their_rights(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    filled(tmp_path / "there" / "x.db")
    assert mode(tmp_path / "there") == 0o755


@posix
def test_rights_that_others_had_are_taken(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    path.chmod(0o664)
    with Store.open(path, create=False):
        assert mode(path) == 0o664
    with Store.open(path):
        assert mode(path) == 0o600


# -- how it is written -----------------------------------------------------------------------------


def test_writes_are_safe_and_others_may_read(tmp_path: Path) -> None:
    # In a process of its own: in that of the tests no disk is waited for.
    asking = """
import json, sys
from pathlib import Path
from docanalyze.store import Store
with Store.open(Path(sys.argv[1])) as store:
    print(json.dumps({name: store.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in sys.argv[2:]}))
"""
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")
    line = [sys.executable, "-c", asking, str(tmp_path / "x.db"), *names]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    full = 2
    assert json.loads(told) == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
    }


def test_steps_are_written_down_and_done_once(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    filled_again = rows(path, "SELECT number, name FROM migrations")
    with Store.open(path) as store:
        migrate(store.connection)
    assert filled_again == rows(path, "SELECT number, name FROM migrations")
    assert [number for number, _ in filled_again] == list(range(1, len(MIGRATIONS) + 1))


def test_a_step_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlite_utils import Database

    def half_done(db: Database) -> None:
        db.execute("CREATE TABLE half (id INTEGER)")
        db.execute("CREATE TABLE half (id INTEGER)")

    path = filled(tmp_path / "x.db")
    monkeypatch.setattr("docanalyze.store.migrations.MIGRATIONS", (*MIGRATIONS, half_done))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Store.open(path)
    assert rows(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]
    assert rows(path, "PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_an_older_database_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlite_utils import Database

    def one_more(db: Database) -> None:
        db.execute("CREATE TABLE more (id INTEGER)")

    path = filled(tmp_path / "x.db")
    monkeypatch.setattr("docanalyze.store.migrations.MIGRATIONS", (*MIGRATIONS, one_more))
    with Store.open(path) as store:
        assert store.run("r").id == "r"
    assert rows(path, "SELECT number, name FROM migrations ORDER BY number")[-1] == (
        len(MIGRATIONS) + 1,
        "one_more",
    )


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("create", [True, False])
def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path, create: bool) -> None:
    path = filled(tmp_path / "x.db")
    rows(path, "PRAGMA user_version = 99")
    before = content(tmp_path)
    with pytest.raises(StoreNewer, match="written by a newer docanalyze: its schema is 99") as raised:
        Store.open(path, create=create)
    assert "update docanalyze" in raised.value.try_
    assert content(tmp_path) == before


@pytest.mark.parametrize("create", [True, False])
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "x.db"
    path.touch(mode=0o644)
    rows(path, "CREATE TABLE moz_places (id INTEGER)")
    before = content(tmp_path), mode(path)
    with pytest.raises(StoreError, match="is a database of another program"):
        Store.open(path, create=create)
    assert (content(tmp_path), mode(path)) == before


@pytest.mark.parametrize("create", [True, False])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"Dear diary, " * 100)
    before = content(tmp_path)
    with pytest.raises(StoreError, match=r"notes\.txt is not a database: name another with --db"):
        Store.open(path, create=create)
    assert content(tmp_path) == before


def test_a_missing_database_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database at"):
        Store.open(tmp_path / "no" / "x.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_filled_only_by_writing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    with pytest.raises(StoreError, match="is an empty database"):
        Store.open(path, create=False)
    assert path.stat().st_size == 0
    filled(path)
    with Store.open(path, create=False) as store:
        assert store.run("latest").id == "r"


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_is_refused(tmp_path: Path, create: bool) -> None:
    with pytest.raises(StoreError, match="not a database but a folder"):
        Store.open(tmp_path, create=create)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnwritable, match="cannot be made"):
        Store.open(tmp_path / "file" / "x.db")


def test_a_damaged_database_gives_one_line(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * 8192 + whole[12288:])
    with pytest.raises(StoreError, match="damaged"), Store.open(path, create=False) as store:
        store.run("latest")
        store.document(a_document().id)


# -- locked ----------------------------------------------------------------------------------------


def test_a_locked_database_gives_one_line(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        with Store.open(path, busy_seconds=PATIENCE) as store:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLocked, match="locked by another process"):
                store.set_state("r", RunState.FAILED)
            assert store.run("r").state is RunState.DONE, "reading goes on"
        with pytest.raises(StoreLocked):
            Store.open(path, busy_seconds=PATIENCE)
        with Store.open(path, create=False, busy_seconds=PATIENCE) as store:
            assert store.run("r").id == "r"


def test_what_one_writes_another_sees_when_it_is_whole(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    with Store.open(path) as one, Store.open(path, create=False) as two:
        before = two.run("r")
        one.connection.execute("BEGIN IMMEDIATE")
        one.connection.execute("UPDATE runs SET error = 'half'")
        assert two.run("r") == before
        one.connection.execute("COMMIT")
        assert two.run("r") == replace(before, error="half")


# -- read-only -------------------------------------------------------------------------------------


@pytest.fixture
def someone() -> Iterator[Path]:
    """A folder, with its owner without the rights of root: those ignore what is read-only."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
                os.setegid(0)
            folder.chmod(0o700)


@posix
def test_a_read_only_file_can_be_read(someone: Path) -> None:
    path = filled(someone / "x.db")
    path.chmod(0o400)
    with Store.open(path, create=False) as store:
        assert store.run("latest") == a_run(a_document(), "r")
        assert store.verify() == []
        with pytest.raises(StoreUnwritable, match=r"x\.db is read-only"):
            store.forget("r")
    with pytest.raises(StoreUnwritable, match=r"x\.db is read-only: check the permissions"):
        Store.open(path)


@posix
def test_a_database_in_a_read_only_folder_can_be_read(someone: Path) -> None:
    path = filled(someone / "x.db")
    someone.chmod(0o500)
    with Store.open(path, create=False) as store:
        assert store.run("latest") == a_run(a_document(), "r")
        assert store.search("mill")
        assert store.verify() == []
        with pytest.raises(StoreUnwritable, match=r"x\.db is read-only"):
            store.set_state("r", RunState.FAILED)
    with pytest.raises(StoreUnwritable, match=r"x\.db is read-only"):
        Store.open(path)


@posix
def test_unfinished_writes_in_a_read_only_folder_are_not_passed_over(someone: Path) -> None:
    path = someone / "x.db"
    document = a_document()
    with Store.open(path) as store:
        store.put_document(document)
        store.start_run(a_run(document, "r"))
        copy = someone / "copy"
        copy.mkdir()
        for name in ("x.db", "x.db-wal"):
            (copy / name).write_bytes((someone / name).read_bytes())
    copy.chmod(0o500)
    with pytest.raises(StoreUnwritable, match="unfinished writes beside it and its folder is read-only"):
        Store.open(copy / "x.db", create=False)
    copy.chmod(0o700)


@posix
def test_a_folder_without_the_right_to_write(someone: Path) -> None:
    someone.chmod(0o500)
    with pytest.raises(StoreUnwritable, match="cannot be made: Permission denied"):
        Store.open(someone / "x.db")


@posix
def test_a_database_without_the_right_to_read(someone: Path) -> None:
    path = filled(someone / "x.db")
    path.chmod(0o000)
    with pytest.raises(StoreUnwritable, match="cannot be opened"):
        Store.open(path, create=False)
    with pytest.raises(StoreUnwritable, match="cannot be opened"):
        Store.open(path)


# -- no room ---------------------------------------------------------------------------------------

LONG = [Finding("s", f"statement {number} " + "x" * 4000, number=number) for number in range(1, 101)]


def test_a_full_disk_gives_one_line_and_what_was_stored_stays(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    with Store.open(path) as store:
        before = store.run("r")
        pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
        store.connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(StoreUnwritable, match="the disk is full: free some space"):
            store.replace_findings("r", LONG)
        assert store.run("r") == before
        assert store.verify() == []
        store.connection.execute("PRAGMA max_page_count = 1000000")
        store.replace_findings("r", LONG)
        assert len(store.run("r").findings) == len(LONG)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix
def test_a_write_that_the_system_refuses(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.db")
    with Store.open(path) as store:
        before = store.run("r")
        with files_up_to(200_000), pytest.raises(StoreUnwritable, match="written"):
            store.replace_findings("r", LONG)
        assert store.run("r") == before
        assert store.verify() == []


# -- killed ----------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from docanalyze.model import Finding
from docanalyze.store import Store
from tests.store_material import a_call, a_coverage, a_document, a_run, a_window

def say(line):
    sys.stdout.write(line + "\\n")
    sys.stdout.flush()

def stop_at(sql):
    if sql.startswith(sys.argv[2]):
        say("in the middle")
        time.sleep(60)

document = a_document()
store = Store.open(Path(sys.argv[1]))
store.put_document(document)
store.start_run(a_run(document, "r", whole=False))
store.put_windows("r", [a_window(document)], a_coverage(document))
for number in (1, 2, 3):
    store.finish_call("r", a_call(number), [Finding("s", f"{number} {n}") for n in range(40)])
say("three are stored")
store.connection.set_trace_callback(stop_at)
store.finish_call("r", a_call(4), [Finding("s", f"4 {n}", evidence=()) for n in range(40)])
"""


@posix
@pytest.mark.parametrize(
    "statement", ["INSERT INTO calls", "INSERT INTO findings ", "INSERT INTO findings_fts", "COMMIT"]
)
def test_killed_in_the_middle_of_a_call_loses_that_call_alone(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "x.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), statement],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as writer:
        assert writer.stdout is not None
        assert [writer.stdout.readline() for _ in range(2)] == ["three are stored\n", "in the middle\n"]
        with Store.open(path, create=False) as store:
            assert set(store.done_calls("r")) == {"key 1", "key 2", "key 3"}, "read while another writes"
        writer.send_signal(signal.SIGKILL)
    with Store.open(path) as store:
        assert set(store.done_calls("r")) == {"key 1", "key 2", "key 3"}
        assert len(store.run("r").findings) == 120
        assert store.verify() == []
        store.finish_call("r", a_call(4), [Finding("s", "again")])
        assert len(store.run("r").findings) == 121
        assert store.verify() == []


SECOND = """
import sys
from pathlib import Path
from docanalyze.model import Finding
from docanalyze.store import Store
from tests.store_material import a_call, a_coverage, a_document, a_run, a_window

name = sys.argv[2]
document = a_document(name=name)
with Store.open(Path(sys.argv[1])) as store:
    store.put_document(document)
    store.start_run(a_run(document, name, whole=False))
    store.put_windows(name, [a_window(document)], a_coverage(document))
    for number in range(1, 41):
        store.finish_call(name, a_call(number), [Finding("s", f"{name} {number}")])
"""


def test_several_processes_may_begin_and_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.db"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [
        subprocess.Popen([sys.executable, "-c", SECOND, str(path), f"{n}.pdf"], env=environment) for n in range(3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Store.open(path) as store:
        assert [line.findings for line in store.runs()] == [40, 40, 40]
        assert store.verify() == []


def test_a_long_document_is_stored_at_once(tmp_path: Path) -> None:
    parts = [
        (Role.PARAGRAPH, f"Clause {n}. The parties agree to the matter of number {n}.", str(n)) for n in range(8000)
    ]
    document = a_document(parts)
    with Store.open(tmp_path / "x.db") as store:
        store.put_document(document)
        assert store.document(document.id) == document
        assert len(store.search("matter", limit=10_000)) == len(parts)
        assert store.verify() == []
