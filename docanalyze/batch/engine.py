"""Takes the documents of a batch one after the other to lanes that are free, and keeps how each of them stands.

Every change of a state is committed before anything rests on it: what was killed goes on where it was.
"""

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from docanalyze.batch.lane import End, Job, Result, Step
from docanalyze.batch.lanes import Crashed, Ended, Lanes, Told
from docanalyze.batch.turns import Pool
from docanalyze.errors import DocanalyzeError
from docanalyze.model import BatchDocument, BatchState, Event
from docanalyze.pipeline import Task
from docanalyze.pipeline.clock import now
from docanalyze.store import Store

log = logging.getLogger("docanalyze")

MOST_CRASHES = 2
"""How often a document may end its process before it is set aside."""
IN_FLIGHT = 128_000_000
"""Bytes of sources that are worked on at once; a single one may be larger."""

_PACKED = frozenset({".docx", ".docm", ".dotx", ".dotm", ".epub", ".odt", ".ott"})
_UNPACKED = 8
_CODE_BYTES = 16_000_000
_LATER_SECONDS = 1.0
_MOST_LOST = 4


@dataclass(frozen=True, slots=True)
class Happening:
    """What a watcher is told: a document began in a lane, moved, or is settled; or a line to be said."""

    document: BatchDocument | None = None
    lane: int = -1
    event: Event | None = None
    result: Result | None = None
    unchanged: bool = False
    line: str = ""


