"""Whether text can be what a page says: a wrong font map gives letters, but no words."""

import re
from itertools import islice

_WORD = re.compile(r"[^\W\d_]{2,}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LEAST_CHARS = 60
_LEAST_WORDS = 60
_MOST_UNKNOWN = 0.02
_MOST_PRIVATE = 0.1
_LEAST_KNOWN = 0.01
# The commonest words of the languages in Latin letters that people bring most.
_KNOWN = frozenset(
    "the of and to in for is on that by this with or be as are at from not it an was we which shall "
    "der die das und zu den von mit ist des auf für im dem nicht eine als auch es an "
    "le la les de des et en un une du est que pour dans qui sur au par plus "
    "el los las del que en un una por con para es se su al lo como más "
    "il di che per un una con del della sono nel gli alla da non "
    "de het een van en in is op te dat voor met zijn aan niet door "
    "o os as do da em para com uma não um por mais se "
    "och att det som en på är av för med till den "
    "i w na z do nie się jest to że".split()
)
_COMMON = re.compile(r"(?<=\s)(?:the|of|and|to|in|der|die|und|de|la|que|het|di|per|do)(?=\s)")
_CHARS_A_KNOWN = 300
"""With more of the commonest words than one in so many characters nothing more is asked."""


def known_words(text: str) -> int:
    """How many words of a text are among the commonest of some language."""
    return sum(word.lower() in _KNOWN for word in _WORD.findall(text))


def doubt_of(text: str) -> str:
    """What speaks against a text layer; empty if nothing does, or if there is too little to tell."""
    if len(text) < _LEAST_CHARS:
        return ""
    unknown = text.count("\ufffd")
    if unknown > _MOST_UNKNOWN * len(text):
        return f"{unknown:,} characters have no known meaning"
    private = len(_PRIVATE.findall(text))
    if private > _MOST_PRIVATE * len(text):
        return f"{private:,} characters mean something to this font alone"
    enough = len(text) // _CHARS_A_KNOWN
    if len(list(islice(_COMMON.finditer(text), enough + 1))) > enough:
        return ""
    words = [word.lower() for word in _WORD.findall(text)]
    latin = [word for word in words if word[0] < "\u0250"]
    if len(latin) < _LEAST_WORDS or len(latin) < 0.8 * len(words):
        return ""
    known = sum(word in _KNOWN for word in latin)
    return "it holds no known words" if known < _LEAST_KNOWN * len(latin) else ""
