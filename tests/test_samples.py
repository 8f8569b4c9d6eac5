"""The sample: made again it is the same, and the built-in analyst finds all that is planted in it."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from docanalyze import pipeline
from docanalyze.config import Settings
from docanalyze.ingest import Worker, read
from docanalyze.language import find_term
from docanalyze.model import Document, Finding, Label, Role, Run
from docanalyze.store import Store
from tests.conftest import unmeasured

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))
LEAST_PAGES = 15


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Document]:
    folder = tmp_path_factory.mktemp("sample")
    task = pipeline.Task(str(SAMPLES / "contract.pdf"), Settings())
    with Worker() as worker, Store.open(folder / "a.db") as store:
        run, _ = pipeline.run(task, store, worker, lambda event: None)
        assert store.verify(None) == []
        return run, store.document(run.document_id)


def test_a_sentence_that_a_page_cuts_is_quoted_whole(analysed: tuple[Run, Document]) -> None:
    run, document = analysed
    whole = [e for f in run.findings for e in f.evidence if len({box.page for box in e.boxes}) > 1]
    assert [document.locator(e.spans[0]) for e in whole if e.quote.startswith("15.2")] == ["pp. 10-11, §15.2"]
    assert all(e.quote.rstrip().endswith((".", ";", ":")) for e in whole if e.quote.startswith("15.2"))


def plain(text: str) -> str:
    return " ".join(text.replace("-\n", "").split())


def stating(run: Run, document: Document, fact: dict[str, Any]) -> list[Finding]:
    """The Findings of the fact's Section whose quote holds its words on its page."""
    found = []
    for finding in run.findings:
        for span in (span for evidence in finding.evidence for span in evidence.spans):
            page = document.segments_at(span)[0].page
            if plain(fact["quote"]) in plain(document.slice(span)) and page == fact["page"]:
                found.append(finding)
    return [finding for finding in found if finding.section == fact["section"]]


@pytest.mark.parametrize("fact", EXPECTED["fact"], ids=lambda fact: f"{fact['section']}: {fact['what']}")
def test_a_planted_fact_is_found_with_page_and_words(analysed: tuple[Run, Document], fact: dict[str, Any]) -> None:
    run, document = analysed
    findings = stating(run, document, fact)
    assert findings, fact["quote"]
    assert all(finding.verdict is not None and finding.verdict.label is Label.QUOTED for finding in findings)
    assert all(evidence.boxes for finding in findings for evidence in finding.evidence)
    # A sentence may go on over the page's end.
    assert all(e.boxes[0].page == fact["page"] for f in findings for e in f.evidence)
    assert all(box.page in (fact["page"], fact["page"] + 1) for f in findings for e in f.evidence for box in e.boxes)
    if fact.get("clause", "")[:1].isdigit():
        assert any(fact["clause"] in document.locator(f.evidence[0].spans[0]) for f in findings)
    if "value" in fact:
        values = {(field.value, field.unit) for finding in findings for field in finding.fields}
        assert (fact["value"], fact.get("unit", "")) in values


@pytest.mark.parametrize("absent", EXPECTED["absent"], ids=lambda absent: absent["what"])
def test_what_is_missing_is_said_and_was_searched(analysed: tuple[Run, Document], absent: dict[str, Any]) -> None:
    run, document = analysed
    assert [term for term in absent["terms"] if find_term(document.text, term)] == []
    [finding] = [f for f in run.findings if f.sweep is not None and set(absent["terms"]) & set(f.sweep.terms)]
    assert (finding.section, finding.absence, finding.sweep and finding.sweep.hits) == (absent["section"], True, ())
    assert finding.verdict is not None and finding.verdict.label is Label.CONSISTENT


def test_nothing_else_is_said_to_be_missing(analysed: tuple[Run, Document]) -> None:
    run, _ = analysed
    assert sum(finding.absence for finding in run.findings) == len(EXPECTED["absent"])


def test_every_section_but_what_is_absent_has_findings(analysed: tuple[Run, Document]) -> None:
    run, _ = analysed
    silent = {name for name, _ in run.sections} - {finding.section for finding in run.findings}
    assert silent == {"force-majeure", "data-protection", "anti-corruption"}


def test_the_sample_is_a_whole_contract(analysed: tuple[Run, Document]) -> None:
    run, document = analysed
    assert run.kind == "contract"
    assert len(document.pages) >= LEAST_PAGES
    furniture = [document.slice(s.span) for s in document.segments if s.role is Role.FURNITURE]
    assert sum(words.startswith("Page ") for words in furniture) == len(document.pages) - 1
    assert not any(document.slice(segment.span).startswith("Page ") for segment in document.body)
    assert "-\n" in document.text


def test_making_the_sample_again_gives_the_same_text(tmp_path: Path) -> None:
    target = tmp_path / "contract.pdf"
    subprocess.run([sys.executable, str(SAMPLES / "make_contract.py"), str(target)], check=True, env=unmeasured())
    again, committed = read(str(target)), read(str(SAMPLES / "contract.pdf"))
    assert again.text == committed.text
    assert again.segments == committed.segments
