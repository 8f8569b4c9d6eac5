"""Learns the models of clauses and of parties from the labels and packages them.

    uv run --group train python -m benchmarks.quality.train DIR

Logistic regression with an L1 penalty over words, pairs of words and patterns, one model a clause.
What a score means (the threshold, the probability, when a clause is surely absent) is settled on
scores that the models gave to contracts they had not seen. Seeds are fixed.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.corpus import CLAUSES, Contract, contracts, folds, is_shared
from benchmarks.quality.train_parties import Names
from benchmarks.quality.train_parties import fitted as fitted_parties
from docanalyze.extract import scoring
from docanalyze.extract.features import features

FOLDS = 5
WEIGHTS = Path(scoring.__file__).with_name(scoring.WEIGHTS)
SOURCE = (
    "Learned from the labels of CUAD v1 (Contract Understanding Atticus Dataset) by The Atticus Project, "
    "licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)."
)
LEAST_PRECISION, SAFE_PRECISION, FEWEST_FOR_PLAIN = 0.7, 0.8, 10
LEAST_F1, _WORTH = 0.5, 0.8
"""A clause of a lower F1 is not shown; so much of the best F1 is left for a precision that is safe."""
MOST_MISSED, SAFE_MISSED, FEWEST_FOR_ABSENCE = 0.05, 0.025, 60
_RARE, _NEGATIVES, _STRENGTH = 5, 20_000, 1.0
_LEAST_WEIGHT = 0.02


class Sentences:
    """All sentences of the contracts as a matrix of features, with the contract of each."""

    def __init__(self, found: list[Contract]) -> None:
        self.contracts = found
        bags, owners, self.spans = [], [], []
        for number, contract in enumerate(found):
            for sentence in contract.reading.prose:
                bags.append(features(sentence.text, sentence.title))
                owners.append(number)
                self.spans.append(sentence.span)
        self.owner = np.array(owners)
        self.starts = np.searchsorted(self.owner, np.arange(len(found)))
        vectorizer = CountVectorizer(analyzer=sorted, min_df=_RARE, binary=True)
        counts = vectorizer.fit_transform(bags)
        self.names = vectorizer.get_feature_names_out()
        self.matrix = csr_matrix(diags([scoring.scale(len(bag)) for bag in bags]) @ counts.astype(float))

    def labelled(self, label: str) -> Any:
        """Whether each sentence is of a passage with that label."""
        return np.array(
            [
                any(is_shared(span, gold) for gold in self.contracts[owner].spans[label])
                for span, owner in zip(self.spans, self.owner, strict=True)
            ]
        )

    def present(self, label: str) -> Any:
        return np.array([contract.has(label) for contract in self.contracts])

    def highest(self, scores: Any) -> Any:
        """The highest score in each contract."""
        return np.maximum.reduceat(scores, self.starts)


def fitted(sentences: Sentences, right: Any, within: Any) -> LogisticRegression:
    """The model of one clause, from all sentences with it and a drawn part of those without."""
    rows = np.flatnonzero(within)
    without = rows[~right[rows]]
    drawn = np.random.RandomState(0).choice(without, min(len(without), _NEGATIVES), replace=False)
    rows = np.r_[rows[right[rows]], drawn]
    model = LogisticRegression(C=_STRENGTH, l1_ratio=1, solver="liblinear", max_iter=300, tol=1e-3, random_state=0)
    return model.fit(sentences.matrix[rows], right[rows])


def unseen(sentences: Sentences, right: Any, fold: Any) -> Any:
    """The score of each sentence by a model that did not see its contract."""
    scores = np.zeros(len(right))
    for number in range(FOLDS):
        held = fold[sentences.owner] == number
        scores[held] = fitted(sentences, right, ~held).decision_function(sentences.matrix[held])
    return scores


def settled(sentences: Sentences, label: str, right: Any, scores: Any, among: Any) -> dict[str, Any] | None:
    """What scores mean, from the contracts `among`; None where a clause is not worth showing."""
    highest, present = sentences.highest(scores)[among], sentences.present(label)[among]
    found = threshold(highest, present)
    if found is None:
        return None
    slope, offset = _probabilities(right, scores, found, among[sentences.owner])
    return {
        "found": round(found, 3),
        "slope": slope,
        "offset": offset,
        "absent": _absent(highest, present, found),
    }


def threshold(highest: Any, present: Any) -> float | None:
    """The score of its best sentence from which a contract has the clause; None where none is good enough."""
    best, precise = (0.0, 0.0), (0.0, 0.0)
    for score in np.unique(highest):
        taken = highest >= score
        hits = (taken & present).sum()
        f1 = float(2 * hits / (taken.sum() + present.sum()))
        best = max(best, (f1, float(score)))
        if hits / taken.sum() >= SAFE_PRECISION:
            precise = max(precise, (f1, float(score)))
    chosen = precise if precise[0] >= max(LEAST_F1, _WORTH * best[0]) else best
    return chosen[1] if chosen[0] >= LEAST_F1 else None


def is_possible(highest: Any, present: Any, fold: Any) -> bool:
    """Whether a clause is only said to be possible: where less than 70 of 100 contracts are surely right, counted
    in contracts that the threshold was not chosen on."""
    hits = taken = 0
    for number in np.unique(fold):
        held = fold == number
        found = threshold(highest[~held], present[~held])
        if found is not None:
            said = highest[held] >= found
            taken += int(said.sum())
            hits += int((said & present[held]).sum())
    return taken < FEWEST_FOR_PLAIN or surely(hits, taken) < LEAST_PRECISION


def surely(hits: int, taken: int) -> float:
    """The share of hits less what chance may have given it: Wilson's bound at one standard error."""
    share = hits / taken
    spread = (share * (1 - share) / taken + 1 / (4 * taken * taken)) ** 0.5
    return float((share + 1 / (2 * taken) - spread) / (1 + 1 / taken))


