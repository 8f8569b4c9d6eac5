"""PageRank over files, with what one knows of a code base before reading it."""

import re
from collections.abc import Sequence
from functools import cache

from docanalyze.errors import UsageError
from docanalyze.model import NEVER_IN_FULL, File, FileRole, Tree
from docanalyze.rank.graph import Graph, Place

_DAMPING = 0.85
_ROUNDS = 20
_CLOSE_ENOUGH = 1e-4
# The strongest so many links of a file: what else it names changes little and takes time.
_MOST_LINKS = 24
# Of what a file hands on, this part goes by its imports and the rest by the names it uses.
_BY_IMPORTS = 0.4
# What each level of folders takes from a file's prior.
_DEPTH = 0.3
# What a file that is asked for has before all others together.
_FOCUS = 0.9

_ROLES = {
    FileRole.CODE: 1.0,
    FileRole.SCHEMA: 1.5,
    FileRole.MANIFEST: 2.0,
    FileRole.DOCUMENTATION: 0.5,
    FileRole.CONFIGURATION: 0.4,
    FileRole.TEST: 0.1,
    FileRole.EXAMPLE: 0.15,
    FileRole.DATA: 0.02,
}
_NEVER = 0.005
_README, _ROOT_MANIFEST, _ENTRY, _MAIN = 30.0, 10.0, 4.0, 3.0
_ENTRY_NAMES = frozenset({"__main__", "main", "app", "cli", "server", "index", "manage", "wsgi", "asgi", "program"})
_HARDLY_TO_READ = frozenset(
    {"changelog", "changes", "history", "news", "license", "licence", "copying", "notice", "authors"}
)


def is_entry(file: File) -> bool:
    """Whether a program starts here: by what it holds or by its name."""
    if file.role is not FileRole.CODE:
        return False
    stem = file.path.rpartition("/")[2].partition(".")[0].lower()
    return stem in _ENTRY_NAMES or bool(file.mains)


def rank(graph: Graph, focus: Sequence[str] = ()) -> tuple[float, ...]:
    """How much each file matters, in the order of `Tree.files`; all add to 1.

    `focus` are patterns of paths to favour, and what those files need.
    """
    files = graph.tree.files
    if not files:
        return ()
    prior = _scaled([_prior(file) for file in files])
    if focus:
        favoured = _scaled([1.0 if matches(file.path, focus) else 0.0 for file in files])
        if any(favoured):
            prior = [one * (1 - _FOCUS) + other * _FOCUS for one, other in zip(prior, favoured, strict=True)]
    return tuple(_walked(_links(graph), prior))


def _prior(file: File) -> float:
    stem = file.path.rpartition("/")[2].partition(".")[0].lower()
    depth = file.path.count("/")
    weight = _NEVER if file.role in NEVER_IN_FULL or not file.is_read else _ROLES[file.role]
    if file.role is FileRole.DOCUMENTATION and stem.startswith("readme"):
        weight = _README if not depth else 2.0
    elif file.role is FileRole.DOCUMENTATION and stem in _HARDLY_TO_READ:
        weight = 0.1
    elif file.role is FileRole.MANIFEST and not depth:
        weight = _ROOT_MANIFEST
    elif file.role is FileRole.CODE:
        weight *= (_ENTRY if stem in _ENTRY_NAMES else 1.0) * (_MAIN if file.mains else 1.0)
    return weight / (1 + _DEPTH * depth)


def _scaled(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights] if total else weights


def _links(graph: Graph) -> list[tuple[Place, list[Place], list[float]]]:
    """What each file hands on to which others; the shares of one file add to 1."""
    linked = []
    for place in range(len(graph.tree.files)):
        imports, uses = graph.imports.get(place, {}), graph.uses.get(place, {})
        if not imports and not uses:
            continue
        by_imports = (_BY_IMPORTS if uses else 1.0) / len(imports) if imports else 0.0
        by_uses = (1 - _BY_IMPORTS if imports else 1.0) / sum(uses.values()) if uses else 0.0
        shares = {other: weight * by_uses for other, weight in uses.items()}
        for other in imports:
            shares[other] = shares.get(other, 0.0) + by_imports
        linked.append((place, *_strongest(shares)))
    return linked


def _strongest(shares: dict[Place, float]) -> tuple[list[Place], list[float]]:
    if len(shares) > _MOST_LINKS:
        kept = sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:_MOST_LINKS]
        total = sum(share for _, share in kept)
        shares = {other: share / total for other, share in kept}
    return list(shares), list(shares.values())


def _walked(links: list[tuple[Place, list[Place], list[float]]], prior: list[float]) -> list[float]:
    ranks = list(prior)
    handing_on = {place for place, _, _ in links}
    ends = [place for place in range(len(prior)) if place not in handing_on]
    for _ in range(_ROUNDS):
        # What stops at a file that needs no other starts anew.
        again = 1 - _DAMPING + _DAMPING * sum(ranks[place] for place in ends)
        fresh = [again * one for one in prior]
        for place, others, shares in links:
            given = _DAMPING * ranks[place]
            for other, share in zip(others, shares, strict=True):
                fresh[other] += given * share
        moved = sum(abs(one - other) for one, other in zip(fresh, ranks, strict=True))
        ranks = fresh
        if moved < _CLOSE_ENOUGH:
            break
    total = sum(ranks)
    return [one / total for one in ranks]


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path is meant by one of these patterns: `src/api`, `*.py`, `**/store/*`, as in a .gitignore file."""
    return any(_pattern(pattern).search(path) for pattern in patterns)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/").removeprefix("./")
    written = ""
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            written, at = written + "(?:.*/)?", at + 3
        elif body.startswith("**", at):
            written, at = written + ".*", at + 2
        else:
            written += {"*": "[^/]*", "?": "[^/]"}.get(body[at]) or re.escape(body[at])
            at += 1
    return re.compile(f"{'^' if anchored else '(?:^|/)'}{written}(?:/|$)")


def focused(tree: Tree, patterns: Sequence[str]) -> tuple[Place, ...]:
    """The files that the patterns favour."""
    return tuple(place for place, file in enumerate(tree.files) if matches(file.path, patterns))


def require_focus(tree: Tree, patterns: Sequence[str]) -> None:
    """UsageError naming the patterns that no file fits: what they were meant to favour would not be."""
    if idle := [one for one in patterns if not any(matches(file.path, [one]) for file in tree.files)]:
        raise UsageError(f"no file fits --focus {', '.join(idle)}", "give a path or a pattern of paths below the root")
