"""In a real browser nothing that stands in a document is run, and the page is there."""

import html as escaping
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docanalyze.report import html
from tests.report_material import agreement, everywhere
from tests.test_report_hostile import ATTACKS, HARM, OWNED

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
)
SCRIPT = f"<script>{OWNED}</script>"
IMAGE = f'<img src="x" onerror="{OWNED}">'


class Browser:
    """Headless Chromium: what a page is after it was opened, and what it looks like."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary, self.folder = binary, folder

    def open(self, page: str) -> str:
        return self._run(page, "--dump-dom")

    def picture(self, page: str) -> bytes:
        picture = self.folder / "page.png"
        self._run(page, f"--screenshot={picture}")
        return picture.read_bytes()

    def _run(self, page: str, wanted: str) -> str:
        path = self.folder / "page.html"
        path.write_text(page, encoding="utf-8")
        command = [self.binary, *FLAGS, f"--user-data-dir={self.folder / 'profile'}", wanted, path.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """The browser that is installed, else the test is skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if binary := shutil.which(name):
            return Browser(binary, tmp_path)
    pytest.skip("no chromium, chromium-browser or google-chrome is installed: the page is not tried in a browser")


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found
    return escaping.unescape(found[1])


def test_the_attacks_work_where_nothing_stops_them(browser: Browser) -> None:
    opened = browser.open(f"<!DOCTYPE html><html><head><title>mine</title></head><body>{IMAGE}{SCRIPT}</body></html>")
    assert title(opened) == "owned"
    assert 'data-owned="1"' in opened


def test_nothing_in_a_report_is_run(browser: Browser) -> None:
    page = html(*everywhere(HARM))
    opened = browser.open(page)
    assert title(opened) == title(page) != "owned"
    assert "data-owned=" not in re.sub(r">[^<]*<", "><", opened)
    assert opened.count("<script") == 1
    for tag in ("img", 'a href="javascript'):
        assert f"<{tag}" not in opened
    assert opened.count("<article") == page.count("<article") == 14
    assert opened.count("<h2") == page.count("<h2")
    assert opened.rstrip().endswith("</html>")


def test_the_policy_holds_where_escaping_fails(browser: Browser) -> None:
    page = html(*agreement())
    broken = page.replace("<main>", f"<main>{''.join(ATTACKS[:5])}{IMAGE}{SCRIPT}")
    assert broken != page
    opened = browser.open(broken)
    assert title(opened) == title(page)
    assert '<html lang="en">' in opened


def test_the_style_sheet_is_admitted(browser: Browser) -> None:
    page = html(*agreement())
    bare = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    refused = page.replace("color-scheme: light dark;", "color-scheme: light  dark;")
    assert refused != page
    plain = browser.picture(bare)
    assert browser.picture(refused) == plain
    assert browser.picture(page) != plain
