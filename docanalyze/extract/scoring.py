"""Linear models learned from lawyers' labels: how much a sentence looks like which clause, a name like a party's.

The weights lie in `weights.json`; `benchmarks/quality/train.py` makes them. They were learned from
contracts that companies filed with the SEC: of other contracts expect less.
"""

import json
import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypedDict

from docanalyze.extract.features import features

WEIGHTS = "weights.json"
_SCALE, _FLAT = 4.0, 20


@dataclass(frozen=True, slots=True)
class ClauseType:
    """A kind of clause that lawyers labelled, and what was measured of its model.

    A sentence is taken from the score `found`; a document in which none reaches `absent` has no such
    clause (None: that was never sure enough). `slope` and `offset` make a score a probability.
    `possible` says that too few of what is taken is right for saying it plainly.
    """

    name: str
    title: str
    label: str
    found: float
    slope: float
    offset: float
    absent: float | None
    possible: bool

    def confidence(self, score: float) -> float:
        """The share of sentences of this score that lawyers labelled so."""
        return _share(self.slope * score + self.offset)


@dataclass(frozen=True)
class Models:
    """All models, and by feature what it weighs in which."""

    types: tuple[ClauseType, ...]
    biases: tuple[float, ...]
    weights: dict[str, tuple[tuple[int, float], ...]]

    def scores(self, text: str, title: str) -> tuple[float, ...]:
        """The score of a sentence under its headings, by type."""
        found = features(text, title)
        sums = [0.0] * len(self.types)
        for name in found & self.weights.keys():
            for number, weight in self.weights[name]:
                sums[number] += weight
        factor = scale(len(found))
        return tuple(bias + factor * total for bias, total in zip(self.biases, sums, strict=True))


def scale(count: int) -> float:
    """What each of a sentence's features counts: less in a long one."""
    return _SCALE / math.sqrt(_FLAT + count)


@dataclass(frozen=True)
class PartyModel:
    """What each feature of a name weighs for its being a party's."""

    bias: float
    weights: Mapping[str, float]

    def confidence(self, features: Set[str]) -> float:
        """The share of names with these features that lawyers labelled as a party."""
        return _share(self.bias + sum(self.weights[name] for name in sorted(features & self.weights.keys())))


def _share(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@cache
def models() -> Models:
    """The packaged models of clauses."""
    return read(_packaged()["types"])


@cache
def party_model() -> PartyModel:
    """The packaged model of parties."""
    told = _packaged()["parties"]
    return PartyModel(told["bias"], told["weights"])


@cache
def _packaged() -> "Packaged":
    packaged: Packaged = json.loads(resources.files("docanalyze.extract").joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return packaged


class Told(TypedDict):
    """What `weights.json` holds of a clause; the keys are those of ClauseType."""

    title: str
    label: str
    found: float
    slope: float
    offset: float
    absent: float | None
    possible: bool
    bias: float
    weights: dict[str, float]


class ToldParties(TypedDict):
    """What `weights.json` holds of parties."""

    bias: float
    weights: dict[str, float]


class Packaged(TypedDict):
    """What `weights.json` holds."""

    source: str
    trained_on: list[str]
    parties: ToldParties
    types: dict[str, Told]


def read(table: Mapping[str, Told]) -> Models:
    """Models from what `weights.json` holds of each clause."""
    by_feature: dict[str, list[tuple[int, float]]] = {}
    types, biases = [], []
    for number, (name, told) in enumerate(table.items()):
        meant = told["found"], told["slope"], told["offset"], told["absent"], told["possible"]
        types.append(ClauseType(name, told["title"], told["label"], *meant))
        biases.append(told["bias"])
        for feature, weight in told["weights"].items():
            by_feature.setdefault(feature, []).append((number, weight))
    return Models(tuple(types), tuple(biases), {name: tuple(pairs) for name, pairs in by_feature.items()})
