"""A run that serves its models itself: together, in turn, one as both; proven, kept, gone on with after a crash."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import llm, pipeline, tokens
from docanalyze.config import Settings
from docanalyze.errors import ServerAbsent, ServerError, UsageError
from docanalyze.ingest import Worker
from docanalyze.llm import Ask, Sampling
from docanalyze.model import Event, RunState
from docanalyze.pipeline import Wanted, hosting, judging, open_models
from docanalyze.runtime import answering, hashes, launch, program
from docanalyze.runtime.values import CacheType, Profile, Role, Running
from docanalyze.store import Store
from tests.llama_server import model_for_all

if sys.platform == "win32":
    pytest.skip("the wheel has no server for it", allow_module_level=True)

OWN = """[small]
context = 4096
threads = 1
batch = 256
micro_batch = 256
cache_k = "q8_0"
cache_v = "q8_0"

[judge]
context = 2048
threads = 1
batch = 256
micro_batch = 256
"""
QUESTION = Ask("You read.", "A contract.", "What is it?", 4)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_all(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def judge(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model: the same but for its last byte."""
    path = tmp_path_factory.mktemp("judge") / "judge.gguf"
    shutil.copy(model, path)
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    return path


@pytest.fixture
def settings(here: Path, model: Path, judge: Path) -> Iterator[Settings]:
    """Both models settled, in profiles of the user's own."""
    config = here.parent / "config" / "docanalyze"
    config.mkdir(parents=True)
    (config / "profiles.toml").write_text(OWN)
    folder = here.parent / "state"
    yield Settings(
        main_file=model, judge_file=judge, profile="small", server_binary=program.WHEEL, runtime=folder, kind="contract"
    )
    for role in Role:
        launch.stop(folder, role)


def folder_of(settings: Settings) -> Path:
    assert settings.runtime is not None
    return settings.runtime


def served(settings: Settings) -> list[str]:
    return [f"{server.role} {server.model_file.name}" for server in launch.running(folder_of(settings))]


class Told:
    """What was said of servers."""

    def __init__(self) -> None:
        self.proven: list[str] = []
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        self.lines += event.lines
        if "proven" in event.text:
            self.proven.append(event.text)


def silent(_: Event) -> None:
    return


# -- together --------------------------------------------------------------------------------------


def test_both_are_served_with_their_whole_fingerprint(settings: Settings, model: Path, judge: Path) -> None:
    told = Told()
    with open_models(settings, Wanted(), told) as models:
        assert models.main is not None and models.judge is not None and not models.in_turn
        # Nobody has asked anything yet.
        assert served(settings) == [] and models.main.context == 4096
        known = models.main.identity
        assert models.main.count("one two") and models.main.identity == known
        assert served(settings) == ["main tiny.gguf", "judge judge.gguf"]
        print_ = models.main.complete(QUESTION, Sampling()).fingerprint
        assert models.judge.choose(replace(QUESTION, most=1), ("A", "B")).label in "AB"
        assert (print_.model, print_.file_sha256) == ("tiny.gguf", hashes.sha256(model, folder_of(settings)))
        assert (print_.quantization, print_.cache_k, print_.cache_v) == ("F16", "q8_0", "q8_0")
        assert print_.context == 4096 and print_.build.startswith("xllamacpp ") and print_.proven and print_.device
        # Calls are resumed by what computed them, wherever that was.
        assert models.main.identity == (print_.file_sha256, "q8_0", "q8_0", print_.rope)
        assert "contract" not in (folder_of(settings) / "main.log").read_text()
        assert models.judge.identity[:3] == (hashes.sha256(judge, folder_of(settings)), "f16", "f16")
    assert served(settings) == []
    assert told.proven[0] == "main: tiny.gguf, 4,096 tokens of context, cache q8_0/q8_0, proven"


def test_one_model_as_both(settings: Settings, model: Path) -> None:
    both = replace(settings, judge_file=model)
    with open_models(both, Wanted(), silent) as models:
        assert models.main is models.judge is not None
        assert models.judge.count("one") and served(both) == ["main tiny.gguf"]
    alone = replace(settings, judge_file=None, placement="one")
    with open_models(alone, Wanted(finding=False), silent) as models:
        assert models.main is None and models.judge is not None
        assert models.judge.count("one") and served(alone) == ["main tiny.gguf"]
    with open_models(replace(settings, judge_file=None), Wanted(finding=False), silent) as models:
        assert models == pipeline.Models() and served(settings) == []


