"""Writes twins of models: their shape, as far as memory and speed depend on it, and no meaning at all.

With `zeros` the file has holes where the weights would be: it takes a few megabytes of disk, whatever
its size, and a server allocates for it what it would for the model. With `noise` there are numbers to
multiply, the same few over and over. The vocabulary is that of Qwen2.5.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import tiny_model
from tests.gguf_material import pair, string, text

_U32, _F32 = 4, 6
_ALIGNMENT = 32
_PIECE = 1 << 20
BLOCKS = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q8_0": (8, 32, 34), "q4_K": (12, 256, 144), "q6_K": (14, 256, 210)}
"""Of each type of weights its number in the file, and elements and bytes of a block."""
_FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "q4_K": 14, "q6_K": 18}


@dataclass(frozen=True)
class Shape:
    """The lengths of a model. `tied` has no weights of its own for the output, `window` slides.

    `words` are the ordinary tokens of its vocabulary, 0 for all.
    """

    architecture: str
    layers: int
    embedding: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    trained: int = 32_768
    tied: bool = True
    window: int = 0
    words: int = 0


TWIN_14B = Shape("qwen2", 48, 1024, 8, 8, 128, 32)
"""The cache of Qwen2.5-14B, and small everywhere else."""
TWIN_3B = Shape("qwen2", 36, 256, 2, 2, 128, 32)
"""The cache of Qwen2.5-3B, and small everywhere else."""
REAL_14B = Shape("qwen2", 48, 5120, 40, 8, 128, 13_824, tied=False)
REAL_3B = Shape("qwen2", 36, 2048, 16, 2, 128, 11_008)


def zeros(path: Path, shape: Shape, weights: str = "f16", output: str = "f16") -> Path:
    """The model file at `path`, its weights being holes in the file; types as for `noise`."""
    return _write(path, shape, weights, output, None)


def noise(path: Path, shape: Shape, weights: str = "f16", output: str = "f16", seed: int = 0) -> Path:
    """The model file at `path`; `weights` is the type of the layers' matrices, `output` that of the last one.

    With `q4_K` and `q6_K` it is what llama.cpp calls Q4_K_M: the matrices that count most have `q6_K`, too.
    """
    return _write(path, shape, weights, output, random.Random(seed))


def _write(path: Path, shape: Shape, weights: str, output: str, rng: random.Random | None) -> Path:
    tensors = list(_tensors(shape, weights, output))
    pairs = _pairs(shape, 15 if (weights, output) == ("q4_K", "q6_K") else _FILE_TYPES[weights])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs)
    offset = 0
    for name, lengths, kind in tensors:
        number, _, _ = BLOCKS[kind]
        head += string(name) + struct.pack(f"<I{len(lengths)}QIQ", len(lengths), *lengths, number, offset)
        offset += _padded(_size(lengths, kind))
    start = _padded(len(head))
    with path.open("wb") as file:
        file.write(head)
        file.truncate(start + offset)
        file.seek(start)
        for _, lengths, kind in tensors:
            size = _size(lengths, kind)
            if rng is None:
                file.seek(_padded(size), 1)
            else:
                for piece in _numbers(rng, kind, size):
                    file.write(piece)
                file.write(bytes(_padded(size) - size))
    return path


def _padded(size: int) -> int:
    return size + -size % _ALIGNMENT


def _size(lengths: tuple[int, ...], kind: str) -> int:
    _, elements, bytes_ = BLOCKS[kind]
    count = lengths[0] * (lengths[1] if len(lengths) > 1 else 1)
    return count // elements * bytes_


def _pairs(shape: Shape, file_type: int) -> list[bytes]:
    name = shape.architecture
    numbers = {
        "context_length": shape.trained,
        "embedding_length": shape.embedding,
        "block_count": shape.layers,
        "feed_forward_length": shape.inner,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.kv_heads,
        "attention.key_length": shape.head,
        "attention.value_length": shape.head,
    }
    if shape.window:
        numbers["attention.sliding_window"] = shape.window
    floats = {"rope.freq_base": 1e6, "attention.layer_norm_rms_epsilon": 1e-6}
    return [
        text("general.architecture", name),
        text("general.name", "twin"),
        pair("general.file_type", _U32, struct.pack("<I", file_type)),
        *(pair(f"{name}.{key}", _U32, struct.pack("<I", value)) for key, value in numbers.items()),
        *(pair(f"{name}.{key}", _F32, struct.pack("<f", value)) for key, value in floats.items()),
        *tiny_model.vocabulary_pairs(shape.words),
    ]


def _tensors(shape: Shape, weights: str, output: str) -> Iterator[tuple[str, tuple[int, ...], str]]:
    wide, queries, cached = shape.embedding, shape.heads * shape.head, shape.kv_heads * shape.head
    words = tiny_model.words(shape.words)
    yield "token_embd.weight", (wide, words), output if shape.tied else weights
    if not shape.tied:
        yield "output.weight", (wide, words), output
    yield "output_norm.weight", (wide,), "f32"
    for layer in range(shape.layers):
        for name, lengths in _matrices(shape):
            careful = name in ("attn_v", "ffn_down") and _counts_most(layer, shape.layers)
            yield f"blk.{layer}.{name}.weight", lengths, output if careful else weights
        for name in _NORMS[shape.architecture]:
            yield f"blk.{layer}.{name}.weight", (shape.head if name.endswith(("q_norm", "k_norm")) else wide,), "f32"
        if shape.architecture == "qwen2":
            for name, length in (("attn_q", queries), ("attn_k", cached), ("attn_v", cached)):
                yield f"blk.{layer}.{name}.bias", (length,), "f32"


def _matrices(shape: Shape) -> Iterator[tuple[str, tuple[int, int]]]:
    """Those of a layer. phi3 has one for all of attention's inputs, and one for both of the feed-forward's."""
    wide, queries, cached = shape.embedding, shape.heads * shape.head, shape.kv_heads * shape.head
    if shape.architecture == "phi3":
        yield "attn_qkv", (wide, queries + 2 * cached)
        yield "ffn_up", (wide, 2 * shape.inner)
    else:
        yield from (("attn_q", (wide, queries)), ("attn_k", (wide, cached)), ("attn_v", (wide, cached)))
        yield from (("ffn_gate", (wide, shape.inner)), ("ffn_up", (wide, shape.inner)))
    yield "attn_output", (queries, wide)
    yield "ffn_down", (shape.inner, wide)


def _counts_most(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


_NORMS = {
    "qwen2": ("attn_norm", "ffn_norm"),
    "llama": ("attn_norm", "ffn_norm"),
    "mistral3": ("attn_norm", "ffn_norm"),
    "gemma": ("attn_norm", "ffn_norm"),
    "phi3": ("attn_norm", "ffn_norm"),
    "gemma2": ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"),
    "qwen3": ("attn_norm", "ffn_norm", "attn_q_norm", "attn_k_norm"),
    "gemma3": ("attn_norm", "ffn_norm", "attn_q_norm", "attn_k_norm", "post_attention_norm", "post_ffw_norm"),
}


def _numbers(rng: random.Random, kind: str, size: int) -> Iterator[bytes]:
    """As many bytes of one type, in pieces: a piece of noise again and again."""
    _, _, block = BLOCKS[kind]
    piece = _NOISE[kind](rng, _PIECE // block)
    while size > 0:
        yield piece[:size]
        size -= len(piece)


def _f32(rng: random.Random, count: int) -> bytes:
    """Ones: only norms have this type, and biases, to which it does no harm."""
    return struct.pack("<f", 1.0) * count


def _f16(rng: random.Random, count: int) -> bytes:
    values = [struct.pack("<e", rng.gauss(0, 0.02)) for _ in range(256)]
    return b"".join(values[byte] for byte in rng.randbytes(count))


def _q8_0(rng: random.Random, count: int) -> bytes:
    scale = struct.pack("<e", 0.02 / 64)
    return b"".join(scale + rng.randbytes(32) for _ in range(count))


def _q4_k(rng: random.Random, count: int) -> bytes:
    scales = struct.pack("<ee", 0.0005, 0.004) + bytes([0x11] * 12)
    return b"".join(scales + rng.randbytes(128) for _ in range(count))


def _q6_k(rng: random.Random, count: int) -> bytes:
    scale = bytes([1] * 16) + struct.pack("<e", 0.001)
    return b"".join(rng.randbytes(192) + scale for _ in range(count))


_NOISE = {"f32": _f32, "f16": _f16, "q8_0": _q8_0, "q4_K": _q4_k, "q6_K": _q6_k}
