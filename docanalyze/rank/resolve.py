"""Which files an import names: by language, from paths alone.

An import leads to files of the code base, to a package outside of it, or to what every installation of
the language has, which is neither.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docanalyze.model import FileRole, Tree

_MOST_TARGETS = 40
"""An import of a whole folder (Go, Java's `*`) leads to so many of its files at most."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where an import leads: places of files in `Tree.files`, or the package outside that it names."""

    files: tuple[int, ...] = ()
    package: str = ""


NOWHERE = Resolved()


class Index:
    """The paths of a code base, to be asked by whole path, by the end of a path, by folder."""

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
        self.roots: dict[tuple[str, str], list[str]] = {}
        self.go_modules: list[tuple[str, str]] | None = None

    def is_folder(self, path: str) -> bool:
        """Whether files lie in or below it."""
        return not path or path in self._all_folders

    def first(self, paths: Iterable[str]) -> int | None:
        """The place of the first of these paths that is a file of the tree."""
        return next((self.places[path] for path in paths if path in self.places), None)

    def ending(self, end: str, near: str) -> int | None:
        """The file whose path ends with these parts: of several the nearest to the folder `near`."""
        found = [place for place in self.named.get(end.rpartition("/")[2], ()) if self._ends(place, end)]
        return min(found, key=lambda place: self._distance(self.tree.files[place].path, near), default=None)

    def folder_ending(self, end: str, near: str) -> str | None:
        """The folder whose path ends with these parts: of several the nearest to the folder `near`."""
        found = [
            folder
            for folder in self.folders_named.get(end.rpartition("/")[2], ())
            if folder == end or folder.endswith("/" + end)
        ]
        return min(found, key=lambda folder: self._distance(folder, near), default=None)

    def within(self, folder: str, *suffixes: str) -> tuple[int, ...]:
        """Files that lie right in a folder and end like this, tests left out."""
        files = self.tree.files
        return tuple(
            place
            for place in self.folders.get(folder, ())
            if files[place].path.endswith(suffixes) and files[place].role is not FileRole.TEST
        )[:_MOST_TARGETS]

    def _ends(self, place: int, end: str) -> bool:
        path = self.tree.files[place].path
        return path == end or path.endswith("/" + end)

    def _distance(self, path: str, near: str) -> tuple[int, int, str]:
        shared = 0
        for one, other in zip(path.split("/"), near.split("/"), strict=False):
            if one != other:
                break
            shared += 1
        return -shared, path.count("/"), path


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
