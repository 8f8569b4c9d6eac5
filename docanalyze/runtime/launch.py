"""Starts a server, waits until it serves, finds it again, stops it.

    find a program ─▶ start it ─▶ wait through loading ─▶ is it ours, is all granted ─▶ Running

A server that is `held` ends with who holds it, however that one ends. One that was started goes on
by itself and is found in the runtime folder.
"""

import json
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from docanalyze.errors import ServerError, ServerStalled
from docanalyze.runtime import answering, command, failures, log, processes, program, proof
from docanalyze.runtime import folder as kept
from docanalyze.runtime.command import Order
from docanalyze.runtime.folder import Note, State
from docanalyze.runtime.hashes import Hashing, sha256
from docanalyze.runtime.log import Seen
from docanalyze.runtime.program import Program
from docanalyze.runtime.values import Check, Geometry, Profile, Role, Running

_TRIES = 4
_PAUSE = 0.01
_LONGEST_PAUSE = 0.1
_LOADING_SECONDS = 1800.0
_FIRST_WORD_SECONDS = 60.0
_ASK_EVERY = 0.05
_STOPPED = "docanalyze: stopped on request"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a server is held to beside its profile.

    `shape` is None for an architecture that is not understood; `on_device` is whether this machine has a
    device; `architecture` is the model's, by which the limit of its context is named.
    """

    shape: Geometry | None = None
    on_device: bool = False
    architecture: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be served. `binary` is a llama-server, `program.WHEEL`, or empty for what is found.

    `port` is 0 for a free one. `ram_cache` is MiB of host memory for prompts that left the slot. `device`
    is the number of the one to serve on, -1 for all. `instead` is what to try where memory runs out.
    """

    role: Role
    profile: Profile
    model_file: Path
    binary: str = ""
    port: int = 0
    ram_cache: int = 0
    device: int = -1
    expected: Expected = Expected()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Loading:
    """How far a start is: what goes on, and for how long it has."""

    text: str
    seconds: float


Watch = Callable[[Loading], None]


def silent(_: object) -> None:
    """Watches nothing, notes nothing."""


def start(wanted: Wanted, folder: Path, watch: Watch = silent, note: Note = silent) -> Running:
    """The server that goes on by itself, started and ready; the one that runs, if it is the same.

    Raises ServerError with the reason from the log where it cannot start, or where another serves that role.
    """
    with _Start(wanted, folder, watch, note) as begun:
        if begun.already is not None:
            return begun.already
        ready = begun.launched(leashed=False)
        ready.let_go()
        return ready.state.running


@contextmanager
def held(wanted: Wanted, folder: Path, watch: Watch = silent, note: Note = silent) -> Iterator[Running]:
    """A server for as long as it is needed; it ends with this process, too. One that runs already stays."""
    with _Start(wanted, folder, watch, note) as begun:
        already = begun.already
        ready = None if already is not None else begun.launched(leashed=True)
    if ready is None:
        assert already is not None  # noqa: S101 - one of the two
        yield already
        return
    try:
        yield ready.state.running
    finally:
        ready.end()
        kept.forget(folder, ready.state)


def running(folder: Path, note: Note = silent) -> list[Running]:
    """The servers of ours that run, `ready_seconds` 0 while they load; what is left of others is cleaned up."""
    return [state.running for role in Role if (state := _alive(folder, role, note)) is not None]


def prove(server: Running, expected: Expected, granted: int) -> tuple[Seen, tuple[Check, ...]]:
    """What a server's log says of how it loaded, held against what was asked of it.

    ServerError where it says something else. What it does not say is no failure, and no proof.
    """
    seen = log.of_file(server.log)
    held_to = proof.Expected(server.profile, expected.shape, granted, expected.on_device, server.version)
    checks = proof.check_log(held_to, seen)
    for failed in proof.failures(checks):
        raise ServerError(
            f"the {server.role} server does not serve as asked: {failed.name}: {failed.expected} was asked, "
            f"{failed.seen} is what it does",
            failed.remedy,
        )
    return seen, checks