def test_the_judge_on_the_processor(settings: Settings) -> None:
    with open_models(replace(settings, placement="cpu"), Wanted(finding=False), silent) as models:
        assert models.main is None and models.judge is not None and models.judge.count("one")
        [server] = launch.running(folder_of(settings))
        assert (server.role, server.profile.name, server.profile.layers) == (Role.JUDGE, "judge-cpu", 0)


def test_who_names_no_model_does_not_wait_for_what_serves_one() -> None:
    asked = "import sys, docanalyze.pipeline; print([n for n in sys.modules if n.startswith('docanalyze.')])"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "docanalyze.pipeline.serving" in loaded
    for name in ("pipeline.hosting", "pipeline.starting", "runtime.launch", "runtime.plan", "runtime.catalogue"):
        assert f"'docanalyze.{name}'" not in loaded
    with pytest.raises(UsageError, match="needs a judge and a main model"):
        open_models(Settings(), Wanted(escalate=True), silent).__enter__()


# -- kept ------------------------------------------------------------------------------------------


def test_a_server_is_left_running_and_used_again(settings: Settings) -> None:
    keeping = replace(settings, keep_server=True, judge_file=None)
    with open_models(keeping, Wanted(), silent) as models:
        assert models.main is not None and models.main.count("one")
        [server] = launch.running(folder_of(settings))
    with open_models(replace(settings, judge_file=None, profile="auto"), Wanted(), silent) as models:
        # Who only uses it does not stop it, and gets what it grants.
        assert models.main is not None and models.main.context == 4096 and models.main.identity[1] == "q8_0"
        assert models.main.count("one") and models.main.fingerprint.proven
    assert launch.running(folder_of(settings)) == [server]
    with (
        pytest.raises(ServerError, match=r"a main server runs already.*profile small"),
        open_models(replace(keeping, profile="a"), Wanted(), silent) as models,
    ):
        assert models.main is not None and models.main.count("one")


def test_a_model_that_changed_is_not_taken_for_the_one_that_is_served(settings: Settings, tmp_path: Path) -> None:
    changed = Path(shutil.copy(str(settings.main_file), tmp_path / "changing.gguf"))
    keeping = replace(settings, main_file=changed, keep_server=True, judge_file=None)
    with open_models(keeping, Wanted(), silent) as models:
        assert models.main is not None and models.main.count("one")
    with changed.open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        file.write(b"\x02")
    as_before = pytest.raises(ServerError, match=r"changing.gguf as it was before it changed.*server stop")
    with as_before, open_models(keeping, Wanted(), silent) as models:
        assert models.main is not None and models.main.count("one")


# -- in turn ---------------------------------------------------------------------------------------


def test_two_models_take_turns(settings: Settings, judge: Path) -> None:
    told = Told()
    with open_models(replace(settings, placement="in-turn"), Wanted(), told) as models:
        assert models.in_turn and models.main is not None and models.judge is not None
        assert served(settings) == [] and models.main.context == 4096
        # Known by its file before it is there.
        known = models.judge.identity
        assert known[0] == hashes.sha256(judge, folder_of(settings)) and models.judge.fingerprint.model == "judge.gguf"
        models.main.complete(QUESTION, Sampling())
        models.judge.choose(replace(QUESTION, most=1), ("A", "B"))
        assert served(settings) == ["judge judge.gguf"]
        assert models.judge.identity == known and models.judge.fingerprint.proven
        assert models.main.count("one two") > 0 and served(settings) == ["main tiny.gguf"]
    assert served(settings) == []
    assert [line.split(":")[0] for line in told.proven] == ["main", "judge", "main"]


@pytest.mark.parametrize("placement", ["in-turn", "together"])
def test_many_threads_that_ask_at_once_start_one_server(settings: Settings, placement: str) -> None:
    told = Told()
    with open_models(replace(settings, placement=placement), Wanted(judging=placement == "in-turn"), told) as models:
        main, together = models.main, threading.Barrier(4)
        assert main is not None

        def ask(_: int) -> int:
            together.wait()
            return main.count("one two")

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(ask, range(4)))) == 1
    assert [line.split(":")[0] for line in told.proven] == ["main"]


def test_a_server_that_ran_already_is_stopped_with_a_word_and_never_while_another_uses_it(settings: Settings) -> None:
    turns, folder = replace(settings, placement="in-turn"), folder_of(settings)
    other = launch.Wanted(
        Role.JUDGE, Profile("p", 4096, batch=64, micro_batch=64, threads=1), settings.main_file or Path(), "wheel"
    )
    with open_models(turns, Wanted(), silent) as models:
        assert models.main is not None
        with (
            launch.held(other, folder) as running,
            pytest.raises(ServerError, match=r"is held by another command.*stop it yourself.*server stop --judge"),
        ):
            models.main.count("one")
        running = launch.start(other, folder)
        asking = threading.Thread(target=_ask_long, args=(running,))
        asking.start()
        while not answering.is_busy(running.port, running.key):
            assert asking.is_alive()
        with pytest.raises(ServerError, match=r"is busy.*server stop --judge"):
            models.main.count("one")
        assert launch.running(folder) == [running]
        asking.join()
    told = Told()
    with open_models(turns, Wanted(), told) as models:
        assert models.main is not None and models.main.count("one")
    [said] = told.lines
    assert f"process {running.pid}" in said and "is stopped" in said


