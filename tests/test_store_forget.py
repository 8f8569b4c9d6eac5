"""What is forgotten is in no file of the database any more, and everything else is as it was."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import RunNotFound, StoreLocked
from docanalyze.model import (
    Document,
    Field,
    FieldKind,
    Finding,
    Note,
    Prompt,
    Quote,
    Reply,
    Role,
    Run,
    Sweep,
)
from docanalyze.store import Store
from tests.store_material import (
    BUILT_IN,
    LEASE,
    a_call,
    a_coverage,
    a_document,
    a_run,
    a_window,
    found,
    span_of,
)

SECRET = "Zyqwonthrax"
"""No word begins or ends like it, so that no shortened form of it in an index goes unseen."""

TRACES = (SECRET, SECRET.lower(), SECRET.lower()[1:], SECRET.lower()[:8])


def secret_document(name: str = "secret.pdf") -> Document:
    part = (Role.PARAGRAPH, f"The sum of 77 florins goes to {SECRET} of Quarrendon.", "9")
    document = a_document((*LEASE[:3], part, *[(Role.PARAGRAPH, f"Filler {n}.", "") for n in range(300)]), name)
    return replace(document, metadata=(("author", SECRET),), notes=(Note("n", SECRET),))


def secret_run(document: Document, run_id: str) -> Run:
    """The secret in every place that a text may stand in."""
    call = replace(
        a_call(1),
        prompt=Prompt("q", "0", f"Who is {SECRET}?"),
        reply=Reply(f"{SECRET} is a friend.", replace(BUILT_IN, model=f"model of {SECRET}"), sampling=SECRET),
        error=SECRET,
    )
    finding = Finding(
        SECRET,
        f"Everything goes to {SECRET}.",
        (Quote(SECRET, (4,), span_of(document, SECRET)),),
        (Field("heir", FieldKind.PARTY, SECRET, SECRET, "", found(document, SECRET)),),
        (found(document, SECRET),),
        absence=True,
        sweep=Sweep((SECRET,), ((SECRET, span_of(document, SECRET)),), len(document.text)),
        conflict=SECRET,
        number=1,
        calls=(1,),
    )
    return replace(
        a_run(document, run_id, whole=False),
        source=SECRET,
        settings=(("kind", SECRET),),
        sections=((SECRET, SECRET),),
        windows=(a_window(document),),
        coverage=a_coverage(document),
        calls=(call,),
        findings=(finding,),
        notes=(Note("n", SECRET),),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two harmless documents with a Run each, and between them the secret one with two."""
    with Store.open(tmp_path / "x.db", busy_seconds=0.05) as opened:
        documents = (a_document(), secret_document(), a_document(name="after.pdf"))
        for document in documents:
            opened.put_document(document)
        opened.start_run(a_run(documents[0], "before"))
        opened.start_run(secret_run(documents[1], "secret-1"))
        opened.start_run(secret_run(documents[1], "secret-2"))
        opened.start_run(a_run(documents[2], "later"))
        yield opened


