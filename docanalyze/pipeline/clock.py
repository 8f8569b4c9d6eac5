"""Times and hashes that the halves of the pipeline share."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from docanalyze.code import hash_code

CODE = "code"
"""Under which a Run keeps `code()` among its versions."""


class Clock:
    """Seconds by stage, in the order first entered."""

    def __init__(self, stages: Sequence[tuple[str, float]] = ()) -> None:
        self._seconds = dict(stages)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def stages(self) -> tuple[tuple[str, float], ...]:
        return tuple((name, round(seconds, 4)) for name, seconds in self._seconds.items())


def now() -> str:
    """In UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def hashed(parts: Sequence[object]) -> str:
    """One hash of values that JSON can write."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def code() -> str:
    """Of all that decides what becomes of an answer: a Run that other code ended is not shown in its place."""
    return hash_code("analyze", "extract", "ground", "judge", "language", "merge.py", "pack", "rank")
