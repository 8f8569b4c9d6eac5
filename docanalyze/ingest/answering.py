"""How the reading process answers: one JSON object a line, errors among them."""

import json
import re
from typing import Any, TextIO

from docanalyze.errors import SourceDamaged

Json = dict[str, Any]

_PATH = re.compile(r"\s?'[^']*[/\\][^']*'")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Answers:
    """Where answers go: one JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def send(self, **values: object) -> None:
        self.stream.write(json.dumps(values, separators=(",", ":")) + "\n")
        self.stream.flush()


def damaged(name: str, error: Exception) -> SourceDamaged:
    """What to say of a file at which a library failed."""
    # Not where the file lies: a report may be sent to others.
    reason = _PATH.sub("", _INVISIBLE.sub(" ", str(error))).strip()[:120]
    if "alloc" in reason:
        return SourceDamaged(f"{name} needs more memory than reading may take", "it may be made to do that")
    return SourceDamaged(f"{name} is damaged: {reason or 'it cannot be opened'}", "get the file again")
