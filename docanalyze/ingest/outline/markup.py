"""Outlines of markup with programs in it: HTML, Vue, Svelte."""

import re
from collections import Counter

from docanalyze.ingest.outline.languages import LANGUAGES
from docanalyze.ingest.outline.lines import merged
from docanalyze.ingest.outline.marks import Mark, Numbered, outlined_of
from docanalyze.ingest.outline.outlined import Outlined
from docanalyze.model import Import, Span

_SCRIPT = re.compile(r"<script\b([^>]{0,400})>(.*?)</script\s{0,9}>", re.I | re.S)
_TITLE = re.compile(r"<(title|h[1-3])\b[^>]{0,400}>(.{0,200}?)</\1\s{0,9}>", re.I | re.S)
_TAG = re.compile(r"<[^>]{0,400}>")
_LINKED = re.compile(r"<(?:script|link)\b[^>]{0,400}?\b(?:src|href)=[\"']([^\"'\s>]{1,300})[\"'][^>]{0,400}>", re.I)
_COMPONENT = re.compile(r"<([A-Z]\w*|[a-z]+(?:-[a-z]+)+)\b")
_NOT_NEWLINE = re.compile(r"[^\n]")


def html(text: str) -> Outlined:
    """Title and headings, and what is linked."""
    lines = Numbered(text)
    marks = []
    for found in _TITLE.finditer(text):
        said = " ".join(_TAG.sub(" ", found[2]).split())
        if said:
            level = 1 if found[1].lower() == "title" else int(found[1][1])
            marks.append(Mark(said[:120], "heading", lines.at(found.start()), level))
    numbered = Numbered(text)
    imports = [
        Import(found[1], numbered.at(found.start()).number, Span(found.start(), found.end()))
        for found in _LINKED.finditer(text)
        if len(found[0]) < 400
    ]
    return outlined_of(text, marks, imports)


def component(text: str) -> Outlined:
    """The scripts of a Vue or Svelte file, and the components that its markup names."""
    from docanalyze.ingest.outline.parsed import parsed

    kept: list[str] = []
    outside: list[str] = []
    language, place = "javascript", 0
    for script in _SCRIPT.finditer(text, 0, text.rfind("</script") + 20):
        if re.search(r"\blang\s*=\s*[\"']tsx?[\"']", script[1]):
            language = "typescript"
        outside.append(text[place : script.start(2)])
        kept += [_NOT_NEWLINE.sub(" ", outside[-1]), script[2]]
        place = script.end(2)
    outside.append(text[place:])
    kept.append(_NOT_NEWLINE.sub(" ", outside[-1]))
    made = parsed(LANGUAGES[language], "".join(kept))
    names = Counter(dict(made.references))
    names.update(_COMPONENT.findall("".join(outside)))
    return Outlined(
        merged(text, made.outline), made.definitions, made.imports, tuple(sorted(names.items())), made.mains, made.note
    )
