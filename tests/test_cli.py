"""The command as a user types it: what is printed where, and the exit code."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pymupdf
import pytest

from tests.conftest import CONTRACT, Command, unmeasured

SAMPLE = Path(__file__).parent.parent / "samples" / "contract.pdf"
SCHEMA = json.loads((files("docanalyze.cli") / "runs.schema.json").read_text(encoding="utf-8"))


def test_no_argument_gives_help(docanalyze: Command) -> None:
    result = docanalyze()
    assert result.code == 0
    assert "analyze" in result.out and "verify" in result.out


def test_a_file_needs_no_command(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, "--quiet")
    assert result.code == 0
    assert "Governing law: Vermont" in result.out and "State of Vermont" in result.out
    assert "line 20, §4.1" in result.out
    assert result.err == ""


def test_in_a_pipe_lines_end_where_their_words_end(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, "--quiet")
    lines = result.out.splitlines()
    assert len(lines) > 20 and max(map(len, lines)) <= 80
    assert not [line for line in lines if line != line.rstrip()]
    assert "\x1b" not in result.out


def test_options_may_stand_before_the_file(docanalyze: Command, contract: Path) -> None:
    assert docanalyze("--quiet", "--section", "law", contract).code == 0


def test_the_command_says_where_things_are(docanalyze: Command, contract: Path, here: Path) -> None:
    result = docanalyze(contract, "--quiet")
    assert "outputs/docanalyze.db" in result.out
    assert (here / "outputs" / "docanalyze.db").exists()
    [page] = (here / "outputs").glob("*.html")
    assert f"outputs/{page.name}" in result.out
    assert page.with_suffix(".md").exists()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_what_is_kept_is_the_owners_alone(docanalyze: Command, contract: Path, here: Path) -> None:
    docanalyze(contract, "--quiet")
    kept = here / "outputs"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in kept.iterdir()} == {
        path.name: "0o600" for path in kept.iterdir()
    }


def test_a_missing_file(docanalyze: Command) -> None:
    result = docanalyze("nowhere.pdf", "--quiet")
    assert result.code == 1
    assert result.out == ""
    assert "nowhere.pdf" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_missing_file_named_nearly_like_a_command(docanalyze: Command) -> None:
    result = docanalyze("verfy", "--quiet")
    assert result.code == 1
    assert "did you mean the command verify" in result.err


def test_a_command_after_an_option_is_explained(docanalyze: Command) -> None:
    result = docanalyze("--db", "x.db", "runs")
    assert result.code == 1
    assert "runs is a command" in result.err


def test_a_file_named_like_a_command(docanalyze: Command, here: Path) -> None:
    (here / "runs").write_text(CONTRACT, encoding="utf-8")
    assert "Vermont" in docanalyze("./runs", "--quiet").out
    assert "Vermont" not in docanalyze("runs").out


def test_a_folder_is_one_line(docanalyze: Command, here: Path) -> None:
    result = docanalyze(here, "--quiet")
    assert result.code == 1
    assert "is a folder" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_web_address_is_refused(docanalyze: Command) -> None:
    result = docanalyze("https://example.com/contract.pdf", "--quiet")
    assert result.code == 1
    assert "local" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--pages", "x", "a.txt"],
        ["--pages", "5-3", "a.txt"],
        ["--max-size", "huge", "a.txt"],
        ["--kind", "contrct", "a.txt"],
        ["--window", "0", "a.txt"],
        ["--no-such-option", "a.txt"],
        ["--fail-on", "rain", "a.txt"],
        ["analyze"],
        ["forget"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(docanalyze: Command, arguments: list[str]) -> None:
    result = docanalyze(*arguments)
    assert result.code == 2
    assert result.err.startswith("docanalyze: ")
    assert len(result.err.splitlines()) == 1


def test_a_wrong_section_names_those_there_are(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, "--section", "weather", "--quiet")
    assert result.code == 2
    assert "liability" in result.err


def test_a_missing_file_is_said_once_on_a_dry_run_too(here: Path) -> None:
    result = command("nowhere.pdf", "--dry-run")
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1


def test_one_bad_file_does_not_stop_the_others(docanalyze: Command, contract: Path, here: Path) -> None:
    (here / "empty.txt").touch()
    result = docanalyze("nowhere.txt", contract, "empty.txt", "--json", "--quiet")
    assert result.code == 1
    assert [run["source"] for run in result.json["runs"]] == [str(contract)]
    assert [failure["source"] for failure in result.json["failures"]] == ["nowhere.txt", "empty.txt"]
    assert result.json["failures"][0]["error"] == "SourceMissing"


def test_json_is_all_of_standard_output_and_keeps_to_its_schema(docanalyze: Command, contract: Path) -> None:
    for result in (docanalyze(contract, "--json"), docanalyze("show", "--json")):
        jsonschema.validate(result.json, SCHEMA)
        [run] = result.json["runs"]
        assert run["state"] == "done"
        places = [p for f in run["findings"] for e in f["evidence"] for p in e["places"]]
        assert places
        for place in places:
            assert CONTRACT[place["start"] : place["end"]] == place["text"]


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "docanalyze.runs", "version": 1, "runs": [{}], "failures": []}, SCHEMA)


def test_progress_is_plain_lines_when_not_a_terminal(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract)
    assert "Reading" in result.err and "Judging" in result.err
    assert "\x1b" not in result.err and "\r" not in result.err
    assert "\x1b" not in result.out


def test_a_finished_run_is_shown_again_and_not_repeated(docanalyze: Command, contract: Path) -> None:
    first = docanalyze(contract, "--json", "--quiet").json["runs"][0]
    again = docanalyze(contract, "--quiet")
    assert first["id"] in again.out
    assert "--redo" in again.out
    redone = docanalyze(contract, "--redo", "--json", "--quiet").json["runs"][0]
    assert redone["id"] != first["id"]
    assert [f["statement"] for f in redone["findings"]] == [f["statement"] for f in first["findings"]]


def test_another_question_is_another_run(docanalyze: Command, contract: Path) -> None:
    whole = docanalyze(contract, "--json", "--quiet").json["runs"][0]
    law = docanalyze(contract, "--section", "law", "--json", "--quiet").json["runs"][0]
    assert law["id"] != whole["id"]
    assert {finding["section"] for finding in law["findings"]} == {"law"}


def test_dry_run_says_what_would_be_done_and_keeps_nothing(docanalyze: Command, contract: Path, here: Path) -> None:
    result = docanalyze(contract, "--dry-run", "--quiet")
    assert result.code == 0
    assert "tokens" in result.out and "Calls" in result.out
    assert not (here / "outputs").exists()
    planned = docanalyze(contract, "--dry-run", "--json", "--quiet").json
    assert planned["plans"][0]["windows"][0]["tokens"] > 0


def test_small_windows_cover_everything(docanalyze: Command, here: Path) -> None:
    long = here / "long.txt"
    long.write_text(CONTRACT * 40, encoding="utf-8")
    [run] = docanalyze(long, "--window", "4000", "--json", "--quiet").json["runs"]
    assert len(run["windows"]) > 2
    assert run["coverage"]["chars_out"] == 0
    assert all(window["tokens"] <= window["budget"] for window in run["windows"])


def test_a_window_too_small_for_anything(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, "--window", "50", "--quiet")
    assert result.code == 1
    assert "--window" in result.err


@pytest.mark.parametrize(("fail_on", "code"), [("unsupported", 0), ("review", 4)])
def test_fail_on(docanalyze: Command, contract: Path, fail_on: str, code: int) -> None:
    """The contract speaks of no insurance, but of `liability`: at least one absence needs review."""
    contract.write_text(CONTRACT + "\n5. Other\n\n5.1 The parties discussed insurance.\n", encoding="utf-8")
    labels = {
        finding["verdicts"][-1]["label"]
        for finding in docanalyze(contract, "--json", "--quiet").json["runs"][0]["findings"]
    }
    assert "review" in labels and "unsupported" not in labels
    assert docanalyze(contract, "--fail-on", fail_on, "--quiet").code == code


def test_show_report_runs_verify_forget(docanalyze: Command, contract: Path, here: Path) -> None:
    run = docanalyze(contract, "--json", "--quiet").json["runs"][0]["id"]
    assert "Vermont" in docanalyze("show").out
    assert "Vermont" in docanalyze("show", run[:16]).out
    assert run in docanalyze("runs").out
    assert docanalyze("runs", "--json").json["runs"][0]["id"] == run
    for path in (here / "outputs").glob("*.html"):
        path.unlink()
    assert docanalyze("report").code == 0
    assert (here / "outputs" / f"{run}.html").exists()
    assert docanalyze("verify").code == 0
    assert docanalyze("verify", "latest").code == 0
    assert docanalyze("forget", run).code == 0
    assert not (here / "outputs" / f"{run}.html").exists()
    assert docanalyze("show", run).code == 1


def test_forget_says_what_it_cannot_reach(docanalyze: Command) -> None:
    said = " ".join(docanalyze("forget", "--help").out.replace("│", " ").split())
    assert "What a running server has of it in memory goes when it stops" in said


def test_forget_a_document_forgets_every_trace(docanalyze: Command, contract: Path, here: Path) -> None:
    document = docanalyze(contract, "--json", "--quiet").json["runs"][0]["document"]["id"]
    docanalyze(contract, "--section", "law", "--quiet")
    assert b"Vermont" in (here / "outputs" / "docanalyze.db").read_bytes()
    assert docanalyze("forget", document[:12]).code == 0
    for path in (here / "outputs").iterdir():
        assert b"Vermont" not in path.read_bytes(), path.name


def test_verify_notices_one_altered_byte(docanalyze: Command, contract: Path, here: Path) -> None:
    docanalyze(contract, "--quiet")
    with sqlite3.connect(here / "outputs" / "docanalyze.db") as connection:
        connection.execute("update texts set text = replace(text, 'Vermont', 'Vermond')")
    connection.close()
    result = docanalyze("verify")
    assert result.code == 1
    assert "do not hold" in result.out


def test_text_shows_segments_with_places(docanalyze: Command, contract: Path) -> None:
    result = docanalyze("text", contract)
    assert "] line 20, §4.1" in result.out
    assert "laws of the State of Vermont." in result.out


def test_tokens_counts_the_decoded_file_unchanged(docanalyze: Command, here: Path) -> None:
    path = here / "a.txt"
    path.write_bytes(b"Two  lines\r\n\r\nhere.\r\n")
    from docanalyze.tokens import packaged

    counted = docanalyze("tokens", path, "--json").json
    assert counted["text_tokens"] == packaged()("Two  lines\r\n\r\nhere.\r\n")
    assert [window["needed"] for window in counted["windows"]] == [1, 1, 1]
    assert "131,072 window: whole" in docanalyze("tokens", path).out


def test_kinds_and_schema(docanalyze: Command) -> None:
    kinds = docanalyze("kinds").out
    assert "contract:" in kinds and "document:" in kinds and "liability" in kinds
    assert "findings_view" in docanalyze("schema").out
    assert docanalyze("schema", "--json").json == SCHEMA


def test_hostile_words_reach_the_terminal_as_words(docanalyze: Command, here: Path) -> None:
    path = here / "hostile.txt"
    path.write_text(CONTRACT.replace("Vermont", "[/Schedule A][red]Ver\x1b[31mmont\x07\u202e"), encoding="utf-8")
    for result in (docanalyze(path), docanalyze("text", path)):
        assert "[/Schedule A][red]Ver" in result.out
        assert not {"\x1b", "\x07", "\u202e"} & set(result.out + result.err)


def test_no_runs_yet(docanalyze: Command) -> None:
    result = docanalyze("show")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def test_standard_input(here: Path) -> None:
    result = command("-", "--json", "--quiet", stdin=CONTRACT)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["runs"][0]["document"]["name"]


def test_help_loads_nothing_heavy(here: Path) -> None:
    code = (
        "import sys; from docanalyze.cli import call; call(['--help']); "
        "print([m for m in ('pymupdf', 'tiktoken', 'sqlite_utils', 'jinja2', 'nupunkt', 'rapidfuzz') "
        "if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_error(contract: Path) -> None:
    line = f"{sys.executable} -m docanalyze text {contract} | head -n 1"
    result = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_pages_of_a_text_fail_that_document_alone(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, SAMPLE, "--pages", "2-4", "--quiet", "--json")
    assert result.code == 1 and "has no pages" in result.err
    assert [len(result.json[part]) for part in ("runs", "failures")] == [1, 1]
    assert docanalyze(contract, "--pages", "2", "--quiet").code == 2


def test_a_name_that_no_file_can_have(docanalyze: Command) -> None:
    result = docanalyze("x" * 5_000)
    assert result.code == 1 and "cannot be reached" in result.err and "Traceback" not in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device there")
def test_output_that_cannot_be_written_is_one_line(contract: Path) -> None:
    for arguments in (["text", str(contract)], [str(contract), "--quiet"], [str(contract), "--quiet", "--json"]):
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                [sys.executable, "-m", "docanalyze", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                env=unmeasured(),
            )
        assert result.returncode == 1
        assert result.stderr.splitlines() == [
            "docanalyze: standard output cannot be written: No space left on device: what was finished is kept"
        ]


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_closed_standard_input_is_one_line(here: Path) -> None:
    result = subprocess.run(
        f"{sys.executable} -m docanalyze - <&-", shell=True, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "standard input is closed" in result.stderr


def test_forget_deletes_reports_in_the_folder_where_they_were_put(
    docanalyze: Command, contract: Path, here: Path
) -> None:
    docanalyze(contract, "--quiet", "--out", here / "elsewhere")
    assert len(list((here / "elsewhere").glob("*.html"))) == 1
    assert "2 report files" in docanalyze("forget", "latest").out
    assert not list((here / "elsewhere").glob("*.html"))


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_every_folder_that_is_made_is_the_owners_alone(docanalyze: Command, contract: Path, here: Path) -> None:
    docanalyze(contract, "--quiet", "--db", here / "a" / "b" / "c.db", "--out", here / "d" / "e")
    assert {oct((here / name).stat().st_mode & 0o777) for name in ("a", "a/b", "d", "d/e")} == {"0o700"}


def test_a_copy_of_a_document_is_named_as_the_copy(docanalyze: Command, contract: Path, here: Path) -> None:
    docanalyze(contract, "--quiet")
    (here / "copy.txt").write_bytes(contract.read_bytes())
    shown = docanalyze("copy.txt", "--quiet")
    assert "copy.txt is the same document as" in shown.err
    assert docanalyze("copy.txt", "--quiet", "--redo").out.startswith("copy.txt")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_is_one_line_and_130(here: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "docanalyze", "-", "--quiet"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission_to_write(docanalyze: Command, contract: Path, here: Path) -> None:
    here.chmod(0o500)
    result = docanalyze(contract, "--quiet")
    here.chmod(0o700)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def test_database_path_that_cannot_be(docanalyze: Command, contract: Path) -> None:
    result = docanalyze(contract, "--quiet", "--db", contract / "a.db")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "docanalyze", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_scan_is_not_passed_off_as_analysed(here: Path, docanalyze: Command) -> None:
    with pymupdf.open() as pages:
        pages.new_page().draw_rect(pymupdf.Rect(72, 72, 300, 300), fill=(0, 0, 0))
        pages.save(here / "scan.pdf")
    result = docanalyze("scan.pdf")
    assert result.code == 0
    assert "Nothing could be analysed: no text was read." in result.out
    assert "Nothing recognised" not in result.out
    assert docanalyze("scan.pdf", "--fail-on", "review").code == 4
    assert docanalyze("scan.pdf", "--fail-on", "unsupported").code == 0


def test_show_can_be_narrowed_to_sections_and_verdicts(docanalyze: Command) -> None:
    docanalyze(SAMPLE)
    law = docanalyze("show", "--section", "law")
    assert "Governing law: Ireland" in law.out and "Insurance" not in law.out
    assert "\x1b" not in law.out
    assert re.search(r"Shown\s+\d+ of \d+ findings \(\d+ quoted", law.out)
    absent = docanalyze("show", "--verdict", "consistent")
    assert "No clause on force majeure was recognised" in absent.out and "Ireland" not in absent.out
    assert docanalyze("show", "--verdict", "contradicted").out.count("Shown      0 of") == 1
    both = docanalyze("show", "--section", "law", "--section", "audit", "--json").json
    assert {finding["section"] for finding in both["runs"][0]["findings"]} == {"law", "audit"}


def test_show_whole_and_as_markdown(docanalyze: Command) -> None:
    docanalyze(SAMPLE)
    short, whole = (
        docanalyze("show", "--section", "obligations"),
        docanalyze("show", "--section", "obligations", "--full"),
    )
    assert "more: docanalyze show --full --section obligations" in short.out
    assert "more: docanalyze show" not in whole.out and len(whole.out) > len(short.out)
    md = docanalyze("show", "--section", "law", "--md")
    assert md.out.startswith("# contract.pdf") and "### Governing law and disputes" in md.out
    assert "### Insurance" not in md.out


def test_show_of_what_there_is_not_says_what_there_is(docanalyze: Command) -> None:
    docanalyze(SAMPLE)
    wrong = docanalyze("show", "--section", "laws")
    assert (wrong.code, wrong.out) == (2, "") and "no section 'laws': it has parties, dates," in wrong.err
    wrong = docanalyze("show", "--verdict", "right")
    assert wrong.code == 2 and "'supported'" in wrong.err
