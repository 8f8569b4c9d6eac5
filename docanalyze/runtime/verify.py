"""Proves a server of ours, step by step: its log, its memory, its speed, what it recalls.

Steps that were not chosen are named as not run. Nothing of it starts or stops the server.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from docanalyze import llm, store, tokens
from docanalyze.errors import ServerRefused
from docanalyze.llm import Progress
from docanalyze.llm.llamacpp import LlamaCpp
from docanalyze.model import Fingerprint
from docanalyze.runtime import log, monitor, proof, recall, speed
from docanalyze.runtime.log import Seen
from docanalyze.runtime.monitor import Monitor, Planned, Sampled
from docanalyze.runtime.recall import Recalled
from docanalyze.runtime.speed import Speed
from docanalyze.runtime.values import MIB, Check, Geometry, Outcome, Running

STEPS = {1: "log", 2: "device", 3: "speed", 4: "quality"}
"""The four steps of the proof, by number."""
_IDLE_SECONDS = 1.0
_LOAD, _LOAD_WRITTEN = 2_048, 32
"""Tokens that are read and written to see a server's memory under load."""

Say = Callable[[str], None]
Plain = Callable[[Sequence[int]], tuple[Recalled, ...]]
"""What the same model tells with an f16 cache, at those of the lengths where that is known or fits."""


def silent(_: str) -> None:
    """Says nothing."""


