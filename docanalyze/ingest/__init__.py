"""From a Source to a Document: `read` for one, a `Worker` for many.

PDF, Word files (DOCX), web pages (HTML), electronic books (EPUB), plain text and Markdown. All parsing
happens in a process of its own, with limits.
"""

from docanalyze.ingest.client import Worker
from docanalyze.ingest.options import Limits, Mark, Marked, ReadOptions
from docanalyze.ingest.repo import TreeOptions, TreeReader, is_home
from docanalyze.model import Document, Event, Notify

__all__ = ["Limits", "Mark", "Marked", "ReadOptions", "TreeOptions", "TreeReader", "Worker", "is_home", "read"]


def _silent(_: Event) -> None:
    pass


def read(source: str, options: ReadOptions | None = None, notify: Notify = _silent) -> Document:
    """One Source as a Document, in a reading process that ends with the call."""
    with Worker() as worker:
        return worker.read(source, options or ReadOptions(), notify)
