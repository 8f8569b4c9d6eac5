"""The files that findings quote, with line numbers and the quoted characters marked, before any markup.

A file that is not long is shown whole, of others the lines around each quote; all within one bound. The
anchors are those of `places`: `mark-<finding>-<n>`.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from docanalyze.model import Document, File, Run, Span
from docanalyze.report.labels import language_name
from docanalyze.report.places import quotes_of
from docanalyze.report.plain import coded, counted, shown

MOST_WHOLE = 1_500
"""Lines of a file that is shown whole."""
MOST_CHARS = 1_500_000
"""Characters of all files together that a report shows."""
AROUND = (25, 3)
"""Lines shown around a quote, and where they are too many in all."""
_LONG_QUOTE = 400
_HEAD, _TAIL = 200, 25
"""Lines shown of a longer quote, at its beginning and its end."""
_LINE = 2_000
"""Characters shown of one line, or of one quote in it."""
_NUMBER = 6
"""What the number of a line takes."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A run of characters; `findings` quote it."""

    text: str
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines that the same Findings quote, or none does."""

    pieces: tuple[Marked, ...]
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """The numbers of some lines, one below the other; the quotes of `anchors` begin in the first: (anchor, finding)."""

    numbers: str
    anchors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together: what was left out before them, and of a notebook which cell it is."""

    left_out: str
    title: str
    gutter: tuple[Begun, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file with Findings. `anchors` are of quotes of its path, (anchor, finding); `left_out` is told at the end."""

    place: int
    path: str
    about: str
    findings: tuple[int, ...]
    anchors: tuple[tuple[str, int], ...]
    blocks: tuple[Block, ...]
    left_out: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that are shown, in the order of the Document, and what is said of those that are not."""

    files: tuple[Source, ...] = ()
    remark: str = ""

    @property
    def anchors(self) -> frozenset[str]:
        of_paths = {anchor for file in self.files for anchor, _ in file.anchors}
        begun = (one for file in self.files for block in file.blocks for one in block.gutter)
        return frozenset(of_paths | {anchor for one in begun for anchor, _ in one.anchors})

    @property
    def places(self) -> frozenset[int]:
        return frozenset(file.place for file in self.files)


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quote in a file's own text; `anchor` stands with the first of its Spans."""

    span: Span
    finding: int
    anchor: str


@dataclass(slots=True)
class _Open:
    """A file with its quotes: `heads` of its path, `quotes` of its text. `starts` are where its lines begin."""

    place: int
    file: File
    text: str
    heads: list[tuple[str, int]] = field(default_factory=list)
    quotes: list[_Quote] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return len(self.starts)

    def line(self, at: int) -> int:
        """The line, from 0, that a character stands in."""
        return bisect_right(self.starts, at) - 1

    def end(self, line: int) -> int:
        """Where a line ends, its line feed included."""
        return self.starts[line + 1] if line + 1 < self.lines else len(self.text)

    def touched(self, span: Span) -> tuple[int, int]:
        """The first and the last line of a Span."""
        return self.line(span.start), self.line(max(span.start, span.end - 1))


Lines = tuple[int, int]
"""The first line, from 0, and the one after the last."""


def sources(run: Run, document: Document, most: int = MOST_CHARS) -> Sources:
    """The files that Findings quote, most of them whole as long as `most` characters are not exceeded."""
    opened = _opened(run, document)
    ranges: dict[int, list[Lines]] = {}
    for around in AROUND:
        ranges = {one.place: _around(one, around) for one in opened}
        if sum(_cost(one, ranges[one.place]) for one in opened) <= most:
            break
    kept, spent = [], 0
    for one in sorted(opened, key=lambda one: (-len(_findings(one)), one.place)):
        if spent + (cost := _cost(one, ranges[one.place])) <= most:
            kept.append(one)
            spent += cost
    for one in kept:
        whole = [(0, one.lines)] if one.lines else []
        more = _cost(one, whole) - _cost(one, ranges[one.place])
        if one.lines <= MOST_WHOLE and spent + more <= most:
            ranges[one.place] = whole
            spent += more
    left = len(opened) - len(kept)
    said = f"{counted(left, 'file')} with fewer findings left out here: all together would be too long." if left else ""
    return Sources(tuple(_source(one, ranges[one.place]) for one in sorted(kept, key=lambda one: one.place)), said)


# -- which lines -----------------------------------------------------------------------------------


def _opened(run: Run, document: Document) -> list[_Open]:
    held: dict[int, _Open] = {}
    for finding in run.findings:
        for anchor, spans, _ in quotes_of(finding):
            for number, span in enumerate(spans):
                _lay(held, document, span, (finding.number, "" if number else anchor))
    return list(held.values())


def _lay(held: dict[int, _Open], document: Document, span: Span, said: tuple[int, str]) -> None:
    file, tree = document.file_at(span), document.tree
    if file is None or tree is None:
        return
    place = tree.place(file.path)
    if place not in held:
        held[place] = _Open(place, file, text := document.slice(file.span), starts=_starts(text))
    one = held[place]
    finding, anchor = said
    start = max(0, span.start - file.start)
    end = min(len(one.text), span.end - file.start)
    if span.end > file.start and one.text and start <= end:
        # What ends a line is not told from its end: a mark there would stand in the next line.
        one.quotes.append(_Quote(Span(min(start, len(one.text) - 1), max(start, end)), finding, anchor))
    elif anchor:
        one.heads.append((anchor, finding))


def _starts(text: str) -> list[int]:
    starts, at = [0] if text else [], text.find("\n") + 1
    while at and at < len(text):
        starts.append(at)
        at = text.find("\n", at) + 1
    return starts


def _findings(one: _Open) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*(number for _, number in one.heads), *(quote.finding for quote in one.quotes)]))


