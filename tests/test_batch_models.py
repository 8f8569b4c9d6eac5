"""Batches with models: turns at servers, several of them, one that goes away; killed at any moment and gone on with."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from docanalyze import llm, pipeline, tokens
from docanalyze.batch import listing, running
from docanalyze.batch.engine import Engine, Happening, Order, Watch
from docanalyze.batch.lane import Job, Lane, Result
from docanalyze.batch.lanes import Stopped
from docanalyze.batch.turns import Pool, Taking
from docanalyze.config import Settings
from docanalyze.errors import ServerAbsent, UsageError
from docanalyze.llm import door
from docanalyze.model import BatchDocument, BatchState, Event
from docanalyze.pipeline import hosting
from docanalyze.runtime import launch
from docanalyze.store import Store
from tests.conftest import CONTRACT, Command, unmeasured
from tests.llama_server import model_for_all
from tests.scripted import SPEED, Said, Scripted, Seen

FEE = {
    "statement": "An invoice is paid within thirty (30) days.",
    "quotes": [{"segments": [8], "text": "within thirty (30) days after receiving it"}],
    "fields": {"amount": "", "due": ""},
}
SMALL = "".join(
    f"[{name}]\ncontext = {context}\nthreads = 1\nbatch = 256\nmicro_batch = 256\n"
    for name, context in (("small", 4096), ("judge", 2048))
)
SECTIONS = ("--kind", "contract", "--section", "payment", "--section", "law")


def script(seen: Seen) -> Said:
    if "BEGIN PASSAGES" in seen.prompt:
        if seen.body["n_predict"] == 1:
            return Said(probabilities={"A": 0.9, "B": 0.05, "C": 0.03, "D": 0.02})
        return Said("it says so.")
    return Said(json.dumps({"findings": [FEE] if "Section: Payment\n" in seen.prompt else []}))


@pytest.fixture
def room(here: Path) -> Path:
    """Six contracts that differ in a number."""
    folder = here / "room"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(CONTRACT.replace("$250,000", f"$25{number},000"), encoding="utf-8")
    return folder


def of_document(seen: Seen) -> str:
    """Which of the documents a call is about."""
    at = seen.prompt.find("$25")
    return seen.prompt[at + 3] if at >= 0 else ""


def asked(server: Scripted) -> list[str]:
    return [of_document(seen) for seen in server.seen if "BEGIN PASSAGES" not in seen.prompt]


def unbroken(documents: Sequence[str]) -> bool:
    """Whether all calls over a document stand together."""
    runs = [one for one, before in zip(documents, [None, *documents], strict=False) if one != before]
    return len(runs) == len(set(runs))


def test_a_documents_calls_stay_together_while_others_are_read_and_judged(room: Path, docanalyze: Command) -> None:
    with Scripted(script, speed=SPEED) as main, Scripted(script, name="judge") as judge:
        told = docanalyze("batch", "room", *SECTIONS, "--main-url", main.url, "--judge-url", judge.url, "--json")
        assert told.code == 0, told.err
        assert unbroken(asked(main)) and Counter(asked(main)) == {str(number): 2 for number in range(6)}
        assert all("BEGIN PASSAGES" in seen.prompt for seen in judge.seen) and judge.seen
        documents = told.json["documents"]
        assert all(one["tokens_in"] > one["tokens_cached"] > 0 and one["tokens_out"] for one in documents)
        before = len(main.seen)
        again = docanalyze("batch", "room", *SECTIONS, "--main-url", main.url, "--judge-url", judge.url, "--json")
        assert again.json["unchanged"] == 6 and len(main.seen) == before
    with Store.open(Path("outputs/docanalyze.db")) as store:
        assert store.verify() == []


def test_several_servers_share_the_documents_and_one_that_fails_is_set_aside(
    room: Path, docanalyze: Command, short_pauses: None
) -> None:
    broken: list[str] = []

    def failing(seen: Seen) -> Said:
        if len(broken) < 40:
            broken.append(of_document(seen))
            return Said(status=500, body={"error": {"message": "out of memory", "code": 500}})
        return script(seen)

    with Scripted(script, speed=SPEED) as good, Scripted(script, speed=SPEED) as other, Scripted(failing) as bad:
        urls = [word for server in (good, other, bad) for word in ("--main-url", server.url)]
        told = docanalyze("batch", "room", *SECTIONS, *urls, "--json", "--price-in", "2", "--price-out", "3")
        assert told.code in (0, 1), told.err
        assert broken and asked(good) and asked(other), "all are used"
        assert unbroken(asked(good)) and unbroken(asked(other))
        assert told.json["cost"] > 0


def test_servers_of_two_models_are_refused(room: Path, docanalyze: Command) -> None:
    with Scripted(script) as one, Scripted(script, name="another") as two:
        told = docanalyze("batch", "room", "--main-url", one.url, "--main-url", two.url)
        assert told.code == 2 and "another" in told.err


def test_a_pool_leaves_a_server_alone_that_is_gone(short_pauses: None) -> None:
    with Scripted(script) as one, Scripted(script) as two:
        servers = [llm.connect(server.url, tokens.packaged()) for server in (one, two)]
        pool = Pool.of(servers)
        lane = Taking(pool)
        with lane.turn():
            first = next(endpoint for endpoint in pool.endpoints if endpoint.taken)
            assert lane.url == first.served.url
        pool.set_aside(first, ServerAbsent("gone"))
        with lane.turn():
            assert lane.url != first.served.url
        for endpoint in pool.endpoints:
            pool.set_aside(endpoint, ServerAbsent("gone"))
        with lane.turn():
            assert pool.is_hopeful, "after a while it is asked again"
        for endpoint in [*pool.endpoints] * 3:
            pool.set_aside(endpoint, ServerAbsent("gone"))
        assert not pool.is_hopeful
        with pytest.raises(ServerAbsent), lane.turn():
            raise AssertionError("there is none")
        for server in servers:
            server.close()
        with pytest.raises(UsageError), Scripted(script, name="x") as third:
            Pool.of([servers[0], llm.connect(third.url, tokens.packaged())])


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that fail are asked again, and left alone, for less than a second."""
    monkeypatch.setattr("docanalyze.batch.turns.ASIDE_SECONDS", (0.3, 0.3, 0.3))
    monkeypatch.setattr(door, "Patience", partial(door.Patience, first_pause=0.01, longest_pause=0.05))


