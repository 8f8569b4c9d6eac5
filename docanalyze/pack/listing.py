"""What is listed by name only: file by file where there is room, folders as one line where not."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docanalyze.model import Tree
from docanalyze.pack.forms import Form
from docanalyze.pack.prose import Count

# No line counts fewer tokens, so that what cannot fit needs no counting.
_LEAST_LINE = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the listing with its tokens: that of one file, or of a folder for `places` in and below it."""

    text: str
    tokens: int
    places: tuple[int, ...]
    path: str
    folded: bool


@dataclass
class _Folder:
    path: str
    files: list[int] = field(default_factory=list)
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    all: list[int] = field(default_factory=list)
    rank: float = 0.0
    own: float = 0.0


def listing(
    places: Iterable[int], form: Form, count: Count, ranks: Sequence[float], room: int
) -> tuple[Line, ...] | None:
    """The lines for these files, in the order of their paths, of at most `room` tokens; None if even one line is more.

    Folders are opened from the top while there is room, those that matter most first.
    """
    root = _folders(form.tree, places, ranks)
    if not root.all:
        return ()
    whole = _fold(root, form, count)
    left = room - whole.tokens
    if left < 0:
        return None
    shown: list[Line] = []
    waiting = [(0, -root.rank, root.path, 0, root, whole)]
    while waiting:
        _, _, _, _, folder, line = heapq.heappop(waiting)
        opened = _opened(folder, left + line.tokens, form, count)
        if opened is None:
            shown.append(line)
            continue
        left += line.tokens - sum(one.tokens for _, one in opened)
        for number, (inner, one) in enumerate(opened):
            if inner is None:
                shown.append(one)
            else:
                depth = inner.path.count("/") + bool(inner.path)
                heapq.heappush(waiting, (depth, -inner.rank, inner.path, number, inner, one))
    return tuple(sorted(shown, key=lambda line: (line.path, line.folded)))


def _opened(folder: _Folder, room: int, form: Form, count: Count) -> list[tuple[_Folder | None, Line]] | None:
    """What an opened folder shows: its folders and its own files as one, or its files; None if that is too much."""
    if folder.folders:
        inner = list(folder.folders.values())
        if folder.files:
            inner.append(_Folder(folder.path, folder.files, all=folder.files, rank=folder.own))
        parts: list[_Folder | int] = list(inner)
    else:
        parts = list(folder.files)
    if len(parts) * _LEAST_LINE > room:
        return None
    lines: list[tuple[_Folder | None, Line]] = []
    for part in parts:
        one = (part, _fold(part, form, count)) if isinstance(part, _Folder) else (None, _file(part, form, count))
        lines.append(one)
        room -= one[1].tokens
        if room < 0:
            return None
    return lines


def _folders(tree: Tree, places: Iterable[int], ranks: Sequence[float]) -> _Folder:
    root = _Folder("")
    known: dict[str, _Folder] = {"": root}

    def folder_of(path: str) -> _Folder:
        found = known.get(path)
        if found is None:
            found = known[path] = _Folder(path)
            folder_of(path.rpartition("/")[0]).folders[path] = found
        return found

    direct: dict[str, list[int]] = defaultdict(list)
    for place in places:
        direct[tree.files[place].folder].append(place)
    for path, inside in direct.items():
        rank = sum(ranks[place] for place in inside)
        folder_of(path).files, folder_of(path).own = inside, rank
        while True:
            known[path].all += inside
            known[path].rank += rank
            if not path:
                break
            path = path.rpartition("/")[0]
    return root


def _fold(folder: _Folder, form: Form, count: Count) -> Line:
    text = form.fold(folder.path, len(folder.all), deeper=bool(folder.folders))
    path = folder.path + "/" if folder.path else ""
    return Line(text, count(text), tuple(sorted(folder.all)), path, True)


def _file(place: int, form: Form, count: Count) -> Line:
    text = form.name(place)
    return Line(text, count(text), (place,), form.tree.files[place].path, False)
