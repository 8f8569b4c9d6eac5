"""What a file of code defines, imports and names, and what stands for it at lower detail.

Runs in the reading process. A language is one query file and one grammar wheel.
"""

from dataclasses import dataclass

from docanalyze.model import Definition, Import, Span

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Outlined:
    """All Spans are of the text that was given. `outline` is what stands for the file at lower detail, in order;
    each Span begins with its line and ends before a line's end."""

    outline: tuple[Span, ...] = ()
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[tuple[str, int], ...] = ()
    mains: tuple[Span, ...] = ()


def language_of(path: str, head: str) -> str:
    """The language of a file by its name, else by its first line (`#!`); empty where it is not known."""
    return ""


def outline(language: str, text: str) -> Outlined:
    """The outline of a text; an empty one of a language that is not known, and where parsing takes too long."""
    return Outlined()
