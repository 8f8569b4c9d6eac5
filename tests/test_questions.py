"""Saved questions over real rows, and what a question may not do."""

import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import (
    ConfigError,
    QuestionRefused,
    QuestionTooLong,
    StoreError,
    StoreNewer,
    StoreUnwritable,
)
from docanalyze.model import Label, RunState, Verdict
from docanalyze.store import (
    Answer,
    Matches,
    Narrowed,
    Store,
    ask,
    asking,
    migrations,
    question,
    questions,
    search_findings,
    search_sources,
)
from tests.library_material import AFTER, BEFORE, LATER, SOON, a_contract_run, lease_findings, put, the_library
from tests.store_material import rows

DOCS = Path(__file__).parent.parent / "docs" / "queries.md"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return the_library(tmp_path_factory.mktemp("library") / "library.db")


def answer(library: Path, name: str, **given: str) -> list[dict[str, object]]:
    """Rows of a saved question by column."""
    asked = question(name)
    found = ask(library, asked.sql, asked.values(given), seconds=30)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


# -- saved questions -------------------------------------------------------------------------------


def test_obligations_stand_by_party_and_date(library: Path) -> None:
    told = [(r["party"], r["date"], r["by_when"], r["document"]) for r in answer(library, "obligations")]
    assert told == [
        ("The Supplier", "2027-04-30", "by 30 April 2027", "supply.txt"),
        ("The Tenant", None, None, "lease.txt"),
    ]
    assert [r["party"] for r in answer(library, "obligations", party="tenant")] == ["The Tenant"]
    assert [r["party"] for r in answer(library, "obligations", document="supply")] == ["The Supplier"]


def test_a_party_with_and_without_its_article_stands_together(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, "UPDATE finding_fields SET value = 'Unit' WHERE value = 'The Supplier'")
    assert [r["party"] for r in answer(path, "obligations")] == ["The Tenant", "Unit"]
    rows(path, "UPDATE finding_fields SET value = 'Quarry' WHERE value = 'Unit'")
    assert [r["party"] for r in answer(path, "obligations")] == ["Quarry", "The Tenant"]
    rows(path, "UPDATE finding_fields SET value = 'tenant' WHERE value = 'Quarry'")
    assert [r["date"] for r in answer(path, "obligations")] == ["2027-04-30", None], "one party, by date"


def test_obligations_are_those_of_the_latest_run(library: Path) -> None:
    first = answer(library, "obligations")[0]
    assert (first["run"], first["obligation"]) == ("20270101-130000-00000e", "The Supplier must report in April.")
    assert first["place"] == "p. 1, §1"


def test_contracts_without_a_cap_say_why(library: Path) -> None:
    (lease,) = answer(library, "no-liability-cap")
    assert (lease["document"], lease["why"]) == ("lease.txt", "no limit of liability was found")
    assert "cap" in str(lease["searched"])


def test_a_cap_that_the_judge_disputes_is_none(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    with Store.open(path) as store:
        disputed = Verdict("judge", Label.CONTRADICTED, 0.9, "that is the fee")
        store.add_verdicts("20270101-130000-00000e", [(3, disputed)])
    told = {str(r["document"]): r["why"] for r in answer(path, "no-liability-cap")}
    assert told["supply.txt"] == "an amount is named as a limit, but the judge disputes it"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("shall be limited\nto the fees paid in the last year", "a limit is named, but no amount"),
        ("WILL NOT EXCEED the price of the goods", "a limit is named, but no amount"),
        (
            "is not liable for losses, including but not limited to profit",
            "liability is dealt with, but no limit is named",
        ),
    ],
)
def test_a_limit_that_is_no_amount_is_told_from_none(tmp_path: Path, words: str, why: str) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, "UPDATE finding_fields SET value = NULL WHERE name = 'cap'")
    rows(
        path,
        f"UPDATE evidence SET words = '{words}' WHERE quote IS NOT NULL"
        " AND finding_id IN (SELECT id FROM findings WHERE section = 'liability')",
    )
    told = {str(r["document"]): r["why"] for r in answer(path, "no-liability-cap")}
    assert told["supply.txt"] == why


