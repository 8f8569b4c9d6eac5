"""A model server that answers what a test tells it to: real HTTP on a free port, either dialect.

It speaks for a model only where an exact answer is needed; protocol and counts are proven on the real one.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from docanalyze import tokens

Json = dict[str, Any]

SPEED = (50_000.0, 1_000.0)
"""Tokens read and written a second, where a script is to take time."""


@dataclass(frozen=True)
class Said:
    """One answer. `status` other than 200 sends `body` as it is; `raw` sends bytes as they are.

    `cut_after` breaks the connection after so many pieces, `stall` waits seconds before the first,
    `finish` is why it ended, `probabilities` are of labels, `counted` overrides the prompt's count.
    """

    text: str = ""
    status: int = 200
    body: object = None
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    cut_after: int | None = None
    stall: float = 0.0
    probabilities: dict[str, float] | None = None
    counted: int | None = None
    pieces: int = 7


@dataclass
class Seen:
    """One request as it came: its path, body, and the prompt as text with control tokens shown."""

    path: str
    body: Json
    prompt: str
    headers: dict[str, str]

    @property
    def ids(self) -> list[int]:
        return list(self.body.get("prompt", []))


Script = Callable[[Seen], Said]


class Scripted:
    """Runs until it is closed. `seen` are the requests for an answer, in order."""

    def __init__(
        self,
        script: Script,
        *,
        llama: bool = True,
        context: int = 32_768,
        key: str = "",
        speed: tuple[float, float] | None = None,
        name: str = "scripted",
    ) -> None:
        self.name = name
        self.script = script
        self.llama = llama
        self.context = context
        self.key = key
        self.speed = speed
        self.loading = 0
        self.seen: list[Seen] = []
        self.broken_off = threading.Event()
        self._cached: list[int] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            server_script = outer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> "Scripted":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def common(self, ids: list[int]) -> int:
        """How many of the ids stand at the beginning of the prompt before."""
        with self._lock:
            same = 0
            for one, other in zip(ids[:-1], self._cached, strict=False):
                if one != other:
                    break
                same += 1
            self._cached = ids
            return same


class _Handler(BaseHTTPRequestHandler):
    server_script: Scripted
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Else the last words wait until the client confirms those before, which it delays."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        if self._turned_away():
            return
        if self.path == "/props" and self.server_script.llama:
            self._json({"default_generation_settings": {"n_ctx": self.server_script.context}, "build_info": "b1-test"})
        elif self.path == "/v1/models":
            meta = {"n_params": 1, "size": 2, "n_vocab": 3, "ftype": "Q4_K_M"} if self.server_script.llama else None
            self._json({"data": [{"id": self.server_script.name, "meta": meta}]})
        else:
            self._json({"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._turned_away():
            return
        if self.path == "/tokenize":
            parse = tokens.packaged().encode if not body.get("parse_special") else _with_control
            self._json({"tokens": parse(body["content"])})
        elif self.path == "/apply-template":
            turns = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in body["messages"])
            self._json({"prompt": turns + "<|im_start|>assistant\n"})
        elif self.path in ("/completion", "/v1/chat/completions"):
            self._answer(body)
        else:
            self._json({"error": {"code": 404, "message": "File Not Found"}}, 404)

    def _turned_away(self) -> bool:
        script = self.server_script
        if script.loading:
            script.loading -= 1
            self._json({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503)
            return True
        if script.key and self.headers.get("Authorization") != f"Bearer {script.key}":
            self._json({"error": {"message": f"wrong key {self.headers.get('Authorization')}", "code": 401}}, 401)
            return True
        return False

    def _answer(self, body: Json) -> None:
        if isinstance(body.get("prompt"), list):
            prompt = _shown(body["prompt"])
        else:
            prompt = "\n".join(message["content"] for message in body["messages"])
        seen = Seen(self.path, body, prompt, dict(self.headers))
        self.server_script.seen.append(seen)
        said = self.server_script.script(seen)
        time.sleep(said.stall)
        if said.raw is not None:
            self._send(said.raw, said.status, said.content_type, said.headers)
        elif said.status != 200:
            self._json(said.body, said.status, said.headers)
        elif body.get("stream"):
            self._stream(said, seen)
        else:
            self._json(self._whole(said, seen))

    # -- answers -----------------------------------------------------------------------------------

    def _stream(self, said: Said, seen: Seen) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for number, event in enumerate(self._events(said, seen)):
                if said.cut_after is not None and number >= said.cut_after:
                    break
                self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
                self.wfile.flush()
            else:
                if not self.server_script.llama:
                    self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            self.server_script.broken_off.set()
        self.close_connection = True

    def _events(self, said: Said, seen: Seen) -> Iterator[Json]:
        step = max(1, said.pieces)
        parts = [said.text[i : i + step] for i in range(0, len(said.text), step)]
        if self.server_script.llama:
            yield from self._llama_events(said, seen, parts)
            return
        for part in parts:
            yield {"choices": [{"delta": {"content": part}, "finish_reason": None}]}
        yield {"choices": [{"delta": {}, "finish_reason": said.finish}]}
        yield {"choices": [], "usage": self._usage(said, len(parts))}

    def _llama_events(self, said: Said, seen: Seen, parts: list[str]) -> Iterator[Json]:
        begun = time.perf_counter()
        cached, total = self._read(said, seen)
        read = time.perf_counter()
        yield {"content": "", "stop": False, "prompt_progress": {"total": total, "cache": 0, "processed": total}}
        for part in parts:
            if self.server_script.speed:
                time.sleep(1 / self.server_script.speed[1])
            yield {"content": part, "stop": False}
        yield self._llama_final(said, (cached, total), len(parts), read - begun, time.perf_counter() - read)

    def _read(self, said: Said, seen: Seen) -> tuple[int, int]:
        """Tokens taken from the cache and tokens in all, after the time that the others take."""
        cached = self.server_script.common(seen.ids)
        total = said.counted if said.counted is not None else len(seen.ids)
        if self.server_script.speed:
            time.sleep(max(0, total - cached) / self.server_script.speed[0])
        return cached, total

    def _llama_final(
        self, said: Said, read: tuple[int, int], written: int, prompt_seconds: float, output_seconds: float
    ) -> Json:
        cached, total = read
        final: Json = {
            "content": "",
            "stop": True,
            "stop_type": {"length": "limit", "stop": "eos"}[said.finish],
            "tokens_evaluated": total,
            "tokens_predicted": written,
            "timings": {
                "cache_n": cached,
                "prompt_n": max(0, total - cached),
                "prompt_ms": prompt_seconds * 1000,
                "predicted_ms": output_seconds * 1000,
                "predicted_n": written,
            },
        }
        if said.probabilities:
            likeliest = max(said.probabilities, key=said.probabilities.__getitem__)
            top = [{"token": label, "prob": share} for label, share in said.probabilities.items()]
            final["content"] = likeliest
            final["completion_probabilities"] = [{"token": likeliest, "prob": 1.0, "top_probs": top}]
        return final

    def _usage(self, said: Said, written: int) -> Json:
        return {"prompt_tokens": said.counted if said.counted is not None else 11, "completion_tokens": written}

    def _whole(self, said: Said, seen: Seen) -> Json:
        if self.server_script.llama:
            begun = time.perf_counter()
            read = self._read(said, seen)
            return self._llama_final(said, read, 1, time.perf_counter() - begun, 0.0)
        choice: Json = {"message": {"content": said.text}, "finish_reason": said.finish}
        if said.probabilities:
            import math

            top = [{"token": label, "logprob": math.log(share)} for label, share in said.probabilities.items()]
            choice["logprobs"] = {"content": [{"token": top[0]["token"], "top_logprobs": top}]}
            choice["message"]["content"] = max(said.probabilities, key=said.probabilities.__getitem__)
        return {"choices": [choice], "usage": self._usage(said, 1)}

    def _json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), status, "application/json", headers or {})

    def _send(self, data: bytes, status: int, kind: str, headers: dict[str, str]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)


def _with_control(text: str) -> list[int]:
    """The ids of text in which control words are read."""
    added = tokens.instruct().added
    found: list[int] = []
    while text:
        at, word = min(
            ((text.index(word), word) for word in added if word in text), default=(len(text), ""), key=lambda e: e[0]
        )
        found += tokens.packaged().encode(text[:at])
        if word:
            found.append(added[word])
        text = text[at + len(word) :]
    return found


def _shown(ids: list[int]) -> str:
    """The text of ids, control tokens as ⟦name⟧."""
    names = {id_: f"⟦{name}⟧" for name, id_ in tokens.instruct().added.items()}
    shown, run = [], list[int]()
    for id_ in [*ids, None]:
        if id_ is None or id_ in names:
            shown.append(tokens.packaged().decode(run))
            run = []
            if id_ is not None:
                shown.append(names[id_])
        else:
            run.append(id_)
    return "".join(shown)
