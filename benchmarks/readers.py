"""Reading beside other readers, on the same files in one run: time, letters lost, order, headings, figures in tables.

    python -m benchmarks.readers --peers PYTHON [--corpus DIR]

PYTHON is the interpreter of an environment with the other readers, which do not go together with ours:

    uv venv peers && uv pip install --python peers/bin/python pymupdf4llm==0.0.27 "pymupdf<1.27" \
        pdfplumber "markitdown[pdf,docx]" pypdf kreuzberg mammoth

What cannot be imported there is skipped, and it is said. Times are without imports; ours is the whole
way from the file to a Document with the reading process warm.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pymupdf

from docanalyze.ingest import ReadOptions, Worker
from docanalyze.model import Document, Role

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "samples"
PAPER = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["paper"]
OPTIONS = ReadOptions(ocr="never")
PDF_BARS = {"pymupdf4llm": 20.0, "pdfplumber": 10.0, "markitdown": 10.0}
DOCX_BARS = {"python-docx": 2.0, "mammoth": 8.0}
LEAST_XML = 300_000
WORD = re.compile(r"[^\W_]+")

RUNNER = """
import json, sys, time
name, path = sys.argv[1:3]
if name == "pymupdf4llm":
    import pymupdf4llm
    read = lambda: pymupdf4llm.to_markdown(path, show_progress=False)
elif name == "pdfplumber":
    import pdfplumber
    def read():
        with pdfplumber.open(path) as pdf:
            return "\\n".join(page.extract_text() or "" for page in pdf.pages)
elif name == "markitdown":
    from markitdown import MarkItDown
    made = MarkItDown()
    read = lambda: made.convert(path).text_content
elif name == "pypdf":
    from pypdf import PdfReader
    read = lambda: "\\n".join(page.extract_text() or "" for page in PdfReader(path).pages)
elif name == "kreuzberg":
    import kreuzberg
    read = lambda: kreuzberg.extract_file_sync(path).content
elif name == "mammoth":
    import mammoth
    def read():
        with open(path, "rb") as file:
            return mammoth.convert_to_html(file).value
elif name == "python-docx":
    import docx
    def read():
        found = []
        for block in docx.Document(path).iter_inner_content():
            if hasattr(block, "rows"):
                found += [cell.text for row in block.rows for cell in row.cells]
            else:
                found.append(block.text)
        return "\\n".join(found)
begin = time.perf_counter()
text = read()
print("\\n@@" + json.dumps({"seconds": time.perf_counter() - begin, "text": text}))
"""


@dataclass(frozen=True)
class Read:
    """What a reader made of a file, and how long it took."""

    seconds: float
    text: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peers", required=True, help="the interpreter of an environment with the other readers")
    parser.add_argument("--corpus", type=Path)
    asked = parser.parse_args()
    pdfs = [SAMPLES / "paper.pdf", SAMPLES / "contract.pdf"]
    if asked.corpus:
        pdfs += [path for path in sorted((asked.corpus / "papers").rglob("*.pdf"))]
    words = [path for path in sorted(asked.corpus.rglob("*.docx")) if _xml(path) > LEAST_XML] if asked.corpus else []
    with Worker() as worker:
        worker.read(str(SAMPLES / "contract.docx"), OPTIONS, lambda event: None)
        _pdfs(worker, asked.peers, pdfs)
        if words:
            _words(worker, asked.peers, words)
        _quality(worker, asked.peers)


def _xml(path: Path) -> int:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return archive.getinfo("word/document.xml").file_size
    except (zipfile.BadZipFile, KeyError, OSError):
        return 0


def _ours(worker: Worker, path: Path) -> tuple[Document, float]:
    begin = time.perf_counter()
    document = worker.read(str(path), OPTIONS, lambda event: None)
    return document, time.perf_counter() - begin


def _peer(python: str, name: str, path: Path) -> Read | None:
    """What another reader makes of a file; None where it is not there, or fails."""
    interpreter = sys.executable if name == "python-docx" else python
    done = subprocess.run(
        [interpreter, "-c", RUNNER, name, str(path)], capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode:
        print(f"  {name}: SKIPPED on {path.name}: {done.stderr.strip().splitlines()[-1][:80]}")
        return None
    answer = json.loads(done.stdout.rpartition("\n@@")[2])
    return Read(answer["seconds"], answer["text"])


def _bare(path: Path) -> Read:
    flags = int(pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP)
    begin = time.perf_counter()
    found = []
    with pymupdf.open(path) as document:
        for page in document:
            content = page.get_textpage(flags=flags).extractDICT()
            found += ["".join(s["text"] for s in ln["spans"]) for b in content["blocks"] for ln in b.get("lines", ())]
    return Read(time.perf_counter() - begin, "\n".join(found))


# -- time and letters ------------------------------------------------------------------------------


def _pdfs(worker: Worker, python: str, paths: list[Path]) -> None:
    """Time and letters lost over all the files, each reader once a file."""
    names = ["pymupdf4llm", "pdfplumber", "markitdown", "pypdf", "kreuzberg"]
    ratios: dict[str, list[float]] = {}
    lost: dict[str, list[float]] = {}
    pages, seconds = 0, 0.0
    for path in paths:
        bare = min((_bare(path) for _ in range(3)), key=lambda read: read.seconds)
        ours, taken = min((_ours(worker, path) for _ in range(3)), key=lambda pair: pair[1])
        pages, seconds = pages + len(ours.pages), seconds + taken
        ratios.setdefault("MuPDF, bare", []).append(taken / bare.seconds)
        lost.setdefault("docanalyze", []).append(_lost(bare.text, ours.text))
        for name in names:
            read = _peer(python, name, path)
            if read is not None:
                ratios.setdefault(name, []).append(read.seconds / taken)
                lost.setdefault(name, []).append(_lost(bare.text, read.text))
    print(f"{len(paths)} PDFs, {pages} pages: docanalyze takes {1000 * seconds / pages:.1f} ms a page")
    print(f"  {statistics.median(ratios.pop('MuPDF, bare')):.2f} times MuPDF's bare extraction (median)")
    for name, found in ratios.items():
        _print_ratio(name, statistics.median(found), PDF_BARS.get(name))
    for name, shares in lost.items():
        print(f"  words of the bare extraction that {name} does not have: {statistics.mean(shares):.2%}")


def _words(worker: Worker, python: str, paths: list[Path]) -> None:
    for path in paths:
        ours, taken = min((_ours(worker, path) for _ in range(3)), key=lambda pair: pair[1])
        print(f"{path.name}, {_xml(path) / 1e6:.1f} MB of XML: docanalyze takes {taken:.2f} s")
        for name in ("python-docx", "mammoth", "markitdown"):
            read = _peer(python, name, path)
            if read is not None:
                text = re.sub(r"<[^>]+>", " ", read.text) if name == "mammoth" else read.text
                _print_ratio(name, read.seconds / taken, DOCX_BARS.get(name), f", {_lost(ours.text, text):.2%} lost")


def _print_ratio(name: str, ratio: float, bar: float | None, more: str = "") -> None:
    said = "" if bar is None else f" (bar {bar:g}: {'ok' if ratio >= bar else 'MISSED'})"
    print(f"  {name}: {ratio:.1f} times as long{said}{more}")


def _lost(all_of: str, text: str) -> float:
    """The share of words of one text that another does not hold; words divided at lines' ends made whole."""
    wanted, found = _counted(all_of), _counted(text)
    return sum((wanted - found).values()) / max(1, sum(wanted.values()))


