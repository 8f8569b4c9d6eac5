"""A PDF opened: MuPDF made quiet, the lock, the outline, and what the file says of itself."""

import re
from pathlib import Path
from typing import Any

from docanalyze.errors import PasswordNeeded, SourceDamaged, SourceRefused
from docanalyze.ingest.answering import Json, damaged

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_MOST_ENTRIES = 5000
_MOST_NAMED = 20


def pymupdf() -> Any:
    """The library, which keeps what it has to complain of to itself."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


def opened(path: Path, request: Json) -> Any:
    """The PDF, unlocked. Raises a SourceError for whatever keeps it from being read."""
    name = request["name"]
    try:
        document = pymupdf().open(path, filetype="pdf")
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


def with_layers(path: Path, request: Json, document: Any) -> Any:
    """The same file with every layer switched on; None where none is off. Its text is not to be seen otherwise."""
    if all(layer.get("on", 1) for layer in document.layer_ui_configs()):
        return None
    whole = opened(path, request)
    for layer in whole.layer_ui_configs():
        if not layer.get("on", 1):
            whole.set_layer_ui_config(layer["number"], 0)
    return whole


def notes(document: Any) -> list[list[str]]:
    """What a user must know of the file as a whole."""
    found = []
    if document.is_repaired:
        found.append(["repaired", "the file was damaged and had to be repaired: parts may be missing"])
    if document.metadata.get("encryption"):
        found.append(["protected", "the file is encrypted; its owner may have restricted its use"])
    names = [plain(name) for name in document.embfile_names()] if document.embfile_count() else []
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        found.append(["attachments", f"attached files are not read: {', '.join(names[:_MOST_NAMED])}{more}"])
    return found


def metadata(document: Any) -> list[list[str]]:
    """Pairs of name and value from the file's information, as far as they are there."""
    found = document.metadata or {}
    names = ("title", "author", "subject", "keywords", "creationDate", "modDate", "creator", "producer")
    return [[name, plain(found[name])[:500]] for name in names if found.get(name)]


def outline(document: Any) -> list[list[object]]:
    """[level, title, page] of the file's own outline."""
    try:
        return [[level, title, page] for level, title, page, *_ in document.get_toc(simple=True)[:_MOST_ENTRIES]]
    except Exception:  # noqa: BLE001 - a broken outline is no reason not to read the pages
        return []


def plain(text: object) -> str:
    """On one line, without control characters."""
    return _INVISIBLE.sub(" ", str(text)).strip()
