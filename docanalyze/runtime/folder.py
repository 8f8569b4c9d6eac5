"""The runtime folder: who serves, with which key, and the logs. Readable by its owner alone.

main.json, judge.json      the server of each role
main.log, main.1.log, …    its log and those of the starts before
main.lock                  held while a server is started
hashes.json                sha256 of model files
slots/                     where servers keep evaluated prompts
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from docanalyze.errors import ServerError
from docanalyze.locks import try_lock
from docanalyze.runtime import processes
from docanalyze.runtime.values import CacheType, Profile, Role, Running

KEPT_LOGS = 3
_VERSION = 1

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class State:
    """A server as it stands in the folder. `born` tells its process from a later one of the same number.

    `group` is the process group that it is stopped by; `leashed` ones end with who started them.
    """

    running: Running
    born: str
    group: int
    leashed: bool = False

    @property
    def is_alive(self) -> bool:
        return processes.is_alive(self.running.pid, self.born)


def make(folder: Path) -> Path:
    """The folder, made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        slots(folder).mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(folder, error) from None
    if not _is_ours(folder):
        raise ServerError(
            f"others may write to {folder}: they could name a server of theirs there",
            f"chmod 700 {folder}, or name another folder in DOCANALYZE_RUNTIME",
        )
    return folder


def _is_ours(path: Path) -> bool:
    """Whether nobody but its owner, who is us, can have written there."""
    stat = path.stat()
    return sys.platform == "win32" or (stat.st_uid == os.getuid() and not stat.st_mode & 0o022)


def slots(folder: Path) -> Path:
    """Where servers keep evaluated prompts."""
    return folder / "slots"


def write(folder: Path, state: State) -> None:
    """Keeps who serves a role, in one step."""
    running = state.running
    table = asdict(running) | {"profile": asdict(running.profile)}
    content = {"version": _VERSION, "born": state.born, "group": state.group, "leashed": state.leashed}
    write_private(_file(folder, running.role), json.dumps(content | {"running": table}, default=str, indent=1))


def read(folder: Path, role: Role) -> State | None:
    """Who serves a role as far as is known, whether or not it still runs; None for nobody, or what is unreadable."""
    try:
        path = _file(folder, role)
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != _VERSION or not _is_ours(folder) or not _is_ours(path):
            return None
        running = _running(content["running"])
        return State(running, str(content["born"]), int(content["group"]), bool(content["leashed"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def forget(folder: Path, state: State) -> None:
    """Removes what is kept of a server, unless another has taken its place."""
    known = read(folder, state.running.role)
    if known is None or (known.running.pid, known.born) == (state.running.pid, state.born):
        with suppress(OSError):
            _file(folder, state.running.role).unlink()


def remove_damaged(folder: Path, role: Role, note: Note) -> None:
    """Removes a file that nobody can read; not that of another docanalyze's server, which may still run."""
    path = _file(folder, role)
    if not path.exists() or read(folder, role) is not None:
        return
    if pid := foreign(folder, role):
        note(f"{path} is of another version of docanalyze, whose server may still run as process {pid}")
        return
    note(f"{path} was damaged, of another version or another's, and is removed")
    with suppress(OSError):
        path.unlink()


def foreign(folder: Path, role: Role) -> int:
    """The process of a server that another version of docanalyze started, if it may still run; 0 for none."""
    path = _file(folder, role)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] == _VERSION or not _is_ours(folder) or not _is_ours(path):
            return 0
        pid, since = int(content["running"]["pid"]), content.get("born")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0
    return pid if processes.born(pid) and since in (None, processes.born(pid)) else 0


def log_of(folder: Path, role: Role, back: int = 0) -> Path:
    """The log of a role's server, or that of so many starts before."""
    return folder / (f"{role}.{back}.log" if back else f"{role}.log")


def rotate(folder: Path, role: Role) -> Path:
    """A new, empty log; those of the starts before move on, and the oldest goes."""
    try:
        for back in range(KEPT_LOGS - 1, 0, -1):
            before = log_of(folder, role, back - 1)
            if before.exists():
                before.replace(log_of(folder, role, back))
        path = log_of(folder, role)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise _unwritable(folder, error) from None
    return path


@contextmanager
def starting(folder: Path, role: Role) -> Iterator[None]:
    """The right to start the server of a role; ServerError while another process has it."""
    path = folder / f"{role}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        if not try_lock(descriptor):
            raise ServerError(
                f"another docanalyze is starting the {role} server", "wait for it: docanalyze server status"
            )
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, content: str) -> None:
    """A file that its owner alone can read, whole or not at all."""
    try:
        # Made with the rights of its owner alone, and under a name of its own.
        descriptor, part = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            Path(part).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(part).unlink()
            raise
    except OSError as error:
        raise _unwritable(path.parent, error) from None


def _file(folder: Path, role: Role) -> Path:
    return folder / f"{role}.json"


def _running(table: dict[str, object]) -> Running:
    profile = table["profile"]
    if not isinstance(profile, dict):
        raise TypeError("a profile is a table")
    types = {name: CacheType(profile[name]) for name in ("cache_k", "cache_v")}
    places = {name: Path(str(table[name])) for name in ("model_file", "log")}
    found: dict[str, object] = {"role": Role(str(table["role"])), "profile": Profile(**(profile | types)), **places}
    return Running(**(table | found))  # type: ignore[arg-type]  # a table of another form is a TypeError


def _unwritable(folder: Path, error: OSError) -> ServerError:
    return ServerError(f"cannot write to {folder}: {error.strerror}", "name another folder in DOCANALYZE_RUNTIME")
