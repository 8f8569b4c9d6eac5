"""Parties, the date of the agreement and the governing law as an analyst's Findings have them, against the labels."""

import re
from collections.abc import Sequence

from benchmarks.quality import names
from benchmarks.quality.clauses import Tally, print_reliability
from benchmarks.quality.corpus import Contract, kept_aside
from docanalyze.model import Finding

BARS = {"parties": 0.9, "agreement date": 0.9, "governing law, presence": 0.95, "governing law, place": 0.9}
_PLACE_NOISE = re.compile(r"\b(?:the|state|commonwealth|province|republic|kingdom|of|laws?|people'?s)\b", re.IGNORECASE)
_CENTURY, _PIVOT = 100, 50
_MANY = 20
"""A contract of more parties is one list; the figure without such is printed, too."""


def print_values(contracts: Sequence[Contract], findings: Sequence[Sequence[Finding]], *, show: bool = False) -> None:
    """Precision, recall and F1 of each, with its bar; with `show` also what was wrong in contracts that rules may
    be mended on."""
    tallies = dict.fromkeys(BARS, Tally())
    for contract, found in zip(contracts, findings, strict=True):
        for name, tally in _tallies(contract, found).items():
            tallies[name] += tally
            if show and not kept_aside(contract) and not tally.right == tally.said == tally.wanted:
                print(f"  {name}: {contract.path.name[:50]}: {tally.right} of {tally.said} said, {tally.wanted} wanted")
                print(f"    label: {contract.answers.get(_LABELS[name], '')[:200]}")
                print(f"    said: {[one.statement[:80] for one in found if one.section == _SECTIONS[name]][:6]}")
    print(f"\n{'values':34}      P     R    F1")
    for name, tally in tallies.items():
        print(f"{name:34}  {tally}   bar {BARS[name]} {'ok' if tally.f1 >= BARS[name] else 'MISSED'}")
    _print_parts(contracts, findings)
    _print_party_confidence(contracts, findings)


def _tallies(contract: Contract, found: Sequence[Finding]) -> dict[str, Tally]:
    return {
        "parties": parties(contract, found),
        "agreement date": _date(contract, found),
        "governing law, presence": _law(contract, found),
        "governing law, place": _place(contract, found),
    }


def _print_parts(contracts: Sequence[Contract], findings: Sequence[Sequence[Finding]]) -> None:
    """The same for the contracts that rules were mended on, and for those that were kept aside from that."""
    for aside in (False, True):
        pairs = [pair for pair in zip(contracts, findings, strict=True) if kept_aside(pair[0]) == aside]
        for name in ("parties", "agreement date"):
            total = sum((_tallies(contract, found)[name] for contract, found in pairs), Tally())
            print(
                f"{name}, {'kept aside' if aside else 'looked at':10}".ljust(34), f" {total}   {len(pairs)} contracts"
            )
    few = [
        parties(contract, found)
        for contract, found in zip(contracts, findings, strict=True)
        if len(names.wanted(contract)) <= _MANY
    ]
    print(f"{f'parties, where at most {_MANY}':34}  {sum(few, Tally())}   {len(few)} contracts")


def _print_party_confidence(contracts: Sequence[Contract], findings: Sequence[Sequence[Finding]]) -> None:
    """Of the parties: the confidence stated beside the share that is right."""
    stated = []
    for contract, found in zip(contracts, findings, strict=True):
        said = _said(found)
        right = names.matched([name for name, _ in said], names.wanted(contract))
        stated += [
            (one.confidence, place in right) for place, (_, one) in enumerate(said) if one.confidence is not None
        ]
    print_reliability("of parties: ", stated)


_LABELS = {
    "parties": "Parties",
    "agreement date": "Agreement Date",
    "governing law, presence": "Governing Law",
    "governing law, place": "Governing Law",
}
_SECTIONS = {
    "parties": "parties",
    "agreement date": "dates",
    "governing law, presence": "law",
    "governing law, place": "law",
}


# -- parties ---------------------------------------------------------------------------------------


def parties(contract: Contract, found: Sequence[Finding]) -> Tally:
    """A party is right whose name, legal form apart, is one that the labels list; each is found once.

    What the contract calls it (the alias in the label's brackets) is no name."""
    said = [name for name, _ in _said(found)]
    wanted = names.wanted(contract)
    return Tally(len(names.matched(said, wanted)), len(said), len(wanted))


def _said(found: Sequence[Finding]) -> list[tuple[str, Finding]]:
    return [(_field(one, "name"), one) for one in found if one.section == "parties" and _field(one, "name")]


def _field(found: Finding, name: str) -> str:
    return next((str(field.value) for field in found.fields if field.name == name), "")


# -- the date --------------------------------------------------------------------------------------


def _date(contract: Contract, found: Sequence[Finding]) -> Tally:
    """The date of the contract, to the day, where the label has one (`[]/[]/2019` has none)."""
    label = re.findall(
        r"(\d{1,2}|\[\s*\]|_+)/(\d{1,2}|\[\s*\]|_+)/(\d{2,4}|\[\s*\])", contract.answers.get("Agreement Date", "")
    )
    dates = [one for one in found if one.section == "dates" and one.statement.startswith("Date of the contract")]
    said = [_field(one, "date") for one in dates[:1]]
    wanted = [_figures(entry) for entry in label]
    if not contract.has("Agreement Date") or not any(None not in entry for entry in wanted):
        return Tally(0, 0, 0)
    return Tally(sum(any(_same_date(date, one) for one in wanted) for date in said), len(said), 1)


def _figures(entry: tuple[str, str, str]) -> tuple[int | None, int | None, int | None]:
    month, day, year = (int(part) if part.isdigit() else None for part in entry)
    if year is not None and year < _CENTURY:
        year += 1900 if year >= _PIVOT else 2000
    return year, month, day


def _same_date(iso: str, wanted: tuple[int | None, ...]) -> bool:
    parts = [int(part) for part in re.findall(r"\d+", iso)]
    return bool(parts) and all(b is None or a == b for a, b in zip(parts, wanted, strict=False))


# -- the law ---------------------------------------------------------------------------------------


def _law(contract: Contract, found: Sequence[Finding]) -> Tally:
    said = any(_is_of_law(one) for one in found)
    there = contract.has("Governing Law")
    return Tally(said and there, said, there)


def _is_of_law(found: Finding) -> bool:
    return found.section == "law" and not found.absence and bool(found.fields or found.calibrated)


def _place(contract: Contract, found: Sequence[Finding]) -> Tally:
    """Whose law, of the contracts whose label names a place."""
    label = _plain_place(contract.answers.get("Governing Law", ""))
    if not label:
        return Tally(0, 0, 0)
    by_confidence = sorted(found, key=lambda one: (not one.calibrated, -(one.confidence or 0.0)))
    said = [_plain_place(place) for one in by_confidence if one.section == "law" and (place := _field(one, "place"))]
    right = any(place and (place in label or label in place) for place in said[:1])
    return Tally(int(right), min(1, len(said)), 1)


def _plain_place(words: str) -> str:
    return re.sub(r"[^a-z]+", "", _PLACE_NOISE.sub(" ", words.lower()))
