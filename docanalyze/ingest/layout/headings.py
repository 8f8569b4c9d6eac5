"""Which rows are headings, and of what level: the file's own outline first, then type, weight and numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from docanalyze.ingest.clauses import Mark, mark_of
from docanalyze.ingest.layout.lines import Entry, Row

_LEAST_SCORE = 2.0
_LARGER = 1.07
_LONGEST = 140
CAPTION = re.compile(
    r"(?:fig(?:ure|\.)|table|tab\.|algorithm|listing|scheme|chart|box)\s{0,3}(?:\d[\d.]*|[IVX]{1,4}|[A-Z]\d*)\b",
    re.IGNORECASE,
)
SECTION_WORD = re.compile(
    r"(?:abstract|introduction|background|recitals?|definitions|preamble|conclusions?|references|bibliography|summary|"
    r"acknowledge?ments?|contents|table of contents|witnesseth|discussion|results|methods?|related work|appendix):?",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_].*?[^\W\d_]", re.DOTALL)
_LEADER = re.compile(r"(?:\.\s?){5,}\s*\d{1,4}$")
_CJK_TITLE = re.compile(r"第[〇零一二三四五六七八九十百\d]+[章节節条條编編部]")


@dataclass(frozen=True, slots=True)
class Style:
    """What is ordinary in a document: the body's type size, and how much of it is bold."""

    size: float
    bold_share: float


def style_of(rows: Sequence[Row]) -> Style:
    """The commonest type size by characters, and the share of bold ones."""
    sizes: Counter[float] = Counter()
    bold = total = 0
    for row in rows:
        for line in row.lines:
            length = len(line.text)
            sizes[round(line.size * 2) / 2] += length
            bold += length * line.bold
            total += length
    return Style(sizes.most_common(1)[0][0] if sizes else 10.0, bold / total if total else 0.0)


@dataclass(frozen=True, slots=True)
class Outline:
    """Levels by page and title; a title may stand over several rows."""

    levels: dict[tuple[int, str], int] = field(default_factory=dict)
    starts: frozenset[tuple[int, str]] = frozenset()

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Outline":
        levels = {(entry.page, comparable(entry.title)): entry.level for entry in entries}
        starts = frozenset((page, title[:12]) for page, title in levels)
        return cls(levels, starts)

    def level(self, page: int, text: str) -> int:
        """The level of a title on its page; 0 if the outline does not have it. A number before it may differ."""
        if not self.levels:
            return 0
        title = comparable(text)
        found = self.levels.get((page, title))
        if found is None and title[:1].isdigit():
            found = self.levels.get((page, title.lstrip("0123456789")))
        return found or 0

    def begins(self, page: int, text: str) -> bool:
        """Whether a row may be the first of a title that goes on in the next."""
        if not self.starts:
            return False
        title = comparable(text)
        if (page, title[:12]) not in self.starts:
            return False
        return any(at == page and known.startswith(title) for at, known in self.levels)

    def goes_on(self, page: int, text: str, more: str) -> bool:
        """Whether two rows are a title of the outline, or the beginning of one, together."""
        title = comparable(f"{text} {more}")
        return any(at == page and known.startswith(title) for at, known in self.levels)


def is_listed(text: str) -> bool:
    """Whether a row ends with dots and a page number, as in a table of contents."""
    return text[-1:].isdigit() and _LEADER.search(text, max(0, len(text) - 200)) is not None


def comparable(title: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", title).lower()


def score(row: Row, before: Row | None, style: Style, *, few: bool) -> float:
    """How much speaks for a heading: type size, weight, number, words, capitals, room above."""
    text = row.text
    if not 2 < len(text) <= _LONGEST or not row.level:
        return 2.0 if _CJK_TITLE.match(text) and len(text) < 40 else 0.0
    mark = mark_of(text)
    plain = mark is None and not row.bold and row.size < _LARGER * style.size and not text.isupper()
    if plain and not SECTION_WORD.fullmatch(text):
        # Nothing of a heading about it: most rows end here.
        return 0.0
    if not _LETTERS.search(text) or is_listed(text):
        return 0.0
    found = _size_score(row, style)
    found += row.bold * (1.3 if style.bold_share < 0.3 else 0.3)
    found += 0.8 if mark and mark.style in ("decimal", "article", "schedule") else 0.0
    found += 1.6 if SECTION_WORD.fullmatch(text) else 0.0
    found += 0.9 if text.isupper() and len(text) > 4 and len(text.split()) <= 10 else 0.0
    found += 0.9 if mark and mark.style in ("article", "schedule") else 0.0
    if text[-1] in ",;" or (text[-1] == "." and not text.isupper() and not row.bold):
        found -= 1.2
    if CAPTION.match(text):
        found -= 2.5
    if text[0].islower() or text[0] in '(“"':
        found -= 1.5
    if before is not None and before.page == row.page and row.seen[1] - before.seen[3] > 0.5 * row.size:
        found += 0.5
    return found + (0.4 if few else 0.0)


def is_heading(row: Row, before: Row | None, style: Style, *, few: bool) -> bool:
    """Whether enough speaks for it."""
    return score(row, before, style, few=few) >= _LEAST_SCORE


def _size_score(row: Row, style: Style) -> float:
    ratio = row.size / style.size
    if ratio >= 1.3:
        return 2.0
    if ratio >= 1.15:
        return 1.6
    if ratio >= _LARGER:
        return 0.8
    if ratio < 0.88:
        return -0.7 if row.bold or row.text.isupper() else -2.0
    return 0.0


class Levels:
    """Levels of headings: as the outline has them, by number, else by the rank of their type among headings."""

    def __init__(self, style: Style, outline: Outline, headings: Sequence[tuple[Row, str]]) -> None:
        self.style, self.outline = style, outline
        known: dict[tuple[float, bool], Counter[int]] = {}
        for row, text in headings:
            level = self._known(row.page, text, mark_of(text))
            if level:
                known.setdefault(_type(row), Counter())[level] += 1
        self.by_type = {kind: levels.most_common(1)[0][0] for kind, levels in known.items()}

    def _known(self, page: int, text: str, mark: Mark | None) -> int:
        return self.outline.level(page, text) or (mark.depth if mark is not None else 0)

    def of(self, row: Row, text: str) -> int:
        """1 for the highest."""
        found = self._known(row.page, text, mark_of(text))
        if found:
            return found
        if _type(row) in self.by_type and row.size <= 1.6 * self.style.size:
            return self.by_type[_type(row)]
        return 1 if row.size >= 1.15 * self.style.size else 2


def _type(row: Row) -> tuple[float, bool]:
    return round(row.size * 2) / 2, row.bold
