"""What a function calls, as far as the names that stand in it lead to definitions of the code base: two or three steps."""

import re
from dataclasses import dataclass

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase
from docanalyze.extract.repo.masks import Where
from docanalyze.model import Definition, Span

_CALL = re.compile(
    r"(?:(?P<of>[A-Za-z_]\w*)\s*(?:\.|::|->)\s*)?(?P<name>[A-Za-z_]\w*)\s*(?:!\s*)?\(|<(?P<part>[A-Z]\w*)[\s/>]"
)
_TAKE = frozenset({"action", "then"})
"""Methods that call the function that they are given: `program.action(run)`."""
_GIVEN = re.compile(r"\s*([A-Za-z_]\w*)\s*[,)]")
_MOST_CALLS = 6
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Function:
    """A definition of the code base, by its place."""

    place: int
    number: int

    def of(self, code: CodeBase) -> Definition:
        return code.files[self.place].definitions[self.number]


@dataclass(frozen=True, slots=True)
class Called:
    """A call: to what, and where it is written."""

    function: Function
    span: Span


def calls(code: CodeBase, caller: Function) -> list[Called]:
    """The calls in a function whose names lead to one definition, each called function once, in order."""
    definition = caller.of(code)
    # What decorators above it call is called when the file is loaded.
    start = min(code.signature(caller.place, definition).start, definition.span.end)
    return calls_within(code, caller.place, Span(start, definition.span.end), caller)


def calls_within(code: CodeBase, place: int, span: Span, caller: Function | None = None) -> list[Called]:
    """The same for any stretch of a file."""
    text = code.text(place)
    masks = code.masks(place)
    found: dict[Function, Called] = {}
    for match in _CALL.finditer(text, span.start, span.end):
        name, of = match["name"] or match["part"], match["of"] or ""
        given = _GIVEN.match(text, match.end()) if name in _TAKE else None
        if given is not None:
            name, of = given[1], ""
        if len(name) < _SHORT or masks.at(match.start()) is not Where.CODE:
            continue
        target = resolved(code, place, name, of)
        if target is None or target == caller or target in found or name.endswith(("Error", "Exception")):
            continue
        at = code.files[place].definitions[target.number].span if target.place == place else None
        if at is not None and at.start <= match.start() < at.end:
            # Its own definition, or a call of itself.
            continue
        found[target] = Called(target, Span(match.start(), match.end()))
        if len(found) == _MOST_CALLS * 2:
            break
    return list(found.values())


def resolved(code: CodeBase, place: int, name: str, of: str) -> Function | None:
    """The one definition that a name means in a file: its own, or that of a file that it imports."""
    candidates = [
        Function(p, n)
        for p, n in code.graph.definers.get(name, ())
        if code.files[p].definitions[n].kind in FUNCTIONS | HOLDERS
    ]
    imported = code.graph.imports.get(place, {})
    if of and of not in ("self", "this", "cls"):
        of = code.aliases(place).get(of, of)
        qualified = [f for f in candidates if f.place in imported and _is_called(code, f, of)]
        if qualified:
            return qualified[0]
        candidates = [f for f in candidates if _parent(code, f) in ("", of)]
        near = [f for f in candidates if f.place in imported and _holds(code, place, f.place, of)]
        return near[0] if len(near) == 1 else None
    own = [f for f in candidates if f.place == place and (bool(of) or not _parent(code, f))]
    if own:
        return own[0]
    near = [
        f for f in candidates if f.place in imported and not _parent(code, f) and _takes(code, place, f.place, name)
    ]
    if len(near) == 1:
        return near[0]
    # Files of one folder see each other without an import in Go.
    folder = code.files[place].folder
    beside = [f for f in candidates if code.files[f.place].folder == folder and not _parent(code, f)]
    return beside[0] if code.files[place].language == "go" and len(beside) == 1 else None


def _is_called(code: CodeBase, function: Function, of: str) -> bool:
    """Whether `of` names the function's module or its class."""
    path = code.files[function.place].path
    stem = path.rpartition("/")[2].partition(".")[0]
    folder = code.files[function.place].folder.rpartition("/")[2]
    parent = _parent(code, function)
    return parent == of if parent else of in (stem, folder)


def _takes(code: CodeBase, place: int, other: int, name: str) -> bool:
    """Whether the imports of one file from the other name it, or name nothing."""
    ours = [code.files[place].imports[n] for n in code.graph.imports.get(place, {}).get(other, ())]
    return any(name in one.names or not one.names or "*" in one.names for one in ours)


def _holds(code: CodeBase, place: int, other: int, name: str) -> bool:
    """Whether a file takes the other under this name: it stands among what is imported, or in a line that names
    nothing else: `const name = require("./other")`."""
    text = code.text(place)
    for number in code.graph.imports.get(place, {}).get(other, ()):
        one = code.files[place].imports[number]
        line = code.lines(place, one.span.start, one.span.end)
        if name in one.names or re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text[line.start : line.end]):
            return True
    return False


def _parent(code: CodeBase, function: Function) -> str:
    parent = function.of(code).parent
    return code.files[function.place].definitions[parent].name if parent >= 0 else ""


def called(code: CodeBase, function: Function, seen_from: int | None = None) -> str:
    """`serve()`, `Settings.from_environment()`, `Boat`; with its module where it is seen from another file."""
    definition = function.of(code)
    parent = _parent(code, function)
    if not parent and seen_from not in (None, function.place) and definition.kind in FUNCTIONS:
        parent = code.files[function.place].path.rpartition("/")[2].partition(".")[0]
        if parent in ("__init__", "index", "mod"):
            parent = code.files[function.place].folder.rpartition("/")[2]
    name = f"{parent}.{definition.name}" if parent else definition.name
    return f"{name}()" if definition.kind in FUNCTIONS else name
