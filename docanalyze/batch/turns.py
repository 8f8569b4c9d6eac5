"""Whose turn it is at a model server: one document at a time, so that its prefix stays where it was read.

Several servers of one model make a `Pool`: the least busy is taken, all calls over a document stay with it, and
one that fails is set aside for a while.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from docanalyze.errors import PromptTooLong, ServerError, UsageError
from docanalyze.llm import Ask, Choice, Sampling, Served, Watch, silent
from docanalyze.model import Reply

ASIDE_SECONDS = (5.0, 15.0, 60.0)
"""How long a server that failed is left alone, the first time and after."""

_LOOK_SECONDS = 0.2
"""How often one who waits looks whether a server is there again."""


@dataclass
class Endpoint:
    """One server: what it did so far, and until when it is set aside (of `time.monotonic`)."""

    served: Served
    seconds: float = 0.0
    """In which it had a document."""
    taken: bool = False
    failures: int = 0
    away_until: float = 0.0
    error: ServerError | None = None
    answering: float = 0.0
    """Seconds of calls, from request to end."""


@dataclass
class Pool:
    """Servers of one model, and who waits for them. Any number of threads may ask."""

    endpoints: Sequence[Endpoint]
    changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[object] = field(default_factory=list)

    @classmethod
    def of(cls, servers: Sequence[Served]) -> "Pool":
        """UsageError where they do not serve the same model: a document's result would hang on chance."""
        first = servers[0]
        for other in servers[1:]:
            if other.identity != first.identity:
                raise UsageError(
                    f"{other.url} serves {other.fingerprint.model}, {first.url} {first.fingerprint.model}",
                    "name servers of one model, or one server",
                )
        return cls([Endpoint(server) for server in servers])

    def take(self) -> Endpoint:
        """The free server that was least busy so far; waits for one. Its error where all have failed for good."""
        mine = object()
        with self.changed:
            self._waiting.append(mine)
            try:
                while True:
                    if not self.is_hopeful:
                        raise self._error()
                    now = time.monotonic()
                    free = [one for one in self.endpoints if not one.taken and one.away_until <= now]
                    if free and self._waiting[0] is mine:
                        best = min(free, key=lambda one: one.seconds)
                        best.taken = True
                        return best
                    self.changed.wait(_LOOK_SECONDS)
            finally:
                self._waiting.remove(mine)
                self.changed.notify_all()

    def give_back(self, endpoint: Endpoint, seconds: float) -> None:
        """Another may have it."""
        with self.changed:
            endpoint.taken = False
            endpoint.seconds += seconds
            self.changed.notify_all()

    def set_aside(self, endpoint: Endpoint, error: ServerError) -> None:
        """Leaves a server alone for a while that did not answer."""
        with self.changed:
            pause = ASIDE_SECONDS[min(endpoint.failures, len(ASIDE_SECONDS) - 1)]
            endpoint.failures += 1
            endpoint.error = error
            endpoint.away_until = time.monotonic() + pause
            self.changed.notify_all()

    @property
    def first(self) -> Endpoint:
        """The first that is not set aside, or the first of all."""
        now = time.monotonic()
        return next((one for one in self.endpoints if one.away_until <= now), self.endpoints[0])

    @property
    def is_hopeful(self) -> bool:
        """Whether any server is there or may yet be: it failed no more often than there are pauses."""
        return any(one.failures <= len(ASIDE_SECONDS) for one in self.endpoints)

    def _error(self) -> ServerError:
        return next(one.error for one in self.endpoints if one.error is not None)


class Taking:
    """What one lane sees of a Pool: a server like any other, which is taken for all calls over a document.

    Known of it before it is taken is what all servers of the Pool have in common.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._held: Endpoint | None = None
        servers = [one.served for one in pool.endpoints]
        granted = [one.context for one in servers]
        self.context = min(granted) if all(granted) else 0
        self.identity: tuple[str, ...] = servers[0].identity
        self.unproven = tuple(dict.fromkeys(what for one in servers for what in one.unproven))
        self.remote = any(one.remote for one in servers)
        self.url, self.fingerprint = servers[0].url, servers[0].fingerprint

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a server, and keeps it."""
        if self._held is not None:
            yield
            return
        self._held = self._pool.take()
        self._introduce(self._held)
        begun = time.monotonic()
        try:
            yield
        finally:
            held, self._held = self._held, None
            self._pool.give_back(held, time.monotonic() - begun)

    @property
    def _at_hand(self) -> Endpoint:
        return self._held or self._pool.first

    def _introduce(self, endpoint: Endpoint) -> None:
        """Says which server it is that answers; of one that is started when it is asked, what is known by then."""
        self.url, self.fingerprint = endpoint.served.url, endpoint.served.fingerprint

    def count(self, text: str) -> int:
        with self._watched(self._at_hand) as server:
            return server.count(text)

    def count_ask(self, ask: Ask) -> int:
        with self._watched(self._at_hand) as server:
            return server.count_ask(ask)

    def complete(self, ask: Ask, sampling: Sampling, watch: Watch = silent) -> Reply:
        with self._asking() as server:
            return server.complete(ask, sampling, watch)

    def choose(self, ask: Ask, labels: tuple[str, ...], watch: Watch = silent) -> Choice:
        with self._asking() as server:
            return server.choose(ask, labels, watch)

    def close(self) -> None:
        """Nothing: who opened the servers closes them."""

    @contextmanager
    def _asking(self) -> Iterator[Served]:
        with self.turn():
            assert self._held is not None  # noqa: S101 - it is taken
            endpoint, begun = self._held, time.monotonic()
            try:
                with self._watched(endpoint) as server:
                    yield server
                endpoint.failures = 0
                self._introduce(endpoint)
            finally:
                endpoint.answering += time.monotonic() - begun

    @contextmanager
    def _watched(self, endpoint: Endpoint) -> Iterator[Served]:
        """The server, set aside where it cannot be used."""
        try:
            yield endpoint.served
        except PromptTooLong:
            raise
        except ServerError as error:
            self._pool.set_aside(endpoint, error)
            raise
