"""ZIP archives, within limits: a few kilobytes may be packed so that they fill the memory."""

import posixpath
import struct
import zipfile
import zlib
from pathlib import Path

from docanalyze.errors import SourceDamaged, SourceRefused

_MOST_MEMBERS = 4000
_MOST_BYTES = 64_000_000
_MOST_BYTES_IN_ALL = 256_000_000
_MOST_RATIO = 200
_RATIO_FROM = 1_000_000
_MOST_SALVAGED = 20_000_000
_LOCAL = b"PK\x03\x04"
_MADE_SO = "the file may be made to do that"


class Archive:
    """The members of a ZIP archive, read one at a time into memory; nothing is unpacked to disk.

    Raises SourceRefused where what it says of itself is beyond the limits, SourceDamaged where it
    is broken. A context manager.
    """

    def __init__(self, path: Path, name: str, *, salvage: bool = False) -> None:
        self.name = name
        self._whole: dict[str, bytes] = {}
        self._zip: zipfile.ZipFile | None = None
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self._whole = _salvaged(path) if salvage else {}
            if not self._whole:
                raise SourceDamaged(f"{name} is damaged: {error}", "get the file again") from None
        self._members = {info.filename: info for info in self._zip.infolist()} if self._zip else {}
        reason = _beyond(self._zip.infolist()) if self._zip else ""
        if reason:
            self.__exit__()
            raise SourceRefused(f"{name} {reason}", _MADE_SO)

    @property
    def salvaged(self) -> bool:
        """Whether the archive's list of members was lost, and they were found one by one."""
        return bool(self._whole)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def __contains__(self, member: str) -> bool:
        return member in self._members or member in self._whole

    def members(self) -> tuple[zipfile.ZipInfo, ...]:
        """What the archive's own list names, each name once; nothing of a salvaged one."""
        return tuple(self._members.values())

    def read(self, member: str) -> bytes:
        """A member's bytes. SourceDamaged if it is not there or not whole."""
        if member in self._whole:
            return self._whole[member]
        try:
            if self._zip is None:
                raise KeyError(member)
            with self._zip.open(self._members[member]) as file:
                return file.read(_MOST_BYTES)
        except KeyError:
            raise SourceDamaged(f"{self.name} is damaged: {member} is missing", "get the file again") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise SourceDamaged(f"{self.name} is damaged: {member}: {error}", "get the file again") from None


def _beyond(infos: list[zipfile.ZipInfo]) -> str:
    """What is too much; empty if nothing is."""
    if len(infos) > _MOST_MEMBERS:
        return f"holds {len(infos):,} files, more than the {_MOST_MEMBERS:,} allowed"
    if sum(info.file_size for info in infos) > _MOST_BYTES_IN_ALL:
        return f"unpacks to more than {_MOST_BYTES_IN_ALL / 1e6:,.0f} MB"
    for info in infos:
        if info.file_size > _MOST_BYTES:
            return f"holds a file of more than {_MOST_BYTES / 1e6:,.0f} MB"
        if info.file_size > _RATIO_FROM and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
            return f"holds a file packed to less than a part in {_MOST_RATIO}"
    return ""


def _salvaged(path: Path) -> dict[str, bytes]:
    """Members by the headers that stand before each, where the list at the archive's end is lost."""
    data = path.read_bytes()
    found: dict[str, bytes] = {}
    at, total = data.find(_LOCAL), 0
    while at >= 0 and len(found) < _MOST_MEMBERS and total < _MOST_BYTES_IN_ALL and at + 30 <= len(data):
        method, packed, name_length, extra = struct.unpack_from("<8xH8xI4xHH", data, at)
        name = data[at + 30 : at + 30 + name_length].decode("utf-8", errors="replace")
        start = at + 30 + name_length + extra
        content = _unpacked(data, start, method, packed)
        total += len(content)
        if content and name not in found:
            found[name] = content
        at = data.find(_LOCAL, start)
    return found


def _unpacked(data: bytes, start: int, method: int, packed: int) -> bytes:
    """What can be unpacked of a member that may be cut."""
    if method == zipfile.ZIP_STORED:
        return data[start : start + packed] if packed else b""
    if method != zipfile.ZIP_DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[start:], _MOST_SALVAGED)
    except zlib.error:
        return b""


def within(folder: str, address: str) -> str:
    """The member that an address names from a folder of the archive; empty if it leads out of it."""
    member = posixpath.normpath(posixpath.join(folder, address))
    return "" if member.startswith(("../", "/")) or member in ("..", ".") else member
