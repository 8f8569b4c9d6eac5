"""The models of clauses, cross-validated over contracts: each is measured by what never saw it.

The words' weights come from four fifths of the contracts; what a score means (thresholds,
probabilities, absence) is settled on those four fifths, too.
"""

from typing import Any

import numpy as np

from benchmarks.quality.clauses import LEAST_CONFIDENCE, Answers, Claim
from benchmarks.quality.corpus import CLAUSES, Contract, folds
from benchmarks.quality.train import FOLDS, Sentences, settled, unseen
from docanalyze.extract.clauses import is_taken
from docanalyze.extract.scoring import ClauseType


def cross_validated(found: list[Contract]) -> list[Answers]:
    """What models say of each contract that were learned from the others."""
    sentences = Sentences(found)
    fold = np.array(folds(found, FOLDS))
    answers = [Answers() for _ in found]
    for name, (label, title) in CLAUSES.items():
        right = sentences.labelled(label)
        scores = unseen(sentences, right, fold)
        for number in range(FOLDS):
            means = settled(sentences, label, right, scores, fold != number)
            if means is not None:
                known = ClauseType(name, title, label, **means)
                for place in np.flatnonzero(fold == number):
                    _answer(answers[place], known, sentences, scores, int(place))
    return answers


def _answer(answer: Answers, known: ClauseType, sentences: Sentences, scores: Any, place: int) -> None:
    rows = np.flatnonzero(sentences.owner == place)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    for rank, row in enumerate(rows):
        confidence = known.confidence(float(scores[row]))
        if confidence < LEAST_CONFIDENCE:
            break
        shown = is_taken(known, float(scores[row]), rank)
        answer.claims.append(Claim(known.name, sentences.spans[row], confidence, bool(shown), known.possible))
    if known.absent is not None and scores[rows[0]] < known.absent:
        answer.absent.add(known.name)
