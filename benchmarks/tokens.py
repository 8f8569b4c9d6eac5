"""Counting tokens, document by document, against `tokenizers` in the same run.

    python benchmarks/tokens.py --corpus DIR

Counts of every `.txt` below DIR must be equal, and counting at least 5 times as fast as `tokenizers`
with the same vocabulary and no Unicode normaliser. Beside it stands gigatoken, the fastest exact one
known to us, if it is installed. Times are the median of five interleaved rounds in one process, one
thread, loading apart. Without a folder of documents it says so and measures nothing.
"""

import argparse
import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from docanalyze import tokens

ROUNDS = 5
WANTED = 5.0
Count = Callable[[str], int]


def main() -> int:
    parser = argparse.ArgumentParser(description="Exact token counts, as ratios.")
    parser.add_argument("--corpus", type=Path, help="a folder with .txt files below it")
    parser.add_argument("--most", type=int, default=60, help="documents at most (default: 60)")
    options = parser.parse_args()
    if options.corpus is None or not options.corpus.is_dir():
        print("SKIPPED: tokens need --corpus DIR, a folder with .txt files")
        return 0
    if find_spec("tokenizers") is None:
        print("SKIPPED: tokens are measured against `tokenizers`, which is not installed")
        return 0
    texts = _texts(options.corpus, options.most)
    if not texts:
        print(f"SKIPPED: no .txt file below {options.corpus}")
        return 0
    return measure(texts)


def measure(texts: list[str]) -> int:
    counters = _counters()
    seconds: dict[str, list[float]] = {name: [] for name in counters}
    expected = [tokens.packaged()(text) for text in texts]
    for _ in range(ROUNDS):
        for name, count in counters.items():
            started = time.perf_counter()
            counts = [count(text) for text in texts]
            seconds[name].append(time.perf_counter() - started)
            if counts != expected:
                wrong = next(i for i, (a, b) in enumerate(zip(counts, expected, strict=True)) if a != b)
                print(f"NOT EQUAL: document {wrong + 1}: {name} {counts[wrong]}, docanalyze {expected[wrong]}")
                return 1
    return _print(texts, sum(expected), {name: statistics.median(taken) for name, taken in seconds.items()})


def _print(texts: list[str], total: int, seconds: dict[str, float]) -> int:
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts)} documents, {size:.1f} MB, {total:,} tokens, counts equal in all of them")
    for name, taken in seconds.items():
        faster = seconds["tokenizers"] / taken
        print(f"  {name:<12} {taken:7.3f} s {size / taken:7.1f} MB/s {faster:7.1f} x tokenizers")
    if "gigatoken" not in seconds:
        print("  gigatoken    not installed, not measured")
    ratio = seconds["tokenizers"] / seconds["docanalyze"]
    print(f"  ratio {ratio:.1f}, wanted at least {WANTED:g}: {'holds' if ratio >= WANTED else 'DOES NOT HOLD'}")
    return 0 if ratio >= WANTED else 1


def _counters() -> dict[str, Count]:
    counters: dict[str, Count] = {}
    started = time.perf_counter()
    counters["docanalyze"] = tokens.packaged()
    print(f"docanalyze loads in {time.perf_counter() - started:.2f} s")
    name, ranks = tokens.read_packaged()
    counters["tokenizers"] = _tokenizers(tokens.PATTERNS[name], ranks)
    if find_spec("gigatoken") is not None:
        counters["gigatoken"] = _gigatoken(name, ranks)
    return counters


def _tokenizers(pattern: str, ranks: dict[bytes, int]) -> Count:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    letters = {byte: letter for letter, byte in tokens.byte_letters().items()}
    written = {token: "".join(letters[byte] for byte in token) for token in ranks}
    vocabulary = {written[token]: id_ for token, id_ in ranks.items()}
    merges = [_halves(token, ranks) for token in ranks if len(token) > 1]
    model = models.BPE(vocab=vocabulary, merges=[(written[a], written[b]) for a, b in merges])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _halves(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that merge into this one: its bytes, merged by the ranks below its own."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        joined = [ranks.get(a + b, len(ranks)) for a, b in pairwise(parts)]
        first = joined.index(min(joined))
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts[0], parts[1]


def _gigatoken(name: str, ranks: dict[bytes, int]) -> Count:
    from gigatoken import Tokenizer

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.tiktoken"
        path.write_bytes(b"".join(base64.b64encode(t) + b" %d\n" % id_ for t, id_ in ranks.items()))
        tokenizer = Tokenizer.from_tiktoken(path, pretokenizer=name)
    return lambda text: len(tokenizer.encode(text))


def _texts(folder: Path, most: int) -> list[str]:
    paths = sorted(folder.rglob("*.txt"))
    step = max(1, len(paths) // most)
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths[::step][:most]]


if __name__ == "__main__":
    sys.exit(main())
