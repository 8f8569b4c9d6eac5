"""Files that lie: each mutation is read, read in part, or refused in one line; nothing else ever happens."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest

from docanalyze.errors import SourceError
from docanalyze.ingest import Limits, ReadOptions, Worker
from docanalyze.store import Store
from tests.contract_of import assert_holds
from tests.mutations import mutated

SAMPLES = Path(__file__).parent.parent / "samples"
LIMITS = Limits(wall_seconds=5.0, wall_seconds_a_page=0.0, cpu_seconds=5)
OPTIONS = ReadOptions(ocr="never")
TRIES = 60
HTML = (
    "<html><head><title>Lease</title><style>.x{display:none}</style></head><body><h1>Lease</h1><p>Rent is "
    "<b>EUR 1,200</b>.</p><div class='x'>unseen</div><table><tr><th>Item<th>Fee<tr><td>Rent<td>$<td>1,200</table>"
    "<ol start=3><li>three<li>four</ol><hr style='page-break-after:always'><p>Second page.</p></body></html>"
)
MARKDOWN = (
    "---\ntitle: x\n---\n# Lease\n\n| Item | Fee |\n|---|---|\n| Rent | 12 |\n\n1. One\n\n```\ncode\n```\n[^1]: note\n"
)


def epub() -> bytes:
    import io

    target = io.BytesIO()
    container = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
    book = '<package><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'  # noqa: E501
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("a.opf", book)
        archive.writestr("c.xhtml", HTML)
    return target.getvalue()


def pages(name: str, first: int, last: int) -> bytes:
    """Some pages of a sample, small enough to be changed often."""
    with pymupdf.open(SAMPLES / name) as document:
        document.select(range(first, last + 1))
        written: bytes = document.tobytes(garbage=3, deflate=False)
    return written


GOOD: dict[str, Callable[[], bytes]] = {
    "contract.pdf": lambda: pages("contract.pdf", 17, 18),
    "paper.pdf": lambda: pages("paper.pdf", 3, 4),
    "contract.docx": lambda: (SAMPLES / "contract.docx").read_bytes(),
    "page.html": lambda: HTML.encode(),
    "book.epub": epub,
    "notes.md": lambda: (MARKDOWN * 5).encode(),
    "notes.txt": lambda: ("1. Lease\n\nRent is EUR 1,200.\f\nÄ page\n" * 20).encode("utf-16"),
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(LIMITS) as worker:
        yield worker


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_holds(name: str, worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD[name]())
    assert_holds(worker.read(str(path), OPTIONS, lambda event: None))


@pytest.mark.parametrize("name", GOOD)
def test_a_mutation_is_read_or_refused(
    name: str, worker: Worker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = GOOD[name]()
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / name
    read = 0
    for seed in range(TRIES):
        path.write_bytes(mutated(seed, good))
        try:
            document = worker.read(str(path), OPTIONS, lambda event: None)
        except SourceError as error:
            assert error.what and "\n" not in error.what and "Traceback" not in error.what, f"seed {seed}"
            continue
        try:
            assert_holds(document)
        except AssertionError as error:
            raise AssertionError(f"seed {seed} of {name}") from error
        read += 1
        if seed % 10 == 0:
            with Store.open(tmp_path / f"{seed}.db") as store:
                store.put_document(document)
                assert store.document(document.id) == document
    assert read > TRIES // 10
    assert [found.name for found in folder.iterdir()] == [name]
    assert capfd.readouterr() == ("", "")


def test_after_all_that_a_good_file_is_read(worker: Worker) -> None:
    assert "Hull Maintenance" in worker.read(str(SAMPLES / "contract.docx"), OPTIONS, lambda event: None).text