@pytest.mark.parametrize(
    ("words", "notice"),
    [
        ("renews for ninety (90) days unless notice is given", None),
        ("renews unless either party gives ninety (90) days’ prior notice", "ninety (90) days"),
        ("renews unless it is ended ninety (90) days before", "ninety (90) days"),
    ],
)
def test_the_period_of_a_renewal_is_no_notice(tmp_path: Path, words: str, notice: str | None) -> None:
    path = the_library(tmp_path / "library.db")
    rows(
        path,
        f"UPDATE evidence SET words = '{words}' WHERE quote IS NOT NULL"
        " AND finding_id IN (SELECT id FROM findings WHERE section = 'term')",
    )
    (near,) = answer(path, "renewals")
    assert near["notice"] == notice


@pytest.mark.parametrize("label", ["Date of a document named", "From"])
def test_a_date_that_ends_nothing_is_no_renewal(tmp_path: Path, label: str) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, f"UPDATE findings SET statement = '{label} {SOON}: it may be terminated' WHERE section = 'term'")
    assert answer(path, "renewals") == []


def test_renewals_are_those_of_the_next_days(library: Path) -> None:
    (near,) = answer(library, "renewals")
    assert (near["date"], near["days_left"], near["document"]) == (SOON, 30, "supply.txt")
    assert near["notice"] == "ninety (90) days"
    assert [r["document"] for r in answer(library, "renewals", days="400")] == ["supply.txt", "lease.txt"]
    assert answer(library, "renewals", days="5") == []


def test_a_parameter_whose_default_is_a_number_is_one(library: Path) -> None:
    with pytest.raises(QuestionRefused, match="days of renewals is a number"):
        answer(library, "renewals", days="soon")


@pytest.mark.parametrize(
    ("statement", "is_end"),
    [
        ("End 1 March", True),
        ("The Agreement ends on that day.", True),
        ("It runs until that day.", True),
        ("The lease is renewed on that day.", True),
        ("The reports are endorsed on that day.", False),
        ("The Agreement begins on that day.", False),
    ],
)
def test_an_end_is_known_by_whatever_a_model_calls_it(tmp_path: Path, statement: str, is_end: bool) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, "UPDATE findings SET section = 'dates' WHERE section = 'term'")
    rows(path, "UPDATE sections SET name = 'dates' WHERE name = 'term'")
    rows(path, f"UPDATE findings SET statement = '{statement}' WHERE section = 'dates'")
    assert [r["document"] for r in answer(path, "renewals")] == ["supply.txt"] * is_end


@pytest.mark.parametrize("day", ["31.01.2027", "2027-13-01", "20270131", "tomorrow", ""])
def test_a_day_that_is_none_is_refused_and_not_answered_with_nothing(library: Path, day: str) -> None:
    with pytest.raises(QuestionRefused, match="from of renewals is a day"):
        answer(library, "renewals", **{"from": day})
    assert answer(library, "renewals", **{"from": "now"}) == answer(library, "renewals")
    assert answer(library, "renewals", **{"from": SOON})[0]["days_left"] == 0


def test_what_the_judge_disputed_comes_worst_first(library: Path) -> None:
    found = answer(library, "disputed")
    told = [(r["verdict"], r["document"], r["section"]) for r in found]
    assert told == [
        ("contradicted", "supply.txt", "term"),
        ("unsupported", "lease.txt", "obligations"),
        ("partly", "supply.txt", "indemnity"),
    ]
    assert found[0]["quote"] == "renews unless notice of ninety (90) days is given"
    assert (found[0]["reason"], found[0]["probability"]) == ("the text says otherwise", 0.8)
    assert len(answer(library, "disputed", section="term")) == 1


def test_agreement_is_counted_by_section(library: Path) -> None:
    told = {r["section"]: (r["findings"], r["judged"], r["agreement_percent"]) for r in answer(library, "agreement")}
    assert told["obligations"] == (2, 2, 50.0)
    assert told["liability"] == (2, 1, 100.0)
    assert told["term"] == (2, 1, 0.0)


def test_cost_and_speed_of_every_model(library: Path) -> None:
    told = {r["model"]: r for r in answer(library, "models", price_in="2", price_out="10") if r["model"]}
    assert set(told) >= {"qwen", "llama"}
    assert told["qwen"]["calls"] == 3
    assert (told["qwen"]["read_per_second"], told["qwen"]["written_per_second"]) == (500.0, 25.0)
    assert told["llama"]["money"] == pytest.approx(0.0038)
    assert sum(r["failed"] for r in answer(library, "models") if isinstance(r["failed"], int)) == 4