def test_a_server_that_stumbles_is_asked_again_and_one_document_it_never_answers_fails(
    room: Path, docanalyze: Command, short_pauses: None
) -> None:
    def stumbling(seen: Seen) -> Said:
        if of_document(seen) == "3":
            return Said(status=500, body={"error": {"message": "out of memory", "code": 500}})
        return script(seen)

    with Scripted(stumbling) as server:
        told = docanalyze("batch", "room", *SECTIONS, "--main-url", server.url, "--json")
    assert told.code == 1 and told.json["counts"]["done"] == 5, told.err
    (failed,) = [one for one in told.json["documents"] if one["state"] == "failed"]
    assert failed["source"] == "room/3.txt" and failed["reason"]


def test_a_server_that_goes_away_stops_the_batch_which_goes_on(
    room: Path, docanalyze: Command, short_pauses: None
) -> None:
    with Scripted(script) as server:
        line = ("batch", "room", *SECTIONS, "--main-url", server.url, "--json")

        def going(seen: Seen) -> Said:
            if len(server.seen) > 5:
                server._http.socket.close()
            return script(seen)

        server.script = going
        told = docanalyze(*line)
        assert told.code == 3 and not told.json["complete"]
        assert "the same command goes on" in told.err and "Traceback" not in told.err
        assert 0 < told.json["counts"]["done"] < 6 and told.json["counts"]["failed"] == 0
    with Scripted(script) as server:
        told = docanalyze(*line[:-2], server.url, "--json")
        assert told.code == 0 and told.json["counts"]["done"] == 6


def test_a_judge_that_goes_away_stops_the_batch_and_fails_no_document(
    room: Path, docanalyze: Command, short_pauses: None
) -> None:
    with Scripted(script) as main, Scripted(script, name="judge") as judge:

        def going(seen: Seen) -> Said:
            if len(judge.seen) > 4:
                judge._http.socket.close()
            return script(seen)

        judge.script = going
        told = docanalyze("batch", "room", *SECTIONS, "--main-url", main.url, "--judge-url", judge.url, "--json")
    assert told.code == 3 and not told.json["complete"], told.err
    assert told.json["counts"]["failed"] == 0 and told.json["counts"]["done"] < 6
    with Scripted(script) as main, Scripted(script, name="judge") as judge:
        told = docanalyze("batch", "room", *SECTIONS, "--main-url", main.url, "--judge-url", judge.url, "--json")
    assert told.code == 0 and told.json["counts"]["done"] == 6


