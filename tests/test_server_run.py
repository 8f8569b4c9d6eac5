"""`docanalyze server start`, `stop`, `status`, `logs` as a user sees them, and files of models in the settings."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from docanalyze.runtime import launch
from docanalyze.runtime.values import Role
from tests.conftest import Command
from tests.llama_server import model_for_all

if sys.platform == "win32":
    pytest.skip("the wheel has no server for it", allow_module_level=True)

OWN = """[small]
context = 1024
threads = 1
batch = 64
micro_batch = 64
cache_k = "q8_0"
cache_v = "q8_0"
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_all(tmp_path_factory.getbasetemp().parent)


@pytest.fixture
def folder(here: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder, the tiny model settled as the main one, and a profile of the user's own."""
    config = here.parent / "config" / "docanalyze"
    config.mkdir(parents=True)
    (config / "profiles.toml").write_text(OWN)
    (config / "config.toml").write_text(f'main_file = "{model}"\nprofile = "small"\nserver_binary = "wheel"\n')
    yield here.parent / "state" / "docanalyze"
    for role in Role:
        launch.stop(here.parent / "state" / "docanalyze", role)


def test_start_status_logs_stop(docanalyze: Command, folder: Path, model: Path) -> None:
    started = docanalyze("server", "start", "--detach")
    [server] = launch.running(folder)
    assert started.code == 0 and f"The main server serves at {server.url}" in started.out
    assert "small: 1,024 tokens, cache q8_0/q8_0" in started.out and server.key not in started.out + started.err
    assert all(len(line) <= 80 for line in started.err.splitlines())
    shown = docanalyze("server", "status")
    assert shown.code == 0 and server.url in shown.out and str(model) in shown.out
    [listed] = docanalyze("server", "status", "--json").json["servers"]
    assert (listed["role"], listed["ready"], listed["process"]) == ("main", True, server.pid)
    assert listed["sha256"] == server.model_sha256 and listed["profile"]["cache_k"] == "q8_0"
    assert server.key not in json.dumps(listed)
    assert "runs already" in docanalyze("server", "start").out
    other = docanalyze("server", "start", "c")
    assert other.code == 3 and "docanalyze server stop" in other.err
    log = docanalyze("server", "logs")
    assert log.code == 0 and "listening on http" in log.out
    stopped = docanalyze("server", "stop")
    assert stopped.code == 0 and f"process {server.pid}" in stopped.out
    assert docanalyze("server", "stop").out == docanalyze("server", "status").out == "No server of docanalyze runs\n"


def test_a_server_in_the_foreground_ends_with_ctrl_c_and_says_when_it_ends_itself(folder: Path) -> None:
    for end in (signal.SIGINT, signal.SIGKILL, None):
        command = [sys.executable, "-m", "docanalyze", "server", "start"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line
        [server] = launch.running(folder)
        if end is None:
            launch.stop(folder, Role.MAIN)
        else:
            os.kill(process.pid if end is signal.SIGINT else server.pid, end)
        out, err = process.communicate(timeout=30)
        if end is signal.SIGINT:
            assert (process.returncode, out) == (0, "Stopped\n")
        elif end is None:
            assert (process.returncode, out) == (0, "Stopped by docanalyze server stop\n")
        else:
            assert process.returncode == 3 and f"(process {server.pid}) ended by itself" in err
        assert launch.running(folder) == []


def test_a_log_is_followed_into_the_next_start(docanalyze: Command, folder: Path) -> None:
    folder.mkdir(parents=True)
    log = folder / "main.log"
    log.write_text("first \x1b[31mred\n")
    command = [sys.executable, "-m", "docanalyze", "server", "logs", "--follow"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    killer = threading.Timer(30, process.kill)
    killer.start()
    assert process.stdout.readline() == "first \N{REPLACEMENT CHARACTER}[31mred\n"
    with log.open("a") as file:
        file.write("second\n")
    assert process.stdout.readline() == "second\n"
    log.replace(folder / "main.1.log")
    log.write_text("third\n")
    assert process.stdout.readline() == "third\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    killer.cancel()
    assert process.returncode == 0
    assert docanalyze("server", "logs", "--back", "1").out.endswith("second\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("start", "none"), 2, "there is no profile 'none': known are baseline, a, b, c, cpu"),
        (("start", "--judge"), 2, "no model file is named for the judge server: give --model FILE.gguf"),
        (("start", "--model", "none.gguf"), 3, "cannot read none.gguf"),
        (("start", "--context", "1000000"), 2, "tiny.gguf knows 131,072 tokens of context at most"),
        (("start", "--model", "nobody"), 3, "no model file and no known model: nobody"),
        (("start", "--model", "Qwen2.5-14B-Instruct"), 3, "docanalyze models pull Qwen2.5-14B-Instruct:Q4_K_M"),
        (("start", "--context", "1"), 2, "--context"),
        (("start", "--binary", "/none/llama-server"), 3, "there is no /none/llama-server"),
        (("logs", "--judge"), 2, "there is no log of the judge server"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    docanalyze: Command, folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    result = docanalyze("server", *arguments)
    assert result.code == code and said in result.err and len(result.err.splitlines()) == 1
    assert launch.running(folder) == []


def test_the_working_directory_may_not_name_models_or_programs(docanalyze: Command, here: Path) -> None:
    for line in ('main_file = "m.gguf"', 'server_binary = "x"', 'runtime = "r"', "keep_server = true"):
        (here / "docanalyze.toml").write_text(line)
        result = docanalyze("server", "status")
        assert result.code == 2 and "may not be set in a working directory" in result.err


def test_a_command_serves_what_it_needs_and_stops_it(docanalyze: Command, contract: Path, folder: Path) -> None:
    result = docanalyze(contract, "--dry-run", "--judge-file", "none.gguf", "--no-judge")
    assert "tiny.gguf, 1,024 tokens of context, cache q8_0/q8_0, proven" in result.err
    assert launch.running(folder) == []
    missing = docanalyze(contract, "--dry-run", "--judge-file", "none.gguf")
    assert missing.code == 3 and "cannot read none.gguf" in missing.err
    assert launch.running(folder) == []
