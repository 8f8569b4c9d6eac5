"""Where comments and strings stand in a text, so that words in them are not taken for code. No parser: one expression
for each family of languages."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from docanalyze.extract.repo.markup import Part, parts_of_page
from docanalyze.extract.repo.where import Where

__all__ = ["Masks", "Where", "masks"]

# Unrolled: what is no quote and no backslash is passed over in one step. What is never closed goes on to the end: else
# each further beginning would look for the end again.
_DOUBLE, _SINGLE = r'"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"', r"'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'"
_LONG_DOUBLE, _LONG_SINGLE = r'"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\Z)', r"'[^'\\]*(?:\\[\s\S][^'\\]*)*(?:'|\Z)"
_TICKED = r"`[^`\\]*(?:\\[\s\S][^`\\]*)*(?:`|\Z)"
_THRICE = (
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*(?:"""|\Z)' + r"|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*(?:'''|\Z)"
)
_SLASHED = r"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"


def _parts(comment: str, *strings: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?P<comment>{comment})|(?P<string>{'|'.join(strings)})", flags)


_PYTHON = _parts(r"#[^\n]*", _THRICE, _DOUBLE, _SINGLE)
_HASHED = _parts(r"(?:(?<=[\s;])|^)#[^\n]*", _LONG_DOUBLE, r"'[^'\n]*'", flags=re.MULTILINE)
_CURLY = _parts(_SLASHED, _DOUBLE, _SINGLE, _TICKED)
# In Rust a quote may begin a lifetime, in Go a rune may be a quote.
_BARE = _parts(_SLASHED, _LONG_DOUBLE, r"'(?:[^'\\\n]|\\.)'", r"`[^`]*(?:`|\Z)")
_PHP = _parts(rf"{_SLASHED}|#(?!\[)[^\n]*", _LONG_DOUBLE, _LONG_SINGLE)
_SQL = _parts(r"--[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)", r"'[^']*(?:''[^']*)*(?:'|\Z)")
_MARKUP = _parts(r"<!--[^-]*(?:-(?!->)[^-]*)*(?:-->|\Z)", r'"[^"\n]*"')
_EXPRESSIONS = {
    "python": _PYTHON,
    "ruby": _HASHED,
    "bash": _HASHED,
    "yaml": _HASHED,
    "toml": _HASHED,
    "ini": _HASHED,
    "dockerfile": _HASHED,
    "makefile": _HASHED,
    "go": _BARE,
    "rust": _BARE,
    "php": _PHP,
    "sql": _SQL,
    "markdown": _MARKUP,
}


@dataclass(frozen=True, slots=True)
class Masks:
    """Comments, strings and words of one text, in order."""

    starts: "array[int]"
    ends: "array[int]"
    parts: tuple[Where, ...]

    def at(self, offset: int) -> Where:
        """What a character belongs to."""
        place = bisect_right(self.starts, offset) - 1
        if place < 0 or offset >= self.ends[place]:
            return Where.CODE
        return self.parts[place]

    def around(self, offset: int) -> tuple[int, int]:
        """Where the comment or string around a character begins and ends; the character itself outside of both."""
        place = bisect_right(self.starts, offset) - 1
        if place < 0 or offset >= self.ends[place]:
            return offset, offset
        return self.starts[place], self.ends[place]


def masks(language: str, text: str) -> Masks:
    """The comments and strings of a text; those of C where the language is not known."""
    found = list(_parts_of(language, text))
    return Masks(
        array("Q", (start for start, _, _ in found)),
        array("Q", (end for _, end, _ in found)),
        tuple(where for _, _, where in found),
    )


def _parts_of(language: str, text: str) -> Iterator[Part]:
    if language in _PAGES:
        return parts_of_page(text, partial(_matched, _CURLY), braces=language == "svelte")
    return _matched(_EXPRESSIONS.get(language, _CURLY), text)


def _matched(expression: re.Pattern[str], text: str) -> Iterator[Part]:
    for match in expression.finditer(text):
        yield *match.span(), Where.COMMENT if match.lastgroup == "comment" else Where.STRING


_PAGES = frozenset({"html", "vue", "svelte"})
