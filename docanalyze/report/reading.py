"""How a Document was read, as one HTML page: page images with the Segments drawn in reading order, and the receipt.

What a user looks at to see whether the reading is right. Formats without page images are shown as
text, each Segment under its role. Needs nothing else and runs nothing, as every page of ours.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from docanalyze.model import Document, Page, PageSource, Segment
from docanalyze.report.page import environment, packaged, policy
from docanalyze.report.places import Picture, on_page
from docanalyze.report.plain import shown
from docanalyze.report.receipt import receipt

if TYPE_CHECKING:
    from jinja2 import Template

_ROLES = {"heading": "h", "table": "t", "list item": "l", "caption": "c", "footnote": "f", "reference": "r"}
_SHORT = 300


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rectangle of a Segment on a page as shown, in points; `kind` is a class of the style sheet."""

    number: int
    kind: str
    left: float
    top: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with what was read on it, and the way that the reading took."""

    number: int
    width: float
    height: float
    image: str
    drawn: tuple[Drawn, ...]
    path: str


def reading_html(document: Document, numbers: Sequence[int], picture: Picture) -> str:
    """The page. `numbers` are the pages to be drawn; without page images everything is shown as text."""
    sheets = [_sheet(document, page, picture(page.number)) for page in document.pages if page.number in set(numbers)]
    style = _style()
    return _template().render(
        name=shown(document.source.name),
        sheets=sheets,
        segments=[] if sheets else [_told(document, segment) for segment in document.segments],
        lines=receipt(document.pages),
        notes=[(f"p. {note.page}" if note.page else "", shown(note.text)) for note in document.notes],
        facts=[(shown(name), shown(value)) for name, value in document.metadata],
        by_ocr=sum(page.source is PageSource.OCR for page in document.pages),
        style=style,
        policy=policy(style, images=True),
    )


def _told(document: Document, segment: Segment) -> tuple[int, str, str, str, str]:
    kind = _kind(segment)
    where = document.locator(segment.span)
    role = segment.role.value + (f" {segment.level}" if segment.level else "")
    note = f"{role}, {shown(segment.note)}" if segment.note else role
    return segment.number, kind, where, note, document.slice(segment.span)


def _kind(segment: Segment) -> str:
    return "x" if not segment.in_body else _ROLES.get(segment.role.value, "p")


def _sheet(document: Document, page: Page, png: bytes) -> Sheet:
    drawn: list[Drawn] = []
    path: list[str] = []
    for segment in document.segments:
        for box in segment.boxes:
            if box.page != page.number:
                continue
            left, top, right, bottom = on_page(box, page)
            words = shown(document.slice(segment.span)[:_SHORT])
            title = f"{segment.number} {segment.role.value} {segment.note}: {words}"
            kind = _kind(segment)
            drawn.append(Drawn(segment.number, kind, left, top, right - left, bottom - top, shown(title)))
            if segment.in_body:
                path.append(f"{left + 4:.1f},{(top + bottom) / 2:.1f}")
    image = base64.b64encode(png).decode("ascii")
    return Sheet(page.number, page.width, page.height, image, tuple(drawn), " ".join(path))


@cache
def _style() -> str:
    return packaged("reading.css")


@cache
def _template() -> "Template":
    return environment().from_string(packaged("reading.html.j2"))
