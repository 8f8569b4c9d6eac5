"""The door to the reading process: starts it, bounds it, replaces it when it was killed.

Documents are hostile: a file of two kilobytes may keep a parser busy for ever. So each is parsed in
a process with limits of memory, processor time and wall clock, and what was read before a limit
broke is kept and the rest named.
"""

import base64
import hashlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from docanalyze.errors import ReaderKilled, SourceDamaged, SourceRefused
from docanalyze.ingest import convert, layout
from docanalyze.ingest.child import Child, Json
from docanalyze.ingest.collecting import uncollected
from docanalyze.ingest.gathering import (
    PartsReading,
    PdfReading,
    Scanned,
    lines_of,
    part_of_line,
    pdf_document,
    text_document,
)
from docanalyze.ingest.options import Limits, Mark, Marked, ReadOptions
from docanalyze.ingest.source import STANDARD_INPUT, Format, Opened, examine, spool
from docanalyze.model import (
    Box,
    Document,
    Event,
    Notify,
    Source,
    Span,
)

_PAGES_OF_PARTS = 200
"""What a file without pages is given time for."""


class Worker(Child):
    """Reads, measures, renders and marks Sources, one at a time. A context manager.

    Every method may raise a SourceError; ReaderKilled where a limit broke with nothing read.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__()
        self.limits = limits or Limits()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._last: _Laid | None = None

    def close(self) -> None:
        """Ends the process and deletes what standard input was kept in."""
        super().close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    # -- the four requests -------------------------------------------------------------------------

    def read(self, source: str, options: ReadOptions, notify: Notify) -> Document:
        """The Source as a Document, whole, or in part with the reason for what is missing."""
        opened = self._open(source, options)
        before = _State.of(opened.path)
        found = Source(source, opened.name, _hash(opened.path), before.size)
        if opened.format is Format.PDF:
            reading = self._read_pages(opened, options, notify)
            document, pieces = pdf_document(reading, opened, found, options.ocr_languages)
            self._last = _Laid(document.id, before, pieces, reading.scanned, reading.plain)
        else:
            notify(Event("read", opened.name))
            with convert.readable(opened, self.limits.most_wall_seconds) as itself:
                plain = itself.format in (Format.TEXT, Format.MARKDOWN)
                read = self._read_text if plain else self._read_parts
                document = read(itself, found, options)
        if _State.of(opened.path) != before:
            raise SourceDamaged(f"{opened.name} changed while it was read", "start again when it is finished")
        return document

    def boxes(
        self, source: str, options: ReadOptions, document: Document, spans: Sequence[Span]
    ) -> list[tuple[Box, ...]]:
        """For each Span the rectangles of its words, one a line; none where pages have no place for them."""
        if not any(page.width for page in document.pages):
            return [() for _ in spans]
        laid = self._laid(source, options, document)
        wanted = [lines_of(laid.pieces, span) for span in spans]
        pages: dict[int, list[list[int]]] = {}
        for ranges in wanted:
            for page, *rest in ranges:
                if (page, rest[0]) not in laid.scanned:
                    pages.setdefault(page, []).append(rest)
        opened = self._open(source, options)
        deadline = self._deadline(len(pages))
        request = self._request("boxes", opened, options, pages=pages, plain=laid.plain)
        answer = self._one(request, deadline)
        if _State.of(opened.path) != laid.state:
            # Rectangles of other words would be shown as those of the quotes.
            raise SourceDamaged(f"{opened.name} changed after it was read", "analyse it again")
        edges = iter(answer["boxes"])
        by_page = {page: iter([next(edges) for _ in ranges]) for page, ranges in pages.items()}

        def measured(page: int, line: int, first: int, last: int) -> Sequence[float]:
            scan = laid.scanned.get((page, line))
            return next(by_page[page]) if scan is None else part_of_line(scan, first, last)

        return [tuple(Box(one[0], *box) for one in ranges if (box := measured(*one))) for ranges in wanted]

    def render(self, source: str, options: ReadOptions, page: int, dpi: int, *, grey: bool = False) -> bytes:
        """A page as PNG, at a lower resolution where it would have too many pixels; `grey` takes less room."""
        opened = self._open(source, options)
        answer = self._one(self._request("render", opened, options, page=page, dpi=dpi, grey=grey), self._deadline(1))
        return base64.b64decode(answer["png"])

    def mark(self, source: str, options: ReadOptions, document: Document, out: Path, marks: Sequence[Mark]) -> Marked:
        """A copy of a PDF with highlights, of a Word document with comments. The Source stays as it is.

        Never overwrites. SourceRefused of any other format, and where the file is not what was read.
        """
        opened = self._open(source, replace(options, convert=True))
        if opened.format not in (Format.PDF, Format.DOCX):
            raise SourceRefused(f"{opened.name} cannot be marked", "marks need a PDF or a Word document (DOCX)")
        if out.exists():
            raise _is_there(out)
        before = _State.of(opened.path)
        if _hash(opened.path) != document.source.sha256:
            raise SourceRefused(f"{opened.name} is not the file that was analysed", "analyse it again")
        part = out.with_name(f".{out.name}.part")
        listed = [asdict(mark) for mark in marks]
        request = self._request("mark", opened, options, out=str(part.resolve()), marks=listed)
        request |= {"format": opened.format.value, "text_sha256": document.text_sha256}
        try:
            answer = self._one(request, self._deadline(1000))
            if _State.of(opened.path) != before:
                raise SourceDamaged(f"{opened.name} changed while it was marked", "start again when it is finished")
            # The name is taken before it is filled: two programs never write the same copy.
            out.touch(mode=0o600, exist_ok=False)
            part.replace(out)
        except FileExistsError:
            raise _is_there(out) from None
        finally:
            part.unlink(missing_ok=True)
        return Marked(tuple(answer["aside"]), tuple(answer["left_out"]))

    # -- reading -----------------------------------------------------------------------------------

    def _open(self, source: str, options: ReadOptions) -> Opened:
        most, asked = options.max_bytes, options.convert
        if source != STANDARD_INPUT:
            return examine(Path(source), source if "://" in source else Path(source).name, most, convert=asked)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="docanalyze-")
            spool(most, Path(self._folder.name))
        return examine(Path(self._folder.name) / "stdin", "standard input", most, convert=asked)

    def _read_text(self, opened: Opened, source: Source, options: ReadOptions) -> Document:
        markdown = opened.format is Format.MARKDOWN
        answer = self._one(self._request("text", opened, options, markdown=markdown), self._deadline(0))
        document = text_document(answer, opened, source)
        if not document.segments:
            raise SourceDamaged(f"{opened.name} holds no words, only white space", "check the file")
        return document

    def _read_pages(self, opened: Opened, options: ReadOptions, notify: Notify) -> PdfReading:
        """All pages of a PDF, but for those that ended a reader twice."""
        reading = PdfReading(opened.name)
        with uncollected():
            while not reading.finished:
                try:
                    self._pages(reading, opened, options, notify)
                except ReaderKilled as killed:
                    if not reading.stop(killed):
                        break
            reading.end()
            return reading

    def _pages(self, reading: PdfReading, opened: Opened, options: ReadOptions, notify: Notify) -> None:
        """Reads pages until the last, or until a limit breaks."""
        self._send(self._request("read", opened, options, first=reading.next_page, plain=reading.plain))
        deadline = self._deadline(0)
        with self._killed_on_interrupt():
            while not reading.finished:
                answer = self._receive(deadline)
                if answer["type"] == "wait":
                    # OCR takes seconds a page.
                    deadline = max(deadline, time.monotonic() + answer["seconds"]) + answer["seconds"] / 10
                    continue
                if answer["type"] == "open":
                    deadline = self._deadline(answer["pages"])
                reading.take(answer)
                notify(Event("read", opened.name, len(reading.pages), reading.total))

    def _read_parts(self, opened: Opened, source: Source, options: ReadOptions) -> Document:
        for last in (False, True):
            reading = PartsReading(opened)
            try:
                self._send(self._request("parts", opened, options, format=opened.format.value))
                deadline = self._deadline(_PAGES_OF_PARTS)
                with uncollected(), self._killed_on_interrupt():
                    while not reading.finished:
                        reading.take(self._receive(deadline))
                break
            except ReaderKilled as killed:
                if last:
                    reading.stop(killed)
        return reading.document(source)

    def _laid(self, source: str, options: ReadOptions, document: Document) -> "_Laid":
        """The way from text to page: kept of the Document read last, else found by reading again."""
        if self._last is None or self._last.document_id != document.id:
            again = self.read(source, options, lambda event: None)
            if again.id != document.id:
                raise SourceRefused(f"{source} is not the document that was read", "its file has changed")
        assert self._last is not None  # noqa: S101 - a Document with pages leaves it
        return self._last

    # -- the process -------------------------------------------------------------------------------

    def _request(self, action: str, opened: Opened, options: ReadOptions, **more: object) -> Json:
        return {
            "action": action,
            "path": str(opened.path.resolve()),
            "name": opened.name,
            "password": options.password,
            "limits": asdict(self.limits),
            "ocr": options.ocr,
            "ocr_languages": options.ocr_languages,
            **more,
        }

    def _deadline(self, pages: int) -> float:
        limits = self.limits
        seconds = min(limits.wall_seconds + pages * limits.wall_seconds_a_page, limits.most_wall_seconds)
        return time.monotonic() + max(seconds, min(limits.wall_seconds, limits.most_wall_seconds))

    def _one(self, request: Json, deadline: float) -> Json:
        with self._killed_on_interrupt():
            self._send(request)
            return self._receive(deadline)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_there(out: Path) -> SourceRefused:
    return SourceRefused(f"{out} is there already", "move it away, or choose another folder with --out")


@dataclass(frozen=True, slots=True)
class _Laid:
    """Where the words of the Document read last stand on its pages."""

    document_id: str
    state: "_State"
    pieces: tuple[layout.Piece, ...]
    scanned: Scanned
    plain: list[int]


@dataclass(frozen=True, slots=True)
class _State:
    """What shows that a file is another than it was."""

    changed: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "_State":
        found = path.stat()
        return cls(found.st_mtime_ns, found.st_size)
