"""Which files of a code base matter: who imports and uses whom, and what that gives each as a share of 1. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from docanalyze.model import Tree

Place = int
"""Where a file stands in `Tree.files`."""


@dataclass(frozen=True)
class Graph:
    """Who needs whom. `imports[a][b]` are the places, in the imports of file a, of those that name file b.

    `uses[a][b]` weighs the names of b's definitions that a refers to. `definers[name]` are (file, definition)
    that define it. `external[package]` are (file, import) that take it from outside the code base.
    `users[(file, definition)]` are the other files that refer to it, with how often.
    """

    tree: Tree
    imports: Mapping[Place, Mapping[Place, tuple[int, ...]]] = field(default_factory=dict)
    uses: Mapping[Place, Mapping[Place, float]] = field(default_factory=dict)
    definers: Mapping[str, tuple[tuple[Place, int], ...]] = field(default_factory=dict)
    external: Mapping[str, tuple[tuple[Place, int], ...]] = field(default_factory=dict)
    users: Mapping[tuple[Place, int], tuple[tuple[Place, int], ...]] = field(default_factory=dict)

    def cycles(self) -> tuple[tuple[Place, ...], ...]:
        """Files that import each other in a ring: the strongly connected parts of more than one file, the largest first."""
        raise NotImplementedError

    def layers(self) -> tuple[tuple[Place, ...], ...]:
        """Files from the top (nobody imports them) to the bottom (they import nobody); those of a ring stand together."""
        raise NotImplementedError


def graph(tree: Tree) -> Graph:
    """The graph of a code base."""
    raise NotImplementedError


def rank(graph: Graph, focus: Sequence[str] = ()) -> tuple[float, ...]:
    """How much each file matters, in the order of `Tree.files`; all add to 1. `focus` are patterns of paths to favour."""
    raise NotImplementedError
