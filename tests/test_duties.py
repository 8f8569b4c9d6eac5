"""Duties with what they depend on, lists with their items, and which documents are taken for contracts."""

from pathlib import Path

import pytest

from docanalyze import extract, pack, prompts, tokens
from docanalyze.extract import Reading
from docanalyze.ingest import read
from docanalyze.model import Document

CONTRACT = """SUPPLY AGREEMENT

This Agreement is made between Vossmere Glass Limited (the "Supplier") and Tarn Valley Optics Inc. (the "Buyer").

1. If a pane is found broken, the Supplier shall replace it within ten (10) days.

2. The Buyer shall not:

(a) resell a pane uncut; or

(b) remove the Supplier's mark.

3. The Supplier shall insure each crate.
"""
NDA = """Mutual Non-Disclosure Agreement

Each party may disclose information to the other. The receiving party will hold it in confidence and agrees to return
it. This agreement ends after two years. The governing law is that of Oregon.
"""
LETTER = "Dear Ms Quill, thank you for the agreement. We shall read it, and shall tell you, and shall call."


def document(folder: Path, words: str) -> Document:
    path = folder / "a.txt"
    path.write_text(words, encoding="utf-8")
    return read(str(path))


def duties(folder: Path) -> list[tuple[str, str]]:
    read_one = document(folder, CONTRACT)
    windows, _ = pack.into_windows(read_one, 100_000, tokens.packaged())
    section = prompts.find("contract").section("obligations")
    return [(one.statement, one.quotes[0].text) for one in extract.find(section, Reading(read_one, windows[0]))]


def test_a_duty_is_told_with_its_condition(tmp_path: Path) -> None:
    assert "If a pane is found broken, the Supplier shall replace it within ten (10) days." in dict(duties(tmp_path))


def test_a_list_is_told_and_quoted_with_its_items(tmp_path: Path) -> None:
    [(statement, quote)] = [one for one in duties(tmp_path) if "shall not" in one[0]]
    assert statement.startswith("The Buyer shall not: (a) resell a pane uncut; or (b) remove")
    assert quote.endswith("(b) remove the Supplier's mark.") and "insure" not in quote


@pytest.mark.parametrize(("words", "kind"), [(CONTRACT, "contract"), (NDA, "contract"), (LETTER, "document")])
def test_what_is_taken_for_a_contract(tmp_path: Path, words: str, kind: str) -> None:
    found, _ = prompts.detect(document(tmp_path, words), prompts.kinds(None))
    assert found.name == kind
