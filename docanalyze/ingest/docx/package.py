"""The package of a Word document: its parts as trees, whatever they are called and however it is damaged.

One way for all: parts are found by their relationships, read with zipfile and parsed with lxml. What a
library that writes documents would not open (strict names, renamed or missing parts, a cut archive) is
opened here all the same. No DOCTYPE, no entity, no part outside the package.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from docanalyze.errors import SourceDamaged, SourceRefused
from docanalyze.ingest.archive import Archive, within
from docanalyze.model import Note

RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml/main|officeDocument/math)")
_STRICT_IN = 20_000
_PLAIN = {
    b"wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
}
_USUAL = "word/document.xml"
_HARMLESS = frozenset({"hyperlink"})


class Package:
    """A package, open for as long as the block: `main` is the tree of its text."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.notes: list[Note] = []
        self.archive = Archive(path, name, salvage=True)
        if self.archive.salvaged:
            self.notes.append(Note("repaired", "the file was damaged: what could be unpacked of it was read"))
        self.main_name = self._find_main()
        self._related = list(self._relationships(self.main_name))
        tree = self.parsed(self.main_name, main=True)
        if tree is None:
            raise SourceDamaged(f"{name} is damaged: it holds no text part", "get the file again")
        self.main = tree

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.__exit__()

    def first(self, kind: str) -> Any:
        """The tree of the first part of that kind, or None."""
        return next((tree for _, tree in self.all(kind)), None)

    def all(self, kind: str) -> Iterator[tuple[str, Any]]:
        """(name, tree) of each part that the text refers to as of that kind."""
        for name in self.names(kind):
            tree = self.parsed(name) if name in self.archive else None
            if tree is not None:
                yield name, tree

    def names(self, kind: str) -> tuple[str, ...]:
        """The parts that the text refers to as of that kind; without any the one that is usually called so."""
        names = [target for known, target, outside in self._related if known == kind and not outside]
        usual = posixpath.join(posixpath.dirname(self.main_name), f"{kind}.xml")
        if not names and usual in self.archive:
            names = [usual]
        return tuple(dict.fromkeys(names))

    def core(self) -> Any:
        """The tree of what the file says of itself, or None."""
        known = {kind: target for kind, target, outside in self._relationships("") if not outside}
        name = known.get("core-properties", "docProps/core.xml")
        return self.parsed(name) if name in self.archive else None

    def outside(self) -> int:
        """How many parts lie outside the package: templates, images. They are never fetched."""
        return sum(outside and kind not in _HARMLESS for kind, _, outside in self._related)

    def embedded(self) -> list[str]:
        """Names of files within the file, and of programs."""
        kinds = ("package", "oleObject", "vbaProject", "aFChunk")
        return [posixpath.basename(target) for kind, target, outside in self._related if kind in kinds and not outside]

    def _find_main(self) -> str:
        for kind, target, outside in self._relationships(""):
            if kind == "officeDocument" and not outside and target in self.archive:
                return target
        if _USUAL in self.archive:
            self.notes.append(Note("repaired", "it does not say which part is its text: the usual one is read"))
            return _USUAL
        raise SourceDamaged(f"{self.name} is damaged: it holds no text part", "get the file again")

    def _relationships(self, part: str) -> Iterator[tuple[str, str, bool]]:
        """(kind, target, whether outside) of what a part refers to; of the package itself without a name."""
        folder = posixpath.dirname(part)
        name = relationships_of(part)
        tree = self.parsed(name) if name in self.archive else None
        for one in tree.iter(f"{RELATIONSHIPS}Relationship") if tree is not None else ():
            kind = posixpath.basename(one.get("Type", ""))
            outside = one.get("TargetMode") == "External"
            target = one.get("Target", "")
            inside = within("", target.lstrip("/")) if target.startswith("/") else within(folder, target)
            if outside or inside:
                yield kind, target if outside else inside, outside

    def parsed(self, name: str, *, main: bool = False) -> Any:
        """The tree of a part; None, with a Note, if it is none. Of the main part that is an error."""
        try:
            data = self.archive.read(name)
        except SourceDamaged as error:
            return self._unread(name, error.what, error, main=main)
        if b"<!DOCTYPE" in data or b"<\0!\0D\0O\0C" in data:
            if main:
                what = f"{self.name} declares a document type, which no Word document does"
                raise SourceRefused(what, "the file may be made to do harm")
            return self._unread(name, "it declares a document type", None, main=False)
        if is_strict(data):
            data = _STRICT.sub(lambda match: _PLAIN[match[1]], data)
        try:
            return etree.fromstring(data, _parser(recover=self.archive.salvaged))
        except etree.XMLSyntaxError as error:
            return self._unread(name, str(error)[:100], error, main=main)

    def _unread(self, name: str, why: str, error: Exception | None, *, main: bool) -> None:
        if main:
            raise SourceDamaged(f"{self.name} is damaged: {why}", "get the file again") from error
        self.notes.append(Note("part", f"{name} could not be read: {why}"))


def is_strict(data: bytes) -> bool:
    """Whether a part names its elements as the strict form of the standard does."""
    return b"purl.oclc.org" in data[:_STRICT_IN]


def made_strict(data: bytes) -> bytes:
    """A part with the strict names declared for the usual ones, as it was before it was parsed."""
    for end, usual in _PLAIN.items():
        strict = b"http://purl.oclc.org/ooxml/" + end
        data = re.sub(rb"(xmlns(?::[\w.-]+)?=\")" + re.escape(usual) + b'"', rb"\g<1>" + strict + b'"', data)
    return data


def relationships_of(part: str) -> str:
    """The name of the part that lists what a part refers to."""
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
