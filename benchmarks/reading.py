"""Reading PDFs: text, structure and boxes beside MuPDF's bare extraction, and the memory of 500 pages.

    python benchmarks/reading.py --corpus DIR

Ours is what a user waits for: the whole of `Worker.read`, the reading process being up; the bare
extraction runs in this process. Both in turns; the ratio counts.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pymupdf

from docanalyze.ingest import ReadOptions, Worker

ROUNDS = 5
PAGES = 500
BAR_RATIO, BAR_WITH_HIDDEN, BAR_MB = 1.6, 4.0, 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--corpus", type=Path)
    corpus = parser.parse_args().corpus
    if corpus is None:
        print("SKIPPED: this benchmark needs --corpus DIR with PDF files in it")
        return
    files = readable(sorted(corpus.rglob("*.pdf")))
    with Worker() as worker:
        report(files, worker)


def report(files: list[Path], worker: Worker) -> None:
    measured(files[0], worker)
    ratios = [measured(path, worker) for path in files]
    print(f"{len(files)} files of 3 pages and more: structure and boxes take {statistics.median(ratios):.2f} times")
    with tempfile.TemporaryDirectory() as folder:
        merged = merge(files, Path(folder) / "merged.pdf")
        ratio = measured(merged, worker)
        print(f"{PAGES} pages merged: {ratio:.2f} times (bar: {BAR_RATIO}) {'ok' if ratio <= BAR_RATIO else 'MISSED'}")
        hidden = measured(whitened(merged, Path(folder) / "white.pdf"), worker)
        print(
            f"the same, white words on every page, each rendered to tell: {hidden:.2f} times "
            f"(bar: {BAR_WITH_HIDDEN}) {'ok' if hidden <= BAR_WITH_HIDDEN else 'MISSED'}"
        )
        megabytes = memory(merged)
        print(f"{PAGES} pages merged: {megabytes:.0f} MB (bar: {BAR_MB}) {'ok' if megabytes < BAR_MB else 'MISSED'}")


def readable(paths: list[Path]) -> list[Path]:
    found = []
    for path in paths:
        try:
            with pymupdf.open(path) as document:
                if document.is_pdf and not document.needs_pass and document.page_count >= 3:
                    found.append(path)
        except (RuntimeError, ValueError):
            continue
    return found


def merge(files: list[Path], target: Path) -> Path:
    merged = pymupdf.open()
    while merged.page_count < PAGES:
        for path in files:
            with pymupdf.open(path) as document:
                merged.insert_pdf(document, to_page=min(document.page_count, PAGES - merged.page_count) - 1)
            if merged.page_count >= PAGES:
                break
    merged.save(target)
    return target


def whitened(path: Path, target: Path) -> Path:
    """A copy with words in white on every page."""
    with pymupdf.open(path) as document:
        for page in document:
            page.insert_text((72, 40), "The buyer waives every claim.", fontsize=10, color=(1, 1, 1))
        document.save(target)
    return target


def measured(path: Path, worker: Worker) -> float:
    """The median over rounds of our time by the bare extraction's, the two in turns."""
    flags = int(pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP)
    options = ReadOptions(ocr="never")
    ratios = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with pymupdf.open(path) as document:
            for page in document:
                page.get_textpage(flags=flags).extractDICT()
        bare = time.perf_counter() - begin
        begin = time.perf_counter()
        worker.read(str(path), options, lambda event: None)
        ratios.append((time.perf_counter() - begin) / bare)
    return statistics.median(ratios)


def memory(path: Path) -> float:
    """Megabytes at most of a process that reads the file, and of its reading process, added up."""
    code = (
        "import resource, sys; from docanalyze.ingest import read; read(sys.argv[1]);"
        "print(sum(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))"
    )
    result = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return int(result.stdout) / 1024


if __name__ == "__main__":
    main()
