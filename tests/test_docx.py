"""Word documents: clause numbers as Word shows them, and everything that stands beside the text."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docanalyze.errors import PasswordNeeded, SourceDamaged, SourceError, SourceRefused
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.ingest.docx.numbering import Lists
from docanalyze.model import Document, Role, Segment
from tests.docx_material import (
    LEGAL,
    STRICT,
    W,
    cell,
    docx,
    level,
    numbering,
    p,
    part,
    r,
    relation,
    row,
    table,
)

Reads = Callable[..., Document]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


@pytest.fixture
def reads(worker: Worker, tmp_path: Path) -> Reads:
    """The Document of a package with this body and these parts."""

    def read(body: str, **parts: str) -> Document:
        path = docx(tmp_path / "a.docx", body, extra=None, **parts)
        return worker.read(str(path), ReadOptions(), lambda event: None)

    return read


def told(document: Document) -> list[str]:
    return [document.slice(segment.span) for segment in document.body]


def clauses(document: Document) -> list[str]:
    return [segment.clause for segment in document.body]


def apart(document: Document, role: Role) -> list[tuple[str, str]]:
    return [(document.slice(s.span), s.note) for s in document.segments if s.role is role]


def notes(document: Document) -> dict[str, str]:
    return {note.code: note.text for note in document.notes}


# -- clause numbers --------------------------------------------------------------------------------


def test_numbers_of_several_levels_are_written_and_cited_in_full(reads: Reads) -> None:
    depths = [0, 1, 2, 2, 3, 3, 1, 0, 1]
    document = reads("".join(p("Words.", num=(1, d)) for d in depths), numbering=numbering(*LEGAL))
    labels = ["1.", "1.1", "(a)", "(b)", "(i)", "(ii)", "1.2", "2.", "2.1"]
    assert told(document) == [f"{label} Words." for label in labels]
    full = ["1", "1.1", "1.1(a)", "1.1(b)", "1.1(b)(i)", "1.1(b)(ii)", "1.2", "2", "2.1"]
    assert clauses(document) == full
    assert document.locator(document.segments[4].span) == "§1.1(b)(i)"
    assert document.segments[2].role is Role.LIST_ITEM


def test_a_letter_i_after_h_is_a_letter_where_the_list_says_so(reads: Reads) -> None:
    document = reads("".join(p("Words.", num=(1, 2)) for _ in range(9)), numbering=numbering(*LEGAL))
    assert clauses(document)[-2:] == ["1.1(h)", "1.1(i)"] or clauses(document)[-2:] == ["(h)", "(i)"]


@pytest.mark.parametrize(
    ("form", "template", "labels"),
    [
        ("upperRoman", "Article %1", ["Article I", "Article II", "Article III"]),
        ("decimalZero", "%1)", ["01)", "02)", "03)"]),
        ("upperLetter", "%1.", ["A.", "B.", "C."]),
        ("ordinal", "%1", ["1st", "2nd", "3rd"]),
        ("cardinalText", "Part %1", ["Part One", "Part Two", "Part Three"]),
        ("ordinalText", "%1", ["First", "Second", "Third"]),
        ("bullet", "\uf0b7", ["•", "•", "•"]),
        ("none", "Schedule", ["Schedule", "Schedule", "Schedule"]),
    ],
)
def test_forms_of_numbers(reads: Reads, form: str, template: str, labels: list[str]) -> None:
    document = reads(p("x", num=(1, 0)) * 3, numbering=numbering(level(0, form, template)))
    assert told(document) == [f"{label} x" for label in labels]


def test_letters_go_on_after_z(reads: Reads) -> None:
    document = reads(p("x", num=(1, 0)) * 28, numbering=numbering(level(0, "lowerLetter", "%1.")))
    assert told(document)[25:] == ["z. x", "aa. x", "bb. x"]


def test_a_level_that_never_restarts(reads: Reads) -> None:
    levels = level(0, "decimal", "%1."), level(1, "lowerLetter", "(%2)", '<w:lvlRestart w:val="0"/>')
    body = "".join(p("x", num=(1, depth)) for depth in (0, 1, 0, 1))
    assert told(reads(body, numbering=numbering(*levels))) == ["1. x", "(a) x", "2. x", "(b) x"]


def test_an_override_restarts_once(reads: Reads) -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = "".join(p("x", num=(number, 0)) for number in (1, 1, 2, 2, 1))
    document = reads(body, numbering=numbering(level(0, "decimal", "%1."), nums=again))
    assert told(document) == ["1. x", "2. x", "5. x", "6. x", "7. x"]


def test_legal_numbers_show_figures_for_roman_levels(reads: Reads) -> None:
    levels = level(0, "upperRoman", "Article %1"), level(1, "decimal", "%1.%2", "<w:isLgl/>")
    body = p("x", num=(1, 0)) * 2 + p("y", num=(1, 1))
    document = reads(body, numbering=numbering(*levels))
    assert told(document)[-1] == "2.1 y" and clauses(document) == ["I", "II", "2.1"]


def test_levels_by_style_and_lists_by_style(reads: Reads) -> None:
    levels = (
        level(0, "decimal", "%1.", '<w:pStyle w:val="Clause"/>'),
        level(1, "decimal", "%1.%2", '<w:pStyle w:val="Sub"/>'),
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for name in ("Clause", "Sub")
    )
    styles += '<w:style w:type="paragraph" w:styleId="Deep"><w:name w:val="Deep"/><w:basedOn w:val="Sub"/></w:style>'
    body = p("a", style="Clause") + p("b", style="Sub") + p("c", style="Deep")
    assert told(reads(body, styles=styles, numbering=numbering(*levels))) == ["1. a", "1.1 b", "1.2 c"]


def test_a_list_linked_by_a_style_counts_as_the_one_it_is_linked_to() -> None:
    from lxml import etree

    inner = (
        f'<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="L"/>{level(0, "decimal", "§%1")}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="L"/></w:abstractNum>'
        '<w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num>'
    )
    lists = Lists(etree.fromstring(part("numbering", inner).encode()))
    labels = [lists.take("7", 0) for _ in range(2)]
    assert [label.text for label in labels if label] == ["§1", "§2"] and lists.take("0", 0) is None


def test_what_is_not_counted(reads: Reads) -> None:
    section = '<w:sectPr><w:type w:val="nextPage"/></w:sectPr>'
    body = p("a", num=(1, 0)) + p(num=(1, 0), more=section) + p("b", num=(0, 0)) + p("c", num=(1, 0))
    assert told(reads(body, numbering=numbering(*LEGAL))) == ["1. a", "b", "2. c"]


def test_typed_numbers_are_cited_as_well_and_references_are_checked(reads: Reads) -> None:
    body = p("1. Term") + p("1.1 It ends under Section 1.2 or Section 9.9.") + p("1.2 See Section 1 (Term).")
    document = reads(body)
    assert clauses(document) == ["1", "1.1", "1.2"]
    assert notes(document)["references"] == (
        "2 of 3 cross-references lead to a clause of that number; of 1 that give its title 1 name it right"
    )


def test_sections_of_another_law_are_not_checked(reads: Reads) -> None:
    document = reads(p("1. Law") + p("As defined in Section 409 of the Internal Revenue Code."))
    assert "references" not in notes(document)


# -- headings and tables ---------------------------------------------------------------------------


def test_headings_by_outline_style_and_name(reads: Reads) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="b1"><w:name w:val="berschrift"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="b2"><w:name w:val="x"/><w:basedOn w:val="b1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H3"><w:name w:val="heading 3"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    )
    long = "The Supplier shall deliver the goods to the place that the Customer names. It bears the cost."
    body = p("One", style="b1") + p("Two", style="b2") + p("Three", style="H3") + p("All", style="T")
    document = reads(body + p(long, style="H3") + p("Plain words here."), styles=styles)
    found = [(s.role, s.level) for s in document.body]
    assert found[:4] == [(Role.HEADING, 1), (Role.HEADING, 1), (Role.HEADING, 3), (Role.HEADING, 1)]
    assert [role for role, _ in found[4:]] == [Role.PARAGRAPH, Role.PARAGRAPH]


def test_a_table_is_rows_of_cells_under_its_header(reads: Reads) -> None:
    body = table(
        row("Item", "Fee", properties="<w:tblHeader/>"),
        row("Platform", "EUR 1,200.50"),
        row(cell("Both", properties='<w:gridSpan w:val="2"/>')),
        row(cell("Tall", properties='<w:vMerge w:val="restart"/>'), "1"),
        row(cell("", properties="<w:vMerge/>"), "2"),
        row("x", properties='<w:gridBefore w:val="1"/>'),
    )
    [segment] = reads(body).body
    document = reads(body)
    assert segment.role is Role.TABLE and document.slice(segment.span).split("\n") == [
        "Item | Fee",
        "Platform | EUR 1,200.50",
        "Both",
        "Tall | 1",
        "| 2",
        "| x",
    ]
    assert segment.head is not None and document.slice(segment.head) == "Item | Fee"


def test_a_header_is_guessed_only_over_figures(reads: Reads) -> None:
    figures = reads(table(row("Role", "Rate"), row("Trainer", "118"), row("Engineer", "152")))
    words = reads(table(row("Purpose", "Study"), row("Term", "Two years")))
    assert figures.body[0].head is not None and words.body[0].head is None


def test_a_long_table_stands_in_several_segments_under_one_header(reads: Reads) -> None:
    rows = [row("No", "Fee", properties="<w:tblHeader/>"), *(row(str(n), f"{n}.5") for n in range(70))]
    document = reads(table(*rows))
    assert [s.role for s in document.body] == [Role.TABLE] * 3
    assert {document.slice(s.head) for s in document.body if s.head} == {"No | Fee"}
    assert "".join(told(document)).count("|") == 71


def test_a_frame_and_a_clause_beside_its_number_are_no_tables(reads: Reads) -> None:
    framed = reads(table(row(cell("First words.", "Second words."))))
    assert [s.role for s in framed.body] == [Role.PARAGRAPH, Role.PARAGRAPH]
    clause = "The Supplier shall deliver what was ordered to the place that was named in the order."
    placed = reads(table(row("(a)", clause), row("(b)", clause)))
    assert Role.TABLE not in {s.role for s in placed.body}


def test_a_table_within_a_table_is_read_once(reads: Reads) -> None:
    inner = table(row("deep", "7"), row("deeper", "8"))
    document = reads(table(row("a", cell(inner, "<w:p/>")), row("b", "2")))
    assert document.text.count("deeper") == 1


# -- what stands beside the text -------------------------------------------------------------------

BY = 'w:author="Jane Doe" w:date="2026-03-04T10:00:00Z"'


def test_insertions_are_read_deletions_are_not_and_both_are_listed(reads: Reads) -> None:
    gone = '<w:r><w:delText xml:space="preserve">thirty </w:delText></w:r>'
    body = p(
        "It pays within ",
        f"<w:del w:id='1' {BY}>{gone}</w:del>",
        f"<w:ins w:id='2' {BY}>{r('sixty ')}</w:ins>",
        "days.",
    )
    document = reads(body)
    assert told(document) == ["It pays within sixty days."]
    assert apart(document, Role.DELETION) == [("thirty", 'by Jane Doe, 2026-03-04, in "It pays within sixty days."')]
    assert apart(document, Role.INSERTION)[0][0] == "sixty"
    assert notes(document)["changes"].startswith("1 insertion and 1 deletion are not accepted yet")
    assert all(not s.in_body for s in document.segments[1:])


def test_a_paragraph_whose_end_is_deleted_goes_on_and_does_not_count(reads: Reads) -> None:
    mark = f"<w:rPr><w:del w:id='1' {BY}/></w:rPr>"
    body = p("One ", num=(1, 0), more=mark) + p("and two.", num=(1, 0)) + p("Three.", num=(1, 0))
    assert told(reads(body, numbering=numbering(*LEGAL))) == ["1. One and two.", "2. Three."]


def test_rows_that_were_inserted_or_deleted(reads: Reads) -> None:
    body = table(
        row("a", "1"),
        row("b", "2", properties=f"<w:del w:id='1' {BY}/>"),
        row("c", "3", properties=f"<w:ins w:id='2' {BY}/>"),
    )
    document = reads(body)
    assert told(document) == ["a | 1\nc | 3"]
    assert [note for _, note in apart(document, Role.DELETION)] == ["by Jane Doe, 2026-03-04, a row of a table"]


def test_footnotes_are_numbered_as_they_appear(reads: Reads) -> None:
    def mark(key: int, kind: str = "footnote") -> str:
        return f'<w:r><w:{kind}Reference w:id="{key}"/></w:r>'

    footnotes = '<w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote>' + "".join(
        f'<w:footnote w:id="{key}">{p(words)}</w:footnote>' for key, words in ((7, "See A."), (3, "See B."))
    )
    endnotes = f'<w:endnote w:id="2">{p("At the end.")}</w:endnote>'
    body = p("First", mark(7), " and more.") + p("Second", mark(3), mark(2, "endnote"))
    document = reads(body, footnotes=footnotes, endnotes=endnotes)
    assert told(document) == ["First and more.", "1 See A.", "Second", "2 See B.", "i At the end."]
    assert document.body[1].role is Role.FOOTNOTE and document.body[4].note == "endnote i"


def test_fields_give_their_result_alone(reads: Reads) -> None:
    def char(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code = "<w:r><w:instrText>REF _x \\h</w:instrText></w:r>"
    nested = char("begin") + code + char("begin") + code + char("separate") + r("inner") + char("end")
    body = p("See ", nested, char("separate"), "Section 4", char("end"), ".")
    body += p(char("begin") + code + char("separate") + r("One")) + p("Two", char("end"), " three")
    body += p('<w:fldSimple w:instr="DATE">' + r("4 March") + "</w:fldSimple>")
    assert told(reads(body)) == ["See Section 4.", "One", "Two three", "4 March"]


def test_controls_links_and_characters(reads: Reads) -> None:
    def control(inner: str) -> str:
        return f"<w:sdt><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    body = control(p("In a control, ", control(r("twice"))))
    body += p("<w:smartTag>" + r("Egypt") + "</w:smartTag>", "<w:hyperlink>" + r(" linked") + "</w:hyperlink>")
    body += p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:softHyphen/></w:r>")
    body += p('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', " agreed")
    body += p("<w:r><w:ruby><w:rt>" + r("yomi") + "</w:rt><w:rubyBase>" + r("base") + "</w:rubyBase></w:ruby></w:r>")
    body += p("<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>")
    found = told(reads(body))
    assert found == ["In a control, twice", "Egypt linked", "a\tb\nc\u2011\u00ad", "☒ agreed", "base", "E=mc"]


def test_a_text_box_is_read_once(reads: Reads) -> None:
    box = f"<w:txbxContent>{p('Boxed words.')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    document = reads(p("Before.", f"<w:r>{both}</w:r>") + p("After.") + p(f"<w:r><w:pict>{box}</w:pict></w:r>"))
    assert told(document) == ["Before.", "Boxed words.", "After.", "Boxed words."]


def test_comments_name_their_author_and_what_they_are_on(reads: Reads) -> None:
    comments = f'<w:comment w:id="4" {BY}>{p("Too long.")}</w:comment>'
    body = p('<w:commentRangeStart w:id="4"/>', "sixty days", '<w:commentRangeEnd w:id="4"/>', " it is")
    document = reads(body, comments=comments)
    assert apart(document, Role.COMMENT) == [("Too long.", 'by Jane Doe, 2026-03-04, on "sixty days"')]


def test_headers_and_footers_once(reads: Reads) -> None:
    document = reads(p("Words."), header1=p("Draft"), header2=p("Draft"), footer1=p("Page 1"))
    assert apart(document, Role.FURNITURE) == [("Draft", "header"), ("Page 1", "footer")]


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ("<w:vanish/>", "hidden by Word"),
        ('<w:vanish w:val="0"/>', ""),
        ('<w:color w:val="FFFFFF"/>', "white on white"),
        ('<w:color w:val="ffffff"/><w:shd w:val="clear" w:fill="000080"/>', ""),
        ('<w:color w:val="FFFFFF"/><w:highlight w:val="red"/>', ""),
        ('<w:sz w:val="2"/>', "tiny"),
        ('<w:rStyle w:val="Ghost"/>', "hidden by Word"),
        ('<w:rStyle w:val="Ghost"/><w:vanish w:val="false"/>', ""),
    ],
)
def test_hidden_words_stand_apart_with_why(reads: Reads, properties: str, why: str) -> None:
    styles = '<w:style w:type="character" w:styleId="Ghost"><w:name w:val="g"/><w:rPr><w:vanish/></w:rPr></w:style>'
    document = reads(p("Seen ", r("unseen", properties)), styles=styles)
    assert apart(document, Role.HIDDEN) == ([("unseen", why)] if why else [])
    assert told(document) == (["Seen"] if why else ["Seen unseen"])


def test_characters_that_nobody_sees_are_taken_out(reads: Reads) -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    document = reads(p(f"Plain{tags} wo\u202erds"))
    assert told(document) == ["Plain words"] and apart(document, Role.HIDDEN) == [("obey", "tag characters")]
    assert {"bidi", "tags"} <= set(notes(document))


def test_facts_and_what_lies_beside_the_text(reads: Reads, tmp_path: Path) -> None:
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Lease</dc:title><dc:creator>A. B.</dc:creator>'
        "</cp:coreProperties>"
    )
    relations = relation("vbaProject", "vbaProject.bin") + relation("attachedTemplate", "http://x/y.dotm", "External")
    relations += relation("hyperlink", "http://harmless", "External")
    settings = '<w:documentProtection w:edit="readOnly" w:enforcement="1"/>'
    document = reads(p("Words."), core=core, relations=relations, settings=settings)
    assert dict(document.metadata) == {"title": "Lease", "author": "A. B."}
    said = notes(document)
    assert "vbaProject.bin" in said["attachments"] and said["outside"].startswith("1 part ") and "protected" in said


# -- packages --------------------------------------------------------------------------------------


def test_strict_names_a_renamed_part_and_a_missing_relationship(worker: Worker, tmp_path: Path, reads: Reads) -> None:
    assert told(reads(p("Strict words."), namespace=STRICT)) == ["Strict words."]
    assert told(reads(p("Renamed."), main="word/document2.xml")) == ["Renamed."]
    path = tmp_path / "bare.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", part("document", f"<w:body>{p('Bare.')}</w:body>"))
    document = worker.read(str(path), ReadOptions(), lambda event: None)
    assert told(document) == ["Bare."] and "repaired" in notes(document)


def test_a_cut_package_is_read_as_far_as_it_goes(worker: Worker, tmp_path: Path) -> None:
    whole = docx(tmp_path / "a.docx", "".join(p(f"Paragraph {n} of the lease.") for n in range(400)))
    data = whole.read_bytes()
    cut = tmp_path / "cut.docx"
    cut.write_bytes(data[: len(data) * 2 // 3])
    document = worker.read(str(cut), ReadOptions(), lambda event: None)
    assert "Paragraph 0 of the lease." in document.text and "repaired" in notes(document)


def test_a_document_type_is_refused(worker: Worker, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    main = part("document", f"<w:body>{p('X&b;Y')}</w:body>").replace("?>", f"?>{bomb}", 1)
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", main)
    with pytest.raises(SourceRefused, match="document type"):
        worker.read(str(path), ReadOptions(), lambda event: None)


def test_a_side_part_with_a_document_type_is_left_out_with_a_note(worker: Worker, tmp_path: Path) -> None:
    comments = part("comments", f"<w:comment w:id='1'>{p('no')}</w:comment>").replace("?>", "?><!DOCTYPE x>", 1)
    path = docx(
        tmp_path / "a.docx",
        p("Words."),
        relations=relation("comments", "c.xml"),
        extra={"word/c.xml": comments.encode()},
    )
    document = worker.read(str(path), ReadOptions(), lambda event: None)
    assert told(document) == ["Words."] and "word/c.xml" in notes(document)["part"]


def test_bombs_and_crowds_are_refused(worker: Worker, tmp_path: Path) -> None:
    bomb = docx(tmp_path / "bomb.docx", p("Words."), extra={"word/x.xml": b" " * 3_000_000})
    crowd = docx(tmp_path / "crowd.docx", p("Words."), extra={f"word/{n}": b"" for n in range(4100)})
    for path, reason in ((bomb, "packed"), (crowd, "4,")):
        with pytest.raises(SourceRefused, match=reason):
            worker.read(str(path), ReadOptions(), lambda event: None)


def test_names_that_lead_out_of_the_package_touch_nothing(worker: Worker, tmp_path: Path) -> None:
    relations = relation("comments", "../../../../etc/passwd") + relation("footnotes", "/../../etc/passwd")
    path = docx(tmp_path / "a.docx", p("Words."), relations=relations, extra={"../../evil": b"x"})
    before = sorted(tmp_path.parent.rglob("*"))
    assert told(worker.read(str(path), ReadOptions(), lambda event: None)) == ["Words."]
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_locked_file_says_so(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600)
    with pytest.raises(PasswordNeeded, match="locked"):
        worker.read(str(path), ReadOptions(), lambda event: None)


@pytest.mark.parametrize("body", ["", p(), p(" "), "<w:nothing/>"])
def test_a_document_without_words(reads: Reads, body: str) -> None:
    with pytest.raises(SourceDamaged, match="no words"):
        reads(body)


def test_what_is_no_package_at_all(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    for content in (b"PK\x03\x04 word/document.xml nothing", b"PK\x03\x04" + bytes(range(256)) * 20):
        path.write_bytes(content)
        with pytest.raises(SourceError):
            worker.read(str(path), ReadOptions(), lambda event: None)


def test_segments_are_ordered_and_cover_the_text(reads: Reads) -> None:
    body = "".join(p(f"Clause {n}.", num=(1, n % 4)) for n in range(40)) + table(row("a", "1"), row("b", "2"))
    document = reads(body, numbering=numbering(*LEGAL), header1=p("Head"))
    ends = 0
    segment: Segment
    for number, segment in enumerate(document.segments, 1):
        assert segment.number == number and segment.span.start >= ends
        assert not document.text[ends : segment.span.start].strip()
        ends = segment.span.end
    assert ends == len(document.text) and W in part("document", "")
