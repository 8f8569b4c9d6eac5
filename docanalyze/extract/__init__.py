"""The built-in analyst: what a Document says, read without a model.

Its statements are quotes or values read from quotes, each with its exact place. It knows sentences,
cues, dates, amounts, parties, obligations, and clauses by models that were learned from lawyers' labels:
there its confidence is a measured share, elsewhere its own and not calibrated. Of a code base it knows who
imports and uses whom, and what manifests say. It does not understand, and it says so.
"""

from collections.abc import Sequence

from docanalyze.code import hash_code
from docanalyze.extract.clauses import Clause, candidates, recognised, surely_absent
from docanalyze.extract.contract import find_dates, find_parties, find_unusual
from docanalyze.extract.general import (
    find_asked,
    find_by_cues,
    find_figures,
    find_questions,
    find_statements,
    find_summary,
    foremost,
)
from docanalyze.extract.injected import HIDDEN, INJECTED, ORDERS, Watched, hidden, orders, watched
from docanalyze.extract.obligations import find_obligations
from docanalyze.extract.reading import Reading
from docanalyze.extract.repo import METHODS as _OF_CODE
from docanalyze.extract.repo import answer
from docanalyze.extract.repo.asking import find_asked_of_code
from docanalyze.model import Finding, Fingerprint, Section

__all__ = [
    "HIDDEN",
    "INJECTED",
    "MISSING",
    "NAME",
    "ORDERS",
    "Clause",
    "Reading",
    "Watched",
    "absences",
    "candidates",
    "find",
    "fingerprint",
    "foremost",
    "hidden",
    "needs_code",
    "orders",
    "recognised",
    "surely_absent",
    "watched",
]

NAME = "extract"
MISSING = "missing"
ASKED = "asked"

_METHODS = {
    "parties": find_parties,
    "dates": find_dates,
    "obligations": find_obligations,
    "cues": find_by_cues,
    "unusual": find_unusual,
    "summary": find_summary,
    "statements": find_statements,
    "figures": find_figures,
    "questions": find_questions,
    "asked": find_asked,
}


def fingerprint() -> Fingerprint:
    """The analyst's name, and the hash of the code that its rules are."""
    return Fingerprint("built-in extract", file_sha256=hash_code("extract", "language", "rank"))


def needs_code(section: Section) -> bool:
    """Whether it is asked of code bases: of anything else this analyst has no answer to it."""
    return section.method in _OF_CODE


def find(section: Section, reading: Reading) -> list[Finding]:
    """What one Section finds in one Window: quotes with their places, no Evidence yet.

    Of a code base the Sections made for it read the whole at once: the first Window's Reading answers, the others
    have nothing to add.
    """
    if needs_code(section):
        return answer(section, reading.known) if reading.document.tree is not None and reading.number <= 1 else []
    method = _METHODS.get(section.method)
    found = method(section, reading) if method else []
    if section.method == ASKED and reading.document.tree is not None and reading.number <= 1:
        found = [*find_asked_of_code(section, reading.known.code), *found][: section.limit]
    return found


def absences(
    sections: Sequence[Section], findings: Sequence[Finding], readings: Sequence[Reading]
) -> list[tuple[Finding, Section]]:
    """Statements that something expected was not found, each with the Section that found nothing.

    They stand in the Section that gathers what is missing, where that was asked for, else in their
    own. Nothing is said of Sections that were not asked. That a thing "was not found" is said where the
    measured models of its clauses agree, over the `readings` of the whole Document; else it was not
    recognised, and no confidence is stated.
    """
    gathering = next((section.name for section in sections if section.method == MISSING), "")
    found = {finding.section for finding in findings}
    return [
        (Finding(gathering or section.name, _missing(section, readings), absence=True), section)
        for section in sections
        if section.absence and section.name not in found
    ]


def _missing(section: Section, readings: Sequence[Reading]) -> str:
    sure = section.not_found and surely_absent(readings, section.clauses)
    return section.not_found if sure else section.absence
