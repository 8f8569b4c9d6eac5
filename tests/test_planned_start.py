"""What the plan decides where nobody says how a model is served: context, cache, stretching, the judge's place."""

from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import config
from docanalyze.config import Settings
from docanalyze.errors import ServerError
from docanalyze.pipeline import serving, starting
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
    assert serving._placement(files) == place
    assert serving._placement(replace(files, placement="in-turn")) == "in-turn"
    assert serving._placement(replace(files, judge_file=files.main_file)) == "one"
    assert serving._placement(replace(files, judge_file=None)) == "together"
