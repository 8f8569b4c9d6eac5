"""Calls to a model server: each made once, committed when it ends, taken from the store ever after."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial

from docanalyze import prompts
from docanalyze.analyze import Asked, Step
from docanalyze.analyze.asking import Reader
from docanalyze.errors import ReplyError, ServerError
from docanalyze.llm import Ask, Choice, Progress, Sampling, Served
from docanalyze.model import (
    Call,
    CallState,
    Event,
    Finding,
    Fingerprint,
    Notify,
    Prompt,
    Reply,
    Run,
    Sent,
    Window,
    hash_text,
)
from docanalyze.pipeline.clock import hashed, now
from docanalyze.store import Store

_TELL_EVERY = 0.2
"""Seconds between two words of progress."""


class Calls:
    """The calls of one Run to one server. `made` counts those that were not taken from the store."""

    def __init__(
        self, run: Run, store: Store, server: Served, sampling: Sampling, notify: Notify, *, keep: bool
    ) -> None:
        self.run = run
        self.store = store
        self.server = server
        self.sampling = sampling
        self.notify = notify
        self.keep = keep
        self.made = 0
        self.stage, self.about = "find", ""
        self._done = store.done_calls(run.id)
        self._number = max((call.number for call in store.run(run.id, windows=False).calls), default=0)
        self._windows = {window.number: window for window in run.windows}
        self._document = lru_cache(maxsize=1)(partial(_document, self._windows, store.name_of(run)))
        self._told = 0.0

    def ask(self, step: Step, read: Reader) -> Asked:
        """One call of a Step over its Window, with the Findings that `read` makes of it, kept together."""
        form = step.grammar or str(step.schema)
        ask = Ask(
            prompts.render_system().text,
            self._document(step.window),
            step.prompt.text,
            step.most,
            step.grammar,
            step.schema,
            document_id=self.run.document_id,
        )
        sent, key = self._sent(ask, form, step.role, str(self.sampling))
        if key in self._done:
            done = self._done[key]
            return Asked(done.number, done.reply, self._found(read, done.reply, done.number))
        number, begun, shown = self._next(), now(), self._shown(step.prompt)
        call = Call(number, key, step.role, step.section, step.window, shown, None, CallState.FAILED, begun, sent=sent)
        try:
            reply = self.server.complete(ask, self.sampling, self._watch)
        except (ReplyError, ServerError) as error:
            self.store.finish_call(self.run.id, replace(call, error=str(error)), ())
            if isinstance(error, ServerError):
                raise
            return Asked(number, None, error=error.what)
        found = self._found(read, reply, number)
        done = replace(call, reply=reply, state=CallState.DONE)
        self.store.finish_call(self.run.id, done, found)
        self._done[key] = done
        return Asked(number, reply, found)

    def choose(self, prompt: Prompt, labels: tuple[str, ...], section: str) -> tuple[Choice, Call, bool]:
        """One label; whether it was asked now. The caller keeps the call, with what comes of it."""
        ask = Ask(prompts.render_judge_system().text, "", prompt.text, 1)
        sent, key = self._sent(ask, " | ".join(labels), "judge", "")
        if key in self._done and self._done[key].reply is not None:
            return _choice_of(self._done[key]), self._done[key], False
        number, begun = self._next(), now()
        choice = self.server.choose(ask, labels, self._watch)
        # The whole answer is the label with its shares: kept as text, so that nothing is asked twice.
        reply = replace(choice.reply, text=_choice_text(choice))
        call = Call(number, key, "judge", section, 0, self._shown(prompt), reply, CallState.DONE, begun, sent=sent)
        self._done[key] = call
        return choice, call, True

    def explain(self, prompt: Prompt, label: str, section: str, most: int) -> tuple[str, Call | None]:
        """Why the label, in a sentence; the call only if it was made now. Empty where that fails."""
        opening = prompts.render_reason(label).text
        ask = Ask(prompts.render_judge_system().text, "", prompt.text, most, opening=opening)
        sampling = Sampling()
        sent, key = self._sent(ask, "", "reason", str(sampling))
        if key in self._done:
            reply = self._done[key].reply
            return _sentence(reply.text if reply else ""), None
        number, begun = self._next(), now()
        shown = self._shown(prompt)
        try:
            reply = self.server.complete(ask, sampling, self._watch)
        except ReplyError as error:
            failed = Call(number, key, "reason", section, 0, shown, None, CallState.FAILED, begun, error.what, sent)
            return "", failed
        call = Call(number, key, "reason", section, 0, shown, reply, CallState.DONE, begun, sent=sent)
        self._done[key] = call
        return _sentence(reply.text), call

    def failed(self, prompt: Prompt, section: str, error: ReplyError) -> Call:
        """A call to judge that failed, to be kept."""
        ask = Ask(prompts.render_judge_system().text, "", prompt.text, 1)
        sent, key = self._sent(ask, "", "judge", "")
        return Call(
            self._next(), key, "judge", section, 0, self._shown(prompt), None, CallState.FAILED, now(), error.what, sent
        )

    # -- inside ------------------------------------------------------------------------------------

    def _sent(self, ask: Ask, form: str, role: str, sampling: str) -> tuple[Sent, str]:
        """What goes out, and the key by which a call is known again."""
        whole = hash_text("\0".join((ask.system, ask.document, ask.question, ask.opening)))
        key = hashed([role, whole, form, sampling, ask.most, *self.server.identity])
        return Sent(whole, hash_text(ask.question), ask.system, form, self.keep), key

    def _shown(self, prompt: Prompt) -> Prompt:
        return prompt if self.keep else replace(prompt, text="")

    def _next(self) -> int:
        self._number += 1
        self.made += 1
        return self._number

    def _found(self, read: Reader, reply: Reply | None, number: int) -> tuple[Finding, ...]:
        if reply is None:
            return ()
        return tuple(replace(finding, calls=(*finding.calls, number)) for finding in read(reply))

    def _watch(self, progress: Progress) -> None:
        if progress.waiting:
            self.notify(Event(self.stage, f"{self.about}: {progress.waiting}"))
            return
        if time.monotonic() - self._told < _TELL_EVERY:
            return
        self._told = time.monotonic()
        if progress.written:
            told = f"{progress.written:,} tokens written, {progress.per_second:.0f} a second"
        else:
            told = f"{progress.read:,} of {progress.to_read:,} tokens read"
        self.notify(Event(self.stage, f"{self.about}: {told}"))


def _document(windows: Mapping[int, Window], name: str, number: int) -> str:
    """A Window as it stands in a prompt; nothing of what is asked about none."""
    return prompts.render_document(windows[number].text, name).text if number in windows else ""


def _choice_text(choice: Choice) -> str:
    """`B A=0.1 B=0.8 …`: the label and the probability of each."""
    shares = choice.probabilities or {}
    return " ".join([choice.label, *(f"{label}={share!r}" for label, share in shares.items())])


def _choice_of(call: Call) -> Choice:
    """What `_choice_text` wrote."""
    reply = call.reply or Reply("", Fingerprint(""))
    label, *shares = reply.text.split()
    read = {name: float(value) for name, _, value in (share.partition("=") for share in shares)}
    return Choice(label, read or None, reply)


def _sentence(text: str) -> str:
    """The reason as one line, ended where its last sentence ends."""
    line = " ".join(text.split())
    end = max(line.rfind(mark) for mark in (". ", "? ", "! "))
    return line[: end + 1] if end > 0 and not line.endswith((".", "!", "?")) else line
