"""Who imports and uses whom, and what that says of how much a file matters."""

import random
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docanalyze import rank
from docanalyze.model import Tree
from docanalyze.rank.rings import rings
from tests.packing_material import tree

Texts = Mapping[str, str | None]


def imported(texts: Texts, path: str, name: str = "sample") -> set[str]:
    """The files that a file imports."""
    made = tree(texts, name)
    found = rank.graph(made).imports.get(made.place(path), {})
    return {made.files[place].path for place in found}


def packages(texts: Texts) -> set[str]:
    return set(rank.graph(tree(texts)).external)


def ranks(texts: Texts, *focus: str) -> dict[str, float]:
    made = tree(texts)
    found = rank.rank(rank.graph(made), focus)
    return {file.path: share for file, share in zip(made.files, found, strict=True)}


# -- where imports lead ------------------------------------------------------------------------------

PYTHON = {
    "src/app/__init__.py": "",
    "src/app/store/__init__.py": "from .db import Db\n",
    "src/app/store/db.py": "class Db: pass\n",
    "src/app/json.py": "x = 1\n",
    "tools/helper.py": "def help_me(): pass\n",
}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("import app.store.db", {"src/app/store/db.py"}),
        ("from app.store.db import Db", {"src/app/store/db.py"}),
        ("from app.store import db", {"src/app/store/db.py"}),
        ("from app.store import Db", {"src/app/store/__init__.py"}),
        ("from app import store, json", {"src/app/store/__init__.py", "src/app/json.py"}),
        ("from .store import db", {"src/app/store/db.py"}),
        ("from . import json", {"src/app/json.py"}),
        ("import json", set()),
        ("import helper", {"tools/helper.py"}),
        ("from ... import nothing", set()),
    ],
)
def test_python(line: str, wanted: set[str]) -> None:
    assert imported(PYTHON | {"src/app/main.py": line + "\n"}, "src/app/main.py") == wanted


def test_python_of_a_folder_that_is_the_package() -> None:
    texts = {"__init__.py": "", "db.py": "x = 1\n", "main.py": "from app.db import x\n"}
    assert imported(texts, "main.py", "app") == {"db.py"}


SCRIPTS = {
    "web/src/db.ts": "export const db = 1\n",
    "web/src/ui/index.tsx": "export const ui = 1\n",
    "web/src/old.js": "module.exports = 1\n",
    "packages/shared/package.json": "{}\n",
    "packages/shared/src/index.ts": "export const shared = 1\n",
}


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        ("./db", {"web/src/db.ts"}),
        ("./db.js", {"web/src/db.ts"}),
        ("./ui", {"web/src/ui/index.tsx"}),
        ("../src/old", {"web/src/old.js"}),
        ("@/db", {"web/src/db.ts"}),
        ("@team/shared", {"packages/shared/src/index.ts"}),
        ("node:fs", set()),
        ("./missing", set()),
    ],
)
def test_typescript(module: str, wanted: set[str]) -> None:
    texts = SCRIPTS | {"web/src/main.ts": f"import {{ x }} from '{module}'\nx()\n"}
    assert imported(texts, "web/src/main.ts") == wanted


@pytest.mark.parametrize(
    ("texts", "path", "wanted"),
    [
        (
            {
                "go.mod": "module example.org/app\n",
                "main.go": 'package main\nimport (\n"fmt"\n"example.org/app/store"\n"example.org/other/store"\n)\n',
                "store/db.go": "package store\n\nfunc Open() {}\n",
                "store/db_test.go": "package store\n",
            },
            "main.go",
            {"store/db.go"},
        ),
        (
            {
                "Cargo.toml": "[package]\n",
                "src/main.rs": "mod store;\nuse crate::store::db::Db;\nuse std::fs;\n",
                "src/store/mod.rs": "pub mod db;\n",
                "src/store/db.rs": "pub struct Db;\n",
            },
            "src/main.rs",
            {"src/store/mod.rs", "src/store/db.rs"},
        ),
        (
            {
                "src/main/java/org/app/Main.java": "import org.app.store.Db;\nimport java.util.List;\n",
                "src/main/java/org/app/store/Db.java": "package org.app.store;\npublic class Db {}\n",
            },
            "src/main/java/org/app/Main.java",
            {"src/main/java/org/app/store/Db.java"},
        ),
        (
            {
                "src/main.c": '#include "db.h"\n#include <stdio.h>\n#include "app/log.h"\n',
                "src/db.h": "int open_db(void);\n",
                "include/app/log.h": "void say(void);\n",
            },
            "src/main.c",
            {"src/db.h", "include/app/log.h"},
        ),
        (
            {
                "bin/run.rb": "require_relative '../lib/app/db'\nrequire 'app/db'\nrequire 'json'\n",
                "lib/app/db.rb": "class Db; end\n",
            },
            "bin/run.rb",
            {"lib/app/db.rb"},
        ),
        (
            {"src/Main.php": "<?php\nuse App\\Store\\Db;\nnew Db();\n", "src/Store/Db.php": "<?php\nclass Db {}\n"},
            "src/Main.php",
            {"src/Store/Db.php"},
        ),
        (
            {
                "bin/run.sh": '#!/bin/bash\nsource "$DIR/lib.sh"\n. ./more.sh\n',
                "bin/lib.sh": "a() { :; }\n",
                "bin/more.sh": "b() { :; }\n",
            },
            "bin/run.sh",
            {"bin/lib.sh", "bin/more.sh"},
        ),
    ],
    ids=["go", "rust", "java", "c", "ruby", "php", "bash"],
)  # fmt: skip
def test_other_languages(texts: Texts, path: str, wanted: set[str]) -> None:
    assert imported(texts, path) == wanted


