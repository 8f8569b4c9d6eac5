"""`docanalyze server verify` and `bench` from the command line, on real servers of the wheel."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docanalyze.config import Settings
from docanalyze.pipeline import proving
from docanalyze.runtime import folder as kept
from docanalyze.runtime import launch, program
from docanalyze.runtime.recall import WAYS, Recalled
from docanalyze.runtime.values import CacheType, Profile, Role, Running
from docanalyze.runtime.verify import Effort, Subject
from docanalyze.store import Store
from tests import twins
from tests.conftest import Command
from tests.llama_server import model_for_all

SMALL = """
[small]
context = 2048
cache_k = "q8_0"
cache_v = "q8_0"
layers = 0
threads = 1
[long]
context = 2_000_000
[plain]
context = 1024
layers = 0
threads = 1
"""


@pytest.fixture
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_all(tmp_path_factory.getbasetemp().parent)


@pytest.fixture
def state(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The runtime folder, with two profiles of the user's own; what was started in it is stopped."""
    own = tmp_path / "config" / "docanalyze"
    own.mkdir(parents=True)
    (own / "profiles.toml").write_text(SMALL)
    folder = tmp_path / "state"
    monkeypatch.setenv("DOCANALYZE_RUNTIME", str(folder))
    yield folder
    for role in Role:
        launch.stop(folder, role)


def started(docanalyze: Command, model: Path, profile: str = "small") -> None:
    result = docanalyze("server", "start", profile, "--model", model, "--binary", program.WHEEL, "--detach", "--quiet")
    assert result.code == 0, result.err


def test_a_server_is_started_proven_and_stopped(docanalyze: Command, state: Path, model: Path) -> None:
    started(docanalyze, model)
    proven = docanalyze("server", "verify", "--steps", "1,2")
    assert proven.code == 0, proven.out
    assert "K q8_0, V q8_0" in proven.out
    assert "0.27 MiB" in proven.out
    assert "not run" in proven.out
    assert re.search(r"13 passed, 0 failed, in \d+ s", proven.out)
    assert "Kept as proof 1" in proven.out
    assert max(map(len, proven.out.splitlines())) <= 80
    with Store.open(Path("outputs/docanalyze.db")) as store:
        stored = store.proof(1)
        assert stored is not None
        assert (stored.profile, stored.outcome, stored.fingerprint.cache_k) == ("small", "pass", "q8_0")
        assert stored.fingerprint.file_sha256


def test_a_server_that_serves_otherwise_than_asked_fails_with_what_to_do(
    docanalyze: Command, state: Path, model: Path
) -> None:
    started(docanalyze, model)
    # What was asked is what the state file says: another cache type, and twice the context.
    path = state / "main.json"
    asked = json.loads(path.read_text())
    text = json.dumps(asked).replace('"q8_0"', '"q4_0"').replace('"context": 2048', '"context": 4096')
    path.write_text(text)
    result = docanalyze("server", "verify", "--steps", "1", "--json")
    assert result.code == 1
    failed = {check["name"]: check for check in result.json["checks"] if check["outcome"] == "fail"}
    assert set(failed) == {"cache types", "cache bytes", "context of a slot"}
    assert failed["cache types"]["expected"] == "K q4_0, V q4_0"
    assert failed["cache types"]["remedy"]
    assert not result.json["fingerprint"]["proven"]
    shown = docanalyze("server", "verify", "--steps", "1")
    assert shown.code == 1
    assert "3 failed" in shown.out


def test_what_is_wrong_is_said_in_one_line(docanalyze: Command, state: Path, model: Path) -> None:
    none = docanalyze("server", "verify")
    assert none.code == 3
    assert none.err == ("docanalyze: no main server of docanalyze runs: docanalyze server start --detach starts one\n")
    assert "server start --judge" in docanalyze("server", "verify", "--judge").err
    assert docanalyze("server", "verify", "--steps", "1,5").code == 2
    assert docanalyze("server", "verify", "--steps", ",").code == 2
    assert docanalyze("server", "bench", "--profiles", "small,nothing", "--model", model).code == 2
    assert docanalyze("server", "bench", "--profiles", ",").code == 2
    assert docanalyze("server", "bench", "--profiles", "small", "--model", "none.gguf").code == 3


