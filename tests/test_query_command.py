"""The commands that ask: forms of output, parameters, files that are written, what Datasette is told."""

import csv
import io
import json
import os
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.cli import rows as forms
from docanalyze.cli.datasette import command
from docanalyze.store import ask, metadata, question, questions
from docanalyze.store.metadata import with_defaults
from tests.conftest import Command
from tests.library_material import the_library
from tests.store_material import rows

ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT count(*) FROM n"
EVIL = "SELECT '=1+1' AS a, char(27) || '[31m|' || char(155) || char(8238) AS b, x'00ff' AS c, NULL AS d, 1e999 AS e"


@pytest.fixture
def library(here: Path) -> Path:
    """The library where commands look for it."""
    (here / "outputs").mkdir()
    return the_library(here / "outputs" / "docanalyze.db")


# -- query -----------------------------------------------------------------------------------------


def test_a_table_fits_the_terminal(docanalyze: Command, library: Path) -> None:
    out = docanalyze("query", "SELECT section, count(*) AS n FROM findings GROUP BY section ORDER BY 1").out
    assert out.splitlines()[0].split() == ["section", "n"]
    wide = docanalyze("query", "SELECT * FROM findings_view").out
    assert max(map(len, wide.splitlines())) <= 80
    assert docanalyze("query", "SELECT 1 WHERE 0").out == "No rows.\n"


def test_long_texts_are_folded_unless_full(docanalyze: Command, library: Path) -> None:
    sql = "SELECT replace(hex(zeroblob(300)), '00', 'word ') AS words"
    folded, full = docanalyze("query", sql).out, docanalyze("query", sql, "--full").out
    assert folded.rstrip().endswith("…")
    assert full.split().count("word") == 300


def test_no_form_lets_a_cell_act(docanalyze: Command, library: Path) -> None:
    for form in ("--json", "--csv", "--md", "--nl", "--full"):
        done = docanalyze("query", EVIL, form)
        assert done.code == 0, form
        assert not set(done.out) & {"\x1b", "\x9b", "\u202e"}, form
    assert next(csv.reader(docanalyze("query", EVIL, "--csv").out.splitlines()[1:]))[0] == "'=1+1"
    row = docanalyze("query", EVIL, "--json").json["rows"][0]
    assert row == {"a": "=1+1", "b": "\x1b[31m|\x9b\u202e", "c": "00ff", "d": None, "e": "inf"}
    assert "\\|" in docanalyze("query", EVIL, "--md").out


def test_every_form_holds_the_same_rows(docanalyze: Command, library: Path) -> None:
    sql = "SELECT id, source FROM runs ORDER BY id"
    told = docanalyze("query", sql, "--json").json
    assert (told["schema"], told["columns"], told["more"]) == ("docanalyze.rows", ["id", "source"], False)
    lines = [json.loads(line) for line in docanalyze("query", sql, "--nl").out.splitlines()]
    table = list(csv.DictReader(io.StringIO(docanalyze("query", sql, "--csv").out)))
    assert told["rows"] == lines == table
    assert len(docanalyze("query", sql, "--md").out.splitlines()) == 2 + len(lines)
    assert docanalyze("query", sql, "--md", "--csv").code == 2


def test_the_limit_is_said_on_standard_error(docanalyze: Command, library: Path) -> None:
    done = docanalyze("query", "SELECT id FROM runs", "--limit", "2", "--csv")
    assert len(done.out.splitlines()) == 3
    assert "first 2 rows" in done.err
    assert docanalyze("query", "SELECT id FROM runs", "--limit", "2", "--json").json["more"] is True
    assert docanalyze("query", "SELECT id FROM runs", "--limit", "0").err == ""


def test_parameters_are_two_words_and_repeatable(docanalyze: Command, library: Path) -> None:
    sql = "SELECT typeof(:n) AS t, :n AS n, :text AS s, :zero AS z"
    done = docanalyze("query", sql, "-p", "n", "5", "-p", ":text", "a = b", "-p", "zero", "007", "--json")
    assert done.json["rows"] == [{"t": "integer", "n": 5, "s": "a = b", "z": "007"}]
    assert docanalyze("query", "SELECT :a", "-p", "a").code == 2
    assert docanalyze("query", "SELECT :a", "-p", "a", "1", "-p", "a", "2").code == 2
    assert "no value" in docanalyze("query", "SELECT :a").err
    dashed = docanalyze("query", "SELECT :a AS a", "--param", "a", "--json", "--json").json
    assert dashed["rows"] == [{"a": "--json"}]


