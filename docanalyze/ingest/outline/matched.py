"""The matches of a query, sorted by what they say."""

from collections import Counter
from dataclasses import dataclass, field

from tree_sitter import Node

from docanalyze.ingest.outline.grammars import Match

Captures = dict[str, list[Node]]
_QUOTED = "\"'`<>"


@dataclass(slots=True)
class Defined:
    """A definition as a match has it; `body` is -1 where it has none, `pattern` says which pattern found it."""

    name: str
    kind: str
    node: Node
    start: int
    end: int
    name_start: int
    name_end: int
    line: int
    body: int
    body_end: int
    pattern: int


@dataclass(slots=True)
class Imported:
    """An import; several matches add to its names."""

    module: str
    node: Node
    names: list[str]


@dataclass(slots=True)
class Matched:
    """What was found. `wholes` says where what stands at a place really begins; `members` and `mains` are from, to."""

    text: str
    definitions: dict[tuple[int, int], Defined] = field(default_factory=dict)
    imports: dict[tuple[int, str], Imported] = field(default_factory=dict)
    wholes: dict[int, int] = field(default_factory=dict)
    members: set[tuple[int, int]] = field(default_factory=set)
    mains: set[tuple[int, int]] = field(default_factory=set)
    branches: set[int] = field(default_factory=set)
    names: list[tuple[int, int]] = field(default_factory=list)

    def add(self, found: list[Match]) -> None:
        """Takes in what a query found; of two definitions with one name at one place the first pattern counts."""
        for pattern, role, captures in found:
            if role == "reference":
                self.names += [(node.start_byte, node.end_byte) for node in captures["reference"]]
            elif role == "branch":
                self.branches.update(node.start_byte for node in captures["branch"])
            elif role == "member":
                self.members.update((node.start_byte, node.end_byte) for node in captures["member"])
            elif role == "main":
                self.mains.update((node.start_byte, node.end_byte) for node in captures["main"])
            elif role == "whole":
                self.wholes[captures["inner"][0].start_byte] = captures["whole"][0].start_byte
            elif role == "import":
                self._import(captures)
            else:
                self._definition(pattern, role, captures)

    def references(self) -> tuple[tuple[str, int], ...]:
        """Names and how often they are used; where a thing is defined its name is not used."""
        own = {one.name_start for one in self.definitions.values()}
        text = self.text
        return tuple(sorted(Counter([text[start:end] for start, end in self.names if start not in own]).items()))

    def _definition(self, pattern: int, role: str, captures: Captures) -> None:
        name, node = captures["name"][0], captures[role][0]
        key = name.start_byte, name.end_byte
        known = self.definitions.get(key)
        if known and (known.pattern < pattern or (known.pattern == pattern and "body" not in captures)):
            return
        body = captures["body"][0] if "body" in captures else None
        said = self.text[name.start_byte : name.end_byte]
        scope = _scope(said) if role == "definition.function" else 0
        self.definitions[key] = Defined(
            said[scope:].strip("\"'`"),
            role.removeprefix("definition."),
            node,
            node.start_byte,
            node.end_byte,
            name.start_byte + scope,
            name.end_byte,
            name.start_point[0] + 1 + said.count("\n", 0, scope),
            body.start_byte if body else -1,
            body.end_byte if body else -1,
            pattern,
        )

    def _import(self, captures: Captures) -> None:
        module = captures["module"][0]
        node = captures["import"][0]
        said = self.text[module.start_byte : module.end_byte].strip(_QUOTED)
        if "relative" in captures and not said.startswith("."):
            said = f"./{said}"
        kept = self.imports.setdefault((node.start_byte, said), Imported(said, node, []))
        kept.names += [
            name
            for one in captures.get("imported", ())
            if (name := self.text[one.start_byte : one.end_byte]) not in kept.names
        ]


def _scope(name: str) -> int:
    """How much of the name of a function is the class that it belongs to: `Store::` in `Store::get`."""
    behind = name.rfind("::", 0, name.find("operator") if "operator" in name else len(name)) + 2
    return 0 if behind == 1 else len(name) - len(name[behind:].lstrip())