def test_what_comes_from_outside() -> None:
    texts = {
        "a.py": "import os\nimport requests.sessions\nfrom yaml import load\n",
        "b.ts": "import x from '@scope/part/inner'\nimport fs from 'fs'\n",
        "c.go": 'package c\n\nimport "example.org/far/away/pkg"\n',
    }
    assert packages(texts) == {"requests", "yaml", "@scope/part", "example.org/far/away"}


# -- uses --------------------------------------------------------------------------------------------


def users_of(texts: Texts, path: str, name: str) -> set[str]:
    made = tree(texts)
    found = rank.graph(made).users
    place = made.place(path)
    numbers = [number for number, one in enumerate(made.files[place].definitions) if one.name == name]
    return {made.files[user].path for number in numbers for user, _ in found.get((place, number), ())}


def test_a_name_that_several_define_is_meant_where_it_is_imported() -> None:
    texts = {
        "one.py": "def open_store(): pass\n",
        "two.py": "def open_store(): pass\n",
        "a.py": "from one import open_store\nopen_store()\n",
        "b.py": "from two import open_store\nopen_store()\n",
    }
    assert users_of(texts, "one.py", "open_store") == {"a.py"}
    assert users_of(texts, "two.py", "open_store") == {"b.py"}


def test_what_a_package_hands_on_is_meant_where_it_is_defined() -> None:
    texts = {
        "app/__init__.py": "from app.db import open_store\n",
        "app/db.py": "def open_store(): pass\n",
        "old/db.py": "def open_store(): pass\n",
        "run.py": "from app import open_store\nopen_store()\n",
    }
    assert "run.py" in users_of(texts, "app/db.py", "open_store")
    assert users_of(texts, "old/db.py", "open_store") == set()


def test_languages_do_not_use_each_others_names() -> None:
    texts = {"a.py": "def compute_total(): pass\n", "b.ts": "compute_total()\n"}
    assert users_of(texts, "a.py", "compute_total") == set()


# -- rings and layers --------------------------------------------------------------------------------


def test_cycles_and_layers() -> None:
    texts = {
        "main.py": "import a\n",
        "a.py": "import b\n",
        "b.py": "import a\nimport base\n",
        "base.py": "x = 1\n",
        "alone.py": "y = 1\n",
    }
    made = tree(texts)
    graph = rank.graph(made)
    named = [[made.files[place].path for place in layer] for layer in graph.layers()]
    assert named == [["main.py"], ["a.py", "b.py"], ["base.py"]]
    assert [[made.files[place].path for place in ring] for ring in rank.cycles(graph.imports)] == [["a.py", "b.py"]]


edges = st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), max_size=13)


@given(edges)
def test_rings_are_those_that_reach_each_other(edges: dict[int, list[int]]) -> None:
    found = rings(edges)
    places = sorted({*edges, *(other for others in edges.values() for other in others)})
    assert sorted(place for ring in found for place in ring) == places

    def reached(start: int) -> set[int]:
        seen: set[int] = set()
        waiting = [start]
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                waiting += edges.get(place, [])
        return seen

    reach = {place: reached(place) for place in places}
    ring_of = {place: number for number, ring in enumerate(found) for place in ring}
    for one in places:
        for other in places:
            assert (ring_of[one] == ring_of[other]) == (other in reach[one] and one in reach[other])
    for one, others in edges.items():
        assert all(ring_of[other] <= ring_of[one] for other in others)


def test_a_long_chain_needs_no_recursion() -> None:
    assert len(rings({number: [number + 1] for number in range(100_000)})) == 100_001


# -- rank --------------------------------------------------------------------------------------------


