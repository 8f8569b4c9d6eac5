"""What may be asked of reading, and what it may cost."""

from dataclasses import dataclass

from docanalyze.model import Box


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`password` opens a locked PDF; a file over `max_bytes` is refused.

    `ocr` is auto (pages without text, or with text that cannot be right), never or force;
    `ocr_languages` names Tesseract's data: `eng`, `eng+deu`. With `convert` LibreOffice makes a copy
    that is read of what is not read itself (DOC, RTF, ODT).
    """

    password: str = ""
    max_bytes: int = 200_000_000
    ocr: str = "auto"
    ocr_languages: str = "eng"
    convert: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost before its process is ended. Where the system has no limits of
    memory and processor time for a process, the wall clock alone holds."""

    memory_bytes: int = 1_500_000_000
    cpu_seconds: int = 300
    wall_seconds: float = 30.0
    wall_seconds_a_page: float = 0.25
    most_wall_seconds: float = 300.0
    most_pixels: int = 40_000_000
    most_pages: int = 20_000
    """Pages of a PDF that are read; what lies beyond is named in the receipt."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A highlight for a copy of a PDF: rectangles, and the note that opens on them."""

    boxes: tuple[Box, ...]
    title: str
    text: str
