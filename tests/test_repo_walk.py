"""Walking a code base: which files are listed, which are left out and why, and that nothing else is touched."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from docanalyze.errors import SourceMissing, SourceRefused
from docanalyze.ingest.repo import TreeOptions, ignore, parse
from docanalyze.ingest.repo.classify import by_content, by_path
from docanalyze.ingest.repo.home import is_home
from docanalyze.ingest.repo.names import named, shown
from docanalyze.ingest.repo.opening import Folders, NotRegular
from docanalyze.ingest.repo.walk import Walked, walk
from docanalyze.model import FileRole
from tests.tree_of import tree_of

OPTIONS = TreeOptions()
POSIX = pytest.mark.skipif(os.name == "nt", reason="no such files there")


def listed(found: Walked) -> list[str]:
    return sorted(one.path for one in found.entries)


def reasons(found: Walked) -> dict[str, str]:
    return {one.path: one.reason for one in found.skipped}


# -- .gitignore ------------------------------------------------------------------------------------


def test_rules_hold_at_every_level(tmp_path: Path) -> None:
    tree_of(
        tmp_path,
        {
            ".gitignore": "*.log\n/build/\nnode_modules\n!keep.log\n",
            "a.py": "",
            "a.log": "",
            "keep.log": "",
            "build/x.py": "",
            "src/build/y.py": "",
            "src/.gitignore": "*.tmp\n!*.log\n",
            "src/b.tmp": "",
            "src/b.log": "",
            "src/node_modules/z.js": "",
        },
    )
    found = walk(str(tmp_path), OPTIONS)
    assert listed(found) == [".gitignore", "a.py", "keep.log", "src/.gitignore", "src/b.log", "src/build/y.py"]
    left = {(one.path, one.count) for one in found.skipped if one.reason == "ignored by .gitignore"}
    assert left == {("build", 0), (".", 1), ("src", 1), ("src/node_modules", 0)}


def test_a_list_of_what_is_wanted(tmp_path: Path) -> None:
    # What a tool that takes every path for a file's gets wrong: folders come back, so that files in them can.
    tree_of(tmp_path, {".gitignore": "*\n!*/\n!*.py\n", "a.py": "", "a.txt": "", "src/b.py": "", "src/b.txt": ""})
    assert listed(walk(str(tmp_path), OPTIONS)) == ["a.py", "src/b.py"]


def test_the_checkout_s_own_exclusions(tmp_path: Path) -> None:
    tree_of(tmp_path, {".git/info/exclude": "secret.txt\n", ".git/HEAD": "", "secret.txt": "", "a.py": ""})
    found = walk(str(tmp_path), OPTIONS)
    assert listed(found) == ["a.py"] and reasons(found)[".git"] == "what git keeps for itself"


names = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "foo", "x.log", ".h"])
patterns = st.lists(
    st.builds(
        lambda sign, start, parts, end: f"{sign}{start}{'/'.join(parts)}{end}",
        st.sampled_from(["", "", "!"]),
        st.sampled_from(["", "", "/", "**/"]),
        st.lists(
            st.one_of(names, st.sampled_from(["*", "*.py", "a*", "?", "[ab]", "**", "*b"])), min_size=1, max_size=3
        ),
        st.sampled_from(["", "", "/", "/*", "/**"]),
    ),
    max_size=4,
)


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git what it would do")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patterns, patterns, st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=8))
@example(["*", "!a/"], [], [["a", "b"]])
@example(["a/**", "!a/b"], [], [["a", "b"], ["a", "foo"]])
@example(["a/**/"], [], [["a", "b"], ["a", "foo", "b"]])
@example([], ["a/**/**/**"], [["foo", "a", "b"]])
@example([], ["**/**/**"], [["foo", "a"]])
@example(["!/**/**/**/a", "**/**/**/", "a/**/**/**/b"], [], [["a", "b"], ["b", "a"]])
def test_files_are_ignored_as_by_git(above: list[str], below: list[str], paths: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        written = {".gitignore": "\n".join(above), "foo/.gitignore": "\n".join(below)}
        for parts in paths:
            path = "/".join(parts)
            if any(path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in written):
                continue
            written[path] = ""
        tree_of(root, written)
        ours = set(listed(walk(folder, OPTIONS)))
        env = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": folder}
        subprocess.run(["git", "init", "-q", folder], check=True, env=env)
        command = ["git", "ls-files", "-z", "--others", "--exclude-standard"]
        told = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True).stdout
        assert ours == {name for name in told.decode().split("\0") if name}


def test_patterns_that_could_match_for_ever_are_dropped_and_told(tmp_path: Path) -> None:
    hostile = "\n".join(["*a" * 40 + "b", "**/a/" * 30 + "b", "x" * 5_000, "(a+)+$", "[z-a]", "[", "\\", "*.log"])
    tree_of(tmp_path, {".gitignore": hostile, "a" * 200: "", "x.log": ""})
    began = time.monotonic()
    found = walk(str(tmp_path), OPTIONS)
    assert time.monotonic() - began < 5
    assert listed(found) == [".gitignore", "a" * 200]
    assert reasons(found)[".gitignore"] == "3 of its rules, too tangled or too many, were not applied"


def test_matching_ends_when_it_takes_too_long_in_all() -> None:
    clock = ignore.Clock(most_seconds=0.05)
    rules = ignore.Rules(["*a*a*b"] * 200, clock)
    began = time.monotonic()
    decided = [rules.decide("a" * 150) for _ in range(1_000)]
    assert set(decided) == {None} and clock.is_over
    assert time.monotonic() - began < 20


@POSIX
def test_a_match_without_an_end_is_broken_off(tmp_path: Path) -> None:
    # Few wildcards, but at every depth: minutes for one path.
    tree_of(tmp_path, {".gitignore": "**/a*a*a*/**/a*a*a*b\n", "a.log": ""})
    clock = ignore.Clock(most_seconds=0.3)
    rules = ignore.Rules(["**/a*a*a*/**/a*a*a*b"], clock)
    assert rules.dropped == 0
    began = time.monotonic()
    with clock.alarm():
        assert rules.decide("/".join(["a" * 100] * 38)) is None
        assert clock.is_over and rules.decide("aaa/aaab") is None
    assert time.monotonic() - began < 20
    assert listed(walk(str(tmp_path), OPTIONS)) == [".gitignore", "a.log"]


def test_rules_too_long_to_read_are_told(tmp_path: Path) -> None:
    tree_of(tmp_path, {".gitignore": "*.log\n" * 100_000, "x.log": ""})
    assert reasons(walk(str(tmp_path), OPTIONS))[".gitignore"] == "rules too long to be applied"


# -- what was asked for ----------------------------------------------------------------------------


def test_include_and_exclude(tmp_path: Path) -> None:
    tree_of(
        tmp_path,
        {"src/a.py": "", "src/b.js": "", "src/gen/c.py": "", "docs/a.md": "", "docs/b.md": "", "setup.py": ""},
    )
    found = walk(str(tmp_path), TreeOptions(include=("src/", "*.md", "!docs/b.md"), exclude=("gen/", "*.js")))
    assert listed(found) == ["docs/a.md", "src/a.py"]
    assert {(one.path, one.reason, one.count) for one in found.skipped} == {
        (".", "not included", 1),
        ("docs", "not included", 1),
        ("src", "excluded", 1),
        ("src/gen", "excluded", 0),
    }


def test_without_tests(tmp_path: Path) -> None:
    tree_of(tmp_path, {"a.py": "", "tests/test_a.py": "", "tests/data.json": "", "src/a.test.ts": "", "src/a.ts": ""})
    found = walk(str(tmp_path), TreeOptions(tests=False))
    assert listed(found) == ["a.py", "src/a.ts"]
    assert {(one.path, one.count) for one in found.skipped} == {("tests", 2), ("src", 1)}


def test_too_many_files_and_too_many_bytes(tmp_path: Path) -> None:
    tree_of(tmp_path, {f"{n}.py": "x" * 100 for n in range(20)})
    with pytest.raises(SourceRefused, match="over 10 files") as refused:
        walk(str(tmp_path), TreeOptions(most_files=10))
    assert "--exclude" in refused.value.try_
    with pytest.raises(SourceRefused, match="over 0 MB"):
        walk(str(tmp_path), TreeOptions(most_bytes=1_000))
    assert len(walk(str(tmp_path), TreeOptions(most_files=20)).entries) == 20
    ignored = {".gitignore": "*.log\n", **dict.fromkeys((f"sub/{n}.log" for n in range(1_010)), "")}
    with pytest.raises(SourceRefused, match="sub alone has over 1,002 entries"):
        walk(str(tree_of(tmp_path / "ignored", ignored)), TreeOptions(most_files=1))


def test_one_file_is_a_code_base_of_one(tmp_path: Path) -> None:
    tree_of(tmp_path, {"a.py": "x = 1\n", "b.py": ""})
    found = walk(str(tmp_path / "a.py"), OPTIONS)
    assert found.name == "a.py" and listed(found) == ["a.py"]
    with pytest.raises(SourceMissing):
        walk(str(tmp_path / "gone"), OPTIONS)


def test_a_home_directory_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me" / "src").mkdir(parents=True)
    assert is_home(tmp_path) and is_home(tmp_path / "me") and is_home("/") and is_home("/home")
    assert not is_home(tmp_path / "me" / "src")


# -- what is no file -------------------------------------------------------------------------------


@POSIX
def test_nothing_but_files_is_listed(tmp_path: Path) -> None:
    outside = tree_of(tmp_path / "outside", {"passwords.txt": "p", "deep/x.py": ""})
    root = tree_of(tmp_path / "root", {"a.py": "", "sub/b.py": ""})
    (root / "link.txt").symlink_to(outside / "passwords.txt")
    (root / "folder").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "sub" / "loop").symlink_to(root)
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        here = Path.cwd()
        os.chdir(root)
        try:
            door.bind("socket")
        finally:
            os.chdir(here)
        found = walk(str(root), OPTIONS)
    assert listed(found) == ["a.py", "sub/b.py"]
    link = "a link: not followed"
    assert reasons(found) == {
        **dict.fromkeys(["link.txt", "folder", "up", "sub/loop", "dangling"], link),
        "pipe": "a pipe",
        "socket": "a socket",
    }


@POSIX
def test_a_giant_is_listed_by_its_size(tmp_path: Path) -> None:
    tree_of(tmp_path, {"a.py": ""})
    with (tmp_path / "giant.txt").open("wb") as file:
        file.truncate(20_000_000_000)
    found = {one.path: one for one in walk(str(tmp_path), OPTIONS).entries}
    assert found["giant.txt"].reason == "20,000,000,000 bytes, more than the 1,000,000 that are read of one file"


@contextmanager
def unprivileged() -> Iterator[None]:
    """As anybody: everything is permitted to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@POSIX