def service() -> dict[str, str | None]:
    return {
        "README.md": "# It\n",
        "app/main.py": "from app.core import start_service\nif __name__ == '__main__':\n    start_service()\n",
        "app/core.py": "from app.db import Database\n\ndef start_service():\n    return Database()\n",
        "app/db.py": "class Database: pass\n",
        "app/unused.py": "def never_called(): pass\n",
        "tests/test_core.py": "from app.core import start_service\nstart_service()\n",
        "data.txt": "1\n",
        "picture.png": None,
    }


def test_what_others_need_matters_more() -> None:
    found = ranks(service())
    assert found["app/db.py"] > found["app/unused.py"] > found["tests/test_core.py"] > found["picture.png"] > 0
    assert found["app/core.py"] > found["app/unused.py"]
    assert found["README.md"] > found["data.txt"]


def test_focus_favours_files_and_what_they_need() -> None:
    before, after = ranks(service()), ranks(service(), "tests/*")
    assert after["tests/test_core.py"] > max(before["tests/test_core.py"], after["app/unused.py"])
    assert after["app/core.py"] > after["README.md"]


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("*.py", "app/db.py", True),
        ("app", "app/db.py", True),
        ("app/", "app/store/db.py", True),
        ("db", "app/db.py", False),
        ("app/*.py", "app/db.py", True),
        ("app/*.py", "app/store/db.py", False),
        ("app/**/db.py", "app/store/db.py", True),
        ("app/**/db.py", "app/db.py", True),
        ("**/store/*", "app/store/db.py", True),
        ("/app/db.py", "app/db.py", True),
        ("./app/db.py", "app/db.py", True),
        ("app/d?.py", "app/db.py", True),
        ("[", "app/[", True),
    ],
)
def test_patterns(pattern: str, path: str, is_meant: bool) -> None:
    assert rank.matches(path, [pattern]) is is_meant


names = st.sampled_from("a.py b/c.py README.md x.txt tests/t.py d.ts".split())
bodies = st.sampled_from([None, "", "import a\n", "from b.c import x\nx()\n", "def x(): pass\n", "import './d'\n"])


@given(st.dictionaries(names, bodies))
def test_ranks_are_shares(texts: Texts) -> None:
    found = ranks(texts)
    assert not found or sum(found.values()) == pytest.approx(1)
    assert all(share >= 0 for share in found.values())
    assert found == ranks(texts)


def test_many_edges_take_little_time() -> None:
    drawn = random.Random(7)
    texts = {f"m{number:04}.py": "" for number in range(5_000)}
    made: Tree = tree(texts)
    uses = {place: {drawn.randrange(5_000): 1.0 for _ in range(20)} for place in range(5_000)}
    graph = rank.Graph(made, {}, uses)
    began = time.process_time()
    rank.rank(graph)
    # 0.15 s where nothing else runs; a machine that is busy takes several times as long.
    assert time.process_time() - began < 2


# -- names that the language has, too ----------------------------------------------------------------


def all_users_of(texts: Texts, path: str) -> set[str]:
    """The files that refer to any definition of a file."""
    made = tree(texts)
    graph = rank.graph(made)
    place = made.place(path)
    return {made.files[user].path for (file, _), found in graph.users.items() if file == place for user, _ in found}


def test_a_name_that_the_language_has_is_ours_where_the_file_is_imported() -> None:
    texts = {
        "a.py": "class Fields:\n    def items(self): ...\n    def get(self): ...\n\n\nclass Context: ...\n",
        "b.py": "x = {}\nx.items()\nx.get(1)\n",
        "c.py": "from contextvars import Context\n\ny = Context()\n",
        "d.py": "import a\n\na.Context()\n",
    }
    assert all_users_of(texts, "a.py") == {"d.py"}


def test_a_type_of_rust_is_not_that_of_its_standard_library() -> None:
    texts = {
        "src/lib.rs": "mod run;\nmod poll;\n",
        "src/run.rs": "pub struct Context { a: u8 }\n",
        "src/poll.rs": "use std::task::Context;\nfn f(cx: &mut Context) { g(cx) }\n",
        "src/near.rs": "use crate::run::Context;\nfn f(cx: &mut Context) { g(cx) }\n",
    }
    assert all_users_of(texts, "src/run.rs") == {"src/near.rs"}


def test_files_of_a_folder_see_each_other_in_go() -> None:
    texts = {
        "a/a.go": "package a\n\ntype Reader struct{}\n",
        "a/b.go": "package a\n\nvar r Reader\n",
        "c/c.go": 'package c\n\nimport "io"\n\nvar r io.Reader\n',
    }
    assert all_users_of(texts, "a/a.go") == {"a/b.go"}
