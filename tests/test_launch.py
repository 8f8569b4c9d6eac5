"""Starting, finding and stopping the real server of the wheel; processes and the runtime folder."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import ServerError
from docanalyze.runtime import answering, hashes, launch, log, processes, program, proof
from docanalyze.runtime import folder as kept
from docanalyze.runtime.launch import Expected, Wanted
from docanalyze.runtime.values import CacheType, Profile, Role, Running
from tests.llama_server import model_for_all

if sys.platform == "win32":
    pytest.skip("the wheel has no server for it", allow_module_level=True)

SMALL = Profile("small", 1024, CacheType.Q8_0, CacheType.Q8_0, batch=64, micro_batch=64, threads=1)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_all(tmp_path_factory.getbasetemp().parent)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A runtime folder in which nothing runs afterwards."""
    yield tmp_path / "runtime"
    for role in Role:
        launch.stop(tmp_path / "runtime", role)


@pytest.fixture
def wanted(model: Path) -> Wanted:
    return Wanted(Role.MAIN, SMALL, model, program.WHEEL, expected=Expected(architecture="qwen2"))


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


# -- the whole way ---------------------------------------------------------------------------------


def test_started_found_proven_and_stopped(wanted: Wanted, folder: Path) -> None:
    told: list[launch.Loading] = []
    notes: list[str] = []
    server = launch.start(wanted, folder, told.append, notes.append)
    assert launch.running(folder) == [server]
    assert server.model_sha256 == hashes.sha256(wanted.model_file, folder)
    assert server.ready_seconds > 0 and told and told[-1].seconds <= server.ready_seconds
    granted = answering.granted(server.port, server.key)
    assert granted is not None and granted.context == 1024
    seen = log.read(server.log.read_text())
    checks = proof.check_log(proof.Expected(server.profile, None, granted.context, False, server.version), seen)
    assert proof.passed(checks), checks
    # The same once more is that one; another is refused.
    assert launch.start(wanted, folder) == server
    with pytest.raises(ServerError, match=r"a main server runs already: tiny.gguf, profile small.*server stop"):
        launch.start(replace(wanted, profile=replace(SMALL, context=512)), folder)
    assert not launch.is_held(folder, server)
    assert launch.stop(folder, Role.MAIN) == server
    assert launch.running(folder) == [] and launch.stop(folder, Role.MAIN) is None
    assert answering.granted(server.port, server.key) is None and notes == []
    assert launch.was_stopped(server) and launch.ended(server).what.endswith("was stopped")


def test_only_its_owner_reads_key_and_log(wanted: Wanted, folder: Path) -> None:
    with launch.held(wanted, folder) as server:
        for path in (folder / "main.json", server.log):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert server.key not in repr(server) and server.key not in server.log.read_text()
        assert server.key.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes() or sys.platform != "linux"
        assert answering.granted(server.port, "wrong") is None
        assert launch.is_held(folder, server)
    assert launch.running(folder) == []


def test_a_killed_server_is_noticed_and_started_again(wanted: Wanted, folder: Path) -> None:
    first = launch.start(wanted, folder)
    os.kill(first.pid, signal.SIGKILL)
    notes: list[str] = []
    until(lambda: not launch.running(folder, notes.append))
    assert len(notes) == 1 and f"(process {first.pid})" in notes[0] and str(first.log) in notes[0]
    assert not (folder / "main.json").exists()
    assert launch.ended(first).what.endswith("ended by itself, and did not say why")
    with first.log.open("a") as file:
        file.write("ggml_aligned_malloc: insufficient memory (attempted to allocate 10.00 MB)\n")
    assert "ended by itself: the machine is out of memory: 10 MiB" in launch.ended(first).what
    second = launch.start(wanted, folder)
    assert second.pid != first.pid and second.key != first.key
    # The log of the start before is kept.
    assert kept.log_of(folder, Role.MAIN, 1).exists()


