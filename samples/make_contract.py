"""Sets samples/contract.txt as samples/contract.pdf: the same text, fonts and page breaks every time.

    python samples/make_contract.py [TARGET]

It knows paragraphs, clause numbers, tables and pages, and nothing of what the contract says; the facts
that a reader should find in it are in expected.toml. A paragraph is one line of contract.txt: `1.1 …` and
`  (a) …`, `    (i) …` hang their number in the margin, `# …` is an article, `| a | b` a row, `**…**` is bold, and a line
that begins with `@` says what kind of line it is.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pymupdf

HERE = Path(__file__).resolve().parent
TEXT = HERE / "contract.txt"
PDF = HERE / "contract.pdf"

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 517.0, 96.0, 758.0
HEAD, FOOT = 54.0, 796.0
RUNNING_HEAD = ("Larkspur / Ondelle – Master Services Agreement", "Confidential")
DATE = "D:20250314090000Z"

REGULAR, BOLD = "tiro", "tibo"
LOOSE = 2.0
"""A line whose gaps would be wider than this many blanks takes a part of the next word, if that can be split."""
SPLIT = {
    word.replace("-", ""): word.split("-")
    for word in """
    accept-ance accommo-dation addi-tional agree-ment appro-priate arbi-tration author-ised avail-able
    avail-ability certifi-cates circu-late commer-cial com-petitor comp-etitors confi-dential configu-ration
    conse-quential consult-ancy deliver-able deliver-ables develop-ment docu-mentation employ-ment engin-eer
    imple-mentation improve-ment incor-porated indem-nify indem-nity informa-tion infringe-ment insur-ance
    intel-lectual inter-face inter-faces inter-pretation invoi-ces main-tenance mainte-nance measure-ments
    mini-mum obli-gation organi-sational partic-ular perform-ance person-nel plan-ning pro-ceedings
    prop-erty provi-sion publi-cation reason-able reim-burse repre-sents require-ments respon-sible
    restor-ation separ-ate ser-vices soft-ware statis-tics sub-contract subcon-tractors suc-cessor
    suc-cessive tele-matics termi-nate termi-nation under-standings under-takings unauthor-ised warran-ty
    """.split()
}


@dataclass(frozen=True)
class Look:
    """How a paragraph is set; lengths in points."""

    size: float = 11.0
    leading: float = 14.2
    before: float = 7.0
    label: float = LEFT
    left: float = LEFT
    right: float = RIGHT
    align: str = "justify"
    bold: bool = False
    drop: float = 0.0
    """The space above it even at the head of a page."""
    keep: int = 0
    """The lines that a heading must have room for, itself included."""


BODY = Look()
OUTER = replace(BODY, left=LEFT + 28)
CLAUSE = replace(BODY, left=LEFT + 34)
SUB = replace(BODY, label=LEFT + 34, left=LEFT + 58, before=4.0)
SUB_SUB = replace(SUB, label=LEFT + 58, left=LEFT + 82)
MEANING = replace(BODY, label=LEFT + 34, left=LEFT + 34, before=5.0)
ARTICLE = Look(size=12.0, leading=16, before=17, left=LEFT + 34, align="left", bold=True, keep=4)
HEADING = Look(size=11.5, leading=15, before=15, align="left", bold=True, keep=4)
SCHEDULE = Look(size=14.0, leading=19, before=0, align="centre", bold=True)
CELL = Look(size=10.0, leading=12.6, before=4.5, align="left")
COVER = {
    "title": Look(size=25.0, leading=32, drop=150, align="centre", bold=True),
    "centre": Look(size=12.0, leading=16, before=30, left=LEFT + 60, right=RIGHT - 60, align="centre"),
    "party": Look(size=16.0, leading=22, before=30, align="centre", bold=True),
    "small": Look(size=11.0, leading=15, before=26, align="centre"),
}


@dataclass(frozen=True)
class Piece:
    """Characters of one word in one font."""

    text: str
    bold: bool

    def width(self, size: float) -> float:
        return _advance(self.text, self.bold) * size


Word = tuple[Piece, ...]


@dataclass(frozen=True)
class Mark:
    """Text at a place of a page; y is the baseline."""

    x: float
    y: float
    piece: Piece
    size: float


@dataclass
class Sheet:
    """One page: its text, and the rules under table heads as (x0, x1, y)."""

    marks: list[Mark] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass
class Setter:
    """Fills sheets from top to bottom and remembers on which one each heading stands."""

    contents: list[tuple[str, int]]
    sheets: list[Sheet] = field(default_factory=lambda: [Sheet()])
    headings: list[tuple[str, int]] = field(default_factory=list)
    y: float = TOP

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    def page(self) -> None:
        self.sheets.append(Sheet())
        self.y = TOP

    def room(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self.page()

    def paragraph(self, text: str, look: Look, label: str = "") -> None:
        """Words from `look.left`, the label out in the margin; never a lone line at either end of a page."""
        set_lines = list(_lines(_words(text, look.bold), look))
        self.y += look.drop + (look.before if self.y > TOP else 0)
        self.room((look.keep or min(2, len(set_lines))) * look.leading)
        if label:
            self.put(look.label, self.y + look.size, _words(label, look.bold or label[0].isdigit()), look.size)
        for number, (x, gap, words) in enumerate(set_lines):
            last_two = number == len(set_lines) - 2 and number > 0
            self.room(look.leading * (2 if last_two else 1))
            self.put(x, self.y + look.size, words, look.size, gap)
            self.y += look.leading

    def put(self, x: float, y: float, words: Iterable[Word], size: float, gap: float | None = None) -> None:
        blank = Piece(" ", False).width(size)
        for number, word in enumerate(words):
            if number:
                # A real blank between words, so that copied text has it whatever the gap is.
                self.sheet.marks.append(Mark(x, y, Piece(" ", False), size))
                x += blank if gap is None else gap
            for piece in word:
                self.sheet.marks.append(Mark(x, y, piece, size))
                x += piece.width(size)

    def row(self, cells: list[str], edges: list[float], *, head: bool) -> None:
        """One table row; a head row is bold, with a rule below."""
        looks = [replace(CELL, left=left, right=right - 10, bold=head) for left, right in pairwise(edges)]
        columns = [list(_lines(_words(cell, head), look)) for cell, look in zip(cells, looks, strict=True)]
        height = max(len(column) for column in columns) * CELL.leading
        self.room(CELL.before + height + (3 * CELL.leading if head else 0))
        self.y += CELL.before
        for column in columns:
            for number, (x, gap, words) in enumerate(column):
                self.put(x, self.y + CELL.size + number * CELL.leading, words, CELL.size, gap)
        self.y += height
        if head:
            self.sheet.rules.append((LEFT, RIGHT, self.y + 2))
            self.y += 2

    def list_contents(self) -> None:
        """The table of contents, with leaders, from what the setting before this one found."""
        self.paragraph("CONTENTS", replace(SCHEDULE, before=0))
        self.y += 12
        for title, page in self.contents:
            words = _words(title, False)
            self.put(LEFT, self.y + 11, words, 11)
            number, dot = Piece(str(page), False), Piece(". ", False)
            used = LEFT + sum(piece.width(11) for word in words for piece in word) + 3 * len(words) + 4
            dots = int((RIGHT - 24 - used) // dot.width(11))
            self.put(RIGHT - 20 - dots * dot.width(11), self.y + 11, [(Piece(". " * dots, False),)], 11)
            self.put(RIGHT - number.width(11), self.y + 11, [(number,)], 11)
            self.y += 19.5

    def signature(self, text: str) -> None:
        company, name, title, date = text.split(" | ")
        self.y += 26
        self.room(130)
        self.paragraph(f"Signed for and on behalf of **{company}**", replace(BODY, align="left"))
        self.y += 30
        for line in ("Signature: " + "_" * 42, f"Name: {name}", f"Title: {title}", f"Date: {date}"):
            self.paragraph(line, replace(BODY, align="left"))


def main(target: Path = PDF) -> int:
    target.write_bytes(build())
    with pymupdf.open(target) as document:
        print(f"{target.name}: {document.page_count} pages, {target.stat().st_size:,} bytes")
    return 0


def build(text: str | None = None) -> bytes:
    """The PDF file of a text in the form of contract.txt, by default that text itself."""
    source = (TEXT.read_text(encoding="utf-8") if text is None else text).splitlines()
    # Where the headings are is known only once all is set: the contents hold one page the first time, too.
    found = typeset(source, []).headings
    return _save(typeset(source, found).sheets)


def typeset(lines: list[str], contents: list[tuple[str, int]]) -> Setter:
    setter = Setter(contents)
    table: list[list[str]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line[1:].split("|")])
        else:
            if table:
                _set_table(setter, table)
                table = []
            if line.strip():
                _set_line(setter, line)
    return setter


def _set_line(setter: Setter, line: str) -> None:
    kind, _, rest = line.partition(" ")
    if kind == "@page":
        setter.page()
    elif kind == "@contents":
        setter.list_contents()
    elif kind == "@schedule":
        setter.headings.append((rest, len(setter.sheets)))
        setter.paragraph(rest, SCHEDULE)
    elif kind == "@heading":
        setter.paragraph(rest, HEADING)
    elif kind == "@sign":
        setter.signature(rest)
    elif kind.startswith("@"):
        setter.paragraph(rest, COVER[kind[1:]])
    elif kind == "#":
        number, _, title = rest.partition(" ")
        setter.paragraph(title, ARTICLE, number)
        setter.headings.append((rest, len(setter.sheets)))
    else:
        _set_paragraph(setter, line)


def _set_paragraph(setter: Setter, line: str) -> None:
    indent = len(line) - len(line.lstrip())
    label, _, rest = line.strip().partition(" ")
    if label.startswith("(") and label.endswith(")"):
        setter.paragraph(rest, {0: OUTER, 2: SUB, 4: SUB_SUB}[indent], label)
    elif label[0].isdigit():
        setter.paragraph(rest, CLAUSE, label)
    else:
        setter.paragraph(line.strip(), MEANING if indent else BODY)


def _set_table(setter: Setter, table: list[list[str]]) -> None:
    """Columns as wide as their longest cell asks for, in proportion, so that together they fill the line."""
    widest = [
        max(_width(_words(row[column], True), CELL.size) for row in table) + 12 for column in range(len(table[0]))
    ]
    scale = (RIGHT + 10 - LEFT) / sum(widest)
    edges = [LEFT]
    for width in widest:
        edges.append(edges[-1] + width * scale)
    setter.y += 4
    for number, row in enumerate(table):
        setter.row(row, edges, head=number == 0)
    setter.y += 6


# -- words and lines -------------------------------------------------------------------------------


def _words(text: str, bold: bool) -> list[Word]:
    words: list[Word] = []
    pieces: list[Piece] = []
    for number, part in enumerate(text.split("**")):
        for index, run in enumerate(part.split(" ")):
            if index and pieces:
                words.append(tuple(pieces))
                pieces = []
            if run:
                pieces.append(Piece(run, bold or number % 2 == 1))
    return [*words, tuple(pieces)] if pieces else words


def _lines(words: list[Word], look: Look) -> Iterator[tuple[float, float, list[Word]]]:
    """Where each line begins, its gap between words, and its words."""
    blank = Piece(" ", False).width(look.size)
    room = look.right - look.left
    line: list[Word] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if not line or _width([*line, word], look.size) <= room:
            line.append(word)
            continue
        gap = _gap(line, room, look.size)
        if look.align == "justify" and gap > LOOSE * blank:
            free = room - _width(line, look.size) - blank
            parts = _split(word, free, look.size)
            if parts is not None:
                line.append(parts[0])
                word = parts[1]
                gap = _gap(line, room, look.size)
        yield _placed(line, look, gap if look.align == "justify" else blank)
        line = [word]
    if line:
        yield _placed(line, look, blank)


def _placed(line: list[Word], look: Look, gap: float) -> tuple[float, float, list[Word]]:
    middle = (look.left + look.right - _width(line, look.size)) / 2
    return (middle if look.align == "centre" else look.left), gap, line


def _width(words: list[Word], size: float) -> float:
    pieces = sum(piece.width(size) for word in words for piece in word)
    return pieces + Piece(" ", False).width(size) * (len(words) - 1)


def _gap(line: list[Word], room: float, size: float) -> float:
    blank = Piece(" ", False).width(size)
    return blank + (room - _width(line, size)) / max(1, len(line) - 1)


def _split(word: Word, free: float, size: float) -> tuple[Word, Word] | None:
    """The two halves of a word, with a hyphen, where the first one fits."""
    if len(word) != 1:
        return None
    [piece] = word
    bare = piece.text.strip("“”(),.;:’")
    if bare.lower() not in SPLIT:
        return None
    cut = piece.text.index(bare) + len(SPLIT[bare.lower()][0])
    first = Piece(piece.text[:cut] + "-", piece.bold)
    return ((first,), (Piece(piece.text[cut:], piece.bold),)) if first.width(size) <= free else None


# -- the file --------------------------------------------------------------------------------------


@cache
def _font(bold: bool) -> Any:
    return pymupdf.Font(BOLD if bold else REGULAR)


@cache
def _advance(text: str, bold: bool) -> float:
    """The width of a text at a size of one point."""
    return float(_font(bold).text_length(text, 1))


def _save(sheets: list[Sheet]) -> bytes:
    with pymupdf.open() as document:
        for number, sheet in enumerate(sheets, start=1):
            page = document.new_page(width=WIDTH, height=HEIGHT)
            if number > 1:
                _furniture(page, number, len(sheets))
            writer = pymupdf.TextWriter(page.rect)
            for mark in sheet.marks:
                writer.append((mark.x, mark.y), mark.piece.text, _font(mark.piece.bold), mark.size)
            writer.write_text(page)
            for x0, x1, y in sheet.rules:
                page.draw_line((x0, y), (x1, y), width=0.6)
        document.subset_fonts(fallback=False)
        document.set_metadata(
            {
                "title": "Master Services Agreement",
                "author": "docanalyze samples",
                "creator": "samples/make_contract.py",
                "producer": "PyMuPDF",
                "creationDate": DATE,
                "modDate": DATE,
            }
        )
        return bytes(document.tobytes(garbage=3, deflate=True, no_new_id=True, reproducible=True))


def _furniture(page: Any, number: int, pages: int) -> None:
    """The running head, the page number and the line under the head: in grey, as printed forms have them."""
    writer = pymupdf.TextWriter(page.rect, color=(0.35, 0.35, 0.35))
    foot = f"Page {number} of {pages}"
    for text, y, share in ((RUNNING_HEAD[0], HEAD, 0.0), (RUNNING_HEAD[1], HEAD, 1.0), (foot, FOOT, 0.5)):
        x = LEFT + share * (RIGHT - LEFT - Piece(text, False).width(9))
        writer.append((x, y), text, _font(False), 9)
    writer.write_text(page)
    page.draw_line((LEFT, HEAD + 6), (RIGHT, HEAD + 6), color=(0.6, 0.6, 0.6), width=0.5)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
