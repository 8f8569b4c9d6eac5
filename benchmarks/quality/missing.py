"""How often it is true when the built-in analyst says that a contract lacks something."""

from collections.abc import Sequence

from benchmarks.quality.corpus import CLAUSES, Contract
from docanalyze import extract, prompts
from docanalyze.model import Section


def print_missing(contracts: Sequence[Contract]) -> None:
    """By Section whose clauses are labelled: how often its absence is stated, in which words, and how often truly."""
    sections = [one for one in prompts.find("contract").sections if one.absence and one.clauses]
    print("\nby the packaged weights, whatever they were learned from:")
    print(f"{'stated missing':20}  not found  true   not recognised  true")
    for section in sections:
        stated = {True: [0, 0], False: [0, 0]}
        for contract in contracts:
            if not extract.find(section, contract.reading):
                tally = stated[_is_sure(section, contract)]
                tally[0] += 1
                tally[1] += not any(contract.has(CLAUSES[name][0]) for name in section.clauses)
        sure, other = stated[True], stated[False]
        print(f"{section.name:20}  {_shown(sure)}   {_shown(other)}")


def _is_sure(section: Section, contract: Contract) -> bool:
    return bool(section.not_found) and extract.surely_absent([contract.reading], section.clauses)


def _shown(tally: list[int]) -> str:
    said, right = tally
    return f"{said:9}  {right / said:4.2f}" if said else f"{0:9}     -"
