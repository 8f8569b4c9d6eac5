"""How samples/make_paper.py makes lines of text: fonts, marks within a line, the division of words and paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pymupdf

TEXT = Path(__file__).resolve().parent / "paper.txt"

FONTS = {"regular": "tiro", "italic": "tiit", "bold": "tibo", "code": "cour"}
SHAPE = 0.88
"""The size of code beside that of the text around it."""
SMALL = 0.7
RAISED, LOWERED = 0.33, -0.18
TIGHT, LOOSE = 0.72, 2.6
"""What the gap between two words may be at least and should be at most, in blanks."""
HYPHEN_COST = 0.6

INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|`(?P<code>.+?)`"
    r"|\[\^(?P<note>\d+)\]|\^(?P<raised>.+?)\^|~(?P<lowered>.+?)~"
)
COMPOUND = re.compile(r"(?<=[A-Za-z]{3}-)(?=[A-Za-z]{3})")
LETTERS = re.compile(r"[A-Za-z]{5,}")


@dataclass(frozen=True)
class Look:
    """How a paragraph is set; lengths in points, `left` and `first` from the column's edge."""

    size: float = 10.0
    leading: float = 12.0
    before: float = 0.0
    after: float = 0.0
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    align: str = "justify"
    style: str = "regular"
    keep: int = 2
    """The lines that must stand together with the first."""


@dataclass(frozen=True)
class Piece:
    """Characters of one word in one font; `rise` is above the baseline, in points."""

    text: str
    style: str
    size: float
    rise: float = 0.0

    @cached_property
    def width(self) -> float:
        return advance(self.text, self.style) * self.size


@dataclass(frozen=True)
class Part:
    """A word, or what stands before or after a place where it may be divided."""

    pieces: tuple[Piece, ...]
    begins: bool = True
    """Whether a word begins here, so that a gap stands before."""
    soft: bool = False
    """Whether a hyphen is set where a line ends here."""
    note: str = ""

    @cached_property
    def width(self) -> float:
        return sum(piece.width for piece in self.pieces)


@dataclass(frozen=True)
class Line:
    """A line as it is set: words with the gap between them, the indent, and the notes that it calls."""

    words: list[tuple[Piece, ...]]
    gap: float
    indent: float
    notes: tuple[str, ...] = ()


@cache
def font(style: str) -> Any:
    return pymupdf.Font(FONTS[style])


@cache
def advance(text: str, style: str) -> float:
    """The width of a text at a size of one point."""
    return float(font(style).text_length(text, 1))


@cache
def _hyphens() -> dict[str, list[str]]:
    first = TEXT.read_text(encoding="utf-8").partition("\n")[0]
    return {word.replace("-", "").lower(): word.split("-") for word in first.split()[1:]}


def parts(text: str, style: str, size: float) -> list[Part]:
    words: list[Part] = []
    pieces: list[Piece] = []
    note = ""

    def end() -> None:
        if pieces:
            words.append(Part(tuple(pieces), note=note))
            pieces.clear()

    for piece, called in _runs(text, style, size):
        for number, word in enumerate(piece.text.split(" ")):
            if number:
                end()
                note = ""
            if word:
                pieces.append(replace(piece, text=word))
        note = called or note
    end()
    return [part for word in words for part in _divided(word)]


def _runs(text: str, style: str, size: float) -> Iterator[tuple[Piece, str]]:
    """Stretches of one font, and the note that each one calls."""
    done = 0
    for match in INLINE.finditer(text):
        yield Piece(text[done : match.start()], style, size), ""
        kind = str(match.lastgroup)
        inner = match[kind]
        if kind in ("raised", "note", "lowered"):
            yield (
                Piece(inner, style, size * SMALL, size * (LOWERED if kind == "lowered" else RAISED)),
                inner if kind == "note" else "",
            )
        else:
            yield Piece(inner, kind, size * (SHAPE if kind == "code" else 1)), ""
        done = match.end()
    yield Piece(text[done:], style, size), ""


