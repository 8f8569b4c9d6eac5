"""Words and what must not change in them: the matching key, numbers, negations, modals, names.

Knows text alone: no Documents, no Evidence.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import cache

# -- the matching key ------------------------------------------------------------------------------

_QUOTES = {
    **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛`´′＇", "'"),
}
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
# Invisible characters, direction marks, variation selectors and tags: they fall out of the key.
_DROPPED = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef\u2120\u2122"
)
# What a pass over the text must look at; all else is itself in lower case. A single blank between
# words is itself, too: looking at each would take most of the time.
_SPECIAL = re.compile(
    r"(?P<hyphen>(?<=[^\W\d_])[-\u2010\u00ad][ \t]*\r?\n\s*(?=[^\W\d_]))"
    rf"|(?P<space>[\s{_DROPPED}]{{2,}}|[^\S ]|[{_DROPPED}])"
    r"|(?P<other>[^\x00-\x7f])"
)
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Key:
    """A text made comparable. `map[i]` is the source index of character i; one more ends the source."""

    text: str
    map: "array[int]"

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source range of the non-empty key range."""
        return self.map[start], self.map[end - 1] + 1


def normalise(text: str) -> Key:
    """White space, hyphenation, ligatures, quotes, dashes, Unicode form and case made equal.

    Only decimal digits become digits: `²`, `½` and `①` stay themselves. Invisible characters fall
    out. Leading white space falls out; any other run of it is one blank. A hyphen at a line's end is
    taken for a division, though it may belong to the word (`non-\nexclusive`).
    """
    pieces: list[str] = []
    places = array("L")
    position = len(text) - len(text.lstrip())
    for match in _SPECIAL.finditer(text, position):
        start, end = match.span()
        if start > position:
            pieces.append(text[position:start].lower())
            places.extend(range(position, start))
        position = end
        put = _instead(match, text)
        if put == " " and (not pieces or pieces[-1].endswith(" ")):
            continue
        if put:
            pieces.append(put)
            places.extend([start] * len(put))
    pieces.append(text[position:].lower())
    places.extend(range(position, len(text)))
    places.append(len(text))
    return Key("".join(pieces), places)


def _instead(match: re.Match[str], text: str) -> str:
    """What a special place is compared as."""
    if match.lastgroup == "space":
        return " " if _BLANK.search(match[0]) else ""
    if match.lastgroup == "other":
        return _folded(match[0])
    # A hyphen at a line's end before a small letter is the printer's; before a capital it stays.
    return "" if text[match.end()].islower() else "-"


@cache
def _folded(character: str) -> str:
    """What one character beyond ASCII is compared as."""
    plain = _QUOTES.get(character) or _DASHES.get(character)
    if plain:
        return plain
    if character == "…":
        return "..."
    # Taken apart, so that é is the same whether it was written as one character or as two.
    form = unicodedata.normalize("NFKD", character)
    turned_digit = any(c.isdigit() for c in form) and unicodedata.category(character) != "Nd"
    if turned_digit or form.isspace() or (form.startswith(" ") and len(form) > 1):
        return character.casefold()
    return form.casefold()


# -- words -----------------------------------------------------------------------------------------

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_SUFFIXES = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("fulness", "ful"), ("ousness", "ous"),
    ("iveness", "ive"), ("ments", "ment"), ("ities", "ity"), ("ingly", ""), ("edly", ""),
    ("ations", "ate"), ("ation", "ate"), ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""),
    ("ed", ""), ("es", "e"), ("ly", ""),
)  # fmt: skip
_SHORTEST_STEM = 3


def words(text: str) -> list[str]:
    """The words of a text in order, lower-cased."""
    return [match[0].lower().replace("’", "'") for match in WORD.finditer(text)]


@cache
def stem(word: str) -> str:
    """A word without its commonest English endings: `governs`, `governed` and `governing` agree."""
    word = word.lower().removesuffix("'s")
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return _end(word.removesuffix(suffix) + instead)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    return _end(word)


def _end(word: str) -> str:
    """The same end for `terminate` and `terminat`, `assign` and `assignn`."""
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word


# -- what must agree -------------------------------------------------------------------------------

