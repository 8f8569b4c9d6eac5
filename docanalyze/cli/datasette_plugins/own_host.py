"""A plug-in of Datasette's: who asks by another name than this machine's is turned away.

A page anywhere can have its own name lead to this machine (DNS rebinding) and would read all that is answered here.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pluggy

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

OWN = frozenset({b"127.0.0.1", b"localhost"})
_REFUSAL = b"docanalyze datasette answers http://127.0.0.1 and http://localhost alone.\n"


@pluggy.HookimplMarker("datasette")
def asgi_wrapper(datasette: object) -> Callable[[Application], Application]:
    """What Datasette calls around all that it answers."""
    return only_own


def only_own(application: Application) -> Application:
    """The application for requests to this machine's own names; 403 for all others."""

    async def asked(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_own(scope["headers"]):
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": _REFUSAL})
            return
        await application(scope, receive, send)

    return asked


def _is_own(headers: list[tuple[bytes, bytes]]) -> bool:
    hosts = [value.strip().lower() for name, value in headers if name == b"host"]
    return bool(hosts) and all(host.partition(b":")[0] in OWN for host in hosts)
