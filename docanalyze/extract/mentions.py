"""What might be a party's name, and what speaks for and against it: the features that its model weighs.

A name counts once, with everything that any of its mentions shows: on the cover, in the opening, over a
signature.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docanalyze.extract.listed import Entry, listed
from docanalyze.extract.naming import (
    CALLED,
    DESCRIBED,
    ENDING,
    ENDS,
    ENDS_WITH_FORM,
    GAP,
    PLACED,
    alias_of,
    key_of,
)
from docanalyze.extract.places import NEAR, OPENING, SIGNED, SIGNED_BY, in_opening, over_signatures, people_signing
from docanalyze.model import Span

_ANCHOR = re.compile(
    r"\b(?:by and (?:between|among)|between|among(?:st)?|entered into(?: \w+){0,4} (?:by|with)|made by|"
    r"parties(?: to this \w+)?(?: are|:)|in favou?r of|appoints|engages|retains?|agreement with|undersigned)\b:?",
    re.IGNORECASE,
)
_BEFORE = (
    ("between", re.compile(r"\b(?:between|among(?:st)?)\b[\s,:.\-–—]*(?:the\s+)?$", re.IGNORECASE)),
    ("and", re.compile(r"(?:\band|&)[\s,:]*(?:the\s+)?$", re.IGNORECASE)),
    ("with", re.compile(r"\b(?:with|by|to|from)\b[\s,:]*(?:the\s+)?$", re.IGNORECASE)),
    ("number", re.compile(r"(?:\(\s*(?:\d{1,2}|[a-z]|[ivx]{1,4})\s*\)|\b\d{1,2}[.)]|\b[A-Z]\.)\s*(?:the\s+)?$")),
    ("role", re.compile(r"\b[A-Za-z]{3,} ?(?:[AB12] ?)?:\s*$")),
    ("bracket", re.compile(r"[\"”'’]\s?\)[,;.]?\s*(?:the\s+)?$", re.IGNORECASE)),
    ("comma", re.compile(r"[,;]\s*(?:the\s+)?$", re.IGNORECASE)),
    ("line", re.compile(r"(?:^|\n)\s*(?:the\s+)?$", re.IGNORECASE)),
    ("stop", re.compile(r"[.:)]\s*(?:the\s+)?$", re.IGNORECASE)),
    ("of", re.compile(r"\bof\s+(?:the\s+)?$", re.IGNORECASE)),
    ("capital", re.compile(r"\b[A-Z]\w*\s+$")),
)
_AFTER = (
    ("by", SIGNED_BY),
    ("signed", SIGNED),
    ("and", re.compile(r"[\s,]{0,9}and\b", re.IGNORECASE)),
    ("verb", re.compile(r"\s(?:shall|will|has|have|is|may|agrees?|hereby|was|desires?|wishes|are)\b")),
    ("possessive", re.compile(r"['’]s?\b")),
    ("title", re.compile(r"[\s,]{0,9}(?:Chief|President|Vice|Director|Secretary|Title|General Counsel|CEO|Member)\b")),
    ("line", re.compile(r"[ \t]*(?:\n|$)")),
    ("comma", re.compile(r"\s?,")),
)
_SIGNER = re.compile(r"\b(?:By|BY|Name|NAME|Its|Attest|ATTEST|Title|Print(?:ed)?(?: Name)?)\s?:?[\s_/s\-]{0,60}$")
_ON_BEHALF = re.compile(
    r"\b(?:on behalf of|for|subsidiary of|affiliate of|division of|d/b/a|formerly)\b.{0,20}$", re.IGNORECASE
)
_BY = re.compile(r"\b(?:By|BY)\s?:?\s*$")
_STRONG = re.compile(ENDING + r"\b\.?$")
_PERSON = re.compile(r"(?:[A-Z][\w.'’\-]*\s+){1,3}[A-Z][\w'’\-]+")
_OFFICE = re.compile(r"\b(?:Officer|President|Director|Secretary|Manager|Treasurer|Counsel|Partner)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:Agreement|Exhibit|Section|Schedule|Products?|Services?|Marks?|Licen[sc]e|Property|Content|Site|Date|Fees?|"
    r"Term|Business|Notice|Parties|Party|Payment|Policy|Rights|Information|Board|Liabilities|Assets|Shares|IP|Technology|"
    r"Program|Project|Plan|Laws?|Rules?|Statement|Software|System|Web|Page|Pages|Users?|Materials?|Data|Names?|"
    r"Warrant\w+|Expenses)\b",
    re.IGNORECASE,
)
_ROLES = frozenset(
    "licensor licensee distributor customer client supplier seller buyer franchisee franchisor company consultant "
    "agent manufacturer sponsor developer vendor provider contractor lessor lessee landlord tenant date witness name "
    "title party signed executed accepted agreed acknowledged".split()
)
_OF_PEOPLE = ("signs", "signs for one", "both", "alias often", "alias always")
_AT, _NEARBY, _FAR = 5, 300, 1_200
_LATE = 5_000
_PER = 10_000
"""How often a word stands there is counted by so many characters."""
_MOST_WORDS = 5


@dataclass(slots=True)
class Named:
    """A name with the Span that shows it best, what it is called, and the features of all its mentions."""

    key: str
    span: Span
    alias: Span | None
    rank: int
    features: set[str] = field(default_factory=set)


def named(text: str) -> list[Named]:
    """All names that might be a party's, each once, in the order of the Spans that show them best."""
    anchors = [match.end() for match in _ANCHOR.finditer(text, 0, OPENING)]
    ends = [match.start() for match in ENDS.finditer(text, 0, OPENING)]
    found: dict[str, Named] = {}
    for span in in_opening(text):
        _add(found, text, span, {"opening"} | _introduced(text, span) | _placed(text, span, anchors, ends))
    for span in over_signatures(text):
        _add(found, text, span, {"closing"} | _around(text, span, "signed"))
    for span in people_signing(text):
        signs = (
            "signs for one" if _BY.search(text[max(0, span.start - NEAR) : span.start].replace("/s/", "")) else "signs"
        )
        _add(found, text, span, {"closing", signs})
    entries = listed(text[: 2 * OPENING])
    for one in found.values():
        one.features |= _shape(text[one.span.start : one.span.end]) | _counted(text, one)
    _mark_listed(found, text, entries)
    _mark_known(found, text)
    _mark_beside(found.values(), len(entries))
    return sorted(found.values(), key=lambda one: one.span.start)


