"""A batch from beginning to end: what is listed, who works on it, what it comes to."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from docanalyze import extract
from docanalyze.batch import listing
from docanalyze.batch.asked import asked, batch_key
from docanalyze.batch.engine import Engine, Happening, Order, Watch, content_hash
from docanalyze.batch.lane import End, Job, Result, Step
from docanalyze.batch.lanes import Crashed, Ended, Lanes, Processes, Stopped, Threads, Told
from docanalyze.batch.turns import Pool, Taking
from docanalyze.config import Settings
from docanalyze.errors import DocanalyzeError, StoreError, StoreLocked, UsageError
from docanalyze.llm import Served
from docanalyze.model import Batch, BatchDocument, BatchState, Event, Notify, Spent
from docanalyze.pipeline import CodeBase, Models, Task, open_models
from docanalyze.pipeline import Wanted as WantedModels
from docanalyze.pipeline.clock import now
from docanalyze.report.plain import counted
from docanalyze.store import Claim, Store

AHEAD = 2
"""Lanes that read ahead of each model server, unless `jobs` says otherwise."""
_SWITCH_SECONDS = 0.001
"""How soon a thread that got words from a model goes on while others pack and render."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a command asks for. `task` is that of every document, but for its source; `jobs` 0 means as many as fit.

    `more_urls` are servers of the main model beside the one that the settings name.
    """

    sources: tuple[str, ...]
    task: Task
    files: listing.Wanted
    models: WantedModels
    jobs: int = 0
    judge_every: int = 0
    more_urls: tuple[str, ...] = ()
    price: tuple[float, float] | None = None

    @property
    def settings(self) -> Settings:
        return self.task.settings


@dataclass
class Outcome:
    """What became of a batch. `stopped` is why it ended early; `unchanged` counts documents that were done before."""

    batch: Batch
    documents: Sequence[BatchDocument]
    stopped: DocanalyzeError | None = None
    unchanged: int = 0
    answering: float = 0.0
    """Seconds in which the main model answered."""

    def count(self, *states: BatchState) -> int:
        """How many documents stand so."""
        return sum(one.state in states for one in self.documents)

    @property
    def failed(self) -> list[BatchDocument]:
        """Those that failed or were set aside."""
        return [one for one in self.documents if one.state in (BatchState.FAILED, BatchState.ASIDE)]

    @property
    def unread(self) -> list[BatchDocument]:
        """Those that were analysed without a word of text in them: scans, mostly."""
        return [one for one in self.documents if one.state is BatchState.DONE and not one.tokens]

    @property
    def spent(self) -> Spent:
        """What models took, each Run counted once."""
        runs = {one.run or f"-{one.number}": one.spent for one in self.documents}
        return sum(runs.values(), Spent())


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be done with a document: its Result, or None where nothing is to be done of it."""

    document: BatchDocument
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a batch would do. `seconds` is an estimate from measured speeds, None where none are known."""

    planned: tuple[Planned, ...]
    analyst: str
    seconds: float | None = None
    built_in: bool = True

    @property
    def to_do(self) -> list[Result]:
        """Of the documents that would be analysed."""
        return [one.result for one in self.planned if one.result is not None and one.result.error is None]


def run(request: Request, notify: Notify, watch: Callable[[Sequence[BatchDocument]], Watch]) -> Outcome:
    """Analyses all that the sources hold. `watch` is asked for a watcher once it is known what that is."""
    found = listing.listed(request.sources, request.files)
    _require_documents(found)
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(request.settings.db))
        files = request.files
        key = batch_key(request.sources, files.include, files.exclude, files.repos, files.limit)
        stack.enter_context(_claimed(store, key))
        crew = stack.enter_context(_opened(request, notify))
        sources = [str(Path(one).absolute()) for one in request.sources]
        batch = store.batches.begin(key, sources, now(), redo=request.task.redo)
        documents = store.batches.listed(batch.number, found)
        seen = watch(documents)
        if request.judge_every and not crew.models.in_turn:
            seen(Happening(line="note: --judge-every changes nothing: the models do not take turns"))
        unchanged = 0

        def counting(happening: Happening) -> None:
            nonlocal unchanged
            unchanged += happening.unchanged
            seen(happening)

        engine = Engine(_order(request, batch, crew), store, crew.lanes, counting, crew.pools)
        try:
            engine.run(documents)
        except StoreError as error:
            # A full disk, found by whoever wrote first: what was committed is told all the same.
            engine.stopped = error
        if engine.stopped is None:
            batch = replace(batch, ended=now())
            store.batches.end(batch.number, batch.ended)
            _price_all(store, batch, request.price)
        ended = store.batches.documents(batch.number)
        return Outcome(batch, ended, engine.stopped, unchanged, crew.answering)


def _require_documents(found: Sequence[BatchDocument]) -> None:
    """UsageError where there is nothing to analyse: before anything is written."""
    if found and not any(os.path.lexists(one.source) for one in found):
        # A misspelt name, or a disk that is not there: what an earlier batch knows of it is left alone.
        raise UsageError(f"nothing is there of what was named: {found[0].source}", "check the name")
    if any(one.state is not BatchState.SKIPPED for one in found):
        return
    if not found:
        raise UsageError("no document was found there", "see which files are read: docanalyze batch --help")
    why = f"{counted(len(found), 'file')} skipped, the first one for this: {found[0].reason}"
    raise UsageError(f"no document was found there: {why}", "--dry-run lists all of them, each with the reason")


def _claimed(store: Store, key: str) -> Claim:
    """The right to work on a batch. StoreLocked where another process is at the same one: both would tell how its
    documents stand."""
    claim = store.claim(f"batch-{key[:40]}")
    if claim is None:
        raise StoreLocked(
            "another docanalyze works on this very batch", "wait for it: the same command shows what it did"
        )
    return claim


def _price_all(store: Store, batch: Batch, price: tuple[float, float] | None) -> None:
    """What documents cost that were analysed before a price was set, or when it was another."""
    if price is None:
        return
    priced = [replace(one, cost=one.spent.cost(*price)) for one in store.batches.documents(batch.number) if one.run]
    store.batches.put(batch.number, *priced)


def forecast(request: Request, notify: Notify, watch: Callable[[Sequence[BatchDocument]], Watch]) -> Forecast:
    """What `run` would do: everything is read and packed, nothing is stored and no model is asked."""
    found = listing.listed(request.sources, request.files)
    seen = watch(found)
    with ExitStack() as stack:
        store = None
        if request.settings.db.is_file():
            store = stack.enter_context(Store.open(request.settings.db, create=False))
        crew = stack.enter_context(_opened(request, notify))
        order = _order(request, Batch(0, "", request.sources, ""), crew)
        waiting: list[BatchDocument] = []
        planned: list[Planned] = []
        contents: dict[str, str] = {}
        for one in found:
            if one.state is not BatchState.WAITING:
                planned.append(Planned(one))
                continue
            reason = _known(one, order, store, contents)
            if reason:
                planned.append(Planned(replace(one, state=BatchState.DONE, reason=reason)))
            else:
                waiting.append(one)
        planned += _plan_all(waiting, order, crew.lanes, seen)
        planned.sort(key=lambda one: one.document.number)
        made = Forecast(tuple(planned), crew.analyst, None, crew.models.main is None)
        return replace(made, seconds=_seconds(made, crew, store))


def _known(one: BatchDocument, order: Order, store: Store | None, contents: dict[str, str]) -> str:
    """Why there is nothing to do of a document; empty where there is. `contents` are those seen before, by hash."""
    if one.is_code:
        return ""
    sha256 = content_hash(Path(one.source))
    if sha256 and sha256 in contents:
        return f"the same content as {contents[sha256]}"
    contents[sha256] = one.source
    if store is None or order.redo or store.batches.analysed(sha256, order.asked) is None:
        return ""
    return "done before"


def _plan_all(waiting: list[BatchDocument], order: Order, lanes: Lanes, watch: Watch) -> Iterator[Planned]:
    left, at = iter(waiting), dict[int, BatchDocument]()
    free = list(range(lanes.count))
    while True:
        while free and (one := next(left, None)) is not None:
            at[free[-1]] = one
            lanes.give(free.pop(), Job(one.number, Step.PLAN, order.task(one)))
        if not at:
            return
        message = lanes.receive(0.1)
        if isinstance(message, Told):
            watch(Happening(at.get(message.lane), message.lane, message.event))
        elif isinstance(message, Ended | Crashed):
            one = at.pop(message.lane)
            free.append(message.lane)
            made = _as_planned(one, message)
            yield made
            watch(Happening(made.document))


def _as_planned(one: BatchDocument, message: Ended | Crashed) -> Planned:
    """What a lane found that would be done of a document."""
    if isinstance(message, Crashed):
        return Planned(replace(one, state=BatchState.FAILED, reason=message.why))
    result = message.result
    if result.error is not None:
        return Planned(replace(one, state=BatchState.FAILED, reason=result.reason))
    if not result.before:
        return Planned(one, result)
    if result.end is End.FAILED:
        return Planned(replace(one, state=BatchState.FAILED, reason=f"{result.reason}; --retry-failed tries it again"))
    return Planned(replace(one, state=BatchState.DONE, reason="done before"))


def _seconds(made: Forecast, crew: "_Crew", store: Store | None) -> float | None:
    """How long it would take, from how fast the same analyst was before."""
    to_do = made.to_do
    if store is None or not to_do:
        return None if to_do else 0.0
    if crew.models.main is None:
        pace = store.batches.pace(extract.NAME)
        return sum(one.tokens for one in to_do) / pace / crew.lanes.count if pace else None
    speeds = store.speeds(made.analyst)
    if speeds is None:
        return None
    reading, writing, answer = speeds
    servers = len(crew.pool.endpoints) if crew.pool is not None else 1
    read = sum(one.prompt_tokens for one in to_do) / reading
    return (read + sum(one.calls for one in to_do) * answer / writing) / servers


# -- who works -------------------------------------------------------------------------------------


@dataclass
class _Crew:
    """The models and the lanes that share them: the main model's servers in a `pool`, the judge's in a `bench`."""

    models: Models
    lanes: Lanes
    pool: Pool | None = None
    bench: Pool | None = None
    others: list[Served] = field(default_factory=list)

    @property
    def pools(self) -> list[Pool]:
        """Each once: the judge may be one of the main model's servers."""
        return [pool for pool in (self.pool, self.bench if self.bench is not self.pool else None) if pool is not None]

    @property
    def analyst(self) -> str:
        return self.models.main.fingerprint.model if self.models.main is not None else extract.NAME

    @property
    def answering(self) -> float:
        return sum(one.answering for one in self.pool.endpoints) if self.pool is not None else 0.0


