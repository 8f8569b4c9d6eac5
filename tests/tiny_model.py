"""Writes a model that means nothing: the architecture and vocabulary of Qwen2.5, random weights.

Small enough to be made and loaded in seconds, whole enough for the real server to serve it: what is
proven on it is protocol, counts and failures, never the quality of an answer.
"""

import random
import struct
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from docanalyze import tokens
from tests.gguf_material import INTEGER, LIST, pair, string, text, texts

LAYERS, WIDTH, HEADS, KV_HEADS, INNER = 2, 64, 2, 1, 64
TRAINED = 131_072
"""The context that the model says it was trained for."""

_ARRAY_OF_INTEGERS, _F32, _U32, _BOOL = INTEGER, 6, 4, 7
_TENSOR_F32, _TENSOR_F16 = 0, 1
_ALIGNMENT = 32
_CONTROL, _USER_DEFINED, _ORDINARY = 3, 4, 1
_FIRST_USER_DEFINED = 151_657
"""`<tool_call>` and its like: a tokeniser reads them out of any text."""

TEMPLATE = (
    "{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}"
)


def write(path: Path, seed: int = 0) -> Path:
    """The model file at `path`."""
    tensors = _tensors(random.Random(seed))
    pairs = _pairs()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs)
    offset = 0
    for name, shape, kind, data in tensors:
        head += string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        offset += len(data) + -len(data) % _ALIGNMENT
    with path.open("wb") as file:
        file.write(head + bytes(-len(head) % _ALIGNMENT))
        for *_, data in tensors:
            file.write(data + bytes(-len(data) % _ALIGNMENT))
    return path


def _pairs() -> list[bytes]:
    numbers = {
        "qwen2.context_length": TRAINED,
        "qwen2.embedding_length": WIDTH,
        "qwen2.block_count": LAYERS,
        "qwen2.feed_forward_length": INNER,
        "qwen2.attention.head_count": HEADS,
        "qwen2.attention.head_count_kv": KV_HEADS,
        "general.file_type": 1,
    }
    floats = {"qwen2.rope.freq_base": 1e6, "qwen2.attention.layer_norm_rms_epsilon": 1e-6}
    return [
        text("general.architecture", "qwen2"),
        text("general.name", "random-tiny"),
        *(pair(key, _U32, struct.pack("<I", value)) for key, value in numbers.items()),
        *(pair(key, _F32, struct.pack("<f", value)) for key, value in floats.items()),
        *vocabulary_pairs(),
    ]


SINGLE = 256
"""Tokens that are one byte: the least that a vocabulary has."""


def words(ordinary: int = 0) -> int:
    """How many tokens the vocabulary has, with so many of the ordinary ones: 0 for all."""
    return (ordinary or len(tokens.read_packaged()[1])) + len(tokens.instruct().added)


def vocabulary_pairs(ordinary: int = 0) -> list[bytes]:
    """What a model file says of the vocabulary of Qwen2.5, and the template; 0 for all ordinary tokens."""
    vocabulary, types = _vocabulary()
    merges = _merges(tokens.read_packaged()[1]) if not ordinary else []
    added = tokens.instruct().added
    if ordinary:
        vocabulary = vocabulary[:ordinary] + vocabulary[-len(added) :]
        types = types[:ordinary] + types[-len(added) :]
        added = {name: ordinary + at for at, name in enumerate(sorted(added, key=added.__getitem__))}
    ids = {"eos": added["<|im_end|>"], "padding": added["<|endoftext|>"], "bos": added["<|endoftext|>"]}
    return [
        *(pair(f"tokenizer.ggml.{name}_token_id", _U32, struct.pack("<I", id_)) for name, id_ in ids.items()),
        pair("tokenizer.ggml.add_bos_token", _BOOL, b"\0"),
        text("tokenizer.ggml.model", "gpt2"),
        text("tokenizer.ggml.pre", "qwen2"),
        texts("tokenizer.ggml.tokens", vocabulary),
        pair(
            "tokenizer.ggml.token_type",
            LIST,
            struct.pack(f"<IQ{len(types)}i", _ARRAY_OF_INTEGERS, len(types), *types),
        ),
        texts("tokenizer.ggml.merges", merges),
        text("tokenizer.chat_template", TEMPLATE),
    ]


