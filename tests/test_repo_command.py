"""`docanalyze repo` as a user types it: what is read, packed, kept and shown, and what goes wrong."""

import json
import os
import re
import socket
from pathlib import Path

import pytest

import docanalyze as docanalyze_module
from docanalyze.model import Detail, RunState
from docanalyze.store import Store
from tests.conftest import Command

README = "# Harbour\n\nHarbour keeps the berths of a small harbour, and who lies where.\n"
DATABASE = '''"""Where berths are kept."""

import sqlite3


def connect(path: str) -> sqlite3.Connection:
    """Opens the database."""
    return sqlite3.connect(path)
'''
MAIN = '''"""The command."""

from harbour.db import connect


def main() -> None:
    """Prints the berths."""
    print(connect("berths.db"))


if __name__ == "__main__":
    main()
'''


@pytest.fixture
def harbour(here: Path) -> Path:
    root = here / "harbour"
    (root / "harbour").mkdir(parents=True)
    (root / "README.md").write_text(README, encoding="utf-8")
    (root / "harbour" / "db.py").write_text(DATABASE, encoding="utf-8")
    (root / "harbour" / "__main__.py").write_text(MAIN, encoding="utf-8")
    (root / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    return root


def latest(here: Path) -> tuple[Store, str]:
    store = Store.open(here / "outputs" / "docanalyze.db")
    return store, store.runs()[0].id


def test_a_code_base_is_analysed_kept_and_proven(docanalyze: Command, harbour: Path, here: Path) -> None:
    result = docanalyze("repo", "harbour", "--quiet")
    assert result.code == 0, result.err
    assert "harbour/__main__.py:" in result.out
    store, run_id = latest(here)
    with store:
        assert store.verify() == []
        run = store.run(run_id)
        document = store.document_of(run)
    assert run.kind == "repo" and run.state is RunState.DONE
    assert document.tree is not None
    assert run.coverage is not None
    details = {document.tree.files[one.file].path: one.detail for one in run.coverage.files}
    assert details == {
        "README.md": Detail.FULL,
        "harbour/__main__.py": Detail.FULL,
        "harbour/db.py": Detail.FULL,
        "logo.png": Detail.NAME,
    }
    for finding in run.findings:
        for evidence in finding.evidence:
            for span in evidence.spans:
                assert document.slice(span) in document.text
                assert document.file_at(span) is not None


def test_a_folder_is_analysed_from_python_too(harbour: Path, here: Path) -> None:
    run = docanalyze_module.run(harbour, db=here / "a.db")
    assert run.kind == "repo" and run.state is RunState.DONE and run.findings


def test_a_single_file_and_a_whole_tree_in_windows(docanalyze: Command, harbour: Path, here: Path) -> None:
    assert docanalyze("repo", "harbour/harbour/db.py", "--quiet").code == 0
    result = docanalyze("repo", "harbour", "--whole", "--window", "2600", "--quiet")
    assert result.code == 0, result.err
    store, run_id = latest(here)
    with store:
        run = store.run(run_id)
    assert all(window.tokens <= window.budget for window in run.windows)


def test_the_same_tree_is_shown_and_a_changed_one_read_in_part(docanalyze: Command, harbour: Path, here: Path) -> None:
    docanalyze("repo", "harbour", "--quiet")
    again = docanalyze("repo", "harbour", "--quiet")
    assert "finished before" in again.out
    store, _ = latest(here)
    with store:
        known = set(store.parsed())
    (harbour / "harbour" / "db.py").write_text(DATABASE + "\n\ndef close() -> None:\n    pass\n", encoding="utf-8")
    changed = docanalyze("repo", "harbour", "--quiet")
    assert "finished before" not in changed.out
    store, _ = latest(here)
    with store:
        assert len(set(store.parsed()) - known) == 1, "only what changed was parsed"


def test_what_the_program_writes_is_not_analysed(docanalyze: Command, harbour: Path, here: Path) -> None:
    os.chdir(harbour)
    assert docanalyze("repo", ".", "--quiet").code == 0
    again = docanalyze("repo", ".", "--quiet")
    assert "finished before" in again.out, "the reports of the run before are no part of the code base"


def test_a_settings_file_in_the_code_base_is_not_ours(docanalyze: Command, harbour: Path) -> None:
    (harbour / "docanalyze.toml").write_text('kind = "contract"\n', encoding="utf-8")
    os.chdir(harbour)
    result = docanalyze("repo", ".", "--quiet", "--json")
    assert json.loads(result.out)["runs"][0]["kind"] == "repo"


def test_a_dry_run_says_what_would_be_done(docanalyze: Command, harbour: Path, here: Path) -> None:
    result = docanalyze("repo", "harbour", "--dry-run", "--quiet")
    assert result.code == 0
    assert not (here / "outputs").exists()


def test_focus_and_patterns_decide_what_is_read(docanalyze: Command, harbour: Path, here: Path) -> None:
    assert docanalyze("repo", "harbour", "--exclude", "*.png", "--include", "harbour/", "--quiet").code == 0
    store, run_id = latest(here)
    with store:
        document = store.document_of(store.run(run_id))
    assert document.tree is not None
    assert [file.path for file in document.tree.files] == ["harbour/__main__.py", "harbour/db.py"]


@pytest.mark.parametrize(
    ("path", "said"),
    [("nowhere", "nowhere"), ("empty", "empty"), ("binary", "no"), ("/", "home")],
)
def test_what_cannot_be_analysed_is_one_line(docanalyze: Command, here: Path, path: str, said: str) -> None:
    (here / "empty").mkdir()
    (here / "binary").mkdir()
    (here / "binary" / "a.bin").write_bytes(bytes(100))
    result = docanalyze("repo", path, "--quiet")
    assert result.code in (1, 2)
    assert len(result.err.splitlines()) == 1 and "Traceback" not in result.err
    assert said in result.err


def test_links_sockets_and_what_may_not_be_read_stop_nothing(
    docanalyze: Command, harbour: Path, here: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("SECRET = 1\n", encoding="utf-8")
    (harbour / "up").symlink_to("..")
    (harbour / "out.py").symlink_to(outside)
    os.mkfifo(harbour / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(harbour)
        listening.bind("socket")
        os.chdir(here)
        result = docanalyze("repo", "harbour", "--quiet")
    assert result.code == 0, result.err
    store, run_id = latest(here)
    with store:
        document = store.document_of(store.run(run_id))
    assert document.tree is not None
    assert "SECRET" not in document.text
    skipped = {one.path: one.reason for one in document.tree.skipped}
    assert {"up", "out.py", "pipe", "socket"} <= set(skipped)


def test_what_only_code_bases_answer_is_not_asked_of_a_document(docanalyze: Command, here: Path) -> None:
    (here / "note.txt").write_text("A note about nothing.\n", encoding="utf-8")
    result = docanalyze("analyze", "note.txt", "--kind", "repo", "--quiet")
    assert result.code != 0 and "docanalyze repo takes one" in result.err


def test_what_a_run_wrote_fills_no_window(docanalyze: Command, harbour: Path, here: Path) -> None:
    assert docanalyze("repo", ".", "--quiet").code == 0
    assert (here / "outputs" / "docanalyze.db").exists()
    for command in ("map", "pack"):
        files = json.loads(docanalyze(command, ".", "--json").out)["files"]
        assert files and not [one["path"] for one in files if one["path"].startswith("outputs/")]


def test_a_folder_is_sent_to_the_commands_that_take_one(docanalyze: Command, here: Path) -> None:
    said = docanalyze("text", ".").err
    assert "docanalyze: . is a folder: docanalyze repo, pack and map take a code base" in said


def test_why_a_file_was_not_read_stands_in_the_ending(docanalyze: Command, harbour: Path, here: Path) -> None:
    result = docanalyze("repo", "harbour", "--quiet", "--exclude", "nosuch/")
    assert "Not read" in result.out and "1 file: " in result.out
    assert "--exclude nosuch/: fits nothing" in " ".join(result.out.split())


def test_a_document_given_as_a_code_base_names_the_command_for_it(docanalyze: Command, here: Path) -> None:
    (here / "x.pdf").write_bytes(b"%PDF-1.4\n\0\1")
    assert "docanalyze x.pdf takes a document" in docanalyze("repo", "x.pdf", "--quiet").err


def test_notes_of_one_sort_are_told_once_with_their_sum(docanalyze: Command, harbour: Path, here: Path) -> None:
    for number in range(1, 6):
        (harbour / f"turned_{number}.py").write_text("# a \u202e b\n" * number, encoding="utf-8")
    docanalyze("repo", "harbour", "--quiet")
    store, run_id = latest(here)
    with store:
        notes = [note.text for note in store.document_of(store.run(run_id)).notes]
    said = "15 characters that turn the direction of text were taken out"
    assert notes == [f"turned_1.py, turned_2.py, turned_3.py and 2 more: {said}"]


def test_reports_say_what_the_built_in_analyst_read_and_are_told_in_one_line(
    docanalyze: Command, harbour: Path, here: Path
) -> None:
    out = docanalyze("repo", "harbour", "--quiet").out
    assert out.startswith("harbour  code base, run ")
    assert [line.endswith(".html (and .md)") for line in out.splitlines() if line.startswith("Report")] == [True]
    (page,) = (here / "outputs").glob("*.html")
    html = page.read_text(encoding="utf-8")
    assert "all files that were read, by fixed rules" in html
    assert "not in the quote" in html
    assert "not in the quote" not in re.sub('title="[^"]*"', "", html)
