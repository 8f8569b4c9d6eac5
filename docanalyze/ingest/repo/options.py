"""What may be asked of reading a code base."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeOptions:
    """What of a folder is read. `include` and `exclude` are patterns as in a .gitignore file; `written` too, of what
    the program itself writes there, which nobody asked to leave out.

    A file over `most_file_bytes` is listed by name; a folder with over `most_files` is refused, and
    one whose files to be read have over `most_bytes`.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    tests: bool = True
    most_files: int = 200_000
    most_file_bytes: int = 1_000_000
    most_bytes: int = 500_000_000
    processes: int = 2