def is_held(folder: Path, server: Running) -> bool:
    """Whether a server ends with who started it."""
    state = kept.read(folder, server.role)
    return state is not None and state.running.pid == server.pid and state.leashed


def was_stopped(server: Running) -> bool:
    """Whether a server that has gone was stopped by `stop`, and did not end by itself."""
    try:
        return _STOPPED in server.log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def ended(server: Running) -> ServerError:
    """What to say of a server that ended after it had served."""
    which = f"the {server.role} server (process {server.pid})"
    if was_stopped(server):
        return ServerError(f"{which} was stopped", "start it again, or run the same command again")
    try:
        log_text = server.log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        log_text = ""
    known = failures.known(log_text)
    if known is None:
        return ServerError(f"{which} ended by itself, and did not say why", "docanalyze server logs: its last words")
    return ServerError(f"{which} ended by itself: {known.what}", known.try_)


def stop(folder: Path, role: Role, note: Note = silent) -> Running | None:
    """Ends the server of a role; None if there was none."""
    state = _alive(folder, role, note)
    if state is None:
        return None
    # In its log, so that whoever waits for it can tell this from a crash.
    with suppress(OSError), state.running.log.open("a", encoding="utf-8") as file:
        file.write(f"{_STOPPED}\n")
    processes.end(state.running.pid, state.born, state.group)
    kept.forget(folder, state)
    return state.running


def _alive(folder: Path, role: Role, note: Note) -> State | None:
    kept.remove_damaged(folder, role, note)
    state = kept.read(folder, role)
    if state is None or state.is_alive:
        return state
    # Read again: it may have been stopped, or another started, a moment ago.
    if kept.read(folder, role) == state:
        server = state.running
        note(f"the {role} server (process {server.pid}) of {server.started} has ended; its log is {server.log}")
        kept.forget(folder, state)
    return None


# -- starting --------------------------------------------------------------------------------------


