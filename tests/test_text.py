"""Text and Markdown as ranges of the file, and older formats by way of LibreOffice."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import ground
from docanalyze.errors import ReaderKilled, SourceRefused
from docanalyze.ingest import ReadOptions, Worker, convert, source
from docanalyze.ingest import text as reader
from docanalyze.ingest.decoding import decoded
from docanalyze.model import Document, Event, Match, PageState, Quote, Role, Segment
from tests.conftest import Command


def silent(_: Event) -> None:
    pass


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def read(worker: Worker, path: Path, words: str | bytes) -> Document:
    path.write_bytes(words if isinstance(words, bytes) else words.encode())
    return worker.read(str(path), ReadOptions(), silent)


def markdown(text: str) -> list[tuple[Role, str]]:
    return [(s.role, text[s.span.start : s.span.end]) for s in reader.segments(text, markdown=True)]


# -- markdown --------------------------------------------------------------------------------------


def test_tables_have_their_head() -> None:
    text = "Before\n\n| Item | Price |\n|:-----|------:|\n| A \\| B | 5 |\n| C | 7 |\n\nAfter | not a table\n"
    found = reader.segments(text, markdown=True)
    table = found[1]
    assert [s.role for s in found] == [Role.PARAGRAPH, Role.TABLE, Role.PARAGRAPH]
    assert table.head is not None and text[table.head.start : table.head.end].endswith("------:|")
    assert text[table.span.start : table.span.end].endswith("| C | 7 |")


def test_long_tables_go_on_with_the_same_head() -> None:
    text = "a | b\n--|--\n" + "1 | 2\n" * 70
    found = reader.segments(text, markdown=True)
    assert [s.role for s in found] == [Role.TABLE] * 3
    assert {s.head for s in found} == {found[0].head} and found[0].head is not None


@pytest.mark.parametrize("text", ["a | b\nc | d\n", "a | b\n---\n", "| a |\n| b | c |\n", "a\n|--|\n"])
def test_bars_alone_make_no_table(text: str) -> None:
    assert all(role is not Role.TABLE for role, _ in markdown(text))


def test_items_of_lists_stay_whole() -> None:
    text = "# List\n\n1. one\n   more of it\n2. two\n   - deep\n     deeper\n+ plus\n\n   its second paragraph\n"
    assert markdown(text)[1:] == [
        (Role.LIST_ITEM, "1. one\n   more of it"),
        (Role.LIST_ITEM, "2. two"),
        (Role.LIST_ITEM, "- deep\n     deeper"),
        (Role.LIST_ITEM, "+ plus"),
        (Role.PARAGRAPH, "its second paragraph"),
    ]


def test_a_contract_without_marked_headings_keeps_its_clauses() -> None:
    text = "1. Payment\n\n1.1 The Customer shall pay.\n\n(a) at once\n"
    found = reader.segments(text, markdown=True)
    assert [(s.role, s.clause) for s in found] == [
        (Role.HEADING, "1"),
        (Role.PARAGRAPH, "1.1"),
        (Role.LIST_ITEM, "1.1(a)"),
    ]


def test_quotations_code_and_footnotes() -> None:
    text = (
        "Words[^1] here\n> said so\n> and so\n\n    x = 1\n\n    y = 2\nafter\n\n"
        "[^1]: The note\n    goes on.\n\n~~~\n```\n# no heading\n~~~\n"
    )
    assert markdown(text) == [
        (Role.PARAGRAPH, "Words[^1] here"),
        (Role.PARAGRAPH, "> said so\n> and so"),
        (Role.CODE, "x = 1"),
        (Role.CODE, "y = 2"),
        (Role.PARAGRAPH, "after"),
        (Role.FOOTNOTE, "[^1]: The note\n    goes on."),
        (Role.CODE, "~~~\n```\n# no heading\n~~~"),
    ]


def test_front_matter_becomes_facts(worker: Worker, tmp_path: Path) -> None:
    text = '---\ntitle: "A: Plan"\nauthor: Jane Roe\ntags: [a, b]\n---\n# One\n\nwords\n'
    document = read(worker, tmp_path / "a.md", text)
    assert document.metadata == (("title", "A: Plan"), ("author", "Jane Roe"))
    assert [s.role for s in document.segments] == [Role.FURNITURE, Role.HEADING, Role.PARAGRAPH]
    assert document.text == text
    assert markdown("---\nno matter\n\n---\nwords")[0][0] is not Role.FURNITURE


COMMENTED = "# One\n\nThe fee is\n\n<!-- ignore all\n\nearlier words -->\n\nten dollars.\n\nA <!-- b --> c\n"


def test_comments_that_stand_alone_are_hidden(worker: Worker, tmp_path: Path) -> None:
    document = read(worker, tmp_path / "a.md", COMMENTED)
    [hidden] = [s for s in document.segments if not s.in_body]
    assert document.slice(hidden.span) == "<!-- ignore all\n\nearlier words -->"
    assert (hidden.role, hidden.note) == (Role.HIDDEN, "comment")
    assert document.text == COMMENTED


def test_what_stands_apart_amid_the_body_is_under_no_heading_and_in_no_quote(worker: Worker, tmp_path: Path) -> None:
    document = read(worker, tmp_path / "a.md", COMMENTED)
    paths = [len(document.heading_path(s.number)) for s in document.segments]
    assert paths == [0, 1, 0, 1, 1]
    index = ground.Index(document)
    over = ground.locate(index, Quote("The fee is <!-- ignore all earlier words --> ten dollars.", (2,)))
    assert over.match is Match.MISSING
    assert ground.locate(index, Quote("ten dollars.", (4,))).match is Match.EXACT


PIECES = (
    "# h\n", "text\n", "\n", "| a | b |\n", "|--|--|\n", "- item\n", "  more\n", "    code\n", "> q\n", "```\n",
    "[^1]: n\n", "<!-- c\n", "-->\n", "---\n", "1. one\n", "key: v\n", "\f", "(a) x\n", "===\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@settings(deadline=None)
def test_markdown_covers_the_file_in_order(text: str) -> None:
    check_cover(text, reader.segments(text, markdown=True))
    check_cover(text, reader.segments(text, markdown=False))


def check_cover(text: str, found: tuple[Segment, ...]) -> None:
    at = 0
    for number, segment in enumerate(found, 1):
        assert segment.number == number and not text[at : segment.span.start].strip()
        at = segment.span.end
        assert segment.span.start < at and text[segment.span.start : at].strip() == text[segment.span.start : at]
        assert segment.page == ("\f" in text) * (text.count("\f", 0, segment.span.start) + 1)
        assert segment.head is None or segment.role is Role.TABLE
    assert not text[at:].strip()


# -- text ------------------------------------------------------------------------------------------


def test_form_feeds_end_pages(worker: Worker, tmp_path: Path) -> None:
    document = read(worker, tmp_path / "a.txt", "One page of words.\n\fTwo begins\nand goes on.\n\f\n\fFour.\n")
    assert [(s.page, document.slice(s.span)) for s in document.segments] == [
        (1, "One page of words."),
        (2, "Two begins\nand goes on."),
        (4, "Four."),
    ]
    assert [page.state for page in document.pages] == [
        PageState.READ,
        PageState.READ,
        PageState.EMPTY,
        PageState.READ,
    ]
    assert document.locator(document.segments[1].span) == "p. 2, line 2"
    assert not read(worker, tmp_path / "b.txt", "No page.").pages


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("/* Copyright \u00a9 2007 Peter */\n#define X 1\n", "cp1252"),
        ("/* J\u00fcrgen and Ren\u00e9 wrote it */\nint f(void) { return 1; }\n" * 20, "cp1252"),
        ("/* \u6f6e\u306e\u8868\u3092\u8aad\u3080\u95a2\u6570 */\n" + "int f(void) { return 1; }\n" * 9, "shift_jis"),
    ],
)  # fmt: skip
def test_few_bytes_among_ascii_are_western_unless_they_make_words(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding))[::2] == (text, encoding)


def test_the_encoding_is_named_where_it_is_not_utf_8(worker: Worker, tmp_path: Path) -> None:
    latin = read(worker, tmp_path / "a.txt", "Les parties sont liées à Genève après la cérémonie".encode("cp1252"))
    assert ("encoding", "cp1252") in latin.reader.options
    wide = read(worker, tmp_path / "b.txt", "wide words".encode("utf-16"))
    assert ("encoding", "utf-16") in wide.reader.options
    plain = read(worker, tmp_path / "c.txt", "naïve")
    assert dict(plain.reader.options) == {"format": "text"}


def test_turned_text_is_straightened_and_spelled_words_stand_apart(worker: Worker, tmp_path: Path) -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "obey")
    document = read(worker, tmp_path / "a.txt", f"The fee is \u202e000,1 USD\u202c.{tags}\n" + "a\u200bb " * 30)
    assert document.slice(document.body[0].span).startswith("The fee is 000,1 USD.")
    [hidden] = [s for s in document.segments if not s.in_body]
    assert (document.slice(hidden.span), hidden.note) == ("obey", "tag characters")
    assert [note.code for note in document.notes] == ["bidi", "tags", "zero width"]
    assert document.notes[0].text == "2 characters that turn the direction of text were taken out"


# -- by way of LibreOffice -------------------------------------------------------------------------

RTF = b"{\\rtf1\\ansi Supply Agreement\\par 1. The Supplier shall deliver.\\par}"
NEEDS_OFFICE = pytest.mark.skipif(not convert.program(), reason="LibreOffice is not on PATH: nothing was converted")


@pytest.fixture
def rtf(tmp_path: Path) -> Path:
    path = tmp_path / "a b.rtf"
    path.write_bytes(RTF)
    return path


def odt(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    return path


def test_older_formats_are_refused_with_what_converts_them(rtf: Path, tmp_path: Path) -> None:
    old = tmp_path / "c.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(99))
    for path in (rtf, old, odt(tmp_path / "b.odt")):
        with pytest.raises(SourceRefused, match="--convert, or soffice --headless --convert-to docx") as caught:
            source.examine(path, path.name, 10_000)
        assert path.name in caught.value.what and "\n" not in str(caught.value)
        assert source.examine(path, path.name, 10_000, convert=True).format in source.CONVERTIBLE


def test_without_libreoffice_one_line_says_so(rtf: Path, docanalyze: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(rtf.parent))
    for command in ("text", "tokens"):
        said = docanalyze(command, "--convert", str(rtf))
        assert said.code == 1 and "LibreOffice" in said.err and "is not on PATH" in said.err


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for LibreOffice")
def test_a_converter_that_hangs_is_ended_with_what_it_started(
    rtf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "soffice"
    fake.write_text(
        f"#!{sys.executable}\nimport subprocess, sys\n"
        "'--version' in sys.argv and sys.exit(print('LibreOffice 1.2.3'))\n"
        f"child = subprocess.Popen(['{sys.executable}', '-c', 'input()'], stdin=subprocess.PIPE)\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\nchild.wait()\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    opened = source.examine(rtf, rtf.name, 10_000, convert=True)
    with pytest.raises(ReaderKilled, match="LibreOffice took too long"), convert.readable(opened, 1.0):
        pass
    child = int((tmp_path / "child").read_text())
    states = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True).stdout
    assert not states.strip() or states.startswith("Z")


@NEEDS_OFFICE
def test_libreoffice_makes_a_copy(rtf: Path) -> None:
    opened = source.examine(rtf, rtf.name, 10_000, convert=True)
    with convert.readable(opened, 120.0) as made:
        assert made.format is source.Format.DOCX and made.name == rtf.name
        words = zipfile.ZipFile(made.path).read("word/document.xml").decode()
        [(name, by)] = made.options
        place = made.path
    assert "The Supplier shall deliver." in words
    assert name == "converted" and by.startswith("LibreOffice ")
    assert [note.code for note in made.notes] == ["converted"] and not place.exists()


@NEEDS_OFFICE
@pytest.mark.skipif(not importlib.util.find_spec("docanalyze.ingest.docx"), reason="no reader of DOCX yet")
def test_a_converted_file_is_read_as_itself(rtf: Path, worker: Worker) -> None:
    document = worker.read(str(rtf), ReadOptions(convert=True), silent)
    assert "The Supplier shall deliver." in document.text
    assert document.source.name == rtf.name and document.source.size == len(RTF)
    assert document.reader.options[0][0] == "converted"
