"""Parties, the date of the agreement and the governing law as an analyst's Findings have them, against the labels."""

import difflib
import re
from collections.abc import Sequence

from benchmarks.quality.clauses import Tally
from benchmarks.quality.corpus import Contract
from docanalyze.model import Finding

BARS = {"parties": 0.9, "agreement date": 0.9, "governing law, presence": 0.95, "governing law, place": 0.9}
_FORMS = re.compile(
    r"\b(?:inc(?:orporated)?|l\.?l\.?c|ltd|limited|corp(?:oration)?|co|company|l\.?p|llp|plc|gmbh|s\.?a|n\.?v|b\.?v|the)\b\.?",
    re.IGNORECASE,
)
_SHORTEST = 3
_PLACE_NOISE = re.compile(r"\b(?:the|state|commonwealth|province|republic|kingdom|of|laws?|people'?s)\b", re.IGNORECASE)
_CENTURY, _PIVOT = 100, 50
_ALIKE = 0.85
_ROLE = re.compile(
    r"(?:the |an? )?(?:individual|franchisee|franchisor|agent|supplier|seller|buyer|party|parties|individually.*|"
    r"each.*|collectively.*|u\.s\. .*affiliate.*)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"\b(?:collectively|individually|together|each|both|either)\b", re.IGNORECASE)
_PARTY = re.compile(
    r"[\"“”'](?:the\s)?(?:part(?:y|ies)|joint venturers?|members?|recipients?)\.?[\"“”']", re.IGNORECASE
)


def print_values(contracts: Sequence[Contract], findings: Sequence[Sequence[Finding]], *, show: bool = False) -> None:
    """Precision, recall and F1 of each, with its bar; with `show` also what was wrong."""
    tallies = dict.fromkeys(BARS, Tally())
    for contract, found in zip(contracts, findings, strict=True):
        ours = {
            "parties": _parties(contract, found),
            "agreement date": _date(contract, found),
            "governing law, presence": _law(contract, found),
            "governing law, place": _place(contract, found),
        }
        for name, tally in ours.items():
            tallies[name] += tally
            if show and not tally.right == tally.said == tally.wanted:
                print(f"  {name}: {contract.path.name[:50]}: {tally.right} of {tally.said} said, {tally.wanted} wanted")
                print(f"    label: {contract.answers.get(_LABELS[name], '')[:200]}")
                print(f"    said: {[one.statement[:80] for one in found if one.section == _SECTIONS[name]][:6]}")
    print(f"\n{'values':28}      P     R    F1")
    for name, tally in tallies.items():
        print(f"{name:28}  {tally}   bar {BARS[name]} {'ok' if tally.f1 >= BARS[name] else 'MISSED'}")


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


def _parties(contract: Contract, found: Sequence[Finding]) -> Tally:
    """A party is right whose name, legal form apart, is or holds one that the labels list, or the reverse."""
    wanted = [names for entry in _listed(contract.answers.get("Parties", "")) if (names := _names(entry))]
    said = [_core(_field(one, "name")) for one in found if one.section == "parties"]
    said = [name for name in said if name]
    left = list(wanted)
    right = 0
    for name in said:
        match = next((names for names in left if any(_same(name, other) for other in names)), None)
        if match is not None:
            left.remove(match)
            right += 1
    return Tally(right, len(said), len(wanted))


def _listed(answer: str) -> list[str]:
    """The entries of a label that name a party: not those that only say what all parties are together, a
    blank to be filled in, the role alone, or a party once more."""
    found: dict[str, str] = {}
    for entry in re.split(r";\s*", answer):
        outer = _outer(entry)
        together = _TOGETHER.search(entry) and " and " in outer and _PARTY.search(entry)
        if len(_core(outer)) >= _SHORTEST and not together and not _ROLE.fullmatch(outer):
            found.setdefault(_core(outer), entry)
    return list(found.values())


def _outer(entry: str) -> str:
    """What stands outside of brackets: the name."""
    return re.sub(r"\([^)]*\)?|\[[^\]]*\]", " ", entry).strip(' ,.;"')


def _names(entry: str) -> list[str]:
    """What one party is called in the labels: its name and what stands in brackets."""
    inner = re.findall(r"[\"“”']([^\"“”']+)[\"“”']", entry)
    return [core for name in (_outer(entry), *inner) if len(core := _core(name)) >= _SHORTEST]


def _core(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", _FORMS.sub(" ", name.lower().replace("&", " and ")))


def _same(one: str, other: str) -> bool:
    if difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE:
        # The labels have slips of the pen.
        return True
    return one == other or (min(len(one), len(other)) > _SHORTEST and (one in other or other in one))


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
