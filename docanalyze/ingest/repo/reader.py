"""Reads code bases: as a Tree without texts, or as a Document with all of them."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from docanalyze.errors import ReaderKilled, SourceDamaged, SourceMissing, SourceRefused
from docanalyze.ingest.child import Json
from docanalyze.ingest.collecting import uncollected
from docanalyze.ingest.options import Limits
from docanalyze.ingest.repo import forms
from docanalyze.ingest.repo.assembling import Taken, Told, assembled
from docanalyze.ingest.repo.crew import Crew, Order
from docanalyze.ingest.repo.entries import Entry, entries_of
from docanalyze.ingest.repo.names import named, shown
from docanalyze.ingest.repo.options import TreeOptions
from docanalyze.ingest.repo.versions import version
from docanalyze.model import Document, Event, File, Note, Notify, Reader, Skipped, Source, Tree

READER = "repository"
FORMAT = "repository"
_NAMED = 3
# Of a code base no larger than this a survey keeps the texts: to read them again would take longer.
_KEPT_BYTES = 3_000_000
_COUNT = re.compile(r"\d[\d,]*(?= )")


@dataclass(slots=True)
class _Gathered:
    """What comes back from the reading processes, file by file. `keeps` says whether what is parsed is for a store."""

    keeps: bool
    vocabulary: str = ""
    files: list[File] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)
    notes: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


class TreeReader:
    """Reads code bases, one at a time, in processes of its own. A context manager.

    Every method may raise a SourceError: SourceMissing and SourceRefused of what is no code base or
    too large for one, SourceDamaged where nothing in it can be read.
    """

    def __init__(self, limits: Limits | None = None, crew: Crew | None = None) -> None:
        """`crew` are processes that were started ahead, with limits of their own; they end with this."""
        self._crew = crew or Crew(limits or Limits())
        self._fresh: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._notes: tuple[Note, ...] = ()
        self._root = ""

    def __enter__(self) -> "TreeReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        self._crew.close()

    @property
    def fresh(self) -> Mapping[str, str]:
        """What the last `read` parsed, by the key that `known` may have the next time."""
        return self._fresh

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was guessed, replaced or taken out in the files of the Tree read last."""
        return self._notes

    def survey(self, source: str, options: TreeOptions, notify: Notify) -> Tree:
        """The code base without its texts."""
        tree, gathered = self._tree(source, options, notify, texts=False, known={})
        self._texts = gathered.texts
        return tree

    def read(
        self, source: str, options: TreeOptions, notify: Notify, known: Mapping[str, str] | None = None
    ) -> Document:
        """The code base with its texts. What `known` has of a file is not parsed again; if any of it that is needed
        is gone or not ours, everything is."""
        try:
            tree, gathered = self._tree(source, options, notify, texts=True, known=known or {})
        except (AttributeError, KeyError, TypeError, ValueError):
            if not known:
                raise
            tree, gathered = self._tree(source, options, notify, texts=True, known={})
        self._fresh = gathered.fresh
        text, files, segments = assembled(tree.files, gathered.texts, gathered.told, gathered.taken)
        tree = replace(tree, files=tuple(files))
        size = sum(file.size for file in files if file.is_read)
        return Document(
            text,
            tuple(segments),
            Source(source, tree.name, tree.sha256, size),
            Reader(READER, version(), _asked(options)),
            FORMAT,
            notes=self._notes,
            metadata=tuple(pair for pair in (("branch", tree.branch), ("commit", tree.commit)) if pair[1]),
            tree=tree,
        )

    def texts(self, tree: Tree, paths: Iterable[str]) -> dict[str, str]:
        """The texts of some files of the Tree read last, as `read` has them; of a file that was not read none.

        SourceDamaged if one is another than it was, unless it was kept as it was.
        """
        read = [tree.files[tree.place(path)] for path in paths]
        found = {file.path: self._texts[file.path] for file in read if file.path in self._texts}
        files = {named(file.path): file for file in read if file.path not in found}
        wanted = [Entry(path, file.size, file.role.value) for path, file in files.items() if file.is_read]
        order = Order(self._root, max((one.size for one in wanted), default=0), texts=True, parses=False)
        for entry, answer in self._crew.read(order, wanted, 1):
            file = files[entry.path]
            if answer.get("sha256") != file.sha256 or "text" not in answer:
                raise SourceDamaged(f"{file.path} is not what was read", "start again")
            found[file.path] = answer["text"]
        return found

    def _tree(
        self, source: str, options: TreeOptions, notify: Notify, *, texts: bool, known: Mapping[str, str]
    ) -> tuple[Tree, _Gathered]:
        self._root, self._texts = _root(source), {}
        order = Order(self._root, options.most_file_bytes, texts, tuple(known), segments=texts)
        with uncollected():
            return self._gathered(order, source, options, notify, known)

    def _gathered(
        self, order: Order, source: str, options: TreeOptions, notify: Notify, known: Mapping[str, str]
    ) -> tuple[Tree, _Gathered]:
        notify(Event("files", shown(source)))
        walked = self._walk(source, options, order)
        entries = entries_of(walked)
        if not entries:
            skipped = Counter(reason for _, reason, _ in walked["skipped"]).most_common(1)
            left_out = f"all files in it are left out ({skipped[0][0]})" if skipped else "it holds no files"
            raise SourceDamaged(f"{shown(source)}: {left_out}", "check the path, and what is ignored or excluded")
        gathered = _Gathered(order.segments)
        if walked["idle"]:
            gathered.notes["pattern", "fits nothing that would be read without it"] = walked["idle"]
        wanted = []
        for entry in entries:
            if entry.reason:
                gathered.files.append(forms.unread(shown(entry.path), entry.size, entry.role, entry.reason))
            else:
                wanted.append(entry)
        if sum(entry.size for entry in wanted) <= _KEPT_BYTES:
            order = replace(order, texts=True)
        for done, (entry, answer) in enumerate(self._crew.read(order, wanted, options.processes), 1):
            _take(gathered, entry, answer, known)
            notify(Event("files", shown(source), done, len(wanted)))
        if not any(file.is_read for file in gathered.files):
            reasons = Counter(file.reason for file in gathered.files).most_common()
            often = "most often: " if len(reasons) > 1 else ""
            raise SourceDamaged(f"no file in {shown(source)} can be read", f"{often}{reasons[0][0]}")
        self._notes = tuple(_notes(gathered.notes))
        return _finished(walked, gathered), gathered

    def _walk(self, source: str, options: TreeOptions, order: Order) -> Json:
        try:
            return self._crew.walk(source, options, order)
        except ReaderKilled as killed:
            what = f"listing {shown(source)} was stopped: {killed.what}"
            raise ReaderKilled(what, "name a folder inside it") from None