@contextmanager
def _opened(request: Request, notify: Notify) -> Iterator[_Crew]:
    """The models of a request and its lanes, which end with the block."""
    with ExitStack() as stack:
        settings = request.settings
        closing, owner = threading.Event(), threading.get_ident()

        def told(event: Event) -> None:
            # A lane that waits for a server to load would keep a command from ending that was stopped.
            if closing.is_set() and threading.get_ident() != owner:
                raise Stopped
            notify(event)

        models = stack.enter_context(open_models(settings, request.models, told))
        if models.main is None and models.judge is None:
            lanes: Lanes = Processes(request.jobs or _processors())
            crew = _Crew(models, lanes)
        else:
            more = [stack.enter_context(_another(request, url, notify)) for url in request.more_urls]
            crew = sharing(models, more, request.jobs)
            before = sys.getswitchinterval()
            sys.setswitchinterval(_SWITCH_SECONDS)
            stack.callback(sys.setswitchinterval, before)
        stack.callback(crew.lanes.close)
        stack.callback(closing.set)
        yield crew


@contextmanager
def _another(request: Request, url: str, notify: Notify) -> Iterator[Served]:
    """One more server of the main model."""
    settings = replace(request.settings, main_url=url, judge_url="", main_file=None, judge_file=None)
    with open_models(settings, replace(request.models, judging=False, escalate=False), notify) as models:
        assert models.main is not None  # noqa: S101 - its address is given
        yield models.main


