"""`docanalyze diff`: what one run found that another did not, or found otherwise."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docanalyze.cli import options
from docanalyze.cli.terminal import console, one_line, shortened
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

    from docanalyze.compare import Changed, Difference, Told
    from docanalyze.model import Document, Run

QUOTE_SHOWN = 300
_BEFORE = 80
SYMBOLS_SHOWN = 40
Side = tuple["Run", "Document"]


def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="The earlier run: its id, the start of one, or latest.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="The run to compare with it.")],
    full: Annotated[bool, typer.Option("--full", help="Long quotes and long lists whole.")] = False,
    json: options.Json = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    db: options.Db = None,
) -> None:
    """Compare two runs of one document, or of two versions of it: findings gained, lost and changed."""
    from docanalyze import config
    from docanalyze.compare import compare

    if json and md:
        raise UsageError("a comparison has one form", "give --json or --md")
    settings = config.resolve({"db": db})
    old, new = _sides(settings.db, before, after)
    found = compare(old, new)
    if json:
        _write_json(found, old, new)
    elif md:
        sys.stdout.write(markdown(found, old, new))
    else:
        _show(found, old, new, full=full)


def _sides(db: Path, before: str, after: str) -> tuple[Side, Side]:
    from docanalyze.store import Store

    with Store.open(db, create=False) as store:
        runs = [store.run(ref) for ref in (before, after)]
        (old, new) = ((run, store.document_of(run)) for run in runs)
    return old, new


# -- terminal --------------------------------------------------------------------------------------


def _show(found: "Difference", old: Side, new: Side, *, full: bool) -> None:
    from rich.text import Text

    screen = console()
    for name, (run, document) in (("Before", old), ("After", new)):
        screen.print(Text(f"{name:<7} {one_line(_about(run, document))}", style="bold"))
    for note in _notes(found):
        screen.print(Text(f"Note    {one_line(note)}", style="yellow"))
    for title, sign, style, told in (("Gained", "+", "green", found.gained), ("Lost", "-", "red", found.lost)):
        if told:
            screen.print(Text(f"\n{title}: {len(told)}", style="bold"))
        for one in told:
            _show_told(screen, one, sign, style, full=full)
    if found.changed:
        screen.print(Text(f"\nChanged: {len(found.changed)}", style="bold"))
    for change in found.changed:
        _show_change(screen, change, full=full)
    _show_code(screen, found, full=full)
    screen.print(Text(f"\n{_summary(found)}"))


def _about(run: "Run", document: "Document") -> str:
    return f"{document.source.name}, {run.kind}, by {run.analyst}, judged by {run.judge}, run {run.id}"


def _notes(found: "Difference") -> list[str]:
    asked = (("before", found.only_before), ("after", found.only_after))
    return [*found.notes, *(f"asked {when} alone: {', '.join(names)}" for when, names in asked if names)]


def _summary(found: "Difference") -> str:
    from docanalyze.report.plain import counted

    if found.is_empty:
        return f"Nothing differs: {counted(found.same, 'finding')} the same"
    parts = [f"{len(found.gained)} gained", f"{len(found.lost)} lost", f"{len(found.changed)} changed"]
    code = [counted(len(found.files), "file"), counted(len(found.symbols), "definition")] if found.files else []
    return f"{', '.join(parts)}, {found.same} the same" + (f"; {' and '.join(code)} differ" if code else "")


def _show_told(screen: "Console", told: "Told", sign: str, style: str, *, full: bool) -> None:
    screen.print(_line(f"{sign} ", f"{told.finding.section}: {told.finding.statement}", told, style))
    for quote in told.shown_quotes:
        screen.print(_quote(quote, " ", full=full))


def _show_change(screen: "Console", change: "Changed", *, full: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    what = one_line(f"{change.after.finding.section}: {', '.join(change.what)}")
    screen.print(Padding(Text(f"~ {what}", style="yellow"), (0, 0, 0, 2)))
    quotes = [" … ".join(map(one_line, told.shown_quotes)) for told in (change.before, change.after)]
    at = 0 if full else _first_difference(*quotes)
    sides = (("-", "red", change.before, quotes[0]), ("+", "green", change.after, quotes[1]))
    for sign, style, told, quote in sides:
        label = f"  [{told.label}]" if "verdict" in change.what else ""
        screen.print(_line(f"{sign} ", f"{told.finding.statement}{label}", told, style, indent=4))
        if "quotes" in change.what and quote:
            screen.print(_quote(f"…{quote[at:]}" if at else quote, sign, full=full))
        if "fields" in change.what and told.fields:
            values = "; ".join(f"{name}: {written}" for name, written, _, _ in told.fields)
            screen.print(Padding(Text(one_line(values), style="dim"), (0, 0, 0, 8)))


def _first_difference(one: str, other: str) -> int:
    """From where two long quotes are shown, so that what differs is seen; 0 for the beginning."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one.rfind(" ", 0, same - _BEFORE) + 1 if same > QUOTE_SHOWN - _BEFORE else 0


