"""`docanalyze doctor`: each failure by its name, on builds, cards and files that are made for it."""

import json
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.runtime import builds, doctor, graphics
from docanalyze.runtime.builds import Build, Device
from docanalyze.runtime.doctor import Asked, Line, State
from docanalyze.runtime.graphics import Card, Graphics
from docanalyze.runtime.values import CacheType
from tests.conftest import Command
from tests.llama_server import model_for_all
from tests.scripted import Said, Scripted

Q8, Q4, F16 = CacheType.Q8_0, CacheType.Q4_0, CacheType.F16
CARD = Graphics((Card("NVIDIA GeForce RTX 3090", 24_576),), "550.54.14", (12, 4))
NONE = Graphics()
GPU = Device("CUDA0", "NVIDIA GeForce RTX 3090", 24_135)
CODE = {"CUDA": Path("libggml-cuda.so")}
KERNELS = frozenset({(F16, F16), (Q8, Q8), (Q4, Q4)})
GOOD = Build("llama-server", "b9900 (abcdef)", (GPU,), CODE, kernels=KERNELS, cuda=12)
HELP = """-m,    --model FNAME   model path
-c,    --ctx-size N     context
       --host HOST      address
       --port PORT      port
-fa,   --flash-attn [on|off|auto]  flash attention
       --list-devices   print devices
"""
LISTED = """ggml_cuda_init: found 1 CUDA devices (Total VRAM: 24135 MiB):
  Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6, VMM: yes, VRAM: 24135 MiB
Available devices:
  CUDA0: NVIDIA GeForce RTX 3090 (24135 MiB, 23879 MiB free)
"""
LDD = """\tlinux-vdso.so.1 (0x00007f7f21ec3000)
\tlibggml-base.so => /opt/llama/libggml-base.so (0x00007f7f21dec000)
\tlibcudart.so.12 => not found
\tlibcublas.so.12 => not found
\tlibcuda.so.1 => not found
/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by libggml.so)
"""
KERNEL = b"\0_Z18flash_attn_ext_vecILi128ELi1EL9ggml_type%dELS0_%dELb0EEvPKcS2_S2_\0"


def pair(*types: CacheType) -> tuple[CacheType, CacheType]:
    return types[0], types[-1]


