"""Where sentences begin and end, in contracts and in prose."""

import re
from functools import cache
from typing import Protocol

from docanalyze.model import Span

# A clause number, a run-in heading, or both, standing alone: "3.2", "(a)", "4. Payment.", "SECTION 5."
_LABEL = re.compile(
    r"(?:\(?\d{1,3}(?:\.\d{1,3}){0,4}[.)]?|\(?(?:[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6})[.)]{1,2}"
    r"|(?:[Ss]ection|SECTION|[Aa]rticle|ARTICLE|[Cc]lause|Schedule|Exhibit|Appendix|Annex)\s+[\w.]{1,8}[.:]?)"
    r"(?:\s+[A-Z][\w'’&,/-]*(?:\s+[\w'’&,/-]+){0,6}[.:])?"
)
_LONGEST_LABEL = 90


class _Splitter(Protocol):
    def __call__(self, text: str) -> list[tuple[int, int]]: ...


@cache
def _splitter() -> _Splitter:
    import nupunkt

    splitter: _Splitter = nupunkt.sent_spans
    return splitter


def sentences(text: str, offset: int = 0) -> list[Span]:
    """The sentences of a text in order, white space trimmed, as Spans that begin at `offset`.

    A clause number or run-in heading ("3.2 Payment.") stays with the sentence that it introduces.
    """
    spans: list[Span] = []
    label: int | None = None
    for start, end in _splitter()(text):
        words = text[start:end]
        start += len(words) - len(words.lstrip())
        end = start + len(words.strip())
        if start >= end:
            continue
        first = label if label is not None else start
        if end - first <= _LONGEST_LABEL and _LABEL.fullmatch(text, first, end):
            label = first
            continue
        spans.append(Span(offset + first, offset + end))
        label = None
    if label is not None:
        spans.append(Span(offset + label, offset + len(text.rstrip())))
    return spans
