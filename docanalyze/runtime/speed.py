"""Step 3 of the proof: how fast a server writes and reads, by its own timings, and what the way to it costs.

Reading is measured at depths from a thousand tokens to the full window: each depth goes on where the last
one stopped, so the window is read once in all. A fall that arithmetic does not explain is attention that
runs on the processor in silence.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.llm import Watch, silent
from docanalyze.llm.llamacpp import LlamaCpp
from docanalyze.model import Reply
from docanalyze.runtime import story
from docanalyze.runtime.values import Check, Geometry, Outcome

STEP = 3
WRITTEN = 1000
"""Tokens that are written from a prompt that is always the same."""
DEPTHS = (1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 98_304, 131_072, 262_144, 524_288, 1_048_576)
PROBE = 1_024
"""Tokens that are read to measure reading at a depth."""
ALLOWED = 0.3
"""Of the speed that arithmetic allows at a depth: less is a fault. Kernels of attention are slower than others."""
PATIENCE = 1_800.0
"""Seconds that reading may take in all; deeper than fits into them is not measured."""
_NO_TIMES = "this server tells no timings of what it reads and writes: use a newer build"
_AT_DEPTH = 16
_SLOWER = 1.5
_BASE, _PER_THOUSAND, _PER_TOKEN, _SHARE = 0.003, 0.0005, 0.0003, 0.01
_TURNS = (
    ("system", "You write plain prose."),
    ("user", "Describe in as many words as you like how a paper mill works, from the tree to the sheet."),
)


@dataclass(frozen=True, slots=True)
class Depth:
    """Tokens a second at one depth of the window."""

    depth: int
    read: int
    reading: float
    writing: float


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured. `wall_seconds` is of the writing call as seen from here, the rest the server's own.

    `skipped` are depths that would have taken too long.
    """

    prompt: int
    written: int
    prompt_seconds: float
    write_seconds: float
    wall_seconds: float
    depths: tuple[Depth, ...] = ()
    skipped: tuple[int, ...] = ()

    @property
    def writing(self) -> float:
        """Tokens written a second. The first one belongs to reading."""
        return (self.written - 1) / self.write_seconds if self.written > 1 and self.write_seconds else 0.0

    @property
    def seconds_for_thousand(self) -> float:
        """Seconds for a thousand tokens at that speed."""
        return 1000 / self.writing if self.writing else 0.0

    @property
    def beside_seconds(self) -> float:
        """What HTTP and the client added."""
        return max(0.0, self.wall_seconds - self.prompt_seconds - self.write_seconds)


def measure(
    server: LlamaCpp,
    depths: Sequence[int] = DEPTHS,
    *,
    written: int = WRITTEN,
    patience: float = PATIENCE,
    watch: Watch = silent,
) -> Speed:
    """Writes from a constant prompt, then reads to each depth that the context has; by default all of them."""
    ids = server.conversation_ids(_TURNS)
    most = min(written, server.context - len(ids) - 1)
    # Read once before: what is measured is writing, not the first touch of weights and cache.
    server.complete_ids(ids, 1, to_the_end=True, watch=watch)
    reply = server.complete_ids(ids, most, to_the_end=True, watch=watch)
    found, skipped = _depths(server, depths, patience, watch)
    return Speed(
        reply.prompt_tokens,
        reply.output_tokens,
        reply.prompt_seconds,
        reply.output_seconds,
        reply.seconds,
        found,
        skipped,
    )


def depths_within(context: int, depths: Sequence[int] = DEPTHS) -> list[int]:
    """The depths that a context has room for, and what is nearest to its end."""
    full = context - _AT_DEPTH - 1
    found = [depth for depth in depths if depth <= full]
    if full - (found[-1] if found else 0) > PROBE // 2:
        found.append(full)
    return found or [full]


def _depths(
    server: LlamaCpp, wanted: Sequence[int], patience: float, watch: Watch
) -> tuple[tuple[Depth, ...], tuple[int, ...]]:
    listed = depths_within(server.context, wanted)
    ids = fresh_ids(server, listed[-1])
    found: list[Depth] = []
    begun, there = time.monotonic(), 0
    for position, depth in enumerate(listed):
        # A server that tells no timings is measured to the end.
        rate = found[-1].reading if found else 0.0
        if rate and (depth - there) / rate * _SLOWER > patience - (time.monotonic() - begun):
            return tuple(found), tuple(listed[position:])
        if depth - there > PROBE:
            server.complete_ids(ids[: depth - PROBE], 1, to_the_end=True, watch=watch)
        reply = server.complete_ids(ids[:depth], _AT_DEPTH, to_the_end=True, watch=watch)
        found.append(_depth(depth, reply))
        there = depth
    return tuple(found), ()


def _depth(depth: int, reply: Reply) -> Depth:
    read = reply.prompt_tokens - reply.cached_tokens
    reading = read / reply.prompt_seconds if reply.prompt_seconds else 0.0
    writing = (reply.output_tokens - 1) / reply.output_seconds if reply.output_seconds else 0.0
    return Depth(depth, read, reading, writing)