def test_what_nobody_may_read_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = tree_of(Path(folder, "root"), {".gitignore": "*.log\n", "a.py": "", "locked/b.py": "", "mine.py": ""})
        walk(str(root), OPTIONS)  # imports what it needs, as long as it may
        for path, mode in ((folder, 0o755), (root, 0o755), (root / "locked", 0), (root / "mine.py", 0)):
            Path(path).chmod(mode)
        try:
            with unprivileged(), Folders(root) as folders:
                found = walk(str(root), OPTIONS)
                with pytest.raises(parse.Unreadable, match="no permission"):
                    parse.load(folders, "mine.py", 100)
            assert reasons(found) == {"locked": "no permission"}
            assert listed(found) == [".gitignore", "a.py", "mine.py"]
            root.chmod(0)
            with unprivileged(), pytest.raises(SourceRefused, match="may not be read"):
                walk(str(root), OPTIONS)
        finally:
            for path in (root, root / "locked"):
                path.chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes there")
def test_names_of_any_kind_are_kept_apart(tmp_path: Path) -> None:
    odd = [
        "a\udcff.py",
        "a\\xff.py",
        "new\nline.py",
        "\x1b[31m.py",
        "\u202egpj.py",
        "A.py",
        "a.py",
        "é.py",
        "e\u0301.py",
    ]
    tree_of(tmp_path, dict.fromkeys(odd, ""))
    found = listed(walk(str(tmp_path), OPTIONS))
    assert found == sorted(odd)
    names = [shown(path) for path in found]
    assert len(set(names)) == len(odd) and all(name.isprintable() for name in names)
    assert "a\\xff.py" in names and "a\\\\xff.py" in names and "\\xe2\\x80\\xaegpj.py" in names
    assert [named(name) for name in names] == found


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.binary())
def test_what_is_shown_leads_back(text: str, data: bytes) -> None:
    for path in (text, os.fsdecode(data)):
        assert named(shown(path)) == path
        assert shown(path).isprintable() and len(shown(path).encode()) >= len(path)


