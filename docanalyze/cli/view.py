"""A Run, a Plan, a text, as people read them in a terminal of any width."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from docanalyze.cli.terminal import console, one_line, shortened
from docanalyze.cli.trees import unread
from docanalyze.model import (
    Coverage,
    Detail,
    Document,
    Evidence,
    Finding,
    Label,
    Match,
    Note,
    PageSource,
    PageState,
    Run,
    Skipped,
    Tree,
    Window,
)
from docanalyze.report.labels import label_of
from docanalyze.report.plain import ranges
from docanalyze.report.said import own_words

if TYPE_CHECKING:
    from docanalyze.pipeline import Plan
    from docanalyze.report import MarkedCopy
    from docanalyze.store import RunLine

BUILT_IN = "extract"
CODE_BASE = "repo"
MARKS = {
    Label.SUPPORTED: ("✓", "green"),
    Label.QUOTED: ("✓", "green"),
    Label.DERIVED: ("✓", "green"),
    Label.CONSISTENT: ("✓", "green"),
    Label.PARTLY: ("~", "yellow"),
    Label.REVIEW: ("?", "yellow"),
    Label.UNJUDGED: ("·", "yellow"),
    Label.UNSUPPORTED: ("✗", "red"),
    Label.CONTRADICTED: ("✗", "red"),
}
QUOTE_SHOWN = 300
MOST_REASON = 240
_NOTHING_READ = "Nothing could be analysed: no text was read. A scan needs text recognition (OCR) first."
_MUCH_INK = 0.25
_DETAILS = {
    Detail.FULL: "in full",
    Detail.OUTLINE: "in outline",
    Detail.NAME: "by name",
    Detail.NONE: "left out",
}
_COMMIT = 12
_NAMED = 3
_FEW_WINDOWS = 6
_INDENT, _LEAST_PATH = 11, 16
FEW = 3
"""Places of one finding that a terminal shows."""
_FROM_FILES = (
    "Built-in analyst, no model: quoted from the files, or counted and followed through them by fixed rules. "
    "It does not understand what the code does; confidence is not calibrated."
)
SHOWN = 15
"""Findings of one Section that a terminal shows."""
_OF_FILES = 8
"""The same of a code base."""


def show_run(run: Run, document: Document, *, full: bool = False) -> None:
    """Findings by Section with locators and verdicts, then the receipt."""
    screen = console()
    _heading(screen, run, document)
    by_section = _by_section(run)
    titles = dict(run.sections)
    empty = [titles.get(name, name) for name, findings in by_section.items() if not findings]
    _show_sections(screen, by_section, titles, document, full=full)
    if run.coverage is not None and not run.coverage.chars_in:
        screen.print()
        screen.print(Text(_NOTHING_READ, style="yellow"))
    elif empty:
        screen.print()
        screen.print(Text("Nothing recognised: " + one_line(", ".join(empty)), style="dim"))
    screen.print()
    _show_verdicts(screen, run)
    show_coverage(screen, run.coverage, run.windows, document)
    _show_notes(screen, (*document.notes, *run.notes))


def show_findings(shown: Run, run: Run, document: Document, *, full: bool) -> None:
    """The Findings that were chosen of a Run, and how many those are."""
    screen = console()
    _heading(screen, run, document)
    _show_sections(screen, _by_section(shown), dict(run.sections), document, full=full)
    screen.print()
    there = Counter(label_of(finding).value for finding in run.findings)
    counts = ", ".join(f"{count} {label}" for label, count in there.most_common())
    _row(screen, "Shown", f"{len(shown.findings)} of {len(run.findings)} findings ({counts})")


def _by_section(run: Run) -> dict[str, list[Finding]]:
    by_section: dict[str, list[Finding]] = {name: [] for name, _ in run.sections}
    for finding in run.findings:
        by_section.setdefault(finding.section, []).append(finding)
    return by_section


def _show_sections(
    screen: Console,
    by_section: Mapping[str, Sequence[Finding]],
    titles: Mapping[str, str],
    document: Document,
    *,
    full: bool,
) -> None:
    for name, findings in by_section.items():
        if not findings:
            continue
        screen.print()
        screen.print(Text(one_line(titles.get(name, name)), style="bold"))
        shown = findings if full else findings[: SHOWN if document.tree is None else _OF_FILES]
        for finding in shown:
            _show_finding(screen, finding, document, full=full)
        if len(shown) < len(findings):
            more = f"… and {len(findings) - len(shown)} more: docanalyze show --full --section {name}"
            screen.print(_indented(Text(one_line(more), style="dim"), 2))


def show_places(paths: Sequence[Path], db: Path, *, finished_before: bool) -> None:
    """Where the reports and the database are."""
    screen = console()
    if finished_before:
        _row(screen, "Shown", "this was finished before; --redo analyses it again")
    if paths:
        # The page to open; the other forms lie beside it under the same name.
        *others, page = sorted(paths, key=lambda path: path.suffix == ".html")
        beside = f" (and {', '.join(path.suffix for path in others)})" if others else ""
        _row(screen, "Report", f"{page}{beside}")
    _row(screen, "Database", str(db))


def show_marked(copy: "MarkedCopy", findings: int) -> None:
    """Where the marked copy is, and what is not marked in it."""
    screen = console()
    _row(screen, "Marked", str(copy.path))
    _row(screen, "", f"{copy.marked} of {findings} findings")
    for remark in copy.remarks:
        _row(screen, "", remark)


def show_plan(plan: "Plan") -> None:
    """What a Run would do."""
    screen = console()
    screen.print(Text(one_line(plan.document.source.name), style="bold"))
    _row(screen, "Kind", f"{plan.kind.name} ({plan.why})")
    _row(screen, "Text", f"{len(plan.document.text):,} characters, {plan.text_tokens:,} tokens")
    for window in plan.windows:
        _row(screen, f"Window {window.number}", f"{window.tokens:,} of {window.budget:,} tokens")
    room = f"{plan.fixed_tokens:,} tokens for the question, {plan.answer_tokens:,} for the answer"
    _row(screen, "Beside it", room)
    _row(screen, "Sections", ", ".join(section.name for section in plan.sections))
    if plan.analyst == BUILT_IN:
        _row(screen, "Calls", f"{plan.calls}, to the built-in analyst; no model is configured")
    else:
        asked = f"{plan.calls} or more, to {one_line(plan.analyst)}; {plan.prompt_tokens:,} tokens to read"
        _row(screen, "Calls", f"{asked}, and those to a judge")
    show_coverage(screen, plan.coverage, plan.windows, plan.document)
    _show_notes(screen, plan.document.notes)


def show_runs(lines: Sequence["RunLine"]) -> None:
    """One line a Run, the latest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Run", no_wrap=True)
    table.add_column("Source", overflow="fold", ratio=1)
    table.add_column("Kind")
    table.add_column("State")
    table.add_column("Findings", justify="right")
    for line in lines:
        cells = (line.id, line.source, line.kind, line.state, str(line.findings))
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    console().print(table)


