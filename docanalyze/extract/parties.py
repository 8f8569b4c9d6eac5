"""Who the parties of a contract are: the list of names that its opening sentence gives.

The list is read entry by entry. An entry begins with a name where a list has one (after "between",
after "and", after a number); the name must be shaped like one, and something must speak for it: a legal
form, a description ("a Delaware corporation"), or brackets that say what the party is called.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.model import Span

_OPENS = re.compile(
    r"\b(?:by and (?:between|among)|between|among|made by|entered into(?: \w+){0,4} (?:by|with)|"
    r"parties(?: to this \w+)?(?: are|:)|letter agreement with|appoints|engages|party a|party 1|"
    r"licensor|lessor|buyer|client name|sponsor)\b:?",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:WITNESSETH|RECITALS?|WHEREAS|Whereas|NOW,? THEREFORE|BACKGROUND|ARTICLE\s+[I1]\b|TABLE OF CONTENTS|"
    r"agree as follows|DEFINITIONS)\b"
)
_FORM = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|LLC|L\.L\.C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION|"
    r"Company|COMPANY|Co|CO|LP|L\.P|LLP|LLLP|GmbH|GMBH|SA|S\.A|NV|N\.V|BV|B\.V|PLC|plc|Plc|AG|N\.A|Bank|BANK|Trust|"
    r"TRUST|Partnership|PARTNERSHIP|Partners|PARTNERS|Holdings|HOLDINGS|University|UNIVERSITY|Association|ASSOCIATION|"
    r"S\.r\.l|S\.R\.L|SRL|SpA|S\.p\.A|Pte|PTE|Pty|PTY|AB|Oy|KK|SE|SARL|Aktiengesellschaft|AKTIENGESELLSCHAFT|Foundation|"
    r"Institute|Authority|Center|Kabushiki Kaisha|inc|P\.A|P\.C|Group|GROUP|Fund|FUND)"
)
_CAPITAL = r"(?:[A-Z0-9][\w&'’.\-/®™]*|[a-z][A-Z]\w+|[a-z]\w+\.(?:com|net|org))"
_SMALL = r"(?:of|the|de|der|van|von|for|di|la|del|d[oa]s?|du)"
_ENDING = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|LLC|L\.L\.C|Ltd|LTD|Limited|LIMITED|Corp|CORP|LLP|LLLP|GmbH|PLC|plc|"
    r"S\.A|N\.V|B\.V|L\.P|LP|inc)"
)
"""Legal forms that nothing but another legal form follows in a name."""
_GAP_IN_NAME = r"(?:[ \t]+|[ \t]*\n[ \t]*(?!\n))"
_NAME = re.compile(
    rf"{_CAPITAL}(?:{_GAP_IN_NAME}(?:(?!{_ENDING}\b){_CAPITAL}|&|\((?![^)]*\b[\"“])[A-Z][\w. ]{{1,20}}\)|"
    rf"{_SMALL}(?={_GAP_IN_NAME}(?:the\s+)?[A-Z])))*(?:,?{_GAP_IN_NAME}{_FORM}\b\.?)*"
)
_SIGNED = re.compile(
    rf"(?:^|\b(?:Esq|Officer|President|Director|Member|Partner|Secretary|Manager|{_ENDING})\b\.?,?\s+)"
    rf"(?P<name>{_NAME.pattern}),?\s{{1,40}}(?:By|BY)\s?:",
    re.MULTILINE,
)
_TITLES = re.compile(r"\b(?:Esq|Officer|President|Director|Member|Secretary|Manager|Treasurer)\b\.?,?\s+")
_JOINED = re.compile(
    rf"\s+and\s+(?:(?:Sons?|Loan|Trust|Associates|Company|Co|Development|Technology|Brothers|Families|Exploration)\b)"
    rf"[\w&'’.\-]*(?:\s+{_CAPITAL})*(?:,?\s+{_FORM}\b\.?)*",
    re.IGNORECASE,
)
_HAS_FORM = re.compile(rf"(?:^|[\s,]){_FORM}\b")
_ENDS_WITH_FORM = re.compile(rf"[\s,]{_FORM}\.?$")
_DESCRIBED = re.compile(
    r"\s*,?\s+(?:\(?a\s|an\s|the\s|one\s)(?:[\w.\-]+\s){0,6}?(?:corporation|company|partnership|limited|organi[sz]ation|"
    r"individual|citizen|person|entity|association|trust|university|bank|body|business|firm|society|subsidiary|"
    r"division|resident|société|societe|proprietorship|institution|venture|fund|stock)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\s*,?\s+(?:with|having|whose|located|organi[sz]ed|incorporated|existing|residing|acting|duly|formerly|doing|on "
    r"behalf|and its|together|for itself|as successor|registered|of\s\d|at\s\d|d/b/a|dba|by and through|a/k/a|f/k/a)\b"
    r"|,?\s+(?=\d{1,5}\s)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\s*,?\s*(?:\(\s*(?:[\"“'‘]|the\s+[\"“]|herein|here|collectively|\"?individually|referred|each|together|sometimes)|"
    r"(?:hereinafter|hereafter|herein)\b)",
    re.IGNORECASE,
)
_ALIAS = re.compile(
    r"(?:\(|\b(?=hereinafter|hereafter))\s{0,2}(?:(?:hereinafter|hereafter|herein|collectively|together|referred|called|"
    r"known|individually|and|or|each|either|a|an|as|to|the|with|its|affiliates,?|subsidiaries,?|sometimes|being|"
    r"in this agreement|such|may be|is|are|of|"
    r"separately|jointly|where|simply|for|short|by|which)[\s,:]{1,3}){0,14}"
    r"[\"“'‘](?:the\s)?(?P<alias>[^\"”()\n]{1,60}?),?[\"”'’](?=[\s,;:.)]|$)",
    re.IGNORECASE,
)
_BREAKS = re.compile(
    r"\),|\band(?:/or)?\b:?|;|\bby\b|\bwith\b|\n\s*\n|:|\(\d\)|\(?\b[ivx]{1,4}\)|\([a-d]\)", re.IGNORECASE
)
_CONNECTIVES = re.compile(
    r"(?:[\s,;:.—–-]|\band\b|\bby\b|\bbetween\b|\bamong\b|\bis\b|\bwith\b|\bthe parties\b|\bthe\b|\(\d\)|\b\d\.|"
    r"\(?\b[ivx]{1,4}\)|\(?[a-d]\)|(?:professional|mr|ms|mrs|dr)\b\.?(?:\s[a-z]+,)?)+",
    re.IGNORECASE,
)
_NOT_PARTIES = re.compile(
    r"(?:this|that|if|for|in|as|state|commonwealth|agreement|contract|party|parties|effective|date|term|services?|"
    r"products?|territory|both|either|each|any|all|company's|order|schedule|exhibit|lease|software|property|licen[sc]e|"
    r"act|commission|section|article|person|page|source|whereas|article|table|terms?|conditions?|purpose|no|us|gaap|joint|"
    r"business|background|securities|united states|delaware|california|new york|nevada|england|internet|"
    r"january|february|march|april|may|june|july|august|september|"
    r"october|november|december|covenanter)\b"
    r"(?!\s+(?:[A-Z]\w*\s+){0,4}" + _FORM + r"\b)",
    re.IGNORECASE,
)
_NOT_CALLED = re.compile(
    r"(?:.*\b)?(?:part(?:y|ies)|agreement|contract|date|lease|term|services?|products?|territory|state|property|act|"
    r"license|commission|plan|addendum|addenda|exhibit|schedule|amendment|effective|website|site|transactions?|closing)$",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\b(?:subsidiary|owner|affiliate|division|parent|rules|laws?|member|behalf|state|commonwealth|courts?|stock|system|"
    r"attention|attn|successor|assignee|partner|an?|known as|formerly|d/b/a|dba|name of|city)\s*(?:of|to|is|:)?"
    r"(?:\s(?:the|itself|is|a))*\s*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\d+\s|.*\b(?:Street|Avenue|Road|Drive|Suite|Boulevard|Floor|Way|Lane|Highway|Parkway|Building)\b", re.IGNORECASE
)
_NO_NAME_ENDS_SO = re.compile(r"\b(?:Law|Laws|Act|Commission|Administration|Agreement|Code|Rules|Addendum|AGREEMENT)$")
_LONGEST_NAME = 110
_LIST_CHARS = 3_500
_GAP = 700
"""Characters that may lie between two entries of one list."""
_NEAR = 8
_ENOUGH, _MOST = 2, 20


@dataclass(frozen=True, slots=True)
class Party:
    """A party: where name and alias stand in the text given."""

    name: Span
    alias: Span | None


def parties(text: str) -> list[Party]:
    """The parties named in a contract's opening, in order."""
    best: list[Party] = []
    for opening in _OPENS.finditer(text):
        end = _ENDS.search(text, opening.end(), opening.end() + _LIST_CHARS)
        stop = end.start() if end else min(len(text), opening.end() + _LIST_CHARS)
        found = _distinct(text, _listed(text, opening.end(), stop))
        # A cover names the parties, too, but not what each is called.
        if len(found) >= _ENOUGH and all(party.alias for party in found[:_ENOUGH]):
            return found[:_MOST]
        best = max(best, found, key=_weight)
    return (best if len(best) >= _ENOUGH else _anywhere(text) or best)[:_MOST]


