"""The sample code base: all that is planted in it is said, at its file and line, and quoted to the letter."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from docanalyze import extract, judge, prompts
from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from docanalyze.model import Document, Finding, Label, Placed, Span, Window

SAMPLES = Path(__file__).parent.parent / "samples"
REPO = SAMPLES / "repo"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["repo"]
KIND = prompts.find("repo")
MOST_SECONDS = 1.5
"""Of all Sections; measured at 0.1 to 0.3 on two cores."""


def read(path: Path) -> Document:
    with TreeReader() as reader:
        return reader.read(str(path), TreeOptions(), lambda event: None)


def whole(document: Document, number: int = 1) -> extract.Reading:
    placed = Placed(1, Span(0, len(document.text)), 0)
    return extract.Reading(document, Window(number, "", (placed,), 0, 0))


@pytest.fixture(scope="module")
def document() -> Document:
    return read(REPO)


@pytest.fixture(scope="module")
def found(document: Document) -> list[Finding]:
    reading = whole(document)
    return [finding for section in KIND.sections for finding in extract.find(section, reading)]


def places(document: Document, finding: Finding) -> list[tuple[str, int]]:
    """File and first line of each quote; 0 of a path."""
    spans = [quote.at for quote in finding.quotes if quote.at is not None]
    files = [document.file_at(span) for span in spans]
    return [(f.path, document.lines_of(span)[0]) for f, span in zip(files, spans, strict=True) if f is not None]


@pytest.mark.parametrize("fact", EXPECTED["fact"], ids=lambda fact: f"{fact['section']}: {fact['what']}")
def test_a_planted_fact_is_said_at_its_line(document: Document, found: list[Finding], fact: dict[str, Any]) -> None:
    there = [f for f in found if f.section == fact["section"] and (fact["path"], fact["line"]) in places(document, f)]
    told = [finding for finding in found if finding.section == fact["section"] and fact["says"] in finding.statement]
    assert told, [finding.statement for finding in there]
    assert [f for f in told if f in there], [places(document, finding) for finding in told]


@pytest.mark.parametrize("absent", EXPECTED["absent"], ids=lambda absent: absent["says"])
def test_what_is_missing_is_said_with_what_was_looked_for(found: list[Finding], absent: dict[str, Any]) -> None:
    [finding] = [f for f in found if f.absence]
    assert (finding.section, finding.quotes) == (absent["section"], ())
    assert finding.statement.startswith(absent["says"])
    assert finding.sweep is not None and finding.sweep.terms and not finding.sweep.hits


def test_every_quote_stands_where_it_says(document: Document, found: list[Finding]) -> None:
    quotes = [quote for finding in found for quote in finding.quotes]
    assert len(quotes) > len(found)
    assert all(quote.at is not None and document.slice(quote.at) == quote.text for quote in quotes)
    assert all(quote.cited and quote.text == quote.text.strip() for quote in quotes)


def test_every_section_says_something_and_keeps_its_limit(found: list[Finding]) -> None:
    for section in KIND.sections:
        said = [finding for finding in found if finding.section == section.name]
        assert 0 < len(said) <= section.limit, section.name
        assert len({finding.statement for finding in said}) == len(said)


def test_the_key_itself_is_nowhere(document: Document, found: list[Finding]) -> None:
    key = (
        (REPO / "src/berthbook/http/auth.py")
        .read_text(encoding="utf-8")
        .partition('SECRET_KEY = "')[2]
        .partition('"')[0]
    )
    assert len(key) > 20
    assert key not in document.text
    assert not [finding for finding in found if key in finding.statement]


def test_rules_pass_what_is_quoted_and_counted(document: Document, found: list[Finding]) -> None:
    from docanalyze import ground

    index = ground.Index(document)
    for finding in found[:40]:
        evidence = tuple(ground.locate(index, quote) for quote in finding.quotes)
        verdict = judge.check(
            Finding(**{**_values(finding), "evidence": evidence, "fields": ()}), document, built_in=True
        )
        assert verdict.label in (Label.QUOTED, Label.DERIVED, Label.CONSISTENT), (finding.statement, verdict.reason)


def _values(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in Finding.__slots__}


def test_only_the_first_window_answers(document: Document) -> None:
    debt = KIND.section("debt")
    assert extract.find(debt, whole(document, 1))
    assert extract.find(debt, whole(document, 2)) == []


def test_nothing_in_it_speaks_to_a_model(document: Document) -> None:
    assert not extract.watched(document)


def test_it_is_quick(document: Document) -> None:
    begin = time.process_time()
    reading = whole(document)
    assert all(extract.find(section, reading) is not None for section in KIND.sections)
    assert time.process_time() - begin < MOST_SECONDS
