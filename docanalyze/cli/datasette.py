"""`docanalyze datasette`: the database in a browser, through Datasette, which can only read it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import UsageError

HOST = "127.0.0.1"
PORT = 8001
PLUGINS = Path(__file__).parent / "datasette_plugins"
_MILLISECONDS = 5_000
_INTERRUPTED, _TERMINATED = 130, 143


def datasette(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it answers; 0 for any free one.")] = PORT,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    show: Annotated[bool, typer.Option("--metadata", help="Print what Datasette is told, as JSON, and stop.")] = False,
    db: options.Db = None,
) -> None:
    """Open the database in Datasette, on this machine alone and read-only, with the saved questions."""
    from docanalyze import config
    from docanalyze.cli.terminal import json_text
    from docanalyze.store import metadata, questions, require_database

    settings = config.resolve({"db": db})
    require_database(settings.db)
    told = metadata(settings.db, questions(config.queries_folder()))
    if show:
        sys.stdout.write(json_text(told, indent=2) + "\n")
        return
    _require_installed()
    import tempfile

    with tempfile.TemporaryDirectory(prefix="docanalyze-") as folder:
        path = Path(folder) / "metadata.json"
        path.write_text(json_text(told), encoding="utf-8")
        raise typer.Exit(_serve(command(settings.db, path, port, browser=open_)))


def command(db: Path, metadata: Path, port: int, *, browser: bool) -> list[str]:
    """The command line that serves a database, to be read and by nobody else's machine."""
    # A folder in which no companion files can be made holds a database that nobody writes.
    opened = [str(db.resolve())] if os.access(db.resolve().parent, os.W_OK) else ["-i", str(db.resolve())]
    limits = ["--setting", "sql_time_limit_ms", str(_MILLISECONDS), "--setting", "allow_download", "off"]
    placed = ["--host", HOST, "--port", str(port), "--metadata", str(metadata), "--plugins-dir", str(PLUGINS)]
    # -P: what lies in the working directory, beside documents perhaps, is not run.
    return [
        sys.executable,
        "-P",
        "-m",
        "datasette",
        "serve",
        *opened,
        *placed,
        *limits,
        *(["--open"] if browser else []),
    ]


def _require_installed() -> None:
    from importlib.util import find_spec

    if find_spec("datasette") is None:
        raise UsageError("Datasette is not installed", "pip install 'docanalyze[web]'")


def _serve(command: list[str]) -> int:
    import signal
    import subprocess

    # Else it would go on serving, when this command is ended by a signal: `run` kills it on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    # Plug-ins that happen to be installed have no business here: some write. Those of PLUGINS are ours.
    environment = {**os.environ, "DATASETTE_LOAD_PLUGINS": ""}
    try:
        return subprocess.run(command, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return _INTERRUPTED


COMMANDS = (("datasette", datasette),)