def _vocabulary() -> tuple[list[str], list[int]]:
    _, ranks = tokens.read_packaged()
    letters = {byte: letter for letter, byte in tokens.byte_letters().items()}
    ordinary = sorted(ranks, key=ranks.__getitem__)
    names = [token.decode("latin-1").translate(letters) for token in ordinary]
    added = sorted(tokens.instruct().added.items(), key=lambda entry: entry[1])
    kinds = [_USER_DEFINED if id_ >= _FIRST_USER_DEFINED else _CONTROL for _, id_ in added]
    return [*names, *(name for name, _ in added)], [_ORDINARY] * len(names) + kinds


def _merges(ranks: Mapping[bytes, int]) -> list[str]:
    """The list of merges that the ids of the tokens stand for."""
    letters = {byte: letter for letter, byte in tokens.byte_letters().items()}

    def written(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    longer = sorted((token for token in ranks if len(token) > 1), key=ranks.__getitem__)
    return [" ".join(map(written, _last_merge(token, ranks))) for token in longer]


def _last_merge(token: bytes, ranks: Mapping[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that the last merge of this one puts together."""
    own = ranks[token]
    splits = [(token[:i], token[i:]) for i in range(1, len(token))]
    possible = [s for s in splits if ranks.get(s[0], own) < own and ranks.get(s[1], own) < own]
    if len(possible) == 1:
        return possible[0]
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        _, at = min((ranks.get(a + b, own), i) for i, (a, b) in enumerate(pairwise(parts)))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts[0], parts[1]


def _tensors(rng: random.Random) -> list[tuple[str, tuple[int, ...], int, bytes]]:
    head = WIDTH // HEADS
    words = len(_vocabulary()[0])
    found: list[tuple[str, tuple[int, ...], int, bytes]] = [
        ("token_embd.weight", (WIDTH, words), _TENSOR_F16, _noise(rng, WIDTH * words, 0.5))
    ]
    # Weights of its own for the output: with those of the input it would say one word for ever.
    found.append(("output.weight", (WIDTH, words), _TENSOR_F16, _noise(rng, WIDTH * words, 0.25)))
    found.append(("output_norm.weight", (WIDTH,), _TENSOR_F32, _ones(WIDTH)))
    for layer in range(LAYERS):
        shapes = {
            "attn_q": (WIDTH, HEADS * head),
            "attn_k": (WIDTH, KV_HEADS * head),
            "attn_v": (WIDTH, KV_HEADS * head),
            "attn_output": (HEADS * head, WIDTH),
            "ffn_gate": (WIDTH, INNER),
            "ffn_up": (WIDTH, INNER),
            "ffn_down": (INNER, WIDTH),
        }
        for name, shape in shapes.items():
            data = _noise(rng, shape[0] * shape[1], 0.02)
            found.append((f"blk.{layer}.{name}.weight", shape, _TENSOR_F16, data))
        for name in ("attn_norm", "ffn_norm"):
            found.append((f"blk.{layer}.{name}.weight", (WIDTH,), _TENSOR_F32, _ones(WIDTH)))
        for name, wide in (("attn_q", HEADS * head), ("attn_k", KV_HEADS * head), ("attn_v", KV_HEADS * head)):
            found.append((f"blk.{layer}.{name}.bias", (wide,), _TENSOR_F32, bytes(4 * wide)))
    return found


def _noise(rng: random.Random, count: int, scale: float) -> bytes:
    """Half floats drawn from 256 values spread like a normal distribution."""
    values = [struct.pack("<e", rng.gauss(0, scale)) for _ in range(256)]
    drawn = rng.randbytes(count)
    data = bytearray(2 * count)
    data[0::2] = drawn.translate(bytes(value[0] for value in values))
    data[1::2] = drawn.translate(bytes(value[1] for value in values))
    return bytes(data)


def _ones(count: int) -> bytes:
    return struct.pack("<f", 1.0) * count