@pytest.mark.parametrize(("every", "changes"), [(0, 1), (2, 7)])
def test_models_that_take_turns_change_as_seldom_as_asked(room: Path, every: int, changes: int) -> None:
    order: list[str] = []
    lines: list[str] = []
    # A copy is found and judged once, and nobody else is said to be at it.
    (room / "0 again.txt").write_bytes((room / "0.txt").read_bytes())

    def of(name: str) -> Callable[[Seen], Said]:
        def answer(seen: Seen) -> Said:
            order.append(name)
            return script(seen)

        return answer

    settings = Settings(db=Path("outputs/a.db"), out=Path("outputs"), kind="contract")
    with Scripted(of("main")) as main, Scripted(of("judge"), name="judge") as judge, Store.open(settings.db) as store:
        served = [llm.connect(server.url, tokens.packaged()) for server in (main, judge)]
        crew = running.sharing(pipeline.Models(served[0], served[1], in_turn=True), [], 1)
        batch = store.batches.begin("k", [str(room)], "now")
        documents = store.batches.listed(batch.number, listing.listed([str(room)], listing.Wanted()))

        def task(one: BatchDocument) -> pipeline.Task:
            return pipeline.Task(one.source, settings, sections=("payment",))

        asked_for = Order(batch.number, "asked", task, settings.out, in_turn=True, judge_every=every)
        try:
            Engine(asked_for, store, crew.lanes, lambda happening: lines.append(happening.line), crew.pools).run(
                documents
            )
        finally:
            crew.lanes.close()
            for server in served:
                server.close()
        documents_of = store.batches.documents(batch.number)
        states, runs = {one.state for one in documents_of}, [store.run(one.run) for one in documents_of]
        labels = {v.by for line in store.runs() for f in store.run(line.id).findings for v in f.verdicts}
    assert states == {BatchState.DONE} and "judge" in labels and not any(lines), lines
    assert sum(one != before for before, one in pairwise(order)) == changes
    took = {one.run: one.seconds for one in sorted(documents_of, key=lambda one: one.seconds)}
    assert all(took[run.id] >= sum(s for name, s in run.stages if name in ("find", "judge")) - 0.01 for run in runs)


