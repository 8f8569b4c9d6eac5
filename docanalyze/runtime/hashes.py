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
    """The hash of a file, from the folder as long as its size and its time of change are the same."""
    return Hashing(path, folder, watch).result()


class Hashing:
    """The hash of a file, computed beside other work."""

    def __init__(self, path: Path, folder: Path, watch: Watch = _silent) -> None:
        self._path = path.resolve()
        self._folder = folder
        self._watch = watch
        self._stopped = Event()
        self._error: OSError | None = None
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
            if self._error is not None:
                raise ServerError(f"cannot read {self._path}: {self._error.strerror}", "check the model file") from None
            if _stamp(self._path) != self._stamp:
                raise ServerError(f"{self._path} changed while it was read", "wait until it is whole")
            self._keep()
            self._is_kept = True
        return self._hash

    def stop(self) -> None:
        """Gives up."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        digest, done = hashlib.sha256(), 0
        try:
            total = self._path.stat().st_size
            with self._path.open("rb") as file:
                while piece := file.read(_PIECE):
                    if self._stopped.is_set():
                        return
                    digest.update(piece)
                    done += len(piece)
                    self._watch(done, total)
        except OSError as error:
            self._error = error
            return
        self._hash = digest.hexdigest()

    def _keep(self) -> None:
        known = _known(self._folder)
        known.pop(str(self._path), None)
        # The latest stand last, and the oldest go.
        latest = dict([*known.items(), (str(self._path), {self._stamp: self._hash})][-_MOST:])
        with suppress(ServerError):
            kept.write_private(self._folder / _FILE, json.dumps(latest, indent=1))


def _stamp(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError as error:
        raise ServerError(f"cannot read {path}: {error.strerror}", "name a model file") from None
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _known(folder: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return {str(path): {str(k): str(v) for k, v in entry.items()} for path, entry in found.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
