"""What document text looks like to an eye: one line, nothing hidden in it, nothing that acts.

Everything that a report shows passes through `shown`, whoever wrote it. It knows nothing of HTML or
Markdown: escaping for those is the business of `page` and `text`.
"""

import re
from collections.abc import Iterable
from datetime import datetime

LIMIT = 4_000
"""Characters shown of one text. A text without sentence ends would otherwise fill the report."""

# Controls (white space apart), what changes the direction of writing, what cannot be seen, and what
# no file can hold. Joiners and soft hyphens stay: words of many languages are written with them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
# White space that breaks a line for some and not for others. Lines of a file end in a line feed alone.
_OTHER_ENDS = re.compile("[\x0b\x0c\r\x85\u2028\u2029]")
_RUN = 4
_SPACE = re.compile(r"\s+")
_BROKEN = re.compile(r"(?<=[^\W_])([-\u00ad])[ \t]*\r?\n\s*(?=[^\W_])")


def visible(text: str) -> str:
    """The text with every hidden character written out, as `⟨U+202E⟩`."""
    return _HIDDEN.sub(lambda match: _written_out(match[0]), text)


def spaced(text: str) -> str:
    """As `shown`, but white space at the ends is kept, as one blank: for text in pieces."""
    # A word broken at the end of a line keeps its hyphen: whether it belongs to the word is not
    # ours to guess in words that are quoted.
    return _SPACE.sub(" ", _BROKEN.sub(r"\1", visible(text)))


def coded(text: str) -> str:
    """The text as code: line feeds, tabs and blanks kept, other breaks of a line and hidden characters written out."""
    return _OTHER_ENDS.sub(lambda match: _written_out(match[0]), visible(text.replace("\r\n", "\n")))


def shown(text: str) -> str:
    """The text on one line, hidden characters written out, the middle left out past `LIMIT`."""
    return cut(spaced(text).strip())


def cut(text: str) -> str:
    """The text without its middle if it is longer than `LIMIT`, saying how much is left out."""
    if len(text) <= LIMIT:
        return text
    half = LIMIT // 2
    return f"{text[:half]} [… {len(text) - 2 * half:,} characters left out …] {text[-half:]}"


def moment(written: str) -> str:
    """`14 March 2027, 10:22 UTC` of an ISO time; anything else as it is written."""
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        return shown(written)
    zone = f" {time.tzname()}" if time.tzinfo else ""
    return f"{time.day} {time:%B %Y, %H:%M}{zone}"


def titled(name: str) -> str:
    """A name of code as words: `due_date` becomes `Due date`."""
    words = shown(name.replace("_", " "))
    return words[:1].upper() + words[1:]


def counted(count: int, one: str, many: str = "") -> str:
    """`1 page`, `2,000 pages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def ranges(numbers: Iterable[int]) -> str:
    """`1-3, 7` of 1, 2, 3, 7."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _written_out(characters: str) -> str:
    if len(characters) > _RUN:
        return f"⟨U+{ord(characters[0]):04X} and {len(characters) - 1} more hidden characters⟩"
    return "".join(f"⟨U+{ord(character):04X}⟩" for character in characters)
