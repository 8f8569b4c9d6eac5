"""The project as such: sizes, pins, versions, what is documented, and what must not be committed."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import Command

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "docanalyze").rglob("*.py"))
CODE = [*PACKAGE, *(path for folder in ("benchmarks", "samples", "tools") for path in (ROOT / folder).glob("*.py"))]
MOST_LINES = 500
MOST_FUNCTION_LINES = 40

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)
# In two halves, so that this file does not hold what it looks for.
REGISTRIES = re.compile("|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "index" + r"-url\s*=?\s*http")))
PLACES = re.compile(r"(?<![\w.])/(?:" + "|".join(("wo" + "rk/", "ro" + "ot/", "ho" + r"me/[a-z]")) + ")")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# -- code ------------------------------------------------------------------------------------------


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    assert [named(path) for path in CODE if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES] == []


def test_no_function_is_too_long() -> None:
    functions = [(path, node) for path in CODE for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef)]
    lengths = {f"{named(path)}:{node.lineno} {node.name}": _lines(node) for path, node in functions}
    assert len(lengths) > len(CODE)
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == {}


def test_the_package_never_prints() -> None:
    calls = [(path, node.func) for path in PACKAGE for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    assert [
        f"{named(path)}:{call.lineno}" for path, call in calls if isinstance(call, ast.Name) and call.id == "print"
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in PACKAGE if not ast.get_docstring(_tree(path))]
    assert [named(path) for path in silent if path.name != "__main__.py"] == []


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _lines(node: ast.FunctionDef) -> int:
    """Those of a function's body, without its docstring: a command's signature is a list of options."""
    first = node.body[0]
    said = ast.get_docstring(node, clean=False) is not None
    return (node.end_lineno or 0) - first.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1) * said


# -- what is committed -----------------------------------------------------------------------------


@cache
def committed() -> list[Path]:
    """The files that git knows; where there is no git, the tests that ask skip aloud."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize(("what", "pattern"), [("a package registry", REGISTRIES), ("a place on one machine", PLACES)])
def test_no_committed_file_names(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{named(path)}: {match[0]}"
        for path in committed()
        if (match := pattern.search(path.read_bytes().decode("utf-8", errors="replace")))
    ]
    assert not found, what


def test_nothing_is_committed_that_is_made() -> None:
    names = {named(path) for path in committed()}
    assert not [name for name in names if name.endswith((".db", ".pyc", "uv.lock", ".coverage"))]
    assert {name for name in names if name.startswith("outputs/")} == {"outputs/README.md"}


# -- pins and versions -----------------------------------------------------------------------------


def pins(name: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
        ("requirements-dev.txt", PROJECT["build-system"]["requires"]),
        ("requirements-uv.txt", ["uv"]),
    ],
)
def test_the_pins_are_what_the_project_asks_for(name: str, asked: list[str]) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pinned[requirement.name]), requirement


def test_both_sets_of_pins_agree() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_every_extra_is_named_once_with_how_to_install_it() -> None:
    pages = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/runtime.md"))
    said = re.findall(r"pip install 'docanalyze\[(\w+)\]'", pages)
    assert sorted(said) == sorted(PROJECT["project"]["optional-dependencies"])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_pin_is_hashed(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9-]+==)", (ROOT / name).read_text(encoding="utf-8"))[1:]
    assert len(entries) == len(pins(name))
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert versions[0] == PROJECT["project"]["version"]


def test_the_licence_is_the_one_that_is_named() -> None:
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "Apache License" in (ROOT / "NOTICE").read_text(encoding="utf-8")


# -- documentation ---------------------------------------------------------------------------------


def test_the_readme_documents_every_command(docanalyze: Command) -> None:
    listed = re.findall(
        r"^[│|]?\s{1,3}([a-z]+)\s{2,}\S", docanalyze("--help").out.partition("Commands")[2], re.MULTILINE
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(listed) > 5
    assert not [name for name in listed if f"docanalyze {name}" not in readme]


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_readme_names_both_commands_of_the_makefile(name: str) -> None:
    assert f"make {name}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\n{name}: " in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=named)
def test_every_local_link_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (path.parent / target).exists()]
