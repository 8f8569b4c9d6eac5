"""The hash of our own code, where a result depends on it: what other code found is not the same."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def hash_code(*names: str) -> str:
    """Of the Python files of packages, those in them included, and the weights and queries beside them, and of
    modules named with their `.py`, all below `docanalyze`."""
    digest = hashlib.sha256()
    ours = Path(__file__).parent
    for name in names:
        for path in _files(ours / name):
            if path.name.endswith((".py", ".json", ".scm")):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _files(found: Path) -> Iterator[Path]:
    if found.is_file():
        yield found
        return
    for path in sorted(found.iterdir(), key=lambda path: path.name):
        if path.name != "__pycache__":
            yield from _files(path)
