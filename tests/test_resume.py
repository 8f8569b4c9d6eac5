"""What a stop leaves: killed after any commit, a server that dies, Ctrl-C; the same command does the rest."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docanalyze import llm, pipeline, tokens
from docanalyze.config import Settings
from docanalyze.errors import ServerError
from docanalyze.ingest import Worker
from docanalyze.llm.door import Patience
from docanalyze.model import CallState, Event, RunState
from docanalyze.store import Store
from tests.conftest import CONTRACT, unmeasured
from tests.llama_server import LlamaServer, model_for_all
from tests.scripted import SPEED, Said, Scripted, Seen

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and forks are POSIX's")

FEE = {
    "statement": "An invoice is paid within thirty (30) days.",
    "quotes": [{"segments": [8], "text": "within thirty (30) days after receiving it"}],
    "fields": {"amount": "", "due": ""},
}
ANSWERS = {"Payment": FEE}
LAST = "Section: Governing law and disputes\n"

# Forked, so that everything is imported once; killed by itself in the commit of that number.
KILLED = """
import os, signal, sys
from docanalyze.store import connection
import docanalyze.store as store
from docanalyze.cli import call
import docanalyze.pipeline, docanalyze.cli.view, docanalyze.report, docanalyze.llm
from contextlib import contextmanager

arguments = sys.argv[1:]
plain = connection.transaction

def counting(last):
    left = [last]
    @contextmanager
    def transaction(database):
        with plain(database):
            yield
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    return transaction

# After each of the first commits, where a run is set up; then after every ninth: two kinds of calls, over and over.
last = 0
killed = []
while True:
    last += 1 if last < 5 else 9
    folder = f"after-{last}"
    line = [*arguments, "--db", f"{folder}/a.db", "--quiet"]
    child = os.fork()
    if not child:
        store.transaction = counting(last)
        os._exit(call(line))
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        print(*killed, last)
        sys.exit(os.WEXITSTATUS(status))
    child = os.fork()
    if not child:
        os._exit(call(line))
    _, status = os.waitpid(child, 0)
    assert status == 0, (last, status)
    killed.append(last)
"""


def script(seen: Seen) -> Said:
    if "BEGIN PASSAGES" in seen.prompt:
        if seen.body["n_predict"] == 1:
            return Said(probabilities={"A": 0.9, "B": 0.05, "C": 0.03, "D": 0.02})
        return Said("it says so.")
    found = next((answer for title, answer in ANSWERS.items() if f"Section: {title}\n" in seen.prompt), None)
    return Said(json.dumps({"findings": [found] if found else []}))


def test_killed_after_any_commit_it_goes_on_and_does_nothing_twice(here: Path) -> None:
    (here / "contract.txt").write_text(CONTRACT, encoding="utf-8")
    with Scripted(script) as server:
        sections = ("--kind", "contract", "--section", "payment", "--section", "law")
        urls = ("--main-url", server.url, "--judge-url", server.url)
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, "contract.txt", *sections, *urls],
            capture_output=True, text=True, check=False, timeout=120, env=unmeasured(),
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        *killed, never = [int(word) for word in ran.stdout.splitlines()[-1].split()]
        assert len(killed) > 4
        whole = _kept(here / f"after-{never}" / "a.db")
        asked = len(server.seen) / (len(killed) + 1)
    for last in killed:
        assert _kept(here / f"after-{last}" / "a.db") == whole, f"killed after commit {last}"
    assert asked == len(whole[0]), "a call whose answer was committed is never made again"


def _kept(path: Path) -> tuple[list[tuple[str, str, str]], list[tuple[str, list[tuple[str, str]]]]]:
    """The calls and the findings with their verdicts, as far as no time is in them."""
    with Store.open(path) as store:
        assert store.verify() == []
        (line,) = store.runs()
        run = store.run(line.id)
    assert run.state is RunState.DONE
    assert [call.number for call in run.calls] == list(range(1, len(run.calls) + 1))
    calls = [(call.role, call.section, call.key) for call in run.calls]
    return calls, [(f.statement, [(v.by, v.label.value) for v in f.verdicts]) for f in run.findings]


def test_ctrl_c_stops_the_server_and_the_same_command_goes_on(here: Path) -> None:
    (here / "contract.txt").write_text(CONTRACT, encoding="utf-8")
    endless = [True]

    def stalling(seen: Seen) -> Said:
        if endless[0] and LAST in seen.prompt:
            return Said(" ".join(str(n * n) for n in range(50_000)), pieces=5)
        return script(seen)

    with Scripted(stalling, speed=SPEED) as server:
        line = [sys.executable, "-m", "docanalyze", "contract.txt", "--kind", "contract", "--section", "law",
                "--section", "payment", "--main-url", server.url]  # fmt: skip
        process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True)
        deadline = time.monotonic() + 30
        while not any(LAST in seen.prompt for seen in server.seen):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "the same command goes on from there" in err and "Traceback" not in err
        assert server.broken_off.wait(5), "the server would have written on"
        endless[0] = False
        before = len(server.seen)
        result = subprocess.run(line, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert "An invoice is paid within thirty (30) days." in result.stdout
        again = [seen for seen in server.seen[before:] if "BEGIN PASSAGES" not in seen.prompt]
        assert len(again) == 1, "what was answered before is not asked again"


def test_a_server_killed_in_mid_call_and_started_again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    kind = tmp_path / "kinds" / "two"
    kind.mkdir(parents=True)
    section = 'name = "{0}"\ntitle = "{0}"\nquestion = "What is the {0}?"\nmethod = "none"\nlimit = 3\n'
    listed = "".join(f"[[section]]\n{section.format(name)}" for name in ("fee", "law"))
    (kind / "kind.toml").write_text(f'title = "Two"\n{listed}', encoding="utf-8")
    (tmp_path / "a.txt").write_text(CONTRACT, encoding="utf-8")
    task = pipeline.Task(str(tmp_path / "a.txt"), Settings(kind="two", prompts=kind.parent))
    fast = Patience(loading=2.0, tries=2, first_pause=0.01, longest_pause=0.02)
    server = LlamaServer(model, tmp_path / "log", n_ctx=8_192)

    def models() -> pipeline.Models:
        main = llm.connect(server.url, tokens.packaged(), patience=fast)
        return pipeline.Models(main, None, llm.Sampling(1.0, 5), answer=200, least=1)

    def kill(event: Event) -> None:
        if event.stage == "find" and event.text.startswith("law") and "written" in event.text:
            server.kill()

    with Store.open(tmp_path / "a.db") as store, Worker() as worker:
        with server, pytest.raises(ServerError):
            pipeline.run(task, store, worker, kill, models())
        (unfinished,) = store.runs()
        before = [call for call in store.run(unfinished.id).calls if call.state is CallState.DONE]
        assert {call.section for call in before} == {"fee"}
        with LlamaServer(model, tmp_path / "log2", n_ctx=8_192) as server:
            run, _ = pipeline.run(task, store, worker, lambda event: None, models())
        assert run.id == unfinished.id and run.state is RunState.DONE
        assert run.calls[: len(before)] == tuple(before)
        assert {call.section for call in run.calls} == {"fee", "law"}
        assert store.verify() == []
