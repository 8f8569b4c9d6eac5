"""Opening the database file, and turning what SQLite says into our errors. Knows no table.

Here alone it is decided who may read the file, how safely it is written, and what an error code of
SQLite means to a user.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from docanalyze.errors import StoreError, StoreLocked, StoreUnwritable

BUSY_SECONDS = 10.0
"""How long one waits for another process before giving up."""

DURABLE = "FULL"
"""SQLite's `synchronous`: what is committed is on the disk, whatever happens to the power."""

_UNWRITABLE = {
    sqlite3.SQLITE_PERM: "may not be written",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_IOERR: "could not be read or written to the end",
    sqlite3.SQLITE_FULL: "could not be written: the disk is full",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
}


# -- errors ----------------------------------------------------------------------------------------


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises our errors for SQLite's; programming errors pass through."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        ours = _translation(error, path)
        if ours is None:
            raise
        raise ours from error


def code(error: sqlite3.Error | sqlite3.Warning) -> int:
    """The primary result code, 0 if the error did not come from SQLite itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _translation(error: sqlite3.DatabaseError, path: Path) -> StoreError | None:
    number = code(error)
    if number in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(f"{path} is locked by another process", "wait until that has finished, or close it")
    if number in _UNWRITABLE:
        try_ = "free some space" if number == sqlite3.SQLITE_FULL else "check the permissions and the space left"
        return StoreUnwritable(f"{path} {_UNWRITABLE[number]}", f"{try_}, or name another with --db")
    if number == sqlite3.SQLITE_NOTADB:
        return StoreError(f"{path} is not a database", "name another with --db")
    if number == sqlite3.SQLITE_CORRUPT:
        return StoreError(f"{path} is damaged: {error}", "put a copy of it in place, or name another with --db")
    if number == sqlite3.SQLITE_TOOBIG:
        return StoreError(f"{path} cannot hold so long a text: a billion bytes are the most", "analyse a part of it")
    if number == 0 and "decode" in str(error):
        # Comes from Python, with no code: bytes in a text column that are no text.
        return StoreError(f"{path} holds what is no text", "docanalyze verify says where")
    if number == sqlite3.SQLITE_CONSTRAINT:
        return StoreError(f"{path} refused a row: {error}", "nothing of it was stored; this is our mistake")
    return None


# -- transactions ----------------------------------------------------------------------------------


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it. Takes the write lock at once, so that waiting works."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several queries over one state of the database, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


# -- opening ---------------------------------------------------------------------------------------


def version(connection: sqlite3.Connection) -> int:
    """The number of the newest step of the schema, 0 for an empty file."""
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def application(connection: sqlite3.Connection) -> int | None:
    """The program that the file says it belongs to; None if it is empty."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return None
    number: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return number


def prepare_file(path: Path) -> None:
    """Makes the file and its folders where they are missing, for their owner alone.

    SQLite would make the file with whatever rights the umask leaves, so it must exist before. Its
    companions (-wal, -shm) take the rights of the file. Raises StoreUnwritable.
    """
    try:
        missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreUnwritable(f"the database {path} cannot be made: {why}", "name another place with --db") from None


def close_to_others(path: Path) -> None:
    """Takes from a file that is ours the rights that others have been given to it."""
    status = path.stat()
    if os.name == "posix" and status.st_mode & 0o077 and status.st_uid == os.geteuid():
        path.chmod(0o600)


def require_file(path: Path) -> None:
    """Raises StoreError if there is nothing at the path that could be a database."""
    try:
        if path.is_file():
            return
        there = path.exists()
    except OSError as error:
        raise StoreError(f"the database {path} cannot be reached: {error.strerror}", "name another with --db") from None
    if there:
        raise StoreError(f"{path} is not a database but a folder or device", "name a file with --db")
    raise StoreError(f"there is no database at {path}", "analyse a document first, or name another with --db")


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to an existing file, to write where that is possible and else to read.

    Raises sqlite3.Error, untranslated, and StoreUnwritable where only other rights would help.
    """
    connection = _connect(path, "mode=rw", busy_seconds)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection
    except sqlite3.Error as error:
        connection.close()
        if code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    return _connect_immutable(path, busy_seconds)


def connect_to_read(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to an existing file that cannot write, whatever its rights.

    Raises as `connect` does.
    """
    connection = _connect(path, "mode=ro", busy_seconds)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection
    except sqlite3.Error as error:
        connection.close()
        if code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    return _connect_immutable(path, busy_seconds)


def _connect_immutable(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """For a folder in which SQLite may not make its companion files, not even to read."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise StoreUnwritable(
            f"{path} has unfinished writes beside it and its folder is read-only",
            "copy the database with its -wal file to a folder of your own",
        )
    connection = _connect(path, "mode=ro&immutable=1", busy_seconds)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connect(path: Path, options: str, busy_seconds: float) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?{options}"
    connection = sqlite3.connect(uri, uri=True, timeout=busy_seconds, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def make_safe(connection: sqlite3.Connection) -> None:
    """Sets how a connection writes: safe against power loss, deleted content overwritten."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA synchronous = {DURABLE}")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


def make_concurrent(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Sets the file to write-ahead logging, so that others read while one writes."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            # This one statement does not wait for others by itself.
            if code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def require_writable(connection: sqlite3.Connection) -> None:
    """Raises SQLite's error if nothing can be written. Found out now, not after an hour of analysis."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # To begin is granted on a read-only file too, so something must be written.
        connection.execute(f"PRAGMA user_version = {version(connection)}")
    finally:
        connection.execute("ROLLBACK")
