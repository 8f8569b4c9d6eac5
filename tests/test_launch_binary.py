"""A `llama-server` of the user's own: found, asked what it knows, told so, waited for, and understood when it fails."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from docanalyze.errors import ServerError
from docanalyze.runtime import answering, failures, launch, program
from docanalyze.runtime.launch import Expected, Wanted
from docanalyze.runtime.values import Profile, Role
from tests.standin import HELP, OLD_HELP, StandIn, Turn

if sys.platform == "win32":
    pytest.skip("a script is no program there", allow_module_level=True)

PROFILE = Profile("a", 32_768)
STRETCHED = replace(PROFILE, context=131_072, yarn_factor=4.0, yarn_context=32_768)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "runtime"
    for role in Role:
        launch.stop(tmp_path / "runtime", role)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / "llama-server"


@pytest.fixture
def wanted(model: Path, place: Path) -> Wanted:
    return Wanted(Role.MAIN, PROFILE, model, str(place), expected=Expected(architecture="qwen2"))


# -- serving ---------------------------------------------------------------------------------------


def test_told_served_and_stopped(wanted: Wanted, place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_ARG_CTX_SIZE", "1")
    standin = StandIn(place, [Turn(loading=0.3, log="load_tensors: loading model tensors\n")]).write()
    told: list[str] = []
    server = launch.start(wanted, folder, lambda loading: told.append(loading.text))
    [call] = standin.calls
    assert (call.value("--model"), call.value("--port")) == (str(wanted.model_file), str(server.port))
    assert call.pid == server.pid and server.version == "b6123 (abc1234)" and server.binary == str(place)
    assert server.key == call.environment["LLAMA_API_KEY"] and server.key not in call.arguments
    assert "LLAMA_ARG_CTX_SIZE" not in call.environment
    assert "reading the weights" in told and server.ready_seconds >= 0.3
    assert launch.running(folder) == [server]
    assert launch.stop(folder, Role.MAIN) == server and launch.running(folder) == []


def test_a_held_binary_ends_with_its_watcher(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place).write()
    with launch.held(wanted, folder) as server:
        assert standin.calls[0].pid == server.pid != os.getpid()
        assert answering.granted(server.port, server.key) is not None
    assert answering.granted(server.port, server.key) is None and launch.running(folder) == []


def test_what_a_binary_knows_is_asked_once(wanted: Wanted, place: Path, folder: Path) -> None:
    StandIn(place, help=OLD_HELP).write()
    folder.mkdir()
    first = program.binary(place, folder)
    # What it would say now is another thing, but the program itself is the same.
    StandIn(place, help=HELP).path.with_suffix(".json").write_text("{}")
    assert program.binary(place, folder) == first and not first.knows("--fit")
    StandIn(place, help=HELP).write()
    os.utime(place, ns=(1, 1))
    assert program.binary(place, folder).knows("--fit")
    (folder / "binaries.json").write_text("[1")
    assert program.binary(place, folder).knows("--fit")


def test_the_one_on_path_comes_before_the_wheel(place: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    monkeypatch.setenv("PATH", str(place.parent))
    assert program.find("", folder).binary is None
    StandIn(place).write()
    assert program.find("", folder).binary == place
    assert program.find(program.WHEEL, folder).version.startswith("xllamacpp 20")
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ServerError, match=r"wheel is not installed.*docanalyze\[llama\].*--binary"):
        program.find(program.WHEEL, folder)


def test_a_bare_name_is_looked_up_on_path_alone(
    place: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    # A folder that is analysed may hold a program of that name.
    analysed = tmp_path / "analysed"
    analysed.mkdir()
    StandIn(analysed / "llama-server").write()
    monkeypatch.chdir(analysed)
    for path in ("/usr/bin", "", f".{os.pathsep}/usr/bin"):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(ServerError, match=r"no llama-server is on PATH.*\./llama-server"):
            program.find("llama-server", folder)
        assert program.find("", folder).binary is None
    assert program.find("./llama-server", folder).binary == analysed / "llama-server"
    StandIn(place).write()
    monkeypatch.setenv("PATH", f".{os.pathsep}{place.parent}")
    assert program.find("llama-server", folder).binary == program.find("", folder).binary == place


# -- the port --------------------------------------------------------------------------------------

BIND = "srv start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: {}\n"


def test_a_port_that_was_taken_meanwhile_is_left_to_whoever_has_it(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place, [Turn(BIND, code=1), Turn(model="/another/model.gguf"), Turn()]).write()
    server = launch.start(wanted, folder)
    ports = [call.value("--port") for call in standin.calls]
    assert len(ports) == 3 and ports[2] == str(server.port)
    keys = {call.environment["LLAMA_API_KEY"] for call in standin.calls}
    assert len(keys) == 3


def test_a_port_that_was_asked_for_is_not_changed(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place, [Turn(BIND, code=1)]).write()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ServerError, match=f"port {port} is taken by another program"):
        launch.start(replace(wanted, port=port), folder)
    assert not (folder / "main.json").exists()
    assert len(standin.calls) == 1 and launch.running(folder) == []


# -- the context -----------------------------------------------------------------------------------


def test_the_limit_of_an_older_build_is_lifted(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place, [Turn(granted=32_768), Turn(granted=131_072)]).write()
    notes: list[str] = []
    server = launch.start(replace(wanted, profile=STRETCHED), folder, note=notes.append)
    first, second = standin.calls
    assert "--override-kv" not in first.arguments
    assert second.value("--override-kv") == "qwen2.context_length=int:131072"
    assert server.pid == second.pid and "granted 32,768 tokens only" in notes[0]


@pytest.mark.parametrize(("help", "starts"), [(HELP, 2), (HELP.replace("--override-kv", "--other"), 1)])
def test_a_limit_that_stays_is_a_failure(wanted: Wanted, place: Path, folder: Path, help: str, starts: int) -> None:
    standin = StandIn(place, [Turn(granted=32_768)], help).write()
    with pytest.raises(ServerError, match=r"granted 32,768 of 131,072 tokens"):
        launch.start(replace(wanted, profile=STRETCHED), folder)
    assert len(standin.calls) == starts and launch.running(folder) == []


# -- why it does not start -------------------------------------------------------------------------

CUDA = """0.00.240.114 I llama_model_load: using device CUDA0 (NVIDIA Card) (0000:01:00.0) - 23028 MiB free
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 24576.00 MiB on device 0: cudaMalloc failed: out of memory
alloc_tensor_range: failed to allocate CUDA0 buffer of size 25769803776
llama_init_from_model: failed to initialize the context: failed to allocate buffer for kv cache
srv    load_model: failed to load model, '/m/model.gguf'
main: exiting due to model loading error
"""


@pytest.mark.parametrize(
    ("log", "code", "said"),
    [
        (CUDA, 1, "device 0 is out of memory: 24,576 MiB more were asked for of 23,028 MiB free at the start"),
        ("failed to allocate ROCm0 buffer of size 1073741824\n", 1, "ROCm0 is out of memory: 1,024 MiB were asked for"),
        (
            "  - CPU     : A Processor (24105 MiB, 9000 MiB free)\n"
            "ggml_aligned_malloc: insufficient memory (attempted to allocate 24576.00 MB)\n",
            1,
            "the machine is out of memory: 24,576 MiB were asked for of 9,000 MiB free",
        ),
        ("loading", -9, "the system ended the server while model.gguf loaded, as it does when memory runs out"),
        ("error: invalid argument: --fit\n", 1, "this build does not know --fit: take a newer build"),
        ('error while handling argument "-ctk": Unsupported cache type: q9\n', 1, "does not know the cache type q9"),
        ("unknown model architecture: 'qwen9'\n", 1, "does not know the architecture qwen9"),
        ("CUDA error: no kernel image is available for execution on the device\n", -6, "no code for this card"),
        ("ggml_cuda_init: CUDA driver version is insufficient for CUDA runtime version\n", 1, "the driver is too old"),
        ("0.01.2 E llama_x: failed to do a thing nobody knows\nmain: exiting due to model loading error\n", 1,
         "the server did not start: llama_x: failed to do a thing nobody knows: docanalyze server logs"),
        ("", 7, "the server did not start and ended with code 7"),
    ],
)  # fmt: skip
def test_the_reason_is_read_from_the_log(
    wanted: Wanted, place: Path, folder: Path, log: str, code: int, said: str
) -> None:
    if code > 0:
        StandIn(place, [Turn(log, code)]).write()
        with pytest.raises(ServerError) as caught:
            launch.start(wanted, folder)
        error = caught.value
    else:
        error = failures.reason(log, code, "model.gguf")
        assert failures.reason(log, code, "model.gguf", "take less").try_ in ("take less", error.try_)
    assert said in str(error) and error.exit_code == 3 and "\n" not in str(error) and error.try_


def test_what_is_no_llama_server(wanted: Wanted, place: Path, folder: Path, tmp_path: Path) -> None:
    other = StandIn(place, help="usage: other [--model FILE]").write()
    with pytest.raises(ServerError, match=r"is no llama-server: its --help knows no --ctx-size"):
        launch.start(wanted, folder)
    missing = "llama-server: error while loading shared libraries: libcublas.so.12: cannot open shared object file"
    os.utime(StandIn(other.path, help=missing).write().path, ns=(1, 1))
    with pytest.raises(ServerError, match=r"does not find libcublas.so.12.*doctor"):
        launch.start(wanted, folder)
    for name, said in (("none", "there is no"), ("model.gguf", "is no program")):
        with pytest.raises(ServerError, match=said):
            launch.start(replace(wanted, binary=str(tmp_path / name)), folder)
    (tmp_path / "broken").write_bytes(b"\x7fELF")
    (tmp_path / "broken").chmod(0o755)
    with pytest.raises(ServerError, match="cannot be run"):
        launch.start(replace(wanted, binary=str(tmp_path / "broken")), folder)


def test_an_interrupted_start_leaves_nothing(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place, [Turn(loading=60)]).write()

    def interrupt(loading: launch.Loading) -> None:
        if loading.seconds > 0.3 and place.with_suffix(".calls").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        launch.start(wanted, folder, interrupt)
    assert launch.running(folder) == [] and not (folder / "main.json").exists()
    begun = time.monotonic()
    while Path(f"/proc/{standin.calls[0].pid}").exists() and sys.platform == "linux":
        assert time.monotonic() - begun < 5


def runs(text: str) -> list[str]:
    """The processes that have that in their command lines."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found += [said for said in [path.read_bytes().decode("utf-8", "replace")] if text in said]
    return found


