"""What a model sees of a Document, and the receipt of what it does not."""

from dataclasses import dataclass
from enum import StrEnum

from docanalyze.model.places import Span, hash_text


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of a Document in a Window: `start` is its offset in `Window.text`.

    `repeated` marks a heading shown again for context, which does not count as coverage.
    """

    segment: int
    span: Span
    start: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """What a model sees of a Document. `tokens` is the exact count of `text`, at most `budget`."""

    number: int
    text: str
    placed: tuple[Placed, ...]
    tokens: int
    budget: int

    @property
    def sha256(self) -> str:
        return hash_text(self.text)

    def spans(self) -> tuple[Span, ...]:
        """What this Window covers, repeated headings left out."""
        return tuple(piece.span for piece in self.placed if not piece.repeated)


class Detail(StrEnum):
    """How fully something stands in a Window."""

    FULL = "full"
    OUTLINE = "outline"
    NAME = "name only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Covered:
    """A run of text and what became of it: in which Window (0 for none), how fully, and why not."""

    span: Span
    window: int
    detail: Detail = Detail.FULL
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileCovered:
    """What became of one file of a code base: its place in `Tree.files`, how much it matters (the ranks of
    all files add to 1), in which Window it stands (0 for none), how fully, with how many tokens, and why not more."""

    file: int
    rank: float
    window: int
    detail: Detail
    tokens: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The receipt: every Segment's text stands in `parts`; pages without text in `unread`; of a code base
    every file, in order, in `files`."""

    parts: tuple[Covered, ...]
    unread: tuple[tuple[int, str], ...] = ()
    files: tuple[FileCovered, ...] = ()

    @property
    def chars_in(self) -> int:
        return sum(len(part.span) for part in self.parts if part.window)

    @property
    def chars_out(self) -> int:
        return sum(len(part.span) for part in self.parts if not part.window)

    def reasons(self) -> dict[str, int]:
        """Characters left out, by reason."""
        totals: dict[str, int] = {}
        for part in self.parts:
            if not part.window:
                totals[part.reason] = totals.get(part.reason, 0) + len(part.span)
        return totals
