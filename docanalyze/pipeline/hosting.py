"""Servers of ours in the course of a run: used where they run, started where not, proven, left or stopped.

A server is started when it is first asked something: to show what is finished none has to be there. Two
that do not fit together take turns in one `Seat`, others sit together on a `Bench`.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from docanalyze import config, llm, tokens
from docanalyze.config import Settings
from docanalyze.errors import ServerError
from docanalyze.llm import Ask, Choice, Progress, Sampling, Served, Watch, silent
from docanalyze.model import Event, Fingerprint, Notify, Reply
from docanalyze.pipeline import starting
from docanalyze.pipeline.keeping import keep_prefixes
from docanalyze.runtime import answering, hashes, launch, proof
from docanalyze.runtime.launch import Loading, Wanted
from docanalyze.runtime.values import Role, Running


@dataclass(frozen=True, slots=True)
class Host:
    """Where servers of ours are kept, and whom is told what goes on."""

    settings: Settings
    notify: Notify

    @property
    def folder(self) -> Path:
        return config.runtime_folder(self.settings)

    def open(self, wanted: Wanted, stack: ExitStack) -> Served:
        """A server for that model, connected and proven. What is started here ends with the stack, or is to stay."""
        stage = f"{wanted.role} server"

        def watch(loading: Loading) -> None:
            self.notify(Event(stage, f"{wanted.role}: {loading.text}"))

        def note(text: str) -> None:
            self.notify(Event(stage, lines=(text,)))

        running = self._found(wanted, note)
        if running is not None and launch.is_held(self.folder, running):
            note(f"the {running.role} server was started by another docanalyze, and ends with it")
        if running is None and self.settings.keep_server:
            running = launch.start(wanted, self.folder, watch, note)
        elif running is None:
            running = stack.enter_context(launch.held(wanted, self.folder, watch, note))
        server = self._connected(running, stage)
        stack.callback(self._part, running)
        stack.callback(server.close)
        introduce(server, running, wanted.expected)
        keep_prefixes(server, running, self.settings, self.notify)
        cache = f"cache {server.fingerprint.cache_k}/{server.fingerprint.cache_v}"
        proven = "proven" if server.fingerprint.proven else "not proven by its log"
        said = f"{server.fingerprint.model}, {server.context:,} tokens of context, {cache}, {proven}"
        self.notify(Event(stage, f"{wanted.role}: {said}"))
        return server

    def make_room(self, server: Running, wanted: Wanted) -> None:
        """Stops a server that an earlier command left running, and says so.

        ServerError for one that is another's: that is held by a command that runs, is loading, or computes.
        """
        which = f"the {server.role} server (process {server.pid}, {server.model_file.name})"
        use = "is held by another command" if launch.is_held(self.folder, server) else ""
        if not use and not server.ready_seconds:
            use = "is being started"
        if not use and answering.is_busy(server.port, server.key):
            use = "is busy"
        if use:
            flag = " --judge" if server.role is Role.JUDGE else ""
            raise ServerError(
                f"{which} {use}, and the {wanted.role} model takes turns with it",
                f"wait for it, or stop it yourself: docanalyze server stop{flag}",
            )
        said = f"{which} ran already and is stopped: the {wanted.role} model takes turns with it"
        self.notify(Event(f"{wanted.role} server", lines=(said,)))
        launch.stop(self.folder, server.role)

    def settled(self, wanted: Wanted) -> Wanted:
        """The same, with the profile of a server that runs with that model already, and will be used."""
        running = self._found(wanted, launch.silent)
        return replace(wanted, profile=running.profile) if running is not None else wanted

    def hashed(self, wanted: Wanted) -> str:
        """The hash of the model's file, which the first time takes a while."""

        def watch(done: int, total: int) -> None:
            self.notify(Event(f"{wanted.role} server", f"{wanted.role}: hashed {done / total:.0%} of its file"))

        return hashes.sha256(wanted.model_file, self.folder, watch)

    def _part(self, running: Running) -> None:
        """Says so where a server went before it was let go: whoever asked it only saw that nobody answered."""
        if running not in launch.running(self.folder):
            self.notify(Event(f"{running.role} server", lines=(launch.ended(running).what,)))

    def _found(self, wanted: Wanted, note: Callable[[str], None]) -> Running | None:
        """A server that runs with that very file, whoever it was started for."""
        path = wanted.model_file.resolve()
        for server in launch.running(self.folder, note):
            as_asked = wanted.profile.name in ("auto", "judge", server.profile.name)
            if server.model_file != path or not server.ready_seconds or not as_asked:
                continue
            if server.model_sha256 == hashes.sha256(path, self.folder):
                return server
        return None

    def _connected(self, running: Running, stage: str) -> Served:
        def watch(progress: Progress) -> None:
            self.notify(Event(stage, f"{running.role} at {running.url}: {progress.waiting}"))

        return llm.connect(running.url, tokens.packaged(), key=running.key, watch=watch)


