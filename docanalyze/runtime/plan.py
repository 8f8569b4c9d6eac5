"""What fits where: configurations of context and cache types on a device, the best of them, and the judge's place.

Arithmetic alone: nothing is started. A configuration fits where weights, cache, compute buffer, driver
and a margin are at most the size of the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from docanalyze.errors import UsageError
from docanalyze.runtime import catalogue, devices, geometry, profiles
from docanalyze.runtime.catalogue import Reach
from docanalyze.runtime.devices import Device
from docanalyze.runtime.values import GIB, MIB, CacheType, Geometry, Profile

MARGIN = GIB
CONTEXTS = (32_768, 65_536, 131_072)

_F16, _Q8, _Q4 = CacheType.F16, CacheType.Q8_0, CacheType.Q4_0
PAIRS = ((_F16, _F16), (_Q8, _Q8), (_Q8, _Q4), (_Q4, _Q4))
"""From the most to the least precise."""
_BREAKS_BELOW_Q8 = ("qwen2",)
"""Families whose keys have outliers that four bits lose (biases of their key projections)."""
_STEP = 8192
_LEAST = 4096
_LONGEST_ON_CPU = 32_768
"""A processor reads a 14B model's prompt at some tens of tokens a second: more than this takes it hours."""

ORIGINAL = ("baseline", "a", "b", "c")
"""The profiles of the original report, on a 24 GB card with a 14B model."""


class Placement(StrEnum):
    """Where the judge is served."""

    TOGETHER = "together"
    IN_TURN = "in-turn"
    CPU = "cpu"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Row:
    """One configuration on one device, in bytes. `driver` is an estimate, the rest is computed."""

    profile: Profile
    weights: int
    cache: int
    compute: int
    driver: int
    room: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.compute + self.driver

    @property
    def free(self) -> int:
        """What is left of the device; below zero, what is missing."""
        return self.room - self.total


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be recommended. `margin` stays free; mixed pairs need kernels that few builds have."""

    margin: int = MARGIN
    q4_keys: bool = False
    mixed: bool = False
    context: int = 0
    placement: Placement | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All configurations on one device; `best` is the recommended one, None where nothing fits."""

    device: Device
    rows: tuple[Row, ...]
    best: Row | None
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A table a device, and where the judge goes. `judge_row` is what the judge takes there."""

    main: Geometry
    judge: Geometry | None
    tables: tuple[Table, ...]
    chosen: Table
    placement: Placement
    why: str
    judge_row: Row | None

    @property
    def recommended(self) -> Profile | None:
        """The profile `auto`."""
        return self.chosen.best.profile if self.chosen.best else None


def plan(
    main: Geometry, judge: Geometry | None, devices: Sequence[Device], host: Device, reach: Reach, rules: Rules
) -> Plan:
    """What of `main` fits on each device, and where `judge` goes; `reach` is how far `main` can be served.

    UsageError where a context was asked for that the model does not know.
    """
    if rules.context > reach.longest:
        raise UsageError(
            f"{main.name} knows {reach.longest:,} tokens of context, not {rules.context:,}",
            f"give --context {reach.longest} or less",
        )
    apart = min(len(devices), 2) == 2
    kept = 0
    if judge is not None and judge != main and rules.placement is Placement.TOGETHER and not apart:
        kept = judge_row(judge, devices[0]).total
    tables = tuple(_table(main, device, reach, rules, kept) for device in devices)
    chosen = max(tables, key=_worth)
    placement, why, row = _place(main, judge, chosen, tables, host, rules)
    return Plan(main, judge, tables, chosen, placement, why, row)


def here(main: Geometry, judge: Geometry | None, rules: Rules) -> Plan:
    """The plan for the devices of this machine, or for its own memory where it has none."""
    return on(devices.found(), main, judge, rules)


def on(cards: Sequence[Device], main: Geometry, judge: Geometry | None, rules: Rules) -> Plan:
    """The plan for these devices; for the machine's own memory where there is none whose memory is known."""
    host = devices.host()
    cards = tuple(card for card in cards if card.size)
    if not cards and not host.size:
        raise UsageError("the memory of this machine is not known", "say what to plan for: --vram 16GB")
    return plan(main, judge, cards or (host,), host, catalogue.reach(main), rules)


