"""What serving a model takes of memory: its geometry, read from the GGUF file, and the arithmetic over it.

Only architectures whose cache llama.cpp lays out as computed here are taken; any other is refused by
name. The cache is exact to the byte (src/llama-kv-cache.cpp, src/llama-kv-cache-iswa.cpp; compared with
a real server's log in the tests). The compute buffer is what a real server's log said for models of ten
different shapes; the tests hold it to within 5 %.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from docanalyze import gguf
from docanalyze.errors import ModelRefused
from docanalyze.runtime.values import GIB, CacheType, Geometry, Profile

DRIVER_BYTES = GIB // 2
"""What a process takes on a CUDA device beside its buffers: an estimate (0.3 to 0.6 GiB), not computed."""

_PLAIN = ("qwen2", "qwen3", "llama", "mistral3", "gemma", "phi3")
"""Every layer keeps the whole context. (llama.cpp leaves the window of phi3 out.)"""
_SLIDING = {"gemma2": (4096, 2), "gemma3": (0, 6)}
"""Window where the file names none, and the period of layers that see everything."""
ARCHITECTURES = (*_PLAIN, *_SLIDING)

_STEP = 256
_EMBEDDING, _OUTPUT = "token_embd.weight", "output.weight"
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_MOST_PARTS = 99
_MOST_LAYERS = 512
# llama.h, enum llama_ftype
_QUANTIZATIONS = dict(
    enumerate(
        "F32 F16 Q4_0 Q4_1 - - - Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K "
        "IQ2_XXS IQ2_XS Q2_K_S IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M IQ2_S IQ2_M IQ4_XS IQ1_M BF16 - - - "
        "TQ1_0 TQ2_0 MXFP4 NVFP4 Q1_0 Q2_0".split()
    )
)


def of_file(path: Path) -> Geometry:
    """The geometry of the model file at `path`, which may be the first part of several.

    VocabularyError if it is no GGUF file; ModelRefused if it is cut short or of a kind not understood.
    """
    first = whole(path)
    keys = _Keys(path.name, first.header.metadata)
    tensors = {tensor.name: tensor for layout in (first, *_other_parts(path, keys)) for tensor in layout.tensors}
    window, local = _sliding(keys)
    embedding = tensors.get(_EMBEDDING)
    if embedding is None or len(embedding.shape) != 2:
        raise ModelRefused(f"{path.name} holds no {_EMBEDDING}", "name a file of a language model")
    heads = keys.of_layers("attention.head_count", 0)
    width = keys.number("embedding_length")
    if not heads or not all(heads) or not width:
        raise ModelRefused(f"{path.name} has layers without attention", "that is not planned")
    if keys.number("context_length") < _STEP:
        raise ModelRefused(f"{path.name} says that it knows no context", "use a complete model file")
    return Geometry(
        name=keys.general("name") or path.stem,
        architecture=keys.architecture,
        heads=max(heads),
        kv_heads=keys.of_layers("attention.head_count_kv", max(heads)),
        key_length=keys.number("attention.key_length", width // max(heads)),
        value_length=keys.number("attention.value_length", width // max(heads)),
        embedding=width,
        vocabulary=embedding.shape[1],
        trained_context=keys.number("context_length"),
        weight_bytes=sum(tensor.size for tensor in tensors.values()),
        host_bytes=embedding.size if _OUTPUT in tensors else 0,
        quantization=_quantization(first),
        window=window,
        local=local,
        rope_base=keys.real("rope.freq_base", 10_000.0),
        rope_scaling=_scaling(keys),
        inner=max(keys.of_layers("feed_forward_length", 0), default=0),
        file=path,
    )


def whole(path: Path) -> gguf.Layout:
    """What the file at `path` holds; ModelRefused if a part of its tensors is missing."""
    layout = gguf.layout(path)
    if not layout.is_whole:
        raise ModelRefused(
            f"{path.name} is cut short: {layout.size:,} bytes of {layout.needed:,} are there",
            "move it away and fetch it again: docanalyze models pull",
        )
    if not layout.tensors:
        raise ModelRefused(f"{path.name} holds no weights", "name a file of a whole model")
    return layout


def cells(context: int) -> int:
    """Places in the cache for so many tokens of context: llama.cpp takes whole steps of 256."""
    return context + -context % _STEP


def cache_sides(
    geometry: Geometry, context: int, k: CacheType, v: CacheType, micro_batch: int = 512
) -> tuple[int, int]:
    """Bytes of the keys and of the values, for one slot of `context` tokens.

    A layer takes cells x KV heads x length of a head. Layers with a sliding window keep that many tokens
    and a micro batch. ModelRefused where a type's blocks do not divide a head.
    """
    for type_, length in ((k, geometry.key_length), (v, geometry.value_length)):
        if type_.is_quantized and length % 32:
            raise ModelRefused(
                f"heads of {geometry.name} are {length} long, which {type_}'s blocks of 32 do not divide",
                "take f16 for the cache",
            )
    everything = cells(context)
    sliding = cells(min(everything, geometry.window + micro_batch))
    local = geometry.local or (False,) * geometry.layers
    rows = sum(
        count * (sliding if slides else everything) for count, slides in zip(geometry.kv_heads, local, strict=True)
    )
    return (
        rows * geometry.key_length * k.bytes_of_32 // 32,
        rows * geometry.value_length * v.bytes_of_32 // 32,
    )


def cache_bytes(geometry: Geometry, context: int, k: CacheType, v: CacheType, micro_batch: int = 512) -> int:
    """Bytes of the whole cache, as for `cache_sides`."""
    return sum(cache_sides(geometry, context, k, v, micro_batch))


def compute_bytes(geometry: Geometry, profile: Profile, *, gpu: bool) -> int:
    """Bytes of the compute buffer: what the largest moment of one micro batch takes.

    With flash attention: the mask in f16, and the larger of the feed-forward's moment (5 rows of the
    embedding and 3 of the feed-forward's length) and attention's (7 rows of the embedding or of all
    heads). Without: all scores of all heads, in f32, and the mask in f32.
    On a CUDA device, attention also keeps f16 copies of one layer's keys and values where these are of
    another type (ggml-cuda/fattn.cu, ggml_cuda_flash_attn_ext_get_alloc_size). Builds before May 2026
    (#23861) take `logits_bytes` more.
    """
    batch = min(profile.micro_batch, profile.batch)
    context = cells(profile.context)
    mask = context + (cells(min(context, geometry.window + batch)) if any(geometry.local) else 0)
    queries = geometry.heads * geometry.key_length
    row = 4 * batch
    feeding = row * (5 * geometry.embedding + 3 * geometry.inner)
    if not profile.flash:
        scores = row * geometry.heads * context
        return scores + row * mask + max(row * 6 * max(geometry.embedding, queries), feeding - scores)
    attending = row * 7 * max(geometry.embedding, queries)
    if gpu:
        heads = max(geometry.kv_heads)
        for type_, length in ((profile.cache_k, geometry.key_length), (profile.cache_v, geometry.value_length)):
            attending += 2 * context * heads * length if type_ is not CacheType.F16 else 0
    return 2 * batch * mask + max(feeding, attending)


def logits_bytes(geometry: Geometry, micro_batch: int = 512) -> int:
    """What builds before May 2026 reserve for the scores of all words, beside `compute_bytes`."""
    return 4 * geometry.vocabulary * micro_batch


def output_bytes(geometry: Geometry) -> int:
    """Bytes of the output buffer of one slot, on the host."""
    return 4 * geometry.vocabulary


class _Keys:
    """The values of one header, asked for by name; ModelRefused for what is missing or of a wrong type."""

    def __init__(self, name: str, metadata: Mapping[str, gguf.Value]) -> None:
        self._name = name
        self._metadata = metadata
        self.architecture = self.general("architecture")
        if self.architecture not in ARCHITECTURES:
            raise ModelRefused(
                f"{name} is of the architecture {self.architecture[:40]!r}, whose memory is not computed",
                f"computed are {', '.join(ARCHITECTURES)}",
            )
        for key, what in (("expert_count", "a mixture of experts"), ("nextn_predict_layers", "layers that predict")):
            if self.number(key, 0):
                raise ModelRefused(f"{name} has {what}, whose memory is not computed", "name another model")
        self.layers = self.number("block_count")
        if not 0 < self.layers <= _MOST_LAYERS:
            raise ModelRefused(f"{name} says that it has {self.layers} layers", "name a file of a language model")

    def general(self, key: str) -> str:
        value = self._metadata.get(f"general.{key}", "")
        return value if isinstance(value, str) else ""

    def get(self, key: str) -> "gguf.Value | None":
        return self._metadata.get(f"{self.architecture}.{key}")

    def text(self, key: str) -> str:
        value = self.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, otherwise: int | None = None) -> int:
        value = self.get(key)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, int) or value < 0:
            raise self._wrong(key)
        return value

    def real(self, key: str, otherwise: float) -> float:
        value = self.get(key)
        return float(value) if isinstance(value, int | float) else otherwise

    def of_layers(self, key: str, otherwise: int) -> tuple[int, ...]:
        """A number a layer: the file gives one for all, or a list."""
        value = self.get(key)
        if not isinstance(value, list):
            return (self.number(key, otherwise),) * self.layers
        numbers = tuple(entry for entry in value if isinstance(entry, int) and entry >= 0)
        if len(numbers) != len(value) or len(numbers) != self.layers:
            raise self._wrong(key)
        return numbers

    def _wrong(self, key: str) -> ModelRefused:
        return ModelRefused(
            f"{self._name} says nothing usable of {self.architecture}.{key}", "use a complete model file"
        )


def _sliding(keys: _Keys) -> tuple[int, tuple[bool, ...]]:
    """The window and the layers that have it (llama_model_base::load_swa_pattern)."""
    if keys.architecture not in _SLIDING:
        return 0, ()
    usual, period = _SLIDING[keys.architecture]
    window = keys.number("attention.sliding_window", usual)
    if not window:
        return 0, ()
    for key, full in (("attention.key_length_swa", "key_length"), ("attention.value_length_swa", "value_length")):
        if keys.get(key) not in (None, keys.get(f"attention.{full}")):
            raise ModelRefused("its layers have heads of two lengths, whose memory is not computed", "name another")
    if isinstance(keys.get("attention.sliding_window_pattern"), list):
        return window, tuple(bool(flag) for flag in keys.of_layers("attention.sliding_window_pattern", 0))
    period = keys.number("attention.sliding_window_pattern", period)
    return window, tuple(not period or layer % period < period - 1 for layer in range(keys.layers))


def _scaling(keys: _Keys) -> str:
    kind = keys.text("rope.scaling.type")
    if kind in ("", "none"):
        return ""
    factor = keys.real("rope.scaling.factor", 1.0)
    original = keys.number("rope.scaling.original_context_length", 0)
    return f"{kind} x{factor:g}" + (f" from {original}" if original else "")


def _quantization(layout: gguf.Layout) -> str:
    """What the file says its weights are, else the type of most of their bytes."""
    said = layout.header.metadata.get("general.file_type")
    if isinstance(said, int) and _QUANTIZATIONS.get(said, "-") != "-":
        return _QUANTIZATIONS[said]
    bytes_of: dict[str, int] = {}
    for tensor in layout.tensors:
        bytes_of[tensor.type] = bytes_of.get(tensor.type, 0) + tensor.size
    return max(bytes_of, key=bytes_of.__getitem__, default="")


def _other_parts(path: Path, keys: _Keys) -> list[gguf.Layout]:
    """The parts beside the first one of a model in several files."""
    count = parts_of(path)
    if count <= 1:
        return []
    match = _PART.fullmatch(path.name)
    if match is None or int(match[2]) != 1:
        raise ModelRefused(f"{path.name} is not the first of {count} parts", "name the part 00001")
    return [whole(path.with_name(f"{match[1]}-{number:05d}-of-{match[3]}.gguf")) for number in range(2, count + 1)]


def parts_of(path: Path) -> int:
    """Of how many files a model consists, by the name of one of them."""
    match = _PART.fullmatch(path.name)
    count = int(match[3]) if match else 1
    if count > _MOST_PARTS:
        raise ModelRefused(f"{path.name} says that it is one of {count} parts", "rename it")
    return count


def with_sizes(geometry: Geometry, weight_bytes: int, host_bytes: int, quantization: str) -> Geometry:
    """The same model with other weights."""
    return replace(geometry, weight_bytes=weight_bytes, host_bytes=host_bytes, quantization=quantization)
