"""Pages of a PDF: the order of reading, tables, what is not to be seen, scans, pages that lie on their side."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest

from docanalyze.ingest import ReadOptions, Worker
from docanalyze.ingest.pdf.ocr import tessdata
from docanalyze.ingest.plausible import doubt_of
from docanalyze.ingest.ways import DOWN, LEFT, RIGHT, UP, main_way, turned, turned_back
from docanalyze.model import Document, PageSource, PageState, Role, Span
from tests.contract_of import assert_holds

Reads = Callable[..., Document]
FILL = "The hull of a barge is surveyed in the dock, and every plate that has worn is named in the report of the yard."
needs_ocr = pytest.mark.skipif(not tessdata("eng"), reason="no OCR data (tessdata, eng) on this machine")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


@pytest.fixture
def reads(worker: Worker, tmp_path: Path) -> Reads:
    """The Document of a PDF that MuPDF made."""

    def read(made: "pymupdf.Document", **options: str) -> Document:
        path = tmp_path / "a.pdf"
        made.save(path)
        document = worker.read(str(path), ReadOptions(**options), lambda event: None)  # type: ignore[arg-type]
        assert_holds(document)
        return document

    return read


def made(*, width: float = 595, height: float = 842) -> tuple["pymupdf.Document", "pymupdf.Page"]:
    document = pymupdf.open()
    return document, document.new_page(width=width, height=height)


def put(page: "pymupdf.Page", x: float, y: float, words: str, size: float = 10, **more: object) -> None:
    page.insert_text((x, y), words, fontsize=size, **more)


def column(page: "pymupdf.Page", x: float, lines: list[str], top: float = 100) -> None:
    for number, line in enumerate(lines):
        put(page, x, top + 12 * number, line)


def told(document: Document) -> list[str]:
    return [" ".join(document.slice(segment.span).split()) for segment in document.body]


def hidden(document: Document) -> dict[str, str]:
    return {document.slice(s.span): s.note for s in document.segments if s.role is Role.HIDDEN}


# -- order -----------------------------------------------------------------------------------------


def lines_of(name: str, count: int = 20) -> list[str]:
    return [f"{name} line {number:02d} runs to the edge of its column" for number in range(count)]


@pytest.mark.parametrize("first", ["left", "right"])
def test_columns_are_read_one_after_the_other_whichever_was_written_first(reads: Reads, first: str) -> None:
    document, page = made()
    columns = [(60, lines_of("left")), (320, lines_of("right"))]
    for x, lines in columns if first == "left" else reversed(columns):
        column(page, x, lines)
    text = " ".join(told(reads(document)))
    assert text.index("left line 19") < text.index("right line 00") and text.index("left line 00") == 0


def test_a_title_over_both_columns_that_was_written_last_comes_first(reads: Reads) -> None:
    document, page = made()
    column(page, 60, lines_of("left"))
    column(page, 320, lines_of("right"))
    put(page, 60, 80, "A title over both of the columns of this page", 18)
    assert told(reads(document))[0].startswith("A title")


def test_a_sentence_goes_on_in_the_next_column_past_a_footnote(reads: Reads) -> None:
    document, page = made()
    column(page, 60, [*lines_of("left"), "and this sentence goes on over the foot of"])
    put(page, 60, 700, "1 A note in small type at the foot of the column.", 7)
    column(page, 320, ["its column, where it ends.", *lines_of("right")])
    read = reads(document)
    assert any("over the foot of its column, where it ends." in paragraph for paragraph in told(read))
    assert [read.slice(s.span)[:8] for s in read.segments if s.role is Role.FOOTNOTE] == ["1 A note"]


WIDE = "The seller keeps every barge of the fleet in repair and answers for the plates that have worn at"


def test_a_paragraph_ends_where_more_room_follows_its_sentence(reads: Reads) -> None:
    document, page = made()
    column(
        page, 72, [WIDE, "the stern of the hull, as the yard that surveys it names them in the report that it makes."]
    )
    column(page, 72, ["The buyer may have her surveyed once more. " + WIDE[:50], WIDE, "its own cost."], top=129)
    assert [text[:9] for text in told(reads(document))] == ["The selle", "The buyer"]


def test_a_paragraph_ends_where_the_next_word_would_have_fitted(reads: Reads) -> None:
    document, page = made()
    column(page, 90, ["7.  " + WIDE[:80]])
    column(page, 105, ["the stern of the hull, and so it is said in the report that it makes to the yard."], 112)
    column(page, 60, ["Except as said, " + WIDE, *[WIDE] * 3, "the bow."], 124)
    assert [text[:6] for text in told(reads(document))] == ["7. The", "Except"]


def test_numbers_that_touch_their_clauses_begin_them(reads: Reads) -> None:
    document, page = made()
    column(page, 72, ["1.Buyer pays for the survey of the hull;", "2.Upon the survey the yard pays for the plates."])
    document = reads(document)
    assert [segment.clause for segment in document.body] == ["1", "2"]


def test_the_page_of_how_many_is_no_text_wherever_it_stands(reads: Reads) -> None:
    document, _ = made()
    document.new_page()
    for number, page in enumerate(document, 1):
        put(page, 72, 100, "The barge floats.")
        put(page, 280, 420, f"Page {number} of 2")
        put(page, 72, 500, "Page 1 of 3")
    assert told(reads(document)) == ["The barge floats.", "Page 1 of 3"] * 2


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_rotated_page_is_read_and_measured_as_it_lies_in_the_file(reads: Reads, turn: int) -> None:
    document, page = made()
    column(page, 60, lines_of("left"))
    page.set_rotation(turn)
    read = reads(document)
    assert told(read)[0].startswith("left line 00") and read.pages[0].rotation == turn
    assert (read.pages[0].width, read.pages[0].height) == ((842, 595) if turn in (90, 270) else (595, 842))


def test_words_that_stand_on_their_side_on_every_page_are_the_text(
    reads: Reads, worker: Worker, tmp_path: Path
) -> None:
    document = pymupdf.open()
    for number in range(5):
        page = document.new_page()
        for line in range(6):
            put(page, 100 + 14 * line, 700, f"Sideways line {line} of page {number} with words of its own", rotate=90)
    read = reads(document)
    assert len(read.body) == 5 and told(read)[0].startswith("Sideways line 0 of page 0")
    start = read.text.index("line 3 of page 2")
    [boxes] = worker.boxes(str(tmp_path / "a.pdf"), ReadOptions(), read, [Span(start, start + 6)])
    assert boxes[0].page == 3 and boxes[0].y1 - boxes[0].y0 > boxes[0].x1 - boxes[0].x0


@pytest.mark.parametrize("way", [RIGHT, DOWN, LEFT, UP])
def test_turning_a_page_there_and_back(way: int) -> None:
    box = (10.0, 20.0, 110.0, 32.0)
    assert turned_back(turned(box, way, 600.0, 800.0), way, 600.0, 800.0) == box
    assert main_way([(way, 70), (RIGHT, 30)]) == way


def test_what_lies_beyond_the_cropped_page_is_not_to_be_seen(reads: Reads) -> None:
    document, page = made()
    put(page, 100, 300, FILL)
    put(page, 100, 790, "Cropped away from the page that people see")
    page.set_cropbox(pymupdf.Rect(50, 200, 700, 600) & page.mediabox)
    read = reads(document)
    assert hidden(read) == {"Cropped away from the page that people see": "off the page"}


# -- tables ----------------------------------------------------------------------------------------


def grid(page: "pymupdf.Page", rows: list[list[str]], *, top: float = 200, ruled: bool = False) -> None:
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            put(page, 70 + 150 * place, top + 18 * number, cell)
    if ruled:
        for y in (top - 12, top + 6, top + 18 * len(rows) - 10):
            page.draw_line((65, y), (520, y))


ROWS = [["Role", "Rate", "Change"], ["Consultant", "135.50", "-2.5%"], ["Engineer", "1,152.00", "+0.4%"], ["Trainer", "118.00", "n/a"]]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("ruled", [False, True])
def test_a_table_has_every_figure_in_its_row_under_its_header(reads: Reads, ruled: bool) -> None:
    document, page = made()
    put(page, 70, 150, FILL[:69])
    grid(page, ROWS, ruled=ruled)
    put(page, 70, 320, FILL[:69])
    read = reads(document)
    [table] = [s for s in read.segments if s.role is Role.TABLE]
    assert read.slice(table.span).split("\n") == [" | ".join(row) for row in ROWS]
    assert table.head is not None and read.slice(table.head) == "Role | Rate | Change"
    assert told(read)[0] == FILL[:69] and told(read)[-1] == FILL[:69]


def test_an_empty_cell_keeps_its_place_and_a_wrapped_one_is_one(reads: Reads) -> None:
    document, page = made()
    rows = [["Role", "Rate", "Note"], ["Consultant", "135.50", "by the"], ["Engineer", "", "none"], ["Trainer", "118.00", "none"]]  # fmt: skip  # noqa: E501
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            put(page, 70 + 150 * place, 200 + 40 * number, cell)
    put(page, 370, 212 + 40, "hour")
    for y in (185, 210, 370):
        page.draw_line((65, y), (520, y))
    [table] = [s for s in reads(document).segments if s.role is Role.TABLE]
    read = reads(document)
    lines = read.slice(table.span).split("\n")
    assert lines[1] == "Consultant | 135.50 | by the hour" and lines[2] == "Engineer |  | none"


def test_two_columns_between_two_rules_are_no_table(reads: Reads) -> None:
    document, page = made()
    column(page, 60, lines_of("left"))
    column(page, 320, lines_of("right"))
    for y in (80, 360):
        page.draw_line((60, y), (540, y))
    assert Role.TABLE not in {s.role for s in reads(document).segments}


# -- what is not to be seen ------------------------------------------------------------------------


def test_text_that_people_do_not_see_stands_apart_with_why(reads: Reads) -> None:
    document, page = made()
    put(page, 72, 60, FILL)
    put(page, 72, 100, "white words", color=(1, 1, 1))
    put(page, 72, 140, "tiny words", 0.8)
    put(page, 700, 160, "words off the page")
    put(page, 72, 180, "invisible words", render_mode=3)
    put(page, 72, 220, "covered words")
    page.draw_rect((70, 208, 300, 224), color=(1, 1, 1), fill=(1, 1, 1))
    page.draw_rect((70, 228, 300, 246), color=(0, 0, 0), fill=(0, 0, 0))
    put(page, 72, 240, "black words on black")
    page.draw_rect((70, 250, 300, 268), color=(0, 0, 0.6), fill=(0, 0, 0.6))
    put(page, 72, 262, "white words on blue", color=(1, 1, 1))
    put(page, 72, 290, "words of a layer", oc=document.add_ocg("off", on=False))
    put(page, 72, 320, "words behind a picture")
    picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 9, 9))
    picture.set_rect(picture.irect, (200, 220, 200))
    page.insert_image((60, 305, 400, 330), pixmap=picture, keep_proportion=False)
    read = reads(document)
    assert hidden(read) == {
        "white words": "white",
        "tiny words": "tiny",
        "words off the page": "off the page",
        "invisible words": "invisible",
        "covered words": "covered",
        "black words on black": "in the colour of its ground",
        "words of a layer": "on a layer that is switched off",
        "words behind a picture": "behind an image",
    }
    assert "white words on blue" in told(read) and read.pages[0].hidden == sum(map(len, hidden(read)))
    assert all(segment.boxes for segment in read.segments)


def test_fields_notes_and_attached_files(reads: Reads) -> None:
    document, page = made()
    put(page, 72, 60, FILL)
    page.add_text_annot((72, 100), "Is this right?").set_info(title="Jane Doe")
    field = pymupdf.Widget()
    field.rect, field.field_type = pymupdf.Rect(72, 200, 300, 220), pymupdf.PDF_WIDGET_TYPE_TEXT
    field.field_name, field.field_value = "Name", "J. Doe"
    page.add_widget(field)
    document.embfile_add("secret.txt", b"hello")
    read = reads(document)
    apart = {s.role: (read.slice(s.span), s.note) for s in read.segments if not s.in_body}
    assert apart[Role.FORM_FIELD] == ("Name: J. Doe", "Text")
    assert apart[Role.COMMENT] == ("Is this right?", "Text by Jane Doe")
    assert any("secret.txt" in note.text for note in read.notes if note.code == "attachments")


# -- scans and text that cannot be right -----------------------------------------------------------


def scan(*lines: str, turn: int = 0) -> "pymupdf.Document":
    """A page that is a picture of words."""
    _, page = made()
    for number, line in enumerate(lines):
        put(page, 72, 100 + 24 * number, line, 14)
    picture = page.get_pixmap(matrix=pymupdf.Matrix(2.5, 2.5).prerotate(turn), alpha=False)
    width, height = (842, 595) if turn in (90, 270) else (595, 842)
    document, target = made(width=width, height=height)
    target.insert_image(target.rect, pixmap=picture)
    return document


WORDS = ("The survey of the hull is to be sent to the Owner", "within five days, and it names each plate that is worn.")


def test_without_ocr_a_scan_is_not_read_and_the_receipt_says_why(reads: Reads) -> None:
    [page] = reads(scan(*WORDS), ocr="never").pages
    assert (page.state, page.source, page.chars) == (PageState.EMPTY, PageSource.NONE, 0)
    assert page.ink > 0.9 and "OCR is switched off" in page.reason


@needs_ocr
@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_scan_is_read_whichever_way_it_lies(reads: Reads, worker: Worker, tmp_path: Path, turn: int) -> None:
    read = reads(scan(*WORDS, turn=turn))
    assert "within five days" in read.text and read.pages[0].source is PageSource.OCR
    assert ("ocr", "eng") in read.reader.options
    start = read.text.index("five days")
    [boxes] = worker.boxes(str(tmp_path / "a.pdf"), ReadOptions(), read, [Span(start, start + 9)])
    [box] = boxes
    along = box.x1 - box.x0 if turn in (0, 180) else box.y1 - box.y0
    assert 40 < along < 110


@needs_ocr
def test_ocr_of_all_pages_where_it_is_forced(reads: Reads) -> None:
    document, page = made()
    put(page, 72, 100, WORDS[0], 14)
    assert reads(document).pages[0].source is PageSource.TEXT
    assert reads(document, ocr="force").pages[0].source is PageSource.OCR


def test_a_text_layer_that_cannot_be_right_is_marked(reads: Reads) -> None:
    document, page = made()
    shifted = "".join(chr(ord(c) + 1) if c.isalpha() else c for c in FILL)
    for number in range(8):
        put(page, 72, 100 + 14 * number, shifted[:90])
    [read] = reads(document, ocr="never").pages
    assert read.doubt == "it holds no known words" and read.state is PageState.PART
    assert "OCR is switched off" in read.reason


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (FILL * 3, ""),
        ("Le navire est visité dans le bassin et la coque est nettoyée par les ouvriers du chantier. " * 2, ""),
        ("\ufffd" * 30 + FILL, "characters have no known meaning"),
        ("\ue001\ue002" * 60, "mean something to this font alone"),
        ("12.5 17.3 99.1 " * 40, ""),
        ("short", ""),
    ],
)
def test_doubts(text: str, doubt: str) -> None:
    assert doubt in doubt_of(text) and bool(doubt) == bool(doubt_of(text))
