"""The fonts in which pages are drawn whose own are not in the file: MuPDF's, and those of the system.

MuPDF brings its own and looks for no others; LibreOffice, where it makes a copy to read, has those of
the system.
"""

import shutil
import subprocess
from dataclasses import dataclass

from docanalyze.ingest import convert
from docanalyze.ingest.pdf.opening import pymupdf

_SECONDS = 30
_NEEDED = (
    ("Latin", "helv", "é"),
    ("Greek", "helv", "Ω"),
    ("Cyrillic", "helv", "Ж"),
    ("Chinese", "cjk", "合"),
    ("Japanese", "cjk", "あ"),
    ("Korean", "cjk", "한"),
)


@dataclass(frozen=True, slots=True)
class Fonts:
    """Scripts that can be drawn without a font in the file, and that cannot; how many fonts the system has."""

    built_in: tuple[str, ...]
    missing: tuple[str, ...]
    on_system: int
    converts: bool


def fonts() -> Fonts:
    """What there is. Opens no document."""
    there = {script: _has(font, letter) for script, font, letter in _NEEDED}
    return Fonts(
        tuple(script for script, good in there.items() if good),
        tuple(script for script, good in there.items() if not good),
        _on_system(),
        convert.program() != "",
    )


def _has(font: str, letter: str) -> bool:
    try:
        return bool(pymupdf().Font(font).has_glyph(ord(letter)))
    except Exception:  # noqa: BLE001 - MuPDF's own errors share no base but this one
        return False


def _on_system() -> int:
    """How many fonts the system's list has; 0 where it has no such list."""
    program = shutil.which("fc-list")
    if program is None:
        return 0
    try:
        ended = subprocess.run([program, ":", "file"], capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return len(ended.stdout.splitlines())
