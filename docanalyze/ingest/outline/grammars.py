"""Grammars and queries, each loaded when the first file of its language comes, and what a query finds in a text."""

import re
import time
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor

from docanalyze.ingest.outline.languages import Language

SECONDS = 2.0
"""A text that takes longer has no outline: a megabyte of noise would take seconds."""
_READ = 65_536
_MOST_STEPS = 100_000_000
_WINDOW = 1500
_STRANGE = re.compile(r"[^\x01-\x7f]+")
_WORD = re.compile(rb"[\w\"'`#/*=-]")
_MOST_UNDER_WAY = 1024
_ROLE = re.compile(r"@(definition\.\w+|import|whole|member|main|branch|reference)\b")
_COMMENT = re.compile(r";[^\n]*")
_INHERITS = re.compile(r";\s*inherits (\w+)\n")

Match = tuple[int, dict[str, list[Node]]]
"""The number of a pattern and its captures."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds in a text; `roles` says of each pattern what that is (`definition.class`, `import`, ...)."""

    roles: tuple[str, ...]
    matches: list[Match]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A grammar with its query; `roles` says of each pattern what it finds."""

    parser: Parser
    query: Query
    roles: tuple[str, ...]


@cache
def asked(language: Language) -> _Asked:
    """The grammar and the query of a language; ImportError or ValueError if they do not fit each other."""
    grammar = Grammar(getattr(import_module(language.module), language.function)())
    source = query_of(language.name)
    query = Query(grammar, source)
    encoded = source.encode()
    roles = []
    for pattern in range(query.pattern_count):
        told = encoded[query.start_byte_for_pattern(pattern) : query.end_byte_for_pattern(pattern)].decode()
        found = _ROLE.search(_COMMENT.sub("", told))
        roles.append(found[1] if found else "")
    return _Asked(Parser(grammar), query, tuple(roles))


def query_of(name: str) -> str:
    """The query of a language; where its first line is `; inherits NAME`, that one's stands before it."""
    source = (Path(__file__).parent / "queries" / f"{name}.scm").read_text("utf-8")
    inherits = _INHERITS.match(source)
    return query_of(inherits[1]) + source if inherits else source


def one_byte_each(text: str) -> bytes:
    """The text with every character as one byte, so that offsets of bytes are those of characters.

    What is not ASCII stands in names, strings and comments; there one letter parses like another.
    """
    if not text.isascii() or "\0" in text:
        text = _STRANGE.sub(_like_it, text)
    return text.encode("ascii")


def _like_it(found: re.Match[str]) -> str:
    return "".join(" " if char.isspace() or char in "\0\ufeff" else "q" for char in found[0])


def matches(language: Language, text: str) -> Found | None:
    """What the query of a language finds, with offsets in characters; None if it takes too long."""
    ready = asked(language)
    if language.macros:
        from docanalyze.ingest.outline.macros import without_macros

        text = without_macros(text)
    source = one_byte_each(text)
    now, deadline = time.monotonic, time.monotonic() + SECONDS
    try:
        # A deadline is kept only where the text is read piece by piece.
        tree = ready.parser.parse(
            lambda offset, point: source[offset : offset + _READ],
            progress_callback=lambda offset, error: now() > deadline,
        )
    except ValueError:
        ready.parser.reset()
        return None
    # Version 0.26.1 dies of a deadline here; what bounds the time is that few matches can be under way at once.
    if _is_endless(source, tree.root_node):
        return None
    return Found(ready.roles, QueryCursor(ready.query, match_limit=_MOST_UNDER_WAY).matches(tree.root_node))


def _is_endless(source: bytes, root: Node) -> bool:
    """Whether a query would take minutes: at each token it looks for the next sibling with a name, and there is none.

    So it is with thousands of brackets, commas or keywords in a row, which nobody writes.
    """
    if any(_is_bare(source, start) for start in range(0, len(source) - _WINDOW, _WINDOW)):
        return True
    waiting = [root] if root.has_error else []
    steps = 0
    while waiting:
        one = waiting.pop()
        steps += (one.child_count - one.named_child_count) ** 2
        if steps > _MOST_STEPS:
            return True
        waiting += [child for child in one.children if child.has_error]
    return False


def _is_bare(source: bytes, start: int) -> bool:
    """Whether there is nothing but brackets and commas, or one and the same word, for a long while from here."""
    if not _WORD.search(source, start, start + _WINDOW):
        return len(b"".join(source[start : start + _WINDOW].split())) > _WINDOW // 3
    few = set(source[start : start + 60].split()[1:-1])
    return len(few) == 1 and min(few).isalpha() and len(set(source[start : start + _WINDOW].split()[1:-1])) == 1
