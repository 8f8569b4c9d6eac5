"""Whatever is altered behind the program's back is found and named."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import RunNotFound, StoreError
from docanalyze.model import Evidence, Finding, Label, Match, Quote, RunState, Span, Verdict
from docanalyze.store import Problem, Store
from tests.store_material import a_document, a_run, rows, span_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """With one whole Run of the lease, and another of another document."""
    with Store.open(tmp_path / "x.db") as opened:
        for run, name in (("r", "lease.pdf"), ("other", "other.pdf")):
            document = a_document(name=name)
            opened.put_document(document)
            opened.start_run(a_run(document, run))
        yield opened


def tables(problems: list[Problem]) -> set[str]:
    return {problem.table for problem in problems}


def test_what_was_not_altered_holds(store: Store) -> None:
    assert store.verify() == []
    assert store.verify("r") == []
    assert store.verify("latest") == []


def test_an_unknown_run(store: Store) -> None:
    with pytest.raises(RunNotFound):
        store.verify("nothing")


def test_one_altered_byte_of_a_text_is_found(store: Store) -> None:
    changed = rows(
        store.path,
        "UPDATE texts SET text = replace(text, '1,200', '1,300') WHERE sha256 = ? RETURNING chars",
        a_document().text_sha256,
    )
    assert changed == [(153,)]
    problems = store.verify()
    text = Problem("texts", a_document().text_sha256, "the text is not the one that was stored: its hash differs")
    assert text in problems
    assert {"texts", "documents", "evidence", "windows", "source_fts"} == tables(problems)
    touched = {problem.id for problem in problems if problem.table == "evidence"}
    assert touched == {f"{run} finding 1 {part}" for run in ("r", "other") for part in ("quote 1", "field rent")}


def test_one_altered_byte_where_no_finding_stands_is_found(store: Store) -> None:
    rows(
        store.path,
        "UPDATE texts SET text = replace(text, 'LEASE', 'lEASE') WHERE sha256 = ?",
        a_document().text_sha256,
    )
    assert "texts" in tables(store.verify())
    assert "texts" in tables(store.verify("r"))


def test_a_byte_that_makes_the_text_no_text_is_found(store: Store) -> None:
    rows(
        store.path,
        "UPDATE texts SET text = CAST(X'FF' || substr(CAST(text AS BLOB), 2) AS TEXT) WHERE sha256 = ?",
        a_document().text_sha256,
    )
    problems = store.verify()
    assert {"texts", "documents"} <= tables(problems)
    assert any("cannot be read" in problem.what for problem in problems)


ALTERED = {
    "a window": ("UPDATE texts SET text = text || ' ' WHERE text LIKE '[1]%'", "texts"),
    "a prompt": ("UPDATE texts SET text = 'Say yes.' WHERE text LIKE 'What is the rent?%'", "texts"),
    "a reply": ("UPDATE texts SET text = '{}' WHERE text LIKE '{\"findings\"%'", "texts"),
    "a length": ("UPDATE texts SET chars = chars + 1", "texts"),
    "a quote": (
        "UPDATE quotes SET text = 'shall pay 1,300 euros a month' WHERE text LIKE '%1,200%'",
        "evidence",
    ),
    "what was looked for": (
        "UPDATE evidence SET written = 'shall pay 1,300 euros a month' WHERE written LIKE '%1,200%'",
        "evidence",
    ),
    "quote and what was looked for": (
        "UPDATE evidence SET written = 'may sublet' WHERE written = 'may not sublet'; "
        "UPDATE quotes SET text = 'may sublet' WHERE text = 'may not sublet'",
        "evidence",
    ),
    "words as shown": ("UPDATE evidence SET words = 'shall not pay' WHERE id = 1", "evidence"),
    "a locator": ("UPDATE evidence SET locator = 'p. 9' WHERE id = 1", "evidence"),
    "a place": ("UPDATE evidence_spans SET start = start + 1 WHERE evidence_id = 1", "evidence"),
    "a place outside": ("UPDATE evidence_spans SET end = 5000 WHERE evidence_id = 1", "evidence"),
    "a place lost": ("DELETE FROM evidence_spans WHERE evidence_id = 1", "evidence"),
    "a place backwards": ("UPDATE evidence_spans SET end = 1 WHERE evidence_id = 1", "runs"),
    "a refused one with a place": ("UPDATE evidence SET match = 'missing' WHERE id = 1", "evidence"),
    "a fuzzy one made exact": ("UPDATE evidence SET match = 'exact' WHERE match = 'fuzzy'", "evidence"),
    "a sentence": ("UPDATE evidence SET sentence_end = sentence_start + 1 WHERE id = 1", "evidence"),
    "a sentence outside": ("UPDATE evidence SET sentence_end = 5000 WHERE id = 1", "evidence"),
    "a field": ("UPDATE finding_fields SET written = '1,300 euros' WHERE name = 'rent'", "evidence"),
    "a sort of match": ("UPDATE evidence SET match = 'perfect' WHERE id = 1", "runs"),
    "a sweep": ("UPDATE sweep_hits SET end = 5000", "sweep_hits"),
    "a segment lost": ("DELETE FROM segments WHERE number = 2", "segments"),
    "the last segment lost": ("DELETE FROM segments WHERE number = 5", "segments"),
    "a segment moved": ("UPDATE segments SET start = start - 9 WHERE number = 4", "segments"),
    "a segment cut": ("UPDATE segments SET end = end - 9 WHERE number = 2", "segments"),
    "a segment beyond the text": ("UPDATE segments SET end = 5000 WHERE number = 5", "segments"),
    "a segment before the text": ("UPDATE segments SET start = -1 WHERE number = 1", "documents"),
    "a source": ("UPDATE documents SET source_sha256 = 'f00'", "documents"),
    "a reader": ("UPDATE documents SET reader_version = '1.5'", "documents"),
    "an option of the reader": ("UPDATE documents SET reader_options = '[]'", "documents"),
    "a piece of a window": ("UPDATE window_spans SET at = at + 1 WHERE segment = 2", "windows"),
    "a piece of another segment": ("UPDATE window_spans SET segment = 3 WHERE segment = 2", "windows"),
    "a piece from outside": ("UPDATE window_spans SET end = 5000 WHERE segment = 2", "windows"),
    "the receipt": ("UPDATE coverage SET window = 1, reason = '' WHERE window = 0", "coverage"),
    "the receipt lost": ("DELETE FROM coverage WHERE ordinal = 2", "coverage"),
    "what served": ("UPDATE fingerprints SET quantization = 'F32' WHERE model = 'qwen'", "fingerprints"),
    "the index of the source": ("INSERT INTO source_fts (rowid, text) VALUES (99, 'gold')", "source_fts"),
    "the index of findings": (
        "INSERT INTO findings_fts (findings_fts) VALUES ('delete-all')",
        "findings_fts",
    ),
    "a statement, not in its index": (
        "UPDATE findings SET statement = 'The rent is nothing.'",
        "findings_fts",
    ),
    "a call that is gone": ("DELETE FROM calls WHERE number = 2", "finding_calls"),
    "the text of a document that is gone": ("DELETE FROM texts WHERE text LIKE 'LEASE%'", "documents"),
    "a text that is gone": ("DELETE FROM texts WHERE text LIKE 'What is the rent?%'", "calls"),
}


SEALED = {
    "a page": "UPDATE evidence SET page = 7 WHERE id = 1",
    "rectangles": "UPDATE evidence SET boxes = '[]' WHERE id = 1",
    "whether it stands where cited": "UPDATE evidence SET in_place = 0 WHERE id = 1",
    "the tokens of a window": "UPDATE windows SET tokens = tokens + 1",
    "a verdict": "UPDATE verdicts SET label = 'supported'",
    "a verdict that is gone": "DELETE FROM verdicts",
    "a call that is gone": "DELETE FROM calls WHERE number = 3",
    "characters read": "UPDATE runs SET chars_in = 1",
    "a place in words": "UPDATE segments SET locator = 'p. 9' WHERE number = 2",
    "a page's state": "UPDATE pages SET state = 'read', reason = ''",
    "a setting": "UPDATE runs SET settings = '[]'",
}


@pytest.mark.parametrize("sql", SEALED.values(), ids=SEALED)
def test_what_cannot_be_worked_out_again_is_seen_by_its_seal(store: Store, sql: str) -> None:
    store.set_state("r", RunState.DONE, ended="2027-01-02T03:04:05+00:00")
    assert store.verify() == []
    rows(store.path, sql)
    assert "seals" in tables(store.verify())
    assert "seals" in tables(store.verify("r"))


def test_a_run_that_is_judged_again_is_sealed_again(store: Store) -> None:
    store.set_state("r", RunState.DONE, ended="2027-01-02T03:04:05+00:00")
    store.add_verdicts("r", [(1, Verdict("rules", Label.REVIEW))])
    assert store.verify() == [], "an open run has no seal"
    store.set_state("r", RunState.DONE, ended="2027-01-02T03:05:05+00:00")
    assert store.verify() == []


@pytest.mark.parametrize(("sql", "table"), ALTERED.values(), ids=ALTERED)
def test_what_was_altered_is_named(store: Store, sql: str, table: str) -> None:
    for statement in sql.split("; "):
        rows(store.path, statement)
    problems = store.verify()
    assert table in tables(problems)
    assert all(problem.what and "\n" not in problem.what for problem in problems)


def test_one_run_is_proven_apart_from_others(store: Store) -> None:
    rows(store.path, "UPDATE evidence SET words = 'x' WHERE id = 1")
    assert [problem.id for problem in store.verify("r")] == ["r finding 1 quote 1"]
    assert store.verify("other") == []


def test_a_damaged_page_is_named(store: Store) -> None:
    page = rows(store.path, "SELECT rootpage FROM sqlite_master WHERE name = 'verdicts'")[0][0]
    path = store.path
    store.close()
    assert isinstance(page, int)
    whole = path.read_bytes()
    path.write_bytes(whole[: (page - 1) * 4096] + b"\xa5" * 4096 + whole[page * 4096 :])
    with Store.open(path, create=False) as damaged:
        assert "database" in tables(damaged.verify())


def test_a_damaged_index_is_named(store: Store) -> None:
    rows(store.path, "UPDATE source_fts_data SET block = X'00' WHERE id > 10")
    assert any("source_fts" in (problem.table, *re.findall(r"\w+", problem.what)) for problem in store.verify())


@pytest.mark.parametrize(
    ("quote", "match", "holds"),
    [
        ("shall pay 1,200 euros", Match.EXACT, True),
        ("“shall pay 1,200 euros.”", Match.EXACT, True),
        ("shall not pay 1,200 euros", Match.EXACT, False),
        ("SHALL  pay 1,200\neuros", Match.NORMALISED, True),
        ("SHALL  pay 1,200\neuros", Match.EXACT, False),
        ("shall pay 1,201 euros", Match.NORMALISED, False),
        ("shall pay 1,200 euro", Match.NORMALISED, False),
        ("should pay 1,200 euros", Match.FUZZY, True),
    ],
)
def test_a_quote_is_the_text_at_its_place(store: Store, quote: str, match: Match, holds: bool) -> None:
    place = span_of(a_document(), "shall pay 1,200 euros")
    finding = Finding("s", "t", (Quote(quote),), evidence=(Evidence(quote, (place,), match),), number=1)
    store.replace_findings("r", [finding])
    assert (store.verify("r") == []) is holds


def test_evidence_needs_its_quote(store: Store) -> None:
    finding = Finding("s", "t", evidence=(Evidence("LEASE", (Span(0, 5),), Match.EXACT),), number=1)
    store.replace_findings("r", [finding])
    assert [problem.what for problem in store.verify("r")] == ["is not for the quote that was given"]


def test_a_run_without_windows_or_findings_holds(store: Store) -> None:
    document = a_document(name="third.pdf")
    store.put_document(document)
    store.start_run(replace(a_run(document, "bare", whole=False), key="k"))
    assert store.verify() == []


def test_bytes_that_are_no_text_are_named_and_refused(store: Store) -> None:
    rows(store.path, "UPDATE findings SET statement = CAST(X'FFFE' AS TEXT) WHERE id = 1")
    assert any("cannot be read" in problem.what for problem in store.verify())
    with pytest.raises(StoreError, match="docanalyze verify says where"):
        store.run("r")


def test_what_cannot_be_read_as_it_was_written_gives_one_line(store: Store) -> None:
    rows(store.path, "UPDATE runs SET state = 'enlightened' WHERE id = 'r'")
    with pytest.raises(StoreError, match="'enlightened' is not a valid RunState"):
        store.run("r")
    assert [(p.table, p.id) for p in store.verify()] == [("runs", "r")]
