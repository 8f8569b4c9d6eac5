"""Where comments and strings stand in a text, so that words in them are not taken for code. No parser: one expression
for each family of languages."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """In which part of a text a sign counts."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"
    ANY = "any"


_PYTHON = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"|(?P<string>\"\"\"(?:[^\\]|\\[\s\S])*?\"\"\"|'''(?:[^\\]|\\[\s\S])*?'''"
    r"|\"(?:[^\"\\\n]|\\[\s\S])*\"|'(?:[^'\\\n]|\\[\s\S])*')"
)
_HASHED = re.compile(
    r"(?P<comment>(?:(?<=[\s;])|^)#[^\n]*)|(?P<string>\"(?:[^\"\\]|\\[\s\S])*?\"|'[^'\n]*')", re.MULTILINE
)
_CURLY = re.compile(
    r"(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\[\s\S])*\"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`)"
)
# In Rust a quote may begin a lifetime, in Go a rune may be a quote.
_BARE = re.compile(
    r"(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)|(?P<string>\"(?:[^\"\\]|\\[\s\S])*?\"|'(?:[^'\\\n]|\\.)'|`[^`]*`)"
)
_PHP = re.compile(
    r"(?P<comment>//[^\n]*|#(?!\[)[^\n]*|/\*[\s\S]*?\*/)"
    r"|(?P<string>\"(?:[^\"\\]|\\[\s\S])*?\"|'(?:[^'\\]|\\[\s\S])*?')"
)
_SQL = re.compile(r"(?P<comment>--[^\n]*|/\*[\s\S]*?\*/)|(?P<string>'(?:[^']|'')*')")
_MARKUP = re.compile(r"(?P<comment><!--[\s\S]*?-->)|(?P<string>\"[^\"\n]*\")")
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

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    comments: tuple[bool, ...]

    def at(self, offset: int) -> Where:
        """What a character belongs to."""
        place = bisect_right(self.starts, offset) - 1
        if place < 0 or offset >= self.ends[place]:
            return Where.CODE
        return Where.COMMENT if self.comments[place] else Where.STRING

    def end(self, offset: int) -> int:
        """Where the comment or string around a character ends, the character itself outside of both."""
        place = bisect_right(self.starts, offset) - 1
        return self.ends[place] if place >= 0 and offset < self.ends[place] else offset


def masks(language: str, text: str) -> Masks:
    """The comments and strings of a text; those of C where the language is not known."""
    found = list(_EXPRESSIONS.get(language, _CURLY).finditer(text))
    return Masks(
        tuple(match.start() for match in found),
        tuple(match.end() for match in found),
        tuple(match.lastgroup == "comment" for match in found),
    )
