"""The matches of a query, sorted by what they say."""

import re
from collections import Counter
from dataclasses import dataclass, field

from tree_sitter import Node

from docanalyze.ingest.outline.grammars import Found

Captures = dict[str, list[Node]]
_DECLARATORS = frozenset(
    {
        "function_declarator",
        "pointer_declarator",
        "array_declarator",
        "parenthesized_declarator",
        "reference_declarator",
        "init_declarator",
        "attributed_declarator",
    }
)
_NAMES = frozenset(
    {
        "identifier",
        "type_identifier",
        "field_identifier",
        "qualified_identifier",
        "destructor_name",
        "operator_name",
        "operator_cast",
        "template_function",
    }
)
_LAST_NAME = re.compile(r"(?:~\s*)?\w+$")
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

    def add(self, found: Found) -> None:
        """Takes in what a query found; of two definitions with one name at one place the first pattern counts."""
        roles, names = found.roles, self.names
        for pattern, captures in found.matches:
            role = roles[pattern]
            # Most of what is found are references: a range is asked for at once, and nothing is built around it.
            if role == "reference":
                for node in captures["reference"]:
                    names.append(node.byte_range)
            elif role == "branch":
                for node in captures["branch"]:
                    self.branches.add(node.start_byte)
            elif role == "member":
                self.members.update(node.byte_range for node in captures["member"])
            elif role == "main":
                self.mains.update(node.byte_range for node in captures["main"])
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
        node, kind = captures[role][0], role.removeprefix("definition.")
        if "declared" in captures:
            name, is_function = _declared(captures["declared"][0])
            if name.type not in _NAMES:
                return
            kind = "function" if kind == "value" and is_function else kind
        else:
            name = captures["name"][0]
        key = name.start_byte, name.end_byte
        known = self.definitions.get(key)
        if known and (known.pattern < pattern or (known.pattern == pattern and "body" not in captures)):
            return
        body = captures["body"][0] if "body" in captures else None
        said = self.text[name.start_byte : name.end_byte]
        if not said.strip("\"'` "):
            # A parser puts an empty name where it misses one.
            return
        scope = _scope(said) if "declared" in captures else 0
        self.definitions[key] = Defined(
            said[scope:].strip("\"'`"),
            kind,
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


def _declared(node: Node) -> tuple[Node, bool]:
    """The name that a declarator of C declares, and whether of a function: what stands closest to it says so."""
    closest = ""
    while node.type in _DECLARATORS:
        if node.type != "parenthesized_declarator":
            closest = node.type
        inner = node.child_by_field_name("declarator") or next(
            (child for child in node.named_children if child.type in _DECLARATORS or child.type in _NAMES), None
        )
        if inner is None:
            break
        node = inner
    return node, closest == "function_declarator"


def _scope(name: str) -> int:
    """How much of the name of a function is its class, or a type behind a macro: `Store::` in `Store::get`."""
    if "operator" in name:
        behind = name.rfind("::", 0, name.find("operator")) + 2
        return 0 if behind == 1 else behind
    last = _LAST_NAME.search(name)
    return last.start() if last else 0