def test_coverage_gaps_have_their_reasons(library: Path) -> None:
    told = {(r["document"], r["what"], r["reason"]) for r in answer(library, "coverage", document="lease")}
    assert told == {
        ("lease.txt", "text", "too long for the window"),
        ("lease.txt", "pages 2", "a scan"),
        ("lease.txt", "section", "obligations: the answer never ended"),
    }


def test_what_two_models_say_stands_side_by_side(library: Path) -> None:
    told = [(r["model"], r["statement"]) for r in answer(library, "two-models", section="obligations")]
    assert told == [
        ("llama", "The Supplier must report in April."),
        ("qwen", "Reports are due on 30 April 2027."),
    ]
    assert answer(library, "two-models", document="lease") == []


def test_files_that_no_window_held(library: Path) -> None:
    found = answer(library, "files-not-held")
    assert [(r["path"], r["detail"]) for r in found] == [("app/store.py", "name only")]


def test_secrets_that_were_masked(library: Path) -> None:
    told = [(r["path"], r["what"], r["characters"], r["run"]) for r in answer(library, "secrets")]
    assert told == [("app/main.py", "a key", 12, AFTER)]


def test_what_changed_between_two_runs(library: Path) -> None:
    told = {(r["path"], r["what"], r["name"], r["change"]) for r in answer(library, "changes")}
    assert ("README.md", "file", "", "removed") in told
    assert ("app/store.py", "file", "", "changed") in told
    assert {("app/store.py", "function", "close_store", "added")} <= told
    assert answer(library, "changes", before=BEFORE, after=AFTER) == answer(library, "changes")
    assert answer(library, "changes", before=AFTER) == []


def test_documents_and_sections_are_counted(library: Path) -> None:
    assert {(r["document"], r["findings"]) for r in answer(library, "documents") if r["kind"] == "contract"} == {
        ("supply.txt", 4),
        ("lease.txt", 3),
    }
    told = {r["section"]: (r["findings"], r["documents"]) for r in answer(library, "sections")}
    assert told["obligations"] == (2, 2)
    assert told["indemnity"] == (1, 1)


def test_every_saved_question_is_tested_and_in_the_manual() -> None:
    here, manual = Path(__file__).read_text(encoding="utf-8"), DOCS.read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (.*?) ?\|$", manual, re.MULTILINE))
    assert {one.name for one in questions()} == {name for name in table if f'"{name}"' in here}
    for one in questions():
        assert re.findall(r"`(\w+)`", table[one.name]) == [x.name for x in one.parameters], one.name
        assert one.about.endswith("."), one.name
        assert all(x.meaning and x.default is not None for x in one.parameters), one.name


# -- several runs of one document ----------------------------------------------------------------


def again(library: Path, run_id: str, sections: tuple[str, ...], state: RunState = RunState.DONE) -> None:
    """One more run of the supply agreement, later than all others, that asks a few sections and finds nothing."""
    with Store.open(library) as store:
        before = store.run("20270101-130000-00000e")
        named = tuple((name, name.title()) for name in sections)
        later = replace(before, id=run_id, key=run_id, sections=named, findings=(), calls=())
        store.start_run(replace(later, started="2027-02-01T12:00:00", state=RunState.ANALYZING, ended=""))
        store.set_state(run_id, state, ended="2027-02-01T13:00:00")


