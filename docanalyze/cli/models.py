"""`docanalyze models …`: model files: known ones, what a file says of itself, fetching, choosing."""

import typer

app = typer.Typer(
    name="models",
    help="Model files: list known ones, inspect, fetch, choose.",
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
    """Puts `models` and all its commands under the root command."""
    for name, function in COMMANDS:
        app.command(name)(function)
    root.add_typer(app)


def list_() -> None:
    """List the models that are known, with what they need."""


COMMANDS = (("list", list_),)
