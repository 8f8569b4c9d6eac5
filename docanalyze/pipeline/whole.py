"""Both halves, and where a Run begins or goes on."""

import platform
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version

from docanalyze import extract, judge
from docanalyze.config import as_pairs
from docanalyze.errors import StoreLocked
from docanalyze.ingest import Worker
from docanalyze.model import Event, Note, Notify, Run, RunState
from docanalyze.pipeline import trusted
from docanalyze.pipeline.clock import CODE, Clock, code, now
from docanalyze.pipeline.finding import analyze
from docanalyze.pipeline.judging import judge_run
from docanalyze.pipeline.planning import Models, Plan, Task, decide, packed, read
from docanalyze.store import Store

LIBRARIES = ("docanalyze", "httpx", "pymupdf-lite", "tiktoken", "nupunkt", "rapidfuzz", "sqlite-utils")

_REDO = "redo"
_MOST_TRIES = 50
_TO_JUDGE = (RunState.AWAITING_JUDGE, RunState.JUDGING)


@dataclass(frozen=True, slots=True)
class Found:
    """What the first half left: a Run that awaits its judge, or one that was `finished` before.

    `questions` are the Sections', by name.
    """

    run: Run
    finished: bool = False
    questions: Mapping[str, str] = field(default_factory=dict)


def run(task: Task, store: Store, worker: Worker, notify: Notify, models: Models | None = None) -> tuple[Run, bool]:
    """Both halves. The second value says whether the Run was finished already and is only shown."""
    models = models or Models()
    with _first_half(task, store, worker, notify, models) as found:
        if found.finished:
            return found.run, True
        return judge_run(found.run.id, store, notify, models, found.questions), False


def find(task: Task, store: Store, worker: Worker, notify: Notify, models: Models) -> Found:
    """The first half alone, where the judge's turn comes when all is found: a Run with its Windows."""
    with _first_half(task, store, worker, notify, models) as found:
        return found if found.finished else replace(found, run=store.run(found.run.id))


def judge_found(found: Found, store: Store, notify: Notify, models: Models) -> tuple[Run, bool]:
    """The second half of what `find` left; StoreLocked while another process works on it."""
    if found.finished:
        return found.run, True
    claim = store.claim(found.run.id)
    if claim is None:
        raise StoreLocked(f"another process works on run {found.run.id}", "try again when it has ended")
    with claim:
        return judge_run(found.run.id, store, notify, models, found.questions), False


@contextmanager
def _first_half(task: Task, store: Store, worker: Worker, notify: Notify, models: Models) -> Iterator[Found]:
    """What was found, with no other process at it for as long as it is worked on."""
    clock = Clock()
    document = read(task, worker, notify, clock, store)
    decided = decide(task, document, models)
    # Looked for before anything is counted: to show what is finished, no model has to be there.
    known = None if task.redo else finished(task, decided.key, store, models)
    if known is not None:
        yield Found(known, finished=True)
        return
    planned = packed(task, document, notify, models, clock, decided)
    store.put_document(planned.document)
    questions = {section.name: section.question for section in planned.sections}
    with begin(task, planned, store, models) as begun:
        if not (begun.state in _TO_JUDGE or _is_over(begun, task)):
            if models.main is not None:
                notify(Event("plan", _expected(planned, store, models)))
            store.set_state(begun.id, RunState.ANALYZING)
            analyze(store.run(begun.id, windows=False), task, planned, store, worker, notify, models)
        # The second half reads from the store, and a code base may be large: it is not held twice.
        del document, decided, planned
        yield Found(store.run(begun.id, windows=False), questions=questions)


def finished(task: Task, key: str, store: Store, models: Models) -> Run | None:
    """The latest Run of that key, if nothing is left to do of it."""
    latest = next((store.run(known, windows=False) for known in store.runs_of(key)), None)
    if latest is None or not _is_over(latest, task):
        return None
    is_judged = models.judge is None or latest.judge == models.judge.fingerprint.model
    return store.run(latest.id) if is_judged else None


def _expected(plan: Plan, store: Store, models: Models) -> str:
    """Calls, tokens and, once the model's speeds are known, minutes."""
    said = f"{plan.calls} call{'s' * (plan.calls != 1)} or more, {plan.prompt_tokens:,} tokens to read"
    speeds = store.speeds(models.main.fingerprint.model) if models.main else None
    if speeds is None:
        return said
    reading, writing, answer = speeds
    minutes = (plan.prompt_tokens / reading + plan.calls * answer / writing) / 60
    expected = "a minute" if minutes < 1.5 else f"{minutes:.0f} minutes"
    return f"{said}, about {expected}"


def _is_over(before: Run, task: Task) -> bool:
    """Whether a Run was ended, by the code of today, and is not to be tried again."""
    if before.state is RunState.DONE:
        return dict(before.versions).get(CODE) == code()
    return before.state is RunState.FAILED and not task.retry_failed


