"""Text of a page that people do not see: white, invisible, tiny, off the page, covered, on a layer that is off.

A line is suspected for what it says of itself (colour, opacity, size) or because something was painted
over it. Only then is the page rendered, small and grey: where its box shows no contrast, nobody can
read it. Text under a scan passes, as the scan shows the words.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from docanalyze.ingest.answering import Json
from docanalyze.ingest.pdf.opening import pymupdf

if TYPE_CHECKING:
    from docanalyze.ingest.pdf.page import Line

INVISIBLE, WHITE, TINY, OFF, COVERED, BEHIND, SAME, LAYER = (
    "invisible",
    "white",
    "tiny",
    "off the page",
    "covered",
    "behind an image",
    "in the colour of its ground",
    "on a layer that is switched off",
)
_PAINTED = 0x30
_LEAST_ALPHA = 40
_PALE = 200
_GREY = 0x808080
_TINY = 2.5
_LEAST_CONTRAST = 24
_DPI = 60
_MOST_PIXELS = 1_500_000
_LEAST_WORDS = 2


def luminance(color: int) -> float:
    """0 for black to 255 for white."""
    return 0.299 * (color >> 16 & 255) + 0.587 * (color >> 8 & 255) + 0.114 * (color & 255)


def is_pale(color: int) -> bool:
    return luminance(color) > _PALE


def suspicion(spans: list[Json]) -> str:
    """What speaks against a line's being seen, by what its spans say of themselves; mostly nothing."""
    reason = ""
    for span in spans:
        if span["text"].isspace():
            continue
        reason = _suspected(span["color"], span["alpha"], span["char_flags"], span["size"])
        if not reason:
            # Words in a line of which others are plain to see stay: an accent in white is no secret.
            return ""
    return reason


def _suspected(color: int, alpha: int, painted: int, size: float) -> str:
    if alpha < _LEAST_ALPHA or not painted & _PAINTED:
        return INVISIBLE
    if size < _TINY:
        return TINY
    return WHITE if color > _GREY and is_pale(color) else ""


def unseen(page: Any, lines: "list[Line]", drawn: list[Json], images: list[Any]) -> dict[int, str]:
    """Why lines are not to be seen, by their index. `images` are those painted over words."""
    _, _, width, height = page.rect
    found = {line.index: OFF for line in lines if _is_off(line.seen, width, height)}
    suspected = {line.index: line.shy for line in lines if line.shy and not _on_dark(line, drawn)}
    for index, why in _under(lines, drawn, images):
        suspected.setdefault(index, why)
    suspected = {index: why for index, why in suspected.items() if index not in found}
    if suspected:
        by_index = {line.index: line for line in lines}
        image = _Rendered(page, [by_index[index].seen for index in suspected])
        for index, why in suspected.items():
            line = by_index[index]
            if len(line.text.strip()) >= _LEAST_WORDS and (why == TINY or image.contrast(line.seen) < _LEAST_CONTRAST):
                found[index] = why
    return found


def _on_dark(line: "Line", drawn: list[Json]) -> bool:
    """White words on a dark ground that was painted before them: a heading, a button."""
    if line.shy != WHITE:
        return False
    grounds = (block for block in drawn if block["order"] < line.order and not block["stroked"])
    return any(not is_pale(block["color"]) and within(line.seen, block["box"]) for block in grounds)


def _is_off(box: Any, width: float, height: float) -> bool:
    left, top, right, bottom = box
    return bool(right <= 0 or bottom <= 0 or left >= width or top >= height)


def _under(lines: "list[Line]", drawn: list[Json], images: list[Any]) -> Iterable[tuple[int, str]]:
    """(index, why) of lines that something was painted over, or that have the colour of what they stand on."""
    fills = [block for block in drawn if not block["stroked"] and _is_large(block["box"])]
    for block in fills:
        shade = luminance(block["color"])
        opaque = block["alpha"] > 255 - _LEAST_ALPHA
        for line in lines:
            if not within(line.seen, block["box"]):
                continue
            if block["order"] > line.order and opaque:
                yield line.index, COVERED
            elif abs(shade - luminance(line.color)) < _LEAST_CONTRAST:
                yield line.index, SAME
    for box in images:
        for line in lines:
            if within(line.seen, box):
                yield line.index, BEHIND


def _is_large(box: Any) -> bool:
    return bool(box[2] - box[0] > 8 and box[3] - box[1] > 4)


def within(box: Any, other: Any) -> bool:
    """Whether the middle of a line lies in a rectangle."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(other[0] <= x <= other[2] and other[1] <= y <= other[3])


class _Rendered:
    """The part of a page where boxes stand, as a small grey picture."""

    def __init__(self, page: Any, boxes: list[Any]) -> None:
        mupdf = pymupdf()
        zoom = _DPI / 72
        pixels = page.rect.width * page.rect.height * zoom * zoom
        if pixels > _MOST_PIXELS:
            zoom *= (_MOST_PIXELS / pixels) ** 0.5
        self.zoom = zoom
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        self.picture = page.get_pixmap(
            matrix=mupdf.Matrix(zoom, zoom),
            colorspace=mupdf.csGRAY,
            alpha=False,
            annots=False,
            clip=mupdf.Rect(min(lefts) - 1, min(tops) - 1, max(rights) + 1, max(bottoms) + 1),
        )
        self.rows = self.picture.samples_mv

    def contrast(self, box: Any) -> int:
        """The difference of the lightest and the darkest point within a rectangle."""
        picture, zoom = self.picture, self.zoom
        left, right = max(0, int(box[0] * zoom) - picture.x), min(picture.width, int(box[2] * zoom) + 1 - picture.x)
        top, bottom = max(0, int(box[1] * zoom) - picture.y), min(picture.height, int(box[3] * zoom) + 1 - picture.y)
        if right <= left or bottom <= top:
            return 0
        low, high = 255, 0
        for row in range(top, bottom):
            line = bytes(self.rows[row * picture.stride + left : row * picture.stride + right])
            low, high = min(low, min(line)), max(high, max(line))
        return high - low
