"""How often it is true when the built-in analyst says that a contract lacks something."""

from collections.abc import Sequence

from benchmarks.quality.clauses import Answers
from benchmarks.quality.corpus import CLAUSES, Contract
from docanalyze import extract, prompts
from docanalyze.model import Finding, Section


def print_missing(contracts: Sequence[Contract], answers: Sequence[Answers], how: str) -> None:
    """By Section whose clauses are labelled: how often its absence is stated, in which words, and how often truly."""
    sections = [one for one in prompts.find("contract").sections if one.absence and one.clauses]
    print(f"\n{how}:\n{'stated missing':20}  not found  true   not recognised  true")
    total = {True: [0, 0], False: [0, 0]}
    for section in sections:
        stated = {True: [0, 0], False: [0, 0]}
        for contract, answer in zip(contracts, answers, strict=True):
            if _is_stated(section, contract, answer):
                sure = bool(section.not_found) and set(section.clauses) <= answer.absent
                for tally in (stated[sure], total[sure]):
                    tally[0] += 1
                    tally[1] += not any(contract.has(CLAUSES[name][0]) for name in section.clauses)
        print(f"{section.name:20}  {_shown(stated[True])}   {_shown(stated[False])}")
    print(f"{'all':20}  {_shown(total[True])}   {_shown(total[False])}")


def _is_stated(section: Section, contract: Contract, answer: Answers) -> bool:
    """Whether the Section finds nothing: no clause that is shown, and no sentence that its cues speak for."""
    if any(claim.shown and claim.clause in section.clauses for claim in answer.claims):
        return False
    return not any(_is_cued(finding) for finding in extract.find(section, contract.reading))


def _is_cued(finding: Finding) -> bool:
    """Whether cues found it: what a model of clauses found has a measured confidence."""
    return not finding.calibrated


def _shown(tally: list[int]) -> str:
    said, right = tally
    return f"{said:9}  {right / said:4.2f}" if said else f"{0:9}     -"
