"""Folders for tests: written from a mapping of paths to contents."""

from collections.abc import Mapping
from pathlib import Path


def tree_of(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below a folder and gives it back; a path with `/` at its end is an empty folder.

    Surrogates stand for bytes that are no UTF-8, in paths as in contents.
    """
    root.mkdir(exist_ok=True)
    for path, content in files.items():
        target = root / path
        if path.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    return root