def _add(found: dict[str, Named], text: str, span: Span, features: set[str]) -> None:
    key = key_of(text[span.start : span.end])
    if not key:
        return
    alias = alias_of(text, span.end, min(len(text), span.end + GAP))
    rank = 2 * (alias is not None) + ("called" in features)
    one = found.get(key)
    if one is None:
        one = found[key] = Named(key, span, alias, rank)
    elif rank > one.rank:
        one.span, one.alias, one.rank = span, alias, rank
    one.features |= features
    if alias:
        one.features.add("alias" if "opening" in features else "alias signed")


def _shape(words: str) -> set[str]:
    form = ENDS_WITH_FORM.search(words) is not None
    person = not form and _PERSON.fullmatch(words) is not None
    holds = {
        "form strong": form and _STRONG.search(words) is not None,
        "form weak": form and _STRONG.search(words) is None,
        "no form": not form,
        "capitals": words.isupper(),
        "person": person,
        "figures": any(character.isdigit() for character in words),
        "office": _OFFICE.search(words) is not None,
        "thing": not form and _THING.search(words) is not None,
        "role first": words.split()[0].lower() in _ROLES,
        "broken": "\n" in words or "   " in words,
        f"words {min(len(words.split()), _MOST_WORDS)}": True,
    }
    return {name for name, held in holds.items() if held}


def _around(text: str, span: Span, where: str) -> set[str]:
    """What stands directly before and after."""
    before = text[max(0, span.start - NEAR) : span.start]
    found = {
        next((f"{where} < {name}" for name, pattern in _BEFORE if pattern.search(before)), f"{where} < other"),
        next((f"{where} > {name}" for name, pattern in _AFTER if pattern.match(text, span.end)), f"{where} > other"),
    }
    if _SIGNER.search(before):
        found.add(f"{where} < signer")
    if _ON_BEHALF.search(before):
        found.add(f"{where} < behalf")
    return found


