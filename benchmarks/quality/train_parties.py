"""Learns the model of parties from the labels: of the names in a contract, how much each is like a party's.

Logistic regression with an L1 penalty over the features of `docanalyze.extract.mentions`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.quality import names
from benchmarks.quality.corpus import Contract
from docanalyze.extract.mentions import Named, named
from docanalyze.extract.scoring import PartyModel

_RARE, _STRENGTH = 6, 0.5


class Names:
    """All names in the contracts that might be a party's, and which of them the labels have."""

    def __init__(self, found: Sequence[Contract]) -> None:
        self.candidates: list[list[Named]] = [named(contract.document.text) for contract in found]
        self.owner: Any = np.repeat(np.arange(len(found)), [len(held) for held in self.candidates])
        self.right = np.array(
            [
                names.is_party(contract.document.slice(one.span), names.wanted(contract))
                for contract, held in zip(found, self.candidates, strict=True)
                for one in held
            ]
        )
        bags = [sorted(one.features) for held in self.candidates for one in held]
        vectorizer = CountVectorizer(analyzer=list, min_df=_RARE, binary=True)
        self.matrix = vectorizer.fit_transform(bags).astype(float)
        self.features = vectorizer.get_feature_names_out()


def fitted(held: Names, within: Any) -> PartyModel:
    """The model of the contracts for which `within` is true."""
    rows = np.flatnonzero(within[held.owner])
    model = LogisticRegression(C=_STRENGTH, l1_ratio=1, solver="liblinear", random_state=0, max_iter=300)
    model.fit(held.matrix[rows], held.right[rows])
    weights = {
        str(held.features[place]): round(float(model.coef_[0][place]), 2)
        for place in np.flatnonzero(np.abs(model.coef_[0]) >= 0.01)
    }
    return PartyModel(round(float(model.intercept_[0]), 3), weights)