def test_a_later_run_that_asks_less_hides_nothing_of_what_was_asked_before(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    names = ("obligations", "renewals", "no-liability-cap", "disputed", "agreement", "sections")
    before = {name: answer(path, name) for name in names}
    again(path, "20270201-120000-00000f", ("ask-1234",))
    assert {name: answer(path, name) for name in names} == before
    assert len(search_findings(path, "reports", Narrowed(), limit=9).found) == 1
    again(path, "20270202-120000-00000f", ("obligations",))
    assert [r["document"] for r in answer(path, "obligations")] == ["lease.txt"], "asked again, and nothing found"
    assert answer(path, "renewals") == before["renewals"]
    assert answer(path, "two-models", section="term") == answer(path, "two-models", document="supply", section="term")
    assert len(answer(path, "two-models", section="term")) == 2
    assert search_findings(path, "reports", Narrowed(), limit=9).found == ()
    again(path, "20270203-120000-00000f", ("liability",))
    assert [r["document"] for r in answer(path, "no-liability-cap")] == ["lease.txt", "supply.txt"]


@pytest.mark.parametrize("ask_for", [search_findings, search_sources])
def test_a_misspelt_kind_or_section_is_not_answered_with_nothing(
    library: Path, ask_for: Callable[..., Matches]
) -> None:
    with pytest.raises(QuestionRefused, match="no run has the kind 'contarct'") as raised:
        ask_for(library, "reports", Narrowed(kind="contarct"), limit=9)
    assert raised.value.try_ == "did you mean contract?"
    with pytest.raises(QuestionRefused, match="no run has the section 'terms'"):
        ask_for(library, "nowhere", Narrowed(section="terms"), limit=9)
    assert ask_for(library, "nowhere", Narrowed(kind="contract", section="term"), limit=9).found == ()


def test_a_file_that_is_read_otherwise_later_is_one_document(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    before = {name: answer(path, name) for name in ("obligations", "documents", "sections", "no-liability-cap")}
    assert len(search_sources(path, "landlord", Narrowed(), limit=9).found) == 1
    with Store.open(path) as store:
        lease = store.document_of(store.run("20270102-120000-00000b"))
        newer = replace(lease, reader=replace(lease.reader, version="99"))
        assert newer.id != lease.id
        store.put_document(newer)
        run = a_contract_run(newer, "20270201-120000-00000c", "qwen", lease_findings(newer))
        put(store, replace(run, started="2027-02-01T12:00:00"))
    for name, rows_before in before.items():
        told = [{**row, "run": ""} for row in answer(path, name)]
        assert told == [{**row, "run": ""} for row in rows_before], name
    assert len(search_sources(path, "landlord", Narrowed(), limit=9).found) == 1
    assert len(search_sources(path, "landlord", Narrowed(all_runs=True), limit=9).found) == 2


def test_what_a_code_base_no_longer_holds_is_found_only_in_all_runs(library: Path) -> None:
    (only,) = search_sources(library, "close_store", Narrowed(), limit=9).found
    assert only.run == AFTER
    gone = {match.run for match in search_sources(library, "hello OR store", Narrowed(), limit=99).found}
    assert BEFORE not in gone
    every = {match.run for match in search_sources(library, "store", Narrowed(all_runs=True), limit=99).found}
    assert {BEFORE, AFTER} <= every


def test_a_run_that_was_not_finished_is_a_gap_until_one_is(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    again(path, "20270201-120000-00000f", ("term",), RunState.FAILED)
    assert [r["run"] for r in answer(path, "coverage") if r["what"] == "run"] == ["20270201-120000-00000f"]
    with Store.open(path) as store:
        before = store.run("20270101-130000-00000e")
        put(store, replace(before, id="20270202-120000-00000f", key="k", started="2027-02-02T12:00:00"))
    assert [r for r in answer(path, "coverage") if r["what"] == "run"] == []


def test_a_judge_that_failed_did_not_judge(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    (before,) = [r for r in answer(path, "agreement") if r["section"] == "liability"]
    with Store.open(path) as store:
        failed = Verdict("judge", Label.UNJUDGED, reason="the judge failed: no answer")
        store.add_verdicts("20270101-130000-00000e", [(3, failed)])
    (after,) = [r for r in answer(path, "agreement") if r["section"] == "liability"]
    assert (before["judged"], before["agreement_percent"]) == (1, 100.0)
    assert (after["judged"], after["agreement_percent"]) == (0, None)


# -- questions of one's own ------------------------------------------------------------------------


def test_the_users_questions_replace_ours_by_name(tmp_path: Path) -> None:
    (tmp_path / "renewals.sql").write_text("-- Mine.\n-- :day  which day\nSELECT :day", encoding="utf-8")
    (tmp_path / "other.sql").write_text("\ufeffSELECT 1", encoding="utf-8")
    mine = {one.name: one for one in questions(tmp_path)}
    assert (mine["renewals"].own, mine["renewals"].about, mine["agreement"].own) == (True, "Mine.", False)
    assert (mine["other"].about, mine["other"].parameters) == ("", ())
    with pytest.raises(QuestionRefused, match="which day"):
        mine["renewals"].values({})
    with pytest.raises(QuestionRefused, match="no parameter night"):
        mine["renewals"].values({"night": "1"})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Not A Name.sql", b"SELECT 1"),
        ("bytes.sql", b"-- \xff\xfe"),
        ("parameter.sql", b"-- Says it.\n-- :\nSELECT 1"),
        ("long.sql", b"-- x\n" + b" " * 300_000),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(name)):
        questions(tmp_path)


def test_an_unknown_question_is_guessed_at() -> None:
    with pytest.raises(QuestionRefused, match="did you mean renewals"):
        question("renewal")
    with pytest.raises(QuestionRefused, match="--list"):
        question("zzz")


# -- what a question may not do --------------------------------------------------------------------

WRITING = (
    "DELETE FROM findings",
    "UPDATE runs SET source = ''",
    "INSERT INTO texts VALUES ('a', 'b', 1)",
    "DROP TABLE findings",
    "CREATE TABLE t (x)",
    "CREATE TEMP TABLE t (x)",
    "CREATE VIRTUAL TABLE temp.t USING fts5 (x)",
    "CREATE TEMP VIEW v AS SELECT 1",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "SAVEPOINT x",
    "PRAGMA user_version = 99",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "UPDATE sqlite_master SET sql = ''",
    "INSERT INTO findings_fts (findings_fts) VALUES ('rebuild')",
    "INSERT INTO findings_fts (findings_fts) VALUES ('delete-all')",
    "WITH x AS (SELECT 1) DELETE FROM runs",
    "SELECT load_extension('x')",
    "SELECT fts3_tokenizer('simple')",
    "REPLACE INTO migrations VALUES (1, 'x', 'y')",
)


@pytest.mark.parametrize("sql", WRITING)
def test_sql_that_does_more_than_read_is_refused(library: Path, sql: str) -> None:
    before = library.read_bytes()
    with pytest.raises(QuestionRefused):
        ask(library, sql, {})
    assert library.read_bytes() == before
    assert not (library.parent / "copy.db").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM findings_view",
        "SELECT rowid FROM findings_fts WHERE findings_fts MATCH 'liability' ORDER BY rank",
        "SELECT name FROM pragma_table_info('runs')",
        "SELECT value FROM json_each('[1, 2]')",
        "SELECT snippet(findings_fts, 0, '[', ']', '…', 9) FROM findings_fts WHERE findings_fts MATCH 'cap'",
        "SELECT name FROM sqlite_master",
        "EXPLAIN QUERY PLAN SELECT * FROM runs",
        "VALUES (1, 2)",
        "PRAGMA user_version",
        "PRAGMA table_info(runs)",
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT sum(x) FROM n",
        "SELECT date('now'), 'it''s :not a parameter' -- nor :this",
        'SELECT 1 AS [a:b], 2 AS `c:d`, 3 AS "e:f"',
    ],
)
def test_sql_that_reads_is_answered(library: Path, sql: str) -> None:
    assert len(ask(library, sql, {}).rows) > 0


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("", "asks for nothing"),
        ("-- nothing", "asks for nothing"),
        ("SELEC 1", "does not understand"),
        ("SELECT colour FROM runs", "no such column"),
        ("SELECT ?", "have names here"),
        ("SELECT :a", "parameter a has no value"),
        ("SELECT hex(zeroblob(400000000))", "more than 200 MB"),
        ("SELECT '\udcff'", "no text"),
        ("SELECT abs(-9223372036854775808)", "does not understand"),
        ("SELECT 'a\x00b", "null character|does not understand"),
    ],
)
def test_sql_that_is_wrong_is_explained(library: Path, sql: str, said: str) -> None:
    with pytest.raises(QuestionRefused, match=said):
        ask(library, sql, {})


