"""A process that reads, seen from outside: started, asked, bounded by the wall clock, replaced when it was killed.

It takes requests as JSON lines and answers with JSON lines.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from docanalyze import errors
from docanalyze.errors import ReaderKilled, SourceError
from docanalyze.ingest import bounds

Json = dict[str, Any]

_END = object()
_MADE_SO = "the file may be made to do that; look at it elsewhere"


class Child:
    """One reading process at a time, run as `module`. A context manager."""

    module = "docanalyze.ingest.worker"

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[object] = queue.Queue()
        self._due = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def dismiss(self) -> None:
        """Has the process end if it has nothing to do, without waiting; `close` waits."""
        if self._process is not None and not self._due:
            self._process.terminate()

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None and not self._due:
            bounds.leave(self._process)
        self._kill()

    def _send(self, request: Json) -> None:
        """Asks; ReaderKilled if the process is gone."""
        process = self._running()
        self._due = True
        assert process.stdin is not None  # noqa: S101 - Popen was given a pipe
        try:
            process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            self._kill()
            raise ReaderKilled("the reading process ended before it began", "try again") from None

    def _receive(self, deadline: float) -> Json:
        """The next answer. Raises the error that it is, or ReaderKilled when there is none in time."""
        try:
            line = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            self._kill()
            raise ReaderKilled("reading took too long and was stopped", "the file may be made to do that") from None
        if not isinstance(line, bytes) or not line.endswith(b"\n"):
            # The end, or the half of a line that it cut.
            reason = self._death()
            raise ReaderKilled(f"reading was stopped: {reason}", _MADE_SO)
        answer: Json = json.loads(line)
        if answer["type"] == "error":
            self._due = False
            raise _error(answer)
        return answer

    @contextmanager
    def _killed_on_interrupt(self) -> Iterator[None]:
        """Ends the process where answers may still come: they would be taken for those about the next document."""
        try:
            yield
        except BaseException:
            if self._due:
                self._kill()
            raise
        finally:
            self._due = False

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._kill()
        self._answers = queue.Queue()
        # -P: a file of the working directory must not be imported in place of a library.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        reader = threading.Thread(target=_pump, args=(self._process, self._answers), daemon=True)
        reader.start()
        return self._process

    def _death(self) -> str:
        """Why the process ended by itself."""
        process, self._process = self._process, None
        code = process.wait(timeout=5) if process is not None else 0
        _close_pipes(process)
        return bounds.why(code)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        bounds.end(process)
        _close_pipes(process)


def _close_pipes(process: subprocess.Popen[bytes] | None) -> None:
    for pipe in (process.stdin, process.stdout) if process is not None else ():
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _pump(process: subprocess.Popen[bytes], answers: "queue.Queue[object]") -> None:
    """Moves answers from the pipe to the queue until the process ends."""
    assert process.stdout is not None  # noqa: S101 - Popen was given a pipe
    with suppress(ValueError, OSError):
        for line in process.stdout:
            answers.put(line)
    answers.put(_END)


def _error(answer: Json) -> SourceError:
    kind = getattr(errors, answer["error"], SourceError)
    return kind(answer["what"], answer["try_"]) if issubclass(kind, SourceError) else SourceError(answer["what"])
