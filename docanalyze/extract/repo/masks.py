"""Where comments and strings stand in a text, so that words in them are not taken for code. No parser: one expression
for each family of languages."""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """In which part of a text a sign counts."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"
    ANY = "any"


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
    "html": _MARKUP,
    "markdown": _MARKUP,
}


@dataclass(frozen=True, slots=True)
class Masks:
    """Comments and strings of one text, in order."""

    starts: "array[int]"
    ends: "array[int]"
    comments: tuple[bool, ...]

    def at(self, offset: int) -> Where:
        """What a character belongs to."""
        place = bisect_right(self.starts, offset) - 1
        if place < 0 or offset >= self.ends[place]:
            return Where.CODE
        return Where.COMMENT if self.comments[place] else Where.STRING

    def around(self, offset: int) -> tuple[int, int]:
        """Where the comment or string around a character begins and ends; the character itself outside of both."""
        place = bisect_right(self.starts, offset) - 1
        if place < 0 or offset >= self.ends[place]:
            return offset, offset
        return self.starts[place], self.ends[place]


def masks(language: str, text: str) -> Masks:
    """The comments and strings of a text; those of C where the language is not known."""
    found = list(_EXPRESSIONS.get(language, _CURLY).finditer(text))
    return Masks(
        array("Q", (match.start() for match in found)),
        array("Q", (match.end() for match in found)),
        tuple(match.lastgroup == "comment" for match in found),
    )