class _Start:
    """One start, alone for its role. `already` is the same server if it runs."""

    def __init__(self, wanted: Wanted, folder: Path, watch: Watch, note: Note) -> None:
        self.wanted = replace(wanted, model_file=wanted.model_file.resolve())
        self.folder = kept.make(folder.resolve())
        self.watch = watch
        self.note = note
        self.already: Running | None = None
        self._claim = kept.starting(self.folder, wanted.role)

    def __enter__(self) -> "_Start":
        self._claim.__enter__()
        try:
            self.already = self._same()
        except BaseException:
            self._claim.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._claim.__exit__(None, None, None)

    def launched(self, *, leashed: bool) -> "_Process":
        """The server, ready. Tried again where its port was taken meanwhile, or its context was cut to the model's."""
        found = program.find(self.wanted.binary, self.folder)
        hashing = Hashing(self.wanted.model_file, self.folder)
        try:
            begun = self._ready(found, leashed=leashed)
        except BaseException:
            hashing.stop()
            raise
        try:
            if not hashing.is_done:
                self.watch(Loading("hashing the model file, once", begun.state.running.ready_seconds))
            running = replace(begun.state.running, model_sha256=hashing.result())
            begun.state = replace(begun.state, running=running)
            kept.write(self.folder, begun.state)
        except BaseException:
            begun.end()
            kept.forget(self.folder, begun.state)
            raise
        return begun

    def _same(self) -> Running | None:
        """The server that runs if it is the one that is wanted; ServerError where it is another."""
        state = _alive(self.folder, self.wanted.role, self.note)
        if state is None:
            self._refuse_foreign()
            return None
        server = state.running
        if not server.ready_seconds:
            # Whoever began it is gone: nobody has seen whether it serves as it should.
            self.note(f"a {server.role} server (process {server.pid}) that nobody waited for is ended")
            stop(self.folder, server.role)
            return None
        which = f"{server.model_file.name}, profile {server.profile.name}, {server.url}"
        port = self.wanted.port or server.port
        if (server.model_file, server.profile, server.port) == (self.wanted.model_file, self.wanted.profile, port):
            if server.model_sha256 == sha256(server.model_file, self.folder):
                return server
            which = f"{server.model_file.name} as it was before it changed"
        flag = " --judge" if server.role is Role.JUDGE else ""
        raise ServerError(f"a {server.role} server runs already: {which}", f"docanalyze server stop{flag}")

    def _refuse_foreign(self) -> None:
        """ServerError where another version of docanalyze has a server of that role: it would be lost from sight."""
        if pid := kept.foreign(self.folder, self.wanted.role):
            raise ServerError(
                f"a {self.wanted.role} server of another version of docanalyze may still run: process {pid}",
                f"stop it with that version, or end that process and remove {self.folder / self.wanted.role}.json",
            )

    def _ready(self, found: Program, *, leashed: bool) -> "_Process":
        context_key = ""
        for _ in range(_TRIES):
            order = Order(
                self.wanted.profile,
                self.wanted.model_file,
                self._port(),
                secrets.token_urlsafe(32),
                kept.slots(self.folder),
                self.wanted.ram_cache,
                self.wanted.device,
                context_key,
            )
            begun = self._begin(found, order, leashed=leashed)
            try:
                begun.wait(self.watch, self.wanted.instead)
                granted = begun.granted(order)
                if granted >= order.profile.context:
                    prove(begun.state.running, self.wanted.expected, granted)
                    return begun
            except _PortTaken:
                begun.end()
                kept.forget(self.folder, begun.state)
                if self.wanted.port:
                    break
                continue
            except BaseException:
                begun.end()
                kept.forget(self.folder, begun.state)
                raise
            begun.end()
            kept.forget(self.folder, begun.state)
            context_key = self._lifted(found, order, granted)
        port = self.wanted.port
        raise ServerError(f"port {port} is taken by another program" if port else "no port is free", "leave out --port")

    def _lifted(self, found: Program, order: Order, granted: int) -> str:
        """The key by which the limit of the context is lifted; ServerError where that cannot be, or did not help."""
        can = found.binary is not None and found.knows("--override-kv") and self.wanted.expected.architecture
        if order.profile.yarn_factor and can and not order.context_key:
            self.note(f"this build granted {granted:,} tokens only: started again with the model's limit lifted")
            return f"{self.wanted.expected.architecture}.context_length"
        raise ServerError(
            f"the server granted {granted:,} of {order.profile.context:,} tokens: the model was trained for no more",
            "take a profile with YaRN for this model, or a smaller context",
        )

    def _port(self) -> int:
        """A port that is free now: the one that is wanted, or any."""
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", self.wanted.port))
            except OSError as error:
                raise ServerError(
                    f"port {self.wanted.port} cannot be taken: {error.strerror}", "leave out --port, or name another"
                ) from None
            port: int = probe.getsockname()[1]
        return port

    def _begin(self, found: Program, order: Order, *, leashed: bool) -> "_Process":
        log = kept.rotate(self.folder, self.wanted.role)
        began = time.monotonic()
        process = command.spawned(found, order, log, leashed=leashed)
        state: State | None = None
        try:
            running = Running(
                self.wanted.role,
                _serving(process, _told(found, order, leashed=leashed), leashed=leashed),
                order.port,
                order.key,
                order.profile,
                order.model,
                "",
                log,
                str(found.binary or ""),
                found.version,
                datetime.now(UTC).isoformat(timespec="seconds"),
            )
            state = State(running, processes.born(running.pid), process.pid, leashed)
            kept.write(self.folder, state)
        except BaseException:
            # Until its state is written nobody else would find it.
            processes.kill_begun(process)
            if state is not None:
                kept.forget(self.folder, state)
            raise
        return _Process(process, state, began)


