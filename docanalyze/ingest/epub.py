"""Electronic books (EPUB): the chapters in the order of their spine, each read as a page of the web."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from docanalyze.errors import SourceDamaged, SourceRefused
from docanalyze.ingest import html
from docanalyze.ingest.archive import Archive, within
from docanalyze.ingest.html.decoding import decode
from docanalyze.ingest.parts import Fact, Part, Told
from docanalyze.model import Note

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/license.lcpl")
# Fonts are made unreadable for other programs by these; the words are not.
_FONTS_ALONE = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
_PAGES = frozenset(("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"))
_FACTS = {
    "title": "title", "creator": "author", "date": "date", "language": "language", "publisher": "publisher",
    "identifier": "identifier", "description": "description", "rights": "rights",
}  # fmt: skip
_LONGEST_FACT = 500


def read(path: Path, request: dict[str, Any]) -> Iterator[Told]:
    """What a book tells: its facts, then its chapters."""
    with Archive(path, request["name"]) as archive:
        _require_open(archive)
        package = _package(archive)
        root = _xml(archive, package)
        yield from _facts(root)
        tally = html.Tally()
        said: set[str] = set()
        for member in _spine(root, package, archive):
            if isinstance(member, Note):
                yield member
                continue
            for item in _chapter(archive, member, tally):
                if not isinstance(item, Note) or item.text not in said:
                    yield item
                if isinstance(item, Note):
                    said.add(item.text)
        yield from tally.told()


def _chapter(archive: Archive, member: str, tally: html.Tally) -> Iterator[Told]:
    """A chapter's Parts. Its own facts are the book's or none, and its pages not those of the book."""
    folder = posixpath.dirname(member)

    def linked(address: str) -> str | None:
        sheet = within(folder, unquote(address))
        return decode(archive.read(sheet))[0] if sheet and sheet in archive else None

    tally.linked = linked
    text, notes = decode(archive.read(member))
    yield from notes
    for item in html.told(text, archive.name, tally):
        if isinstance(item, Part):
            yield item._replace(page=0)
        elif isinstance(item, Note):
            yield item


def _require_open(archive: Archive) -> None:
    """SourceRefused for a book that is encrypted, but for its fonts."""
    locked = any(name in archive for name in _RIGHTS)
    if _ENCRYPTION in archive:
        methods = _xml(archive, _ENCRYPTION).iter("{*}EncryptionMethod")
        locked = locked or any(method.get("Algorithm") not in _FONTS_ALONE for method in methods)
    if locked:
        raise SourceRefused(f"{archive.name} is protected against copying (DRM)", "give a copy without protection")


def _package(archive: Archive) -> str:
    roots = _xml(archive, _CONTAINER).iter("{*}rootfile")
    found = next((within("", root.get("full-path", "")) for root in roots), "")
    if not found:
        raise SourceDamaged(f"{archive.name} is damaged: it names no contents", "get the file again")
    return found


def _xml(archive: Archive, member: str) -> Any:
    """A member as elements. Entities are not resolved and nothing is fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    root = etree.fromstring(archive.read(member), parser)
    if root is None:
        raise SourceDamaged(f"{archive.name} is damaged: {member} is no XML", "get the file again")
    return root


def _facts(root: Any) -> Iterator[Fact]:
    for element in root.iter("{http://purl.org/dc/elements/1.1/}*"):
        name = _FACTS.get(etree.QName(element).localname)
        value = " ".join("".join(element.itertext()).split())[:_LONGEST_FACT]
        if name and value:
            yield Fact(name, value)


def _spine(root: Any, package: str, archive: Archive) -> Iterator[str | Note]:
    """The members to read, in order; a Note for each that is not there."""
    folder = posixpath.dirname(package)
    items = {item.get("id", ""): item for item in root.iter("{*}item")}
    seen: set[str] = set()
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item is None or "nav" in item.get("properties", "").split():
            continue
        address = unquote(item.get("href", "").partition("#")[0])
        member = within(folder, address)
        if not member or member not in archive:
            yield Note("missing", f"the chapter {address[:100]} is not in the book")
        elif member not in seen and item.get("media-type", "") in _PAGES:
            seen.add(member)
            yield member
