"""Places and pictures of a PDF: rectangles of characters, pages as images, copies with highlights."""

import base64
from typing import Any

from docanalyze.errors import SourceRefused
from docanalyze.ingest.answering import Answers, Json, damaged
from docanalyze.ingest.pdf.opening import pymupdf
from docanalyze.ingest.pdf.page import everything, flags, rounded

_CELL_PIXELS = 72
_GREYS = 16
_FEW_GREYS = bytes(round(level / 255 * (_GREYS - 1)) * 255 // (_GREYS - 1) for level in range(256))


def boxes(document: Any, request: Json, answers: Answers) -> None:
    """For each (page, line, first, last) the rectangle of those characters; the line's if they differ."""
    found: list[list[list[float]]] = []
    for number, wanted in request["pages"].items():
        page = document[int(number) - 1]
        content = page.get_textpage(
            clip=everything(page), flags=flags(plain=int(number) in request["plain"])
        ).extractRAWDICT()
        lines = [line for block in content["blocks"] for line in block.get("lines", ())]
        for line, first, last in wanted:
            found.append(_rectangle(lines[line], first, last) if line < len(lines) else [])
    answers.send(type="boxes", boxes=found)


def _rectangle(line: Json, first: int, last: int) -> Any:
    characters = [character for span in line["spans"] for character in span["chars"]]
    boxes = [character["bbox"] for character in characters[first:last] if character["c"].strip()]
    if not boxes or last > len(characters):
        return rounded(line["bbox"])
    return rounded(
        (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )
    )


def render(document: Any, request: Json, answers: Answers) -> None:
    number, dpi = request["page"], request["dpi"]
    if not 1 <= number <= document.page_count:
        raise SourceRefused(f"{request['name']} has no page {number}", f"it has {document.page_count}")
    page = document[number - 1]
    zoom = dpi / _CELL_PIXELS
    size = page.rect.width * zoom * page.rect.height * zoom
    if size > request["limits"]["most_pixels"]:
        dpi = max(1, int(dpi * (request["limits"]["most_pixels"] / size) ** 0.5))
    try:
        colours = pymupdf().csGRAY if request["grey"] else pymupdf().csRGB
        pixels = page.get_pixmap(dpi=dpi, colorspace=colours, alpha=False, annots=False)
        image = (_in_few_greys(pixels) if request["grey"] else pixels).tobytes("png")
    except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        raise damaged(request["name"], error) from None
    answers.send(type="image", png=base64.b64encode(image).decode("ascii"))


def _in_few_greys(pixels: Any) -> Any:
    """The same image with 16 greys: text looks no other, and the file is a quarter smaller."""
    samples = pixels.samples.translate(_FEW_GREYS)
    return pymupdf().Pixmap(pixels.colorspace, pixels.width, pixels.height, samples, False)


def mark(document: Any, request: Json, answers: Answers) -> None:
    """Writes a copy with highlights. Answers which marks have no place on a page."""
    mupdf = pymupdf()
    left_out = []
    for number, mark in enumerate(request["marks"]):
        by_page: dict[int, list[Any]] = {}
        for box in mark["boxes"]:
            quad = mupdf.Rect(box["x0"], box["y0"], box["x1"], box["y1"]).quad
            by_page.setdefault(box["page"], []).append(quad)
        for page_number, quads in by_page.items():
            page = document[page_number - 1]
            highlight = page.add_highlight_annot(quads=quads)
            highlight.set_info(title=mark["title"], content=mark["text"])
            highlight.set_colors(stroke=mark["colour"])
            highlight.update(opacity=0.5)
        if not by_page:
            left_out.append(number)
    try:
        # A copy of a locked file is as locked.
        document.save(request["out"], garbage=0, deflate=True, encryption=mupdf.PDF_ENCRYPT_KEEP)
    except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        raise damaged(request["name"], error) from None
    answers.send(type="marked", aside=[], left_out=left_out)