def sharing(models: Models, more: Sequence[Served], jobs: int) -> _Crew:
    """Threads that take turns at the servers."""
    pool = Pool.of([models.main, *more]) if models.main is not None else None
    bench = _bench(models, pool)
    count = (jobs or AHEAD) + (len(pool.endpoints) if pool is not None else 1)
    return _Crew(models, Threads([_of_lane(models, pool, bench) for _ in range(count)]), pool, bench)


def _bench(models: Models, pool: Pool | None) -> Pool | None:
    """Where judging waits for its turn: at the main model's servers, where it is judged by one of them."""
    judge = models.judge
    if judge is None or pool is None:
        return Pool.of([judge]) if judge is not None else None
    for one in pool.endpoints:
        same = one.served.url == judge.url and one.served.fingerprint.model == judge.fingerprint.model
        if one.served is judge or (judge.url and same):
            return pool
    return Pool.of([judge])


def _of_lane(models: Models, pool: Pool | None, bench: Pool | None) -> Models:
    """What a lane sees of the servers."""
    made = models
    main = Taking(pool) if pool is not None else None
    if main is not None:
        made = replace(made, main=main, finding=main.turn)
    if bench is not None:
        judge = main if main is not None and bench is pool else Taking(bench)
        made = replace(made, judge=judge, judging=judge.turn)
    return made


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _order(request: Request, batch: Batch, crew: _Crew) -> Order:
    task = request.task

    def of(one: BatchDocument) -> Task:
        made = replace(task, source=one.source)
        return replace(made, code=task.code or CodeBase()) if one.is_code else replace(made, code=None)

    return Order(
        batch.number,
        asked(task, crew.models),
        of,
        request.settings.out,
        task.redo,
        task.retry_failed,
        crew.models.in_turn,
        request.judge_every,
        request.price,
    )
