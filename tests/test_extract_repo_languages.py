"""The built-in analyst of code bases, by what each language writes in its own way: what was wrong of real ones once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from docanalyze import extract, prompts
from docanalyze.ingest import TreeReader
from docanalyze.ingest.repo import TreeOptions
from docanalyze.model import Document, Finding, Placed, Span, Window

KIND = prompts.find("repo")
Made = Callable[[Mapping[str, str]], Document]


@pytest.fixture(scope="module")
def reader() -> TreeReader:
    return TreeReader()


@pytest.fixture
def made(tmp_path: Path, reader: TreeReader) -> Made:
    """A code base of these files, read."""

    def make(files: Mapping[str, str]) -> Document:
        for name, text in files.items():
            path = tmp_path / "base" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return reader.read(str(tmp_path / "base"), TreeOptions(), lambda event: None)

    return make


def found(document: Document, section: str) -> list[Finding]:
    reading = extract.Reading(document, Window(1, "", (Placed(1, Span(0, len(document.text)), 0),), 0, 0))
    return extract.find(KIND.section(section), reading)


def said(document: Document, section: str) -> list[str]:
    return [finding.statement for finding in found(document, section)]


def one(document: Document, section: str, words: str) -> Finding:
    """The Finding that says these words; the only one."""
    [finding] = [finding for finding in found(document, section) if words in finding.statement]
    return finding


# -- where a definition stands ---------------------------------------------------------------------


def test_the_words_above_a_function_are_no_lines_of_it(made: Made) -> None:
    words = "".join(f"  # Line {number} of what folded() is told to be.\n" for number in range(90))
    body = "".join(f"    puts {number}\n" for number in range(85))
    document = made(
        {
            "lib/a.rb": f"class Words\n{words}  def folded\n    puts 1\n  end\n\n"
            f"  # Says unrolled as it is.\n  def unrolled\n{body}  end\nend\n"
        }
    )
    finding = one(document, "debt", "lines long")
    assert finding.statement.startswith("Words.unrolled() in lib/a.rb:97 is 87 lines long")
    assert finding.quotes[0].text == "def unrolled"
