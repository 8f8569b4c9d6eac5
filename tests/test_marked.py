"""A copy of the source with the findings marked in it: highlights on a PDF, comments in a Word document."""

import re
import zipfile
from pathlib import Path

import pymupdf
import pytest
from lxml import etree

from docanalyze.ingest import read
from docanalyze.model import Role
from tests.conftest import Command

SAMPLES = Path(__file__).parent.parent / "samples"
PDF, DOCX = SAMPLES / "contract.pdf", SAMPLES / "contract.docx"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def made(pattern: str) -> Path:
    [path] = Path("outputs").glob(pattern)
    return path


def body(path: Path) -> list[str]:
    document = read(str(path))
    return [document.slice(segment.span) for segment in document.body]


def comments(path: Path) -> dict[str, tuple[str, str]]:
    """Author and words of each comment, by its number."""
    with zipfile.ZipFile(path) as package:
        tree = etree.fromstring(package.read("word/comments.xml"))
    return {
        one.get(f"{W}id", ""): (one.get(f"{W}author", ""), "\n".join("".join(p.itertext()) for p in one.iter(f"{W}p")))
        for one in tree.iter(f"{W}comment")
    }


def commented(path: Path) -> dict[str, str]:
    """The words between the ends of each comment's range, by its number."""
    with zipfile.ZipFile(path) as package:
        tree = etree.fromstring(package.read("word/document.xml"))
    open_: set[str] = set()
    words: dict[str, str] = {}
    for element in tree.iter():
        if element.tag == f"{W}commentRangeStart":
            open_.add(element.get(f"{W}id", ""))
        elif element.tag == f"{W}commentRangeEnd":
            open_.discard(element.get(f"{W}id", ""))
        elif element.tag == f"{W}t":
            for number in open_:
                words[number] = words.get(number, "") + (element.text or "")
    return words


def test_a_pdf_gets_highlights_with_notes_and_keeps_its_words(docanalyze: Command) -> None:
    before = PDF.read_bytes()
    result = docanalyze(PDF, "--marked")
    copy, source = pymupdf.open(made("*.marked.pdf")), pymupdf.open(PDF)
    assert PDF.read_bytes() == before
    assert [page.get_text() for page in copy] == [page.get_text() for page in source]
    notes = [(annot.type[1], annot.info["content"]) for page in copy for annot in page.annots()]
    assert {kind for kind, _ in notes} == {"Highlight"}
    assert any("Governing law and disputes: Governing law: Ireland\nVerdict: quoted" in text for _, text in notes)
    assert re.search(r"Marked +\S+\.marked\.pdf\n +\d+ of \d+ findings", result.out)
    assert "without a quote in the document: not marked" in result.out


def test_a_word_document_gets_comments_on_the_quoted_words(docanalyze: Command) -> None:
    before = DOCX.read_bytes()
    docanalyze(DOCX, "--marked")
    copy = made("*.marked.docx")
    assert DOCX.read_bytes() == before
    assert body(copy) == body(DOCX)
    written, words = comments(copy), commented(copy)
    assert "Agreed on the telephone" in written["0"][1] and written["0"][0] == "Orla Fennimore"
    ours = {number: text for number, (author, text) in written.items() if author == "docanalyze"}
    assert len(ours) > 20 and set(ours) <= set(words)
    [law] = [number for number, text in ours.items() if text.startswith("Governing law and disputes: Governing law:")]
    assert "governed by" in words[law] and "laws of England" in words[law]
    [party] = [number for number, text in ours.items() if text.startswith("Parties: Teasel Dock Works Limited")]
    assert words[party].startswith("Teasel Dock Works Limited") and "Quillhaven" not in words[party]
    told = {
        document.slice(s.span) for document in [read(str(copy))] for s in document.segments if s.role is Role.COMMENT
    }
    assert any("Governing law" in text for text in told)


def test_a_marked_copy_is_made_of_a_finished_run_too_and_never_of_another_file(docanalyze: Command, here: Path) -> None:
    mine = here / "mine.pdf"
    mine.write_bytes(PDF.read_bytes())
    docanalyze(mine)
    assert docanalyze("report", "--marked").code == 0
    assert made("*.marked.pdf").exists()
    mine.write_bytes(PDF.read_bytes() + b"\n")
    changed = docanalyze("report", "--marked")
    assert changed.code != 0 and "Traceback" not in changed.err
    assert "note: the report shows the text instead of pages" in changed.err
    mine.unlink()
    assert docanalyze("report", "--marked").code != 0


@pytest.mark.parametrize("command", [("--marked",), ()])
def test_what_cannot_be_marked_is_said(docanalyze: Command, contract: Path, command: tuple[str, ...]) -> None:
    docanalyze(contract, *command) if command else docanalyze(contract)
    refused = docanalyze("report", "--marked")
    assert refused.code != 0
    assert "cannot be marked: marks need a PDF or a Word document (DOCX)" in refused.err