def unknown(_: Sequence[int]) -> tuple[Recalled, ...]:
    """Nothing is known of an f16 cache."""
    return ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is proven: the server, and what it is held to.

    `geometry` and `planned` are None for a model that is not understood; `on_device` is whether this
    machine has a device that it should lie on. `plain` is asked only where a length is to be trusted.
    """

    running: Running
    geometry: Geometry | None = None
    planned: Planned | None = None
    on_device: bool = False
    plain: Plain = unknown


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: which steps, at which depths and lengths (None: all that the context has room
    for), and for how many seconds depths may be read."""

    steps: frozenset[int] = frozenset(STEPS)
    written: int = speed.WRITTEN
    depths: Sequence[int] = speed.DEPTHS
    lengths: Sequence[int] | None = None
    patience: float = speed.PATIENCE


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. What was not measured is None or empty; `trusted` is None where nothing was proven."""

    running: Running
    fingerprint: Fingerprint
    seen: Seen
    started: str
    seconds: float
    checks: tuple[Check, ...]
    speed: Speed | None = None
    busy: Sampled | None = None
    recalls: tuple[Recalled, ...] = ()
    trusted: int | None = None

    @property
    def outcome(self) -> Outcome:
        """Failed where anything failed, not provable where anything was not."""
        found = {check.outcome for check in self.checks}
        for worst in (Outcome.FAILED, Outcome.NOT_PROVABLE, Outcome.PASSED):
            if worst in found:
                return worst
        return Outcome.NOT_RUN


@dataclass
class _Found:
    """What the steps so far found."""

    seen: Seen
    checks: list[Check] = field(default_factory=list)
    speed: Speed | None = None
    busy: Sampled | None = None
    recalls: tuple[Recalled, ...] = ()


def connected(running: Running, say: Say = silent) -> LlamaCpp:
    """The way to a server of ours. ServerError where it does not answer, or is no llama.cpp."""

    def watch(progress: Progress) -> None:
        say(progress.waiting)

    server = llm.connect(running.url, tokens.packaged(), key=running.key, watch=watch)
    if not isinstance(server, LlamaCpp):
        server.close()
        raise ServerRefused(f"{running.url} is no llama.cpp server", "prove one that docanalyze server start started")
    return server


def verify(subject: Subject, effort: Effort, say: Say = silent) -> Verification:
    """Goes through the steps that were chosen, in order."""
    begun = time.monotonic()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    running = subject.running
    server = connected(running, say)
    try:
        seen = log.of_file(running.log)
        expected = proof.Expected(running.profile, subject.geometry, server.context, subject.on_device, running.version)
        of_log = proof.check_log(expected, seen)
        served = proof.fingerprint(running, server.fingerprint, seen, of_log)
        found = _Found(seen)
        for step, name in STEPS.items():
            if step not in effort.steps:
                found.checks.append(Check(step, name, "", "", Outcome.NOT_RUN))
            elif step == 1:
                found.checks += of_log
            else:
                say(name)
                _STEP[step](subject, effort, server, found, say)
    finally:
        server.close()
    return Verification(
        running,
        served,
        seen,
        started,
        time.monotonic() - begun,
        tuple(found.checks),
        found.speed,
        found.busy,
        found.recalls,
        recall.trusted(found.recalls),
    )


# -- steps -----------------------------------------------------------------------------------------


def _device(subject: Subject, _: Effort, server: LlamaCpp, found: _Found, say: Say) -> None:
    on_device = _on_device(subject, found)
    lies_there = found.seen.lies_on_device
    where, source = monitor.source(subject.running.pid, on_device=on_device, lies_there=lies_there)
    say("memory while idle")
    with Monitor(where, source) as idle:
        time.sleep(_IDLE_SECONDS)
    say("memory under load")
    most = min(_LOAD, server.context - _LOAD_WRITTEN - 1)
    with Monitor(where, source) as busy:
        server.complete_ids(speed.fresh_ids(server, most), _LOAD_WRITTEN, to_the_end=True, watch=_watch(say))
    found.busy = busy.sampled
    planned = subject.planned
    if planned is not None and not on_device:
        planned = replace(planned, total=planned.total + round(found.seen.repacked_mib * MIB))
    found.checks += monitor.checks(idle.sampled, busy.sampled, planned, on_device=on_device)


def _speed(subject: Subject, effort: Effort, server: LlamaCpp, found: _Found, say: Say) -> None:
    found.speed = speed.measure(
        server, effort.depths, written=effort.written, patience=effort.patience, watch=_watch(say)
    )
    found.checks += speed.checks(
        found.speed, subject.geometry, _parameters(server), on_device=_on_device(subject, found)
    )


def _quality(subject: Subject, effort: Effort, server: LlamaCpp, found: _Found, say: Say) -> None:
    lengths = effort.lengths if effort.lengths is not None else recall.lengths_within(server.context)
    recalls: list[Recalled] = []
    for one in recall.measure(server, lengths, watch=_watch(say)):
        say(f"{one.length:,} tokens, {one.way}: {one.right} of {one.asked}")
        recalls.append(one)
    found.recalls = tuple(recalls)
    profile, plain = subject.running.profile, None
    if profile.cache_k.is_quantized or profile.cache_v.is_quantized:
        known = recall.trusted(recalls) is not None
        plain = subject.plain([one.length for one in recalls]) if known else ()
    found.checks += recall.checks(recalls, lengths, plain)


_STEP = {2: _device, 3: _speed, 4: _quality}


def _on_device(subject: Subject, found: _Found) -> bool:
    """Whether the model lies on a device, or should."""
    return found.seen.lies_on_device or (subject.on_device and subject.running.profile.layers != 0)


def _parameters(server: LlamaCpp) -> int:
    """How many weights the model has, as the server says; 0 where it does not."""
    said = server.identity[1] if len(server.identity) > 1 else ""
    return int(said) if said.isdigit() else 0


def _watch(say: Say) -> Callable[[Progress], None]:
    def watch(progress: Progress) -> None:
        if progress.waiting:
            say(progress.waiting)
        elif progress.written:
            say(f"writing {progress.written:,} tokens")
        elif progress.to_read:
            say(f"reading {progress.read:,} of {progress.to_read:,} tokens")

    return watch


# -- keeping ---------------------------------------------------------------------------------------


def as_proof(found: Verification) -> store.Proof:
    """A verification as it is stored."""
    return store.Proof(
        found.fingerprint,
        found.running.role.value,
        found.running.profile.name,
        found.started,
        found.seconds,
        found.outcome.value,
        tuple(store.CheckRow(c.step, c.name, c.expected, c.seen, c.outcome.value, c.remedy) for c in found.checks),
        tuple(store.SpeedRow(d.depth, d.reading, d.writing) for d in found.speed.depths) if found.speed else (),
        tuple(store.RecallRow(r.length, r.way, r.asked, r.right, r.quoted) for r in found.recalls),
        found.trusted,
    )


def as_recalled(rows: Sequence[store.RecallRow]) -> tuple[Recalled, ...]:
    """What was stored of an earlier measurement."""
    return tuple(Recalled(row.length, row.way, row.asked, row.right, row.quoted) for row in rows)


def steps_of(checks: Sequence[Check]) -> Iterator[tuple[int, str, list[Check]]]:
    """The checks by step, in order."""
    for step, name in STEPS.items():
        yield step, name, [check for check in checks if check.step == step]
