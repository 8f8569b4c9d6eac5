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


# -- what a file offers ----------------------------------------------------------------------------


def test_what_stands_in_a_module_of_ruby_is_offered(made: Made) -> None:
    document = made(
        {
            "lib/a.rb": 'require "b"\nmodule Harbour\n  # A place for one boat.\n  class Berth\n    def free?\n      true\n    end\n  end\nend\n',
            "lib/b.rb": "module Harbour\n  module Words\n    def said\n      1\n    end\n  end\nend\n",
        }
    )
    modules = said(document, "modules")
    assert any("lib/a.rb" in statement and "A place for one boat; offers Berth" in statement for statement in modules)
    assert any("lib/b.rb" in statement and "offers Words" in statement for statement in modules)


def test_a_file_with_methods_alone_does_not_define_nothing(made: Made) -> None:
    document = made(
        {
            "store/store.go": "// Package store keeps boats.\npackage store\n\ntype Store struct {\n\tBoats int\n}\n",
            "store/wire.go": 'package store\n\nimport "fmt"\n\nfunc (s *Store) encode() string {\n\treturn fmt.Sprint(s.Boats)\n}\n',
        }
    )
    [statement] = [statement for statement in said(document, "modules") if statement.startswith("store/wire.go")]
    assert "holds encode()" in statement
    assert "defines nothing" not in statement