class _PortTaken(Exception):
    """Another program listens where the server should."""


class _Process:
    """A server that was begun here."""

    def __init__(self, process: "subprocess.Popen[str]", state: State, began: float) -> None:
        self.process = process
        self.state = state
        self.began = began

    def wait(self, watch: Watch, instead: str = "") -> None:
        """Waits until it serves. ServerError with the reason where it ends instead."""
        pause, asked = _PAUSE, 0.0
        while True:
            waited = time.monotonic() - self.began
            if self.process.poll() is not None or not self.state.is_alive:
                raise self._failure(instead)
            if waited - asked >= _ASK_EVERY and answering.is_ready(self.state.running.port):
                break
            if waited > _LOADING_SECONDS:
                raise ServerStalled(
                    f"the server does not get ready in {waited:.0f} seconds", "docanalyze server logs shows why"
                )
            watch(Loading(_stage(self.state.running.log), waited))
            time.sleep(pause)
            pause = min(pause * 1.2, _LONGEST_PAUSE)
        running = replace(self.state.running, ready_seconds=round(time.monotonic() - self.began, 3))
        self.state = replace(self.state, running=running)

    def granted(self, order: Order) -> int:
        """Tokens of context of its slot. _PortTaken if what answers is not it."""
        found = answering.granted(order.port, order.key)
        if found is None or (found.model and Path(found.model) != order.model):
            raise _PortTaken
        return found.context

    def let_go(self) -> None:
        """Leaves it to itself."""
        processes.close(self.process)
        # It is to outlive us: nobody waits for it.
        self.process.returncode = 0

    def end(self) -> None:
        """Ends it."""
        processes.end(self.state.running.pid, self.state.born, self.state.group)
        processes.close(self.process)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            # The server is gone, and who watched over it stayed.
            self.process.kill()
            self.process.wait()

    def _failure(self, instead: str) -> Exception:
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            code = 0
        log = self.state.running.log.read_text(encoding="utf-8", errors="replace")
        if failures.port_is_taken(log):
            return _PortTaken()
        return failures.reason(log, code, self.state.running.model_file.name, instead)


def _told(found: Program, order: Order, *, leashed: bool) -> str:
    """What a process of ours is told, as a line."""
    told: dict[str, object]
    if found.binary is None:
        told = {"parameters": command.parameters(order), "leashed": leashed}
    else:
        told = {"command": command.flags(found, order)}
    return json.dumps(told) + "\n"


def _serving(process: "subprocess.Popen[str]", told: str, *, leashed: bool) -> int:
    """The number of the process that serves: one of ours is told what to do, and says it first."""
    if process.stdin is None or process.stdout is None:
        return process.pid
    # Where it has ended already, its log says why, and that is read by who waits for it.
    with suppress(OSError):
        process.stdin.write(told)
        process.stdin.flush()
        if not leashed:
            process.stdin.close()
    said: list[str] = []
    pipe = process.stdout
    reader = threading.Thread(target=lambda: said.append(pipe.readline().strip()), daemon=True)
    reader.start()
    reader.join(_FIRST_WORD_SECONDS)
    if not said:
        raise ServerStalled(
            f"the process that is to serve says nothing in {_FIRST_WORD_SECONDS:.0f} seconds",
            "docanalyze server logs shows why; or try again when the machine has less to do",
        )
    return int(said[0]) if said[0].isdigit() else process.pid


_STAGES = (
    ("warming up", "warming up"),
    ("KV buffer size", "making the cache"),
    ("load_tensors", "reading the weights"),
    ("loaded meta data", "reading the model file"),
)
_LOOKED = 20_000


def _stage(log: Path) -> str:
    """What a server that loads is at, by the end of its log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOOKED))
            said = file.read().decode("utf-8", "replace")
    except OSError:
        return "starting"
    return next((stage for sign, stage in _STAGES if sign in said), "starting")
