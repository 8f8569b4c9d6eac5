"""llama.cpp's own server: prompts as token ids, labels with probabilities, everything counted.

A prompt is put together from ids: the chat template's own parts with control tokens, texts without.
So nothing in a document can close its turn, and the count is known before anything is sent.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

from docanalyze.errors import PromptTooLong, ReplyError, ServerRefused
from docanalyze.llm import shape
from docanalyze.llm.asking import (
    Around,
    Ask,
    Choice,
    Json,
    Progress,
    Sampling,
    Slot,
    Vocabulary,
    Watch,
    broken_up,
    silent,
)
from docanalyze.llm.door import Door, broken_off
from docanalyze.llm.pace import Pace
from docanalyze.llm.repeating import LOOK_EVERY, goes_round
from docanalyze.model import Fingerprint, Reply

_SYSTEM_MARK, _USER_MARK = "\ue000system\ue000", "\ue000user\ue000"
_PROBE = "Größe  \t12,345.67 §3.2(a)\n\n  — “né” 合同 ١٢ I'll DON'T\r\n<|im_end|> e\u0301 🙂 x\u00a0y\n"
"""Text on which vocabularies differ, if they do: digits, blanks, marks, scripts, control words."""


_SLOT_SECONDS = 1800.0
"""A cache of 10 GB on a slow disk takes minutes."""


class LlamaCpp:
    """One llama.cpp server, connected. `around`, if set, is told before and after each call."""

    def __init__(self, door: Door, props: Json, models: Json, vocabulary: Vocabulary, *, remote: bool) -> None:
        self._door = door
        self._pace = Pace()
        self.around: Around | None = None
        self._prefix: tuple[tuple[str, str], list[int], str] | None = None
        self.url = door.url
        self.remote = remote
        self.unproven: tuple[str, ...] = ()
        self.context = shape.count(shape.table(props.get("default_generation_settings")).get("n_ctx"))
        served = shape.first(models.get("data"))
        meta = shape.table(served.get("meta"))
        if not meta or not self.context:
            raise ServerRefused(f"{self.url} serves no model", "start it with one")
        name = PurePath(str(served.get("id", ""))).name
        said = [str(meta.get(key, "")) for key in ("n_params", "size", "n_vocab", "ftype")]
        self.identity: tuple[str, ...] = (name, *said)
        self.fingerprint = Fingerprint(
            model=name,
            quantization=str(meta.get("ftype", props.get("model_ftype", ""))),
            context=self.context,
            build=str(props.get("build_info", "")),
        )
        self._encode = self._encoder(vocabulary)
        self._head, self._middle, self._tail = self._frame()

    def close(self) -> None:
        self._door.close()

    @property
    def pace(self) -> Pace:
        return self._pace

    # -- counting ----------------------------------------------------------------------------------

    def count(self, text: str) -> int:
        return len(self._encode(text))

    def count_ask(self, ask: Ask) -> int:
        return sum(map(len, self._ids(ask)))

    def prompt_ids(self, ask: Ask) -> list[int]:
        """The whole prompt as it is sent."""
        shared, rest = self._ids(ask)
        return [*shared, *rest]

    def _encoder(self, vocabulary: Vocabulary) -> Callable[[str], list[int]]:
        """Encodes text without control tokens: here if our vocabulary is the server's, else there."""
        if self._tokenize(_PROBE, special=False) == vocabulary.encode(_PROBE):
            return vocabulary.encode
        return lambda text: self._tokenize(broken_up(text), special=False)

    def _tokenize(self, text: str, *, special: bool, first: bool = False) -> list[int]:
        body = {"content": text, "parse_special": special, "add_special": first}
        found = self._door.post("/tokenize", body).get("tokens")
        if not isinstance(found, list) or not all(type(token) is int for token in found):
            raise ServerRefused(f"{self.url} does not count tokens", "use a newer llama.cpp server")
        return found

    def _frame(self) -> tuple[list[int], list[int], list[int]]:
        """The chat template's own tokens: before the system text, between it and the user's, after."""
        turns = [{"role": "system", "content": _SYSTEM_MARK}, {"role": "user", "content": _USER_MARK}]
        prompt = str(self._door.post("/apply-template", {"messages": turns}).get("prompt", ""))
        head, system, rest = prompt.partition(_SYSTEM_MARK)
        middle, user, tail = rest.partition(_USER_MARK)
        if not system or not user:
            raise ServerRefused(
                f"the chat template of {self.fingerprint.model} has no place for a system text and a question",
                "use an instruction-tuned model",
            )
        parts = [
            self._tokenize(part, special=True, first=not number) for number, part in enumerate((head, middle, tail))
        ]
        return parts[0], parts[1], parts[2]

    def _ids(self, ask: Ask) -> tuple[list[int], list[int]]:
        """The prompt's ids: what all asks over the document share, which is kept, and the rest."""
        shared, _ = self._shared(ask)
        opening = self._encode(ask.opening) if ask.opening else []
        return shared, [*self._encode(ask.question), *self._tail, *opening]

    def _shared(self, ask: Ask) -> tuple[list[int], str]:
        key = (ask.system, ask.document)
        # By a name of its own: another thread that counts meanwhile may put another prefix in its place.
        known = self._prefix
        if known is None or known[0] != key:
            document = self._encode(ask.document) if ask.document else []
            ids = [*self._head, *self._encode(ask.system), *self._middle, *document]
            known = self._prefix = (key, ids, ",".join(map(str, ids)))
        return known[1], known[2]

    # -- asking ------------------------------------------------------------------------------------

    def complete(self, ask: Ask, sampling: Sampling, watch: Watch = silent) -> Reply:
        settings: Json = {
            "n_predict": ask.most,
            "stream": True,
            "return_progress": True,
            "cache_prompt": True,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
            "samplers": ["temperature"],
        }
        if ask.grammar:
            settings["grammar"] = ask.grammar
        content, sent = self._content(ask, settings)
        answer = _Answer(sent, self._pace, watch)
        self._before(ask, watch)
        begun = time.perf_counter()
        final: Json = self._door.stream("/completion", content, answer.take, answer.silence, watch)
        return self._after(ask, self._reply(answer.text, final, sent, sampling, time.perf_counter() - begun), watch)

    def encode(self, text: str) -> list[int]:
        """The ids of a text, none of it read as control."""
        return self._encode(text)

    def conversation_ids(self, turns: Sequence[tuple[str, str]]) -> list[int]:
        """A conversation of (role, words) by the chat template, up to where the next answer begins.

        Control words in it are read as such: for words of our own alone, never for a document's.
        """
        messages = [{"role": role, "content": words} for role, words in turns]
        prompt = str(self._door.post("/apply-template", {"messages": messages}).get("prompt", ""))
        return self._tokenize(prompt, special=True, first=True)

    def complete_ids(
        self, ids: Sequence[int], most: int, *, to_the_end: bool = False, grammar: str = "", watch: Watch = silent
    ) -> Reply:
        """The likeliest answer to a prompt of ids; with `to_the_end` `most` tokens of it, whatever they say."""
        settings: Json = {
            "n_predict": most,
            "stream": True,
            "return_progress": True,
            "cache_prompt": True,
            "temperature": 0,
            "samplers": ["temperature"],
            "ignore_eos": to_the_end,
        }
        if grammar:
            settings["grammar"] = grammar
        self._require_room(len(ids), most)
        content = f'{{"prompt":[{",".join(map(str, ids))}],{json.dumps(settings)[1:]}'.encode()
        answer = _Answer(len(ids), self._pace, watch, may_repeat=to_the_end)
        begun = time.perf_counter()
        final: Json = self._door.stream("/completion", content, answer.take, answer.silence, watch)
        return self._reply(answer.text, final, len(ids), Sampling(), time.perf_counter() - begun)

    def choose(self, ask: Ask, labels: tuple[str, ...], watch: Watch = silent) -> Choice:
        settings = {
            "n_predict": 1,
            "cache_prompt": True,
            "temperature": 1,
            "seed": 0,
            "samplers": ["temperature"],
            "n_probs": 64,
            "post_sampling_probs": True,
            "grammar": "root ::= " + " | ".join(json.dumps(label) for label in labels),
        }
        content, sent = self._content(ask, settings)
        answer = _Answer(sent, self._pace, watch)
        self._before(ask, watch)
        begun = time.perf_counter()
        final: Json = self._door.stream("/completion", content, answer.take, answer.silence, watch)
        seconds = time.perf_counter() - begun
        reply = self._after(
            ask, self._reply(str(final.get("content", "")), final, sent, Sampling(1.0, 0), seconds), watch
        )
        found = _probabilities(final, labels)
        return Choice(max(labels, key=lambda label: found[label]), found, reply)

    def _before(self, ask: Ask, watch: Watch) -> None:
        if self.around is not None:
            self.around.before(ask, self._shared(ask)[0], watch)

    def _after(self, ask: Ask, reply: Reply, watch: Watch) -> Reply:
        if self.around is not None:
            self.around.after(ask, self._shared(ask)[0], reply, watch)
        return reply

    def _content(self, ask: Ask, settings: Json) -> tuple[bytes, int]:
        """The request's body and the tokens in its prompt. PromptTooLong if they do not fit."""
        shared, rest = self._ids(ask)
        sent = len(shared) + len(rest)
        self._require_room(sent, ask.most)
        # The shared ids are written out once for all calls: they are nearly all of the body.
        ids = ",".join(filter(None, (self._shared(ask)[1], ",".join(map(str, rest)))))
        return f'{{"prompt":[{ids}],{json.dumps(settings)[1:]}'.encode(), sent

    def _require_room(self, sent: int, most: int) -> None:
        if sent + most > self.context:
            raise PromptTooLong(
                f"the prompt has {sent:,} tokens and the answer may have {most:,}, "
                f"but the server granted {self.context:,}",
                "start it with a larger context, or give a smaller --window",
            )

    def _reply(self, text: str, final: Json, sent: int, sampling: Sampling, seconds: float) -> Reply:
        timings = shape.table(final.get("timings"))
        cached, computed = shape.count(timings.get("cache_n")), shape.count(timings.get("prompt_n"))
        if timings and cached + computed != sent:
            raise ReplyError(f"the server counted {cached + computed:,} tokens of a prompt that has {sent:,}")
        if final.get("truncated"):
            raise ReplyError("the server cut the prompt")
        written = shape.count(final.get("tokens_predicted"))
        reading, writing = (shape.number(timings.get(name)) / 1000 for name in ("prompt_ms", "predicted_ms"))
        self._pace.measured(computed, reading, written, writing)
        return Reply(
            text,
            self.fingerprint,
            sampling=str(sampling),
            prompt_tokens=sent,
            cached_tokens=cached,
            output_tokens=written,
            seconds=seconds,
            finish=str(final.get("finish", "stop")),
            prompt_seconds=reading,
            output_seconds=writing,
        )

    # -- the cache on disk -------------------------------------------------------------------------

    def save_slot(self, name: str) -> Slot:
        """Has the server write what its one slot holds to a file of that name in its own folder.

        ReplyError where it does not: it has no such folder, or there is no room.
        """
        said = self._slot("save", name)
        return Slot(shape.count(said.get("n_saved")), shape.count(said.get("n_written")))

    def restore_slot(self, name: str) -> Slot:
        """Has the server take such a file up again. It must be whole: one cut short ends the server.

        ReplyError where it refuses the file.
        """
        said = self._slot("restore", name)
        return Slot(shape.count(said.get("n_restored")), shape.count(said.get("n_read")))

    def _slot(self, action: str, name: str) -> Json:
        return self._door.post_once(f"/slots/0?action={action}", {"filename": name}, _SLOT_SECONDS)


