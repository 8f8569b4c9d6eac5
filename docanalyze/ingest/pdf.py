"""A PDF as pages and lines: the only place that imports MuPDF. Runs in the reading process.

Knows pages, lines and what is to be seen of them; what they mean is decided on the other side, so
that what was read stays when this process is killed.
"""

import base64
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from docanalyze.errors import PasswordNeeded, SourceDamaged, SourceRefused
from docanalyze.ingest.answering import Answers, Json, damaged
from docanalyze.ingest.collecting import uncollected

_MOST_WARNINGS = 5
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_BOLD_FLAG = 16
_LEAST_LEVEL = 0.95
_CELL_PIXELS = 72


def serve(path: Path, request: Json, answers: Answers) -> None:
    """Answers one request about a PDF: to read, measure, render or mark it."""
    action = request["action"]
    with _opened(path, request) as document:
        if action == "read":
            _read(document, answers, request["first"])
        elif action == "boxes":
            _boxes(document, request["pages"], answers)
        elif action == "render":
            _render(document, request, answers)
        elif action == "mark":
            _mark(document, request, answers)


def _pymupdf() -> Any:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


def _flags() -> int:
    mupdf = _pymupdf()
    return int(mupdf.TEXT_PRESERVE_WHITESPACE | mupdf.TEXT_MEDIABOX_CLIP)


def _opened(path: Path, request: Json) -> Any:
    """The PDF, unlocked. Raises a SourceError for whatever keeps it from being read."""
    mupdf = _pymupdf()
    name = request["name"]
    try:
        document = mupdf.open(path, filetype="pdf")
    except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        raise damaged(name, error) from None
    if not document.is_pdf:
        raise SourceRefused(f"{name} is not a PDF inside", "give a PDF, text or Markdown file")
    if document.needs_pass and not document.authenticate(request["password"]):
        if request["password"]:
            raise PasswordNeeded(f"{name} does not open with that password", "check --password")
        raise PasswordNeeded(f"{name} is locked", "give its password with --password")
    if document.page_count == 0:
        raise SourceDamaged(f"{name} is damaged: no page of it can be found", "get the file again")
    return document


def _read(document: Any, answers: Answers, first: int) -> None:
    mupdf = _pymupdf()
    mupdf.TOOLS.reset_mupdf_warnings()
    answers.send(type="open", pages=document.page_count, notes=_notes(document), outline=_outline(document))
    flags = _flags()
    with uncollected():
        for number in range(first - 1, document.page_count):
            answers.send(**_page(document, number, flags))
    warnings = [line for line in mupdf.TOOLS.mupdf_warnings().splitlines() if line.strip()]
    said = [_INVISIBLE.sub(" ", line)[:120] for line in dict.fromkeys(warnings)]
    more = [f"and {len(said) - _MOST_WARNINGS} more kinds of warning"] if len(said) > _MOST_WARNINGS else []
    answers.send(type="done", warnings=[*said[:_MOST_WARNINGS], *more], metadata=_metadata(document))


def _notes(document: Any) -> list[list[str]]:
    notes = []
    if document.is_repaired:
        notes.append(["repaired", "the file was damaged and had to be repaired: parts may be missing"])
    if document.metadata.get("encryption"):
        notes.append(["protected", "the file is encrypted; its owner may have restricted its use"])
    return notes


def _metadata(document: Any) -> list[list[str]]:
    found = document.metadata or {}
    names = ("title", "author", "subject", "creationDate", "producer")
    return [[name, _INVISIBLE.sub(" ", found[name])[:500]] for name in names if found.get(name)]


def _outline(document: Any) -> list[list[object]]:
    try:
        return [[level, title, page] for level, title, page, *_ in document.get_toc(simple=True)[:5000]]
    except Exception:  # noqa: BLE001 - a broken outline is no reason not to read the pages
        return []


