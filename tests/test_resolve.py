"""Where imports lead in trees whose maker chose the names: what it costs, and that it is the right file."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docanalyze.model import File, FileRole, Import, Span, Tree
from docanalyze.rank import languages, resolve
from docanalyze.rank.languages import resolver
from docanalyze.rank.resolve import Endings, Index

PARTS = st.lists(st.sampled_from(["a", "b", "a b", "a\x01", "a.h", "b.h"]), min_size=1, max_size=6)
PATHS = st.builds(lambda folders, name: "/".join([*folders, name]), PARTS, st.sampled_from(["a.h", "b.h"]))


def nearest(paths: Sequence[str], end: str, near: str) -> str | None:
    """What Endings finds, by looking at every path."""

    def distance(path: str) -> tuple[int, int, str]:
        shared = 0
        for one, other in zip(path.split("/"), near.split("/"), strict=False):
            if one != other:
                break
            shared += 1
        return -shared, path.count("/"), path

    return min((path for path in paths if path == end or path.endswith("/" + end)), key=distance, default=None)


@given(st.lists(PATHS, unique=True, max_size=30), st.lists(st.tuples(PARTS, PARTS), max_size=8))
def test_the_nearest_is_that_which_a_look_at_every_path_finds(
    paths: list[str], asked: list[tuple[list[str], list[str]]]
) -> None:
    alike = [path for path in paths if path.endswith("/a.h")]
    endings = Endings(alike)
    for end, near in asked:
        wanted = "/".join([*end[:-1], "a.h"])
        assert endings.nearest(wanted, "/".join(near)) == nearest(alike, wanted, "/".join(near))
    assert endings.nearest("a.h", "") == nearest(alike, "a.h", "")


def test_an_end_of_more_parts_than_imports_have_is_nowhere() -> None:
    path = "/".join(["a"] * 60)
    made = Endings([f"x/{path}/a.h", f"y/{path}/a.h"])
    assert made.nearest("a/a.h", "y") == f"y/{path}/a.h"
    assert made.nearest(f"{path}/a.h", "y") is None


# -- what it costs -----------------------------------------------------------------------------------

Made = Callable[[int], Mapping[str, tuple[str, Sequence[str]]]]
"""The files of a tree of about so many, each with its language and what it imports."""


def tree(files: Mapping[str, tuple[str, Sequence[str]]]) -> Tree:
    return Tree(
        "tree",
        tuple(
            File(
                path,
                1,
                FileRole.CODE,
                language=language,
                imports=tuple(Import(module, 1, Span(0, 1)) for module in modules),
            )
            for path, (language, modules) in sorted(files.items())
        ),
    )


def steps(made: Tree) -> int:
    """How many lines of the resolving code are run to resolve every import of a tree."""
    ours = {resolve.__file__, languages.__file__}
    count = 0

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return stepped if frame.f_code.co_filename in ours else None

    def stepped(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return stepped

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        resolved = resolver(made)
        for file in made.files:
            for one in file.imports:
                resolved(file, one)
    finally:
        sys.settrace(before)
    return count


HOSTILE: dict[str, Made] = {
    "headers": lambda n: {f"d{i}/x/a.h": ("c", ["x/a.h", "a.h", f"d{i}/x/a.h", f"e{i}/a.h"]) for i in range(n)},
    "classes": lambda n: {f"d{i}/x/A.java": ("java", [f"x.A.b{i}", f"d{i}.x.A", f"no{i}.x.A"]) for i in range(n)},
    "namespaces": lambda n: {f"d{i}/Core/a.cs": ("c_sharp", [f"Own{i}.Core", f"No{i}.Where"]) for i in range(n)},
    "php": lambda n: {f"d{i}/Db.php": ("php", [f"App\\N{i}\\Db"]) for i in range(n)},
    "folders": lambda n: {f"d{i}/x/a.py": ("python", ["x", "x.b", "a"]) for i in range(n)},
    "modules": lambda n: {f"d{i}/x.py": ("python", ["x", "x.b", "os"]) for i in range(n)},
    "packages": lambda n: (
        {f"d{i}/x/a.ts": ("typescript", ["x/b", "@s/x"]) for i in range(n)}
        | {f"d{i}/x/package.json": ("json", ()) for i in range(n)}
    ),
    "crates": lambda n: {f"d{i}/x/src/a.rs": ("rust", ["x::b"]) for i in range(n)},
    "go modules": lambda n: (
        {f"d{i}/go.mod": ("", ()) for i in range(n)}
        | {f"d{i}/a.go": ("go", [f"x.org/y/d{i}", "x.org/z"]) for i in range(n)}
    ),
    "one folder": lambda n: (
        {f"x/f{i}.txt": ("", ()) for i in range(n)} | {f"d{i}/a.java": ("java", ["x.*", "x.y"]) for i in range(n)}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_as_many_files_called_alike_are_twice_the_work(name: str) -> None:
    few, many = (steps(tree(HOSTILE[name](n))) for n in (60, 120))
    assert few > 60
    assert many < 2.6 * few


def test_what_is_kept_of_ends_stays_within_bounds() -> None:
    paths = [f"d{i}/{'x/' * 100}a.h" for i in range(20)]
    index = Index(tree({path: ("c", ()) for path in paths}))
    for length in range(100):
        index.ending("x/" * length + "a.h", "d3")
    [endings] = index._files_ending.values()
    assert len(endings._alike) == resolve._MOST_PARTS
