"""Quotes lead to their words: on images of the pages, or in the text."""

import html as escaping
import re
import tomllib
from pathlib import Path

import pymupdf
import pytest

from docanalyze import run as analyse
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.model import Document, Run
from docanalyze.report import html
from docanalyze.report.places import places
from docanalyze.store import Store
from tests.report_material import BLANK

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))


def analysed(name: str, folder: Path) -> tuple[Run, Document]:
    run = analyse(SAMPLES / name, db=folder / "a.db")
    with Store.open(folder / "a.db") as store:
        return run, store.document_of(run)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Document, str]:
    """The sample contract's Run, its Document, and its report with page images."""
    run, document = analysed("contract.pdf", tmp_path_factory.mktemp("contract"))
    with Worker() as worker:
        source = str(SAMPLES / "contract.pdf")
        page = html(run, document, lambda number: worker.render(source, ReadOptions(), number, 40, grey=True))
    return run, document, page


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.replace("-\n", "")).lower()


def test_every_planted_fact_can_be_clicked_to_its_words(contract: tuple[Run, Document, str]) -> None:
    run, document, page = contract
    paper = pymupdf.open(SAMPLES / "contract.pdf")
    for fact in EXPECTED["fact"]:
        anchors = [
            f"mark-{finding.number}-{number}"
            for finding in run.findings
            if finding.section == fact["section"]
            for number, evidence in enumerate(finding.evidence, 1)
            if plain(fact["quote"]) in plain("".join(document.slice(span) for span in evidence.spans))
        ]
        assert any(f'href="#{anchor}"' in page and f'id="{anchor}"' in page for anchor in anchors), fact["quote"]
        number = int(anchors[0].split("-")[1])
        words = "".join(clipped(paper, page, number))
        assert plain(fact["quote"])[:30] in plain(words), fact["quote"]


def clipped(paper: "pymupdf.Document", page: str, finding: int) -> list[str]:
    """What stands in the PDF under the marks of a Finding."""
    found = []
    for sheet in re.finditer(r'<div class="sheet" id="page-(\d+)">(.*?)</svg>', page, re.DOTALL):
        marks = re.findall(
            rf'data-finding="{finding}"><rect[^>]* x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"',
            sheet[2],
        )
        for left, top, width, height in (map(float, mark) for mark in marks):
            for x0, y0, x1, y1, word, *_ in paper[int(sheet[1]) - 1].get_text("words"):
                if left < (x0 + x1) / 2 < left + width and top < (y0 + y1) / 2 < top + height:
                    found.append(word)
    return found


def test_only_pages_with_findings_have_an_image(contract: tuple[Run, Document, str]) -> None:
    run, document, page = contract
    wanted = {box.page for finding in run.findings for evidence in finding.evidence for box in evidence.boxes}
    assert {int(number) for number in re.findall(r'class="sheet" id="page-(\d+)"', page)} == wanted
    assert page.count("data:image/png;base64,") == len(wanted) < len(document.pages)


def test_what_cannot_be_shown_is_said(contract: tuple[Run, Document, str], monkeypatch: pytest.MonkeyPatch) -> None:
    run, document, _ = contract
    without = places(run, document, lambda number: BLANK if number == 3 else b"")
    assert [page.number for page in without.pages] == [3]
    assert "pages of which no image could be made" in html(run, document, lambda number: BLANK if number == 3 else b"")
    monkeypatch.setattr("docanalyze.report.places.MOST_TEXT", 100)
    assert "The text is too long to be shown here: it has " in html(run, document)


def test_a_text_is_shown_with_its_places_marked(tmp_path: Path) -> None:
    run, document = analysed("contract.docx", tmp_path)
    page = html(run, document)
    aside = page[page.index("<aside") : page.index("</aside>")]
    assert "data:image" not in page
    for finding in run.findings:
        for number, evidence in enumerate(finding.evidence, 1):
            anchor = f"mark-{finding.number}-{number}"
            assert f'href="#{anchor}"' in page and f'id="{anchor}"' in aside
            marked = plain("".join(re.findall(r"<mark [^>]*>(.*?)</mark>", aside, re.DOTALL)))
            assert plain(escaping.escape(document.slice(evidence.spans[0])))[:20] in re.sub(r"<[^>]*>", "", marked)


def test_pages_beyond_the_most_are_counted(
    contract: tuple[Run, Document, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, document, _ = contract
    everything = places(run, document, lambda number: BLANK)
    assert everything.remark == ""
    monkeypatch.setattr("docanalyze.report.places.MOST_PAGES", 3)
    few = places(run, document, lambda number: BLANK)
    assert len(few.pages) == 3 and few.remark.startswith(f"{len(everything.pages) - 3} pages with fewer findings")
    assert "pages with fewer findings left out here" in html(run, document, lambda number: BLANK)
    assert places(run, document, None).segments
