"""What is done to the documents of one command, each shown as it ends; typed by `analyze` and `repo`."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from docanalyze.errors import (
    DocanalyzeError,
    PromptTooLong,
    ServerError,
    SourceError,
    SourceMissing,
    SourceRefused,
    Stopped,
    UsageError,
)
from docanalyze.model import Label, Run, RunState

if TYPE_CHECKING:
    from docanalyze.cli.terminal import Progress
    from docanalyze.config import Settings
    from docanalyze.ingest import Worker
    from docanalyze.pipeline import Found, Models, Plan, Task, Wanted
    from docanalyze.store import Store

FAILED, MET = 1, 4
_T = TypeVar("_T")
_DOCUMENTS = (".pdf", ".docx", ".doc", ".odt", ".rtf")
COMMANDS_LIKE_FILES = (
    "analyze", "judge", "show", "report", "runs", "kinds", "verify", "forget", "tokens", "text", "schema",
    "server", "models", "doctor", "repo", "pack", "map", "query", "search", "diff", "export", "datasette",
    "batch",
)  # fmt: skip

log = logging.getLogger("docanalyze")


class FailOn(StrEnum):
    UNSUPPORTED = "unsupported"
    REVIEW = "review"


FailsOn = Annotated[
    FailOn | None,
    typer.Option("--fail-on", help="Exit with 4 if a finding has this verdict or a worse one."),
]

FAILING = {
    FailOn.UNSUPPORTED: frozenset({Label.UNSUPPORTED, Label.CONTRADICTED}),
    FailOn.REVIEW: frozenset({Label.UNSUPPORTED, Label.CONTRADICTED, Label.REVIEW, Label.UNJUDGED}),
}


@dataclass
class Outcome:
    """What came of all files: finished Runs, and files that failed with their errors."""

    runs: list[Run] = field(default_factory=list)
    failures: list[tuple[str, DocanalyzeError]] = field(default_factory=list)

    def exit_code(self, fail_on: FailOn | None) -> int:
        codes = {error.exit_code for _, error in self.failures}
        if ServerError.exit_code in codes:
            return ServerError.exit_code
        if codes == {UsageError.exit_code} and not self.runs:
            return UsageError.exit_code
        if codes or any(run.state is RunState.FAILED for run in self.runs):
            return FAILED
        labels = {f.verdict.label if f.verdict else Label.UNJUDGED for run in self.runs for f in run.findings}
        if any(run.coverage is not None and not run.coverage.chars_in for run in self.runs):
            # Nothing was read, so nothing was found to be in order.
            labels.add(Label.UNJUDGED)
        return MET if fail_on is not None and labels & FAILING[fail_on] else 0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command goes about it and shows what it did."""

    dry_run: bool = False
    marked: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False


def run(tasks: "Sequence[Task]", settings: "Settings", wanted: "Wanted", manner: Manner) -> Outcome:
    """Does all tasks, or says what would be done. A wrong kind is said before any file is read."""
    from docanalyze.cli.logfile import logging_to
    from docanalyze.cli.terminal import Progress
    from docanalyze.ingest import Worker
    from docanalyze.pipeline import open_models

    _never_print_the_log()
    check_kind(settings)
    quiet = manner.quiet
    progress = Progress(quiet=quiet)
    try:
        with Worker() as worker, progress, open_models(settings, wanted, progress) as models:
            if manner.dry_run:
                return _plan_all(tasks, models, worker, progress, as_json=manner.json)
            with logging_to(settings.out, verbose=manner.verbose):
                return _run_all(tasks, settings, models, worker, progress, as_json=manner.json, marked=manner.marked)
    except KeyboardInterrupt:
        if progress.found:
            raise
        raise Stopped("Stopped before a run had begun", "the same command starts anew") from None


def _never_print_the_log() -> None:
    """Without a log file, as on a dry run, Python would print what is logged."""
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def check_kind(settings: "Settings") -> None:
    """A wrong kind is a wrong command line: said before any file is read."""
    from docanalyze import prompts

    if settings.kind:
        prompts.find(settings.kind, settings.prompts)
    else:
        prompts.kinds(settings.prompts)


def _run_all(
    tasks: "Sequence[Task]",
    settings: "Settings",
    models: "Models",
    worker: "Worker",
    progress: "Progress",
    *,
    as_json: bool,
    marked: bool,
) -> Outcome:
    from docanalyze.cli import output

    with ExitStack() as stack:
        work = _Work(settings, models, worker, progress, stack)
        work.shown, work.marked = not as_json, marked
        if models.in_turn:
            # Two changes of the model for all documents together.
            found, failures = _each(tasks, progress, work.find)
            runs, more = _each(found, progress, work.judge)
            failures += more
        else:
            runs, failures = _each(tasks, progress, work.whole)
        failures += work.unmarked
        if as_json:
            output.write_runs(runs, {run.id: work.store.document_of(run) for run in runs}, failures)
    return Outcome(runs, failures)


