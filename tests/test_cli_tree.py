"""What the command line says of a run of a code base: its files in short, and as JSON."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from docanalyze.cli import view
from docanalyze.model import Coverage, Detail, Skipped, Window
from docanalyze.store import Store
from tests.conftest import Command
from tests.tree_material import APP, FILES, a_code_base, a_run_of

SCHEMA = json.loads((files("docanalyze.cli") / "runs.schema.json").read_text(encoding="utf-8"))
DETAILS = (Detail.FULL, Detail.OUTLINE, Detail.NAME, Detail.FULL, Detail.NONE)


def stored(code: Mapping[str, str | None], details: tuple[Detail, ...] = ()) -> None:
    """A run of a code base in the database of the working directory."""
    document = a_code_base(code)
    with Store.open(Path("outputs") / "docanalyze.db") as store:
        store.put_document(document)
        store.start_run(a_run_of(document, details))


def test_a_run_shows_what_became_of_its_files(docanalyze: Command) -> None:
    stored(FILES, DETAILS)
    said = docanalyze("show").out
    for line in (
        "Commit     abababababab main",
        "Files      5: 2 in full, 1 in outline, 1 by name, 1 left out",
        "           app/main.py   in outline  11 tokens",
        "Not listed 12 files: ignored",
        "Not listed 1 file: a link",
        "Masked     1 secret in app/main.py",
    ):
        assert line in [shown.rstrip() for shown in said.splitlines()]


def test_of_many_files_those_that_matter_most_are_shown(docanalyze: Command) -> None:
    stored({f"src/{n:02}.py": APP for n in range(40)})
    said = docanalyze("show").out
    assert "src/14.py" in said and "src/15.py" not in said
    assert "… and 25 that matter less: docanalyze show --json" in said
    assert "Masked     40 secrets in src/00.py, src/01.py, src/02.py and 37 more" in said


def test_a_path_too_long_for_its_column_loses_folders_in_its_middle(docanalyze: Command) -> None:
    path = "jdk/internal/net/http/common/ImmutableExtendedSSLSession.java"
    stored({path: APP})
    [line] = [line for line in docanalyze("show").out.splitlines() if "ImmutableExtended" in line and "tokens" in line]
    assert line.split()[0] == "jdk/…/common/ImmutableExtendedSSLSession.java"
    assert view.within("a/b/c.py", 8) == "a/b/c.py"
    assert view.within("aaaa/bbbb/cccc.py", 14) == "aaaa/…/cccc.py"
    assert view.within("a/a_very_long_name_of_a_file.py", 10) == "…a_file.py"


def test_the_files_of_a_run_as_json(docanalyze: Command) -> None:
    stored(FILES, DETAILS)
    result = docanalyze("show", "--json")
    jsonschema.validate(result.json, SCHEMA)
    [run] = result.json["runs"]
    assert run["document"]["tree"] == {
        "name": "service",
        "branch": "main",
        "commit": "ab" * 20,
        "vocabulary": a_code_base().tree.vocabulary,  # type: ignore[union-attr]
        "submodules": ["vendor/other"],
        "skipped": [
            {"path": "build", "reason": "ignored", "files": 12},
            {"path": "link", "reason": "a link", "files": 1},
        ],
        "secrets": [{"path": "app/main.py", "line": 8, "what": "a key"}],
    }
    covered = run["coverage"]["files"]
    assert [one["path"] for one in covered] == list(FILES)
    assert [one["detail"] for one in covered] == ["full", "outline", "name only", "full", "none"]
    assert sum(one["rank"] for one in covered) == pytest.approx(1)
    assert covered[-1] == {
        "path": "logo.png",
        "detail": "none",
        "rank": 0.2,
        "tokens": 8,
        "window": 1,
        "reason": "binary",
    }


def test_of_many_windows_the_sum_is_told_and_folders_are_not_counted_as_files() -> None:
    document = a_code_base(FILES)
    assert document.tree is not None
    skipped = (Skipped("a", "ignored", 3), Skipped("b", "ignored", 0), Skipped("c", "ignored", 0))
    document = replace(document, tree=replace(document.tree, skipped=skipped))
    windows = [Window(number, "x", (), 100 + number, 200) for number in range(1, 9)]
    said = io.StringIO()
    view.show_coverage(Console(file=said, width=200), Coverage(()), windows, document)
    assert "in 8 windows, 101 to 108 each, together 836 tokens" in said.getvalue()
    assert "3 files and 2 paths: ignored" in said.getvalue()
