"""What an outline consists of."""

from dataclasses import dataclass

from docanalyze.model import Definition, Import, Span


@dataclass(frozen=True, slots=True)
class Outlined:
    """All Spans are of the text that was given. `outline` is what stands for the file at lower detail, in order;
    each Span begins with its line and ends before a line's end. `note` says why there is none; empty if there is."""

    outline: tuple[Span, ...] = ()
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[tuple[str, int], ...] = ()
    mains: tuple[Span, ...] = ()
    note: str = ""
