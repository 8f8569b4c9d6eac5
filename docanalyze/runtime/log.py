"""What a llama.cpp server's own log says of how it loaded: cache types and bytes, devices, context granted.

Reads the spellings of several years. A line that is not there, or is spelt in a way not known here, leaves
its field empty: who proves something from the log then has nothing to prove it with, and must say so.
Library lines (cache, buffers, offload) are in the log only where the server was started with enough
verbosity: level 4 since 2026.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

MOST = 16 << 20
"""Characters of a log that are read: loading comes first, and a log of weeks says nothing more of it."""


@dataclass(frozen=True, slots=True)
class SeenCache:
    """One cache of keys and values. A model with a sliding window has two. Sizes in MiB as printed.

    `cells` and `layers` are 0 where the spelling has none of them.
    """

    key_type: str
    value_type: str
    key_mib: float
    value_mib: float
    cells: int = 0
    layers: int = 0


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory of one kind on one device, in MiB as printed. `device` as the log calls it: CUDA0, CPU."""

    device: str
    mib: float

    @property
    def on_host(self) -> bool:
        return self.device.startswith(("CPU", "AMX")) or self.device.endswith("_Host")

    @property
    def is_a_copy(self) -> bool:
        """Whether it holds in main memory, in another order, what lies there in the file's order as well."""
        return self.on_host and not self.device.endswith(("CPU", "_Mapped", "_Host"))


@dataclass(frozen=True, slots=True)
class Shortage:
    """An allocation that failed: how much was asked, in MiB, and of which device."""

    device: str
    mib: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What one log says of the last model that was loaded. Empty, or None, where it does not say.

    `flash` is whether flash attention is in use. `capped` is (asked, granted) of a slot that got less
    than it was asked for. `rope_kind` is the model file's own way of stretching positions, `yarn_context`
    how far YaRN that was asked for reaches. `rotation` is of keys and values, 0 for none. `splits` counts
    the pieces that a graph was cut into between devices.
    """

    build: str = ""
    devices: tuple[str, ...] = ()
    cuda_devices: tuple[str, ...] = ()
    caches: tuple[SeenCache, ...] = ()
    cache_buffers: tuple[Buffer, ...] = ()
    weight_buffers: tuple[Buffer, ...] = ()
    compute_buffers: tuple[Buffer, ...] = ()
    output_buffers: tuple[Buffer, ...] = ()
    flash: bool | None = None
    offloaded: tuple[int, int] | None = None
    context: int | None = None
    slot_context: int | None = None
    slots: int | None = None
    unified: bool | None = None
    trained_context: int | None = None
    capped: tuple[int, int] | None = None
    rope_base: float | None = None
    rope_scale: float | None = None
    rope_kind: str = ""
    yarn_context: int | None = None
    rotation: tuple[int, int] | None = None
    splits: int | None = None
    shortage: Shortage | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    ready: bool = False

    @property
    def key_type(self) -> str:
        """The type of all key caches; empty where the log does not say, or says several."""
        return _one({cache.key_type for cache in self.caches})

    @property
    def value_type(self) -> str:
        """The type of all value caches; empty where the log does not say, or says several."""
        return _one({cache.value_type for cache in self.caches})

    @property
    def cache_mib(self) -> float | None:
        """Of all caches, keys and values; None where the log does not say."""
        return sum(cache.key_mib + cache.value_mib for cache in self.caches) if self.caches else None

    @property
    def lies_on_device(self) -> bool:
        """Whether any of the model or its cache lies elsewhere than in main memory, on whatever device."""
        return not all(buffer.on_host for buffer in (*self.weight_buffers, *self.cache_buffers))

    @property
    def repacked_mib(self) -> float:
        """Weights that lie in main memory a second time, in an order that the processor reads faster."""
        return sum(b.mib for b in self.weight_buffers if b.is_a_copy)

    @property
    def device(self) -> str:
        """Where the cache lies: what names the device that serves. Empty where the log does not say."""
        names = dict.fromkeys(buffer.device for buffer in self.cache_buffers)
        return ", ".join(names)


def of_file(path: Path) -> Seen:
    """What the log at `path` says; nothing where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return read(file.read(MOST))
    except OSError:
        return Seen()


def read(text: str) -> Seen:
    """What the log says of the last model that was loaded in it."""
    seen = Seen()
    for line in text[:MOST].splitlines():
        if _LOADING.search(line):
            # A server that loads again (after sleep, or another model) is proven by its last loading.
            seen = Seen(build=seen.build, devices=seen.devices, cuda_devices=seen.cuda_devices)
        for pattern, take in _WHILE_SERVING if seen.ready else _WHILE_LOADING:
            if match := pattern.search(line):
                seen = take(seen, match)
                break
    return seen


def _one(values: set[str]) -> str:
    return values.pop() if len(values) == 1 else ""


# -- lines -----------------------------------------------------------------------------------------


def _build(seen: Seen, match: re.Match[str]) -> Seen:
    # The first line that names the build: `build: 4701 (...)` of old binaries, `build_info: b11549-...` of new.
    return replace(seen, build=seen.build or match["build"].strip())