def row(model: Geometry, profile: Profile, device: Device) -> Row:
    """What one configuration takes of one device."""
    return Row(
        profile,
        weights=model.weight_bytes - (model.host_bytes if device.gpu else 0),
        cache=geometry.cache_bytes(model, profile.context, profile.cache_k, profile.cache_v, profile.micro_batch),
        compute=geometry.compute_bytes(model, profile, gpu=device.gpu)
        + (0 if device.gpu else geometry.output_bytes(model)),
        driver=geometry.DRIVER_BYTES if device.gpu else 0,
        room=device.size,
    )


def judge_row(judge: Geometry, device: Device) -> Row:
    """What a judge takes: the context of its profile, which is short, and its cache in f16."""
    profile = profiles.all_of()[profiles.JUDGE if device.gpu else profiles.JUDGE_ON_CPU]
    return row(judge, replace(profile, context=min(profile.context, judge.trained_context)), device)


def _worth(table: Table) -> tuple[int, int, int]:
    """On which device the main model goes: the longest context, the most precise cache, the most memory."""
    if table.best is None:
        return (-1, 0, table.device.size)
    best = table.best.profile
    return (best.context, -PAIRS.index((best.cache_k, best.cache_v)), table.device.size)


def _table(main: Geometry, device: Device, reach: Reach, rules: Rules, kept: int) -> Table:
    shown = [context for context in CONTEXTS if context <= reach.longest] or [reach.longest]
    if rules.context:
        shown = [rules.context]
    pairs = [pair for pair in PAIRS if _possible(main, pair)]
    rows = [row(main, _profile(context, pair, reach, device), device) for context in shown for pair in pairs]
    best = _best(main, device, reach, rules, kept)
    if best is not None and best not in rows:
        rows = sorted([*rows, best], key=lambda one: (one.profile.context, -one.cache))
    return Table(device, tuple(rows), best, _reason(main, device, best, rows, rules, kept))


def _possible(main: Geometry, pair: tuple[CacheType, CacheType]) -> bool:
    lengths = (main.key_length, main.value_length)
    return not any(type_.is_quantized and length % 32 for type_, length in zip(pair, lengths, strict=True))


def _profile(context: int, pair: tuple[CacheType, CacheType], reach: Reach, device: Device) -> Profile:
    return _stretched(Profile(profiles.AUTO, context, *pair, layers=-1 if device.gpu else 0), reach)


def _stretched(profile: Profile, reach: Reach) -> Profile:
    factor = reach.factor(profile.context)
    return replace(profile, yarn_factor=factor, yarn_context=reach.yarn_from if factor else 0)


def allowed(main: Geometry, rules: Rules) -> tuple[tuple[CacheType, CacheType], ...]:
    """The pairs of cache types that may be recommended, the most precise first."""
    safe_keys = main.architecture in _BREAKS_BELOW_Q8 and not rules.q4_keys
    return tuple(
        (k, v) for k, v in PAIRS if _possible(main, (k, v)) and (k == v or rules.mixed) and not (k is _Q4 and safe_keys)
    )


def _best(main: Geometry, device: Device, reach: Reach, rules: Rules, kept: int) -> Row | None:
    """The longest context, and at that the most precise cache, that fits."""
    limit = device.size - rules.margin - kept
    best: Row | None = None
    for pair in allowed(main, rules):
        fitting = _longest(main, device, reach, rules, pair, limit)
        if fitting is not None and (best is None or fitting.profile.context > best.profile.context):
            best = fitting
    return best


