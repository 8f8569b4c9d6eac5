"""The report of a batch: the grid, hostile names, a thousand documents, and what a browser makes of it."""

import re
from dataclasses import replace
from typing import Literal

import pytest

from docanalyze.model import Batch, BatchDocument, BatchState, Cell, Label
from docanalyze.report import BatchFound, batch_html
from tests.browser import Browser, browser, chromium, violations

__all__ = ["browser", "chromium"]
HOSTILE = "room/<script>alert(1)</script>\u202e\"'&.pdf"
SECTIONS = tuple((f"s{number}", f"Section {number}") for number in range(6))


def found(count: int = 5) -> BatchFound:
    documents = [
        BatchDocument(
            number, f"room/{number}.pdf", 9_000, state=BatchState.DONE, run=f"20270101-120000-{number:06x}",
            tokens=1_000 * number, findings=number, seconds=1.5, cost=0.25,
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    cells = {
        (one.run, name): Cell(
            ((Label.QUOTED, at + 1), (Label.REVIEW if (one.number + at) % 7 else Label.UNSUPPORTED, 1)),
            absences=at == 5,
        )
        for one in documents
        for at, (name, _) in enumerate(SECTIONS)
        if (one.number + at) % 3
    }
    cells |= {(documents[0].run, "s0"): Cell(((Label.CONSISTENT, 1),), 1)}
    apart = [
        BatchDocument(count + 1, HOSTILE, state=BatchState.FAILED, reason="it is <b>locked</b>"),
        BatchDocument(count + 2, "room/x.json", state=BatchState.SKIPPED, reason="text, but no document"),
    ]
    kinds = {one.run: "contract" for one in documents}
    sections = tuple(("contract", name, title) for name, title in SECTIONS)
    batch = Batch(3, "k", ("room",), "2027-01-01T12:00:00.000+00:00", "2027-01-01T13:00:00.000+00:00")
    return BatchFound(batch, (*documents, *apart), kinds, sections, cells)


def test_every_document_is_a_row_that_leads_to_its_report() -> None:
    page = batch_html(found(), priced=True)
    assert page.count('<th scope="row"><a href="20270101-120000-') == 5
    assert 'title="1 consistent, 1 of them absent">∅' in page
    assert "0.2500" in page and "Cost" in page and "Cost" not in batch_html(found())
    assert "5 done, 1 failed, 1 skipped" in page


def test_names_and_ids_of_others_do_nothing() -> None:
    given = found()
    bad = replace(given.documents[0], run='"><script>alert(1)</script>')
    page = batch_html(replace(given, documents=(bad, *given.documents[1:]), kinds={**given.kinds, bad.run: "contract"}))
    assert "<script>alert" not in page and "<b>locked" not in page and "\u202e" not in page
    assert not re.search(r'href="[^"]*(script|:|/)', page)


def test_sections_that_the_bars_leave_out_are_told() -> None:
    given = found()
    assert "<figcaption>Sections</figcaption>" in batch_html(given)
    run, one = given.documents[0].run, Cell(((Label.QUOTED, 1),))
    many = {(run, f"t{number}"): one for number in range(30)}
    page = batch_html(replace(given, cells=many))
    assert "<figcaption>Sections: the 20 of 30 with most findings</figcaption>" in page


@pytest.mark.parametrize("width", [420, 320])
def test_why_a_document_was_not_analysed_is_read_on_a_telephone(browser: Browser, width: int) -> None:
    given = found()
    long = BatchDocument(
        9, "room/" + "bug_" * 9 + ".docx", state=BatchState.FAILED, reason=f"{'bug_' * 9}.docx is locked"
    )
    page = browser.open(batch_html(replace(given, documents=(*given.documents, long))), width=width)
    inside = "box => box.scrollWidth <= box.clientWidth"
    assert page.locator(".wide:has(.undone)").evaluate(inside)


def test_an_empty_batch_has_a_page() -> None:
    given = found()
    page = batch_html(replace(given, documents=(), kinds={}, cells={}, sections=()))
    assert "<table" not in page and "0 findings" in page


def test_rows_are_sorted_and_filtered(browser: Browser) -> None:
    page = browser.open(batch_html(found(12)))
    rows = page.locator(".grid tbody tr")

    def names() -> list[str]:
        return [name.strip() for name in page.locator(".grid tbody tr:visible th").all_inner_texts()]

    page.get_by_role("button", name="Findings").click()
    assert names()[0] == "12.pdf"
    page.get_by_role("button", name="Findings").click()
    assert names()[0] == "1.pdf"
    page.get_by_role("button", name="Document").click()
    assert names()[:3] == ["1.pdf", "2.pdf", "3.pdf"], "numbers in names count as numbers"
    page.get_by_label("Words in the name").fill("12")
    assert names() == ["12.pdf"] and "1 of 12" in page.locator("#left").inner_text()
    page.get_by_label("Words in the name").fill("")
    page.get_by_label("Verdict").select_option("bad")
    assert 0 < len(names()) < rows.count()
    assert browser.loaded == [] and browser.dialogs == []


def test_without_the_script_everything_can_be_read(browser: Browser) -> None:
    page = browser.open(batch_html(found()), script=False)
    assert page.locator(".grid tbody tr:visible").count() == 5
    assert not page.locator("#filter").is_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 400)])
def test_axe_finds_nothing(browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    assert violations(browser.open(batch_html(found(), priced=True), scheme=scheme, width=width)) == []


def test_a_thousand_documents_are_one_page_that_opens(browser: Browser) -> None:
    content = batch_html(found(1000))
    assert len(content) < 3_000_000
    page = browser.open(content)
    page.get_by_role("button", name="Tokens").click()
    assert page.locator(".grid tbody tr").first.locator("th").inner_text().strip() == "1000.pdf"
