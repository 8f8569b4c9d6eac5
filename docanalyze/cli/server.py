"""`docanalyze server …`: the commands that plan, start, prove and measure a model server on one's own machine.

Each group of them has a file of its own, with a tuple COMMANDS of names and functions.
"""

from importlib import import_module

import typer

_FILES = ("server_plan", "server_run", "server_verify")

app = typer.Typer(
    name="server",
    help="Plan, start, prove and measure a model server on this machine.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def before(context: typer.Context) -> None:
    """Without a command, its help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def register(root: typer.Typer) -> None:
    """Puts `server` and all its commands under the root command."""
    for name in _FILES:
        for command, function in import_module(f"docanalyze.cli.{name}").COMMANDS:
            app.command(command)(function)
    root.add_typer(app)
