"""How long the database takes to keep a code base, to give it back, and to tell what changed between two runs.

    python -m benchmarks.store [--files 5000]

A code base that is made up: files of 8,000 characters with 20 definitions each, every one a Segment of its own.
Seconds of the processor, since these say the same on a machine that does other things beside.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from docanalyze.model import Detail, Document, Role, Segment, Span
from docanalyze.store import Store
from tests.tree_material import a_code_base, a_run_of

DEFINITIONS = 20
LINES = 8
WORDS = 20_000
CHANGED = 50

T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=5000)
    count = parser.parse_args().files
    before, after = (in_pieces(a_code_base(dict(made_up(count, change)))) for change in ("", "    return 1\n"))
    symbols = sum(len(file.definitions) for file in before.tree.files) if before.tree else 0
    print(f"{count:,} files, {len(before.text) / 1e6:.0f} million characters, {symbols:,} definitions,")
    print(f"{len(before.segments):,} segments; {CHANGED} files of the second change")
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "x.db") as store:
        for run_id, document in (("before", before), ("later", after)):
            run = a_run_of(document, [Detail.NAME] * count, run_id)
            timed(f"put {run_id}", partial(store.put_document, document))
            timed("put its run", partial(store.start_run, run))
        got = timed("read", lambda: store.document(before.id))
        assert got == before
        timed("search for two words", lambda: store.search("f_7_3 self"))
        for view in ("file_changes", "symbol_changes"):
            sql = f"SELECT change, count(*) FROM {view} GROUP BY change ORDER BY change"
            told = timed(view, partial(counted, store, sql))
            print("   ", ", ".join(f"{number:,} {change}" for change, number in told))
        assert timed("verify both", store.verify) == []
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        print(f"{'the database':24} {store.path.stat().st_size / 1e6:8.0f} MB")
        timed("forget one", lambda: store.forget("before"))
    return 0


def timed(what: str, work: Callable[[], T]) -> T:
    began = time.process_time()
    result = work()
    print(f"{what:24} {time.process_time() - began:8.2f} s", flush=True)
    return result


def counted(store: Store, sql: str) -> list[tuple[str, int]]:
    return [(change, number) for change, number in store.connection.execute(sql)]


def made_up(count: int, change: str) -> Iterator[tuple[str, str]]:
    """Paths and texts; the first files end in `change`."""
    chance = random.Random(8)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz_", k=chance.randint(3, 12))) for _ in range(WORDS)]
    for file in range(count):
        parts = []
        for number in range(DEFINITIONS):
            body = ("    " + " ".join(chance.choices(words, k=6)) + "\n" for _ in range(LINES))
            parts.append(f"def f_{file}_{number}(self):\n" + "".join(body))
        yield f"src/{file // 50:03}/module_{file:05}.py", "\n".join(parts) + (change if file < CHANGED else "")


def in_pieces(document: Document) -> Document:
    """Each definition a Segment of its own."""
    segments: list[Segment] = []
    starts = {file.start: file for file in document.tree.files} if document.tree else {}
    for segment in document.segments:
        file = starts.get(segment.span.start)
        cuts = [file.start + found.span.start for found in file.definitions] if file else [segment.span.start]
        for start, end in pairwise([*cuts, segment.span.end]):
            number = len(segments) + 1
            role = Role.CODE if file else segment.role
            segments.append(replace(segment, number=number, span=Span(start, end), role=role))
    return replace(document, segments=tuple(segments))


if __name__ == "__main__":
    raise SystemExit(main())
