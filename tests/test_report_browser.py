"""In a real browser: nothing of a document is run or loaded, the page is used by keys and mouse, and printed."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pymupdf
import pytest

from docanalyze import run as analyse
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.report import html
from docanalyze.store import Store
from tests.browser import Browser, browser, chromium, violations
from tests.report_material import BLANK, agreement, everywhere
from tests.test_report_hostile import ATTACKS, HARM, OWNED

__all__ = ["browser", "chromium"]

SAMPLES = Path(__file__).parent.parent / "samples"
SCRIPT = f"<script>{OWNED}</script>"
IMAGE = f'<img src="x" onerror="{OWNED}">'


def with_images(name: str, folder: Path) -> str:
    """A sample's report, with small images of its pages."""
    run = analyse(SAMPLES / name, db=folder / "a.db")
    with Store.open(folder / "a.db") as store:
        document = store.document_of(run)
    with Worker() as worker:
        source = str(SAMPLES / name)
        return html(run, document, lambda number: worker.render(source, ReadOptions(), number, 40, grey=True))


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> str:
    return with_images("contract.pdf", tmp_path_factory.mktemp("contract"))


# -- nothing acts ----------------------------------------------------------------------------------


def test_the_attacks_work_where_nothing_stops_them(browser: Browser) -> None:
    page = browser.open(f"<!DOCTYPE html><html><head><title>mine</title></head><body>{IMAGE}{SCRIPT}</body></html>")
    assert page.title() == "owned"
    assert page.get_attribute("html", "data-owned") == "1"


@pytest.mark.parametrize("picture", [None, lambda number: BLANK], ids=["text", "pages"])
def test_nothing_in_a_report_is_run_or_loaded(browser: Browser, picture: object) -> None:
    assert picture is None or callable(picture)
    report = html(*everywhere(HARM), picture)
    page = browser.open(report)
    for key in ("j", "Enter", "n", "p", "k", "/", "Escape"):
        page.keyboard.press(key)
    page.locator("summary").first.click()
    assert page.get_attribute("html", "data-owned") is None
    assert page.title() != "owned"
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, link, base, a[href^='javascript']").count() == 0
    assert page.locator("article").count() == report.count("<article") == 14
    assert page.locator("h2").count() == report.count("<h2")
    assert (browser.loaded, browser.dialogs) == ([], [])


def test_the_policy_holds_where_escaping_fails(browser: Browser) -> None:
    report = html(*agreement())
    broken = report.replace("<main>", f"<main>{''.join(ATTACKS[:5])}{IMAGE}{SCRIPT}")
    assert broken != report
    page = browser.open(broken)
    assert page.title() == "halden-services.pdf: report"
    assert page.get_attribute("html", "data-owned") is None
    assert (browser.loaded, browser.dialogs) == ([], [])


def test_the_style_sheet_is_admitted(browser: Browser) -> None:
    report = html(*agreement())
    bare = re.sub(r"<style>.*?</style>", "", report, flags=re.DOTALL)
    refused = report.replace("color-scheme: light dark;", "color-scheme: light  dark;")
    assert refused != report
    plain = browser.open(bare).screenshot()
    assert browser.open(refused).screenshot() == plain
    assert browser.open(report).screenshot() != plain


def test_without_the_script_all_can_be_read(browser: Browser, contract: str) -> None:
    page = browser.open(contract, script=False)
    assert page.locator("article.finding").first.is_visible()
    assert page.locator("article.finding").last.is_visible()
    assert not page.locator("#filter").is_visible()
    assert page.locator("#source svg").first.is_visible()


# -- used ------------------------------------------------------------------------------------------


def test_findings_are_filtered_by_words_verdict_and_section(browser: Browser) -> None:
    run, document = agreement()
    page = browser.open(html(run, document))
    shown = page.locator("article.finding:visible")
    assert shown.count() == len(run.findings)
    page.keyboard.press("/")
    page.keyboard.type("governed ENGLAND")
    assert shown.count() == 1
    assert page.locator("#filter-count").inner_text() == f"1 of {len(run.findings)}"
    page.keyboard.press("Escape")
    assert shown.count() == len(run.findings)
    page.select_option("#filter-verdict", "consistent")
    assert {one.get_attribute("data-verdict") for one in shown.all()} == {"consistent"}
    page.keyboard.press("Escape")
    page.select_option("#filter-section", label="Payment")
    assert shown.count() == 2
    assert page.locator("section.part:visible h3").all_inner_texts() == ["Payment"]
    page.select_option("#filter-section", label="Assignment and change of control")
    assert [one.get_attribute("id") for one in shown.all()] == ["finding-11"]


