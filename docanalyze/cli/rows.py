"""Rows of an answer, as a table that fits the terminal, JSON, CSV or Markdown.

Whatever stands in a cell came from documents, models or another's database: no form lets it act.
"""

import csv as csv_
import io
import math
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.cli.terminal import complain, console, json_text, one_line, safe, shortened
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from docanalyze.store import Answer, Cell, Question

FOLDED = 200
"""Characters of a cell in a table, without --full."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NARROW = 24
"""Columns of so few characters are never broken."""
_ROOM = 20
_GAP = 2


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    NL = "nl"


def form(*, json: bool = False, csv: bool = False, md: bool = False, nl: bool = False) -> Form:
    """The form that was asked for; UsageError for two of them."""
    asked = [one for one, wanted in ((Form.JSON, json), (Form.CSV, csv), (Form.MD, md), (Form.NL, nl)) if wanted]
    if len(asked) > 1:
        raise UsageError("an answer has one form", f"give one of {', '.join(f'--{one}' for one in asked)}")
    return asked[0] if asked else Form.TABLE


def typed(value: str) -> "Cell":
    """A parameter as a number where it is written as SQLite would write that number, else as text."""
    for kind in (int, float):
        try:
            number = kind(value)
        except ValueError:
            continue
        if str(number) == value and math.isfinite(number) and abs(number) < 2**63:
            return number
    return value


def write(answer: "Answer", form: Form, *, full: bool) -> None:
    """Prints an answer on standard output; what was left out is said on standard error."""
    if form is Form.JSON:
        _write_json(answer)
    elif form is Form.NL:
        for row in answer.rows:
            sys.stdout.write(json_text(dict(zip(answer.columns, map(json_cell, row), strict=True))) + "\n")
    elif form is Form.CSV:
        sys.stdout.write(csv(answer.columns, answer.rows))
    elif form is Form.MD:
        sys.stdout.write(markdown(answer.columns, answer.rows))
    else:
        _write_table(answer, full=full)
    if answer.more:
        complain(f"note: these are the first {len(answer.rows):,} rows, and there are more", "--limit 0 shows all")


def _write_json(answer: "Answer") -> None:
    from docanalyze.cli import output

    rows = [dict(zip(answer.columns, map(json_cell, row), strict=True)) for row in answer.rows]
    head = {"schema": "docanalyze.rows", "version": output.VERSION}
    output.write({**head, "columns": list(answer.columns), "rows": rows, "more": answer.more})


def json_cell(cell: "Cell") -> str | int | float | None:
    """A cell as JSON can hold it: bytes as hexadecimal digits, infinities as text."""
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return cell


# -- text ------------------------------------------------------------------------------------------


def written(cell: "Cell") -> str:
    """A cell as text; nothing for NULL."""
    if cell is None:
        return ""
    if isinstance(cell, bytes):
        return f"x'{cell.hex()}'"
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return str(cell)


def csv(columns: Sequence[str], rows: Iterable[Sequence["Cell"]]) -> str:
    """CSV by RFC 4180, line ends as there; text that a spreadsheet would take for a formula begins with '."""
    return csv_lines((tuple(columns), *rows))


def csv_lines(rows: Iterable[Sequence["Cell"]]) -> str:
    """Lines of CSV without a head."""
    made = io.StringIO()
    csv_.writer(made).writerows([csv_cell(cell) for cell in row] for row in rows)
    return made.getvalue()


def csv_cell(cell: "Cell") -> str:
    """A cell for a spreadsheet. Numbers stay numbers; text can neither act nor steer a terminal."""
    text = safe(written(cell))
    if isinstance(cell, str) and text.lstrip(" ").startswith(_FORMULA):
        return f"'{text}"
    return text


def markdown(columns: Sequence[str], rows: Iterable[Sequence["Cell"]]) -> str:
    """A Markdown table in which nothing that stands in a cell is markup."""
    from docanalyze.report.commonmark import escape, table

    head = tuple(escape(one_line(column)) for column in columns)
    return table(head, (tuple(escape(one_line(written(cell))) for cell in row) for row in rows)) + "\n"


def _write_table(answer: "Answer", *, full: bool) -> None:
    if not answer.rows:
        sys.stdout.write("No rows.\n")
        return
    heads = [one_line(column) for column in answer.columns]
    cells = [[_shown(cell, full=full) for cell in row] for row in answer.rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    screen = console()
    long = [width for width in widths if width > _NARROW]
    room = screen.width - sum(width + _GAP for width in widths if width <= _NARROW)
    if sum(widths) + _GAP * len(widths) > screen.width and room < len(long) * (_ROOM + _GAP):
        _write_records(screen, heads, cells)
    else:
        numbers = [all(isinstance(row[n], int | float | None) for row in answer.rows) for n in range(len(heads))]
        _write_columns(screen, heads, cells, widths, numbers)


def _write_columns(
    screen: "Console", heads: list[str], cells: list[list[str]], widths: list[int], numbers: list[bool]
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for head, width, number in zip(heads, widths, numbers, strict=True):
        table.add_column(Text(head), justify="right" if number else "left", overflow="fold", no_wrap=width <= _NARROW)
    for row in cells:
        table.add_row(*map(Text, row))
    screen.print(table)


def _write_records(screen: "Console", heads: list[str], cells: list[list[str]]) -> None:
    """Where columns would be too narrow to be read: a row below the other, each with a line a column."""
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(cells):
        if number:
            screen.print()
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=False)
        table.add_column("column", no_wrap=True, style="dim")
        table.add_column("cell", overflow="fold")
        for head, cell in zip(heads, row, strict=True):
            if cell:
                table.add_row(Text(head), Text(cell))
        screen.print(table)


def _shown(cell: "Cell", *, full: bool) -> str:
    line = one_line(written(cell))
    return line if full else shortened(line, FOLDED)


# -- saved questions -------------------------------------------------------------------------------


def write_questions(found: Sequence["Question"], folder: Path, form: Form) -> None:
    """The saved questions with what they want to know."""
    from docanalyze.store import Answer

    if form is not Form.TABLE:
        lines = ((one.name, one.about, " ".join(x.name for x in one.parameters), int(one.own)) for one in found)
        write(Answer(("name", "about", "parameters", "own"), tuple(lines)), form, full=True)
        return
    from rich.padding import Padding
    from rich.text import Text

    screen = console()
    for one in found:
        screen.print(Text(one.name + ("  (yours)" if one.own else ""), style="bold"))
        screen.print(Padding(Text(one_line(one.about) or "It does not say what it answers."), (0, 0, 0, 2)))
        for parameter in one.parameters:
            default = "" if parameter.default is None else f" [{parameter.default}]"
            line = f"-p {parameter.name}  {one_line(parameter.meaning)}{one_line(default) and default}"
            screen.print(Padding(Text(safe(line), style="dim"), (0, 0, 0, 4)))
    screen.print(Text(f"Questions of your own are .sql files in {one_line(str(folder))}", style="dim"))
