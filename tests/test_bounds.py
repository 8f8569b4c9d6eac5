"""What bounds and ends the reading process, and what is kept of a reading that was ended."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pymupdf
import pytest

from docanalyze.errors import ReaderKilled, SourceDamaged
from docanalyze.ingest import Limits, ReadOptions, Worker, bounds
from docanalyze.ingest.gathering import PartsReading, PdfReading
from docanalyze.ingest.source import Format, Opened
from docanalyze.model import PageState, Source, Span

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
    with pytest.raises(ReaderKilled, match=r"a\.docx"):
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


def test_pages_beyond_the_cap_are_named(tmp_path: Path) -> None:
    document = pymupdf.open()
    for number in range(5):
        document.new_page().insert_text((72, 72), f"Words of page {number}.")
    document.save(tmp_path / "a.pdf")
    with Worker(Limits(most_pages=3)) as worker:
        read = worker.read(str(tmp_path / "a.pdf"), ReadOptions(), lambda event: None)
    assert [page.state for page in read.pages] == [PageState.READ] * 3 + [PageState.UNREAD] * 2
    assert read.pages[4].reason == "beyond the first 3 pages"
    assert [note.text for note in read.notes] == ["5 pages: the first 3 were read"]


def test_a_page_of_countless_drawings_is_read_without_them(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 72), "Words under very many lines.")
    lines = b"".join(b"%d %d 3 3 re f 0 0 0 rg " % (n % 600, n % 800) for n in range(1_000_000))
    document.update_stream(page.get_contents()[0], page.read_contents() + b" " + lines)
    path = str(tmp_path / "a.pdf")
    document.save(path, deflate=True)
    options = ReadOptions(ocr="never")
    with Worker(Limits(memory_bytes=700_000_000, wall_seconds=5.0)) as worker:
        read = worker.read(path, options, lambda event: None)
        assert [read.slice(s.span) for s in read.body] == ["Words under very many lines."]
        [boxes] = worker.boxes(path, options, read, [Span(0, 5)])
    assert boxes and abs(boxes[0].x0 - 72) < 1