def _root(source: str) -> str:
    """The folder that files are opened below."""
    path = Path(source)
    try:
        if path.is_dir():
            return str(path.resolve())
        if not path.exists():
            raise SourceMissing(f"{shown(source)} is not there", "check the path")
    except (OSError, ValueError):
        raise SourceRefused(f"{shown(source)} may not be read", "check the path and its permissions") from None
    return str(path.resolve().parent)


def _take(gathered: _Gathered, entry: Entry, answer: Json, known: Mapping[str, str]) -> None:
    path = shown(entry.path)
    if answer["type"] == "unread":
        gathered.files.append(forms.unread(path, entry.size, entry.role, answer["reason"]))
        return
    key, gathered.vocabulary = answer["key"], answer["vocabulary"]
    fresh = answer.get("parsed")
    values: dict[str, Any] = json.loads(known[key]) if fresh is None else fresh
    file = forms.file_of(path, answer["size"], answer["sha256"], values)
    gathered.files.append(file)
    gathered.references[path] = values.get("references", "")
    for note in forms.notes_of(values):
        gathered.notes[note.code, note.text].append(path)
    if "text" in answer:
        gathered.texts[path] = answer["text"]
        if "taken" in answer:
            gathered.taken[path] = answer["taken"]
        if "segments" in answer:
            gathered.told[path] = answer["segments"]
        if gathered.keeps:
            gathered.fresh[key] = known[key] if fresh is None else forms.packed(fresh)


def _finished(walked: Json, gathered: _Gathered) -> Tree:
    """The Tree, its files in order, their references cut to what some file defines."""
    defined = {one.name: one.name for file in gathered.files for one in file.definitions}
    files = sorted(gathered.files, key=lambda file: file.path)
    branch, commit, submodules = walked["facts"]
    return Tree(
        walked["name"],
        tuple(
            replace(file, references=forms.references_of(gathered.references.pop(file.path), defined))
            if file.path in gathered.references
            else file
            for file in files
        ),
        tuple(Skipped(*one) for one in walked["skipped"]),
        branch,
        commit,
        tuple(submodules),
        gathered.vocabulary,
    )


def _asked(options: TreeOptions) -> tuple[tuple[str, str], ...]:
    """What of the options changes what is read."""
    given = (
        ("include", "\n".join(options.include)),
        ("exclude", "\n".join(options.exclude)),
        ("tests", "" if options.tests else "no"),
    )
    return tuple((name, value) for name, value in given if value)


def _notes(found: Mapping[tuple[str, str], Sequence[str]]) -> Iterable[Note]:
    """What is to be known of how files were read, once for all of whom it is true; what they have so many of, added."""
    together: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for (code, text), paths in found.items():
        number = _COUNT.match(text)
        key = code, text[number.end() :] if number else text
        each = int(number[0].replace(",", "")) if number else 0
        before, others = together.get(key, (0, []))
        together[key] = before + each * len(paths), [*others, *paths]
    for (code, text), (count, paths) in sorted(together.items()):
        named = ", ".join(sorted(paths)[:_NAMED])
        more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
        yield Note(code, f"{named}{more}: {f'{count:,}' if count else ''}{text}")
