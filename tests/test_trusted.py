"""What a model was proven to recall bounds its windows where that is asked for, and warns elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import config, llm, pipeline, tokens
from docanalyze.config import FULL_WINDOW, TRUSTED, Settings
from docanalyze.errors import ConfigError, UsageError
from docanalyze.ingest import Worker
from docanalyze.model import Event, Fingerprint, Run
from docanalyze.pipeline import trusted
from docanalyze.store import Proof, RecallRow, Store
from tests.conftest import CONTRACT
from tests.scripted import Said, Scripted, Seen

SERVED = Fingerprint("scripted", "ab" * 32, "Q4_K_M", "q8_0", "q8_0", 32_768)
TOLD = (RecallRow(6_000, "document", 6, 6, True),)
PROOF = Proof(SERVED, "main", "a", "2026-11-26T10:00:00+00:00", 1.0, "pass", recalls=TOLD)


def nothing(_: Seen) -> Said:
    return Said('{"findings": []}')


def silent(_: Event) -> None:
    return


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.fixture(scope="module")
def main() -> Iterator[llm.Served]:
    with Scripted(nothing) as server:
        served = llm.connect(server.url, tokens.packaged())
        served.fingerprint = SERVED
        yield served


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "contract.txt"
    path.write_text("\n\n".join([CONTRACT] * 40), encoding="utf-8")
    return str(path)


def planned(source: str, worker: Worker, models: pipeline.Models, window: int = TRUSTED) -> pipeline.Plan:
    task = pipeline.Task(source, Settings(kind="contract", window=window), sections=("law",))
    return pipeline.prepare(task, worker, silent, models)


def test_windows_keep_to_the_trusted_length_where_that_is_asked_for(
    source: str, worker: Worker, main: llm.Served
) -> None:
    whole = planned(source, worker, pipeline.Models(main), 32_768)
    assert len(whole.windows) == 1
    kept = planned(source, worker, pipeline.Models(main, trusted=6_000))
    assert kept.context == 6_000
    assert len(kept.windows) > 1
    assert all(window.tokens + kept.fixed_tokens <= 6_000 for window in kept.windows)


def test_without_a_trusted_length_it_cannot_be_kept_to(source: str, worker: Worker, main: llm.Served) -> None:
    with pytest.raises(UsageError, match="--steps 4"):
        planned(source, worker, pipeline.Models(main))
    with pytest.raises(UsageError, match="no length could be proven"):
        planned(source, worker, pipeline.Models(main, trusted=0))


def test_the_built_in_analyst_forgets_nothing(source: str, worker: Worker) -> None:
    assert planned(source, worker, pipeline.Models()).context == FULL_WINDOW


def ran(source: str, worker: Worker, store: Store, models: pipeline.Models) -> Run:
    task = pipeline.Task(source, Settings(kind="contract", window=32_768), sections=("law",))
    run, _ = pipeline.run(task, store, worker, silent, models)
    return run


def test_what_is_read_beyond_it_is_warned_of(source: str, worker: Worker, main: llm.Served, tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        for known, warned in ((6_000, "6,000"), (0, "no length could be proven"), (20_000, ""), (None, "")):
            run = ran(source, worker, store, pipeline.Models(main, trusted=known))
            told = [note.text for note in run.notes if note.code == "trusted"]
            assert bool(told) is bool(warned)
            assert warned in "".join(told)
            store.forget(run.id)


def test_the_length_is_of_the_model_and_cache_that_serve(main: llm.Served, tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "x.db")
    assert trusted.length(settings, main) is None
    assert not settings.db.exists()
    with Store.open(settings.db) as store:
        assert trusted.length(settings, main) is None
        store.put_proof(replace(PROOF, trusted=6_000))
        assert trusted.length(settings, main) == 6_000
        store.put_proof(PROOF)
        assert trusted.length(settings, main) == 0
    assert trusted.length(settings, None) is None


def test_the_word_is_a_setting_like_a_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"DOCANALYZE_CONFIG": str(tmp_path / "none.toml")}
    found = config.resolve({"window": "trusted"}, environment=environment)
    assert found.window == TRUSTED
    assert ("window", "trusted") in config.as_pairs(found)
    assert config.resolve({"window": "4096"}, environment=environment).window == 4096
    with pytest.raises(ConfigError, match="trusted"):
        config.resolve({"window": "all"}, environment=environment)
    with pytest.raises(ConfigError):
        config.resolve({"window": "0"}, environment=environment)
