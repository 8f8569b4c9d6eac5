"""What a batch shows: while it works on a terminal what each lane does, else a line a document; and what it came to."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docanalyze.cli.terminal import Progress as Lines
from docanalyze.cli.terminal import console, one_line, safe, shortened
from docanalyze.errors import StoreUnwritable
from docanalyze.model import BatchDocument, BatchState, Event, Notify

if TYPE_CHECKING:
    from rich.live import Live as RichLive

    from docanalyze.batch.engine import Happening, Watch
    from docanalyze.batch.progress import Progress
    from docanalyze.batch.running import Forecast, Outcome
    from docanalyze.config import Settings
    from docanalyze.model import Batch
    from docanalyze.report import BatchFound
    from docanalyze.store import Store

Json = dict[str, Any]
UNDONE = (BatchState.WAITING, BatchState.WORKING, BatchState.FOUND)
_EVERY = 0.25
_BAR = 28
_LISTED = 12
_STAGES = {
    "begin": "begins",
    "read": "reading",
    "files": "reading",
    "pack": "packing",
    "plan": "waits for the model",
    "find": "finding",
    "judge": "judging",
    "report": "writing its report",
}


class Live:
    """Shows what goes on, on standard error. A context manager; `begin` gives the watcher of a batch."""

    def __init__(self, *, quiet: bool, planning: bool = False) -> None:
        self.quiet = quiet
        self.planning = planning
        self.is_terminal = sys.stderr.isatty() and not quiet
        self._progress: Progress | None = None
        self._doing: dict[int, str] = {}
        self._shown = 0.0
        self._screen: RichLive | None = None
        self._server = ""
        self._before: Lines | None = None

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_: object) -> None:
        if self._screen is not None:
            self._screen.stop()

    def begin(self, documents: Sequence[BatchDocument]) -> "Watch":
        """Begins with these documents."""
        from docanalyze.batch.progress import Progress

        if self._before is not None:
            self._before.close()
        self._progress = Progress(documents)
        to_do = self._progress.total
        self._say(f"{to_do:,} document{'s' * (to_do != 1)}")
        if self.is_terminal:
            from rich.console import Console
            from rich.live import Live as Screen

            screen = Console(file=sys.stderr, markup=False, highlight=False, emoji=False)
            self._screen = Screen(console=screen, auto_refresh=False, transient=True)
            self._screen.start()
        return self._watch

    def through(self, progress: "Lines") -> Notify:
        """What goes on beside the documents, such as servers that are started: as lines, and below the bar later."""

        def notify(event: Event) -> None:
            if self._progress is None:
                progress(event)
                return
            for line in event.lines:
                self._say(line)
            self._server = one_line(event.text)
            self._refresh()

        self._before = progress
        return notify

    def _watch(self, happening: "Happening") -> None:
        assert self._progress is not None  # noqa: S101 - the watcher comes from `begin`
        self._progress.take(happening)
        if happening.line:
            self._say(happening.line)
        if happening.event is not None:
            self._move(happening.lane, happening.event)
        elif happening.document is not None and not happening.unchanged:
            self._settled(happening.document)
        self._refresh()

    def _move(self, lane: int, event: Event) -> None:
        for line in event.lines if event.stage == "note" else ():
            self._say(line)
        if event.stage in _STAGES:
            said = one_line(event.text)
            self._doing[lane] = f"{_STAGES[event.stage]}{f', {said}' if said and event.stage != 'read' else ''}"

    def _settled(self, one: BatchDocument) -> None:
        assert self._progress is not None  # noqa: S101 - the watcher comes from `begin`
        if one.state in UNDONE or self.planning:
            return
        place = f"{self._progress.done:>{len(str(self._progress.total))}}/{self._progress.total}"
        self._say(f"{place} {one.state.value:<6} {one.source}{_told(one)}")

    def _say(self, line: str) -> None:
        if self.quiet:
            return
        clean = one_line(line)
        if self._screen is not None:
            self._screen.console.print(clean, soft_wrap=True)
        else:
            sys.stderr.write(f"{clean}\n")
            sys.stderr.flush()

    # -- on a terminal -----------------------------------------------------------------------------

    def _refresh(self) -> None:
        if self._screen is None or time.monotonic() - self._shown < _EVERY:
            return
        from rich.text import Text

        self._shown = time.monotonic()
        width = self._screen.console.width
        self._screen.update(Text("\n".join(shortened(line, width) for line in self.lines())), refresh=True)

    def lines(self) -> list[str]:
        """What stands on a terminal now: the bar, then what each lane does."""
        progress = self._progress
        assert progress is not None  # noqa: S101 - there is nothing to show before `begin`
        filled = round(progress.share * _BAR)
        left = progress.seconds_left
        parts = [
            f"{'━' * filled}{'─' * (_BAR - filled)} {progress.share:4.0%}",
            f"{progress.done:,} of {progress.total:,}",
            f"{duration(left)} left" if left is not None else "",
            f"{progress.speed:,.0f} tokens/s" if progress.speed else "",
            f"{progress.findings:,} findings",
            f"{progress.failed:,} failed" if progress.failed else "",
        ]
        lines = ["  ".join(part for part in parts if part)]
        for lane, one in sorted(progress.at.items()):
            lines.append(f"  {shortened(one_line(Path(one.source).name), 36):<36}  {self._doing.get(lane, '')}")
        return [*lines, f"  {self._server}"] if self._server else lines


def _told(one: BatchDocument) -> str:
    if one.state is BatchState.DONE:
        return f": {one.findings:,} findings, {one.tokens:,} tokens, {one.seconds:.1f} s"
    return f": {one.reason}" if one.reason else ""


def duration(seconds: float) -> str:
    """`8 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


# -- what it came to -------------------------------------------------------------------------------


def write_report(outcome: "Outcome", settings: "Settings") -> tuple[Path | None, dict[str, int]]:
    """Writes the report of the batch; its path, and how many findings have which verdict."""
    from docanalyze import report
    from docanalyze.store import Store

    with Store.open(settings.db, create=False) as store:
        found = found_in(store, outcome.batch)
    labels: dict[str, int] = {}
    for cell in found.cells.values():
        for label, count in cell.labels:
            labels[label.value] = labels.get(label.value, 0) + count
    try:
        return report.write_batch(found, settings.out, priced=bool(settings.price_in or settings.price_out)), labels
    except StoreUnwritable:
        if outcome.stopped is None:
            raise
        # It was stopped for the same reason, most likely, and that is said.
        return None, labels


def found_in(store: "Store", batch: "Batch") -> "BatchFound":
    """What a page shows of a batch."""
    from docanalyze.report import BatchFound

    batches, number = store.batches, batch.number
    documents, sections = tuple(batches.documents(number)), tuple(batches.sections(number))
    return BatchFound(batch, documents, batches.kinds(number), sections, batches.cells(number))


def write_again(store: "Store", numbers: Sequence[int], settings: "Settings") -> int:
    """Writes pages of batches that are there without what was forgotten since; how many."""
    from docanalyze import report

    priced = bool(settings.price_in or settings.price_out)
    there = [number for number in numbers if (settings.out / f"batch-{number}.html").is_file()]
    for number in there:
        report.write_batch(found_in(store, store.batches.batch(number)), settings.out, priced=priced)
    return len(there)


def show_outcome(outcome: "Outcome", labels: dict[str, int], page: Path | None) -> None:
    """The summary: how the documents stand, what was found, what it took, and what failed for which reason."""
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    counts = {state: outcome.count(state) for state in BatchState}
    for state, count in counts.items():
        if count:
            more = (
                f"{outcome.unchanged:,} of them known before" if state is BatchState.DONE and outcome.unchanged else ""
            )
            table.add_row(state.value.capitalize(), f"{count:,}", more)
    if outcome.unread:
        table.add_row("Without text", f"{len(outcome.unread):,}", "done, but nothing could be read: scans, perhaps")
    findings = sum(labels.values())
    said = ", ".join(f"{count:,} {label}" for label, count in sorted(labels.items(), key=lambda pair: -pair[1]))
    table.add_row("Findings", f"{findings:,}", said)
    spent = outcome.spent
    if spent.calls:
        told = f"{spent.cached:,} of them cached; {spent.tokens_out:,} written, {duration(spent.seconds)} of calls"
        table.add_row("Tokens read", f"{spent.tokens_in:,}", told)
    cost = total_cost(outcome)
    if cost is not None:
        table.add_row("Cost", f"{cost:,.2f}", "")
    shown = console()
    shown.print(table)
    for one in outcome.unread[:_LISTED]:
        shown.print(f"  without text: {one_line(one.source)}", soft_wrap=True)
    for one in outcome.failed[:_LISTED]:
        shown.print(f"  {one.state.value}: {one_line(one.source)}: {one_line(one.reason)}", soft_wrap=True)
    if len(outcome.failed) > _LISTED:
        shown.print(f"  and {len(outcome.failed) - _LISTED:,} more, in the report")
    if page is not None:
        shown.print(f"Report  {safe(str(page))}", soft_wrap=True)


def total_cost(outcome: "Outcome") -> float | None:
    """Money for all documents, each Run once; None where no price is set."""
    costs = {one.run or f"-{one.number}": one.cost for one in outcome.documents if one.cost is not None}
    return sum(costs.values()) if costs else None


def show_forecast(made: "Forecast") -> None:
    """What would be done: a line a document, then the sums."""
    out = sys.stdout
    for one in made.planned:
        source, found = one_line(one.document.source), one.result
        if found is not None:
            windows = f"{found.windows} window{'s' * (found.windows != 1)}"
            out.write(f"{found.tokens:>11,} tokens  {found.kind:<9} {windows}, {found.calls} calls  {source}\n")
        else:
            out.write(f"{one.document.state.value:>18}  {source}: {one_line(one.document.reason)}\n")
    to_do = made.to_do
    tokens, calls = sum(one.tokens for one in to_do), sum(one.calls for one in to_do)
    documents = f"{len(to_do):,} document{'s' * (len(to_do) != 1)}"
    out.write(f"{documents}, {tokens:,} tokens, {calls:,} calls to {one_line(made.analyst)}")
    known = made.seconds is not None
    out.write(f", about {duration(made.seconds or 0)}\n" if known else "; no speed is known yet to tell the time\n")


# -- JSON ------------------------------------------------------------------------------------------


def document_object(one: BatchDocument) -> Json:
    """A document of a batch, for scripts."""
    spent = one.spent
    return {
        "source": one.source,
        "state": one.state.value,
        "reason": one.reason,
        "run": one.run or None,
        "findings": one.findings,
        "tokens": one.tokens,
        "seconds": one.seconds,
        "tries": one.tries,
        "tokens_in": spent.tokens_in,
        "tokens_cached": spent.cached,
        "tokens_out": spent.tokens_out,
        "model_seconds": round(spent.seconds, 3),
        "cost": one.cost,
    }


def outcome_object(outcome: "Outcome", page: Path | None) -> Json:
    """A batch that ended or was stopped, for scripts."""
    return {
        "schema": "docanalyze.batch",
        "version": 1,
        "batch": outcome.batch.number,
        "complete": outcome.stopped is None,
        "stopped": str(outcome.stopped) if outcome.stopped is not None else None,
        "counts": {state.value: outcome.count(state) for state in BatchState},
        "unchanged": outcome.unchanged,
        "without_text": len(outcome.unread),
        "cost": total_cost(outcome),
        "report": str(page) if page is not None else None,
        "documents": [document_object(one) for one in outcome.documents],
    }


def forecast_object(made: "Forecast") -> Json:
    """What a batch would do, for scripts."""
    return {
        "schema": "docanalyze.batch-plan",
        "version": 1,
        "analyst": made.analyst,
        "seconds": round(made.seconds, 1) if made.seconds is not None else None,
        "tokens": sum(one.tokens for one in made.to_do),
        "calls": sum(one.calls for one in made.to_do),
        "documents": [
            {
                "source": one.document.source,
                "state": one.document.state.value,
                "reason": one.document.reason,
                "kind": one.result.kind if one.result is not None else None,
                "tokens": one.result.tokens if one.result is not None else None,
                "windows": one.result.windows if one.result is not None else None,
                "calls": one.result.calls if one.result is not None else None,
            }
            for one in made.planned
        ],
    }