def _device(seen: Seen, match: re.Match[str]) -> Seen:
    if any(known.startswith(f"{match['name'].strip()}: ") for known in seen.devices):
        # Builds of 2026 name each device twice: in their list, and when they take it.
        return seen
    return replace(seen, devices=_added(seen.devices, f"{match['name'].strip()}: {match['what'].strip()}"))


def _cuda(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, cuda_devices=_added(seen.cuda_devices, match["what"].strip()))


def _offloaded(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, offloaded=(int(match["there"]), int(match["all"])))


def _weights(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, weight_buffers=(*seen.weight_buffers, _buffer(match)))


def _cache_buffer(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, cache_buffers=(*seen.cache_buffers, _buffer(match)))


def _compute(seen: Seen, match: re.Match[str]) -> Seen:
    # Reserved anew when flash attention is found out: the last figure of a device is the one that holds.
    others = [buffer for buffer in seen.compute_buffers if buffer.device != match["device"]]
    return replace(seen, compute_buffers=(*others, _buffer(match)))


def _output(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, output_buffers=(*seen.output_buffers, _buffer(match)))


def _cache(seen: Seen, match: re.Match[str]) -> Seen:
    size = _CELLS.search(match.string)
    cells, layers = (int(size["cells"]), int(size["layers"])) if size else (0, 0)
    sizes = float(match["k_mib"]), float(match["v_mib"])
    found = SeenCache(match["k"].lower(), match["v"].lower(), *sizes, cells, layers)
    return replace(seen, caches=(*seen.caches, found))


def _context_begins(seen: Seen, _: re.Match[str]) -> Seen:
    # Fitting tries contexts out before the one that is kept: only the last one counts.
    return replace(
        seen, caches=(), cache_buffers=(), compute_buffers=(), output_buffers=(), flash=None, rotation=None, splits=None
    )


def _context(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, context=int(match["n"]))


def _flash_asked(seen: Seen, match: re.Match[str]) -> Seen:
    # `auto` is no answer: what it came to is in a later line.
    return replace(seen, flash={"1": True, "enabled": True, "0": False, "disabled": False}.get(match["state"]))


def _flash_on(seen: Seen, _: re.Match[str]) -> Seen:
    return replace(seen, flash=True)


