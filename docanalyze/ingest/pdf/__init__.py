"""A PDF as pages and lines: the only place that imports MuPDF. Runs in the reading process.

Knows pages, lines and what is to be seen of them; what they mean is decided on the other side, so
that what was read stays when this process is killed.
"""

from pathlib import Path
from typing import Any

from docanalyze.ingest.answering import Answers, Json
from docanalyze.ingest.collecting import uncollected
from docanalyze.ingest.pdf import opening, page, pictures

_MOST_WARNINGS = 5


def serve(path: Path, request: Json, answers: Answers) -> None:
    """Answers one request about a PDF: to read, measure, render or mark it."""
    action = request["action"]
    with opening.opened(path, request) as document:
        if action == "read":
            _read(document, answers, request, opening.with_layers(path, request, document))
        elif action == "boxes":
            pictures.boxes(document, request, answers)
        elif action == "render":
            pictures.render(document, request, answers)
        elif action == "mark":
            pictures.mark(document, request, answers)


def _read(document: Any, answers: Answers, request: Json, whole: Any) -> None:
    tools = opening.pymupdf().TOOLS
    tools.reset_mupdf_warnings()
    answers.send(
        type="open", pages=document.page_count, notes=opening.notes(document), outline=opening.outline(document)
    )
    reading = page.Reading(document, request, answers, whole)
    last = min(document.page_count, request["limits"]["most_pages"])
    with uncollected():
        for number in range(request["first"], last + 1):
            answers.send(**reading.page(number))
    warnings = [line for line in tools.mupdf_warnings().splitlines() if line.strip()]
    said = [opening.plain(line)[:120] for line in dict.fromkeys(warnings)]
    more = [f"and {len(said) - _MOST_WARNINGS} more kinds of warning"] if len(said) > _MOST_WARNINGS else []
    answers.send(type="done", warnings=[*said[:_MOST_WARNINGS], *more], metadata=opening.metadata(document))