def test_a_parameter_that_nobody_asked_for_is_refused(library: Path) -> None:
    with pytest.raises(QuestionRefused, match="no parameter b: it has a"):
        ask(library, "SELECT :a", {"a": 1, "b": 2})


def test_sql_that_never_ends_is_stopped(library: Path) -> None:
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(QuestionTooLong, match=r"within 0\.2 s"):
        ask(library, endless, {}, seconds=0.2)


def test_rows_beyond_the_limit_are_told(library: Path) -> None:
    assert ask(library, "VALUES (1), (2), (3)", {}, limit=2) == Answer(("column1",), ((1,), (2,)), more=True)
    assert ask(library, "VALUES (1), (2)", {}, limit=2).more is False


def test_an_answer_that_would_fill_the_memory_is_refused(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_ANSWER", 10_000_000)
    many = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT zeroblob(1000000) FROM n"
    with pytest.raises(QuestionRefused, match=r"larger than 0\.01 GB"):
        ask(library, many, {})
    assert len(ask(library, many, {}, limit=9).rows) == 9


def test_values_that_are_numbers_compare_as_numbers(tmp_path: Path) -> None:
    # As text "98196" is more than 100000, and so was the manual's own example answered.
    path = the_library(tmp_path / "library.db")
    rows(path, "UPDATE finding_fields SET value = '98196' WHERE kind = 'amount' AND finding_id = 3")
    rows(path, "UPDATE finding_fields SET value = 'not said' WHERE kind = 'duration' AND finding_id = 2")
    sql = "SELECT DISTINCT value FROM fields_view WHERE kind = :kind AND value > :least"
    assert ask(path, sql, {"kind": "amount", "least": 100_000}).rows == ((250_000,),)
    held = ask(path, "SELECT DISTINCT value FROM fields_view WHERE kind IN ('duration', 'date') ORDER BY 1", {}).rows
    assert held == ((90,), (SOON,), (LATER,), ("not said",))


def test_both_views_know_a_section_by_its_name(library: Path) -> None:
    sql = "SELECT DISTINCT section, section_name FROM findings_view WHERE section_name = 'term'"
    assert ask(library, sql, {}).rows == (("Term", "term"),)
    assert ask(library, "SELECT DISTINCT section FROM fields_view WHERE section = 'term'", {}).rows == (("term",),)


def test_columns_of_one_name_are_told_apart(library: Path) -> None:
    assert ask(library, "SELECT 1 AS n, 2 AS n, 3 AS n_2", {}).columns == ("n", "n_2", "n_2_2")


# -- files -----------------------------------------------------------------------------------------


def test_a_read_only_database_in_a_read_only_folder_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    path = the_library(folder / "library.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    path.chmod(stat.S_IRUSR)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert ask(path, "SELECT count(*) FROM runs", {}).rows == ((6,),)
    finally:
        folder.chmod(stat.S_IRWXU)


def test_an_older_schema_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:6])
        path = the_library(tmp_path / "library.db")
    assert rows(path, "PRAGMA user_version") == [(6,)]
    assert len(answer(path, "documents")) == 3
    assert rows(path, "PRAGMA user_version") == [(len(migrations.MIGRATIONS),)]


