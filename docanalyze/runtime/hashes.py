"""sha256 of model files, kept: one of 9 GB takes a while, and it does not change."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from docanalyze.errors import ServerError
from docanalyze.runtime import folder as kept

_PIECE = 1 << 20
_FILE = "hashes.json"
_MOST = 200
Watch = Callable[[int, int], None]


def _silent(_: int, __: int) -> None:
    return


def sha256(path: Path, folder: Path, watch: Watch = _silent) -> str:
    """The hash of a file, from the folder as long as it is the same file, unchanged (see `_stamp`)."""
    return Hashing(path, folder, watch).result()


def keep(path: Path, hash_: str, folder: Path, former: Path | None = None) -> None:
    """Remembers the hash of a file that was just computed, under its `former` name where it was renamed since."""
    path = path.resolve()
    _remember(folder, path, _stamp(path), hash_, former)


class Hashing:
    """The hash of a file, computed beside other work."""

    def __init__(self, path: Path, folder: Path, watch: Watch = _silent) -> None:
        self._path = path.resolve()
        self._folder = folder
        self._watch = watch
        self._stopped = Event()
        self._error: BaseException | None = None
        self._stamp = _stamp(self._path)
        self._hash = _known(folder).get(str(self._path), {}).get(self._stamp, "")
        self._is_kept = self._hash != ""
        self._thread = Thread(target=self._run, daemon=True)
        if not self._is_kept:
            self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether nobody has to wait for it."""
        return self._is_kept or not self._thread.is_alive()

    def result(self) -> str:
        """The hash, waited for."""
        if not self._is_kept:
            self._thread.join()
            if isinstance(self._error, OSError):
                raise ServerError(f"cannot read {self._path}: {self._error.strerror}", "check the model file") from None
            if self._error is not None:
                raise self._error
            if not self._hash:
                raise ServerError(f"{self._path} was not hashed to its end", "try again")
            if _stamp(self._path) != self._stamp:
                raise ServerError(f"{self._path} changed while it was read", "wait until it is whole")
            _remember(self._folder, self._path, self._stamp, self._hash)
            self._is_kept = True
        return self._hash

    def stop(self) -> None:
        """Gives up."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._hash = self._digest()
        except BaseException as error:  # noqa: BLE001 - raised again where the hash is waited for
            self._error = error

    def _digest(self) -> str:
        """Nothing where it was stopped."""
        digest, done = hashlib.sha256(), 0
        total = self._path.stat().st_size
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                if self._stopped.is_set():
                    return ""
                digest.update(piece)
                done += len(piece)
                self._watch(done, total)
        return digest.hexdigest()


def _remember(folder: Path, path: Path, stamp: str, hash_: str, former: Path | None = None) -> None:
    known = _known(folder)
    for name in (path, former):
        known.pop(str(name), None)
    # The latest stand last, and the oldest go.
    latest = dict([*known.items(), (str(path), {stamp: hash_})][-_MOST:])
    with suppress(ServerError):
        kept.write_private(folder / _FILE, json.dumps(latest, indent=1))


def _stamp(path: Path) -> str:
    """What changes with a file. Its time of change can be set, as `cp -p` does: that of its inode cannot."""
    try:
        stat = path.stat()
    except OSError as error:
        raise ServerError(f"cannot read {path}: {error.strerror}", "name a model file") from None
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


def _known(folder: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return {str(path): {str(k): str(v) for k, v in entry.items()} for path, entry in found.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
