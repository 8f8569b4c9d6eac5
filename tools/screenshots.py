"""Makes the pictures of the report in docs/ from the sample contract, with the Chromium that is installed.

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
OPENED = "shall not exceed EUR 1,250,000"
_DPI = 80


def main() -> None:
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        sys.exit("no chromium and no google-chrome is installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "docanalyze", str(ROOT / "samples" / "contract.pdf"), "--quiet"]
        subprocess.run([*command, "--db", f"{folder}/a.db", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        report = next(Path(folder).glob("*.html")).as_uri()
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--hide-scrollbars"])
        for name, width, height, scheme in SHOTS:
            take(browser, report, ROOT / "docs" / f"{name}.png", (width, height), scheme)
        print_first_page(browser, report, ROOT / "docs" / "report-print.png")
        browser.close()


def take(browser: Browser, report: str, target: Path, size: tuple[int, int], scheme: Scheme) -> None:
    """The report after someone clicked on a quote."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(report)
    card = page.locator("article.finding", has_text=OPENED).first
    card.evaluate("card => card.scrollIntoView({ block: 'start' })")
    card.locator("blockquote").first.click()
    page.wait_for_timeout(300)
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
