"""Page images for a report, as long as the source is still what was read."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from docanalyze.errors import SourceError
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.model import Document

_DPI = 110
_BLOCK = 1 << 20


def pictures(
    source: str, document: Document, worker: Worker, options: ReadOptions, complain: Callable[[str], None]
) -> Callable[[int], bytes] | None:
    """What makes the image of a page; None, and a line for `complain`, where the source is not there or has changed."""
    if not any(page.width for page in document.pages):
        return None
    if source == "-" or _hash(source) != document.source.sha256:
        why = "standard input is gone" if source == "-" else f"{source} is not there, or has changed"
        complain(f"note: the report shows the text instead of pages: {why}")
        return None
    missed: list[int] = []

    def picture(page: int) -> bytes:
        try:
            return worker.render(source, options, page, _DPI, grey=True)
        except SourceError as error:
            # The report is worth more than its pictures; one line says what is wrong with all of them.
            if not missed:
                complain(f"note: pages without an image in the report: {error}")
            missed.append(page)
            return b""

    return picture


def _hash(source: str) -> str:
    digest = hashlib.sha256()
    try:
        with Path(source).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()