def test_a_server_that_cannot_be_noted_down_is_ended(wanted: Wanted, place: Path, folder: Path) -> None:
    StandIn(place).write()
    (folder / "main.json" / "in the way").mkdir(parents=True)
    with pytest.raises(ServerError, match=r"cannot write to .*DOCANALYZE_RUNTIME"):
        launch.start(wanted, folder)
    with pytest.raises(ServerError, match=r"cannot write to "), launch.held(wanted, folder):
        pass
    time.sleep(0.2)
    assert runs(str(place)) == []


@pytest.fixture
def silent_child(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of our own child process one that never says who serves."""
    StandIn(place).write()
    script = tmp_path / "silent-child"
    script.write_text("#!/bin/sh\nexec sleep 61.25\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return script


def test_who_never_says_who_serves_is_not_waited_for(
    wanted: Wanted, folder: Path, silent_child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_FIRST_WORD_SECONDS", 0.3)
    with pytest.raises(ServerError, match=r"says nothing.*server logs"), launch.held(wanted, folder):
        pass
    assert runs("61.25") == [] and not (folder / "main.json").exists()


def test_ctrl_c_before_it_says_who_serves_ends_it(wanted: Wanted, folder: Path, silent_child: Path) -> None:
    def interrupt() -> None:
        while not runs("61.25"):
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt), launch.held(wanted, folder):
        pass
    assert runs("61.25") == [] and not (folder / "main.json").exists()


def test_who_ends_before_it_is_told_anything_is_understood(
    wanted: Wanted, folder: Path, silent_child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent_child.write_text("#!/bin/sh\necho 'error: invalid argument: --fit' >&2\nexit 1\n")

    class Ended(subprocess.Popen[str]):
        """A process that is told something after it has ended, as a quick end and a slow parent have it."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            if named.get("stdin") == subprocess.PIPE:
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    monkeypatch.setattr(subprocess, "Popen", Ended)
    with pytest.raises(ServerError, match="this build does not know --fit"), launch.held(wanted, folder):
        pass
    assert not (folder / "main.json").exists()


def test_starting_waits_for_nothing_but_the_server(wanted: Wanted, place: Path, folder: Path) -> None:
    standin = StandIn(place, [Turn(loading=0.5)]).write()
    launch.start(wanted, folder)
    launch.stop(folder, Role.MAIN)
    begun = time.perf_counter()
    launch.start(wanted, folder)
    # By the server's own clock: what we call ready is when we came to ask.
    beside = time.perf_counter() - begun - standin.needed
    assert beside < 5, "no measure of speed: none of the waits that end by themselves was sat out"
