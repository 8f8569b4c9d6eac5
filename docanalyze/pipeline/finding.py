"""The first half: found by the built-in analyst or a model, grounded, committed call by call."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace

from docanalyze import analyze as asking
from docanalyze import extract, ground, judge, merge, prompts
from docanalyze.errors import SourceError
from docanalyze.ingest import Worker
from docanalyze.language import terms_of
from docanalyze.model import (
    Call,
    CallState,
    Document,
    Event,
    Evidence,
    Finding,
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
from docanalyze.pipeline.calls import Calls
from docanalyze.pipeline.clock import Clock, hashed, now
from docanalyze.pipeline.planning import Models, Plan, Task
from docanalyze.store import Store

ANALYST = "analyst"
SUMMARY = "summary"


def analyze(
    started: Run, task: Task, plan: Plan, store: Store, worker: Worker, notify: Notify, models: Models | None = None
) -> None:
    """Finds and grounds, one committed call after the other, and leaves the Run awaiting its judge.

    Of what was stored of it, `started` need not hold the Windows.
    """
    models = models or Models()
    clock = Clock(plan.stages)
    with clock.stage("ground"):
        index = ground.Index(plan.document, _searched(plan))
    readings = [extract.Reading(plan.document, window) for window in plan.windows]
    if models.main is None:
        findings, trouble = _find_all(started, plan, readings, index, store, clock, notify), _Trouble()
    else:
        with models.finding(), clock.stage("find"):
            findings, trouble = _ask_all(started, plan, index, store, notify, models)
    with clock.stage("merge"):
        watched, counted = _watched(started, plan, index, store)
        merged = merge.over_windows([*findings, *watched])
        absent = _absences(plan, readings, merged, trouble.unanswered)
        whole = merge.over_windows([*merged, *absent])
    with clock.stage("boxes"):
        final, notes = _with_boxes(whole, task, plan.document, worker)
    notify(Event("find", f"{len(final)} finding{'s' * (len(final) != 1)}", plan.calls, plan.calls))
    with clock.stage("store"):
        store.replace_findings(started.id, final)
    store.set_state(
        started.id,
        RunState.AWAITING_JUDGE,
        stages=clock.stages(),
        error=trouble.error(plan.sections),
        notes=(*notes, *counted, *trouble.notes),
        replacing=("boxes", "orders", "hidden", "failed", "incomplete", "dropped"),
    )


def _searched(plan: Plan) -> tuple[Span, ...] | None:
    """Where quotes are looked for: everywhere, but in a code base, of which Windows may hold a hundredth, only there.

    The built-in analyst reads all of that, and says itself where its quotes stand.
    """
    if plan.document.tree is None:
        return None
    return tuple(piece.span for window in plan.windows for piece in window.placed)


def _watched(started: Run, plan: Plan, index: ground.Index, store: Store) -> tuple[list[Finding], list[Note]]:
    """Text that addresses a reader model or is not to be seen, whoever else analyses the Document; and how often."""
    findings: list[Finding] = []
    notes: list[Note] = []
    rules = extract.fingerprint()
    for section, listed, counted in plan.watched:
        found = [_grounded(index, finding) for finding in listed]
        done = store.done_calls(started.id)
        key = hashed([counted.code, plan.document.id, rules.file_sha256])
        known = (call.number for call in store.run(started.id, windows=False).calls)
        number = done[key].number if key in done else max(known, default=0) + 1
        if key not in done:
            prompt = Prompt(f"built-in {counted.code}", rules.file_sha256, section.question)
            reply = Reply(_as_json(found), rules)
            call = Call(number, key, counted.code, section.name, 0, prompt, reply, CallState.DONE, now())
            store.finish_call(started.id, call, ())
        findings += [replace(finding, calls=(number,)) for finding in found]
        notes.append(counted)
    return findings, notes


# -- the built-in analyst --------------------------------------------------------------------------


def _find_all(
    started: Run,
    plan: Plan,
    readings: Sequence[extract.Reading],
    index: ground.Index,
    store: Store,
    clock: Clock,
    notify: Notify,
) -> list[Finding]:
    """Every Section over every Window; what an earlier try of the same Run finished is taken over."""
    done = store.done_calls(started.id)
    findings: list[Finding] = []
    number = 0
    for window, reading in zip(plan.windows, readings, strict=True):
        for section in plan.sections:
            number += 1
            notify(Event("find", section.title, number, plan.calls))
            prompt = prompts.render_question(plan.kind, section, dict(started.settings)["lang"])
            key = _call_key(plan.document, window, section, prompt)
            if key in done:
                findings += [f for f in started.findings if done[key].number in f.calls]
                continue
            begun, begin = now(), time.perf_counter()
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
    return [
        one
        for section in plan.sections
        for one in extract.foremost(section, [found for found in findings if found.section == section.name])
    ]


def _call_key(document: Document, window: Window, section: Section, prompt: Prompt) -> str:
    analyst = extract.fingerprint().file_sha256
    return hashed([ANALYST, document.id, window.sha256, section.name, prompt.template_sha256, prompt.text, analyst])


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


# -- a model ---------------------------------------------------------------------------------------


class _Trouble:
    """What went wrong with Sections: `unanswered` gave nothing that an absence could rest on."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.failed: list[str] = []
        self.unanswered: set[str] = set()

    def add(self, section: Section, window: Window | None, outcome: asking.Outcome) -> None:
        where = f"{section.title}, window {window.number}" if window is not None else section.title
        if outcome.failed:
            self.notes.append(Note("failed", f"{where}: {outcome.failed}"))
            self.failed.append(section.name)
        if outcome.incomplete:
            self.notes.append(Note("incomplete", f"{where}: {outcome.incomplete}"))
        if outcome.dropped:
            entries = "entry" if outcome.dropped == 1 else "entries"
            self.notes.append(
                Note("dropped", f"{where}: {outcome.dropped} {entries} of the answer had no quote or form")
            )
        if outcome.failed or outcome.incomplete:
            self.unanswered.add(section.name)

    def error(self, sections: Sequence[Section]) -> str:
        failed = dict.fromkeys(self.failed)
        if not failed:
            return ""
        return f"{len(failed)} of {len(sections)} sections failed: {', '.join(failed)}"