def _weight(found: list[Party]) -> tuple[int, int]:
    return sum(party.alias is not None for party in found), min(len(found), _ENOUGH)


def _listed(text: str, start: int, stop: int) -> list[Party]:
    """The entries of the list that begins at `start`."""
    names: list[Span] = []
    for at in _starts(text, start, stop):
        if names and at < names[-1].end:
            continue
        if at - (names[-1].end if names else start) > _GAP:
            break
        name = _name_at(text, at, stop)
        if name is None or not _speaks(text, name, first=not names):
            continue
        # A lone word before brackets may be the town of the party before, which they name.
        lone = len(text[name.start : name.end].split()) == 1 and names
        if not lone or _alias(text, names[-1].end, at):
            names.append(name)
    return [Party(name, _alias(text, name.end, follows)) for name, follows in _with_next(names, stop)]


def _with_next(names: list[Span], stop: int) -> Iterator[tuple[Span, int]]:
    for position, name in enumerate(names):
        following = names[position + 1].start if position + 1 < len(names) else stop
        yield name, min(following, name.end + _GAP)


def _starts(text: str, start: int, stop: int) -> Iterator[int]:
    """Where an entry may begin: at the list's start and after each connective."""
    yield _past_connectives(text, start, stop)
    for match in _BREAKS.finditer(text, start, stop):
        yield _past_connectives(text, match.end(), stop)


