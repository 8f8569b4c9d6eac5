"""Opens what lies below a folder, link by no link: each part of a path on its own, none of them followed.

A name that was a folder when it was listed may be a link when it is opened. So folders are opened
from the one above, and what is opened is looked at, not what was listed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotRegular(OSError):
    """What has the name of a file is a link, a pipe, a device."""


class Folders:
    """Folders below a root, each opened from the one above. The chain to the last one stays open.

    Needs a system that opens names relative to a folder (`os.supports_dir_fd`).
    """

    def __init__(self, root: Path) -> None:
        """OSError if there is no folder. The root itself may be a link: it is what the user named."""
        self._root = os.open(root, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
        self._chain: list[tuple[str, int]] = []

    def close(self) -> None:
        self._back_to(0)
        os.close(self._root)

    def __enter__(self) -> "Folders":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enter(self, folder: str) -> int:
        """The descriptor of a folder, open until the next call; OSError if a part of it is none or a link."""
        parts = folder.split("/") if folder else []
        common = 0
        for (name, _), part in zip(self._chain, parts, strict=False):
            if name != part:
                break
            common += 1
        self._back_to(common)
        for part in parts[common:]:
            self._chain.append((part, os.open(part, _FOLDER, dir_fd=self._last)))
        return self._last

    @contextmanager
    def file(self, path: str) -> Iterator[tuple[int, os.stat_result]]:
        """A regular file, open for reading without waiting; OSError otherwise, NotRegular if it is no such."""
        folder, _, name = path.rpartition("/")
        found = os.open(name, _FILE, dir_fd=self.enter(folder))
        try:
            state = os.fstat(found)
            if not stat.S_ISREG(state.st_mode):
                raise NotRegular(f"{name} is no regular file")
            yield found, state
        finally:
            os.close(found)

    def read(self, path: str, most: int) -> bytes:
        """The first `most` bytes of a regular file."""
        with self.file(path) as (found, _):
            return read_all(found, most)

    @property
    def _last(self) -> int:
        return self._chain[-1][1] if self._chain else self._root

    def _back_to(self, length: int) -> None:
        while len(self._chain) > length:
            os.close(self._chain.pop()[1])


def read_all(found: int, most: int) -> bytes:
    """Up to `most` bytes from where an open file stands."""
    blocks = []
    while most > 0 and (block := os.read(found, min(most, 1 << 20))):
        blocks.append(block)
        most -= len(block)
    return b"".join(blocks)
