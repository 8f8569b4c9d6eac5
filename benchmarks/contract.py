"""A contract of about 100 pages, from the command line to the report: time by stage.

    python benchmarks/contract.py [--pages 100]

The contract is the sample's text, set again and again with its articles numbered on, in a temporary
folder. The stages are those that the Run itself records; what is left to the whole process is start-up,
imports, the reading worker's start and what is printed. The finished database is then verified.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
NUMBERED = re.compile(r"^(?:(# )(\d+)(\.)|()(\d+)(\.\d+ ))", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description="A long contract, by stage.")
    parser.add_argument("--pages", type=int, default=100, help="about how many (default: 100)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "long.pdf"
        pages = make(source, options.pages)
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "docanalyze", str(source), "--kind", "contract", "--json", "--quiet"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
        [run] = json.loads(done.stdout)["runs"]
        report(run, pages, seconds)
        subprocess.run([sys.executable, "-m", "docanalyze", "verify"], cwd=folder, check=True)
    return 0


def make(target: Path, pages: int) -> int:
    """A PDF of at least that many pages; returns how many it has."""
    import pymupdf

    sys.path.insert(0, str(SAMPLES))
    import make_contract

    head, _, body = (SAMPLES / "contract.txt").read_text(encoding="utf-8").partition("\n# 1.")
    articles, _, tail = f"# 1.{body}".partition("\n@page\n")
    count = 0
    text = head
    while count < pages:
        copies = max(1, round((pages - count) / 12))
        for _ in range(copies):
            text += "\n" + renumbered(articles, len(re.findall(r"^# ", text, re.MULTILINE)))
        target.write_bytes(make_contract.build(f"{text}\n@page\n{tail}"))
        with pymupdf.open(target) as document:
            count = document.page_count
    return count


def renumbered(articles: str, by: int) -> str:
    """The articles, each with its number raised; what refers to them is left as it is."""
    return NUMBERED.sub(lambda m: f"{m[1] or ''}{int(m[2] or m[5]) + by}{m[3] or m[6]}", articles)


def report(run: dict[str, Any], pages: int, seconds: float) -> None:
    tokens = sum(window["tokens"] for window in run["windows"])
    print(
        f"{pages} pages, {run['document']['chars']:,} characters, {tokens:,} tokens in {len(run['windows'])} window(s)"
    )
    print(f"{len(run['findings'])} findings, {run['state']}")
    stages = {stage["name"]: stage["seconds"] for stage in run["stages"]}
    for name, taken in (*stages.items(), ("the rest", seconds - sum(stages.values())), ("whole process", seconds)):
        print(f"  {name:<14} {taken:6.2f} s {taken / seconds:6.0%}")


if __name__ == "__main__":
    sys.exit(main())
