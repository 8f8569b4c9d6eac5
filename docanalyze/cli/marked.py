"""A copy of the source with the findings marked in it; the source stays as it is."""

from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.cli.pictures import is_unchanged
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from docanalyze.ingest import ReadOptions, Worker
    from docanalyze.model import Document, Run


def write_marked(run: "Run", document: "Document", worker: "Worker", options: "ReadOptions", folder: Path) -> Path:
    """Writes `<run id>-marked.pdf`, with a highlight and a note for each quote that stands in the PDF.

    Replaces the copy of an earlier time. UsageError where the source is no PDF, is not there or has changed.
    """
    from docanalyze import report
    from docanalyze.ingest import Mark

    if not any(page.width for page in document.pages):
        raise UsageError(f"{document.source.name} is no PDF", "--marked makes a copy of a PDF")
    if run.source == "-" or not is_unchanged(run.source, document):
        raise UsageError(f"{run.source} is not there, or is not what was read", "analyse it again")
    titles = dict(run.sections)
    marks = []
    for finding in run.findings:
        verdict = finding.verdict.label.value if finding.verdict else "unjudged"
        title = f"docanalyze: {titles.get(finding.section, finding.section)} ({verdict})"
        marks += [Mark(boxes, title, finding.statement) for _, _, boxes in report.quotes_of(finding) if boxes]
    path = folder / f"{run.id}-marked.pdf"
    report.make_folder(folder)
    path.unlink(missing_ok=True)
    worker.mark(run.source, options, path, marks)
    return path
