"""One page of a PDF: its lines, the rules drawn on it, what is not to be seen, what is not text.

Lines, drawings and their order come from one pass of MuPDF; a page is run a second time only where it
holds images, and rendered only on a cheap suspicion.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from docanalyze.ingest.answering import Answers, Json
from docanalyze.ingest.pdf import extras, ocr, sight
from docanalyze.ingest.pdf.opening import plain, pymupdf
from docanalyze.ingest.plausible import doubt_of
from docanalyze.ingest.ways import ASLANT, DOWN, LEFT, RIGHT, UP, VERTICAL

_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_BOLD_FLAG = 16
_LEAST_LEVEL = 0.95
_FAR = 20_000.0
_VECTOR, _TEXT = 3, 0
_RULE = 2.5
"""Points that a drawn line is thick at most."""
_LEAST_RULE = 18.0
_MOST_RULES = 400
_GRID = 48
_OTHER_LINES = 1_000_000
"""Added to the number of a line that the page as shown does not have."""
_LEAST_INK = 0.01
_FULL = 0.85
"""A drawing that covers so much of a page is its background."""

Edges = tuple[float, float, float, float]


@cache
def flags(*, plain: bool = False) -> int:
    """What is asked of MuPDF: blanks as they are, drawings among the text in the order of painting.

    A page may hold millions of drawings: `plain` asks for the text alone.
    """
    mupdf = pymupdf()
    return int(mupdf.TEXT_PRESERVE_WHITESPACE | (0 if plain else mupdf.TEXT_COLLECT_VECTORS))


def everything(page: Any) -> Any:
    """A rectangle far beyond the page: words off the page are words of the file."""
    return pymupdf().Rect(-_FAR, -_FAR, page.rect.width + _FAR, page.rect.height + _FAR)


class Reading:
    """Reads the pages of one document. `whole` is the same with all layers switched on, where some are off."""

    def __init__(self, document: Any, request: Json, answers: Answers, whole: Any = None) -> None:
        self.document, self.whole = document, whole
        self.plain = frozenset(request["plain"])
        self.scans = ocr.Scans(request["ocr"], request["ocr_languages"], answers)

    def page(self, number: int) -> Json:
        """A page as an answer, or the reason why it could not be read."""
        try:
            return self._page(number)
        except MemoryError:
            # Read again without its drawings, it may need far less.
            raise
        except Exception as error:  # noqa: BLE001 - one broken page must not lose the others
            reason = plain(error)[:120] or type(error).__name__
            return {"type": "page", "number": number, "lines": [], "size": [0, 0], "rotation": 0, "error": reason}

    def _page(self, number: int) -> Json:
        page = self.document[number - 1]
        asked = flags(plain=number in self.plain)
        content = page.get_textpage(clip=everything(page), flags=asked).extractDICT()
        lines, drawn = contents(content, page)
        images, over = _images(page)
        hidden = sight.unseen(page, lines, drawn, over)
        seen = [line for line in lines if line.index not in hidden] if hidden else lines
        doubt = doubt_of(" ".join(line.text for line in seen))
        ink = _ink(page, seen, drawn, images)
        found: Json = {
            "type": "page",
            "number": number,
            "size": [page.rect.width, page.rect.height],
            "rotation": page.rotation,
            "error": "",
            "lines": [[*line.wire(), hidden.get(line.index, "")] for line in lines] + self._on_layers(number, lines),
            "rules": rules(drawn),
            "ink": ink,
            "doubt": doubt,
            "apart": extras.apart(page),
            **self.scans.read(page, sum(len(line.text.strip()) for line in seen), ink, doubt),
        }
        return found

    def _on_layers(self, number: int, shown: list["Line"]) -> list[list[object]]:
        """Lines of layers that are switched off: those that are there only when all are on."""
        if self.whole is None:
            return []
        page = self.whole[number - 1]
        lines, _ = contents(page.get_textpage(clip=everything(page), flags=flags()).extractDICT(), page)
        known = {(line.text, tuple(line.box)) for line in shown}
        found = []
        for line in lines:
            if (line.text, tuple(line.box)) not in known:
                line.index += _OTHER_LINES
                found.append([*line.wire(), sight.LAYER])
        return found


class Line:
    """A line as MuPDF gives it: unrotated box, box as shown, main type size, what is suspicious of it."""

    __slots__ = ("block", "bold", "box", "color", "index", "order", "seen", "shy", "size", "text", "way")

    def __init__(self, index: int, order: int, block: int, line: Json, turn: Any) -> None:
        spans = line["spans"]
        self.index, self.order, self.block = index, order, block
        if len(spans) > 1:
            self.text = "".join([span["text"] for span in spans])
            main = max(spans, key=_letters)
        else:
            main = spans[0]
            self.text = main["text"]
        self.size = main["size"]
        self.bold = _bold(main) and (main is spans[-1] or _bold(_last_word(spans)))
        self.color = main["color"]
        self.shy = sight.suspicion(spans)
        self.box = rounded(line["bbox"])
        x, y = line["dir"]
        self.seen = self.box
        if turn is not None:
            self.seen = rounded(tuple(pymupdf().Rect(line["bbox"]) * turn))
            x, y = x * turn.a + y * turn.c, x * turn.b + y * turn.d
        self.way = VERTICAL if line["wmode"] else way(x, y)

    def wire(self) -> list[object]:
        seen = None if self.seen is self.box else self.seen
        return [self.index, self.text, self.box, seen, round(self.size, 2), self.bold, self.block, self.way]


def contents(content: Json, page: Any) -> tuple[list[Line], list[Json]]:
    """The lines with words, and the drawings, each with its place in the order of painting as `order`."""
    turn = page.rotation_matrix if page.rotation else None
    lines: list[Line] = []
    drawn: list[Json] = []
    index = -1
    for order, block in enumerate(content["blocks"]):
        if block["type"] == _VECTOR:
            block["order"] = order
            block["box"] = tuple(pymupdf().Rect(block["bbox"]) * turn) if turn is not None else block["bbox"]
            drawn.append(block)
        for line in block.get("lines", ()):
            index += 1
            found = Line(index, order, block["number"], line, turn)
            if found.text.strip():
                lines.append(found)
    return lines, drawn


def way(x: float, y: float) -> int:
    """Where a line of text runs on the page as shown: right, down, left, up, or aslant."""
    if x >= _LEAST_LEVEL:
        return RIGHT
    for code, share in ((DOWN, y), (LEFT, -x), (UP, -y)):
        if share >= _LEAST_LEVEL:
            return code
    return ASLANT


def _bold(span: Json) -> bool:
    return bool(span["flags"] & _BOLD_FLAG) or _is_bold(span["font"])


def _last_word(spans: list[Json]) -> Json:
    return next((span for span in reversed(spans) if _letters(span) > 1), spans[0])


@cache
def _is_bold(font: str) -> bool:
    return _BOLD.search(font) is not None


def _letters(span: Json) -> int:
    return len(span["text"].strip())


def rounded(box: Any) -> list[float]:
    """Left, top, right, bottom in hundredths of a point."""
    left, top, right, bottom = box
    return [round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)]


# -- what is drawn ---------------------------------------------------------------------------------


def rules(drawn: list[Json]) -> list[list[float]]:
    """Thin level lines as [left, right, height on the page], longest first where there are too many."""
    found = []
    for block in drawn:
        left, top, right, bottom = block["box"]
        if bottom - top <= _RULE and right - left >= _LEAST_RULE:
            found.append([round(left, 1), round(right, 1), round((top + bottom) / 2, 1)])
    if len(found) > _MOST_RULES:
        found = sorted(found, key=lambda rule: rule[0] - rule[1])[:_MOST_RULES]
    return found


def _images(page: Any) -> tuple[list[Edges], list[Edges]]:
    """The boxes as shown of the images on the page, and of those that were painted over words."""
    if not page.get_images():
        return [], []
    turn = page.rotation_matrix if page.rotation else None
    found: list[Edges] = []
    over: list[Edges] = []
    words: list[Edges] = []
    for kind, box in page.get_bboxlog():
        if kind.endswith("text"):
            words.append(box)
        elif "image" in kind:
            shown = tuple(pymupdf().Rect(box) * turn) if turn is not None else box
            found.append(shown)
            if any(sight.within(word, box) for word in words):
                over.append(shown)
    return found, over


def _ink(page: Any, lines: list[Line], drawn: list[Json], images: list[Edges]) -> float:
    """The share of the page that images and drawings cover where no line of text is, on a coarse grid."""
    if not drawn and not images:
        return 0.0
    _, _, width, height = page.rect
    if width <= 0 or height <= 0:
        return 0.0
    boxes = list(_inked(width, height, drawn, images))
    if sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes) < _LEAST_INK * width * height:
        return 0.0
    rows = [0] * _GRID
    for box in boxes:
        first, last, bits = _cells(box, width, height)
        for row in range(first, last):
            rows[row] |= bits
    for line in lines:
        first, last, bits = _cells(line.seen, width, height)
        for row in range(first, last):
            rows[row] &= ~bits
    return round(sum(row.bit_count() for row in rows) / (_GRID * _GRID), 3)


def _inked(width: float, height: float, drawn: list[Json], images: list[Edges]) -> Iterator[Edges]:
    """Boxes of images, and of drawings but for rules, white ones and the page's background."""
    area = width * height
    yield from images
    for block in drawn:
        left, top, right, bottom = block["box"]
        thin = min(right - left, bottom - top) <= _RULE
        if not thin and not sight.is_pale(block["color"]) and (right - left) * (bottom - top) < _FULL * area:
            yield left, top, right, bottom


def _cells(box: Any, width: float, height: float) -> tuple[int, int, int]:
    """First and last row of the grid that a box covers, and the cells of each as the bits of a number."""
    across, down = _GRID / width, _GRID / height
    left, right = min(_GRID, max(0, round(box[0] * across))), min(_GRID, max(0, round(box[2] * across)))
    top, bottom = min(_GRID, max(0, round(box[1] * down))), min(_GRID, max(0, round(box[3] * down)))
    return top, bottom, (1 << max(left, right)) - (1 << left)