class _Answer:
    """Takes in the events of one answer; knows what may be waited for next."""

    def __init__(self, sent: int, pace: Pace, watch: Watch, *, may_repeat: bool = False) -> None:
        self.sent = sent
        self.may_repeat = may_repeat
        self.pace = pace
        self.watch = watch
        self.text = ""
        self.written = 0

    def silence(self) -> float:
        return self.pace.silence_writing() if self.written else self.pace.silence_reading()

    def take(self, events: Iterator[Json]) -> Json:
        """The last event, with why the answer ended. What was taken before a broken stream is dropped."""
        parts: list[str] = []
        self.text, self.written, looked = "", 0, 0
        began = time.monotonic()
        for event in events:
            if progress := shape.table(event.get("prompt_progress")):
                read, to_read = shape.count(progress.get("processed")), shape.count(progress.get("total"))
                self.watch(Progress(read=read, to_read=to_read or self.sent))
                continue
            parts.append(shape.text(event.get("content")))
            if event.get("stop"):
                self.text = "".join(parts)
                return {**event, "finish": "length" if event.get("stop_type") == "limit" else "stop"}
            self.written += 1
            if self.written == 1:
                began = time.monotonic()
            looked += len(parts[-1])
            if self.written % 8 == 1:
                elapsed = time.monotonic() - began
                speed = (self.written - 1) / elapsed if elapsed else 0.0
                self.watch(Progress(self.sent, self.sent, self.written, speed))
            if looked > LOOK_EVERY and not self.may_repeat:
                looked = 0
                if goes_round(text := "".join(parts)):
                    self.text = text
                    return {"finish": "repeat", "tokens_predicted": self.written}
        raise broken_off()


def _probabilities(final: Json, labels: tuple[str, ...]) -> dict[str, float]:
    """The probability of each label after the grammar: all tokens that begin it, added up."""
    found = dict.fromkeys(labels, 0.0)
    tried = shape.first(final.get("completion_probabilities"))
    for token in map(shape.table, shape.items(tried.get("top_probs")) or [tried]):
        said = str(token.get("token", "")).strip()
        label = next((label for label in labels if said and label.startswith(said)), None)
        if label:
            found[label] += max(0.0, shape.number(token.get("prob")))
    total = sum(found.values())
    if not total:
        raise ReplyError("the server told no probability of any label")
    return {label: share / total for label, share in found.items()}
