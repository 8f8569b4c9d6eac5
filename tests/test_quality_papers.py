"""The benchmark on papers: its arithmetic, its labels, and that it knows an invented statement."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.papers import (
    BEST,
    LABELS,
    SAMPLES,
    SECTIONS,
    analysed,
    found,
    is_quoted,
    labels,
    meant,
    pointer,
)
from benchmarks.quality.rated import FIRST, Rated, begun_well, ndcg, precision, recall
from docanalyze import ground, pack, tokens
from docanalyze.extract import Reading
from docanalyze.ingest import read as read_source
from docanalyze.model import Document, Finding, Quote, Span

SHOWN = Rated("results", False, (1, 0, 0, 2), (2, 2, 1), 4)
WELL = Rated("data", False, (0, 2), (2, 1), 2)
NOTHING = Rated("limitations", False, (0,), (), 1)
TEXT = "We measured rust in damp ship-\nhulls.\n\nIt grew by 0.4 mm a year."


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "rust.txt"
    path.write_text(TEXT, encoding="utf-8")
    return read_source(str(path))


def cut(document: Document) -> list[Span]:
    windows, _ = pack.into_windows(document, 1_000_000, tokens.packaged())
    return [sentence.span for sentence in Reading(document, windows[0]).sentences]


def said(document: Document, quote: str, statement: str) -> Finding:
    finding = Finding("results", statement, (Quote(quote),))
    return replace(finding, evidence=(ground.locate(ground.Index(document), finding.quotes[0]),))


def test_the_share_that_is_right() -> None:
    assert precision([SHOWN, WELL, NOTHING]) == (3, 7)
    assert precision([SHOWN, WELL, NOTHING], 3) == (2, 6)


def test_one_of_the_best_among_the_first_three() -> None:
    assert begun_well([SHOWN, WELL, NOTHING]) == (1, 2)
    assert recall([SHOWN, WELL, NOTHING]) == (2, 3)


def test_the_order_counts() -> None:
    assert ndcg(NOTHING) == 0.0
    assert ndcg(replace(WELL, shown=(2, 1))) == 1.0
    assert ndcg(WELL) < ndcg(replace(WELL, shown=(2, 0))) < 1.0


def test_a_pointer_holds_however_the_lines_are_broken() -> None:
    assert pointer("It was hy-\nphenated, twice.") == pointer("It was hyphenated twice")
    assert pointer("It was hyphenated twice") != pointer("It was hyphenated once")


def test_a_finding_means_the_sentence_that_it_quotes(document: Document) -> None:
    part = said(document, "grew by 0.4 mm", "It grew.")
    assert meant(part, document, cut(document)) == pointer("It grew by 0.4 mm a year.")
    assert meant(said(document, "It shrank.", "It shrank."), document, cut(document)) == ""


@pytest.mark.parametrize(
    ("quote", "statement", "quoted"),
    [
        ("We measured rust in damp ship-\nhulls.", "We measured rust in damp shiphulls.", True),
        ("We measured rust in damp ship-\nhulls.", "We measured rust …", True),
        ("It grew by 0.4 mm a year.", "It grew by 4 mm a year.", False),
        ("It grew by 0.4 mm a year.", "It grew by 04 mm a year.", False),
        ("It grew by 0.4 mm a year.", "It grew by -0.4 mm a year.", False),
        (TEXT, "We measured rust", False),
        ("It shrank.", "It shrank.", False),
    ],
)
def test_what_is_invented_is_known(document: Document, quote: str, statement: str, quoted: bool) -> None:
    assert is_quoted(said(document, quote, statement), document, cut(document)) is quoted


def test_the_labels_of_the_sample_are_those_of_its_sentences() -> None:
    [(paper, path)] = found([one for one in labels() if one.file == "paper.pdf"], (SAMPLES,))
    document = read_source(str(path))
    known = {pointer(document.slice(span)) for span in cut(document)}
    assert [one for grades in paper.grades.values() for one in grades if one not in known] == []


def test_a_section_of_the_sample_begins_with_one_of_the_best_and_invents_nothing() -> None:
    [(paper, path)] = found([one for one in labels() if one.file == "paper.pdf"], (SAMPLES,))
    run, document = analysed(path, {})
    for name in SECTIONS:
        said = [one for one in run.findings if one.section == name]
        grades = [paper.grades[name].get(meant(one, document, cut(document)), 0) for one in said]
        assert BEST in grades[:FIRST], name
        assert all(is_quoted(one, document, cut(document)) for one in said), name


def test_a_paper_that_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"another one")
    assert found(labels(), (tmp_path,)) == []
    out = capsys.readouterr().out
    assert "paper.pdf is another file than was labelled" in out
    assert out.count("is not there") == len(labels()) - 1


def test_three_papers_at_least_are_kept_aside_and_no_text_is_stored() -> None:
    assert sum(paper.aside for paper in labels()) >= 3
    kept = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    grades = [grade for paper in kept["paper"] for name in SECTIONS for grade in paper.get(name, {}).values()]
    pointers = [one for grade in grades for one in grade]
    assert len(pointers) > 500 and all(re.fullmatch("[0-9a-f]{10}", one) for one in pointers)
