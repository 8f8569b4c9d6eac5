"""The values: Spans, places, locators, identity."""

import dataclasses
import pickle

import pytest

from docanalyze.errors import DocanalyzeError, SourceError, SourceMissing, StoreNewer
from docanalyze.model import (
    Coverage,
    Covered,
    Document,
    Evidence,
    Finding,
    Label,
    Match,
    Reader,
    Role,
    Segment,
    Source,
    Span,
    Verdict,
    Window,
    hash_text,
)

TEXT = "1. Scope\n\n1.1 Work\n\nThe Supplier works.\n\n2. Fees\n\nThe Customer pays.\n\nPage 1"


def segment(number: int, words: str, role: Role, **more: object) -> Segment:
    start = TEXT.index(words)
    return dataclasses.replace(Segment(number, Span(start, start + len(words)), role), **more)  # type: ignore[arg-type]


@pytest.fixture
def document() -> Document:
    return Document(
        TEXT,
        (
            segment(1, "1. Scope", Role.HEADING, level=1, clause="1", page=1),
            segment(2, "1.1 Work", Role.HEADING, level=2, clause="1.1", page=1),
            segment(3, "The Supplier works.", Role.PARAGRAPH, page=1),
            segment(4, "2. Fees", Role.HEADING, level=1, clause="2", page=2),
            segment(5, "The Customer pays.", Role.PARAGRAPH, page=2),
            segment(6, "Page 1", Role.FURNITURE, page=1),
        ),
        Source("a.pdf", "a.pdf", "0" * 64, 10),
        Reader("pdf", "1"),
        "pdf",
    )


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_span_must_be_a_range(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


def test_span_touches_only_what_it_shares_characters_with() -> None:
    assert Span(0, 3).overlaps(Span(2, 4))
    assert not Span(0, 3).overlaps(Span(3, 4))
    assert Span(0, 3).contains(Span(1, 3))
    assert not Span(0, 3).contains(Span(1, 4))


def test_segments_at_a_span(document: Document) -> None:
    pays = TEXT.index("pays")
    assert [s.number for s in document.segments_at(Span(pays, pays + 4))] == [5]
    assert [s.number for s in document.segments_at(Span(0, len(TEXT)))] == [1, 2, 3, 4, 5, 6]
    assert [s.number for s in document.segments_at(Span(0, 0))] == [1]
    gap = TEXT.index("\n\n")
    assert document.segments_at(Span(gap, gap + 1)) == ()


def test_heading_path_ends_where_a_higher_heading_begins(document: Document) -> None:
    assert [h.number for h in document.heading_path(3)] == [1, 2]
    assert [h.number for h in document.heading_path(2)] == [1]
    assert [h.number for h in document.heading_path(5)] == [4]
    assert document.heading_path(6) == ()


def test_locator_names_page_and_nearest_clause(document: Document) -> None:
    assert document.locator(document.segment(3).span) == "p. 1, §1.1"
    assert document.locator(document.segment(5).span) == "p. 2, §2"
    both = Span(document.segment(3).span.start, document.segment(5).span.end)
    assert document.locator(both) == "pp. 1-2, §1.1"


def test_locator_without_pages(document: Document) -> None:
    lines = dataclasses.replace(
        document, segments=tuple(dataclasses.replace(s, page=0, line=s.number * 2) for s in document.segments)
    )
    assert lines.locator(lines.segment(3).span) == "line 6, §1.1"
    bare = dataclasses.replace(document, segments=tuple(dataclasses.replace(s, page=0) for s in document.segments))
    assert bare.locator(bare.segment(3).span) == "§1.1"


def test_body_leaves_furniture_out(document: Document) -> None:
    assert [s.number for s in document.body] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("number", [0, 7])
def test_no_such_segment(document: Document, number: int) -> None:
    with pytest.raises(IndexError):
        document.segment(number)


def test_identity_follows_text_bytes_and_reader(document: Document) -> None:
    same = dataclasses.replace(document, source=dataclasses.replace(document.source, path="elsewhere/b.pdf"))
    assert same.id == document.id
    changed = [
        dataclasses.replace(document, text=TEXT + "."),
        dataclasses.replace(document, source=dataclasses.replace(document.source, sha256="1" * 64)),
        dataclasses.replace(document, reader=Reader("pdf", "2")),
        dataclasses.replace(document, reader=Reader("pdf", "1", (("ocr", "force"),))),
    ]
    assert len({document.id, *(other.id for other in changed)}) == 5


@pytest.mark.parametrize(
    ("match", "status"),
    [
        (Match.EXACT, "verified"),
        (Match.NORMALISED, "verified"),
        (Match.FUZZY, "corrected"),
        (Match.MISSING, "refused"),
    ],
)
def test_status_that_a_user_is_shown(match: Match, status: str) -> None:
    assert Evidence("q", (), match).status == status


def test_evidence_span_reaches_over_its_parts() -> None:
    assert Evidence("a … b", (Span(3, 5), Span(9, 12)), Match.EXACT).span == Span(3, 12)
    assert Evidence("a", (), Match.MISSING).span is None


def test_the_latest_verdict_decides() -> None:
    rules, judge = Verdict("rules", Label.CONSISTENT), Verdict("a model", Label.UNSUPPORTED)
    assert Finding("law", "x", verdicts=(rules, judge)).verdict == judge
    assert Finding("law", "x").verdict is None


def test_coverage_sums_by_window_and_reason() -> None:
    coverage = Coverage(
        (
            Covered(Span(0, 10), 1),
            Covered(Span(10, 14), 0, reason="outside --pages"),
            Covered(Span(14, 20), 0, reason="outside --pages"),
        )
    )
    assert (coverage.chars_in, coverage.chars_out) == (10, 10)
    assert coverage.reasons() == {"outside --pages": 10}


def test_window_names_what_it_covers_once() -> None:
    assert Window(1, "x", (), 1, 1).spans() == ()
    assert Window(1, "x", (), 1, 1).sha256 == hash_text("x")


def test_errors_are_one_tree_and_survive_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(SourceMissing("no file a", "look again")))
    assert isinstance(error, SourceError)
    assert (error.what, error.try_, error.exit_code) == ("no file a", "look again", 1)
    assert str(error) == "no file a: look again"
    assert isinstance(StoreNewer("x"), DocanalyzeError)


def test_of_a_line_with_several_clauses_only_the_first_is_cited() -> None:
    text = "12.1 This Agreement ends on 3 May 2027. 12.2 It is governed by the law of Malta. 13. Notices. By post."
    segment = Segment(1, Span(0, len(text)), Role.PARAGRAPH, 0, "12.1", line=7)
    document = Document(text, (segment,), Source("a.txt", "a.txt", "00" * 32, 1), Reader("text", "1", ()), "text")

    def cited(words: str) -> str:
        at = text.index(words)
        return document.locator(Span(at, at + len(words)))

    assert cited("This Agreement ends") == "line 7, §12.1"
    assert cited("It is governed") == cited("12.2 It is governed") == cited("By post") == "line 7"
