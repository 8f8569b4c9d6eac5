"""Step 1 of the proof: what was asked of a server against what its log says that it did.

What the log does not say is not provable, and never passed. The arithmetic is ours, the figures are the
server's: they must agree to the last digit that the log prints.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from docanalyze.errors import ModelRefused
from docanalyze.model import Fingerprint
from docanalyze.runtime.geometry import cache_sides, cells
from docanalyze.runtime.log import Buffer, Seen
from docanalyze.runtime.values import MIB, Check, Geometry, Outcome, Profile, Running

STEP = 1
_LOUDER = "start the server with -lv 4, so that its log has these lines"
_TYPES, _CONTEXT, _POSITIONS = "cache types", "context of a slot", "positions"
_OF_FINGERPRINT = (_TYPES, _CONTEXT, _POSITIONS)
_UNNAMED = ("", "b0-unknown", "0-unknown", "unknown")
_ROUNDED = 0.006
"""MiB by which a figure that was printed with two decimals may differ from the exact one."""
_ON_HOST = (
    "this machine has a card and the server does not use it: install a build for it (docanalyze doctor says what "
    "is missing), the extra docanalyze[gpu] to plan for it, or take the profile cpu"
)
_STRETCH_ROUNDED = 1e-3
"""Of a factor of stretching: logs print its inverse, with six digits."""
_OWN_SCALING = re.compile(r"(?P<kind>\S+) x(?P<factor>\d[\d.]*(?:e[+-]?\d+)?)(?: from (?P<original>\d+))?")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a server is held to. `geometry` is None for an architecture that is not understood.

    `granted` is what the server itself says a slot has. `on_device` is whether this machine has a device
    that the model should lie on.
    """

    profile: Profile
    geometry: Geometry | None
    granted: int
    on_device: bool
    version: str = ""


def check_log(expected: Expected, seen: Seen) -> tuple[Check, ...]:
    """Everything that a log can prove of a server, in the order in which it is shown."""
    if seen.lies_on_device and expected.profile.layers:
        # Only NVIDIA's devices are known beforehand: what uses another one must lie on it as wholly.
        expected = replace(expected, on_device=True)
    return (
        _types(expected, seen),
        _bytes(expected, seen),
        _places(expected, seen),
        _flash(expected, seen),
        _layers(expected, seen),
        _kernels(expected, seen),
        _context(expected, seen),
        _rope(expected, seen),
        _devices(expected, seen),
        _build(expected, seen),
    )


def fingerprint(running: Running, said: Fingerprint, seen: Seen, checks: tuple[Check, ...]) -> Fingerprint:
    """What serves, complete: of the file what was hashed, of the cache what the log says.

    `said` is what the server tells of itself. It is proven where nothing failed and the log was seen to
    say what the fingerprint holds: the cache types, the context, the positions.
    """
    held = [check.outcome for check in checks if check.name in _OF_FINGERPRINT]
    return Fingerprint(
        model=running.model_file.name,
        file_sha256=running.model_sha256,
        quantization=said.quantization,
        cache_k=seen.key_type,
        cache_v=seen.value_type,
        context=said.context,
        rope=rope(running.profile),
        build=named_build(said.build or seen.build, running.version),
        device=device(seen),
        proven=passed(checks) and len(held) == len(_OF_FINGERPRINT) and set(held) == {Outcome.PASSED},
    )


def rope(profile: Profile) -> str:
    """How positions are stretched; empty where they are not."""
    if not profile.yarn_factor:
        return ""
    return f"yarn {profile.yarn_factor:g} x {profile.yarn_context}"


def named_build(said: str, version: str) -> str:
    """The build as it names itself; the version of its package where it does not."""
    return version if said in _UNNAMED and version else said


def device(seen: Seen) -> str:
    """The devices that hold the cache, each with its name where the log gives one."""
    names = []
    for place in dict.fromkeys(buffer.device for buffer in seen.cache_buffers):
        told = next((line for line in seen.devices if line.startswith(f"{place}:")), place)
        names.append(told.partition(" (")[0] if "MiB" in told.rpartition("(")[2] else told)
    return ", ".join(names)


def cells_of(geometry: Geometry, profile: Profile) -> list[int]:
    """The cells of each cache that a model has: one, and another of its layers with a sliding window."""
    everything = cells(profile.context)
    local = geometry.local or (False,) * geometry.layers
    kept = {slides for slides, heads in zip(local, geometry.kv_heads, strict=True) if heads}
    sliding = cells(min(everything, geometry.window + profile.micro_batch))
    return sorted(sliding if slides else everything for slides in kept)


