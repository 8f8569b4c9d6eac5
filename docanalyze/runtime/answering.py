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


def is_busy(port: int, key: str) -> bool:
    """Whether a server computes something just now; False where it does not say."""
    slots = _asked(port, "/slots", key)[1]
    return isinstance(slots, list) and any(isinstance(slot, dict) and slot.get("is_processing") for slot in slots)


def _get(port: int, path: str, key: str) -> tuple[int, dict[str, Any]]:
    """Status and content, empty where it is no object; 0 where nothing answers."""
    status, said = _asked(port, path, key)
    return status, said if isinstance(said, dict) else {}


def _asked(port: int, path: str, key: str) -> tuple[int, object]:
    """Status and content of any form; 0 where nothing answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        content = response.read()
    except (OSError, HTTPException):
        return 0, None
    finally:
        connection.close()
    try:
        said: object = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    return response.status, said
