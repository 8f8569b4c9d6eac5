"""Markdown, as ranges of its lines: what a renderer would set apart becomes a Segment of its role.

The words stay as they are written, signs of mark-up included. Tables have the head that their
delimiter row says; a comment that stands alone is hidden text, for a renderer shows none of it.
"""

import re
from collections.abc import Sequence

from docanalyze.ingest.clauses import is_bullet, mark_of
from docanalyze.ingest.lines import Group, Line, typed
from docanalyze.model import Role

COMMENT = "comment"
"""Why words are hidden that stand in a comment: the note of their Segment."""
_FENCE = re.compile(r"\s*(?P<fence>`{3,}|~{3,})(?P<rest>.*)")
_HASHES = re.compile(r"\s{0,3}(?P<hashes>#{1,6})\s+\S")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{2,})\s*")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:_\s*){3,}|(?:-\s*){3,})")
_DELIMITER = re.compile(r"\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+\S")
_QUOTE = re.compile(r"\s{0,3}>")
_FOOTNOTE = re.compile(r"\s{0,3}\[\^[^\]\s]{1,80}\]:")
_CODE = re.compile(r"(?: {4}|\t)\s*\S")
_KEY = re.compile(r"(?P<name>[A-Za-z][\w -]{0,40}?)\s*:\s+(?P<value>\S.*)")
_GROUP = 30
_LONGEST_MATTER = 200
_MOST_FACTS, _LONGEST_FACT = 30, 500


def groups(lines: Sequence[Line]) -> list[Group]:
    """The lines of a Markdown file in groups, one for each Segment."""
    matter = _matter(lines)
    reading = _Markdown(lines)
    if matter:
        reading.groups.append(Group(Role.FURNITURE, 0, list(lines[:matter]), "front matter"))
    reading.read(matter)
    return reading.groups