# -- checks ----------------------------------------------------------------------------------------


def _types(expected: Expected, seen: Seen) -> Check:
    profile = expected.profile
    wanted = f"K {profile.cache_k}, V {profile.cache_v}"
    if not seen.key_type or not seen.value_type:
        return _unprovable(_TYPES, wanted, "no line of the log names them", _LOUDER)
    found = f"K {seen.key_type}, V {seen.value_type}"
    remedy = "give -ctk and -ctv; a build that ignores them is too old"
    return _compared(_TYPES, wanted, found, found == wanted, remedy)


def _bytes(expected: Expected, seen: Seen) -> Check:
    if expected.geometry is None:
        why = "the architecture of this model is not understood"
        return _unprovable("cache bytes", "no formula", _cache_line(seen) or "nothing", why)
    profile = expected.profile
    try:
        keys, values = cache_sides(
            expected.geometry, profile.context, profile.cache_k, profile.cache_v, profile.micro_batch
        )
    except ModelRefused as error:
        return _unprovable("cache bytes", "no formula", _cache_line(seen) or "nothing", error.what)
    held = cells_of(expected.geometry, profile)
    shown = " + ".join(f"{count:,}" for count in held)
    wanted = f"{_mib(keys + values)} (K {_mib(keys)}, V {_mib(values)}; {shown} cells)"
    if not seen.caches:
        return _unprovable("cache bytes", wanted, "no line of the log has them", _LOUDER)
    found_keys = sum(cache.key_mib for cache in seen.caches)
    found_values = sum(cache.value_mib for cache in seen.caches)
    room = _ROUNDED * len(seen.caches)
    good = abs(found_keys - keys / MIB) < room and abs(found_values - values / MIB) < room
    found = sorted(cache.cells for cache in seen.caches if cache.cells)
    good = good and (not found or found == held)
    return _compared("cache bytes", wanted, _cache_line(seen), good, "compare context, cache types and model file")


def _cache_line(seen: Seen) -> str:
    if not seen.caches:
        return ""
    keys = sum(cache.key_mib for cache in seen.caches)
    values = sum(cache.value_mib for cache in seen.caches)
    shown = " + ".join(f"{count:,}" for count in sorted(cache.cells for cache in seen.caches if cache.cells))
    told = f"; {shown} cells" if shown else ""
    return f"{keys + values:,.2f} MiB (K {keys:,.2f} MiB, V {values:,.2f} MiB{told})"


def _places(expected: Expected, seen: Seen) -> Check:
    """Where the cache lies: its buffers add up to it, and none is on the host where a device should hold it."""
    name = "cache per device"
    layers = expected.profile.layers
    wanted = "all of it on the device" if expected.on_device and layers else "all of it in main memory"
    if not seen.cache_buffers:
        return _unprovable(name, wanted, "no line of the log says where it lies", _LOUDER)
    found = ", ".join(f"{buffer.device} {buffer.mib:,.2f} MiB" for buffer in seen.cache_buffers)
    total = seen.cache_mib
    adds_up = total is None or abs(total - _sum(seen.cache_buffers)) < _ROUNDED * (1 + 2 * len(seen.cache_buffers))
    on_host = [buffer for buffer in seen.cache_buffers if buffer.on_host]
    if not expected.on_device or not layers:
        placed = len(on_host) == len(seen.cache_buffers)
    elif 0 < layers < _all_layers(expected, seen):
        placed, wanted = True, "on the device and in main memory, as the layers are"
    else:
        placed = not on_host
    remedy = "give -ngl all, and no --no-kv-offload" if seen.lies_on_device or not layers else _ON_HOST
    return _compared(name, wanted, found, adds_up and placed, remedy)


def _all_layers(expected: Expected, seen: Seen) -> int:
    if seen.offloaded:
        return seen.offloaded[1]
    return expected.geometry.layers + 1 if expected.geometry else 0


def _flash(expected: Expected, seen: Seen) -> Check:
    wanted = "on" if expected.profile.flash else "off"
    if seen.flash is None:
        return _unprovable("flash attention", wanted, "no line of the log says so", _LOUDER)
    found = "on" if seen.flash else "off"
    remedy = "give -fa on; a build without it for this device cannot quantize the cache of values"
    return _compared("flash attention", wanted, found, found == wanted, remedy)


