"""Where comments, strings, scripts and text stand in a page: HTML, and components of Vue and Svelte."""

import re
from collections.abc import Callable, Iterator

from docanalyze.extract.repo.where import Where

Part = tuple[int, int, Where]
"""Where a part begins and ends in the text of its file, and what it is."""
Inner = Callable[[str], Iterator[Part]]

# What is never closed goes on to the end. A value in quotes may hold what would end its tag.
_PARTS = re.compile(
    r"(?P<comment><!--[^-]*(?:-(?!->)[^-]*)*(?:-->|\Z))"
    r"|(?P<script><(?P<name>script|style)\b[^\"'<>]*(?:(?:\"[^\"]*\"|'[^']*')[^\"'<>]*)*>)"
    r"|(?P<tag></?[a-z!][^\"'<>]*(?:(?:\"[^\"]*\"|'[^']*')[^\"'<>]*)*>)"
    r"|(?P<put>\{[{%#][^{}]*\}\}?)",
    re.IGNORECASE,
)
_PUT = re.compile(r"\{[^{}]*\}")
_VALUE = re.compile(
    # A name begins where none goes on: else each of its letters would be tried as its beginning.
    r"(?<![^\s\"'<>=])(?P<name>[^\s\"'<>=]+)\s*="
    r"\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'<>=]+))"
)
_WORDED = re.compile(r"(?:alt|title|content|placeholder|label|summary|aria-[\w-]+)", re.IGNORECASE)
"""Attributes whose values are words for people."""


def parts_of_page(text: str, script: Inner, *, braces: bool) -> Iterator[Part]:
    """The parts of a page, in order. `script` tells those of a script; with `braces` what stands in them is one."""
    at = 0
    while match := _PARTS.search(text, at):
        yield from _words(text, at, match.start(), script, braces=braces)
        at = match.end()
        if match["comment"] is not None:
            yield *match.span(), Where.COMMENT
        elif match["put"] is not None:
            yield from _inside(text, *match.span(), script)
        else:
            yield from _values(match[0], match.start())
        if match["script"] is not None:
            end = re.compile(rf"</{match['name']}\b", re.IGNORECASE).search(text, at)
            stop = end.start() if end else len(text)
            yield from _inside(text, at, stop, script)
            at = stop
    yield from _words(text, at, len(text), script, braces=braces)


def _words(text: str, start: int, end: int, script: Inner, *, braces: bool) -> Iterator[Part]:
    """What stands between tags: words, but for what is put in there by a script."""
    for match in _PUT.finditer(text, start, end) if braces else ():
        if match.start() > start:
            yield start, match.start(), Where.TEXT
        yield from _inside(text, *match.span(), script)
        start = match.end()
    if start < end:
        yield start, end, Where.TEXT


def _inside(text: str, start: int, end: int, script: Inner) -> Iterator[Part]:
    for first, last, where in script(text[start:end]):
        yield start + first, start + last, where


def _values(tag: str, at: int) -> Iterator[Part]:
    """The values of attributes: words, where the attribute is one that people are shown, else strings."""
    for match in _VALUE.finditer(tag):
        group = match.lastgroup or ""
        where = Where.TEXT if _WORDED.fullmatch(match["name"]) else Where.STRING
        around = 0 if group == "bare" else 1
        yield at + match.start(group) - around, at + match.end(group) + around, where
