"""`docanalyze repo PATH`: a code base as one document."""

from dataclasses import replace
from typing import Annotated

import typer

from docanalyze.cli import options, trees
from docanalyze.cli.work import FailsOn, Manner, run


def repo(
    path: trees.CodeBase,
    focus: trees.Focus = None,
    include: trees.Include = None,
    exclude: trees.Exclude = None,
    no_tests: trees.NoTests = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="As many windows as all text takes, not one at mixed detail.")
    ] = False,
    kind: options.KindName = None,
    section: options.Sections = None,
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
    redo: options.Redo = False,
    retry_failed: options.RetryFailed = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Analyse a code base: what it is for, how it is built, what is risky, each with file and lines."""
    flags = options.settings_of(locals())
    from docanalyze import config
    from docanalyze.pipeline import CodeBase, Task, Wanted

    trees.require_meant(path)
    settings = config.resolve(flags, [path])
    chosen = trees.Chosen.of(focus, include, exclude, no_tests)
    chosen = chosen.without_ours(settings, path)
    code = CodeBase(chosen.options(), chosen.focus, whole)
    task = Task(path, settings, sections=tuple(section or ()), redo=redo, questions=tuple(ask or ()), code=code)
    task = replace(task, retry_failed=retry_failed)
    wanted = Wanted(judging=not no_judge, escalate=escalate, keep_prompts=not no_store_prompts)
    manner = Manner(dry_run=dry_run, json=json, quiet=quiet, verbose=verbose)
    raise typer.Exit(run([task], settings, wanted, manner).exit_code(fail_on))