def introduce(server: Served, running: Running, expected: launch.Expected) -> None:
    """Gives a server of ours its whole fingerprint. ServerError where its log says that it serves otherwise."""
    seen, checks = launch.prove(running, expected, server.context)
    server.fingerprint = proof.fingerprint(running, server.fingerprint, seen, checks)
    server.identity = identity(running.model_sha256, running)


def identity(sha256: str, served: Wanted | Running) -> tuple[str, ...]:
    """What calls to a server of ours are resumed by: the model's hash, cache types and positions."""
    profile = served.profile
    return (sha256, str(profile.cache_k), str(profile.cache_v), proof.rope(profile))


class Seat:
    """Room for one server at a time. Any number of threads may ask: one starts it, the others wait for that."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._taken: Role | None = None
        self._server: Served | None = None
        self._stack = ExitStack()
        self._lock = threading.RLock()

    def take(self, wanted: Wanted) -> Served:
        """The server for that model; the other one is stopped before."""
        with self._lock:
            if self._server is None or self._taken is not wanted.role:
                self.leave()
                for server in launch.running(self.host.folder):
                    if server.role is not wanted.role:
                        self.host.make_room(server, wanted)
                self._server = self.host.open(wanted, self._stack)
                self._taken = wanted.role
            return self._server

    def leave(self) -> None:
        """Stops whoever is served."""
        with self._lock:
            self._server, self._taken = None, None
            self._stack.close()


class Bench:
    """Room for all that come, who come together: whether both fit shows before anything is asked.

    Any number of threads may ask, as of a Seat.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self._expected: list[Wanted] = []
        self._servers: dict[Role, Served] = {}
        self._stack = ExitStack()
        self._lock = threading.RLock()

    def expect(self, wanted: Wanted) -> None:
        """Says that this model is to be among those that come."""
        self._expected.append(wanted)

    def take(self, wanted: Wanted) -> Served:
        """The server for that model, started with all others that are expected."""
        with self._lock:
            for one in self._expected:
                if one.role not in self._servers:
                    self._servers[one.role] = self.host.open(one, self._stack)
            return self._servers[wanted.role]

    def leave(self) -> None:
        """Stops all of them."""
        with self._lock:
            self._servers.clear()
            self._stack.close()


class Turn:
    """A server that is there when it is asked something. What is known of its model is known before."""

    def __init__(self, room: Seat | Bench, wanted: Wanted) -> None:
        self._room = room
        self._wanted = wanted
        sha256 = room.host.hashed(wanted)
        profile = wanted.profile
        self.url = ""
        self.remote = False
        self.unproven: tuple[str, ...] = ()
        # What is granted is no less: a start that got less has failed.
        self.context = profile.context
        self.identity = identity(sha256, wanted)
        self.fingerprint = Fingerprint(
            wanted.model_file.name,
            sha256,
            cache_k=str(profile.cache_k),
            cache_v=str(profile.cache_v),
            context=profile.context,
            rope=proof.rope(profile),
            proven=False,
        )

    def take(self) -> Served:
        """The server itself, started if it is not there."""
        server = self._room.take(self._wanted)
        self.url, self.fingerprint = server.url, server.fingerprint
        return server

    def count(self, text: str) -> int:
        return self.take().count(text)

    def count_ask(self, ask: Ask) -> int:
        return self.take().count_ask(ask)

    def complete(self, ask: Ask, sampling: Sampling, watch: Watch = silent) -> Reply:
        return self.take().complete(ask, sampling, watch)

    def choose(self, ask: Ask, labels: tuple[str, ...], watch: Watch = silent) -> Choice:
        return self.take().choose(ask, labels, watch)

    def close(self) -> None:
        """Nothing: the room closes whoever is in it."""


def wanted_of(settings: Settings, role: Role, profile: str = "") -> Wanted:
    """What is served for a role by the settings."""
    return starting.wanted(settings, role, starting.Asked(profile))
