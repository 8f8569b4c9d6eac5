"""What of a folder is analysed: found by walking, in a fixed order, each file looked at by its first bytes.

No link is followed. What is left out is named with the reason.
"""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path

from docanalyze.errors import PasswordNeeded, SourceError, SourceMissing, SourceRefused
from docanalyze.ingest.source import examine
from docanalyze.model import BatchDocument, BatchState

MANIFESTS = frozenset(
    {
        *("pyproject.toml", "setup.py", "package.json", "Cargo.toml", "go.mod", "pom.xml", "build.gradle"),
        *("build.gradle.kts", "composer.json", "Gemfile", "CMakeLists.txt", "meson.build", "Makefile"),
    }
)
"""A folder that holds one of these, or `.git`, is a code base."""

_TEXTS = frozenset({".txt", ".text", ".md", ".markdown", ""})
_DOCUMENTS = frozenset(
    {
        *(".pdf", ".docx", ".docm", ".dotx", ".dotm", ".doc", ".dot", ".rtf", ".odt", ".ott", ".epub"),
        *(".html", ".htm", ".xhtml"),
    }
)
_OURS = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}\.(md|html|marked\.\w+)")
"""Names that nobody else gives."""
_LIKE_OURS = re.compile(r"batch-\d+\.html|reading-[0-9a-f]{12}\.html|docanalyze\.log(\.\d)?")
_TEMPORARY = re.compile(r"~\$.*|\.~lock\..*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of folders are documents: patterns of paths below the folder, or of names.

    With `repos` a folder that is a code base is one document. `limit` is how many at most, 0 for all. `apart`
    are files and folders of our own, which are never read. `max_bytes` and `convert` are those of reading.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    repos: bool = False
    limit: int = 0
    apart: tuple[Path, ...] = ()
    max_bytes: int = 200_000_000
    convert: bool = False


def listed(sources: Sequence[str], wanted: Wanted) -> list[BatchDocument]:
    """What the sources hold, each path once: documents that wait, files that are skipped, names that nothing has."""
    found: list[BatchDocument] = []
    seen: set[Path] = set()
    taken = 0
    for one in _all(sources, wanted):
        # A link is no document; what is named twice, by itself and with its folder, is one.
        place = Path(os.path.abspath(one.source))  # noqa: PTH100 - resolve would follow links
        if place in seen:
            continue
        seen.add(place)
        if one.state is BatchState.WAITING:
            if wanted.limit and taken >= wanted.limit:
                continue
            taken += 1
        found.append(replace(one, number=len(found) + 1))
    return found


def _all(sources: Sequence[str], wanted: Wanted) -> Iterator[BatchDocument]:
    for source in sources:
        paths = _expanded(source)
        if not paths:
            yield _failed(Path(source), "no file or folder is named so: check the pattern")
        for path in paths:
            if path.is_dir():
                yield from _folder(path, wanted)
            else:
                yield _file(path, wanted, named=True)


def _expanded(source: str) -> list[Path]:
    """The paths that a pattern means, or the path itself; none where a pattern means nothing."""
    if os.path.lexists(source) or not glob.has_magic(source):
        return [Path(source)]
    given = sum(1 for _ in takewhile(lambda part: not glob.has_magic(part), Path(source).parts))
    found = map(Path, sorted(glob.glob(source, recursive=True)))  # noqa: PTH207
    return [path for path in found if not _is_below_a_link(path, given)]


def _is_below_a_link(path: Path, given: int) -> bool:
    """Whether a pattern went through a link to a folder, which may lead in a circle. The first parts were `given`."""
    return any(Path(*path.parts[:count]).is_symlink() for count in range(given + 1, len(path.parts)))


def is_code_base(folder: Path) -> bool:
    """Whether a folder is itself a code base: git's, or with a manifest at its top."""
    return (folder / ".git").exists() or any((folder / name).is_file() for name in MANIFESTS)


def _folder(root: Path, wanted: Wanted) -> Iterator[BatchDocument]:
    """What a folder holds, its files before its folders, however deep."""
    waiting = [root]
    # pathlib keeps `..`, by which a folder has many names; resolve would follow links.
    apart = frozenset(os.path.abspath(one) for one in wanted.apart)  # noqa: PTH100
    while waiting:
        folder = waiting.pop()
        if wanted.repos and is_code_base(folder):
            yield BatchDocument(0, str(folder), is_code=True)
            continue
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: (entry.is_dir(follow_symlinks=False), entry.name))
        except OSError as error:
            yield _failed(folder, f"the folder cannot be read: {error.strerror}")
            continue
        folders = []
        for entry in entries:
            path, reason = folder / entry.name, _left_out(entry, apart)
            if entry.is_dir(follow_symlinks=False) and not reason:
                folders.append(path)
            elif not _OURS.fullmatch(entry.name):
                yield _skipped(path, reason) if reason else _entry(entry, path, root, wanted)
        waiting.extend(reversed(folders))


