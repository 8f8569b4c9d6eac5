"""Reading: what is accepted, what is refused and how, and that text and places hold."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.errors import (
    PasswordNeeded,
    ReaderKilled,
    SourceDamaged,
    SourceError,
    SourceMissing,
    SourceRefused,
)
from docanalyze.ingest import Limits, Mark, ReadOptions, Worker
from docanalyze.ingest import text as reader
from docanalyze.ingest.clauses import Numbering, is_bullet, mark_of
from docanalyze.ingest.decoding import decode
from docanalyze.model import Box, Document, Event, PageState, Role, Span

OPTIONS = ReadOptions()
BODY = (
    "1. Payment",
    "1.1 The Customer shall pay each invoice within thirty days after it has received the invoice from the Supplier.",
    "1.2 The Supplier shall send its invoices on the first day of each month to the address that the Customer named.",
)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def silent(_: Event) -> None:
    pass


def pdf(path: Path, *pages: tuple[str, ...], rotation: int = 0) -> Path:
    """A PDF with a running head and page numbers, each paragraph wrapped by MuPDF."""
    document = pymupdf.open()
    for number, paragraphs in enumerate(pages, 1):
        page = document.new_page(width=400, height=500)
        page.insert_text((50, 30), "Services Agreement", fontsize=8)
        page.insert_text((190, 485), f"Page {number}", fontsize=8)
        y = 60.0
        for paragraph in paragraphs:
            bold = mark_of(paragraph) is not None and len(paragraph) < 40
            page.insert_textbox((50, y, 350, y + 90), paragraph, fontsize=11, fontname="hebo" if bold else "helv")
            y += 30 if bold else 95
        page.set_rotation(rotation)
    document.save(path)
    return path


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("a.txt", b"", SourceDamaged, "empty"),
        ("a.txt", b" \n\t\n", SourceDamaged, "only white space"),
        ("a.docx", b"PK\x03\x04 broken", SourceRefused, "ZIP"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(50), SourceRefused, "PNG"),
        ("a.txt", bytes(range(256)) * 8 + b"\x00\x01" * 500, SourceRefused, "binary"),
        ("a.rtf", b"{\\rtf1 hello}", SourceRefused, "RTF"),
        ("a.pdf", b"%PDF-1.7\ntruncated here", SourceDamaged, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    worker: Worker, tmp_path: Path, name: str, content: bytes, error: type[SourceError], said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as caught:
        worker.read(str(tmp_path / name), OPTIONS, silent)
    assert said in str(caught.value)
    assert name in caught.value.what and "\n" not in str(caught.value)


def test_missing_folder_address_and_pipe(worker: Worker, tmp_path: Path) -> None:
    for source, error in (
        (str(tmp_path / "no.pdf"), SourceMissing),
        (str(tmp_path), SourceRefused),
        ("https://example.org/a.pdf", SourceRefused),
        ("a\x00b", SourceMissing),
    ):
        with pytest.raises(error):
            worker.read(source, OPTIONS, silent)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(SourceRefused, match="no ordinary file"):
            worker.read(str(tmp_path / "pipe"), OPTIONS, silent)


def test_a_file_over_the_limit_names_the_option(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word " * 100)
    with pytest.raises(SourceRefused, match="--max-size"):
        worker.read(str(tmp_path / "a.txt"), ReadOptions(max_bytes=100), silent)


def test_content_decides_not_the_suffix(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("Just words.")
    document = worker.read(str(tmp_path / "a.pdf"), OPTIONS, silent)
    assert (document.format, document.text) == ("text", "Just words.")
    assert [note.code for note in document.notes] == ["suffix"]
    pdf(tmp_path / "b.pdf", BODY).rename(tmp_path / "b.txt")
    assert worker.read(str(tmp_path / "b.txt"), OPTIONS, silent).format == "pdf"


def test_a_locked_pdf_needs_its_password(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    document = pymupdf.open()
    document.new_page().insert_text((50, 50), "Secret words.")
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    with pytest.raises(PasswordNeeded, match="--password"):
        worker.read(str(path), OPTIONS, silent)
    with pytest.raises(PasswordNeeded, match="does not open"):
        worker.read(str(path), ReadOptions(password="wrong"), silent)
    assert "Secret words." in worker.read(str(path), ReadOptions(password="open"), silent).text


# -- limits ----------------------------------------------------------------------------------------


def endless(path: Path) -> Path:
    """Two kilobytes that draw ten to the ninth forms: each of ten levels calls the next ten times."""
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    parts.append("<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>")
    parts.append("<</Length 5>>stream\n/F Do\nendstream")
    for level in range(9):
        words = "/F Do " * 10
        inner = f"/Resources<</XObject<</F {6 + level} 0 R>>>>"
        parts.append(
            f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]{inner}/Length {len(words)}>>stream\n{words}\nendstream"
        )
    parts.append("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 8>>stream\n0 0 m h \nendstream")
    body = "".join(f"{number} 0 obj{part}\nendobj\n" for number, part in enumerate(parts, 1))
    path.write_text(f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size {len(parts) + 1}>>\n%%EOF")
    return path


def test_a_pdf_that_never_ends_is_ended_and_the_next_is_read(tmp_path: Path) -> None:
    path = endless(tmp_path / "endless.pdf")
    assert path.stat().st_size < 3_000
    with Worker(Limits(wall_seconds=2.0, wall_seconds_a_page=0.0)) as worker:
        with pytest.raises(ReaderKilled, match="too long"):
            worker.read(str(path), OPTIONS, silent)
        good = pdf(tmp_path / "good.pdf", BODY)
        assert "thirty days" in worker.read(str(good), OPTIONS, silent).text


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
def test_processor_time_is_bounded(tmp_path: Path) -> None:
    with Worker(Limits(cpu_seconds=1)) as worker, pytest.raises(ReaderKilled, match="stopped"):
        worker.read(str(endless(tmp_path / "endless.pdf")), OPTIONS, silent)


def test_what_was_read_before_a_limit_stays(tmp_path: Path) -> None:
    path = tmp_path / "half.pdf"
    document = pymupdf.open(pdf(tmp_path / "good.pdf", BODY))
    document.insert_pdf(pymupdf.open(endless(tmp_path / "endless.pdf")))
    document.new_page().insert_text((50, 50), "After.")
    document.save(path)
    with Worker(Limits(wall_seconds=2.0, wall_seconds_a_page=0.0)) as worker:
        read = worker.read(str(path), OPTIONS, silent)
    assert "thirty days" in read.text
    assert [page.state for page in read.pages] == [PageState.READ, PageState.UNREAD, PageState.READ]
    assert [(note.code, note.page) for note in read.notes] == [("stopped", 2)]
    assert "tried twice" in read.notes[0].text and "After." in read.text


def test_what_breaks_off_a_reading_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    long, other = pdf(tmp_path / "a.pdf", *[BODY] * 30), pdf(tmp_path / "b.pdf", ("Other words alone.",))

    def stop(event: Event) -> None:
        if event.done == 2:
            raise KeyboardInterrupt

    with Worker() as worker:
        with pytest.raises(KeyboardInterrupt):
            worker.read(str(long), OPTIONS, stop)
        assert worker.read(str(other), OPTIONS, silent).text.count("Other words alone.") == 1


def test_a_process_that_ends_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", BODY)
    with Worker() as worker:
        worker._answers.put(b'{"type": "op')
        worker._process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        # The first try meets the half of an answer, the second a process of its own.
        assert "thirty days" in worker.read(str(path), OPTIONS, silent).text


def test_places_are_not_measured_on_a_file_that_changed(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", BODY)
    with Worker() as worker:
        document = worker.read(str(path), OPTIONS, silent)
        pdf(path, ("Something else stands here now.", *BODY))
        with pytest.raises(SourceDamaged, match="changed after it was read"):
            worker.boxes(str(path), OPTIONS, document, [document.body[1].span])


# -- pdf -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contract(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Document]:
    path = str(pdf(tmp_path_factory.mktemp("pdf") / "a.pdf", *[BODY] * 5))
    return path, worker.read(path, OPTIONS, silent)


def test_lines_become_paragraphs_with_clauses(contract: tuple[str, Document]) -> None:
    _, document = contract
    first = [s for s in document.body if s.page == 1]
    assert [document.slice(s.span) for s in first] == list(BODY)
    assert [(s.role, s.clause) for s in first] == [
        (Role.HEADING, "1"),
        (Role.PARAGRAPH, "1.1"),
        (Role.PARAGRAPH, "1.2"),
    ]
    assert document.locator(first[1].span) == "p. 1, §1.1"


def test_running_heads_and_page_numbers_stand_apart(contract: tuple[str, Document]) -> None:
    _, document = contract
    apart = [document.slice(s.span) for s in document.segments if not s.in_body]
    assert sorted(set(apart)) == ["Page 1", "Page 2", "Page 3", "Page 4", "Page 5", "Services Agreement"]
    assert document.segments[-1].role is Role.FURNITURE
    assert document.body == document.segments[: len(document.body)]


def test_short_documents_keep_their_margins(worker: Worker, tmp_path: Path) -> None:
    document = worker.read(str(pdf(tmp_path / "a.pdf", BODY, BODY)), OPTIONS, silent)
    assert len(document.body) == len(document.segments)


@pytest.mark.parametrize("rotation", [0, 90, 180])
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_boxes_hold_just_the_words(
    worker: Worker, tmp_path_factory: pytest.TempPathFactory, rotation: int, data: st.DataObject
) -> None:
    path = str(pdf(tmp_path_factory.mktemp("box") / "a.pdf", BODY, rotation=rotation))
    document = worker.read(path, OPTIONS, silent)
    starts = [i for i in range(len(document.text)) if i == 0 or document.text[i - 1].isspace()]
    start = data.draw(st.sampled_from(starts))
    ends = [
        i
        for i in range(start + 1, len(document.text) + 1)
        if document.text[i : i + 1].isspace() or i == len(document.text)
    ]
    end = data.draw(st.sampled_from(ends[:25]))
    [boxes] = worker.boxes(path, OPTIONS, document, [Span(start, end)])
    page = pymupdf.open(path)[0]
    inside = [_words_in(page, box) for box in boxes]
    assert " ".join(inside).split() == document.text[start:end].split()


def _words_in(page: pymupdf.Page, box: Box) -> str:
    assert box.page == 1
    area = pymupdf.Rect(box.x0, box.y0, box.x1, box.y1)
    words = [w for w in page.get_text("words") if area.contains(pymupdf.Point((w[0] + w[2]) / 2, (w[1] + w[3]) / 2))]
    return " ".join(word[4] for word in words)


def test_a_hyphen_at_a_lines_end_stays_in_the_text(worker: Worker, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((50, 60), "This is the whole agree-")
    page.insert_text((50, 74), "ment of the parties.")
    document.save(tmp_path / "a.pdf")
    assert (
        worker.read(str(tmp_path / "a.pdf"), OPTIONS, silent).text == "This is the whole agree-\nment of the parties."
    )


def test_a_page_without_text_is_said_to_be_unread(worker: Worker, tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((50, 60), "Words here.")
    document.new_page()
    document.save(tmp_path / "a.pdf")
    pages = worker.read(str(tmp_path / "a.pdf"), OPTIONS, silent).pages
    assert [page.state for page in pages] == [PageState.READ, PageState.EMPTY]


def test_a_page_is_rendered_within_its_pixels(contract: tuple[str, Document]) -> None:
    path, _ = contract
    with Worker(Limits(most_pixels=20_000)) as small:
        image = pymupdf.Pixmap(small.render(path, OPTIONS, 1, 150))
        assert image.width * image.height <= 21_000
        with pytest.raises(SourceRefused, match="no page 9"):
            small.render(path, OPTIONS, 9, 72)


def test_a_marked_copy_leaves_the_source_alone(worker: Worker, contract: tuple[str, Document], tmp_path: Path) -> None:
    path, document = contract
    before = Path(path).read_bytes()
    span = document.body[1].span
    [boxes] = worker.boxes(path, OPTIONS, document, [span])
    copy = tmp_path / "copy.pdf"
    worker.mark(path, OPTIONS, document, copy, [Mark(boxes, "docanalyze", "Payment")])
    marked = pymupdf.open(copy)
    page = marked[0]  # kept: what stands on a page goes with it
    [note] = list(page.annots())
    assert (note.type[1], note.info["content"]) == ("Highlight", "Payment")
    assert Path(path).read_bytes() == before
    with pytest.raises(SourceRefused, match="is there already"):
        worker.mark(path, OPTIONS, document, copy, [])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.pdf"]


# -- text ------------------------------------------------------------------------------------------


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=400), st.booleans()
)
@settings(deadline=None)
def test_segments_cover_all_but_white_space(text: str, markdown: bool) -> None:
    found = reader.segments(text, markdown=markdown)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    position = 0
    for segment in found:
        assert not text[position : segment.span.start].strip()
        words = text[segment.span.start : segment.span.end]
        assert words and words == words.strip()
        assert segment.line == text.count("\n", 0, segment.span.start) + 1
        position = segment.span.end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("data", "text", "codes"),
    [
        (b"plain \xc3\xa9\r\n", "plain é\r\n", []),
        (b"\xef\xbb\xbfmarked", "marked", []),
        ("wide words here".encode("utf-16"), "wide words here", []),
        ("no mark at all".encode("utf-16-be"), "no mark at all", ["encoding"]),
        (b"a\x00b", "a\ufffdb", ["nul"]),
    ],
)
def test_decoding(data: bytes, text: str, codes: list[str]) -> None:
    decoded, notes = decode(data)
    assert (decoded, [note.code for note in notes]) == (text, codes)


def test_a_guessed_encoding_is_said() -> None:
    decoded, notes = decode("Les parties sont liées à Genève après la cérémonie d'août".encode("cp1252"))
    assert "liées à Genève" in decoded
    assert [note.code for note in notes] == ["encoding"] and "guess" in notes[0].text


def test_the_text_of_a_file_is_the_decoded_file(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"  One\r\n\r\n\r\n2. TWO\nthree  \n")
    document = worker.read(str(tmp_path / "a.txt"), OPTIONS, silent)
    assert document.text == "  One\r\n\r\n\r\n2. TWO\nthree  \n"
    assert [document.slice(s.span) for s in document.segments] == ["One", "2. TWO", "three"]
    assert worker.boxes("a", OPTIONS, document, [Span(0, 2)]) == [()]


def test_a_line_of_a_million_blanks(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One." + " " * 1_000_000 + "Two.\n\nThree.")
    assert len(worker.read(str(tmp_path / "a.txt"), OPTIONS, silent).segments) == 2


def test_markdown() -> None:
    text = "# Title\n\nWords\nmore\n\nSub\n---\n\n- one\n- two\n\n```\n# code\n\nx\n```\n"
    found = reader.segments(text, markdown=True)
    assert [(s.role, s.level, text[s.span.start : s.span.end]) for s in found] == [
        (Role.HEADING, 1, "# Title"),
        (Role.PARAGRAPH, 0, "Words\nmore"),
        (Role.HEADING, 2, "Sub\n---"),
        (Role.LIST_ITEM, 0, "- one"),
        (Role.LIST_ITEM, 0, "- two"),
        (Role.CODE, 0, "```\n# code\n\nx\n```"),
    ]


# -- clauses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["30 days after", "3.5 million", "2019. The", "The 3.2", "%5", "(see below)", "Schedule B applies to it."]
)
def test_figures_that_begin_no_clause(text: str) -> None:
    assert mark_of(text) is None


def test_numbering_composes_what_one_cites() -> None:
    numbering = Numbering()
    starts = (
        "1. Scope",
        "1.1 The",
        "(a) first",
        "(b) second",
        "(i) deep",
        "(ii) deeper",
        "(c) third",
        "ARTICLE IV",
        "4.2 The",
    )
    marks = [mark_of(text) for text in starts]
    assert [numbering.take(mark) for mark in marks if mark] == [
        "1", "1.1", "1.1(a)", "1.1(b)", "1.1(b)(i)", "1.1(b)(ii)", "1.1(c)", "IV", "4.2",
    ]  # fmt: skip
    schedule, clause = mark_of("Schedule B: Fees"), mark_of("1.1 The fee")
    assert schedule and clause
    assert [numbering.take(schedule), numbering.take(clause)] == ["Schedule B", "Schedule B, 1.1"]


def test_letters_and_roman_figures_are_told_apart() -> None:
    numbering = Numbering(base="2")
    marks = [mark_of(f"({mark}) word") for mark in ("g", "h", "i", "j")]
    assert [numbering.take(mark) for mark in marks if mark] == ["2(g)", "2(h)", "2(i)", "2(j)"]


def test_bullets() -> None:
    assert is_bullet("• one") and is_bullet("- one") and not is_bullet("-one")
