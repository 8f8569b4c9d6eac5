"""One Document, from source to verdicts: the sentence of the program as code.

    read ─▶ pack ─▶ find ─▶ ground ─▶ (committed) ─▶ judge ─▶ (committed)

Two halves, each resumable: `analyze` ends with located Findings in the store, `judge` needs nothing
but the store. Progress goes out through one function, `notify`.
"""

import hashlib
import json
import platform
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version

from docanalyze import extract, ground, judge, merge, pack, prompts, tokens
from docanalyze.config import Settings, as_pairs
from docanalyze.errors import SourceError, UsageError
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.language import TermIndex
from docanalyze.model import (
    Call,
    CallState,
    Coverage,
    Document,
    Event,
    Evidence,
    Finding,
    Kind,
    Note,
    Notify,
    Prompt,
    Reply,
    Run,
    RunState,
    Section,
    Span,
    Window,
)
from docanalyze.store import Store

ANSWER_TOKENS = 4096
"""Room kept for an answer, or a quarter of the window where that is less."""

ANALYST = "analyst"
LIBRARIES = ("docanalyze", "pymupdf-lite", "tiktoken", "nupunkt", "rapidfuzz", "sqlite-utils")


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of one source. `sections` empty means all, `pages` None means all."""

    source: str
    settings: Settings
    options: ReadOptions = field(default_factory=ReadOptions)
    sections: tuple[str, ...] = ()
    pages: frozenset[int] | None = None
    redo: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before the first call. `calls` counts those to a model or the analyst."""

    document: Document
    kind: Kind
    why: str
    sections: tuple[Section, ...]
    windows: tuple[Window, ...]
    coverage: Coverage
    text_tokens: int
    fixed_tokens: int
    answer_tokens: int
    key: str
    stages: tuple[tuple[str, float], ...]

    @property
    def calls(self) -> int:
        return len(self.windows) * len(self.sections)


class _Clock:
    """Seconds by stage, in the order first entered."""

    def __init__(self, stages: Sequence[tuple[str, float]] = ()) -> None:
        self._seconds = dict(stages)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def stages(self) -> tuple[tuple[str, float], ...]:
        return tuple((name, round(seconds, 4)) for name, seconds in self._seconds.items())


def run(task: Task, store: Store, worker: Worker, notify: Notify) -> tuple[Run, bool]:
    """Both halves. The second value says whether the Run was finished already and is only shown."""
    planned = prepare(task, worker, notify)
    before = None if task.redo else store.find_run(planned.key)
    if before is not None and before.state is RunState.DONE:
        return store.run(before.id), True
    if before is None or before.state not in (RunState.AWAITING_JUDGE, RunState.JUDGING):
        before = analyze(task, planned, store, worker, notify)
    return judge_run(before.id, store, notify), False


def prepare(task: Task, worker: Worker, notify: Notify) -> Plan:
    """Reads and packs: everything short of the first call, and nothing of it stored."""
    clock = _Clock()
    with clock.stage("read"):
        document = worker.read(task.source, task.options, notify)
    with clock.stage("pack"):
        planned = plan(task, document)
    notify(Event("pack", f"{planned.text_tokens:,} tokens, {_windows_line(planned.windows)}"))
    return replace(planned, stages=clock.stages())


