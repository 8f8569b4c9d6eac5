"""Quotes lead to their words: on images of the pages, or in the text; and the script that filters."""

import html as escaping
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from docanalyze import run as analyse
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.model import Document, Run
from docanalyze.report import html
from docanalyze.report.places import places
from docanalyze.store import Store
from tests.report_material import agreement
from tests.test_report_browser import FLAGS, Browser, browser
from tests.test_report_hostile import HARM

__all__ = ["browser"]

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


def test_a_text_is_shown_with_its_places_marked(tmp_path: Path) -> None:
    run, document = analysed("contract.docx", tmp_path)
    page = html(run, document)
    aside = page[page.index("<aside") : page.index("</aside>")]
    assert "data:image" not in page
    for finding in run.findings:
        for number, evidence in enumerate(finding.evidence, 1):
            anchor = f"mark-{finding.number}-{number}"
            assert f'href="#{anchor}"' in page and f'id="{anchor}"' in aside
            marked = plain("".join(re.findall(r"<mark>(.*?)</mark>", aside, re.DOTALL)))
            assert plain(escaping.escape(document.slice(evidence.spans[0])))[:20] in re.sub(r"<[^>]*>", "", marked)


def test_pages_beyond_the_most_are_counted(
    contract: tuple[Run, Document, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, document, _ = contract
    everything = places(run, document, lambda number: b"")
    assert everything.omitted == 0
    monkeypatch.setattr("docanalyze.report.places.MOST_PAGES", 3)
    few = places(run, document, lambda number: b"")
    assert (len(few.pages), few.omitted) == (3, len(everything.pages) - 3)
    assert "pages with fewer findings left out here" in html(run, document, lambda number: b"")
    assert places(run, document, None).passages


def test_marks_and_text_are_inert(browser: Browser) -> None:
    from tests.report_material import everywhere

    for picture in (None, lambda number: b"no image"):
        page = html(*everywhere(HARM), picture)
        opened = browser.open(page)
        assert "data-owned=" not in re.sub(r">[^<]*<", "><", opened)


# -- the script ------------------------------------------------------------------------------------


def driven(browser: Browser, page: str, steps: str) -> dict[str, Any]:
    """What the page says after keys were pressed: the policy of the copy admits the driver, too."""
    driver = f"""<script>
    const key = (name, target) => (target || document.activeElement || document.body).dispatchEvent(
        new KeyboardEvent("keydown", {{ key: name, bubbles: true, cancelable: true }}));
    const type = (id, value) => {{ const one = document.getElementById(id); one.value = value;
        one.dispatchEvent(new Event("input", {{ bubbles: true }})); }};
    const shown = () => document.querySelectorAll("article.finding:not([hidden])").length;
    const said = {{}};
    {steps}
    document.documentElement.setAttribute("data-said", JSON.stringify(said));
    </script>"""
    copy = re.sub(r"script-src [^;]*;", "script-src &#39;unsafe-inline&#39;;", page, count=1)
    assert copy != page
    opened = browser.open(copy.replace("</body>", f"{driver}</body>"))
    found = re.search(r'data-said="([^"]*)"', opened)
    assert found, opened[:500]
    import json

    return dict(json.loads(escaping.unescape(found[1])))


def test_findings_are_filtered_by_words_verdict_and_section(browser: Browser) -> None:
    run, document = agreement()
    said = driven(
        browser,
        html(run, document),
        """said.all = shown(); type("filter-words", "governed ENGLAND"); said.words = shown();
        said.count = document.getElementById("filter-count").textContent;
        key("Escape"); said.again = shown();
        const one = document.getElementById("filter-verdict").options[1].value;
        type("filter-verdict", one); said.verdict = shown();
        said.right = [...document.querySelectorAll("article.finding:not([hidden])")].every(
            c => c.dataset.verdict === one);
        key("Escape"); type("filter-section", document.getElementById("filter-section").options[1].value);
        said.section = shown(); said.parts = document.querySelectorAll("section.part:not([hidden])").length;""",
    )
    assert said["all"] == said["again"] == len(run.findings)
    assert 0 < said["words"] < said["all"] and said["count"] == f"{said['words']} of {said['all']}"
    assert 0 < said["verdict"] < said["all"] and said["right"]
    assert 0 < said["section"] < said["all"] and said["parts"] == 1


def test_keys_turn_from_finding_to_finding_and_to_the_place(browser: Browser) -> None:
    run, document = agreement()
    said = driven(
        browser,
        html(run, document),
        """key("j", document.body); said.first = document.activeElement.id;
        key("j"); said.second = document.activeElement.id; key("k"); said.back = document.activeElement.id;
        key("Enter"); said.place = (document.querySelector("#source [data-current]") || {}).id;
        key("/"); said.search = document.activeElement.id;
        key("j"); said.typed = document.activeElement.id;""",
    )
    numbers = [finding.number for finding in run.findings]
    assert said["first"] == said["back"] and said["second"] != said["first"]
    assert said["first"].removeprefix("finding-") in map(str, numbers)
    assert said["place"] == f"mark-{said['first'].removeprefix('finding-')}-1"
    assert said["search"] == said["typed"] == "filter-words"


def test_printed_it_has_the_findings_and_not_the_filter(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "print.html"
    path.write_text(html(*agreement()), encoding="utf-8")
    printed = tmp_path / "print.pdf"
    binary = shutil.which(browser.binary)
    assert binary
    command = [binary, *FLAGS, f"--user-data-dir={tmp_path / 'p'}", f"--print-to-pdf={printed}", path.as_uri()]
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    words = " ".join(" ".join(page.get_text() for page in pymupdf.open(printed)).split())
    assert "This Agreement is governed by the law of England and Wales." in words
    assert "next and previous finding" not in words
