"""Settings: which source decides, and what a working directory may not decide."""

import sys
from pathlib import Path

import pytest

from docanalyze import config
from docanalyze.errors import ConfigError


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, in a fresh working directory."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return tmp_path / "config" / "config.toml"


def resolve(user: Path, flags: dict[str, object] | None = None, **environment: str) -> config.Settings:
    return config.resolve(flags or {}, environment={"DOCANALYZE_CONFIG": str(user), **environment})


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_defaults(user: Path) -> None:
    assert resolve(user) == config.Settings()


def test_flag_over_environment_over_local_over_user(user: Path) -> None:
    write(user, "window = 1000")
    assert resolve(user).window == 1000
    write(Path("docanalyze.toml"), "window = 2000")
    assert resolve(user).window == 2000
    assert resolve(user, DOCANALYZE_WINDOW="3000").window == 3000
    assert resolve(user, {"window": 4000}, DOCANALYZE_WINDOW="3000").window == 4000
    assert resolve(user, {"window": None}, DOCANALYZE_WINDOW="3000").window == 3000


def test_reports_stand_beside_the_database(user: Path) -> None:
    assert resolve(user, {"db": Path("elsewhere/a.db")}).out == Path("elsewhere")
    assert resolve(user, {"db": Path("elsewhere/a.db"), "out": Path("r")}).out == Path("r")


def test_own_kinds_beside_the_users_file(user: Path) -> None:
    assert resolve(user).prompts is None
    (user.parent / "prompts").mkdir(parents=True)
    assert resolve(user).prompts == user.parent / "prompts"


@pytest.mark.parametrize("line", ['db = "x.db"', 'prompts = "kinds"'])
def test_local_file_may_not_set_what_could_harm(user: Path, line: str) -> None:
    write(Path("docanalyze.toml"), line)
    with pytest.raises(ConfigError, match="may not be set in a working directory"):
        resolve(user)


@pytest.mark.parametrize("place", ["/tmp", "..", "a/../../b"])
def test_local_out_must_lie_below(user: Path, place: str) -> None:
    write(Path("docanalyze.toml"), f'out = "{place}"')
    with pytest.raises(ConfigError, match="below the working directory"):
        resolve(user)


def test_local_out_below_is_taken(user: Path) -> None:
    write(Path("docanalyze.toml"), 'out = "reports"')
    assert resolve(user).out == Path("reports")


def test_local_file_inside_an_analysed_folder_is_not_read(user: Path) -> None:
    write(Path("docanalyze.toml"), 'kind = "evil"')
    environment = {"DOCANALYZE_CONFIG": str(user)}
    assert config.resolve({}, ["."], environment).kind == ""
    assert config.resolve({}, ["a.pdf"], environment).kind == "evil"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("window = \nkind = 1", "line 1"),
        ("colour = 1", "unknown setting 'colour'"),
        ("window = 'many'", "not a number"),
        ("window = 0", "at least 1"),
        ("kind = 3", "must be text"),
        ("prefix_cache = 'much'", "not a size"),
    ],
)
def test_wrong_file_is_named_in_one_line(user: Path, content: str, said: str) -> None:
    write(user, content)
    with pytest.raises(ConfigError) as caught:
        resolve(user)
    assert said in str(caught.value)
    assert str(user) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "size"), [("20GB", 20 * 10**9), ("1.5 g", 15 * 10**8), ("0", 0), ("700MB", 7 * 10**8)]
)
def test_sizes(user: Path, said: str, size: int) -> None:
    assert resolve(user, DOCANALYZE_PREFIX_CACHE=said).prefix_cache == size


def test_file_that_is_not_utf8(user: Path) -> None:
    user.parent.mkdir(parents=True)
    user.write_bytes(b"kind = '\xff'")
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve(user)


def folders(environment: dict[str, str]) -> tuple[Path, Path, Path]:
    return (
        config.user_file(environment),
        config.runtime_folder(config.Settings(), environment),
        config.models_folder(environment),
    )


def test_folders_follow_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, home = "docanalyze", Path.home()
    assert folders({"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_DATA_HOME": "/d", "APPDATA": "/w"}) == (
        Path("/c", ours, "config.toml"),
        Path("/s", ours),
        Path("/d", ours, "models"),
    )
    without = (
        home / ".config" / ours / "config.toml",
        home / ".local/state" / ours,
        home / ".local/share/docanalyze/models",
    )
    assert folders({"APPDATA": "/w", "LOCALAPPDATA": "/l"}) == without
    monkeypatch.setattr(sys, "platform", "win32")
    assert folders({"APPDATA": "/w", "LOCALAPPDATA": "/l"}) == (
        Path("/w", ours, "config.toml"),
        Path("/l", ours, "runtime"),
        Path("/l", ours, "models"),
    )
    assert folders({}) == without


def test_a_folder_that_is_named_is_taken() -> None:
    assert config.user_file({"DOCANALYZE_CONFIG": "/y.toml", "XDG_CONFIG_HOME": "/c"}) == Path("/y.toml")
    assert config.models_folder({"DOCANALYZE_MODELS": "/m", "XDG_DATA_HOME": "/d"}) == Path("/m")
    assert config.runtime_folder(config.Settings(runtime=Path("/r")), {"XDG_STATE_HOME": "/s"}) == Path("/r")


def test_every_setting_can_be_set_from_the_environment(user: Path) -> None:
    given = {
        "db": "a.db",
        "out": "o",
        "kind": "contract",
        "window": "77",
        "lang": "French",
        "prompts": "p",
        "main_url": "http://127.0.0.1:1",
        "judge_url": "http://127.0.0.1:2",
        "main_model": "big",
        "judge_model": "small",
        "allow_remote": "True",
        "temperature": "0.5",
        "seed": "7",
        "main_file": "m.gguf",
        "judge_file": "j.gguf",
        "server_binary": "wheel",
        "profile": "c",
        "judge_profile": "judge",
        "placement": "in-turn",
        "keep_server": "True",
        "prefix_cache": "5000",
        "runtime": "r",
        "price_in": "0.5",
        "price_out": "1.5",
    }
    assert set(given) == {setting.name for setting in config.SETTINGS}
    environment = {f"DOCANALYZE_{name.upper()}": value for name, value in given.items()}
    settings = config.resolve({}, environment={"DOCANALYZE_CONFIG": str(user), **environment})
    assert dict(config.as_pairs(settings)) == given


def test_what_the_users_file_names_is_beside_it(user: Path) -> None:
    user.parent.mkdir(parents=True)
    user.write_text('main_file = "m.gguf"\njudge_file = "Qwen2.5-3B-Instruct"\nserver_binary = "bin/llama-server"\n')
    found = resolve(user)
    assert (found.main_file, found.judge_file) == (user.parent / "m.gguf", Path("Qwen2.5-3B-Instruct"))
    assert found.server_binary == str(user.parent / "bin" / "llama-server")
    user.write_text('main_file = "/m.gguf"\nserver_binary = "llama-server"\nruntime = "r"\n')
    found = resolve(user)
    assert (found.main_file, found.server_binary) == (Path("/m.gguf"), "llama-server")
    assert found.runtime == user.parent / "r"
    # What is said now begins where one stands.
    assert resolve(user, DOCANALYZE_MAIN_FILE="other.gguf").main_file == Path("other.gguf")
