"""What is listed by name only: file by file where there is room, folders as one line where not."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, eq=False)
class _Folder:
    """Files in or below a folder; `path` ends with `/` and is empty for the root. `flat`: those right in it alone."""

    path: str
    places: Sequence[int]
    flat: bool = False

    def depth(self) -> int:
        return self.path.count("/") + self.flat


def listing(
    places: Iterable[int], form: Form, count: Count, ranks: Sequence[float], room: int
) -> tuple[Line, ...] | None:
    """The lines for these files, in the order of their paths, of at most `room` tokens; None if even one line is more.

    Folders are opened from the top while there is room, those that matter most first.
    """
    root = _Folder("", tuple(places))
    if not root.places:
        return ()
    return _Listing(form, count, ranks, room).lines(root)


class _Listing:
    def __init__(self, form: Form, count: Count, ranks: Sequence[float], room: int) -> None:
        self.form, self.count, self.ranks, self.left = form, count, ranks, room
        self.waiting: list[tuple[int, float, str, bool, _Folder, Line]] = []

    def lines(self, root: _Folder) -> tuple[Line, ...] | None:
        whole = self._fold(root)
        self.left -= whole.tokens
        if self.left < 0:
            return None
        self._wait(root, whole)
        shown: list[Line] = []
        while self.waiting:
            *_, folder, line = heapq.heappop(self.waiting)
            opened = self._opened(folder, self.left + line.tokens)
            if opened is None:
                shown.append(line)
                continue
            self.left += line.tokens - sum(one.tokens for _, one in opened)
            for inner, one in opened:
                if inner is None:
                    shown.append(one)
                else:
                    self._wait(inner, one)
        return tuple(sorted(shown, key=lambda line: (line.path, line.folded)))

    def _wait(self, folder: _Folder, line: Line) -> None:
        matters = sum(self.ranks[place] for place in folder.places)
        heapq.heappush(self.waiting, (folder.depth(), -matters, folder.path, folder.flat, folder, line))

    def _opened(self, folder: _Folder, room: int) -> list[tuple[_Folder | None, Line]] | None:
        """What an opened folder shows: its folders and its own files as one, or its files; None if that is too much."""
        parts = self._parts(folder)
        if len(parts) * _LEAST_LINE > room:
            return None
        lines: list[tuple[_Folder | None, Line]] = []
        for part in parts:
            one = (part, self._fold(part)) if isinstance(part, _Folder) else (None, self._file(part))
            lines.append(one)
            room -= one[1].tokens
            if room < 0:
                return None
        return lines

    def _parts(self, folder: _Folder) -> "Sequence[_Folder | int]":
        if folder.flat:
            return folder.places
        files = self.form.tree.files
        own: list[int] = []
        inner: dict[str, list[int]] = {}
        at = len(folder.path)
        for place in folder.places:
            name, below, _ = files[place].path[at:].partition("/")
            if below:
                inner.setdefault(name, []).append(place)
            else:
                own.append(place)
        if not inner:
            return own
        folders = [_Folder(f"{folder.path}{name}/", held) for name, held in inner.items()]
        return [*folders, _Folder(folder.path, own, flat=True)] if own else folders

    def _fold(self, folder: _Folder) -> Line:
        at = len(folder.path)
        files = self.form.tree.files
        deeper = not folder.flat and any("/" in files[place].path[at:] for place in folder.places)
        text = self.form.fold(folder.path.rstrip("/"), len(folder.places), deeper=deeper)
        return Line(text, self.count(text), tuple(folder.places), folder.path, True)

    def _file(self, place: int) -> Line:
        text = self.form.name(place)
        return Line(text, self.count(text), (place,), self.form.tree.files[place].path, False)
