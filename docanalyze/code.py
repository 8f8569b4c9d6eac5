"""The hash of our own code, where a result depends on it: what other code found is not the same."""

import hashlib
from functools import cache
from importlib.resources import files


@cache
def hash_code(*names: str) -> str:
    """Of the Python files of packages and the weights beside them, and of modules named with their `.py`,
    all below `docanalyze`."""
    digest = hashlib.sha256()
    ours = files("docanalyze")
    for name in names:
        found = ours / name
        modules = [found] if found.is_file() else sorted(found.iterdir(), key=lambda path: path.name)
        for path in modules:
            if path.name.endswith((".py", ".json")):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
