"""What a walk finds: files as listed, before any is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as listed. `path` is as the system has it, relative to the root, with `/`; `role` is empty where
    its content must tell; `reason` says why it is not to be read."""

    path: str
    size: int
    role: str = ""
    reason: str = ""


def told(entries: Sequence[Entry]) -> list[list[object]]:
    """Entries for another process."""
    return [[one.path, one.size, one.role, one.reason] for one in entries]


def entries_of(answer: Mapping[str, Any]) -> list[Entry]:
    """The files of a walk's answer."""
    return [Entry(*one) for one in answer["entries"]]
