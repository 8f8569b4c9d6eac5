"""Words, lists, tables and code as CommonMark that says just what they say, in any of the usual dialects."""

import re
from collections.abc import Iterable, Sequence

# Older dialects know no backslash before these, so they become entities.
_ENTITIES = str.maketrans({"<": "&lt;", ">": "&gt;"})
_ENTITY = re.compile(r"&(?=#|[A-Za-z]\w*;)", re.ASCII)
_MARKUP = re.compile(r"[\\`*_\[\]{}~$#|^=]")
_STARTS_BLOCK = re.compile(r"^(?:[-+:]|\d{1,9}(?=[.)](?:\s|$)))")
_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
# A word joiner cannot be seen and ends what would become a mail address or the name of a user. A
# backslash does not: addresses are looked for after it is gone.
_JOINER = "\u2060"
_TICKS = re.compile("`+")
_NO_NAME = re.compile(r"[^a-z0-9+#]+")


def escape(text: str) -> str:
    """The text, already on one line, as Markdown that says just that."""
    text = _ENTITY.sub("&amp;", text).translate(_ENTITIES)
    text = _MARKUP.sub(r"\\\g<0>", text)
    # Links before what starts a block: a colon that does both must be escaped once.
    text = _LINK.sub(r"\\\g<0>", text)
    text = _STARTS_BLOCK.sub(lambda match: _before_last(match[0]), text)
    return text.replace("@", "@&NoBreak;")


def _before_last(start: str) -> str:
    """`\\-` of `-`; of the number of a list its full stop, which follows, is escaped: `3\\`."""
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def bold(text: str) -> str:
    # Stars beside punctuation or a blank do not always open and close; beside a joiner they do.
    first = "" if text[0].isalnum() else _JOINER
    last = "" if text[-1].isalnum() else _JOINER
    return f"**{first}{escape(text)}{last}**"


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def fenced(code: str, language: str = "") -> str:
    """Lines of code, as they are. The fence is longer than any in them, so that nothing in them closes it."""
    fence = "`" * max(3, _longer(code))
    return f"{fence}{_NO_NAME.sub('', language.lower())}\n{code}\n{fence}"


def spanned(code: str) -> str:
    """A line of code within a line. Like a fence, what stands around it is longer than any of its kind in it."""
    ticks = "`" * _longer(code)
    # One blank at each end belongs to the signs: code that begins or ends with their like needs it.
    return f"{ticks} {code} {ticks}"


def _longer(code: str) -> int:
    return 1 + max(map(len, _TICKS.findall(code)), default=0)
