"""Any OpenAI-compatible endpoint: chat messages, and what that cannot prove is named.

Tokens are counted with our vocabulary, which need not be its own; the context is the one asked for;
what the endpoint reports is taken down as it says. Control words in texts are broken up, since the
endpoint would read them.
"""

import json
import math
import time
from collections.abc import Iterator

from docanalyze.errors import ReplyError, ServerRefused
from docanalyze.llm import shape
from docanalyze.llm.asking import Ask, Choice, Json, Progress, Sampling, Vocabulary, Watch, broken_up, silent
from docanalyze.llm.door import Door, broken_off
from docanalyze.llm.pace import Pace
from docanalyze.llm.repeating import LOOK_EVERY, goes_round
from docanalyze.model import Fingerprint, Reply

_FINISHES = {"length": "length", "stop": "stop"}
_MOST_LABELS = 20
_TEMPLATE = 32
"""Tokens that a chat template may add: more than most do."""


class OpenAi:
    """One model of an OpenAI-compatible endpoint."""

    def __init__(self, door: Door, models: Json, model: str, vocabulary: Vocabulary, *, remote: bool) -> None:
        self._door = door
        self._vocabulary = vocabulary
        self._pace = Pace()
        self._schema_taken = True
        names = [str(entry.get("id", "")) for entry in shape.items(models.get("data")) if isinstance(entry, dict)]
        if model and names and model not in names:
            raise ServerRefused(f"{door.url} does not serve {model}", f"it serves {', '.join(names[:8])}")
        if not model and not names:
            raise ServerRefused(f"{door.url} serves no model", "name one with --main-model or --judge-model")
        self.url = door.url
        self.remote = remote
        self.model = model or names[0]
        self.identity: tuple[str, ...] = (self.model,)
        self.context = 0
        self.fingerprint = Fingerprint(model=self.model, proven=False)
        self.unproven: tuple[str, ...] = ("tokens", "granted context", "cached prefix")

    def close(self) -> None:
        self._door.close()

    @property
    def pace(self) -> Pace:
        return self._pace

    def count(self, text: str) -> int:
        return self._vocabulary(text)

    def count_ask(self, ask: Ask) -> int:
        system, user = _turns(ask)
        return self.count(system) + self.count(user) + self.count(ask.opening) + _TEMPLATE

    def complete(self, ask: Ask, sampling: Sampling, watch: Watch = silent) -> Reply:
        body: Json = {
            "max_tokens": ask.most,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if ask.schema is not None and self._schema_taken:
            schema = {"name": "answer", "strict": True, "schema": ask.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        try:
            return self._asked(ask, body, sampling, watch)
        except ReplyError as error:
            if "response_format" not in body or not _is_about_the_schema(error):
                raise
            self._schema_taken = False
            self.unproven = (*self.unproven, "JSON schema")
            del body["response_format"]
            return self._asked(ask, body, sampling, watch)

    def choose(self, ask: Ask, labels: tuple[str, ...], watch: Watch = silent) -> Choice:
        body: Json = {"max_tokens": 1, "temperature": 0, "seed": 0, "logprobs": True, "top_logprobs": _MOST_LABELS}
        begun = time.perf_counter()
        final = self._door.post("/v1/chat/completions", self._body(ask, body), watch, self._pace.silence_reading())
        choice = _first(final)
        text = shape.text(shape.table(choice.get("message")).get("content")).strip()
        reply = self._reply(text, final, ask, Sampling(), time.perf_counter() - begun, "stop")
        found = _probabilities(choice, labels)
        if found is None:
            if "label probabilities" not in self.unproven:
                self.unproven = (*self.unproven, "label probabilities")
            label = next((label for label in labels if text.strip("\"'().: ") == label), None)
            if label is None:
                raise ReplyError(f"asked for one letter, the model answered {text[:40]!r}")
            return Choice(label, None, reply)
        return Choice(max(labels, key=lambda label: found[label]), found, reply)

    def _body(self, ask: Ask, more: Json) -> Json:
        system, user = _turns(ask)
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        if ask.opening:
            messages.append({"role": "assistant", "content": ask.opening})
        return {"model": self.model, "messages": messages, **more}

    def _asked(self, ask: Ask, body: Json, sampling: Sampling, watch: Watch) -> Reply:
        content = json.dumps(self._body(ask, body)).encode()
        answer = _Answer(watch, self._pace)
        begun = time.perf_counter()
        final = self._door.stream("/v1/chat/completions", content, answer.take, answer.silence, watch)
        return self._reply(answer.text, final, ask, sampling, time.perf_counter() - begun, answer.finish)

    def _reply(self, text: str, final: Json, ask: Ask, sampling: Sampling, seconds: float, finish: str) -> Reply:
        usage = shape.table(final.get("usage"))
        details = shape.table(usage.get("prompt_tokens_details"))
        prompt, output = _number(usage.get("prompt_tokens")), _number(usage.get("completion_tokens"))
        return Reply(
            text,
            self.fingerprint,
            sampling=str(sampling),
            prompt_tokens=prompt or self.count_ask(ask),
            cached_tokens=min(_number(details.get("cached_tokens")), prompt),
            output_tokens=output or self.count(text),
            seconds=seconds,
            finish=finish,
        )


class _Answer:
    """Takes in the chunks of one chat answer."""

    def __init__(self, watch: Watch, pace: Pace) -> None:
        self.watch = watch
        self.pace = pace
        self.text = ""
        self.finish = "stop"
        self.written = 0

    def silence(self) -> float:
        return self.pace.silence_writing() if self.written else self.pace.silence_reading()

    def take(self, events: Iterator[Json]) -> Json:
        """The last chunk with what it says of usage."""
        parts: list[str] = []
        usage: Json = {}
        finish, looked, self.written = "", 0, 0
        began = time.monotonic()
        for event in events:
            usage = shape.table(event.get("usage")) or usage
            choice = _first(event)
            delta = shape.text(shape.table(choice.get("delta") or choice.get("message")).get("content"))
            finish = shape.text(choice.get("finish_reason")) or finish
            if delta:
                parts.append(delta)
                looked += len(parts[-1])
                self.written += 1
                if self.written == 1:
                    began = time.monotonic()
                elapsed = time.monotonic() - began
                self.watch(Progress(written=self.written, per_second=(self.written - 1) / elapsed if elapsed else 0.0))
            if looked > LOOK_EVERY:
                looked = 0
                if goes_round("".join(parts)):
                    finish = "repeat"
                    break
        self.text = "".join(parts)
        if not finish:
            raise broken_off()
        self.finish = finish if finish == "repeat" else _FINISHES.get(finish, str(finish))
        return {"usage": usage}


def _turns(ask: Ask) -> tuple[str, str]:
    return broken_up(ask.system), broken_up(ask.document + ask.question)


def _first(event: Json) -> Json:
    choices = event.get("choices")
    found = choices[0] if isinstance(choices, list) and choices else {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _is_about_the_schema(error: ReplyError) -> bool:
    said = str(error).lower()
    return any(word in said for word in ("response_format", "json_schema", "schema", "guided", "grammar"))


def _probabilities(choice: Json, labels: tuple[str, ...]) -> dict[str, float] | None:
    """The shares of the labels among the likeliest first tokens, None if none were told."""
    content = shape.first(shape.table(choice.get("logprobs")).get("content"))
    found = dict.fromkeys(labels, 0.0)
    for token in map(shape.table, shape.items(content.get("top_logprobs"))):
        label = next((label for label in labels if str(token.get("token", "")).strip() == label), None)
        if label is not None and token.get("logprob") not in (None, -math.inf):
            found[label] += math.exp(min(0.0, shape.number(token["logprob"])))
    total = sum(found.values())
    return {label: share / total for label, share in found.items()} if total else None
