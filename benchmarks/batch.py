"""What a batch costs beside reading and the model: whether the model waits, memory, overhead, and what kills leave.

    python -m benchmarks.batch model [--documents 40]     # share of the wall time in which the model answers
    python -m benchmarks.batch many [--documents 1000]    # memory of the command, overhead of a document
    python -m benchmarks.batch jobs [--documents 24]      # the built-in analyst with one process and with two
    python -m benchmarks.batch kills [--kills 200]        # killed at random moments: what is lost, how soon it goes on

The model is a scripted server of a fixed speed. `overhead` is what a document takes in a command that does nothing
new, and in one that asks a model which answers at once, less what reading, packing and rendering take.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

from docanalyze.store import Store
from tests.scripted import Said, Scripted, Seen

SHARE = 0.98
OVERHEAD = 0.020
GROWTH = 1.3
RECOVERY = 1.0
SPEED = (4_000.0, 60.0)
"""Tokens read and written a second: a model of 14B on one card."""
ROOT = Path(__file__).parent.parent
SECTIONS = ("--kind", "contract", "--section", "payment", "--section", "law", "--section", "liability")


def main() -> int:
    parser = argparse.ArgumentParser(description="Many documents.")
    parser.add_argument("what", choices=["model", "many", "jobs", "kills"])
    parser.add_argument("--documents", type=int, default=0)
    parser.add_argument("--kills", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if options.what == "model":
            good = model(place, options.documents or 40)
        elif options.what == "many":
            good = many(place, options.documents or 1000)
        elif options.what == "jobs":
            good = jobs(place, options.documents or 24)
        else:
            good = kills(place, options.documents or 12, options.kills)
    return 0 if good else 1


def verdict(good: bool) -> str:
    return "ok" if good else "MISSED"


def made(place: Path, count: int, *, part: int = 0) -> Path:
    """So many contracts that differ in a number, each whole or its first characters."""
    text = (ROOT / "samples" / "contract.txt").read_text(encoding="utf-8")
    folder = place / "room"
    folder.mkdir()
    for number in range(count):
        words = text[:part] if part else text
        (folder / f"{number:04}.txt").write_text(f"Number {number}\n\n{words}", encoding="utf-8")
    return folder


def answering(seen: Seen) -> Said:
    """An answer as long as a model's, with one finding."""
    if "BEGIN PASSAGES" in seen.prompt:
        return Said("B", probabilities={"A": 0.9, "B": 0.05, "C": 0.03, "D": 0.02})
    words = " ".join(["the parties agree on the terms as they stand in the clause"] * 8)
    finding = {"statement": words, "quotes": [{"segments": [3], "text": "the parties agree"}], "fields": {}}
    return Said(json.dumps({"findings": [finding]}), pieces=4)


def line(*more: str) -> list[str]:
    return [sys.executable, "-m", "docanalyze", "batch", "room", "--json", "--quiet", *more]


