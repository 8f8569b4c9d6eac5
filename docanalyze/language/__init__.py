"""English as documents write it: sentences, numbers, dates, amounts, names, negation, cue search."""

from docanalyze.language.lexical import Criticals, Key, criticals, names, normalise, stem, words
from docanalyze.language.search import Bm25, TermIndex, TermScan, cue_score, find_term, terms_of
from docanalyze.language.sentences import sentences
from docanalyze.language.values import Value, amounts, dates, durations, measures, percentages

__all__ = [
    "Bm25",
    "Criticals",
    "Key",
    "TermIndex",
    "TermScan",
    "Value",
    "amounts",
    "criticals",
    "cue_score",
    "dates",
    "durations",
    "find_term",
    "measures",
    "names",
    "normalise",
    "percentages",
    "sentences",
    "stem",
    "terms_of",
    "words",
]
