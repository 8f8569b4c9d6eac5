"""Which branch and commit a checkout stands at, and its submodules, from its files alone.

git is never called: the configuration of a checkout can name programs that it would run. Nothing
outside the root is looked at, also where `.git` says that the facts lie there.
"""

import re
from dataclasses import dataclass

from docanalyze.ingest.repo.names import shown
from docanalyze.ingest.repo.opening import Folders

_MOST_BYTES = 4_096
_MOST_PACKED_BYTES = 8_000_000
_MOST_MODULES = 1_000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"refs/[^\x00-\x20\x7f~^:?*\[\\]{1,500}")
_MODULE = re.compile(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S[^\r\n]*?)[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the files of a checkout say; empty where they say nothing."""

    branch: str = ""
    commit: str = ""
    submodules: tuple[str, ...] = ()


def facts(folders: Folders) -> Facts:
    """The facts of the checkout at the root."""
    modules = tuple(found for found in _MODULE.findall(_text(folders, ".gitmodules", 256_000)) if _is_inside(found))
    base = _base(folders)
    head = _text(folders, f"{base}/HEAD").strip() if base else ""
    if _COMMIT.fullmatch(head):
        return Facts("", head, modules[:_MOST_MODULES])
    ref = head.removeprefix("ref:").strip()
    if not head.startswith("ref:") or not _REF.fullmatch(ref) or not _is_inside(ref):
        return Facts(submodules=modules[:_MOST_MODULES])
    return Facts(shown(ref.removeprefix("refs/heads/")), _commit(folders, base, ref), modules[:_MOST_MODULES])


def _base(folders: Folders) -> str:
    """The folder of the facts: `.git`, or what a file of that name says, if that lies inside the root."""
    if _is_folder(folders, ".git"):
        return ".git"
    told = _text(folders, ".git").strip()
    base = told.removeprefix("gitdir:").strip()
    return base if told.startswith("gitdir:") and _is_inside(base) and _is_folder(folders, base) else ""


def _commit(folders: Folders, base: str, ref: str) -> str:
    # A worktree keeps its own HEAD; branches lie in the folder that all share.
    shared = _text(folders, f"{base}/commondir").strip()
    common = _joined(base, shared) if shared else base
    for place in dict.fromkeys((base, common)):
        loose = _text(folders, f"{place}/{ref}").strip() if place else ""
        if _COMMIT.fullmatch(loose):
            return loose
    packed = _text(folders, f"{common}/packed-refs", _MOST_PACKED_BYTES) if common else ""
    for line in packed.split("\n"):
        commit, _, name = line.rstrip("\r").partition(" ")
        if name == ref and _COMMIT.fullmatch(commit):
            return commit
    return ""


def _joined(base: str, relative: str) -> str:
    """A path relative to a folder as one relative to the root; empty if it leads out."""
    if relative.startswith("/"):
        return ""
    parts = base.split("/")
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and not {"", ".", ".."} & set(path.rstrip("/").split("/"))


def _is_folder(folders: Folders, path: str) -> bool:
    try:
        folders.enter(path)
    except (OSError, ValueError):
        return False
    return True


def _text(folders: Folders, path: str, most: int = _MOST_BYTES) -> str:
    try:
        return folders.read(path, most).decode("utf-8", errors="surrogateescape")
    except (OSError, ValueError):
        return ""
