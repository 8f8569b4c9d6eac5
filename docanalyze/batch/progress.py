"""How far a batch is and how long it still takes: by tokens, for ten short files are not one long one."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docanalyze.batch.engine import Happening
from docanalyze.model import BatchDocument, BatchState

_PER_BYTE = {".pdf": 0.02, ".docx": 0.1, ".docm": 0.1, ".epub": 0.1, ".html": 0.05, ".htm": 0.05}
"""Tokens a byte, until some of a kind were read."""
_PER_BYTE_ELSE = 0.25
_LEAST_BYTES = 200_000
_SETTLED = (BatchState.DONE, BatchState.FAILED, BatchState.ASIDE, BatchState.SKIPPED)


@dataclass
class Progress:
    """What is done of a batch and what is left, told by its happenings."""

    documents: Sequence[BatchDocument]
    began: float = field(default_factory=time.monotonic)
    states: Counter[BatchState] = field(default_factory=Counter)
    findings: int = 0
    tokens: int = 0
    """Of the windows of all that was analysed now."""
    unchanged: int = 0
    at: dict[int, BatchDocument] = field(default_factory=dict)
    _left: dict[int, BatchDocument] = field(default_factory=dict)
    _read: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.documents:
            if one.state in _SETTLED and one.state is not BatchState.DONE:
                self.states[one.state] += 1
            else:
                self._left[one.number] = one

    def take(self, happening: Happening) -> None:
        """Counts what happened."""
        one = happening.document
        if one is None:
            return
        if one.state is BatchState.WORKING:
            self.at[happening.lane] = one
            if one.number not in self._left:
                self.states[BatchState.FAILED] -= 1
                self._left[one.number] = one
            return
        self.at = {lane: other for lane, other in self.at.items() if other.number != one.number}
        if one.state in _SETTLED and self._left.pop(one.number, None) is not None:
            self.states[one.state] += 1
            self.unchanged += happening.unchanged
            self.findings += one.findings
            if not happening.unchanged:
                self.tokens += one.tokens
                known = self._read.setdefault(_suffix(one), [0.0, 0.0])
                known[0] += one.tokens
                known[1] += one.size

    @property
    def done(self) -> int:
        """Documents of which nothing is left to do, skipped ones apart."""
        return self.total - len(self._left)

    @property
    def total(self) -> int:
        """Documents, skipped ones apart."""
        return len(self.documents) - self.states[BatchState.SKIPPED]

    @property
    def failed(self) -> int:
        """Documents that failed or were set aside."""
        return self.states[BatchState.FAILED] + self.states[BatchState.ASIDE]

    @property
    def tokens_left(self) -> float:
        """Of what is not done, as far as sizes tell."""
        return sum(self._expected(one) for one in self._left.values())

    @property
    def share(self) -> float:
        """Of all tokens those that are done, 0 to 1."""
        whole = self.tokens + self.tokens_left
        return self.tokens / whole if whole else 1.0

    @property
    def speed(self) -> float:
        """Tokens of documents a second."""
        seconds = time.monotonic() - self.began
        return self.tokens / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None before anything is known."""
        return self.tokens_left / self.speed if self.speed else None

    def _expected(self, one: BatchDocument) -> float:
        suffix = _suffix(one)
        tokens, size = self._read.get(suffix, (0.0, 0.0))
        # What was read so far counts for more, the more it is.
        usual = _PER_BYTE.get(suffix, _PER_BYTE_ELSE)
        return one.size * (tokens + usual * _LEAST_BYTES) / (size + _LEAST_BYTES)


def _suffix(one: BatchDocument) -> str:
    return Path(one.source).suffix.lower()
