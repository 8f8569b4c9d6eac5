"""Who checks what was found: rules first, always, and beside them a model where there is one."""

from docanalyze.judge.model import LABELS, NOT_CALIBRATED, asked_about, decide, statement_of, unseen
from docanalyze.judge.rules import MOST_HITS, NAME, check, sweep

__all__ = [
    "LABELS",
    "MOST_HITS",
    "NAME",
    "NOT_CALIBRATED",
    "asked_about",
    "check",
    "decide",
    "statement_of",
    "sweep",
    "unseen",
]
