"""Where something stands: a Span of text, a Box on a page."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters of `Document.text`: the only unit of provenance."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def __bool__(self) -> bool:
        """Always true: an empty Span is a place, too, and None is what means no place."""
        return True

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: `page` counts from 1, the rest is in points."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


def hash_text(text: str) -> str:
    """SHA-256 of the UTF-8 form; lone surrogates, which no reader produces, are an error."""
    return hashlib.sha256(text.encode()).hexdigest()
