"""The places of a code base nearest to a question of the user's, by its words: definitions, with what is said of them."""

import re

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, count, say
from docanalyze.extract.repo.words import first_sentence, of_definition
from docanalyze.language import Bm25, stem, words
from docanalyze.model import Definition, Finding, Section

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_COMMON = frozenset(
    "the a an of to and in for on with by that this is are was were be it its at from or which not does do did how what where "
    "when who why can will there any all code file function class method module".split()
)
_MOST_ASKED, _MOST_READ = 60_000, 20_000
"""Definitions that are looked through, and those of which the documentation is, of the files that matter most first."""
_LEAST = 0.34


def find_asked_of_code(section: Section, code: CodeBase) -> list[Finding]:
    """Definitions whose names and words share enough with the question: places to look, no answer."""
    asked = {stem(word) for word in words(section.question) if word not in _COMMON and len(word) > 2}
    if not asked:
        return []
    entries = [
        (place, one) for place in code.code for one in code.files[place].definitions if one.kind in FUNCTIONS | HOLDERS
    ][:_MOST_ASKED]
    about = [of_definition(code, place, one) for place, one in entries[:_MOST_READ]]
    texts = [_words(code, place, one.name) for place, one in entries]
    texts[: len(about)] = [f"{text} {said.words if said else ''}" for text, said in zip(texts, about, strict=False)]
    found: list[Finding] = []
    ranked = Bm25(texts).rank(" ".join(sorted(asked)), section.limit * 4) if texts else []
    for position, _ in ranked:
        shared = asked & {stem(word) for word in words(texts[position])}
        if len(shared) >= max(1, _LEAST * len(asked)):
            found += _place(section, code, *entries[position])
    return found[: section.limit]


def _place(section: Section, code: CodeBase, place: int, one: Definition) -> list[Finding]:
    said = of_definition(code, place, one)
    about = f": {first_sentence(said.words)}" if said is not None else ""
    users = len(code.users(place))
    used = f", in a file that {count(users, 'file imports', 'files import')}" if users else ""
    statement = f"{one.name} in {code.defined(place, one)}{used}{about}"
    quotes = [code.quoted_signature(place, one), code.quote(place, said.span) if said is not None else None]
    return say(section, statement, quotes, 0.4)


def _words(code: CodeBase, place: int, name: str) -> str:
    """Name and path of a definition as words."""
    path = code.files[place].path.rpartition(".")[0]
    return " ".join(part.lower() for text in (name, name, path) for part in _PARTS.findall(text))
