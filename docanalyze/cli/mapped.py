"""What `map` shows: the tree with tokens, rank and level of detail, folders with sums."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docanalyze.cli.terminal import console, one_line, safe
from docanalyze.cli.trees import unread
from docanalyze.model import Detail, FileCovered, Tree

if TYPE_CHECKING:
    from rich.console import Console

    from docanalyze.rank import Graph

_PAGE = 60
_MOST_SYMBOLS = 25
_LETTERS = {Detail.FULL: "full", Detail.OUTLINE: "outline", Detail.NAME: "name", Detail.NONE: "-"}
_STYLES = {"full": "green", "outline": "yellow", "name": "dim"}


@dataclass
class Branch:
    """A folder of the map with all that lies in and below it, or one file."""

    name: str
    path: str
    files: int = 0
    tokens: int = 0
    rank: float = 0.0
    detail: Detail | None = None
    inside: dict[str, "Branch"] = field(default_factory=dict)
    is_open: bool = False

    def shown(self) -> str:
        """The name as it is written."""
        if self.detail is not None:
            return one_line(self.name)
        return f"{one_line(self.name)}/ ({_files(self.files)})"

    def sorted(self) -> list["Branch"]:
        """What lies in it: folders first, both by how much they matter."""
        return sorted(self.inside.values(), key=lambda one: (one.detail is not None, -one.rank, one.name))


def _files(count: int) -> str:
    return f"{count:,} {'file' if count == 1 else 'files'}"


def branches(tree: Tree, covered: Sequence[FileCovered]) -> Branch:
    """The map of a code base, closed."""
    root = Branch(tree.name, "")
    for file, one in zip(tree.files, covered, strict=True):
        at = root
        *folders, name = file.path.split("/")
        for folder in folders:
            _add(at, file.tokens, one.rank)
            at = at.inside.setdefault(folder + "/", Branch(folder, f"{at.path}{folder}/"))
        _add(at, file.tokens, one.rank)
        at.inside[name] = Branch(name, file.path, 1, file.tokens, one.rank, one.detail)
    return root


def _add(branch: Branch, tokens: int, rank: float) -> None:
    branch.files += 1
    branch.tokens += tokens
    branch.rank += rank


def open_folders(root: Branch, depth: int, lines: int) -> None:
    """Opens folders down to `depth`, or if that is 0 those that matter most, until so many lines are shown."""
    waiting = [(root, 1)]
    left = lines
    while waiting:
        if not depth:
            waiting.sort(key=lambda one: (-one[0].rank, one[0].path))
        branch, level = waiting.pop(0)
        if depth and level > depth:
            continue
        if not depth and branch is not root and len(branch.inside) > left:
            continue
        branch.is_open = True
        left -= len(branch.inside)
        waiting += [(inner, level + 1) for inner in branch.inside.values() if inner.detail is None]


def show(tree: Tree, covered: Sequence[FileCovered], window: int, *, depth: int, full: bool) -> None:
    """Prints the map, a page of it unless told otherwise."""
    root = branches(tree, covered)
    lines = sys.maxsize if full else _PAGE
    open_folders(root, depth, lines)
    counts = {detail: sum(one.detail is detail for one in covered) for detail in (Detail.FULL, Detail.OUTLINE)}
    out = console()
    commit = f", commit {one_line(tree.commit)[:12]}" if tree.commit else ""
    out.print(f"{one_line(tree.name)}{commit}: {_files(len(tree.files))}, {root.tokens:,} tokens.")
    out.print(
        f"A window of {window:,} holds {counts[Detail.FULL]:,} in full, {counts[Detail.OUTLINE]:,} in outline.",
    )
    out.print("Rank: how much a file matters, by who imports and uses it; all add to 100 %.")
    out.print()
    out.print("   tokens    rank  detail")
    for line in _lines(root, "", _PAGE if not (full or depth) else sys.maxsize):
        _print(out, line)
    if not_read := unread(tree):
        out.print()
        for reason in not_read:
            out.print(f"by name only, not read: {one_line(reason)}")


def _print(out: "Console", line: tuple[Branch | None, str]) -> None:
    from rich.text import Text

    branch, drawn = line
    detail = _LETTERS[branch.detail] if branch is not None and branch.detail is not None else ""
    left = f"{branch.tokens:>9,}  {branch.rank:>5.1%}  " if branch is not None else " " * 18
    text = Text(left)
    text.append(f"{detail:<8}", style=_STYLES.get(detail, ""))
    text.append(safe(drawn))
    # Into a file or pipe goes all of a name; a terminal shows as much as it is wide.
    cut = sys.stdout.isatty()
    out.print(text, no_wrap=True, overflow="ellipsis" if cut else "ignore", crop=cut)


def _lines(branch: Branch, guide: str, most: int) -> Iterator[tuple[Branch | None, str]]:
    if not guide:
        yield branch, branch.shown()
    inside = branch.sorted() if branch.is_open else []
    # Of a long folder the page shows the files that matter most.
    kept = inside if len(inside) <= most else inside[: max(1, most - 1)]
    for number, inner in enumerate(kept, 1):
        last = number == len(inside)
        yield inner, f"{guide}{'└── ' if last else '├── '}{inner.shown()}"
        if inner.is_open:
            yield from _lines(inner, f"{guide}{'    ' if last else '│   '}", most)
    if len(kept) < len(inside):
        rest = inside[len(kept) :]
        yield None, f"{guide}└── … and {len(rest):,} more"


# -- symbols -----------------------------------------------------------------------------------------


def used_most(graph: "Graph", most: int) -> list[dict[str, object]]:
    """The definitions that most other files refer to, with where they stand."""
    found = sorted(graph.users.items(), key=lambda one: (-len(one[1]), -sum(count for _, count in one[1]), one[0]))
    listed: list[dict[str, object]] = []
    for (place, number), users in found[:most]:
        file = graph.tree.files[place]
        definition = file.definitions[number]
        listed.append(
            {
                "name": definition.name,
                "kind": definition.kind,
                "path": file.path,
                "line": definition.line,
                "files": len(users),
                "uses": sum(count for _, count in users),
            }
        )
    return listed


def show_symbols(graph: "Graph", *, full: bool) -> None:
    """Prints the definitions used most."""
    out = console()
    listed = used_most(graph, 10 * _MOST_SYMBOLS if full else _MOST_SYMBOLS)
    out.print()
    out.print("    files     uses  defined" if listed else "No file names what another one defines.")
    for one in listed:
        said = f"{one['name']}  {one['kind']}  {one['path']}:{one['line']}"
        out.print(f"{one['files']:>9,}{one['uses']:>9,}  {one_line(said)}", no_wrap=True, crop=sys.stdout.isatty())


def write_json(tree: Tree, graph: "Graph", covered: Sequence[FileCovered], window: int) -> None:
    """The whole map as JSON."""
    from docanalyze.cli import output

    output.write(
        {
            "schema": "docanalyze.map",
            "version": output.VERSION,
            "name": tree.name,
            "branch": tree.branch,
            "commit": tree.commit,
            "window": window,
            "files": [
                {
                    "path": file.path,
                    "role": file.role.value,
                    "language": file.language,
                    "bytes": file.size,
                    "lines": file.lines,
                    "tokens": file.tokens,
                    "outline_tokens": file.outline_tokens,
                    "rank": round(one.rank, 6),
                    "detail": one.detail.value,
                    "reason": one.reason,
                }
                for file, one in zip(tree.files, covered, strict=True)
            ],
            "skipped": [{"path": one.path, "reason": one.reason, "count": one.count} for one in tree.skipped],
            "symbols": used_most(graph, 10 * _MOST_SYMBOLS),
        }
    )