def show_coverage(screen: Console, coverage: Coverage | None, windows: Sequence[Window], document: Document) -> None:
    """The receipt: what was read, what went into the windows, and what did not, and why."""
    if document.pages:
        read = sum(page.state is PageState.READ for page in document.pages)
        scanned = sum(page.source is PageSource.OCR for page in document.pages)
        by_ocr = f", {scanned} by OCR" if scanned else ""
        _row(screen, "Pages", f"{read} of {len(document.pages)} read{by_ocr}")
        inked = [page.number for page in document.pages if page.ink >= _MUCH_INK and page.source is not PageSource.OCR]
        if inked:
            _row(screen, "Pictures", f"page {ranges(inked)}: over {_MUCH_INK:.0%} is image or drawing, not read")
    if coverage is None:
        return
    for reason, pages in _unread(coverage).items():
        _row(screen, "Not read", f"page {pages}: {reason}")
    where = "one window" if len(windows) == 1 else f"{len(windows)} windows"
    _row(screen, "In", f"{coverage.chars_in:,} characters in {where}, {_sizes(windows)} tokens")
    for reason, chars in coverage.reasons().items():
        _row(screen, "Left out", f"{chars:,} characters: {reason}")
    if document.tree is not None:
        _show_tree(screen, document.tree, coverage)


