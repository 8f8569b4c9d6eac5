"""Mutations by the thousand: how many are read, read in part, refused; and every one that breaks the contract.

    python -m benchmarks.fuzz [--count 10000] [--seed 0] [--corpus DIR]

Every good file (the samples, small ones written here, with --corpus all below DIR up to 300 KB) is
changed again and again; a line a failure says how to make that file again.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from docanalyze.errors import ReaderKilled, SourceError
from docanalyze.ingest import Worker
from tests.contract_of import assert_holds
from tests.mutations import mutated
from tests.test_fuzz import GOOD, LIMITS, OPTIONS

MOST_BYTES = 300_000
SUFFIXES = {".pdf", ".docx", ".html", ".htm", ".epub", ".md", ".txt"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path)
    asked = parser.parse_args()
    good = files(asked.corpus)
    names = sorted(good)
    outcomes: Counter[str] = Counter()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Worker(LIMITS) as worker:
        for seed in range(asked.seed, asked.seed + asked.count):
            name = names[seed % len(names)]
            path = Path(folder) / f"mutated{Path(name).suffix}"
            path.write_bytes(mutated(seed, good[name]))
            found = outcome(worker, path)
            outcomes[found.partition(":")[0]] += 1
            if found.startswith("FAILED"):
                print(f"seed {seed} of {name}: {found}")
    seconds = time.perf_counter() - begin
    print(f"{asked.count:,} mutations of {len(names)} files in {seconds:.0f} s")
    for what, count in outcomes.most_common():
        print(f"{count:>8,} {what}")


def files(corpus: Path | None) -> dict[str, bytes]:
    """The good files by name."""
    found = {name: make() for name, make in GOOD.items()}
    for path in sorted(corpus.rglob("*")) if corpus else ():
        if path.suffix.lower() in SUFFIXES and 0 < path.stat().st_size <= MOST_BYTES:
            found[str(path)] = path.read_bytes()
    return found


def outcome(worker: Worker, path: Path) -> str:
    """What came of a file, in a word; FAILED and why where the contract does not hold."""
    try:
        document = worker.read(str(path), OPTIONS, lambda event: None)
    except ReaderKilled:
        return "stopped with nothing read"
    except SourceError as error:
        return "refused" if "\n" not in error.what else f"FAILED: {error.what!r}"
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        return f"FAILED: {type(error).__name__}: {error}"
    try:
        assert_holds(document)
    except Exception as error:  # noqa: BLE001 - any is what is looked for
        return f"FAILED: {type(error).__name__}: {str(error)[:200]}"
    codes = {note.code for note in document.notes}
    return "read in part, and says so" if codes & {"stopped", "repaired", "page", "part"} else "read"


if __name__ == "__main__":
    main()
