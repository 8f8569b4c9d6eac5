"""Exact token counts without a server: the packaged Qwen2.5 vocabulary, or that of a GGUF file.

Counts as llama.cpp does: no Unicode normalisation, and no special token is ever read out of text,
so that `<|im_end|>` in a document is the ordinary characters it looks like. Knows the chat template
of Qwen2.5-Instruct for one system and one user turn. Knows nothing of documents.
"""

import functools
import hashlib
import json
import re
import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.errors import VocabularyError

if TYPE_CHECKING:
    import tiktoken

# How text is split before its pieces are merged, by the name that GGUF files give it. Contractions
# are spelled out: ignoring case would let `'ſ` in, which llama.cpp does not.
PATTERNS = {
    "qwen2": (
        r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
}
# tiktoken is twice as fast with a pattern that does not look ahead. What this part of it is for, a row of blanks
# that leaves its last one to what follows, is brought about in the text instead: by cutting it there to encode
# it. To count it, all but the last are taken out, where those are one token; else a digit is put there, which is
# always a token of its own and joins nothing.
_LOOKING_AHEAD = r"|\s+(?!\S)"
_BLANK = r"\t\x0b\x0c \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LAST_BLANK = re.compile(f"(?<=[{_BLANK}])(?=[{_BLANK}][^{_BLANK}\\r\\n])")
_NOT_A_SPACE = re.compile(f"[{_BLANK.replace(' ', '')}]")
_SPACES = re.compile(r"   *(?=[^ \r\n])")
# Text is counted in blocks of so many characters, so that memory does not grow with its length.
_BLOCK = 1 << 18
# A block may end here, whatever stands before and behind: at the start of a line that is not blank,
# before a single space before a letter, after a digit. The pattern reaches across none of these.
_CUT = re.compile(r"(?<=\n)(?=\S)|(?<=\S)(?= [A-Za-z])|(?<=[0-9])")
_CUT_SEARCH = 1 << 14
# A single unbroken piece longer than this is merged in parts of this many bytes.
_PART = 1 << 16
# Tokens merged anew at the joint of two parts, at first; doubled until the joint holds.
_OVERLAP = 16
# The hash of the packaged vocabulary: every process that reads would take it anew.
_PACKAGED = "ba74c98e480395fa2591949809be37134a6502372577b0077da2ea485df27ef7"
# The type of an ordinary token in `tokenizer.ggml.token_type`.
_ORDINARY = 1


class Counter:
    """Counts and encodes text with one vocabulary; safe to share between threads.

    `name` is the pattern that splits text (`qwen2`), `sha256` the hash of pattern, tokens and ids:
    two counters of the same hash count alike.
    """

    def __init__(self, name: str, ranks: Mapping[bytes, int], sha256: str = "") -> None:
        """`ranks` has the ordinary tokens with their ids, which are also the order of their merges; `sha256` is
        their hash, where it is known."""
        import tiktoken

        self.name = name
        self.sha256 = sha256 or _hash_vocabulary(name, ranks)
        pattern = PATTERNS[name].replace(_LOOKING_AHEAD, "")
        self._encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=dict(ranks), special_tokens={})
        # A row of so many spaces is not surely one token any more.
        self._too_many = next(" " * many for many in range(1, len(ranks) + 2) if b" " * many not in ranks)

    def __call__(self, text: str) -> int:
        """How many tokens `text` is; memory does not grow with the text."""
        count = 0
        for block, short in self._blocks(text):
            if short:
                count += self._counted(block)
            else:
                count += sum(map(len, self._unbroken(block)))
        return count

    def _counted(self, text: str) -> int:
        has_others = any(map(text.__contains__, "\t\v\f")) if text.isascii() else _NOT_A_SPACE.search(text)
        if has_others or self._too_many + " " in text:
            marked, marks = _LAST_BLANK.subn("0", text)
            return len(self._encoding.encode_ordinary(marked)) - marks
        bare, rows = _SPACES.subn(" ", text)
        return len(self._encoding.encode_ordinary(bare)) + rows

    def encode(self, text: str) -> list[int]:
        """The ids of `text`."""
        found: list[int] = []
        for block, short in self._blocks(text):
            for ids in self._unblanked(block) if short else self._unbroken(block):
                found.extend(ids)
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ordinary ids; half characters at its ends become replacement characters."""
        return self._encoding.decode(list(ids))

    def _blocks(self, text: str) -> Iterator[tuple[str, bool]]:
        """The blocks of a text, each with whether it is short."""
        for start, end, short in cut_into_blocks(text, _BLOCK, _CUT_SEARCH):
            yield text[start:end], short

    def _unblanked(self, text: str) -> Iterator[Sequence[int]]:
        return map(self._encoding.encode_ordinary, _LAST_BLANK.split(text))

    def _unbroken(self, text: str) -> Iterator[Sequence[int]]:
        """For text with no place to cut: a run of a million blanks would panic tiktoken's pattern."""
        import regex  # type: ignore[import-untyped]

        for match in regex.finditer(PATTERNS[self.name], text):
            yield merge_in_parts(self._encoding, match.group().encode(), _PART, _OVERLAP)


