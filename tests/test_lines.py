"""Places in files of a code base: the lines of any Span, however many are asked for."""

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.model import Document, Role, Segment, Span
from tests.tree_material import a_code_base

texts = st.text("ab\n\r ü", max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b/c", "d"]), st.none() | texts, min_size=1), st.data())
def test_the_lines_of_any_span_are_those_that_counting_gives(files: dict[str, str | None], data: st.DataObject) -> None:
    document = a_code_base(files)
    start = data.draw(st.integers(0, len(document.text)))
    span = Span(start, data.draw(st.integers(start, len(document.text))))
    file = document.file_at(span)
    assert file is not None
    last = max(span.start, span.end - 1)
    if not file.start <= span.start <= last <= file.span.end:
        assert document.lines_of(span) == (0, 0)
        assert document.locator(span) == file.path
        return
    lines = tuple(1 + document.text.count("\n", file.start, at) for at in (span.start, last))
    assert document.lines_of(span) == lines
    shown = f"{lines[0]}" if lines[0] == lines[1] else f"{lines[0]}-{lines[1]}"
    assert document.locator(span) == f"{file.path}:{shown}"


def test_the_cell_of_a_notebook_is_told() -> None:
    document = a_code_base({"a.ipynb": "x = 1\ny = 2\n"})
    assert document.locator(Span(8, 9)) == "a.ipynb, cell 1"


def of_lines(count: int) -> Document:
    """One file, each line a Segment of its own."""
    document = a_code_base({"long.py": "x = 'ü'\n" * count})
    start = len("long.py\n")
    lines = (Segment(n + 2, Span(start + 8 * n, start + 8 * n + 7), Role.CODE, line=n + 1) for n in range(count))
    return replace(document, segments=(document.segments[0], *lines))


def test_the_places_of_a_long_file_are_found_in_time() -> None:
    document = of_lines(100_000)
    began = time.process_time()
    places = [document.locator(segment.span) for segment in document.segments]
    # Counted from the file's beginning each time, these took minutes.
    assert time.process_time() - began < 10
    assert (places[0], places[1], places[-1]) == ("long.py", "long.py:1", "long.py:100000")
