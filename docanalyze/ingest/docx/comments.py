"""A copy of a Word document with comments on what is quoted; everything else of it stays as it is.

Runs in the reading process, on trees that were parsed as for reading. Where a quote begins or ends
within a run, the run is split into two of the same look.
"""

import posixpath
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

from lxml import etree

from docanalyze.errors import SourceDamaged, SourceRefused
from docanalyze.ingest import parts
from docanalyze.ingest.answering import Answers, Json
from docanalyze.ingest.docx import Reading
from docanalyze.ingest.docx.names import ID, W
from docanalyze.ingest.docx.package import RELATIONSHIPS, Package, is_strict, made_strict, relationships_of
from docanalyze.ingest.docx.places import Place, Places, Point
from docanalyze.ingest.docx.walk import Traced
from docanalyze.model import Span, hash_text

_TYPES, _TYPES_PART = "{http://schemas.openxmlformats.org/package/2006/content-types}", "[Content_Types].xml"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_RELATED_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/comments"
_PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
_INITIALS = "da"
_ASIDE = "The words stand in a footnote, a text box or a label of this paragraph."
_INLINE = frozenset(
    f"{W}{name}"
    for name in ("hyperlink", "ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "bdo", "dir")
)
"""What may stand between a paragraph and its runs, and may hold the ends of a comment's range."""


def mark(path: Path, request: Json, answers: Answers) -> None:
    """Writes the copy. Answers which marks hang on a whole paragraph, and which are left out."""
    with Package(path, request["name"]) as package:
        if package.archive.salvaged:
            raise SourceRefused(f"{package.name} is damaged, and a copy would be too", "get the file again")
        places = _places(package, request)
        comments = _Comments(package)
        aside, left_out = [], []
        for number, one in enumerate(request["marks"]):
            found = [places.of(Span(**span)) for span in one["spans"]]
            at = [place for place in found if place is not None]
            for part, place in enumerate(at, 1):
                more = [f"Part {part} of {len(at)} of the quote."] if len(at) > 1 else []
                more += [_ASIDE] if place.start is None else []
                comments.add(place, one["title"], "\n".join([one["text"], *more]))
            if len(at) < len(found) or not found:
                left_out.append(number)
            elif any(place.start is None for place in at):
                aside.append(number)
        comments.put_in()
        try:
            _write(package, Path(request["out"]), comments.parts())
        except OSError as error:
            what = f"the copy of {package.name} cannot be written: {error.strerror or error}"
            raise SourceRefused(what, "choose another folder with --out, or free some space") from None
    answers.send(type="marked", aside=aside, left_out=left_out)


def _places(package: Package, request: Json) -> Places:
    """The way back from the Document's text, which is read once more: only the same text has the same places."""
    trail: list[Traced] = []
    reading = Reading(package, trail)
    told = list(reading.body())
    body = len(trail)
    told += [one for one in reading.apart() if isinstance(one, parts.Part)]
    text = parts.assemble(told).text
    if hash_text(text) != request["text_sha256"]:
        raise SourceRefused(f"{package.name} is read otherwise than it was", "analyse it again")
    return Places(trail[:body], text, package.main)


class _Comments:
    """The comments of a package: those that it has, and those that are added."""

    def __init__(self, package: Package) -> None:
        self.package = package
        known = package.names("comments")
        self.name = known[0] if known else _free_name(package)
        self.tree: Any = package.parsed(self.name) if self.name in package.archive else None
        if self.tree is None:
            if self.name in package.archive:
                raise SourceDamaged(f"{package.name}: the comments that it has cannot be read", "get the file again")
            self.tree = etree.Element(f"{W}comments", nsmap={"w": W.strip("{}")})
        self._numbers = count(max(map(_number, (*self.tree, *package.main.iter(*_REFERRING))), default=-1) + 1)
        self._ends: list[tuple[Point, int, bool]] = []
        self._whole: list[tuple[Any, int]] = []

    def add(self, place: Place, author: str, text: str) -> None:
        """A comment of one paragraph a line; `put_in` puts all where they belong."""
        number = next(self._numbers)
        comment = etree.SubElement(
            self.tree, f"{W}comment", {ID: str(number), f"{W}author": author, f"{W}initials": _INITIALS}
        )
        for line in text.split("\n"):
            run = etree.SubElement(etree.SubElement(comment, f"{W}p"), f"{W}r")
            etree.SubElement(run, f"{W}t", {_PRESERVE: "preserve"}).text = line
        if place.start is None or place.end is None:
            self._whole.append((place.paragraph, number))
        else:
            self._ends += [(place.start, number, False), (place.end, number, True)]

    def put_in(self) -> None:
        """The ranges and references in the text, the last first: splitting a run moves only what comes after."""
        for point, number, ends in sorted(self._ends, key=lambda one: one[0][:2], reverse=True):
            if ends:
                run = _ending(point)
                _outer(run).addnext(_reference(number))
                run.addnext(_limit("commentRangeEnd", number))
            else:
                _beginning(point).addprevious(_limit("commentRangeStart", number))
        for paragraph, number in self._whole:
            first = 1 if len(paragraph) and paragraph[0].tag == f"{W}pPr" else 0
            paragraph.insert(first, _limit("commentRangeStart", number))
            paragraph.append(_limit("commentRangeEnd", number))
            paragraph.append(_reference(number))

    def parts(self) -> dict[str, bytes]:
        """The parts of the package that are new or other than they were."""
        package = self.package
        strict = is_strict(package.archive.read(package.main_name))
        own = is_strict(package.archive.read(self.name)) if self.name in package.archive else strict
        related = relationships_of(package.main_name)
        return {
            package.main_name: _bytes(package.main, strict=strict),
            self.name: _bytes(self.tree, strict=own),
            related: _bytes(_with_relationship(package, related, self.name, strict=strict)),
            _TYPES_PART: _bytes(_with_type(package, self.name)),
        }


_REFERRING = tuple(f"{W}{name}" for name in ("commentRangeStart", "commentRangeEnd", "commentReference"))


def _number(element: Any) -> int:
    written = element.get(ID, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1


def _free_name(package: Package) -> str:
    folder = posixpath.dirname(package.main_name)
    names = (posixpath.join(folder, f"comments{more}.xml") for more in ("", *range(2, 100)))
    return next(name for name in names if name not in package.archive)


# -- in the text -----------------------------------------------------------------------------------


def _limit(name: str, number: int) -> Any:
    return etree.Element(f"{W}{name}", {ID: str(number)}, nsmap={"w": W.strip("{}")})


def _reference(number: int) -> Any:
    run = etree.Element(f"{W}r", nsmap={"w": W.strip("{}")})
    etree.SubElement(run, f"{W}commentReference", {ID: str(number)})
    return run


def _beginning(point: Point) -> Any:
    """The run, or what stands in its place, that begins at a Point: the half of one, where it is within."""
    run, element = _run_of(point.element), point.element
    if element.getparent() is not run:
        return run
    return _split(run, _split_text(element, point.offset) if point.offset else element)


def _ending(point: Point) -> Any:
    """The run, or what stands in its place, that ends at a Point."""
    run, element = _run_of(point.element), point.element
    if element.getparent() is not run:
        return run
    within = element.tag == f"{W}t" and point.offset < len(element.text)
    behind = _split_text(element, point.offset) if within else element.getnext()
    if behind is not None:
        _split(run, behind)
    return run


def _run_of(element: Any) -> Any:
    """The run of an element; the outermost of what may not be split: a picture's form, a formula, a ruby."""
    found = element
    for parent in element.iterancestors():
        if parent.tag == f"{W}p":
            break
        if parent.tag not in _INLINE:
            found = parent
    return found


def _outer(run: Any) -> Any:
    """What a run stands in right below its paragraph: a reference outlives a rejected insertion."""
    while run.getparent().tag in _INLINE:
        run = run.getparent()
    return run


def _split(run: Any, behind: Any) -> Any:
    """Moves an element of a run and all after it to a run of its own; the run where nothing stands before it."""
    before = [one for one in run[: run.index(behind)] if one.tag != f"{W}rPr"]
    if not before:
        return run
    half = run.makeelement(run.tag, dict(run.attrib), run.nsmap)
    properties = run.find(f"{W}rPr")
    if properties is not None:
        half.append(deepcopy(properties))
    for one in run[run.index(behind) :]:
        half.append(one)
    run.addnext(half)
    return half


def _split_text(element: Any, offset: int) -> Any:
    """The second half of a text, which is cut there."""
    half = deepcopy(element)
    element.text, half.text = element.text[:offset], element.text[offset:]
    for one in (element, half):
        one.set(_PRESERVE, "preserve")
    half.tail = None
    element.addnext(half)
    return half


# -- the package -----------------------------------------------------------------------------------


def _with_relationship(package: Package, name: str, target: str, *, strict: bool) -> Any:
    """The list of what the text refers to, with the comments."""
    tree = package.parsed(name) if name in package.archive else None
    if tree is None:
        tree = etree.Element(f"{RELATIONSHIPS}Relationships", nsmap={None: RELATIONSHIPS.strip("{}")})
    if any(posixpath.basename(one.get("Type", "")) == "comments" for one in tree):
        return tree
    used = {one.get("Id") for one in tree}
    key = next(key for key in (f"rId{number}" for number in count(1)) if key not in used)
    kind = _RELATED_STRICT if strict else _RELATED
    etree.SubElement(
        tree, f"{RELATIONSHIPS}Relationship", {"Id": key, "Type": kind, "Target": posixpath.basename(target)}
    )
    return tree


def _with_type(package: Package, name: str) -> Any:
    """The list of what the parts are, with the comments."""
    tree = package.parsed(_TYPES_PART) if _TYPES_PART in package.archive else None
    if tree is None:
        raise SourceDamaged(f"{package.name} is damaged: it does not say what its parts are", "get the file again")
    if not any(one.get("PartName") == f"/{name}" for one in tree):
        etree.SubElement(tree, f"{_TYPES}Override", {"PartName": f"/{name}", "ContentType": _CONTENT})
    return tree


def _bytes(tree: Any, *, strict: bool = False) -> bytes:
    data: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made_strict(data) if strict else data


def _write(package: Package, out: Path, changed: dict[str, bytes]) -> None:
    """The package with some parts changed and all others byte for byte."""
    archive = package.archive
    left: dict[str, bytes] = dict(changed)
    members: Sequence[zipfile.ZipInfo] = archive.members()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in members:
            content = left.pop(member.filename, None)
            info = zipfile.ZipInfo(member.filename, member.date_time)
            info.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(info, archive.read(member.filename) if content is None else content)
        for name, content in left.items():
            copy.writestr(name, content)
