"""What a model file says of itself, for a person to read: all of it is the file's word, nothing is proven."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from docanalyze import gguf
from docanalyze.errors import ModelRefused
from docanalyze.gguf import Layout
from docanalyze.runtime import catalogue, geometry
from docanalyze.runtime.catalogue import Known
from docanalyze.runtime.values import GIB, CacheType, Geometry

_TEMPLATES = {
    "<|im_start|>": "ChatML",
    "<start_of_turn>": "Gemma",
    "<|start_header_id|>": "Llama 3",
    "[INST]": "Mistral",
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """One file. `geometry` is None for a kind whose memory is not computed, and `why` says so."""

    path: Path
    layout: Layout
    geometry: Geometry | None
    why: str
    known: Known | None


def of_file(path: Path) -> Inspected:
    """Reads the file at `path`: VocabularyError if it is no GGUF file, ModelRefused if it is cut short."""
    layout = geometry.whole(path)
    try:
        model = geometry.of_file(path)
    except ModelRefused as error:
        return Inspected(path, layout, None, f"{error.what}; {error.try_}", None)
    return Inspected(path, layout, model, "", catalogue.licensed(model))


def rows(found: Inspected) -> tuple[tuple[str, str], ...]:
    """Names and what the file says, in the order in which it is read."""
    head = (
        ("File", f"{found.path.name}, {found.layout.size / GIB:.2f} GiB, whole"),
        ("Name", _text(found, "general.name") or "not said"),
        ("Architecture", _text(found, "general.architecture") or "not said"),
    )
    return (*head, *_shape(found), *_words(found), *_licence(found))


def _shape(found: Inspected) -> tuple[tuple[str, str], ...]:
    model = found.geometry
    if model is None:
        return (("Memory", found.why),)
    reach = catalogue.reach(model)
    length = f"{model.trained_context:,} tokens"
    if reach.longest > model.trained_context:
        length += f"; {reach.longest:,} with YaRN"
    elif reach.longest < model.trained_context:
        length += f"; {reach.longest:,} are known to work"
    rope = f"base {model.rope_base:,.0f}" + (f", {model.rope_scaling}" if model.rope_scaling else ", not scaled")
    heads = f"{model.heads} heads, {_spread(model.kv_heads)} KV heads of {model.key_length}"
    sliding = f", {sum(model.local)} of them see {model.window:,} tokens" if model.window else ""
    return (
        ("Layers", f"{model.layers} of {heads}{sliding}"),
        ("Lengths", f"embedding {model.embedding:,}, feed-forward {model.inner:,}"),
        ("Weights", f"{model.quantization}, {model.weight_bytes / GIB:.2f} GiB ({_types(found.layout)})"),
        ("Context", length),
        ("Positions", rope),
        ("Cache", _cache(model)),
    )


def _cache(model: Geometry) -> str:
    """What 32K tokens take, in the types that are used most."""
    pairs = ((CacheType.F16, "f16"), (CacheType.Q8_0, "q8_0"), (CacheType.Q4_0, "q4_0"))
    said = []
    for type_, name in pairs:
        if not type_.is_quantized or not (model.key_length % 32 or model.value_length % 32):
            said.append(f"{name} {geometry.cache_bytes(model, 32_768, type_, type_) / (1 << 20):,.0f}")
    return f"for 32,768 tokens, in MiB: {', '.join(said)}"


def _words(found: Inspected) -> tuple[tuple[str, str], ...]:
    kind, split = _text(found, "tokenizer.ggml.model"), _text(found, "tokenizer.ggml.pre")
    count = found.layout.lengths.get("tokenizer.ggml.tokens", 0)
    template = _text(found, "tokenizer.chat_template")
    form = next((name for mark, name in _TEMPLATES.items() if mark in template), "another form")
    said = f"{form}, {len(template):,} characters" if template else "none: it is no model for instructions"
    return (
        ("Vocabulary", f"{count:,} tokens, {kind or 'not said'}{f', split by {split}' if split else ''}"),
        ("Chat template", said),
    )


def _licence(found: Inspected) -> tuple[tuple[str, str], ...]:
    said = _text(found, "general.license.name") or _text(found, "general.license") or "not said in the file"
    if found.known is None:
        return (("Licence", said),)
    lines = [("Licence", f"{said}; known of {found.known.name}: {found.known.licence}")]
    if found.known.trap:
        lines.append(("", found.known.trap))
    return tuple(lines)


def as_object(found: Inspected) -> dict[str, object]:
    """The same for scripts: everything short that the file says, and what was computed from it."""
    model = found.geometry
    return {
        "file": str(found.path),
        "bytes": found.layout.size,
        "metadata": {key: value for key, value in found.layout.header.metadata.items() if not isinstance(value, list)},
        "lengths": found.layout.lengths,
        "tensors": len(found.layout.tensors),
        "tensor_bytes": found.layout.tensor_bytes,
        "geometry": _geometry_object(model) if model else None,
        "not_computed": found.why,
        "licence_trap": found.known.trap if found.known else "",
    }


def _geometry_object(model: Geometry) -> dict[str, object]:
    return {**asdict(replace(model, file=None)), "file": str(model.file)}


def _text(found: Inspected, key: str) -> str:
    value = found.layout.header.metadata.get(key, "")
    return value if isinstance(value, str) else ""


def _types(layout: gguf.Layout) -> str:
    """The types of the weights, the one with most bytes first."""
    bytes_of: dict[str, int] = {}
    for tensor in layout.tensors:
        bytes_of[tensor.type] = bytes_of.get(tensor.type, 0) + tensor.size
    return ", ".join(sorted(bytes_of, key=bytes_of.__getitem__, reverse=True))


def _spread(numbers: tuple[int, ...]) -> str:
    least, most = min(numbers), max(numbers)
    return f"{least}" if least == most else f"{least} to {most}"
