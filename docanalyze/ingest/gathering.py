"""What the reading process said, put together: the pages of a PDF, the Parts of another format.

Plain values in, a Document out; knows no process and touches no file.
"""

from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from docanalyze.errors import ReaderKilled, SourceDamaged
from docanalyze.ingest import layout, parts, text
from docanalyze.ingest.source import Opened
from docanalyze.ingest.ways import LEFT, RIGHT, VERTICAL, main_way, turned
from docanalyze.model import Document, Note, Page, PageSource, PageState, Reader, Role, Segment, Source, Span

Json = dict[str, Any]

_TRIES = 2
_MOST_KILLS = 4


Scanned = dict[tuple[int, int], tuple[tuple[float, float, float, float], int]]
"""Lines that OCR read, by page and number: the rectangle and the characters of each."""


class PdfReading:
    """What has come of a PDF so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.total = 0
        self.finished = False
        self.pages: list[layout.Prepared] = []
        self.outline: list[layout.Entry] = []
        self.notes: list[Note] = []
        self.metadata: tuple[tuple[str, str], ...] = ()
        self.read_by_ocr = False
        self.scanned: Scanned = {}
        self.kills: list[int] = []
        self.killed: ReaderKilled | None = None

    def take(self, answer: Json) -> None:
        if answer["type"] == "open":
            if self.total:
                # Opened once more, to go on after a page that was set aside.
                return
            self.total = answer["pages"]
            self.notes += [Note(code, said) for code, said in answer["notes"]]
            self.outline = [layout.Entry(*entry) for entry in answer["outline"]]
        elif answer["type"] == "page":
            page = _page_lines(answer)
            if answer.get("ocr") is not None:
                self.read_by_ocr = True
                self.scanned |= {(answer["number"], line.number): (line.box, len(line.text)) for line in page.lines}
            self.pages.append(layout.prepare(page))
            if answer["error"]:
                self.notes.append(Note("page", f"could not be read: {answer['error']}", answer["number"]))
        else:
            self.notes += [Note("pdf", warning) for warning in answer["warnings"]]
            self.metadata = tuple((name, value) for name, value in answer["metadata"])
            if len(self.pages) < self.total:
                self.notes.append(Note("capped", f"{self.total:,} pages: the first {len(self.pages):,} were read"))
            self.finished = True

    @property
    def plain(self) -> list[int]:
        """Pages that ended a reader once: they are read again without their drawings."""
        return sorted(set(self.kills))

    @property
    def next_page(self) -> int:
        """The page that was being read when the reading process was ended."""
        return len(self.pages) + 1

    def stop(self, killed: ReaderKilled) -> bool:
        """Whether to try again after a limit broke: each page twice, then without it; not for ever."""
        self.kills.append(self.next_page)
        self.killed = killed
        if self.kills.count(self.next_page) >= _TRIES and self.total:
            number = self.next_page
            page = Page(number, 0.0, 0.0, state=PageState.UNREAD, reason=killed.what, source=PageSource.NONE)
            self.pages.append(layout.prepare(layout.PageLines(page, ())))
            self.notes.append(Note("stopped", f"{killed.what}: tried twice, then set aside", number))
        undecided = self.kills.count(self.next_page) < _TRIES
        return undecided and len(self.kills) < _MOST_KILLS and (not self.total or self.next_page <= self.total)

    def end(self) -> None:
        """Takes stock of a reading that may have been stopped. Raises its end if nothing was read."""
        if self.killed is None:
            return
        if not any(page.page.lines for page in self.pages):
            raise ReaderKilled(f"{self.name}: {self.killed.what}", self.killed.try_)
        if len(self.pages) < self.total:
            self.notes.append(Note("stopped", f"{self.killed.what} after {len(self.pages)} of {self.total} pages"))

    def all_pages(self) -> tuple[Page, ...]:
        """Every page of the file, those that were not reached among them."""
        rest = range(len(self.pages) + 1, self.total + 1)
        capped = f"beyond the first {len(self.pages):,} pages"
        reason = self.killed.what if self.killed else capped
        unread = (Page(n, 0.0, 0.0, state=PageState.UNREAD, reason=reason, source=PageSource.NONE) for n in rest)
        return (*(page.page.page for page in self.pages), *unread)


def _page_lines(answer: Json) -> layout.PageLines:
    """A page as it came: with the lines that OCR read, where it did, instead of its own."""
    read = answer.get("ocr")
    lines = tuple(
        layout.Line(number, text, box, seen or box, size, bold, block, way in _LEVEL, hidden)
        for number, text, box, seen, size, bold, block, way, hidden in (answer["lines"] if read is None else read)
    )
    beside = tuple(layout.Beside(*item) for item in answer.get("apart", ()))
    rules = tuple(tuple(rule) for rule in answer.get("rules", ()))
    page = _page(answer, lines)
    ways = [line[_WAY] for line in (answer["lines"] if read is None else read)]
    if all(way == RIGHT for way in ways):
        return layout.PageLines(page, lines, rules, beside)
    return _turned(layout.PageLines(page, lines, rules, beside, VERTICAL in ways), ways)


_WAY = 7
_LEVEL = (RIGHT, VERTICAL)


def _turned(page: layout.PageLines, ways: Sequence[int]) -> layout.PageLines:
    """A page whose words stand on their side, as one turns it to read it."""
    code = main_way(zip(ways, (len(line.text) for line in page.lines), strict=True))
    if code == RIGHT:
        return page
    size = page.page.width, page.page.height
    lines = tuple(
        line._replace(seen=turned(line.seen, code, *size), level=way == code)
        for line, way in zip(page.lines, ways, strict=True)
    )
    height = size[1] if code == LEFT else size[0]
    return replace(page, lines=lines, rules=(), height=height)


def _page(answer: Json, lines: Sequence[layout.Line]) -> Page:
    chars = sum(len(line.text) for line in lines if not line.hidden)
    hidden = sum(len(line.text) for line in lines if line.hidden)
    state, reason, source = PageState.READ, "", PageSource.TEXT
    if answer["error"]:
        state, reason, source = PageState.UNREAD, f"could not be read: {answer['error']}", PageSource.NONE
    elif not chars:
        state, reason, source = PageState.EMPTY, _why_empty(answer), PageSource.NONE
    elif answer.get("ocr") is not None:
        source = PageSource.OCR
    elif "unread" in answer:
        state, reason = PageState.PART, f"{answer['doubt'] or 'most of it is an image'}: {answer['unread']}"
    width, height = answer["size"]
    return Page(
        answer["number"],
        round(width, 2),
        round(height, 2),
        answer["rotation"],
        chars,
        state,
        reason,
        source,
        answer.get("ink", 0.0),
        hidden,
        answer.get("doubt", ""),
    )


def _why_empty(answer: Json) -> str:
    if "unread" in answer:
        return f"no text, a scan or an image: {answer['unread']}"
    if answer.get("ocr") is not None:
        return "OCR reads no words on it"
    return "no text: a blank page" if not answer.get("ink") else "no text: an image or a drawing"


def part_of_line(scan: tuple[Sequence[float], int], first: int, last: int) -> Sequence[float]:
    """The rectangle of some characters of a line that OCR read, by their share of it."""
    (left, top, right, bottom), chars = scan
    wide, chars = right - left, max(chars, 1)
    if bottom - top > 2 * wide:
        # A line that stands on its side.
        tall = bottom - top
        return left, round(top + tall * first / chars, 2), right, round(top + tall * last / chars, 2)
    return round(left + wide * first / chars, 2), top, round(left + wide * last / chars, 2), bottom


def lines_of(pieces: Sequence[layout.Piece], span: Span) -> list[tuple[int, int, int, int]]:
    """(page, line, first, last) for each line that a Span touches; characters of the line as MuPDF has it."""
    first = max(0, bisect_right(pieces, span.start, key=lambda piece: piece.start) - 1)
    found = []
    for piece in pieces[first:]:
        if piece.start >= span.end:
            break
        start, end = max(span.start, piece.start), min(span.end, piece.end)
        if start < end:
            shift = piece.offset - piece.start
            found.append((piece.page, piece.line, start + shift, end + shift))
    return found


def _replaced(count: int) -> tuple[Note, ...]:
    return (Note("control", f"{count:,} control characters are shown as \ufffd"),) if count else ()


def _mupdf_version() -> str:
    for name in ("pymupdf-lite", "pymupdf"):
        with suppress(PackageNotFoundError):
            return version(name)
    return "unknown"


def pdf_document(
    reading: PdfReading, opened: Opened, source: Source, languages: str
) -> tuple[Document, tuple[layout.Piece, ...]]:
    """The pages of a PDF as a Document, and the way from its text back to them."""
    laid = layout.lay_out(reading.pages, reading.outline)
    by_ocr = (("ocr", languages),) if reading.read_by_ocr else ()
    reader = Reader(layout.READER, layout.VERSION, (("mupdf", _mupdf_version()), *by_ocr))
    said = dict(reading.metadata)
    facts = (*reading.metadata, *(("found " + name if name in said else name, value) for name, value in laid.facts))
    document = Document(
        laid.text,
        laid.segments,
        source,
        reader,
        opened.format.value,
        pages=reading.all_pages(),
        notes=(*opened.notes, *reading.notes, *_replaced(laid.replaced)),
        metadata=facts,
    )
    return document, laid.pieces


def text_document(answer: Json, opened: Opened, source: Source) -> Document:
    """A text file as a Document; pages where form feeds end them."""
    segments = []
    for number, (start, end, role, level, clause, line, page, note, head) in enumerate(answer["segments"], 1):
        known = Span(*head) if head else None
        span = Span(start, end)
        segments.append(Segment(number, span, Role(role), level, clause, page, line, note=note, head=known))
    encoding = (("encoding", answer["encoding"]),) if answer["encoding"] else ()
    return Document(
        answer["text"],
        tuple(segments),
        source,
        Reader(text.READER, text.VERSION, (("format", opened.format.value), *encoding)),
        opened.format.value,
        pages=_counted_pages(segments),
        notes=(*opened.notes, *(Note(code, said) for code, said in answer["notes"])),
        metadata=tuple((name, value) for name, value in answer["facts"]),
    )


class PartsReading:
    """What has come of a file that is read as Parts."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.finished = False
        self.parts: list[parts.Part] = []
        self.notes: list[Note] = []
        self.facts: list[tuple[str, str]] = []

    def take(self, answer: Json) -> None:
        if answer["type"] == "parts":
            self.parts += [parts.part_of(values) for values in answer["parts"]]
        elif answer["type"] == "note":
            self.notes.append(Note(*answer["note"]))
        elif answer["type"] == "fact":
            name, value = answer["fact"]
            self.facts.append((name, value))
        else:
            self.finished = True

    def stop(self, killed: ReaderKilled) -> None:
        """Ends a reading that broke a limit twice: with what there is, or with the error if that is nothing."""
        if not self.parts:
            raise ReaderKilled(f"{self.opened.name}: {killed.what}", killed.try_) from None
        self.notes.append(Note("stopped", f"{killed.what} after {len(self.parts):,} paragraphs: the rest is missing"))

    def document(self, source: Source) -> Document:
        """The Parts as a Document. SourceDamaged if they hold no words."""
        laid = parts.assemble(self.parts)
        if not laid.segments:
            raise SourceDamaged(f"{self.opened.name} holds no words", "check the file")
        form = self.opened.format
        reader = Reader(form.value, parts.VERSION, self.opened.options)
        notes = (*self.opened.notes, *self.notes)
        return Document(
            laid.text,
            laid.segments,
            source,
            reader,
            form.value,
            pages=_counted_pages(laid.segments),
            notes=notes,
            metadata=tuple(self.facts),
        )


def _counted_pages(segments: Sequence[Segment]) -> tuple[Page, ...]:
    """Pages of a format that has breaks, but no images of pages."""
    chars: dict[int, int] = {}
    for segment in segments:
        if segment.page:
            chars[segment.page] = chars.get(segment.page, 0) + len(segment.span)
    states = {True: (PageState.READ, PageSource.TEXT), False: (PageState.EMPTY, PageSource.NONE)}
    pages = []
    for number in range(1, max(chars, default=0) + 1):
        state, origin = states[number in chars]
        pages.append(Page(number, 0.0, 0.0, chars=chars.get(number, 0), state=state, source=origin))
    return tuple(pages)
