"""The source with the findings marked: what each mark says, and where the copy lies.

A finding whose quote does not stand in the document gets no mark. The copy itself is made by the
reading process, which this is given a way to.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from docanalyze.errors import StoreUnwritable
from docanalyze.ingest import Mark, Marked
from docanalyze.model import Box, Document, Evidence, Run, Span
from docanalyze.report import contents
from docanalyze.report.contents import Shown
from docanalyze.report.files import MARKED, make_folder, required_name
from docanalyze.report.plain import counted, ranges
from docanalyze.report.quotes import quoted, stands

AUTHOR = "docanalyze"
_COLOURS = {"warn": (1.0, 0.75, 0.2), "none": (0.8, 0.8, 0.8), "bad": (1.0, 0.55, 0.5)}
_USUAL = (1.0, 0.93, 0.3)

Place = tuple[tuple[Span, ...], tuple[Box, ...]]
Copy = Callable[[Path, Sequence[Mark]], Marked]
"""Writes a copy of the source with Marks to a path."""


class Noted(NamedTuple):
    """A Mark, and the numbers of the Findings that it tells of."""

    mark: Mark
    findings: tuple[int, ...]


class MarkedCopy(NamedTuple):
    """A copy that was written, how many Findings are marked in it, and what there is to be told of the others."""

    path: Path
    marked: int
    remarks: tuple[str, ...]


def write_marked(run: Run, document: Document, folder: Path, copy: Copy) -> MarkedCopy:
    """Writes `<run id>.marked.pdf` or `.docx` and says what is marked. Never overwrites.

    Raises StoreUnwritable, and the SourceErrors of `copy`.
    """
    noted = marks(run, document)
    path = marked_path(run, document, folder)
    try:
        make_folder(folder)
        done = copy(path, [one.mark for one in noted])
    except OSError as error:
        raise StoreUnwritable(
            f"the marked copy cannot be written to {folder}: {error.strerror or error}",
            "choose another folder with --out, or free some space",
        ) from None
    placed = {number for at, one in enumerate(noted) if at not in done.left_out for number in one.findings}
    return MarkedCopy(path, len(placed), tuple(_remarks(run, noted, done, placed)))


def marked_path(run: Run, document: Document, folder: Path) -> Path:
    """Where the marked copy of a Run's source belongs: its suffix is the source's, if marks go into such files."""
    required_name(run)
    suffix = Path(document.source.name).suffix.lower()
    usual = ".pdf" if document.format == "pdf" else ".docx"
    fits = f".marked{suffix}" in MARKED and (suffix == ".pdf") == (usual == ".pdf")
    return folder / f"{run.id}.marked{suffix if fits else usual}"


def marks(run: Run, document: Document) -> tuple[Noted, ...]:
    """One Mark for each place that is quoted, in the order of the text; Findings that quote the same share it."""
    parts = contents.of(run, document).parts
    shown = {one.number: (part.title, one) for part in parts for one in part.findings}
    told: dict[Place, list[tuple[int, str, str]]] = {}
    for finding in run.findings:
        for evidence in finding.evidence:
            if stands(evidence):
                title, one = shown[finding.number]
                said = finding.number, one.verdict.labelled.tone, _text(title, one, evidence, document)
                told.setdefault((evidence.spans, evidence.boxes), []).append(said)
    return tuple(_noted(place, said) for place, said in sorted(told.items(), key=lambda item: item[0][0]))


def _noted(place: Place, said: Sequence[tuple[int, str, str]]) -> Noted:
    tones = {tone for _, tone, _ in said}
    colour = next((_COLOURS[tone] for tone in ("bad", "warn", "none") if tone in tones), _USUAL)
    spans, boxes = place
    text = "\n\n".join(dict.fromkeys(text for _, _, text in said))
    return Noted(Mark(boxes, AUTHOR, text, spans, colour), tuple(dict.fromkeys(number for number, _, _ in said)))


def _text(title: str, shown: Shown, evidence: Evidence, document: Document) -> str:
    verdict = shown.verdict
    by = f" ({verdict.line})" if verdict.by else ""
    lines = [f"{title}: {shown.statement}", f"Verdict: {verdict.labelled.name}{by}"]
    if shown.conflict:
        lines.append(f"Conflict: {shown.conflict}")
    found = quoted(evidence, document)
    if found.corrected:
        lines.append(f"The analyst’s wording, which is not in the document: {found.wording}")
    return "\n".join([*lines, f"Finding {shown.number}, {found.locator}"])


def _remarks(run: Run, noted: Sequence[Noted], done: Marked, placed: set[int]) -> list[str]:
    """What of the Findings is not marked, or not on the words themselves, and why: nothing is left out in silence."""
    remarks = []
    aside = {number for at in done.aside for number in noted[at].findings}
    if aside:
        where = "a footnote, text box or label: the whole paragraph that it hangs on is marked"
        remarks.append(f"{_findings(aside)} in {where}")
    lost = {number for at in done.left_out for number in noted[at].findings} - aside
    if lost:
        remarks.append(f"{_findings(lost)} where a copy can hold no mark (a header, hidden or deleted text, a comment)")
    without = len(run.findings) - len(placed | lost)
    if without:
        remarks.append(f"{counted(without, 'finding')} without a quote in the document: not marked")
    return remarks


def _findings(numbers: set[int]) -> str:
    verb = "quotes" if len(numbers) == 1 else "quote words"
    return f"{'finding' if len(numbers) == 1 else 'findings'} {ranges(numbers)} {verb}"