def _ask_all(
    started: Run, plan: Plan, index: ground.Index, store: Store, notify: Notify, models: Models
) -> tuple[list[Finding], _Trouble]:
    """Every Section of one Window after the other, so that the server reads each Window once."""
    assert models.main is not None  # noqa: S101 - the caller looked
    with_windows = store.run(started.id)
    calls = Calls(with_windows, store, models.main, models.sampling, notify, keep=models.keep_prompts)
    language = dict(started.settings)["lang"]
    limits = asking.Limits(plan.answer_tokens, models.least)
    trouble = _Trouble()
    findings: list[Finding] = []
    number = 0
    for window in plan.windows:
        for section in plan.sections:
            number += 1
            if section.method in (extract.MISSING, extract.ORDERS):
                continue
            calls.about = section.title
            notify(Event("find", section.title, number, plan.calls))
            outcome = asking.find(
                plan.kind, section, window, language, limits, calls.ask, lambda finding: _grounded(index, finding)
            )
            trouble.add(section, window, outcome)
            findings += outcome.findings
            lines = tuple(f"{section.title}: {finding.statement}" for finding in outcome.findings)
            notify(Event("find", section.title, number, plan.calls, lines))
    if len(plan.windows) > 1:
        findings = _summed_up(findings, plan, language, limits, calls, trouble)
    return findings, trouble


def _summed_up(
    findings: list[Finding],
    plan: Plan,
    language: str,
    limits: asking.Limits,
    calls: Calls,
    trouble: _Trouble,
) -> list[Finding]:
    """Summaries of several Windows made one by the model; everything else is merged in code."""
    for section in plan.sections:
        parts = [finding for finding in findings if finding.section == section.name]
        if section.method != SUMMARY or len({c for f in parts for c in f.calls[:1]}) < 2:
            continue
        outcome = asking.merged(plan.kind, section, language, limits, calls.ask, parts)
        trouble.add(section, None, outcome)
        rest = [finding for finding in findings if finding.section != section.name]
        findings = [*outcome.findings, *rest]
    return findings


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


def _absences(
    plan: Plan, readings: Sequence[extract.Reading], findings: Sequence[Finding], unanswered: set[str]
) -> list[Finding]:
    """What no Window has, each with the search of the whole Document behind it.

    A Section that was not answered to the end says nothing about what is missing.
    """
    answered = [section for section in plan.sections if section.name not in unanswered]
    # What stands nowhere in the Document is no sign that a thing is there.
    located = [finding for finding in findings if any(evidence.spans for evidence in finding.evidence)]
    absent = extract.absences(answered, located, readings if _is_whole(plan) else ())
    if not absent:
        return []
    index = terms_of(plan.document.text)
    return [replace(finding, sweep=judge.sweep(index, section)) for finding, section in absent]


def _is_whole(plan: Plan) -> bool:
    """Whether the whole body was read and stands in Windows: of what was left out nothing is sure."""
    out = (part.span for part in plan.coverage.parts if not part.window)
    return not plan.coverage.unread and not any(
        segment.in_body for span in out for segment in plan.document.segments_at(span)
    )


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
