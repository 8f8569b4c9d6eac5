"""What the plan decides where nobody says how a model is served: context, cache, stretching, the judge's place."""

from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import config
from docanalyze.config import Settings
from docanalyze.errors import ServerError
from docanalyze.pipeline import starting
from docanalyze.runtime import devices
from docanalyze.runtime.devices import Device
from docanalyze.runtime.values import GIB, CacheType, Role
from tests import tiny_model, twins

CARD = twins.Shape("qwen2", 48, 5120, 40, 8, 128, 13_824, tied=False, words=tiny_model.SINGLE)
"""Its weights are holes: of f16, and so of 27 GB."""


@pytest.fixture
def files(tmp_path: Path, here: Path) -> Settings:
    main = twins.zeros(tmp_path / "main.gguf", CARD)
    judge = twins.zeros(tmp_path / "judge.gguf", replace(twins.REAL_3B, words=tiny_model.SINGLE))
    return replace(config.resolve({}), main_file=main, judge_file=judge)


def on(monkeypatch: pytest.MonkeyPatch, *gigabytes: int, host: int = 64) -> None:
    """A machine with such cards."""
    cards = tuple(Device(f"{size} GB", size * GIB) for size in gigabytes)
    monkeypatch.setattr(devices, "found", lambda: cards)
    monkeypatch.setattr(devices, "host", lambda: Device("host memory", host * GIB, gpu=False))


def test_a_main_model_is_started_as_planned(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 48)
    profile = starting.wanted(files, Role.MAIN).profile
    assert (profile.name, profile.context) == ("auto", 131_072)
    assert (profile.cache_k, profile.cache_v, profile.layers) == (CacheType.Q8_0, CacheType.Q8_0, -1)
    assert (profile.yarn_factor, profile.yarn_context) == (4, 32_768)
    asked = starting.Asked(context=32_768)
    assert starting.wanted(files, Role.MAIN, asked).profile.cache_k is CacheType.F16
    on(monkeypatch)
    assert starting.wanted(files, Role.MAIN).profile.layers == 0


def test_a_profile_that_is_named_is_taken(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 48)
    assert starting.wanted(files, Role.MAIN, starting.Asked("c")).profile.cache_k is CacheType.Q4_0


def test_nothing_is_started_where_nothing_fits(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 8)
    with pytest.raises(ServerError, match="the smallest of these takes") as refused:
        starting.wanted(files, Role.MAIN)
    assert "name a profile" in refused.value.try_


@pytest.mark.parametrize(
    ("cards", "host", "place"),
    [((48,), 64, "together"), ((40,), 64, "cpu"), ((40,), 2, "in-turn"), ((48, 8), 2, "together")],
)
def test_the_judge_stands_where_the_plan_puts_it(
    files: Settings, monkeypatch: pytest.MonkeyPatch, cards: tuple[int, ...], host: int, place: str
) -> None:
    on(monkeypatch, *cards, host=host)
    assert starting.placement(files) == place
    assert starting.placement(replace(files, placement="in-turn")) == "in-turn"
    assert starting.placement(replace(files, judge_file=files.main_file)) == "one"
    assert starting.placement(replace(files, judge_file=None)) == "together"


def test_each_of_two_has_a_device_of_its_own(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 8, 48)
    assert [starting.wanted(files, role).device for role in (Role.MAIN, Role.JUDGE)] == [1, 0]
    on(monkeypatch, 24, 24)
    # Spread over both: it fits on neither.
    assert starting.wanted(files, Role.MAIN, starting.Asked("c")).device == -1
    on(monkeypatch, 48)
    assert starting.wanted(files, Role.MAIN).device == -1


def test_what_would_fit_instead_is_known_before(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, 40)
    wanted = starting.wanted(files, Role.MAIN, starting.Asked("baseline", context=131_072))
    assert wanted.instead == "the profile auto would fit: 131,072 tokens with a cache of q8_0/q8_0"
    # Neither what is planned, nor what takes less than that.
    assert (
        starting.wanted(files, Role.MAIN).instead
        == starting.wanted(files, Role.MAIN, starting.Asked("a")).instead
        == ""
    )
    assert wanted.expected.on_device and wanted.expected.shape is not None


def test_prompts_are_kept_in_memory_where_there_is_plenty(files: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, kept in ((64, 6912), (8, 0)):
        on(monkeypatch, 48)
        monkeypatch.setattr(devices, "host", lambda free=free: Device("host", 96 * GIB, gpu=False, free=free * GIB))
        # A whole window, or nothing.
        assert starting.wanted(files, Role.MAIN, starting.Asked("c")).ram_cache == kept
        assert starting.wanted(files, Role.JUDGE).ram_cache == 0


def test_a_model_that_is_not_planned_is_served_small(
    files: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = twins.zeros(tmp_path / "strange.gguf", replace(twins.REAL_3B, words=tiny_model.SINGLE))
    with strange.open("r+b") as file:
        head = file.read(2000)
        file.seek(0)
        file.write(head.replace(b"qwen2", b"qwen9"))
    on(monkeypatch, 48)
    wanted = starting.wanted(replace(files, main_file=strange), Role.MAIN)
    assert (wanted.profile.name, wanted.profile.context, wanted.expected.shape) == ("auto", 8192, None)
    assert starting.placement(replace(files, main_file=strange)) == "together"


def test_a_file_that_is_cut_short_is_never_started(files: Settings, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with (files.main_file or Path()).open("rb") as whole:
        cut.write_bytes(whole.read(20_000_000))
    with pytest.raises(ServerError, match=r"cut short.*are there"):
        starting.wanted(replace(files, main_file=cut), Role.MAIN)


def test_a_name_is_never_that_of_a_file_where_one_stands(
    files: Settings, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCANALYZE_MODELS", str(here.parent / "models"))
    on(monkeypatch, 48)
    (files.main_file or Path()).rename(here / "Qwen2.5-14B-Instruct")
    named = replace(files, main_file=Path("Qwen2.5-14B-Instruct"))
    for ask in (lambda: starting.wanted(named, Role.MAIN), lambda: starting.placement(named)):
        with pytest.raises(ServerError, match=r"there is no file of Qwen.*docanalyze models pull Qwen"):
            ask()
    (here / "model").touch()
    with pytest.raises(ServerError, match=r"no known model: model.*whole path"):
        starting.wanted(replace(files, main_file=Path("model")), Role.MAIN)
    # One that is fetched is found, by its name.
    fetched = config.models_folder() / "Qwen2.5-14B-Instruct-Q4_K_M.gguf"
    fetched.parent.mkdir(parents=True)
    (here / "Qwen2.5-14B-Instruct").rename(fetched)
    assert starting.wanted(named, Role.MAIN).model_file == fetched


def test_a_model_of_a_profile_is_beside_it(files: Settings, here: Path) -> None:
    own = config.user_file().parent / "profiles.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text('[mine]\ncontext = 1024\nmodel = "main.gguf"\n', encoding="utf-8")
    for folder in (here, own.parent):
        twins.zeros(folder / "main.gguf", CARD)
    assert starting.wanted(files, Role.MAIN, starting.Asked("mine")).model_file == own.parent / "main.gguf"