def _layers(expected: Expected, seen: Seen) -> Check:
    name, asked = "layers on the device", expected.profile.layers
    if not expected.on_device or asked == 0:
        wanted = "none: the model runs on the processor"
        there = seen.offloaded[0] if seen.offloaded else 0
        if seen.offloaded is None and not _loaded(seen):
            return _unprovable(name, wanted, "no line of the log says so", _LOUDER)
        return _compared(name, wanted, f"{there}" if there else "none", there == 0, "give -ngl 0")
    if seen.offloaded is None:
        if _loaded(seen) and all(buffer.on_host for buffer in seen.weight_buffers):
            return Check(STEP, name, "all", "none: every buffer is in main memory", Outcome.FAILED, _ON_HOST)
        return _unprovable(name, "all", "no line of the log says so", _LOUDER)
    there, every = seen.offloaded
    least = every if asked < 0 else min(asked, every)
    wanted = f"{least} of {every}"
    return _compared(
        name, wanted, f"{there} of {every}", there >= least, "give -ngl all and --fit off, or less context"
    )


def _loaded(seen: Seen) -> bool:
    return bool(seen.weight_buffers)


_SLOW_KERNELS = ("no FlashAttention vector kernel", "Flash Attention tensor is assigned to device CPU")


def _kernels(expected: Expected, seen: Seen) -> Check:
    """Whether attention runs where the cache lies: on some builds it falls back to the processor in silence."""
    name = "attention kernels"
    slow = [line for line in seen.warnings if any(words in line for words in _SLOW_KERNELS)]
    if slow:
        remedy = "take the same type for K and V, q8_0 or q4_0, or a build with kernels for this pair"
        return Check(STEP, name, "for these cache types", slow[0], Outcome.FAILED, remedy)
    if not expected.on_device or expected.profile.layers == 0:
        if not _loaded(seen):
            return _unprovable(name, "on the processor", "no line of the log says so", _LOUDER)
        return Check(STEP, name, "on the processor", "on the processor", Outcome.PASSED)
    wanted = "on the device for these cache types"
    profile, places = expected.profile, {buffer.device for buffer in seen.cache_buffers if not buffer.on_host}
    remedy = "measure it: docanalyze server verify --steps 3"
    if profile.cache_k is not profile.cache_v and profile.cache_k.is_quantized | profile.cache_v.is_quantized:
        return _unprovable(name, wanted, "no build says whether it has them for two different types", remedy)
    if seen.splits is None or not places:
        return _unprovable(name, wanted, "no line of the log says how the graph is cut", _LOUDER)
    found = f"the graph is cut into {seen.splits} pieces"
    if seen.splits > 1 + len(places):
        return _unprovable(name, wanted, found, f"some of it runs on the processor; {remedy}")
    return Check(STEP, name, wanted, found, Outcome.PASSED)


def _context(expected: Expected, seen: Seen) -> Check:
    name, asked = _CONTEXT, expected.profile.context
    wanted = f"{asked:,}"
    granted = expected.granted or seen.slot_context or 0
    if not granted:
        return _unprovable(name, wanted, "neither the server nor its log says so", "use a newer build")
    if seen.slot_context and expected.granted and seen.slot_context != expected.granted:
        found = f"{expected.granted:,}, but {seen.slot_context:,} in the log"
        return Check(STEP, name, wanted, found, Outcome.FAILED, "this is the log of another server")
    found = f"{granted:,}"
    remedy = "give -np 1 and --fit off"
    if seen.capped:
        found = f"{found}: cut from {seen.capped[0]:,} to {seen.capped[1]:,}"
        remedy = "give YaRN settings, or --override-kv for the training length where the build cuts it even so"
    return _compared(name, wanted, found, granted >= asked, remedy)