Watch = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a batch. `task` makes the Task of a document; `asked` is the hash of all that is asked.

    `in_turn`: all is found before anything is judged, or after every `judge_every` documents where that is not 0.
    `price` is money for a million tokens read and written, None where none is set.
    """

    batch: int
    asked: str
    task: Callable[[BatchDocument], Task]
    out: Path
    redo: bool = False
    retry_failed: bool = False
    in_turn: bool = False
    judge_every: int = 0
    price: tuple[float, float] | None = None


@dataclass
class Engine:
    """One command's work on a batch. `pools` are the servers of each model; `stopped` is why it ended before its
    documents did."""

    order: Order
    store: Store
    lanes: Lanes
    watch: Watch
    pools: Sequence[Pool] = ()
    stopped: DocanalyzeError | None = None
    _at: dict[int, BatchDocument] = field(default_factory=dict)
    _made: dict[str, BatchDocument] = field(default_factory=dict)
    _later: list[tuple[float, BatchDocument]] = field(default_factory=list)
    _lost: dict[int, int] = field(default_factory=dict)
    _waited: set[int] = field(default_factory=set)
    _begun: dict[int, float] = field(default_factory=dict)
    _unsaved: list[BatchDocument] = field(default_factory=list)

    def run(self, documents: Sequence[BatchDocument]) -> None:
        """Works through all that is left to do of the documents."""
        waiting = [_tried_anew(one) for one in documents if self._is_to_do(one)]
        # What was in work when an earlier command ended may have been why: it goes last.
        waiting.sort(key=lambda one: one.state is BatchState.WORKING)
        if not self.order.in_turn:
            self._pass(waiting, Step.WHOLE)
            return
        every = self.order.judge_every or len(waiting) or 1
        for start in range(0, len(waiting), every):
            some = waiting[start : start + every]
            numbers = {one.number for one in some}
            found = [one for one in some if self._awaits_judge(one)]
            self._pass([one for one in some if not self._awaits_judge(one)], Step.FIND)
            listed = self.store.batches.documents(self.order.batch)
            found = [one for one in listed if one.number in numbers and one.state is BatchState.FOUND]
            self._pass(found, Step.JUDGE)

    # -- what is to do -----------------------------------------------------------------------------

    def _is_to_do(self, one: BatchDocument) -> bool:
        if one.state is BatchState.SKIPPED:
            return False
        if one.state is BatchState.FAILED and not one.tries:
            # Refused when it was listed.
            return False
        if one.state in (BatchState.FAILED, BatchState.ASIDE):
            return self.order.retry_failed or self._is_another(one) or self._may_be_read(one)
        return True

    def _is_another(self, one: BatchDocument) -> bool:
        """Whether something else is asked of what failed, or its content is another."""
        return one.asked != self.order.asked or (not one.is_code and content_hash(Path(one.source)) != one.sha256)

    def _may_be_read(self, one: BatchDocument) -> bool:
        """Whether what could not be read may be by now: what changed in a folder only reading tells, and a password
        is part of no hash."""
        if one.run or one.state is not BatchState.FAILED:
            return False
        return one.is_code or bool(self.order.task(one).options.password)

    def _awaits_judge(self, one: BatchDocument) -> bool:
        return one.state is BatchState.FOUND and not self._is_another(one)

    # -- one pass ----------------------------------------------------------------------------------

    def _pass(self, documents: Sequence[BatchDocument], step: Step) -> None:
        waiting = deque(documents)
        while not self.stopped and (waiting or self._later or self._at):
            self._fill(waiting, step)
            self._receive(waiting)
        # Those at work when the batch is stopped end what they are at, or find the same trouble.
        while self.stopped and self._at:
            self._receive(waiting)
        self._save()

    def _fill(self, waiting: "deque[BatchDocument]", step: Step) -> None:
        """Gives every free lane the next document, as far as there is room."""
        due = [one for at, one in self._later if at <= time.monotonic()]
        self._later = [(at, one) for at, one in self._later if at > time.monotonic()]
        waiting.extend(due)
        free = [lane for lane in range(self.lanes.count) if lane not in self._at]
        while free and waiting and not self.stopped:
            one = waiting[0]
            if self._at and sum(map(_weight, self._at.values())) + _weight(one) > IN_FLIGHT:
                break
            waiting.popleft()
            ready = self._ready(one, step)
            if ready is not None:
                self._give(free.pop(0), ready, step)
        self._save()

    def _save(self, *more: BatchDocument) -> None:
        """Commits how documents stand: one that ended and the next that begins take one commit."""
        if self._unsaved or more:
            self.store.batches.put(self.order.batch, *self._unsaved, *more)
            self._unsaved.clear()

    def _ready(self, one: BatchDocument, step: Step) -> BatchDocument | None:
        """The document as it is to be begun; None where that is not now, or there is nothing to do."""
        if step is Step.JUDGE:
            if any(other.run == one.run for other in self._at.values()):
                # A copy: what is judged now is its own, too.
                self._later.append((time.monotonic() + _LATER_SECONDS / 10, one))
                return None
            return one
        if one.is_code:
            return _asked_anew(one, "", self.order.asked)
        sha256 = content_hash(Path(one.source))
        if sha256 and self._is_done(one, sha256):
            self._made.setdefault(sha256, one)
            self.watch(Happening(one, unchanged=True))
            return None
        one = _asked_anew(one, sha256, self.order.asked)
        if not sha256:
            # Reading says better why.
            return one
        if any(other.sha256 == sha256 for other in self._at.values()):
            self._later.append((time.monotonic() + _LATER_SECONDS / 10, one))
            return None
        known = self._made.get(sha256) or (None if self.order.redo else self._known(one))
        if known is None:
            return one
        reason = "" if known.source == one.source else f"the same content as {known.source}"
        self._settle(_as_known(one, known, reason), None, unchanged=True)
        return None

    def _is_done(self, one: BatchDocument, sha256: str) -> bool:
        """Whether this very document was done before, with the same content and asked the same. Where all is done
        again, those that are wait again from the beginning."""
        same = (one.state, one.sha256, one.asked) == (BatchState.DONE, sha256, self.order.asked)
        return same and self._is_reported(one.run)

    def _is_reported(self, run: str) -> bool:
        return (self.order.out / f"{run}.html").is_file()

    def _known(self, one: BatchDocument) -> BatchDocument | None:
        """What was done of that content when the same was asked, with its report still there."""
        known = self.store.batches.analysed(one.sha256, one.asked)
        return known if known is not None and self._is_reported(known.run) else None

    def _give(self, lane: int, one: BatchDocument, step: Step) -> None:
        begun = replace(one, state=BatchState.WORKING, tries=one.tries + 1, started=now(), ended="", reason="")
        # What was found and then judged took both.
        begun = begun if step is Step.JUDGE else replace(begun, seconds=0.0)
        self._save(begun)
        self._at[lane] = begun
        self._begun[lane] = time.monotonic()
        log.info("begins %r", begun.source)
        claim = f"content-{one.sha256[:40]}-{one.asked[:12]}" if one.sha256 else ""
        self.watch(Happening(begun, lane, Event("begin")))
        self.lanes.give(lane, Job(one.number, step, self.order.task(one), claim, one.run if step is Step.JUDGE else ""))

    # -- what comes back ---------------------------------------------------------------------------

    def _receive(self, waiting: "deque[BatchDocument]") -> None:
        message = self.lanes.receive(0.1)
        if message is None:
            self.watch(Happening())
        elif isinstance(message, Told):
            self.watch(Happening(self._at.get(message.lane), message.lane, message.event))
        elif message.lane in self._at:
            one = self._at.pop(message.lane)
            one = replace(one, seconds=round(one.seconds + time.monotonic() - self._begun.pop(message.lane), 3))
            if isinstance(message, Crashed):
                self._crashed(one, message, waiting)
            else:
                self._ended(one, message, waiting)

    def _crashed(self, one: BatchDocument, message: Crashed, waiting: "deque[BatchDocument]") -> None:
        crashes = one.crashes + 1
        if crashes >= MOST_CRASHES:
            reason = f"it was tried {crashes} times: {message.why}"
            self._settle(replace(one, state=BatchState.ASIDE, crashes=crashes, reason=reason), None)
            return
        again = replace(one, state=BatchState.WAITING, crashes=crashes)
        self._unsaved.append(again)
        self.watch(Happening(again, line=f"{one.source}: {message.why}; it is tried again at the end"))
        waiting.append(again)

    def _ended(self, one: BatchDocument, message: Ended, waiting: "deque[BatchDocument]") -> None:
        result = message.result
        if result.end is End.ELSEWHERE:
            self._elsewhere(one)
        elif result.end is End.SERVER:
            self._without_server(one, result, waiting)
        elif result.end is End.STORE:
            self._stop(one, result)
        else:
            self._settle(self._with_result(one, result), result, unchanged=result.before)

    def _stop(self, one: BatchDocument, result: Result) -> None:
        """Ends the batch for what is no fault of the document, which is done by the next command."""
        self.stopped = self.stopped or result.error
        self._unsaved.append(replace(one, state=BatchState.WAITING))

    def _without_server(self, one: BatchDocument, result: Result, waiting: "deque[BatchDocument]") -> None:
        """Goes on with another server, or with the same one later, as long as there is hope of one for each model."""
        lost = self._lost[one.number] = self._lost.get(one.number, 0) + 1
        if self.stopped or not self.pools or not all(pool.is_hopeful for pool in self.pools):
            self._stop(one, result)
        elif lost >= _MOST_LOST:
            # Others were answered meanwhile: it is this document that no server gets through with.
            reason = f"{lost} times a server failed over it: {result.reason}"
            self._settle(replace(one, state=BatchState.FAILED, reason=reason), result)
        else:
            again = replace(one, state=BatchState.WAITING)
            self._unsaved.append(again)
            self.watch(Happening(again, line=f"{one.source} is tried again: {result.reason}"))
            waiting.appendleft(again)

    def _elsewhere(self, one: BatchDocument) -> None:
        """Another process works on that content: asked for again until it has ended."""
        if one.number not in self._waited:
            self._waited.add(one.number)
            at_work = self.store.batches.at_work(self.order.batch)
            who = next((f"batch {batch}" for batch, source in at_work if source == one.source), "another process")
            self.watch(Happening(one, line=f"{one.source}: {who} works on it; waiting for that"))
        again = replace(one, state=BatchState.WAITING, tries=one.tries - 1)
        self._unsaved.append(again)
        self._later.append((time.monotonic() + _LATER_SECONDS, again))

    def _with_result(self, one: BatchDocument, result: Result) -> BatchDocument:
        states = {End.DONE: BatchState.DONE, End.FOUND: BatchState.FOUND, End.FAILED: BatchState.FAILED}
        price = self.order.price
        return replace(
            one,
            state=states[result.end],
            reason=result.reason,
            run=result.run,
            tokens=result.tokens,
            findings=result.findings,
            spent=result.spent,
            cost=result.spent.cost(*price) if price is not None else None,
        )

    def _settle(self, one: BatchDocument, result: Result | None, *, unchanged: bool = False) -> None:
        settled = replace(one, ended=now())
        self._unsaved.append(settled)
        log.log(
            logging.ERROR if settled.state in (BatchState.FAILED, BatchState.ASIDE) else logging.INFO,
            "%r is %s: %s",
            settled.source,
            settled.state.value,
            settled.reason or settled.run,
        )
        if settled.state is BatchState.DONE and settled.sha256 and settled.sha256 not in self._made:
            self._made[settled.sha256] = settled
        self.watch(Happening(settled, result=result, unchanged=unchanged))


def _tried_anew(one: BatchDocument) -> BatchDocument:
    """A document that was set aside has all its tries again."""
    return replace(one, crashes=0) if one.state is BatchState.ASIDE else one


def _asked_anew(one: BatchDocument, sha256: str, asked: str) -> BatchDocument:
    """The document as it is now; of what was found when it was another, or something else was asked, nothing stays."""
    if (one.sha256, one.asked) == (sha256, asked):
        return one
    blank = BatchDocument(one.number, one.source, one.size, one.is_code, one.state, one.reason, sha256, asked)
    return replace(blank, tries=one.tries)


def _as_known(one: BatchDocument, known: BatchDocument, reason: str) -> BatchDocument:
    """A document of which nothing is to do, with what is known of the same content."""
    same = (known.run, known.tokens, known.findings, known.spent, known.cost)
    run, tokens, findings, spent, cost = same
    return replace(
        one,
        state=BatchState.DONE,
        reason=reason,
        run=run,
        tokens=tokens,
        findings=findings,
        spent=spent,
        cost=cost,
        crashes=0,
    )


def _weight(one: BatchDocument) -> int:
    """Bytes that a document takes at most while it is worked on, roughly."""
    if one.is_code:
        return _CODE_BYTES
    return one.size * (_UNPACKED if Path(one.source).suffix.lower() in _PACKED else 1)


def content_hash(path: Path) -> str:
    """The hash of a file's content; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
