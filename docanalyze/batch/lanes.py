"""Lanes that work at the same time: threads where a model is waited for, processes where the work is our own.

Both take Jobs and send back messages over one queue.
"""

import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import IO, Protocol

from docanalyze.batch.lane import Job, Lane, Result
from docanalyze.ingest import bounds
from docanalyze.model import Event
from docanalyze.pipeline import Models

log = logging.getLogger("docanalyze")

MODULE = "docanalyze.batch.process"


@dataclass(frozen=True, slots=True)
class Told:
    """What goes on in a lane, or a line that it says."""

    lane: int
    event: Event


@dataclass(frozen=True, slots=True)
class Ended:
    """A lane is free again."""

    lane: int
    result: Result


@dataclass(frozen=True, slots=True)
class Crashed:
    """A lane ended under its Job: its process did, or there is a mistake of ours. `detail` is for the log."""

    lane: int
    why: str
    detail: str = ""


Message = Told | Ended | Crashed


class Stopped(Exception):
    """Ends the work of a thread that is no longer wanted."""


class Lanes(Protocol):
    """Several lanes, by number from 0."""

    @property
    def count(self) -> int:
        """How many there are."""

    def give(self, lane: int, job: Job) -> None:
        """Has a lane that is free do a Job."""

    def receive(self, seconds: float) -> Message | None:
        """The next message; None if there is none in so many seconds."""

    def close(self) -> None:
        """Ends all lanes; what they are at is left as it is."""


@dataclass
class Threads:
    """Lanes in this process: they wait for a model, and only reading is done elsewhere."""

    models: Sequence[Models]
    """Of each lane, over the same servers."""
    _messages: "queue.SimpleQueue[Message]" = field(default_factory=queue.SimpleQueue)
    _jobs: "list[queue.SimpleQueue[Job | None]]" = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def count(self) -> int:
        return len(self.models)

    def give(self, lane: int, job: Job) -> None:
        while len(self._threads) <= lane:
            jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
            number = len(self._threads)
            thread = threading.Thread(target=self._work, args=(number, jobs), name=f"lane-{number}", daemon=True)
            self._jobs.append(jobs)
            self._threads.append(thread)
            thread.start()
        self._jobs[lane].put(job)

    def receive(self, seconds: float) -> Message | None:
        with suppress(queue.Empty):
            return self._messages.get(timeout=seconds)
        return None

    def close(self) -> None:
        self._stop.set()
        for jobs in self._jobs:
            jobs.put(None)
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    def _work(self, number: int, jobs: "queue.SimpleQueue[Job | None]") -> None:
        def notify(event: Event) -> None:
            if self._stop.is_set():
                raise Stopped
            self._messages.put(Told(number, event))

        def say(line: str) -> None:
            self._messages.put(Told(number, Event("note", lines=(line,))))

        with suppress(Stopped), Lane(self.models[number], notify, say) as lane:
            while (job := jobs.get()) is not None:
                try:
                    self._messages.put(Ended(number, lane.do(job)))
                except Stopped:
                    raise
                except Exception as error:
                    # As where a process ends: a mistake of ours over one document must not end the others.
                    log.exception("%r ended its lane", job.task.source)
                    self._messages.put(Crashed(number, mistake(error)))


def mistake(error: Exception) -> str:
    """What to say of a mistake of ours."""
    return f"a mistake in docanalyze: {type(error).__name__}"


_JOIN_SECONDS = 10.0


@dataclass
class _Process:
    """A process of a lane, and what reads its messages."""

    process: "subprocess.Popen[bytes]"
    writer: IO[bytes]
    busy: bool = False
    ended: bool = False


@dataclass
class Processes:
    """Lanes in processes of their own, each of which commits by itself. One that ends is replaced."""

    count: int
    module: str = MODULE
    _messages: "queue.SimpleQueue[Message]" = field(default_factory=queue.SimpleQueue)
    _running: dict[int, _Process] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def give(self, lane: int, job: Job) -> None:
        running = self._running.get(lane)
        with self._lock:
            # Either it is known here that the process ended, or it will be told that it did so under this Job.
            if running is not None and not running.ended:
                running.busy = True
        if running is None or not running.busy:
            self._part(lane)
            running = self._running[lane] = self._started(lane)
            running.busy = True
        # A process that ended meanwhile is told of by who reads its messages.
        with suppress(BrokenPipeError):
            send(running.writer, job)

    def receive(self, seconds: float) -> Message | None:
        with suppress(queue.Empty):
            message = self._messages.get(timeout=seconds)
            if isinstance(message, Crashed):
                self._part(message.lane)
            return message
        return None

    def close(self) -> None:
        for running in self._running.values():
            if running.busy:
                bounds.end(running.process)
            else:
                bounds.leave(running.process)
            with suppress(BrokenPipeError):
                running.writer.close()
        self._running.clear()

    def pids(self) -> dict[int, int]:
        """The processes, by their lane."""
        return {lane: running.process.pid for lane, running in self._running.items()}

    def _part(self, lane: int) -> None:
        """Lets go of a process that ended."""
        running = self._running.pop(lane, None)
        if running is not None:
            with suppress(BrokenPipeError):
                running.writer.close()

    def _started(self, lane: int) -> _Process:
        process = subprocess.Popen(
            # -P: a file of the working directory must not be imported in place of a library.
            [sys.executable, "-P", "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101 - Popen was given pipes
        assert process.stdout is not None  # noqa: S101 - Popen was given pipes
        started = _Process(process, process.stdin)
        threading.Thread(target=self._pump, args=(lane, started, process.stdout), daemon=True).start()
        return started

    def _pump(self, lane: int, running: _Process, stream: IO[bytes]) -> None:
        """Moves messages to the queue until the process ends."""
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError), stream:
            while True:
                content = received(stream)
                if isinstance(content, Result):
                    running.busy = False
                    self._messages.put(Ended(lane, content))
                elif isinstance(content, Crashed):
                    running.busy = False
                    log.error("a lane ended: %s\n%s", content.why, content.detail)
                    self._messages.put(replace(content, lane=lane))
                elif isinstance(content, Event):
                    self._messages.put(Told(lane, content))
        code = running.process.wait()
        with self._lock:
            running.ended = True
            if running.busy:
                self._messages.put(Crashed(lane, bounds.why(code)))


# -- between processes of ours ---------------------------------------------------------------------


def send(stream: IO[bytes], value: object) -> None:
    """Writes a value for the process at the other end."""
    content = pickle.dumps(value)
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def received(stream: IO[bytes]) -> object:
    """The next value that the other process sent; EOFError where it ended."""
    size = int.from_bytes(_exactly(stream, 8), "big")
    return pickle.loads(_exactly(stream, size))  # noqa: S301 - both ends are this program


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def serve(make: Callable[[Callable[[Event], None]], Lane]) -> None:
    """Does Jobs from standard input until it ends, and then ends this process at once, whatever it is at."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What anything else prints must not stand between messages.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                jobs.put(received(requests))  # type: ignore[arg-type] # nothing else is sent
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    with make(lambda event: send(answers, event)) as lane:
        while True:
            try:
                send(answers, lane.do(jobs.get()))
            except Exception as error:
                # Nobody sees what this process prints at its end.
                send(answers, Crashed(-1, mistake(error), traceback.format_exc()))
                raise
