"""`docanalyze batch`: what of a folder is read, that nothing is done twice, and what is said of what fails."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from docanalyze.batch import listing, running
from docanalyze.batch.engine import MOST_CRASHES, Engine, Happening, Order, Watch
from docanalyze.batch.lanes import Processes
from docanalyze.batch.listing import Wanted
from docanalyze.batch.progress import Progress
from docanalyze.config import Settings
from docanalyze.errors import StoreLocked
from docanalyze.model import BatchDocument, BatchState, Spent
from docanalyze.pipeline import Task
from docanalyze.pipeline import Wanted as Models
from docanalyze.store import Store
from tests.conftest import CONTRACT, PAPER, Command


@pytest.fixture
def room(here: Path) -> Path:
    """A small data room: three documents, one of them twice, one broken, and what is none."""
    folder = here / "room"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text(CONTRACT, encoding="utf-8")
    (folder / "sub" / "b.md").write_text(PAPER, encoding="utf-8")
    (folder / "sub" / "copy of a.txt").write_text(CONTRACT, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"")
    (folder / "data.json").write_text("{}", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder / ".hidden.txt").write_text(CONTRACT, encoding="utf-8")
    return folder


def states(found: list[BatchDocument]) -> dict[str, str]:
    return {Path(one.source).name: one.state.value for one in found}


# -- what is listed --------------------------------------------------------------------------------


def test_a_folder_is_listed_in_order_with_a_reason_for_all_that_is_left_out(room: Path) -> None:
    (room / "link.txt").symlink_to(room / "a.txt")
    found = listing.listed([str(room), str(room / "a.txt")], Wanted())
    assert states(found) == {
        ".hidden.txt": "skipped", "a.txt": "waiting", "broken.pdf": "failed", "data.json": "skipped",
        "link.txt": "skipped", "picture.png": "skipped", "b.md": "waiting", "copy of a.txt": "waiting",
    }  # fmt: skip
    assert [one.number for one in found] == list(range(1, 9)), "what is named twice is one document"
    assert all(one.reason for one in found if one.state is not BatchState.WAITING)


def test_patterns_limits_and_code_bases(room: Path) -> None:
    def waiting(wanted: Wanted, *sources: Path | str) -> list[str]:
        listed = listing.listed([str(one) for one in sources or (room,)], wanted)
        return [Path(one.source).name for one in listed if one.state is BatchState.WAITING]

    assert waiting(Wanted(include=("*.json", "sub/*.md"))) == ["data.json", "b.md"]
    assert waiting(Wanted(exclude=("sub/*",))) == waiting(Wanted(exclude=("sub/",))) == ["a.txt"]
    assert waiting(Wanted(limit=2)) == ["a.txt", "b.md"]
    assert waiting(Wanted(), room / "**" / "*.md") == ["b.md"]
    (room / "sub" / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    (code,) = [one for one in listing.listed([str(room)], Wanted(repos=True)) if one.is_code]
    assert Path(code.source) == room / "sub" and not Path(code.source).is_symlink()
    (gone,) = listing.listed([str(room / "nowhere")], Wanted())
    assert gone.state is BatchState.FAILED and "no file nowhere" in gone.reason
    (none,) = listing.listed([str(room / "**" / "*.odp")], Wanted())
    assert none.state is BatchState.FAILED and "check the pattern" in none.reason


def test_where_nothing_is_there_nothing_is_done(room: Path, docanalyze: Command) -> None:
    told = docanalyze("batch", str(room / "nowhere"), str(room / "*.odp"))
    assert told.code == 2 and "nothing is there of what was named" in told.err
    assert not list(Path("outputs").glob("batch-*")), "an earlier batch is left as it was"
    some = docanalyze("batch", str(room / "nowhere"), str(room / "a.txt"))
    assert some.code == 1 and "Done      1" in some.out and "no file nowhere" in some.out


def test_what_this_program_writes_is_no_document(room: Path, docanalyze: Command) -> None:
    assert docanalyze("batch", "room", "--jobs", "1", "--db", "room/a.db", "-q").code == 1
    before = listing.listed([str(room)], Wanted())
    assert not [one.source for one in before if one.state is BatchState.WAITING and one.source.endswith(("html", "db"))]
    again = docanalyze("batch", "room", "--jobs", "1", "--db", "room/a.db", "-q", "--json").json
    assert again["counts"]["done"] == 3 and again["unchanged"] == 3


def test_nothing_is_passed_over_in_silence_for_its_name_alone(room: Path, docanalyze: Command) -> None:
    for name in ("reading-list.html", "batch-records.html", "batch-7.html", "notes/agenda.txt"):
        (room / name).parent.mkdir(exist_ok=True)
        (room / name).write_text(f"<p>{PAPER}</p>", encoding="utf-8")
    found = listing.listed([str(room)], Wanted(apart=(room / "notes",)))
    told = states(found)
    assert told["reading-list.html"] == told["batch-records.html"] == "waiting"
    assert told["batch-7.html"] == told["notes"] == "skipped"
    roundabout = listing.listed([str(room / "sub" / "..")], Wanted(apart=(room / "notes",)))
    assert states(roundabout)["notes"] == "skipped"
    assert states(listing.listed([str(room / "batch-7.html")], Wanted())) == {"batch-7.html": "waiting"}
    noted = docanalyze("batch", "room/a.txt", "--jobs", "1", "--judge-every", "3")
    assert "--judge-every changes nothing" in noted.err


@pytest.mark.skipif(os.name == "nt", reason="links and deep folders are POSIX's")
def test_deep_folders_and_links_in_a_circle_are_listed(room: Path) -> None:
    (room / "round").symlink_to(room)
    found = listing.listed([str(room / "**" / "*.md")], Wanted())
    assert [Path(one.source).relative_to(room).as_posix() for one in found] == ["sub/b.md"]
    deep = room / Path(*"d" * 1_200)
    subprocess.run(["mkdir", "-p", deep], check=True)
    try:
        (deep / "deep.txt").write_text(CONTRACT, encoding="utf-8")
        assert states(listing.listed([str(room)], Wanted()))["deep.txt"] == "waiting"
    finally:
        # Python's own way would go too deep.
        subprocess.run(["rm", "-rf", room / "d"], check=True)


@pytest.mark.skipif(os.name == "nt", reason="such names are POSIX's")
def test_names_that_are_no_text_are_kept_and_shown_harmlessly(room: Path) -> None:
    strange = os.fsencode(room) + b"/\xff\x1b[31m\n<b>.txt"
    Path(os.fsdecode(strange)).write_text(CONTRACT.replace("Vermont", "Maine"), encoding="utf-8")
    os.mkfifo(room / "pipe")
    line = [sys.executable, "-m", "docanalyze", "batch", "room", "--include", "*.txt", "--jobs", "1"]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "\x1b" not in told.stdout + told.stderr
    with Store.open(Path("outputs/docanalyze.db")) as store:
        documents = store.batches.documents(1)
    assert os.fsdecode(strange) in [str(Path(one.source).absolute()) for one in documents]
    assert {one.reason for one in documents if one.source.endswith("pipe")} == {"no ordinary file"}
    page = Path("outputs/batch-1.html").read_text(encoding="utf-8")
    assert "<b>" not in page and "\x1b" not in page


# -- what is done, and done again ------------------------------------------------------------------


def test_a_batch_is_done_once_and_told_in_full(room: Path, docanalyze: Command) -> None:
    first = docanalyze("batch", "room", "--jobs", "1", "--json", "--price-in", "1")
    assert first.code == 1, first.err
    assert first.json["cost"] == 0.0, "the built-in analyst asks no model"
    assert "done room/a.txt: 20 findings" in first.err and "broken.pdf is empty" not in first.err
    told = first.json
    assert told["complete"] and told["counts"]["done"] == 3 and told["counts"]["failed"] == 1
    assert told["counts"]["skipped"] == 3
    by_name = {Path(one["source"]).name: one for one in told["documents"]}
    assert by_name["copy of a.txt"]["run"] == by_name["a.txt"]["run"], "the same content is one analysis"
    assert "the same content as room/a.txt" in by_name["copy of a.txt"]["reason"]
    page = Path(told["report"]).read_text(encoding="utf-8")
    for run in {one["run"] for one in told["documents"] if one["run"]}:
        assert Path("outputs", f"{run}.html").is_file() and f'href="{run}.html"' in page
    runs = _runs()
    again = docanalyze("batch", "room", "--jobs", "1", "--json")
    assert again.json["unchanged"] == 3 and _runs() == runs, "nothing is analysed or stored twice"
    changed = docanalyze("batch", "room", "--jobs", "1", "--json", "--window", "16000").json
    assert changed["unchanged"] == 1 and len(_runs()) == len(runs) + 2, "what is asked otherwise is done"
    (room / "a.txt").write_text(CONTRACT.replace("thirty (30)", "sixty (60)"), encoding="utf-8")
    again = docanalyze("batch", "room", "--jobs", "1", "--json")
    assert again.json["unchanged"] == 2, "what has another content is done"
    with Store.open(Path("outputs/docanalyze.db")) as store:
        (kept, *_) = [one for one in store.batches.documents(1) if one.source.endswith("b.md")]
        store.forget(store.run(kept.run).document_id)
        assert not [one for one in store.batches.documents(1) if one.source.endswith("b.md")], (
            "it is forgotten here too"
        )


def test_a_dry_run_tells_tokens_and_time_and_leaves_nothing(room: Path, docanalyze: Command) -> None:
    told = docanalyze("batch", "room", "--jobs", "1", "--dry-run", "--json")
    assert not Path("outputs").exists()
    waiting = [one for one in told.json["documents"] if one["tokens"]]
    assert len(waiting) == 2 and told.json["tokens"] == sum(one["tokens"] for one in waiting)
    assert told.json["seconds"] is None
    docanalyze("batch", "room", "--jobs", "1", "--limit", "1", "-q")
    known = docanalyze("batch", "room", "--jobs", "1", "--dry-run")
    assert (
        "a.txt: done before" in known.out
        and "the same content as" in known.out
        and "1 document, " in known.out
        and ", about " in known.out
    )


def test_a_dry_run_knows_what_was_done_by_whatever_command(room: Path, docanalyze: Command) -> None:
    (room / "broken.pdf").unlink()
    tool = room / "tool"
    tool.mkdir()
    (tool / "pyproject.toml").write_text('[project]\nname = "tool"\n', encoding="utf-8")
    (tool / "main.py").write_text("def main():\n    print('hello')\n", encoding="utf-8")
    assert docanalyze("analyze", room / "a.txt").code == 0
    line = ("batch", "room", "--jobs", "1", "--repos", "--json")
    before = docanalyze(*line, "--dry-run").json
    told = {Path(one["source"]).name: one["reason"] for one in before["documents"] if one["state"] == "done"}
    assert told == {"a.txt": "done before", "copy of a.txt": "the same content as room/a.txt"}
    assert docanalyze(*line).code == 0
    assert docanalyze(*line, "--dry-run").json["tokens"] == 0
    assert docanalyze(*line, "--dry-run", "--redo").json["tokens"] > before["tokens"] > 0


def test_what_failed_stays_failed_until_it_changes_or_is_asked_for(room: Path, docanalyze: Command) -> None:
    (room / "broken.pdf").write_bytes(b"%PDF-1.4 nothing of a PDF")
    told = [docanalyze("batch", "room", "--jobs", "1", *more, "--json") for more in ((), (), ("--retry-failed",))]
    tries = [_tries(one.json) for one in told]
    assert tries == [1, 1, 2]
    (room / "broken.pdf").write_text(PAPER.replace("hulls", "masts"), encoding="utf-8")
    mended = docanalyze("batch", "room", "--jobs", "1", "--json")
    assert mended.code == 0 and mended.json["counts"]["done"] == 4


def test_what_failed_is_tried_again_where_a_password_is_given_or_all_is_redone(room: Path, docanalyze: Command) -> None:
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "The Customer shall pay within thirty (30) days.")
        pdf.save(room / "broken.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="key", owner_pw="key")
    told = [
        docanalyze("batch", "room", "--jobs", "1", *more, "--json").json
        for more in ((), ("--redo",), ("--password", "wrong"), ("--password", "key"), ("--password", "key"))
    ]
    assert [_tries(one) for one in told] == [1, 2, 3, 4, 4]
    assert [one["counts"]["failed"] for one in told] == [1, 1, 1, 0, 0]


def test_what_is_done_again_goes_on_where_it_was_stopped(room: Path) -> None:
    (room / "broken.pdf").unlink()
    settings = Settings(db=room.parent / "a.db", out=room.parent)
    request = running.Request((str(room),), Task("", settings), Wanted(), Models(), jobs=1)
    again = replace(request, task=replace(request.task, redo=True))

    def silent(documents: object) -> Watch:
        return lambda happening: None

    def stopping(documents: object) -> Watch:
        def stopped(happening: Happening) -> None:
            if happening.document is not None and happening.document.state is BatchState.DONE:
                raise KeyboardInterrupt

        return stopped

    def count() -> int:
        with Store.open(settings.db) as store:
            return len(store.runs())

    running.run(request, lambda event: None, silent)
    assert count() == 2
    with pytest.raises(KeyboardInterrupt):
        running.run(again, lambda event: None, stopping)
    with Store.open(settings.db) as store:
        listed = store.batches.documents(1)
        # What the interrupted command had not committed yet, as a kill would leave it or not.
        done = [replace(one, state=BatchState.DONE) for one in listed if one.source.endswith("a.txt")][:1]
        store.batches.put(1, *done)
    before = count()
    outcome = running.run(again, lambda event: None, silent)
    assert outcome.count(BatchState.DONE) == 3 and count() == before + 1, "one was done again already"
    outcome = running.run(again, lambda event: None, silent)
    assert outcome.count(BatchState.DONE) == 3 and count() == before + 3, "that one ended, and this is another"


def test_a_code_base_that_failed_is_tried_again(here: Path, docanalyze: Command) -> None:
    (here / "room" / "tool" / ".git").mkdir(parents=True)
    empty = docanalyze("batch", "room", "--jobs", "1", "--repos", "--json")
    assert empty.code == 1 and empty.json["counts"]["failed"] == 1
    (here / "room" / "tool" / "main.py").write_text("def main():\n    print('hello')\n", encoding="utf-8")
    filled = docanalyze("batch", "room", "--jobs", "1", "--repos", "--json")
    assert filled.code == 0 and filled.json["counts"]["done"] == 1


def _runs() -> list[str]:
    with sqlite3.connect("outputs/docanalyze.db") as connection:
        return [name for (name,) in connection.execute("SELECT id FROM runs ORDER BY id")]


def _tries(told: dict[str, object]) -> int:
    documents = told["documents"]
    assert isinstance(documents, list)
    return next(int(one["tries"]) for one in documents if one["source"].endswith("broken.pdf"))


def test_wrong_names_kinds_and_empty_folders_are_said(here: Path, docanalyze: Command) -> None:
    (here / "empty").mkdir()
    nothing = docanalyze("batch", "empty")
    assert nothing.code == 2 and "no document was found" in nothing.err
    (here / "empty" / "data.json").write_text("{}", encoding="utf-8")
    skipped = docanalyze("batch", "empty", "--include", "*.pfd")
    assert skipped.code == 2 and "1 file skipped" in skipped.err and "not among --include" in skipped.err
    assert "skipped" in docanalyze("batch", "empty", "--dry-run").out
    assert not (here / "outputs" / "docanalyze.db").exists(), "a wrong line leaves no database behind"
    assert docanalyze("batch", "nowhere").code == 2
    wrong = docanalyze("batch", "empty", "--kind", "nonsense")
    assert wrong.code == 2 and "nonsense" in wrong.err and "Traceback" not in wrong.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--section", "nonsense"), "no kind has a section 'nonsense'"),
        (("--kind", "paper", "--section", "law"), "the kind paper has no section 'law'"),
        (("--ask", " "), "an empty question"),
        (("",), "has no name"),
    ],
)
def test_what_fits_no_document_is_said_before_any_is_read(
    room: Path, docanalyze: Command, arguments: tuple[str, ...], said: str
) -> None:
    told = docanalyze("batch", "room", *arguments)
    assert (told.code, told.err.count("\n")) == (2, 1) and said in told.err
    assert not Path("outputs").exists()


def test_fail_on_holds_for_all_documents(room: Path, docanalyze: Command) -> None:
    (room / "broken.pdf").unlink()
    assert docanalyze("batch", "room", "--jobs", "1", "-q").code == 0
    with sqlite3.connect("outputs/docanalyze.db") as connection:
        connection.execute("UPDATE verdicts SET label = 'unsupported'")
    assert docanalyze("batch", "room", "--jobs", "1", "-q", "--fail-on", "unsupported").code == 4


def test_a_document_without_text_is_not_in_order(here: Path, docanalyze: Command) -> None:
    (here / "room").mkdir()
    with pymupdf.open() as pdf:
        pdf.new_page().draw_rect(pymupdf.Rect(50, 50, 300, 300), fill=(0, 0, 0))
        pdf.save(here / "room" / "scan.pdf")
    line = ("batch", "room", "--jobs", "1", "--ocr", "never", "--fail-on", "review")
    told, again = docanalyze(*line), docanalyze(*line, "--json")
    assert told.code == again.code == 4, "as where it is analysed alone"
    assert "without text: room/scan.pdf" in told.out and again.json["without_text"] == 1


def test_a_price_that_is_set_later_is_that_of_all(room: Path, docanalyze: Command) -> None:
    assert docanalyze("batch", "room", "--jobs", "1", "--json").json["cost"] is None
    told = docanalyze("batch", "room", "--jobs", "1", "--json", "--price-out", "3").json
    assert told["unchanged"] == 3 and [one["cost"] for one in told["documents"] if one["run"]] == [0.0] * 3


def test_the_same_batch_twice_at_once_is_refused(room: Path) -> None:
    settings = Settings(db=room.parent / "a.db", out=room.parent)
    request = running.Request((str(room),), Task("", settings), Wanted(), Models(), jobs=1)

    def watch(documents: object) -> Watch:
        with pytest.raises(StoreLocked, match="this very batch"):
            running.run(request, lambda event: None, lambda documents: lambda happening: None)
        return lambda happening: None

    assert running.run(request, lambda event: None, watch).count(BatchState.DONE) == 3
    assert not list(room.parent.glob(".*.lock"))


def test_a_code_base_is_one_document(room: Path, docanalyze: Command) -> None:
    (room / "broken.pdf").unlink()
    (room / "tool").mkdir()
    (room / "tool" / "pyproject.toml").write_text('[project]\nname = "tool"\n', encoding="utf-8")
    (room / "tool" / "main.py").write_text('def main():\n    """Says hello."""\n    print("hello")\n', encoding="utf-8")
    told = docanalyze("batch", "room", "--jobs", "1", "--repos", "--json")
    assert told.code == 0, told.err
    (code,) = [one for one in told.json["documents"] if one["source"].endswith("tool")]
    assert code["state"] == "done" and code["findings"]


# -- processes that end ----------------------------------------------------------------------------


def test_a_document_that_ends_its_process_is_set_aside_and_the_others_are_done(
    room: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (room / "crash.txt").write_text("It ends whoever reads it.\n" * 9, encoding="utf-8")
    (room / "mistake.txt").write_text("Nobody thought of it.\n" * 9, encoding="utf-8")
    lines: list[str] = []

    def watch(happening: Happening) -> None:
        lines.append(happening.line)

    settings = Settings(db=room.parent / "a.db", out=room.parent)
    with Store.open(settings.db) as store:
        batch = store.batches.begin("k", [str(room)], "now")
        documents = store.batches.listed(batch.number, listing.listed([str(room)], Wanted()))

        def task(one: BatchDocument) -> Task:
            return Task(one.source, settings)

        lanes = Processes(2, module="tests.crashing_lane")
        try:
            Engine(Order(batch.number, "asked", task, settings.out), store, lanes, watch).run(documents)
        finally:
            lanes.close()
        found = {Path(one.source).name: one for one in store.batches.documents(batch.number)}
    assert found["crash.txt"].state is BatchState.ASIDE and found["crash.txt"].crashes == MOST_CRASHES
    assert "2 times" in found["crash.txt"].reason
    assert found["mistake.txt"].state is BatchState.ASIDE
    assert found["mistake.txt"].reason == "it was tried 2 times: a mistake in docanalyze: KeyError"
    assert "what nobody thought of" in caplog.text, "for whoever mends it"
    assert found["a.txt"].state is found["b.md"].state is BatchState.DONE
    assert any("tried again at the end" in line for line in lines)


def test_what_was_set_aside_has_nothing_of_its_former_content_and_all_its_tries_again(room: Path) -> None:
    settings = Settings(db=room.parent / "a.db", out=room.parent)
    path = room / "a.txt"

    def done(*, retry_failed: bool = False) -> BatchDocument:
        with Store.open(settings.db) as store:
            batch = store.batches.begin("k", [str(path)], "now")
            documents = store.batches.listed(batch.number, listing.listed([str(path)], Wanted()))
            order = Order(batch.number, "asked", lambda one: Task(one.source, settings), settings.out)
            order = replace(order, retry_failed=retry_failed)
            lanes = Processes(1, module="tests.crashing_lane")
            try:
                Engine(order, store, lanes, lambda happening: None).run(documents)
            finally:
                lanes.close()
            (one,) = store.batches.documents(batch.number)
            return one

    assert done().run
    path.write_text("It ends whoever reads it.\n" * 9, encoding="utf-8")
    aside = done()
    assert (aside.state, aside.run, aside.findings, aside.crashes) == (BatchState.ASIDE, "", 0, MOST_CRASHES)
    again = done(retry_failed=True)
    assert again.state is BatchState.ASIDE and again.crashes == MOST_CRASHES and again.tries == aside.tries + 2


def test_a_file_that_vanishes_is_a_failure_with_the_reason(room: Path) -> None:
    settings = Settings(db=room.parent / "a.db", out=room.parent)
    files = Wanted()
    request = running.Request((str(room),), Task("", settings), files, Models(), jobs=1)
    vanishing = room / "sub" / "b.md"

    def watch(documents: object) -> Watch:
        def at_work(happening: Happening) -> None:
            vanishing.unlink(missing_ok=True)

        return at_work

    outcome = running.run(request, lambda event: None, watch)
    (gone,) = [one for one in outcome.documents if one.source.endswith("b.md")]
    assert gone.state is BatchState.FAILED and "no file b.md" in gone.reason
    assert outcome.count(BatchState.DONE) == 2


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_two_batches_on_one_database_share_the_work(room: Path, docanalyze: Command) -> None:
    docanalyze("batch", "room", "--jobs", "1", "-q")
    with sqlite3.connect("outputs/docanalyze.db") as connection:
        (sha256, asked), *_ = connection.execute(
            "SELECT sha256, asked FROM batch_documents WHERE source LIKE '%a.txt' AND reason = ''"
        )
    with Store.open(Path("outputs/docanalyze.db")) as store:
        settings = Settings(db=store.path)
        lines: list[str] = []
        held = store.claim(f"content-{sha256[:40]}-{asked[:12]}")
        assert held is not None
        # Another batch, under another name, that has begun on it.
        other = store.batches.begin("other", ["x"], "now")
        at_it = BatchDocument(1, str(room / "a.txt"), state=BatchState.WORKING, tries=1)
        store.batches.put(other.number, at_it)
        request = running.Request(
            (str(room),), Task("", settings, redo=True), Wanted(include=("a.txt",)), Models(), jobs=1
        )

        def watch(documents: object) -> Watch:
            def told(happening: Happening) -> None:
                if happening.line:
                    lines.append(happening.line)
                    held.__exit__(None, None, None)

            return told

        outcome = running.run(request, lambda event: None, watch)
    assert lines and f"batch {other.number} works on it" in lines[0]
    assert outcome.count(BatchState.DONE) == 1


@pytest.mark.skipif(os.name == "nt", reason="limits are POSIX's")
def test_on_a_full_disk_the_batch_stops_and_goes_on_when_there_is_room(room: Path, docanalyze: Command) -> None:
    line = f"ulimit -f 800; exec {sys.executable} -m docanalyze batch room --jobs 1 --json"
    full = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert full.returncode == 1 and "Traceback" not in full.stderr
    assert "space left" in full.stderr and "the same command goes on" in full.stderr
    told = docanalyze("batch", "room", "--jobs", "1", "--json").json
    assert told["complete"] and told["counts"]["done"] == 3
    with Store.open(Path("outputs/docanalyze.db")) as store:
        assert store.verify() == [] and len(store.runs()) == 2


# -- sums ------------------------------------------------------------------------------------------


def test_time_left_is_told_by_tokens_and_cost_by_prices() -> None:
    documents = [BatchDocument(number, f"{number}.txt", 4_000 * number) for number in range(1, 5)]
    progress = Progress(documents)
    assert progress.total == 4 and progress.share == 0.0 and progress.seconds_left is None
    working = replace(documents[3], state=BatchState.WORKING)
    progress.take(Happening(working, lane=0))
    assert progress.at == {0: working}
    progress.take(Happening(replace(working, state=BatchState.DONE, tokens=4_000, findings=7)))
    assert progress.done == 1 and progress.findings == 7 and not progress.at
    assert 0.35 < progress.share < 0.45, "the longest of four is more than a quarter"
    assert progress.seconds_left is not None and progress.seconds_left > 0
    spent = Spent(1_000_000, 500_000, 10_000) + Spent(1_000_000, 0, 90_000)
    assert spent.cost(0.5, 2.0) == pytest.approx(1.2)


def test_a_price_below_nothing_is_refused(room: Path, docanalyze: Command) -> None:
    wrong = docanalyze("batch", "room", "--price-in", "-3")
    assert wrong.code == 2 and "no price" in wrong.err
