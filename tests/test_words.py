"""Searches as people type them: understood, explained where they are not, never a syntax error of the index."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.errors import QuestionRefused, QuestionTooLong, StoreError
from docanalyze.store import Narrowed, asking, search_findings, search_sources
from docanalyze.store import search as searching
from docanalyze.store.words import TOKENIZER, expression
from tests.conftest import Command
from tests.library_material import the_library
from tests.store_material import rows

TEXTS = (
    "The Supplier shall indemnify the Customer against claims up to the cap of EUR 5,000.",
    "Indemnification has no limit. The word that closes this long sentence, after very many others, is cap.",
    "Liability is excluded; force-majeure is not.",
    "No liabilities arise under clause 3.2(a) on termination.",
    "Der Mieter zahlt die Miete im Café.",
)


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE w USING fts5 (t, tokenize='{TOKENIZER}')")
        connection.executemany("INSERT INTO w (rowid, t) VALUES (?, ?)", enumerate(TEXTS))
        yield connection


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cap", {0, 1}),
        ("indemnify", {0}),
        ("indemnif* NEAR cap", {0}),
        ("indemnif* NEAR/40 cap", {0, 1}),
        ("NEAR(indemnif* cap, 40)", {0, 1}),
        ("indemnif* NEAR cap NEAR customer", {0}),
        ("liabilit*", {2, 3}),
        ("terminat*", {3}),
        ("liabilit* NEAR exclud*", {2}),
        ("force-majeure", {2}),
        ("3.2(a)", {3}),
        ('"clause 3.2"', {3}),
        ('"no liab"*', {3}),
        ("cafe OR claims", {0, 4}),
        ("liability NOT excluded", {3}),
        ("(cafe OR claims) AND supplier", {0}),
        ("supplier customer", {0}),
        ("supplier AND customer OR cafe", {0, 4}),
        ("NEAR-by", set()),
        ("statement:cap", set()),
        ("^cap + -cap", {0, 1}),
        ("it's {cap}", set()),
    ],
)
def test_searches_mean_what_they_say(index: sqlite3.Connection, query: str, found: set[int]) -> None:
    if query == "^cap + -cap":
        with pytest.raises(QuestionRefused, match=r"\+ is no word"):
            expression(query)
        return
    assert {row[0] for row in index.execute("SELECT rowid FROM w WHERE w MATCH ?", (expression(query),))} == found


@pytest.mark.parametrize(
    ("query", "why", "offered"),
    [
        ('"open', "a quotation mark is not closed", '"open"'),
        ("(a OR b", "a parenthesis is not closed", '"(a OR b"'),
        ("a) b", "has no beginning", '"a) b"'),
        ("a OR", "after OR a word is missing", '"a OR"'),
        ("AND a", "AND stands where a word should", '"AND a"'),
        ("a AND OR b", "OR stands where a word should", '"a AND OR b"'),
        ("NOT a", "NOT stands after what must be there", '"NOT a"'),
        ("a NEAR (b OR c)", "NEAR stands between words, not groups", '"a NEAR (b OR c)"'),
        ("(a OR b) NEAR c", "NEAR stands between words, not groups", '"(a OR b) NEAR c"'),
        ("NEAR(a OR b, 3)", "words alone", '"NEAR(a OR b, 3)"'),
        ("NEAR()", "words alone", '"NEAR()"'),
        ("a *", "* is no word", '"a *"'),
        ('a ""', "between two quotation marks stands no word", '"a"'),
        ("(" * 50 + "a" + ")" * 50, "too many parentheses", "((a))"),
    ],
)
def test_a_search_that_is_not_understood_is_explained_and_offered_in_quotes(query: str, why: str, offered: str) -> None:
    with pytest.raises(QuestionRefused, match=re.escape(why)) as caught:
        expression(query)
    assert offered in caught.value.try_


@pytest.mark.parametrize("query", ["", " ", "*", "()", '""', "NEAR", "AND OR", "!?", "\0", "😀"])
def test_a_search_without_a_word_is_told_so(query: str) -> None:
    with pytest.raises(QuestionRefused):
        expression(query)


def test_a_search_without_end_is_refused() -> None:
    with pytest.raises(QuestionRefused, match="at most"):
        expression("word " * 1000)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(['"', "(", ")", "NEAR", "AND", "OR", "NOT", "*", "a", "b*", " ", "NEAR(", ",", "é", "^", ":"])
    )
)
def test_no_search_is_a_syntax_error_of_the_index(index: sqlite3.Connection, parts: list[str]) -> None:
    try:
        made = expression("".join(parts))
    except QuestionRefused as error:
        assert error.what and error.try_
        return
    assert index.execute("SELECT count(*) FROM w WHERE w MATCH ?", (made,)).fetchone()[0] >= 0


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_what_is_offered_in_quotes_is_understood(index: sqlite3.Connection, query: str) -> None:
    try:
        made = expression(query)
    except QuestionRefused as error:
        match = re.search(r"search '(\".*\")'", error.try_)
        if match is None:
            return
        made = expression(match[1])
    assert index.execute("SELECT count(*) FROM w WHERE w MATCH ?", (made,)).fetchone()[0] >= 0


# -- in a database ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return the_library(tmp_path_factory.mktemp("library") / "library.db")


def test_findings_are_found_by_statement_and_quote_and_narrowed(library: Path) -> None:
    def told(query: str, kind: str = "", section: str = "", verdict: str = "") -> list[tuple[str, int]]:
        narrowed = Narrowed(kind, section, verdict)
        return [(m.run, m.finding) for m in search_findings(library, query, narrowed, limit=9).found]

    assert told("deliver") == [("20270101-130000-00000e", 1)]
    assert {run for run, _ in told("liability")} == {"20270101-130000-00000e", "20270102-120000-00000b"}
    assert told("rent", verdict="unsupported") == [("20270102-120000-00000b", 1)]
    assert told("rent", verdict="supported") == []
    assert told("liability", section="liability", kind="contract") != []
    assert told("liability", kind="repo") == []


def test_older_runs_are_left_out_unless_asked_for(library: Path) -> None:
    latest = search_findings(library, "deliver", Narrowed(), limit=9)
    everything = search_findings(library, "deliver", Narrowed(all_runs=True), limit=9)
    assert len(latest.found) == 1
    assert len(everything.found) == 3


def test_hits_carry_place_extract_and_folder(library: Path) -> None:
    (match,) = search_findings(library, '"deliver the reports"', Narrowed(), limit=9).found
    assert (match.document, match.locator, match.section, match.verdict) == (
        "supply.txt",
        "p. 1, §1",
        "obligations",
        "supported",
    )
    assert ("deliver the reports", True) in match.quote
    assert match.folder == "somewhere"


def test_sources_are_found_by_their_words(library: Path) -> None:
    found = search_sources(library, "indemnif* NEAR cap", Narrowed(), limit=9)
    assert [(m.document, m.locator, m.finding, m.page) for m in found.found] == [("supply.txt", "p. 1, §4", 0, 1)]
    assert [text for text, marked in found.found[0].extract if marked] == ["indemnify", "cap"]
    assert search_sources(library, "indemnif*", Narrowed(kind="repo"), limit=9).found == ()


def test_more_than_the_limit_is_told(library: Path) -> None:
    assert search_findings(library, "it OR the", Narrowed(), limit=1).more is True
    assert search_findings(library, "rent", Narrowed(), limit=5).more is False


def test_words_that_stand_everywhere_are_ranked_among_the_latest(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_RANKED", 1)
    found = search_findings(library, "supplier", Narrowed(all_runs=True), limit=9)
    assert found.oldest_left_out is True
    assert len(found.found) == 2
    assert search_findings(library, "rent", Narrowed(), limit=9).oldest_left_out is False


def test_a_search_may_take_only_so_long(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_STEPS", 1)
    with pytest.raises(QuestionTooLong):
        search_findings(library, "a* OR b* OR c* OR s* OR t*", Narrowed(all_runs=True), limit=9, seconds=1e-9)


# -- the command -----------------------------------------------------------------------------------


def test_the_command_shows_hits_with_their_places(docanalyze: Command, here: Path, contract: Path) -> None:
    assert docanalyze(contract, "--quiet").code == 0
    report = next((here / "outputs").glob("*.html"))
    done = docanalyze("search", "liability NEAR exceed")
    assert done.code == 0
    assert f"{report.relative_to(here)}#finding-" in done.out
    assert "In findings" in done.out and "In sources" in done.out
    assert "exceed" in done.out
    told = docanalyze("search", "liability", "NEAR", "exceed", "--in", "findings", "--json").json
    assert (told["schema"], told["query"]) == ("docanalyze.search", "liability NEAR exceed")
    assert all(hit["in"] == "findings" and hit["report"].endswith(f"#finding-{hit['finding']}") for hit in told["hits"])


def test_a_page_that_the_report_does_not_show_is_no_anchor(docanalyze: Command, here: Path) -> None:
    docanalyze(Path(__file__).parent.parent / "samples" / "contract.pdf", "--quiet", "--section", "liability")
    report = next((here / "outputs").glob("*.html")).read_text(encoding="utf-8")
    hits = docanalyze("search", "liability OR Ltd OR Schedule", "--in", "sources", "--limit", "99", "--json").json[
        "hits"
    ]
    anchored = {hit["report"].partition("#")[2] for hit in hits}
    assert len(anchored - {""}) > 1 and "" in anchored, "pages with findings are shown, and others not"
    assert all(f'id="{anchor}"' in report for anchor in anchored - {""})


def test_the_command_opens_the_first_hit(
    docanalyze: Command, here: Path, contract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    docanalyze(contract, "--quiet")
    assert docanalyze("search", "Vermont", "--open").code == 0
    assert re.fullmatch(r"file://.*\.html#finding-\d+", opened[0])
    for path in (here / "outputs").glob("*.html"):
        path.unlink()
    lost = docanalyze("search", "Vermont", "--open")
    assert (lost.code, "docanalyze report" in lost.err) == (2, True)


def test_the_command_says_what_is_wrong(docanalyze: Command, contract: Path) -> None:
    assert docanalyze("search", "x").err.startswith("docanalyze: there is no database")
    docanalyze(contract, "--quiet")
    broken = docanalyze("search", "a OR")
    assert (broken.code, broken.err.count("\n")) == (2, 1)
    assert "docanalyze search '\"a OR\"'" in broken.err
    assert docanalyze("search", "zzzzz").out == "Nothing found.\n"
    assert docanalyze("search", "a", "--in", "sources", "--section", "law").code == 2


def test_control_characters_of_hits_never_reach_the_terminal(docanalyze: Command, here: Path) -> None:
    the_library(here / "x.db")
    rows(here / "x.db", "UPDATE documents SET name = 'a' || char(27) || '[31m' || char(155) || 'b'")
    for form in ([], ["--json"]):
        out = docanalyze("search", "rent", "--db", "x.db", *form).out
        assert not set(out) & {"\x1b", "\x9b"}


def test_a_run_of_an_odd_name_leads_to_no_file(docanalyze: Command, here: Path) -> None:
    the_library(here / "x.db")
    with closing(sqlite3.connect(here / "x.db")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for table, column in (("runs", "id"), ("findings", "run_id")):
            connection.execute(f"UPDATE {table} SET {column} = '../secret' WHERE {column} = '20270102-120000-00000b'")
        connection.commit()
    (here / "secret.html").write_text("x")
    (here / "outputs").mkdir()
    hits = docanalyze("search", "rent", "--in", "findings", "--db", "x.db", "--out", "outputs", "--json").json["hits"]
    assert [(hit["run"], hit["report"]) for hit in hits] == [("../secret", None)]


def test_a_damaged_index_is_one_line(tmp_path: Path) -> None:
    path = the_library(tmp_path / "x.db")
    rows(path, "UPDATE findings_fts_data SET block = x'00' WHERE id > 10")
    with pytest.raises(StoreError, match="damaged"):
        search_findings(path, "rent", Narrowed(), limit=9)