def _counted(text: str) -> Counter[str]:
    whole = re.sub(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)", "", text)
    return Counter(word for word in WORD.findall(whole.lower()) if len(word) > 2)


# -- quality ---------------------------------------------------------------------------------------


def _quality(worker: Worker, python: str) -> None:
    """Order, headings and tables of the sample paper, which is known to the letter."""
    path = SAMPLES / "paper.pdf"
    document, _ = _ours(worker, path)
    body = "\n\n".join(document.slice(segment.span) for segment in document.body)
    texts = {"docanalyze": body, "MuPDF, bare": _bare(path).text}
    for name in ("pymupdf4llm", "pdfplumber", "markitdown", "pypdf", "kreuzberg"):
        read = _peer(python, name, path)
        if read is not None:
            texts[name] = read.text
    print("samples/paper.pdf, two columns, one page written right to left: phrases found, neighbours in order, cells")
    for name, text in texts.items():
        found, pairs = _in_order(text)
        print(f"  {name:<12} {found:>5.0%} {pairs:>5.0%} {_cells(text):>5.0%}")
    right, said, wanted = _headings(document)
    print(f"  headings of docanalyze: precision {right / said:.2f}, recall {right / wanted:.2f}")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _in_order(text: str) -> tuple[float, float]:
    """Shares of the phrases that are there, and of neighbours of which the second comes after the first."""
    whole = _plain(text)
    phrases = [_plain(phrase) for phrase in PAPER["order"]]
    places = [whole.find(phrase) for phrase in phrases]
    pairs = [a >= 0 and b > a for a, b in pairwise(places)]
    return sum(place >= 0 for place in places) / len(places), sum(pairs) / len(pairs)


def _cells(text: str) -> float:
    """The share of rows of the tables that stand together on one line, every cell in its order."""
    lines = [_plain(line) for line in text.splitlines()]
    rows = [row for key in sorted(PAPER) if key.startswith("table") for row in _rows(PAPER[key])]
    return sum(any("".join(map(_plain, row)) in line for line in lines) for row in rows) / max(1, len(rows))


def _rows(value: object) -> list[list[str]]:
    """Rows of cells anywhere in what the file says of tables."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [value]
    if isinstance(value, list):
        return [row for one in value for row in _rows(one)]
    if isinstance(value, dict):
        return _rows(value.get("rows", []))
    return []


def _headings(document: Document) -> tuple[int, int, int]:
    """How many headings are right, said and wanted; with their levels."""
    wanted = {(level, _plain(text)) for level, text in PAPER["headings"]}
    said = {
        (s.level, _plain(document.slice(s.span)))
        for s in document.segments
        if s.role is Role.HEADING and _plain(document.slice(s.span)) != _plain(PAPER["title"])
    }
    return len(wanted & said), len(said), len(wanted)


if __name__ == "__main__":
    main()
