"""The sample paper: made again it is the same file, it is read as a person reads it, and what is planted is found."""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from docanalyze import pipeline
from docanalyze.config import Settings
from docanalyze.ingest import Worker
from docanalyze.model import Document, Role, Run
from docanalyze.store import Store
from tests.conftest import unmeasured

SAMPLES = Path(__file__).parent.parent / "samples"
PAPER = SAMPLES / "paper.pdf"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))["paper"]
FACTS = EXPECTED["fact"]
FOUND = [fact for fact in FACTS if fact["found"]]
LEAST_FACTS, LEAST_DIVIDED = 25, 12
BACKWARDS, HEAD, FOOT = 5, 60.0, 740.0
"""The page that is written right column first; where the running head ends and the page number begins."""


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Document]:
    """What `ingest.read` gives, and what the built-in analyst finds in it."""
    folder = tmp_path_factory.mktemp("paper")
    with Worker() as worker, Store.open(folder / "a.db") as store:
        run, _ = pipeline.run(pipeline.Task(str(PAPER), Settings()), store, worker, lambda event: None)
        assert store.verify(None) == []
        return run, store.document(run.document_id)


@pytest.fixture(scope="module")
def paper(analysed: tuple[Run, Document]) -> Document:
    return analysed[1]


def bare(text: str) -> str:
    """Without white space and hyphens: a word that a line's end divides may have had a hyphen of its own."""
    return re.sub(r"[\s-]+", "", text)


def words(document: Document, role: Role) -> list[str]:
    return [" ".join(document.slice(s.span).split()) for s in document.segments if s.role is role]


def body(document: Document) -> str:
    return "\n".join(document.slice(segment.span) for segment in document.body)


# -- the file --------------------------------------------------------------------------------------


def test_making_the_paper_again_gives_the_same_file(tmp_path: Path) -> None:
    target = tmp_path / "paper.pdf"
    subprocess.run([sys.executable, str(SAMPLES / "make_paper.py"), str(target)], check=True, env=unmeasured())
    assert target.read_bytes() == PAPER.read_bytes()


def test_the_sample_is_a_whole_paper(analysed: tuple[Run, Document]) -> None:
    run, document = analysed
    assert run.kind == "paper"
    assert len(document.pages) == EXPECTED["pages"]
    assert len(re.findall(r"[a-z]-\n[a-z]", document.text)) >= LEAST_DIVIDED
    assert len(FACTS) >= LEAST_FACTS
    assert {fact["section"] for fact in FACTS} == {name for name, _ in run.sections}


def test_one_page_is_written_right_column_first() -> None:
    """A reader of that page has to find the order by geometry; on the others it is that of the file."""
    with pymupdf.open(PAPER) as document:
        sides = [
            [block[0] > page.rect.width / 2 for block in page.get_text("blocks") if HEAD < block[1] < FOOT]
            for page in document
        ]
    turns = [[side for side, after in zip(page, [*page[1:], None], strict=True) if side != after] for page in sides]
    assert turns == [[True, False] if number == BACKWARDS else [False, True] for number in range(1, len(sides) + 1)]


# -- what is planted -------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['section']}: {fact['what']}")
def test_a_planted_quote_stands_on_its_page(paper: Document, fact: dict[str, Any]) -> None:
    pages = {segment.page for segment in paper.segments}
    texts = {page: "\n".join(paper.slice(s.span) for s in paper.segments if s.page == page) for page in pages}
    assert [page for page, text in texts.items() if bare(fact["quote"]) in bare(text)] == [fact["page"]]


@pytest.mark.parametrize("fact", FOUND, ids=lambda fact: f"{fact['section']}: {fact['what']}")
def test_the_built_in_analyst_finds_it(analysed: tuple[Run, Document], fact: dict[str, Any]) -> None:
    run, document = analysed
    spans = [span for f in run.findings if f.section == fact["section"] for e in f.evidence for span in e.spans]
    places = {document.segments_at(s)[0].page for s in spans if bare(fact["quote"]) in bare(document.slice(s))}
    assert places == {fact["page"]}


def test_most_of_what_is_planted_is_found() -> None:
    assert len(FOUND) >= LEAST_FACTS


