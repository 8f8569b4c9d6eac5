"""Both halves, and where a Run begins or goes on."""

import platform
import secrets
from datetime import UTC, datetime
from importlib.metadata import version

from docanalyze import extract, judge
from docanalyze.config import as_pairs
from docanalyze.ingest import Worker
from docanalyze.model import Event, Note, Notify, Run, RunState
from docanalyze.pipeline.clock import now
from docanalyze.pipeline.finding import analyze
from docanalyze.pipeline.judging import judge_run
from docanalyze.pipeline.planning import Models, Plan, Task, prepare
from docanalyze.store import Store

LIBRARIES = ("docanalyze", "httpx", "pymupdf-lite", "tiktoken", "nupunkt", "rapidfuzz", "sqlite-utils")

_TO_JUDGE = (RunState.AWAITING_JUDGE, RunState.JUDGING)


def run(task: Task, store: Store, worker: Worker, notify: Notify, models: Models | None = None) -> tuple[Run, bool]:
    """Both halves. The second value says whether the Run was finished already and is only shown."""
    models = models or Models()
    planned = prepare(task, worker, notify, models)
    before = None if task.redo else store.find_run(planned.key)
    judged_by = models.judge.fingerprint.model if models.judge else judge.NAME
    if before is not None and _is_over(before, task):
        if models.judge is None or before.judge == judged_by:
            return store.run(before.id), True
    elif before is None or before.state not in _TO_JUDGE:
        if models.main is not None:
            notify(Event("plan", _expected(planned, store, models)))
        started = begin(task, planned, store, models)
        before = analyze(started, task, planned, store, worker, notify, models)
    questions = {section.name: section.question for section in planned.sections}
    return judge_run(before.id, store, notify, models, questions), False


def _expected(plan: Plan, store: Store, models: Models) -> str:
    """Calls, tokens and, once the model's speeds are known, minutes."""
    said = f"{plan.calls} calls or more, {plan.prompt_tokens:,} tokens to read"
    speeds = store.speeds(models.main.fingerprint.model) if models.main else None
    if speeds is None:
        return said
    reading, writing, answer = speeds
    minutes = (plan.prompt_tokens / reading + plan.calls * answer / writing) / 60
    return f"{said}, about {max(1, round(minutes))} minutes at the speed so far"


def _is_over(before: Run, task: Task) -> bool:
    return before.state is RunState.DONE or (before.state is RunState.FAILED and not task.retry_failed)


def begin(task: Task, plan: Plan, store: Store, models: Models) -> Run:
    """The unfinished Run of the same key, else a new one."""
    store.put_document(plan.document)
    before = None if task.redo else store.find_run(plan.key)
    if before is not None and before.state is not RunState.DONE:
        store.set_state(before.id, RunState.ANALYZING)
        return store.run(before.id)
    pages = "" if task.pages is None else ",".join(map(str, sorted(task.pages)))
    asked = (("kind chosen", plan.why), ("pages", pages), ("answer tokens", str(plan.answer_tokens)))
    started = Run(
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
        settings=as_pairs(task.settings) + asked + _served(models),
        versions=(("python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)),
        sections=tuple((section.name, section.title) for section in plan.sections),
        windows=plan.windows,
        coverage=plan.coverage,
        notes=_notes(task, plan, models),
    )
    store.start_run(started)
    return store.run(started.id)


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
        granted = f"the server granted {plan.context:,} tokens of context, {task.settings.window:,} were asked for"
        notes.append(Note("context", granted))
    for role, server in (("main", models.main), ("judge", models.judge)):
        if server is not None and server.unproven:
            notes.append(Note("unproven", f"the {role} server cannot prove: {', '.join(server.unproven)}"))
    return tuple(notes)
