"""A code base that another process changes as a whole while it is read."""

import ctypes
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from docanalyze.errors import SourceError
from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from docanalyze.model import Document, Tree
from tests.tree_of import tree_of

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="sees by inotify what is opened")
CALM = {f"calm/{n}.py": f"def f{n}():\n    return {n}\n" * 20 for n in range(40)}
SWAPPED = [f"swapped/{n}.py" for n in range(40)]
WILD = [f"wild/{n}.py" for n in range(40)]
MARK = "NOBODY READS THIS"
_OPENED, _NONBLOCK = 0x20 | 0x1, os.O_NONBLOCK
_WHY = re.compile(
    r"gone before it was read|no regular file any more|cannot be opened, or became a link"
    r"|changed while it was read, twice|binary, by its first bytes"
)


class Watch:
    """Sees whether anybody opens or reads a file of a folder, whichever process it is."""

    def __init__(self, folder: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._events = library.inotify_init1(_NONBLOCK)
        assert self._events >= 0
        assert library.inotify_add_watch(self._events, os.fsencode(folder / "secret.py"), _OPENED) >= 0

    def saw(self) -> bool:
        try:
            return bool(os.read(self._events, 65_536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._events)


@contextmanager
def storm(root: Path, staging: Path, outside: Path) -> Iterator[None]:
    """The tree is changed for as long as the block takes."""
    line = [sys.executable, "-m", "tests.storm", str(root), str(staging), str(outside)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        yield
        said, _ = process.communicate(timeout=60)
        assert int(said) > 100 and process.returncode == 0
    finally:
        process.kill()
        process.wait()


@LINUX
def test_a_tree_that_changes_as_a_whole_is_read_as_far_as_it_stands_still(tmp_path: Path) -> None:
    files = {**CALM, **dict.fromkeys([*SWAPPED, *WILD], "x = 1\n" * 50), "moved/secret.py": "z = 1\n"}
    root = tree_of(tmp_path / "root", files)
    outside = tree_of(tmp_path / "outside", {"secret.py": f"# {MARK}\n"})
    (tmp_path / "staging").mkdir()
    watch = Watch(outside)
    reasons: set[str] = set()
    with storm(root, tmp_path / "staging", outside), TreeReader() as reader:
        for _ in range(5):
            document = reader.read(str(root), TreeOptions(), lambda event: None)
            assert document.tree is not None and MARK not in document.text
            require_all_told(document.tree)
            require_calm(document)
            reasons |= {file.reason for file in document.tree.files if file.reason}
            # Asked again for what has changed since, the reader gives what it was or refuses.
            try:
                texts = reader.texts(document.tree, WILD[:5] if all_read(document.tree, WILD[:5]) else [])
            except SourceError as error:
                assert "is not what was read" in str(error)
            else:
                assert all(text in document.text for text in texts.values())
        line = [sys.executable, "-m", "docanalyze", "map", str(root)]
        told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert told.returncode == 0 and "calm/" in told.stdout
    assert "Traceback" not in told.stderr + told.stdout and MARK not in told.stdout
    assert all(_WHY.fullmatch(reason) for reason in reasons)
    assert not watch.saw()
    assert f"# {MARK}\n" == (outside / "secret.py").read_text() and watch.saw()
    watch.close()


def require_all_told(tree: Tree) -> None:
    """Every name that was there all the time is listed once, or left out with a reason."""
    listed = [file.path for file in tree.files]
    skipped = {one.path: one.reason for one in tree.skipped}
    assert len(listed) == len(set(listed))
    for path in (*CALM, *SWAPPED):
        assert (path in listed) != (path in skipped), path
    assert all(skipped.values())
    for file in tree.files:
        assert file.is_read or file.reason
        assert not file.is_read or file.sha256


def require_calm(document: Document) -> None:
    """What nobody touches is read as it is."""
    assert document.tree is not None
    for path, text in CALM.items():
        file = document.tree.files[document.tree.place(path)]
        assert document.slice(file.span) == text


def all_read(tree: Tree, paths: list[str]) -> bool:
    read = {file.path for file in tree.files if file.is_read}
    return read.issuperset(paths)
