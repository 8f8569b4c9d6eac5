"""What a code base is for, as its README, its manifests and its top package say; and under which terms."""

import re

from docanalyze.extract.repo import words
from docanalyze.extract.repo.base import CodeBase, absent, say
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.model import FileRole, Finding, Section

README = re.compile(
    r"README(?:\.(?:md|rst|txt|markdown|adoc))?|readme\.(?:md|rst|txt)|index\.(?:md|rst)", re.IGNORECASE
)
LICENCE = re.compile(r"(?:LICEN[CS]E|COPYING|UNLICENSE)(?:[-.].*)?", re.IGNORECASE)
_TOP = re.compile(r"__init__\.py|doc\.go|lib\.rs|main\.rs|mod\.ts|index\.(?:ts|js)")
_LEAST, _ENOUGH = 40, 2
_OF_IT = re.compile(r"(?:this (?:is|project|package|library|tool|software|repository|program|code))\b", re.IGNORECASE)
_DISCLAIMS = re.compile(
    r"\b(?:is not|are not|isn't|not intended|no longer|deprecated|does not|unmaintained|experimental)\b"
)


def readme(code: CodeBase) -> int | None:
    """The README of the whole: the shallowest that is read."""
    return next((p for p in code.named(README) if code.is_top(code.files[p])), None)


def find_purpose(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """README, manifest, top package, licence."""
    found = _of_readme(section, code)
    described = manifests.fact("description")
    name = manifests.fact("name")
    if described is not None:
        called = f" of {name.value}" if name is not None else ""
        found += say(
            section,
            f"{code.files[described.place].path}{called}: {described.value}",
            [code.quote(described.place, described.span)],
            0.9,
        )
    found += _of_top(section, code)
    return [*found[: section.limit - 1], *_terms(section, code, manifests)]


def _of_readme(section: Section, code: CodeBase) -> list[Finding]:
    place = readme(code)
    if place is None:
        chars = sum(len(file.path) for file in code.files)
        return absent(section, "No README was found at the top", ("README*", "index.md"), chars)
    path = code.files[place].path
    prose = list(words.paragraphs(code.text(place)))
    found: list[Finding] = []
    for said in _opening(code.text(place), prose):
        shown = said.words if len(said.words) <= 400 else said.words[:400].rsplit(" ", 1)[0] + " …"
        if len(shown) >= _LEAST:
            found += say(section, shown, [code.quote(place, said.span)], 0.85)
    for said in prose[1:]:
        for sentence in re.split(r"(?<=[.!?])\s", said.words):
            if _DISCLAIMS.search(sentence) and _OF_IT.match(sentence.removeprefix("Note: ")):
                return found + say(section, f"{path} limits it: {sentence}", [code.quote(place, said.span)], 0.5)
    return found


def _opening(text: str, prose: list[words.Said]) -> list[words.Said]:
    """The first paragraph, and the second where no heading stands between."""
    if len(prose) < _ENOUGH or words.HEADING.search(text, prose[0].span.end, prose[1].span.start):
        return prose[:1]
    return prose[:_ENOUGH]


def _of_top(section: Section, code: CodeBase) -> list[Finding]:
    """The docstring of the package that lies highest and matters most."""
    tops = [p for p in code.named(_TOP) if code.files[p].role is FileRole.CODE]
    tops.sort(key=lambda p: (code.files[p].path.count("/"), -code.ranks[p]))
    for place in tops[:12]:
        said = words.of_file(code, place)
        if said is not None:
            shown = said.words if len(said.words) <= 300 else words.first_sentence(said.words, 300)
            return say(section, f"{code.files[place].path}: {shown}", [code.quote(place, said.span)], 0.8)
    return []


def _terms(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    files = [p for p, file in enumerate(code.files) if LICENCE.fullmatch(file.path.rpartition("/")[2])]
    files = [p for p in files if code.is_top(code.files[p])]
    named = manifests.fact("license")
    quotes = [code.quote(named.place, named.span)] if named is not None else []
    if files:
        first = next((line for line in code.text(files[0]).splitlines() if line.strip()), "")
        at = code.text(files[0]).find(first)
        quotes.append(code.quoted_line(files[0], at) if first else code.quoted_path(files[0]))
        words_of = named.value if named is not None else " ".join(first.split())
        return say(section, f"Licence, by {code.files[files[0]].path}: {words_of}", quotes, 0.85)
    if named is not None:
        return say(section, f"Licence, by {code.files[named.place].path}: {named.value}", quotes, 0.85)
    chars = sum(len(file.path) for file in code.files)
    return absent(
        section,
        "No licence was found at the top or in a manifest",
        ("LICENSE*", "LICENCE*", "COPYING*", "license ="),
        chars,
    )
