"""A real headless Chromium for the tests: pages opened in it, used by keyboard and mouse, and looked at."""

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Dialog, Page, Request, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
NAMES = ("chromium", "chromium-browser", "google-chrome")
SETTLED = 20_000
"""Milliseconds that an action may take on a busy machine."""


class Browser:
    """Opens pages, and remembers what each asked the network for, said or threw."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        self.chromium, self.folder = chromium, folder
        self.asked: list[str] = []
        self.dialogs: list[str] = []

    def open(
        self,
        html: str,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        script: bool = True,
    ) -> Page:
        path = self.folder / "page.html"
        path.write_text(html, encoding="utf-8")
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=script
        )
        context.set_default_timeout(SETTLED)
        page = context.new_page()
        page.on("request", self._note_request)
        page.on("dialog", self._note_dialog)
        page.goto(path.as_uri())
        return page

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def loaded(self) -> list[str]:
        """What was asked for beside the page itself and what stands in it."""
        return [url for url in self.asked if not url.startswith(("data:", self.folder.as_uri()))]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """The Chromium that is installed, else the test is skipped."""
    binary = next((found for name in NAMES if (found := shutil.which(name))), None)
    if binary is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed: the page is not tried in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: Chromium, tmp_path: Path) -> Iterator[Browser]:
    yield Browser(chromium, tmp_path)
    for context in chromium.contexts:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong for people who see, hear or move otherwise."""
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe-core looked at nothing"
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