# -- git -------------------------------------------------------------------------------------------

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("files", "branch", "commit"),
    [
        ({".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": COMMIT + "\n"}, "main", COMMIT),
        ({".git/HEAD": "ref: refs/heads/a/b\n", ".git/packed-refs": f"# x\n{COMMIT} refs/heads/a/b\n"}, "a/b", COMMIT),
        ({".git/HEAD": COMMIT + "\n"}, "", COMMIT),
        ({".git/HEAD": "ref: refs/heads/new\n"}, "new", ""),
        ({".git/HEAD": "ref: ../../secret\n"}, "", ""),
        ({".git/HEAD": "ref: refs/heads/../../../outside\n"}, "", ""),
        ({".git/HEAD": b"\xff\x00garbage" * 1000}, "", ""),
        ({".git": "gitdir: ../elsewhere\n"}, "", ""),
        ({".git": "gitdir: /etc\n"}, "", ""),
        (
            {
                ".git": "gitdir: .bare/worktrees/w\n",
                ".bare/worktrees/w/HEAD": "ref: refs/heads/w\n",
                ".bare/worktrees/w/commondir": "../..\n",
                ".bare/refs/heads/w": COMMIT,
            },
            "w",
            COMMIT,
        ),
        ({}, "", ""),
    ],
)
def test_branch_and_commit_are_read_from_files(
    tmp_path: Path, files: dict[str, str | bytes], branch: str, commit: str
) -> None:
    tree_of(tmp_path / "elsewhere", {"HEAD": COMMIT})
    tree_of(tmp_path / "outside", {"x": COMMIT})
    facts = walk(str(tree_of(tmp_path / "root", {"a.py": "", **files})), OPTIONS).facts
    assert (facts.branch, facts.commit) == (branch, commit)


