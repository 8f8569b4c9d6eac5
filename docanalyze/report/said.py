"""What a statement says that its quote does not: nothing is told twice.

The built-in analyst's statements are mostly the words of their quotes, whole or cut, alone or under a
title: `Limit of liability: In no event shall …`. Shown beside the quote, only the title says more.
"""

import re

_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad](?=[^\W\d_])")
_SPOKEN = re.compile(r"(?<![\w.,])[-\u2212+]?\d+(?:[.,]\d+)*|[^\W\d_]+|\d+")
_TITLES = ('": ', ": ")
_MOST = 0.5
"""The share of a quote that words must be to stand for it, where they are not marked as cut."""
_FEWEST = 12


def spoken(text: str) -> str:
    """The words and numbers of a text with their signs, one blank between them, as it is read aloud."""
    return " ".join(_SPOKEN.findall(_HYPHEN.sub("", text).lower()))


def own_words(statement: str, quote: str) -> str:
    """The statement without what stands in the quote: all of it, its title, or nothing. Both on one line."""
    if _repeats(statement, quote):
        return ""
    for mark in _TITLES:
        title, found, rest = statement.partition(mark)
        if found and _repeats(rest, quote):
            return title + mark.rstrip(": ")
    return statement


def beside_code(statement: str, code: str) -> str:
    """The statement without what stands in the lines of code that it is shown with, sign for sign; blanks apart."""
    lines = " ".join(code.split())
    if _stands(statement, lines):
        return ""
    for mark in _TITLES:
        title, found, rest = statement.partition(mark)
        if found and _stands(rest, lines):
            return title + mark.rstrip(": ")
    return statement


def _stands(words: str, lines: str) -> bool:
    """In code every sign counts: `a - b` does not say what `a + b` does."""
    said = " ".join(words.strip(' "“”`').split())
    cut = said.removesuffix("…").rstrip()
    return len(said) >= _FEWEST and cut in lines and (cut != said or len(said) >= _MOST * len(lines))


def without_title(statement: str, quote: str) -> tuple[str, str]:
    """The title of a statement whose rest is its quote's words, and that rest; else no title and all of it."""
    title = own_words(statement, quote)
    if title in ("", statement):
        return "", statement
    return title, statement[len(title) :].removeprefix(":").strip()


def _repeats(words: str, quote: str) -> bool:
    """Whether the words are the quote's, from somewhere in it, up to where they are cut."""
    is_cut = words.startswith("…") or words.endswith("…")
    said, quoted = spoken(words), spoken(quote)
    if f" {said} " not in f" {quoted} ":
        return False
    return len(said) >= _MOST * len(quoted) or (is_cut and len(said) >= _FEWEST)