def _longest(
    main: Geometry,
    device: Device,
    reach: Reach,
    rules: Rules,
    pair: tuple[CacheType, CacheType],
    limit: int,
) -> Row | None:
    longest = min(reach.longest, max(CONTEXTS) if device.gpu else _LONGEST_ON_CPU)
    steps = {context for context in range(_STEP, longest + 1, _STEP)} | {_LEAST, longest}
    steps = {context for context in steps if context <= longest}
    for context in sorted([rules.context] if rules.context else steps, reverse=True):
        tried = row(main, _profile(context, pair, reach, device), device)
        if tried.total <= limit:
            return tried
    return None


def _reason(main: Geometry, device: Device, best: Row | None, rows: Sequence[Row], rules: Rules, kept: int) -> str:
    if best is None:
        least = min(rows, key=lambda one: one.total)
        return (
            f"the smallest of these takes {_mib(least.total)} MiB, and {_mib(rules.margin + kept)} MiB stay free; "
            "take a smaller model or quantization, or a shorter context"
        )
    said = [
        "the most precise cache that fits"
        if rules.context
        else "the longest context, at the most precise cache that fits it"
    ]
    if not device.gpu:
        said.append("a processor would read longer prompts for hours")
    if main.architecture in _BREAKS_BELOW_Q8 and not rules.q4_keys:
        said.append(f"keys below q8_0 are left out: models of the family {main.architecture} break under them")
    if device.gpu and not rules.mixed:
        said.append("keys and values of one type: default CUDA builds compute others on the CPU, and say nothing")
    if kept:
        said.append(f"{_mib(kept)} MiB are kept for the judge")
    if factor := best.profile.yarn_factor:
        said.append(f"YaRN stretches {best.profile.yarn_context:,} tokens by {factor:g}")
    return "; ".join(said)


def _place(
    main: Geometry,
    judge: Geometry | None,
    chosen: Table,
    tables: Sequence[Table],
    host: Device,
    rules: Rules,
) -> tuple[Placement, str, Row | None]:
    """Where the judge goes, why, and what it takes there."""
    if judge is None or judge == main:
        return Placement.ONE, "one model finds and judges: no other was named", None
    if rules.placement is Placement.ONE:
        return Placement.ONE, "one model finds and judges, as asked", None
    others = [table.device for table in tables if table is not chosen]
    fitting = [one for one in (judge_row(judge, device) for device in others) if one.free >= rules.margin]
    here, on_cpu = judge_row(judge, chosen.device), judge_row(judge, host)
    if rules.placement is not None:
        on_device = fitting[0] if fitting else here
        return rules.placement, "as asked", on_cpu if rules.placement is Placement.CPU else on_device
    if fitting:
        return (
            Placement.TOGETHER,
            f"each has a device of its own, the judge one of {_mib(fitting[0].room)} MiB",
            fitting[0],
        )
    left = (chosen.best.free if chosen.best else 0) - rules.margin
    if here.total <= left:
        return Placement.TOGETHER, "both fit on the device", here
    short = f"{_mib(max(left, 0))} MiB are left beside the main model, and the judge takes {_mib(here.total)} there"
    if chosen.device.gpu and (not host.size or on_cpu.free >= 2 * rules.margin):
        return Placement.CPU, f"{short}; its inputs are short, so that the CPU will do, and nothing is swapped", on_cpu
    return Placement.IN_TURN, f"{short}; the main model first, then the judge", here


def original(main: Geometry, device: Device, reach: Reach) -> tuple[Row, ...]:
    """The four original configurations, computed for this model."""
    known = profiles.all_of()
    return tuple(row(main, _stretched(known[name], reach), device) for name in ORIGINAL)


def is_original(main: Geometry) -> bool:
    """Whether the reported figures are of a model of this shape: 14B, 48 layers, 8 KV heads of 128."""
    return main.kv_heads == (8,) * 48 and main.key_length == 128 and main.embedding == 5120


def _mib(size: int) -> str:
    return f"{size / MIB:,.0f}"
