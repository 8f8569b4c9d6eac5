"""The second half: every Finding judged, by rules and by a model, from the store alone."""

from collections.abc import Mapping

from docanalyze import extract, judge
from docanalyze.errors import ReplyError
from docanalyze.llm import Sampling, Served
from docanalyze.model import Call, Document, Event, Finding, Label, Notify, Prompt, Run, RunState, Verdict
from docanalyze.pipeline.calls import Calls
from docanalyze.pipeline.clock import Clock, now
from docanalyze.pipeline.planning import Models
from docanalyze.store import Store

REASON_TOKENS = 120


def judge_run(
    run_id: str,
    store: Store,
    notify: Notify,
    models: Models | None = None,
    questions: Mapping[str, str] | None = None,
) -> Run:
    """Judges a Run from the store alone, and ends it. `questions` are the Sections', by name.

    A judge that goes away leaves the Run as it is, to be gone on with.
    """
    models = models or Models()
    loaded = store.run(run_id, windows=False)
    document = store.document_of(loaded)
    clock = Clock(loaded.stages)
    store.set_state(run_id, RunState.JUDGING, error=loaded.error)
    if models.judge is not None:
        store.set_judge(run_id, models.judge.fingerprint.model)
    elif all(verdict.by == judge.NAME for finding in loaded.findings for verdict in finding.verdicts):
        # A model that judged before is still the one that did.
        store.set_judge(run_id, judge.NAME)
    with clock.stage("judge"):
        ruled = _by_rules(loaded, document, store, notify)
    if models.judge is not None:
        bench = _Bench(store.run(run_id, windows=False), document, store, models, notify, questions or {})
        with models.judging(), clock.stage("judge"):
            for position, finding in enumerate(ruled, 1):
                notify(Event("judge", "", position, len(ruled)))
                bench.judge(finding)
        notify(Event("judge", f"by {models.judge.fingerprint.model}", len(ruled), len(ruled)))
    ended = RunState.FAILED if loaded.error else RunState.DONE
    store.set_state(run_id, ended, ended=now(), stages=clock.stages(), error=loaded.error)
    del document
    return store.run(run_id)


def _by_rules(loaded: Run, document: Document, store: Store, notify: Notify) -> tuple[Finding, ...]:
    """The Findings with the rules' Verdict first, given once."""
    built_in = loaded.analyst == extract.NAME
    fresh = []
    for position, finding in enumerate(loaded.findings, 1):
        if not any(verdict.by == judge.NAME for verdict in finding.verdicts):
            fresh.append((finding.number, judge.check(finding, document, built_in=built_in)))
        notify(Event("judge", "", position, len(loaded.findings)))
    store.add_verdicts(loaded.id, fresh)
    return store.run(loaded.id, windows=False).findings


class _Bench:
    """A model that judges the Findings of one Run, and a second one where it is unsure."""

    def __init__(
        self,
        run: Run,
        document: Document,
        store: Store,
        models: Models,
        notify: Notify,
        questions: Mapping[str, str],
    ) -> None:
        assert models.judge is not None  # noqa: S101 - the caller looked
        self.run = run
        self.document = document
        self.store = store
        self.models = models
        self.notify = notify
        self.questions = {**dict(run.sections), **questions}
        self.built_in = run.analyst == extract.NAME
        self.first = self._calls(models.judge)

    def judge(self, finding: Finding) -> None:
        """Adds what the judge says; nothing where there is nothing to show it, or it said so before."""
        question = self.questions.get(finding.section, finding.section)
        prompt = judge.asked_about(finding, self.document, question, built_in=self.built_in)
        if prompt is None:
            return
        verdict = self._verdict(self.first, prompt, finding)
        if verdict is None or not self.models.escalate or self.models.main is None:
            return
        if verdict.label is Label.REVIEW:
            # Opened only now: its numbers of calls go on from those made since.
            self._verdict(self._calls(self.models.main), prompt, finding)

    def _calls(self, server: Served) -> Calls:
        calls = Calls(self.run, self.store, server, Sampling(), self.notify, keep=self.models.keep_prompts)
        calls.stage, calls.about = "judge", server.fingerprint.model
        return calls

    def _verdict(self, calls: Calls, prompt: Prompt, finding: Finding) -> Verdict | None:
        by = calls.server.fingerprint.model
        kept: list[Call] = []
        try:
            choice, call, fresh = calls.choose(prompt, tuple(judge.LABELS), finding.section)
        except ReplyError as error:
            failed = calls.failed(prompt, finding.section, error)
            verdict = Verdict(by, Label.UNJUDGED, reason=f"the judge failed: {error.what}", call=failed.number)
            self.store.finish_verdicts(self.run.id, [failed], [(finding.number, verdict)])
            return verdict
        if not fresh and any(known.call == call.number for known in finding.verdicts):
            return next(known for known in finding.verdicts if known.call == call.number)
        if fresh:
            kept.append(call)
        reason, explained = calls.explain(prompt, choice.label, finding.section, REASON_TOKENS)
        if explained is not None:
            kept.append(explained)
        # Of an absence the rules only say that terms were hit, and those are what the judge has seen.
        known = () if finding.absence else finding.verdicts
        rules = next((verdict for verdict in known if verdict.by == judge.NAME), None)
        hidden = judge.unseen(finding)
        verdict = judge.decide(choice.label, choice.probabilities, by, call.number, reason, rules, hidden)
        self.store.finish_verdicts(self.run.id, kept, [(finding.number, verdict)])
        return verdict
