"""The sample in Word: made again it is the same; its numbers, changes and notes are told; its facts are found."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docanalyze import pipeline
from docanalyze.config import Settings
from docanalyze.ingest import Worker
from docanalyze.model import Document, Label, Role, Run
from docanalyze.report import html, markdown
from docanalyze.store import Store
from tests.conftest import unmeasured

Render = Callable[[Run, Document], str]

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["docx"]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Document]:
    folder = tmp_path_factory.mktemp("sample")
    task = pipeline.Task(str(SAMPLES / "contract.docx"), Settings())
    with Worker() as worker, Store.open(folder / "a.db") as store:
        run, _ = pipeline.run(task, store, worker, lambda event: None)
        assert store.verify(None) == []
        return run, store.document_of(run)


def of_role(document: Document, role: Role) -> list[str]:
    return [document.slice(segment.span) for segment in document.segments if segment.role is role]


def test_made_again_it_is_the_same(tmp_path: Path) -> None:
    made = tmp_path / "contract.docx"
    subprocess.run([sys.executable, SAMPLES / "make_contract_docx.py", made], check=True, env=unmeasured())
    assert made.read_bytes() == (SAMPLES / "contract.docx").read_bytes()


def test_what_stands_beside_the_text_is_told(analysed: tuple[Run, Document]) -> None:
    run, document = analysed
    assert document.slice(document.segments[0].span) == EXPECTED["title"]
    assert of_role(document, Role.INSERTION) == EXPECTED["insertions"]
    assert of_role(document, Role.DELETION) == EXPECTED["deletions"]
    assert of_role(document, Role.COMMENT) == [EXPECTED["comment"]]
    assert of_role(document, Role.FOOTNOTE) == [EXPECTED["footnote"]]
    assert EXPECTED["references"] in [note.text for note in document.notes]
    window = run.windows[0].text
    assert EXPECTED["insertions"][0] in window and EXPECTED["deletions"][0] not in window
    assert EXPECTED["comment"] not in window and EXPECTED["footnote"] in window


def test_the_table_has_its_rows_and_its_header(analysed: tuple[Run, Document]) -> None:
    _, document = analysed
    [table] = [segment for segment in document.segments if segment.role is Role.TABLE]
    assert document.slice(table.span).split("\n") == EXPECTED["table"]
    assert table.head is not None and document.slice(table.head) == EXPECTED["table"][0]


@pytest.mark.parametrize("fact", EXPECTED["fact"], ids=lambda fact: f"{fact['section']}: {fact['what']}")
def test_a_planted_fact_is_found_in_its_clause(analysed: tuple[Run, Document], fact: dict[str, Any]) -> None:
    run, document = analysed
    found = [
        (finding, span)
        for finding in run.findings
        if finding.section == fact["section"]
        for evidence in finding.evidence
        for span in evidence.spans
        if fact["quote"] in document.slice(span)
    ]
    assert found, fact["quote"]
    for finding, span in found:
        assert finding.verdict is not None and finding.verdict.label is Label.QUOTED
        if fact["clause"]:
            assert document.locator(span) == f"§{fact['clause']}"


@pytest.mark.parametrize("render", [html, markdown])
def test_the_report_lists_what_stands_beside_the_text(analysed: tuple[Run, Document], render: Render) -> None:
    report = render(*analysed)
    for said in (*EXPECTED["insertions"], *EXPECTED["deletions"], EXPECTED["comment"]):
        assert said in report.replace("\\", ""), said
    assert "by Casper Wyndale, 2026-04-29" in report
