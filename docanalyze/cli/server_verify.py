"""`docanalyze server verify` and `bench`: whether a server does what it was started for, and how well."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from docanalyze.pipeline.proving import Compared
    from docanalyze.runtime.values import Check
    from docanalyze.runtime.verify import Verification

FAILED = 1
_MARKS = {"pass": "✓", "fail": "✗", "not provable": "?", "not run": "–"}
_WIDTHS = (15, 19, 22, 20)
Minutes = Annotated[float, typer.Option("--minutes", min=0, help="How long reading at depths may take, in all.")]


def verify(
    steps: Annotated[
        str, typer.Option("--steps", help="Of 1 log, 2 device, 3 speed, 4 quality; 4 takes hours on a long context.")
    ] = "1,2,3,4",
    judge: Annotated[bool, typer.Option("--judge", help="The judge's server, not the main model's.")] = False,
    minutes: Minutes = 30.0,
    longest: Annotated[
        int | None, typer.Option("--longest", min=1024, help="Longest text of step 4.", show_default="the context")
    ] = None,
    json: options.Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    db: options.Db = None,
) -> None:
    """Prove that the server that runs does what it was started for; exit with 1 if anything failed."""
    from docanalyze import config
    from docanalyze.cli.terminal import Progress, console
    from docanalyze.pipeline import proving
    from docanalyze.runtime.recall import lengths_within
    from docanalyze.runtime.values import Outcome, Role
    from docanalyze.runtime.verify import Effort

    settings = config.resolve({"db": db})
    lengths = lengths_within(longest) if longest else None
    effort = Effort(_steps(steps), lengths=lengths, patience=minutes * 60)
    with Progress(quiet=quiet or json) as progress:
        found, number = proving.prove(settings, Role.JUDGE if judge else Role.MAIN, effort, progress)
    if json:
        _write_proof(found, number)
    else:
        _show(console(), found)
        typer.echo(f"Kept as proof {number} in {settings.db}")
    raise typer.Exit(FAILED if found.outcome is Outcome.FAILED else 0)


def bench(
    profiles: Annotated[str, typer.Option("--profiles", help="Which ones, in this order.")] = "baseline,a,b,c,auto",
    model: Annotated[Path | None, typer.Option("--model", help="The GGUF file.", show_default="as settled")] = None,
    context: Annotated[
        int | None, typer.Option("--context", min=256, help="For all of them.", show_default="the profiles'")
    ] = None,
    binary: Annotated[str, typer.Option("--binary", help="A llama-server, or wheel.", show_default="PATH")] = "",
    minutes: Minutes = 30.0,
    written: Annotated[int, typer.Option("--tokens", min=16, help="Tokens that are written.")] = 1000,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of the tables and the drawing.", show_default="--out")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    db: options.Db = None,
) -> None:
    """Start profiles one after the other, measure memory and speed of each, and compare them."""
    from docanalyze import config
    from docanalyze.cli.terminal import Progress, console
    from docanalyze.pipeline import proving
    from docanalyze.pipeline.starting import Asked
    from docanalyze.runtime.bench import STEPS
    from docanalyze.runtime.verify import Effort

    settings = config.resolve({"db": db})
    names = list(dict.fromkeys(filter(None, (name.strip() for name in profiles.split(",")))))
    if not names:
        raise UsageError("no profile is named", "give --profiles baseline,a,b,c,auto")
    asked = Asked(model=model, context=context or 0, binary=binary)
    effort = Effort(STEPS, written, patience=minutes * 60)
    with Progress(quiet=quiet) as progress:
        compared = proving.compare(settings, names, asked, effort, progress)
    _show_compared(console(), compared)
    for path in _write_compared(compared, out or settings.out):
        typer.echo(f"Written to {path}")
    typer.echo(f"Kept as comparison {compared.number} in {settings.db}")
    raise typer.Exit(0 if any(row.found for row in compared.rows) else FAILED)


def _steps(text: str) -> frozenset[int]:
    numbers = [part.strip() for part in text.split(",") if part.strip()]
    if not numbers or any(not re.fullmatch("[1-4]", number) for number in numbers):
        raise UsageError(f"--steps are no steps: {text}", "give some of 1,2,3,4")
    return frozenset(map(int, numbers))


# -- a proof ---------------------------------------------------------------------------------------


def _show(screen: "Console", found: "Verification") -> None:
    from docanalyze.cli.terminal import one_line
    from docanalyze.runtime.verify import steps_of

    running = found.running
    screen.print(one_line(f"The {running.role} server at {running.url}: {running.model_file.name}"))
    profile = running.profile
    screen.print(f"Profile {profile.name}: {profile.context:,} tokens, cache {profile.cache_k}/{profile.cache_v}")
    for step, name, checks in steps_of(found.checks):
        screen.print()
        screen.print(f"{step} {name}")
        _show_checks(screen, checks)
    screen.print()
    screen.print(_summary(found))


def _show_checks(screen: "Console", checks: "list[Check]") -> None:
    """A row a check: what came of it, what was looked at, what was seen and what was expected; then what to do."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from docanalyze.cli.terminal import one_line

    for check in checks:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
        for width in _WIDTHS:
            table.add_column(width=width)
        expected = "" if check.expected in ("", check.seen) else f"expected {check.expected}"
        mark = f" {_MARKS[check.outcome.value]} {check.outcome.value}"
        cells = (check.name, check.seen, expected)
        table.add_row(Text(mark), *(Text(one_line(cell)) for cell in cells))
        screen.print(table)
        if check.remedy and check.outcome.value != "pass":
            screen.print(Padding(Text(one_line(check.remedy)), (0, 0, 0, _WIDTHS[0] + 1)))


