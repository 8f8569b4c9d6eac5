"""Signs: what is looked for in all files with one expression, and where it was seen."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docanalyze.extract.repo.base import CodeBase, count, listed, say
from docanalyze.extract.repo.masks import Where
from docanalyze.model import Finding, Section, Span

PYTHON = frozenset({"python"})
SCRIPT = frozenset({"javascript", "typescript", "tsx", "vue", "svelte"})
PAGES = SCRIPT | {"html", "php"}
GO, RUST, RUBY, PHP = frozenset({"go"}), frozenset({"rust"}), frozenset({"ruby"}), frozenset({"php"})
JAVA = frozenset({"java", "kotlin", "scala"})
CSHARP = frozenset({"c_sharp"})
C = frozenset({"c", "cpp"})
SHELL = frozenset({"bash", "dockerfile", "makefile"})
ANY: frozenset[str] = frozenset()
MOST_HITS = 2_000
"""Of one sign; beyond that a number says no more."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that is looked for. `words` are looked for first, which is cheap: one must stand in the file, in that
    case. `languages` empty means all. `said` is the statement's beginning."""

    said: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    languages: frozenset[str] = ANY
    where: Where = Where.CODE
    confidence: float = 0.6


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a sign was seen: `span` is of the file's own text, `groups` what the expression caught."""

    place: int
    span: Span
    groups: tuple[str, ...]


def sign(
    said: str,
    words: str,
    pattern: str,
    languages: frozenset[str] = ANY,
    where: Where = Where.CODE,
    confidence: float = 0.6,
) -> Sign:
    """A Sign; `words` are separated by blanks, a `+` in one stands for a blank."""
    parts = tuple(word.replace("+", " ") for word in words.split())
    return Sign(said, parts, re.compile(pattern, re.MULTILINE), languages, where, confidence)


def seen(code: CodeBase, signs: Sequence[Sign], places: Iterable[int]) -> dict[Sign, list[Hit]]:
    """Where each sign is seen in these files, in the order of the files."""
    found: dict[Sign, list[Hit]] = {one: [] for one in signs}
    for place in places:
        language = code.files[place].language
        text = code.text(place)
        for one in signs:
            if one.languages and language not in one.languages:
                continue
            if not any(word in text for word in one.words) or len(found[one]) >= MOST_HITS:
                continue
            found[one] += _in_file(code, one, place, text)
    return found


def _in_file(code: CodeBase, one: Sign, place: int, text: str) -> list[Hit]:
    hits = []
    for match in one.pattern.finditer(text):
        # A string's prefix stands before it: what is looked for in strings has its first group inside.
        at = match.start(1) if one.where is Where.STRING and match.lastindex else match.start()
        if one.where is not Where.ANY and code.part(place, at) is not one.where:
            continue
        if code.in_test(place, at):
            continue
        hits.append(Hit(place, Span(*match.span()), tuple(group or "" for group in match.groups())))
    return hits


def places_of(code: CodeBase, hits: Sequence[Hit], most: int = 4) -> str:
    """`in a.py:3 (f()), b.py:7 and 2 more`."""
    said = [f"{code.where(hit.place, hit.span.start)}{code.inside(hit.place, hit.span.start)}" for hit in hits[:most]]
    return listed([*said, *("" for _ in hits[most:])], most)


def told(code: CodeBase, section: Section, one: Sign, hits: Sequence[Hit], apart: int = 2) -> list[Finding]:
    """What to say of a sign: each place by itself if they are few, else all in one, the first ones quoted."""
    if not hits:
        return []
    if len(hits) <= apart:
        return [
            finding
            for hit in hits
            for finding in say(
                section,
                f"{one.said}, {places_of(code, [hit])}",
                [code.quoted_line(hit.place, hit.span.start, hit.span.end)],
                one.confidence,
            )
        ]
    several = first_of_each(hits)
    statement = f"{one.said}, {count(len(hits), 'place')} in {count(len(several), 'file')}: {places_of(code, hits)}"
    quotes = [code.quoted_line(hit.place, hit.span.start, hit.span.end) for hit in hits[:4]]
    return say(section, statement, quotes, one.confidence)


def first_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """The first hit of each file."""
    firsts: dict[int, Hit] = {}
    for hit in hits:
        firsts.setdefault(hit.place, hit)
    return list(firsts.values())