def _sizes(windows: Sequence[Window]) -> str:
    """The tokens of each Window; of many the least, the most and the sum."""
    sizes = [window.tokens for window in windows]
    if len(sizes) <= _FEW_WINDOWS:
        return " + ".join(f"{size:,}" for size in sizes) or "0"
    return f"{min(sizes):,} to {max(sizes):,} each, together {sum(sizes):,}"


def _show_tree(screen: Console, tree: Tree, coverage: Coverage) -> None:
    """Of a code base: which commit, how many files how fully, and those that matter most."""
    if tree.branch or tree.commit:
        _row(screen, "Commit", " ".join(part for part in (tree.commit[:_COMMIT], tree.branch) if part))
    counts = Counter(covered.detail for covered in coverage.files)
    details = ", ".join(f"{counts[detail]:,} {_DETAILS[detail]}" for detail in Detail if counts[detail])
    _row(screen, "Files", f"{len(tree.files):,}: {details}" if details else f"{len(tree.files):,}")
    for line in unread(tree):
        _row(screen, "Not read", line)
    first = sorted(coverage.files, key=lambda covered: (-covered.rank, covered.file))[:SHOWN]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for name in ("path", "detail", "tokens"):
        table.add_column(name, overflow="fold", justify="right" if name == "tokens" else "left")
    rows = [
        (one_line(tree.files[covered.file].path), _DETAILS[covered.detail], f"{covered.tokens:,} tokens")
        for covered in first
    ]
    beside = sum(max((len(row[column]) for row in rows), default=0) for column in (1, 2))
    for path, *cells in rows:
        table.add_row(*map(Text, (within(path, max(_LEAST_PATH, screen.width - _INDENT - beside - 6)), *cells)))
    screen.print(Padding(table, (0, 0, 0, _INDENT)))
    if len(first) < len(coverage.files):
        _row(screen, "", f"… and {len(coverage.files) - len(first):,} that matter less: docanalyze show --json")
    reasons: dict[str, list[Skipped]] = {}
    for one in tree.skipped:
        reasons.setdefault(one.reason, []).append(one)
    for reason, places in reasons.items():
        files, uncounted = sum(one.count for one in places), sum(not one.count for one in places)
        told = [_several(count, name) for count, name in ((files, "file"), (uncounted, "path")) if count]
        _row(screen, "Not listed", f"{' and '.join(told)}: {reason}")
    if masked := {file.path: len(file.secrets) for file in tree.files if file.secrets}:
        where = ", ".join(list(masked)[:_NAMED]) + (
            f" and {len(masked) - _NAMED:,} more" if len(masked) > _NAMED else ""
        )
        _row(screen, "Masked", f"{_several(sum(masked.values()), 'secret')} in {where}")


def within(path: str, most: int) -> str:
    """A path in so many characters: folders in its middle are left out first, then its beginning."""
    if len(path) <= most:
        return path
    first, *parts = path.split("/")
    for place in range(1, len(parts)):
        shorter = "/".join((first, "…", *parts[place:]))
        if len(shorter) <= most:
            return shorter
    return f"…{path[-max(1, most - 1) :]}"


