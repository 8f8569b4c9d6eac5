"""What packed texts come to: their exact tokens, and which definitions that other files refer to they hold.

Runs beside `benchmarks.repo`, in processes of its own.
"""

import re
import sys
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from docanalyze import rank, tokens
from docanalyze.ingest import TreeOptions, TreeReader
from docanalyze.model import Tree
from docanalyze.pack.choosing import Measured
from docanalyze.pack.printed import Xml, printed
from docanalyze.pack.rendering import tree_sizes

_FILE = re.compile(r'<file path="([^"]*)"[^>]*>(.*?)(?=<file path="|\Z)', re.DOTALL)
_WORD = re.compile(r"\w+")
_WINDOW = 131_072


def compared(tree_path: Path, other: str, budget: int) -> None:
    """Prints the shares of both: each definition once, and weighed by how often it is referred to."""
    count = tokens.packaged()
    with TreeReader() as reader:
        tree = reader.survey(str(tree_path), TreeOptions(), lambda _: None)
        graph = rank.graph(tree)
        form = Xml(tree)
        measured = Measured(tree, rank.rank(graph), graph, tree_sizes, count, form)
        ours = printed(measured, budget, lambda files: reader.texts(tree, [file.path for file in files])).text
    for name, text in (("docanalyze", ours), ("repomix, cut there", cut(other, budget, count))):
        once, weighed = shares(graph, words_of(tree, text))
        print(f"  {name:<20}holds {once:.1%} of the definitions that others refer to, {weighed:.1%} by references")


def counted(name: str, out: Path, said: str) -> None:
    """Prints what a text is beside what was said of it."""
    exact = tokens.packaged()(out.read_text(encoding="utf-8", errors="replace"))
    if said:
        over = round(_WINDOW * (exact / int(said) - 1))
        print(f"  {name} says {int(said):,} tokens, it is {exact:,}: at a full window of {_WINDOW:,} {over:+,}")
    else:
        print(f"  {name} packs {exact:,} tokens")


def cut(text: str, budget: int, count: tokens.Counter) -> str:
    """As much of the start of a text as the budget holds."""
    return count.decode(count.encode(text[: budget * 12])[:budget])


def words_of(tree: Tree, text: str) -> dict[int, set[str]]:
    """The words that stand in a packed text of each file, by its place."""
    places = {file.path: place for place, file in enumerate(tree.files)}
    found: dict[int, set[str]] = {}
    for path, inside in _FILE.findall(text):
        place = places.get(unescape(path))
        if place is not None:
            found.setdefault(place, set()).update(_WORD.findall(inside))
    return found


def shares(graph: rank.Graph, words: Mapping[int, set[str]]) -> tuple[float, float]:
    """The share of referenced definitions whose name stands in its file's text: each once, and by references."""
    held = once = weighed = total = 0
    for (place, number), users in graph.users.items():
        name = graph.tree.files[place].definitions[number].name
        weight = sum(uses for _, uses in users)
        is_there = name in words.get(place, ())
        held += 1
        once += is_there
        total += weight
        weighed += weight * is_there
    return once / max(1, held), weighed / max(1, total)


if __name__ == "__main__":
    if sys.argv[1] == "count":
        counted(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        compared(Path(sys.argv[2]), Path(sys.argv[3]).read_text("utf-8", "replace"), int(sys.argv[4]))
