"""Code bases in the database: all of a Tree comes back, what a run saw of it, and what changed between two runs."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.errors import RunNotFound, StoreError, StoreUnwritable
from docanalyze.ingest import TreeOptions, TreeReader
from docanalyze.model import (
    Definition,
    Detail,
    Document,
    File,
    FileRole,
    Import,
    Run,
    RunState,
    Secret,
    Skipped,
    Span,
    Tree,
)
from docanalyze.store import Store
from docanalyze.store.parsed import keep
from tests.store_material import a_document, a_run, rows
from tests.test_store_any import in_memory, names
from tests.tree_material import APP, FILES, a_code_base, a_run_of

OF_TREES = (
    "trees",
    "files",
    "symbols",
    "imports",
    "secrets",
    "skipped_files",
    "submodules",
    "checkouts",
    "run_files",
    "parsed_files",
)
OF_A_DOCUMENT, OF_A_RUN = OF_TREES[:7], OF_TREES[7:9]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "x.db") as opened:
        yield opened


@pytest.fixture
def filled(store: Store) -> Store:
    """With a code base and a run that has it at mixed detail."""
    document = a_code_base()
    store.put_document(document)
    store.start_run(mixed(document))
    store.set_state(mixed(document).id, RunState.DONE, ended="2027-01-01T12:00:09")
    return store


DETAILS = (Detail.FULL, Detail.OUTLINE, Detail.NAME, Detail.FULL, Detail.NONE)


def mixed(document: Document) -> Run:
    return a_run_of(document, DETAILS)


def counts(store: Store) -> dict[str, int]:
    return {table: store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in OF_TREES}


# -- what is put comes back ------------------------------------------------------------------------


def test_a_code_base_comes_back_with_all_it_has(filled: Store) -> None:
    document = a_code_base()
    assert filled.document(document.id) == document
    assert filled.run("latest") == mixed(document)
    assert {table for table, count in counts(filled).items() if not count} == {"parsed_files"}
    assert filled.verify() == []


def test_a_code_base_is_stored_once(filled: Store) -> None:
    before = counts(filled)
    filled.put_document(a_code_base())
    assert counts(filled) == before


spans = st.builds(lambda a, b: Span(min(a, b), max(a, b)), st.integers(0, 60), st.integers(0, 60))
few_spans = st.lists(spans, max_size=3).map(tuple)
numbers = st.integers(0, 2**53)
words = st.text(max_size=8)
definitions = st.builds(Definition, names, words, numbers, spans, few_spans, st.integers(-1, 4), numbers)
imports = st.builds(Import, names, numbers, spans, st.lists(names, max_size=3).map(tuple))
files = st.builds(
    File,
    path=names,
    size=numbers,
    role=st.sampled_from(FileRole),
    sha256=words,
    language=words,
    reason=names,
    encoding=words,
    lines=numbers,
    chars=st.integers(0, 60),
    start=st.integers(0, 60),
    tokens=numbers,
    outline_tokens=numbers,
    outline=few_spans,
    definitions=st.lists(definitions, max_size=4).map(tuple),
    imports=st.lists(imports, max_size=3).map(tuple),
    references=st.lists(st.tuples(names, numbers), max_size=3).map(tuple),
    mains=few_spans,
    secrets=st.lists(st.builds(Secret, spans, names), max_size=2).map(tuple),
    cells=st.lists(numbers, max_size=3).map(tuple),
)
trees = st.builds(
    Tree,
    names,
    st.lists(files, max_size=4).map(tuple),
    st.lists(st.builds(Skipped, names, names, numbers), max_size=2).map(tuple),
    names,
    names,
    st.lists(names, max_size=2).map(tuple),
    words,
)


@settings(max_examples=30, deadline=None)
@given(trees, st.text(max_size=60))
def test_any_tree_survives(tree: Tree, text: str) -> None:
    document = replace(a_document(), text=text, segments=(), tree=tree)
    with in_memory() as store:
        store.put_document(document)
        assert store.document(document.id) == document


paths = st.text("abc/.ü ", min_size=1, max_size=12)
bodies = st.none() | st.lists(
    st.sampled_from(["def f(x):", "class C:", "    def m(self):", "        pass", "import os", "", "ü = '𝄞'"]),
    max_size=9,
).map("\n".join)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(paths, bodies, min_size=1, max_size=4), st.lists(st.sampled_from(Detail), max_size=4))
def test_any_code_base_and_its_run_hold_when_verified(files: Mapping[str, str | None], details: list[Detail]) -> None:
    document = a_code_base(files)
    with in_memory() as store:
        store.put_document(document)
        store.start_run(a_run_of(document, details))
        store.set_state("20270101-120000-abcdef", RunState.DONE, ended="2027")
        assert store.verify() == []


def test_a_document_without_files_has_no_tree(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    assert store.document(document.id).tree is None
    assert set(counts(store).values()) == {0}


def test_what_does_not_fit_on_the_disk_leaves_nothing(store: Store) -> None:
    many = {f"src/{n:04}.py": APP for n in range(400)}
    pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
    store.connection.execute(f"PRAGMA max_page_count = {pages + 60}")
    with pytest.raises(StoreUnwritable, match="the disk is full"):
        store.put_document(a_code_base(many))
    assert set(counts(store).values()) == {0}
    assert store.verify() == []


def test_what_is_longer_than_a_text_may_be_is_one_line(store: Store) -> None:
    store.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5000)
    with pytest.raises(StoreError, match="cannot hold so long a text"):
        store.put_document(a_code_base({"long.py": "x = 1\n" * 1000}))
    assert set(counts(store).values()) == {0}


# -- which commit ----------------------------------------------------------------------------------


def test_each_run_tells_the_commit_that_it_saw_of_the_same_files(store: Store) -> None:
    for run_id, branch, commit in (("one", "main", "1" * 40), ("two", "next", "2" * 40), ("three", "", "")):
        document = a_code_base(branch=branch, commit=commit)
        store.put_document(document)
        store.start_run(a_run_of(document, run_id=run_id))
    assert len(rows(store.path, "SELECT id FROM documents")) == 1
    for run_id, branch, commit in (("one", "main", "1" * 40), ("two", "next", "2" * 40), ("three", "", "")):
        assert store.document_of(store.run(run_id)) == a_code_base(branch=branch, commit=commit)


def test_a_run_started_later_tells_what_was_stored(store: Store) -> None:
    # Nobody holds what is stored here.
    store.put_document(a_code_base())
    store.start_run(a_run_of(a_code_base(branch="next"), run_id="r"))
    assert rows(store.path, "SELECT * FROM checkouts") == [("r", "service", "main", "ab" * 20)]


def test_a_copy_of_a_code_base_goes_by_its_own_name(store: Store) -> None:
    store.put_document(a_code_base())
    copy = a_code_base(name="copy")
    store.put_document(copy)
    store.start_run(replace(a_run_of(copy, run_id="r"), source="."))
    told = store.document_of(store.run("r"))
    assert (told.source.name, told.source.path, told.tree and told.tree.name) == ("copy", ".", "copy")


# -- views -----------------------------------------------------------------------------------------


def test_the_tree_of_a_run_reads_well(filled: Store) -> None:
    seen = rows(filled.path, "SELECT path, detail, window, lines, language, symbols, secrets, reason FROM run_tree")
    assert seen == [
        ("README.md", "full", 1, 3, "markdown", 0, 0, ""),
        ("app/main.py", "outline", 1, 18, "python", 4, 1, ""),
        ("app/store.py", "name only", 1, 6, "python", 3, 0, ""),
        ("app/ünï.py", "full", 1, 1, "python", 0, 0, ""),
        ("logo.png", "none", 1, 0, "", 0, 0, "binary"),
    ]


def test_a_definition_is_found_by_its_name(filled: Store) -> None:
    sql = (
        "SELECT s.path, s.line, s.kind, s.qualified, substr(t.text, s.start + 1, s.end - s.start)"
        " FROM symbols_view AS s JOIN documents AS d ON d.id = s.document_id JOIN texts AS t"
        " ON t.sha256 = d.text_sha256 WHERE s.name = ?"
    )
    assert rows(filled.path, sql, "stop") == [
        ("app/main.py", 11, "method", "Server.stop", "    def stop(self):\n        pass")
    ]


CHANGED = {
    "README.md": FILES["README.md"],
    "app/main.py": APP.replace("        pass", "        raise SystemExit").replace("def main", "def run"),
    "app/new.py": "def new():\n    pass\n",
    "app/ünï.py": "\n",
    "logo.png": None,
}


@pytest.fixture
def twice(store: Store) -> Store:
    """Two runs of a code base before and after it was changed, and one of another of the same files."""
    for run_id, document in (
        ("before", a_code_base()),
        ("later", a_code_base(CHANGED, commit="cd" * 20)),
        ("other", a_code_base(name="other")),
    ):
        store.put_document(document)
        store.start_run(replace(a_run_of(document, DETAILS[:2], run_id=run_id), source="code/service"))
    return store


def test_what_became_of_files_between_two_runs(twice: Store) -> None:
    pairs = "SELECT run_before, run_after, commit_before, commit_after FROM run_pairs"
    assert rows(twice.path, pairs) == [("before", "later", "ab" * 20, "cd" * 20)]
    sql = "SELECT path, change, lines_before, lines_after, detail_before, detail_after FROM file_changes ORDER BY path"
    assert rows(twice.path, sql) == [
        ("README.md", "same", 3, 3, "full", "full"),
        ("app/main.py", "changed", 18, 18, "outline", "outline"),
        ("app/new.py", "added", None, 2, None, "full"),
        ("app/store.py", "removed", 6, None, "full", None),
        ("app/ünï.py", "same", 1, 1, "full", "full"),
        ("logo.png", "same", 0, 0, "name only", "name only"),
    ]


def test_what_became_of_definitions_between_two_runs(twice: Store) -> None:
    sql = "SELECT path, name, kind, change, line_before, line_after FROM symbol_changes ORDER BY path, name"
    assert rows(twice.path, sql) == [
        ("app/main.py", "Server.stop", "method", "changed", 11, 11),
        ("app/main.py", "main", "function", "removed", 14, None),
        ("app/main.py", "run", "function", "added", None, 14),
        ("app/new.py", "new", "function", "added", None, 1),
        ("app/store.py", "Store", "class", "removed", 1, None),
        ("app/store.py", "Store.open", "method", "removed", 2, None),
        ("app/store.py", "open_store", "function", "removed", 5, None),
    ]


def test_the_documented_queries_work(twice: Store) -> None:
    said = (Path(__file__).parent.parent / "docs" / "schema.md").read_text(encoding="utf-8")
    queries = said.split("```sql\n")[1].split("```")[0]
    for before, after in (("20270101-120000-abcdef", "before"), ("20270108-090000-fedcba", "later")):
        queries = queries.replace(before, after)
    files, symbols = (rows(twice.path, query) for query in queries.split(";\n")[:2])
    assert [change for _, change, *_ in files] == ["changed", "added", "removed"]
    assert len(symbols) == 7


# -- proof -----------------------------------------------------------------------------------------

ALTERED = {
    "a file's place": ("UPDATE files SET start = start + 1 WHERE path = 'app/store.py'", "files"),
    "a file's path": ("UPDATE files SET path = 'app/stare.py' WHERE path = 'app/store.py'", "files"),
    "a file's length": ("UPDATE files SET chars = 99999 WHERE path = 'app/store.py'", "files"),
    "an outline beyond the file": ("UPDATE files SET outline = '[[0,99999]]' WHERE path = 'app/store.py'", "files"),
    "a definition's place": ("UPDATE symbols SET start = start + 1 WHERE name = 'stop'", "symbols"),
    "a definition beyond the file": ("UPDATE symbols SET end = 99999 WHERE name = 'stop'", "symbols"),
    "a definition that is gone": ("DELETE FROM symbols WHERE name = 'open_store'", "seals"),
    "an import beyond the file": ("UPDATE imports SET end = 99999", "imports"),
    "a secret that is gone": ("DELETE FROM secrets", "seals"),
    "another commit of the document": ("UPDATE trees SET commit_id = 'x'", "seals"),
    "another reason": ("UPDATE skipped_files SET reason = 'empty'", "seals"),
    "a submodule that is gone": ("DELETE FROM submodules", "seals"),
    "no ranges": ("UPDATE symbols SET shown = '[[1]]' WHERE name = 'stop'", "documents"),
    "no JSON": ("UPDATE files SET referenced = 'x'", "documents"),
    "no role": ("UPDATE files SET role = 'x'", "documents"),
    "another rank": ("UPDATE run_files SET rank = 0.9 WHERE file = 1", "run_files"),
    "another detail": ("UPDATE run_files SET detail = 'full' WHERE file = 2", "run_files"),
    "a file that is left out": ("DELETE FROM run_files WHERE file = 1", "run_files"),
    "a window that is not there": ("UPDATE run_files SET window = 7 WHERE file = 1", "run_files"),
    "other tokens": ("UPDATE run_files SET tokens = 7 WHERE file = 1", "seals"),
    "another commit of the run": ("UPDATE checkouts SET commit_id = 'x'", "seals"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_found(filled: Store, what: str) -> None:
    sql, table = ALTERED[what]
    rows(filled.path, sql)
    assert table in {problem.table for problem in filled.verify()}
    assert table in {problem.table for problem in filled.verify("latest")}


def test_a_damaged_column_gives_one_line(filled: Store) -> None:
    rows(filled.path, "UPDATE symbols SET shown = '[[1]]' WHERE name = 'stop'")
    with pytest.raises(StoreError, match="holds what cannot be read"):
        filled.document(a_code_base().id)


# -- forgetting ------------------------------------------------------------------------------------


def test_a_forgotten_code_base_is_in_no_table_and_in_no_file(filled: Store, tmp_path: Path) -> None:
    secret = "zyqwonthrax"
    files = {f"{secret}.py": f"import {secret}\n\ndef {secret}():\n    pass\n", "b.py": "x = 1\n"}
    document = a_code_base(files, name=secret, branch=secret)
    before = counts(filled)
    filled.put_document(document)
    filled.start_run(a_run_of(document, run_id="r"))
    filled.keep_parsed({"key": secret})
    filled.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert secret.encode() in (tmp_path / "x.db").read_bytes(), "the test must be able to fail"
    assert filled.forget("r").documents == (document.id,)
    assert counts(filled) == before
    filled.close()
    assert [path.name for path in tmp_path.iterdir() if secret.encode() in path.read_bytes()] == []


def test_forgetting_a_run_keeps_the_code_base_of_another(filled: Store) -> None:
    filled.start_run(a_run_of(a_code_base(), run_id="r"))
    before = counts(filled)
    filled.forget("r")
    assert {table: before[table] - count for table, count in counts(filled).items() if before[table] > count} == {
        "checkouts": 1,
        "run_files": len(FILES),
    }
    assert filled.document(a_code_base().id) == a_code_base()


# -- what parsing gave -----------------------------------------------------------------------------


def test_what_was_parsed_is_there_for_the_next(store: Store) -> None:
    assert dict(store.parsed()) == {}
    made = {"a": "first", "b": "ü𝄞\udce4", "c": ""}
    store.keep_parsed(made)
    with Store.open(store.path) as other:
        kept = other.parsed()
        assert dict(kept) == made
        assert ("a" in kept, "d" in kept, kept.get("d"), len(kept)) == (True, False, None, 3)


def test_what_is_kept_already_is_not_written_again(store: Store) -> None:
    store.keep_parsed({"a": "first", "b": "second"})
    before = store.connection.total_changes
    store.keep_parsed({"a": "first", "b": "second"})
    assert store.connection.total_changes == before
    store.keep_parsed({"a": "other"})
    assert dict(store.parsed()) == {"a": "other", "b": "second"}


@pytest.mark.parametrize("value", ["X'FF'", "X''", "7", "CAST(X'61FF' AS TEXT)"])
def test_a_damaged_value_is_as_if_it_were_not_there(store: Store, value: str) -> None:
    store.keep_parsed({"a": "first", "b": "second"})
    kept = store.parsed()
    rows(store.path, f"UPDATE parsed_files SET parsed = {value} WHERE key = 'a'")
    assert kept.get("a") in (None, "", "7")
    assert kept["b"] == "second"
    assert store.verify() == []
    store.keep_parsed({"a": "first"})
    assert store.parsed()["a"] == "first"


@pytest.mark.parametrize("value", ["X'FF'", "''", "'[]'", "'{\"role\": 7}'", "'null'"])
def test_a_run_is_not_broken_by_a_value_that_is_none_of_ours(store: Store, tmp_path: Path, value: str) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(APP, encoding="utf-8")
    with TreeReader() as reader:
        document = reader.read(str(code), TreeOptions(), print, store.parsed())
        store.keep_parsed(reader.fresh)
        assert reader.read(str(code), TreeOptions(), print, store.parsed()) == document
        rows(store.path, f"UPDATE parsed_files SET parsed = {value}")
        assert reader.read(str(code), TreeOptions(), print, store.parsed()) == document
        store.keep_parsed(reader.fresh)
    store.put_document(document)
    assert store.document(document.id) == document
    assert store.verify() == []


def test_a_value_that_is_gone_meanwhile_is_not_there(store: Store) -> None:
    store.keep_parsed({"a": "first"})
    kept = store.parsed()
    rows(store.path, "DELETE FROM parsed_files")
    assert kept.get("a") is None
    rows(store.path, "DROP TABLE parsed_files")
    assert kept.get("a") is None
    assert dict(store.parsed()) == {}


def test_the_oldest_go_where_it_is_too_much(store: Store) -> None:
    for key in "abcd":
        keep(store.connection, {key: "x" * 40}, 100)
    assert set(store.parsed()) == {"c", "d"}
    keep(store.connection, {"e": "x" * 101, "f": "y"}, 100)
    assert set(store.parsed()) == {"f"}


def test_forgetting_anything_empties_what_was_parsed(filled: Store) -> None:
    filled.keep_parsed({"a": "names of things"})
    with pytest.raises(RunNotFound):
        filled.forget("nothing")
    assert len(filled.parsed()) == 1
    filled.forget("latest")
    assert len(filled.parsed()) == 0


# -- older databases -------------------------------------------------------------------------------


OF_LATER = ("latest_runs", "latest_sections", "batch_documents", "batches_redone", "batches")
"""Tables and views of the steps after that of code bases."""


def test_a_database_without_code_bases_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, document = tmp_path / "x.db", a_document()
    with monkeypatch.context() as older:
        older.setattr("docanalyze.store.seal.FORM", 2)
        with Store.open(path) as store:
            store.put_document(document)
            store.start_run(a_run(document, "r"))
            store.set_state("r", RunState.DONE, ended="2027")
    with closing(sqlite3.connect(path)) as connection, connection:
        made = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table')").fetchall()
        new = (*OF_TREES, "run_tree", "symbols_view", "run_pairs", "file_changes", "symbol_changes")
        for kind, name in sorted(made, reverse=True):
            if name in (*new, *OF_LATER):
                connection.execute(f"DROP {kind} {name}")
        for name in ("findings_section", "runs_source", "documents_source"):
            connection.execute(f"DROP INDEX {name}")
        connection.execute("DELETE FROM migrations WHERE number > 5")
        connection.execute("PRAGMA user_version = 5")
    with Store.open(path) as store:
        assert store.document(document.id) == document
        assert store.verify() == []
        store.put_document(a_code_base())
        store.start_run(mixed(a_code_base()))
        assert store.run(mixed(a_code_base()).id) == mixed(a_code_base())
        assert store.verify() == []
    rows(path, "UPDATE runs SET judge = 'x' WHERE id = 'r'")
    with Store.open(path) as store:
        assert [problem.id for problem in store.verify() if problem.table == "seals"] == ["run r"]