def fresh_ids(server: LlamaCpp, most: int) -> list[int]:
    """So many tokens of text that no earlier call has sent."""
    found: list[int] = []
    for paragraph in story.paragraphs(seed=round(time.time())):
        found += server.encode(f"{paragraph}\n\n")
        if len(found) >= most:
            return found[:most]
    return found


# -- checks ----------------------------------------------------------------------------------------


def checks(speed: Speed, geometry: Geometry | None, parameters: int, *, on_device: bool = True) -> tuple[Check, ...]:
    """What the measured speeds prove. `parameters` are the model's, 0 where unknown.

    Without a device, nothing can fall back to the processor: a fall then says that the machine was busy.
    """
    return (_written(speed), _way(speed), *_fall(speed, geometry, parameters, on_device=on_device))


def _written(speed: Speed) -> Check:
    found = f"{speed.written:,} in {speed.write_seconds:.1f} s: {speed.writing:.1f} a second"
    wanted = f"{WRITTEN:,} from a constant prompt"
    if not speed.writing:
        return Check(STEP, "tokens written", wanted, f"{speed.written:,}", Outcome.NOT_PROVABLE, _NO_TIMES)
    if speed.written < WRITTEN:
        return Check(STEP, "tokens written", wanted, found, Outcome.NOT_PROVABLE, "the context has no room for so many")
    return Check(STEP, "tokens written", wanted, found, Outcome.PASSED)


def _way(speed: Speed) -> Check:
    """What HTTP and the client add, held to a hundredth of the time, or to what a call costs at the least."""
    name = "added by HTTP and client"
    if not (speed.prompt_seconds and speed.write_seconds):
        return Check(STEP, name, f"{_SHARE:.0%} of the time", "nothing", Outcome.NOT_PROVABLE, _NO_TIMES)
    own = speed.prompt_seconds + speed.write_seconds
    least = _BASE + _PER_THOUSAND * speed.prompt / 1000 + _PER_TOKEN * speed.written
    bar = max(_SHARE * own, least)
    share = speed.beside_seconds / speed.wall_seconds if speed.wall_seconds else 0.0
    found = f"{speed.beside_seconds * 1000:.0f} ms, {share:.1%} of the time"
    good = speed.beside_seconds <= bar
    outcome = Outcome.PASSED if good else Outcome.FAILED
    remedy = "" if good else "other work on this machine slows the client down: measure again when it is idle"
    return Check(STEP, name, f"at most {bar * 1000:.0f} ms", found, outcome, remedy)


def _fall(speed: Speed, geometry: Geometry | None, parameters: int, *, on_device: bool) -> list[Check]:
    """Reading at each depth against reading at the start, less what attention must cost there."""
    found: list[Check] = []
    remedy = (
        "attention runs on the processor: take q8_0 or q4_0 for both K and V, or another build"
        if on_device
        else "other work on this machine slows it down: measure again when it is idle"
    )
    slow = Outcome.FAILED if on_device else Outcome.NOT_PROVABLE
    for at in speed.depths:
        name, start = f"reading at {at.depth:,}", speed.depths[0]
        told = f"{at.reading:,.0f} tokens a second (writing {at.writing:.1f})"
        if not (at.reading and start.reading):
            found.append(Check(STEP, name, "measured", "no time", Outcome.NOT_PROVABLE, _NO_TIMES))
            continue
        if at is start:
            found.append(Check(STEP, name, "the speed at the start", told, Outcome.PASSED))
            continue
        least = start.reading * ALLOWED * share(start.depth, at.depth, geometry, parameters)
        good = at.reading >= least
        wanted = f"at least {least:,.0f} tokens a second"
        found.append(Check(STEP, name, wanted, told, Outcome.PASSED if good else slow, "" if good else remedy))
    told = "not measured: it would take too long"
    late = Outcome.NOT_PROVABLE
    found += [
        Check(STEP, f"reading at {depth:,}", "measured", told, late, "give more --minutes") for depth in speed.skipped
    ]
    return found


def share(start: int, depth: int, geometry: Geometry | None, parameters: int) -> float:
    """How fast reading at a depth can be, of what it is at the start: work for a token there against here.

    A token costs two operations for each weight that it meets, and four for each element of the keys that
    it attends to. Weights of the vocabulary are not met while reading.
    """
    if geometry is None or not parameters:
        return start / depth
    weights = 2.0 * max(parameters - 2 * geometry.vocabulary * geometry.embedding, parameters // 10)
    return _work(start, weights, geometry) / _work(depth, weights, geometry)


def _work(depth: int, weights: float, geometry: Geometry) -> float:
    local = geometry.local or (False,) * geometry.layers
    seen = [
        min(depth, geometry.window) if near and geometry.window else depth
        for near, heads in zip(local, geometry.kv_heads, strict=True)
        if heads
    ]
    return weights + 4.0 * geometry.heads * geometry.key_length * sum(seen)