def traces(folder: Path) -> dict[str, list[str]]:
    """In which files which form of the secret can be read."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {name: seen for name, data in found.items() if (seen := [t for t in TRACES if t.encode() in data])}


def flushed(store: Store) -> None:
    """Everything in the main file, as after days of use."""
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("flush", [True, False], ids=["in the file", "in the log"])
def test_a_forgotten_document_is_in_no_file(store: Store, tmp_path: Path, flush: bool) -> None:
    if flush:
        flushed(store)
    assert set(traces(tmp_path)) == ({"x.db"} if flush else {"x.db-wal"}), "the test must be able to fail"
    forgotten = store.forget(secret_document().id)
    assert (forgotten.runs, forgotten.documents) == (("secret-1", "secret-2"), (secret_document().id,))
    assert forgotten.complete
    assert traces(tmp_path) == {}
    store.close()
    assert traces(tmp_path) == {}


def test_everything_else_is_as_it_was(store: Store) -> None:
    before = store.run("before"), store.run("later"), store.document(a_document().id)
    segments = [(hit.document, hit.text) for hit in store.search("Tenant", 99) if "secret" not in hit.document]
    store.forget(secret_document().id)
    assert (store.run("before"), store.run("later"), store.document(a_document().id)) == before
    assert sorted((hit.document, hit.text) for hit in store.search("Tenant", 99)) == sorted(segments)
    assert store.search(SECRET) == []
    assert store.verify() == []


def test_a_document_stays_until_its_last_run_goes(store: Store, tmp_path: Path) -> None:
    document = secret_document()
    first = store.forget("secret-1")
    assert (first.runs, first.documents) == (("secret-1",), ())
    assert store.document(document.id) == document
    assert [hit.run for hit in store.search(SECRET)] == ["secret-2", ""]
    last = store.forget("secret-2")
    assert (last.runs, last.documents) == (("secret-2",), (document.id,))
    assert traces(tmp_path) == {}
    assert store.verify() == []


def test_a_text_stays_while_another_document_has_it(store: Store) -> None:
    copy = secret_document("copy.pdf")
    assert copy.text_sha256 == secret_document().text_sha256
    store.put_document(copy)
    store.forget(secret_document().id)
    assert store.document(copy.id) == copy
    assert [hit.document for hit in store.search(SECRET)] == ["copy.pdf"]
    assert store.verify() == []


def test_what_was_replaced_goes_too(store: Store, tmp_path: Path) -> None:
    store.finish_call("secret-1", a_call(1), [Finding("s", "nothing to see")])
    store.replace_findings("secret-2", [])
    store.forget(secret_document().id)
    assert traces(tmp_path) == {}


def test_only_unused_texts_go(store: Store) -> None:
    count = "SELECT count(*) FROM texts"
    before = store.connection.execute(count).fetchone()[0]
    forgotten = store.forget(secret_document().id)
    assert before - store.connection.execute(count).fetchone()[0] == forgotten.texts == 4
    used = store.connection.execute("SELECT count(*) FROM fingerprints").fetchone()[0]
    assert used == 2


def test_forgetting_a_damaged_text_works(store: Store, tmp_path: Path) -> None:
    store.connection.execute(
        "UPDATE texts SET text = CAST(X'FF' || CAST(text AS BLOB) AS TEXT) WHERE sha256 = ?",
        (secret_document().text_sha256,),
    )
    store.forget(secret_document().id)
    assert traces(tmp_path) == {}
    assert store.verify() == []


def test_the_start_of_an_id_is_enough_and_must_mean_one(store: Store) -> None:
    with pytest.raises(RunNotFound, match="may mean 2 of them: secret-1, secret-2"):
        store.forget("secret")
    with pytest.raises(RunNotFound, match="no run or document 'nothing'"):
        store.forget("nothing")
    with pytest.raises(RunNotFound):
        store.forget("")
    assert len(store.runs()) == 4
    assert store.forget("befor").runs == ("before",)
    assert store.forget(secret_document().id[:12]).documents == (secret_document().id,)


def test_nothing_is_deleted_while_another_reads(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM texts").fetchone()
        store.set_state("before", a_run(a_document()).state)
        with pytest.raises(StoreLocked, match="another process reads"):
            store.forget(secret_document().id)
    assert len(store.runs()) == 4
    assert store.verify() == []
    assert store.forget(secret_document().id).complete
    assert traces(tmp_path) == {}


def test_an_open_program_that_does_not_read_is_no_hindrance(store: Store, tmp_path: Path) -> None:
    with Store.open(store.path, create=False) as other:
        other.runs()
        assert store.forget(secret_document().id).complete
        assert traces(tmp_path) == {}
        assert len(other.runs()) == 2


def test_freed_room_is_given_back(store: Store) -> None:
    flushed(store)
    before = store.path.stat().st_size
    store.forget(secret_document().id)
    assert store.connection.execute("PRAGMA freelist_count").fetchone()[0] == 0
    assert store.path.stat().st_size < before


def test_a_reader_that_comes_in_between_is_reported(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:

        def begin_reading(sql: str) -> None:
            if sql == "VACUUM":
                other.execute("BEGIN")
                other.execute("SELECT count(*) FROM texts").fetchone()

        store.connection.set_trace_callback(begin_reading)
        assert not store.forget(secret_document().id).complete
        assert store.search(SECRET) == []
    store.close()
    assert traces(tmp_path) == {}, "whoever closes last clears the log away"
