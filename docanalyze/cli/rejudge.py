"""`docanalyze judge`: judges again what was found, from the store alone."""

from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import StoreLocked, UsageError

if TYPE_CHECKING:
    from docanalyze.cli.terminal import Progress
    from docanalyze.config import Settings
    from docanalyze.model import Run
    from docanalyze.pipeline import Models
    from docanalyze.store import Store


def judge(
    run: options.RunRef = "latest",
    all_: Annotated[bool, typer.Option("--all", help="Every run in the database.")] = False,
    judge_url: options.JudgeUrl = None,
    judge_model: options.JudgeModel = None,
    main_url: options.MainUrl = None,
    judge_file: options.JudgeFile = None,
    main_file: options.MainFile = None,
    keep_server: options.KeepServer = None,
    main_model: options.MainModel = None,
    allow_remote: options.AllowRemote = None,
    escalate: options.Escalate = False,
    no_store_prompts: options.NoStorePrompts = False,
    json: options.Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Judge a run again, from what is stored: rules, and the judge model where one is given."""
    from docanalyze import config
    from docanalyze.cli import output
    from docanalyze.cli.terminal import Progress
    from docanalyze.model import RunState
    from docanalyze.pipeline import Wanted, open_models
    from docanalyze.store import Store

    flags = {
        "db": db,
        "out": out,
        "judge_url": judge_url,
        "judge_model": judge_model,
        "main_url": main_url,
        "judge_file": judge_file,
        "main_file": main_file,
        "keep_server": keep_server,
        "main_model": main_model,
        "allow_remote": allow_remote,
    }
    settings = config.resolve(flags)
    wanted = Wanted(escalate=escalate, keep_prompts=not no_store_prompts, finding=False)
    with Store.open(settings.db) as store, Progress(quiet=quiet) as progress:
        names = [line.id for line in reversed(store.runs(_ALL))] if all_ else [store.run(run).id]
        finished = [name for name in names if store.run(name).state not in (RunState.READING, RunState.ANALYZING)]
        if not finished:
            raise UsageError("that run has no findings to judge yet", "end it first: docanalyze FILE")
        judged: list[Run] = []
        try:
            with open_models(settings, wanted, progress) as models:
                for name in finished:
                    judged.append(_judge_one(name, store, progress, models))
                    _show_one(judged[-1], store, settings, progress, shown=not json)
        finally:
            # Also where the judge went away: what was judged is not lost.
            if json and judged:
                output.write_runs(judged, {one.id: store.document_of(one) for one in judged})


def _judge_one(name: str, store: "Store", progress: "Progress", models: "Models") -> "Run":
    from docanalyze import pipeline

    claim = store.claim(name)
    if claim is None:
        raise StoreLocked(f"another process works on run {name}", "try again when it has ended")
    with claim:
        return pipeline.judge_run(name, store, progress, models, _questions(name, store))


def _show_one(run: "Run", store: "Store", settings: "Settings", progress: "Progress", *, shown: bool) -> None:
    from docanalyze import report
    from docanalyze.cli import view
    from docanalyze.cli.pictures import pictures
    from docanalyze.cli.reading import AS_USUAL
    from docanalyze.ingest import Worker

    progress.close()
    document = store.document_of(run)
    reading = AS_USUAL.options()
    with Worker() as worker:
        paths = report.write(run, document, settings.out, pictures(run.source, document, worker, reading))
    if shown:
        view.show_run(run, document)
        view.show_places(paths, settings.db, finished_before=False)


_ALL = 1_000_000


def _questions(name: str, store: "Store") -> dict[str, str]:
    """The Sections' questions, as far as their Kind is still there."""
    from docanalyze import config, prompts

    kind = {one.name: one for one in prompts.kinds(config.resolve({}).prompts)}.get(store.run(name).kind)
    return {section.name: section.question for section in kind.sections} if kind else {}


COMMANDS = (("judge", judge),)
"""Registered by the package."""
