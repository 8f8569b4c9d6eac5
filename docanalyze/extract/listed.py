"""The parties that a contract's opening lists.

The list is read entry by entry. An entry begins with a name where a list has one (after "between",
after "and", after a number); the name must be shaped like one, and something must speak for it: a legal
form, a description ("a Delaware corporation"), or brackets that say what the party is called.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.naming import (
    CALLED,
    DESCRIBED,
    ENDS,
    ENDS_WITH_FORM,
    GAP,
    HAS_FORM,
    NAME,
    PLACED,
    alias_of,
    key_of,
    name_at,
    starts,
)
from docanalyze.model import Span

_OPENS = re.compile(
    r"\b(?:by and (?:between|among)|between|among|made by|entered into(?: \w+){0,4} (?:by|with)|"
    r"parties(?: to this \w+)?(?: are|:)|letter agreement with|appoints|engages|party a|party 1|"
    r"licensor|lessor|buyer|client name|sponsor)\b:?",
    re.IGNORECASE,
)
_LIST_CHARS = 3_500
_NEAR = 8
_ENOUGH, _MOST = 2, 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A party as listed: where its name stands, and what it is called."""

    name: Span
    alias: Span | None


def listed(text: str) -> list[Entry]:
    """The parties named in a contract's opening, in order."""
    best: list[Entry] = []
    for opening in _OPENS.finditer(text):
        end = ENDS.search(text, opening.end(), opening.end() + _LIST_CHARS)
        stop = end.start() if end else min(len(text), opening.end() + _LIST_CHARS)
        found = _distinct(text, _entries(text, opening.end(), stop))
        # A cover names the parties, too, but not what each is called.
        if len(found) >= _ENOUGH and all(party.alias for party in found[:_ENOUGH]):
            return found[:_MOST]
        best = max(best, found, key=_weight)
    return (best if len(best) >= _ENOUGH else _anywhere(text) or best)[:_MOST]


def _weight(found: list[Entry]) -> tuple[int, int]:
    return sum(party.alias is not None for party in found), min(len(found), _ENOUGH)


def _entries(text: str, start: int, stop: int) -> list[Entry]:
    """The entries of the list that begins at `start`."""
    names: list[Span] = []
    for at in starts(text, start, stop):
        if names and at < names[-1].end:
            continue
        if at - (names[-1].end if names else start) > GAP:
            break
        name = name_at(text, at, stop)
        if name is None or not _speaks(text, name, first=not names):
            continue
        # A lone word before brackets may be the town of the party before, which they name.
        lone = len(text[name.start : name.end].split()) == 1 and names
        if not lone or alias_of(text, names[-1].end, at):
            names.append(name)
    return [Entry(name, alias_of(text, name.end, follows)) for name, follows in _with_next(names, stop)]


def _with_next(names: list[Span], stop: int) -> Iterator[tuple[Span, int]]:
    for position, name in enumerate(names):
        following = names[position + 1].start if position + 1 < len(names) else stop
        yield name, min(following, name.end + GAP)


def _speaks(text: str, name: Span, first: bool) -> bool:
    """Whether anything says that the name is a party's."""
    words = text[name.start : name.end]
    if CALLED.match(text, name.end) or DESCRIBED.match(text, name.end):
        return True
    if ENDS_WITH_FORM.search(words) and len(words.split()) > 1:
        return True
    follows_brackets = ")" in text[max(0, name.start - _NEAR) : name.start]
    return (first or follows_brackets) and len(words.split()) > 1 and PLACED.match(text, name.end) is not None


def _anywhere(text: str) -> list[Entry]:
    """Names with a legal form and an alias, wherever the opening has them."""
    found = []
    for match in NAME.finditer(text):
        name = name_at(text, match.start(), match.end())
        if name is None or not HAS_FORM.search(text[name.start : name.end]):
            continue
        if not CALLED.match(text, name.end) and not DESCRIBED.match(text, name.end):
            continue
        if alias := alias_of(text, name.end, min(len(text), name.end + 300)):
            found.append(Entry(name, alias))
    return _distinct(text, found)


def _distinct(text: str, found: list[Entry]) -> list[Entry]:
    """Each party once; an alias belongs to the first name before it."""
    seen: set[str] = set()
    aliases: set[str] = set()
    kept = []
    for party in found:
        key = key_of(text[party.name.start : party.name.end])
        if not key or key in seen or key in aliases:
            continue
        seen.add(key)
        if party.alias:
            aliases.add(key_of(text[party.alias.start : party.alias.end]))
        kept.append(party)
    return kept