def facts(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """What the front matter says of the document, as far as it is names and plain values."""
    found = []
    for line in lines[1 : max(_matter(lines) - 1, 1)]:
        match = _KEY.fullmatch(line.text.rstrip())
        value = match["value"].strip("\"'") if match else ""
        if match and value[:1] not in ("[", "{", "|", ">", "&", "*"):
            found.append((match["name"].lower(), value[:_LONGEST_FACT]))
    return found[:_MOST_FACTS]


def _matter(lines: Sequence[Line]) -> int:
    """How many lines at the start are front matter."""
    if not lines or lines[0].text.rstrip() != "---":
        return 0
    for n, line in enumerate(lines[1:_LONGEST_MATTER], 2):
        if line.text.rstrip() in ("---", "..."):
            return n if any(_KEY.match(inner.text) for inner in lines[1 : n - 1]) else 0
        if not line.words:
            return 0
    return 0


class _Markdown:
    """Groups lines one after the other. What is open is in `current`, with its role if that is decided."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.groups: list[Group] = []
        self.current: list[Line] = []
        self.role: Role | None = None
        self.in_list = False
        self.in_note = False
        # Where headings are marked, a figure before a line makes it an item, not a clause's heading.
        self.marked = any(_HASHES.match(line.text) for line in lines)

    def read(self, at: int) -> None:
        while at < len(self.lines):
            at = self._take(at)
        self.close()

    def _take(self, at: int) -> int:
        """Takes the line, or all of a block that begins with it; the number of the next."""
        line = self.lines[at]
        for block in (self._fenced, self._table, self._comment):
            after = block(at)
            if after > at:
                return after
        if not line.words:
            self.close()
        elif match := _HASHES.match(line.text):
            self._alone(line, Role.HEADING, len(match["hashes"]))
        elif self._is_underlined(line):
            self.current.append(line)
            self.role = Role.HEADING
            self.close(level=1 if "=" in line.text else 2)
        else:
            self._running(line)
        return at + 1

    def _is_underlined(self, line: Line) -> bool:
        plain = self.role in (None, Role.PARAGRAPH) and len(self.current) == 1
        return plain and _UNDERLINE.fullmatch(line.text.rstrip("\r\n")) is not None

    def _running(self, line: Line) -> None:
        """A line of a paragraph, an item, a quotation, a footnote or of indented code."""
        indented = line.text[:1] in (" ", "\t")
        if _FOOTNOTE.match(line.text):
            self._begin(Role.FOOTNOTE)
            self.in_note = True
        elif not self.current and not indented:
            self.in_list = self.in_note = False
        if not self.current and self.in_note:
            self.role = Role.FOOTNOTE
        elif _CODE.match(line.text) and not self.current and not self.in_list:
            self.role = Role.CODE
        elif self.role is Role.CODE and not _CODE.match(line.text):
            self.close()
        self._part(line)
        self.current.append(line)

    def _part(self, line: Line) -> None:
        """Closes what is open where the line begins something of its own."""
        if self.role is Role.CODE or (self.current and self.current[-1] is line):
            return
        quoted = bool(_QUOTE.match(line.text))
        if self.current and quoted != bool(_QUOTE.match(self.current[-1].text)) and quoted:
            self.close()
        if _ITEM.match(line.text) and not _RULE.fullmatch(line.text.rstrip()):
            self._begin(Role.LIST_ITEM if self.marked or is_bullet(line.words) or line.words[0] == "+" else None)
            self.in_list = True
        elif is_bullet(line.words) or mark_of(line.words):
            self._begin(None if self.role is not Role.FOOTNOTE else self.role)
        if quoted and self.role is None:
            self.role = Role.PARAGRAPH

    def _begin(self, role: Role | None) -> None:
        self.close()
        self.role = role

    def close(self, level: int = 0) -> None:
        """Ends what is open."""
        body = [line for line in self.current if line.words]
        if body:
            first, last = self.current.index(body[0]), len(self.current) - self.current[::-1].index(body[-1])
            kept = self.current[first:last]
            self.groups.append(Group(self.role, level, kept) if self.role else typed(kept))
        self.current, self.role = [], None

    def _alone(self, line: Line, role: Role, level: int) -> None:
        self.close()
        self.groups.append(Group(role, level, [line]))
        self.in_list = self.in_note = False

    # -- blocks that are taken whole ---------------------------------------------------------------

    def _fenced(self, at: int) -> int:
        """Code between fences; without the second one, to the end."""
        match = _FENCE.match(self.lines[at].text)
        indent = len(self.lines[at].text) - len(self.lines[at].text.lstrip())
        if match is None or (indent > 3 and not self.in_list) or ("`" in match["fence"] and "`" in match["rest"]):
            return at
        self.close()
        end = at + 1
        while end < len(self.lines):
            closing = self.lines[end].words
            end += 1
            if closing.startswith(match["fence"]) and not closing.strip(match["fence"][0]):
                break
        kept = list(self.lines[at:end])
        while not kept[-1].words:
            kept.pop()
        self.groups.append(Group(Role.CODE, 0, kept))
        return end

    def _table(self, at: int) -> int:
        """A table: its header row, the delimiter row that makes it one, and rows to the next empty line."""
        if self.role not in (None, Role.PARAGRAPH) or at + 1 >= len(self.lines):
            return at
        header, delimiter = self.lines[at].words, self.lines[at + 1].words
        if "|" not in header or "|" not in delimiter or not _DELIMITER.fullmatch(delimiter):
            return at
        if _cells(header) != _cells(delimiter):
            return at
        self.close()
        end = at + 2
        while end < len(self.lines) and self.lines[end].words and not _HASHES.match(self.lines[end].text):
            end += 1
        for start in range(at, end, _GROUP):
            rows = list(self.lines[start : min(start + _GROUP, end)])
            self.groups.append(Group(Role.TABLE, 0, rows, head=2 if start == at else 0, goes_on=start > at))
        return end

    def _comment(self, at: int) -> int:
        """A comment that stands alone."""
        if not self.lines[at].words.startswith("<!--"):
            return at
        for end in range(at, len(self.lines)):
            words = self.lines[end].words
            place = words.find("-->", 4 if end == at else 0)
            if place >= 0:
                if place + 3 < len(words):
                    return at
                self.close()
                self.groups.append(Group(Role.HIDDEN, 0, list(self.lines[at : end + 1]), COMMENT))
                return end + 1
        return at


def _cells(row: str) -> int:
    return row.replace("\\|", "").strip().strip("|").count("|") + 1
