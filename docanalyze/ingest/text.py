"""Plain text and Markdown: decoded once, never changed, cut into Segments by lines.

Runs in the reading process. `Document.text` is the decoded file as it is, line ends included; a NUL
alone is replaced, because neither a database nor a terminal keeps it.
"""

import codecs
import re
from dataclasses import dataclass

from docanalyze.ingest.clauses import Mark, Numbering, is_bullet, mark_of
from docanalyze.model import Note, Role, Segment, Span

READER = "text"
VERSION = "1"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Unguided, the guess takes Latin-1 for Central European and Cyrillic for Japanese.
_GUESSED = ["cp1252", "shift_jis", "gb18030", "euc_kr", "koi8_r", "cp1251"]
_GUESS_BYTES = 200_000
_LEAST_WIDE = 8
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_HASHES = re.compile(r"\s{0,3}(?P<hashes>#{1,6})\s+\S")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{2,})\s*")
_LONG_LINE = 150
_LONGEST_HEADING = 90
_MOST_HEADING_WORDS = 12
_SHORT_SHARE = 0.7


def decode(data: bytes) -> tuple[str, list[Note]]:
    """The text of a file and what had to be guessed or replaced."""
    text, notes = _decode(data)
    zeros = text.count("\x00")
    if zeros:
        text = text.replace("\x00", "\ufffd")
        notes.append(Note("nul", f"{zeros:,} NUL characters are shown as \ufffd"))
    return text, notes


def _decode(data: bytes) -> tuple[str, list[Note]]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, errors="replace")
            return text, _replaced(text, encoding)
    if encoding := _wide(data):
        text = data.decode(encoding, errors="replace")
        return text, [
            Note("encoding", f"read as {encoding}, by where its NUL bytes stand"),
            *_replaced(text, encoding),
        ]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _guess(data)


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: NULs in every second byte."""
    head = data[:4096]
    if len(head) < _LEAST_WIDE:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 5 or min(even, odd) > max(even, odd) // 10:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guess(data: bytes) -> tuple[str, list[Note]]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESS_BYTES], cp_isolation=_GUESSED).best()
    encoding = best.encoding if best is not None else "cp1252"
    text = data.decode(encoding, errors="replace")
    return text, [
        Note("encoding", f"not UTF-8: read as {encoding}, which is a guess"),
        *_replaced(text, encoding),
    ]


def _replaced(text: str, encoding: str) -> list[Note]:
    lost = text.count("\ufffd")
    return [Note("encoding", f"{lost:,} places are no {encoding} and shown as \ufffd")] if lost else []


# -- segments --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    number: int

    @property
    def words(self) -> str:
        return self.text.strip()


def segments(text: str, *, markdown: bool) -> tuple[Segment, ...]:
    """Segments in order: they cover all but white space, and each begins with a line's first word."""
    lines = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        lines.append(_Line(match.start(), match[0], number))
    groups = _markdown_groups(lines) if markdown else _plain_groups(lines)
    numbering = Numbering()
    found: list[Segment] = []
    for role, level, group in groups:
        found.append(_segment(len(found) + 1, role, level, group, numbering))
    return tuple(found)


Group = tuple[Role, int, list[_Line]]


def _segment(number: int, role: Role, level: int, group: list[_Line], numbering: Numbering) -> Segment:
    first, last = group[0], group[-1]
    start = first.start + len(first.text) - len(first.text.lstrip())
    end = last.start + len(last.text.rstrip())
    opening = first.words.lstrip("# ") if role is Role.HEADING else first.words
    mark = mark_of(opening) if role is not Role.CODE else None
    clause = numbering.take(mark) if mark else ""
    if role is Role.HEADING and mark and level == 0:
        level = mark.depth
    return Segment(
        number,
        Span(start, end),
        role,
        max(level, 1) if role is Role.HEADING else 0,
        clause,
        line=first.number,
    )


