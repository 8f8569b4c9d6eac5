"""What serving a model here costs beside the server itself, and what is computed twice.

    python -m benchmarks.runtime [--model FILE.gguf] [--tokens 6000] [--rounds 7] [--context 8192] [--cache f16]

`start`: from the call to a server that answers, less what its own log says it took to load; wanted under 300 ms.
`second`: the second question on a long document; wanted: no more tokens computed than stand after the common
prefix, and 16. `restored`: the same after the server was stopped and started again, from the prefix on disk;
and what saving, hashing and taking it up cost beside reading it again. Without `--model`, a tiny model of random
weights: then the times are of nothing but what is around it.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from docanalyze import llm, tokens
from docanalyze.llm import Ask, LlamaCpp, Sampling
from docanalyze.model import Reply
from docanalyze.runtime import folder, launch, prefixes
from docanalyze.runtime.shelf import Shelf
from docanalyze.runtime.values import MIB, CacheType, Profile, Role, Running
from tests import tiny_model

WANTED = 0.3
NEAR = 16
LIMIT = 200 << 30
WORDS = "The supplier delivers the report on the first day of each month and keeps a copy of it. "
_LISTENING = re.compile(r"^(\d+)\.(\d+)\.(\d+)\.(\d+) .*listening on", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description="Serving a model on this machine.")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--tokens", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--cache", default="f16", choices=[kind.value for kind in CacheType])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        model = options.model or tiny_model.write(place / "tiny.gguf")
        cache = CacheType(options.cache)
        wanted = launch.Wanted(Role.MAIN, Profile("bench", options.context, cache, cache), model)
        good = starts(wanted, place / "starts", options.rounds)
        good &= questions(wanted, place / "run", options.tokens)
    return 0 if good else 1


def verdict(good: bool) -> str:
    return "ok" if good else "MISSED"


# -- starting --------------------------------------------------------------------------------------


def starts(wanted: launch.Wanted, place: Path, rounds: int) -> bool:
    over, own = [], []
    for number in range(rounds + 1):
        begun = time.perf_counter()
        with launch.held(wanted, place) as running:
            taken = time.perf_counter() - begun
            loaded = load_seconds(running)
        if number:  # the first hashes the model file
            over.append(taken - loaded)
            own.append(loaded)
    median = statistics.median(over)
    print(
        f"start: {median * 1000:.0f} ms beside the server's own {statistics.median(own) * 1000:.0f} ms of loading",
        end=" ",
    )
    print(f"(least {min(over) * 1000:.0f} ms; bar: {WANTED * 1000:.0f} ms) {verdict(median < WANTED)}")
    return median < WANTED


def load_seconds(running: Running) -> float:
    """What the server took by its own clock, from its start to listening."""
    match = _LISTENING.search(running.log.read_text(encoding="utf-8", errors="replace"))
    if match is None:
        raise SystemExit("the log does not say when the server listened")
    minutes, seconds, thousandths, millionths = map(int, match.groups())
    return 60 * minutes + seconds + thousandths / 1e3 + millionths / 1e6


# -- asking ----------------------------------------------------------------------------------------


def questions(wanted: launch.Wanted, place: Path, length: int) -> bool:
    with launch.held(wanted, place) as running, closing(client(running, place)) as server:
        document = WORDS * (length // server.count(WORDS))
        first = asked(server, document, "What is delivered?")
        second = asked(server, document, "Who keeps a copy, and of what?")
        bar = after_prefix(server, document, "Who keeps a copy, and of what?") + NEAR
    good = told("second", second, bar)
    [kept] = Shelf(folder.slots(place), LIMIT).kept()
    begun = time.perf_counter()
    whole = Shelf(folder.slots(place), LIMIT).is_whole(kept)
    hashing = time.perf_counter() - begun
    with launch.held(wanted, place) as running, closing(client(running, place)) as server:
        begun = time.perf_counter()
        restored = asked(server, document, "On which day?")
        seconds = time.perf_counter() - begun
        bar = after_prefix(server, document, "On which day?") + NEAR
    good &= told("restored", restored, bar) and whole
    size = kept.size / MIB
    print(f"on disk: {size:,.1f} MiB for {kept.tokens:,} tokens, hashed in {hashing * 1000:.0f} ms", end="; ")
    print(f"read at first in {first.prompt_seconds:.2f} s, answered after the restart in {seconds:.2f} s,", end=" ")
    print(f"of which the server {restored.prompt_seconds + restored.output_seconds:.2f} s")
    return good


def client(running: Running, place: Path) -> LlamaCpp:
    server = llm.connect(running.url, tokens.packaged(), key=running.key)
    assert isinstance(server, LlamaCpp)
    prefixes.keep(server, running, folder.slots(place), LIMIT, print)
    return server


def asked(server: LlamaCpp, document: str, question: str) -> Reply:
    return server.complete(Ask("You read.", document, question, 8, document_id="bench"), Sampling())


def after_prefix(server: LlamaCpp, document: str, question: str) -> int:
    """Tokens of a prompt that stand after the document: the question, and how the template ends."""
    whole = server.prompt_ids(Ask("You read.", document, question, 8))
    shared = server.prompt_ids(Ask("You read.", document, "Other words", 8))
    return len(whole) - next(at for at, (one, other) in enumerate(zip(whole, shared, strict=False)) if one != other)


def told(name: str, reply: Reply, bar: int) -> bool:
    computed = reply.prompt_tokens - reply.cached_tokens
    print(f"{name}: {computed} of {reply.prompt_tokens:,} tokens computed (bar: {bar}) {verdict(computed <= bar)}")
    return computed <= bar


if __name__ == "__main__":
    sys.exit(main())
