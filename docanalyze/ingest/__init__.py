"""From a Source to a Document: `read` for one, a `Worker` for many, a `TreeReader` for code bases.

PDF, Word files (DOCX), web pages (HTML), electronic books (EPUB), plain text and Markdown. All parsing
happens in a process of its own, with limits.
"""

from typing import TYPE_CHECKING

from docanalyze.ingest.options import Limits, Mark, Marked, ReadOptions
from docanalyze.ingest.repo.options import TreeOptions

if TYPE_CHECKING:
    from docanalyze.ingest.client import Worker
    from docanalyze.ingest.repo.home import is_home
    from docanalyze.ingest.repo.reader import TreeReader
    from docanalyze.model import Document, Event, Notify

__all__ = [
    "Limits",
    "Mark",
    "Marked",
    "ReadOptions",
    "TreeOptions",
    "TreeReader",
    "Worker",
    "is_home",
    "read",
]

_LATER = {"Worker": "client", "TreeReader": "repo.reader", "is_home": "repo.home"}


def __getattr__(name: str) -> object:
    # A reading process starts with the package: what only the other side needs is imported when it is asked for.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def _silent(_: "Event") -> None:
    pass


def read(source: str, options: ReadOptions | None = None, notify: "Notify" = _silent) -> "Document":
    """One Source as a Document, in a reading process that ends with the call."""
    from docanalyze.ingest.client import Worker

    with Worker() as worker:
        return worker.read(source, options or ReadOptions(), notify)
