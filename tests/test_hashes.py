"""Hashes of model files: never kept for another file, never empty."""

import json
import os
import shutil
import sys
from pathlib import Path
from threading import Event

import pytest

from docanalyze.errors import ServerError
from docanalyze.runtime import hashes


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"one")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no time at which an inode was changed")
@pytest.mark.parametrize("way", ["copied over", "put in its place"])
def test_another_file_of_the_same_size_and_time_is_hashed_anew(model: Path, tmp_path: Path, way: str) -> None:
    first = hashes.sha256(model, tmp_path)
    other = tmp_path / "other.gguf"
    other.write_bytes(b"two")
    os.utime(other, ns=(model.stat().st_atime_ns, model.stat().st_mtime_ns))
    if way == "copied over":
        shutil.copy2(other, model)
    else:
        other.replace(model)
    assert hashes.sha256(model, tmp_path) != first


def test_a_watch_that_fails_gives_no_hash(model: Path, tmp_path: Path) -> None:
    def watch(_: int, __: int) -> None:
        raise ZeroDivisionError("of the watch")

    hashing = hashes.Hashing(model, tmp_path, watch)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="of the watch"):
            hashing.result()
    assert not (tmp_path / "hashes.json").exists()


def test_one_that_was_stopped_gives_no_hash(model: Path, tmp_path: Path) -> None:
    stopped = Event()
    model.write_bytes(b"x" * (3 << 20))

    def watch(_: int, __: int) -> None:
        stopped.wait(10)

    hashing = hashes.Hashing(model, tmp_path, watch)
    hashing._stopped.set()
    stopped.set()
    with pytest.raises(ServerError, match="was not hashed to its end"):
        hashing.result()
    assert not (tmp_path / "hashes.json").exists()


def test_a_file_that_was_renamed_is_not_hashed_again(model: Path, tmp_path: Path) -> None:
    found = hashes.sha256(model, tmp_path)
    to = model.rename(tmp_path / "to.gguf")
    hashes.keep(to, found, tmp_path, former=model)
    told: list[int] = []
    assert hashes.sha256(to, tmp_path, lambda done, _: told.append(done)) == found and told == []
    assert list(json.loads((tmp_path / "hashes.json").read_text())) == [str(to)]
