"""Several reading processes that share one list of files, and what becomes of a file that ends one."""

import queue
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from types import TracebackType

from docanalyze.errors import SourceError
from docanalyze.ingest.child import Child, Json
from docanalyze.ingest.options import Limits
from docanalyze.ingest.repo.entries import Entry
from docanalyze.ingest.repo.options import TreeOptions

_LEAST_BATCH, _MOST_BATCH = 50_000, 2_000_000
# As many bytes take as long as what is done to any file, however small.
_A_FILE = 2_000
_SMALL_BYTES = 1_000_000
_MOST_KILLED = 20
_ENOUGH = f"not read: {_MOST_KILLED} other files had ended their reading process"


@dataclass(frozen=True, slots=True)
class Order:
    """What is read: below which root, whether texts are wanted, with their Segments too, which keys need not be
    parsed, or that none need be."""

    root: str
    most_bytes: int
    texts: bool
    known: tuple[str, ...] = ()
    parses: bool = True
    segments: bool = False


class _One(Child):
    """A reading process of code bases."""

    def __init__(self, module: str, limits: Limits) -> None:
        super().__init__()
        self.module = module
        self.limits = limits
        self.opened: Order | None = None

    def walk(self, source: str, options: TreeOptions) -> Json:
        with self._killed_on_interrupt():
            self._ask("walk", source=source, options=asdict(options))
            return self._receive(time.monotonic() + self.limits.most_wall_seconds)

    def start(self, *, loads: bool) -> None:
        """Starts the process, and has it load what reading needs of any root, without waiting."""
        self._running()
        if loads:
            self._ask("load")
            self._due = False

    def prepare(self, order: Order) -> None:
        """Starts the process and has it load what reading needs, without waiting."""
        self._running()
        if self.opened is not order:
            self.opened = order
            self._ask("open", **{field.name: getattr(order, field.name) for field in fields(order)})
            self._due = False

    def read(self, order: Order, files: Sequence[Entry]) -> Iterator[Json]:
        """An answer for each file, in order, until one ends the process: ReaderKilled."""
        with self._killed_on_interrupt():
            self.prepare(order)
            self._ask("read", files=[[one.path, one.role] for one in files])
            for _ in files:
                yield self._receive(time.monotonic() + self.limits.wall_seconds)

    def stop(self) -> None:
        self._kill()

    def _ask(self, action: str, **more: object) -> None:
        self._send({"action": action, "limits": asdict(self.limits), **more})

    def _death(self) -> str:
        self.opened = None
        return super()._death()

    def _kill(self) -> None:
        self.opened = None
        super()._kill()


class Crew:
    """Reading processes; a context manager. What starts them does not wait for them."""

    module = "docanalyze.ingest.repo.process"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all: list[_One] = []
        self._stopped = False
        self._killed = 0

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Starts as many processes as are usual ahead of what they are to read. The first walks before it loads."""
        self._grow(TreeOptions().processes)
        for number, one in enumerate(self._all):
            one.start(loads=number > 0)

    def close(self) -> None:
        """Ends the processes."""
        for one in self._all:
            one.dismiss()
        for one in self._all:
            one.close()

    def _stop(self) -> None:
        """Ends them where they stand, and with that the threads that wait for them."""
        self._stopped = True
        for one in self._all:
            one.stop()

    def walk(self, source: str, options: TreeOptions, order: Order) -> Json:
        """Walks in one process while the others load what reading needs."""
        self._grow(options.processes)
        for one in self._all[1:]:
            one.prepare(order)
        return self._all[0].walk(source, options)

    def read(self, order: Order, files: Sequence[Entry], processes: int) -> Iterator[tuple[Entry, Json]]:
        """An answer for each file, in no order. One that ends its process twice has a reason for an answer."""
        if not files:
            return
        self._grow(processes)
        small = sum(one.size for one in files) < _SMALL_BYTES
        # The last is ready first: the first one walked.
        chosen = self._all[-1:] if small else self._all
        waiting = _batches(files, len(chosen))
        answers: queue.SimpleQueue[tuple[Entry, Json] | None] = queue.SimpleQueue()
        with ThreadPoolExecutor(len(chosen)) as threads:
            running = [threads.submit(self._serve, one, order, waiting, answers) for one in chosen]
            try:
                yield from _collected(answers, running)
            except BaseException:
                self._stop()
                raise

    def _grow(self, processes: int) -> None:
        self._stopped = False
        while len(self._all) < max(1, processes):
            self._all.append(_One(self.module, self._limits))

    def _serve(
        self,
        one: _One,
        order: Order,
        waiting: deque[Sequence[Entry]],
        answers: "queue.SimpleQueue[tuple[Entry, Json] | None]",
    ) -> None:
        try:
            while not self._stopped:
                try:
                    files = waiting.popleft()
                except IndexError:
                    return
                done = self._batch(one, order, files, answers)
                if done < len(files) and not self._stopped:
                    answers.put((files[done], self._alone(one, order, files[done])))
                    if rest := files[done + 1 :]:
                        waiting.appendleft(rest)
        finally:
            answers.put(None)

    def _batch(
        self,
        one: _One,
        order: Order,
        files: Sequence[Entry],
        answers: "queue.SimpleQueue[tuple[Entry, Json] | None]",
    ) -> int:
        """How many files of a batch were read."""
        done = 0
        if self._killed > _MOST_KILLED:
            return done
        try:
            for file, answer in zip(files, one.read(order, files), strict=True):
                answers.put((file, answer))
                done += 1
        except SourceError:
            pass
        return done

    def _alone(self, one: _One, order: Order, file: Entry) -> Json:
        """The second try of a file that ended its process, with nothing else around it."""
        if self._killed > _MOST_KILLED:
            return {"type": "unread", "reason": _ENOUGH}
        try:
            return next(iter(list(one.read(order, [file]))))
        except SourceError as error:
            self._killed += 1
            return {"type": "unread", "reason": f"tried twice: {error.what}"}


def _collected(
    answers: "queue.SimpleQueue[tuple[Entry, Json] | None]", running: Sequence["Future[None]"]
) -> Iterator[tuple[Entry, Json]]:
    left = len(running)
    while left:
        found = answers.get()
        if found is None:
            left -= 1
        else:
            yield found
    for one in running:
        one.result()


def _batches(files: Sequence[Entry], processes: int) -> deque[Sequence[Entry]]:
    """Files in portions, the largest files first, each portion a part of what is left: so few are handed out, for
    which a process waits every time, and all processes end at about the same time."""
    found: deque[Sequence[Entry]] = deque()
    batch: list[Entry] = []
    size = 0
    left = sum(file.size + _A_FILE for file in files)
    for file in sorted(files, key=lambda one: (-one.size, one.path)):
        batch.append(file)
        size += file.size + _A_FILE
        if size >= min(_MOST_BATCH, max(_LEAST_BATCH, left // (4 * processes))):
            found.append(batch)
            left -= size
            batch, size = [], 0
    if batch:
        found.append(batch)
    return found