def test_profiles_are_compared_and_the_tables_written(docanalyze: Command, state: Path, model: Path) -> None:
    arguments = ["--model", model, "--binary", program.WHEEL, "--tokens", "16", "-o", "tables", "--quiet"]
    result = docanalyze("server", "bench", "--profiles", "small,long,plain", *arguments)
    assert result.code == 0, result.err
    assert "small" in result.out
    assert "tokens/" in result.out
    assert "long did not start: " in result.out
    assert launch.running(state) == []
    table = Path("tables/bench-1.md").read_text()
    assert re.search(r"\| small \| 2,048 \| q8_0 \| 0\.2[67] \| \d+ \| [\d.]+ \|", table)
    assert Path("tables/bench-1.csv").read_text().count("\n") == 4
    assert Path("tables/bench-1.svg").read_text().startswith("<svg")
    with Store.open(Path("outputs/docanalyze.db")) as store:
        compared = store.benchmark(1)
        assert compared is not None
        assert [row.configuration for row in compared.rows] == ["small", "long", "plain"]
        assert [bool(row.proof and row.writing) for row in compared.rows] == [True, False, True]


def test_a_running_server_is_not_measured_with_the_others(docanalyze: Command, state: Path, model: Path) -> None:
    started(docanalyze, model)
    result = docanalyze("server", "bench", "--profiles", "plain", "--model", model)
    assert result.code == 2
    assert "server stop" in result.err


def test_the_same_is_asked_of_an_f16_cache_beside_it_where_there_is_room(
    docanalyze: Command, state: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(docanalyze, model)
    settings = Settings(runtime=state, db=Path("proofs.db"))
    served: list[tuple[str, int]] = []

    def remembered(server: object, lengths: object, **_: object) -> Iterator[Recalled]:
        served.append((str(type(server).__name__), len(served)))
        return iter([Recalled(1_024, way, 6, 6, True) for way in WAYS])

    monkeypatch.setattr("docanalyze.runtime.recall.measure", remembered)
    effort = Effort(frozenset({4}), lengths=(1_024,))
    found, number = proving.prove(settings, Role.MAIN, effort, lambda _: None)
    checks = {check.name: check.outcome.value for check in found.checks}
    assert (checks["against an f16 cache"], found.trusted, len(served)) == ("pass", 1_024, 2)
    with Store.open(settings.db) as store:
        stored = [store.proof(one) for one in (1, number)]
        assert [one.fingerprint.cache_k for one in stored if one] == ["f16", "q8_0"]
    # The second time what it told is known.
    proving.prove(settings, Role.MAIN, effort, lambda _: None)
    assert len(served) == 3
    assert [one.profile.name for one in launch.running(state)] == ["small"]
    assert launch.running(state / "beside") == []
    assert kept.read(state, Role.MAIN) is not None


def test_what_does_not_fit_beside_is_not_started(model: Path) -> None:
    running = Running(
        Role.MAIN,
        1,
        1,
        "",
        Profile("x", 1 << 30, CacheType.Q4_0, CacheType.Q4_0, layers=0),
        model,
        "",
        model,
        "",
        "",
        "",
    )
    held = proving.subject(running)
    assert held.geometry is not None
    assert held.planned is not None
    assert not held.on_device
    fitting = proving._fitting(held, [1_024, 2_048, 1 << 30])
    assert fitting is not None
    assert (fitting.context, fitting.cache_k) == (2_048, CacheType.F16)
    assert proving._fitting(Subject(running), [1_024]) is None


@pytest.mark.large
@pytest.mark.timeout(600)
def test_the_cache_of_a_14b_model_at_128k_is_proven_from_a_real_log(
    docanalyze: Command, state: Path, tmp_path: Path
) -> None:
    started(docanalyze, twins.zeros(tmp_path / "14b.gguf", twins.TWIN_14B), "c")
    result = docanalyze("server", "verify", "--steps", "1", "--json")
    assert result.code == 0, result.out
    checks = {check["name"]: check for check in result.json["checks"]}
    assert checks["cache bytes"]["seen"].startswith("6,912.00 MiB")
    assert checks["cache bytes"]["seen"] == checks["cache bytes"]["expected"]
    assert checks["context of a slot"]["seen"] == "131,072"
    assert checks["positions"]["outcome"] == "pass"
    assert result.json["fingerprint"]["proven"]
