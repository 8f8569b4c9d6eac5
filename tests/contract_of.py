"""What holds of every Document, whatever it was read from."""

from docanalyze import pack, tokens
from docanalyze.model import Document, Role, Span

IN_FILE_ORDER = ("text", "markdown")
"""Formats whose text is the file's own: what stands apart stands where it is written."""


def assert_holds(document: Document) -> None:
    """The contract of a Document: its text, its Segments, its pages, and that it can be packed."""
    _assert_segments(document)
    assert "\x00" not in document.text
    document.text.encode("utf-8")
    assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
    pages = {page.number for page in document.pages} | {0}
    assert all(segment.page in pages and box.page in pages for segment in document.segments for box in segment.boxes)
    assert all(0.0 <= page.ink <= 1.0 and page.chars >= 0 for page in document.pages)
    count = tokens.packaged()
    for budget in (100_000, 700):
        windows, coverage = pack.into_windows(document, budget, count)
        assert coverage.chars_in + coverage.chars_out >= sum(len(segment.span) for segment in document.segments)
        for window in windows:
            assert window.tokens <= budget
            assert all(window.text.startswith(document.slice(p.span), p.start) for p in window.placed)


def _assert_segments(document: Document) -> None:
    end = 0
    apart = False
    for number, segment in enumerate(document.segments, 1):
        assert segment.number == number
        assert end <= segment.span.start < segment.span.end <= len(document.text)
        assert not document.text[end : segment.span.start].strip(), "text that no segment covers"
        words = document.slice(segment.span)
        assert words == words.strip()
        if document.format not in IN_FILE_ORDER:
            assert segment.in_body or segment.number > 0
            assert not (apart and segment.in_body), "body after what stands apart"
            apart = apart or not segment.in_body
        if segment.head is not None:
            assert segment.role is Role.TABLE and Span(0, segment.span.end).start <= segment.head.start
            assert segment.head.end <= segment.span.end
        assert (segment.level > 0) == (segment.role is Role.HEADING)
        end = segment.span.end
    assert not document.text[end:].strip()