def test_a_held_server_ends_with_who_holds_it(wanted: Wanted, folder: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(wanted.model_file), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    [server] = launch.running(folder)
    assert launch.is_held(folder, server)
    holder.kill()
    holder.communicate()
    until(lambda: not launch.running(folder))
    until(lambda: answering.granted(server.port, server.key) is None)


_HOLD = """
import sys, time
from pathlib import Path
from docanalyze.runtime import launch
from docanalyze.runtime.values import Profile, Role
profile = Profile("small", 512, batch=64, micro_batch=64, threads=1)
wanted = launch.Wanted(Role.MAIN, profile, Path(sys.argv[1]), "wheel")
with launch.held(wanted, Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_server_that_runs_is_not_ended_by_who_only_uses_it(wanted: Wanted, folder: Path) -> None:
    started = launch.start(wanted, folder)
    with launch.held(wanted, folder) as server:
        assert server == started
    assert launch.running(folder) == [started]


def test_longer_than_trained(wanted: Wanted, folder: Path) -> None:
    long = replace(SMALL, context=262_144, cache_k=CacheType.Q4_0, cache_v=CacheType.Q4_0, micro_batch=32)
    with pytest.raises(ServerError, match=r"granted 131,072 of 262,144 tokens.*trained"):
        launch.start(replace(wanted, profile=long), folder)
    assert launch.running(folder) == []
    with launch.held(replace(wanted, profile=replace(long, yarn_factor=2.0, yarn_context=131_072)), folder) as server:
        granted = answering.granted(server.port, server.key)
        assert granted is not None and granted.context == 262_144


# -- what goes wrong -------------------------------------------------------------------------------


def test_a_damaged_model_is_named(wanted: Wanted, folder: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(wanted.model_file.read_bytes()[:30_000_000])
    with pytest.raises(ServerError, match=r"cut short or damaged.*download"):
        launch.start(replace(wanted, model_file=cut), folder)
    other = tmp_path / "other.gguf"
    other.write_text("hello, I am no model")
    with pytest.raises(ServerError, match="not a GGUF file"):
        launch.start(replace(wanted, model_file=other), folder)
    with pytest.raises(ServerError, match=r"cannot read .*none\.gguf"):
        launch.start(replace(wanted, model_file=tmp_path / "none.gguf"), folder)
    assert launch.running(folder) == [] and not (folder / "main.json").exists()


def test_quantized_values_without_flash_attention(wanted: Wanted, folder: Path) -> None:
    with pytest.raises(ServerError, match="needs flash attention"):
        launch.start(replace(wanted, profile=replace(SMALL, flash=False)), folder)


def test_a_cache_type_that_the_model_cannot_have(wanted: Wanted, folder: Path) -> None:
    # The heads of the tiny model are 32 wide: every type fits. A type that does not exist is refused before.
    with launch.held(replace(wanted, profile=replace(SMALL, cache_k=CacheType.Q5_1, cache_v=CacheType.IQ4_NL)), folder):
        seen = log.read(kept.log_of(folder, Role.MAIN).read_text())
    assert (seen.key_type, seen.value_type) == ("q5_1", "iq4_nl")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's memory is Linux's")
def test_out_of_memory_says_how_much_was_asked(wanted: Wanted, folder: Path) -> None:
    limited = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(wanted.model_file), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "out of memory" in limited.stdout and "4,096 MiB were asked for" in limited.stdout, limited


_LIMITED = """
import resource, sys
from pathlib import Path
from docanalyze.errors import ServerError
from docanalyze.runtime import launch
from docanalyze.runtime.values import CacheType, Profile, Role
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
profile = Profile("huge", 1 << 23, CacheType.F32, CacheType.F32, batch=32, micro_batch=32)
try:
    launch.start(launch.Wanted(Role.MAIN, profile, Path(sys.argv[1]), "wheel"), Path(sys.argv[2]))
except ServerError as error:
    print(error)
"""


def test_a_port_that_is_taken(wanted: Wanted, folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} cannot be taken.*--port"):
            launch.start(replace(wanted, port=port), folder)


def test_nobody_starts_the_same_server_twice_at_once(wanted: Wanted, folder: Path) -> None:
    kept.make(folder)
    with (
        kept.starting(folder, Role.MAIN),
        pytest.raises(ServerError, match="another docanalyze is starting the main server"),
    ):
        launch.start(wanted, folder)


def test_a_folder_that_cannot_be_written(wanted: Wanted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match=r"cannot write to .*DOCANALYZE_RUNTIME"):
        launch.start(wanted, tmp_path / "file" / "runtime")


def test_a_server_that_somebody_else_could_have_named_is_not_spoken_to(wanted: Wanted, folder: Path) -> None:
    kept.make(folder)
    sleeping = state(os.getpid(), processes.born(os.getpid()), folder / "main.log")
    for path, mode in ((folder / "main.json", 0o666), (folder, 0o777)):
        kept.write(folder, sleeping)
        assert launch.running(folder) == [sleeping.running]
        path.chmod(mode)
        notes: list[str] = []
        assert launch.running(folder, notes.append) == [] and "another's" in notes[0]
    with pytest.raises(ServerError, match=r"others may write to .*chmod 700"):
        launch.start(wanted, folder)


# -- what is left behind ---------------------------------------------------------------------------


def state(pid: int, born: str, log: Path) -> kept.State:
    server = Running(
        Role.MAIN, pid, 1, "k", SMALL, Path("/m.gguf"), "00", log, "", "v", "2026-01-01T00:00:00+00:00", 1.0
    )
    return kept.State(server, born, pid)


def test_a_number_that_was_given_out_again_is_never_stopped(folder: Path) -> None:
    kept.make(folder)
    # This very process, as if the server that had its number was gone since long.
    kept.write(folder, state(os.getpid(), "long ago", folder / "main.log"))
    notes: list[str] = []
    assert launch.stop(folder, Role.MAIN, notes.append) is None
    assert len(notes) == 1 and "has ended" in notes[0]


_LEADER_GOES = """
import subprocess, sys
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
print(sleeper.pid)
"""


def test_a_group_that_was_given_the_number_of_a_gone_server_is_left_alone(folder: Path) -> None:
    kept.make(folder)
    # Another's group, of which the first process has gone: no process has that number, a group has.
    leader = subprocess.Popen(
        [sys.executable, "-c", _LEADER_GOES], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    sleeper = int(leader.communicate()[0])
    born = processes.born(sleeper)
    try:
        for ask in (launch.running, lambda folder: launch.stop(folder, Role.MAIN)):
            kept.write(folder, state(leader.pid, "before the last boot", folder / "main.log"))
            assert not ask(folder)
        assert not processes.end(leader.pid, "before the last boot", leader.pid)
        time.sleep(0.1)
        assert processes.is_alive(sleeper, born)
    finally:
        processes.end(sleeper, born, leader.pid)
    assert not processes.is_alive(sleeper, born)


def test_of_a_process_in_another_group_only_itself_is_ended() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep, start_new_session=True) as other, subprocess.Popen(sleep) as process:
        assert processes.end(process.pid, processes.born(process.pid), other.pid)
        time.sleep(0.1)
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"version": 9}', '{"version": 1, "running": {}}', "[" * 9999]
)
def test_a_damaged_state_is_removed_with_a_note(folder: Path, content: str) -> None:
    kept.make(folder)
    (folder / "main.json").write_text(content)
    notes: list[str] = []
    assert launch.running(folder, notes.append) == []
    assert len(notes) == 1 and "damaged" in notes[0] and not (folder / "main.json").exists()


def test_a_server_of_another_version_is_not_lost_from_sight(folder: Path, wanted: Wanted) -> None:
    kept.make(folder)
    path = folder / "main.json"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        kept.write(folder, state(process.pid, processes.born(process.pid), folder / "main.log"))
        path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 9}))
        notes: list[str] = []
        assert launch.running(folder, notes.append) == [] and path.exists()
        assert len(notes) == 1 and "another version" in notes[0] and f"process {process.pid}" in notes[0]
        with pytest.raises(ServerError, match=rf"process {process.pid}.*remove .*main\.json"):
            launch.start(wanted, folder)
        assert process.poll() is None
        process.kill()
    # Once it has gone, its file is no longer of any use.
    assert launch.running(folder, notes.append) == [] and not path.exists()


def test_a_server_that_nobody_waited_for_is_ended(folder: Path, wanted: Wanted) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    kept.make(folder)
    begun = state(sleeper.pid, processes.born(sleeper.pid), folder / "main.log")
    kept.write(folder, replace(begun, running=replace(begun.running, ready_seconds=0.0)))
    notes: list[str] = []
    with launch.held(wanted, folder, note=notes.append):
        assert "nobody waited for is ended" in notes[0]
    sleeper.wait(10)


def test_a_state_comes_back_as_it_was_written(folder: Path) -> None:
    kept.make(folder)
    written = state(os.getpid(), processes.born(os.getpid()), folder / "main.log")
    kept.write(folder, written)
    assert kept.read(folder, Role.MAIN) == written and written.is_alive
    assert kept.read(folder, Role.JUDGE) is None
    # It names this very process, which nobody is to stop.
    kept.forget(folder, written)
    assert kept.read(folder, Role.MAIN) is None


def test_logs_of_three_starts_are_kept(folder: Path) -> None:
    kept.make(folder)
    for start in range(5):
        kept.rotate(folder, Role.MAIN).write_text(f"start {start}")
    assert sorted(path.name for path in folder.glob("*.log")) == ["main.1.log", "main.2.log", "main.log"]
    assert kept.log_of(folder, Role.MAIN, 2).read_text() == "start 2"


def test_who_does_not_listen_is_killed() -> None:
    deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        born = processes.born(process.pid)
        assert processes.end(process.pid, born, process.pid, patience=0.2)
        assert not processes.is_alive(process.pid, born)
        assert not processes.end(process.pid, born, process.pid)


# -- hashes ----------------------------------------------------------------------------------------


def test_a_file_is_hashed_once_until_it_changes(tmp_path: Path) -> None:
    path, told = tmp_path / "m.gguf", [0]

    def watch(done: int, _: int) -> None:
        told[0] += done

    path.write_bytes(b"one")
    first = hashes.sha256(path, tmp_path, watch)
    assert told == [3] and hashes.sha256(path, tmp_path, watch) == first and told == [3]
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert hashes.sha256(path, tmp_path, watch) != first and told == [6]
    (tmp_path / "hashes.json").write_text("[")
    assert hashes.sha256(path, tmp_path, watch) and told == [9]
    assert len(json.loads((tmp_path / "hashes.json").read_text())) == 1
