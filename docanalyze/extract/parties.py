"""Who the parties of a contract are: the names before the brackets that say what each is called."""

import re
from dataclasses import dataclass

from docanalyze.model import Span

_OPENS = re.compile(
    r"\b(?:by and (?:between|among)|between|among|made by|entered into (?:by|with)|parties(?: to this \w+)? are)\b:?",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:WITNESSETH|RECITALS?|WHEREAS|NOW,? THEREFORE|BACKGROUND|ARTICLE\s+[I1]\b|TABLE OF CONTENTS)\b"
)
_ALIAS = re.compile(
    r"\(\s{0,2}(?:(?:hereinafter|hereafter|herein|collectively|together|referred|called|known|individually|and|or|each|"
    r"either|a|an|as|to|the|with|its|affiliates,?|sometimes|being|in this agreement|such|party|may be|is|are|of|"
    r"separately|jointly|where)[\s,]{1,3}){0,14}"
    r"[\"“'‘](?:the\s)?(?P<alias>[^\"”’'()]{2,60})[\"”'’]",
    re.IGNORECASE,
)
_SUFFIX = (
    r"(?:Inc|Incorporated|LLC|L\.L\.C|Ltd|Limited|Corp|Corporation|Company|Co|L\.?P|LLP|GmbH|S\.?A|N\.?V|B\.?V|PLC|AG|N\.A|"
    r"Bank|Trust|Partnership|Partners|Holdings|University|Association|S\.r\.l|SpA|Pte|Pty|AB|Oy|KK|SE|S\.?p\.?A)"
)
_COMPANY = re.compile(
    r"(?P<name>(?:[A-Z0-9][\w&'’.\-]*|&)(?:,?\s(?:[A-Z0-9][\w&'’.\-]*|&|of|the|de|and|\([A-Z][\w.]*\))){0,8}?"
    rf",?\s{_SUFFIX}\b\.?(?:,?\s?(?:Inc|LLC|Ltd|L\.P|LP)\b\.?)?)",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(
    r",?\s(?:an?|the)\s(?:[\w.\-]+\s){0,6}?(?:corporation|company|partnership|limited|organi[sz]ation|individual|citizen|"
    r"person|entity|association|trust|university|bank|body|business|firm|society|subsidiary|division|resident)\b"
    r"|,?\s(?:with|having|whose|located|organi[sz]ed|incorporated|existing|residing|acting|duly|formerly|"
    r"doing business|on behalf|and its|together with|for itself|as successor|registered|of\s\d|at\s\d|d/b/a|dba|"
    r"by and through|established|including|hereinafter|herein|hereafter|collectively|a/k/a|f/k/a)\b"
    r"|\s?\(|,\s(?:[A-Z]{2}\b|\d)|;",
    re.IGNORECASE,
)
_CONNECTIVES = re.compile(
    r"(?:[\s,;:.]|\band\b|\bby\b|\bbetween\b|\bamong\b|\bis\b|\bwith\b|\(\d\)|\(?[ivx]{1,4}\)|\(?[a-d]\))+",
    re.IGNORECASE,
)
_NOT_PARTIES = frozenset(
    "agreement contract party parties effective date term services products product territory state this the both "
    "either company's order schedule exhibit lease software property license act commission".split()
)
_FORM_ONLY = re.compile(
    r"(?:This|State of|an?|the)\b"
    r"|(?:[A-Z][a-z]+\s){1,2}(?:corporation|company|limited|trust|bank|partnership|association)$",
    re.IGNORECASE,
)
_LONGEST_NAME = 90
_SPAN_AFTER_OPENING = 3_000
_ENOUGH, _MOST = 2, 8


@dataclass(frozen=True, slots=True)
class Party:
    """A party: where name and alias stand in the text given."""

    name: Span
    alias: Span | None


def parties(text: str) -> list[Party]:
    """The parties named in a contract's opening, in order."""
    best: list[Party] = []
    for opening in _OPENS.finditer(text):
        start = opening.end()
        end = _ENDS.search(text, start, start + _SPAN_AFTER_OPENING)
        stop = end.start() if end else min(len(text), start + _SPAN_AFTER_OPENING)
        found = _aliased(text, start, stop)
        if len(found) >= _ENOUGH:
            return found[:_MOST]
        found = _with_companies(text, found, start, min(stop, start + 1_200))
        # A cover names the parties, too, but not what each is called.
        best = max(best, found, key=_weight)
    return (best or _with_companies(text, [], 0, min(len(text), 1_500)))[:_MOST]


def _weight(found: list[Party]) -> tuple[int, int]:
    return sum(party.alias is not None for party in found), len(found)


def _aliased(text: str, start: int, stop: int) -> list[Party]:
    found: list[Party] = []
    position = start
    for match in _ALIAS.finditer(text, start, stop):
        alias = Span(match.start("alias"), match.end("alias"))
        name = _name(text, position, match.start())
        if name is None and found and match.start() - position > 400:
            break
        closing = text.find(")", match.end(), match.end() + 120)
        position = closing + 1 if closing >= 0 else match.end()
        if name is not None and not _common(text, alias):
            found.append(Party(name, alias))
    return _distinct(text, found)


def _name(text: str, start: int, stop: int) -> Span | None:
    """The name that a stretch of text begins with, before what describes its bearer."""
    openings = list(_OPENS.finditer(text, start, stop))
    if openings:
        start = openings[-1].end()
    connective = _CONNECTIVES.match(text, start, stop)
    start = connective.end() if connective else start
    described = _DESCRIBED.search(text, start, stop)
    end = described.start() if described else stop
    words = text[start:end].rstrip(" ,;:\n\t")
    end = start + len(words)
    if not 2 < len(words) <= _LONGEST_NAME or (not words[:1].isupper() and not words[:1].isdigit()):
        return None
    if words.split()[0].lower().strip(".,") in _NOT_PARTIES or re.search(r"\b(?:shall|will|means|agree)\b", words):
        return None
    return Span(start, end)


def _common(text: str, alias: Span) -> bool:
    words = text[alias.start : alias.end].lower().split()
    return not words or words[-1].strip(",.") in _NOT_PARTIES


def _with_companies(text: str, found: list[Party], start: int, stop: int) -> list[Party]:
    """Companies named by their legal form, where brackets did not tell."""
    names = list(found)
    for match in _COMPANY.finditer(text, start, stop):
        first = _CONNECTIVES.match(match["name"])
        left = match.start("name") + (first.end() if first else 0)
        span = Span(left, match.end("name"))
        words = text[span.start : span.end]
        if not words[:1].isupper() or len(words) > _LONGEST_NAME or not any(c.islower() or c.isupper() for c in words):
            continue
        if _FORM_ONLY.match(words) or len(words.split()) < 2:
            continue
        if any(span.overlaps(party.name) for party in names):
            continue
        names.append(Party(span, None))
    return _distinct(text, sorted(names, key=lambda party: party.name))


def _distinct(text: str, found: list[Party]) -> list[Party]:
    seen: set[str] = set()
    kept = []
    for party in found:
        key = re.sub(r"\W+", "", text[party.name.start : party.name.end]).lower()
        if key and key not in seen:
            seen.add(key)
            kept.append(party)
    return kept
