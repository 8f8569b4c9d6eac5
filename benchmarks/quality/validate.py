"""The models of clauses and parties, cross-validated over contracts: each is measured by what never saw it.

The words' weights come from four fifths of the contracts; what a score means (thresholds,
probabilities, absence) is settled on those four fifths, too.
"""

from typing import Any

import numpy as np

from benchmarks.quality.clauses import LEAST_CONFIDENCE, Answers, Claim
from benchmarks.quality.corpus import CLAUSES, Contract, folds
from benchmarks.quality.train import FOLDS, Sentences, is_possible, settled, unseen
from benchmarks.quality.train_parties import Names, fitted
from docanalyze import prompts
from docanalyze.extract.clauses import is_taken
from docanalyze.extract.contract import find_parties
from docanalyze.extract.scoring import ClauseType
from docanalyze.model import Finding


def cross_validated(found: list[Contract]) -> list[Answers]:
    """What models say of each contract that were learned from the others."""
    sentences = Sentences(found)
    fold = np.array(folds(found, FOLDS))
    answers = [Answers() for _ in found]
    for name, (label, title) in CLAUSES.items():
        right = sentences.labelled(label)
        scores = unseen(sentences, right, fold)
        possible = is_possible(sentences.highest(scores), sentences.present(label), fold)
        for number in range(FOLDS):
            means = settled(sentences, label, right, scores, fold != number)
            if means is not None:
                known = ClauseType(name, title, label, possible=possible, **means)
                for place in np.flatnonzero(fold == number):
                    _answer(answers[place], known, sentences, scores, int(place))
    return answers


def parties_cross_validated(found: list[Contract]) -> list[list[Finding]]:
    """The parties of each contract by a model that was learned from the others."""
    held = Names(found)
    fold = np.array(folds(found, FOLDS))
    known = {number: fitted(held, fold != number) for number in set(fold.tolist())}
    section = prompts.find("contract").section("parties")
    return [find_parties(section, one.reading, known[int(number)]) for one, number in zip(found, fold, strict=True)]


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
