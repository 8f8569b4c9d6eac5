"""What may be asked of reading, and what it may cost."""

from dataclasses import dataclass

from docanalyze.model import Box, Span


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
    """A note for a copy: on a PDF a highlight of `boxes`, on a Word document a comment on each of `spans`.

    `title` is whose note it is, `text` what it says, a paragraph a line; `colour` is red, green and
    blue, 0 to 1.
    """

    boxes: tuple[Box, ...]
    title: str
    text: str
    spans: tuple[Span, ...] = ()
    colour: tuple[float, float, float] = (1.0, 0.9, 0.2)


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of Marks, by their place in the order given.

    Those `aside` hang on a whole paragraph, for the words stand in its footnote, text box or label;
    those `left_out` have no place in the copy.
    """

    aside: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
