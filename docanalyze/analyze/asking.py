"""One Section over one Window: asked, gone on with, mended. Knows the steps, not who answers.

Whoever calls gives an `Asker`, which makes one call of one Step, keeps it, or takes it from what was
kept. So the same steps run again after an interruption, and only what is missing is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docanalyze import prompts
from docanalyze.analyze.answer import Answer, grammar, merge_grammar, merge_schema, read, read_merged, schema
from docanalyze.model import Finding, Kind, Prompt, Reply, Section, Window

MOST_CONTINUED = 5
"""Times that a long answer is gone on with."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`most` bounds an answer in tokens; `least` is how many entries a list must have."""

    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One call to make: who is asked (`role`), the question, and the form of the answer."""

    role: str
    prompt: Prompt
    grammar: str
    schema: dict[str, object]
    most: int
    section: str
    window: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a Step: the Reply, None if the call failed, with the call's number."""

    number: int
    reply: Reply | None
    findings: tuple[Finding, ...] = ()
    error: str = ""


Reader = Callable[[Reply], Sequence[Finding]]
Asker = Callable[[Step, Reader], Asked]
Locate = Callable[[Finding], Finding]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a Section gave. `incomplete` says why not all, `failed` why nothing; empty if neither."""

    findings: tuple[Finding, ...] = ()
    incomplete: str = ""
    failed: str = ""
    dropped: int = 0


class _Section:
    """The state of one Section over one Window while it is asked."""

    def __init__(
        self, kind: Kind, section: Section, window: Window, language: str, limits: Limits, ask: Asker, locate: Locate
    ) -> None:
        self.kind = kind
        self.section = section
        self.window = window
        self.language = language
        self.limits = limits
        self.ask = ask
        self.locate = locate
        self.dropped = 0
        self.grammar = grammar(section, limits.least)
        self.schema = schema(section, limits.least)

    def step(self, role: str, prompt: Prompt) -> Asked:
        step = Step(role, prompt, self.grammar, self.schema, self.limits.most, self.section.name, self.window.number)
        return self.ask(step, self.located)

    def answer(self, reply: Reply) -> Answer:
        return read(reply.text, self.section, cut=reply.finish != "stop")

    def located(self, reply: Reply) -> Sequence[Finding]:
        """A call's Findings with their Evidence: what is kept with it."""
        return [self.locate(finding) for finding in self.answer(reply).findings]


def find(
    kind: Kind, section: Section, window: Window, language: str, limits: Limits, ask: Asker, locate: Locate
) -> Outcome:
    """All that a Section gives in a Window: at most `section.limit` Findings, located."""
    state = _Section(kind, section, window, language, limits, ask, locate)
    first = _readable(state, state.step("analyst", prompts.render_question(kind, section, language)))
    if isinstance(first, Outcome):
        return first
    found, incomplete = _gone_on(state, first)
    found = _mended(state, found)
    over = len(found) - section.limit
    if over > 0:
        incomplete = "; ".join(
            filter(None, (incomplete, f"{over} more than the {section.limit} asked for are left out"))
        )
    return Outcome(tuple(found[: section.limit]), incomplete, dropped=state.dropped)


def _readable(state: _Section, asked: Asked) -> Asked | Outcome:
    """A call whose answer can be read: asked once more if the first cannot."""
    if asked.reply is None:
        return Outcome(failed=asked.error)
    answer = state.answer(asked.reply)
    if not answer.problem:
        state.dropped += answer.dropped
        return asked
    prompt = prompts.render_repair(state.kind, state.section, state.language, (), answer.problem)
    again = state.step("repair", prompt)
    if again.reply is None:
        return Outcome(failed=again.error)
    second = state.answer(again.reply)
    if second.problem:
        return Outcome(failed=f"the answer cannot be read, twice: {second.problem}")
    state.dropped += second.dropped
    return again


