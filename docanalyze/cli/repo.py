"""`docanalyze repo PATH`: a code base as one document."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.cli.work import FailOn, Manner, run

if TYPE_CHECKING:
    from docanalyze.config import Settings


def repo(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder, a checkout, or a single file of code.")],
    focus: Annotated[
        list[str] | None, typer.Option("--focus", metavar="GLOB", help="Paths that matter more; repeatable.")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Only these paths; repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Not these paths; repeatable.")
    ] = None,
    no_tests: Annotated[bool, typer.Option("--no-tests", help="Leave tests out.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="As many windows as all text takes, not one at mixed detail.")
    ] = False,
    kind: options.KindName = None,
    section: Annotated[list[str] | None, typer.Option("--section", help="Only this section; repeatable.")] = None,
    window: options.WindowSize = None,
    ask: Annotated[list[str] | None, typer.Option("--ask", help="A question of your own; repeatable.")] = None,
    main_url: options.MainUrl = None,
    judge_url: options.JudgeUrl = None,
    main_file: options.MainFile = None,
    judge_file: options.JudgeFile = None,
    profile: options.Profile = None,
    keep_server: options.KeepServer = None,
    main_model: options.MainModel = None,
    judge_model: options.JudgeModel = None,
    allow_remote: options.AllowRemote = None,
    no_judge: Annotated[bool, typer.Option("--no-judge", help="Rules alone judge.")] = False,
    escalate: options.Escalate = False,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of a model's answers.")] = None,
    temperature: Annotated[float | None, typer.Option("--temperature", help="0 takes the likeliest words.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="What drawing words begins with.")] = None,
    prompts: Annotated[Path | None, typer.Option("--prompts", help="A folder of your own kinds.")] = None,
    no_store_prompts: options.NoStorePrompts = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit with 4 if a finding has this verdict or a worse one."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    redo: Annotated[bool, typer.Option("--redo", help="Analyse again what is finished.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Repeat the calls that failed.")] = False,
    json: options.Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log as well.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Read a home directory without asking.")] = False,
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Analyse a code base: what it is for, how it is built, what is risky, each with file and lines."""
    from docanalyze import config
    from docanalyze.ingest import TreeOptions
    from docanalyze.pipeline import CodeBase, Task, Wanted

    flags = {
        "db": db,
        "out": out,
        "kind": kind,
        "window": window,
        "lang": lang,
        "prompts": prompts,
        "main_url": main_url,
        "judge_url": judge_url,
        "main_file": main_file,
        "judge_file": judge_file,
        "profile": profile,
        "keep_server": keep_server,
        "main_model": main_model,
        "judge_model": judge_model,
        "allow_remote": allow_remote,
        "temperature": temperature,
        "seed": seed,
    }
    settings = config.resolve(flags, [path])
    left_out = (*(exclude or ()), *_written_inside(path, settings))
    chosen = TreeOptions(tuple(include or ()), left_out, tests=not no_tests)
    task = Task(path, settings, sections=tuple(section or ()), redo=redo, questions=tuple(ask or ()))
    task = replace(task, retry_failed=retry_failed, code=CodeBase(chosen, tuple(focus or ()), whole))
    wanted = Wanted(judging=not no_judge, escalate=escalate, keep_prompts=not no_store_prompts)
    manner = Manner(dry_run=dry_run, json=json, quiet=quiet, verbose=verbose)
    raise typer.Exit(run([task], settings, wanted, manner).exit_code(fail_on))


def _written_inside(path: str, settings: "Settings") -> tuple[str, ...]:
    """Patterns of what this program itself writes below the root: a run must not find the one before it."""
    root = Path(path).resolve()
    if not root.is_dir():
        return ()
    written = [settings.db, *(settings.db.with_name(f"{settings.db.name}{end}") for end in ("-wal", "-shm"))]
    if settings.out.resolve() != root:
        written.append(settings.out)
    inside = (one.resolve() for one in written)
    return tuple(f"/{one.relative_to(root).as_posix()}" for one in inside if one != root and one.is_relative_to(root))
