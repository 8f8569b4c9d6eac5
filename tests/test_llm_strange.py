"""Answers of another form than they should have: failed calls, never a traceback."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from docanalyze import llm
from docanalyze.errors import ReplyError, ServerRefused
from tests import scripted as scripted_http
from tests.scripted import Said, Scripted, Seen
from tests.test_llm import ABCD, ask, connected, scripted

STRANGE: tuple[object, ...] = (None, "x", -1, 1.5, True, [], {}, [1], {"a": 1}, 10**30, float("inf"))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def altered(value: Any, path: tuple[str | int, ...], put: object) -> Any:
    changed = json.loads(json.dumps(value))
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = put
    return changed


def llama_events(sent: int) -> list[Any]:
    timings = {"cache_n": 0, "prompt_n": sent, "prompt_ms": 1.0, "predicted_ms": 1.0, "predicted_n": 1}
    top = [{"token": "A", "prob": 0.9}, {"token": "B", "prob": 0.1}]
    final = {"content": "A", "stop": True, "stop_type": "eos", "tokens_predicted": 1, "timings": timings}
    progress = {"total": sent, "cache": 0, "processed": sent}
    return [
        {"content": "", "stop": False, "prompt_progress": progress},
        {"content": "a", "stop": False},
        {**final, "completion_probabilities": [{"token": "A", "prob": 1.0, "top_probs": top}]},
    ]


CHUNKS: list[Any] = [
    {"choices": [{"delta": {"content": "a"}, "finish_reason": None}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {
        "choices": [],
        "usage": {"prompt_tokens": 11, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}},
    },
]
TOP = [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -3.0}]
CHOSEN = {"choices": [{"message": {"content": "A"}, "logprobs": {"content": [{"token": "A", "top_logprobs": TOP}]}}]}


@pytest.mark.parametrize("llama", [True, False], ids=["llama.cpp", "openai"])
@pytest.mark.parametrize("streamed", [True, False], ids=["answer", "label"])
def test_an_answer_of_another_form_is_a_failed_call_and_no_traceback(llama: bool, streamed: bool) -> None:
    chance = random.Random(7)

    def strange(seen: Seen) -> Said:
        whole: Any = llama_events(len(seen.ids)) if llama else CHUNKS
        if not streamed:
            whole = whole[-1] if llama else CHOSEN
        whole = altered(whole, chance.choice(list(places(whole))), chance.choice(STRANGE))
        if not streamed:
            return Said(raw=json.dumps(whole).encode())
        lines = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in whole)
        return Said(raw=lines + (b"" if llama else b"data: [DONE]\n\n"), content_type="text/event-stream")

    failed = 0
    with Scripted(strange, llama=llama) as server:
        client = connected(server.url)
        for _ in range(120):
            try:
                if streamed:
                    assert isinstance(client.complete(ask(), llm.Sampling()).text, str)
                else:
                    assert client.choose(ask(most=1), ABCD).label in ABCD
            except ReplyError:
                failed += 1
    assert failed > 10


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/props", {"default_generation_settings": []}),
        ("/props", {"default_generation_settings": {"n_ctx": "much"}}),
        ("/v1/models", {"data": 5}),
        ("/v1/models", {"data": [7]}),
        ("/tokenize", {"tokens": ["a"]}),
    ],
)
def test_a_server_that_says_strange_things_of_itself_is_none(
    path: str, body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = scripted_http._Handler._json

    def strange(self: Any, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        plain(self, body if self.path == path else value, status, headers)

    monkeypatch.setattr(scripted_http._Handler, "_json", strange)
    with scripted(Said("x")) as server, pytest.raises(ServerRefused):
        connected(server.url)
