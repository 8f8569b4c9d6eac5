"""What the weights of a model take when they are quantized by llama.cpp's recipes, before there is a file.

Follows llama-quant.cpp for dense models of the shape of Llama and Qwen: one type for all matrices, and
in the `_M` recipes six bits for the values and the feed-forward's last matrix of every layer that counts
most. Norms and biases stay in 32 bits. What a file really takes stands in the file.
"""

from docanalyze.errors import ModelRefused
from docanalyze.runtime.values import Geometry

_BYTES_OF_256 = {"F16": 512, "Q8_0": 272, "Q6_K": 210, "Q5_K": 176, "Q4_K": 144}
_MIXED = {"Q4_K_M": "Q4_K", "Q5_K_M": "Q5_K"}
QUANTIZATIONS = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M")
_NORM_BYTES = 4


def weight_bytes(geometry: Geometry, quantization: str, *, tied: bool) -> tuple[int, int]:
    """Bytes of all weights, and of those that stay on the host; `tied` has no output matrix of its own."""
    if quantization not in QUANTIZATIONS:
        raise ModelRefused(f"the recipe of {quantization} is not known", f"known are {', '.join(QUANTIZATIONS)}")
    usual = _MIXED.get(quantization, quantization)
    best = "Q6_K" if quantization in _MIXED else quantization
    words = geometry.vocabulary * geometry.embedding
    embedding = _bytes(words, best if tied else usual)
    layers = sum(_layer(geometry, number, usual, best) for number in range(geometry.layers))
    norms = _NORM_BYTES * geometry.embedding
    if tied:
        return embedding + layers + norms, 0
    return embedding + _bytes(words, best) + layers + norms, embedding


def _layer(geometry: Geometry, number: int, usual: str, best: str) -> int:
    wide, heads = geometry.embedding, geometry.kv_heads[number]
    queries = geometry.heads * geometry.key_length
    keys, values = heads * geometry.key_length, heads * geometry.value_length
    careful = best if _counts_most(number, geometry.layers) else usual
    matrices = _bytes(wide * (queries + keys) + queries * wide + 2 * wide * geometry.inner, usual)
    matrices += _bytes(wide * values + wide * geometry.inner, careful)
    biases = queries + keys + values if geometry.architecture == "qwen2" else 0
    head_norms = 2 * geometry.key_length if geometry.architecture == "qwen3" else 0
    return matrices + _NORM_BYTES * (2 * wide + biases + head_norms)


def _counts_most(number: int, layers: int) -> bool:
    """The first and last eighth, and every third between (llama-quant.cpp, use_more_bits)."""
    return number < layers // 8 or number >= 7 * layers // 8 or (number - layers // 8) % 3 == 2


def _bytes(elements: int, type_: str) -> int:
    return elements // 256 * _BYTES_OF_256[type_]
