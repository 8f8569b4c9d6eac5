"""Characters that are not seen: they could tell a model what no reader of the page is told.

Characters that turn the direction of writing make a text look other than it is; tag characters spell
words that nobody sees. Both are taken out. Zero-width characters stay: matching passes over them.
"""

import re
from typing import NamedTuple

from docanalyze.model import Note

TAGS = "tag characters"
"""Why words are hidden that were spelled in them: the note of their Segment."""
_TURNING = "\u202a-\u202e\u2066-\u2069"
# The flag of a part of a country is a black flag, its code in tag characters, and one that ends it.
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_TAKEN = re.compile(f"(?P<flag>{_FLAG})|(?P<tags>[\U000e0000-\U000e007f]+)|(?P<turn>[{_TURNING}]+)")
_ANY = re.compile(f"[{_TURNING}\U000e0000-\U000e007f]")
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
_TAG_BLOCK = 0xE0000
_MANY_ZERO_WIDTH = 20


class Taken(NamedTuple):
    """A run of them: where it stood in the text without them, the characters, and what tag characters spell."""

    at: int
    characters: str
    spelled: str = ""


class Cleaned(NamedTuple):
    """A text without them: what runs of tag characters spell, how many turned the direction, where all stood."""

    text: str
    spelled: tuple[str, ...] = ()
    turned: int = 0
    taken: tuple[Taken, ...] = ()


def clean(text: str) -> Cleaned:
    """The text without characters that turn it and without tag characters; flags stay whole."""
    if not _ANY.search(text):
        return Cleaned(text)
    kept: list[str] = []
    spelled: list[str] = []
    taken: list[Taken] = []
    turned = at = length = 0
    for match in _TAKEN.finditer(text):
        if match.lastgroup == "flag":
            continue
        kept.append(text[at : match.start()])
        length += match.start() - at
        at = match.end()
        words = ""
        if match.lastgroup == "turn":
            turned += len(match[0])
        elif words := _spelled(match[0]):
            spelled.append(words)
        taken.append(Taken(length, match[0], words))
    kept.append(text[at:])
    return Cleaned("".join(kept), tuple(spelled), turned, tuple(taken))


def _spelled(tags: str) -> str:
    letters = (chr(ord(tag) - _TAG_BLOCK) for tag in tags)
    return "".join(letter for letter in letters if letter.isprintable()).strip()


class Sweeper:
    """Cleans the texts of one document one after the other, and keeps account."""

    def __init__(self) -> None:
        self.spelled: list[str] = []
        self.taken: list[Taken] = []
        self.turned = 0
        self.zero_width = 0

    def clean(self, text: str, at: int = 0) -> str:
        """The text without them; `at` is where it will stand, for whoever asks where they stood."""
        if text.isascii():
            return text
        cleaned = clean(text)
        self.taken += [one._replace(at=at + one.at) for one in cleaned.taken]
        self.spelled += cleaned.spelled
        self.turned += cleaned.turned
        self.zero_width += len(_ZERO_WIDTH.findall(cleaned.text))
        return cleaned.text

    def notes(self) -> list[Note]:
        """What a user must know of it."""
        notes = []
        if self.turned:
            notes.append(Note("bidi", f"{self.turned:,} characters that turn the direction of text were taken out"))
        if self.spelled:
            notes.append(Note("tags", f"{len(self.spelled):,} runs of tag characters spell what is not seen"))
        if self.zero_width > _MANY_ZERO_WIDTH:
            notes.append(Note("zero width", f"{self.zero_width:,} characters have no width: matching passes over them"))
        return notes
