"""Pages without text, or with text that cannot be right, read by Tesseract, which is part of MuPDF.

Needs its data of the language (`tessdata`), which a system installs. It writes to standard error and
takes seconds a page: the process's limits are raised page by page.
"""

import os
from pathlib import Path
from typing import Any

from docanalyze.errors import SourceRefused
from docanalyze.ingest import bounds
from docanalyze.ingest.answering import Answers, Json
from docanalyze.ingest.pdf.opening import plain
from docanalyze.ingest.plausible import doubt_of

_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "C:/Program Files/Tesseract-OCR/tessdata",
)
_DPI = 300
_MOST_PIXELS = 25_000_000
_FEW = 25
"""A page with fewer characters than this, and enough ink, is a scan with a stamp on it."""
_LEAST_INK = 0.02
_SECONDS = 120


def tessdata(languages: str) -> str:
    """The folder that holds the data of all these languages (`eng+deu`), or nothing."""
    named = os.environ.get("TESSDATA_PREFIX", "")
    for folder in filter(None, (named, str(Path(named) / "tessdata") if named else "", *_FOLDERS)):
        if all((Path(folder) / f"{language}.traineddata").is_file() for language in languages.split("+")):
            return folder
    return ""


class Scans:
    """Decides page by page whether to read it by OCR, and does it. `mode` is auto, never or force."""

    def __init__(self, mode: str, languages: str, answers: Answers) -> None:
        self.mode, self.languages, self.answers = mode, languages, answers
        self.folder = tessdata(languages) if mode != "never" else ""
        if mode == "force" and not self.folder:
            raise SourceRefused(
                f"there is no OCR data for {languages} on this machine",
                f"install it (Debian: tesseract-ocr-{languages.split('+')[0]}) or set TESSDATA_PREFIX",
            )

    def read(self, page: Any, chars: int, ink: float, doubt: str) -> Json:
        """`ocr`: lines of the page as Tesseract reads them; `unread`: why it was not asked though it should be."""
        scan = chars < _FEW and ink >= _LEAST_INK
        if self.mode != "force" and not scan and not doubt:
            return {}
        if self.mode == "never":
            return {"unread": "OCR is switched off"}
        if not self.folder:
            return {"unread": f"there is no OCR data for {self.languages} on this machine"}
        self.answers.send(type="wait", seconds=_SECONDS)
        bounds.extend(_SECONDS)
        try:
            lines = self._lines(page)
        except Exception as error:  # noqa: BLE001 - MuPDF's own errors share no base but this one
            return {"unread": f"OCR failed: {plain(error)[:120]}"}
        read = " ".join(str(line[1]) for line in lines)
        if doubt and doubt_of(read) and not scan and self.mode != "force":
            return {"unread": "OCR reads no words either"}
        return {"ocr": lines}

    def _lines(self, page: Any) -> list[list[object]]:
        from docanalyze.ingest.pdf.page import contents, flags

        pixels = page.rect.width * page.rect.height * (_DPI / 72) ** 2
        dpi = _DPI if pixels <= _MOST_PIXELS else max(36, int(_DPI * (_MOST_PIXELS / pixels) ** 0.5))
        text = page.get_textpage_ocr(flags=flags(), language=self.languages, dpi=dpi, full=True, tessdata=self.folder)
        lines, _ = contents(text.extractDICT(), page)
        return [[*line.wire(), ""] for line in lines]
