"""Electronic books: the spine in its order, what is protected or made to harm refused."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from docanalyze.errors import SourceDamaged, SourceError, SourceRefused
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.ingest.archive import Archive, within
from docanalyze.model import Document, Event, Role

OPTIONS = ReadOptions()
CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Two Chapters</dc:title>
<dc:creator>Jane Roe</dc:creator><dc:language>en</dc:language></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="b" href="text/second%20one.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/first.xhtml" media-type="application/xhtml+xml"/>
<item id="css" href="style.css" media-type="text/css"/>{items}</manifest>
<spine toc="ncx"><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/>{spine}</spine></package>"""
FIRST = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><link rel="stylesheet" href="../style.css"/></head>
<body><h1 id="x">One</h1><a id="p1"/><p>It was a bright cold day&nbsp;in April.</p>
<p class="gone">never seen</p></body></html>"""
SECOND = """<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head>
<body><h1>Two</h1><p>The end came.</p>
<hr style="page-break-after:always"/><p>Or not.</p><img src="i.png" alt=""/></body></html>"""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def silent(_: Event) -> None:
    pass


def book(path: Path, *, items: str = "", spine: str = "", **more: str) -> Path:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE.format(items=items, spine=spine),
        "OEBPS/nav.xhtml": "<html><body><nav><ol><li>Contents</li></ol></nav></body></html>",
        "OEBPS/text/first.xhtml": FIRST,
        "OEBPS/text/second one.xhtml": SECOND,
        "OEBPS/style.css": ".gone { display: none }",
    } | {name.replace("__", "/"): content for name, content in more.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if content:
                archive.writestr(name, content)
    return path


def read(worker: Worker, path: Path) -> Document:
    return worker.read(str(path), OPTIONS, silent)


def test_chapters_are_read_in_the_order_of_the_spine(worker: Worker, tmp_path: Path) -> None:
    document = read(worker, book(tmp_path / "a.epub"))
    assert [(s.role, s.level, document.slice(s.span)) for s in document.body] == [
        (Role.HEADING, 1, "One"),
        (Role.PARAGRAPH, 0, "It was a bright cold day in April."),
        (Role.HEADING, 1, "Two"),
        (Role.PARAGRAPH, 0, "The end came."),
        (Role.PARAGRAPH, 0, "Or not."),
    ]
    assert document.metadata == (("title", "Two Chapters"), ("author", "Jane Roe"), ("language", "en"))
    assert document.format == "epub" and not document.pages
    assert [note.code for note in document.notes] == ["images"]
    [hidden] = [s for s in document.segments if not s.in_body]
    assert (document.slice(hidden.span), hidden.note) == ("never seen", "display:none")


def test_a_chapter_that_is_missing_or_leads_out_is_said(worker: Worker, tmp_path: Path) -> None:
    items = "".join(
        f'<item id="{name}" href="{address}" media-type="application/xhtml+xml"/>'
        for name, address in (("c", "text/third.xhtml"), ("d", "../../../../etc/passwd"), ("e", "/etc/passwd"))
    )
    path = book(tmp_path / "a.epub", items=items, spine='<itemref idref="c"/><itemref idref="d"/><itemref idref="e"/>')
    document = read(worker, path)
    assert [note.code for note in document.notes] == ["missing"] * 3 + ["images"]
    assert "root:" not in document.text


ENCRYPTED = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">
<enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/></enc:EncryptedData></encryption>"""


def test_a_protected_book_is_refused_but_not_for_its_fonts(worker: Worker, tmp_path: Path) -> None:
    words = ENCRYPTED.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    locked = book(tmp_path / "a.epub", **{"META-INF__encryption.xml": words})
    with pytest.raises(SourceRefused, match="protected against copying"):
        read(worker, locked)
    fonts = ENCRYPTED.format("http://www.idpf.org/2008/embedding")
    assert read(worker, book(tmp_path / "b.epub", **{"META-INF__encryption.xml": fonts})).text.startswith("One")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"OEBPS__book.opf": ""}, SourceDamaged),
        ({"META-INF__container.xml": "<container/>"}, SourceDamaged),
        ({"META-INF__container.xml": CONTAINER.replace("OEBPS", "../..")}, SourceDamaged),
        ({"OEBPS__bomb.txt": "0" * 2_000_000}, SourceRefused),
    ],
)
def test_damaged_or_made_to_harm(
    worker: Worker, tmp_path: Path, more: dict[str, str], error: type[SourceError]
) -> None:
    with pytest.raises(error) as caught:
        read(worker, book(tmp_path / "a.epub", **more))
    assert "a.epub" in caught.value.what and "\n" not in str(caught.value)


def test_entities_are_not_resolved(worker: Worker, tmp_path: Path) -> None:
    entity = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yy">]>'
    chapter = (
        f'<?xml version="1.0"?>{entity}<html xmlns="http://www.w3.org/1999/xhtml"><p>before &x;&y; after</p></html>'
    )
    document = read(worker, book(tmp_path / "a.epub", **{"OEBPS__text__first.xhtml": chapter}))
    assert "before &x;&y; after" in document.text and "root:" not in document.text


def test_too_many_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(4001):
            archive.writestr(str(number), "")
    with pytest.raises(SourceRefused, match="4,001 files"):
        Archive(tmp_path / "a.zip", "a.zip")


@pytest.mark.parametrize(
    ("folder", "address", "member"),
    [("a/b", "../c.x", "a/c.x"), ("", "c", "c"), ("a", "../../c", ""), ("a", "/c", ""), ("", "..", ""), ("a", "", "a")],
)
def test_addresses_stay_within(folder: str, address: str, member: str) -> None:
    assert within(folder, address) == member
