"""What of a batch goes with a document that is forgotten."""

from pathlib import Path

from tests.conftest import CONTRACT, PAPER, Command


def test_the_page_of_a_batch_forgets_with_the_database(here: Path, docanalyze: Command) -> None:
    (here / "room").mkdir()
    (here / "room" / "secret.txt").write_text(CONTRACT, encoding="utf-8")
    (here / "room" / "open.txt").write_text(PAPER, encoding="utf-8")
    told = docanalyze("batch", "room", "--jobs", "1", "--json").json
    run = next(one["run"] for one in told["documents"] if one["source"].endswith("secret.txt"))
    page = Path(told["report"])
    assert "secret.txt" in page.read_text(encoding="utf-8")
    forgotten = docanalyze("forget", run)
    assert forgotten.code == 0 and "Written again without it: 1 page of batches" in forgotten.out
    left = page.read_text(encoding="utf-8")
    assert "secret.txt" not in left and run not in left and "open.txt" in left
    page.unlink()
    assert "Written again" not in docanalyze("forget", "latest").out and not page.exists()
