"""`docanalyze server start`, `stop`, `status` and `logs`: a model server on this machine."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import UsageError
from docanalyze.runtime.values import Role, Running

if TYPE_CHECKING:
    from docanalyze.cli.terminal import Progress
    from docanalyze.runtime.launch import Watch

_LOOK_EVERY = 0.3
Judge = Annotated[bool, typer.Option("--judge", help="The judge's server, not the main model's.")]


def start(
    profile: Annotated[
        str | None, typer.Argument(help="baseline, a, b, c, cpu, auto, or one of your own.", show_default="auto")
    ] = None,
    judge: Judge = False,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Come back once it serves; it goes on.")] = False,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE|NAME", help="The model.", show_default="as settled")
    ] = None,
    context: Annotated[
        int | None,
        typer.Option("--context", min=256, help="Tokens of context.", show_default="the profile's"),
    ] = None,
    binary: Annotated[str, typer.Option("--binary", help="A llama-server, or wheel.", show_default="PATH")] = "",
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Its port.", show_default="a free one")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Start a model server and wait until it serves; Ctrl-C ends it."""
    from docanalyze import config
    from docanalyze.cli.terminal import Progress
    from docanalyze.pipeline import starting
    from docanalyze.runtime import launch

    settings = config.resolve({})
    folder = config.runtime_folder(settings)
    role = Role.JUDGE if judge else Role.MAIN
    wanted = starting.wanted(settings, role, starting.Asked(profile or "", model, context or 0, binary, port or 0))
    with Progress(quiet=quiet) as progress:
        watch = _watch(progress, role)
        if detach:
            before = launch.running(folder)
            server = launch.start(wanted, folder, watch, _note)
            progress.close()
            _show_started(server, "runs already" if server in before else "serves")
            return
        if any(one.role is role for one in launch.running(folder, _note)):
            # Nothing is started: who began it ends it. Raises where another one runs.
            _show_started(launch.start(wanted, folder, watch, _note), "runs already")
            return
        with launch.held(wanted, folder, watch, _note) as server:
            progress.close()
            _show_started(server, "serves")
            _stay(server, folder)


def stop(judge: Annotated[bool, typer.Option("--judge", help="Only the judge's server.")] = False) -> None:
    """Stop the servers that docanalyze started."""
    from docanalyze import config
    from docanalyze.runtime import launch

    folder = config.runtime_folder(config.resolve({}))
    roles = (Role.JUDGE,) if judge else tuple(Role)
    stopped = [server for role in roles if (server := launch.stop(folder, role, _note)) is not None]
    for server in stopped:
        typer.echo(f"Stopped the {server.role} server: {server.model_file.name}, process {server.pid}")
    if not stopped:
        typer.echo("No server of docanalyze runs")


def status(json: options.Json = False) -> None:
    """Show the servers that docanalyze started."""
    from docanalyze import config
    from docanalyze.cli import output
    from docanalyze.runtime import launch

    folder = config.runtime_folder(config.resolve({}))
    servers = launch.running(folder, _note)
    if json:
        listed = [_as_object(server) for server in servers]
        output.write({"schema": "docanalyze.servers", "version": output.VERSION, "servers": listed})
        return
    for server in servers:
        _show_started(server, "serves" if server.ready_seconds else "is loading")
    if not servers:
        typer.echo("No server of docanalyze runs")


def logs(
    judge: Judge = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows, until Ctrl-C.")] = False,
    back: Annotated[int, typer.Option("--back", min=0, max=2, help="The log of so many starts before.")] = 0,
) -> None:
    """Print a server's log."""
    from docanalyze import config
    from docanalyze.runtime import folder as kept

    role = Role.JUDGE if judge else Role.MAIN
    path = kept.log_of(config.runtime_folder(config.resolve({})), role, back)
    if not path.exists():
        raise UsageError(f"there is no log of the {role} server: {path}", "docanalyze server start")
    with suppress(KeyboardInterrupt):
        _copy(path, follow=follow)


def _copy(path: Path, *, follow: bool) -> None:
    """Writes out a log; with `follow` also what comes, in the next log too when the server is started again."""
    from docanalyze.cli.terminal import safe

    while True:
        with path.open(encoding="utf-8", errors="replace") as file:
            while True:
                if line := file.readline():
                    sys.stdout.write(safe(line))
                    continue
                sys.stdout.flush()
                if not follow:
                    return
                if not _is_still(path, file.fileno()):
                    break
                time.sleep(_LOOK_EVERY)
        time.sleep(_LOOK_EVERY)


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _stay(server: Running, folder: Path) -> None:
    """Waits until Ctrl-C; ServerError where the server ends before."""
    from docanalyze.runtime import launch

    try:
        typer.echo("Ctrl-C ends it")
        while server in launch.running(folder):
            time.sleep(_LOOK_EVERY)
    except KeyboardInterrupt:
        typer.echo("Stopped")
        return
    if not launch.was_stopped(server):
        raise launch.ended(server)
    typer.echo("Stopped by docanalyze server stop")


def _watch(progress: "Progress", role: Role) -> "Watch":
    from docanalyze.model import Event
    from docanalyze.runtime.launch import Loading

    def watch(loading: Loading) -> None:
        progress(Event(f"{role} server", f"{role}: {loading.text}"))

    return watch


def _note(text: str) -> None:
    from docanalyze.cli.terminal import complain

    complain(f"note: {text}")


def _show_started(server: Running, state: str) -> None:
    from docanalyze.cli.terminal import one_line

    profile = server.profile
    stretched = f", YaRN {profile.yarn_factor:g}" if profile.yarn_factor else ""
    cache = f"cache {profile.cache_k}/{profile.cache_v}"
    rows = (
        ("model", f"{server.model_file}"),
        ("profile", f"{profile.name}: {profile.context:,} tokens, {cache}{stretched}"),
        ("served by", server.binary or server.version),
        ("process", f"{server.pid}, since {server.started}, ready after {server.ready_seconds:.1f} s"),
        ("log", f"{server.log}"),
    )
    typer.echo(one_line(f"The {server.role} server {state} at {server.url}"))
    for name, text in rows:
        typer.echo(f"  {name:<10}{one_line(text)}")


def _as_object(server: Running) -> dict[str, object]:
    """All of a server but its key."""
    from dataclasses import asdict

    profile = {
        name: str(value) if name.startswith("cache_") else value for name, value in asdict(server.profile).items()
    }
    return {
        "role": str(server.role),
        "url": server.url,
        "process": server.pid,
        "ready": server.ready_seconds > 0,
        "ready_seconds": server.ready_seconds,
        "started": server.started,
        "model": str(server.model_file),
        "sha256": server.model_sha256,
        "binary": server.binary,
        "build": server.version,
        "log": str(server.log),
        "profile": profile,
    }


COMMANDS = (("start", start), ("stop", stop), ("status", status), ("logs", logs))
"""Registered by the group `server`."""
