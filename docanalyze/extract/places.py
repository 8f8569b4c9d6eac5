"""Where a contract may name its parties: its opening, and wherever it is signed."""

import re
from collections.abc import Iterator

from docanalyze.extract.naming import (
    CALLED,
    DESCRIBED,
    HAS_FORM,
    NAME,
    PLACED,
    name_at,
    starts,
)
from docanalyze.model import Span

OPENING = 9_000
"""Characters in which a contract says who its parties are."""
NEAR = 60
"""Characters before a name that say what it is there for."""

SIGNED_BY = re.compile(r"[\s,]{0,40}(?:(?:a|an)\s[\w\s]{3,50}?\s)?\s*(?:By|BY)\b\s?:?")
SIGNED = re.compile(r"[\s,:]{0,60}(?:/s/|_{5,}|-{9,}|\((?:signature|date))", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCorp)(?<!\bLtda)(?<=[a-z\d]{3})\.(?=\s)|(?<=[\w.])\s+\d+(?:\.\d+)*\s+(?=[A-Z][a-z])",
    re.ASCII,
)
_PERSON = re.compile(
    r"/s/\s*(?P<name>[A-Z][\w.'’\-]+(?:\s+[A-Z][\w.'’\-]*){1,3}?)(?=\s+(?i:(?P=name))|\s*[,\n(]|\s{2,}|\s*$|\s_)"
)
_COLUMN = re.compile(r"\s{4,}")
"""So much room parts columns, or an address from the name above it."""
_OFFICES = r"Esq|Officer|President|Director|Member|Secretary|Manager|Treasurer"
_LEADING = re.compile(
    rf"\b(?:{_OFFICES}|Counsel|AND|DBA|D/B/A|FORM OF|"
    r"(?:Licensee|LICENSEE|Licensor|LICENSOR|Distributor|DISTRIBUTOR|Client|CLIENT|Customer|CUSTOMER|Supplier|SUPPLIER|"
    r"Date|DATE|By|BY|Name|NAME|Title|TITLE|Signature|Executed|Agreement|AGREEMENT)"
    r"(?=[\s:.]+(?:[A-Z][\w.&'’\-]*\s+){1,8}))\b\.?[,:]?\s+"
)
"""Words that stand before a name in one line with it and are none of it."""
_LINES = re.compile(
    r"[a-z]{3}\.\s{1,9}(?=[A-Z])|\b(?:19|20)\d\d[.,:]?\s{1,9}(?=[A-Z])|\n\s{0,80}(?=[A-Z])|\s{3,80}(?=[A-Z])"
)
_LISTED = re.compile(r"(?:\b(?:between|among|and|by|with)|\)|:|\d\.|;|,)[\s,:]*(?:the\s+)?$", re.IGNORECASE)
_TITLES = re.compile(
    rf"\b(?:{_OFFICES}|Witness|WITNESS|SIGNED|Signed|Signature|SIGNATURE|ATTEST|Client|Developer)\b[.:]?,?\s+"
)
_WITNESS = re.compile(
    r"[Ii][Nn] [Ww](?:ITNESS|itness) [Ww](?:HEREOF|hereof)|[Aa](?:GREED|greed) (?:AND|[Aa]nd) [Aa](?:CCEPTED|ccepted)|"
    r"[Aa](?:CCEPTED|ccepted) (?:AND|[Aa]nd) [Aa](?:GREED|greed)|/[sS]/|B[yY](?<!\w..)\s?(?::|___)"
)
"""Begins with no assertion: so the text's other characters are passed over quickly."""
_ON, _BACK = 500, 250
"""Characters after and before a mark of signing in which names sign."""
_MOST_SIGNED = 60_000
"""No contract is signed on more pages; a text that looks so is something else."""
_FILED = re.compile(r"\b[Ss]ource:\s*$")
_SHORTEST, _LONGEST = 3, 300
_TWO = 2


def in_opening(text: str) -> Iterator[Span]:
    """Where the opening has something that is shaped like a name and that anything speaks for."""
    stop = min(len(text), OPENING)
    at = {match.start() for match in NAME.finditer(text, 0, stop)}
    at |= set(starts(text, 0, stop))
    at |= {match.end() for match in _LINES.finditer(text, 0, stop)}
    for start in sorted(at):
        span = _alone(text, name_at(text, start, min(stop, start + _LONGEST)))
        if span is None:
            continue
        column = _COLUMN.search(text, span.start, span.end)
        parts = [Span(span.start, column.start())] if column and column.start() >= span.start + _SHORTEST else []
        yield from (part for part in [*parts, span] if _speaks(text, part))


def _speaks(text: str, span: Span) -> bool:
    words = text[span.start : span.end]
    if HAS_FORM.search(words) or CALLED.match(text, span.end) or DESCRIBED.match(text, span.end):
        return True
    if len(words.split()) < _TWO:
        return False
    before = text[max(0, span.start - NEAR) : span.start]
    return PLACED.match(text, span.end) is not None or _LISTED.search(before) is not None


def _alone(text: str, span: Span | None) -> Span | None:
    """The name without what stands before it in its line, up to its sentence's end; none where a filing is named."""
    if span is None or _FILED.search(text, max(0, span.start - 12), span.start):
        return None
    leading = [match.end() for match in _LEADING.finditer(text, span.start, span.end)]
    again = name_at(text, leading[-1], span.end) if leading and leading[-1] < span.end else None
    if again is not None and HAS_FORM.search(text[again.start : again.end]):
        span = again
    end = _SENTENCE_ENDS.search(text, span.start, span.end)
    return Span(span.start, end.start()) if end and end.start() >= span.start + _SHORTEST else span


def over_signatures(text: str) -> Iterator[Span]:
    """Where something that is shaped like a name is signed for."""
    at: set[int] = set()
    for zone in signing_zones(text):
        at |= {match.start() for match in NAME.finditer(text, zone.start, zone.end)}
        at |= {match.end() for match in _TITLES.finditer(text, zone.start, zone.end)}
        at |= {match.end() for match in _LINES.finditer(text, zone.start, zone.end)}
    for start in sorted(at):
        span = _alone(text, name_at(text, start, min(len(text), start + _LONGEST)))
        if span is None:
            continue
        words = text[span.start : span.end]
        several = len(words.split()) >= _TWO
        if HAS_FORM.search(words) or (several and SIGNED_BY.match(text, span.end)) or SIGNED.match(text, span.end):
            yield span


def people_signing(text: str) -> Iterator[Span]:
    """The names of people after the mark of a signature."""
    for zone in signing_zones(text):
        for match in _PERSON.finditer(text, zone.start, zone.end):
            yield Span(match.start("name"), match.end("name"))


def signing_zones(text: str) -> list[Span]:
    """Where the contract is signed: at its end, and before what is annexed."""
    zones: list[Span] = []
    for match in _WITNESS.finditer(text):
        mark = match.start()
        if zones and mark <= zones[-1].end:
            zones[-1] = Span(zones[-1].start, min(len(text), mark + _ON))
        else:
            zones.append(Span(max(0, mark - _BACK), min(len(text), mark + _ON)))
        if sum(map(len, zones)) > _MOST_SIGNED:
            break
    return zones