def _page(document: Any, number: int, flags: int) -> Json:
    """One page as lines, or the reason why it could not be read."""
    try:
        page = document[number]
        content = page.get_textpage(flags=flags).extractDICT()
        size, rotation = (page.rect.width, page.rect.height), page.rotation
        turn = page.rotation_matrix if rotation else None
        lines = list(_lines(content, turn))
    except Exception as error:  # noqa: BLE001 - one broken page must not lose the others
        reason = _INVISIBLE.sub(" ", str(error)).strip()[:120]
        return {
            "type": "page",
            "number": number + 1,
            "lines": [],
            "size": [0, 0],
            "rotation": 0,
            "error": reason,
        }
    return {
        "type": "page",
        "number": number + 1,
        "lines": lines,
        "size": size,
        "rotation": rotation,
        "error": "",
    }


def _lines(content: Json, turn: Any) -> Iterator[list[object]]:
    """[index, text, box, box as shown if it differs, size, bold, block, level] of each line with words."""
    index = -1
    for block in content["blocks"]:
        for line in block.get("lines", ()):
            index += 1
            spans = line["spans"]
            text = "".join([span["text"] for span in spans])
            if not text.strip():
                continue
            main = max(spans, key=_letters) if len(spans) > 1 else spans[0]
            bold = bool(main["flags"] & _BOLD_FLAG) or _is_bold(main["font"])
            box, direction = _rounded(line["bbox"]), line["dir"]
            seen = None
            if turn is not None:
                seen = _rounded(tuple(_pymupdf().Rect(line["bbox"]) * turn))
                direction = (direction[0] * turn.a + direction[1] * turn.c, 0)
            level = direction[0] >= _LEAST_LEVEL
            yield [index, text, box, seen, round(main["size"], 2), bold, block["number"], level]


@cache
def _is_bold(font: str) -> bool:
    return _BOLD.search(font) is not None


def _letters(span: Json) -> int:
    return len(span["text"].strip())


def _rounded(box: Any) -> list[float]:
    left, top, right, bottom = box
    return [round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)]


def _boxes(document: Any, pages: Json, answers: Answers) -> None:
    """For each (page, line, first, last) the rectangle of those characters; the line's if they differ."""
    flags = _flags()
    found: list[list[list[float]]] = []
    for number, wanted in pages.items():
        page = document[int(number) - 1]
        content = page.get_textpage(flags=flags).extractRAWDICT()
        lines = [line for block in content["blocks"] for line in block.get("lines", ())]
        for line, first, last in wanted:
            found.append(_rectangle(lines[line], first, last) if line < len(lines) else [])
    answers.send(type="boxes", boxes=found)


def _rectangle(line: Json, first: int, last: int) -> Any:
    characters = [character for span in line["spans"] for character in span["chars"]]
    boxes = [character["bbox"] for character in characters[first:last] if character["c"].strip()]
    if not boxes or last > len(characters):
        return _rounded(line["bbox"])
    return _rounded(
        (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )
    )


def _render(document: Any, request: Json, answers: Answers) -> None:
    number, dpi = request["page"], request["dpi"]
    if not 1 <= number <= document.page_count:
        raise SourceRefused(f"{request['name']} has no page {number}", f"it has {document.page_count}")
    page = document[number - 1]
    zoom = dpi / _CELL_PIXELS
    pixels = page.rect.width * zoom * page.rect.height * zoom
    if pixels > request["limits"]["most_pixels"]:
        dpi = max(1, int(dpi * (request["limits"]["most_pixels"] / pixels) ** 0.5))
    try:
        image = page.get_pixmap(dpi=dpi, alpha=False, annots=False).tobytes("png")
    except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        raise damaged(request["name"], error) from None
    answers.send(type="image", png=base64.b64encode(image).decode("ascii"))


def _mark(document: Any, request: Json, answers: Answers) -> None:
    mupdf = _pymupdf()
    for mark in request["marks"]:
        by_page: dict[int, list[Any]] = {}
        for box in mark["boxes"]:
            quad = mupdf.Rect(box["x0"], box["y0"], box["x1"], box["y1"]).quad
            by_page.setdefault(box["page"], []).append(quad)
        for number, quads in by_page.items():
            page = document[number - 1]
            highlight = page.add_highlight_annot(quads=quads)
            highlight.set_info(title=mark["title"], content=mark["text"])
            highlight.update(opacity=0.5)
    try:
        document.save(request["out"], garbage=0, deflate=True)
    except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        raise damaged(request["name"], error) from None
    answers.send(type="marked")
