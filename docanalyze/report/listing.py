"""Quotes of code: the whole lines that they touch, as they are indented, before any markup."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from docanalyze.model import Document, Evidence, Role, Span
from docanalyze.report.plain import coded, counted, cut

MOST_LINES = 12
"""Lines shown of one quote: its file has the others."""
_BETWEEN = 2
"""Lines shown between two parts of a quote; where there are more, `_GAP` stands for them."""
_GAP = "⋮"

Part = tuple[str, bool]
"""Characters, and whether they belong to the quote."""


def is_code(evidence: Evidence, document: Document) -> bool:
    """Whether a quote is shown in lines: of a file's code, of its path, of several paragraphs of its prose."""
    if document.tree is None:
        return False
    segments = [segment for span in evidence.spans for segment in document.segments_at(span)]
    return len(segments) != 1 or segments[0].role is Role.CODE or document.lines_of(evidence.spans[0]) == (0, 0)


def listing(evidence: Evidence, document: Document) -> tuple[tuple[Part, ...], str]:
    """The lines that a quote touches, without the indentation that all share, and how many more there are.

    No lines of a file's path: the locator says it.
    """
    spans = [span for span in evidence.spans if document.lines_of(span) != (0, 0)]
    rows = list(_rows(spans, document))
    kept, left = rows[:MOST_LINES], sum(row is not None for row in rows[MOST_LINES:])
    indents = [_indent(document, row) for row in kept if row is not None and document.slice(row).strip()]
    parts: list[Part] = []
    for row in kept:
        if row is None:
            parts.append((f"{_GAP}\n", False))
            continue
        start = row.start + min(min(indents, default=0), _indent(document, row))
        parts += _cut(document, Span(start, max(start, row.end)), spans)
        parts.append(("\n", any(span.start <= row.end < span.end for span in spans)))
    return _joined(parts), counted(left, "more line") if left else ""


def _rows(spans: Sequence[Span], document: Document) -> Iterator[Span | None]:
    """The lines, without their ends; None where lines between two parts are left out."""
    shown = -1
    for span in spans:
        file = document.file_at(span)
        whole = file.span if file is not None else Span(0, len(document.text))
        begin = max(whole.start, document.text.rfind("\n", whole.start, span.start) + 1)
        if 0 <= shown < begin:
            if document.text.count("\n", shown, begin) <= _BETWEEN:
                begin = shown
            else:
                yield None
        at = max(begin, shown)
        while at < max(span.end, span.start + 1) and at < whole.end:
            end = document.text.find("\n", at, whole.end)
            end = whole.end if end < 0 else end
            yield Span(at, end)
            at = end + 1
        shown = max(shown, at)


def _indent(document: Document, row: Span) -> int:
    line = document.slice(row)
    return len(line) - len(line.lstrip(" \t"))


def _cut(document: Document, row: Span, spans: Sequence[Span]) -> Iterator[Part]:
    """A line cut where the quote begins and ends. What is blank at its ends is not marked."""
    text = document.slice(row).removesuffix("\r")
    end = row.start + len(text)
    cuts = {row.start, end}
    for span in spans:
        cuts |= {min(end, max(row.start, at)) for at in (span.start, span.end)}
    for left, right in pairwise(sorted(cuts)):
        quoted = any(span.start < right and span.end > left for span in spans)
        yield cut(coded(document.slice(Span(left, right)))), quoted


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Without two Parts of one sort side by side, and without a line's end after the last."""
    groups = groupby((part for part in parts if part[0]), key=lambda part: part[1])
    joined = [("".join(text for text, _ in group), quoted) for quoted, group in groups]
    while joined and not (text := joined[-1][0].rstrip()):
        joined.pop()
    if joined:
        joined[-1] = (text, joined[-1][1])
    return tuple(joined)
