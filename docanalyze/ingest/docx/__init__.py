"""Word documents (DOCX): text as Word shows it, with computed clause numbers, and all that stands beside it.

Insertions are read as if accepted, deletions are not; both are counted and listed after the body, as
are hidden words, comments, headers and footers. Nothing outside the package is opened.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from docanalyze.ingest.docx.names import ID, W, value
from docanalyze.ingest.docx.numbering import Lists, letters, roman
from docanalyze.ingest.docx.package import Package
from docanalyze.ingest.docx.references import Clauses
from docanalyze.ingest.docx.styles import Styles
from docanalyze.ingest.docx.walk import Traced, Walk, tidy
from docanalyze.ingest.docx.words import made_by
from docanalyze.ingest.invisible import TAGS, Sweeper
from docanalyze.ingest.parts import Fact, Part, Told
from docanalyze.model import Note, Role

_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_FACTS = (
    ("{http://purl.org/dc/elements/1.1/}title", "title"),
    ("{http://purl.org/dc/elements/1.1/}creator", "author"),
    ("{http://purl.org/dc/elements/1.1/}subject", "subject"),
    ("{http://purl.org/dc/terms/}created", "created"),
    ("{http://purl.org/dc/terms/}modified", "modified"),
    ("{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}lastModifiedBy", "last modified by"),
)
_NUMBERS: dict[str, Callable[[int], str]] = {
    "lowerRoman": roman,
    "upperRoman": lambda n: roman(n).upper(),
    "lowerLetter": letters,
    "decimal": str,
}
_MOST_NAMED = 10


def read(path: Path, request: dict[str, Any]) -> Iterator[Told]:
    """What the document tells: Facts, Parts in reading order, what stands apart, Notes."""
    with Package(path, request["name"]) as package:
        yield from _facts(package)
        reading = Reading(package)
        yield from reading.body()
        yield from reading.apart()
        yield from _about(package)
        yield from package.notes


def _facts(package: Package) -> Iterator[Fact]:
    core = package.core()
    for tag, name in _FACTS:
        found = core.find(tag) if core is not None else None
        words = " ".join((found.text or "").split()) if found is not None else ""
        if words:
            yield Fact(name, words[:500])


def _about(package: Package) -> Iterator[Note]:
    names = package.embedded()
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield Note("attachments", f"embedded files are not read: {', '.join(names[:_MOST_NAMED])}{more}")
    outside = package.outside()
    if outside:
        parts = (
            "1 part lies outside the file and was" if outside == 1 else f"{outside} parts lie outside the file and were"
        )
        yield Note("outside", f"{parts} not fetched")
    settings = package.first("settings")
    protection = settings.find(f"{W}documentProtection") if settings is not None else None
    if protection is not None and protection.get(f"{W}enforcement") in ("1", "true", "on"):
        yield Note("protected", "Word is told to let people change this document only in part, or not at all")


class Reading:
    """One document: its text and what was met on the way through it; on a `trail`, if given, where it stands."""

    def __init__(self, package: Package, trail: list[Traced] | None = None) -> None:
        self.package = package
        self.sweeper = Sweeper()
        self.walk = Walk(Styles(package.first("styles")), Lists(package.first("numbering")), self.sweeper, trail)
        self.notes = {kind: _by_id(package.first(f"{kind}s")) for kind in ("footnote", "endnote")}
        settings = package.first("settings")
        self.forms = {
            kind: value(settings.find(f"{W}{kind}Pr") if settings is not None else None, f"{W}numFmt", usual)
            for kind, usual in (("footnote", "decimal"), ("endnote", "lowerRoman"))
        }
        self.numbered: dict[tuple[str, str], int] = {}
        self.clauses = Clauses()

    def body(self) -> Iterator[Part]:
        """The text, each footnote after the paragraph that refers to it."""
        body = self.package.main.find(f"{W}body")
        if body is None:
            body = self.package.main
        for part in self.walk.blocks(body):
            self.clauses.take(part)
            yield part
            yield from self._footnotes()
        yield from self._footnotes()

    def _footnotes(self) -> Iterator[Part]:
        waiting, self.walk.referred = self.walk.referred, []
        for kind, key in waiting:
            note = self.notes[kind].get(key)
            if note is None or (kind, key) in self.numbered:
                continue
            self.numbered[kind, key] = sum(known == kind for known, _ in self.numbered) + 1
            shape = _NUMBERS.get(self.forms[kind], str)
            mark = shape(self.numbered[kind, key])
            words = " ".join(part.text for part in self.walk.blocks(note, Role.FOOTNOTE))
            if words:
                yield Part(f"{mark} {words}", Role.FOOTNOTE, note=f"{kind} {mark}")

    def apart(self) -> Iterator[Told]:
        """What stands beside the text, and what a user must know of it."""
        yield from self._running_heads()
        yield from self._comments()
        waiting = self.walk.waiting
        for why, words in waiting.hidden:
            if tidy(words):
                yield Part(tidy(words), Role.HIDDEN, note=why)
        for words in self.sweeper.spelled:
            yield Part(words, Role.HIDDEN, note=TAGS)
        counts = {Role.INSERTION: 0, Role.DELETION: 0}
        for change, where in waiting.changes:
            counts[change.role] += 1
            note = f"{change.by}, {where}" if where else change.by
            yield Part(tidy(self.sweeper.clean(change.words)), change.role, note=note)
        if waiting.changes:
            yield _changes_note(counts[Role.INSERTION], counts[Role.DELETION])
        yield from self.sweeper.notes()
        yield from self.clauses.notes()

    def _running_heads(self) -> Iterator[Part]:
        for kind in ("header", "footer"):
            told: set[str] = set()
            for _, tree in self.package.all(kind):
                words = "\n".join(part.text for part in self.walk.blocks(tree, Role.FURNITURE))
                if words.strip() and words not in told:
                    told.add(words)
                    yield Part(words, Role.FURNITURE, note=kind)

    def _comments(self) -> Iterator[Part]:
        anchored = self.walk.inline.commented
        for key, comment in _by_id(self.package.first("comments")).items():
            words = "\n".join(part.text for part in self.walk.blocks(comment, Role.COMMENT))
            on = " ".join(anchored.get(key, "").split())
            shown = f"{on[:60].rstrip()}…" if len(on) > 60 else on
            note = f'{made_by(comment)}, on "{shown}"' if shown else made_by(comment)
            if words.strip():
                yield Part(words, Role.COMMENT, note=note)


def _changes_note(insertions: int, deletions: int) -> Note:
    told = []
    for count, one in ((insertions, "insertion"), (deletions, "deletion")):
        if count:
            told.append(f"{count:,} {one}{'s' * (count != 1)}")
    verb = "is" if insertions + deletions == 1 else "are"
    return Note("changes", f"{' and '.join(told)} {verb} not accepted yet: the text is read as if they were")


def _by_id(tree: Any) -> dict[str, Any]:
    """Footnotes, endnotes or comments by their id, without those that only draw a line."""
    if tree is None:
        return {}
    return {one.get(ID, ""): one for one in tree if one.get(f"{W}type") not in _SEPARATORS}