def test_an_older_schema_that_cannot_be_changed_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:8])
        path = the_library(tmp_path / "library.db")

    def unwritable(*_: object, **__: object) -> None:
        raise StoreUnwritable("it is read-only", "")

    monkeypatch.setattr(Store, "open", unwritable)
    assert len(answer(path, "documents")) == 3, "what it has is told"
    with pytest.raises(StoreError, match=r"older docanalyze.*copy it"):
        answer(path, "obligations")
    with pytest.raises(StoreError, match="older docanalyze"):
        search_findings(path, "reports", Narrowed(), limit=9)


def test_a_newer_schema_and_another_programs_database_are_refused(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, "PRAGMA user_version = 900")
    with pytest.raises(StoreNewer):
        ask(path, "SELECT 1", {})
    rows(path, "PRAGMA application_id = 7")
    with pytest.raises(StoreError, match="another program"):
        ask(path, "SELECT 1", {})
    with pytest.raises(StoreError, match="no database"):
        ask(tmp_path / "none.db", "SELECT 1", {})
    (tmp_path / "words.db").write_text("these are only words, and many of them " * 50, encoding="utf-8")
    with pytest.raises(StoreError, match="not a database"):
        ask(tmp_path / "words.db", "SELECT 1", {})


def test_bytes_that_are_no_text_are_shown(tmp_path: Path) -> None:
    path = the_library(tmp_path / "library.db")
    rows(path, "UPDATE documents SET name = CAST(x'66ff' AS TEXT)")
    assert ask(path, "SELECT DISTINCT name FROM documents", {}).rows == (("f�",),)
