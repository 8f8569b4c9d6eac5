"""Which files an import names: by language, from paths alone.

An import leads to files of the code base, to a package outside of it, or to what every installation of
the language has, which is neither.
"""

import posixpath
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from docanalyze.model import FileRole, Tree

_MOST_TARGETS = 40
"""An import of a whole folder (Go, Java's `*`) leads to so many of its files at most. As many folders are
tried that hold what is named."""
_MOST_PARTS = 32
"""An import of more parts is none that a program has: so what is kept of ends stays within bounds."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where an import leads: places of files in `Tree.files`, or the package outside that it names."""

    files: tuple[int, ...] = ()
    package: str = ""


NOWHERE = Resolved()


class Index:
    """The paths of a code base, to be asked by whole path, by the end of a path, by folder.

    What one question costs does not grow with how many files are called alike: whoever made the tree chose that.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.places: dict[str, int] = {file.path: place for place, file in enumerate(tree.files)}
        self.folders: dict[str, list[int]] = defaultdict(list)
        self.named: dict[str, list[int]] = defaultdict(list)
        self.folders_named: dict[str, list[str]] = defaultdict(list)
        for place, file in enumerate(tree.files):
            folder, _, name = file.path.rpartition("/")
            self.folders[folder].append(place)
            self.named[name].append(place)
        self._all_folders: set[str] = set()
        for folder in list(self.folders):
            while folder and folder not in self._all_folders:
                self._all_folders.add(folder)
                self.folders_named[folder.rpartition("/")[2]].append(folder)
                folder = folder.rpartition("/")[0]
        self.roots: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}
        self.go_modules: dict[str, list[str]] | None = None
        self._files_ending: dict[str, Endings] = {}
        self._folders_ending: dict[str, Endings] = {}
        self._within: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._holding: dict[tuple[str, str], tuple[str, ...]] = {}

    def is_folder(self, path: str) -> bool:
        """Whether files lie in or below it."""
        return not path or path in self._all_folders

    def first(self, paths: Iterable[str]) -> int | None:
        """The place of the first of these paths that is a file of the tree."""
        return next((self.places[path] for path in paths if path in self.places), None)

    def ending(self, end: str, near: str) -> int | None:
        """The file whose path ends with these parts: of several the nearest to the folder `near`."""
        name = end.rpartition("/")[2]
        if name not in self._files_ending:
            self._files_ending[name] = Endings([self.tree.files[place].path for place in self.named.get(name, ())])
        path = self._files_ending[name].nearest(end, near)
        return None if path is None else self.places[path]

    def folder_ending(self, end: str, near: str) -> str | None:
        """The folder whose path ends with these parts: of several the nearest to the folder `near`."""
        name = end.rpartition("/")[2]
        if name not in self._folders_ending:
            self._folders_ending[name] = Endings(self.folders_named.get(name, ()))
        return self._folders_ending[name].nearest(end, near)

    def within(self, folder: str, *suffixes: str) -> tuple[int, ...]:
        """Files that lie right in a folder and end like this, tests left out; so many at most."""
        key = (folder, *suffixes)
        if key not in self._within:
            files = self.tree.files
            found = (
                place
                for place in self.folders.get(folder, ())
                if files[place].path.endswith(suffixes) and files[place].role is not FileRole.TEST
            )
            self._within[key] = tuple(islice(found, _MOST_TARGETS))
        return self._within[key]

    def holding(self, name: str, manifest: str) -> tuple[str, ...]:
        """Folders of this name in which a manifest lies; so many at most."""
        key = (name, manifest)
        if key not in self._holding:
            found = (one for one in self.folders_named.get(name, ()) if f"{one}/{manifest}" in self.places)
            self._holding[key] = tuple(islice(found, _MOST_TARGETS))
        return self._holding[key]


class Endings:
    """Paths that are called alike, to be asked by how they end, and which of those that end so is the nearest."""

    def __init__(self, paths: Sequence[str]) -> None:
        # Turned around, what ends alike stands side by side.
        turned = sorted((_keyed(reversed(path.split("/"))), path) for path in paths)
        self._turned = [key for key, _ in turned]
        self._paths = [path for _, path in turned]
        self._alike: dict[str, Alike] = {}

    def nearest(self, end: str, near: str) -> str | None:
        """Of the paths that end with these parts that which shares most folders with `near`, then the shallowest, then
        the first. None if there is none, or if there are more parts than any import of a program has."""
        if end not in self._alike:
            parts = end.split("/")
            first, last = _beginning(self._turned, _keyed(reversed(parts)))
            if first == last or len(parts) > _MOST_PARTS:
                return None
            if last - first == 1:
                return self._paths[first]
            self._alike[end] = Alike(self._paths[first:last])
        return self._alike[end].nearest(near)


class Alike:
    """Paths with the same end, in order, and above each two the better of them, as in a tournament: so the best of any
    run of neighbours is found in as many steps as its number has digits."""

    def __init__(self, paths: Sequence[str]) -> None:
        pairs = sorted((_keyed(path.split("/")), path) for path in paths)
        self._keys = [key for key, _ in pairs]
        self._best = sorted(paths, key=lambda path: (path.count("/"), path))
        ranks = {path: rank for rank, path in enumerate(self._best)}
        self._won = array("l", [0] * len(pairs)) + array("l", [ranks[path] for _, path in pairs])
        for node in range(len(pairs) - 1, 0, -1):
            self._won[node] = min(self._won[2 * node], self._won[2 * node + 1])

    def nearest(self, near: str) -> str:
        """That which shares most folders with `near`, then the shallowest, then the first."""
        parts = near.split("/")
        at = bisect_left(self._keys, _keyed(parts))
        # In order, none shares more with what would stand there than its neighbours do.
        shared = max(_shared(key.split(_BETWEEN), parts) for key in self._keys[max(0, at - 1) : at + 1])
        first, last = _beginning(self._keys, _keyed(parts[:shared]))
        return self._best[self._winner(first, last)]

    def _winner(self, first: int, last: int) -> int:
        won, size = self._won, len(self._keys)
        best = size
        first, last = first + size, last + size
        while first < last:
            if first % 2:
                best, first = min(best, won[first]), first + 1
            if last % 2:
                last -= 1
                best = min(best, won[last])
            first, last = first // 2, last // 2
        return best


_BETWEEN, _BEHIND = "\0", "\1"
"""No path holds the first: parts with it behind each stand in the order of the parts. The second comes right after."""


def _keyed(parts: Iterable[str]) -> str:
    return "".join(f"{part}{_BETWEEN}" for part in parts)


def _beginning(keys: Sequence[str], start: str) -> tuple[int, int]:
    """The run of sorted keys that begin with these parts; all of them with none."""
    if not start:
        return 0, len(keys)
    return bisect_left(keys, start), bisect_left(keys, start[:-1] + _BEHIND)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths begin with alike."""
    shared = 0
    for mine, others in zip(one, other, strict=False):
        if mine != others:
            break
        shared += 1
    return shared


def above(folder: str) -> Iterator[str]:
    """A folder and all that hold it, up to the root, which is empty."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def join(*parts: str) -> str:
    """A path from its parts, `..` taken back; what leads out of the tree keeps its `..`."""
    path = posixpath.normpath("/".join(part for part in parts if part) or ".")
    return "" if path == "." else path