def _introduced(text: str, span: Span) -> set[str]:
    """Whether brackets or a description follow."""
    patterns = (("called", CALLED), ("described", DESCRIBED), ("placed", PLACED))
    found = {name for name, pattern in patterns if pattern.match(text, span.end)}
    return found or {"bare"}


def _placed(text: str, span: Span, anchors: Sequence[int], ends: Sequence[int]) -> set[str]:
    """Where in the opening the name stands, with how it is introduced and what it is shaped like there."""
    found = _around(text, span, "opening")
    place = _place(span.start, anchors, ends)
    late = bisect_right(ends, span.start) > 1 or span.start > _LATE
    introduced = _introduced(text, span)
    how = next(name for name in ("called", "described", "placed", "bare") if name in introduced)
    shape = _shape(text[span.start : span.end])
    kind = "person" if "person" in shape else "other" if "no form" in shape else "form"
    before = next(name for name in found if " < " in name and not name.endswith(("signer", "behalf")))
    near = {f"{place} {kind} {before}"} if place in ("at anchor", "near", "cover") else set()
    return found | near | {f"{place} late" if late else place, f"{place} {how}", f"{kind} {how}"}


def _place(at: int, anchors: Sequence[int], ends: Sequence[int]) -> str:
    """Before the words that begin a list of parties, how far behind them, or behind its end."""
    after = bisect_right(anchors, at)
    if after == 0:
        return "cover"
    anchor = anchors[after - 1]
    if at - anchor >= _FAR:
        return "off"
    if any(anchor <= end < at for end in ends):
        return "ended"
    return "at anchor" if at - anchor < _AT else "near" if at - anchor < _NEARBY else "far"


def _counted(text: str, one: Named) -> set[str]:
    """How often the whole text says the name, and what the party is called, else the name's first word."""
    words = text[one.span.start : one.span.end]
    times = text.count(words)
    found = {f"times {times if times < 4 else 4 if times < 10 else 10}"}
    called = text[one.alias.start : one.alias.end] if one.alias else re.split(r"[\s,]", words, maxsplit=1)[0]
    share = text.count(called) * _PER / len(text)
    often = "rare" if share < 2 else "some" if share < 8 else "often" if share < 25 else "always"
    found.add(f"{'alias' if one.alias else 'first'} {often}")
    if "closing" in one.features:
        found.add("both" if "opening" in one.features else "closing only")
    else:
        found.add("opening only")
    return found


def _mark_listed(found: dict[str, Named], text: str, entries: Sequence[Entry]) -> None:
    """Marks the names of the opening's list of parties, and has their aliases from there."""
    for place, entry in enumerate(entries):
        one = found.get(key_of(text[entry.name.start : entry.name.end]))
        if one is not None:
            one.features |= {"listed", f"listed {min(place, 3)}", f"listed of {min(len(entries), 4)}"}
            one.features.add("listed called" if entry.alias else "listed bare")
            if entry.alias and (one.alias is None or one.span.start > entry.name.start):
                one.span, one.alias = entry.name, entry.alias


def _mark_known(found: dict[str, Named], text: str) -> None:
    """Marks a name that holds another, or what another is called."""
    aliases = {key_of(text[one.alias.start : one.alias.end]) for one in found.values() if one.alias}
    for one in found.values():
        words = text[one.span.start : one.span.end].split()
        for at in range(1, len(words)):
            if key_of(" ".join(words[at:])) in found:
                one.features.add("ends with another")
            if key_of(" ".join(words[:at])) in found:
                one.features.add("begins with another")
        if "no form" in one.features and len(words) > 1 and any(key_of(word) in aliases for word in words):
            one.features.add("holds an alias")
        elif one.key in aliases:
            one.features.add("is an alias")


def _mark_beside(found: Iterable[Named], entries: int) -> None:
    """Marks where a name comes from, beside how many the opening lists."""
    for one in found:
        kind = "listed" if "listed" in one.features else "closing" if "closing only" in one.features else "other"
        beside = f"list of {min(entries, 3)} {kind}"
        one.features.add(beside)
        if "no form" not in one.features:
            one.features.add(f"{beside} form")
        if "person" in one.features:
            one.features.add(f"{beside} person")
            one.features |= {f"person {name}" for name in _OF_PEOPLE if name in one.features}
