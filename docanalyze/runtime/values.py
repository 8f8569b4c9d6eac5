"""The words of the runtime: cache types, a model's geometry, a serving Profile, a Check and its outcome."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30


class CacheType(StrEnum):
    """What an element of the key or value cache is stored as."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"
    IQ4_NL = "iq4_nl"

    @property
    def bytes_of_32(self) -> int:
        """Bytes that 32 elements take: their block, scale included."""
        return _BYTES_OF_32[self]

    @property
    def is_quantized(self) -> bool:
        return self not in (CacheType.F32, CacheType.F16, CacheType.BF16)


_BYTES_OF_32 = {
    CacheType.F32: 128,
    CacheType.F16: 64,
    CacheType.BF16: 64,
    CacheType.Q8_0: 34,
    CacheType.Q5_1: 24,
    CacheType.Q5_0: 22,
    CacheType.Q4_1: 20,
    CacheType.Q4_0: 18,
    CacheType.IQ4_NL: 18,
}


@dataclass(frozen=True, slots=True)
class Geometry:
    """What decides the memory that serving a model takes. Sizes in bytes, lengths in elements.

    `kv_heads` has an entry a layer, 0 for a layer without a cache. `window` is the sliding window of the
    layers that `local` marks, 0 without. `host_bytes` of `weight_bytes` stay on the host: the input
    embedding, unless the output has the same weights. `inner` is the feed-forward length. `file` is None
    where the figures come from the catalogue.
    """

    name: str
    architecture: str
    heads: int
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    embedding: int
    vocabulary: int
    trained_context: int
    weight_bytes: int
    host_bytes: int
    quantization: str = ""
    window: int = 0
    local: tuple[bool, ...] = ()
    rope_base: float = 0.0
    rope_scaling: str = ""
    inner: int = 0
    file: Path | None = None

    @property
    def layers(self) -> int:
        return len(self.kv_heads)


@dataclass(frozen=True, slots=True)
class Profile:
    """A named serving configuration. `context` is tokens granted to one slot.

    `model` is a file or a name of the catalogue; empty takes what `docanalyze models use` settled.
    `layers` are those on the device, -1 for all, 0 for none. `yarn_factor` stretches positions beyond
    `yarn_context`, what the model was trained for; 0 leaves them alone. `reported_mb`, `reported_rate`
    are what somebody reported of it (total MB, tokens a second), 0 where nobody did.
    """

    name: str
    context: int
    cache_k: CacheType = CacheType.F16
    cache_v: CacheType = CacheType.F16
    model: str = ""
    flash: bool = True
    batch: int = 2048
    micro_batch: int = 512
    layers: int = -1
    threads: int = 0
    yarn_factor: float = 0.0
    yarn_context: int = 0
    title: str = ""
    reported_mb: int = 0
    reported_rate: float = 0.0


class Outcome(StrEnum):
    """Of a Check. What cannot be seen is never passed."""

    PASSED = "pass"
    FAILED = "fail"
    NOT_PROVABLE = "not provable"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was expected of a server, and what was seen. `step` is of the four of `server verify`."""

    step: int
    name: str
    expected: str
    seen: str
    outcome: Outcome
    remedy: str = ""


class Role(StrEnum):
    """Which of the two models a server serves."""

    MAIN = "main"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Running:
    """A server of ours that was started: all that is needed to find, ask, prove and stop it.

    `key` is its secret: never shown. `binary` is empty for the wheel in a child process. `started` is an
    ISO time in UTC, `ready_seconds` from the start of the process to its answering.
    """

    role: Role
    pid: int
    port: int
    key: str = field(repr=False)
    profile: Profile
    model_file: Path
    model_sha256: str
    log: Path
    binary: str
    version: str
    started: str
    ready_seconds: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"
