"""`docanalyze server plan`: what fits on a card, computed, before anything is downloaded or started."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docanalyze.cli import options

if TYPE_CHECKING:
    from docanalyze.config import Settings
    from docanalyze.runtime.devices import Device
    from docanalyze.runtime.plan import Placement, Plan, Row, Rules, Table
    from docanalyze.runtime.values import Geometry

_WIDTH = 79
_NOTHING = 1


class Place(StrEnum):
    TOGETHER = "together"
    IN_TURN = "in-turn"
    CPU = "cpu"
    ONE = "one"


_Context = Annotated[int, typer.Option("--context", min=0, help="This context alone.", show_default="32K to 128K")]
_Placed = Annotated[Place | None, typer.Option("--place", help="Where the judge goes.", show_default="what fits")]


def plan(
    vram: Annotated[
        list[str] | None,
        typer.Option("--vram", metavar="24GB", help="A card's memory; repeatable.", show_default="the cards found"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="FILE|NAME", help="The main model.", show_default="as settled, else 14B"),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="FILE|NAME", help="The judge, or none.", show_default="as settled, else 3B"),
    ] = None,
    context: _Context = 0,
    margin: Annotated[str, typer.Option("--margin", help="What stays free.")] = "1GB",
    place: _Placed = None,
    allow_q4_keys: Annotated[
        bool, typer.Option("--allow-q4-keys", help="Recommend keys below q8_0 for families that break under them, too.")
    ] = False,
    allow_mixed: Annotated[
        bool, typer.Option("--allow-mixed", help="Recommend q8_0 keys with q4_0 values, too: your build has kernels.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Say which configurations fit on a card, and which to take."""
    from docanalyze import config
    from docanalyze.runtime import devices
    from docanalyze.runtime import plan as planning

    settings = config.resolve({})
    main, second = _models(settings, model, judge)
    given = tuple(map(devices.parse_size, vram or ())) or devices.found()
    spare = devices.parse_size(margin).size if margin.strip() != "0" else 0
    rules = planning.Rules(spare, allow_q4_keys, allow_mixed, context, _placement(settings, place))
    made = planning.on(given, main, second, rules)
    if json:
        _write(made, rules)
    else:
        _show(made, rules, is_found=any(device.size for device in given))
    raise typer.Exit(0 if made.recommended else _NOTHING)


def _models(settings: "Settings", model: str | None, judge: str | None) -> "tuple[Geometry, Geometry | None]":
    """The main model and the judge: as named, else as settled, else the usual ones."""
    from docanalyze.runtime import catalogue

    main = catalogue.resolve(model or str(settings.main_file or "") or catalogue.USUAL_MAIN)
    named = judge or str(settings.judge_file or "")
    if not named and not settings.main_file:
        named = catalogue.USUAL_JUDGE
    if named.lower() in ("", "none"):
        return main, None
    return main, catalogue.resolve(named)


def _placement(settings: "Settings", place: Place | None) -> "Placement | None":
    """Where the judge goes: as given, else as settled; None where the plan decides."""
    from docanalyze.runtime.plan import Placement

    chosen = place.value if place else settings.placement
    return None if chosen == "auto" else Placement(chosen)


def _show(made: "Plan", rules: "Rules", *, is_found: bool) -> None:
    for line in _lines(made, rules):
        typer.echo(line)
    if not is_found:
        typer.echo("No NVIDIA card was found here that tells its memory; give --vram 24GB to plan for one.")


def _lines(made: "Plan", rules: "Rules") -> Iterator[str]:
    from docanalyze.runtime import geometry

    yield f"Main model  {_described(made.main)}"
    if made.judge is not None:
        yield f"Judge       {_described(made.judge)}"
    for table in made.tables:
        yield ""
        yield from _table(table, rules)
    yield ""
    yield from _recommendation(made)
    if made.recommended:
        yield ""
        yield from _judge(made)
    yield from _original(made)
    yield ""
    yield from _paragraph(
        "All in MiB; GB is that of a card's label, 1,024 MiB. The cache is exact to the byte; the weights are those "
        "of the file, or of llama.cpp's recipe; the compute buffer is meant to within 5 %; the driver's share of a "
        f"card is an estimate. Builds before May 2026 take {_mib(geometry.logits_bytes(made.main))} MiB more."
    )


def _described(model: "Geometry") -> str:
    from docanalyze.cli.terminal import one_line, shortened

    source = f"from {model.file.name}" if model.file else "known model, no file yet"
    return shortened(one_line(f"{model.name}, {model.quantization}, {source}"), _WIDTH - 12)


_HEAD = "   Context  K     V      Weights   Cache  Compute  Driver   Total    Free  Fits"
_ORIGINAL_HEAD = "  Profile    Context  K/V        Cache MiB  Computed  Reported  Tokens/s"


def _table(table: "Table", rules: "Rules") -> Iterator[str]:
    from docanalyze.cli.terminal import one_line

    device = table.device
    yield one_line(f"{device.name}: {_mib(device.size)} MiB, of which {_mib(rules.margin)} stay free")
    yield _HEAD
    for row in table.rows:
        yield _row(row, row == table.best, row.free >= rules.margin)
    if device.free is not None and device.gpu and table.best and device.free < table.best.total:
        yield from _paragraph(
            f"Only {_mib(device.free)} MiB of it are free now: end what holds the rest before you start."
        )