def _several(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def show_pages(document: Document) -> None:
    """The receipt page by page: characters, where they come from, ink without text, hidden ones, and the state."""
    from docanalyze import report

    screen = console()
    if not document.pages:
        _row(screen, "Pages", "this format has none")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("Page", "Characters", "From", "Ink", "Hidden"):
        table.add_column(name, justify="left" if name == "From" else "right", no_wrap=True)
    table.add_column("State", overflow="fold", ratio=1)
    for line in report.receipt(document.pages):
        cells = (str(line.number), line.chars, line.source, line.ink, line.hidden, line.state)
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    screen.print(table)


def _unread(coverage: Coverage) -> dict[str, str]:
    reasons: dict[str, list[int]] = {}
    for page, reason in coverage.unread:
        reasons.setdefault(reason, []).append(page)
    return {reason: ranges(pages) for reason, pages in reasons.items()}


def _heading(screen: Console, run: Run, document: Document) -> None:
    title = Text(one_line(document.source.name), style="bold")
    kind = "code base" if document.tree is not None and run.kind == CODE_BASE else run.kind
    title.append(f"  {kind}, run {run.id}", style="dim")
    screen.print(title)
    if run.analyst == BUILT_IN and document.tree is not None:
        screen.print(Text(_FROM_FILES, style="dim"))
    elif run.analyst == BUILT_IN:
        said = (
            "Built-in analyst, no model: statements are quotes or values read from quotes. "
            "Confidence is measured where a clause or a party is named, elsewhere not calibrated."
        )
        screen.print(Text(said, style="dim"))
    if run.error:
        screen.print(Text(f"{run.state}: {one_line(run.error)}", style="red"))


def _show_finding(screen: Console, finding: Finding, document: Document, *, full: bool) -> None:
    label = label_of(finding)
    mark, style = MARKS[label]
    first = Text.assemble((f"{mark} ", style), (one_line(finding.statement), ""))
    places = list(dict.fromkeys(document.locator(e.spans[0]) for e in finding.evidence if e.spans))
    few = len(places) if full else FEW
    if places:
        more = f" and {len(places) - few} more" if len(places) > few else ""
        first.append(f"  {'; '.join(places[:few])}{more}", style="cyan")
    if label not in (Label.QUOTED, Label.DERIVED, Label.SUPPORTED):
        reason = finding.verdict.reason if finding.verdict else ""
        why = f": {shortened(one_line(reason), MOST_REASON)}" if reason else ""
        first.append(f"  [{label.value}{_share(finding)}{why}]", style=style)
    screen.print(_indented(first, 2))
    # What is said of a code base tells by itself; its lines are a click away in the report.
    told = full or document.tree is None or label not in (Label.QUOTED, Label.DERIVED)
    for evidence in finding.evidence if told else ():
        if not _is_said(finding, evidence, document) and not _is_path(evidence, document):
            screen.print(_indented(Text(_quote_line(evidence, document, full=full), style="dim"), 6))
    if finding.conflict:
        screen.print(_indented(Text(f"conflict: {one_line(finding.conflict)}", style="yellow"), 6))


def _is_path(evidence: Evidence, document: Document) -> bool:
    """Whether what is quoted is the path of a file, which its place says already."""
    return bool(evidence.spans) and document.tree is not None and document.lines_of(evidence.spans[0]) == (0, 0)


def _is_said(finding: Finding, evidence: Evidence, document: Document) -> bool:
    """Whether the statement shows the quote's words already. What was corrected or refused is always told."""
    if evidence.status != "verified":
        return False
    statement, words = one_line(finding.statement), " … ".join(document.slice(span) for span in evidence.spans)
    return own_words(statement, one_line(words)) != statement


def _quote_line(evidence: Evidence, document: Document, *, full: bool) -> str:
    cut = one_line if full else _short
    if evidence.match is Match.MISSING:
        return f"refused, not in the document ({one_line(evidence.reason)}): “{cut(evidence.quote)}”"
    words = " … ".join(document.slice(span) for span in evidence.spans)
    note = " (corrected: the source's words)" if evidence.status == "corrected" else ""
    return f"“{cut(words)}”{note}"


def _share(finding: Finding) -> str:
    """The judge's probability of its label, where it gave one."""
    share = finding.verdict.probability if finding.verdict else None
    return f" {share:.2f}" if share is not None else ""


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= QUOTE_SHOWN else line[: QUOTE_SHOWN - 1].rsplit(" ", 1)[0] + " …"


def _show_verdicts(screen: Console, run: Run) -> None:
    labels = Counter(label_of(finding).value for finding in run.findings)
    counts = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    _row(screen, "Findings", f"{len(run.findings)}: {counts}" if counts else "none")


def _show_notes(screen: Console, notes: Sequence[Note]) -> None:
    for note in notes:
        place = f"page {note.page}: " if note.page else ""
        _row(screen, "Note", f"{place}{note.text}")


def _row(screen: Console, name: str, value: str) -> None:
    """A label of ten columns and what belongs to it, wrapped beside the label."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=10)
    table.add_column(overflow="fold")
    table.add_row(Text(name, style="dim"), Text(one_line(value)))
    screen.print(table)


def _indented(text: Text, by: int) -> RenderableType:
    return Padding(text, (0, 0, 0, by))