def _probabilities(right: Any, scores: Any, found: float, among: Any) -> tuple[float, float]:
    """Slope and offset that make scores probabilities, about and above the threshold."""
    rows = np.flatnonzero(among & (scores >= found - 1.0))
    model = LogisticRegression(C=10, random_state=0).fit(scores[rows].reshape(-1, 1), right[rows])
    return round(float(model.coef_[0][0]), 3), round(float(model.intercept_[0]), 3)


def _absent(highest: Any, present: Any, found: float) -> float | None:
    """Below which score of its best sentence a contract has no such clause: hardly any that has it is."""
    with_it = np.sort(highest[present])
    if len(with_it) < FEWEST_FOR_ABSENCE:
        return None
    return round(min(float(found), float(with_it[int(SAFE_MISSED * len(with_it))])), 3)


def tables(sentences: Sentences, names: Iterable[str], fold: Any) -> dict[str, dict[str, Any]]:
    """What `weights.json` holds of each clause."""
    every: Any = np.ones(len(sentences.contracts), bool)
    found = {}
    for name in names:
        label, title = CLAUSES[name]
        right = sentences.labelled(label)
        scores = unseen(sentences, right, fold)
        means = settled(sentences, label, right, scores, every)
        if means is None:
            print(f"{name}: not worth showing")
            continue
        means["possible"] = is_possible(sentences.highest(scores), sentences.present(label), fold)
        model = fitted(sentences, right, np.ones(len(right), bool))
        weighed = {
            str(sentences.names[place]): round(float(model.coef_[0][place]), 2)
            for place in np.flatnonzero(np.abs(model.coef_[0]) >= _LEAST_WEIGHT)
        }
        found[name] = {"title": title, "label": label, **means, "bias": round(float(model.intercept_[0]), 3)}
        found[name]["weights"] = weighed
        print(f"{name}: {len(weighed)} weights")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    found = list(contracts(parser.parse_args().folder))
    sentences = Sentences(found)
    kept = tables(sentences, CLAUSES, np.array(folds(found, FOLDS)))
    known = fitted_parties(Names(found), np.ones(len(found), bool))
    content = {
        "source": SOURCE,
        "trained_on": sorted(contract.digest for contract in found),
        "parties": {"bias": known.bias, "weights": known.weights},
        "types": kept,
    }
    WEIGHTS.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{len(kept)} clauses, {WEIGHTS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
