"""Who needs whom in a code base: by what is imported, and by the names that are used."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

from docanalyze.model import Definition, Tree
from docanalyze.rank.languages import resolver
from docanalyze.rank.rings import rings
from docanalyze.rank.standard import standard

Place = int
"""Where a file stands in `Tree.files`."""

_NOT_NAMED = frozenset({"heading", "key", "target", "stage"})
"""Kinds of definitions that no other file refers to by name."""
_FAMILIES = {"tsx": "javascript", "typescript": "javascript", "c": "c", "cpp": "c", "c++": "c", "kotlin": "java"}
_HAND_ON = ("__init__.py", "index.ts", "index.tsx", "index.js", "index.jsx", "index.mjs", "lib.rs", "mod.rs")
# A name that so many files define says little of which one is meant.
_MANY = 5
_BESIDE = frozenset({"go", "java", "kotlin", "c_sharp"})
"""Languages in which the files of one folder see each other without an import."""
_LONG, _LONG_COUNTS, _LITTLE = 8, 10.0, 0.1


@dataclass(frozen=True)
class Graph:
    """Who needs whom. `imports[a][b]` are the places, in the imports of file a, of those that name file b.

    `uses[a][b]` weighs the names of b's definitions that a refers to. `definers[name]` are (file, definition)
    that define it. `external[package]` are (file, import) that take it from outside the code base.
    `users[(file, definition)]` are the other files that refer to it, with how often: a name that several
    files define counts for those that are imported, or for none if that leaves more than five.
    """

    tree: Tree
    imports: Mapping[Place, Mapping[Place, tuple[int, ...]]] = field(default_factory=dict)
    uses: Mapping[Place, Mapping[Place, float]] = field(default_factory=dict)
    definers: Mapping[str, tuple[tuple[Place, int], ...]] = field(default_factory=dict)
    external: Mapping[str, tuple[tuple[Place, int], ...]] = field(default_factory=dict)
    users: Mapping[tuple[Place, int], tuple[tuple[Place, int], ...]] = field(default_factory=dict)

    @cached_property
    def _rings(self) -> list[list[Place]]:
        """The strongly connected parts of the imports, those that import nobody first."""
        return rings({place: sorted(found) for place, found in sorted(self.imports.items())})

    @cached_property
    def _layers(self) -> tuple[tuple[Place, ...], ...]:
        depth: dict[Place, int] = {}
        layers: dict[int, list[Place]] = defaultdict(list)
        for ring in reversed(self._rings):
            own = max((depth.get(place, 0) for place in ring), default=0)
            for place in ring:
                depth[place] = own
                layers[own].append(place)
                for other in self.imports.get(place, ()):
                    depth[other] = max(depth.get(other, 0), own + 1)
        return tuple(tuple(sorted(layers[number])) for number in sorted(layers))

    def layers(self) -> tuple[tuple[Place, ...], ...]:
        """Files from the top (nobody imports them) to the bottom (they import nobody); those of a ring stand together.

        Files that neither import nor are imported stand in none.
        """
        return self._layers


def cycles(imports: Mapping[Place, Mapping[Place, tuple[int, ...]]]) -> list[tuple[Place, ...]]:
    """Files that import each other in a ring (strongly connected parts of two and more), the largest first."""
    parts = rings({place: sorted(found) for place, found in sorted(imports.items())})
    return sorted((tuple(sorted(ring)) for ring in parts if len(ring) > 1), key=lambda ring: (-len(ring), ring))


def graph(tree: Tree) -> Graph:
    """The graph of a code base."""
    imports, external = _imports(tree)
    definers = _definers(tree)
    uses, users = _uses(tree, imports, definers)
    return Graph(tree, imports, uses, {name: tuple(found) for name, found in definers.items()}, external, users)


Imports = dict[Place, dict[Place, tuple[int, ...]]]
External = dict[str, tuple[tuple[Place, int], ...]]


def _imports(tree: Tree) -> tuple[Imports, External]:
    resolve = resolver(tree)
    imports: Imports = {}
    external: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for place, file in enumerate(tree.files):
        named: dict[Place, list[int]] = {}
        for number, one in enumerate(file.imports):
            found = resolve(file, one)
            if found.package:
                external[found.package].append((place, number))
            for other in found.files:
                if other != place:
                    named.setdefault(other, []).append(number)
        if named:
            imports[place] = {other: tuple(numbers) for other, numbers in sorted(named.items())}
    return imports, {package: tuple(found) for package, found in sorted(external.items())}


def _definers(tree: Tree) -> dict[str, list[tuple[Place, int]]]:
    definers: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for place, file in enumerate(tree.files):
        for number, definition in enumerate(file.definitions):
            if definition.kind not in _NOT_NAMED:
                definers[definition.name].append((place, number))
    return definers


Uses = dict[Place, dict[Place, float]]
Users = dict[tuple[Place, int], tuple[tuple[Place, int], ...]]


def _uses(tree: Tree, imports: Imports, definers: dict[str, list[tuple[Place, int]]]) -> tuple[Uses, Users]:
    by_family = _by_family(tree, definers)
    beside = _beside(tree)
    weight_of = {name: _weight(name) for name in definers}
    short = frozenset(filter(_is_short, definers))
    little = {family: (standard(family), standard(family) | short) for family in by_family}
    uses: Uses = {}
    users: dict[tuple[Place, int], list[tuple[Place, int]]] = defaultdict(list)
    for place, file in enumerate(tree.files):
        family = _family(file.language)
        known = by_family.get(family)
        if not known or not file.references:
            continue
        near = _near(tree, imports, place) | beside.get((file.folder, file.language), frozenset())
        # What says little where nothing is imported is only what is the language's own.
        says_little = little[family][bool(near)]
        weights: dict[Place, float] = {}
        for name, count in file.references:
            found = known.get(name)
            if found is None or (len(found) == 1 and place in found):
                continue
            if len(found) > 1 or name in says_little:
                found = _meant(found, place, near, says_little=name in says_little)
                if not found:
                    continue
            weight = weight_of[name] * sqrt(count) / len(found)
            for other, number in found.items():
                weights[other] = weights.get(other, 0.0) + weight
                users[other, number].append((place, count))
        if weights:
            uses[place] = weights
    return uses, {key: tuple(found) for key, found in users.items()}


def _near(tree: Tree, imports: Imports, place: Place) -> Set[Place]:
    """The files that a file imports, and where what it imports hands on what others define."""
    direct = imports.get(place, {}).keys()
    through = [other for other in direct if tree.files[other].path.endswith(_HAND_ON)]
    return set(direct).union(*(imports[other].keys() for other in through if other in imports)) if through else direct


def _beside(tree: Tree) -> dict[tuple[str, str], Set[Place]]:
    """The files of each folder and language that see each other without an import."""
    found: dict[tuple[str, str], set[Place]] = defaultdict(set)
    for place, file in enumerate(tree.files):
        if file.language in _BESIDE:
            found[file.folder, file.language].add(place)
    return {key: frozenset(places) for key, places in found.items()}


def _by_family(tree: Tree, definers: dict[str, list[tuple[Place, int]]]) -> dict[str, dict[str, dict[Place, int]]]:
    """Who defines a name, apart for languages that do not call each other: of each file one definition."""
    found: dict[str, dict[str, dict[Place, int]]] = defaultdict(lambda: defaultdict(dict))
    for name, places in definers.items():
        for place, number in places:
            file = tree.files[place]
            one = found[_family(file.language)][name]
            if place not in one or _is_inner(file.definitions[one[place]], file.definitions[number]):
                one[place] = number
    return found


def _is_inner(kept: Definition, other: Definition) -> bool:
    """Whether what is kept stands inside another definition, and the other one does not."""
    return kept.parent >= 0 > other.parent


def _family(language: str) -> str:
    return _FAMILIES.get(language, language)


def _meant(found: dict[Place, int], place: Place, near: Set[Place], *, says_little: bool) -> dict[Place, int]:
    """Which of the definitions of a name a file refers to: those that it imports, its own, or all if few.

    A name that says little, a short word or one of the language's own, is only meant where its file is imported.
    """
    if len(found) == 1:
        if place in found or (says_little and not found.keys() <= near):
            return {}
        return found
    if imported := found.keys() & near:
        found = {other: found[other] for other in sorted(imported)}
    elif place in found or says_little:
        return {}
    return found if len(found) <= _MANY else {}


def _is_short(name: str) -> bool:
    return len(name) < _LONG and name.islower() and "_" not in name


def _weight(name: str) -> float:
    if name.startswith("_"):
        return _LITTLE
    distinctive = len(name) >= _LONG and ("_" in name or (name != name.lower() and name != name.upper()))
    return _LONG_COUNTS if distinctive else 1.0