def _rope(expected: Expected, seen: Seen) -> Check:
    profile, geometry = expected.profile, expected.geometry
    trained = seen.trained_context or (geometry.trained_context if geometry else 0)
    wanted = f"stretched by {profile.yarn_factor:g} (YaRN)" if profile.yarn_factor else "as trained"
    if seen.rope_scale is None:
        return _unprovable(_POSITIONS, wanted, "no line of the log says so", _LOUDER)
    stretched = 1 / seen.rope_scale if seen.rope_scale else 0.0
    found = f"stretched by {stretched:g}" if abs(stretched - 1) > 1e-6 else "as trained"
    if trained:
        found = f"{found}, trained to {trained:,}"
    own = _Scaling.of(geometry.rope_scaling) if geometry else _Scaling()
    if profile.yarn_factor:
        kind, factor = "yarn", profile.yarn_factor
        reach = round((profile.yarn_context or trained) * factor)
    else:
        # A file may bring a stretching of its own: what it does is then as trained.
        kind, factor, reach = own.kind, own.factor, max(trained, own.reach)
        if own.kind:
            wanted = f"{wanted}: stretched by {factor:g} ({own.kind}), by the model file itself"
    good = abs(stretched - factor) < _STRETCH_ROUNDED * factor
    if good and reach and profile.context > reach:
        remedy = "give YaRN settings, or a smaller context"
        return Check(STEP, _POSITIONS, f"{wanted}, up to {reach:,}", found, Outcome.FAILED, remedy)
    remedy = "give --rope-scaling yarn, --rope-scale and --yarn-orig-ctx"
    if good and profile.yarn_factor and seen.yarn_context and profile.yarn_context:
        good = abs(seen.yarn_context - reach) <= _STRETCH_ROUNDED * reach
        found = f"{found}, by YaRN to {seen.yarn_context:,}"
        wanted = f"{wanted} to {reach:,}"
    if good and factor != 1 and not _is_of_kind(kind, profile, seen):
        return _unprovable(_POSITIONS, wanted, found, f"no line of the log says that it is {kind}; {_LOUDER}")
    return _compared(_POSITIONS, wanted, found, good, remedy)


@dataclass(frozen=True, slots=True)
class _Scaling:
    """The stretching that a model file brings: `yarn x4 from 32768`. `kind` is empty where it brings none."""

    kind: str = ""
    factor: float = 1.0
    reach: int = 0

    @classmethod
    def of(cls, said: str) -> "_Scaling":
        match = _OWN_SCALING.fullmatch(said)
        if match is None:
            return cls()
        factor = float(match["factor"])
        return cls(match["kind"], factor, round(factor * int(match["original"] or 0)))


def _is_of_kind(kind: str, profile: Profile, seen: Seen) -> bool:
    """Whether the log names this way of stretching: its factor stands there alike for all of them.

    Of YaRN that was asked for there is a line of its own; the model file's own kind is named with the rest of it.
    """
    if profile.yarn_factor and seen.yarn_context:
        return True
    return seen.rope_kind == kind


def _devices(expected: Expected, seen: Seen) -> Check:
    wanted = "a device beside the processor" if expected.on_device and expected.profile.layers else "the processor"
    found = "; ".join((*seen.cuda_devices, *seen.devices))
    if not found:
        return _unprovable("devices", wanted, "no line of the log lists them", _LOUDER)
    if not expected.on_device or not expected.profile.layers:
        return Check(STEP, "devices", wanted, found, Outcome.PASSED)
    there = bool(seen.cuda_devices) or any(not line.startswith("CPU:") for line in seen.devices)
    return _compared("devices", wanted, found, there, _ON_HOST)


def _build(expected: Expected, seen: Seen) -> Check:
    found = named_build(seen.build, expected.version)
    if found in _UNNAMED:
        return _unprovable("build", "one that names itself", found or "nothing", "use a release build")
    if seen.build in _UNNAMED:
        found = f"{found} (the package; the build does not name itself)"
    return Check(STEP, "build", "one that names itself, or its package", found, Outcome.PASSED)


# -- small -----------------------------------------------------------------------------------------


def _compared(name: str, wanted: str, found: str, good: bool, remedy: str) -> Check:
    return Check(STEP, name, wanted, found, Outcome.PASSED if good else Outcome.FAILED, "" if good else remedy)


def _unprovable(name: str, wanted: str, found: str, remedy: str) -> Check:
    return Check(STEP, name, wanted, found, Outcome.NOT_PROVABLE, remedy)


def _sum(buffers: tuple[Buffer, ...]) -> float:
    return sum(buffer.mib for buffer in buffers)


def _mib(size: int) -> str:
    return f"{size / MIB:,.2f} MiB"


def passed(checks: tuple[Check, ...]) -> bool:
    """Whether nothing failed and something passed."""
    return not list(failures(checks)) and any(check.outcome is Outcome.PASSED for check in checks)


def failures(checks: tuple[Check, ...]) -> Iterator[Check]:
    """The checks that failed: what a start-up must not go on with."""
    return (check for check in checks if check.outcome is Outcome.FAILED)
