"""Reading a code base: texts, places, counts, secrets, notebooks, and files that end the process that reads them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docanalyze import tokens
from docanalyze.errors import SourceDamaged, SourceMissing, SourceRefused
from docanalyze.ingest import Limits, TreeOptions, TreeReader
from docanalyze.ingest.repo import secrets, versions
from docanalyze.ingest.repo.assembling import units
from docanalyze.ingest.repo.crew import Crew, Order
from docanalyze.ingest.repo.entries import Entry
from docanalyze.model import Definition, Document, Event, File, FileRole, Role, Span, Tree
from tests.tree_of import tree_of

OPTIONS = TreeOptions()

CODE = '''\
"""Orders."""

import os
from app.store import Store


class Order:
    """One order."""

    def total(self) -> int:
        """What it costs."""
        return sum(self.prices) if self.prices else 0


def load(path):
    return Order(Store(path))


if __name__ == "__main__":
    load(os.environ["ORDERS"])
'''


def silent(_: Event) -> None:
    pass


@pytest.fixture(scope="module")
def reader() -> Iterator[TreeReader]:
    with TreeReader() as found:
        yield found


def file(tree: Tree | None, path: str) -> File:
    assert tree is not None
    return tree.files[tree.place(path)]


@pytest.fixture(scope="module")
def document(reader: TreeReader, tmp_path_factory: pytest.TempPathFactory) -> Document:
    root = tree_of(
        tmp_path_factory.mktemp("read") / "shop",
        {
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/refs/heads/main": "0123456789abcdef0123456789abcdef01234567\n",
            ".gitignore": "*.log\n",
            "README.md": "# Shop\n\nSells things.\n\n## Use\n\n- install\n- run\n",
            "app/orders.py": CODE,
            "app/empty.py": "",
            "app/store.py": "class Store:\n    pass\n",
            "app/logo.png": b"\x89PNG\r\n\x1a\n\x00",
            "app/windows.py": "x = 1\r\n\r\ny = 2",
            "debug.log": "nothing",
            "uv.lock": "version = 1\n",
        },
    )
    return reader.read(str(root), OPTIONS, silent)


# -- text and places -------------------------------------------------------------------------------


def test_the_text_is_every_path_with_its_text(document: Document) -> None:
    assert document.tree is not None and document.format == "repository"
    assert document.text.startswith(".gitignore\n*.log\n\nREADME.md\n# Shop\n")
    assert "\n\napp/logo.png\n\napp/orders.py\n" in document.text
    assert "\n\napp/windows.py\nx = 1\r\n\r\ny = 2\n\nuv.lock\n\n" in document.text
    assert document.text.count("app/empty.py\n\napp/logo.png\n\n") == 1
    for one in document.tree.files:
        assert document.text[: one.start].endswith(f"{one.path}\n")
        assert document.file_at(one.span) is one or not one.chars
    assert document.slice(file(document.tree, "app/orders.py").span) == CODE


def test_what_a_run_can_say_of_what_it_saw(document: Document) -> None:
    tree = document.tree
    assert tree is not None
    assert (tree.name, tree.branch, tree.commit[:8]) == ("shop", "main", "01234567")
    assert document.metadata == (("branch", "main"), ("commit", tree.commit))
    assert document.source.sha256 == tree.sha256 and document.source.name == "shop"
    assert tree.vocabulary == tokens.packaged().sha256
    assert {one.path: one.reason for one in tree.skipped} == {
        ".": "ignored by .gitignore",
        ".git": "what git keeps for itself",
    }


def test_what_is_known_of_a_file(document: Document) -> None:
    orders = file(document.tree, "app/orders.py")
    assert (orders.role, orders.language, orders.lines, orders.chars) == (FileRole.CODE, "python", 20, len(CODE))
    assert [(one.kind, one.name, one.line) for one in orders.definitions] == [
        ("class", "Order", 7),
        ("method", "total", 10),
        ("function", "load", 15),
    ]
    assert [one.module for one in orders.imports] == ["os", "app.store"]
    # Only what the code base itself defines is worth keeping.
    assert dict(orders.references)["Store"] >= 1 and "sum" not in dict(orders.references)
    assert [document.slice(orders.within(one)).split("\n")[0] for one in orders.mains] == ['if __name__ == "__main__":']
    logo, lock = file(document.tree, "app/logo.png"), file(document.tree, "uv.lock")
    assert (logo.role, logo.chars, logo.sha256) == (FileRole.BINARY, 0, "") and not logo.is_read
    assert (lock.role, lock.reason) == (FileRole.LOCK, "a lock file: what a tool resolved")
    assert file(document.tree, "app/empty.py").tokens == 0


def test_counts_are_exact(document: Document) -> None:
    count = tokens.packaged()
    assert document.tree is not None
    for one in document.tree.files:
        text = document.slice(one.span)
        body = text.strip("\r\n")
        assert one.tokens == (count(body.rstrip() + "\n") if body else 0)
        shown = "\n".join(text[span.start : span.end] for span in one.outline)
        assert one.outline_tokens == (count(shown + "\n") if shown else 0)


def test_segments(document: Document) -> None:
    assert document.tree is not None
    headings = [s for s in document.segments if s.role is Role.HEADING and s.level == 1]
    assert [document.slice(s.span) for s in headings] == [one.path for one in document.tree.files]
    assert {s.line for s in headings} == {0}
    readme = file(document.tree, "README.md")
    found = [
        (s.role, s.level, s.line, document.slice(s.span)) for s in document.segments if readme.span.contains(s.span)
    ]
    assert found == [
        (Role.HEADING, 2, 1, "# Shop"),
        (Role.PARAGRAPH, 0, 3, "Sells things."),
        (Role.HEADING, 3, 5, "## Use"),
        (Role.LIST_ITEM, 0, 7, "- install"),
        (Role.LIST_ITEM, 0, 8, "- run"),
    ]
    orders = file(document.tree, "app/orders.py")
    code = [s for s in document.segments if orders.span.contains(s.span)]
    assert [(s.line, document.slice(s.span).split("\n")[0]) for s in code] == [
        (1, '"""Orders."""'),
        (7, "class Order:"),
        (15, "def load(path):"),
        (19, 'if __name__ == "__main__":'),
    ]
    assert document.locator(code[1].span) == "app/orders.py:7-12"
    assert [h.number for h in document.heading_path(code[1].number)] == [
        s.number for s in headings if document.slice(s.span) == "app/orders.py"
    ]


def test_a_survey_is_the_same_without_texts(reader: TreeReader, document: Document) -> None:
    tree = reader.survey(document.source.path, OPTIONS, silent)
    assert document.tree is not None and tree.sha256 == document.tree.sha256
    known = [{name: getattr(one, name) for name in File.__slots__ if name != "start"} for one in document.tree.files]
    assert [{name: getattr(one, name) for name in File.__slots__ if name != "start"} for one in tree.files] == known
    found = reader.texts(tree, ["README.md", "app/windows.py", "uv.lock"])
    assert found == {path: document.slice(file(document.tree, path).span) for path in ("README.md", "app/windows.py")}


def test_texts_alone_are_not_parsed(tmp_path: Path) -> None:
    root = tree_of(tmp_path, {"a.py": CODE, "b.md": "# B\n"})
    entries = [Entry("a.py", len(CODE), "code"), Entry("b.md", 4, "documentation")]
    with Crew(Limits()) as crew:
        order = Order(str(root), 1_000, texts=True, parses=False)
        answers = {entry.path: answer for entry, answer in crew.read(order, entries, 1)}
        whole = {entry.path: answer for entry, answer in crew.read(Order(str(root), 1_000, texts=True), entries, 1)}
    for path, answer in answers.items():
        assert "parsed" not in answer
        assert answer["text"] == whole[path]["text"]
        assert answer["sha256"] == whole[path]["sha256"]


def test_a_reading_process_loads_what_it_reads_with() -> None:
    line = "import sys; from docanalyze.ingest.repo import process; process._load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, timeout=100)
    loaded = set(done.stdout.split())
    assert {"tiktoken", "tree_sitter", "docanalyze.ingest.repo.parse", "docanalyze.ingest.repo.forms"} <= loaded
    spare = {"docanalyze.model.document", "docanalyze.model.run", "docanalyze.ingest.markdown", "importlib.resources"}
    assert loaded & spare == set()


def test_processes_that_were_started_ahead_read(tmp_path: Path) -> None:
    root = tree_of(tmp_path, {"a.py": CODE})
    with Crew(Limits()) as crew:
        crew.start()
        with TreeReader(crew=crew) as reader:
            assert file(reader.survey(str(root), OPTIONS, silent), "a.py").is_read


def test_options_are_part_of_what_was_read(reader: TreeReader, document: Document) -> None:
    options = TreeOptions(include=("*.py",), tests=False, processes=1)
    narrow = reader.read(document.source.path, options, silent)
    assert narrow.reader.options == (("include", "*.py"), ("tests", "no")) and narrow.id != document.id
    assert narrow.tree is not None and all(one.path.endswith(".py") for one in narrow.tree.files)


def test_progress_is_told(reader: TreeReader, document: Document) -> None:
    events: list[Event] = []
    reader.survey(document.source.path, OPTIONS, events.append)
    assert events[0].stage == "files" and events[-1].done == events[-1].total == 6


# -- what is known already -------------------------------------------------------------------------


def test_what_is_known_is_not_parsed_again(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "r", {"a.py": CODE, "b.py": "def b(): pass\n", "n.ipynb": notebook()})
    first = reader.read(str(root), OPTIONS, silent)
    known = dict(reader.fresh)
    assert len(known) == 3
    # What is parsed is not looked at again: another number of lines proves where it comes from.
    marked = {key: value.replace('"sizes":[20,', '"sizes":[2020,') for key, value in known.items()}
    (root / "b.py").write_text("def other(): pass\n")
    again = reader.read(str(root), OPTIONS, silent, marked)
    assert file(again.tree, "a.py").lines == 2020 and file(first.tree, "a.py").lines == 20
    assert [one.name for one in file(again.tree, "b.py").definitions] == ["other"]
    assert file(again.tree, "n.ipynb").cells == file(first.tree, "n.ipynb").cells
    assert len(set(reader.fresh) - set(known)) == 1 and len(reader.fresh) == 3
    assert again.text == first.text.replace("def b()", "def other()")


def test_the_code_that_reads_decides_about_what_a_document_is(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "r", {"a.py": CODE})
    assert reader.read(str(root), OPTIONS, silent).reader.version == versions.version()
    modules = "docanalyze.ingest.repo.parse, docanalyze.ingest.repo.assembling, docanalyze.ingest.outline.parsed"
    listing = f"import sys, {modules}; print(*(one for one in sys.modules if one.startswith('docanalyze.ingest.')))"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.split()
    paths = [name.removeprefix("docanalyze.").replace(".", "/") for name in loaded]
    hashed = tuple(name.removesuffix(".py") for name in versions.OURS)
    assert [path for path in paths if not path.startswith(hashed)] == ["ingest/options"], "all that reads is hashed"


def test_texts_of_a_small_code_base_are_kept(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "k", {"a.py": CODE, "b.md": "# B\n\nc"})
    tree = reader.survey(str(root), OPTIONS, silent)
    (root / "a.py").write_text("another")
    assert reader.texts(tree, ["a.py", "b.md"]) == {"a.py": CODE, "b.md": "# B\n\nc"}


def test_a_file_that_is_another_than_it_was_is_refused(
    reader: TreeReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docanalyze.ingest.repo.reader._KEPT_BYTES", 0)
    root = tree_of(tmp_path / "r", {"a.py": CODE, "b.py": "x = 1\n"})
    tree = reader.survey(str(root), OPTIONS, silent)
    (root / "b.py").write_text("x = 2\n")
    assert reader.texts(tree, ["a.py"]) == {"a.py": CODE}
    with pytest.raises(SourceDamaged, match=r"b\.py is not what was read"):
        reader.texts(tree, ["a.py", "b.py"])


# -- bad input -------------------------------------------------------------------------------------


def test_nothing_to_read(reader: TreeReader, tmp_path: Path) -> None:
    with pytest.raises(SourceDamaged, match="it holds no files"):
        reader.survey(str(tree_of(tmp_path / "empty", {"a/b/": ""})), OPTIONS, silent)
    with pytest.raises(SourceDamaged, match="all files in it are left out"):
        reader.survey(str(tree_of(tmp_path / "out", {"a.py": ""})), TreeOptions(exclude=("*",)), silent)
    with pytest.raises(SourceDamaged, match=r"no file in .* can be read") as damaged:
        reader.survey(str(tree_of(tmp_path / "binary", {"a.png": "", "b": b"\x7fELF\0"})), OPTIONS, silent)
    assert "binary" in damaged.value.try_
    with pytest.raises(SourceMissing):
        reader.survey(str(tmp_path / "gone"), OPTIONS, silent)
    with pytest.raises(SourceRefused, match="over 1 files"):
        reader.survey(str(tree_of(tmp_path / "many", {"a": "", "b": ""})), TreeOptions(most_files=1), silent)


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
def test_what_is_odd_is_listed_with_its_reason(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "r", {"a.py": "x = 1\n", "long.txt": "x" * 2_000_000, ".env": "KEY=1\n"})
    with (root / "sparse.bin.txt").open("wb") as giant:
        giant.truncate(20_000_000_000)
    os.mkfifo(root / "pipe")
    (root / "link.py").symlink_to("/etc/hostname")
    tree = reader.survey(str(root), OPTIONS, silent)
    assert {one.path: one.reason[:27] for one in tree.files} == {
        ".env": "may hold passwords or keys:",
        "a.py": "",
        "long.txt": "2,000,000 bytes, more than ",
        "sparse.bin.txt": "20,000,000,000 bytes, more ",
    }
    assert {one.path for one in tree.skipped} == {"pipe", "link.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="finds its files by /proc")
def test_files_that_end_their_reader_are_tried_twice_and_listed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{n}.py": f"def f{n}(): pass\n" for n in range(30)}
    files |= {
        "kills.py": "# KILLS ITS READER\n",
        "hangs.py": "# HANGS ITS READER\n",
        "breaks.py": "# BREAKS ITS READER\n",
        "once.txt": "CHANGES ONCE\n",
        "always.txt": "CHANGES ALWAYS\n",
    }
    root = tree_of(tmp_path / "r", files)
    with TreeReader(Limits(wall_seconds=3)) as fragile:
        fragile._crew.module = "tests.fragile"
        read = fragile.read(str(root), OPTIONS, silent)
        reasons = {one.path: one.reason for one in read.tree.files if one.reason} if read.tree else {}
        assert reasons == {
            "kills.py": "tried twice: reading was stopped: its process ended with 11",
            "hangs.py": "tried twice: reading took too long and was stopped",
            "breaks.py": "tried twice: the code base is damaged: what no library should raise",
            "always.txt": "changed while it was read, twice",
        }
        assert "\nSTILL CHANGES ONCE\n" in read.text and "def f29(): pass" in read.text


def test_an_interrupt_leaves_nothing_behind(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "r", {f"{n}.py": f"x = {n}\n" * 400 for n in range(300)})

    def stop(event: Event) -> None:
        if event.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reader.survey(str(root), OPTIONS, stop)
    small = tree_of(tmp_path / "s", {"only.py": "y = 1\n"})
    assert [one.path for one in reader.survey(str(small), OPTIONS, silent).files] == ["only.py"]


# -- encodings, invisible characters ---------------------------------------------------------------


def test_encodings_are_found_and_told(reader: TreeReader, tmp_path: Path) -> None:
    words = "Größe und Länge über Straße.\n"
    root = tree_of(
        tmp_path / "r",
        {
            "bom.txt": b"\xef\xbb\xbf" + words.encode(),
            "wide.txt": words.encode("utf-16"),
            "old.txt": (words * 20).encode("cp1252"),
            "turned.py": "x = 'a\u202eb'\n",
            "odd\udcff\x1b.py": "x = 1\n",
        },
    )
    read = reader.read(str(root), OPTIONS, silent)
    assert read.tree is not None
    found = {one.path: read.slice(one.span) for one in read.tree.files}
    assert found["bom.txt"] == found["wide.txt"] == words and found["old.txt"] == words * 20
    assert file(read.tree, "old.txt").encoding == "cp1252"
    assert found["turned.py"] == "x = 'ab'\n" and found["odd\\xff\\x1b.py"] == "x = 1\n"
    notes = {note.code: note.text for note in read.notes}
    assert notes["encoding"].startswith("old.txt: not UTF-8") and notes["bidi"].startswith("turned.py: 1 ")
    assert read.text.encode()


# -- notebooks -------------------------------------------------------------------------------------


def notebook() -> str:
    def cell(kind: str, source: list[str], *outputs: Mapping[str, object]) -> dict[str, object]:
        return {"cell_type": kind, "source": source, "outputs": list(outputs), "metadata": {}}

    stream = {"output_type": "stream", "text": ["ready\n", "x" * 600]}
    failed = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[31m"]}
    picture = {"output_type": "display_data", "data": {"image/png": "iVBOR", "text/plain": "<Figure>"}}
    cells = [
        cell("markdown", ["# Title\n", "Words."]),
        cell("code", ["def f():\n", "    return 1"], stream),
        cell("code", ["f()"], failed, picture),
    ]
    about = {"kernelspec": {"language": "python"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def test_a_notebook_is_its_cells(reader: TreeReader, tmp_path: Path) -> None:
    root = tree_of(tmp_path / "r", {"a.ipynb": notebook(), "broken.ipynb": '{"cells": 3}'})
    read = reader.read(str(root), OPTIONS, silent)
    one = file(read.tree, "a.ipynb")
    text = read.slice(one.span)
    assert text.startswith(
        "# %% cell 1 (markdown)\n# # Title\n# Words.\n\n# %% cell 2 (code)\ndef f():\n    return 1\n"
    )
    assert "# -> ready\n" in text and "x" * 490 in text and "x" * 500 not in text and "[cut]" in text
    assert "# -> ValueError: no\n# -> <Figure>\n" in text and "iVBOR" not in text
    assert [text[start:].split("\n")[0] for start in one.cells] == [
        "# %% cell 1 (markdown)",
        "# %% cell 2 (code)",
        "# %% cell 3 (code)",
    ]
    assert [(d.name, d.line) for d in one.definitions] == [("f", 6)]
    at = one.start + text.index("return 1")
    assert read.locator(Span(at, at + 8)) == "a.ipynb, cell 2"
    assert read.slice(file(read.tree, "broken.ipynb").span) == '{"cells": 3}'
    assert any(note.code == "notebook" for note in read.notes)


def test_a_notebook_can_spell_what_is_no_text(reader: TreeReader, tmp_path: Path) -> None:
    odd = '{"cells": [{"cell_type": "code", "source": "x = 1 # \\ud800 \\u0000"}], "metadata": {}}'
    read = reader.read(str(tree_of(tmp_path / "r", {"a.ipynb": odd})), OPTIONS, silent)
    assert read.text_sha256 and "# \ufffd \ufffd" in read.text


# -- secrets ---------------------------------------------------------------------------------------

SECRETS = {
    "AWS access key": "AKIA" + "Q3TYUIOP7ZX2WVTR",
    "GitHub token": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "GitLab token": "glpat-" + "x1Y2z3A4b5C6d7E8f9G0",
    "Google API key": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "Slack token": "xoxb-" + "123456789012-abcdefGHIJKL",
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "OpenAI or Anthropic key": "sk-proj-" + "Ab1" * 14,
    "npm token": "npm_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "Hugging Face token": "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH",
    "Telegram token": "123456789:AA" + "E1f2G3h4I5j6K7l8M9n0O1p2Q3r4S5t6U",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
}
LITERALS = [
    'password = "h7#kd92!xQ"',
    "API_KEY: 'a8f5f167f44f4964e6c998dee827110c'",
    '"client_secret": "Zx9-kfP2_qLm7Rt4"',
    "DB_PASSWORD => `9dk3_Lz81!`",
    'token="q8w7e6r5t4y3u2i1"',
    'secret_key: str = "b9!f2@k4#m6$p8"',
    'os.environ.setdefault("DB_PASSWORD", "h7#kd92!xQ")',
]
NO_SECRETS = [
    "password = get_password()",
    'password = "password"',
    'token_type = "bearer_token"',
    'api_key = "YOUR_API_KEY_HERE"',
    'PASSWORD_FIELD = "user_password_field"',
    'secret = os.environ["APP_SECRET_KEY_1"]',
    '"token": "${CI_TOKEN_2}"',
    'error = "The two password fields do not match 2."',
    'field_order = ["old_password", "new_password1", "new_password2"]',
    '"fields": ("username", "usable_password", "password1", "password2"),',
    'pairs = ("password", "k3y2f5d8", "other")',
    'password = "password1"',
    'token = "next_page_token2"',
    'secret = "fake-9d8f7a6b5c"',
    "postgres://user:password@localhost/db",
    "postgres://{user}:{password}@localhost/db",
    "sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
]


@pytest.mark.parametrize(("what", "secret"), SECRETS.items())
def test_tokens_are_masked(what: str, secret: str) -> None:
    text = f"before = 1\nkey = fetch({secret!r})  # after\nlast\n"
    masked, found = secrets.mask(text)
    assert secret not in masked and len(masked) == len(text) and masked.count("\n") == 3
    assert [(one.what, text[one.span.start : one.span.end]) for one in found] == [(what, secret)]
    assert "[secret removed]" in masked


@pytest.mark.parametrize("line", LITERALS)
def test_literals_are_masked(line: str) -> None:
    masked, found = secrets.mask(line + "\n")
    assert len(found) == 1 and len(masked) == len(line) + 1 and masked != line
    assert line[found[0].span.start : found[0].span.end] not in masked


@pytest.mark.parametrize("line", NO_SECRETS)
def test_what_only_looks_like_one_stays(line: str) -> None:
    assert secrets.mask(line + "\n") == (line + "\n", ())


def test_a_private_key_is_masked_line_by_line() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\r\n" * 5
    text = f"-----BEGIN RSA PRIVATE KEY-----\r\n{body}-----END RSA PRIVATE KEY-----\r\nafter\n"
    masked, [found] = secrets.mask(text)
    assert found.what == "private key" and "MII" not in masked and len(masked) == len(text)
    assert [place for place, one in enumerate(masked) if one in "\r\n"] == [
        place for place, one in enumerate(text) if one in "\r\n"
    ]
    assert masked.endswith("-----END RSA PRIVATE KEY-----\r\nafter\n")


def test_connection_strings_and_configuration() -> None:
    masked, [found] = secrets.mask("url = postgres://app:h7kd92xQ@db.internal:5432/x\n")
    assert "h7kd92xQ" not in masked and "app:" in masked and found.what == "password in a connection string"
    assert secrets.mask("db_password: h7kd92xQ!z\n", is_configuration=True)[1]
    assert not secrets.mask("db_password = h7kd92xQ_z\n")[1]


def test_no_secret_is_in_anything_that_is_kept(reader: TreeReader, tmp_path: Path) -> None:
    planted = "\n".join(f"K{n} = {secret!r}" for n, secret in enumerate(SECRETS.values()))
    root = tree_of(tmp_path / "r", {"keys.py": planted, "d/README.md": planted, "app.yaml": planted})
    read = reader.read(str(root), OPTIONS, silent)
    kept = read.text + "".join(reader.fresh.values())
    assert not [secret for secret in SECRETS.values() if secret in kept]
    assert read.tree is not None and {len(one.secrets) for one in read.tree.files} == {len(SECRETS)}
    one = file(read.tree, "keys.py")
    assert read.slice(one.within(one.secrets[0].span)).startswith("[secret removed")


@given(st.lists(st.one_of(st.sampled_from([*SECRETS.values(), *LITERALS]), st.text(max_size=20)), max_size=8))
def test_masking_keeps_every_place(parts: list[str]) -> None:
    text = "\n".join(parts)
    masked, found = secrets.mask(text)
    assert len(masked) == len(text)
    assert [n for n, one in enumerate(text) if one == "\n"] == [n for n, one in enumerate(masked) if one == "\n"]
    at = 0
    for one in found:
        assert one.span.start >= at and text[at : one.span.start] == masked[at : one.span.start]
        at = one.span.end
    assert text[at:] == masked[at:]


# -- any tree --------------------------------------------------------------------------------------

lines = st.lists(
    st.sampled_from(
        [
            "",
            "   ",
            "def f(a):",
            "    return a",
            "class C:",
            "    def m(self):",
            "        pass",
            "x = 1",
            "# café 😀",
            "\t",
        ]
    ),
    max_size=40,
)
ends = st.sampled_from(["\n", "\r\n"])
paths = st.sampled_from(["a.py", "b/a.py", "b/c.md", "b-c.txt", "B/a.py", "z.unknown", "d.json", "x.js"])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.dictionaries(paths, st.tuples(lines, ends), min_size=1, max_size=5))
def test_every_place_is_right(reader: TreeReader, files: dict[str, tuple[list[str], str]]) -> None:
    written = {path: end.join(text) for path, (text, end) in files.items()}
    with tempfile.TemporaryDirectory() as folder:
        read = reader.read(str(tree_of(Path(folder, "r"), written)), OPTIONS, silent)
    assert read.tree is not None and [one.path for one in read.tree.files] == sorted(written)
    covered = bytearray(len(read.text))
    for before, segment in zip([None, *read.segments], read.segments, strict=False):
        assert before is None or before.span.end <= segment.span.start
        assert read.slice(segment.span) == read.slice(segment.span).strip() != ""
        covered[segment.span.start : segment.span.end] = b"x" * len(segment.span)
        if segment.line:
            one = read.file_at(segment.span)
            assert one is not None and one.span.contains(segment.span)
            assert segment.line == 1 + read.text.count("\n", one.start, segment.span.start)
    assert all(mark or one.isspace() for mark, one in zip(covered, read.text, strict=True))
    for one in read.tree.files:
        text = written[one.path]
        assert read.slice(one.span) == text
        for definition in one.definitions:
            assert definition.line == 1 + text.count("\n", 0, definition.shown[0].start)
            shown = "".join(text[span.start : span.end] for span in definition.shown)
            assert definition.name.strip("#") in shown


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.dictionaries(
        st.sampled_from(["a.py", "b.md", "c.json", "d.ipynb", "e.ts", "f.yaml", "g", "h.sql", "i.html"]),
        st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))),
        min_size=1,
    )
)
def test_any_bytes_are_read_or_listed_with_a_reason(reader: TreeReader, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = tree_of(Path(folder, "r"), {**files, "z.py": "z = 1\n"})
        read = reader.read(str(root), OPTIONS, silent)
    assert read.tree is not None and {one.path for one in read.tree.files} == {*files, "z.py"}
    assert read.text.encode() and "\0" not in read.text
    for one in read.tree.files:
        assert not one.reason.startswith("tried twice"), one.reason
        assert not one.reason or one.chars == one.tokens == 0


@given(
    st.lists(st.sampled_from(["", "x", "  y"]), max_size=400),
    st.lists(st.tuples(st.integers(0, 399), st.integers(1, 200))),
)
def test_units_cover_and_are_short(rows: list[str], places: list[tuple[int, int]]) -> None:
    text = "\n".join(rows)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    definitions = []
    for first, length in places:
        last = min(first + length, len(rows))
        if first < last:
            span = Span(starts[first], starts[last] - 1)
            definitions.append(Definition("d", "function", first + 1, span, ()))
    at = 0
    for span, line in units(text, definitions):
        assert not text[at : span.start].strip() and line == 1 + text.count("\n", 0, span.start)
        assert text.count("\n", span.start, span.end) < 121
        at = span.end
    assert not text[at:].strip()