def cut_into_blocks(text: str, block: int, search: int) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is at most `block` characters), one after the other all of `text`.

    Counts of the blocks add exactly. A block longer than asked has no place to cut: `search` is how
    far before its end one is looked for.
    """
    start = 0
    while len(text) - start > block:
        near = _CUT.search(text, start + block - search, start + block)
        cut = near or _CUT.search(text, start + block)
        end = cut.start() if cut else len(text)
        yield start, end, near is not None
        start = end
    yield start, len(text), True


def merge_in_parts(encoding: "tiktoken.Encoding", piece: bytes, part: int, overlap: int) -> Sequence[int]:
    """The ids of one piece that the pattern does not split, merged `part` bytes at a time.

    Rests on a property of byte pair encoding: a row of tokens is the encoding of its bytes if and
    only if any two neighbours are the encoding of theirs. So the parts may be merged apart where the
    tokens at their joint are; where not, the joint moves back, `overlap` tokens at first.
    """
    # The only door past the pattern that takes bytes, which a joint inside a character needs.
    merge = encoding._encode_single_piece
    if len(piece) <= part:
        return merge(piece)
    ids = array("I", merge(piece[:part]))
    for start in range(part, len(piece), part):
        again = overlap
        while True:
            kept = max(0, len(ids) - again)
            fresh = merge(encoding.decode_bytes(ids[kept:]) + piece[start : start + part])
            joint = [*ids[kept - 1 : kept], fresh[0]]
            if merge(encoding.decode_bytes(joint)) == joint:
                break
            again *= 2
        del ids[kept:]
        ids.extend(fresh)
    return ids


@functools.cache
def packaged() -> Counter:
    """The vocabulary of Qwen2 and Qwen2.5, which comes with docanalyze."""
    return Counter(*read_packaged(), _PACKAGED)


def read_packaged() -> tuple[str, dict[bytes, int]]:
    """The pattern's name and the ranks of `packaged`."""
    return from_bytes(_resource("qwen2.bin"))


def from_gguf(path: Path) -> Counter:
    """The vocabulary of the model file at `path`; VocabularyError if it is not counted exactly."""
    return Counter(*read_vocabulary(path))


def read_vocabulary(path: Path) -> tuple[str, dict[bytes, int]]:
    """The pattern's name and the ranks of a model file; VocabularyError as for `from_gguf`."""
    from docanalyze import gguf

    header = gguf.read(path)
    model = header.text("tokenizer.ggml.model")
    if model != "gpt2":
        raise _unknown(path, f"is of the type {model[:40]!r}")
    name = header.text("tokenizer.ggml.pre")
    if name not in PATTERNS:
        raise _unknown(path, f"splits text by {name[:40]!r}")
    texts = header.texts("tokenizer.ggml.tokens")
    types = header.integers("tokenizer.ggml.token_type")
    if len(types) != len(texts):
        raise _unknown(path, f"has {len(texts):,} tokens and {len(types):,} types of them")
    ordinary = {text: id_ for id_, (text, type_) in enumerate(zip(texts, types, strict=True)) if type_ == _ORDINARY}
    ranks = _as_bytes(ordinary)
    if ranks is None:
        raise _unknown(path, "has tokens that are not written as bytes")
    _require_order(path, ordinary, header.texts("tokenizer.ggml.merges"))
    return name, ranks


def _require_order(path: Path, ordinary: Mapping[str, int], merges: Sequence[str]) -> None:
    """Merging by ids is merging by the list of merges only if both have the same order."""
    longer = [id_ for text, id_ in ordinary.items() if len(text) > 1]
    if len(ordinary) - len(longer) != 256:
        raise _unknown(path, "lacks tokens for single bytes")
    if [ordinary.get(merge.replace(" ", "")) for merge in merges] != longer:
        raise _unknown(path, "has merges in another order than its tokens")


