"""ZIP archives, within limits: a few kilobytes may be packed so that they fill the memory."""

import posixpath
import zipfile
import zlib
from pathlib import Path

from docanalyze.errors import SourceDamaged, SourceRefused

_MOST_MEMBERS = 4000
_MOST_BYTES = 64_000_000
_MOST_BYTES_IN_ALL = 256_000_000
_MOST_RATIO = 200
_RATIO_FROM = 1_000_000
_MADE_SO = "the file may be made to do that"


class Archive:
    """The members of a ZIP archive, read one at a time into memory; nothing is unpacked to disk.

    Raises SourceRefused where what it says of itself is beyond the limits, SourceDamaged where it
    is broken. A context manager.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceDamaged(f"{name} is damaged: {error}", "get the file again") from None
        self._members = {info.filename: info for info in self._zip.infolist()}
        reason = self._beyond()
        if reason:
            self._zip.close()
            raise SourceRefused(f"{name} {reason}", _MADE_SO)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def read(self, member: str) -> bytes:
        """A member's bytes. SourceDamaged if it is not there or not whole."""
        try:
            with self._zip.open(self._members[member]) as file:
                return file.read(_MOST_BYTES)
        except KeyError:
            raise SourceDamaged(f"{self.name} is damaged: {member} is missing", "get the file again") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise SourceDamaged(f"{self.name} is damaged: {member}: {error}", "get the file again") from None

    def _beyond(self) -> str:
        """What is too much; empty if nothing is."""
        infos = self._zip.infolist()
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


def within(folder: str, address: str) -> str:
    """The member that an address names from a folder of the archive; empty if it leads out of it."""
    member = posixpath.normpath(posixpath.join(folder, address))
    return "" if member.startswith(("../", "/")) or member in ("..", ".") else member