def _divided(word: Part) -> Iterator[Part]:
    """The parts of a word between which a line may end."""
    found: list[tuple[list[Piece], bool]] = [([], False)]
    for piece in word.pieces:
        for number, (text, soft) in enumerate(_syllables(piece)):
            if number:
                found.append(([], False))
            found[-1] = ([*found[-1][0], replace(piece, text=text)], soft)
    for number, (pieces, soft) in enumerate(found):
        last = number == len(found) - 1
        yield Part(tuple(pieces), number == 0, soft and not last, word.note if last else "")


def _syllables(piece: Piece) -> list[tuple[str, bool]]:
    """A piece's text cut where it may be divided, and whether a hyphen is then to be added."""
    if piece.style == "code" or piece.rise:
        return [(piece.text, False)]
    found: list[tuple[str, bool]] = []
    for compound in COMPOUND.split(piece.text):
        match = LETTERS.search(compound)
        if match and (known := _hyphens().get(match[0].lower())):
            ends = [match.start() + end for end in accumulate(map(len, known))]
            cuts = [0, *ends[:-1], len(compound)]
            found += [(compound[start:end], end != len(compound)) for start, end in pairwise(cuts)]
        else:
            found.append((compound, False))
    return found


def break_lines(parts: list[Part], look: Look, width: float) -> list[Line]:
    """The division of a paragraph with the least sum of squared deviations from an even gap."""
    room = width - look.left - look.right
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(parts) + 1):
        choices = []
        for start in range(end - 1, -1, -1):
            cost = _cost(parts, start, end, look, room - (look.first if start == 0 else 0))
            if cost is None:
                break
            choices.append((best[start][0] + cost, start))
        best.append(min(choices))
    ends, end = [len(parts)], len(parts)
    while end:
        end = best[end][1]
        ends.append(end)
    return [_line(parts, start, end, look, room) for start, end in pairwise(reversed(ends))]


def _natural(parts: list[Part], start: int, end: int, size: float) -> tuple[float, int]:
    """The width of a line without its gaps, and how many those are."""
    hyphen = end < len(parts) and parts[end - 1].soft
    width = sum(part.width for part in parts[start:end]) + hyphen * advance("-", "regular") * size
    return width, sum(part.begins for part in parts[start + 1 : end])


def _cost(parts: list[Part], start: int, end: int, look: Look, room: float) -> float | None:
    """None for a line that cannot be set in the room."""
    blank = advance(" ", "regular") * look.size
    width, gaps = _natural(parts, start, end, look.size)
    justified = look.align == "justify"
    if width + gaps * blank * (TIGHT if justified else 1) > room:
        return 1e6 if start == end - 1 else None
    if end == len(parts):
        return 0.0
    divided = 0.0 if parts[end].begins else HYPHEN_COST
    if not justified:
        return ((room - width - gaps * blank) / blank) ** 2 / 50 + divided * 100
    ratio = (room - width) / max(1, gaps) / blank
    return (ratio - 1) ** 2 + divided + (100 * (ratio - LOOSE) if ratio > LOOSE else 0)


def _line(parts: list[Part], start: int, end: int, look: Look, room: float) -> Line:
    words: list[tuple[Piece, ...]] = []
    for number, part in enumerate(parts[start:end]):
        words = [*words, part.pieces] if part.begins or not number else [*words[:-1], words[-1] + part.pieces]
    if end < len(parts) and parts[end - 1].soft:
        last = words[-1][-1]
        words[-1] = (*words[-1][:-1], replace(last, text=last.text + "-"))
    words = [_joined(word) for word in words]
    blank = advance(" ", "regular") * look.size
    width, gaps = _natural(parts, start, end, look.size)
    indent = look.first if start == 0 else 0.0
    free = (room - indent - width) / max(1, gaps)
    gap = free if look.align == "justify" and (end < len(parts) or free < blank) else blank
    if look.align == "centre":
        indent = (room - width - gaps * blank) / 2
    return Line(words, gap, indent, tuple(part.note for part in parts[start:end] if part.note))


def _joined(word: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Neighbours of one font as one piece."""
    found: list[Piece] = []
    for piece in word:
        if found and replace(found[-1], text="") == replace(piece, text=""):
            found[-1] = replace(piece, text=found[-1].text + piece.text)
        else:
            found.append(piece)
    return tuple(found)
