"""What the header of a GGUF model file says: its keys and values, and nothing of its tensors.

Reads versions 2 and 3, little-endian. The file is not trusted: every length is compared with what
is left of the file before anything of that size is made. What the values mean is for others.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from docanalyze.errors import VocabularyError

Value: TypeAlias = "int | float | bool | str | list[Value]"

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_DEPTH = 4
_MOST = 1 << 23
# A key of one byte, its type and its value: no pair is shorter, so no header claims more of them.
_SMALLEST_PAIR = 8 + 1 + 4 + 1


@dataclass(frozen=True)
class Gguf:
    """The header of one model file; `tensors` is how many it says follow."""

    path: Path
    version: int
    tensors: int
    metadata: dict[str, Value]

    def text(self, key: str) -> str:
        """The string under `key`; VocabularyError if it is missing or something else."""
        value = self._get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "text")
        return value

    def texts(self, key: str) -> list[str]:
        """The list of strings under `key`; VocabularyError if it is missing or something else."""
        value = self._get(key)
        if not isinstance(value, list):
            raise self._wrong(key, "a list of texts")
        found = [entry for entry in value if isinstance(entry, str)]
        if len(found) != len(value):
            raise self._wrong(key, "a list of texts")
        return found

    def integers(self, key: str) -> list[int]:
        """The list of integers under `key`; VocabularyError if it is missing or something else."""
        value = self._get(key)
        if not isinstance(value, list):
            raise self._wrong(key, "a list of integers")
        found = [entry for entry in value if isinstance(entry, int)]
        if len(found) != len(value):
            raise self._wrong(key, "a list of integers")
        return found

    def _get(self, key: str) -> Value:
        if key not in self.metadata:
            raise VocabularyError(f"{self.path.name} has no {key}", "use a complete model file")
        return self.metadata[key]

    def _wrong(self, key: str, expected: str) -> VocabularyError:
        return VocabularyError(f"{key} of {self.path.name} is not {expected}", "use a complete model file")


def read(path: Path) -> Gguf:
    """The header of the model file at `path`; VocabularyError if it is not one, or cut short."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise VocabularyError(f"{path.name} is empty", "copy the model file again")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Header(data, path).read()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise VocabularyError(f"cannot read {path}: {reason}", "name a GGUF file") from error


class _Header:
    """A place in the bytes of one file, moved on by reading."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self._data = data
        self._size = len(data)
        self._at = 0
        self._path = path

    def read(self) -> Gguf:
        if self._take(4) != _MAGIC:
            raise VocabularyError(f"{self._path.name} is not a GGUF file", "name a GGUF file")
        version = int(self._number("I"))
        if version not in _VERSIONS:
            raise VocabularyError(
                f"{self._path.name} is GGUF version {version}, not 2 or 3, or not little-endian",
                "convert the model anew",
            )
        tensors = int(self._number("Q"))
        pairs = self._count(_SMALLEST_PAIR)
        metadata: dict[str, Value] = {}
        for _ in range(pairs):
            key = self._string()
            if key in metadata:
                raise self._damaged(f"it gives {key[:80]!r} twice")
            metadata[key] = self._value(int(self._number("I")), 0)
        return Gguf(self._path, version, tensors, metadata)

    def _value(self, kind: int, depth: int) -> Value:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array(depth + 1)
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        raise self._damaged(f"it has a value of the unknown type {kind}")

    def _array(self, depth: int) -> list[Value]:
        if depth > _DEPTH:
            raise self._damaged("its lists are nested too deep")
        kind = int(self._number("I"))
        if kind in _NUMBERS:
            length = self._count(struct.calcsize("<" + _NUMBERS[kind]))
            layout = f"<{length}{_NUMBERS[kind]}"
            return list(struct.unpack(layout, self._take(struct.calcsize(layout))))
        if kind == _STRING:
            return list(self._strings(self._count(8)))
        return [self._value(kind, depth) for _ in range(self._count(1))]

    def _strings(self, count: int) -> list[str]:
        """The same as `_string` so many times, with the place held in a local: a vocabulary has 300,000."""
        data, size, at = self._data, self._size, self._at
        length_at = struct.Struct("<Q").unpack_from
        found = []
        for _ in range(count):
            if at + 8 > size:
                raise self._short()
            end = at + 8 + length_at(data, at)[0]
            if end > size:
                raise self._short()
            found.append(data[at + 8 : end].decode("utf-8", "surrogateescape"))
            at = end
        self._at = at
        return found

    def _string(self) -> str:
        return self._take(int(self._number("Q"))).decode("utf-8", "surrogateescape")

    def _count(self, each: int) -> int:
        """A count of things that take at least `each` bytes, refused if the file cannot hold them."""
        count = int(self._number("Q"))
        if count * each > self._size - self._at:
            raise self._short()
        if count > _MOST:
            # A file of zeros is as many empty texts as one likes: its size alone is no bound.
            raise self._damaged(f"it counts {count:,} of something")
        return count

    def _number(self, letter: str) -> int | float | bool:
        value: int | float | bool = struct.unpack("<" + letter, self._take(struct.calcsize("<" + letter)))[0]
        return value

    def _take(self, length: int) -> bytes:
        end = self._at + length
        if end > self._size:
            raise self._short()
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _short(self) -> VocabularyError:
        return self._damaged("it ends before its header does")

    def _damaged(self, why: str) -> VocabularyError:
        return VocabularyError(f"{self._path.name} is damaged: {why}", "copy the model file again")