def test_saved_questions_are_listed_and_asked(docanalyze: Command, library: Path, here: Path) -> None:
    own = here.parent / "config" / "docanalyze" / "queries"
    own.mkdir(parents=True)
    (own / "mine.sql").write_text(
        "-- Counts runs.\n-- :kind  of this kind\nSELECT count(*) AS n FROM runs WHERE kind = :kind"
    )
    listed = docanalyze("query", "--list").out
    assert "mine  (yours)" in listed and "-p days  how many days ahead [90]" in listed
    assert docanalyze("query", "--saved", "mine", "-p", "kind", "repo", "--json").json["rows"] == [{"n": 2}]
    assert "wants to know kind" in docanalyze("query", "--saved", "mine").err
    names = {one["name"] for one in docanalyze("query", "--list", "--json").json["rows"]}
    assert names == {"mine", *(one.name for one in questions())}
    assert "SUPPLY" not in docanalyze("query", "--saved", "renewals", "-p", "days", "60").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("query",), 2, "ask one thing"),
        (("query", "SELECT 1", "--list"), 2, "ask one thing"),
        (("query", "DROP TABLE runs"), 2, "only read"),
        (("query", "SELECT 1", "--db", "none.db"), 1, "no database"),
        (("query", "--saved", "renewal"), 2, "did you mean renewals"),
        (("query", ENDLESS, "--timeout", "0.1"), 1, "within"),
        (("query", "SELECT :a", "-p", "a", "\udcff"), 2, "no text"),
        (("query", "SELECT 1", "--limit", "99999999999999999999"), 2, "--limit"),
        (("search", "cap", "--section", "\udcff"), 2, "no text"),
        (("search", "cap", "--limit", "99999999999999999999"), 2, "--limit"),
        (("runs", "--limit", "99999999999999999999"), 2, "--limit"),
        (("export", "\udcff"), 1, "no run"),
        (("diff", "\udcff", "latest"), 1, "no run"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line(
    docanalyze: Command, library: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = docanalyze(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert said in done.err


def test_a_query_leaves_the_file_as_it_is(docanalyze: Command, library: Path) -> None:
    before = library.read_bytes()
    docanalyze("query", "SELECT * FROM findings_view")
    docanalyze("query", "DELETE FROM runs")
    assert library.read_bytes() == before


def test_sql_comes_from_standard_input(here: Path, library: Path) -> None:
    asked = [sys.executable, "-m", "docanalyze", "query", "-", "--csv"]
    done = subprocess.run(asked, input="SELECT 7 AS n", capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["n", "7"]


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_a_cell_of_a_spreadsheet_is_never_a_formula(text: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(forms.csv_lines([(text,)]), newline="")), [""])
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert forms.csv_cell(-5) == "-5"


@pytest.mark.parametrize(
    ("written", "value"),
    [("5", 5), ("-2", -2), ("1.5", 1.5), ("1.50", "1.50"), ("007", "007"), ("nan", "nan"), ("x", "x")],
)
def test_parameters_are_numbers_where_they_are_written_as_such(written: str, value: object) -> None:
    made = forms.typed(written)
    assert (made, type(made)) == (value, type(value))


# -- export ----------------------------------------------------------------------------------------


def test_findings_are_exported_a_line_each(docanalyze: Command, library: Path, here: Path) -> None:
    lines = [json.loads(line) for line in docanalyze("export", "20270101-1200").out.splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4]
    assert lines[0]["evidence"][0]["quote"] == "shall deliver the reports by 30 April 2027"
    assert docanalyze("export", "--all", "--format", "csv", "-o", "all.csv").code == 0
    table = list(csv.DictReader(io.StringIO((here / "all.csv").read_text(encoding="utf-8"), newline="")))
    assert {row["document"] for row in table} == {"supply.txt", "lease.txt"}
    assert table[0]["verdict"] == "supported"
    assert stat.S_IMODE((here / "all.csv").stat().st_mode) == 0o600 or os.name != "posix"


def test_older_runs_are_exported_where_they_are_asked_for_and_else_counted(
    docanalyze: Command, library: Path, here: Path
) -> None:
    latest, every = docanalyze("export", "--all", "--format", "csv"), docanalyze("export", "--all-runs")
    assert "3 older runs of the same documents left out: --all-runs" in latest.err and every.err == ""
    assert len({json.loads(line)["run"] for line in every.out.splitlines()}) == 4, "those with findings"
    assert docanalyze("export", "--all-runs", "--format", "html", "-o", "every").err == "6 reports in every\n"
    rows(library, "DELETE FROM runs WHERE id <> '20270101-120000-00000a'")
    assert docanalyze("export", "--all", "--format", "html", "-o", "one").err == "1 report in one\n"
    assert docanalyze("export", "latest", "--all-runs").code == 2
    rows(library, "UPDATE runs SET state = 'failed'")
    assert "no run is finished" in docanalyze("export", "--all").err


@pytest.mark.skipif(os.name == "nt", reason="such names are POSIX's")
def test_names_that_are_no_text_are_exported(docanalyze: Command, here: Path) -> None:
    name = os.fsdecode(b"\xff=x.txt")
    (here / name).write_text("AGREEMENT\n\n1. The Customer shall pay within thirty (30) days.\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "docanalyze", "analyze", name, "-q"], check=True, stdout=subprocess.DEVNULL)
    for form in ("jsonl", "csv", "md", "html"):
        assert docanalyze("export", "--format", form, "-o", f"out.{form}").code == 0, form
        (here / f"out.{form}").read_text(encoding="utf-8")
    line = json.loads((here / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert line["document"] == name, "JSON tells the very name"
    assert "\\udcff" in docanalyze("export").out


def test_nothing_is_overwritten_unless_forced(docanalyze: Command, library: Path, here: Path) -> None:
    (here / "out.jsonl").write_text("mine")
    refused = docanalyze("export", "-o", "out.jsonl")
    assert (refused.code, (here / "out.jsonl").read_text()) == (2, "mine")
    assert docanalyze("export", "20270101-1200", "-o", "out.jsonl", "--force").code == 0
    assert (here / "out.jsonl").read_text().count("\n") == 4
    (here / "link.csv").symlink_to(here / "nowhere")
    assert docanalyze("export", "-o", "link.csv").code == 2


@pytest.mark.parametrize("form", ["md", "html"])
def test_reports_are_exported_to_a_folder(docanalyze: Command, library: Path, here: Path, form: str) -> None:
    assert docanalyze("export", "--all", "--format", form, "-o", "reports").code == 0
    assert len(list((here / "reports").glob(f"*.{form}"))) == 3
    assert docanalyze("export", "--all", "--format", form, "-o", "reports").code == 2
    assert docanalyze("export", "--all", "--format", form).code == 2
    one = docanalyze("export", "20270101-1200", "--format", form).out
    assert "supply.txt" in one


def test_what_cannot_be_exported_is_said(docanalyze: Command, library: Path, here: Path) -> None:
    assert docanalyze("export", "zzz").code == 1
    assert docanalyze("export", "latest", "--all").code == 2
    assert docanalyze("export", "-o", "none/x.jsonl").code == 1
    (here / "folder").mkdir()
    assert docanalyze("export", "-o", "folder").code == 2


def test_formulas_in_exports_are_quoted(docanalyze: Command, library: Path) -> None:
    rows(library, "UPDATE findings SET statement = '=cmd()' WHERE run_id = '20270102-120000-00000b'")
    assert ",'=cmd()," in docanalyze("export", "20270102-1200", "--format", "csv").out


# -- Datasette -------------------------------------------------------------------------------------


def test_the_metadata_describes_every_table_and_column(library: Path) -> None:
    told = metadata(library, questions())["databases"]["docanalyze"]
    there = ask(library, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')", {}).rows
    ours = {str(name) for (name,) in there if not str(name).startswith(("source_fts_", "findings_fts_"))}
    assert set(told["tables"]) == ours
    for name, table in told["tables"].items():
        columns = {row[0] for row in ask(library, "SELECT name FROM pragma_table_info(:t)", {"t": name}).rows}
        assert set(table["columns"]) == columns, name
        assert table["description"], name
        assert {*table["facets"], *filter(None, [table.get("label_column")])} <= columns, name


def test_canned_questions_answer_with_empty_parameters_as_with_none(library: Path) -> None:
    for one in questions():
        empty = ask(library, with_defaults(one), {x.name: "" for x in one.parameters}, seconds=30)
        assert empty == ask(library, one.sql, one.values({}), seconds=30), one.name
    few = ask(library, with_defaults(question("obligations")), {"party": "tenant", "document": ""}).rows
    assert [row[0] for row in few] == ["The Tenant"]


def test_the_command_prints_the_metadata(docanalyze: Command, library: Path) -> None:
    assert set(docanalyze("datasette", "--metadata").json["databases"]) == {"docanalyze"}
    assert docanalyze("datasette", "--metadata", "--db", "none.db").code == 1


def test_datasette_serves_this_machine_alone(library: Path) -> None:
    line = command(library, Path("metadata.json"), 8001, browser=False)
    assert line[line.index("--host") + 1] == "127.0.0.1"
    assert line[1:4] == ["-P", "-m", "datasette"]


def test_what_to_install_is_said(docanalyze: Command, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = docanalyze("datasette")
    assert (done.code, done.err.count("\n"), "docanalyze[web]" in done.err) == (2, 1, True)


def test_datasette_answers_and_only_reads(library: Path, here: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "docanalyze", "datasette", "--port", str(port)])
    try:
        base, until = f"http://127.0.0.1:{port}/docanalyze", time.monotonic() + 30
        while True:
            try:
                answer = urllib.request.urlopen(f"{base}/obligations.json?_shape=array&party=tenant").read()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.2)
        assert [row["party"] for row in json.loads(answer)] == ["The Tenant"]
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{base}.json?sql=DELETE+FROM+runs")
        elsewhere = urllib.request.Request(f"{base}.json", headers={"Host": f"rebound.example:{port}"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(elsewhere)
        page = urllib.request.urlopen(f"{base}/findings_view").read().decode()
        assert "the place in words" in page or "Every finding with each of its quotes" in page
    finally:
        server.terminate()
        assert server.wait(10) == 143
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(base)
