"""`docanalyze query`: SQL over what is stored, that reads and cannot do anything else."""

import sys
from typing import Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import UsageError

MOST_ROWS = 1_000
MOST_SECONDS = 30.0


def query(
    sql: Annotated[str | None, typer.Argument(metavar="[SQL]", help="One SELECT; - reads standard input.")] = None,
    saved: Annotated[str | None, typer.Option("--saved", metavar="NAME", help="Ask a saved question.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the saved questions.")] = False,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME VALUE", help="A parameter, :name in the SQL; repeatable."),
    ] = None,
    json: options.Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="CSV; cells that would be formulas are quoted.")] = False,
    md: Annotated[bool, typer.Option("--md", help="A Markdown table.")] = False,
    nl: Annotated[bool, typer.Option("--nl", help="One JSON object a line.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Long texts whole.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=options.MOST_LISTED, help="Most rows; 0 for all.")
    ] = MOST_ROWS,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Give up after so long; 0 for never.")
    ] = MOST_SECONDS,
    db: options.Db = None,
) -> None:
    """Ask the database in SQL, read-only, or with a saved question; as a table, JSON, CSV or Markdown."""
    from docanalyze import config
    from docanalyze.cli import rows
    from docanalyze.store import ask, question, questions

    form = rows.form(json=json, csv=csv, md=md, nl=nl)
    if sum((sql is not None, saved is not None, list_)) != 1:
        raise UsageError("ask one thing: SQL, --saved NAME or --list", 'docanalyze query "SELECT * FROM runs_view"')
    folder = config.queries_folder()
    given = _given(parameter or [])
    if list_:
        rows.write_questions(questions(folder), folder, form)
        return
    settings = config.resolve({"db": db})
    if saved is not None:
        asked = question(saved, folder)
        text, values = asked.sql, asked.values(given)
    else:
        text, values = _text(sql or ""), given
    answer = ask(settings.db, text, {k: rows.typed(v) for k, v in values.items()}, limit=limit, seconds=timeout)
    rows.write(answer, form, full=full)


def _given(pairs: list[str]) -> dict[str, str]:
    """From `NAME=VALUE`, as `PairsCommand` joins two words."""
    given: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name in given:
            raise UsageError(f"the parameter {name} is given twice", "give it once")
        given[name] = value
    return given


def _text(sql: str) -> str:
    return sys.stdin.read() if sql == "-" else sql