def _ask_long(running: Running) -> None:
    """Has a server compute for a while."""
    server = llm.connect(running.url, tokens.packaged(), key=running.key)
    server.complete(replace(QUESTION, document="one two three " * 900, most=600), Sampling())
    server.close()


def test_of_several_documents_all_is_found_before_anything_is_judged(
    settings: Settings, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "REASON_TOKENS", 3)
    told = Told()
    turns = replace(settings, placement="in-turn", db=here / "d.db", out=here)
    tasks = []
    for name, days in (("a.txt", "30"), ("b.txt", "60")):
        (here / name).write_text(f"AGREEMENT\n\n1. The Customer shall pay each invoice within {days} days.\n")
        tasks.append(pipeline.Task(name, turns, sections=("payment",)))
    with ExitStack() as stack:
        models = replace(stack.enter_context(open_models(turns, Wanted(), told)), answer=12)
        worker, store = stack.enter_context(Worker()), stack.enter_context(Store.open(turns.db))
        found = [pipeline.find(task, store, worker, silent, models) for task in tasks]
        assert [one.run.state for one in found] == [RunState.AWAITING_JUDGE] * 2
        judged = [pipeline.judge_found(one, store, silent, models)[0] for one in found]
        assert [run.state for run in judged] == [RunState.DONE] * 2
        assert {run.judge for run in judged} == {"judge.gguf"}
        before = served(turns)
        # A finished run is only shown, and changes no model.
        assert pipeline.judge_found(pipeline.find(tasks[0], store, worker, silent, models), store, silent, models)[1]
        assert served(turns) == before
    assert [line.split(":")[0] for line in told.proven][:2] == ["main", "judge"] and len(told.proven) == 2
    with ExitStack() as stack:
        # Nor is one started for it.
        models = replace(stack.enter_context(open_models(turns, Wanted(), told)), answer=12)
        worker, store = stack.enter_context(Worker()), stack.enter_context(Store.open(turns.db))
        assert pipeline.run(tasks[1], store, worker, silent, models)[1]
    assert len(told.proven) == 2
    assert served(settings) == []


def test_turns_and_escalation_do_not_go_together(settings: Settings) -> None:
    turns = replace(settings, placement="in-turn")
    with pytest.raises(UsageError, match="they take turns"), open_models(turns, Wanted(escalate=True), silent):
        pass
    assert served(settings) == []


# -- proof and crashes -----------------------------------------------------------------------------


def test_a_server_that_does_otherwise_than_asked_is_refused(settings: Settings) -> None:
    wanted = launch.Wanted(
        Role.MAIN, Profile("p", 1024, CacheType.Q8_0, CacheType.Q8_0, batch=64), settings.main_file or Path(), "wheel"
    )
    with launch.held(wanted, folder_of(settings)) as running:
        server = llm.connect(running.url, tokens.packaged(), key=running.key)
        hosting.introduce(server, running, launch.Expected())
        for wrong in (replace(running.profile, cache_k=CacheType.Q4_0), replace(running.profile, context=2048)):
            with pytest.raises(ServerError, match="does not serve as asked") as caught:
                hosting.introduce(server, replace(running, profile=wrong), launch.Expected())
            assert caught.value.try_ and caught.value.exit_code == 3
        # Without its log nothing is proven, and nothing refused.
        hosting.introduce(server, replace(running, log=Path("none.log")), launch.Expected())
        assert not server.fingerprint.proven
        server.close()


def test_a_server_that_is_killed_is_a_lost_server_and_the_same_command_starts_another(settings: Settings) -> None:
    alone, told = replace(settings, judge_file=None), Told()
    with open_models(alone, Wanted(), told) as models:
        assert models.main is not None and models.main.count("one")
        [server] = launch.running(folder_of(settings))
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerAbsent):
            models.main.complete(QUESTION, Sampling())
    assert told.lines == [f"the main server (process {server.pid}) ended by itself, and did not say why"]
    with open_models(alone, Wanted(), silent) as models:
        assert models.main is not None and models.main.complete(QUESTION, Sampling()).output_tokens
