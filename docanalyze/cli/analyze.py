"""`docanalyze FILE…`: one Run after the other, each shown as it ends."""

from dataclasses import replace
from typing import Annotated

import typer

from docanalyze.cli import options
from docanalyze.cli.work import FailsOn, Manner, run


def analyze(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help=options.READ),
    ],
    kind: options.KindName = None,
    section: options.Sections = None,
    pages: Annotated[str | None, typer.Option("--pages", help="Only these pages, such as 3-20.")] = None,
    window: options.WindowSize = None,
    ask: options.Ask = None,
    main_url: options.MainUrl = None,
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
    prompts: options.Prompts = None,
    no_store_prompts: options.NoStorePrompts = False,
    fail_on: FailsOn = None,
    dry_run: options.DryRun = False,
    marked: options.Marked = False,
    redo: options.Redo = False,
    retry_failed: options.RetryFailed = False,
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
    """Analyse documents: located findings, verdicts, a receipt of what was read, a report."""
    flags = options.settings_of(locals())
    from docanalyze import config
    from docanalyze.pipeline import Task, Wanted

    settings = config.resolve(flags, files)
    reading = options.Reading(password, max_size, ocr, ocr_language, convert).options()
    asked = Task("", settings, reading, tuple(section or ()), options.parse_pages(pages), redo, tuple(ask or ()))
    asked = replace(asked, retry_failed=retry_failed, include_hidden=include_hidden)
    tasks = [replace(asked, source=source) for source in files]
    wanted = Wanted(judging=not no_judge, escalate=escalate, keep_prompts=not no_store_prompts)
    manner = Manner(dry_run=dry_run, marked=marked, json=json, quiet=quiet, verbose=verbose)
    raise typer.Exit(run(tasks, settings, wanted, manner).exit_code(fail_on))
