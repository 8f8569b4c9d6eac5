"""`docanalyze doctor`: what of this machine is in order, and what to do about the rest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import DocanalyzeError, UsageError

if TYPE_CHECKING:
    from docanalyze.config import Settings
    from docanalyze.runtime.builds import Pair
    from docanalyze.runtime.doctor import Asked, Endpoint, Line

_USUAL = ("f16/f16", "q8_0/q8_0", "q4_0/q4_0")


def doctor(
    binary: Annotated[str | None, typer.Option("--binary", help="The llama-server to look at; wheel for it.")] = None,
    model: Annotated[list[Path] | None, typer.Option("--model", help="A model file to look at; repeatable.")] = None,
    cache: Annotated[
        list[str] | None,
        typer.Option("--cache", metavar="K/V", help="Cache types to be served, such as q8_0/q8_0; repeatable."),
    ] = None,
    ocr_language: options.OcrLanguage = "eng",
    json: options.Json = False,
    db: options.Db = None,
) -> None:
    """Look at the server's build, driver, models, database and disk: ok, warning or broken, and what to do."""
    from docanalyze import config
    from docanalyze.cli import output
    from docanalyze.runtime.doctor import State, examine

    settings = config.resolve({"db": db, "server_binary": binary})
    lines = []
    for line in examine(_asked(settings, model, cache, ocr_language)):
        lines.append(line)
        if not json:
            _show(line)
    broken = sum(line.state is State.BROKEN for line in lines)
    if json:
        output.write({"schema": "docanalyze.doctor", "version": output.VERSION, "lines": [_object(x) for x in lines]})
    else:
        warned = sum(line.state is State.WARNING for line in lines)
        typer.echo(f"{len(lines) - broken - warned} ok, {warned} to look at, {broken} broken")
    raise typer.Exit(1 if broken else 0)


def _asked(settings: "Settings", model: list[Path] | None, cache: list[str] | None, ocr_language: str) -> "Asked":
    """What is looked at: what was given, else what is settled."""
    from docanalyze import config
    from docanalyze.runtime.doctor import Asked

    runtime = config.runtime_folder(settings)
    models = model or [path for path in (settings.main_file, settings.judge_file) if path is not None]
    return Asked(
        runtime,
        settings.db,
        settings.server_binary,
        tuple(_pair(text) for text in cache or _settled(settings)),
        tuple(models),
        (("database", settings.db.parent), ("reports", settings.out), ("runtime", runtime)),
        ocr_language,
        _endpoints(settings),
    )


def _endpoints(settings: "Settings") -> "tuple[Endpoint, ...]":
    from docanalyze import config
    from docanalyze.runtime.doctor import Endpoint

    named = (("main", settings.main_url, settings.main_model), ("judge", settings.judge_url, settings.judge_model))
    return tuple(
        Endpoint(role, url, config.api_key(role), model, settings.allow_remote) for role, url, model in named if url
    )


def _settled(settings: "Settings") -> tuple[str, ...]:
    """The cache types that the settled models are served with; those of the packaged profiles where none is."""
    from docanalyze.pipeline import starting
    from docanalyze.runtime.values import Role

    found: dict[str, None] = {}
    for role, file in ((Role.MAIN, settings.main_file), (Role.JUDGE, settings.judge_file)):
        if file is None:
            continue
        try:
            profile = starting.wanted(settings, role).profile
        except DocanalyzeError:
            # What is wrong with the model, or that it does not fit, has a line of its own.
            continue
        found[f"{profile.cache_k}/{profile.cache_v}"] = None
    return tuple(found) or _USUAL


def _pair(text: str) -> "Pair":
    from docanalyze.runtime.values import CacheType

    key, _, value = text.partition("/")
    try:
        return CacheType(key.strip()), CacheType((value or key).strip())
    except ValueError:
        known = ", ".join(kind.value for kind in CacheType)
        raise UsageError(f"--cache names no cache types: {text}", f"give K/V of {known}") from None


def _show(line: "Line") -> None:
    """State, name and what was seen, wrapped under each other; below it what to do."""
    from docanalyze.cli.terminal import one_line

    start = f"{line.state.value:<8} "
    typer.echo(_wrapped(one_line(f"{line.name}: {line.seen}"), start))
    if line.remedy:
        typer.echo(_wrapped(one_line(line.remedy), f"{'':<8} → "))


def _wrapped(text: str, start: str) -> str:
    import shutil
    import textwrap

    width = max(40, min(shutil.get_terminal_size().columns, 120))
    return textwrap.fill(
        text, width, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _object(line: "Line") -> dict[str, str]:
    return {"name": line.name, "state": line.state.value, "seen": line.seen, "remedy": line.remedy}


COMMANDS = (("doctor", doctor),)
