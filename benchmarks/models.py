"""What the client of a model server costs beside the server's own time, and what is read twice.

    python -m benchmarks.models [--pages 100] [--only calls|cached|whole]

`calls`: the real llama.cpp server (of the development requirements) with a model of random weights: wall
time of a call less the server's own timings, per call, per 1,000 tokens of prompt and per token streamed.
`cached`: a long contract on that server, all Sections: the share of prompt tokens that it did not compute
again. `whole`: the same contract, from nothing to judged, against a scripted server of the speed of a 14B
model on a consumer card (in a process of its own), wall time beside the sum of its own timings; and, without a
judge, at once and in pieces of 8,192 tokens with calls of their own, as is common elsewhere.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import contract
from docanalyze import llm, pipeline, tokens
from docanalyze.config import Settings
from docanalyze.ingest import Worker
from docanalyze.llm import Ask, Sampling
from docanalyze.model import Call, Event, Run
from docanalyze.store import Store
from tests import tiny_model
from tests.llama_server import LlamaServer
from tests.scripted import Said, Scripted, Seen

ROUNDS = 15
PREFIXES = (1_000, 8_000, 32_000)
BASE, PER_THOUSAND = 3.0, 0.5
"""Milliseconds that a call may cost, and for each 1,000 tokens of its prompt."""
FIELD = (1_400.0, 33.0)
"""Tokens read and written a second: of the order of a 14B model on a card with 24 GB."""
PIECE = 8_192
SERVE = "import benchmarks.models as m; m.serve({})"
FASTER = 8.0
"""How much faster the scripted server is where only a ratio is looked for."""
WORDS = "The supplier delivers the report on the first day of each month and keeps a copy of it. "


def main() -> int:
    parser = argparse.ArgumentParser(description="The client of a model server.")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--only", choices=("calls", "cached", "whole"))
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only in (None, "calls"):
            good &= calls(folder)
        if options.only in (None, "cached"):
            good &= cached(folder, options.pages)
        if options.only in (None, "whole"):
            good &= whole(folder, options.pages)
    return 0 if good else 1


def silent(_: Event) -> None:
    return


def verdict(good: bool) -> str:
    return "ok" if good else "MISSED"


# -- one call --------------------------------------------------------------------------------------


def calls(folder: Path) -> bool:
    good = True
    with LlamaServer(tiny_model.write(folder / "tiny.gguf"), folder / "log", n_ctx=40_000) as server:
        main = llm.connect(server.url, tokens.packaged())
        for wanted in PREFIXES:
            document = WORDS * (wanted // main.count(WORDS))
            ask = Ask("You read.", document, "What is delivered?", 1)
            main.complete(ask, Sampling())
            over = [overhead(main, ask, number) for number in range(ROUNDS)]
            sent = main.count_ask(ask)
            bar = BASE + PER_THOUSAND * sent / 1000
            taken = statistics.median(over) * 1000
            good &= taken < bar
            print(f"a call of {sent:,} tokens: {taken:.2f} ms beside the server's own time", end=" ")
            print(f"(bar: {bar:.1f} ms) {verdict(taken < bar)}")
        good &= streamed(main)
    return good


def overhead(main: llm.Served, ask: Ask, number: int, most: int = 1) -> float:
    again = Ask(ask.system, ask.document, f"Question {number}? {ask.question}", most, ask.grammar)
    begun = time.perf_counter()
    reply = main.complete(again, Sampling(1.0, number))
    return time.perf_counter() - begun - reply.prompt_seconds - reply.output_seconds


def streamed(main: llm.Served) -> bool:
    """Of one token: what 400 cost beside the server's own time, less what one does."""
    ask = Ask("You read.", WORDS, "What?", 400, "root ::= [a-z ]{900,1000}")
    one = statistics.median(overhead(main, ask, number) for number in range(ROUNDS))
    many = statistics.median(overhead(main, ask, number, 400) for number in range(ROUNDS))
    each = (many - one) / 399
    share = each * FIELD[1]
    print(f"a streamed token: {each * 1e6:.0f} µs, {share:.2%} of its time at {FIELD[1]:.0f} a second", end=" ")
    print(f"(bar: 1 %) {verdict(share < 0.01)}")
    return share < 0.01


# -- a whole document ------------------------------------------------------------------------------