def _plain_groups(lines: list[_Line]) -> list[Group]:
    groups: list[Group] = []
    for block in _blocks(lines):
        width = max(len(line.text) for line in block)
        current: list[_Line] = []
        for line in block:
            if current and _begins(current[-1], line, width):
                groups.append(_typed(current))
                current = []
            current.append(line)
        groups.append(_typed(current))
    return groups


def _blocks(lines: list[_Line]) -> list[list[_Line]]:
    """Runs of lines without a blank one between."""
    blocks: list[list[_Line]] = [[]]
    for line in lines:
        if line.words:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _begins(before: _Line, line: _Line, width: int) -> bool:
    """Whether a line begins a Segment although no blank line stands before it."""
    ended = before.words.endswith((".", ";", ":", "?", "!", "”", '"')) or is_heading(before.words)
    if is_bullet(line.words) or is_heading(line.words) or is_heading(before.words):
        return True
    mark = mark_of(line.words)
    if mark and (ended or mark.style in ("article", "schedule")):
        return True
    if len(before.text) > _LONG_LINE:
        return True
    return ended and len(before.text.rstrip()) < _SHORT_SHARE * width and line.words[:1].isupper()


def _typed(group: list[_Line]) -> Group:
    first = group[0].words
    if len(group) == 1 and is_heading(first):
        return Role.HEADING, 0, group
    mark = mark_of(first)
    if is_bullet(first) or (mark and mark.style in ("bracket", "letter")):
        return Role.LIST_ITEM, 0, group
    return Role.PARAGRAPH, 0, group


def is_heading(words: str) -> bool:
    """A short line that names what follows: numbered or in capitals, no sentence."""
    if not 2 < len(words) <= _LONGEST_HEADING or words.endswith((",", ";", "-")):
        return False
    mark = mark_of(words)
    rest = words[mark.end :].strip() if mark else words
    if not any(character.isalpha() for character in rest):
        return mark is not None and mark.style in ("article", "schedule")
    if len(rest.split()) > _MOST_HEADING_WORDS or "__" in rest:
        return False
    if rest.isupper() and len(rest) > 2:
        return not rest.endswith(":") or mark is not None
    return _is_numbered_title(mark, rest)


def _is_numbered_title(mark: Mark | None, rest: str) -> bool:
    if mark is None or mark.style in ("bracket", "letter"):
        return False
    if rest.rstrip(".").count(".") or rest.endswith(":"):
        return False
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", rest) if len(word) > 3]
    return bool(words) and all(word[0].isupper() for word in words)


class _Markdown:
    """Groups a Markdown file's lines: headings of both forms, fenced code whole, the rest as text."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.current: list[_Line] = []
        self.fenced = False

    def take(self, line: _Line) -> None:
        if _FENCE.match(line.text):
            self._fence(line)
        elif self.fenced:
            self.current.append(line)
        elif match := _HASHES.match(line.text):
            self.close()
            self.current.append(line)
            self.close(Role.HEADING, len(match["hashes"]))
        elif len(self.current) == 1 and _UNDERLINE.fullmatch(line.text.rstrip("\r\n")):
            self.current.append(line)
            self.close(Role.HEADING, 1 if "=" in line.text else 2)
        elif not line.words:
            self.close()
        else:
            if is_bullet(line.words) or mark_of(line.words):
                self.close()
            self.current.append(line)

    def close(self, role: Role | None = None, level: int = 0) -> None:
        body = _trimmed(self.current)
        if body:
            self.groups.append((role, level, body) if role else _typed(body))
        self.current = []

    def _fence(self, line: _Line) -> None:
        if not self.fenced:
            self.close()
        self.current.append(line)
        if self.fenced:
            self.close(Role.CODE)
        self.fenced = not self.fenced


def _markdown_groups(lines: list[_Line]) -> list[Group]:
    reading = _Markdown()
    for line in lines:
        reading.take(line)
    reading.close(Role.CODE if reading.fenced else None)
    return reading.groups


def _trimmed(lines: list[_Line]) -> list[_Line]:
    kept = list(lines)
    while kept and not kept[0].words:
        kept.pop(0)
    while kept and not kept[-1].words:
        kept.pop()
    return kept