def _summary(found: "Verification") -> str:
    from docanalyze.runtime.values import Outcome

    counted = {outcome: sum(check.outcome is outcome for check in found.checks) for outcome in Outcome}
    parts = [f"{counted[Outcome.PASSED]} passed", f"{counted[Outcome.FAILED]} failed"]
    if unproven := counted[Outcome.NOT_PROVABLE]:
        parts.append(f"{unproven} not provable")
    if found.trusted:
        parts.append(f"trusted to {found.trusted:,} tokens")
    return f"{', '.join(parts)}, in {found.seconds:.0f} s"


def _write_proof(found: "Verification", number: int) -> None:
    from dataclasses import asdict

    from docanalyze.cli import output

    checks = [{**asdict(check), "outcome": check.outcome.value} for check in found.checks]
    depths = [asdict(depth) for depth in found.speed.depths] if found.speed else []
    output.write(
        {
            "schema": "docanalyze.proof",
            "version": output.VERSION,
            "number": number,
            "role": found.running.role.value,
            "profile": found.running.profile.name,
            "started": found.started,
            "seconds": found.seconds,
            "outcome": found.outcome.value,
            "fingerprint": asdict(found.fingerprint),
            "checks": checks,
            "writing": found.speed.writing if found.speed else None,
            "depths": depths,
            "recalls": [asdict(recalled) for recalled in found.recalls],
            "trusted": found.trusted,
        }
    )


# -- a comparison ----------------------------------------------------------------------------------

_HEADS = ("", "context", "cache", "cache\nMB", "total\nMB", "tokens/\ns", "s for\n1,000", "context\nper GB")


def _show_compared(screen: "Console", compared: "Compared") -> None:
    from rich.table import Table
    from rich.text import Text

    from docanalyze.cli.terminal import one_line
    from docanalyze.runtime.bench import cells, machine_of

    screen.print(one_line(f"{compared.model} on {machine_of(compared.rows) or 'no device'}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, head in enumerate(_HEADS):
        table.add_column(head, justify="left" if position in (0, 2) else "right", no_wrap=position > 0)
    for row in compared.rows:
        table.add_row(*(Text(one_line(cell)) for cell in cells(row)))
    screen.print(table)
    for row in compared.rows:
        if row.error:
            screen.print(one_line(row.why))
        elif row.found and row.found.outcome.value == "fail":
            failed = ", ".join(check.name for check in row.found.checks if check.outcome.value == "fail")
            screen.print(one_line(f"{row.profile.name}: failed {failed}"))


def _write_compared(compared: "Compared", folder: Path) -> list[Path]:
    from docanalyze.report.files import write_texts
    from docanalyze.runtime.bench import as_csv, as_markdown, as_svg

    name = f"bench-{compared.number}"
    written = [
        (folder / f"{name}.md", as_markdown(compared.rows, compared.model)),
        (folder / f"{name}.csv", as_csv(compared.rows)),
        (folder / f"{name}.svg", as_svg(compared.rows, compared.model)),
    ]
    write_texts(written, folder)
    return [path for path, _ in written]


COMMANDS = (("verify", verify), ("bench", bench))
"""Registered by the group `server`."""
