"""What a file of code defines, imports and names, and what stands for it at lower detail.

Runs in the reading process. A language is one query file and one grammar wheel.
"""

from docanalyze.ingest.outline import by_lines, markup, statements
from docanalyze.ingest.outline.languages import LANGUAGES, language_of
from docanalyze.ingest.outline.outlined import Outlined

MOST_CHARS = 1_000_000
"""Longer texts are not parsed: nobody wrote them by hand, and a parser may need seconds for each."""

_BY_LINES = {
    "markdown": by_lines.markdown,
    "toml": by_lines.toml,
    "ini": by_lines.ini,
    "yaml": by_lines.yaml,
    "json": by_lines.json,
    "sql": statements.sql,
    "dockerfile": statements.dockerfile,
    "makefile": statements.makefile,
    "proto": statements.proto,
    "graphql": statements.graphql,
    "css": statements.css,
    "html": markup.html,
    "vue": markup.component,
    "svelte": markup.component,
}

__all__ = ["LANGUAGES", "MOST_CHARS", "Outlined", "language_of", "outline"]


def outline(language: str, text: str) -> Outlined:
    """The outline of a text; an empty one of a language that is not known, and where parsing takes too long.

    `note` says which of these it was, where the language is known.
    """
    if len(text) > MOST_CHARS:
        return Outlined(note=f"too long for an outline: over {MOST_CHARS:,} characters")
    if language in LANGUAGES:
        from docanalyze.ingest.outline.parsed import parsed

        return parsed(LANGUAGES[language], text)
    by_line = _BY_LINES.get(language)
    return by_line(text) if by_line else Outlined()
