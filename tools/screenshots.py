"""Makes the pictures of the report in docs/ from the sample contract, with the Chromium that is installed.

python tools/screenshots.py
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SHOTS = (("report", 1440, 900, False), ("report-dark", 1440, 900, True), ("report-narrow", 500, 900, False))
OPENED = "shall not exceed EUR 1,250,000"


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no chromium and no google-chrome is installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "docanalyze", str(ROOT / "samples" / "contract.pdf"), "--quiet"]
        subprocess.run([*command, "--db", f"{folder}/a.db", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        page = next(Path(folder).glob("*.html")).read_text(encoding="utf-8")
        for name, width, height, dark in SHOTS:
            path = Path(folder) / "shot.html"
            path.write_text(_posed(page, dark=dark), encoding="utf-8")
            target = ROOT / "docs" / f"{name}.png"
            size = f"--window-size={width},{height}"
            shot = [browser, *FLAGS, size, f"--user-data-dir={folder}/profile", f"--screenshot={target}", path.as_uri()]
            subprocess.run(shot, check=True, capture_output=True)
            sys.stdout.write(f"{target.relative_to(ROOT)}  {target.stat().st_size:,} bytes\n")


def _posed(page: str, *, dark: bool) -> str:
    """The page as someone sees it who came to a finding: a picture is not scrolled, so what is above is taken out."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    if dark:
        page = page.replace("(prefers-color-scheme: dark)", "(min-width: 1px)")
    card = f'[...document.querySelectorAll("article.finding")].find(one => one.textContent.includes("{OPENED}"))'
    pose = (
        f'const card = {card}; const part = card.closest("section.part");'
        'document.getElementById("overview").remove();'
        'for (const one of document.querySelectorAll("section.part")) if (one !== part) one.remove();'
        'const mark = document.getElementById(card.querySelector("a.place").hash.slice(1));'
        "for (const one of document.querySelectorAll(`[data-finding='${mark.dataset.finding}']`))"
        'one.setAttribute("data-current", ""); const pane = document.getElementById("source");'
        'if (getComputedStyle(pane).position === "sticky") { const box = mark.getBoundingClientRect();'
        "pane.scrollTop += box.top - 450; }"
    )
    return page.replace("</body>", f"<script>{pose}</script></body>")


if __name__ == "__main__":
    main()
