"""Small code bases that tests of the built-in analyst write, and what it finds in them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from docanalyze import extract, prompts
from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from docanalyze.model import Document, Finding, Placed, Section, Span, Window

KIND = prompts.find("repo")
Made = Callable[[Mapping[str, str]], Document]


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def reader() -> TreeReader:
    return TreeReader()


@pytest.fixture
def made(tmp_path: Path, reader: TreeReader) -> Made:
    """A code base of these files, read."""

    def make(files: Mapping[str, str]) -> Document:
        write(tmp_path / "base", files)
        return reader.read(str(tmp_path / "base"), TreeOptions(), lambda event: None)

    return make


def reading(document: Document) -> extract.Reading:
    return extract.Reading(document, Window(1, "", (Placed(1, Span(0, len(document.text)), 0),), 0, 0))


def found(document: Document, section: str | Section) -> list[Finding]:
    return extract.find(KIND.section(section) if isinstance(section, str) else section, reading(document))


def said(document: Document, section: str) -> list[str]:
    return [finding.statement for finding in found(document, section)]


def one(document: Document, section: str, words: str) -> Finding:
    """The Finding that says these words; the only one."""
    [finding] = [finding for finding in found(document, section) if words in finding.statement]
    return finding


def places(document: Document, finding: Finding) -> list[str]:
    """Where its quotes stand, in words."""
    return [document.locator(quote.at) for quote in finding.quotes if quote.at is not None]