def _row(row: "Row", best: bool, fits: bool) -> str:
    profile = row.profile
    figures = (row.weights, row.cache, row.compute, row.driver, row.total, row.free)
    cells = "".join(f"{_mib(figure):>{width}}" for figure, width in zip(figures, (9, 8, 9, 8, 8, 8), strict=True))
    mark = "*" if best else " "
    return f"{mark} {profile.context:>8,}  {profile.cache_k:<5} {profile.cache_v:<5}{cells}  {'yes' if fits else 'no'}"


def _recommendation(made: "Plan") -> Iterator[str]:
    best = made.chosen.best
    if best is None:
        yield from _paragraph(f"Nothing is recommended: {made.chosen.reason}.")
        return
    profile = best.profile
    where = f" on {made.chosen.device.name}" if len(made.tables) > 1 else ""
    yield from _paragraph(
        f"* Recommended{where}: {profile.context:,} tokens with {profile.cache_k} keys and {profile.cache_v} values: "
        f"{made.chosen.reason}."
    )


_PLACES = {
    "together": "Judge together with the main model",
    "in-turn": "Judge in turn with the main model",
    "cpu": "Judge on the CPU",
    "one": "No second model",
}


def _judge(made: "Plan") -> Iterator[str]:
    said = f"{_PLACES[made.placement]}: {made.why}."
    if (row := made.judge_row) is not None:
        said += f" It takes {_mib(row.total)} MiB with {row.profile.context:,} tokens of f16 cache."
    yield from _paragraph(said)
    from docanalyze.runtime import catalogue

    for model in (made.main, made.judge):
        if model is not None and (known := catalogue.licensed(model)) and known.trap:
            yield from _paragraph(f"Licence of {known.name}: {known.licence}. {known.trap}")


def _original(made: "Plan") -> Iterator[str]:
    """The four configurations that this began with, where the model is of that shape."""
    from docanalyze.runtime import catalogue
    from docanalyze.runtime import plan as planning
    from docanalyze.runtime.values import GIB

    if not planning.is_original(made.main) or not made.chosen.device.gpu:
        return
    rows = planning.original(made.main, made.chosen.device, catalogue.reach(made.main))
    yield ""
    yield "The original four, on a card of 24 GB: as reported, and as computed here"
    yield _ORIGINAL_HEAD
    for row in rows:
        profile = row.profile
        reported = f"{profile.reported_mb / 1000:.1f} GB"
        yield (
            f"  {profile.name:<10}{profile.context:>8,}  {profile.cache_k + '/' + profile.cache_v:<10}"
            f"{_mib(row.cache):>10}{row.total / GIB:>7.1f} GB{reported:>10}{profile.reported_rate:>10.1f}"
        )
    left = ", ".join(f"{row.profile.reported_mb / 1000 - row.cache / GIB:.1f}" for row in rows)
    yield from _paragraph(
        f"Less the cache, the reported totals leave {left} GB for the same weights: they are not of one set of "
        "weights. They are shown, and nothing is computed from them."
    )
    best = made.chosen.best
    if best and best.profile.context >= rows[-1].profile.context and best.cache > rows[-1].cache:
        yield from _paragraph(
            f"Better than the last of them: the same context with {best.profile.cache_k} keys and "
            f"{best.profile.cache_v} values, {_mib(best.cache)} MiB of cache, {best.total / GIB:.1f} GB in all."
        )


def _write(made: "Plan", rules: "Rules") -> None:
    from docanalyze.cli import output

    output.write(
        {
            "schema": "docanalyze.server-plan",
            "version": output.VERSION,
            "main": _model_object(made.main),
            "judge": _model_object(made.judge) if made.judge else None,
            "margin": rules.margin,
            "devices": [
                {
                    **_device_object(table.device),
                    "configurations": [_row_object(row, rules) for row in table.rows],
                    "recommended": _row_object(table.best, rules) if table.best else None,
                    "reason": table.reason,
                }
                for table in made.tables
            ],
            "chosen_device": [table is made.chosen for table in made.tables].index(True),
            "placement": made.placement.value,
            "placement_reason": made.why,
            "judge_takes": _row_object(made.judge_row, rules) if made.judge_row else None,
        }
    )


def _model_object(model: "Geometry") -> dict[str, Any]:
    return {**asdict(model), "file": str(model.file) if model.file else None}


def _device_object(device: "Device") -> dict[str, Any]:
    return {"name": device.name, "bytes": device.size, "gpu": device.gpu, "free_bytes": device.free}


def _row_object(row: "Row", rules: "Rules") -> dict[str, Any]:
    profile = row.profile
    return {
        "context": profile.context,
        "cache_k": profile.cache_k.value,
        "cache_v": profile.cache_v.value,
        "yarn_factor": profile.yarn_factor,
        "yarn_context": profile.yarn_context,
        "weights": row.weights,
        "cache": row.cache,
        "compute": row.compute,
        "driver_estimate": row.driver,
        "total": row.total,
        "free": row.free,
        "fits": row.free >= rules.margin,
    }


def _paragraph(text: str) -> Sequence[str]:
    from textwrap import wrap

    from docanalyze.cli.terminal import one_line

    return wrap(one_line(text), _WIDTH, break_on_hyphens=False)


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f}"


COMMANDS = (("plan", plan),)
