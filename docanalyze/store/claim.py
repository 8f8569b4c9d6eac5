"""Who works on a Run: a lock that the system takes back when its process ends, however it ends.

A file beside the database for as long as the work lasts. What a process left that was killed is an
empty file without a lock, which the next one takes over, or the next command deletes.
"""

import os
import re
from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from docanalyze.errors import StoreError, StoreUnwritable
from docanalyze.locks import try_lock

_RUN_ID = re.compile(r"[\w-]{1,80}")
_MADE_ID = r"\d{8}-\d{6}-[0-9a-f]{6}"


class Claim:
    """A held lock. A context manager; given back when closed."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def __enter__(self) -> "Claim":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The name goes first: who opened the file before sees that it is no longer the one of that
        # name. Where an open file cannot be deleted it stays, empty, for the next one.
        with suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)


def claim(database: Path, run_id: str) -> Claim | None:
    """The right to work on a Run; None while another process has it."""
    if not _RUN_ID.fullmatch(run_id):
        # A database may be anybody's: no id of it may lead out of the folder.
        raise StoreError(f"{run_id!r} is not the id of a run", "docanalyze verify says what else is wrong")
    path = database.with_name(f".{database.name}-{run_id}.lock")
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(f"{path} cannot be made: {error.strerror}", "name another place with --db") from None
        if not try_lock(descriptor):
            os.close(descriptor)
            return None
        if _is_still(path, descriptor):
            return Claim(path, descriptor)
        os.close(descriptor)


def sweep(database: Path, unfinished: Callable[[], Container[str]]) -> None:
    """Deletes what processes left that were killed over Runs which are finished, or were not stored yet: nobody will
    take those over."""
    form = re.compile(rf"\.{re.escape(database.name)}-({_MADE_ID})\.lock")
    with suppress(OSError, StoreUnwritable), os.scandir(database.parent) as entries:
        there = [found[1] for one in entries if (found := form.fullmatch(one.name))]
        kept = unfinished() if there else ()
        for run_id in there:
            left = None if run_id in kept else claim(database, run_id)
            if left is not None:
                with left:
                    pass


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file was not deleted between opening and locking."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
