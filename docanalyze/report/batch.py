"""What was found in many documents, as one HTML page: a grid of documents and sections, as lawyers read data rooms.

Each row leads to the document's own report, which lies beside it. Needs nothing else, as every page of ours.
"""

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.model import Batch, BatchDocument, BatchState, Cell, Label
from docanalyze.report.files import write_texts
from docanalyze.report.labels import LABELS
from docanalyze.report.page import environment, packaged, policy
from docanalyze.report.plain import moment, shown, titled

if TYPE_CHECKING:
    from jinja2 import Template

_RUN = re.compile(r"\w[\w.-]*", re.ASCII)
_TONES = ("bad", "warn", "none", "plain", "good")
"""The worst first."""
_MARKS = {"bad": "✗", "warn": "?", "none": "·", "plain": "", "good": "✓"}
_STATES = {
    BatchState.DONE: "good",
    BatchState.FOUND: "plain",
    BatchState.WORKING: "none",
    BatchState.WAITING: "none",
    BatchState.FAILED: "bad",
    BatchState.ASIDE: "bad",
    BatchState.SKIPPED: "none",
}
_BAR = 400


@dataclass(frozen=True, slots=True)
class BatchFound:
    """A Batch with all that was found: `kinds` by the id of the Run, `sections` as (Kind, name, title) in order,
    `cells` by the id of the Run and the name of the Section."""

    batch: Batch
    documents: tuple[BatchDocument, ...]
    kinds: Mapping[str, str]
    sections: tuple[tuple[str, str, str], ...]
    cells: Mapping[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of the grid: `tone` is that of the worst verdict, empty where nothing was found."""

    text: str
    tone: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One document of the grid; `link` is empty where its report cannot be named."""

    name: str
    link: str
    state: str
    tone: str
    reason: str
    findings: int
    tokens: int
    seconds: float
    cost: float | None
    cells: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """All documents of one Kind."""

    kind: str
    titles: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its name, what it counts, and its parts as (tone, from, width) of `_BAR`."""

    name: str
    count: int
    parts: tuple[tuple[str, float, float], ...]


def batch_html(found: BatchFound, *, priced: bool = False) -> str:
    """The report of a Batch as a whole page; `priced` shows what each document cost."""
    style = packaged("report.css").partition("/* findings */")[0] + packaged("batch.css")
    script = packaged("batch.js")
    names = _Names(found)
    grids = _grids(found, names)
    undone = [_row(one, found, (), names) for one in found.documents if _is_apart(one)]
    skipped = [_row(one, found, (), names) for one in found.documents if one.state is BatchState.SKIPPED]
    states = Counter(one.state for one in found.documents)
    return _template().render(
        title=names.title,
        begun=moment(found.batch.started),
        ended=moment(found.batch.ended) if found.batch.ended else "",
        states=[(state.value, states[state], _STATES[state]) for state in BatchState if states[state]],
        grids=grids,
        undone=undone,
        skipped=skipped,
        findings=sum(cell.findings for cell in found.cells.values()),
        charts=_charts(found),
        bar=_BAR,
        legend=[(_MARKS[tone], tone, _meaning(tone)) for tone in _TONES],
        priced=priced,
        style=style,
        script=script,
        policy=policy(style, script),
    )


def write_batch(found: BatchFound, folder: Path, *, priced: bool = False) -> Path:
    """Writes the report of a Batch as `batch-<number>.html`. Raises StoreUnwritable."""
    path = folder / f"batch-{found.batch.number}.html"
    write_texts(((path, batch_html(found, priced=priced)),), folder)
    return path


# -- the grid --------------------------------------------------------------------------------------


class _Names:
    """How documents are called: by their path below what all of them have in common."""

    def __init__(self, found: BatchFound) -> None:
        # pathlib would stop at a name that no system can have.
        paths = [os.path.abspath(one.source) for one in found.documents]  # noqa: PTH100
        self._root = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""  # noqa: PTH120
        self.title = shown(os.path.basename(self._root)) or "Documents"  # noqa: PTH119

    def of(self, one: BatchDocument) -> str:
        return shown(os.path.relpath(os.path.abspath(one.source), self._root))  # noqa: PTH100


def _is_apart(one: BatchDocument) -> bool:
    """Whether a document stands in no grid, having no Run, and was not skipped."""
    return not one.run and one.state is not BatchState.SKIPPED


def _grids(found: BatchFound, names: _Names) -> list[Grid]:
    by_kind: dict[str, list[BatchDocument]] = {}
    for one in found.documents:
        if one.run in found.kinds:
            by_kind.setdefault(found.kinds[one.run], []).append(one)
    grids = []
    for kind, documents in sorted(by_kind.items(), key=lambda pair: -len(pair[1])):
        sections = [(name, title) for of, name, title in found.sections if of == kind]
        # What was asked but never found is no column of a grid of a thousand rows.
        runs = {one.run for one in documents}
        used = {name for run, name in found.cells if run in runs}
        columns = [(name, title) for name, title in sections if name in used]
        rows = tuple(_row(one, found, [name for name, _ in columns], names) for one in documents)
        grids.append(Grid(titled(kind), tuple(shown(title) for _, title in columns), rows))
    return grids


def _row(one: BatchDocument, found: BatchFound, sections: Sequence[str], names: _Names) -> Row:
    link = f"{one.run}.html" if one.run and _RUN.fullmatch(one.run) else ""
    cells = tuple(_cell(found.cells.get((one.run, name))) for name in sections)
    name, state, reason = names.of(one), one.state.value, shown(one.reason)
    return Row(name, link, state, _STATES[one.state], reason, one.findings, one.tokens, one.seconds, one.cost, cells)


def _cell(cell: Cell | None) -> Shown:
    if cell is None or not cell.findings:
        return Shown("")
    tones = {LABELS[label].tone for label, _ in cell.labels}
    worst = next(tone for tone in _TONES if tone in tones)
    told = ", ".join(f"{count} {LABELS[label].name}" for label, count in cell.labels)
    absent = f", {cell.absences} of them absent" if cell.absences else ""
    count = "∅" if cell.absences == cell.findings else str(cell.findings)
    return Shown(f"{count}{_MARKS[worst]}", worst, f"{told}{absent}")


def _meaning(tone: str) -> str:
    return ", ".join(one.name for one in LABELS.values() if one.tone == tone)


# -- charts ----------------------------------------------------------------------------------------


def _charts(found: BatchFound) -> list[tuple[str, list[Bar]]]:
    """What was found, drawn: verdicts, sections, and how the documents stand."""
    titles = {(kind, name): title for kind, name, title in found.sections}
    labels: Counter[Label] = Counter()
    sections: dict[str, Counter[str]] = {}
    for (run, name), cell in found.cells.items():
        title = shown(titles.get((found.kinds.get(run, ""), name), name))
        for label, count in cell.labels:
            labels[label] += count
            sections.setdefault(title, Counter())[LABELS[label].tone] += count
    states = Counter(one.state for one in found.documents)
    verdicts = {LABELS[label].name: Counter({LABELS[label].tone: count}) for label, count in labels.most_common()}
    largest = dict(sorted(sections.items(), key=lambda pair: -pair[1].total())[:_MOST_BARS])
    standing = {state.value: Counter({_STATES[state]: states[state]}) for state in BatchState if states[state]}
    part = f"Sections: the {len(largest)} of {len(sections)} with most findings"
    several = part if len(largest) < len(sections) else "Sections"
    charts = (("Verdicts", verdicts), (several, largest), ("Documents", standing))
    return [(title, _bars(counts)) for title, counts in charts if counts]


_MOST_BARS = 20


def _bars(counts: Mapping[str, Counter[str]]) -> list[Bar]:
    most = max(parts.total() for parts in counts.values())
    bars = []
    for name, parts in counts.items():
        at, drawn = 0.0, []
        for tone in reversed(_TONES):
            if width := round(parts[tone] / most * _BAR, 2):
                drawn.append((tone, round(at, 2), width))
                at += width
        bars.append(Bar(name, parts.total(), tuple(drawn)))
    return bars


@cache
def _template() -> "Template":
    return environment().from_string(packaged("batch.html.j2"))
