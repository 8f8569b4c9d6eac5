"""What is stored comes back equal, and what belongs together is stored together."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import RunNotFound, StoreError
from docanalyze.model import (
    Document,
    Finding,
    Label,
    Note,
    Quote,
    RunState,
    Verdict,
    hash_text,
)
from docanalyze.store import Store, read, write
from tests.store_material import (
    LEASE,
    a_call,
    a_coverage,
    a_document,
    a_run,
    a_window,
    failed_call,
    found,
    rows,
    span_of,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "test.db") as opened:
        yield opened


@pytest.fixture
def started(store: Store) -> Store:
    """With the lease and a Run of it that has a Window and nothing more."""
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r", whole=False))
    store.put_windows("r", [a_window(document)], a_coverage(document))
    return store


def text_of(store: Store) -> str:
    """Every value of the findings and their parts, to compare a database before and after."""
    tables = ("findings", "quotes", "evidence", "evidence_spans", "verdicts", "calls", "texts")
    return repr([[tuple(r) for r in store.connection.execute(f"SELECT * FROM {t}")] for t in tables])


# -- what comes back -------------------------------------------------------------------------------


def test_a_document_comes_back_equal(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    loaded = store.document(document.id)
    assert loaded == document
    assert loaded.id == document.id


def test_a_run_comes_back_equal(store: Store) -> None:
    document = a_document()
    run = a_run(document)
    store.put_document(document)
    store.start_run(run)
    assert store.run(run.id) == run


def test_a_run_comes_back_equal_from_another_connection(tmp_path: Path) -> None:
    document = a_document()
    with Store.open(tmp_path / "a.db") as store:
        store.put_document(document)
        store.start_run(a_run(document))
    with Store.open(tmp_path / "a.db", create=False) as store:
        assert store.run("latest") == a_run(document)
        assert store.document(document.id) == document


def test_a_run_written_step_by_step_is_the_run(store: Store) -> None:
    document = a_document()
    run = a_run(document, "r")
    bare = replace(run, windows=(), coverage=None, calls=(), findings=(), stages=(), notes=())
    store.put_document(document)
    store.start_run(replace(bare, state=RunState.ANALYZING, ended="", error=""))
    store.put_windows("r", run.windows, run.coverage or a_coverage(document))
    for call in run.calls:
        store.finish_call("r", call, [])
    store.replace_findings("r", [replace(finding, verdicts=()) for finding in run.findings])
    store.add_verdicts("r", [(f.number, v) for f in run.findings for v in f.verdicts])
    store.set_state("r", run.state, error=run.error, ended=run.ended, stages=run.stages, notes=run.notes)
    assert store.run("r") == run


def test_a_name_that_is_no_unicode_survives(store: Store) -> None:
    # As a file name in Latin-1 arrives from a file system of today.
    name = "vertrag\udce4.pdf"
    document = a_document()
    document = replace(document, source=replace(document.source, name=name, path=f"contracts/{name}"))
    store.put_document(document)
    store.start_run(replace(a_run(document, "r", whole=False), source=document.source.path))
    assert store.document(document.id) == document
    assert store.run("r").source == f"contracts/{name}"
    assert store.runs()[0].source == f"contracts/{name}"
    assert store.search("mill")[0].document == name


# -- one thing once --------------------------------------------------------------------------------


def test_a_text_takes_no_more_room_for_having_been_stored(store: Store) -> None:
    document = replace(a_document(), text=a_document().text + "ü" * 1_000)
    before = sys.getsizeof(document.text)
    store.put_document(document)
    # Python keeps the encoded form of a text beside it, where something asked for that.
    assert sys.getsizeof(document.text) == before
    assert rows(store.path, "SELECT DISTINCT typeof(text) FROM texts") == [("text",)]


def test_a_long_text_is_stored_in_pieces(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_PIECE", 7)
    text = "A€ü\0🐍 or so, and on it goes" * 3
    for _ in range(2):
        assert write.text(store.connection, text) == hash_text(text)
    assert read.text(store.connection, hash_text(text)) == text
    assert rows(store.path, "SELECT typeof(text), length(CAST(text AS BLOB)), chars FROM texts") == [
        ("text", len(text.encode()), len(text))
    ]


def test_a_run_is_read_without_its_windows(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    whole = store.run("r")
    assert whole.windows and store.run("r", windows=False) == replace(whole, windows=())


def test_a_document_is_stored_once(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.put_document(document)
    counts = [
        store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("documents", "segments", "pages", "notes", "source_fts")
    ]
    assert counts == [1, len(LEASE), 2, 2, len(LEASE)]


def test_a_long_text_is_stored_once(started: Store) -> None:
    document = a_document()
    started.put_windows("r", [a_window(document), a_window(document, 2)], a_coverage(document))
    other = replace(document, reader=replace(document.reader, version="2"))
    started.put_document(other)
    stored = [row[0] for row in started.connection.execute("SELECT text FROM texts ORDER BY chars")]
    assert stored == sorted([document.text, a_window(document).text], key=len)


# -- calls and findings ----------------------------------------------------------------------------


def test_findings_of_a_call_get_free_numbers_and_lead_to_it(started: Store) -> None:
    started.finish_call("r", a_call(1), [Finding("s", "one"), Finding("s", "two")])
    started.finish_call("r", a_call(2), [Finding("s", "three", number=1), Finding("s", "seven", number=7)])
    got = [(f.number, f.statement, f.calls) for f in started.run("r").findings]
    assert got == [(1, "one", (1,)), (2, "two", (1,)), (7, "seven", (2,)), (8, "three", (2,))]


def test_a_repeated_call_replaces_what_it_found(started: Store) -> None:
    started.finish_call("r", failed_call(1, "k"), [])
    started.finish_call("r", a_call(1), [Finding("s", "wrong alpacas", verdicts=(Verdict("x", Label.REVIEW),))])
    started.finish_call("r", a_call(2), [Finding("s", "kept")])
    started.finish_call("r", a_call(1), [Finding("s", "right")])
    run = started.run("r")
    assert [f.statement for f in run.findings] == ["kept", "right"]
    assert [call.number for call in run.calls] == [1, 2]
    assert started.search("alpacas") == []
    assert [hit.text for hit in started.search("right")] == ["right"]


def test_only_finished_calls_need_no_repeating(started: Store) -> None:
    started.finish_call("r", a_call(1, "good"), [])
    started.finish_call("r", failed_call(2, "bad"), [])
    assert started.done_calls("r") == {"good": a_call(1, "good")}


def test_replaced_findings_are_gone_from_the_search(started: Store) -> None:
    document = a_document()
    first = Finding("s", "about zebras", (Quote("rent"),), evidence=(found(document, "Rent"),), number=1)
    started.replace_findings("r", [first])
    assert [hit.text for hit in started.search("zebra")] == ["about zebras"]
    started.replace_findings("r", [Finding("s", "about gnus", number=1)])
    assert started.search("zebra") == []
    assert [hit.text for hit in started.search("gnu")] == ["about gnus"]
    assert started.connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == 0


def test_a_finding_of_a_call_that_is_not_stored_is_refused_whole(started: Store) -> None:
    started.finish_call("r", a_call(1), [Finding("s", "kept")])
    before = text_of(started)
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        started.replace_findings("r", [Finding("s", "new", number=1), Finding("s", "b", number=2, calls=(9,))])
    assert text_of(started) == before
    assert [hit.text for hit in started.search("kept")] == ["kept"]


def test_two_findings_of_one_number_are_refused_whole(started: Store) -> None:
    started.finish_call("r", a_call(1), [Finding("s", "kept")])
    before = text_of(started)
    with pytest.raises(StoreError, match="UNIQUE"):
        started.replace_findings("r", [Finding("s", "a", number=1), Finding("s", "b", number=1)])
    assert text_of(started) == before


def test_a_run_of_an_unknown_document_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.start_run(a_run(a_document(), whole=False))
    with pytest.raises(RunNotFound):
        store.run("latest")


def test_the_last_verdict_decides(started: Store) -> None:
    started.replace_findings("r", [Finding("s", "t", number=1)])
    started.add_verdicts("r", [(1, Verdict("rules", Label.REVIEW))])
    started.add_verdicts("r", [(1, Verdict("qwen", Label.PARTLY, 0.5))])
    verdict = started.run("r").findings[0].verdict
    assert verdict == Verdict("qwen", Label.PARTLY, 0.5)
    assert started.runs()[0].labels == {"partly": 1}


@pytest.mark.parametrize("number", [0, 2])
def test_a_verdict_needs_its_finding(started: Store, number: int) -> None:
    started.replace_findings("r", [Finding("s", "t", number=1)])
    with pytest.raises(RunNotFound, match=f"no finding {number}"):
        started.add_verdicts("r", [(1, Verdict("a", Label.REVIEW)), (number, Verdict("b", Label.REVIEW))])
    assert started.run("r").findings[0].verdicts == ()


def test_state_keeps_the_stages_that_are_there_and_adds_notes(started: Store) -> None:
    started.set_state("r", RunState.JUDGING, stages=(("read", 1.5),), notes=(Note("a", "one"),))
    started.set_state("r", RunState.FAILED, error="no room", ended="now", notes=(Note("b", "two"),))
    run = started.run("r")
    assert (run.state, run.error, run.ended) == (RunState.FAILED, "no room", "now")
    assert run.stages == (("read", 1.5),)
    assert run.notes == (Note("a", "one"), Note("b", "two"))


# -- finding again ---------------------------------------------------------------------------------


def three_runs(store: Store) -> Document:
    document = a_document()
    store.put_document(document)
    for run_id, key in (("20270101-a1", "k"), ("20270102-b2", "k"), ("20270102-c3", "other")):
        store.start_run(replace(a_run(document, run_id, whole=False), key=key))
    return document


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("latest", "20270102-c3"),
        ("20270101", "20270101-a1"),
        ("20270102-b", "20270102-b2"),
        ("20270102-b2", "20270102-b2"),
    ],
)
def test_a_run_by_latest_id_or_its_start(store: Store, ref: str, meant: str) -> None:
    three_runs(store)
    assert store.run(ref).id == meant


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("20270102", "may mean 2 of them: 20270102-b2, 20270102-c3: give more of the id"),
        ("2028", "no run '2028'"),
        ("", "no run ''"),
        ("%", "no run '%'"),
        ("2027010_", "no run '2027010_'"),
    ],
)
def test_what_is_not_one_run_is_refused(store: Store, ref: str, said: str) -> None:
    three_runs(store)
    with pytest.raises(RunNotFound, match=said):
        store.run(ref)


def test_no_run_at_all(store: Store) -> None:
    with pytest.raises(RunNotFound, match="no run in this database"):
        store.run("latest")
    assert store.runs() == []
    assert store.runs_of("k") == []


def test_the_runs_of_a_key_latest_first(store: Store) -> None:
    three_runs(store)
    assert store.runs_of("k") == ["20270102-b2", "20270101-a1"]


def test_a_run_is_claimed_by_one_at_a_time(store: Store, tmp_path: Path) -> None:
    first = store.claim("20270102-b2")
    assert first is not None
    with first, Store.open(store.path) as other:
        assert other.claim("20270102-b2") is None
        assert other.claim("20270101-a1") is not None
    with Store.open(store.path) as other:
        again = other.claim("20270102-b2")
        assert again is not None
        again.__exit__(None, None, None)
    with pytest.raises(StoreError, match="not the id of a run"):
        store.claim("../away")


def test_what_killed_processes_left_is_deleted_but_no_run_that_is_worked_on_or_goes_on(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(replace(a_run(document, "20270105-101500-00000a"), state=RunState.ANALYZING))
    left = ("20270105-101500-00000a", "20270105-101500-00000b", "20270105-101500-00000c", "batch-1")
    files = [store.path.with_name(f".{store.path.name}-{name}.lock") for name in left]
    for file in files:
        file.touch()
    with store.claim(left[1]) or pytest.fail("nobody has it"), Store.open(store.path):
        assert [file.exists() for file in files] == [True, True, False, True]


def test_a_copy_of_a_file_is_shown_under_its_own_name(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(replace(a_run(document, "20270105-a"), source="folder/copy.pdf"))
    assert store.document_of(store.run("20270105-a")).source.name == "copy.pdf"
    assert store.document(document.id).source.name == "lease.pdf"


def test_runs_are_listed_latest_first(store: Store) -> None:
    three_runs(store)
    assert [line.id for line in store.runs()] == ["20270102-c3", "20270102-b2", "20270101-a1"]
    assert [line.id for line in store.runs(1)] == ["20270102-c3"]


def test_a_line_sums_up_a_run(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document))
    line = store.runs()[0]
    assert (line.source, line.kind, line.state, line.findings) == (
        "contracts/lease.pdf",
        "contract",
        "done",
        4,
    )
    assert line.labels == {"review": 1, "supported": 1}
    assert line.seconds == 1.75


def test_an_unknown_document(store: Store) -> None:
    with pytest.raises(RunNotFound, match="no document abc"):
        store.document("abc")


# -- search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "segments"),
    [
        ("tenant", [2, 4]),
        ("TENANTS", [2, 4]),
        ("landlord tenant", [2]),
        ('"pay 1,200 euros"', [4]),
        ('"euros pay"', []),
        ("quarr*", [2]),
        ("quarr", []),
        ("page", [5]),
        ("(a) AND* OR -", []),
        ("mill' OR '1", []),
        ('un"closed mill', []),
        ("*", []),
        ("", []),
        ("mill\0", [2]),
        ("text:mill", []),
    ],
)
def test_search_takes_any_query(store: Store, query: str, segments: list[int]) -> None:
    document = a_document()
    store.put_document(document)
    hits = store.search(query)
    assert sorted(document.segments_at(hit.span)[0].number for hit in hits if hit.span) == segments
    assert all(hit.span and document.slice(hit.span) == hit.text for hit in hits)


def test_search_finds_findings_by_statement_and_by_their_quotes(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    hit = store.search("subletting")[0]
    assert (hit.run, hit.finding, hit.locator) == ("r", 2, "p. 1, §2.1")
    assert hit.span == span_of(document, "may not sub-\nlet")
    by_quote = [hit.finding for hit in store.search("Quarrendon") if hit.run]
    assert by_quote == [2]
    assert not [hit for hit in store.search("deposit of 500") if hit.run], "a refused quote is no evidence"
    assert len(store.search("tenant", limit=1)) == 2


# -- views -----------------------------------------------------------------------------------------


def test_the_view_of_findings_shows_words_of_the_source_alone(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    seen = rows(store.path, "SELECT finding, quote, status, verdict, model, section FROM findings_view")
    assert seen == [
        (
            1,
            "shall pay 1,200 euros a month",
            "verified",
            "supported",
            "built-in extract,qwen",
            "What is paid",
        ),
        (1, "The Tenant … a month", "verified", "supported", "built-in extract,qwen", "What is paid"),
        (2, "may not sub-\nlet", "verified", "review", "qwen", "What is paid"),
        (2, "mill at Quarrendon", "corrected", "review", "qwen", "What is paid"),
        (3, None, "refused", None, "qwen", "What is paid"),
        (4, None, "absence", None, "extract", "Who is liable"),
    ]


def test_the_other_views_read_well(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    assert rows(store.path, "SELECT field, value, unit, locator FROM fields_view") == [
        ("rent", 1200, "EUR", "p. 1, §2.1"),
        ("payer", None, "", ""),
    ]
    runs = rows(store.path, "SELECT document, findings, failed_calls, windows, tokens, seconds FROM runs_view")
    assert runs == [("lease.pdf", 4, 1, 2, 114, 1.75)]
    assert rows(store.path, "SELECT window, reason, parts FROM coverage_view") == [
        (0, "running head or page number", 1),
        (1, "", 2),
        (2, "", 2),
    ]
    assert rows(store.path, "SELECT call, state, prompt, reply FROM calls_view WHERE call > 1") == [
        (2, "done", a_call(2).prompt.text, '{"findings": [2]}'),
        (3, "failed", "What is the rent?", None),
    ]
    assert rows(store.path, "SELECT number, text FROM segment_texts WHERE number < 3") == [
        (1, "LEASE"),
        (2, "The Landlord lets the mill at Quarrendon to the Tenant."),
    ]


def test_every_finding_leads_to_all_it_came_from(store: Store) -> None:
    document = a_document()
    store.put_document(document)
    store.start_run(a_run(document, "r"))
    seen = rows(
        store.path,
        "SELECT p.text, k.template_sha256, a.text, k.sampling, k.seconds, g.model, g.build, w.text_sha256,"
        " d.text_sha256, v.label FROM findings f JOIN finding_calls c ON c.finding_id = f.id"
        " JOIN calls k ON k.id = c.call_id JOIN texts p ON p.sha256 = k.prompt_sha256"
        " JOIN texts a ON a.sha256 = k.reply_sha256 JOIN fingerprints g ON g.id = k.fingerprint_id"
        " JOIN windows w ON w.run_id = k.run_id AND w.number = k.window JOIN runs r ON r.id = f.run_id"
        " JOIN documents d ON d.id = r.document_id JOIN verdicts v ON v.finding_id = f.id"
        " WHERE f.number = 2",
    )
    call, window = a_run(document).calls[1], a_run(document).windows[0]
    assert call.reply is not None
    assert seen == [
        (
            call.prompt.text,
            call.prompt.template_sha256,
            call.reply.text,
            "greedy",
            0.125,
            "qwen",
            "b9999",
            window.sha256,
            document.text_sha256,
            "review",
        )
    ]
