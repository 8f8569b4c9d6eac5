"""What a party's name looks like in a contract, and what stands around one: the words of a list, a legal
form, a description ("a Delaware corporation"), brackets that say what the party is called."""

import re
from collections.abc import Iterator

from docanalyze.model import Span

ENDS = re.compile(
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
ENDING = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|LLC|L\.L\.C|Ltd|LTD|Limited|LIMITED|Corp|CORP|LLP|LLLP|GmbH|PLC|plc|"
    r"S\.A|N\.V|B\.V|L\.P|LP|inc)"
)
"""Legal forms that nothing but another legal form follows in a name."""
_GAP_IN_NAME = r"(?:[ \t]+|[ \t]*\n[ \t]*(?!\n))"
NAME = re.compile(
    rf"{_CAPITAL}(?:{_GAP_IN_NAME}(?:(?!{ENDING}\b){_CAPITAL}|&|\((?![^)]*\b[\"“])[A-Z][\w. ]{{1,20}}\)|"
    rf"{_SMALL}(?={_GAP_IN_NAME}(?:the\s+)?[A-Z])))*(?:,?{_GAP_IN_NAME}{_FORM}\b\.?)*"
)
_JOINED = re.compile(
    rf"\s+and\s+(?:(?:Sons?|Loan|Trust|Associates|Company|Co|Development|Technology|Brothers|Families|Exploration)\b)"
    rf"[\w&'’.\-]*(?:\s+{_CAPITAL})*(?:,?\s+{_FORM}\b\.?)*",
    re.IGNORECASE,
)
HAS_FORM = re.compile(rf"(?:^|[\s,]){_FORM}\b")
ENDS_WITH_FORM = re.compile(rf"[\s,]{_FORM}\.?$")
DESCRIBED = re.compile(
    r"\s*,?\s+(?:\(?a\s|an\s|the\s|one\s)(?:[\w.\-]+\s){0,6}?(?:corporation|company|partnership|limited|organi[sz]ation|"
    r"individual|citizen|person|entity|association|trust|university|bank|body|business|firm|society|subsidiary|"
    r"division|resident|société|societe|proprietorship|institution|venture|fund|stock)\b",
    re.IGNORECASE,
)
PLACED = re.compile(
    r"\s*,?\s+(?:with|having|whose|located|organi[sz]ed|incorporated|existing|residing|acting|duly|formerly|doing|on "
    r"behalf|and its|together|for itself|as successor|registered|of\s\d|at\s\d|d/b/a|dba|by and through|a/k/a|f/k/a)\b"
    r"|,?\s+(?=\d{1,5}\s)",
    re.IGNORECASE,
)
CALLED = re.compile(
    r"\s*,?\s*(?:\(\s*(?:[\"“'‘]|the\s+[\"“]|herein|here|collectively|\"?individually|referred|each|together|sometimes)|"
    r"(?:hereinafter|hereafter|herein)\b)",
    re.IGNORECASE,
)
_ALIAS = re.compile(
    r"(?:\(|\b(?=hereinafter|hereafter))\s{0,2}(?:(?:hereinafter|hereafter|herein|collectively|together|referred|called|"
    r"known|individually|and|or|each|either|a|an|as|to|the|with|its|affiliates,?|subsidiaries,?|sometimes|being|"
    r"in this agreement|such|may be|is|are|of|"
    r"separately|jointly|where|simply|for|short|by|which)[\s,:]{1,3}){0,14}"
    r"(?:''|[\"“'‘])(?:the\s)?(?P<alias>[^\"”()\n]{1,60}?),?[\"”'’](?=[\s,;:.)]|$)",
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
GAP = 700
"""Characters that may lie between two entries of one list."""


def starts(text: str, start: int, stop: int) -> Iterator[int]:
    """Where an entry may begin: at the list's start and after each connective."""
    yield _past_connectives(text, start, stop)
    for match in _BREAKS.finditer(text, start, stop):
        yield _past_connectives(text, match.end(), stop)


def _past_connectives(text: str, at: int, stop: int) -> int:
    connective = _CONNECTIVES.match(text, at, stop)
    return connective.end() if connective else at


def name_at(text: str, at: int, stop: int) -> Span | None:
    """The name that begins here, if anything shaped like one does."""
    match = NAME.match(text, at, stop)
    if match is None:
        return None
    end = match.end()
    if not HAS_FORM.search(text[at:end]) and (joined := _JOINED.match(text, end, stop)):
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
    if _NO_NAME_ENDS_SO.search(words) or (_ADDRESS.match(words) and not HAS_FORM.search(words)):
        return None
    return None if _OF_ANOTHER.search(text[max(0, at - 40) : at]) else Span(at, at + len(words))


def alias_of(text: str, start: int, stop: int) -> Span | None:
    """What the party is called: the first brackets after its name that say so."""
    for match in _ALIAS.finditer(text, start, stop):
        if _company_within(text, start, match.start()):
            return None
        if not _NOT_CALLED.fullmatch(" ".join(match["alias"].split())):
            return Span(match.start("alias"), match.end("alias"))
    return None


def _company_within(text: str, start: int, stop: int) -> bool:
    """Whether another company's name stands there, to which what follows belongs."""
    names = (name_at(text, match.start(), match.end()) for match in NAME.finditer(text, start, stop))
    return any(name is not None and ENDS_WITH_FORM.search(text[name.start : name.end]) for name in names)


def key_of(words: str) -> str:
    """The letters of a name, by which two mentions of it are one."""
    return re.sub(r"\W+", "", re.sub(r"^the\s", "", words.lower()))
