"""What a named source really is: content decides, never the suffix."""

import os
import shlex
import stat
import sys
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from docanalyze.errors import PasswordNeeded, SourceDamaged, SourceMissing, SourceRefused
from docanalyze.model import Note

STANDARD_INPUT = "-"
_HEAD = 4096


class Format(StrEnum):
    PDF = "pdf"
    TEXT = "text"
    MARKDOWN = "markdown"
    DOCX = "docx"
    HTML = "html"
    EPUB = "epub"
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"


CONVERTIBLE = frozenset({Format.DOC, Format.RTF, Format.ODT})
"""What is read only from a copy that LibreOffice makes."""

_SUFFIXES = {
    Format.PDF: frozenset({".pdf"}),
    Format.TEXT: frozenset({".txt", ".text", ".md", ".markdown", ""}),
    Format.DOCX: frozenset({".docx", ".docm", ".dotx", ".dotm"}),
    Format.HTML: frozenset({".html", ".htm", ".xhtml"}),
    Format.EPUB: frozenset({".epub"}),
    Format.DOC: frozenset({".doc", ".dot"}),
    Format.RTF: frozenset({".rtf", ".doc"}),
    Format.ODT: frozenset({".odt", ".ott"}),
}
_DOCX, _EPUB = "a Word document (DOCX)", "an electronic book (EPUB)"
_ODT = "an OpenDocument text (ODT)"
_MARKDOWN = frozenset({".md", ".markdown"})
_CALLED = {
    Format.PDF: "a PDF",
    Format.TEXT: "plain text",
    Format.DOCX: _DOCX,
    Format.HTML: "a web page (HTML)",
    Format.EPUB: _EPUB,
    Format.DOC: "an old Word document (DOC)",
    Format.RTF: "a rich text file (RTF)",
    Format.ODT: _ODT,
}
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an Office file of the old kind (XLS, PPT), or a protected one"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"II*\x00", "an image (TIFF)"),
    (b"MM\x00*", "an image (TIFF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "an archive (7z)"),
    (b"Rar!", "an archive (RAR)"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%!PS", "a PostScript file"),
)
_OLE, _OF_WORD = b"\xd0\xcf\x11\xe0", "WordDocument".encode("utf-16-le")
_WORD_PART, _START = b"word/", 1_000_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE_LOOKED_AT = 50_000_000
_READ = "give a PDF, a Word document, a web page, an EPUB, text or Markdown"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that may be read: where it lies, what it is called, what its content is."""

    path: Path
    name: str
    format: Format
    notes: tuple[Note, ...]
    options: tuple[tuple[str, str], ...] = ()


def examine(path: Path, name: str, max_bytes: int, *, convert: bool = False) -> Opened:
    """Looks at a file without reading it whole. Raises a SourceError that says what is wrong.

    What only LibreOffice reads is refused, unless `convert`.
    """
    _require_local(name)
    size = _size(path, name)
    if size > max_bytes:
        raise SourceRefused(
            f"{name} has {size / 1e6:,.0f} MB, more than the {max_bytes / 1e6:,.0f} MB allowed",
            "allow it with --max-size",
        )
    if size == 0:
        raise SourceDamaged(f"{name} is empty", "check the file")
    head = _head(path, name)
    if b"%PDF-" in head[:1024]:
        return Opened(path, name, Format.PDF, _suffix_note(path, Format.PDF))
    if packed := _packed(path, head) or _foreign(path, head):
        if packed in CONVERTIBLE and not convert:
            what, shown = _CALLED[packed], f"soffice --headless --convert-to docx {shlex.quote(name)}"
            raise SourceRefused(f"{name} is {what}, which is not read itself", f"give --convert, or {shown}")
        return Opened(path, name, packed, _suffix_note(path, packed))
    _refuse_by_content(path, name, head)
    if _is_html(head, path):
        return Opened(path, name, Format.HTML, _suffix_note(path, Format.HTML))
    form = Format.MARKDOWN if Path(name).suffix.lower() in _MARKDOWN else Format.TEXT
    return Opened(path, name, form, _suffix_note(path, Format.TEXT))


def spool(max_bytes: int, folder: Path) -> Path:
    """Standard input as a file in a folder of ours; SourceRefused beyond `max_bytes`."""
    if sys.stdin is None:
        raise SourceMissing("standard input is closed", "give a file, or pipe one in")
    target = folder / "stdin"
    left = max_bytes + 1
    with target.open("wb") as file:
        while left > 0 and (block := sys.stdin.buffer.read(min(left, 1 << 20))):
            file.write(block)
            left -= len(block)
    return target


def _require_local(name: str) -> None:
    scheme, mark, _ = name.partition("://")
    if mark and scheme.isalnum():
        raise SourceRefused(f"{name} is an address on a network", "documents are local: download it first")


def _size(path: Path, name: str) -> int:
    try:
        found = path.stat()
    except FileNotFoundError:
        raise SourceMissing(f"no file {name}", "check the name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceMissing(f"{name} cannot be reached: {reason}", "check the name") from None
    if stat.S_ISDIR(found.st_mode):
        raise SourceRefused(
            f"{name or path} is a folder", "docanalyze repo, pack and map take a code base; else name the files in it"
        )
    if not stat.S_ISREG(found.st_mode):
        raise SourceRefused(f"{name} is no ordinary file", "name a file, or - for standard input")
    return found.st_size


def _head(path: Path, name: str) -> bytes:
    try:
        # Not to be stopped by a pipe that took the file's place meanwhile.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise SourceRefused(f"{name} cannot be read: {error.strerror}", "check its permissions") from None


def _refuse_by_content(path: Path, name: str, head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise SourceRefused(f"{name} is {_zip_kind(path)}, which is not read yet", _READ)
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise SourceRefused(f"{name} is {what}, which is not read", _READ)
    if _is_binary(head):
        raise SourceRefused(f"{name} is a binary file of an unknown kind", _READ)


def _packed(path: Path, head: bytes) -> Format | None:
    """What is in a ZIP archive, where that is a kind of document that is read."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    kind = _zip_kind(path)
    return {_DOCX: Format.DOCX, _EPUB: Format.EPUB, _ODT: Format.ODT}.get(kind)


def _foreign(path: Path, head: bytes) -> Format | None:
    """A file of another word processor, by its first bytes and, in the old Office, by what it holds."""
    if head.startswith(b"{\\rtf"):
        return Format.RTF
    if not head.startswith(_OLE):
        return None
    with path.open("rb") as file:
        content = file.read(_OLE_LOOKED_AT)
    if _ENCRYPTED in content:
        raise PasswordNeeded(f"{path.name} is locked with a password", "open it in Word and save it without one")
    return Format.DOC if _OF_WORD in content else None


def _is_html(head: bytes, path: Path) -> bool:
    """A page of the web: by its first words, or by its suffix where it begins with a tag."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    named = path.suffix.lower() in _SUFFIXES[Format.HTML] and start.startswith(b"<")
    return named or start.startswith((b"<!doctype html", b"<html")) or b"<html" in start[:2000]


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return _DOCX if _WORD_PART in _start(path) else "a damaged ZIP archive"
    kinds = (
        ("word/", _DOCX),
        ("xl/", "an Excel workbook (XLSX)"),
        ("ppt/", "a presentation (PPTX)"),
        ("META-INF/container.xml", _EPUB),
        ("content.xml", _open_document(path)),
    )
    return next((what for start, what in kinds if any(n.startswith(start) for n in names)), "a ZIP archive")


def _start(path: Path) -> bytes:
    """The beginning of an archive whose list of members is lost, where the headers of the first stand."""
    with path.open("rb") as file:
        return file.read(_START)


def _open_document(path: Path) -> str:
    """Texts are read by way of LibreOffice; tables and slides are not."""
    head = _head(path, path.name)[:200]
    return _ODT if b"opendocument.text" in head else "an OpenDocument file of another kind (ODS, ODP)"


def _is_binary(head: bytes) -> bool:
    """Mostly control characters, and not because it is UTF-16 or UTF-32."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    zeros = head.count(0)
    if zeros > len(head) // 4:
        even, odd = head[::2].count(0), head[1::2].count(0)
        return min(even, odd) > max(even, odd) // 10 + 1
    controls = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\f\x1b")
    return controls > len(head) * 3 // 10


def _suffix_note(path: Path, form: Format) -> tuple[Note, ...]:
    suffix = path.suffix.lower()
    if path.name == "stdin" or suffix in _SUFFIXES[form]:
        return ()
    known = {".pdf", ".txt", ".md", ".docx", ".doc", ".html", ".htm", ".rtf", ".odt", ".png", ".jpg"}
    if form is Format.TEXT and suffix not in known:
        return ()
    what = _CALLED[form]
    return (Note("suffix", f"named {suffix or 'without a suffix'}, but its content is {what}: read as that"),)