def cached(folder: Path, pages: int) -> bool:
    source = folder / "cached.pdf"
    contract.make(source, pages)
    model = tiny_model.write(folder / "tiny.gguf")
    with LlamaServer(model, folder / "log", n_ctx=131_072) as server:
        models = pipeline.Models(llm.connect(server.url, tokens.packaged()), None, Sampling(1.0, 1), answer=64)
        run, _ = analysed(source, folder / "cached.db", models)
    share, sent = share_cached(run.calls)
    print(
        f"{pages} pages, {len(run.calls)} calls of {sent:,} tokens: {share:.2%} of the prompts after the first", end=" "
    )
    print(f"came from the cache (bar: 99 %) {verdict(share >= 0.99)}")
    return share >= 0.99


def share_cached(made: tuple[Call, ...]) -> tuple[float, int]:
    replies = [call.reply for call in made if call.reply is not None and call.role in ("analyst", "repair", "continue")]
    later = replies[1:]
    return sum(r.cached_tokens for r in later) / sum(r.prompt_tokens for r in later), replies[0].prompt_tokens


def whole(folder: Path, pages: int) -> bool:
    source = folder / "whole.pdf"
    contract.make(source, pages)
    seconds, theirs = against_field(source, folder / "whole.db", judged=True)
    ratio = seconds / theirs
    print(f"from nothing to judged: {ratio:.3f} times the server's own time (bar: 1.02) {verdict(ratio <= 1.02)}")
    at_once, _ = against_field(source, folder / "once.db", times=FASTER)
    in_pieces, _ = against_field(source, folder / "pieces.db", PIECE, times=FASTER)
    print(f"found in pieces of {PIECE:,} tokens: {in_pieces / at_once:.2f} times as long as at once")
    return ratio <= 1.02


def against_field(
    source: Path, db: Path, window: int = 131_072, *, judged: bool = False, times: float = 1.0
) -> tuple[float, float]:
    """Wall time of a Run, and the server's own. Whole process time but for the start and the report."""
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(times)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        served = llm.connect(child.stdout.readline().strip(), tokens.packaged())
        run, seconds = analysed(source, db, pipeline.Models(served, served if judged else None), window)
    finally:
        child.kill()
    replies = [call.reply for call in run.calls if call.reply is not None and call.reply.prompt_tokens]
    theirs = sum(r.prompt_seconds + r.output_seconds for r in replies)
    computed = sum(r.prompt_tokens - r.cached_tokens for r in replies)
    print(
        f"window {window:,}: {len(run.windows)} windows, {len(replies)} calls, {computed:,} tokens computed,", end=" "
    )
    print(f"{sum(r.output_tokens for r in replies):,} written, {len(run.findings)} findings: {seconds:.1f} s,", end=" ")
    print(f"of which the server {theirs:.1f} s")
    return seconds, theirs


def analysed(source: Path, db: Path, models: pipeline.Models, window: int = 131_072) -> tuple[Run, float]:
    task = pipeline.Task(str(source), Settings(kind="contract", window=window))
    begun = time.perf_counter()
    with Store.open(db) as store, Worker() as worker:
        run, _ = pipeline.run(task, store, worker, silent, models)
    return run, time.perf_counter() - begun


# -- the scripted server ---------------------------------------------------------------------------


def serve(times: float) -> None:
    """Answers every Section with three statements that stand in the document, until its input ends."""
    with Scripted(answered, context=131_072, speed=(FIELD[0] * times, FIELD[1] * times)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


def answered(seen: Seen) -> Said:
    if "BEGIN PASSAGES" in seen.prompt:
        if seen.body["n_predict"] == 1:
            return Said(probabilities={"A": 0.9, "B": 0.05, "C": 0.03, "D": 0.02})
        return Said("the passage says it in so many words.", pieces=4)
    at = sum(map(ord, seen.prompt[-400:])) % max(1, len(seen.prompt) // 2)
    found = re.findall(r"\[(\d+)\] ([^\n]{60,200}?\.)(?=\n| [A-Z])", seen.prompt[at : at + 20_000])[:3]
    entries = [
        {"statement": text, "quotes": [{"segments": [int(number)], "text": text}], "fields": {}}
        for number, text in found
    ]
    return Said(json.dumps({"findings": entries}), pieces=4)


if __name__ == "__main__":
    sys.exit(main())
