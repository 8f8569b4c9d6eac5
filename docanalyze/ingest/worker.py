"""The reading process: every format is parsed here, so that no file can take docanalyze along.

Reads requests as JSON lines from its standard input and answers with JSON lines on a descriptor of
its own, because MuPDF and what it is built from print to standard output.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from docanalyze.errors import DocanalyzeError
from docanalyze.ingest import bounds, parts
from docanalyze.ingest.answering import Answers, Json, damaged
from docanalyze.ingest.collecting import uncollected
from docanalyze.ingest.source import Format

_READERS = {Format.DOCX: "docx", Format.HTML: "html", Format.EPUB: "epub"}
"""The module that reads a format into Parts: its `read(path, request)` is a generator of them."""


def main() -> None:
    """Serves requests until standard input ends."""
    answers = Answers(os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass"))
    # What a library prints must not look like an answer.
    os.dup2(2, 1)
    # What it writes, a copy with marks, is its owner's alone.
    os.umask(0o077)
    for line in sys.stdin:
        request: Json = json.loads(line)
        bounds.bound(request["limits"]["memory_bytes"], request["limits"]["cpu_seconds"])
        try:
            _serve(request, answers)
        except DocanalyzeError as error:
            answers.send(type="error", error=type(error).__name__, what=error.what, try_=error.try_)
        except MemoryError:
            answers.send(type="error", error="ReaderKilled", what="it needs too much memory", try_="")
        except Exception as error:  # noqa: BLE001 - whatever a hostile file brings about is an answer
            found = damaged(request["name"], error)
            answers.send(type="error", error="SourceDamaged", what=found.what, try_=found.try_)


def _serve(request: Json, answers: Answers) -> None:
    path, action = Path(request["path"]), request["action"]
    if action == "text":
        _read_text(path, answers, markdown=request["markdown"])
    elif action == "parts":
        module = import_module(f"docanalyze.ingest.{_READERS[Format(request['format'])]}")
        read: Callable[[Path, Json], Iterator[parts.Told]] = module.read
        with uncollected():
            for answer in parts.answers(read(path, request)):
                answers.send(**answer)
    elif action == "mark" and request["format"] == Format.DOCX:
        from docanalyze.ingest.docx import comments

        with uncollected():
            comments.mark(path, request, answers)
    else:
        from docanalyze.ingest import pdf

        pdf.serve(path, request, answers)


def _read_text(path: Path, answers: Answers, *, markdown: bool) -> None:
    from docanalyze.ingest import text

    found = text.read(path.read_bytes(), markdown=markdown)
    answers.send(
        type="text",
        text=found.text,
        encoding=found.encoding,
        notes=[[note.code, note.text] for note in found.notes],
        facts=found.facts,
        segments=[
            [
                *(s.span.start, s.span.end, s.role.value, s.level, s.clause, s.line, s.page, s.note),
                [s.head.start, s.head.end] if s.head else None,
            ]
            for s in found.segments
        ],
    )


if __name__ == "__main__":
    main()
