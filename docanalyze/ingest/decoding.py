"""The bytes of a text file as text: by its mark, as UTF-8, or by a guess that is told.

A NUL alone is replaced, because neither a database nor a terminal keeps it.
"""

import codecs
import re

from docanalyze.model import Note

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Unguided, the guess takes Latin-1 for Central European and Cyrillic for Japanese.
_GUESSED = ["cp1252", "shift_jis", "gb18030", "euc_kr", "koi8_r", "cp1251"]
_EAST_ASIAN = frozenset({"shift_jis", "gb18030", "euc_kr"})
_FEW_BYTES = 0.1
_PAIRED = re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]{2,}")
_GUESS_BYTES = 200_000
_LEAST_WIDE = 8


def decode(data: bytes) -> tuple[str, list[Note]]:
    """The text of a file and what had to be guessed or replaced."""
    text, notes, _ = decoded(data)
    return text, notes


def decoded(data: bytes) -> tuple[str, list[Note], str]:
    """The same with the encoding; empty for UTF-8."""
    text, notes, encoding = _decode(data)
    zeros = text.count("\x00")
    if zeros:
        text = text.replace("\x00", "\ufffd")
        notes.append(Note("nul", f"{zeros:,} NUL characters are shown as \ufffd"))
    return text, notes, encoding


def _decode(data: bytes) -> tuple[str, list[Note], str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, errors="replace")
            return text, _replaced(text, encoding), "" if encoding == "utf-8-sig" else encoding
    if encoding := wide(data):
        text = data.decode(encoding, errors="replace")
        note = Note("encoding", f"read as {encoding}, by where its NUL bytes stand")
        return text, [note, *_replaced(text, encoding)], encoding
    try:
        return data.decode("utf-8"), [], ""
    except UnicodeDecodeError:
        return _guess(data)


def wide(data: bytes) -> str:
    """UTF-16 without its mark: NULs in every second byte."""
    head = data[:4096]
    if len(head) < _LEAST_WIDE:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 5 or min(even, odd) > max(even, odd) // 10:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _guess(data: bytes) -> tuple[str, list[Note], str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESS_BYTES], cp_isolation=_GUESSED).best()
    encoding = best.encoding if best is not None else "cp1252"
    if encoding in _EAST_ASIAN and _is_western(data[:_GUESS_BYTES], encoding):
        encoding = "cp1252" if _can(data, "cp1252") else "iso-8859-1"
    text = data.decode(encoding, errors="replace")
    note = Note("encoding", f"not UTF-8: read as {encoding}, which is a guess")
    return text, [note, *_replaced(text, encoding)], encoding


def _is_western(data: bytes, encoding: str) -> bool:
    """Whether the few bytes that are not ASCII make no words of East Asia: those stand in rows, and a lone sign of
    copyright or a letter with an accent stands among ASCII."""
    if sum(byte > 127 for byte in data) > _FEW_BYTES * len(data):
        return False
    text = data.decode(encoding, errors="replace")
    paired = sum(len(run) for run in _PAIRED.findall(text))
    return paired < sum(not one.isascii() for one in text) / 2


def _can(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _replaced(text: str, encoding: str) -> list[Note]:
    lost = text.count("\ufffd")
    return [Note("encoding", f"{lost:,} places are no {encoding} and shown as \ufffd")] if lost else []
