"""`docanalyze batch FOLDER…`: all documents of folders, resumed where an earlier command was stopped."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.cli.work import FAILED, FAILING, MET, FailOn, FailsOn, check_kind
from docanalyze.errors import UsageError
from docanalyze.model import Label

if TYPE_CHECKING:
    from docanalyze.batch.running import Forecast, Outcome, Request
    from docanalyze.config import Settings
    from docanalyze.pipeline import Task


def batch(
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Folders, files, patterns.")],
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Only these files; repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Not these files; repeatable.")
    ] = None,
    repos: Annotated[bool, typer.Option("--repos", help="A folder that is a code base is one document.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="So many documents at most; 0 for all.")] = 0,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, help="How many are worked on at once, or read ahead of a model.")
    ] = 0,
    judge_every: Annotated[
        int,
        typer.Option("--judge-every", min=0, help="Where models take turns: the judge's after so many documents."),
    ] = 0,
    kind: options.KindName = None,
    section: options.Sections = None,
    window: options.WindowSize = None,
    ask: options.Ask = None,
    main_url: Annotated[
        list[str] | None,
        typer.Option("--main-url", help="A server of the main model; repeatable, for several of one model."),
    ] = None,
    judge_url: options.JudgeUrl = None,
    main_file: options.MainFile = None,
    judge_file: options.JudgeFile = None,
    profile: options.Profile = None,
    keep_server: options.KeepServer = None,
    main_model: options.MainModel = None,
    judge_model: options.JudgeModel = None,
    allow_remote: options.AllowRemote = None,
    no_judge: options.NoJudge = False,
    escalate: options.Escalate = False,
    lang: options.Lang = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    price_in: Annotated[
        float | None, typer.Option("--price-in", help="Money for a million tokens that a model reads.")
    ] = None,
    price_out: Annotated[
        float | None, typer.Option("--price-out", help="Money for a million tokens that a model writes.")
    ] = None,
    prompts: options.Prompts = None,
    no_store_prompts: options.NoStorePrompts = False,
    fail_on: FailsOn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and how long it would take.")
    ] = False,
    redo: options.Redo = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what failed.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    password: options.Password = "",
    max_size: options.MaxSize = "200MB",
    ocr: options.Ocr = options.OcrMode.AUTO,
    ocr_language: options.OcrLanguage = "eng",
    convert: options.Convert = False,
    include_hidden: options.IncludeHidden = False,
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Analyse all documents of folders; stopped at any point, the same command goes on."""
    typed = options.settings_of(locals())
    if not all(folders):
        # Taken as a path it would be all that lies here: a variable of a script, perhaps, that is not set.
        raise UsageError("one of the folders has no name", "name it, or . for the one you are in")
    from docanalyze import config
    from docanalyze.batch.listing import Wanted
    from docanalyze.batch.running import Request
    from docanalyze.pipeline import Task
    from docanalyze.pipeline import Wanted as WantedModels

    urls = list(dict.fromkeys(main_url or ()))
    flags = typed | {"main_url": urls[0] if urls else None}
    settings = config.resolve(flags, folders)
    reading = options.Reading(password, max_size, ocr, ocr_language, convert).options()
    task = Task("", settings, reading, tuple(section or ()), redo=redo, questions=tuple(ask or ()))
    task = replace(task, retry_failed=retry_failed, include_hidden=include_hidden)
    patterns = (tuple(include or ()), tuple(exclude or ()))
    files = Wanted(*patterns, repos, limit, _ours(settings), reading.max_bytes, reading.convert)
    models = WantedModels(judging=not no_judge, escalate=escalate, keep_prompts=not no_store_prompts)
    request = Request(tuple(folders), task, files, models, jobs, judge_every, tuple(urls[1:]), _price(settings))
    if dry_run:
        raise typer.Exit(_forecast(request, quiet=quiet, as_json=json))
    raise typer.Exit(_run(request, fail_on, quiet=quiet, as_json=json, verbose=verbose))


def _check_asked(task: "Task") -> None:
    """What fits no document is a wrong command line: said once, before any file is read."""
    from docanalyze import prompts

    settings = task.settings
    check_kind(settings)
    kinds = [prompts.find(settings.kind, settings.prompts)] if settings.kind else prompts.kinds(settings.prompts)
    known = {section.name for kind in kinds for section in kind.sections}
    for name in task.sections:
        if name not in known:
            which = f"the kind {settings.kind} has" if settings.kind else "no kind has"
            raise UsageError(
                f"{which} {'no' if settings.kind else 'a'} section {name!r}", "docanalyze kinds lists them"
            )
    if not all(question.split() for question in task.questions):
        raise UsageError("an empty question", "write it after --ask, in quotes")


def _ours(settings: "Settings") -> tuple[Path, ...]:
    """What this program itself writes."""
    return tuple(path.absolute() for path in (*settings.database_files, settings.out))


def _price(settings: "Settings") -> tuple[float, float] | None:
    return (settings.price_in, settings.price_out) if settings.price_in or settings.price_out else None


def _forecast(request: "Request", *, quiet: bool, as_json: bool) -> int:
    from docanalyze.batch import running
    from docanalyze.cli import batch_view, output
    from docanalyze.cli.terminal import Progress

    _check_asked(request.task)
    with Progress(quiet=quiet) as progress, batch_view.Live(quiet=quiet, planning=True) as live:
        made: Forecast = running.forecast(request, live.through(progress), live.begin)
    if as_json:
        output.write(batch_view.forecast_object(made))
    else:
        batch_view.show_forecast(made)
    return FAILED if any(one.document.state == "failed" for one in made.planned) else 0


def _run(request: "Request", fail_on: FailOn | None, *, quiet: bool, as_json: bool, verbose: bool) -> int:
    from docanalyze.batch import running
    from docanalyze.cli import batch_view, output
    from docanalyze.cli.logfile import logging_to
    from docanalyze.cli.terminal import Progress, complain

    settings = request.settings
    _check_asked(request.task)
    with (
        logging_to(settings.out, verbose=verbose),
        Progress(quiet=quiet) as progress,
        batch_view.Live(quiet=quiet) as live,
    ):
        outcome = running.run(request, live.through(progress), live.begin)
    page, labels = batch_view.write_report(outcome, settings)
    if as_json:
        output.write(batch_view.outcome_object(outcome, page))
    else:
        batch_view.show_outcome(outcome, labels, page)
    if outcome.stopped is not None:
        complain(outcome.stopped.what, outcome.stopped.try_)
        left = outcome.count(*batch_view.UNDONE)
        complain(f"stopped with {left} documents to do", "the same command goes on from there")
        return outcome.stopped.exit_code
    return _exit_code(outcome, set(labels), fail_on)


def _exit_code(outcome: "Outcome", labels: set[str], fail_on: FailOn | None) -> int:
    if outcome.failed:
        return FAILED
    if outcome.unread:
        # Nothing was read, so nothing was found to be in order.
        labels = labels | {Label.UNJUDGED.value}
    return MET if fail_on is not None and labels & {label.value for label in FAILING[fail_on]} else 0


COMMANDS = (("batch", batch),)
"""Registered by the package."""
