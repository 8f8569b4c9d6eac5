"""Pages without text, or with text that cannot be right, read by Tesseract, which is part of MuPDF.

Needs its data of the language (`tessdata`), which a system installs. It writes to standard error and
takes seconds a page: the process's limits are raised page by page.
"""

import os
from pathlib import Path
from statistics import median
from typing import Any

from docanalyze.errors import SourceRefused
from docanalyze.ingest import bounds
from docanalyze.ingest.answering import Answers, Json
from docanalyze.ingest.pdf.opening import plain, pymupdf
from docanalyze.ingest.plausible import doubt_of, known_words
from docanalyze.ingest.ways import DOWN, LEFT, RIGHT, UP, turned_back

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
_SAME_SIZE = 0.3
_ENOUGH = 4
"""So many words that are known to be some show that a page stands upright."""
_JUDGED = frozenset("eng deu fra spa ita nld por swe pol".split())
"""Languages whose commonest words are known."""


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
        """The lines in the way up in which they make most sense; scans often stand on their side."""
        best: tuple[int, list[list[object]]] | None = None
        ways = (RIGHT, LEFT, UP, DOWN) if set(self.languages.split("+")) <= _JUDGED else (RIGHT,)
        for code in ways:
            lines = self._read_turned(page, code)
            text = " ".join(str(line[1]) for line in lines)
            known = known_words(text)
            if best is None or known > best[0]:
                best = known, lines
            if known >= _ENOUGH or (code == RIGHT and not text.strip()):
                break
        return best[1] if best else []

    def _read_turned(self, page: Any, code: int) -> list[list[object]]:
        """The page rendered and read, turned first so that what runs this way runs to the right."""
        from docanalyze.ingest.pdf.page import contents, flags, rounded

        mupdf = pymupdf()
        width, height = page.rect.width, page.rect.height
        pixels = width * height * (_DPI / 72) ** 2
        zoom = _DPI / 72 * min(1.0, (_MOST_PIXELS / pixels) ** 0.5)
        # A page whose words run down is turned back by a quarter to the left.
        picture = page.get_pixmap(matrix=mupdf.Matrix(zoom, zoom).prerotate(-90 * code), alpha=False, annots=False)
        data = picture.pdfocr_tobytes(compress=False, language=self.languages, tessdata=self.folder)
        with mupdf.open("pdf", data) as read:
            content = read[0].get_textpage(flags=flags()).extractDICT()
            lines, _ = contents(content, read[0])
            scale = (height if code in (UP, DOWN) else width) / (read[0].rect.width or 1.0)
        usual = median([line.size for line in lines]) * scale if lines else 0.0
        found = []
        back = page.derotation_matrix
        for line in lines:
            scaled = tuple(edge * scale for edge in line.seen)
            shown = turned_back(scaled, code, width, height)
            box = rounded(tuple(mupdf.Rect(shown) * back)) if page.rotation else rounded(shown)
            # The type size is guessed line by line, and differs within a paragraph.
            size = line.size * scale
            size = round(usual if abs(size - usual) < _SAME_SIZE * usual else size, 2)
            found.append([line.index, line.text, box, rounded(shown), size, False, line.block, code, ""])
        return found
