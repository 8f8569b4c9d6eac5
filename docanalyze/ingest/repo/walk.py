"""Walks a folder by the rules of .gitignore, without git, following no link and opening nothing outside.

Runs in a reading process: the names, the rules and the sheer number of files are a stranger's.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from docanalyze.errors import SourceMissing, SourceRefused
from docanalyze.ingest.repo import classify, git
from docanalyze.ingest.repo.built import told_built
from docanalyze.ingest.repo.entries import Entry
from docanalyze.ingest.repo.ignore import MOST_BYTES, Clock, Rules
from docanalyze.ingest.repo.names import shown
from docanalyze.ingest.repo.opening import Folders
from docanalyze.ingest.repo.options import TreeOptions
from docanalyze.model import FileRole, Skipped

_MOST_DEPTH = 200
_MOST_PATH = 4_000
_CACHES = frozenset(
    ".hg .svn .bzr .jj __pycache__ .mypy_cache .pytest_cache .ruff_cache .tox .nox .hypothesis "
    ".ipynb_checkpoints".split()
)
_IGNORED = "ignored by .gitignore"
_OF_GIT = "what git keeps for itself"
_DEEP = "too deep"
_NARROW = "name a folder inside it, or leave folders out with --exclude"


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found; `entries` in no order. `idle` are patterns that were asked for and fitted nothing."""

    name: str
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]
    facts: git.Facts = field(default_factory=git.Facts)
    idle: tuple[str, ...] = ()


def walk(source: str, options: TreeOptions) -> Walked:
    """All files below a folder, or the one file that `source` is. SourceMissing, SourceRefused."""
    if os.open not in os.supports_dir_fd:
        raise SourceRefused("code bases are not read on this system", "it cannot open files without following links")
    root = Path(source)
    try:
        state = root.stat()
        if stat.S_ISREG(state.st_mode):
            return _one(root, options)
        if not stat.S_ISDIR(state.st_mode):
            raise SourceRefused(f"{shown(source)} is neither a folder nor a file", "name a folder")
        with Folders(root) as folders:
            found = _Walk(folders, options)
            with found.clock.alarm():
                return found.all(shown(root.resolve().name))
    except PermissionError:
        raise SourceRefused(f"{shown(source)} may not be read", "check its permissions") from None
    except (OSError, ValueError):
        raise SourceMissing(f"{shown(source)} is not there", "check the path") from None


def _one(root: Path, options: TreeOptions) -> Walked:
    found = root.resolve()
    return Walked(shown(found.name), (_entry(found.name, found.stat().st_size, options),), ())


def _entry(path: str, size: int, options: TreeOptions) -> Entry:
    found = classify.by_path(path)
    role, reason = (found.role.value, found.reason) if found else ("", "")
    if not reason and size > options.most_file_bytes:
        reason = f"{size:,} bytes, more than the {options.most_file_bytes:,} that are read of one file"
    return Entry(path, size, role, reason)


@dataclass(frozen=True, slots=True)
class _Level:
    """A folder on the way down: the rules that hold in it, the nearest first, with how long the path to their
    folder is; and whether what lies in it was asked for."""

    path: str
    rules: tuple[tuple[int, Rules], ...]
    wanted: bool