@contextmanager
def begin(task: Task, plan: Plan, store: Store, models: Models) -> Iterator[Run]:
    """The unfinished Run of the same key, else a new one, without its Windows; no other process works on it meanwhile.

    The Plan is let go of before the Run is worked on.
    """
    elsewhere: list[Note] = []
    for known in store.runs_of(plan.key):
        if not _goes_on(store.run(known, windows=False), task):
            continue
        claim = store.claim(known)
        if claim is not None:
            del plan
            with claim:
                # Read only now: who held it may have ended it.
                yield store.run(known, windows=False)
            return
        elsewhere.append(Note("parallel", f"another process works on run {known} of the same document"))
    started = _new(task, plan, models, elsewhere)
    run_id = started.id
    with _own_claim(store, run_id):
        store.start_run(started)
        del plan, started
        yield store.run(run_id, windows=False)


def _own_claim(store: Store, run_id: str) -> AbstractContextManager[object]:
    """The right to work on a Run that nobody else knows of: who tidies up may hold it for a moment. None is needed
    where the file system has no locks."""
    for _ in range(_MOST_TRIES):
        if (claim := store.claim(run_id)) is not None:
            return claim
        time.sleep(0.01)
    return nullcontext()


def _goes_on(before: Run, task: Task) -> bool:
    """Whether a Run is to be ended by this command: unfinished, to be tried again, or judged by another."""
    again = dict(before.settings).get(_REDO) == "yes"
    if before.state in (RunState.DONE, RunState.FAILED):
        return not task.redo and (before.state is RunState.FAILED or dict(before.versions).get(CODE) == code())
    return again or not task.redo


def _new(task: Task, plan: Plan, models: Models, notes: Sequence[Note]) -> Run:
    pages = "" if task.pages is None else ",".join(map(str, sorted(task.pages)))
    asked = (("kind chosen", plan.why), ("pages", pages), ("answer tokens", str(plan.answer_tokens)))
    redo = ((_REDO, "yes"),) if task.redo else ()
    hidden = (("hidden text", "included"),) if task.include_hidden else ()
    chosen = _of_code_base(task)
    libraries = ((name, version(name)) for name in LIBRARIES)
    return Run(
        id=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        key=plan.key,
        source=task.source,
        document_id=plan.document.id,
        kind=plan.kind.name,
        kind_sha256=plan.kind.sha256,
        analyst=models.main.fingerprint.model if models.main else extract.NAME,
        judge=models.judge.fingerprint.model if models.judge else judge.NAME,
        state=RunState.ANALYZING,
        started=now(),
        settings=as_pairs(task.settings) + asked + redo + hidden + chosen + _served(models),
        versions=(("python", platform.python_version()), *libraries, (CODE, code())),
        sections=tuple((section.name, section.title) for section in plan.sections),
        windows=plan.windows,
        coverage=plan.coverage,
        notes=(*_notes(task, plan, models), *notes),
    )


def _of_code_base(task: Task) -> tuple[tuple[str, str], ...]:
    """What was chosen of a code base, where it is one."""
    if task.code is None:
        return ()
    chosen = task.code.options
    told = (
        ("focus", " ".join(task.code.focus)),
        ("include", " ".join(chosen.include)),
        ("exclude", " ".join(chosen.exclude)),
        ("tests", "" if chosen.tests else "left out"),
        ("windows", "as many as it takes" if task.code.whole else ""),
    )
    return tuple((name, value) for name, value in told if value)


def _served(models: Models) -> tuple[tuple[str, str], ...]:
    """What is known of the servers, and what they cannot prove."""
    found: list[tuple[str, str]] = []
    for role, server in (("main", models.main), ("judge", models.judge)):
        if server is None:
            continue
        found.append((f"{role} server", server.url))
        found.append((f"{role} identity", " ".join(server.identity)))
        if server.remote:
            found.append((f"{role} remote", "not on this machine, as allowed"))
        if server.unproven:
            found.append((f"{role} unproven", ", ".join(server.unproven)))
    if models.main is not None:
        found.append(("sampling", str(models.sampling)))
        if not models.keep_prompts:
            found.append(("prompts", "hashes only"))
    return tuple(found)


def _notes(task: Task, plan: Plan, models: Models) -> tuple[Note, ...]:
    notes = []
    if plan.context < task.settings.window and models.main is not None:
        granted = f"the server granted {plan.context:,} tokens of context: windows hold no more, instead of"
        notes.append(Note("context", f"{granted} {task.settings.window:,}"))
    for role, server in (("main", models.main), ("judge", models.judge)):
        if server is not None and server.unproven:
            notes.append(Note("unproven", f"the {role} server cannot prove: {', '.join(server.unproven)}"))
    return (*notes, *trusted.notes(plan, models))