def _as_bytes(ordinary: Mapping[str, int]) -> dict[bytes, int] | None:
    """GGUF writes each byte of a token as one printable character; None if some are no such."""
    letters = byte_letters()
    joined = "".join(ordinary)
    if not letters.keys() >= set(joined):
        return None
    # Translating all at once is ten times faster than one by one: a letter stays one byte.
    data = joined.translate({ord(letter): byte for letter, byte in letters.items()}).encode("latin-1")
    ends = accumulate(map(len, ordinary))
    return {data[end - len(text) : end]: id_ for (text, id_), end in zip(ordinary.items(), ends, strict=True)}


def byte_letters() -> dict[str, int]:
    """The letter that GGUF writes for each byte: itself if printable, else one from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(others)}


def _unknown(path: Path, why: str) -> VocabularyError:
    return VocabularyError(
        f"the vocabulary of {path.name} {why}, which is not counted exactly",
        f"use a model whose vocabulary is {' or '.join(PATTERNS)}",
    )


def _hash_vocabulary(name: str, ranks: Mapping[bytes, int]) -> str:
    lengths = struct.pack(f"<{len(ranks)}I", *map(len, ranks))
    ids = struct.pack(f"<{len(ranks)}I", *ranks.values())
    return hashlib.sha256(b"\0".join((name.encode(), ids, lengths, b"".join(ranks)))).hexdigest()


def to_bytes(name: str, ranks: Mapping[bytes, int]) -> bytes:
    """A vocabulary in the form that is packaged: the tokens in the order of their ids, from 0 on."""
    tokens = sorted(ranks, key=ranks.__getitem__)
    if [ranks[token] for token in tokens] != list(range(len(tokens))):
        raise ValueError("the ids do not count from 0 on")
    lengths = bytes(map(len, tokens))
    return zlib.compress(name.encode() + b"\n" + struct.pack("<I", len(tokens)) + lengths + b"".join(tokens), 9)


def from_bytes(packed: bytes) -> tuple[str, dict[bytes, int]]:
    """The pattern's name and the ranks, from what `to_bytes` made."""
    name, _, data = zlib.decompress(packed).partition(b"\n")
    (count,) = struct.unpack_from("<I", data)
    # One format with every length in it is read twice as fast as slice after slice.
    form = [f"{length}s" for length in range(256)]
    tokens = struct.Struct("".join([form[length] for length in data[4 : 4 + count]]))
    return name.decode(), dict(zip(tokens.unpack_from(data, 4 + count), range(count), strict=True))


@dataclass(frozen=True)
class Instruct:
    """What Qwen2.5-Instruct adds to the vocabulary: special tokens with their ids, and a template.

    `template` has `{system}` and `{user}` where the text goes, and ends where the answer begins.
    """

    name: str
    added: Mapping[str, int]
    template: str

    def parts(self, system: str, user: str) -> Iterator[int | str]:
        """The prompt in order: ids of special tokens, and text in which none is read."""
        special = re.compile("(" + "|".join(map(re.escape, self.added)) + ")")
        for part in special.split(self.template):
            if part in self.added:
                yield self.added[part]
            elif part:
                # One turn at most stands in a part, so that nothing is put into text put in before.
                before, mark, after = part.partition("{system}")
                if not mark:
                    before, mark, after = part.partition("{user}")
                yield before + {"{system}": system, "{user}": user, "": ""}[mark] + after


@functools.cache
def instruct() -> Instruct:
    """The added tokens and the template of Qwen2.5-Instruct, which come with docanalyze."""
    data = json.loads(_resource("qwen2.5-instruct.json"))
    return Instruct(data["name"], data["added"], data["template"])


def encode_chat(counter: Counter, system: str, user: str) -> list[int]:
    """The ids of the whole prompt, to the point where the answer begins."""
    ids: list[int] = []
    for part in instruct().parts(system, user):
        ids += [part] if isinstance(part, int) else counter.encode(part)
    return ids


def count_chat(counter: Counter, system: str, user: str) -> int:
    """How many tokens the whole prompt is, to the point where the answer begins."""
    parts = instruct().parts(system, user)
    return sum(1 if isinstance(part, int) else counter(part) for part in parts)


def _resource(name: str) -> bytes:
    # Not by `importlib.resources`, whose import takes longer than to read the file.
    return (Path(__file__).parent / "vocabulary" / name).read_bytes()
