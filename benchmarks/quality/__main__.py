"""Measures an analyst on labelled contracts.

    python -m benchmarks.quality DIR                         # the built-in analyst as it is packaged
    python -m benchmarks.quality DIR --cross-validate        # its models learned anew (needs the group train)
    python -m benchmarks.quality DIR --main-url URL [--judge-url URL]   # a model, by the same labels

DIR holds `labels.jsonl` and the contracts that it names. Of the built-in analyst as packaged the figures
are only worth something on contracts that its models were not learned from: how many those are is said.
"""

import argparse
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from benchmarks.quality.clauses import (
    LEAST_CONFIDENCE,
    Answers,
    Claim,
    print_absences,
    print_calibration,
    print_clauses,
)
from benchmarks.quality.corpus import CLAUSES, Contract, contracts
from benchmarks.quality.missing import print_missing
from benchmarks.quality.ranking import print_ranking
from benchmarks.quality.values import print_values
from docanalyze import extract, prompts
from docanalyze.extract.scoring import WEIGHTS
from docanalyze.model import Finding

VALUES = ("parties", "dates", "law")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--main-url", default="")
    parser.add_argument("--judge-url", default="")
    parser.add_argument("--most", type=int, default=0, help="so many contracts at most")
    parser.add_argument("--show", action="store_true", help="print what was wrong with values")
    asked = parser.parse_args()
    found = list(contracts(asked.folder))[: asked.most or None]
    if asked.main_url:
        from benchmarks.quality.served import by_model

        answers, findings = by_model(found, asked.main_url, asked.judge_url)
    else:
        findings = [_values(contract) for contract in found]
        if asked.cross_validate:
            answers, findings = _cross_validated(found, findings)
        else:
            answers = [packaged(contract) for contract in found]
        _say_what_was_seen(found, cross_validated=asked.cross_validate)
    print_clauses(found, answers)
    print_calibration(found, answers)
    print_ranking(found, answers)
    print_absences(found, answers)
    if not asked.main_url:
        print_missing(
            found, answers, "stated of contracts not seen" if asked.cross_validate else "by the packaged weights"
        )
    print_values(found, findings, show=asked.show)


def _cross_validated(found: list[Contract], findings: list[list[Finding]]) -> tuple[list[Answers], list[list[Finding]]]:
    """Clauses and parties by models that had not seen the contract; what rules alone find stays."""
    from benchmarks.quality.validate import cross_validated, parties_cross_validated

    parties = parties_cross_validated(found)
    kept = [[one for one in held if one.section != "parties"] for held in findings]
    return cross_validated(found), [own + rest for own, rest in zip(parties, kept, strict=True)]


def _say_what_was_seen(found: Sequence[Contract], *, cross_validated: bool) -> None:
    text = resources.files("docanalyze.extract").joinpath(WEIGHTS).read_text(encoding="utf-8")
    seen = set(json.loads(text)["trained_on"])
    count = sum(contract.digest in seen for contract in found)
    if cross_validated:
        print(f"{len(found)} contracts; each was measured by models that had not seen it")
    else:
        print(f"{len(found)} contracts, of which the packaged models were learned from {count}")


def _values(contract: Contract) -> list[Finding]:
    kind = prompts.find("contract")
    return [one for name in VALUES for one in extract.find(kind.section(name), contract.reading)]


def packaged(contract: Contract) -> Answers:
    """What the built-in analyst says, with what it would have ranked lower."""
    reading = contract.reading
    shown = {(one.type.name, one.position) for one in extract.recognised(reading, list(CLAUSES))}
    claims = [
        Claim(
            one.type.name, one.sentence.span, one.confidence, (one.type.name, one.position) in shown, one.type.possible
        )
        for one in extract.candidates(reading, list(CLAUSES), LEAST_CONFIDENCE)
    ]
    return Answers(claims, {name for name in CLAUSES if extract.surely_absent([reading], [name])})


if __name__ == "__main__":
    main()