def test_a_stopped_batch_does_not_wait_for_a_server_that_loads(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    loading = threading.Event()

    def load(host: hosting.Host, wanted: object, stack: object) -> None:
        try:
            for _ in range(2_000):
                host.notify(Event("main server", "main: loads"))
                loading.set()
                time.sleep(0.01)
            ended.append("loaded")
        except Stopped:
            ended.append("stopped")
            raise

    monkeypatch.setattr(hosting.Host, "open", load)
    model = model_for_all(tmp_path.parent)
    settings = Settings(
        db=Path("outputs/a.db"), out=Path("outputs"), main_file=model, server_binary="wheel", runtime=tmp_path / "r"
    )
    request = running.Request((str(room),), pipeline.Task("", settings), listing.Wanted(), pipeline.Wanted(), jobs=1)

    def watch(documents: object) -> Watch:
        def stopped(happening: Happening) -> None:
            if loading.is_set():
                raise KeyboardInterrupt

        return stopped

    with pytest.raises(KeyboardInterrupt):
        running.run(request, lambda event: None, watch)
    assert ended and set(ended) == {"stopped"}


@pytest.mark.skipif(sys.platform == "win32", reason="the wheel has no server for it")
def test_models_of_our_own_take_turns_on_real_servers(
    here: Path, tmp_path: Path, docanalyze: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config" / "docanalyze"
    config.mkdir(parents=True)
    (config / "profiles.toml").write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr("docanalyze.pipeline.judging.REASON_TOKENS", 3)
    monkeypatch.setenv("DOCANALYZE_PLACEMENT", "in-turn")
    monkeypatch.setenv("DOCANALYZE_SERVER_BINARY", "wheel")
    monkeypatch.setenv("DOCANALYZE_RUNTIME", str(tmp_path / "runtime"))
    opened: list[str] = []
    whole = hosting.Host.open

    def counting(host: hosting.Host, wanted: launch.Wanted, stack: ExitStack) -> llm.Served:
        opened.append(wanted.role.value)
        return whole(host, wanted, stack)

    monkeypatch.setattr(hosting.Host, "open", counting)
    main = model_for_all(tmp_path.parent)
    judge = tmp_path / "judge.gguf"
    judge.write_bytes(main.read_bytes()[:-1] + b"\x01")
    (here / "room").mkdir()
    for number in (30, 60):
        paid = f"AGREEMENT\n\n1. The Customer shall pay each invoice within {number} days.\n"
        (here / "room" / f"{number}.txt").write_text(paid, encoding="utf-8")
    files = ("--main-file", main, "--judge-file", judge, "--profile", "small", "--judge-every", "1")
    told = docanalyze("batch", "room", "--kind", "contract", "--section", "payment", *files, "--json")
    assert told.code in (0, 1), told.err
    assert told.json["complete"] and told.json["counts"]["waiting"] == told.json["counts"]["found"] == 0
    assert opened == ["main", "judge", "main", "judge"]


def test_a_mistake_of_ours_over_one_document_ends_no_other(
    room: Path, docanalyze: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Lane.do

    def do(lane: Lane, job: Job) -> Result:
        if job.task.source.endswith("2.txt"):
            raise KeyError("what nobody thought of")
        return whole(lane, job)

    monkeypatch.setattr(Lane, "do", do)
    with Scripted(script) as server:
        told = docanalyze("batch", "room", *SECTIONS, "--main-url", server.url, "--json")
    assert told.code == 1 and "Traceback" not in told.err
    counts = told.json["counts"]
    assert counts["done"] == 5 and counts["set aside"] == 1
    assert "KeyError" in Path("outputs/docanalyze.log").read_text(encoding="utf-8")


# -- killed ----------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("with_model", [True, False])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_done_twice(room: Path, with_model: bool) -> None:
    chance = random.Random(20)
    with Scripted(script, speed=(20_000.0, 600.0)) as server:
        line = [sys.executable, "-m", "docanalyze", "batch", "room", *SECTIONS, "--jobs", "2", "--quiet"]
        line += ["--main-url", server.url] if with_model else []
        kills = 0
        while True:
            process = subprocess.Popen(
                line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=unmeasured(), start_new_session=True
            )
            while kills < 3 and process.poll() is None and _begun() <= kills:
                time.sleep(0.01)
            try:
                _, err = process.communicate(timeout=chance.uniform(0.0, 0.3) if kills < 3 else 90)
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
        assert process.returncode == 0, err.decode()
        assert kills
        calls = Counter(key for _, key in _calls())
    assert calls and set(calls.values()) == {1}, "no call is stored twice"
    with Store.open(Path("outputs/docanalyze.db")) as store:
        assert store.verify() == []
        runs = [store.run(one.id) for one in store.runs()]
        batch = store.batches.latest()
        assert batch is not None and batch.ended
        documents = store.batches.documents(batch.number)
    assert len(runs) == 6 and {run.state.value for run in runs} == {"done"}
    assert {one.run for one in documents} == {run.id for run in runs}
    assert len({tuple((f.statement, f.section) for f in run.findings if "$" not in f.statement) for run in runs}) == 1
    assert not list(Path("outputs").glob(".*.lock")), "no claim is left"


def _begun() -> int:
    """How many runs the batch has begun: a kill is to meet work, however fast the machine."""
    if not Path("outputs/docanalyze.db").exists():
        return 0
    with closing(sqlite3.connect("outputs/docanalyze.db")) as connection, suppress(sqlite3.OperationalError):
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    return 0


def _calls() -> list[tuple[str, str]]:
    with sqlite3.connect("outputs/docanalyze.db") as connection:
        return connection.execute("SELECT run_id, key FROM calls WHERE state = 'done'").fetchall()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_ends_at_once_and_says_how_to_go_on(room: Path) -> None:
    with Scripted(script, speed=(20_000.0, 20.0)) as server:
        line = [sys.executable, "-m", "docanalyze", "batch", "room", *SECTIONS, "--main-url", server.url]
        process = subprocess.Popen(
            line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=unmeasured(), start_new_session=True
        )
        deadline = time.monotonic() + 60
        while not server.seen:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 130, err
        assert "the same command goes on from there" in err and "Traceback" not in err