_NUMBER = re.compile(
    r"(?P<sign>(?<![\w.)])-)?(?P<currency>US\$|C\$|A\$|[$€£¥₹])?\s?"
    r"(?P<digits>\d+(?:[.,'\u00a0]\d+)*)(?P<rest>\s?%|[²³½¼¾⁰-⁹①-⑳]+)?"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|unless|except|excluding|cannot|nothing|nobody|nowhere|"
    r"non|\w+n['’]t)\b",
    re.IGNORECASE,
)
_MODAL = re.compile(r"\b(?:shall|must|may|will|should|can|cannot|might|would|could|ought)\b", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w'’.&-]*(?<![.'’-])")
_SPELLED = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
} | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Criticals:
    """What a quote may not differ in, sorted. Numbers keep sign, currency, per cent and decimals."""

    numbers: tuple[str, ...]
    negations: tuple[str, ...]
    modals: tuple[str, ...]
    names: tuple[str, ...]


def criticals(text: str) -> Criticals:
    """Numbers, negations, modals and names of a text."""
    plain = text.translate(_PLAIN)
    return Criticals(
        numbers=tuple(sorted(_numbers(plain))),
        negations=tuple(sorted(match[0].lower() for match in _NEGATION.finditer(plain))),
        modals=tuple(sorted(match[0].lower() for match in _MODAL.finditer(plain))),
        names=tuple(sorted(set(names(_DIVIDED.sub("", plain))))),
    )


_PLAIN = str.maketrans({**_QUOTES, **_DASHES, "\u00ad": None, "\u200b": None, "\ufeff": None})


_DIVIDED = re.compile(r"(?<=[^\W\d_])-\n(?=[a-z])")
"""A hyphen that divides a word at a line's end."""


def _numbers(text: str) -> list[str]:
    found = []
    for match in _NUMBER.finditer(text):
        digits = match["digits"].replace("'", "").replace("\u00a0", "")
        digits = re.sub(r",(?=\d{3}(?:\D|$))", "", digits)
        rest = (match["rest"] or "").strip()
        found.append(f"{match['sign'] or ''}{match['currency'] or ''}{digits}{rest}")
    found += [str(number) for number in spelled_numbers(text)]
    return found


def spelled_numbers(text: str) -> list[int]:
    """The values of numbers written as words: `ninety-five`, `two hundred thousand`."""
    values: list[int] = []
    total = current = 0
    inside = False
    for word in [*words(text.replace("-", " ")), ""]:
        continues = inside and _continues(word, current, total)
        if inside and not continues:
            values.append(total + current)
            total = current = 0
            inside = False
        if word in _SPELLED:
            current += _SPELLED[word]
            inside = True
        elif continues and word == "hundred":
            current *= _SCALES[word]
        elif continues and word in _SCALES:
            total, current = total + current * _SCALES[word], 0
    return values


def _continues(word: str, current: int, total: int) -> bool:
    """Whether a number so far may go on with this word: `five five` and `million million` do not."""
    tens, ones = current % 100 // 10 * 10, current % 10
    if word in _SPELLED:
        value = _SPELLED[word]
        return (tens == 0 or (tens >= _SPELLED["twenty"] and value < _SPELLED["ten"])) and ones == 0
    if word == "hundred":
        return 0 < current < _SCALES["hundred"]
    if word in _SCALES:
        return current > 0 and (total == 0 or total >= _SCALES[word] * 1000)
    return word == "and"


_NOT_NAMES = frozenset(
    "a an and any all as at be but by each every either for from if in is it its no not of on or our such "
    "that the their there these they this those to upon we what when where which who will with you your i "
    "shall must may should can cannot might would could neither nor never none without unless except".split()
)


def names(text: str) -> list[str]:
    """Capitalised words that are no sentence's first, and words in capitals: who and what is meant."""
    found = []
    for match in _NAME.finditer(text):
        word = match[0]
        if not word[0].isupper() or word.lower() in _NOT_NAMES:
            continue
        if len(word) > 1 and not (word.isupper() or _inside_a_sentence(text, match.start())):
            continue
        if len(word) == 1 and not _inside_a_sentence(text, match.start()):
            continue
        found.append(word.lower().removesuffix("'s"))
    return found


def _inside_a_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\n\"'([")
    return bool(before) and before[-1] not in ".!?:;"