@POSIX
def test_a_link_among_the_files_of_git_leads_nowhere(tmp_path: Path) -> None:
    tree_of(tmp_path, {"outside": f"{COMMIT}\n", "root/.git/refs/heads/": "", "root/a.py": ""})
    (tmp_path / "root/.git/HEAD").symlink_to(tmp_path / "outside")
    assert walk(str(tmp_path / "root"), OPTIONS).facts.commit == ""


def test_no_program_of_a_hostile_checkout_runs(tmp_path: Path) -> None:
    ran, evil = tmp_path / "ran", tmp_path / "root" / "evil.sh"
    program = f'#!/bin/sh\ntouch "{ran}"\n'
    root = tree_of(
        tmp_path / "root",
        {
            ".git/config": f"[core]\n\tfsmonitor = {evil}\n\thooksPath = {evil.parent}\n",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/hooks/post-checkout": program,
            "evil.sh": program,
        },
    )
    evil.chmod(0o755)
    assert listed(walk(str(root), OPTIONS)) == ["evil.sh"] and not ran.exists()


def test_submodules_are_named_and_not_entered(tmp_path: Path) -> None:
    tree_of(
        tmp_path,
        {
            ".git/HEAD": "",
            ".gitmodules": '[submodule "one"]\n\tpath = libs/one\n[submodule "evil"]\n\tpath = ../../etc\n',
            "libs/one/a.py": "",
            "libs/two/.git": "gitdir: ../../.git/modules/two\n",
            "libs/two/b.py": "",
            "libs/own/c.py": "",
        },
    )
    found = walk(str(tmp_path), OPTIONS)
    assert listed(found) == [".gitmodules", "libs/own/c.py"]
    assert found.facts.submodules == ("libs/one", "libs/two")
    assert reasons(found)["libs/two"] == "a submodule or another checkout: name it to read it"


