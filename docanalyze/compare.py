"""What became of the Findings of one Run in another: gained, lost, changed; of a code base also files and definitions.

Two Findings are the same thing if they are of one Section and say the same by the same words of the document,
wherever those stand now; or, of what is left, if their quotes overlap or their words are alike, the most alike
first. What only moved, or was numbered otherwise, is not changed. Pure; exchanging both sides exchanges gained and
lost and turns each change round, and nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from docanalyze.language import stem, words
from docanalyze.model import Definition, Document, File, Finding, Label, Run, Tree

ALIKE = 0.5
"""How alike two Findings must at least be to be one that changed, 0 to 1."""
FEW = 40_000
"""Pairs of one Section up to which all are looked at."""
RARE = 40
"""Findings of one Section that a word may stand in to tell which of them are alike."""
LONGEST_NAME = 400
_QUOTED, _SAID = 0.6, 0.4
"""What quotes and statements count for in that."""


class Told:
    """A Finding of one side, prepared for comparison. Equal in `content` means the same in all that is compared."""

    def __init__(self, finding: Finding, document: Document) -> None:
        self.finding = finding
        self.document = document
        self.label = (finding.verdict.label if finding.verdict else Label.UNJUDGED).value
        self.statement = _plain(finding.statement)
        self.quotes = tuple(_plain(quote) for quote in self.shown_quotes)
        self.fields = tuple(sorted((x.name, _plain(x.written), x.value or "", x.unit) for x in finding.fields))

    @cached_property
    def shown_quotes(self) -> tuple[str, ...]:
        """The source's words, or the analyst's where they were not found."""
        return tuple(
            " … ".join(self.document.slice(span) for span in one.spans) if one.spans else one.quote
            for one in self.finding.evidence
        )

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Where the quotes stand, in words."""
        found = (self.document.locator(one.spans[0]) for one in self.finding.evidence if one.spans)
        return tuple(dict.fromkeys(found))

    @cached_property
    def content(self) -> tuple[object, ...]:
        absent, conflict = self.finding.absence, _plain(self.finding.conflict)
        return (self.finding.section, self.statement, self.quotes, self.fields, self.label, absent, conflict)

    @cached_property
    def order(self) -> str:
        """By which Findings stand in an order that is theirs alone."""
        return repr(self.content)

    @cached_property
    def said(self) -> Counter[str]:
        return _stems(self.statement)

    @cached_property
    def quoted(self) -> Counter[str]:
        return _stems(" ".join(self.quotes))


@dataclass(frozen=True, slots=True)
class Changed:
    """One Finding before and after, and what of it differs: statement, quotes, fields, verdict, conflict."""

    before: Told
    after: Told
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that was added, removed or changed; tokens and lines of its text, None where it is not there."""

    path: str
    change: str
    tokens: tuple[int | None, int | None]
    lines: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class SymbolChange:
    """A definition that was added, removed or changed; `lines` are where it begins, None where it is not there."""

    path: str
    name: str
    kind: str
    change: str
    lines: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two Runs. `same` counts the Findings that do not; `only` names Sections asked in one."""

    gained: tuple[Told, ...] = ()
    lost: tuple[Told, ...] = ()
    changed: tuple[Changed, ...] = ()
    same: int = 0
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()
    symbols: tuple[SymbolChange, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.gained or self.lost or self.changed or self.files or self.symbols)


def compare(before: tuple[Run, Document], after: tuple[Run, Document]) -> Difference:
    """What differs from one Run, with the Document it read, to another."""
    (run_b, document_b), (run_a, document_a) = before, after
    old, new = ([Told(f, document) for f in run.findings] for run, document in (before, after))
    same, left_b, left_a = _without_same(old, new)
    pairs, lost, gained = _paired(left_b, left_a)
    changed = [Changed(b, a, _what(b, a)) for b, a in pairs]
    asked_b, asked_a = ([name for name, _ in run.sections] for run in (run_b, run_a))
    order = {name: place for place, name in enumerate(dict.fromkeys((*asked_a, *asked_b)))}

    def place(told: Told) -> tuple[int, int]:
        return order.get(told.finding.section, len(order)), told.finding.number

    return Difference(
        gained=tuple(sorted(gained, key=place)),
        lost=tuple(sorted(lost, key=place)),
        changed=tuple(sorted(changed, key=lambda one: place(one.after))),
        same=same,
        only_before=tuple(name for name in asked_b if name not in asked_a),
        only_after=tuple(name for name in asked_a if name not in asked_b),
        files=tuple(_files(document_b.tree, document_a.tree)),
        symbols=tuple(_symbols(document_b, document_a)),
        notes=(*_notes(run_b, run_a), *_strange(document_b, document_a)),
    )