def _past_connectives(text: str, at: int, stop: int) -> int:
    connective = _CONNECTIVES.match(text, at, stop)
    return connective.end() if connective else at


def _name_at(text: str, at: int, stop: int) -> Span | None:
    """The name that begins here, if anything shaped like one does."""
    match = _NAME.match(text, at, stop)
    if match is None:
        return None
    end = match.end()
    if not _HAS_FORM.search(text[at:end]) and (joined := _JOINED.match(text, end, stop)):
        end = joined.end()
    words = text[at:end].rstrip(" ,;:\n\t")
    if len(words) > 1 and words.endswith(".") and not re.search(r"(?:\b\w|Inc|Ltd|Corp|Co|INC|LTD|CORP|CO)\.$", words):
        words = words[:-1]
    if (
        not any(c.isalpha() for c in words)
        or not 2 < len(words) <= _LONGEST_NAME
        or _NOT_PARTIES.match(words)
        or "____" in words
    ):
        return None
    if _NO_NAME_ENDS_SO.search(words) or (_ADDRESS.match(words) and not _HAS_FORM.search(words)):
        return None
    return None if _OF_ANOTHER.search(text[max(0, at - 40) : at]) else Span(at, at + len(words))


def _speaks(text: str, name: Span, first: bool) -> bool:
    """Whether anything says that the name is a party's."""
    words = text[name.start : name.end]
    if _CALLED.match(text, name.end) or _DESCRIBED.match(text, name.end):
        return True
    if _ENDS_WITH_FORM.search(words) and len(words.split()) > 1:
        return True
    follows_brackets = ")" in text[max(0, name.start - _NEAR) : name.start]
    return (first or follows_brackets) and len(words.split()) > 1 and _PLACED.match(text, name.end) is not None


def _alias(text: str, start: int, stop: int) -> Span | None:
    """What the party is called: the first brackets after its name that say so."""
    for match in _ALIAS.finditer(text, start, stop):
        if _company_within(text, start, match.start()):
            return None
        if not _NOT_CALLED.fullmatch(" ".join(match["alias"].split())):
            return Span(match.start("alias"), match.end("alias"))
    return None


def _company_within(text: str, start: int, stop: int) -> bool:
    """Whether another company's name stands there, to which what follows belongs."""
    names = (_name_at(text, match.start(), match.end()) for match in _NAME.finditer(text, start, stop))
    return any(name is not None and _ENDS_WITH_FORM.search(text[name.start : name.end]) for name in names)


def signatories(text: str) -> list[Party]:
    """The companies that a contract's end is signed for."""
    found = []
    for match in _SIGNED.finditer(text):
        titles = [title.end() for title in _TITLES.finditer(match["name"])]
        start = match.start("name") + (titles[-1] if titles else 0)
        name = _name_at(text, start, match.end("name"))
        if name is not None and _HAS_FORM.search(text[name.start : name.end]):
            found.append(Party(name, None))
    return _distinct(text, found)[:_MOST]


def _anywhere(text: str) -> list[Party]:
    """Names with a legal form and an alias, wherever the opening has them."""
    found = []
    for match in _NAME.finditer(text):
        name = _name_at(text, match.start(), match.end())
        if name is None or not _HAS_FORM.search(text[name.start : name.end]):
            continue
        if not _CALLED.match(text, name.end) and not _DESCRIBED.match(text, name.end):
            continue
        if alias := _alias(text, name.end, min(len(text), name.end + 300)):
            found.append(Party(name, alias))
    return _distinct(text, found)


def _distinct(text: str, found: list[Party]) -> list[Party]:
    """Each party once; an alias belongs to the first name before it."""
    seen: set[str] = set()
    aliases: set[str] = set()
    kept = []
    for party in found:
        key = _key(text, party.name)
        if not key or key in seen or key in aliases:
            continue
        seen.add(key)
        if party.alias:
            aliases.add(_key(text, party.alias))
        kept.append(party)
    return kept


def _key(text: str, span: Span) -> str:
    return re.sub(r"\W+", "", text[span.start : span.end]).lower()