def test_checkouts_beside_each_other_are_read(tmp_path: Path) -> None:
    tree_of(tmp_path, {"one/.git/HEAD": "", "one/a.py": "", "two/.git/HEAD": "", "two/b.py": ""})
    assert listed(walk(str(tmp_path), OPTIONS)) == ["one/a.py", "two/b.py"]


# -- nothing outside -------------------------------------------------------------------------------

_OPENED: list[tuple[str, int]] = []
_WATCHED = [False]


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _WATCHED[0] and event == "open":
        _OPENED.append(
            (os.fsdecode(arguments[0]) if isinstance(arguments[0], (str, bytes)) else "", int(str(arguments[2])))
        )


sys.addaudithook(_watch)

contents = st.dictionaries(
    st.lists(
        st.sampled_from(["a", "b", ".git", "HEAD", "refs", ".gitignore", "x.py", "node_modules"]),
        min_size=1,
        max_size=4,
    ).map("/".join),
    st.sampled_from(
        ["", "ref: ../../outside", "*\n!x.py", "gitdir: ../..", "gitdir: /etc", "LINK /etc", "LINK ..", "LINK x"]
    ),
    max_size=12,
)


@POSIX
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contents)
def test_every_file_is_listed_or_skipped_once_and_nothing_outside_is_opened(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        root.mkdir()
        for path, content in files.items():
            if (
                any(parent.is_symlink() or parent.is_file() for parent in (root / path).parents)
                or (root / path).is_dir()
            ):
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if content.startswith("LINK "):
                (root / path).symlink_to(content[5:])
            else:
                (root / path).write_text(content)
        # What Python itself opens, to import, is opened before.
        ignore.Rules.read(b"*.log", ignore.Clock())
        _OPENED.clear()
        _WATCHED[0] = True
        try:
            found = walk(str(root), OPTIONS)
        finally:
            _WATCHED[0] = False
        paths = set(listed(found))
        for name, folders, names in os.walk(root):
            inside = os.path.relpath(name, root)
            for one in [*names, *(folder for folder in folders if Path(name, folder).is_symlink())]:
                path = os.path.normpath(f"{inside}/{one}")
                skipped = {one.path for one in found.skipped}
                above = {str(parent) for parent in Path(path).parents} | {path}
                assert (path in paths) + bool(above & skipped) >= 1, path
                assert not (
                    path in paths and Path(path).parent != Path() and above - {"."} - {str(Path(path).parent)} & skipped
                )
        # All but the root itself is opened by a bare name, in the folder that is open, and never a link's.
        beyond = [
            one
            for one in _OPENED
            if one[0] != str(root) and ("/" in one[0] or ".." in one[0] or not one[1] & os.O_NOFOLLOW)
        ]
        assert not beyond


@POSIX
def test_a_folder_that_became_a_link_is_not_entered(tmp_path: Path) -> None:
    root = tree_of(tmp_path / "root", {"sub/a.py": "inside"})
    tree_of(tmp_path / "outside", {"a.py": "outside"})
    with Folders(root) as folders:
        assert folders.read("sub/a.py", 100) == b"inside"
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(tmp_path / "outside")
    (root / "b.py").symlink_to(tmp_path / "outside" / "a.py")
    os.mkfifo(root / "pipe")
    with Folders(root) as folders:
        for path in ("sub/a.py", "b.py"):
            with pytest.raises(OSError, match=r"."):
                folders.read(path, 100)
        with pytest.raises(NotRegular):
            folders.read("pipe", 100)


# -- what a file is for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "role", "is_read"),
    [
        ("src/app.py", FileRole.CODE, True),
        ("tests/test_app.py", FileRole.TEST, True),
        ("src/app.spec.ts", FileRole.TEST, True),
        ("examples/app.py", FileRole.EXAMPLE, True),
        ("README.md", FileRole.DOCUMENTATION, True),
        ("LICENSE", FileRole.DOCUMENTATION, True),
        ("docs/guide.rst", FileRole.DOCUMENTATION, True),
        ("pyproject.toml", FileRole.MANIFEST, True),
        ("web/package.json", FileRole.MANIFEST, True),
        ("Dockerfile", FileRole.MANIFEST, True),
        ("web/package-lock.json", FileRole.LOCK, False),
        ("uv.lock", FileRole.LOCK, False),
        ("node_modules/x/index.js", FileRole.VENDORED, False),
        ("third_party/zlib/inflate.c", FileRole.VENDORED, False),
        ("static/app.min.js", FileRole.MINIFIED, False),
        ("api/user_pb2.py", FileRole.GENERATED, False),
        ("db/schema.sql", FileRole.SCHEMA, True),
        ("api/user.proto", FileRole.SCHEMA, True),
        ("logo.png", FileRole.BINARY, False),
        ("tsconfig.json", FileRole.CONFIGURATION, True),
        (".github/workflows/ci.yml", FileRole.CONFIGURATION, True),
        ("data/cities.csv", FileRole.DATA, True),
        ("locale/de/app.po", FileRole.DATA, True),
        (".env", FileRole.CONFIGURATION, False),
        ("deploy/.env.production", FileRole.CONFIGURATION, False),
        ("keys/id_rsa", FileRole.CONFIGURATION, False),
        ("keys/server.pem", FileRole.CONFIGURATION, False),
    ],
)
def test_what_a_file_is_for_by_its_path(path: str, role: FileRole, is_read: bool) -> None:
    found = by_path(path)
    assert found is not None and (found.role, not found.reason) == (role, is_read)


