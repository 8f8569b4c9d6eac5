"""Packing: nothing lost, nothing over the budget, as few Windows as can be, cut where it hurts least."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import pack, tokens
from docanalyze.errors import WindowError
from docanalyze.model import (
    Box,
    Document,
    Page,
    PageState,
    Reader,
    Role,
    Segment,
    Source,
    Span,
    Window,
)

count = tokens.packaged()

H, P, L = Role.HEADING, Role.PARAGRAPH, Role.LIST_ITEM
Line = tuple[Role, int, str]


def document(lines: Sequence[Line], *, pages: Sequence[int] = (), furniture: Sequence[str] = ()) -> Document:
    """Lines as Segments, one blank line between them, on the pages given, and furniture at the end."""
    segments: list[Segment] = []
    text = ""
    for role, level, words in [*lines, *((Role.FURNITURE, 0, words) for words in furniture)]:
        text += "\n\n" if segments else ""
        number = len(segments) + 1
        page = pages[number - 1] if number <= len(pages) else 0
        span = Span(len(text), len(text) + len(words))
        segments.append(Segment(number, span, role, level=level, page=page))
        text += words
    source = Source("a.txt", "a.txt", "0" * 64, len(text.encode()))
    return Document(text, tuple(segments), source, Reader("text", "1"), "text")


def paragraphs(number: int, words: str = "The Supplier shall deliver the goods on time.") -> list[Line]:
    return [(P, 0, words)] * number


def windows(doc: Document, budget: int) -> tuple[Window, ...]:
    return pack.into_windows(doc, budget, count)[0]


def first_segments(doc: Document, budget: int) -> list[int]:
    """The number of the first Segment of each Window, repeated headings left out."""
    return [next(p.segment for p in w.placed if not p.repeated) for w in windows(doc, budget)]


def check(doc: Document, packed: Sequence[Window], budget: int) -> None:
    """What holds of every packing of a whole Document."""
    for number, window in enumerate(packed, 1):
        assert window.number == number
        assert window.tokens == count(window.text) <= budget == window.budget
        end = 0
        for placed in window.placed:
            prefix = f"[{placed.segment}] "
            assert placed.start == end + len(prefix)
            assert window.text[end : placed.start] == prefix
            end = placed.start + len(placed.span)
            assert window.text[placed.start : end] == doc.slice(placed.span)
            assert window.text[end] == "\n"
            end += 1
        assert end == len(window.text)
    pieces = [placed for window in packed for placed in window.placed if not placed.repeated]
    for segment in doc.body:
        spans = [piece.span for piece in pieces if piece.segment == segment.number]
        assert "".join(map(doc.slice, spans)) == doc.slice(segment.span)
        assert (spans[0].start, spans[-1].end) == (segment.span.start, segment.span.end)
    assert [piece.span for piece in pieces] == sorted(piece.span for piece in pieces)


# -- whole -------------------------------------------------------------------------------------------


def test_a_document_that_fits_goes_in_whole() -> None:
    doc = document([(H, 1, "1. Scope"), (P, 0, "The Supplier works.")], furniture=["Page 1"])
    (window,) = windows(doc, 1_000)
    assert window.text == "[1] 1. Scope\n[2] The Supplier works.\n"
    assert [(p.segment, p.start, p.repeated) for p in window.placed] == [(1, 4, False), (2, 17, False)]
    check(doc, [window], 1_000)


def test_a_document_that_fits_to_the_token_goes_in_whole() -> None:
    doc = document(paragraphs(20))
    needed = count(pack.render(doc, doc.body)[0])
    assert len(windows(doc, needed)) == 1
    assert len(windows(doc, needed - 1)) == 2


def test_rendering_says_where_each_segment_stands() -> None:
    doc = document([(P, 0, "One."), (P, 0, "Two\nlines.")])
    text, placed = pack.render(doc, doc.body)
    assert text == "[1] One.\n[2] Two\nlines.\n"
    assert [text[p.start : p.start + len(p.span)] for p in placed] == ["One.", "Two\nlines."]


def test_a_document_without_a_body_has_no_window() -> None:
    doc = document([], furniture=["Page 1"])
    packed, coverage = pack.into_windows(doc, 100, count)
    assert packed == ()
    assert coverage.reasons() == {"running head or page number": 6}


# -- split -------------------------------------------------------------------------------------------


def test_windows_are_balanced() -> None:
    doc = document(paragraphs(101))
    each = count("[100] The Supplier shall deliver the goods on time.\n")
    packed = windows(doc, each * 40)
    sizes = [window.tokens for window in packed]
    assert len(packed) == 3
    assert max(sizes) - min(sizes) <= 2 * each
    check(doc, packed, each * 40)


def test_a_cut_stands_at_the_highest_heading_near_the_middle() -> None:
    lines = [
        (H, 1, "1. Goods"),
        *paragraphs(6),
        (H, 2, "1.1 Delivery"),
        *paragraphs(1),
        (H, 1, "2. Fees"),  # number 10
        *paragraphs(7),
    ]
    doc = document(lines)
    assert first_segments(doc, count(pack.render(doc, doc.body)[0]) * 2 // 3) == [1, 10]
    # Without the higher one the lower one is taken, and never the place between heading and text.
    doc = document([(P if level == 1 else role, 0 if level == 1 else level, w) for role, level, w in lines])
    assert first_segments(doc, count(pack.render(doc, doc.body)[0]) * 2 // 3) == [1, 8]


def test_a_heading_is_not_parted_from_its_text() -> None:
    doc = document([*paragraphs(10), (H, 2, "3. Fees"), *paragraphs(9)])
    for budget in range(130, 220, 5):
        for window in windows(doc, budget):
            last = [placed.segment for placed in window.placed][-1]
            assert doc.segment(last).role is not H or window.number == len(windows(doc, budget))


def test_a_list_is_rather_kept_together_than_paragraphs() -> None:
    doc = document([*paragraphs(9), *[(L, 0, "the delivery of the goods on time")] * 5, *paragraphs(7)])
    budget = count(pack.render(doc, doc.body)[0]) * 2 // 3
    assert first_segments(doc, budget) == [1, 10]
    # The even place, were they no list:
    plain = document([(P, 0, doc.slice(segment.span)) for segment in doc.body])
    assert first_segments(plain, budget) == [1, 12]


def test_later_windows_repeat_the_headings_above_them() -> None:
    doc = document([(H, 1, "1. Goods"), (H, 2, "1.1 Delivery"), *paragraphs(30), (H, 1, "2. Fees")])
    first, second = windows(doc, 250)
    assert not any(placed.repeated for placed in first.placed)
    assert second.text.startswith("[1] 1. Goods\n[2] 1.1 Delivery\n[")
    assert [p.segment for p in second.placed if p.repeated] == [1, 2]
    assert all(span.start > doc.segment(2).span.end for span in second.spans())
    check(doc, (first, second), 250)


def test_headings_that_would_fill_a_window_are_not_repeated() -> None:
    doc = document([(H, 1, "Goods " * 60), (H, 2, "Delivery " * 60), *paragraphs(30)])
    for window in windows(doc, 150)[1:]:
        assert not any(placed.repeated for placed in window.placed)


@pytest.mark.parametrize(
    "words",
    [
        "The Supplier shall deliver. " * 400 + "End.",
        "first line\nsecond line, longer\n" * 300 + "last",
        "a" * 8_000,
        " " * 50_000 + "x",
        "合同第三条。" * 500,
        "e\u0301" * 3_000,
        "👩\u200d⚖️" * 800,
        "a\r\n" * 2_000 + "b",
    ],
    ids=["sentences", "lines", "letters", "blanks", "Chinese", "combining", "joined", "carriage returns"],
)
def test_a_segment_larger_than_a_window_is_cut(words: str) -> None:
    doc = document([(H, 1, "1. Goods"), (P, 0, words), *paragraphs(3)])
    packed, coverage = pack.into_windows(doc, 200, count)
    check(doc, packed, 200)
    assert coverage.chars_out == 0
    assert len(packed) <= 2 + 2 * count(words) // 200


def test_a_large_segment_is_cut_between_sentences_or_lines() -> None:
    for words, before in (
        ("Goods are sent on time. " * 300 + "End.", "."),
        ("a row of it\n" * 400 + "end", "\n"),
    ):
        doc = document([(P, 0, words)])
        for window in windows(doc, 300):
            for span in window.spans():
                assert doc.text[span.end - 1] == before or span.end == len(doc.text)


def test_a_cut_never_parts_what_makes_one_character() -> None:
    doc = document([(P, 0, "e\u0301" * 3_000 + "a\r\n" * 10)])
    for window in windows(doc, 100):
        for span in window.spans():
            assert doc.text[span.start] not in "\u0301\n"


@pytest.mark.parametrize("budget", [-5, 0, 1, 3])
def test_a_budget_that_holds_nothing_is_an_error(budget: int) -> None:
    with pytest.raises(WindowError, match="not hold even one character") as refused:
        pack.into_windows(document(paragraphs(3)), budget, count)
    assert "--window" in refused.value.try_


def test_a_count_whose_lines_do_not_add_is_an_error() -> None:
    with pytest.raises(WindowError, match="as the sum of its lines"):
        pack.into_windows(document(paragraphs(40)), 100, lambda text: 1 + len(text) // 7)


# -- the receipt -------------------------------------------------------------------------------------


def test_the_receipt_names_every_window_and_every_reason() -> None:
    doc = document(paragraphs(40), furniture=["Page 1", "Page 2"])
    doc = replace(
        doc,
        pages=(
            Page(1, 600, 800),
            Page(2, 600, 800, state=PageState.EMPTY),
            Page(3, 6, 8, state=PageState.UNREAD, reason="locked"),
        ),
    )
    packed, coverage = pack.into_windows(doc, 200, count)
    assert [part.window for part in coverage.parts] == [*range(1, len(packed) + 1), 0]
    assert coverage.parts[0].span.start == 0
    assert coverage.parts[-1].reason == "running head or page number"
    assert coverage.parts[-1].span.end == len(doc.text)
    assert coverage.unread == ((2, "no text"), (3, "locked"))


def test_only_the_pages_asked_for_are_put_in() -> None:
    lines = [(H, 1, "1. Goods"), *paragraphs(3), (H, 1, "2. Fees"), *paragraphs(3)]
    doc = document(lines, pages=[1, 1, 2, 2, 3, 3, 4, 4], furniture=["Page 1"])
    box = Box(3, 0, 0, 1, 1)
    parts = tuple(replace(s, boxes=(box,)) if s.number == 4 else s for s in doc.segments)
    doc = replace(doc, segments=parts)
    (window,), coverage = pack.into_windows(doc, 1_000, count, pages=frozenset({3}))
    # Segment 4 begins on page 2 and reaches into page 3; its heading stands on page 1.
    assert [(p.segment, p.repeated) for p in window.placed] == [(1, True), (4, False), (5, False), (6, False)]
    assert [(part.window, part.reason) for part in coverage.parts] == [
        (0, "outside --pages"),
        (1, ""),
        (0, "outside --pages"),
        (0, "running head or page number"),
    ]
    assert pack.into_windows(doc, 1_000, count, pages=frozenset({9}))[0] == ()


# -- room --------------------------------------------------------------------------------------------


def test_room_is_what_instructions_and_answer_leave() -> None:
    assert pack.room(32_768, 1_000, 4_096) == 27_672


@pytest.mark.parametrize("context", [0, 100, 5_096])
def test_no_room_is_an_error_that_names_the_window(context: int) -> None:
    with pytest.raises(WindowError, match="no room for the document") as refused:
        pack.room(context, 1_000, 4_096)
    assert refused.value.try_ == "give --window more than 5,096"
    assert pack.room(5_097, 1_000, 4_096) == 1


# -- any document ------------------------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            " ",
            "Supplier",
            ". ",
            "\n",
            "\r\n",
            "  ",
            "é",
            "合同",
            "🙂\u200d",
            "[3] ",
            "1",
            "x" * 40,
            ";",
        ]
    )
    | st.characters(exclude_categories=["Cs"]),
    min_size=1,
    max_size=60,
).map("".join)
LINES = st.lists(
    st.tuples(st.just(P), st.just(0), WORDS)
    | st.tuples(st.just(L), st.just(0), WORDS)
    | st.tuples(st.just(H), st.integers(1, 3), WORDS),
    min_size=1,
    max_size=30,
)


@given(LINES, st.integers(60, 600), st.lists(WORDS, max_size=2))
@settings(deadline=None, max_examples=150)
def test_no_packing_exceeds_its_budget_or_loses_a_character(
    lines: list[Line], budget: int, furniture: list[str]
) -> None:
    doc = document(lines, furniture=furniture)
    packed, coverage = pack.into_windows(doc, budget, count)
    check(doc, packed, budget)
    inside = [part for part in coverage.parts if part.window]
    assert all(a.span.end <= b.span.start for a, b in zip(coverage.parts, coverage.parts[1:], strict=False))
    for segment in doc.segments:
        covering = [part for part in coverage.parts if part.span.overlaps(segment.span)]
        assert sum(min(c.span.end, segment.span.end) - max(c.span.start, segment.span.start) for c in covering) == len(
            segment.span
        )
        assert all(bool(part.window) == segment.in_body for part in covering)
    assert [part.window for part in inside] == sorted(part.window for part in inside)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(40, 300))
@settings(deadline=None, max_examples=100)
def test_there_are_as_few_windows_as_filling_one_after_the_other_gives(sizes: list[int], budget: int) -> None:
    doc = document([(P, 0, " ".join(["goods"] * size)) for size in sizes])
    filled, left = 0, 0
    for segment in doc.body:
        needed = count(f"[{segment.number}] {doc.slice(segment.span)}\n")
        if needed > left:
            filled, left = filled + 1, budget
        left -= needed
    assert len(windows(doc, budget)) == filled


@given(st.integers(20, 200), st.integers(2, 6))
@settings(deadline=None, max_examples=30)
def test_equal_paragraphs_are_divided_equally(number: int, parts: int) -> None:
    doc = document(paragraphs(number))
    line = count(f"[{number}] {doc.slice(doc.segment(1).span)}\n")
    packed = windows(doc, line * (number // parts + 2))
    sizes = [window.tokens for window in packed]
    assert max(sizes) - min(sizes) <= 2 * line


def test_numbers_in_a_window_are_those_of_the_segments() -> None:
    doc = document(paragraphs(40))
    shown = [int(n) for w in windows(doc, 200) for n in re.findall(r"^\[(\d+)\]", w.text, re.MULTILINE)]
    assert shown == list(range(1, 41))


# -- tables and what stands apart ------------------------------------------------------------------


def with_table(rows: int, *, apart: str = "") -> Document:
    """A heading, and a table in Segments of ten rows under one header; words apart at the end."""
    head = "Item | Fee"
    lines = [f"Item number {n} | {n}.50" for n in range(rows)]
    groups = ["\n".join([head, *lines[:10]])] + ["\n".join(lines[at : at + 10]) for at in range(10, rows, 10)]
    doc = document([(H, 1, "4. Fees"), *((Role.TABLE, 0, group) for group in groups), (P, 0, "The end.")])
    start = doc.segments[1].span.start
    header = Span(start, start + len(head))
    segments = [replace(s, head=header) if s.role is Role.TABLE else s for s in doc.segments]
    if apart:
        text = f"{doc.text}\n\n{apart}"
        span = Span(len(text) - len(apart), len(text))
        hidden = Segment(len(segments) + 1, span, Role.HIDDEN, note="white")
        return replace(doc, text=text, segments=(*segments, hidden))
    return replace(doc, segments=tuple(segments))


@pytest.mark.parametrize("budget", [120, 200, 350])
def test_every_window_that_begins_in_a_table_repeats_its_header(budget: int) -> None:
    doc = with_table(60)
    packed = windows(doc, budget)
    check(doc, packed, budget)
    assert len(packed) > 1
    for window in packed[1:]:
        begins = next(p for p in window.placed if not p.repeated)
        repeated = [doc.slice(p.span) for p in window.placed if p.repeated]
        inside = doc.segment(begins.segment).role is Role.TABLE
        assert ("Item | Fee" in repeated) == inside
        assert not inside or repeated == ["4. Fees", "Item | Fee"]


def test_a_header_is_not_repeated_where_it_stands() -> None:
    doc = with_table(30)
    [window] = windows(doc, 10_000)
    assert window.text.count("Item | Fee") == 1 and not any(p.repeated for p in window.placed)


def test_pages_that_begin_within_a_table_show_its_header() -> None:
    doc = with_table(30)
    later = tuple(replace(s, page=2 if s.number > 2 else 1) for s in doc.segments)
    [window], _ = pack.into_windows(replace(doc, segments=later), 10_000, count, pages=frozenset({2}))
    assert [doc.slice(p.span) for p in window.placed if p.repeated] == ["4. Fees", "Item | Fee"]


def test_what_stands_apart_goes_in_only_when_asked_for() -> None:
    doc = with_table(10, apart="Unseen words.")
    [shut], receipt = pack.into_windows(doc, 10_000, count)
    assert "Unseen" not in shut.text and receipt.reasons() == {"text that is not to be seen: white": 13}
    [wide], full = pack.into_windows(doc, 10_000, count, include=frozenset({Role.HIDDEN}))
    assert "Unseen words." in wide.text and full.chars_out == 0
