"""The order in which files read well."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

from docanalyze.model import Detail, File, FileRole, Tree

if TYPE_CHECKING:
    from docanalyze.pack.choosing import Links

_FIRST, _MANIFEST, _CODE, _OTHER, _TESTS = range(5)
_GROUPS = {
    FileRole.CODE: _CODE,
    FileRole.SCHEMA: _CODE,
    FileRole.TEST: _TESTS,
    FileRole.EXAMPLE: _TESTS,
}


def reading_order(tree: Tree, links: "Links", ranks: Sequence[float], details: Sequence[Detail]) -> tuple[int, ...]:
    """The files with text: README and manifests, code folder by folder along what it needs, the rest, tests.

    Of two folders the one comes first whose files stand higher in the layers of imports; in a folder
    who uses comes before what is used.
    """
    shown = [place for place, detail in enumerate(details) if detail in {Detail.FULL, Detail.OUTLINE}]
    layer = {place: number for number, places in enumerate(links.layers()) for place in places}
    folders = _folders(tree, shown, layer, ranks)

    def key(place: int) -> tuple[object, ...]:
        file = tree.files[place]
        group = _group(file)
        if group in {_FIRST, _MANIFEST}:
            return group, file.path.count("/"), file.path
        along = layer.get(place, 0) if group == _CODE else 0
        return group, folders[file.folder], file.folder, not file.mains, along, file.path

    return tuple(sorted(shown, key=key))


def _group(file: File) -> int:
    name = file.path.rpartition("/")[2].lower()
    depth = file.path.count("/")
    if file.role is FileRole.DOCUMENTATION and name.startswith("readme") and not depth:
        return _FIRST
    if file.role is FileRole.MANIFEST and depth < 2:
        return _MANIFEST
    return _GROUPS.get(file.role, _OTHER)


def _folders(tree: Tree, shown: Sequence[int], layer: Mapping[int, int], ranks: Sequence[float]) -> dict[str, float]:
    """How deep a folder stands in the layers: the mean of its files, weighed by how much they matter.

    What stands in no layer comes last.
    """
    sums: dict[str, list[float]] = {}
    for place in shown:
        file = tree.files[place]
        weighed = sums.setdefault(file.folder, [0.0, 0.0])
        if place in layer:
            weighed[0] += layer[place] * ranks[place]
            weighed[1] += ranks[place]
    return {folder: (total / weight if weight else inf) for folder, (total, weight) in sums.items()}
