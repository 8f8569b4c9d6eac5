"""The rules of .gitignore files: which of them decide about a file, in bounded time.

How a pattern matches is pathspec's knowledge. What is asked here is git's question about each folder
on the way down, whether this name itself is ignored, so the ends of its expressions are made to hold
the whole path: `*`, `!*/`, `!*.py` works as with git.
"""

import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

MOST_BYTES = 256_000
_MOST_RULES = 5_000
_MOST_CHARS = 500
_MOST_STARS = 3
_MOST_PARTS_OF_ANY_DEPTH = 2
_MOST_SECONDS = 5.0
_TICK_SECONDS = 0.2
_MARK = "(?P<ps_d>/)"
_TAIL = f"(?:{_MARK}|$)"
_ANYWHERE = "^(?:.+/)?"
_STARS = re.compile(r"\*+")
# Any depth, and any depth below that: the same folders as once, and many times the ways to match.
_AGAIN = re.compile(r"(^!?|/)(?:\*\*/)+(?=\*\*(?:/|\s*$))")


@dataclass(frozen=True, slots=True)
class _Rule:
    expression: re.Pattern[str]
    of_name: bool
    ignores: bool

    def fits(self, name: str, path: str) -> bool:
        """Whether a path with this name at its end is meant."""
        return self.expression.search(name if self.of_name else path) is not None


class Rules:
    """The rules of one file, for paths relative to its folder. `dropped` counts those that could take for ever.

    `idle` are the first so many lines of which no path was met yet that fits them.
    """

    def __init__(self, lines: Sequence[str], clock: "Clock", watched: int = 0) -> None:
        self.dropped = max(0, len(lines) - _MOST_RULES)
        self._clock = clock
        self._rules: list[_Rule] = []
        self._idle: dict[str, _Rule | None] = {}
        for number, line in enumerate(lines[:_MOST_RULES]):
            pattern = _AGAIN.sub(r"\1", line)
            if _is_tangled(pattern):
                self.dropped += 1
                continue
            rule = _rule(pattern)
            if rule is not None:
                self._rules.append(rule)
            if number < watched:
                self._idle[line] = rule
        self._rules.reverse()
        self._of_names = _any([rule.expression.pattern for rule in self._rules if rule.of_name])
        self._of_paths = _any([rule.expression.pattern for rule in self._rules if not rule.of_name])

    @classmethod
    def read(cls, data: bytes, clock: "Clock") -> "Rules":
        text = data.decode("utf-8-sig", errors="surrogateescape")
        return cls([line.rstrip("\r") for line in text.split("\n")], clock)

    @property
    def idle(self) -> list[str]:
        return list(self._idle)

    def decide(self, path: str) -> bool | None:
        """Whether a path, a folder's with `/` at its end, is ignored; None where no rule says so or otherwise."""
        if not self._rules or self._clock.is_over:
            return None
        name = path[path.rfind("/", 0, -1) + 1 :]
        try:
            with self._clock:
                return self._decided(name, path)
        except _TooLong:
            return None

    def _decided(self, name: str, path: str) -> bool | None:
        if not self._of_names.search(name) and not self._of_paths.search(path):
            return None
        if self._idle:
            met = [line for line, rule in self._idle.items() if rule is not None and rule.fits(name, path)]
            self._idle = {line: rule for line, rule in self._idle.items() if line not in met}
        return next((rule.ignores for rule in self._rules if rule.fits(name, path)), None)


class Clock:
    """How long all matching of one walk takes. `is_over` when that is too much: from then on no rule holds."""

    def __init__(self, most_seconds: float = _MOST_SECONDS) -> None:
        self.most_seconds = most_seconds
        self.seconds = 0.0
        self._began = 0.0

    @property
    def is_over(self) -> bool:
        return self.seconds > self.most_seconds

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        began, self._began = self._began, 0.0
        self.seconds += time.perf_counter() - began

    @contextmanager
    def alarm(self) -> Iterator[None]:
        """Breaks off a single match that does not end: an expression looks for signals while it matches.

        Only in the main thread, and where the system has such a timer; elsewhere who waits for the walk has
        to have a limit.
        """
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGVTALRM, self._ring)
        signal.setitimer(signal.ITIMER_VIRTUAL, _TICK_SECONDS, _TICK_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    def _ring(self, _: int, __: object) -> None:
        if self._began and self.seconds + time.perf_counter() - self._began > self.most_seconds:
            raise _TooLong


class _TooLong(Exception):
    """Matching took too long."""


def _is_tangled(line: str) -> bool:
    """Whether matching it could take exponentially long in the number of its wildcards."""
    parts = line.strip().split("/")
    stars = max(len(_STARS.findall(part)) for part in parts)
    return len(line) > _MOST_CHARS or stars > _MOST_STARS or parts.count("**") > _MOST_PARTS_OF_ANY_DEPTH


def _rule(line: str) -> _Rule | None:
    from pathspec.patterns.gitignore.base import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        found, ignores = GitIgnoreSpecPattern.pattern_to_regex(line)
        if found is None or ignores is None:
            return None
        of_name = found.startswith(_ANYWHERE) and "/" not in _bare(line)
        expression = re.compile(_whole(found, _bare(line), of_name=of_name), re.DOTALL)
    except (GitIgnorePatternError, re.error):
        return None
    return _Rule(expression, of_name, ignores)


def _bare(line: str) -> str:
    """A pattern without its sign and without the slash that says that it means folders."""
    return line.strip().removeprefix("!").removesuffix("/").removeprefix("**/")


def _whole(found: str, bare: str, *, of_name: bool) -> str:
    """pathspec's expression, that matches a path when it matches a folder above it, made to match the path itself."""
    if of_name:
        found = "^" + found.removeprefix(_ANYWHERE)
    if found == _MARK:
        return r"/\Z"
    if found.endswith(_TAIL):
        return found.removesuffix(_TAIL) + r"/?\Z"
    if found.endswith(_MARK):
        below = ".+/" if bare.endswith("/**") else ""
        return found.removesuffix(_MARK) + rf"/{below}\Z"
    if found == "/":
        return r"/(?!\Z)"
    return found + "." if found.endswith("/") else found


def _any(expressions: Sequence[str]) -> re.Pattern[str]:
    """One expression for most paths, which no rule matches."""
    return re.compile("|".join(f"(?:{one})" for one in expressions) or r"(?!)", re.DOTALL)
