"""`docanalyze models pull`, against a hub on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import twins
from tests.hub_server import Hub

pytest.importorskip("huggingface_hub")

REPOSITORY = "bartowski/Qwen2.5-3B-Instruct-GGUF"
FILE = "Qwen2.5-3B-Instruct-Q4_K_M.gguf"
PATH = f"{REPOSITORY}/resolve/main/{FILE}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """More than is fetched at once."""
    shape = twins.Shape("qwen2", 2, 1024, 8, 2, 128, 3072, words=256)
    return twins.noise(tmp_path_factory.mktemp("model") / "m.gguf", shape).read_bytes()


@pytest.fixture
def hub(model: bytes) -> Iterator[Hub]:
    with Hub({PATH: model}) as served:
        yield served


class Shell:
    """`docanalyze models pull …` in a process of its own: huggingface_hub reads the environment once."""

    def __init__(self, home: Path, url: str) -> None:
        self.models = home / "models"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DOCANALYZE_"))}
        self.environment = {
            **kept,
            "HOME": str(home),
            "HF_HOME": str(home / "hf"),
            "HF_ENDPOINT": url,
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "127.0.0.1",
            "DOCANALYZE_MODELS": str(self.models),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
        }

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "docanalyze", "models", "pull", *arguments],
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pull(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **more)
        out, error = process.communicate(timeout=60)
        return process.returncode, out, error


@pytest.fixture
def shell(tmp_path: Path, hub: Hub) -> Shell:
    return Shell(tmp_path, hub.url)


def test_a_known_model_is_fetched_and_its_hash_compared(shell: Shell, hub: Hub, model: bytes) -> None:
    code, out, error = shell.pull("qwen2.5-3b-instruct")
    assert code == 0, error
    assert (shell.models / FILE).read_bytes() == model
    assert hub.hashes[PATH] in out
    assert "as the hub states" in out
    assert "Not for commercial use" in error
    code, out, error = shell.pull("Qwen2.5-3B-Instruct:q4_k_m")
    assert code == 0
    assert "is there already" in error
    assert hub.downloads == 1
    code, out, _ = shell.pull("Qwen2.5-3B-Instruct", HF_HUB_OFFLINE="1")
    assert (code, hub.downloads) == (0, 1)
    assert hub.hashes[PATH] in out


def test_what_was_stopped_goes_on_where_it_was(shell: Shell, hub: Hub, model: bytes) -> None:
    hub.stops_after = 20 << 20
    assert len(model) > hub.stops_after
    process = shell.start("Qwen2.5-3B-Instruct")
    assert hub.stopped.wait(60)
    while not any(path.stat().st_size for path in shell.models.glob("*.part")):
        assert process.poll() is None
    process.kill()
    process.communicate()
    code, _, error = shell.pull("Qwen2.5-3B-Instruct")
    assert (code, (shell.models / FILE).read_bytes() == model) == (0, True), error
    assert int(hub.ranges[-1].removeprefix("bytes=").partition("-")[0]) > 0
    assert [path.name for path in shell.models.iterdir()] == [FILE]


def test_a_file_that_is_not_what_was_stated_is_deleted(shell: Shell, hub: Hub) -> None:
    hub.hashes[PATH] = "0" * 64
    code, out, error = shell.pull("Qwen2.5-3B-Instruct")
    assert (code, out) == (2, "")
    assert "is not what the hub states" in error
    assert not (shell.models / FILE).exists()


@pytest.mark.parametrize("own", ["of another size", "of the same size", "a folder", "a link to nowhere"])
def test_a_file_that_was_there_is_left_as_it_is(shell: Shell, hub: Hub, model: bytes, own: str) -> None:
    target = shell.models / FILE
    target.parent.mkdir()
    content = b"mine" + model[4:] if own == "of the same size" else b"mine"
    if own == "a folder":
        target.mkdir()
    elif own == "a link to nowhere":
        target.symlink_to("nowhere")
    else:
        target.write_bytes(content)
    code, out, error = shell.pull("Qwen2.5-3B-Instruct")
    assert (code, out, hub.downloads) == (2, "", 0)
    assert str(target) in error.splitlines()[-1] and "move it away, or give --to another folder" in error
    assert [path.name for path in shell.models.iterdir()] == [FILE]
    assert target.is_dir() or target.is_symlink() or target.read_bytes() == content


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_was_put_there_meanwhile_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    from docanalyze.errors import ModelRefused
    from docanalyze.runtime import hub as fetching

    def cannot(*_: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", cannot)
    part, target = tmp_path / "m.part", tmp_path / "m.gguf"
    part.write_bytes(b"came")
    fetching._place(part, target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"came"] and target.is_file()
    part.write_bytes(b"came later")
    with pytest.raises(ModelRefused, match="was put there meanwhile"):
        fetching._place(part, target)
    assert (part.read_bytes(), target.read_bytes()) == (b"came later", b"came")


def test_what_came_whole_and_was_not_compared_is_not_fetched_again(shell: Shell, hub: Hub, model: bytes) -> None:
    shell.models.mkdir()
    (shell.models / f"{FILE}.{hub.hashes[PATH][:12]}.part").write_bytes(model)
    code, _, error = shell.pull("Qwen2.5-3B-Instruct")
    assert (code, hub.downloads) == (0, 0), error
    assert [path.name for path in shell.models.iterdir()] == [FILE]


def test_a_file_that_is_no_model_is_said_to_be_none(shell: Shell, hub: Hub) -> None:
    hub.files[PATH] = b"<html>"
    hub.hashes[PATH] = ""
    code, _, error = shell.pull("Qwen2.5-3B-Instruct")
    assert code == 2
    assert "is not a GGUF file" in error.splitlines()[-1]
    assert list(shell.models.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "more", "code", "said"),
    [
        (["Qwen3-14B"], {}, 3, "has no such repository: Qwen/Qwen3-14B-GGUF"),
        (["Qwen2.5-3B-Instruct:Q8_0"], {}, 3, "has no file Qwen2.5-3B-Instruct-Q8_0.gguf"),
        (["Qwen2.5-3B-Instruct:Q5_K_M"], {}, 2, "no file of Qwen2.5-3B-Instruct in Q5_K_M is known"),
        (["Qwen2.5-3B-Instruct:Q1"], {}, 2, "no quantization Q1"),
        (["nothing"], {}, 2, "no known model: nothing"),
        (["Qwen2.5-3B-Instruct"], {"HF_HUB_OFFLINE": "1"}, 3, "HF_HUB_OFFLINE is set"),
        (["Qwen2.5-3B-Instruct"], {"HF_ENDPOINT": "http://127.0.0.1:9"}, 3, "does not answer"),
        (["Qwen2.5-3B-Instruct", "--to", f"{sys.executable}/none"], {}, 2, "cannot be used"),
    ],
)
def test_what_cannot_be_fetched_is_one_line(
    shell: Shell, arguments: list[str], more: dict[str, str], code: int, said: str
) -> None:
    got, out, error = shell.pull(*arguments, **more)
    assert (got, out) == (code, "")
    assert said in error.splitlines()[-1], error
    assert "Traceback" not in error


def test_a_disk_that_is_too_small_is_said_before_anything_is_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from docanalyze.errors import ModelRefused
    from docanalyze.runtime import hub as fetching

    monkeypatch.setattr(fetching, "_SPARE", 1 << 62)
    with pytest.raises(ModelRefused, match=r"takes .* GiB more, and .* GiB free"):
        fetching._require_room(tmp_path, FILE, 1)
