"""What is done with one document of many, from reading to its report; by a thread or a process of its own.

A lane has its own reading process and its own connection to the database, and takes one job after the other.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from docanalyze import pipeline, prompts, report
from docanalyze.errors import DocanalyzeError, PromptTooLong, ServerError, StoreLocked, StoreUnwritable
from docanalyze.ingest import Worker
from docanalyze.model import Event, Notify, Run, RunState, Spent
from docanalyze.pipeline import Models, Task, picturing
from docanalyze.store import Store


class Step(StrEnum):
    """What is to be done with a document: everything, one half of it, or only to say what would be done."""

    WHOLE = "whole"
    FIND = "find"
    JUDGE = "judge"
    PLAN = "plan"


class End(StrEnum):
    """How it ended. `ELSEWHERE`: another process works on it; `SERVER` and `STORE`: it is not the document's fault."""

    DONE = "done"
    FOUND = "found"
    FAILED = "failed"
    ELSEWHERE = "elsewhere"
    SERVER = "server"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Job:
    """One document to be worked on. `claim` is a name for its content under which no two processes work at once."""

    number: int
    step: Step
    task: Task
    claim: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a Job. `tokens` are of the Windows, `calls` those planned where that was all."""

    end: End
    reason: str = ""
    error: DocanalyzeError | None = None
    run: str = ""
    kind: str = ""
    tokens: int = 0
    windows: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    findings: int = 0
    spent: Spent = field(default_factory=Spent)
    before: bool = False
    """Whether it was finished before, and is only shown."""


class Lane:
    """Does Jobs, one after the other. A context manager."""

    def __init__(self, models: Models, notify: Notify, say: Callable[[str], None]) -> None:
        self._models = models
        self._notify = notify
        self._say = say
        self._stack = ExitStack()
        self._store: Store | None = None

    def __enter__(self) -> "Lane":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def _worker(self) -> Worker:
        return self._stack.enter_context(Worker())

    def do(self, job: Job) -> Result:
        """What came of the Job. Never raises an error of ours: that is a Result as well."""
        try:
            if job.step is Step.PLAN:
                return self._planned(job.task)
            return self._claimed(job)
        except DocanalyzeError as error:
            return Result(_blamed(error), str(error), error)
        except RecursionError:
            return Result(End.FAILED, "it is nested deeper than can be followed")
        except MemoryError:
            return Result(End.FAILED, "there was not enough memory for it")

    # -- inside ------------------------------------------------------------------------------------

    def _opened(self, task: Task, *, create: bool = True) -> Store:
        if self._store is None:
            self._store = self._stack.enter_context(Store.open(task.settings.db, create=create))
        return self._store

    def _planned(self, task: Task) -> Result:
        plan = pipeline.prepare(task, self._worker, self._notify, self._models)
        if not task.redo and task.settings.db.is_file():
            known = pipeline.finished(task, plan.key, self._opened(task, create=False), self._models)
            if known is not None:
                return replace(_result(known), before=True)
        tokens = sum(window.tokens for window in plan.windows)
        return Result(
            End.DONE,
            kind=plan.kind.name,
            tokens=tokens,
            windows=len(plan.windows),
            calls=plan.calls,
            prompt_tokens=plan.prompt_tokens,
        )

    def _claimed(self, job: Job) -> Result:
        store = self._opened(job.task)
        with ExitStack() as held:
            if job.claim:
                claim = store.claim(job.claim)
                if claim is None:
                    return Result(End.ELSEWHERE, "another process works on it")
                held.enter_context(claim)
            return self._done(job, store)

    def _done(self, job: Job, store: Store) -> Result:
        task, before = job.task, False
        if job.step is Step.FIND:
            found = pipeline.find(task, store, self._worker, self._notify, self._models)
            if not found.finished:
                return replace(_result(found.run), end=End.FOUND)
            run, before = found.run, True
        elif job.step is Step.JUDGE:
            run = self._judged(job, store)
        else:
            run, before = pipeline.run(task, store, self._worker, self._notify, self._models)
        self._notify(Event("report"))
        self._report(run, task, store)
        return replace(_result(run), before=before)

    def _judged(self, job: Job, store: Store) -> Run:
        """The second half, from the store alone."""
        loaded = store.run(job.run)
        if loaded.state in (RunState.DONE, RunState.FAILED):
            return loaded
        claim = store.claim(job.run)
        if claim is None:
            raise StoreLocked(f"another process works on run {job.run}", "try again when it has ended")
        with claim:
            return pipeline.judge_run(job.run, store, self._notify, self._models, _questions(loaded, job.task))

    def _report(self, run: Run, task: Task, store: Store) -> None:
        document = store.document_of(run)
        out = task.settings.out
        picture = picturing.pictures(task.source, document, self._worker, task.options, self._say)
        report.write(run, document, out, picture)


def _blamed(error: DocanalyzeError) -> End:
    """Whose fault an error is: not that of a document, where a server or the database is gone."""
    if isinstance(error, ServerError) and not isinstance(error, PromptTooLong):
        return End.SERVER
    if isinstance(error, StoreLocked):
        return End.ELSEWHERE
    return End.STORE if isinstance(error, StoreUnwritable) else End.FAILED


def _questions(run: Run, task: Task) -> dict[str, str]:
    """The Sections' questions, as far as their Kind is still there."""
    with suppress(DocanalyzeError):
        kind = prompts.find(run.kind, task.settings.prompts)
        return {section.name: section.question for section in kind.sections}
    return {}


def spent(run: Run) -> Spent:
    """What a Run's calls to models took; the built-in analyst makes none."""
    total = Spent()
    for call in run.calls:
        if call.reply is not None and call.sent is not None:
            reply = call.reply
            total += Spent(reply.prompt_tokens, reply.cached_tokens, reply.output_tokens, reply.seconds, 1)
    return total


def _result(run: Run) -> Result:
    return Result(
        End.FAILED if run.state is RunState.FAILED else End.DONE,
        run.error,
        run=run.id,
        kind=run.kind,
        tokens=sum(window.tokens for window in run.windows),
        windows=len(run.windows),
        findings=len(run.findings),
        spent=spent(run),
    )