class _Walk:
    def __init__(self, folders: Folders, options: TreeOptions) -> None:
        self.folders = folders
        self.options = options
        self.clock = Clock()
        self.include = Rules(options.include, self.clock, len(options.include)) if options.include else None
        excluded = (*options.exclude, *options.written)
        self.exclude = Rules(excluded, self.clock, len(options.exclude))
        self.entries: list[Entry] = []
        self.skipped: list[Skipped] = []
        self.counts: dict[tuple[str, str], int] = {}
        self.facts = git.Facts()
        self.modules: set[str] = set()
        self.is_checkout = False
        self.bytes = 0

    def all(self, name: str) -> Walked:
        self.facts = git.facts(self.folders)
        self.modules = {path.rstrip("/") for path in self.facts.submodules}
        self.is_checkout = self._has(".git")
        self._tell_dropped(self.include, "--include")
        self._tell_dropped(self.exclude, "--exclude")
        own = self._rules(".git/info/exclude") if self.is_checkout else None
        waiting = [_Level("", ((0, own),) if own else (), self.include is None)]
        while waiting:
            waiting += self._folder(waiting.pop())
        if self.clock.is_over:
            reason = f"after {self.clock.most_seconds:.0f} s of matching its rules were no longer applied"
            self.skipped.append(Skipped(".gitignore", reason, 0))
        counted = [Skipped(shown(path) or ".", why, count) for (path, why), count in self.counts.items()]
        facts = git.Facts(self.facts.branch, self.facts.commit, tuple(sorted(map(shown, self.modules))))
        return Walked(
            name,
            tuple(told_built(self.entries)),
            tuple(sorted([*self.skipped, *counted], key=_order)),
            facts,
            self._idle(),
        )

    def _idle(self) -> tuple[str, ...]:
        if self.clock.is_over:
            return ()
        include = [f"--include {line}" for line in self.include.idle] if self.include else []
        return tuple(map(shown, [*include, *(f"--exclude {line}" for line in self.exclude.idle)]))

    def _folder(self, level: _Level) -> Iterator[_Level]:
        """Lists a folder; the folders in it that are to be entered."""
        try:
            found = self._list(level)
        except OSError as error:
            self._skip(level.path, "no permission" if isinstance(error, PermissionError) else "cannot be listed", 0)
            return
        prefix = f"{level.path}/" if level.path else ""
        if any(one.name == ".gitignore" for one in found) and (rules := self._rules(f"{prefix}.gitignore")):
            level = _Level(level.path, ((len(prefix), rules), *level.rules), level.wanted)
        for one in found:
            path = prefix + one.name
            if one.is_dir(follow_symlinks=False):
                if below := self._below(path, one.name, level):
                    yield below
            else:
                self._file(path, one, level)

    def _list(self, level: _Level) -> list["os.DirEntry[str]"]:
        descriptor = self.folders.enter(level.path)
        # No more than can be used, and some that may be ignored: a folder may hold millions.
        most = 2 * self.options.most_files + 1_000
        with os.scandir(descriptor) as listing:
            found = list(islice(listing, most + 1))
        if len(found) > most:
            raise SourceRefused(f"{shown(level.path) or 'the folder'} alone has over {most:,} entries", _NARROW)
        return sorted(found, key=lambda one: one.name)

    def _below(self, path: str, name: str, level: _Level) -> _Level | None:
        decided = self.include.decide(f"{path}/") if self.include else None
        wanted = level.wanted if decided is None else decided
        if reason := self._why_not_entered(path, name, level):
            self._skip(path, reason, 0)
            return None
        return _Level(path, level.rules, wanted)

    def _why_not_entered(self, path: str, name: str, level: _Level) -> str:
        if name == ".git":
            return _OF_GIT
        if name in _CACHES:
            return "what a tool keeps for itself"
        if path.count("/") >= _MOST_DEPTH or len(path) > _MOST_PATH:
            return _DEEP
        if _is_ignored(f"{path}/", level):
            return _IGNORED
        if self.exclude.decide(f"{path}/"):
            return "excluded"
        if path in self.modules or (self.is_checkout and self._has(f"{path}/.git")):
            self.modules.add(path)
            return "a submodule or another checkout: name it to read it"
        return ""

    def _file(self, path: str, one: "os.DirEntry[str]", level: _Level) -> None:
        try:
            state = one.stat(follow_symlinks=False)
        except OSError:
            self._skip(path, "gone, or no permission")
            return
        if not stat.S_ISREG(state.st_mode):
            self._skip(path, _KINDS.get(stat.S_IFMT(state.st_mode), "no regular file"))
        elif one.name == ".git" or len(path) > _MOST_PATH:
            self._skip(path, _OF_GIT if one.name == ".git" else _DEEP)
        elif reason := self._why_left_out(path, level):
            key = (level.path, reason)
            self.counts[key] = self.counts.get(key, 0) + 1
        else:
            self._add(_entry(path, state.st_size, self.options))

    def _why_left_out(self, path: str, level: _Level) -> str:
        if _is_ignored(path, level):
            return _IGNORED
        if self.exclude.decide(path):
            return "excluded"
        if self.include is not None:
            decided = self.include.decide(path)
            if not (level.wanted if decided is None else decided):
                return "not included"
        if not self.options.tests:
            found = classify.by_path(path)
            if found and found.role is FileRole.TEST:
                return "tests were not asked for"
        return ""

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        most, most_bytes = self.options.most_files, self.options.most_bytes
        if len(self.entries) > most:
            raise SourceRefused(f"over {most:,} files are too many to read as one code base", _NARROW)
        if not entry.reason:
            self.bytes += entry.size
        if self.bytes > most_bytes:
            raise SourceRefused(f"over {most_bytes / 1e6:,.0f} MB are too much to read as one code base", _NARROW)

    def _rules(self, path: str) -> Rules | None:
        try:
            data = self.folders.read(path, MOST_BYTES + 1)
        except (OSError, ValueError):
            return None
        if len(data) > MOST_BYTES:
            self.skipped.append(Skipped(shown(path), "rules too long to be applied", 0))
            return None
        rules = Rules.read(data, self.clock)
        self._tell_dropped(rules, path)
        return rules

    def _tell_dropped(self, rules: Rules | None, path: str) -> None:
        if rules is not None and rules.dropped:
            reason = f"{rules.dropped:,} of its rules, too tangled or too many, were not applied"
            self.skipped.append(Skipped(shown(path), reason, 0))

    def _has(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        try:
            mode = os.stat(name, dir_fd=self.folders.enter(folder), follow_symlinks=False).st_mode
        except OSError:
            return False
        return stat.S_ISDIR(mode) or stat.S_ISREG(mode)

    def _skip(self, path: str, reason: str, count: int = 1) -> None:
        self.skipped.append(Skipped(shown(path) or ".", reason, count))


def _is_ignored(path: str, level: _Level) -> bool:
    for start, rules in level.rules:
        decided = rules.decide(path[start:])
        if decided is not None:
            return decided
    return False


def _order(skipped: Skipped) -> tuple[str, str]:
    return skipped.path, skipped.reason


_KINDS = {
    stat.S_IFLNK: "a link: not followed",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
