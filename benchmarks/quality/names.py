"""Parties' names against the labels: which names are one, and how many of those said are right."""

import difflib
import re
from collections.abc import Sequence

from benchmarks.quality.corpus import Contract

LABEL = "Parties"
_FORMS = re.compile(
    r"\b(?:inc(?:orporated)?|l\.?l\.?c|ltd|limited|corp(?:oration)?|co|company|l\.?p|llp|plc|gmbh|s\.?a|n\.?v|b\.?v|the)\b"
    r"\.?",
    re.IGNORECASE,
)
_SHORTEST = 3
_ALIKE, _MOST_OF = 0.85, 0.5
_ROLE = re.compile(
    r"(?:the |an? )?(?:individual|franchisee|franchisor|agent|supplier|seller|buyer|party|parties|individually.*|"
    r"each.*|collectively.*|u\.s\. .*affiliate.*)",
    re.IGNORECASE,
)
_BESIDES = re.compile(
    r"[\s,]+(?:formerly|f/k/a|a/k/a|d/b/a|dba|doing business|operating (?:as|with|under)|on behalf of|or its|"
    r"and (?:all of )?its)\b",
    re.IGNORECASE,
)
_ALIASES = re.compile(r"\((?=[^)]*[\"“”']|[a-z])[^)]*\)?|[\"“][^\"”]*[\"”]")
_QUOTED = re.compile(r"[\"“”']([^\"“”']+)[\"“”']")
_FORM_FOLLOWS = r"(?i:inc|llc|ltd|l\.|co\b|corp|lp|n\.|s\.)"
_JOINED = re.compile(rf"\s*\(?[^()]*(?:\sand\s|,\s+(?!{_FORM_FOLLOWS}))")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ENTRIES = re.compile(r";\s*|(?<=[\"”]\)),\s+(?=[A-Z(])")
_BETWEEN = re.compile(rf"\s+and\s+(?:the\s+)?|,\s+(?:and\s+)?(?!{_FORM_FOLLOWS})", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(?:collectively|individually|together|each|both|either)\b", re.IGNORECASE)


def wanted(contract: Contract) -> list[list[str]]:
    """The parties that the labels list, each with the ways in which its name stands there."""
    return [names for entry in listed(contract.answers.get(LABEL, "")) if (names := _names(entry))]


def matched(said: Sequence[str], parties: Sequence[Sequence[str]]) -> set[int]:
    """Which of the names said are a party's: the most alike pairs first, each name and each party once."""
    pairs = sorted(
        (-max(alike(name, other) for other in names), place, party)
        for place, name in enumerate(said)
        for party, names in enumerate(parties)
    )
    right: set[int] = set()
    found: set[int] = set()
    for unlike, place, party in pairs:
        if -unlike >= _ALIKE and place not in right and party not in found:
            right.add(place)
            found.add(party)
    return right


def is_party(name: str, parties: Sequence[Sequence[str]]) -> bool:
    """Whether a name is one of a party's, whatever else was said."""
    return any(alike(name, other) >= _ALIKE for names in parties for other in names)


def alike(one: str, other: str) -> float:
    """The share of letters that two names have in common, legal forms apart; of a name that is half of the other
    or more, enough. The forms decide between names that are otherwise as alike."""
    shorter, longer = sorted((core(one), core(other)), key=len)
    if not shorter:
        return 0.0
    ratio = difflib.SequenceMatcher(None, shorter, longer).ratio()
    if shorter in longer and len(shorter) >= _MOST_OF * len(longer):
        # The labels have slips of the pen, and leave out a word.
        ratio = max(ratio, _ALIKE)
    return ratio + (_letters(one) == _letters(other))


def core(name: str) -> str:
    """The letters of a name without its legal form."""
    return _letters(_FORMS.sub(" ", name.lower()))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower().replace("&", " and "))


def listed(answer: str) -> list[str]:
    """The entries of a label that name a party: no blank to be filled in, no role alone, no party once more.

    An entry that says what several are together names them once more, or is all that names them.
    """
    found: dict[str, str] = {}
    known: set[str] = set()
    for entry in _ENTRIES.split(answer.strip(" ;")):
        for name in _apart(entry):
            own = _outer(name)
            again = name != entry and any(alike(own, other) >= _ALIKE for other in known)
            if set(core(own)) - {"x"} and len(core(own)) >= _SHORTEST and not _ROLE.fullmatch(own) and not again:
                found.setdefault(_letters(own), name)
        known |= {_outer(entry), *_QUOTED.findall(entry)}
    return list(found.values())


def _apart(entry: str) -> list[str]:
    """The names of an entry that says what they are together; any other entry whole."""
    if not _TOGETHER.search(entry) or not _JOINED.match(entry):
        return [entry]
    parts = [part.strip() for part in _BETWEEN.split(_TOGETHER.split(_outer(entry))[0])]
    return [part for part in parts if part[:1].isupper()]


def _outer(entry: str) -> str:
    """What stands outside of brackets: the name. A bracket before it is a slip of the pen."""
    return _BRACKETS.sub(" ", _ALIASES.sub(" ", entry.lstrip(" ("))).strip(' ,.;"“”')


def _names(entry: str) -> list[str]:
    """How a party's name stands in the labels: whole, and without the names that it has besides or had before."""
    whole = _outer(entry)
    first = _BESIDES.split(whole)[0]
    return [name for name in dict.fromkeys((whole, first)) if len(core(name)) >= _SHORTEST]
