"""Models that are known before there is a file of them: geometry, files, licence, how far they can be stretched."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from docanalyze.errors import UsageError
from docanalyze.runtime import geometry, weights
from docanalyze.runtime.values import Geometry

USUAL_MAIN = "Qwen2.5-14B-Instruct"
USUAL_JUDGE = "Qwen2.5-3B-Instruct"
USUAL_QUANTIZATION = "Q4_K_M"
_STRETCHED = 4
"""How far YaRN stretches the Qwen models that their makers made for it."""


@dataclass(frozen=True, slots=True)
class Known:
    """One model of the catalogue. `files` are (quantization, file name) in `repository`.

    `longest` is the context that it can be served with; `yarn_from` what YaRN stretches, 0 where it is not
    needed. `trap` is what of its licence surprises people.
    """

    name: str
    shape: Geometry
    tied: bool
    longest: int
    yarn_from: int
    licence: str
    trap: str
    note: str
    repository: str
    files: tuple[tuple[str, str], ...]

    def geometry(self, quantization: str = USUAL_QUANTIZATION) -> Geometry:
        """Its geometry with weights by llama.cpp's recipe: what a file of it takes, to within a thousandth."""
        total, host = weights.weight_bytes(self.shape, quantization, tied=self.tied)
        return geometry.with_sizes(self.shape, total, host, quantization)


@dataclass(frozen=True, slots=True)
class Reach:
    """How much context a model can be served with, and whether YaRN must stretch it beyond `yarn_from`."""

    longest: int
    yarn_from: int

    def factor(self, context: int) -> float:
        """By how much YaRN stretches for that context, in sixteenths; 0 where it is not needed."""
        if not self.yarn_from or context <= self.yarn_from:
            return 0.0
        return -(-16 * context // self.yarn_from) / 16


@functools.cache
def known() -> tuple[Known, ...]:
    """The catalogue, which comes with docanalyze."""
    text = resources.files("docanalyze.runtime").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(_known(entry) for entry in tomllib.loads(text)["model"])


def named(text: str) -> tuple[Known, str]:
    """The model and quantization of `NAME` or `NAME:QUANTIZATION`, in any case; UsageError if there is none."""
    name, _, quantization = text.partition(":")
    for model in known():
        if model.name.lower() == name.strip().lower():
            break
    else:
        raise UsageError(
            f"no model file and no known model: {text}",
            f"name a .gguf file, or one of {', '.join(model.name for model in known())}",
        )
    chosen = quantization.strip().upper() or USUAL_QUANTIZATION
    if chosen not in weights.QUANTIZATIONS:
        raise UsageError(f"no quantization {quantization} of {model.name}", f"of {', '.join(weights.QUANTIZATIONS)}")
    return model, chosen


def resolve(text: str) -> Geometry:
    """The geometry of a file, or of a known model where there is no such file."""
    path = Path(text)
    if path.suffix.lower() == ".gguf" or path.is_file():
        return geometry.of_file(path)
    model, quantization = named(text)
    return model.geometry(quantization)


def of_geometry(model: Geometry) -> Known | None:
    """The known model that has this geometry and was trained for as much context, whatever a file is called."""
    return next((one for one in known() if _shape(one.shape) == _shape(model)), None)


def licensed(model: Geometry) -> Known | None:
    """The known model whose licence a file is likely under: by its geometry, else by its name alone."""
    return of_geometry(model) or next((one for one in known() if one.name == model.name), None)


def reach(model: Geometry) -> Reach:
    """How far a model can be served: what is known of it, else what it was trained for."""
    if entry := of_geometry(model):
        return Reach(entry.longest, entry.yarn_from)
    if model.architecture in ("qwen2", "qwen3") and model.trained_context == 32_768 and not model.rope_scaling:
        return Reach(_STRETCHED * model.trained_context, model.trained_context)
    return Reach(model.trained_context, 0)


def _shape(model: Geometry) -> tuple[object, ...]:
    return (
        model.architecture,
        model.kv_heads,
        model.key_length,
        model.heads,
        model.embedding,
        model.inner,
        model.trained_context,
    )


def _known(entry: Mapping[str, Any]) -> Known:
    shape = Geometry(
        name=entry["name"],
        architecture=entry["architecture"],
        heads=entry["heads"],
        kv_heads=(entry["kv_heads"],) * entry["layers"],
        key_length=entry["head"],
        value_length=entry["head"],
        embedding=entry["embedding"],
        vocabulary=entry["vocabulary"],
        trained_context=entry["trained"],
        weight_bytes=0,
        host_bytes=0,
        rope_base=entry["rope_base"],
        inner=entry["inner"],
    )
    return Known(
        name=entry["name"],
        shape=shape,
        tied=entry["tied"],
        longest=entry["longest"],
        yarn_from=entry["yarn_from"],
        licence=entry["licence"],
        trap=entry.get("trap", ""),
        note=entry.get("note", ""),
        repository=entry["repository"],
        files=tuple(entry["files"].items()),
    )