def plan(task: Task, document: Document) -> Plan:
    """Decides kind, Sections and Windows of a Document that is read already."""
    if task.pages is not None:
        _require_pages(task.pages, document)
    kind, why = _kind(task, document)
    sections = _sections(kind, task.sections)
    count = tokens.packaged()
    fixed = _fixed_tokens(document, kind, sections, task.settings.lang)
    answer = min(ANSWER_TOKENS, task.settings.window // 4)
    room = pack.room(task.settings.window, fixed, answer)
    windows, coverage = pack.into_windows(document, room, count, pages=task.pages)
    key = _run_key(task, document, kind, sections)
    in_text = count(document.text)
    return Plan(document, kind, why, sections, windows, coverage, in_text, fixed, answer, key, ())


def analyze(task: Task, plan: Plan, store: Store, worker: Worker, notify: Notify) -> Run:
    """Finds and grounds, one committed call after the other, and leaves the Run awaiting its judge."""
    clock = _Clock(plan.stages)
    with clock.stage("store"):
        store.put_document(plan.document)
        started = _start(task, plan, store)
    with clock.stage("ground"):
        index = ground.Index(plan.document)
    findings = _find_all(started, plan, index, store, clock, notify)
    with clock.stage("merge"):
        merged = merge.over_windows(findings)
        whole = merge.over_windows([*merged, *_absences(plan, merged)])
    with clock.stage("boxes"):
        final, notes = _with_boxes(whole, task, plan.document, worker)
    notify(Event("find", f"{len(final)} findings", plan.calls, plan.calls))
    with clock.stage("store"):
        store.replace_findings(started.id, final)
    store.set_state(started.id, RunState.AWAITING_JUDGE, stages=clock.stages(), notes=notes)
    return store.run(started.id)


def _find_all(
    started: Run, plan: Plan, index: ground.Index, store: Store, clock: _Clock, notify: Notify
) -> list[Finding]:
    """Every Section over every Window; what an earlier try of the same Run finished is taken over."""
    done = store.done_calls(started.id)
    findings: list[Finding] = []
    number = 0
    for window in plan.windows:
        with clock.stage("find"):
            reading = extract.Reading(plan.document, window)
        for section in plan.sections:
            number += 1
            notify(Event("find", section.title, number, plan.calls))
            prompt = prompts.render_question(plan.kind, section, dict(started.settings)["lang"])
            key = _call_key(plan.document, window, section, prompt)
            if key in done:
                findings += [f for f in started.findings if done[key].number in f.calls]
                continue
            begun, begin = _now(), time.perf_counter()
            with clock.stage("find"):
                found = extract.find(section, reading)
            seconds = time.perf_counter() - begin
            with clock.stage("ground"):
                located = [replace(_grounded(index, finding), calls=(number,)) for finding in found]
            reply = Reply(_as_json(found), extract.fingerprint(), seconds=seconds)
            call = Call(number, key, ANALYST, section.name, window.number, prompt, reply, CallState.DONE, begun)
            with clock.stage("store"):
                store.finish_call(started.id, call, located)
            findings += located
    return findings


def judge_run(run_id: str, store: Store, notify: Notify) -> Run:
    """Judges a Run from the store alone, and ends it."""
    loaded = store.run(run_id)
    document = store.document(loaded.document_id)
    clock = _Clock(loaded.stages)
    store.set_state(run_id, RunState.JUDGING)
    built_in = loaded.analyst == extract.NAME
    with clock.stage("judge"):
        verdicts = []
        for position, finding in enumerate(loaded.findings, 1):
            verdicts.append((finding.number, judge.check(finding, document, built_in=built_in)))
            notify(Event("judge", "", position, len(loaded.findings)))
    with clock.stage("store"):
        store.add_verdicts(run_id, verdicts)
    store.set_state(run_id, RunState.DONE, ended=_now(), stages=clock.stages())
    return store.run(run_id)


# -- deciding --------------------------------------------------------------------------------------


def _kind(task: Task, document: Document) -> tuple[Kind, str]:
    folder = task.settings.prompts
    if task.settings.kind:
        return prompts.find(task.settings.kind, folder), "as asked"
    return prompts.detect(document, prompts.kinds(folder))


def _sections(kind: Kind, names: tuple[str, ...]) -> tuple[Section, ...]:
    if not names:
        return kind.sections
    known = [section.name for section in kind.sections]
    for name in names:
        if name not in known:
            raise UsageError(f"the kind {kind.name} has no section {name!r}", f"it has {', '.join(known)}")
    return tuple(section for section in kind.sections if section.name in names)


def _require_pages(pages: frozenset[int], document: Document) -> None:
    if not document.pages:
        raise UsageError(f"{document.source.name} has no pages", "leave out --pages")
    if not any(page.number in pages for page in document.pages):
        raise UsageError(
            f"{document.source.name} has {len(document.pages)} pages, none of those asked for",
            f"give --pages within 1-{len(document.pages)}",
        )


def _fixed_tokens(document: Document, kind: Kind, sections: Sequence[Section], language: str) -> int:
    """Tokens of the whole prompt without the document's text, with the longest question."""
    count = tokens.packaged()
    frame = prompts.render_document("", document.source.name).text
    questions = (prompts.render_question(kind, section, language).text for section in sections)
    longest = max(questions, key=count)
    return tokens.count_chat(count, prompts.render_system().text, frame + longest)


def _windows_line(windows: Sequence[Window]) -> str:
    if len(windows) == 1:
        return f"one window of {windows[0].tokens:,} tokens"
    return f"{len(windows)} windows of at most {max((w.tokens for w in windows), default=0):,} tokens"


def _run_key(task: Task, document: Document, kind: Kind, sections: Sequence[Section]) -> str:
    pages = sorted(task.pages) if task.pages is not None else None
    names = [section.name for section in sections]
    analyst = [extract.NAME, extract.fingerprint().file_sha256, judge.NAME]
    window, language = task.settings.window, task.settings.lang
    return _hash([document.id, kind.name, kind.sha256, names, analyst, window, language, pages])


def _call_key(document: Document, window: Window, section: Section, prompt: Prompt) -> str:
    analyst = extract.fingerprint().file_sha256
    return _hash([ANALYST, document.id, window.sha256, section.name, prompt.template_sha256, prompt.text, analyst])


def _start(task: Task, plan: Plan, store: Store) -> Run:
    """The unfinished Run of the same key, else a new one."""
    before = None if task.redo else store.find_run(plan.key)
    if before is not None and before.state not in (RunState.DONE, RunState.FAILED):
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
        analyst=extract.NAME,
        judge=judge.NAME,
        state=RunState.ANALYZING,
        started=_now(),
        settings=as_pairs(task.settings) + asked,
        versions=(("python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)),
        sections=tuple((section.name, section.title) for section in plan.sections),
        windows=plan.windows,
        coverage=plan.coverage,
    )
    store.start_run(started)
    return store.run(started.id)


# -- grounding -------------------------------------------------------------------------------------


def _grounded(index: ground.Index, finding: Finding) -> Finding:
    """The Finding with Evidence for each quote, and for each Field where its words stand in one."""
    evidence = tuple(ground.locate(index, quote) for quote in finding.quotes)
    found = [one for one in evidence if one.spans]
    fields = tuple(
        replace(field, evidence=_best(index, field.written, found)) if found else field for field in finding.fields
    )
    return replace(finding, evidence=evidence, fields=fields)


def _best(index: ground.Index, written: str, found: Sequence[Evidence]) -> Evidence:
    located = [ground.locate_value(index, written, within=one) for one in found]
    return next((one for one in located if one.spans), located[0])


def _absences(plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
    """What no Window has, each with the search of the whole Document behind it."""
    absent = extract.absences(plan.sections, findings)
    if not absent:
        return []
    index = TermIndex(plan.document.text)
    return [replace(finding, sweep=judge.sweep(index, section)) for finding, section in absent]


def _with_boxes(
    findings: Sequence[Finding], task: Task, document: Document, worker: Worker
) -> tuple[list[Finding], tuple[Note, ...]]:
    """The Findings with the rectangles of their words; without them, and a Note, if that fails."""
    if not document.pages:
        return list(findings), ()
    spans: list[Span] = sorted({span for f in findings for e in f.evidence for span in e.spans})
    try:
        boxes = dict(zip(spans, worker.boxes(task.source, task.options, document, spans), strict=True))
    except SourceError as error:
        return list(findings), (Note("boxes", f"places on the page could not be measured: {error}"),)

    def placed(evidence: Evidence) -> Evidence:
        return replace(evidence, boxes=tuple(box for span in evidence.spans for box in boxes[span]))

    return [replace(f, evidence=tuple(placed(e) for e in f.evidence)) for f in findings], ()


def _as_json(findings: Sequence[Finding]) -> str:
    """What the built-in analyst answered, in the form that a model answers in."""
    answer = [
        {
            "statement": finding.statement,
            "quotes": [{"text": quote.text, "segments": list(quote.cited)} for quote in finding.quotes],
            "fields": {field.name: field.written for field in finding.fields},
            "confidence": finding.confidence,
        }
        for finding in findings
    ]
    return json.dumps({"findings": answer}, ensure_ascii=False)


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
