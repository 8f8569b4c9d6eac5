"""What several test files share: a clean working directory, a small contract, the command in this process."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

CONTRACT = """SERVICES AGREEMENT

This Services Agreement is made on March 3, 2025 between Harbour Light Analytics Inc. (the "Supplier") and
Meadow & Finch Ltd. (the "Customer").

1. Term

1.1 This Agreement begins on March 3, 2025 and continues for two (2) years.

2. Payment

2.1 The Customer shall pay each invoice within thirty (30) days after receiving it.

3. Liability

3.1 In no event shall the total liability of either party under this Agreement exceed $250,000.

4. Governing Law

4.1 This Agreement shall be governed by and construed in accordance with the laws of the State of Vermont.
"""

PAPER = """Rust in Hulls: A Field Study

Abstract

Ships rust from within, yet little is known about how fast. This paper investigates how humidity in the hull changes
the rate of rust. We present a sensor that measures rust without touching it. In 48 ships, rust grew by 0.41 mm a year
in damp hulls and by 0.12 mm in dry ones, and drying a hull reduced it by 71 %.

1 Introduction

Earlier work has shown that rust grows by 0.9 mm a year on deck (Finch 1998).

2 Method

We measured the thickness of each hull twice, twelve months apart. Humidity was measured every hour.

2.1 Data

The dataset contains 1,344 readings from 48 ships of three yards. We assume that the paint of all ships is the same.

3 Results

We found that damp hulls lost 0.41 mm a year and dry ones 0.12 mm (p < 0.01).

4 Limitations

All ships sailed in warm water. Future work should study cold seas.

5 Availability

The code and the readings are available at https://example.org/rust.

References

Finch, A. (1998). We found that rust grows by 0.9 mm a year on deck. Journal of Hulls 3, 14.
"""


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What whoever runs the tests has settled for themselves is out of their reach, and they out of its."""
    home = tmp_path_factory.getbasetemp() / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(home / name))
        for name in [name for name in os.environ if name.startswith("DOCANALYZE_")]:
            patch.delenv(name)
        yield


# The gate tries the same examples each time, so that what passes once passes wherever it runs; `make explore` others.
# How fast they are tried is the machine's affair.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", _UNHURRIED, derandomize=True)
settings.register_profile("explore", _UNHURRIED, derandomize=False)
settings.load_profile("gate")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a property repeats a hundred times says nothing more of which lines are reached, and takes twice as long."""
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True, scope="session")
def disks_are_not_waited_for() -> Iterator[None]:
    """No test takes the power away; processes that tests start, and kill, write as they always do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("docanalyze.store.connection.DURABLE", "OFF")
        yield


_MEASURING = pytest.StashKey[dict[str, str]]()


@pytest.fixture(autouse=True, scope="session")
def processes_are_not_measured(pytestconfig: pytest.Config) -> None:
    """Measuring makes a process twice as slow, and most that tests start reach lines that others show."""
    names = [name for name in os.environ if name.startswith("COVERAGE")]
    pytestconfig.stash[_MEASURING] = {name: os.environ.pop(name) for name in names}


@pytest.fixture(autouse=True)
def processes_are_measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the test says that nothing else shows what lines they reach."""
    if request.node.get_closest_marker("measures_processes") is not None:
        for name, value in request.config.stash[_MEASURING].items():
            monkeypatch.setenv(name, value)


def unmeasured() -> dict[str, str]:
    """The environment of a command whose lines others measure: measuring makes it several times slower."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


class Result(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with no settings of the user's in reach."""
    for name in [name for name in os.environ if name.startswith("DOCANALYZE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def contract(here: Path) -> Path:
    """A one-page contract as a text file."""
    path = here / "contract.txt"
    path.write_text(CONTRACT, encoding="utf-8")
    return path


@pytest.fixture
def docanalyze(here: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `docanalyze ARGUMENTS…` in this process."""
    from docanalyze.cli import call

    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        code = call([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run
