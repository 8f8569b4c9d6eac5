"""`--marked`: a copy of the source with the findings on their quotes, beside the report."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.errors import SourceMissing, SourceRefused

if TYPE_CHECKING:
    from docanalyze.ingest import Mark, Marked, ReadOptions, Worker
    from docanalyze.model import Document, Run
    from docanalyze.report import MarkedCopy

MARKABLE = ("pdf", "docx")


def write_from_file(run: "Run", document: "Document", folder: Path, password: str) -> "MarkedCopy":
    """A copy of the file that a Run was made of, if it still lies where it lay."""
    from docanalyze.ingest import ReadOptions, Worker
    from docanalyze.ingest.source import STANDARD_INPUT

    if run.source == STANDARD_INPUT:
        raise SourceRefused(
            f"run {run.id} is of standard input, which is not kept", "docanalyze FILE --marked, with the same document"
        )
    # What was read once is not too large.
    usual = ReadOptions(password)
    reading = replace(usual, max_bytes=max(document.source.size, usual.max_bytes))
    with Worker() as worker:
        try:
            return write(run, document, folder, worker, run.source, reading)
        except SourceMissing as error:
            raise SourceMissing(error.what, "where it lies now: docanalyze FILE --marked") from None


def write(
    run: "Run", document: "Document", folder: Path, worker: "Worker", source: str, reading: "ReadOptions"
) -> "MarkedCopy":
    """A copy of the source beside the report. Raises a SourceError where none can be made."""
    from docanalyze import report

    if document.format not in MARKABLE:
        raise SourceRefused(f"{document.source.name} cannot be marked", "marks need a PDF or a Word document (DOCX)")

    def copy(path: Path, marks: "Sequence[Mark]") -> "Marked":
        return worker.mark(source, reading, document, path, marks)

    return report.write_marked(run, document, folder, copy)
