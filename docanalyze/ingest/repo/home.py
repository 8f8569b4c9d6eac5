"""Whether a folder is one that nobody means to read as a code base."""

from pathlib import Path


def is_home(path: str | Path) -> bool:
    """Whether it is a home directory or a folder above one: nobody means to read all of that."""
    root = Path(path).resolve()
    return any(home.is_relative_to(root) for home in (Path.home().resolve(), Path("/home"), Path("/Users")))