@pytest.mark.parametrize(
    ("path", "data", "role"),
    [
        ("a.py", b"x = 1\n", FileRole.CODE),
        ("a", b"\x7fELF\x02\x01\x01\x00\x00", FileRole.BINARY),
        ("a.txt", "Grüße\n".encode("utf-16"), FileRole.CODE),
        ("a.js", b"var a=1;" * 1_000, FileRole.MINIFIED),
        ("a.py", b"# Generated by a tool. DO NOT EDIT.\nx = 1\n", FileRole.GENERATED),
        ("a.go", b"// Code generated by protoc-gen-go. DO NOT EDIT.\n", FileRole.GENERATED),
        ("a.js", b"/* Jison generated parser */\nvar p;\n", FileRole.GENERATED),
        ("a.java", b"// Generated from Expr.g4 by ANTLR 4.7\nclass P {}\n", FileRole.GENERATED),
        ("a.py", b"# The report is generated from the store.\nx = 1\n", FileRole.CODE),
        ("a.py", b'print("# DO NOT EDIT")\n', FileRole.CODE),
        ("a.py", b"# line\n" * 1_000 + b"# @generated\n", FileRole.CODE),
    ],
)
def test_what_a_file_is_for_by_its_bytes(path: str, data: bytes, role: FileRole) -> None:
    assert by_content(path, FileRole.CODE, data).role is role


@pytest.mark.parametrize(
    ("names", "built"),
    [
        (["lib/a.js", "lib/b/c.js", "dist/cjs/a.js", "dist/b/c.js"], ["dist/b/c.js", "dist/cjs/a.js"]),
        (["src/a.ts", "dist/a.js", "dist/a.d.ts", "dist/page.css"], ["dist/a.d.ts", "dist/a.js"]),
        (["p/src/a.ts", "p/build/a.js", "q/build/a.js"], ["p/build/a.js"]),
        # Without a source it is all there is; what a program of that name holds is no build.
        (["dist/a.js", "dist/b.js"], []),
        (["src/a.ts", "build/bundle.js", "build/serve.js"], []),
        (["src/dist/a.js", "src/a.js"], []),
    ],
)  # fmt: skip
def test_scripts_that_a_build_made_of_sources_beside_it_are_not_read(
    tmp_path: Path, names: list[str], built: list[str]
) -> None:
    tree_of(tmp_path, dict.fromkeys(names, "x;\n"))
    found = walk(str(tmp_path), OPTIONS)
    assert listed(found) == sorted(names)
    assert sorted(one.path for one in found.entries if one.role == FileRole.GENERATED and one.reason) == built
