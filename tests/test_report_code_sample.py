"""The report of the sample code base, made by the whole pipeline: what is planted can be clicked to its lines."""

import re
import tomllib
from html import unescape
from pathlib import Path

import pytest

from docanalyze.cli import call
from docanalyze.model import Document, Finding, Run
from docanalyze.report import html, markdown
from docanalyze.store import Store

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["repo"]["fact"]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Document]:
    db = tmp_path_factory.mktemp("harbour") / "a.db"
    assert call(["repo", str(SAMPLES / "repo"), "--quiet", "--db", str(db), "--out", str(db.parent)]) == 0
    with Store.open(db) as store:
        run = store.run(store.runs()[0].id)
        return run, store.document_of(run)


def at_line(finding: Finding, document: Document, path: str, line: int) -> int:
    """Which of a Finding's quotes, from 1, stands in a line of a file; 0 for none."""
    for number, evidence in enumerate(finding.evidence, 1):
        for span in evidence.spans:
            file, (first, last) = document.file_at(span), document.lines_of(span)
            if file is not None and file.path == path and first <= line <= last:
                return number
    return 0


def test_every_planted_fact_can_be_clicked_to_its_line(harbour: tuple[Run, Document]) -> None:
    run, document = harbour
    page = html(run, document)
    aside = page[page.index("<aside") : page.index("</aside>")]
    for fact in EXPECTED:
        found = [
            (one.number, at_line(one, document, fact["path"], fact["line"]))
            for one in run.findings
            if one.section == fact["section"] and fact["says"] in one.statement
        ]
        anchors = [f"mark-{number}-{quote}" for number, quote in found if quote or not fact["line"]]
        assert anchors, fact["what"]
        if fact["line"]:
            assert any(f'href="#{one}"' in page and f'id="{one}"' in aside for one in anchors), fact["what"]


def test_all_that_is_quoted_is_marked_in_the_files(harbour: tuple[Run, Document]) -> None:
    run, document = harbour
    page = html(run, document)
    aside = page[page.index("<aside") : page.index("</aside>")]
    assert not re.search(r"</?style|<script", aside)
    for finding in run.findings:
        marked = re.findall(rf'<mark data-findings="(?:\d+ )*{finding.number}(?: \d+)*">(.*?)</mark>', aside, re.DOTALL)
        for evidence in finding.evidence:
            for span in evidence.spans:
                if document.lines_of(span) != (0, 0):
                    assert document.slice(span) in unescape("".join(marked)), finding.statement


def test_a_value_of_a_manifest_is_quoted_from_its_own_line(harbour: tuple[Run, Document]) -> None:
    text = markdown(*harbour)
    assert 'description = "Books berths in a small harbour by the night."' in text
    assert 'requires-python = ">=3.11"' in text


def test_the_overview_tells_what_it_is_where_to_begin_and_what_is_risky(harbour: tuple[Run, Document]) -> None:
    text = markdown(*harbour)
    top = text[: text.index("## Findings")]
    for said in (
        "rent out its berths",
        "starts main()",
        "1\\. README.md",
        "Security-relevant places: **8**",
        "49 files",
    ):
        assert said in top, said
