"""Whether a server on this machine answers, and what it says of itself: the little that launching needs."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

_SECONDS = 5.0
_OK, _LOADING = 200, 503


@dataclass(frozen=True, slots=True)
class Granted:
    """What a server that answers serves: the model file as it names it, and the tokens of context of a slot."""

    model: str
    context: int


def is_ready(port: int) -> bool:
    """Whether something on that port says that it is ready to serve."""
    return _get(port, "/health", "")[0] == _OK


def granted(port: int, key: str) -> Granted | None:
    """What is served on that port to who has the key; None if nothing is."""
    code, said = _get(port, "/props", key)
    settings = said.get("default_generation_settings")
    if code != _OK or not isinstance(settings, dict):
        return None
    context = settings.get("n_ctx")
    return Granted(str(said.get("model_path", "")), context if isinstance(context, int) else 0)


def _get(port: int, path: str, key: str) -> tuple[int, dict[str, Any]]:
    """Status and content; 0 where nothing answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        content = response.read()
    except (OSError, HTTPException):
        return 0, {}
    finally:
        connection.close()
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = {}
    return response.status, said if isinstance(said, dict) else {}
