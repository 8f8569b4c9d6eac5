"""Outlines by tree-sitter: a query says what is what, here is what of it is shown.

A tree is dropped before the next text: it takes some 45 bytes for each byte of the text.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import itemgetter

from tree_sitter import Node

from docanalyze.ingest.outline.documented import before, docstring
from docanalyze.ingest.outline.grammars import SECONDS, matches
from docanalyze.ingest.outline.languages import Language
from docanalyze.ingest.outline.lines import begin, clipped, merged
from docanalyze.ingest.outline.matched import Defined, Imported, Matched
from docanalyze.ingest.outline.outlined import Outlined
from docanalyze.model import Definition, Import, Span

_OWNERS = frozenset({"class", "interface", "struct", "enum", "trait", "impl", "record", "union", "object"})
_CALLED = frozenset({"function", "method", "constructor"})
_VALUES = frozenset({"constant", "variable"})
_ATTRIBUTES = frozenset(
    {"decorator", "annotation", "marker_annotation", "attribute_list", "attribute_item", "attribute_declaration"}
)
_ATTRIBUTE = "@#["
_MOST_MEMBERS = 24
_MOST_IMPORTS = 40
_FEW = 3


def parsed(language: Language, text: str) -> Outlined:
    """The outline of a text; an empty one with a note where parsing takes too long."""
    found = matches(language, text)
    if found is None:
        return Outlined(note=f"no outline: parsing takes over {SECONDS:g} s")
    matched = Matched(text)
    matched.add(found)
    return _Making(language, matched).made()


@dataclass(slots=True)
class _Open:
    """A definition whose inside is being looked at; `place` is -1 for one that is left out."""

    start: int
    end: int
    kind: str
    place: int
    members: int = 0


_Event = tuple[int, int, int, int, Defined | Imported | None]
"""Where something begins, the negative of where it ends, what of equals comes first, and it; None for a member."""
_ORDER = itemgetter(0, 1, 2, 3)


@dataclass(slots=True)
class _Making:
    """One outline in the making: everything found is gone through once, in the order of the text."""

    language: Language
    matched: Matched
    definitions: list[Definition] = field(default_factory=list)
    imported: list[Span] = field(default_factory=list)
    shown: dict[int, list[Span]] = field(default_factory=dict)
    spans: list[tuple[Defined, Span, int]] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def made(self) -> Outlined:
        around = self.open
        for start, end, _, _, what in self._events():
            while around and (around[-1].end <= start or (around[-1].start == start and around[-1].end == -end)):
                around.pop()
            if isinstance(what, Defined):
                self._define(what)
            elif around and around[-1].kind in _CALLED:
                continue
            elif what:
                self._import(what)
            else:
                self._member(start, -end)
        definitions = self._definitions()
        mains = sorted(self.matched.mains)
        lines = [span for one in definitions for span in one.shown] + self.imported
        text = self.matched.text
        own = {one.start for one, _, _ in self.spans}
        lines += [clipped(text, *main, _FEW) for main in mains if main[0] not in own and begin(text, main[0]) >= 0]
        return Outlined(
            merged(self.matched.text, lines),
            definitions,
            tuple(
                Import(
                    one.module,
                    one.node.start_point[0] + 1,
                    Span(one.node.start_byte, one.node.end_byte),
                    tuple(one.names),
                )
                for one in sorted(self.matched.imports.values(), key=lambda one: one.node.start_byte)
            ),
            self.matched.references(),
            tuple(Span(start, end) for start, end in mains),
        )

    def _events(self) -> list[_Event]:
        events: list[_Event] = [
            (one.start, -one.end, 0, one.name_start, one) for one in self.matched.definitions.values()
        ]
        events += [(one.node.start_byte, -one.node.end_byte, 1, 0, one) for one in self.matched.imports.values()]
        events += [(start, -end, 2, 0, None) for start, end in self.matched.members]
        return sorted(events, key=_ORDER)

    def _define(self, one: Defined) -> None:
        """A definition; what stands in a function is part of it, and gets no place of its own."""
        parent = self.open[-1] if self.open else None
        if parent and (parent.place < 0 or parent.kind in _CALLED):
            self.open.append(_Open(one.start, one.end, one.kind, -1))
            return
        kind = one.kind
        if kind == "function" and parent and parent.kind in _OWNERS:
            kind = one.kind = "method"
        elif kind == "imported":
            return
        elif kind == "value":
            if one.name.startswith("__") or one.name == "_":
                return
            kind = one.kind = "constant" if one.name.isupper() else "variable"
        place = len(self.spans)
        span, shown = self._places(one)
        if parent:
            span = Span(max(span.start, self.spans[parent.place][1].start), span.end)
        self.spans.append((one, span, parent.place if parent else -1))
        self.shown[place] = shown
        self.open.append(_Open(one.start, one.end, kind, place))

    def _places(self, one: Defined) -> tuple[Span, list[Span]]:
        """The whole of a definition, and what an outline shows of it."""
        text = self.matched.text
        whole = self.matched.wholes.get(one.start, one.start)
        line = begin(text, whole)
        if line < 0:
            return Span(whole, one.end), []
        said = before(self.language, text, line) if not text[line:whole].strip() else None
        span = Span(said.start if said else whole, one.end)
        signature = whole
        if text[whole] in _ATTRIBUTE:
            # What a decorator says of a route or a property is worth a line or two, but not ten.
            bare = _after_attributes(one)
            signature = whole if text.count("\n", whole, bare) <= _FEW else bare
            if begin(text, signature) < 0:
                return span, []
        if one.kind in _VALUES:
            few = text.count("\n", signature, one.end) < _FEW
            shown = [clipped(text, signature, one.end, _FEW if few else 1)]
        else:
            end = one.body if one.body > signature else one.end
            shown = [clipped(text, signature, _without_comments(text, signature, end))]
        if shown[0].end < one.name_end:
            # The name of a type stands behind its fields in C.
            if begin(text, one.name_start) < 0:
                return span, []
            shown.append(clipped(text, one.name_start, one.name_end))
        if self.language.name == "python":
            doc = docstring(text, one.body, one.body_end) if one.body >= 0 else None
        else:
            doc = said.shown if said else None
        return span, [*shown, doc] if doc else shown

    def _import(self, one: Imported) -> None:
        start, end = one.node.start_byte, one.node.end_byte
        if len(self.imported) < _MOST_IMPORTS and begin(self.matched.text, start) >= 0:
            self.imported.append(clipped(self.matched.text, start, end))

    def _member(self, start: int, end: int) -> None:
        """A field of what encloses it: its first line is shown with that."""
        owner = self.open[-1] if self.open else None
        if owner is None or owner.place < 0 or owner.members >= _MOST_MEMBERS or not self.shown[owner.place]:
            return
        text = self.matched.text
        if begin(text, start) < 0:
            return
        owner.members += 1
        self.shown[owner.place].append(clipped(text, start, end, 1))

    def _definitions(self) -> tuple[Definition, ...]:
        branches = sorted(self.matched.branches)
        return tuple(
            Definition(
                one.name,
                one.kind,
                one.line,
                span,
                merged(self.matched.text, self.shown[place]),
                parent,
                bisect_left(branches, one.end) - bisect_left(branches, one.start) if one.body >= 0 else 0,
            )
            for place, (one, span, parent) in enumerate(self.spans)
        )


def _without_comments(text: str, start: int, end: int) -> int:
    """The end of a signature before the lines of comments that follow it, as they do in Python."""
    while True:
        line = text.rfind("\n", start, end)
        if line < 0 or not text[line:end].lstrip().startswith("#"):
            return end
        end = line


def _after_attributes(one: Defined) -> int:
    """Where a definition begins behind annotations and attributes that are part of it."""
    node = one.node
    while True:
        kept = next((child for child in node.children if not _is_attribute(child)), None)
        if kept is None or kept.start_byte != node.start_byte or not kept.child_count:
            return kept.start_byte if kept else node.start_byte
        node = kept


def _is_attribute(node: Node) -> bool:
    """Whether it is an annotation, or modifiers that are nothing else."""
    return node.type in _ATTRIBUTES or (
        node.child_count > 0 and all(child.type in _ATTRIBUTES for child in node.children)
    )