def _gone_on(state: _Section, first: Asked) -> tuple[list[Finding], str]:
    """The Findings of a long answer, call after call, and why they are not all, if they are not."""
    found, asked = list(first.findings), first
    for times in range(MOST_CONTINUED + 1):
        if asked.reply is None:
            return found, f"a call to go on failed: {asked.error}"
        if asked.reply.finish == "repeat":
            return found, "the answer went round in circles and was stopped"
        if asked.reply.finish != "length" or len(found) >= state.section.limit:
            return found, ""
        last = _last_cited(found, state.window)
        if not asked.findings or not last:
            return found, "the answer was cut before it said anything more"
        if times == MOST_CONTINUED:
            break
        prompt = prompts.render_continue(state.kind, state.section, state.language, found, last)
        asked = state.step("continue", prompt)
        known = {finding.statement for finding in found}
        # All of one list: parts of it must not be taken for what two Windows found of one thing.
        fresh = (replace(f, calls=(first.number, *f.calls)) for f in asked.findings if f.statement not in known)
        found += fresh
    return found, f"the answer was still cut after going on {MOST_CONTINUED} times"


def _last_cited(found: Sequence[Finding], window: Window) -> int:
    """Of the Segments cited the one that stands last in the Window, 0 if there is none: files of a code base do not
    stand in the order of their numbers, and what stands in front of several Windows has its place there."""
    starts = {piece.segment: piece.start for piece in window.placed}
    cited = {number for finding in found for quote in finding.quotes for number in quote.cited}
    return max(cited & starts.keys(), key=starts.__getitem__, default=0)


def _mended(state: _Section, found: list[Finding]) -> list[Finding]:
    """The Findings, those without a place given back to the model once, together."""
    wrong = [finding for finding in found if not any(evidence.spans for evidence in finding.evidence)]
    if not wrong:
        return found
    reasons = [(f, "; ".join(e.reason or "not in the document" for e in f.evidence)) for f in wrong]
    asked = state.step("repair", prompts.render_repair(state.kind, state.section, state.language, reasons))
    mended = [finding for finding in asked.findings if any(evidence.spans for evidence in finding.evidence)]
    # Matched by likeness first, for a model may leave some out; what stays unmatched stands ungrounded.
    result = list(found)
    for finding in mended:
        place = _counterpart(finding, result, wrong)
        if place is None:
            continue
        old = result[place]
        result[place] = replace(finding, calls=tuple(sorted({*old.calls, *finding.calls})))
        wrong = [one for one in wrong if one is not old]
    return result


def _counterpart(mended: Finding, found: Sequence[Finding], wrong: Sequence[Finding]) -> int | None:
    """Where the statement stands that was mended: the one with the most words in common."""
    ours = set(mended.statement.lower().split())
    best, at = 0, None
    for place, finding in enumerate(found):
        if not any(finding is one for one in wrong):
            continue
        shared = len(ours & set(finding.statement.lower().split()))
        if shared > best:
            best, at = shared, place
    return at


def merged(
    kind: Kind, section: Section, language: str, limits: Limits, ask: Asker, found: Sequence[Finding]
) -> Outcome:
    """One summary of a whole Document out of those of its Windows; as they were, if that fails."""
    prompt = prompts.render_merge(kind, section, language, found)
    step = Step("merge", prompt, merge_grammar(section), merge_schema(section), limits.most, section.name, 0)
    asked = ask(step, lambda reply: read_merged(reply.text, section, found).findings)
    if asked.reply is None:
        return Outcome(tuple(found), incomplete=f"the parts' summaries stand side by side: {asked.error}")
    answer = read_merged(asked.reply.text, section, found)
    if answer.problem or not answer.findings:
        why = answer.problem or "the answer was empty"
        return Outcome(tuple(found), incomplete=f"the parts' summaries stand side by side: {why}")
    made = [replace(finding, calls=tuple(sorted({*finding.calls, asked.number}))) for finding in answer.findings]
    return Outcome(tuple(made), dropped=answer.dropped)
