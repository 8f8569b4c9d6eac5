"""What bounds and ends the reading process, and what is kept of a reading that was ended."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docanalyze.errors import ReaderKilled, SourceDamaged
from docanalyze.ingest import bounds
from docanalyze.ingest.gathering import PartsReading, PdfReading
from docanalyze.ingest.source import Format, Opened
from docanalyze.model import PageState, Source

SOURCE = Source("a.docx", "a.docx", "0" * 64, 10)
KILLED = ReaderKilled("reading took too long and was stopped", "look at it")


def opened() -> Opened:
    return Opened(Path("a.docx"), "a.docx", Format.DOCX, ())


def part(words: str) -> list[object]:
    return [words, "paragraph", 0, "", 0, 0, "", 0, False]


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX")
def test_a_process_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "import subprocess, sys, time;"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open({str(mark)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    deadline = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    child = int(mark.read_text())
    bounds.end(process)
    while time.monotonic() < deadline and Path(f"/proc/{child}").exists():
        if "\nState:\tZ" in Path(f"/proc/{child}/status").read_text():
            break
        time.sleep(0.02)
    assert process.returncode is not None and time.monotonic() < deadline


def test_why_a_process_ended() -> None:
    assert "processor time" in bounds.why(-24) and "memory" in bounds.why(-9) and "with 3" in bounds.why(3)


def test_parts_that_came_before_the_end_are_kept_and_it_is_said() -> None:
    reading = PartsReading(opened())
    reading.take({"type": "parts", "parts": [part("One."), part("Two.")]})
    reading.stop(KILLED)
    document = reading.document(SOURCE)
    assert [document.slice(s.span) for s in document.segments] == ["One.", "Two."]
    assert [(n.code, "2 paragraphs" in n.text) for n in document.notes] == [("stopped", True)]


def test_an_end_before_anything_was_read_is_an_error() -> None:
    with pytest.raises(ReaderKilled, match="a.docx"):
        PartsReading(opened()).stop(KILLED)
    with pytest.raises(SourceDamaged, match="no words"):
        PartsReading(opened()).document(SOURCE)


def test_a_page_is_tried_twice_then_set_aside_and_not_for_ever() -> None:
    reading = PdfReading("a.pdf")
    reading.take({"type": "open", "pages": 9, "notes": [], "outline": []})
    assert [reading.stop(KILLED) for _ in range(4)] == [True, True, True, False]
    assert [page.page.page.number for page in reading.pages] == [1, 2]
    with pytest.raises(ReaderKilled):
        reading.end()
    assert {page.state for page in reading.all_pages()} == {PageState.UNREAD} and len(reading.all_pages()) == 9