# -- how it is laid out ----------------------------------------------------------------------------


def test_running_heads_and_page_numbers_are_no_part_of_the_body(paper: Document) -> None:
    furniture = Counter(words(paper, Role.FURNITURE))
    assert sum(count for text, count in furniture.items() if "Oskarsdal, Wendelin and Quarrington" in text) == 5
    assert "Oskarsdal, Wendelin and Quarrington" not in body(paper)


def test_it_is_read_in_order(paper: Document) -> None:
    """Over columns and pages, also where the right column is written first and where a table stands between."""
    between = (Role.TABLE, Role.CAPTION, Role.FOOTNOTE)
    text = bare("\n".join(paper.slice(segment.span) for segment in paper.body if segment.role not in between))
    places = [text.find(bare(phrase)) for phrase in EXPECTED["order"]]
    assert [phrase for phrase, place in zip(EXPECTED["order"], places, strict=True) if place < 0] == []
    assert places == sorted(places)


def test_the_title_is_one_heading(paper: Document) -> None:
    assert words(paper, Role.HEADING)[0] == EXPECTED["title"]


def test_the_authors_follow_the_title_and_are_no_heading(paper: Document) -> None:
    headings = words(paper, Role.HEADING)
    assert not [author for author in EXPECTED["authors"] if any(author in heading for heading in headings)]
    places = [body(paper).find(author) for author in EXPECTED["authors"]]
    assert 0 < places[0] < places[1] < places[2] < body(paper).find("Abstract")
    assert all(author in " ".join(words(paper, Role.AUTHORS)) for author in EXPECTED["authors"])


def test_the_headings_are_those_of_the_page(paper: Document) -> None:
    headings = [s for s in paper.segments if s.role is Role.HEADING]
    found = [[segment.level, " ".join(paper.slice(segment.span).split())] for segment in headings]
    assert [[level, text] for level, text in found if text != EXPECTED["title"]] == EXPECTED["headings"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_table_is_read_row_by_row(paper: Document, number: int) -> None:
    """Each row whole and in its order, all of them in one table."""
    rows = [bare("".join(row)).replace("|", "") for row in EXPECTED["tables"][number]]
    tables = [bare(text).replace("|", "") for text in _tables(paper)]
    assert any(_in_turn(table, rows) for table in tables)


def _tables(document: Document) -> list[str]:
    """Neighbouring Segments of tables as one text each."""
    texts: list[str] = []
    last = -1
    for segment in (s for s in document.body if s.role is Role.TABLE):
        text = document.slice(segment.span)
        texts = [*texts[:-1], texts[-1] + text] if segment.number == last + 1 and texts else [*texts, text]
        last = segment.number
    return texts


def _in_turn(text: str, parts: list[str]) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def test_a_table_is_no_prose(paper: Document) -> None:
    cells = {bare(" ".join(row)) for table in EXPECTED["tables"] for row in table}
    assert not [text for text in words(paper, Role.PARAGRAPH) for row in cells if row in bare(text)]


def test_the_captions_are_captions(paper: Document) -> None:
    assert sorted(map(bare, words(paper, Role.CAPTION))) == sorted(map(bare, EXPECTED["captions"]))


def test_a_footnote_is_a_footnote_and_cuts_no_sentence(paper: Document) -> None:
    notes = words(paper, Role.FOOTNOTE)
    assert len(notes) == len(EXPECTED["footnotes"])
    for said in EXPECTED["footnotes"]:
        assert [note for note in notes if bare(said) in bare(note)], said


def test_each_reference_is_one_segment(paper: Document) -> None:
    references = words(paper, Role.REFERENCE)
    assert [int(text[1 : text.index("]")]) for text in references] == list(range(1, EXPECTED["references"] + 1))
    assert all(text.endswith(".") and re.search(r"\b(?:19|20)\d\d\.$", text) for text in references)


def test_nothing_is_lost_in_what_is_no_prose(paper: Document) -> None:
    """The marks of a chart are in the text once, and the equations with their numbers."""
    text = bare(paper.text)
    assert text.count(bare("Context and format of the cache")) == 1
    assert re.search(r"b=2×nlayers×nheads×d×s\(1\)", text)
    assert "t=(W+nb)/B(2)" in text