def _flash_off(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(_warned(seen, match), flash=False)


def _rope_base(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, rope_base=float(match["n"]))


def _rope_scale(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, rope_scale=float(match["n"]))


def _rope_kind(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, rope_kind=match["kind"].lower())


def _trained(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, trained_context=int(match["n"]))


def _capped(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(_warned(seen, match), capped=(int(match["asked"]), int(match["granted"])))


def _yarn(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, yarn_context=int(match["n"]))


def _rotated(seen: Seen, match: re.Match[str]) -> Seen:
    keys, values = seen.rotation or (0, 0)
    size = int(match["n"])
    return replace(seen, rotation=(size, values) if match["side"] == "k" else (keys, size))


def _splits(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, splits=int(match["n"]))


def _slots(seen: Seen, match: re.Match[str]) -> Seen:
    unified = {"true": True, "1": True, "false": False, "0": False}.get(match["unified"] or "")
    slot = int(match["context"]) if match["context"] else seen.slot_context
    return replace(seen, slots=int(match["n"]), slot_context=slot, unified=unified)


def _slot(seen: Seen, match: re.Match[str]) -> Seen:
    # Of several slots the smallest is what a call can rely on.
    granted = int(match["context"])
    return replace(seen, slot_context=min(seen.slot_context or granted, granted))


def _cuda_shortage(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(_failed(seen, match), shortage=Shortage(f"device {match['device']}", float(match["mib"])))


def _host_shortage(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(_failed(seen, match), shortage=Shortage("CPU", float(match["mib"])))


def _buffer_shortage(seen: Seen, match: re.Match[str]) -> Seen:
    # Comes after the line with MiB; alone where a backend prints no other.
    known = seen.shortage
    mib = known.mib if known else int(match["bytes"]) / (1 << 20)
    return replace(_failed(seen, match), shortage=Shortage(match["device"], mib))


def _warned(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, warnings=_added(seen.warnings, _words(match)))


def _failed(seen: Seen, match: re.Match[str]) -> Seen:
    return replace(seen, errors=_added(seen.errors, _words(match)))


def _is_ready(seen: Seen, _: re.Match[str]) -> Seen:
    return replace(seen, ready=True)


def _buffer(match: re.Match[str]) -> Buffer:
    return Buffer(match["device"], float(match["mib"]))


def _words(match: re.Match[str]) -> str:
    """The line without its time, level and the names of functions before it."""
    return _PREFIX.sub("", match.string).strip()


def _added(there: tuple[str, ...], new: str) -> tuple[str, ...]:
    return there if new in there else (*there, new)


_PREFIX = re.compile(r"^(?:[\d.]+ [A-Z] )?(?:(?:srv|slot|cmn|spec)\s+\S+: )?(?:\w+: )?")
_LOADING = re.compile(r"loading model '|: loading model$|main: loading model|load_model: loading model")
_CELLS = re.compile(r"\(\s*(?P<cells>\d{1,15}) cells,\s*(?P<layers>\d{1,15}) layers")

_MIB = r"=\s*(?P<mib>\d{1,12}(?:\.\d{1,9})?) MiB"
_WHILE_SERVING = tuple(
    (re.compile(pattern), take)
    for pattern, take in (
        (
            r"allocating (?P<mib>\d{1,12}(?:\.\d{1,9})?) MiB on device (?P<device>\d{1,15}): cudaMalloc failed",
            _cuda_shortage,
        ),
        (r"insufficient memory \(attempted to allocate\s+(?P<mib>\d{1,12}(?:\.\d{1,9})?) MB\)", _host_shortage),
        (r"failed to allocate (?P<device>\S+) buffer of size (?P<bytes>\d{1,15})", _buffer_shortage),
        (
            r"no FlashAttention vector kernel|Flash Attention tensor is assigned to device CPU"
            r"|attention rotation force disabled|possible training context overflow|failed to fit params"
            r"|no usable GPU found|exceeds cache size limit .* skipping",
            _warned,
        ),
        (
            r"failed to initialize the context|failed to open GGUF file|invalid magic characters"
            r"|is corrupted or incomplete|quantized V cache requires|does not divide n_embd_head"
            r"|exiting due to model loading error|[Uu]nsupported cache type|unknown model architecture"
            r"|failed to load model|CUDA error|CUDA driver version is insufficient|failed to initialize CUDA",
            _failed,
        ),
    )
)
"""What may still be said once a server serves. All else in such a log is about requests, and proves nothing."""

_WHILE_LOADING = (
    *_WHILE_SERVING,
    *(
        (re.compile(pattern), take)
        for pattern, take in (
            (r"\bbuild_info: (?P<build>\S+)", _build),
            (r"\bbuild: (?P<build>\d{1,9} \([0-9a-f]{6,}\))", _build),
            (r"  Device \d+: (?P<what>.*compute capability.*)", _cuda),
            (r"using device (?P<name>\S+) (?P<what>\(.*free.*)", _device),
            (r":   - (?P<name>[A-Za-z]+\d*)\s*: (?P<what>.*MiB free\).*)", _device),
            (r"offloaded (?P<there>\d{1,15})/(?P<all>\d{1,15}) layers to GPU", _offloaded),
            (r": \s*(?P<device>\S+) KV buffer size " + _MIB, _cache_buffer),
            (r": \s*(?P<device>\S+)\s+compute buffer size " + _MIB, _compute),
            (r": \s*(?P<device>\S+)\s+output buffer size " + _MIB, _output),
            (r"load_tensors: \s*(?P<device>\S+)(?: model)? buffer size " + _MIB, _weights),
            (
                r"K \((?P<k>\w+)\):\s+(?P<k_mib>\d{1,12}(?:\.\d{1,9})?) MiB, "
                r"V \((?P<v>\w+)\):\s+(?P<v_mib>\d{1,12}(?:\.\d{1,9})?) MiB",
                _cache,
            ),
            (r"constructing llama_context|llama_(?:new_context_with|init_from)_model: n_seq_max", _context_begins),
            (r"(?:llama_\w+): n_ctx\s*= (?P<n>\d{1,15})", _context),
            (r"n_ctx_train\s*= (?P<n>\d{1,15})", _trained),
            (r": flash_attn\s*= (?P<state>\w+)", _flash_asked),
            (r"Flash Attention (?:enabled|was auto, set to enabled)", _flash_on),
            (r"Flash Attention (?:not supported|was auto), set to disabled", _flash_off),
            (r"(?:llama_\w+): freq_base\s*= (?P<n>\d{1,12}(?:\.\d{1,9})?)", _rope_base),
            (r"(?:llama_\w+): freq_scale\s*= (?P<n>\d{1,12}(?:\.\d{1,9})?)", _rope_scale),
            (r": rope scaling\s*= (?P<kind>\w+)", _rope_kind),
            (
                r"slot context \((?P<asked>\d{1,15})\) exceeds the training context of the model "
                r"\((?P<granted>\d{1,15})",
                _capped,
            ),
            (r"context size reduced from (?P<asked>\d{1,15}) to (?P<granted>\d{1,15})", _capped),
            (r"n_ctx_train adjusted to (?P<n>\d{1,15})", _yarn),
            (r"\b(?:n_rot|attn_rot)_(?P<side>[kv]) = (?P<n>\d{1,15})", _rotated),
            (r"graph:? (?:nodes = \d+, )?splits = (?P<n>\d{1,15})", _splits),
            (
                r"initializing(?: slots)?, n_slots = (?P<n>\d{1,15})"
                r"(?:, n_ctx_slot = (?P<context>\d{1,15}))?(?:, kv_unified = '?(?P<unified>\w+))?",
                _slots,
            ),
            (r"new slot,? n_ctx(?:_slot)? = (?P<context>\d{1,15})", _slot),
            (r"model loaded|listening on http", _is_ready),
        )
    ),
)
