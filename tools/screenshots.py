"""Makes the pictures of the reports in docs/ from the sample contract and the sample code base, with the Chromium that
is installed.

python tools/screenshots.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import pymupdf
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
Scheme = Literal["light", "dark"]
SHOTS: tuple[tuple[str, int, int, Scheme], ...] = (
    ("report", 1440, 900, "light"),
    ("report-dark", 1440, 900, "dark"),
    ("report-narrow", 400, 860, "light"),
)
CODE_SHOTS: tuple[tuple[str, int, int, Scheme], ...] = (("report-code", 1440, 900, "light"),)
OPENED = "shall not exceed EUR 1,250,000"
CODE_OPENED = "TODO in src/berthbook/http/handlers.py"
_DPI = 80


def main() -> None:
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        sys.exit("no chromium and no google-chrome is installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        contract = made(["analyze", "samples/contract.pdf"], Path(folder, "contract"))
        code = made(["repo", "samples/repo"], Path(folder, "code"))
        grid = made(["batch", "samples", "--repos"], Path(folder, "batch"), "batch-*.html")
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--hide-scrollbars"])
        for report, opened, shots in ((contract, OPENED, SHOTS), (code, CODE_OPENED, CODE_SHOTS)):
            for name, width, height, scheme in shots:
                take(browser, report, opened, ROOT / "docs" / f"{name}.png", (width, height), scheme)
        whole(browser, grid, ROOT / "docs" / "batch.png", (1440, 900))
        print_first_page(browser, contract, ROOT / "docs" / "report-print.png")
        browser.close()


def made(command: list[str], folder: Path, name: str = "*.html") -> str:
    """The address of the report that a command writes to a folder."""
    folder.mkdir()
    told = ["--quiet", "--db", f"{folder}/a.db", "--out", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "docanalyze", *command, *told], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return next(folder.glob(name)).as_uri()


def take(browser: Browser, report: str, opened: str, target: Path, size: tuple[int, int], scheme: Scheme) -> None:
    """The report after someone clicked on a quote."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(report)
    card = page.locator("article.finding", has_text=opened).first
    card.evaluate("card => card.scrollIntoView({ block: 'start' })")
    card.locator("blockquote").first.click()
    page.wait_for_timeout(300)
    page.screenshot(path=target)
    page.close()
    told(target)


def whole(browser: Browser, report: str, target: Path, size: tuple[int, int]) -> None:
    """The beginning of a report as it opens."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    page.goto(report)
    page.screenshot(path=target)
    page.close()
    told(target)


def print_first_page(browser: Browser, report: str, target: Path) -> None:
    """The overview as it is printed."""
    page = browser.new_page()
    page.goto(report)
    printed = pymupdf.open(stream=page.pdf(format="A4", prefer_css_page_size=True))
    printed[0].get_pixmap(dpi=_DPI).save(target)
    page.close()
    told(target)


def told(target: Path) -> None:
    sys.stdout.write(f"{target.relative_to(ROOT)}  {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
