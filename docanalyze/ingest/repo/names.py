"""Paths as they are shown, and back: one printable line, valid Unicode, different for different files."""

import os
import re

_ESCAPED = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


def shown(path: str) -> str:
    """A path for people: what is not UTF-8 or not printable as `\\xff`, byte for byte, a backslash doubled."""
    if path.isprintable() and "\\" not in path:
        return path
    return "".join(map(_shown, path))


def _shown(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))


def named(path: str) -> str:
    """The path that `shown` was given; ValueError of what it never gives."""
    if "\\" not in path:
        return path
    data = os.fsencode(path)
    bare = _ESCAPED.sub(b"", data)
    if b"\\" in bare:
        raise ValueError(f"not a path as shown: {path}")
    return os.fsdecode(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else b"\\", data))
