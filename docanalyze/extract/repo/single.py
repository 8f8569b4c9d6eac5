"""What is to be said where the code base is one file: its parts, how they lean on each other, what it takes from others.

What a file cannot have (a README, a licence, a manifest, tests beside it) is no finding.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, count, listed, say
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.words import first_sentence, of_definition, of_file
from docanalyze.model import Definition, Finding, Section

_MOST_TOLD = 6
_MOST_STEPS = 5
_NO_PARTS = frozenset({"", "markdown", "json", "yaml", "toml", "ini", "html", "css", "sql"})


def is_one_file(code: CodeBase) -> bool:
    """Whether a file was named, not a folder, and it is code that defines something."""
    [*files] = code.files[:2]
    if len(files) != 1 or files[0].path != code.tree.name or code.tree.skipped:
        return False
    return files[0].language not in _NO_PARTS and bool(Parts(code).all)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the file defines outside of everything else."""

    number: int
    definition: Definition

    @property
    def name(self) -> str:
        called = self.definition.kind in FUNCTIONS
        return f"{self.definition.name}()" if called else self.definition.name


class Parts:
    """The parts of the one file, and which of them names which."""

    def __init__(self, code: CodeBase) -> None:
        self.code = code
        self.file = code.files[0]
        outer = [(n, one) for n, one in enumerate(self.file.definitions) if one.parent < 0]
        self.all = [Part(n, one) for n, one in outer if one.kind in FUNCTIONS | HOLDERS]
        self.others = [Part(n, one) for n, one in outer if one.kind not in FUNCTIONS | HOLDERS]

    @cached_property
    def uses(self) -> dict[int, dict[int, int]]:
        """Of each part, by its place in `all`, the parts that it names, each with where it does so first."""
        text, masks = self.code.text(0), self.code.masks(0)
        known = {part.definition.name: place for place, part in enumerate(self.all)}
        found: dict[int, dict[int, int]] = {}
        for place, part in enumerate(self.all):
            span = part.definition.span
            for match in re.finditer(r"[^\W\d]\w*", text[span.start : span.end]):
                other, at = known.get(match[0]), span.start + match.start()
                # Behind a dot it is of something else.
                is_own = other is not None and other != place and not text.endswith(".", 0, at)
                if other is not None and is_own and masks.at(at) is Where.CODE:
                    found.setdefault(place, {}).setdefault(other, at)
        return found

    @cached_property
    def users(self) -> dict[int, list[int]]:
        """Of each part those that name it."""
        found: dict[int, list[int]] = {}
        for place, used in self.uses.items():
            for other in used:
                found.setdefault(other, []).append(place)
        return found

    def lines(self, part: Part) -> str:
        first = self.code.line(0, part.definition.span.start)
        last = self.code.line(0, max(part.definition.span.start, part.definition.span.end - 1))
        return f"line {first}" if first == last else f"lines {first} to {last}"

    def inner(self, part: Part) -> list[str]:
        """The functions in a part, those for others first."""
        of = [one.name for one in self.file.definitions if one.parent == part.number and one.kind in FUNCTIONS]
        of = [name for name in of if not name.startswith("__")]
        return sorted((f"{name}()" for name in of), key=lambda name: name.startswith("_"))


def find_purpose(section: Section, code: CodeBase) -> list[Finding]:
    """What the file says of itself, else what it defines."""
    parts, said = Parts(code), of_file(code, 0)
    path = code.files[0].path
    if said is not None:
        return say(section, f"{path}: {said.words}", [code.quote(0, said.span)], 0.85)
    names = listed([part.name for part in parts.all], _MOST_TOLD)
    quotes = [code.quoted_signature(0, part.definition) for part in parts.all[:4]]
    return say(section, f"No comment at the top of {path} says what it is for; it defines {names}", quotes, 0.7)


def find_architecture(section: Section, code: CodeBase) -> list[Finding]:
    """What the file is made of, in order, and which part leans on which."""
    parts, file = Parts(code), code.files[0]
    told = listed([f"{part.name} ({parts.lines(part)})" for part in parts.all], 12)
    holders = sum(part.definition.kind in HOLDERS for part in parts.all)
    kinds = [
        count(number, one, several)
        for number, one, several in (
            (holders, "class or type", "classes or types"),
            (len(parts.all) - holders, "function", "functions"),
            (len(parts.others), "other definition", "other definitions"),
        )
        if number
    ]
    quotes = [code.quoted_signature(0, part.definition) for part in parts.all[:6]]
    found = say(section, f"{file.path}, {count(file.lines, 'line')}: {', '.join(kinds)}: {told}", quotes, 0.9)
    leaning = [
        f"{parts.all[place].name} uses {listed([parts.all[other].name for other in used], 5)}"
        for place, used in parts.uses.items()
    ]
    quotes = [code.quoted_line(0, at) for used in parts.uses.values() for at in list(used.values())[:1]]
    return found + (say(section, f"Within the file {'; '.join(leaning[:12])}", quotes[:6], 0.85) if leaning else [])


