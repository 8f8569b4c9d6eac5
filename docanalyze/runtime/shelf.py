"""The files of kept prefixes: found, checked, written whole or not at all, evicted, forgotten.

Each is two files of one name: `.slot`, which a server wrote, and `.json`, what it is. They hold text of
documents, as token ids and as what a model made of them: their folder is for their owner alone. Knows
nothing of how they come about.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from docanalyze.errors import StoreUnwritable
from docanalyze.llm import Slot
from docanalyze.runtime.values import MIB

SPARE = 512 * MIB
"""Bytes of the disk that are left free."""
_ABANDONED = 3600.0
"""Seconds after which a file that nobody finished is one that nobody will."""
_PIECE, _READ, _HASHED_AT_ONCE = 64 * MIB, MIB, 4
_A_DAY = 24 * 3600.0
_SLOT, _SAID, _PART, _UNFIT = ".slot", ".json", ".part", ".unfit"


@dataclass(frozen=True, slots=True)
class Kept:
    """One prefix: whose, how many tokens, in how many bytes, their hash; when it was last used.

    `sha256` is that of the hashes of its pieces of 64 MiB.
    """

    key: str
    document_id: str
    tokens: int
    size: int
    sha256: str
    used: float = 0.0


class Shelf:
    """A folder of prefixes that together take at most `limit` bytes. Several processes may use it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit

    def path(self, key: str) -> Path:
        return self.folder / f"{key}{_SLOT}"

    def part(self, key: str) -> Path:
        """Where a file is written before it is whole."""
        return self.folder / f"{key}.{os.getpid()}{_PART}"

    # -- finding -----------------------------------------------------------------------------------

    def kept(self) -> list[Kept]:
        """All that can be read, the least recently used first."""
        found = [kept for said in _all(self.folder, _SAID) if (kept := _read(said)) is not None]
        return sorted(found, key=lambda kept: kept.used)

    def find(self, key: str) -> Kept | None:
        """The prefix of that name, if it is there; whether it is whole has not been looked at."""
        kept = _read(self._said(key))
        return kept if kept is not None and kept.key == key and self.path(key).is_file() else None

    def is_whole(self, kept: Kept) -> bool:
        """Whether the file is byte for byte what was saved. Reads all of it, and so warms it up."""
        try:
            if self.path(kept.key).stat().st_size != kept.size:
                return False
            return _sha256(self.path(kept.key)) == kept.sha256
        except OSError:
            return False

    def used(self, key: str) -> None:
        """Makes a prefix the most recently used."""
        with suppress(OSError):
            os.utime(self._said(key))

    # -- keeping -----------------------------------------------------------------------------------

    def make_room(self, size: int) -> str:
        """Evicts until `size` more bytes may be kept. Says why they may not, else nothing."""
        if size > self.limit:
            return f"it takes {size / MIB:,.0f} MiB, and all may take {self.limit / MIB:,.0f} (prefix_cache)"
        kept = self.kept()
        total = sum(one.size for one in kept)
        for one in kept:
            if total + size <= self.limit:
                break
            self.drop(one.key)
            total -= one.size
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            return f"{self.folder} cannot be used: {error.strerror}"
        if free < size + SPARE:
            return f"it takes {size / MIB:,.0f} MiB, and the disk has {free / MIB:,.0f} left"
        return ""

    def put(self, key: str, part: Path, document_id: str, saved: Slot) -> str:
        """Takes in a file that a server has written. Says why it cannot, else nothing."""
        try:
            size = part.stat().st_size
            problem = "the server says otherwise than its file" if size != saved.size else self.make_room(size)
            if problem:
                part.unlink()
                return problem
            part.chmod(0o600)
            kept = Kept(key, document_id, saved.tokens, size, _sha256(part))
            self._write(self._said(key), json.dumps(asdict(replace(kept, used=time.time()))))
            part.replace(self.path(key))
        except OSError as error:
            self.drop(key)
            return f"{self.folder} cannot be used: {error.strerror}"
        return ""

    def drop(self, key: str) -> int:
        """Deletes a prefix, and says how many bytes it took."""
        path, size = self.path(key), 0
        with suppress(OSError):
            size = path.stat().st_size
        for file in (path, self._said(key)):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        return size

    def tidy(self) -> None:
        """Makes the folder, for its owner alone, and removes what nobody finished."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        for suffix, seconds in ((_PART, _ABANDONED), (_UNFIT, _A_DAY)):
            for file in _all(self.folder, suffix):
                if time.time() - _changed(file) > seconds:
                    with suppress(OSError):
                        file.unlink()
        for name, files in _named(self.folder).items():
            if len(files) == 1 and files[0].suffix != _PART and time.time() - _changed(files[0]) > _ABANDONED:
                self.drop(name)

    # -- models whose prefixes are of no use -----------------------------------------------------------

    def set_unfit(self, served: str) -> None:
        """Remembers for a day that what serves makes no use of prefixes."""
        with suppress(OSError):
            self._write(self.folder / f"{served}{_UNFIT}", "")

    def is_unfit(self, served: str) -> bool:
        return self.folder / f"{served}{_UNFIT}" in _all(self.folder, _UNFIT)

    # -- what a server's slot holds ----------------------------------------------------------------

    def held(self, instance: str) -> str:
        """The prefix that the slot of a server holds, as far as is known; `instance` names its process."""
        try:
            served, _, key = self._mark(instance).read_text(encoding="utf-8").partition(" ")
        except (OSError, UnicodeDecodeError):
            return ""
        return key if served == instance else ""

    def hold(self, instance: str, key: str) -> None:
        """Remembers what the slot of a server holds, for the next command, too."""
        with suppress(OSError):
            self._write(self._mark(instance), f"{instance} {key}")

    # -- inside ------------------------------------------------------------------------------------

    def _mark(self, instance: str) -> Path:
        return self.folder / f"{instance.partition('-')[0]}.held"

    def _said(self, key: str) -> Path:
        return self.folder / f"{key}{_SAID}"

    def _write(self, path: Path, text: str) -> None:
        """Whole or not at all, for its owner alone."""
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.touch(0o600)
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def forget(folder: Path, document_ids: Collection[str]) -> int:
    """Deletes the prefixes of these Documents, and what cannot be told whose it is; how many.

    None are deleted where no Document is named. StoreUnwritable where one cannot be deleted.
    """
    deleted = 0
    for name, files in _named(folder).items() if document_ids else ():
        kept = _read(folder / f"{name}{_SAID}")
        if kept is None or kept.key != name or kept.document_id in document_ids:
            deleted += any([_delete(file) for file in files])
    return deleted


def _all(folder: Path, suffix: str) -> list[Path]:
    try:
        return sorted(folder.glob(f"*{suffix}"))
    except OSError:
        return []


def _named(folder: Path) -> dict[str, list[Path]]:
    """The files of each prefix."""
    found: dict[str, list[Path]] = {}
    for file in (file for suffix in (_SLOT, _SAID, _PART) for file in _all(folder, suffix)):
        found.setdefault(file.name.partition(".")[0], []).append(file)
    return found


def _read(said: Path) -> Kept | None:
    """What a prefix is, None where that cannot be read."""
    try:
        used = said.stat().st_mtime
        table = json.loads(said.read_text(encoding="utf-8"))
        return Kept(
            str(table["key"]),
            str(table["document_id"]),
            int(table["tokens"]),
            int(table["size"]),
            str(table["sha256"]),
            used,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _changed(path: Path) -> float:
    """When a file was written; now, if that cannot be told."""
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _sha256(path: Path) -> str:
    """The hash of the hashes of a file's pieces: several at once, since a file may have 10 GB."""
    size = path.stat().st_size
    with ThreadPoolExecutor(_HASHED_AT_ONCE) as pool:
        pieces = pool.map(lambda start: _piece(path, start), range(0, size, _PIECE))
        return hashlib.sha256(b"".join(pieces)).hexdigest()


def _piece(path: Path, start: int) -> bytes:
    digest, left = hashlib.sha256(), _PIECE
    with path.open("rb") as file:
        file.seek(start)
        while left and (read := file.read(min(left, _READ))):
            digest.update(read)
            left -= len(read)
    return digest.digest()


def _delete(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnwritable(
            f"the kept prefix {file} could not be deleted: {error.strerror}", "delete it yourself"
        ) from None
    return True
