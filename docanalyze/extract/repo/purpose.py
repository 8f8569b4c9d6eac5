"""What a code base is for, as its README, its manifests and its top package say; and under which terms."""

import re

from docanalyze.extract.repo import words
from docanalyze.extract.repo.base import CodeBase, absent, listed, say
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.offered import public, top_packages, weighty
from docanalyze.model import Finding, Quote, Section, Span

README = re.compile(
    r"README(?:\.(?:md|rst|txt|markdown|mkd|adoc|asciidoc|rdoc|org|textile|pod))?|index\.(?:md|rst)", re.IGNORECASE
)
LICENCE = re.compile(
    r"(?:LICEN[CS]E|COPYING|UNLICENSE)(?:[-.].*)?|(?:MIT|BSD|APACHE|GPL|LGPL)[-_.]LICEN[CS]E(?:\..*)?", re.IGNORECASE
)
_TITLE = re.compile(
    r"(?:GNU (?:AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE|Apache License|(?:Mozilla|Eclipse) Public License)"
    r"[\s,-]+(?:Version |v\. )?\d[\d.]*|\b(?:MIT|ISC|Boost Software|zlib|BSD \d-Clause) License\b",
    re.IGNORECASE,
)
_TERMS = (
    ("MIT", re.compile(r"Permission is hereby granted, free of charge, to any\s+person obtaining\s+a\s+copy")),
    ("ISC", re.compile(r"Permission to use, copy, modify, and(?:/or)? distribute this software for any")),
    ("BSD", re.compile(r"Redistribution and use in source and binary forms, with or without")),
    ("Unlicense", re.compile(r"This is free and unencumbered software")),
)
_ELSEWHERE = re.compile(
    r"(?:please )?(?:check\s?out|see|visit|read|refer|follow|browse|join|try|click|for (?:more|further|full))\b",
    re.IGNORECASE,
)
_DESCRIPTION = re.compile(
    r"^__description__\s*=\s*\(?\s*(?P<mark>[\"'])(?P<said>[^\"'\n]{10,400})(?P=mark)", re.MULTILINE
)
_MOST_TOPS, _MOST_MODULES, _MOST_READ = 3, 5, 200
_LEAST, _ENOUGH = 40, 2
_LICENCE_HEAD, _NEAR = 3_000, 100
_OF_IT = re.compile(
    r"(?:this (?:is (?:not|no longer|(?:an? )?(?:experimental|deprecated|unmaintained|prototype|work in progress|toy))|project|package|"
    r"library|tool|software|repository|program|code(?: base)?)|it is (?:not|no longer))\b",
    re.IGNORECASE,
)
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
    found += _of_top(section, code, described is not None or readme(code) is not None)
    return [*found[: section.limit - 1], *_terms(section, code, manifests)]


def _of_readme(section: Section, code: CodeBase) -> list[Finding]:
    place = readme(code)
    if place is None:
        chars = sum(len(file.path) for file in code.files)
        return absent(
            section, words.unless_left_out(code, "No README was found at the top"), ("README*", "index.md"), chars
        )
    path = code.files[place].path
    prose = list(words.paragraphs(code.text(place)))
    found: list[Finding] = []
    for said in _opening(code.text(place), prose):
        shown = said.words if len(said.words) <= 400 else said.words[:400].rsplit(" ", 1)[0] + " …"
        if len(shown) >= _LEAST:
            found += say(section, shown, [code.quote(place, said.span)], 0.85)
    for said in prose[1:]:
        for sentence in re.split(r"(?<=[.!?])\s", said.words):
            if _DISCLAIMS.search(sentence[:_NEAR]) and _OF_IT.match(sentence.removeprefix("Note: ")):
                return found + say(section, f"{path} limits it: {sentence}", [code.quote(place, said.span)], 0.5)
    return found


