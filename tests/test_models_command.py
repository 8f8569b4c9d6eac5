"""`docanalyze models list`, `inspect` and `use`."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import config
from docanalyze.errors import ConfigError
from tests import gguf_material as material
from tests import twins
from tests.conftest import Command


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shape = twins.Shape("gemma3", 7, 1280, 4, 2, 128, 5120, window=1024, words=256)
    return twins.zeros(tmp_path_factory.mktemp("models") / "some.gguf", shape)


@pytest.fixture
def user(here: Path) -> Path:
    return config.user_file()


def test_the_list_fits_the_terminal_and_shows_the_trap(docanalyze: Command) -> None:
    said = docanalyze("models", "list")
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    assert "Qwen2.5-14B-Instruct       8.37" in said.out
    assert "Not for commercial use" in said.out
    listed = docanalyze("models", "list", "--json").json["models"]
    assert {model["name"] for model in listed} >= {"Qwen2.5-14B-Instruct", "Qwen2.5-14B-Instruct-1M"}


def test_a_file_says_what_it_is(docanalyze: Command, file: Path) -> None:
    said = docanalyze("models", "inspect", file)
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    for words in (
        "gemma3",
        "7 of 4 heads, 2 KV heads of 128, 6 of them see 1,024 tokens",
        "F16",
        "32,768 tokens",
        "base 1,000,000, not scaled",
        "gpt2, split by qwen2",
        "ChatML",
        "not said in the file",
    ):
        assert words in said.out
    found = docanalyze("models", "inspect", file, "--json").json
    assert (found["geometry"]["window"], found["not_computed"]) == (1024, "")


def test_a_file_of_another_kind_is_shown_without_arithmetic(docanalyze: Command, tmp_path: Path) -> None:
    head = material.header([material.text("general.architecture", "mamba\x1b[31m")])
    tensor = material.string("t") + b"\1\0\0\0" + b"\4" + bytes(7) + bytes(4) + bytes(8)
    data = head[:8] + b"\1" + bytes(7) + head[16:] + tensor
    path = material.write(tmp_path, data + bytes(-len(data) % 32 + 16))
    said = docanalyze("models", "inspect", path)
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "whose memory is not computed" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7", "is not a GGUF file"),
        (b"", "is empty"),
        (material.header([material.text("general.architecture", "qwen2")]), "holds no weights"),
    ],
)
def test_what_is_no_model_is_one_line(docanalyze: Command, tmp_path: Path, data: bytes, said: str) -> None:
    path = material.write(tmp_path, data)
    for arguments in (("inspect", path), ("use", "--main", path)):
        got = docanalyze("models", *arguments)
        assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
        assert said in got.err


def test_a_file_that_is_cut_short_is_not_used(docanalyze: Command, file: Path, tmp_path: Path, user: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with file.open("rb") as whole:
        cut.write_bytes(whole.read(100_000))
    got = docanalyze("models", "use", "--main", cut)
    assert got.code == 2
    assert "is cut short: 100,000 bytes of" in got.err
    assert not user.exists()


def test_what_is_used_is_settled_and_the_rest_left_alone(
    docanalyze: Command, file: Path, here: Path, user: Path
) -> None:
    user.parent.mkdir(parents=True)
    user.write_text('# mine\nlang = "German"\nmain_file = "old.gguf"\n', encoding="utf-8")
    (here / "it.gguf").symlink_to(file)
    assert docanalyze("models", "use", "--main", "it.gguf", "--judge", file).code == 0
    assert tomllib.loads(user.read_text(encoding="utf-8")) == {
        "lang": "German",
        "main_file": str(file),
        "judge_file": str(file),
    }
    assert user.read_text(encoding="utf-8").startswith("# mine\n")
    assert config.resolve({}).main_file == file
    assert docanalyze("models", "use", "--judge", "none").code == 0
    assert config.resolve({}).judge_file is None
    assert docanalyze("models", "use").code == 2


def test_a_name_with_quotes_survives(user: Path) -> None:
    config.write_user({"main_file": 'a "b" \\ c\u00e9.gguf'})
    assert config.resolve({}).main_file == config.user_file().parent / Path('a "b" \\ c\u00e9.gguf')


def test_a_wrong_settings_file_is_not_overwritten(here: Path, user: Path) -> None:
    user.parent.mkdir(parents=True)
    user.write_text("main_file = [", encoding="utf-8")
    with pytest.raises(ConfigError):
        config.write_user({"main_file": "x.gguf"})
    assert user.read_text(encoding="utf-8") == "main_file = ["


def test_the_licence_trap_is_shown_when_it_is_used(docanalyze: Command, tmp_path: Path) -> None:
    path = twins.zeros(tmp_path / "judge.gguf", replace(twins.REAL_3B, words=256))
    said = docanalyze("models", "use", "--judge", path)
    assert said.code == 0
    assert "Not for commercial use" in said.err
    assert "Not for commercial use" in docanalyze("models", "inspect", path).out
