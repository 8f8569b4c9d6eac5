"""What was found, to be read by people: as Markdown, as one HTML page that needs nothing else, in a marked copy."""

from docanalyze.report.batch import BatchFound, batch_html, write_batch
from docanalyze.report.files import SUFFIXES, make_folder, write, write_reading
from docanalyze.report.marks import MarkedCopy, marked_path, marks, write_marked
from docanalyze.report.page import html
from docanalyze.report.reading import reading_html
from docanalyze.report.receipt import receipt
from docanalyze.report.text import markdown

__all__ = [
    "SUFFIXES",
    "BatchFound",
    "MarkedCopy",
    "batch_html",
    "html",
    "make_folder",
    "markdown",
    "marked_path",
    "marks",
    "reading_html",
    "receipt",
    "write",
    "write_batch",
    "write_marked",
    "write_reading",
]
