"""The way to a server over HTTP: what is repeated, how long is waited, and what an error means.

Never follows a redirect, never asks the environment for a proxy, never says the key.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx

from docanalyze.errors import DocanalyzeError, ReplyError, ServerAbsent, ServerRefused, ServerStalled
from docanalyze.llm.asking import Json, Progress, Watch, silent

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 120.0
_SHOWN = 200
_BUSY = frozenset({429, 502, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what is waited for. `tries` bounds repetitions of one request."""

    loading: float = 1800.0
    tries: int = 4
    first_pause: float = 0.5
    longest_pause: float = 60.0


class Again(Exception):
    """A request that may be repeated: what became of it, and when to try again if that was said."""

    def __init__(self, error: DocanalyzeError, after: float | None = None, *, loading: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.loading = loading


_T = TypeVar("_T")


def broken_off() -> Again:
    """What an answer without its end is: to be asked for again."""
    return Again(ReplyError("the answer broke off"))


class Door:
    """Requests to one server. `name` is what a user calls it by: its URL without a key."""

    def __init__(self, url: str, key: str = "", patience: Patience | None = None) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        self.patience = patience or Patience()
        self._key = key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            trust_env=False,
            follow_redirects=False,
            # The server closes a connection after a streamed answer; one kept would fail the next call.
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, watch: Watch = silent) -> Json | None:
        """The JSON at a path, None if there is nothing there."""
        return self._repeated(lambda: self._get(path), watch)

    def post(self, path: str, body: object, watch: Watch = silent, seconds: float = _ANSWER_SECONDS) -> Json:
        """The JSON answer to one request."""
        return self._repeated(lambda: self._post(path, body, seconds), watch)

    def post_once(self, path: str, body: object, seconds: float) -> Json:
        """The same, but what fails is not tried again: for what changes something on the server."""
        try:
            return self._post(path, body, seconds)
        except Again as again:
            raise again.error from None

    def stream(
        self,
        path: str,
        content: bytes,
        take: Callable[[Iterator[Json]], _T],
        silence: Callable[[], float],
        watch: Watch,
    ) -> _T:
        """What `take` makes of the events of a streamed answer.

        `silence` says, as it goes, for how many seconds nothing may come. Repeated from the start if
        the connection breaks: asking the same again does no harm.
        """

        def once() -> _T:
            with (
                self._errors(),
                self._client.stream(
                    "POST", path, content=content, headers=_JSON, timeout=self._timeout(silence())
                ) as response,
            ):
                if response.status_code != httpx.codes.OK or "json" in response.headers.get("content-type", ""):
                    response.read()
                    return take(iter([self._json(response)]))
                if "event-stream" not in response.headers.get("content-type", ""):
                    response.read()
                    raise self._not_a_server(response)
                return take(self._events(response, silence))

        return self._repeated(once, watch)

    # -- once --------------------------------------------------------------------------------------

    def _get(self, path: str) -> Json | None:
        with self._errors():
            response = self._client.get(path)
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.NOT_IMPLEMENTED):
            return None
        return self._json(response)

    def _post(self, path: str, body: object, seconds: float) -> Json:
        with self._errors():
            content = json.dumps(body).encode()
            response = self._client.post(path, content=content, headers=_JSON, timeout=self._timeout(seconds))
        return self._json(response)

    def _events(self, response: httpx.Response, silence: Callable[[], float]) -> Iterator[Json]:
        """The events of a stream; its end without the last one is a broken connection."""
        last = time.monotonic()
        for line in response.iter_lines():
            now = time.monotonic()
            if now - last > silence():
                raise ServerStalled(f"{self.url} said nothing for {now - last:.0f} seconds", "see its log")
            last = now
            if line.startswith("data:"):
                said = line[5:].strip()
                if said == "[DONE]":
                    return
                event = self._parsed(said)
                if "error" in event:
                    raise self._said(500, event)
                yield event
            elif line.startswith("error:"):
                raise self._said(500, self._parsed(line[6:].strip()))

    def _json(self, response: httpx.Response) -> Json:
        code = response.status_code
        if code == httpx.codes.OK:
            return self._parsed(response.text, response)
        try:
            body = json.loads(response.text)
        except (ValueError, RecursionError):
            body = {}
        raise self._said(code, body if isinstance(body, dict) else {}, response)

    def _parsed(self, text: str, response: httpx.Response | None = None) -> Json:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            if response is not None:
                raise self._not_a_server(response) from None
            raise Again(ServerStalled(f"{self.url} sent half a message", "see its log")) from None
        if not isinstance(value, dict):
            raise ReplyError(f"{self.url} answered with something else than an object")
        return value

    def _not_a_server(self, response: httpx.Response) -> DocanalyzeError:
        kind = response.headers.get("content-type", "no type").split(";")[0]
        return ServerRefused(f"{self.url} is no model server: it answered {kind}, not JSON", "check the address")

    def _said(self, code: int, body: Mapping[str, object], response: httpx.Response | None = None) -> Exception:
        """What an answer that is no success means."""
        error = body.get("error", {})
        message = error.get("message", "") if isinstance(error, dict) else str(error)
        said = self._hidden(" ".join(str(message).split())[:_SHOWN]) or f"HTTP {code}"
        if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return ServerRefused(
                f"{self.url} does not accept the key", "set DOCANALYZE_MAIN_KEY or DOCANALYZE_JUDGE_KEY"
            )
        if code == httpx.codes.SERVICE_UNAVAILABLE:
            stalled = ServerStalled(f"{self.url} does not get ready: {said}", "see its log")
            return Again(stalled, _retry_after(response), loading=True)
        if code in _BUSY or code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Again(ReplyError(f"{self.url} failed: {said}"), _retry_after(response))
        if code in (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED) or code < httpx.codes.BAD_REQUEST:
            return ServerRefused(f"{self.url} is no model server: {said}", "check the address")
        return ReplyError(f"{self.url} refused the request: {said}")

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text

    def _timeout(self, seconds: float) -> httpx.Timeout:
        return httpx.Timeout(seconds, connect=_CONNECT_SECONDS)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            absent = ServerAbsent(f"no model server answers at {self.url}", "start it, or check the address")
            raise Again(absent) from error
        except httpx.TimeoutException as error:
            raise ServerStalled(f"{self.url} takes too long to answer", "see its log") from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            gone = ServerAbsent(f"{self.url} broke off in the middle of an answer", "see its log; start it again")
            raise Again(gone) from error
        except httpx.HTTPError as error:
            raise ServerRefused(f"{self.url} cannot be spoken to: {error}", "check the address") from error
        except httpx.InvalidURL as error:
            raise ServerRefused(f"{self.url} is no address: {error}", "give http://HOST:PORT") from error

    # -- again -------------------------------------------------------------------------------------

    def _repeated(self, once: Callable[[], _T], watch: Watch) -> _T:
        """Tries until it succeeds, a fixed number of times; a server that loads is waited for."""
        begun, tried, pause = time.monotonic(), 0, self.patience.first_pause
        while True:
            try:
                return once()
            except Again as again:
                waited = time.monotonic() - begun
                tried += not again.loading
                if tried >= self.patience.tries or waited > self.patience.loading:
                    raise again.error from None
                watch(Progress(waiting="the server is loading" if again.loading else "trying again"))
                time.sleep(min(again.after if again.after is not None else pause, self.patience.longest_pause))
                pause = min(pause * 2, 5.0)


_JSON = {"Content-Type": "application/json"}


def _retry_after(response: httpx.Response | None) -> float | None:
    """Seconds that the server asks to wait, if it says so in seconds."""
    try:
        return max(0.0, float(response.headers["retry-after"])) if response is not None else None
    except (KeyError, ValueError):
        return None
