"""What the header of a GGUF model file says: its keys and values, and what tensors it holds where.

Reads versions 2 and 3, little-endian. The file is not trusted: every length is compared with what
is left of the file before anything of that size is made. What the values mean is for others. Weights
are never read.
"""

import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeAlias, TypeVar

from docanalyze.errors import VocabularyError

Value: TypeAlias = "int | float | bool | str | list[Value]"
_T = TypeVar("_T")

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_DEPTH = 4
_MOST = 1 << 23
# A key of one byte, its type and its value: no pair is shorter, so no header claims more of them.
_SMALLEST_PAIR = 8 + 1 + 4 + 1
# An empty name, no lengths, type and offset.
_SMALLEST_TENSOR = 8 + 4 + 4 + 8
_MOST_LENGTHS = 4
_LONG = 4096
"""A list longer than this is one of the vocabulary: `layout` counts it, and does not make it."""

BLOCKS = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 30: ("BF16", 1, 2), 28: ("F64", 1, 8),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8),
    2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    29: ("IQ1_M", 256, 56), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18), 42: ("Q2_0", 64, 18),
}  # fmt: skip
"""Of each type of tensor that llama.cpp has (ggml.h, ggml-common.h): its name, elements and bytes of a block."""


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


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model file: `size` in bytes, at `offset` from where the tensors begin."""

    name: str
    shape: tuple[int, ...]
    type: str
    size: int
    offset: int


@dataclass(frozen=True)
class Layout:
    """A model file without what is long: `header` lacks the lists of the vocabulary, `lengths` counts all lists.

    `needed` is the size that the file must have to hold all its tensors, `size` the one it has.
    """

    header: Gguf
    lengths: dict[str, int]
    tensors: tuple[Tensor, ...]
    needed: int
    size: int

    @property
    def tensor_bytes(self) -> int:
        return sum(tensor.size for tensor in self.tensors)

    @property
    def is_whole(self) -> bool:
        return self.size >= self.needed


def read(path: Path) -> Gguf:
    """The header of the model file at `path`; VocabularyError if it is not one, or cut short."""
    return _opened(path, lambda header: header.read())


def layout(path: Path) -> Layout:
    """Keys, values and places of the tensors of the model file at `path`, in some hundredths of a second.

    VocabularyError if it is not one, or its header cut short. Whether the tensors are there is `is_whole`.
    """
    return _opened(path, lambda header: header.layout())


def _opened(path: Path, take: "Callable[[_Header], _T]") -> _T:
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise VocabularyError(f"{path.name} is empty", "copy the model file again")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return take(_Header(data, path))
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
        """All keys and values."""
        version, tensors, pairs = self._start()
        metadata: dict[str, Value] = {}
        keys: set[str] = set()
        for _ in range(pairs):
            key = self._new_key(keys)
            metadata[key] = self._value(int(self._number("I")), 0)
        return Gguf(self._path, version, tensors, metadata)

    def layout(self) -> Layout:
        """Short values, the lengths of lists, and the tensors."""
        version, count, pairs = self._start()
        metadata: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        keys: set[str] = set()
        for _ in range(pairs):
            key = self._new_key(keys)
            kind = int(self._number("I"))
            if kind == _ARRAY and (skipped := self._skip_long()):
                lengths[key] = skipped
                continue
            value = metadata[key] = self._value(kind, 0)
            if isinstance(value, list):
                lengths[key] = len(value)
        if count * _SMALLEST_TENSOR > self._size - self._at:
            raise self._short()
        tensors = tuple(self._tensor() for _ in range(count))
        start = self._at + -self._at % self._alignment(metadata)
        needed = max((start + tensor.offset + tensor.size for tensor in tensors), default=self._at)
        return Layout(Gguf(self._path, version, count, metadata), lengths, tensors, needed, self._size)

    def _new_key(self, known: set[str]) -> str:
        key = self._string()
        if key in known:
            raise self._damaged(f"it gives {key[:80]!r} twice")
        known.add(key)
        return key

    def _skip_long(self) -> int:
        """Passes over a list, if it is a long one of numbers or texts, and says how long; 0 if it is not."""
        start = self._at
        kind = int(self._number("I"))
        if kind not in _NUMBERS and kind != _STRING:
            self._at = start
            return 0
        each = struct.calcsize("<" + _NUMBERS[kind]) if kind in _NUMBERS else 8
        count = self._count(each)
        if count <= _LONG:
            self._at = start
            return 0
        if kind == _STRING:
            self._skip_strings(count)
        else:
            self._at += count * each
        return count

    def _skip_strings(self, count: int) -> None:
        data, size, at = self._data, self._size, self._at
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at + 8 > size:
                raise self._short()
            at += 8 + length_at(data, at)[0]
        if at > size:
            raise self._short()
        self._at = at

    def _tensor(self) -> Tensor:
        name = self._string()
        rank = int(self._number("I"))
        if rank > _MOST_LENGTHS:
            raise self._damaged(f"a tensor of it has {rank} lengths")
        shape = tuple(int(self._number("Q")) for _ in range(rank))
        kind = int(self._number("I"))
        if kind not in BLOCKS:
            raise self._damaged(f"it has weights of the unknown type {kind}")
        type_, elements, bytes_ = BLOCKS[kind]
        if (shape[0] if shape else 1) % elements:
            raise self._damaged(f"a row of {name[:80]!r} is no whole number of blocks")
        return Tensor(name, shape, type_, prod(shape) // elements * bytes_, int(self._number("Q")))

    def _alignment(self, metadata: Mapping[str, Value]) -> int:
        value = metadata.get("general.alignment", 32)
        if not isinstance(value, int) or value < 1 or value & (value - 1):
            raise self._damaged("its alignment is no power of two")
        return value

    def _start(self) -> tuple[int, int, int]:
        """Version, number of tensors and number of pairs."""
        if self._take(4) != _MAGIC:
            raise VocabularyError(f"{self._path.name} is not a GGUF file", "name a GGUF file")
        version = int(self._number("I"))
        if version not in _VERSIONS:
            raise VocabularyError(
                f"{self._path.name} is GGUF version {version}, not 2 or 3, or not little-endian",
                "convert the model anew",
            )
        tensors = int(self._number("Q"))
        return version, tensors, self._count(_SMALLEST_PAIR)

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
