"""Reading what a server says: JSON of another form than it should have is a failed call, never a guess.

What is left out, or null, is empty.
"""

import math
from typing import Any

from docanalyze.errors import ReplyError

Json = dict[str, Any]


def table(value: object) -> Json:
    """An object."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong("an object", value)
    return value


def items(value: object) -> list[Any]:
    """A list."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong("a list", value)
    return value


def first(value: object) -> Json:
    """The first object of a list; an empty one where there is none."""
    found = items(value)
    return table(found[0]) if found else {}


def text(value: object) -> str:
    """Words."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong("text", value)
    return value


def number(value: object) -> float:
    """A finite number."""
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST or math.isnan(value):
        raise _wrong("a number", value)
    return float(value)


def count(value: object) -> int:
    """A number of things."""
    found = number(value)
    if found < 0 or found != int(found):
        raise _wrong("a count", value)
    return int(found)


_LARGEST = 1e15


def _wrong(wanted: str, value: object) -> ReplyError:
    return ReplyError(f"the server's answer has not the form it should have: {str(value)[:40]!r} instead of {wanted}")