class _Work:
    """What is done to each document of one command."""

    def __init__(
        self, settings: "Settings", models: "Models", worker: "Worker", progress: "Progress", stack: ExitStack
    ) -> None:
        self.settings = settings
        self.models = models
        self.worker = worker
        self.progress = progress
        self.stack = stack
        self.shown, self.marked = True, False
        self.unmarked: list[tuple[str, DocanalyzeError]] = []
        self._found: dict[str, Found] = {}

    @cached_property
    def store(self) -> "Store":
        """Opened for the first document that is there: a wrong name leaves no database behind."""
        from docanalyze.store import Store

        return self.stack.enter_context(Store.open(self.settings.db))

    def whole(self, task: "Task") -> Run:
        from docanalyze import pipeline

        log.info("reading %r", task.source)
        return self._show(task, *pipeline.run(task, self.store, self.worker, self.progress, self.models))

    def find(self, task: "Task") -> "Task":
        from docanalyze import pipeline

        log.info("reading %r", task.source)
        self._found[task.source] = pipeline.find(task, self.store, self.worker, self.progress, self.models)
        return task

    def judge(self, task: "Task") -> Run:
        from docanalyze import pipeline

        found = self._found[task.source]
        return self._show(task, *pipeline.judge_found(found, self.store, self.progress, self.models))

    def _show(self, task: "Task", run: Run, finished_before: bool) -> Run:
        before = finished_before
        _show_one(run, task, self.store, self.worker, self.progress, finished_before=before, shown=self.shown)
        if self.marked and (error := _mark(run, task, self.store, self.worker, shown=self.shown)):
            self.unmarked.append((task.source, error))
        return run


def _each(
    tasks: "Sequence[Task]", progress: "Progress", do: "Callable[[Task], _T]"
) -> tuple[list[_T], list[tuple[str, DocanalyzeError]]]:
    """What came of each document, and what failed. One that fails stops no other, a lost server all."""
    from docanalyze.cli.terminal import complain

    done: list[_T] = []
    failures: list[tuple[str, DocanalyzeError]] = []
    for position, task in enumerate(tasks, 1):
        try:
            if task.code is None:
                _require_file(task.source)
            done.append(do(task))
        except DocanalyzeError as error:
            progress.close()
            told = _with_hint(task.source, error) if task.code is None else _if_a_document(task.source, error)
            failures.append((task.source, told))
            complain(told.what, told.try_)
            log.error("%r failed: %s", task.source, told)
            if isinstance(error, ServerError) and not isinstance(error, PromptTooLong):
                if position < len(tasks):
                    complain(f"{len(tasks) - position} more documents were not tried")
                break
    return done, failures


def _show_one(
    run: Run,
    task: "Task",
    store: "Store",
    worker: "Worker",
    progress: "Progress",
    *,
    finished_before: bool,
    shown: bool,
) -> None:
    from docanalyze import report
    from docanalyze.cli import view
    from docanalyze.cli.pictures import pictures
    from docanalyze.cli.terminal import complain

    progress.close()
    document = store.document_of(run)
    picture = pictures(task.source, document, worker, task.options)
    paths = report.write(run, document, task.settings.out, picture)
    log.info("run %s of document %s: %d findings", run.id, run.document_id[:12], len(run.findings))
    if finished_before and run.source != task.source:
        complain(f"note: {task.source} is the same document as {run.source}, which was analysed before")
    if shown:
        view.show_run(run, document)
        view.show_places(paths, task.settings.db, finished_before=finished_before)
    elif finished_before:
        log.info("run %s was finished before; --redo repeats it", run.id)


def _mark(run: Run, task: "Task", store: "Store", worker: "Worker", *, shown: bool) -> DocanalyzeError | None:
    """Writes the marked copy, or says why there is none: the Run is finished all the same."""
    from docanalyze import report
    from docanalyze.cli import marking, view
    from docanalyze.cli.terminal import complain

    document = store.document_of(run)
    path = report.marked_path(run, document, task.settings.out)
    if path.exists():
        # The same command goes on from where it was stopped: what is there is no failure.
        complain(f"note: {path} is there already and stays as it is", "move it away to have it written again")
        return None
    try:
        copy = marking.write(run, document, task.settings.out, worker, task.source, task.options)
    except DocanalyzeError as error:
        complain(error.what, error.try_)
        log.error("%r is not marked: %s", task.source, error)
        return error
    if shown:
        view.show_marked(copy, len(run.findings))
    return None


def _require_file(source: str) -> None:
    """A folder is refused here, before a worker starts, with the command that will take folders."""
    from docanalyze.config import is_folder

    if source != "-" and is_folder(source):
        raise SourceRefused(f"{source} is a folder", "docanalyze repo takes a code base; else name the files in it")


def _with_hint(source: str, error: DocanalyzeError) -> DocanalyzeError:
    """Names the command that was meant where a missing file is called nearly like one."""
    from difflib import get_close_matches

    if not isinstance(error, SourceMissing):
        return error
    if source in COMMANDS_LIKE_FILES:
        return SourceMissing(error.what, f"{source} is a command: it stands first, options after it")
    close = get_close_matches(source, COMMANDS_LIKE_FILES, n=1)
    return SourceMissing(error.what, f"did you mean the command {close[0]}?") if close else error


def _if_a_document(source: str, error: DocanalyzeError) -> DocanalyzeError:
    """Names the command for documents where one was given as a code base."""
    is_one = isinstance(error, SourceError) and source.lower().endswith(_DOCUMENTS)
    return type(error)(error.what, f"docanalyze {source} takes a document") if is_one else _with_hint(source, error)


def _plan_all(
    tasks: "Sequence[Task]", models: "Models", worker: "Worker", progress: "Progress", *, as_json: bool
) -> Outcome:
    from docanalyze import pipeline
    from docanalyze.cli import output, view

    def do(task: "Task") -> "Plan":
        plan = pipeline.prepare(task, worker, progress, models)
        progress.close()
        if not as_json:
            view.show_plan(plan)
        return plan

    plans, failures = _each(tasks, progress, do)
    if as_json:
        output.write_plans(plans, failures)
    return Outcome(failures=failures)
