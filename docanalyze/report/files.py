"""Writing the two forms of a report to a folder, whole or not at all, for their owner's eyes only."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from docanalyze.errors import StoreUnwritable
from docanalyze.model import Document, Run
from docanalyze.report import contents
from docanalyze.report.page import html
from docanalyze.report.places import Picture
from docanalyze.report.text import markdown

_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
MARKED = tuple(f".marked.{suffix}" for suffix in ("pdf", "docx", "docm", "dotx", "dotm"))
SUFFIXES = (".md", ".html", *MARKED)
"""What the names of all files that belong to a Run end in."""


def write(run: Run, document: Document, folder: Path, picture: Picture | None = None) -> tuple[Path, Path]:
    """Writes `<run id>.md` and `<run id>.html`, replacing what is there, and returns their paths.

    Files are made 0600, and folders that are missing 0700. Raises StoreUnwritable.
    """
    required_name(run)
    held = contents.of(run, document)
    written = (
        (folder / f"{run.id}.md", markdown(run, document, held)),
        (folder / f"{run.id}.html", html(run, document, picture, held)),
    )
    write_texts(written, folder)
    return written[0][0], written[1][0]


def required_name(run: Run) -> None:
    """StoreUnwritable for a Run whose id is no name of a file."""
    if not _NAME.fullmatch(run.id):
        # An id comes from a database, which may be another's: it must not choose the folder.
        raise StoreUnwritable(f"the run's id cannot be the name of a file: {run.id!r}", "see docanalyze verify")


def write_reading(page: str, document: Document, folder: Path) -> Path:
    """Writes how a Document was read as `reading-<start of its id>.html`. Raises StoreUnwritable."""
    path = folder / f"reading-{document.id[:12]}.html"
    write_texts(((path, page),), folder)
    return path


def write_texts(written: Sequence[tuple[Path, str]], folder: Path) -> None:
    """Writes texts to paths in a folder, replacing what is there, for their owner alone. Raises StoreUnwritable."""
    try:
        make_folder(folder)
        for path, text in written:
            _replace(path, text.encode())
    except OSError as error:
        raise StoreUnwritable(
            f"the report cannot be written to {folder}: {error.strerror or error}",
            "choose another folder with --out, or free some space",
        ) from None


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it where they are missing, for their owner alone."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def _replace(path: Path, content: bytes) -> None:
    # The temporary file is made 0600 and stands beside the other, so that the exchange is atomic.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(content)
            file.close()
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
