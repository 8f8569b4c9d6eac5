"""Sets samples/paper.txt as samples/paper.pdf, in two columns: the same bytes every time.

    python samples/make_paper.py [TARGET]

A paragraph is one line of paper.txt; `# …` and `## …` are headings, `- …` an item of a list, `[^1] …` a footnote,
and a line that begins with `@` says what kind of line it is. After `@float` come a caption and the rows of a table
(`| a | b`) or the bars of a chart (`= name | value`). Within a line, `*…*` is italic, `**…**` bold, `…` between
backquotes is code, `^…^` raised, `~…~` lowered and `[^1]` the mark of a footnote.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pymupdf
from paper_lines import TEXT, Line, Look, Piece, advance, break_lines, font, parts

HERE = Path(__file__).resolve().parent
PDF = HERE / "paper.pdf"

WIDTH, HEIGHT = 612.0, 792.0
TOP, BOTTOM = 76.0, 722.0
COLUMNS = ((54.0, 296.0), (316.0, 558.0))
LEFT, RIGHT = COLUMNS[0][0], COLUMNS[1][1]
HEAD, FOOT = 52.0, 752.0
BACKWARDS = 5
"""On this page the right column is written before the left, as some programs do it."""
DATE = "D:20250602090000Z"

NOTE = re.compile(r"\[\^(\d+)\]")


BODY = Look(first=12)
PLAIN = replace(BODY, first=0)
ABSTRACT = replace(PLAIN, size=9.5, leading=11.4, left=8, right=8)
ITEM = Look(left=13, before=2.5)
REFERENCE = Look(size=8.5, leading=10.0, left=18, before=2.4)
HEADINGS = {
    1: Look(size=12.0, leading=14.5, before=11, after=4, left=18, align="left", style="bold", keep=7),
    2: Look(size=10.5, leading=13, before=8, after=3, left=24, align="left", style="bold", keep=4),
}
UNNUMBERED = replace(HEADINGS[1], left=0, keep=4)
ABSTRACT_HEADING = replace(UNNUMBERED, before=0, align="centre")
TITLE = Look(size=17.0, leading=21, align="centre", style="bold", left=40, right=40)
AUTHORS = Look(size=11.5, leading=15, before=12, align="centre")
AFFILIATION = Look(size=9.5, leading=12.5, before=3, align="centre", style="italic")
CAPTION = Look(size=9.0, leading=10.8)
NOTES = Look(size=8.0, leading=9.4, left=0)
CELL = 9.0
ROW = 11.6


@dataclass(frozen=True)
class Mark:
    """Text at a place of a page; y is the baseline. Turned text runs upwards."""

    x: float
    y: float
    piece: Piece
    turned: bool = False


@dataclass
class Area:
    """A column, or what stands over both: its text, rules as (x0, y0, x1, y1, width) and bars as rectangles."""

    x0: float
    x1: float
    y: float
    bottom: float = BOTTOM
    marks: list[Mark] = field(default_factory=list)
    rules: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    bars: list[tuple[float, float, float, float]] = field(default_factory=list)
    notes: list[list[Line]] = field(default_factory=list)
    top: float = TOP

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    def put(self, line: Line, size: float, left: float = 0.0) -> None:
        """One line whose top is at y."""
        x, y = self.x0 + left + line.indent, self.y + size
        blank = Piece(" ", "regular", size)
        for number, word in enumerate(line.words):
            if number:
                # A real blank between words, so that copied text has it whatever the gap is.
                self.marks.append(Mark(x, y, blank))
                x += line.gap
            for piece in word:
                self.marks.append(Mark(x, y - piece.rise, piece))
                x += piece.width

    def rule(self, y: float, width: float, x0: float | None = None, x1: float | None = None) -> None:
        self.rules.append((self.x0 if x0 is None else x0, y, self.x1 if x1 is None else x1, y, width))

    def close(self) -> None:
        """The footnotes, below a short rule."""
        if not self.notes:
            return
        self.rule(self.bottom + 6, 0.4, x1=self.x0 + 72)
        self.y = self.bottom + 9
        for note in self.notes:
            for line in note:
                self.put(line, NOTES.size)
                self.y += NOTES.leading
        self.notes = []


@dataclass
class Sheet:
    """One page: what stands over both columns, and the columns."""

    wide: Area
    columns: tuple[Area, Area]

    def areas(self, number: int) -> list[Area]:
        """In the order in which they are written."""
        return [self.wide, *(reversed(self.columns) if number == BACKWARDS else self.columns)]


Float = Callable[[Area], None]


@dataclass
class Setter:
    """Fills columns from top to bottom; tables and figures wait for the next column or page."""

    notes: dict[str, str]
    bottoms: dict[int, float] = field(default_factory=dict)
    """Where the columns of a page end, if not at the foot."""
    sheets: list[Sheet] = field(default_factory=list)
    headings: list[tuple[int, str, int, float]] = field(default_factory=list)
    side: int = 1
    narrow: list[Float] = field(default_factory=list)
    wide: list[Float] = field(default_factory=list)

    @property
    def area(self) -> Area:
        return self.sheets[-1].columns[self.side]

    def page(self, over: Sequence[Float] = ()) -> None:
        """A new page, with what is to stand over both columns."""
        wide = Area(LEFT, RIGHT, TOP)
        for paint in [*over, *self.wide]:
            paint(wide)
        self.wide = []
        bottom = self.bottoms.get(len(self.sheets) + 1, BOTTOM)
        left, right = (Area(x0, x1, wide.y, bottom, top=wide.y) for x0, x1 in COLUMNS)
        self.sheets.append(Sheet(wide, (left, right)))
        self.side = 0

    def column(self) -> None:
        self.area.close()
        if self.side:
            self.page()
        else:
            self.side = 1
        waiting, self.narrow = self.narrow, []
        for paint in waiting:
            paint(self.area)
            self.area.top = self.area.y

    def paragraph(self, text: str, look: Look, label: str = "") -> None:
        """Never a lone line at either end of a column; a label hangs in the indent."""
        lines = break_lines(parts(text, look.style, look.size), look, self.area.width)
        if self.area.y > self.area.top:
            self.area.y += look.before
        self._room(look.keep * look.leading if len(lines) > 1 or look.keep > 2 else look.leading)
        for number, line in enumerate(lines):
            called = [self._note(mark) for mark in line.notes]
            height = sum(len(note) for note in called) * NOTES.leading + (10 if called and not self.area.notes else 0)
            pair = 2 if number and number == len(lines) - 2 else 1
            self._room(look.leading * pair + height)
            self.area.notes += called
            self.area.bottom -= height
            if label and not number:
                self.area.put(Line([(Piece(label, look.style, look.size),)], 0, 0), look.size)
            self.area.put(line, look.size, look.left)
            self.area.y += look.leading
        self.area.y += look.after

    def heading(self, level: int, text: str) -> None:
        number, _, title = text.partition(" ")
        numbered = number[0].isdigit()
        self.paragraph(title if numbered else text, HEADINGS[level] if numbered else UNNUMBERED, number * numbered)
        self.headings.append((level, text, len(self.sheets), self.area.y - 18))

    def equation(self, text: str) -> None:
        formula, number = text.split(" | ")
        [line] = break_lines(parts(formula, "regular", 10.5), replace(BODY, size=10.5, align="centre"), 242)
        self.area.y += 5
        self._room(14)
        self.area.put(replace(line, indent=line.indent - 12), 10.5)
        mark = Piece(number, "regular", 10)
        self.area.put(Line([(mark,)], 0, self.area.width - mark.width), 10.5)
        self.area.y += 19

    def _note(self, mark: str) -> list[Line]:
        return break_lines(parts(f"^{mark}^{self.notes[mark]}", "regular", NOTES.size), NOTES, COLUMNS[0][1] - LEFT)

    def _room(self, height: float) -> None:
        if self.area.y + height > self.area.bottom + 0.1:
            self.column()


# -- the text --------------------------------------------------------------------------------------


def balanced(text: str) -> Setter:
    """As typeset, with the columns of the last page as short as they can be."""
    setter = typeset(text, {})
    last, low, high = len(setter.sheets), TOP, BOTTOM
    while high - low > REFERENCE.leading / 2:
        middle = (low + high) / 2
        tried = typeset(text, {last: middle})
        if len(tried.sheets) == last:
            setter, high = tried, middle
        else:
            low = middle
    return setter


def typeset(text: str, bottoms: dict[int, float]) -> Setter:
    lines = text.splitlines()
    notes = {mark[1]: line[mark.end() :].strip() for line in lines if (mark := NOTE.match(line))}
    setter = Setter(notes, bottoms)
    front: list[Float] = []
    look = PLAIN
    for block in text.split("\n\n"):
        for line in [block] if block.startswith("@float") else block.splitlines():
            look = _set_line(setter, line, look, front)
    setter.area.close()
    return setter


def _set_line(setter: Setter, line: str, look: Look, front: list[Float]) -> Look:
    """Sets one line and says how the next paragraph is set."""
    kind, _, rest = line.partition(" ")
    if kind in ("@title", "@authors", "@affiliation"):
        front.append(_front(rest, {"@title": TITLE, "@authors": AUTHORS, "@affiliation": AFFILIATION}[kind]))
    elif kind == "@abstract":
        setter.page([*front, _space(20)])
        setter.paragraph(rest, ABSTRACT_HEADING)
        return ABSTRACT
    elif kind.startswith("@float"):
        (setter.wide if line.startswith("@float wide") else setter.narrow).append(_float(line.splitlines()[1:]))
        return look
    elif kind == "@equation":
        setter.equation(rest)
    elif kind in ("#", "##"):
        setter.heading(len(kind), rest)
    elif kind == "-":
        setter.paragraph(rest, ITEM, "•")
        return replace(PLAIN, before=4)
    elif kind == "@ref":
        number, _, rest = rest.partition(" ")
        setter.paragraph(rest, REFERENCE, number)
    elif not kind.startswith("@") and not NOTE.match(line):
        setter.paragraph(line, look)
        return BODY
    elif NOTE.match(line):
        return look
    return PLAIN


def _front(text: str, look: Look) -> Float:
    def paint(area: Area) -> None:
        area.y += look.before
        for row in text.split(" | "):
            for line in break_lines(parts(row, look.style, look.size), look, area.width):
                area.put(line, look.size, look.left)
                area.y += look.leading

    return paint


def _space(height: float) -> Float:
    def paint(area: Area) -> None:
        area.y += height

    return paint


# -- tables and figures ----------------------------------------------------------------------------


def _float(lines: list[str]) -> Float:
    """A table below its caption, or a chart above it."""
    caption = next(line.removeprefix("@caption ") for line in lines if line.startswith("@caption"))
    rows = [[cell.strip() for cell in line[1:].split("|")] for line in lines if line[0] in "|="]
    axes = next((line.removeprefix("@bars ").split(" | ") for line in lines if line.startswith("@bars")), None)

    def paint(area: Area) -> None:
        if axes:
            _chart(area, axes, [(name, float(value)) for name, value in rows])
        _caption(area, caption)
        if not axes:
            _table(area, rows)
        area.y += 14

    return paint


def _caption(area: Area, text: str) -> None:
    lines = break_lines(parts(text, "regular", CAPTION.size), CAPTION, area.width)
    for line in lines:
        middle = (area.width - sum(p.width for word in line.words for p in word) - line.gap * (len(line.words) - 1)) / 2
        area.put(replace(line, indent=middle) if len(lines) == 1 else line, CAPTION.size)
        area.y += CAPTION.leading


def _table(area: Area, rows: list[list[str]]) -> None:
    """Rules above and below the head and at the end; words to the left, figures to the right."""
    heads = [cell.split("\\") for cell in rows[0]]
    styled = [[Piece(cell, "regular", CELL) for cell in row] for row in rows[1:]]
    deep = max(map(len, heads))
    widths = [
        max([advance(part, "bold") * CELL for part in head] + [row[number].width for row in styled])
        for number, head in enumerate(heads)
    ]
    gap = (area.width - 8 - sum(widths)) / (len(widths) - 1)
    edges = [4.0, *accumulate((width + gap for width in widths), initial=4.0)][1:]
    # A column is of figures if its last cells are: there the first two rows decide.
    right = [
        all(row[number].text[0].isdigit() and "K" not in row[number].text for row in styled[:2])
        for number in range(len(widths))
    ]
    area.y += 4
    area.rule(area.y, 0.8)
    area.y += 3
    for level in range(deep):
        cells = [
            Piece(head[level - deep + len(head)] if level >= deep - len(head) else "", "bold", CELL) for head in heads
        ]
        _row(area, cells, edges, widths, right)
    area.rule(area.y + 1.5, 0.5)
    area.y += 4
    for row in styled:
        _row(area, row, edges, widths, right)
    area.rule(area.y + 1.5, 0.8)
    area.y += 4


def _row(area: Area, cells: list[Piece], edges: list[float], widths: list[float], right: list[bool]) -> None:
    for cell, edge, width, is_right in zip(cells, edges, widths, right, strict=False):
        if cell.text:
            words: list[tuple[Piece, ...]] = [(replace(cell, text=word),) for word in cell.text.split()]
            blank = Piece(" ", "regular", CELL).width
            used = sum(word[0].width for word in words) + blank * (len(words) - 1)
            area.put(Line(words, blank, edge + (width - used if is_right else 0)), CELL)
    area.y += ROW


def _chart(area: Area, axes: list[str], bars: list[tuple[str, float]], high: float = 80, height: float = 128) -> None:
    """Bars over a horizontal axis, with ticks at the left and the value above each bar."""
    area.y += 8
    x0, x1, y0 = area.x0 + 36, area.x1 - 6, area.y + height
    area.rules += [(x0, area.y, x0, y0, 0.6), (x0, y0, x1, y0, 0.6)]
    turned = Piece(axes[0], "regular", 8)
    area.marks.append(Mark(area.x0 + 9, y0 - (height - turned.width) / 2, turned, turned=True))
    for tick in range(0, int(high) + 1, 20):
        y = y0 - tick / high * height
        area.rules.append((x0 - 3, y, x0, y, 0.6))
        label = Piece(str(tick), "regular", 8)
        area.marks.append(Mark(x0 - 6 - label.width, y + 2.6, label))
    step = (x1 - x0) / len(bars)
    for number, (name, value) in enumerate(bars):
        middle = x0 + (number + 0.5) * step
        y = y0 - value / high * height
        area.bars.append((middle - step * 0.3, y, middle + step * 0.3, y0))
        for text, base in ((f"{value:g}", y - 3), (name, y0 + 10)):
            piece = Piece(text, "regular", 8)
            area.marks.append(Mark(middle - piece.width / 2, base, piece))
    label = Piece(axes[1], "regular", 8)
    area.marks.append(Mark((x0 + x1 - label.width) / 2, y0 + 22, label))
    area.y = y0 + 31


# -- the file --------------------------------------------------------------------------------------


def main(target: Path = PDF) -> int:
    target.write_bytes(build())
    with pymupdf.open(target) as document:
        print(f"{target.name}: {document.page_count} pages, {target.stat().st_size:,} bytes")
    return 0


def build() -> bytes:
    """The PDF file of paper.txt."""
    text = TEXT.read_text(encoding="utf-8").partition("\n")[2]
    [head, title] = text.splitlines()[:2]
    setter = balanced(text)
    with pymupdf.open() as document:
        for number, sheet in enumerate(setter.sheets, start=1):
            page = document.new_page(width=WIDTH, height=HEIGHT)
            _furniture(page, number, head.partition(" ")[2].split(" | "))
            for area in sheet.areas(number):
                _write(page, area)
        document.set_toc([[level, name, page, max(0, y)] for level, name, page, y in setter.headings])
        document.subset_fonts(fallback=False)
        document.set_metadata(
            {
                "title": title.partition(" ")[2],
                "author": "Maren Oskarsdal, Tobiah Wendelin, Ines Quarrington",
                "subject": "A sample of docanalyze",
                "keywords": "key-value cache, quantization, long context, llama.cpp",
                "creator": "samples/make_paper.py",
                "producer": "PyMuPDF",
                "creationDate": DATE,
                "modDate": DATE,
            }
        )
        return bytes(document.tobytes(garbage=3, deflate=True, no_new_id=True, reproducible=True))


def _write(page: Any, area: Area) -> None:
    writer = pymupdf.TextWriter(page.rect)
    for mark in area.marks:
        if not mark.turned:
            writer.append((mark.x, mark.y), mark.piece.text, font(mark.piece.style), mark.piece.size)
    if area.marks:
        writer.write_text(page)
    for mark in area.marks:
        if mark.turned:
            turned = pymupdf.TextWriter(page.rect)
            at = pymupdf.Point(mark.x, mark.y)
            turned.append(at, mark.piece.text, font(mark.piece.style), mark.piece.size)
            turned.write_text(page, morph=(at, pymupdf.Matrix(90)))
    for x0, y0, x1, y1, width in area.rules:
        page.draw_line((x0, y0), (x1, y1), width=width)
    for x0, y0, x1, y1 in area.bars:
        page.draw_rect((x0, y0, x1, y1), color=(0.2, 0.2, 0.2), fill=(0.55, 0.6, 0.68), width=0.5)


def _furniture(page: Any, number: int, head: list[str]) -> None:
    """The running head, from the second page on, and the page number."""
    writer = pymupdf.TextWriter(page.rect)
    marks = [(str(number), FOOT, 0.5)]
    if number > 1:
        marks += [(head[0], HEAD, 0.0), (head[1], HEAD, 1.0)]
        page.draw_line((LEFT, HEAD + 5), (RIGHT, HEAD + 5), width=0.4)
    for text, y, share in marks:
        piece = Piece(text, "italic" if y == HEAD else "regular", 9)
        writer.append((LEFT + share * (RIGHT - LEFT - piece.width), y), text, font(piece.style), piece.size)
    writer.write_text(page)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