def _line(sign: str, words: str, told: "Told", style: str, indent: int = 2) -> "Padding":
    from rich.padding import Padding
    from rich.text import Text

    text = Text.assemble((sign, style), (one_line(words), ""))
    if told.places:
        text.append(f"  {one_line('; '.join(told.places[:3]))}", style="cyan")
    return Padding(text, (0, 0, 0, indent))


def _quote(quote: str, sign: str, *, full: bool) -> "Padding":
    from rich.padding import Padding
    from rich.text import Text

    line = one_line(quote) if full else shortened(one_line(quote), QUOTE_SHOWN)
    return Padding(Text(f"{sign} “{line}”", style="dim"), (0, 0, 0, 8))


def _show_code(screen: "Console", found: "Difference", *, full: bool) -> None:
    from rich.text import Text

    if found.files:
        screen.print(Text(f"\nFiles: {len(found.files)}", style="bold"))
    for file in found.files:
        lines = " to ".join(f"{count:,}" for count in file.lines if count is not None)
        screen.print(Text(one_line(f"{_SIGNS[file.change]} {file.path}  {lines} lines")))
    shown = found.symbols if full else found.symbols[:SYMBOLS_SHOWN]
    if shown:
        screen.print(Text(f"\nDefinitions: {len(found.symbols)}", style="bold"))
    for one in shown:
        at = one.lines[1] if one.lines[1] is not None else one.lines[0]
        screen.print(Text(one_line(f"{_SIGNS[one.change]} {one.path}:{at} {one.kind} {one.name}")))
    if len(shown) < len(found.symbols):
        screen.print(Text(f"… and {len(found.symbols) - len(shown)} more: --full", style="dim"))


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}

# -- Markdown and JSON -----------------------------------------------------------------------------


def markdown(found: "Difference", old: Side, new: Side) -> str:
    """The comparison as Markdown in which nothing that was quoted is markup."""
    from docanalyze.report.commonmark import bold, bullets, escape, table

    def cell(text: str) -> str:
        return escape(one_line(text))

    def told_line(told: "Told") -> str:
        places = f" ({cell('; '.join(told.places))})" if told.places else ""
        quotes = "".join(f" “{cell(quote)}”" for quote in told.shown_quotes)
        return f"{cell(told.finding.section)}: {cell(told.finding.statement)}{places}{quotes}"

    blocks = ["# What differs", f"{bold('Before')}: {cell(_about(*old))}", f"{bold('After')}: {cell(_about(*new))}"]
    blocks += [cell(note) for note in _notes(found)]
    for title, side in (("Gained", found.gained), ("Lost", found.lost)):
        if side:
            blocks += [f"## {title}", bullets(map(told_line, side))]
    if found.changed:
        rows = [(cell(", ".join(one.what)), told_line(one.before), told_line(one.after)) for one in found.changed]
        blocks += ["## Changed", table(("What", "Before", "After"), rows)]
    if found.files:
        lines = [(cell(one.path), one.change, *map(_number, one.lines)) for one in found.files]
        blocks += ["## Files", table(("File", "Change", "Lines before", "Lines after"), lines)]
    if found.symbols:
        names = [
            (cell(one.path), cell(one.name), one.kind, one.change, *map(_number, one.lines)) for one in found.symbols
        ]
        head = ("File", "Definition", "Kind", "Change", "Line before", "Line after")
        blocks += ["## Definitions", table(head, names)]
    return "\n\n".join([*blocks, f"{cell(_summary(found))}."]) + "\n"


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _write_json(found: "Difference", old: Side, new: Side) -> None:
    from dataclasses import asdict

    from docanalyze.cli import output

    def told_object(told: "Told") -> dict[str, Any]:
        return {"label": told.label, **output.finding_object(told.finding, told.document)}

    def side(run: "Run", document: "Document") -> dict[str, Any]:
        named = {"run": run.id, "kind": run.kind, "analyst": run.analyst, "judge": run.judge, "state": run.state.value}
        return {**named, "document": document.source.name, "document_id": document.id}

    output.write(
        {
            "schema": "docanalyze.diff",
            "version": output.VERSION,
            "before": side(*old),
            "after": side(*new),
            "notes": _notes(found),
            "same": found.same,
            "gained": [told_object(told) for told in found.gained],
            "lost": [told_object(told) for told in found.lost],
            "changed": [
                {"what": list(one.what), "before": told_object(one.before), "after": told_object(one.after)}
                for one in found.changed
            ],
            "files": [asdict(one) for one in found.files],
            "definitions": [asdict(one) for one in found.symbols],
        }
    )


COMMANDS = (("diff", diff),)
