"""Macros of C and C++ in places where a grammar expects none: a parser that knows no macros stumbles over them.

typedef void (APIENTRY *Callback)(int);
class API_EXPORT Store : public Base { ... };        extern int close(int) __THROW;
"""

import re

_MACRO = r"(?:__\w+|_?[A-Z][A-Z0-9_]{2,})\b"
_BEHIND = re.compile(r"\)\s*(?:const\b\s*)?((?:" + _MACRO + r"\s*(?:\((?:[^()\n]|\([^()\n]*\))*\)\s*)?)+)(?=[;{])")
# A pattern that begins with fixed characters is found ten times faster: so `\b` is asked for behind them.
_BETWEEN = tuple(
    re.compile(rf"{word}(?<=\b{word})\s+({_MACRO}(?:\s*\([^()\n]*\))?)\s+(?=[A-Za-z_]\w*(?:\s+{_MACRO})?\s*[:{{])")
    for word in ("class", "struct", "union", "enum")
)
_ALONE = re.compile(r"^(_*[A-Z][A-Z0-9_]*(?:BEGIN|END|DECLS)[A-Z0-9_]*)[ \t]*$", re.M)
_CALLED = re.compile(r"typedef(?<=\btypedef)\s[^;{}()\n]*\(\s*(" + _MACRO + r")\s+\w+\s*\)\s*\(")
_VISIBLE = re.compile(r"[^\n]")


def without_macros(text: str) -> str:
    """The text with such macros as blanks, of the same length."""
    for macro in (_BEHIND, *_BETWEEN, _ALONE):
        text = macro.sub(_blank, text)
    return _CALLED.sub(_pointer, text)


def _blank(found: re.Match[str]) -> str:
    start, end = found.span(1)
    start, end = start - found.start(), end - found.start()
    return found[0][:start] + _VISIBLE.sub(" ", found[1]) + found[0][end:]


def _pointer(found: re.Match[str]) -> str:
    """A convention of calls as the star that it often hides."""
    start, end = found.start(1) - found.start(), found.end(1) - found.start()
    return found[0][:start] + "*".ljust(end - start) + found[0][end:]
