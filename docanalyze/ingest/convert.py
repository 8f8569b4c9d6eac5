"""Older word processors' files, by way of LibreOffice: a copy as DOCX, made in a place of its own.

LibreOffice is started only where that was asked for, with an empty profile in which macros and links
are off, and is ended with all that it started when it takes too long.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from docanalyze.errors import ReaderKilled, SourceDamaged, SourceRefused
from docanalyze.ingest import bounds
from docanalyze.ingest.source import CONVERTIBLE, Opened, examine
from docanalyze.model import Note

_PROGRAMS = ("soffice", "libreoffice")
_MOST_BYTES = 1_000_000_000
_VERSION_SECONDS = 60.0
_ITEM = '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">',
    _ITEM.format("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    _ITEM.format("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    _ITEM.format("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    # Never to follow links when a text is opened.
    _ITEM.format("Writer/Content/Update", "Link", "2"),
    "</oor:items>",
)


def program() -> str:
    """LibreOffice as it is found on PATH; empty if it is not."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), "")


@contextmanager
def readable(opened: Opened, seconds: float) -> Iterator[Opened]:
    """The file itself, or, of a kind that is read by way of LibreOffice, a copy that lasts as long as this.

    Raises SourceRefused without LibreOffice, ReaderKilled if it takes too long, SourceDamaged if it
    makes nothing of the file.
    """
    if opened.format not in CONVERTIBLE:
        yield opened
        return
    found = program()
    if not found:
        raise SourceRefused(
            f"LibreOffice, which {opened.name} is read by, is not on PATH", "install it, or save the file as DOCX"
        )
    with tempfile.TemporaryDirectory(prefix="docanalyze-") as folder:
        place = Path(folder)
        (place / "profile" / "user").mkdir(parents=True)
        (place / "profile" / "user" / "registrymodifications.xcu").write_text("".join(_PROFILE), encoding="utf-8")
        # A name of ours: the file's own might be taken for an option.
        copy = place / f"source.{opened.format.value}"
        shutil.copyfile(opened.path, copy)
        version = _version(found, place)
        to = ("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(place / "made"), str(copy))
        _run(found, place, seconds, *to)
        made = place / "made" / "source.docx"
        if not made.is_file():
            raise SourceDamaged(f"LibreOffice makes nothing of {opened.name}", "open it there and save it as DOCX")
        docx = examine(made, opened.name, _MOST_BYTES)
        note = Note("converted", f"read from a copy converted by LibreOffice {version}".rstrip())
        options = (("converted", f"LibreOffice {version}".rstrip()),)
        yield replace(docx, notes=(*opened.notes, note), options=options)


def _version(found: str, place: Path) -> str:
    said = _run(found, place, _VERSION_SECONDS, "--version").split()
    return said[1] if len(said) > 1 and said[0] == "LibreOffice" else ""


def _run(found: str, place: Path, seconds: float, *arguments: str) -> str:
    """What LibreOffice prints, run alone with its own profile."""
    process = subprocess.Popen(
        [
            found,
            f"-env:UserInstallation={(place / 'profile').as_uri()}",
            *("--headless", "--nologo", "--nodefault", "--norestore", "--nolockcheck"),
            *arguments,
        ],
        cwd=place,
        env=os.environ | {"HOME": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0].decode("utf-8", errors="replace")
    except subprocess.TimeoutExpired:
        raise ReaderKilled("LibreOffice took too long and was stopped", "save the file as DOCX") from None
    finally:
        bounds.end(process)
        if process.stdout is not None:
            process.stdout.close()