def focused(page: object) -> str:
    from playwright.sync_api import Page

    assert isinstance(page, Page)
    return str(page.evaluate("document.activeElement.id"))


def test_keys_turn_from_finding_to_finding_and_to_the_place(browser: Browser) -> None:
    page = browser.open(html(*agreement()))
    page.keyboard.press("j")
    first = focused(page)
    page.keyboard.press("j")
    assert focused(page) not in ("", first)
    page.keyboard.press("k")
    assert focused(page) == first == "finding-1"
    page.keyboard.press("Enter")
    assert page.locator("#source .anchor[data-current]").get_attribute("id") == "mark-1-1"
    page.keyboard.press("/")
    page.keyboard.press("j")
    assert focused(page) == "filter-words"
    assert page.input_value("#filter-words") == "j"


def test_the_keyboard_alone_reaches_the_findings(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#findings"


def in_view(page: object, selector: str) -> bool:
    """Whether an element lies within the pane of the source as that is shown."""
    from playwright.sync_api import Page

    assert isinstance(page, Page)
    mark, pane = page.locator(selector).first.bounding_box(), page.locator("#source").bounding_box()
    tools = page.locator("#source .tools").bounding_box()
    assert mark and pane and tools
    return tools["y"] + tools["height"] <= mark["y"] and mark["y"] + mark["height"] <= pane["y"] + pane["height"]


def test_a_click_on_a_quote_shows_its_words_beside_it(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    card = page.locator("article.finding", has_text="shall not exceed EUR 1,250,000").first
    number = (card.get_attribute("id") or "").removeprefix("finding-")
    card.locator("blockquote").first.click()
    assert page.locator("#source a[data-current]").first.get_attribute("data-finding") == number
    assert in_view(page, f"#mark-{number}-1")
    before = card.bounding_box()
    assert before and 0 <= before["y"] < 900, "the finding stays where it was"
    card.locator("a.place").first.click()
    assert in_view(page, f"#mark-{number}-1")


def test_a_click_on_marked_words_leads_to_their_finding(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    card = page.locator("article.finding", has_text="the liability of either party for").first
    number = (card.get_attribute("id") or "").removeprefix("finding-")
    page.locator(f"#mark-{number}-1").click()
    assert focused(page) == f"finding-{number}"
    assert page.locator("#source a[data-current]").first.get_attribute("data-finding") == number


def test_of_findings_that_quote_the_same_words_each_click_leads_to_the_next(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    led = []
    for _ in range(4):
        box = page.locator("#mark-3-1").bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        led.append(focused(page))
    assert {"finding-3", "finding-4"} <= set(led)
    assert all(one != other for one, other in pairwise(led))


def test_a_click_on_a_second_quote_stays_with_it(browser: Browser) -> None:
    page = browser.open(html(*agreement()))
    page.locator("#source mark:has(#mark-7-2)").click()
    assert focused(page) == "finding-7"
    page.keyboard.press("n")
    assert focused(page) != "finding-7"


def test_a_click_on_marked_words_of_a_text_leads_to_their_finding(browser: Browser) -> None:
    page = browser.open(html(*agreement()))
    page.locator("#source mark:has(#mark-6-1)").click()
    assert focused(page) == "finding-6"
    assert page.locator("#source mark[data-current]").count() == 1


@pytest.mark.parametrize("link", ["nav a[href='#section-4']", ".facts a[href='#finding-6']"])
def test_what_a_link_leads_to_is_shown_whatever_the_filter_says(browser: Browser, link: str) -> None:
    page = browser.open(html(*agreement()))
    page.fill("#filter-words", "governed")
    assert not page.locator("#finding-6").is_visible()
    page.locator(link).click()
    assert page.locator("#finding-6").is_visible()


def test_a_page_of_the_strip_is_opened_on_a_narrow_screen_too(browser: Browser, contract: str) -> None:
    page = browser.open(contract, width=1100)
    page.locator(".strip a").first.click()
    assert page.locator("#source").is_visible()


def test_a_divided_word_is_found_whole(browser: Browser) -> None:
    page = browser.open(html(*agreement()).replace("undisputed invoice", "undis-puted invoice"))
    page.fill("#filter-words", "undisputed invoice")
    assert page.locator("article.finding:visible").count() == 1


def test_the_next_finding_on_the_page_is_the_next_place_in_the_source(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    seen = []
    for _ in range(12):
        page.keyboard.press("n")
        one = page.locator("#source a[data-current][id]").first
        place = page.evaluate(
            "one => [Number(one.closest('.sheet').id.slice(5)), one.getBBox().y]", one.element_handle()
        )
        assert in_view(page, "#source a[data-current][id]")
        seen.append(tuple(place))
    assert seen == sorted(seen) and len(set(seen)) > 4
    last = page.locator("#source a[data-current][id]").first.get_attribute("id")
    page.keyboard.press("n")
    page.locator("#source-before").click()
    assert page.locator("#source a[data-current][id]").first.get_attribute("id") == last


def test_pages_are_made_larger_and_smaller(browser: Browser, contract: str) -> None:
    page = browser.open(contract)
    sheet = page.locator("#source svg").first
    sizes = [sheet.bounding_box()]
    for button in ("#zoom-in", "#zoom-in", "#zoom-out"):
        page.locator(button).click()
        sizes.append(sheet.bounding_box())
    widths = [size["width"] for size in sizes if size]
    assert widths[0] < widths[1] < widths[2] > widths[3]


def test_on_a_narrow_screen_the_page_is_laid_under_the_finding(browser: Browser, contract: str) -> None:
    page = browser.open(contract, width=400, height=860)
    assert not page.locator("#source").is_visible()
    card = page.locator("article.finding", has_text="shall not exceed EUR 1,250,000").first
    card.locator("a.place").first.click()
    number = (card.get_attribute("id") or "").removeprefix("finding-")
    assert in_view(page, f"#mark-{number}-1")
    box = card.locator("blockquote").bounding_box()
    assert box and 0 <= box["y"] < 860 * 0.42
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.keyboard.press("Escape")
    assert not page.locator("#source").is_visible()
    assert page.locator("article.finding:visible").count() > 100


def test_a_call_is_unfolded_where_a_finding_leads_to_it(browser: Browser) -> None:
    page = browser.open(html(*agreement()))
    row = page.locator("#call-1")
    assert not row.is_visible()
    page.locator("article.finding a[href='#call-1']").first.click()
    assert row.is_visible()


# -- seen by all -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 400)])
def test_axe_finds_nothing(browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:
    page = browser.open(html(*agreement(), lambda number: BLANK), scheme=scheme, width=width)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert violations(page) == []
    assert violations(browser.open(html(*agreement()), scheme=scheme, width=width)) == []


def test_axe_finds_nothing_in_a_whole_report(browser: Browser, contract: str) -> None:
    assert violations(browser.open(contract)) == []


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    broken = html(*agreement()).replace('<html lang="en">', "<html>").replace("<label>Words", "<label>")
    found = " ".join(violations(browser.open(broken)))
    assert "html-has-lang" in found and "label: " in found


# -- printed ---------------------------------------------------------------------------------------


def printed(browser: Browser, report: str) -> list[str]:
    """The words of each page, as they are on paper."""
    pages = pymupdf.open(stream=browser.open(report).pdf(format="A4", prefer_css_page_size=True))
    return [" ".join(page.get_text().split()) for page in pages]


def test_printed_it_has_the_findings_and_not_the_filter(browser: Browser) -> None:
    words = " ".join(printed(browser, html(*agreement())))
    assert "This Agreement is governed by the law of England and Wales." in words
    assert "quoted from the document, and the rules found nothing against it" in words
    assert "next and previous finding" not in words


def test_what_is_filtered_is_printed_so_and_says_so(browser: Browser) -> None:
    page = browser.open(html(*agreement()))
    page.fill("#filter-words", "governed")
    pages = pymupdf.open(stream=page.pdf(format="A4"))
    words = " ".join(" ".join(one.get_text().split()) for one in pages)
    assert "Filtered: 1 of 14 findings are shown." in words
    assert "is governed by the law of England" in words and "The Customer shall pay each undisputed" not in words


def test_the_overview_is_one_printed_page(browser: Browser, contract: str) -> None:
    pages = printed(browser, contract)
    for said in ("Larkspur Freight Systems, Inc.", "14 March 2025", "EUR 486,000", "What is missing", "Ireland"):
        assert said in pages[0]
    assert "What is missing" not in pages[1] and " Findings " in pages[1]
    assert len(pages) <= 26