def _notes(before: Run, after: Run) -> Iterator[str]:
    if before.kind != after.kind:
        yield f"the runs are of two kinds, {before.kind} and {after.kind}"
    for run in (before, after):
        if run.state.value != "done":
            yield f"run {run.id} is not done: {run.state.value}"


_WORDS_OF_PASSAGE = 8
_FEW_PASSAGES = 50
_SHARED_BY_VERSIONS = 0.05


def _strange(before: Document, after: Document) -> Iterator[str]:
    """That two documents are no versions of one: hardly eight words in a row, or a file, stand in both."""
    if before.id == after.id:
        return
    parts = [_passages(document) for document in (before, after)]
    fewest = min(map(len, parts))
    if fewest < (1 if before.tree and after.tree else _FEW_PASSAGES):
        return
    shared = len(parts[0] & parts[1]) / fewest
    if shared < _SHARED_BY_VERSIONS:
        yield f"{shared:.0%} of their text is the same: two documents, it seems, and not two versions of one"


def _passages(document: Document) -> set[object]:
    if document.tree is not None:
        return {file.path for file in document.tree.files}
    words = [word for segment in document.body for word in document.slice(segment.span).casefold().split()]
    return {tuple(words[at : at + _WORDS_OF_PASSAGE]) for at in range(len(words) - _WORDS_OF_PASSAGE + 1)}


# -- findings --------------------------------------------------------------------------------------


def _without_same(before: Sequence[Told], after: Sequence[Told]) -> tuple[int, list[Told], list[Told]]:
    """How many are the same on both sides, and what is left of each."""
    there = Counter(told.content for told in before) & Counter(told.content for told in after)
    return there.total(), _rest(before, there), _rest(after, there)


def _rest(side: Sequence[Told], there: "Counter[tuple[object, ...]]") -> list[Told]:
    taken = Counter(there)
    left = []
    for told in side:
        if taken[told.content] > 0:
            taken[told.content] -= 1
        else:
            left.append(told)
    return left


def _paired(before: Sequence[Told], after: Sequence[Told]) -> tuple[list[tuple[Told, Told]], list[Told], list[Told]]:
    """Pairs of what is one Finding that changed, the most alike first; what is left of each side."""
    scored = [(score, b, a) for b, a in _candidates(before, after) if (score := _alike(before[b], after[a])) >= ALIKE]
    # Of pairs that are equally alike the first by their words: the same whichever side is asked about.
    scored.sort(key=lambda one: (-one[0], *sorted((before[one[1]].order, after[one[2]].order))))
    used_b, used_a = set[int](), set[int]()
    pairs = []
    for _, b, a in scored:
        if b not in used_b and a not in used_a:
            used_b.add(b)
            used_a.add(a)
            pairs.append((before[b], after[a]))
    return (
        pairs,
        [told for n, told in enumerate(before) if n not in used_b],
        [told for n, told in enumerate(after) if n not in used_a],
    )


def _candidates(before: Sequence[Told], after: Sequence[Told]) -> Iterator[tuple[int, int]]:
    """Pairs of one Section that may be alike: all of them where they are few, else those that share a rare word."""
    sections: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, told in enumerate((before, after)):
        for number, one in enumerate(told):
            sections[one.finding.section][side].append(number)
    for mine, theirs in sections.values():
        if len(mine) * len(theirs) <= FEW:
            yield from ((b, a) for b in mine for a in theirs)
        else:
            forth = _sharing([(n, before[n]) for n in mine], [(n, after[n]) for n in theirs])
            back = _sharing([(n, after[n]) for n in theirs], [(n, before[n]) for n in mine])
            yield from sorted(forth | {(b, a) for a, b in back})


def _sharing(mine: Sequence[tuple[int, Told]], theirs: Sequence[tuple[int, Told]]) -> set[tuple[int, int]]:
    holding: dict[str, list[int]] = defaultdict(list)
    for number, told in theirs:
        for word in {*told.said, *told.quoted}:
            holding[word].append(number)
    rare = {word: held for word, held in holding.items() if len(held) <= RARE}
    return {(n, other) for n, told in mine for word in {*told.said, *told.quoted} for other in rare.get(word, ())}


