"""`pack` and `map`: a code base as one text for any model, and what of it would be in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.cli import options, trees
from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from docanalyze.ingest import TreeReader
    from docanalyze.model import Tree
    from docanalyze.pack.printed import Printed
    from docanalyze.tokens import Counter

_NO_LIMIT = 1 << 40


def pack(
    context: typer.Context,
    path: trees.CodeBase,
    out: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Write here; - is standard output.")] = "-",
    window: trees.Window = trees.DEFAULT_WINDOW,
    xml: Annotated[bool, typer.Option("--xml", help="XML instead of Markdown.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Everything in full, whatever it takes.")] = False,
    count_with: Annotated[
        Path | None, typer.Option("--count-with", metavar="FILE", help="Count by this GGUF file's vocabulary.")
    ] = None,
    focus: trees.Focus = None,
    include: trees.Include = None,
    exclude: trees.Exclude = None,
    no_tests: trees.NoTests = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    json: options.Json = False,
) -> None:
    """Pack a code base into one text of at most so many tokens, for any model: Markdown or XML."""
    from docanalyze.cli.packed import tell, write
    from docanalyze.ingest.collecting import uncollected

    target = None if out == "-" else Path(out)
    if target is not None:
        _require_writable(target, force=force)
    trees.require_meant(path)
    chosen = _chosen(path, focus, include, exclude, no_tests)
    chosen = chosen.without(target, path) if target is not None else chosen
    with uncollected(), _reader(context) as reader:
        tree, count = _surveyed(reader, path, chosen, count_with, quiet=json)
        found = _printed(reader, tree, count, chosen, xml=xml, budget=_NO_LIMIT if all_ else window)
    write(found, target, as_json=json)
    tell(found, tree, target, reader.notes, as_json=json, counted_by=count)


def map_(
    context: typer.Context,
    path: trees.CodeBase,
    window: trees.Window = trees.DEFAULT_WINDOW,
    depth: Annotated[
        int, typer.Option("--depth", min=0, help="Open folders so deep; 0 is a page.", show_default="a page")
    ] = 0,
    full: Annotated[bool, typer.Option("--full", help="Every file.")] = False,
    symbols: Annotated[bool, typer.Option("--symbols", help="List the definitions used most.")] = False,
    focus: trees.Focus = None,
    include: trees.Include = None,
    exclude: trees.Exclude = None,
    no_tests: trees.NoTests = False,
    json: options.Json = False,
) -> None:
    """Show a code base as a tree: tokens, how much each file matters, and how fully a window would hold it."""
    from docanalyze import rank
    from docanalyze.cli import mapped
    from docanalyze.cli.terminal import one_line
    from docanalyze.ingest.collecting import uncollected
    from docanalyze.pack.choosing import Measured, choose
    from docanalyze.pack.forms import Form
    from docanalyze.pack.receipt import files_covered
    from docanalyze.pack.rendering import tree_sizes

    trees.require_meant(path)
    chosen = _chosen(path, focus, include, exclude, no_tests)
    with uncollected(), _reader(context) as reader:
        tree, count = _surveyed(reader, path, chosen, None, quiet=json)
    graph = rank.graph(tree)
    ranks, focused = rank.rank(graph, chosen.focus), rank.focused(tree, chosen.focus)
    measured = Measured(tree, ranks, graph, tree_sizes, count, Form(tree), focused)
    covered = files_covered(choose(measured, window))
    if json:
        mapped.write_json(tree, graph, covered, window)
        return
    mapped.show(tree, covered, window, depth=depth, full=full)
    for note in reader.notes:
        sys.stderr.write(f"note: {one_line(note.text)}\n")
    if symbols:
        mapped.show_symbols(graph, full=full)


def _reader(context: typer.Context) -> "TreeReader":
    """A reader, with the processes that were started ahead of the command where some were."""
    from docanalyze.ingest import TreeReader

    return TreeReader(crew=context.obj)


def _chosen(
    path: str, focus: list[str] | None, include: list[str] | None, exclude: list[str] | None, no_tests: bool
) -> trees.Chosen:
    """What was asked for, but for the reports of runs, if there were any: they would fill the window."""
    from docanalyze import config

    chosen = trees.Chosen.of(focus, include, exclude, no_tests)
    settings = config.resolve({}, [path])
    return chosen.without_ours(settings, path) if settings.db.exists() else chosen


def _require_writable(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "name a file")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no folder", "make it first")
    if target.exists() and not force:
        raise UsageError(f"{target} is there already", "--force replaces it")


def _surveyed(
    reader: "TreeReader", path: str, chosen: trees.Chosen, vocabulary: Path | None, *, quiet: bool
) -> "tuple[Tree, Counter]":
    """The Tree, and the vocabulary that counts, which is loaded while others read."""
    from concurrent.futures import ThreadPoolExecutor

    from docanalyze import rank, tokens
    from docanalyze.cli.terminal import Progress

    with ThreadPoolExecutor(1) as beside, Progress(quiet=quiet or not sys.stderr.isatty()) as progress:
        loading = beside.submit(tokens.from_gguf, vocabulary) if vocabulary else beside.submit(tokens.packaged)
        tree = reader.survey(path, chosen.options(), progress)
        rank.require_focus(tree, chosen.focus)
        return tree, loading.result()


def _printed(
    reader: "TreeReader", tree: "Tree", count: "Counter", chosen: trees.Chosen, *, xml: bool, budget: int
) -> "Printed":
    from docanalyze import rank
    from docanalyze.pack.choosing import Measured
    from docanalyze.pack.mixed import sizes_for
    from docanalyze.pack.printed import Markdown, Xml, printed

    graph = rank.graph(tree)
    known: dict[str, str] = {}
    if count.sha256 != tree.vocabulary:
        known |= reader.texts(tree, [file.path for file in tree.files if file.is_read])
    form = Xml(tree) if xml else Markdown(tree)
    sizes = sizes_for(tree, count, lambda file: known[file.path])
    focused = rank.focused(tree, chosen.focus)
    measured = Measured(tree, rank.rank(graph, chosen.focus), graph, sizes, count, form, focused)
    return printed(measured, budget, lambda files: reader.texts(tree, [file.path for file in files]))


COMMANDS = (("pack", pack), ("map", map_))