def _around(one: _Open, around: int) -> list[Lines]:
    """The lines around each quote, in order; those that meet are one."""
    wanted: list[Lines] = []
    for quote in one.quotes:
        first, last = one.touched(quote.span)
        ends = [(first, last)]
        if last - first >= _LONG_QUOTE:
            ends = [(first, first + _HEAD - 1), (last - _TAIL + 1, last)]
        wanted += [(max(0, start - around), min(one.lines, end + 1 + around)) for start, end in ends]
    merged: list[Lines] = []
    for start, end in sorted(wanted):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _cost(one: _Open, ranges: Sequence[Lines]) -> int:
    """The characters that lines take in the report, about. A long line is shortened on both sides of each quote."""
    long = sum(
        2 * _LINE for quote in one.quotes if one.end(line := one.line(quote.span.start)) - one.starts[line] > _LINE
    )
    return long + sum(
        min(one.end(line) - one.starts[line], _LINE) + _NUMBER for start, end in ranges for line in range(start, end)
    )


# -- what is shown of them -------------------------------------------------------------------------


def _source(one: _Open, ranges: Sequence[Lines]) -> Source:
    blocks, at = [], 0
    for (start, end), cell in _by_cell(one, ranges):
        blocks.append(_block(one, (start, end), cell, at))
        at = end
    return Source(
        place=one.place,
        path=shown(one.file.path),
        about=_about(one.file),
        findings=_findings(one),
        anchors=tuple(one.heads),
        blocks=tuple(blocks),
        left_out=_left_out(one.lines - at),
    )


def _about(file: File) -> str:
    if not file.is_read:
        return f"not read: {shown(file.reason)}"
    return ", ".join(filter(None, (language_name(file.language), file.role.value, counted(file.lines, "line"))))


def _left_out(lines: int) -> str:
    return f"{counted(lines, 'line')} left out" if lines else ""


def _by_cell(one: _Open, ranges: Sequence[Lines]) -> Iterator[tuple[Lines, int]]:
    """The lines cut where the cells of a notebook begin, with the number of the cell, 0 where there are none."""
    if not one.file.cells:
        yield from ((lines, 0) for lines in ranges)
        return
    begins = [one.line(at) for at in one.file.cells if at < len(one.text)]
    for start, end in ranges:
        cuts = [start, *(line for line in begins if start < line < end), end]
        for left, right in pairwise(cuts):
            yield (left, right), max(1, bisect_right(begins, left))


def _block(one: _Open, lines: Lines, cell: int, before: int) -> Block:
    """`before` is the line after the last one that is shown above."""
    start = first = lines[0]
    if cell:
        # The lines of a cell are counted from its own beginning.
        begins = [one.line(at) for at in one.file.cells if at < len(one.text)]
        first = start - begins[cell - 1] if begins and begins[cell - 1] <= start else start
    return Block(
        left_out=_left_out(start - before),
        title=f"Cell {cell}" if cell else "",
        gutter=tuple(_gutter(one, lines, first - start + 1)),
        stretches=tuple(_stretches(one, lines)),
    )


def _gutter(one: _Open, lines: Lines, shift: int) -> Iterator[Begun]:
    """The numbers of the lines, cut before each in which a quote begins."""
    start, end = lines
    begun: dict[int, list[tuple[str, int]]] = {}
    for quote in one.quotes:
        line = one.line(quote.span.start)
        if quote.anchor and start <= line < end:
            begun.setdefault(line, []).append((quote.anchor, quote.finding))
    cuts = sorted({start, *begun, end})
    for left, right in pairwise(cuts):
        numbers = "".join(f"{line + shift}\n" for line in range(left, right))
        yield Begun(numbers, tuple(begun.get(left, ())))


def _stretches(one: _Open, lines: Lines) -> Iterator[Stretch]:
    over = _quoting(one, lines)
    for numbers, of_lines in groupby(range(*lines), key=lambda line: over.get(line, ())):
        group = list(of_lines)
        span = Span(one.starts[group[0]], one.end(group[-1]))
        quotes = [quote for quote in one.quotes if numbers and quote.span.overlaps(span)]
        yield Stretch(tuple(_pieces(one.text, span, quotes)), numbers)


def _quoting(one: _Open, lines: Lines) -> Mapping[int, tuple[int, ...]]:
    """The Findings that quote each of the lines that any quotes."""
    start, end = lines
    found: dict[int, tuple[int, ...]] = {}
    for quote in one.quotes:
        first, last = one.touched(quote.span)
        for line in range(max(first, start), min(last + 1, end)):
            found[line] = tuple(dict.fromkeys((*found.get(line, ()), quote.finding)))
    return found


def _pieces(text: str, span: Span, quotes: Sequence[_Quote]) -> Iterator[Marked]:
    cuts = {span.start, span.end}
    for quote in quotes:
        cuts |= {max(span.start, quote.span.start), min(span.end, quote.span.end)}
    for left, right in pairwise(sorted(cuts)):
        over = (quote.finding for quote in quotes if quote.span.start < right and quote.span.end > left)
        yield Marked(_shown(text, left, right), tuple(dict.fromkeys(over)))


def _shown(text: str, start: int, end: int) -> str:
    """The characters as code; the middle of a very long line is left out, and said to be."""
    part = text[start:end]
    if part.endswith("\r") and text[end : end + 1] == "\n":
        part = part[:-1]
    return "".join(map(_shortened, coded(part).splitlines(keepends=True)))


def _shortened(line: str) -> str:
    if len(line) <= _LINE:
        return line
    half = _LINE // 2
    return f"{line[:half]} [… {len(line) - 2 * half:,} characters left out …] {line[-half:]}"
