"""`docanalyze search`: words in findings and in sources, the best first, each with its place in the report."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docanalyze.cli import options
from docanalyze.cli.terminal import complain, console, one_line, shortened
from docanalyze.errors import UsageError
from docanalyze.model import Label

if TYPE_CHECKING:
    from rich.text import Text

    from docanalyze.store import Match, Matches, Narrowed

MOST_SECONDS = 30.0
LONGEST = 400


class Scope(StrEnum):
    FINDINGS = "findings"
    SOURCES = "sources"


def search(
    words: Annotated[list[str], typer.Argument(help="Words; OR, NOT, NEAR, star*, and “these together” in quotes.")],
    kind: options.KindName = None,
    section: Annotated[str | None, typer.Option("--section", help="Only findings of this section.")] = None,
    verdict: Annotated[Label | None, typer.Option("--verdict", help="Only findings of this verdict.")] = None,
    scope: Annotated[Scope | None, typer.Option("--in", help="Only these.", show_default="both")] = None,
    all_runs: Annotated[bool, typer.Option("--all-runs", help="Older runs of a document, too.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=options.MOST_LISTED, help="How many of each, the best first.")
    ] = 10,
    open_: Annotated[bool, typer.Option("--open", help="Open the report at the first hit.")] = False,
    json: options.Json = False,
    db: options.Db = None,
    out: options.Out = None,
) -> None:
    """Search the words of findings and of sources, in all that is stored; --open shows the first in its report."""
    from docanalyze import config
    from docanalyze.store import Narrowed

    if scope is Scope.SOURCES and (section or verdict):
        raise UsageError("sources have no sections and verdicts", "leave --section and --verdict out, or --in sources")
    settings = config.resolve({"db": db, "out": out})
    narrowed = Narrowed(kind or "", section or "", verdict.value if verdict else "", all_runs)
    scopes = [Scope.FINDINGS] if section or verdict else list(Scope)
    query = " ".join(words)
    found = {one: _matches(one, settings.db, query, narrowed, limit) for one in scopes if scope in (None, one)}
    if json:
        _write_json(query, found, settings.out)
    else:
        _show(found, settings.out)
    if open_:
        _open(found, settings.out)


def _matches(scope: Scope, db: Path, query: str, narrowed: "Narrowed", limit: int) -> "Matches":
    from docanalyze.store import search_findings, search_sources

    ask = search_findings if scope is Scope.FINDINGS else search_sources
    return ask(db, query, narrowed, limit=limit, seconds=MOST_SECONDS)


def report_of(match: "Match", out: Path) -> Path | None:
    """The report that shows a hit: in the folder of reports, or where its run put it; None if it is not there."""
    from docanalyze.cli.keep import OWN_ID

    if not OWN_ID.fullmatch(match.run):
        # An id from another's database leads nowhere.
        return None
    folders = [out, Path(match.folder)] if match.folder else [out]
    return next((path for folder in folders if (path := folder / f"{match.run}.html").is_file()), None)


def _anchor(match: "Match", report: Path) -> str:
    """The place of a hit in a report; empty where that shows it nowhere, as a page on which nothing was found."""
    if match.finding:
        return f"#finding-{match.finding}"
    if not match.page:
        return ""
    try:
        shown = f'id="page-{match.page}"'.encode() in report.read_bytes()
    except OSError:
        return ""
    return f"#page-{match.page}" if shown else ""


def _write_json(query: str, found: "dict[Scope, Matches]", out: Path) -> None:
    from docanalyze.cli import output

    head = {"schema": "docanalyze.search", "version": output.VERSION, "query": query}
    hits = [_object(scope, match, out) for scope, matches in found.items() for match in matches.found]
    output.write({**head, "hits": hits, "more": {scope.value: matches.more for scope, matches in found.items()}})


def _object(scope: Scope, match: "Match", out: Path) -> dict[str, Any]:
    report = report_of(match, out)
    return {
        "in": scope.value,
        "document": match.document,
        "document_id": match.document_id,
        "kind": match.kind,
        "run": match.run or None,
        "finding": match.finding or None,
        "section": match.section or None,
        "verdict": match.verdict or None,
        "locator": match.locator,
        "page": match.page or None,
        "extract": [{"text": text, "found": marked} for text, marked in match.extract],
        "quote": [{"text": text, "found": marked} for text, marked in match.quote],
        "report": f"{report}{_anchor(match, report)}" if report else None,
    }


def _show(found: "dict[Scope, Matches]", out: Path) -> None:
    from rich.padding import Padding
    from rich.text import Text

    screen = console()
    shown = [(scope, match) for scope, matches in found.items() for match in matches.found]
    if not shown:
        screen.print("Nothing found.")
    last = None
    for scope, match in shown:
        if scope is not last:
            screen.print(
                Text(f"In {scope.value}", style="bold") if last is None else Text(f"\nIn {scope.value}", "bold")
            )
        last = scope
        about = (match.locator, match.section, match.verdict and f"[{match.verdict}]")
        head = Text(one_line(match.document))
        head.append("  " + one_line("  ".join(filter(None, about))), style="cyan")
        screen.print(Padding(head, (0, 0, 0, 2)))
        for pieces in (match.extract, match.quote):
            if pieces:
                screen.print(Padding(_text(pieces), (0, 0, 0, 4)))
        if report := report_of(match, out):
            screen.print(Padding(Text(one_line(f"{report}{_anchor(match, report)}"), style="dim"), (0, 0, 0, 4)))
    for scope, matches in found.items():
        if matches.more:
            complain(f"note: there are more {scope.value} than these {len(matches.found)}", "--limit shows more")
        if matches.oldest_left_out:
            complain(f"note: these words stand in very many {scope.value}: only the latest were ranked", "add a word")


def _text(pieces: tuple[tuple[str, bool], ...]) -> "Text":
    from rich.text import Text

    made, left = Text(), LONGEST
    for text, marked in pieces:
        # One line at a time would lose the blanks between pieces.
        line = one_line(f"|{text}|")[1:-1]
        made.append(shortened(line, left), style="bold yellow" if marked else "")
        left -= len(line)
        if left <= 1:
            break
    return made


def _open(found: "dict[Scope, Matches]", out: Path) -> None:
    import webbrowser

    first = next((match for matches in found.values() for match in matches.found), None)
    if first is None:
        return
    report = report_of(first, out)
    if report is None:
        raise UsageError(f"the report of run {first.run} is not there", f"docanalyze report {first.run} writes it")
    webbrowser.open(f"{report.resolve().as_uri()}{_anchor(first, report)}")


COMMANDS = (("search", search),)