def find_modules(section: Section, code: CodeBase) -> list[Finding]:
    """Each part: what it says of itself, what is in it, who uses it."""
    parts = Parts(code)
    found: list[Finding] = []
    for place, part in enumerate(parts.all):
        said = of_definition(code, 0, part.definition)
        inner = parts.inner(part) if part.definition.kind in HOLDERS else []
        users = [parts.all[one].name for one in parts.users.get(place, ())]
        told = [first_sentence(said.words)] if said is not None else []
        told += [f"with {listed(inner, _MOST_TOLD)}"] if inner else []
        told += [f"used by {listed(users, 4)}"] if users else []
        rest = f": {'; '.join(told)}" if told else ""
        quotes = [code.quoted_signature(0, part.definition)]
        quotes += [code.quote(0, said.span)] if said is not None else []
        statement = f"{part.name}, {part.definition.kind}, {parts.lines(part)}{rest}"
        found += say(section, statement, quotes, 0.85)
    return found[: section.limit]


def find_interfaces(section: Section, code: CodeBase) -> list[Finding]:
    """What the file imports: packages, then other files of where it comes from and what is the language's own."""
    file, outside = code.files[0], code.graph.external
    numbers = {n for places in outside.values() for _, n in places}
    found: list[Finding] = []
    for said, chosen in (
        ("It needs, from outside of its language", [n for n in range(len(file.imports)) if n in numbers]),
        (
            "It takes, from its language or from files beside it",
            [n for n in range(len(file.imports)) if n not in numbers],
        ),
    ):
        taken: dict[str, list[str]] = {}
        for n in chosen:
            taken.setdefault(file.imports[n].module, []).extend(file.imports[n].names)
        told = [f"{module} ({listed(names, 5)})" if names else module for module, names in taken.items()]
        quotes = [code.quoted_line(0, file.imports[n].span.start) for n in chosen[:6]]
        found += say(section, f"{said}: {listed(told, 16)}", quotes, 0.85) if chosen else []
    return found


def find_start(section: Section, code: CodeBase) -> list[Finding]:
    """Where the program starts, then what leads to the rest, then what the rest leans on most."""
    parts, file = Parts(code), code.files[0]
    found: list[Finding] = []
    for span in file.mains[:1]:
        statement = f"1. {code.where(0, span.start)}, where the program starts"
        found += say(section, statement, [code.quoted_line(0, span.start)], 0.85)
    leading = sorted(parts.uses, key=lambda place: (bool(parts.users.get(place)), -len(parts.uses[place]), place))
    leant = sorted(parts.users, key=lambda place: (-len(parts.users[place]), place))
    steps: dict[int, str] = {}
    for place in leading[:2]:
        steps[place] = f"it puts {count(len(parts.uses[place]), 'other part')} to work"
    for place in leant:
        steps.setdefault(place, f"{count(len(parts.users[place]), 'other part leans', 'other parts lean')} on it")
    if not steps:
        steps = {place: "no part of the file leans on another" for place in range(min(2, len(parts.all)))}
    for place, why in list(steps.items())[: _MOST_STEPS - len(found)]:
        part = parts.all[place]
        statement = f"{len(found) + 1}. {part.name}, {parts.lines(part)}; {why}"
        found += say(section, statement, [code.quoted_signature(0, part.definition)], 0.75)
    return found


METHODS: dict[str, Callable[[Section, CodeBase], list[Finding]]] = {
    "code-purpose": find_purpose,
    "code-architecture": find_architecture,
    "code-modules": find_modules,
    "code-interfaces": find_interfaces,
    "code-start": find_start,
}
_ABSENT = frozenset({"code-build", "code-data", "code-tests"})
"""Sections in which it is no finding of a file that there is nothing."""


def without_absences(section: Section, found: Sequence[Finding]) -> list[Finding]:
    """What is said of a file: that nothing was found is left unsaid where a file has no such thing."""
    return [finding for finding in found if not (finding.absence and section.method in _ABSENT)]