def _opening(text: str, prose: list[words.Said]) -> list[words.Said]:
    """The first paragraph, and the second where no heading stands between and it does not send elsewhere."""
    if (
        len(prose) < _ENOUGH
        or _ELSEWHERE.match(prose[1].words)
        or words.HEADING.search(text, prose[0].span.end, prose[1].span.start)
    ):
        return prose[:1]
    return prose[:_ENOUGH]


def _of_top(section: Section, code: CodeBase, described: bool) -> list[Finding]:
    """What the packages that lie highest say of themselves; without any, what they hold that is used."""
    found: list[Finding] = []
    for place in top_packages(code)[:_MOST_TOPS]:
        said = words.of_file(code, place)
        at, said = (place, said) if said is not None else _described(code, place)
        if said is not None:
            shown = said.words if len(said.words) <= 300 else words.first_sentence(said.words, 300)
            found += say(section, f"{code.files[at].path}: {shown}", [code.quote(at, said.span)], 0.8)
        elif not described:
            found += _by_use(section, code, code.files[place].folder)
    return found if top_packages(code) or described else _by_use(section, code, "")


def _described(code: CodeBase, top: int) -> tuple[int, words.Said | None]:
    """`__description__ = "..."` in the files at the top of a package."""
    for place in code.code:
        if code.files[place].folder == code.files[top].folder and code.files[place].language == "python":
            match = _DESCRIPTION.search(code.text(place))
            if match is not None:
                return place, words.Said(Span(*match.span()), " ".join(match["said"].split()))
    return top, None


def _by_use(section: Section, code: CodeBase, folder: str) -> list[Finding]:
    """The largest modules that others use: all that tells what it is for where nobody says it."""
    start = f"{folder}/" if folder else ""
    told: list[str] = []
    quotes: list[Quote | None] = []
    for place in weighty(code, _MOST_READ):
        file, names = code.files[place], public(code, place)
        users = len(code.users(place))
        if not file.path.startswith(start) or not names or not users or len(told) >= _MOST_MODULES:
            continue
        told.append(f"{file.path.removeprefix(start)} ({listed([one.name for one in names], 3)})")
        quotes.append(code.quoted_signature(place, names[0]))
    of = f" what {start} is for" if start else " what it is for"
    statement = f"No README, manifest or top package says{of}; modules that weigh most in it: {'; '.join(told)}"
    return say(section, statement, quotes, 0.4) if told else []


def _terms(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    files = [p for p, file in enumerate(code.files) if LICENCE.fullmatch(file.path.rpartition("/")[2])]
    files = [p for p in files if code.is_top(code.files[p])]
    named = manifests.fact("license")
    quotes = [code.quote(named.place, named.span)] if named is not None else []
    if files:
        called, span = _called(code.text(files[0]))
        quotes.append(code.quoted_line(files[0], span.start, span.end) if called else code.quoted_path(files[0]))
        words_of = named.value if named is not None else called
        return say(section, f"Licence, by {code.files[files[0]].path}: {words_of}", quotes, 0.85)
    if named is not None:
        return say(section, f"Licence, by {code.files[named.place].path}: {named.value}", quotes, 0.85)
    chars = sum(len(file.path) for file in code.files)
    return absent(
        section,
        words.unless_left_out(code, "No licence was found at the top or in a manifest"),
        ("LICENSE*", "LICENCE*", "COPYING*", "license ="),
        chars,
    )


def _called(text: str) -> tuple[str, Span]:
    """What a licence is called, and where that is seen: its title, its best known words, else its first line."""
    head = text[:_LICENCE_HEAD]
    if title := _TITLE.search(head):
        return " ".join(title[0].split()), Span(*title.span())
    for name, terms in _TERMS:
        if match := terms.search(head):
            return f"{name}, by its words", Span(*match.span())
    first = re.search(r"\S[^\n]*", head)
    return (" ".join(first[0].split()), Span(*first.span())) if first else ("", Span(0, 0))