def run(place: Path, *more: str) -> tuple[float, dict[str, object]]:
    """Seconds of a command, and what it told."""
    begin = time.perf_counter()
    done = subprocess.run(line(*more), cwd=place, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return time.perf_counter() - begin, json.loads(done.stdout)


# -- the model never waits -------------------------------------------------------------------------


def model(place: Path, count: int) -> bool:
    made(place, count)
    spans: list[tuple[float, float]] = []
    lock = threading.Lock()

    with Scripted(answering, speed=SPEED) as server:
        handler = server._http.RequestHandlerClass
        plain = handler._answer  # type: ignore[attr-defined]

        def timed(self: object, body: object) -> None:
            begin = time.perf_counter()
            plain(self, body)
            with lock:
                spans.append((begin, time.perf_counter()))

        handler._answer = timed  # type: ignore[attr-defined]
        run(place, *SECTIONS, "--main-url", server.url)
    spans.sort()
    whole = max(end for _, end in spans) - spans[0][0]
    # A call may begin before the one before it is closed: what both take counts once.
    gaps = [max(0.0, after[0] - before[1]) for before, after in pairwise(spans)]
    share = 1 - sum(gaps) / whole
    print(f"model    {count} documents, {len(spans)} calls, {whole:.1f} s: the model answers {share:.2%} of the time")
    middle = sorted(gaps)[len(gaps) // 2]
    print(f"         between calls {1000 * middle:.1f} ms in the middle, {1000 * max(gaps):.0f} ms at most")
    print(f"         wanted {SHARE:.0%}: {verdict(share >= SHARE)}")
    return share >= SHARE


# -- memory and overhead ---------------------------------------------------------------------------


def many(place: Path, count: int) -> bool:
    made(place, count, part=4_000)
    flags = [*SECTIONS, "--jobs", str(os.cpu_count() or 1)]
    command = subprocess.Popen(line(*flags), cwd=place, stdout=subprocess.PIPE, text=True)
    taken: list[tuple[float, int]] = []
    begin = time.perf_counter()

    def watch() -> None:
        while command.poll() is None:
            taken.append((time.perf_counter() - begin, resident(command.pid)))
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = command.communicate()
    watcher.join()
    seconds = time.perf_counter() - begin
    told = json.loads(out)
    quarter = len(taken) // 4
    early = max(size for _, size in taken[quarter : 2 * quarter])
    late = max(size for _, size in taken[3 * quarter : -5])
    flat = late / early
    print(f"many     {count} documents in {seconds:.0f} s, {told['counts']}")
    print(f"         all processes: {early / 1e6:.0f} MB in the second quarter, {late / 1e6:.0f} MB in the last:")
    print(f"         grew {flat:.2f} times, wanted under {GROWTH}: {verdict(flat < GROWTH)}")
    engine = overhead(place, count)
    again, told = run(place, *flags)
    each = again / count
    print(f"         the same command again, nothing to do: {again:.1f} s, {1000 * each:.1f} ms a document")
    print(f"         wanted under {1000 * OVERHEAD:.0f} ms: {verdict(each < OVERHEAD)}")
    return flat < GROWTH and each < OVERHEAD and engine


def overhead(place: Path, count: int) -> bool:
    """How long a lane has nothing to do between two documents."""
    with sqlite3.connect(place / "outputs" / "docanalyze.db") as connection:
        lanes, first, last = connection.execute(
            "SELECT sum(seconds), 86400 * min(julianday(started)), 86400 * max(julianday(ended)) FROM batch_documents"
        ).fetchone()
    idle: float = ((last - first) * (os.cpu_count() or 1) - lanes) / count
    print(f"         between two documents a lane waits {1000 * idle:.1f} ms")
    print(f"         wanted under {1000 * OVERHEAD:.0f} ms: {verdict(idle < OVERHEAD)}")
    return idle < OVERHEAD


def resident(pid: int) -> int:
    """Bytes in memory of a process and all that it started."""
    total, left = 0, [pid]
    while left:
        one = left.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in Path(f"/proc/{one}/task").iterdir():
                left += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):
            continue
    return total


# -- processes -------------------------------------------------------------------------------------


def jobs(place: Path, count: int) -> bool:
    made(place, count)
    one, _ = run(place, "--jobs", "1", "--db", "one/a.db")
    two, _ = run(place, "--jobs", "2", "--db", "two/a.db")
    print(
        f"jobs     {count} documents: {one:.1f} s with one process, {two:.1f} s with two: {one / two:.2f} times as fast"
    )
    return two < one


# -- kills -----------------------------------------------------------------------------------------


def kills(place: Path, count: int, most: int) -> bool:
    made(place, count, part=6_000)
    chance = random.Random(1)
    done, good, slowest = 0, True, 0.0
    rounds = 0
    while done < most:
        rounds += 1
        database = f"round-{rounds}/a.db"
        while True:
            process = subprocess.Popen(
                line("--jobs", "2", "--db", database),
                cwd=place,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                process.wait(chance.uniform(0.5, 6.0))
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                done += 1
                slowest = max(slowest, recovery(place / database))
        good &= whole(place / database, count)
    print(f"kills    {done} kills in {rounds} batches of {count}: nothing lost, nothing twice: {verdict(good)}")
    print(f"         the database is there again after {1000 * slowest:.0f} ms at most: {verdict(slowest < RECOVERY)}")
    return good and slowest < RECOVERY


def recovery(path: Path) -> float:
    """Seconds to open a database after a kill, and to know what is to do."""
    if not path.exists():
        return 0.0
    begin = time.perf_counter()
    with Store.open(path) as store:
        batch = store.batches.latest()
        if batch is not None:
            store.batches.documents(batch.number)
    return time.perf_counter() - begin


def whole(path: Path, count: int) -> bool:
    """Whether every document has one finished Run, whose calls are stored once, and all hashes hold."""
    with Store.open(path) as store:
        batch = store.batches.latest()
        assert batch is not None
        documents = store.batches.documents(batch.number)
        runs = store.runs(10_000)
        problems = store.verify()
        calls = Counter(call.key for run in runs for call in store.run(run.id).calls)
    good = len(runs) == count == sum(one.state == "done" for one in documents)
    good &= {one.run for one in documents} == {one.id for one in runs} and not problems
    return good and {run.state for run in runs} == {"done"} and set(calls.values()) == {1}


if __name__ == "__main__":
    sys.exit(main())
