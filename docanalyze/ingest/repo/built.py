"""Scripts that a build made, and whose sources lie beside: nobody reads those twice."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from docanalyze.ingest.repo.entries import Entry
from docanalyze.model import FileRole

_BUILT, _SOURCES = frozenset({"dist", "build", "out"}), frozenset({"src", "lib"})
_SCRIPT = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$")
_ENOUGH = 0.5
"""The share of the scripts of a folder that stand among the sources, too."""


def told_built(entries: Sequence[Entry]) -> list[Entry]:
    """The same files, in the same order. Scripts below `dist`, `build` or `out` are generated where most of them have
    a source of the same name below `src` or `lib` beside that folder; without it they are all there is, and stay."""
    scripts = [(number, *_parted(one.path)) for number, one in enumerate(entries) if _SCRIPT.search(one.path)]
    sources: dict[str, dict[str, str]] = defaultdict(dict)
    made: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for number, root, folder, name in scripts:
        if folder in _SOURCES:
            sources[root].setdefault(name, folder)
        elif folder in _BUILT and not entries[number].reason:
            made[root, folder].append((number, name))
    found = list(entries)
    for (root, _), built in made.items():
        twins = [twin for _, name in built if (twin := _source(sources[root], name))]
        if len(twins) < _ENOUGH * len(built):
            continue
        for number, _ in built:
            reason = f"built from what lies in {f'{root}/{twins[0]}'.lstrip('/')}"
            found[number] = replace(found[number], role=FileRole.GENERATED.value, reason=reason)
    return found


def _parted(path: str) -> tuple[str, str, str]:
    """The folder above the first one of a build or of sources, that folder, and what lies below, without its ending."""
    parts = path.split("/")
    at = next((place for place, part in enumerate(parts[:-1]) if part in _BUILT | _SOURCES), -1)
    if at < 0:
        return "", "", ""
    return "/".join(parts[:at]), parts[at], _SCRIPT.sub("", "/".join(parts[at + 1 :]))


def _source(sources: dict[str, str], name: str) -> str:
    """The folder of the source; a build may lie in a folder for each form of modules: `dist/cjs/a.js`."""
    return sources.get(name) or sources.get(name.partition("/")[2], "")