def _alike(one: Told, other: Told) -> float:
    """How alike, 0 to 1: by statements, and by quotes where both have any, which count for more."""
    if one.finding.absence != other.finding.absence:
        return 0.0
    said = _dice(one.said, other.said)
    if not one.quoted or not other.quoted:
        return said
    return max(said, _QUOTED * max(_dice(one.quoted, other.quoted), _overlap(one, other)) + _SAID * said)


def _overlap(one: Told, other: Told) -> float:
    """Which share of the shorter one's quoted characters both quote, in the same text; 0 for two texts."""
    if one.document.text_sha256 != other.document.text_sha256:
        return 0.0
    mine, theirs = (sorted((s.start, s.end) for e in told.finding.evidence for s in e.spans) for told in (one, other))
    shared = sum(max(0, min(e, f) - max(s, t)) for s, e in mine for t, f in theirs)
    least = min(sum(e - s for s, e in mine), sum(e - s for s, e in theirs))
    return min(1.0, shared / least) if least else 0.0


def _what(before: Told, after: Told) -> tuple[str, ...]:
    parts = (
        ("statement", before.statement, after.statement),
        ("quotes", before.quotes, after.quotes),
        ("fields", before.fields, after.fields),
        ("verdict", before.label, after.label),
        ("conflict", _plain(before.finding.conflict), _plain(after.finding.conflict)),
    )
    return tuple(name for name, old, new in parts if old != new)


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _stems(text: str) -> Counter[str]:
    return Counter(map(stem, words(text)))


def _plain(text: str) -> str:
    """What is compared of a text: not how its lines were broken."""
    return " ".join(text.split())


# -- code bases ------------------------------------------------------------------------------------


def _files(before: Tree | None, after: Tree | None) -> Iterator[FileChange]:
    if before is None or after is None:
        return
    old, new = ({file.path: file for file in tree.files} for tree in (before, after))
    for path in sorted(old.keys() | new.keys()):
        b, a = old.get(path), new.get(path)
        if b is None or a is None or (b.sha256, b.size) != (a.sha256, a.size):
            change = "added" if b is None else "removed" if a is None else "changed"
            tokens = (b.tokens if b else None, a.tokens if a else None)
            yield FileChange(path, change, tokens, (b.lines if b else None, a.lines if a else None))


def _symbols(before: Document, after: Document) -> Iterator[SymbolChange]:
    """Definitions of files that differ."""
    if before.tree is None or after.tree is None:
        return
    old, new = ({file.path: file for file in tree.files} for tree in (before.tree, after.tree))
    for path in sorted(old.keys() | new.keys()):
        b, a = old.get(path), new.get(path)
        if b is not None and a is not None and (b.sha256, b.size) == (a.sha256, a.size):
            continue
        yield from _defined(path, _definitions(before, b), _definitions(after, a))


_Defined = dict[tuple[str, str, int], tuple[Definition, str]]


def _defined(path: str, before: _Defined, after: _Defined) -> Iterator[SymbolChange]:
    for key in sorted(before.keys() | after.keys()):
        b, a = before.get(key), after.get(key)
        if b is None or a is None or b[1] != a[1]:
            change = "added" if b is None else "removed" if a is None else "changed"
            lines = (b[0].line if b else None, a[0].line if a else None)
            yield SymbolChange(path, key[0], key[1], change, lines)


def _definitions(document: Document, file: File | None) -> _Defined:
    """What a file defines, by qualified name, kind and how often it did before, with its text but for what it holds."""
    if file is None:
        return {}
    names: list[str] = []
    seen: Counter[tuple[str, str]] = Counter()
    made: _Defined = {}
    inside: dict[int, list[Definition]] = defaultdict(list)
    for one in file.definitions:
        inside[one.parent].append(one)
    for number, one in enumerate(file.definitions):
        outer = f"{names[one.parent]}." if 0 <= one.parent < number else ""
        names.append((outer + one.name)[-LONGEST_NAME:])
        seen[names[-1], one.kind] += 1
        key = (names[-1], one.kind, seen[names[-1], one.kind])
        made[key] = one, _own_text(document, file, one, inside[number])
    return made


def _own_text(document: Document, file: File, one: Definition, inside: Sequence[Definition]) -> str:
    parts, at = [], one.span.start
    for held in sorted(inside, key=lambda held: held.span.start):
        parts.append(document.text[file.start + at : file.start + max(at, held.span.start)])
        at = max(at, held.span.end)
    parts.append(document.text[file.start + at : file.start + one.span.end])
    # Blank lines around what was left out are no change of this one.
    return "\n".join(part.strip() for part in parts)
