"""In a real browser: a finding opens its file at the lines, the tree is used by keys, all can see it, it prints."""

from typing import Literal

import pymupdf
import pytest
from playwright.sync_api import Page

from docanalyze.model import FileRole, Finding
from docanalyze.report import html
from tests.browser import Browser, browser, chromium, violations
from tests.report_tree import APP, code_document, many, over, quote, shop
from tests.test_report_browser import focused, in_view

__all__ = ["browser", "chromium"]


@pytest.fixture(scope="module")
def report() -> str:
    return html(*shop())


@pytest.fixture(scope="module")
def large() -> str:
    return html(*many())


def card(page: Page, words: str) -> str:
    """The number of the finding that says so."""
    found = page.locator("article.finding", has_text=words).first.get_attribute("id")
    assert found
    return found.removeprefix("finding-")


def opened(page: Page) -> list[str]:
    return page.locator("#source details.file[open] > summary bdi").all_inner_texts()


# -- the files beside ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1440, 1100, 400])
def test_a_click_on_a_finding_opens_its_file_at_the_lines(browser: Browser, report: str, width: int) -> None:
    page = browser.open(report, width=width)
    number = card(page, "App.order is the longest method")
    page.locator(f"#finding-{number} a.place").click()
    assert opened(page) == ["shop/app.py"]
    assert in_view(page, f"#mark-{number}-1")
    current = page.locator("#source mark[data-current]")
    assert "".join(current.all_text_contents()).startswith("    def order(self")
    assert in_view(page, "#source mark[data-current]")
    ground = "one => getComputedStyle(one).backgroundColor"
    tinted = page.locator(".tint", has=page.locator("mark[data-current]")).first.evaluate(ground)
    plain = page.locator("#source").evaluate(ground)
    assert len({tinted, plain, current.first.evaluate(ground)}) == 3
    number = card(page, "Store has the most methods")
    if width < 1200:
        page.keyboard.press("Escape")
    page.locator(f"#finding-{number} blockquote").click()
    assert opened(page) == ["shop/store.py"], "one file is open at a time"
    assert in_view(page, f"#mark-{number}-1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_head_of_an_open_file_hides_no_button_and_stays(browser: Browser, report: str) -> None:
    for width in (1440, 400):
        page = browser.open(report, width=width)
        number = card(page, "Store has the most methods")
        page.locator(f"#finding-{number} a.place").first.click()
        tools, head = (page.locator(f"#source {one}").bounding_box() for one in (".tools", ".file[open] > summary"))
        assert tools and head
        assert -1 <= head["y"] - (tools["y"] + tools["height"]) <= 3
        mark = page.locator(f"#mark-{number}-1").bounding_box()
        assert mark and mark["y"] >= head["y"] + head["height"]


def test_numbers_stand_beside_their_lines(browser: Browser) -> None:
    signs = "漢字 \U0001f600 é́ ⟨"
    text = "".join(f"line {n} {signs if n % 3 else ''}\n" for n in range(1, 400))
    document = code_document((("a.py", "Python", FileRole.CODE, "", text),))
    findings = [Finding("modules", f"At {n}", evidence=(quote(document, "a.py", f"line {n} "),)) for n in (3, 350)]
    page = browser.open(html(over(document, findings), document))
    page.locator("#finding-2 a.place").click()
    numbers, lines = (page.locator(f"#source .lines {one}").bounding_box() for one in (".numbers", ".text"))
    assert numbers and lines and abs(numbers["height"] - lines["height"]) < 1
    mark, number = (page.locator(one).last.bounding_box() for one in ("#source mark", "#source .anchor"))
    assert mark and number
    assert abs(mark["y"] + mark["height"] / 2 - number["y"] - number["height"] / 2) < 4


def test_many_findings_that_begin_in_one_line_leave_room_for_the_code(browser: Browser) -> None:
    document = code_document()
    findings = [
        Finding("modules", f"No {n}", evidence=(quote(document, "shop/app.py", "class App:"),)) for n in range(40)
    ]
    page = browser.open(html(over(document, findings), document))
    page.locator("#finding-30 a.place").click()
    numbers, lines = (page.locator(f"#source .lines {one}").bounding_box() for one in (".numbers", ".text"))
    assert numbers and lines and numbers["width"] < 180 and abs(numbers["height"] - lines["height"]) < 1
    assert page.locator("#source .anchor").count() == 40 and in_view(page, "#mark-30-1")


def test_what_is_copied_is_code_without_numbers(browser: Browser, report: str) -> None:
    page = browser.open(report)
    page.locator(f"#finding-{card(page, 'App.order is the longest method')} a.place").click()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#source .file[open] .lines'))")
    copied = page.evaluate("getSelection().toString()")
    assert copied.strip() == APP.strip()


def test_long_lines_are_scrolled_in_the_panel_to_the_quote(browser: Browser) -> None:
    text = "x = 1\n" + "a" * 900 + " there " + "b" * 300 + "\n"
    document = code_document((("a.py", "Python", FileRole.CODE, "", text),))
    run = over(document, [Finding("modules", "Said", evidence=(quote(document, "a.py", " there "),))])
    page = browser.open(html(run, document))
    page.locator("#finding-1 a.place").click()
    mark, pane = page.locator("#source mark").bounding_box(), page.locator("#source .lines").bounding_box()
    assert mark and pane and pane["x"] < mark["x"] and mark["x"] + mark["width"] < pane["x"] + pane["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_keys_go_through_findings_and_places(browser: Browser, report: str) -> None:
    page = browser.open(report)
    page.keyboard.press("j")
    assert focused(page) == "finding-1" and opened(page) == ["README.md"]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert opened(page) == ["shop/app.py"] and in_view(page, "#source .anchor[data-current]")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    assert opened(page) == ["README.md"]
    seen = []
    for _ in range(5):
        page.keyboard.press("n")
        seen.append((opened(page)[0], page.locator("#source .anchor[data-current]").first.get_attribute("id")))
        assert in_view(page, "#source .anchor[data-current]")
    assert [path for path, _ in seen] == ["docs/look.ipynb", *["shop/app.py"] * 4]
    page.keyboard.press("p")
    assert page.locator("#source .anchor[data-current]").first.get_attribute("id") == seen[-2][1]


def test_a_click_on_marked_code_leads_to_its_findings_in_turn(browser: Browser, report: str) -> None:
    page = browser.open(report)
    order = card(page, "App.order is the longest method")
    page.locator(f"#finding-{order} a.place").click()
    led = []
    words = page.locator("#source mark", has_text="# TODO: prices").first
    for _ in range(2):
        words.click(position={"x": 60, "y": 8})
        led.append(focused(page))
    assert set(led) == {f"finding-{order}", "finding-10"}
    page.locator(f"#mark-{order}-1").click()
    assert focused(page) == f"finding-{order}"


def test_a_filter_dims_what_it_leaves_out(browser: Browser, report: str) -> None:
    page = browser.open(report)
    page.fill("#filter-words", "longest method")
    number = card(page, "App.order is the longest method")
    left = page.locator("#source .anchor:not([data-dim])")
    assert [one.get_attribute("data-finding") for one in left.all()] == [number]


def test_the_code_is_made_larger(browser: Browser, report: str) -> None:
    page = browser.open(report)
    page.locator(f"#finding-{card(page, 'Two definitions')} a.place").click()
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    before = page.locator("#source .file[open] .text").evaluate(size)
    page.keyboard.press("+")
    assert page.locator("#source .file[open] .text").evaluate(size) > before


def test_without_the_script_files_are_unfolded_by_hand_and_by_links(browser: Browser, report: str) -> None:
    page = browser.open(report, script=False)
    page.locator("article.finding a.place").nth(3).click()
    assert page.locator("#mark-4-1").is_visible()
    page.locator("#source details.file summary").first.click()
    assert page.locator("#source details.file .lines").first.is_visible()


# -- the tree --------------------------------------------------------------------------------------


def test_the_tree_is_unfolded_by_keys(browser: Browser, large: str) -> None:
    page = browser.open(large)
    first = page.locator("#tree summary").first
    assert page.locator("#tree li.row:visible").count() == 0
    first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#tree li.row:visible").count() > 0
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#tree li.row:visible").count() == 0


def test_a_tree_of_thousands_is_searched_at_once(browser: Browser, large: str) -> None:
    page = browser.open(large)
    page.fill("#tree-words", "part03/ module_2349.py")
    assert page.locator("#tree li.row:visible").count() <= 1
    page.fill("#tree-words", "part03/layer1")
    shown = page.locator("#tree li.row:visible").count()
    assert 0 < shown < 60
    assert page.locator("#tree-count").inner_text() == f"{shown} of 2000"
    page.fill("#tree-words", "")
    page.locator("#tree-close").click()
    assert page.locator("#tree li.row:visible").count() == 0
    page.select_option("#tree-level", "outline")
    assert page.locator("#tree li.row:visible .level").first.inner_text() == "outline"
    took = page.evaluate("""() => {
        const started = performance.now(), words = document.getElementById("tree-words");
        words.value = "module_1";
        words.dispatchEvent(new Event("input"));
        document.body.getBoundingClientRect();
        return performance.now() - started;
    }""")
    assert took < 2_000


def test_a_number_of_findings_in_the_tree_opens_the_file(browser: Browser, report: str) -> None:
    for width in (1440, 400):
        page = browser.open(report, width=width)
        page.locator("#tree a.found[aria-label$='in store.py']").click()
        assert opened(page) == ["shop/store.py"]
        assert page.locator("#source .file[open] .lines").first.is_visible()


# -- seen by all, and printed ----------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 400), ("dark", 400)])
def test_axe_finds_nothing(browser: Browser, report: str, scheme: Literal["light", "dark"], width: int) -> None:
    page = browser.open(report, scheme=scheme, width=width)
    page.locator(f"#finding-{card(page, 'App.order is the longest method')} a.place").click()
    for fold in page.locator("#code-base > details > summary").all():
        fold.evaluate("one => { one.parentElement.open = true }")
    assert violations(page) == []


def test_printed_it_has_the_overview_first_and_no_panel(browser: Browser, report: str) -> None:
    pages = pymupdf.open(stream=browser.open(report).pdf(format="A4", prefer_css_page_size=True))
    texts = [" ".join(page.get_text().split()) for page in pages]
    for said in ("9 files", "What it is for", "Takes orders for small shops", "Technical debt: 4"):
        assert said in texts[0]
    assert "App.order is the longest method" not in texts[0]
    whole = " ".join(texts)
    assert "def order(self, name: str, count: int) -> int:" in whole
    assert "Languages, by lines" in whole and "Unfold all" not in whole
    assert "Routes of the service." not in whole, "the files beside are not printed"


def test_a_large_tree_is_printed_by_its_first_folders(browser: Browser, large: str) -> None:
    pages = pymupdf.open(stream=browser.open(large).pdf(format="A4", prefer_css_page_size=True))
    whole = " ".join(" ".join(page.get_text().split()) for page in pages)
    assert "part22/" in whole and len(pages) < 60
