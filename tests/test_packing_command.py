"""`docanalyze pack` and `docanalyze map`: what is printed is counted, nothing is overwritten, a home is asked about."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from docanalyze import tokens
from tests.conftest import Command

count = tokens.packaged()

HEADER = re.compile(r"^([\d,]+) tokens: (\d+) files? in full, (\d+) in outline, (\d+) by name only$", re.MULTILINE)


@pytest.fixture
def tree(here: Path) -> Path:
    """A small service, with a file that would close a code block and one that is no text."""
    texts = {
        "README.md": "# Service\n\n```\nrun it\n```\n",
        "app/__main__.py": "from app.store import load_everything\n\nload_everything()\n",
        "app/store.py": 'def load_everything():\n    """Loads."""\n' + "    value = 1\n" * 400,
        "app/page.html": "<p>]]></p>\n",
        "tests/test_store.py": "from app.store import load_everything\n",
        ".gitignore": "secret.txt\n",
        "secret.txt": "never\n",
    }
    root = here / "service"
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "logo.png").write_bytes(b"\x89PNG\r\n\0\0\0")
    return root


def test_what_is_printed_is_what_was_counted(docanalyze: Command, tree: Path) -> None:
    found = docanalyze("pack", tree)
    assert found.code == 0
    said = HEADER.search(found.err)
    assert said is not None
    assert int(said[1].replace(",", "")) == count(found.out)
    assert "never" not in found.out
    assert "````markdown\n# Service" in found.out
    assert found.out.index("README.md") < found.out.index("app/__main__.py") < found.out.index("app/store.py")
    assert found.out.rstrip().endswith("- logo.png")


@pytest.mark.parametrize("form", [(), ("--xml",)])
def test_the_window_is_kept_to_the_token(docanalyze: Command, tree: Path, form: tuple[str, ...]) -> None:
    found = docanalyze("pack", tree, "--window", 300, *form)
    assert found.code == 0
    assert 290 <= count(found.out) <= 300
    assert "load_everything" in found.out


def test_xml_is_well_formed(docanalyze: Command, tree: Path) -> None:
    root = ET.fromstring(docanalyze("pack", tree, "--xml").out)
    texts = {one.get("path"): one.text for one in root.iter("file")}
    assert texts["app/page.html"] == "\n<p>]]></p>\n"
    assert [one.text for one in root.iter("name")] == ["logo.png"]


def test_a_file_is_written_and_not_replaced(docanalyze: Command, tree: Path, here: Path) -> None:
    out = here / "packed.md"
    assert docanalyze("pack", tree, "-o", out).code == 0
    first = out.read_bytes()
    refused = docanalyze("pack", tree, "-o", out, "--xml")
    assert (refused.code, out.read_bytes()) == (2, first)
    assert "--force replaces it" in refused.err
    assert docanalyze("pack", tree, "-o", out, "--xml", "--force").code == 0
    assert out.read_text(encoding="utf-8").startswith("<code_base")


def test_what_is_written_into_the_folder_is_not_packed(docanalyze: Command, tree: Path) -> None:
    out = tree / "packed [1].md"
    assert docanalyze("pack", tree, "-o", out).code == 0
    first = out.read_bytes()
    assert docanalyze("pack", tree, "-o", out, "--force").code == 0
    assert out.read_bytes() == first
    assert sorted(path.name for path in tree.iterdir() if "packed" in path.name) == ["packed [1].md"]


def test_nothing_is_written_when_it_fails(docanalyze: Command, tree: Path, here: Path) -> None:
    out = here / "packed.md"
    found = docanalyze("pack", tree, "-o", out, "--window", 5)
    assert (found.code, out.exists()) == (1, False)
    assert "do not hold even the overview" in found.err
    missing = docanalyze("pack", here / "nothing", "-o", out)
    assert (missing.code, out.exists()) == (1, False)
    assert list(here.glob(".packed*")) == []


def test_all_is_everything(docanalyze: Command, tree: Path) -> None:
    found = docanalyze("pack", tree, "--all")
    assert found.out.count("value = 1") == 400


def test_facts_as_json(docanalyze: Command, tree: Path, here: Path) -> None:
    facts = json.loads(docanalyze("pack", tree, "--json").out)
    assert facts["tokens"] == count(facts["text"])
    assert facts["counts"] == {"full": 6, "outline": 0, "name only": 1}
    assert {one["path"]: one["reason"] for one in facts["files"]}["logo.png"]
    assert [(one["reason"], one["count"]) for one in facts["skipped"]] == [("ignored by .gitignore", 1)]
    named = json.loads(docanalyze("pack", tree, "--json", "-o", here / "packed.md").out)
    assert "text" not in named and named["file"].endswith("packed.md")


def test_files_are_chosen(docanalyze: Command, tree: Path) -> None:
    assert "test_store" not in docanalyze("pack", tree, "--no-tests").out
    assert "README" not in docanalyze("pack", tree, "--include", "*.py").out
    assert "value = 1" not in docanalyze("pack", tree, "--exclude", "store.py").out


def test_focus_brings_a_file_in(docanalyze: Command, tree: Path) -> None:
    (tree / "tools").mkdir()
    (tree / "tools/rarely.py").write_text("def rarely_used():\n" + "    other = 2\n" * 60)
    (tree / "tools/never.py").write_text("def never_used():\n" + "    other = 3\n" * 60)
    assert "other = 3" in docanalyze("pack", tree, "--window", 700, "--focus", "tools/never.py").out


def test_a_home_directory_is_refused(docanalyze: Command, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree))
    for command in ("pack", "map"):
        found = docanalyze(command, tree)
        assert (found.code, found.out) == (2, "")
        assert "home directory" in found.err


def test_a_map(docanalyze: Command, tree: Path) -> None:
    found = docanalyze("map", tree, "--symbols")
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0].startswith("service: 7 files, ")
    assert any(re.search(r"full +│   ├── store\.py$|full +│   └── store\.py$", line) for line in lines)
    assert any("load_everything" in line and "app/store.py:1" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_a_map_is_a_page_unless_told(docanalyze: Command, tree: Path) -> None:
    for number in range(120):
        (tree / f"app/part_{number:03}.py").write_text(f"value_{number} = {number}\n")
    assert len(docanalyze("map", tree).out.splitlines()) < 75
    assert "part_119.py" in docanalyze("map", tree, "--full").out
    assert "part_" not in docanalyze("map", tree, "--depth", 1).out


def test_a_map_as_json(docanalyze: Command, tree: Path) -> None:
    found = json.loads(docanalyze("map", tree, "--json").out)
    assert found["schema"] == "docanalyze.map"
    files = {one["path"]: one for one in found["files"]}
    assert sum(one["rank"] for one in found["files"]) == pytest.approx(1, abs=1e-4)
    assert files["app/store.py"]["detail"] == "full"
    assert files["logo.png"]["reason"]
    assert found["symbols"][0]["name"] == "load_everything"


def test_a_name_cannot_steer_the_terminal(docanalyze: Command, tree: Path) -> None:
    (tree / "app/\x1b[31mred.py").write_text("x = 1\n")
    assert "\x1b" not in docanalyze("map", tree, "--full").out
    assert "\x1b" not in docanalyze("pack", tree).out


def test_packing_imports_what_it_needs(tree: Path) -> None:
    line = "import sys; from docanalyze.cli import call; call(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", line, "pack", str(tree)], capture_output=True, text=True, check=True, timeout=100
    )
    loaded = set(done.stderr.split())
    heavy = {"httpx", "jinja2", "lxml", "pymupdf", "sqlite_utils", "rapidfuzz", "tree_sitter", "nupunkt", "rich.table"}
    assert loaded & heavy == set()
    assert loaded & {"docanalyze.cli.analyze", "docanalyze.model.finding", "docanalyze.model.run"} == set()


def test_what_was_guessed_or_taken_out_is_told(docanalyze: Command, tree: Path) -> None:
    (tree / "app" / "turned.py").write_text('GRANTED = "user\u202e \u2066# admin\u2069"\n', encoding="utf-8")
    found = docanalyze("pack", tree)
    assert "note: app/turned.py: 3 characters that turn the direction of text were taken out\n" in found.err
    assert "\u202e" not in found.out
    [note] = json.loads(docanalyze("pack", tree, "--json").out)["notes"]
    assert "app/turned.py" in note["text"]


@pytest.mark.parametrize("command", ["pack", "map", "repo"])
def test_a_focus_that_no_file_fits_is_refused(docanalyze: Command, tree: Path, command: str) -> None:
    found = docanalyze(command, tree, "--focus", "app/", "--focus", "nosuch/")
    assert found.code != 0 and "no file fits --focus nosuch/: " in found.err


@pytest.mark.parametrize("command", ["pack", "map"])
def test_a_pattern_that_fits_nothing_is_told(docanalyze: Command, tree: Path, command: str) -> None:
    patterns = ("--exclude", "[", "--exclude", "store.py", "--include", "*.py", "--include", "*.rs")
    said = docanalyze(command, tree, *patterns).err
    assert "note: --exclude [, --include *.rs: fits nothing that would be read without it\n" in said
    assert "fits nothing" not in docanalyze(command, tree, "--exclude", "app/", "--exclude", "*.md").err


def test_what_the_command_writes_itself_is_no_pattern_of_the_user(docanalyze: Command, tree: Path) -> None:
    assert "fits nothing" not in docanalyze("pack", tree, "-o", tree / "packed.md").err


@pytest.mark.parametrize(("command", "said"), [("pack", "not read: 2 files: "), ("map", "not read: 2 files: ")])
def test_why_files_were_not_read_is_told(docanalyze: Command, tree: Path, command: str, said: str) -> None:
    (tree / "icon.png").write_bytes(b"\x89PNG\r\n\0\0\0")
    found = docanalyze(command, tree, "--window", 20_000)
    assert said in found.out + found.err


@pytest.mark.parametrize("arguments", [("map", "--full"), ("map", "--json"), ("pack",)])
def test_a_reader_who_goes_is_no_failure(tree: Path, arguments: tuple[str, ...]) -> None:
    for number in range(1_500):
        (tree / f"app/part_{number:04}_{'long' * 20}.py").write_text("")
    line = [sys.executable, "-m", "docanalyze", arguments[0], str(tree), *arguments[1:]]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("command", "said"), [("pack", "Stopped: nothing was kept"), ("repo", "Stopped before a run had begun")]
)
def test_what_is_stopped_while_it_reads_says_that_nothing_is_kept(tree: Path, command: str, said: str) -> None:
    for number in range(200):
        (tree / f"app/part_{number}.py").write_text(f"value_{number} = compute({number})\n" * 4_000)
    line = [sys.executable, "-m", "docanalyze", command, str(tree)]
    process = subprocess.Popen(
        line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tree.parent
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    while not children.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said in err and "goes on from there" not in err and "Traceback" not in err