def _left_out(entry: "os.DirEntry[str]", apart: frozenset[str]) -> str:
    """Why nobody looks at an entry, whatever it is."""
    if os.path.abspath(entry.path) in apart:  # noqa: PTH100
        return "docanalyze writes there"
    if entry.is_symlink():
        return "a link, which is not followed"
    return "hidden" if entry.name.startswith(".") else ""


def _entry(entry: "os.DirEntry[str]", path: Path, root: Path, wanted: Wanted) -> BatchDocument:
    """What is no folder to be gone through."""
    if not entry.is_file(follow_symlinks=False):
        return _skipped(path, "no ordinary file")
    if _LIKE_OURS.fullmatch(entry.name):
        return _skipped(path, "named as what docanalyze writes; name it by itself to have it read")
    return _chosen(path, root, wanted)


def _chosen(path: Path, root: Path, wanted: Wanted) -> BatchDocument:
    """A file of a folder, as the patterns have it."""
    inside = path.relative_to(root).as_posix()
    if _matches(inside, wanted.exclude):
        return _skipped(path, "excluded by --exclude")
    if wanted.include:
        if not _matches(inside, wanted.include):
            return _skipped(path, "not among --include")
        return _file(path, wanted, named=True)
    return _file(path, wanted, named=False)


def _matches(inside: str, patterns: Sequence[str]) -> bool:
    *folders, name = inside.split("/")
    # The name of a folder, or the path of one, means all that is below it.
    above = {*folders, *("/".join(folders[: count + 1]) for count in range(len(folders)))}
    return any(fnmatchcase(inside, one) or fnmatchcase(name, one) or one.rstrip("/") in above for one in patterns)


def _file(path: Path, wanted: Wanted, *, named: bool) -> BatchDocument:
    """A file as a document, unless no reader reads it: that is a failure of one that calls itself a document."""
    suffix = path.suffix.lower()
    if not named and _TEMPORARY.fullmatch(path.name):
        return _skipped(path, "a temporary file of a word processor")
    try:
        opened = examine(path, path.name, wanted.max_bytes, convert=wanted.convert)
        size = path.stat().st_size
    except PasswordNeeded as error:
        return _failed(path, str(error))
    except SourceMissing as error:
        return _failed(path, str(error))
    except SourceRefused as error:
        refused = named or suffix in _DOCUMENTS | _TEXTS or not os.access(path, os.R_OK)
        return _failed(path, str(error)) if refused else _skipped(path, error.what)
    except SourceError as error:
        return _failed(path, str(error)) if named or suffix in _DOCUMENTS | _TEXTS else _skipped(path, error.what)
    except OSError as error:
        return _failed(path, f"{path} cannot be read: {error.strerror}")
    if not named and opened.format in ("text", "markdown") and suffix not in _TEXTS | _DOCUMENTS:
        return _skipped(path, f"text, but no document by its name; --include '*{suffix}' takes it")
    return BatchDocument(0, str(path), size)


def _skipped(path: Path, reason: str) -> BatchDocument:
    return BatchDocument(0, str(path), state=BatchState.SKIPPED, reason=reason)


def _failed(path: Path, reason: str) -> BatchDocument:
    return BatchDocument(0, str(path), state=BatchState.FAILED, reason=reason)
