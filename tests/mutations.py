"""Good files made bad: the same seed makes the same file."""

import io
import random
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

Mutate = Callable[[random.Random, bytes], bytes]
_HUGE = (b"4294967296", b"-1", b"99999999999", b"0", b"2147483647")


def _flip(rng: random.Random, data: bytes) -> bytes:
    content = bytearray(data)
    for _ in range(rng.randint(1, 30)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _delete(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randint(1, max(1, len(data) // 10)) :]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randint(1, len(data))]


def _double(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    block = data[start : start + rng.randint(1, 2000)]
    return data[:start] + block * rng.randint(2, 6) + data[start:]


def _swap(rng: random.Random, data: bytes) -> bytes:
    a, b, c = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _numbers(rng: random.Random, data: bytes) -> bytes:
    places = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return _flip(rng, data)
    content = data
    for place in sorted(rng.sample(places, min(len(places), rng.randint(1, 5))), reverse=True):
        content = content[:place] + rng.choice(_HUGE) + content[place + 1 :]
    return content


PLAIN: tuple[Mutate, ...] = (_flip, _delete, _cut, _double, _swap, _numbers)


def mutated(seed: int, data: bytes) -> bytes:
    """A mutation of a file; of an archive often one of a member, packed again so that it is reached."""
    rng = random.Random(seed)
    if zipfile.is_zipfile(io.BytesIO(data)) and rng.random() < 0.7:
        with suppress(zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, IndexError):
            return _in_member(rng, data)
    return rng.choice(PLAIN)(rng, data) or b"x"


def _in_member(rng: random.Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = rng.choice([name for name, content in members.items() if content])
    members[name] = rng.choice(PLAIN)(rng, members[name])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), content)
    return target.getvalue()