def server(folder: Path, *, help_: str = HELP, listed: str = LISTED, version: str = "version: 9900 (abcdef12)") -> Path:
    """A program that says what a llama-server says."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "llama-server"
    said = json.dumps({"--help": help_, "--list-devices": listed, "--version": version})
    path.write_text(f"#!{sys.executable}\nimport sys\nprint({said}.get(sys.argv[1], ''), file=sys.stderr)\n")
    path.chmod(0o755)
    return path


def cuda_library(folder: Path, *pairs: tuple[int, int], needs: bytes = b"libcudart.so.12\0libcublas.so.12") -> None:
    kernels = b"".join(KERNEL % one for one in pairs)
    (folder / "libggml-cuda.so").write_bytes(b"%s: found %d CUDA devices:\n\0" + needs + kernels)


def lines_of(asked: Asked, seen: Graphics) -> dict[str, Line]:
    return {line.name: line for line in doctor.of_server(asked, seen)}


# -- a build that says it is one thing -------------------------------------------------------------

only_where_scripts_run = pytest.mark.skipif(sys.platform == "win32", reason="a program is a script with #!")


@only_where_scripts_run
def test_a_build_that_uses_its_card_is_in_order(tmp_path: Path) -> None:
    binary = server(tmp_path / "llama")
    cuda_library(binary.parent, (1, 1), (8, 8), (2, 2))
    asked = Asked(tmp_path / "run", tmp_path / "none.db", str(binary), (pair(Q8), pair(Q4)))
    lines = lines_of(asked, CARD)
    assert {line.state for line in lines.values()} == {State.OK}
    assert "b9900 (abcdef12)" in lines["server"].seen and "CUDA" in lines["server"].seen
    assert lines["devices"].seen == "it lists CUDA0: NVIDIA GeForce RTX 3090 (24,135 MiB)"
    assert "q8_0/q8_0, q4_0/q4_0" in lines["flash attention"].seen


@only_where_scripts_run
def test_a_pair_without_kernels_is_named(tmp_path: Path) -> None:
    binary = server(tmp_path)
    cuda_library(tmp_path, (1, 1), (8, 8), (2, 2))
    line = lines_of(Asked(tmp_path, tmp_path, str(binary), (pair(Q8, Q4),)), CARD)["flash attention"]
    assert line.state is State.BROKEN and "no kernels for q8_0/q4_0" in line.seen
    assert "f16/f16, q4_0/q4_0, q8_0/q8_0" in line.seen and "the processor does it" in line.seen
    cuda_library(
        tmp_path, (1, 1), needs=b"no FlashAttention vector kernel (%s), converting K and V to f16 instead (slow)"
    )
    line = lines_of(Asked(tmp_path, tmp_path, str(binary), (pair(Q8, Q4),)), CARD)["flash attention"]
    assert line.state is State.WARNING and "makes f16" in line.seen


@only_where_scripts_run
def test_libraries_that_the_loader_misses_are_named(tmp_path: Path) -> None:
    said = "ggml_backend_load: libcudart.so.12: cannot open shared object file: No such file or directory\n"
    binary = server(tmp_path, listed=said + "Available devices:\n")
    cuda_library(tmp_path, (1, 1))
    asked = Asked(tmp_path, tmp_path, str(binary))
    lines = lines_of(asked, CARD)
    assert lines["libraries"].state is State.BROKEN and "libcudart.so.12" in lines["libraries"].seen
    assert "LD_LIBRARY_PATH" in lines["libraries"].remedy
    assert lines["devices"].state is State.BROKEN and "was not loaded" in lines["devices"].seen
    assert lines_of(asked, NONE)["libraries"].state is State.WARNING, "without a card nothing is lost"


@only_where_scripts_run
def test_a_server_that_does_not_even_start_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "llama-server: error while loading shared libraries: libggml.so: cannot open shared object file"
    server(tmp_path, help_=said)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    lines = lines_of(Asked(tmp_path, tmp_path), NONE)
    assert lines["server"].state is State.BROKEN and "does not find libggml.so" in lines["server"].seen
    assert {"libraries", "driver"} < set(lines)


@only_where_scripts_run
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"help_": "usage: something else"}, "is no llama-server"),
        ({"help_": HELP.replace("--flash-attn", "--flash")}, "no flash attention"),
        ({"help_": HELP.replace("--list-devices", "--none")}, "cannot list its devices"),
    ],
)
def test_other_programs_and_old_builds_are_told_apart(tmp_path: Path, told: dict[str, str], said: str) -> None:
    binary = server(tmp_path, **told)
    lines = lines_of(Asked(tmp_path, tmp_path, str(binary)), CARD)
    assert any(said in line.seen and line.state is not State.OK and line.remedy for line in lines.values())


def test_the_wheel_of_the_tests_is_what_it_is(tmp_path: Path) -> None:
    build = builds.of_wheel()
    assert build.failure == "" and [device.name for device in build.devices or ()] == ["CPU"]
    assert build.backends == {} and build.kernels == frozenset() and build.label == ""
    assert doctor.of_build(build).state is State.OK
    assert doctor.of_devices(build, NONE).state is State.OK
    line = doctor.of_devices(build, CARD)
    assert line.state is State.BROKEN and "no code for it" in line.seen


# -- the three failures, and what stands beside them -----------------------------------------------


@pytest.mark.parametrize("label", ["0.3.4+cu124", "https://example.org/whl/cu124/xllamacpp.whl"])
def test_a_wheel_labelled_cuda_without_cuda(label: str) -> None:
    line = doctor.of_build(Build("xllamacpp wheel", "1", (Device("CPU", "", 0),), label=label))
    assert line.state is State.BROKEN and "labelled CUDA without CUDA" in line.seen and label in line.seen
    assert doctor.of_build(replace(GOOD, label=label)).state is State.OK


def test_missing_libraries_of_both_systems() -> None:
    missing = builds.parse_missing(LDD)
    assert missing == ["libcudart.so.12", "libcublas.so.12", "libcuda.so.1", "GLIBC_2.38"]
    line = doctor.of_libraries(replace(GOOD, missing={"cublas64_12.dll": "ggml-cuda.dll"}), CARD)
    assert line.state is State.BROKEN and "cublas64_12.dll (for ggml-cuda.dll)" in line.seen
    assert "cudart" in line.remedy
    line = doctor.of_libraries(replace(GOOD, missing={"GLIBC_2.38": "libggml.so"}), NONE)
    assert line.state is State.BROKEN and "older C library" in line.remedy
    assert doctor.of_libraries(replace(GOOD, missing={"libcuda.so.1": "x"}), NONE).state is State.OK


def test_dlls_are_looked_for_where_windows_does(tmp_path: Path) -> None:
    (tmp_path / "cudart64_12.dll").write_bytes(b"")
    found = builds.missing_dlls({"cudart64_12.dll", "cublas64_12.dll"}, [tmp_path / "other", tmp_path])
    assert found == {"cublas64_12.dll": "ggml-cuda.dll"}


def test_no_flash_attention_for_what_is_asked() -> None:
    assert doctor.of_kernels(replace(GOOD, flash=False), (pair(Q8),)).state is State.BROKEN
    assert doctor.of_kernels(GOOD, (pair(Q8), pair(F16))).state is State.OK
    unknown = doctor.of_kernels(replace(GOOD, backends={"Vulkan": Path("x")}, kernels=frozenset()), (pair(Q8),))
    assert unknown.state is State.WARNING and "server verify" in unknown.remedy
    assert doctor.of_kernels(Build("w", "1", ()), (pair(Q8, Q4),)).state is State.OK


@pytest.mark.parametrize(
    ("seen", "build", "state", "said"),
    [
        (CARD, GOOD, State.OK, "serves CUDA 12.4"),
        (CARD, replace(GOOD, cuda=13), State.BROKEN, "the build needs CUDA 13"),
        (CARD, replace(GOOD, driver_failure="no CUDA-capable device is detected"), State.BROKEN, "no CUDA-capable"),
        (Graphics(without_driver=1), GOOD, State.BROKEN, "1 NVIDIA card and no driver that answers"),
        (NONE, GOOD, State.OK, "no NVIDIA card"),
        (NONE, None, State.OK, "no NVIDIA card"),
    ],
)
def test_the_driver_and_what_the_build_needs(seen: Graphics, build: Build | None, state: State, said: str) -> None:
    line = doctor.of_driver(seen, build)
    assert line.state is state and said in line.seen
    assert bool(line.remedy) == (state is not State.OK)


# -- cards -----------------------------------------------------------------------------------------


@only_where_scripts_run
def test_cards_are_asked_of_the_driver(tmp_path: Path) -> None:
    smi = tmp_path / "nvidia-smi"
    smi.write_text(
        "#!/bin/sh\nif [ $# -gt 0 ]; then echo 'NVIDIA GeForce RTX 3090, 24576, 550.54.14'; "
        "echo 'NVIDIA H100, 81559, 550.54.14'; else echo '| Driver Version: 550.54.14  CUDA Version: 12.4 |'; fi\n"
    )
    smi.chmod(0o755)
    seen = graphics.look(tmp_path, str(smi))
    assert seen.cards == (CARD.cards[0], Card("NVIDIA H100", 81_559)) and seen.cuda == (12, 4)
    smi.write_text("#!/bin/sh\necho 'Failed to initialize NVML: Driver/library version mismatch'; exit 18\n")
    assert "version mismatch" in graphics.look(tmp_path, str(smi)).failure


def test_a_card_without_a_driver_stands_on_the_bus(tmp_path: Path) -> None:
    for name, vendor, kind in (("a", "0x10de", "0x030000"), ("b", "0x10de", "0x040300"), ("c", "0x8086", "0x030000")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor").write_text(f"{vendor}\n")
        (tmp_path / name / "class").write_text(f"{kind}\n")
    seen = graphics.look(tmp_path, "")
    assert seen.there and seen.without_driver == 1


# -- files -----------------------------------------------------------------------------------------


def test_a_whole_model_has_its_hash_and_a_wrong_one_a_reason(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    line = doctor.of_model(model, tmp_path)
    assert line.state is State.OK and "sha256" in line.seen
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGML" * 100)
    assert doctor.of_model(other, tmp_path).state is State.BROKEN
    assert doctor.of_model(tmp_path / "none.gguf", tmp_path).state is State.BROKEN


def test_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = (("database", tmp_path), ("runtime", tmp_path / "not" / "there"))
    [line] = doctor.of_disks(places)
    assert line.state is State.OK and f"database and runtime in {tmp_path}" in line.seen
    monkeypatch.setattr(doctor, "TIGHT", 1 << 60)
    assert [line.state for line in doctor.of_disks(places)] == [State.WARNING]
    monkeypatch.setattr(doctor, "NONE_LEFT", 1 << 60)
    assert [line.state for line in doctor.of_disks(places)] == [State.BROKEN]


def test_ocr_data_and_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    line = doctor.of_ocr("xyz")
    assert line.state is State.WARNING and "tesseract-ocr-xyz" in line.remedy
    assert doctor.of_fonts().state is State.OK and "Chinese" in doctor.of_fonts().seen


# -- from the shell --------------------------------------------------------------------------------


def test_the_command_is_in_order_here_and_says_so_as_json_too(docanalyze: Command, contract: Path) -> None:
    assert docanalyze("contract.txt", "--quiet").code == 0
    result = docanalyze("doctor", "--binary", "wheel")
    assert result.code == 0 and result.out.strip().endswith("0 broken")
    assert all(len(line) <= 80 for line in result.out.splitlines() if "/" not in line), "a path stays in one piece"
    told = docanalyze("doctor", "--binary", "wheel", "--json", "--cache", "q8_0/q4_0").json
    assert told["schema"] == "docanalyze.doctor"
    lines = {line["name"]: line for line in told["lines"]}
    assert lines["database"]["state"] == "ok" and "everything in it holds" in lines["database"]["seen"]
    assert "q8_0/q4_0" in lines["flash attention"]["seen"]


def test_the_settled_model_is_looked_at_with_the_cache_types_of_its_profile(
    docanalyze: Command, here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    monkeypatch.setenv("DOCANALYZE_MAIN_FILE", str(model))
    monkeypatch.setenv("DOCANALYZE_PROFILE", "a")
    lines = {line["name"]: line for line in docanalyze("doctor", "--binary", "wheel", "--json").json["lines"]}
    assert "(q8_0/q8_0)" in lines["flash attention"]["seen"]
    assert lines[f"model {model.name}"]["state"] == "ok" and "qwen2" in lines[f"model {model.name}"]["seen"]


def test_servers_named_by_their_address_are_asked(docanalyze: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(lambda _: Said("")) as server:
        monkeypatch.setenv("DOCANALYZE_MAIN_URL", server.url)
        monkeypatch.setenv("DOCANALYZE_JUDGE_URL", "http://127.0.0.1:9")
        lines = {line["name"]: line for line in docanalyze("doctor", "--binary", "wheel", "--json").json["lines"]}
    assert lines["main server"]["state"] == "ok" and "scripted at http" in lines["main server"]["seen"]
    assert lines["judge server"]["state"] == "broken" and "no model server answers" in lines["judge server"]["seen"]
    monkeypatch.setenv("DOCANALYZE_MAIN_URL", "http://example.org")
    assert "is not this machine" in docanalyze("doctor", "--binary", "wheel").out


def test_what_is_broken_makes_it_fail(docanalyze: Command, contract: Path) -> None:
    assert docanalyze("contract.txt", "--quiet").code == 0
    with sqlite3.connect("outputs/docanalyze.db") as connection:
        connection.execute("UPDATE findings SET statement = 'altered'")
    connection.close()
    result = docanalyze("doctor", "--binary", "wheel", "--model", "nowhere.gguf")
    assert result.code == 1 and "2 broken" in result.out
    assert "docanalyze verify names all" in result.out
    Path("outputs/docanalyze.db").write_bytes(b"no database")
    assert "is not a database" in docanalyze("doctor", "--binary", "wheel").out


def test_a_damaged_page_of_the_database_is_found(docanalyze: Command, contract: Path) -> None:
    assert docanalyze("contract.txt", "--quiet").code == 0
    path = Path("outputs/docanalyze.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'segments'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size + 8 : (root - 1) * size + 200] = bytes(192)
    path.write_bytes(data)
    [line] = doctor.of_database(path)
    assert line.state is State.BROKEN and "damaged" in line.seen


def test_a_binary_that_is_none_and_wrong_cache_types_are_refused(docanalyze: Command, here: Path) -> None:
    result = docanalyze("doctor", "--binary", "no-such-server")
    assert result.code == 1 and "broken   server: no no-such-server is on PATH" in result.out
    result = docanalyze("doctor", "--cache", "q9/q9")
    assert result.code == 2 and "no cache types" in result.err
