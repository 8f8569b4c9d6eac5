"""Page images for a report, and what is wrong with them on standard error."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from docanalyze.cli.terminal import complain

if TYPE_CHECKING:
    from docanalyze.ingest import ReadOptions, Worker
    from docanalyze.model import Document


def pictures(
    source: str, document: "Document", worker: "Worker", options: "ReadOptions"
) -> Callable[[int], bytes] | None:
    """What makes the image of a page; None, and a line that says why, where the source is not there or has changed."""
    from docanalyze.pipeline import picturing

    return picturing.pictures(source, document, worker, options, complain)
