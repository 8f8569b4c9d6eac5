"""`docanalyze models …`: model files: known ones, what a file says of itself, fetching, choosing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options

if TYPE_CHECKING:
    from docanalyze.runtime.catalogue import Known

app = typer.Typer(
    name="models",
    help="Model files: list known ones, inspect, fetch, choose.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_WIDTH = 79
GgufFile = Annotated[Path, typer.Argument(metavar="FILE.gguf", help="A model file.")]


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


def list_(json: options.Json = False) -> None:
    """List the models that are known: weights, context, licence, and what to know of them."""
    from docanalyze import config
    from docanalyze.cli import output
    from docanalyze.runtime import catalogue

    folder = config.models_folder()
    if json:
        listed = [_known_object(model, folder) for model in catalogue.known()]
        output.write({"schema": "docanalyze.models", "version": output.VERSION, "models": listed})
        return
    typer.echo(f"{'Model':<24}{'Q4_K_M':>7}{'Q8_0':>7}{'Trained':>10}{'Longest':>9}  Licence")
    for model in catalogue.known():
        sizes = "".join(f"{_gib(model.geometry(name).weight_bytes):>7}" for name in ("Q4_K_M", "Q8_0"))
        lengths = f"{model.shape.trained_context:>10,}{model.longest:>9,}"
        typer.echo(f"{model.name:<24}{sizes}{lengths}  {model.licence}")
        for text in (model.trap, model.note, *_there(model, folder)):
            for line in _wrapped(text):
                typer.echo(f"  {line}")
    typer.echo("")
    for line in _wrapped(
        "Sizes of weights in GiB, by llama.cpp's recipe. `docanalyze models pull NAME` fetches Q4_K_M, "
        "`pull NAME:Q8_0` another; `docanalyze server plan --model NAME` says what fits."
    ):
        typer.echo(line)


def inspect(file: GgufFile, json: options.Json = False) -> None:
    """Print what a model file says: geometry, quantization, vocabulary, template, licence, context."""
    from docanalyze.cli import output
    from docanalyze.cli.terminal import one_line
    from docanalyze.runtime import inspection

    found = inspection.of_file(file)
    if json:
        output.write({"schema": "docanalyze.model", "version": output.VERSION, **inspection.as_object(found)})
        return
    for name, said in inspection.rows(found):
        first, *more = _wrapped(one_line(said), _WIDTH - 16) or [""]
        typer.echo(f"{name:<16}{first}")
        for line in more:
            typer.echo(f"{'':<16}{line}")


def pull(
    name: Annotated[str, typer.Argument(metavar="NAME[:QUANTIZATION]", help="A known model; Q4_K_M if not said.")],
    to: Annotated[Path | None, typer.Option("--to", help="The folder.", show_default="that of models")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Fetch a known model's file: resumed, its size and sha256 compared."""
    from docanalyze import config
    from docanalyze.cli.terminal import complain
    from docanalyze.errors import UsageError
    from docanalyze.runtime import catalogue, hub

    model, quantization = catalogue.named(name)
    files = dict(model.files)
    if quantization not in files:
        raise UsageError(f"no file of {model.name} in {quantization} is known", f"of {', '.join(files)}")
    if model.trap:
        complain(f"note: licence of {model.name}: {model.licence}. {model.trap}")
    settings = config.resolve({})

    def watch(text: str) -> None:
        if not quiet:
            complain(text)

    folder = to or config.models_folder()
    fetched = hub.fetch(model.repository, files[quantization], folder, config.runtime_folder(settings), watch)
    typer.echo(str(fetched.path))
    proof = "as the hub states" if fetched.stated else "the hub states none"
    typer.echo(f"{fetched.size:,} bytes, sha256 {fetched.sha256}, {proof}")


def use(
    main: Annotated[str | None, typer.Option("--main", metavar="FILE", help="The model that finds, or none.")] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", metavar="FILE", help="The model that judges, or none.")
    ] = None,
) -> None:
    """Settle which model files are served when a document is analysed."""
    from docanalyze import config
    from docanalyze.cli.terminal import complain
    from docanalyze.errors import ModelRefused, UsageError
    from docanalyze.runtime import catalogue, geometry

    given = {"main_file": main, "judge_file": judge}
    if main is None and judge is None:
        raise UsageError("nothing to settle", "give --main FILE.gguf, --judge FILE.gguf or both; none takes one back")
    chosen: dict[str, str] = {}
    for key, text in given.items():
        if text is None:
            continue
        if text.lower() == "none":
            chosen[key] = ""
            continue
        path = Path(text).expanduser().resolve()
        geometry.whole(path)
        chosen[key] = str(path)
        try:
            known = catalogue.licensed(geometry.of_file(path))
        except ModelRefused as error:
            complain(f"note: {error.what}", "it is served, and what it takes of memory is not planned")
            continue
        if known and known.trap:
            complain(f"note: licence of {known.name}: {known.licence}. {known.trap}")
    path = config.write_user(chosen)
    for key, text in chosen.items():
        role = key.partition("_")[0]
        typer.echo(f"{role:<6}{text or 'none'}")
    typer.echo(f"Settled in {path}")


def _there(model: "Known", folder: Path) -> list[str]:
    return [f"There: {folder / name}" for _, name in model.files if (folder / name).is_file()]


def _known_object(model: "Known", folder: Path) -> dict[str, object]:
    return {
        "name": model.name,
        "architecture": model.shape.architecture,
        "trained_context": model.shape.trained_context,
        "longest_context": model.longest,
        "yarn_from": model.yarn_from,
        "licence": model.licence,
        "licence_trap": model.trap,
        "note": model.note,
        "repository": model.repository,
        "files": [
            {
                "quantization": quantization,
                "name": name,
                "weight_bytes_estimate": model.geometry(quantization).weight_bytes,
                "there": (folder / name).is_file(),
            }
            for quantization, name in model.files
        ],
    }


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.2f}"


def _wrapped(text: str, width: int = _WIDTH - 2) -> list[str]:
    from textwrap import wrap

    return wrap(text, width, break_on_hyphens=False)


COMMANDS = (("list", list_), ("inspect", inspect), ("pull", pull), ("use", use))
