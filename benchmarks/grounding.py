"""Locating quotes with small errors: time for a hundred in 500 KB, index included, beside a fuzzy scan.

    python benchmarks/grounding.py [--corpus DIR]

Without a corpus the text is made of the sample contract. Prints seconds and the ratio within one run.
"""

import argparse
import random
import re
import time
from pathlib import Path

from rapidfuzz.fuzz import partial_ratio_alignment

from docanalyze import ground
from docanalyze.ingest import text as reader
from docanalyze.model import Document, Match, Quote, Reader, Source, Span

CHARS = 500_000
QUOTES = 100
SCANNED = 10
BAR = 0.3
SAMPLE = Path(__file__).parent.parent / "samples" / "contract.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--corpus", type=Path)
    corpus = parser.parse_args().corpus
    document = of_text(gathered(corpus))
    quotes = slipped(document, random.Random(7))
    begin = time.perf_counter()
    index = ground.Index(document)
    built = time.perf_counter() - begin
    found = [ground.locate(index, Quote(words)) for words, _ in quotes]
    ours = time.perf_counter() - begin
    right = sum(bool(e.spans) and e.spans[0].overlaps(span) for e, (_, span) in zip(found, quotes, strict=True))
    begin = time.perf_counter()
    for words, _ in quotes[:SCANNED]:
        partial_ratio_alignment(words.lower(), index.key.text)
    scan = (time.perf_counter() - begin) / SCANNED * QUOTES
    matches = {match.value: sum(e.match is match for e in found) for match in Match}
    print(f"{len(document.text):,} characters, {QUOTES} quotes with small errors: {matches}, {right} at their place")
    print(f"index {built:.3f} s, all {ours:.3f} s (bar: {BAR} s) {'ok' if ours < BAR else 'MISSED'}")
    print(f"a fuzzy scan of the whole text: {scan:.2f} s, {scan / ours:.0f} times as long")


def gathered(corpus: Path | None) -> str:
    if corpus is None:
        print("no --corpus: the sample contract, repeated with changed figures, stands in")
        sample = SAMPLE.read_text(encoding="utf-8")
        return "\n\n".join(re.sub(r"\d", str(n % 10), sample) for n in range(CHARS // len(sample) + 1))[:CHARS]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(corpus.rglob("*.txt"))]
    return "\n\n".join(texts)[:CHARS]


def of_text(text: str) -> Document:
    segments = reader.segments(text, markdown=False)
    return Document(text, segments, Source("-", "-", "0" * 64, len(text)), Reader("text", "1"), "text")


def slipped(document: Document, chance: random.Random) -> list[tuple[str, Span]]:
    """Quotes of about 200 characters, white space changed, and in half of them two letters exchanged."""
    long = [s for s in document.segments if 150 < len(s.span) < 400]
    quotes = []
    for segment in chance.sample(long, QUOTES):
        words = " ".join(document.slice(segment.span)[:200].split()[:-1])
        if chance.random() < 0.5:
            letters = [m.start() for m in re.finditer(r"(?<=[a-z]{2})[a-z]{2}(?=[a-z]{2})", words)]
            at = chance.choice(letters)
            words = words[:at] + words[at + 1] + words[at] + words[at + 2 :]
        quotes.append((words, segment.span))
    return quotes


if __name__ == "__main__":
    main()
