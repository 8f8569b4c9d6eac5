"""Writes small GGUF files, whole or broken, for the tests of what reads them."""

import struct
from collections.abc import Sequence
from pathlib import Path

from docanalyze.tokens import byte_letters

TEXT, LIST, INTEGER = 8, 9, 5


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def pair(key: str, kind: int, value: bytes) -> bytes:
    return string(key) + struct.pack("<I", kind) + value


def text(key: str, value: str) -> bytes:
    return pair(key, TEXT, string(value))


def texts(key: str, values: Sequence[str]) -> bytes:
    written = struct.pack("<IQ", TEXT, len(values)) + b"".join(map(string, values))
    return pair(key, LIST, written)


def integers(key: str, values: Sequence[int]) -> bytes:
    written = struct.pack(f"<IQ{len(values)}i", INTEGER, len(values), *values)
    return pair(key, LIST, written)


def header(pairs: Sequence[bytes], *, version: int = 3, count: int | None = None) -> bytes:
    counted = len(pairs) if count is None else count
    return b"GGUF" + struct.pack("<IQQ", version, 0, counted) + b"".join(pairs)


MERGES = ("t h", "th e", "Ġ the", "Ġ t")


def vocabulary(
    *,
    model: str = "gpt2",
    pre: str = "qwen2",
    merges: Sequence[str] = MERGES,
    added: Sequence[str] = ("<|im_end|>",),
    types: Sequence[int] | None = None,
) -> bytes:
    """A model file with 256 bytes, what the merges make, and special tokens."""
    letters = sorted(byte_letters(), key=byte_letters().__getitem__)
    tokens = [*letters, *(merge.replace(" ", "") for merge in MERGES), *added]
    ordinary = len(tokens) - len(added)
    return header(
        [
            text("general.architecture", "qwen2"),
            text("tokenizer.ggml.model", model),
            text("tokenizer.ggml.pre", pre),
            texts("tokenizer.ggml.tokens", tokens),
            integers("tokenizer.ggml.token_type", types or [1] * ordinary + [3] * (len(tokens) - ordinary)),
            texts("tokenizer.ggml.merges", merges),
        ]
    )


def write(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path
