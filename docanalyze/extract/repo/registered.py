"""Commands that a loop registers: `for name, function in look.COMMANDS`, the tuples of names and functions elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.repo.base import CodeBase
from docanalyze.model import Span

_LOOP = re.compile(
    r"^[ \t]*for \w+, \w+ in (?P<over>[^\n]*\b\w*COMMANDS\b[^\n]*):[ \t]*\n[^\n]*\.(?:add_)?command\(", re.MULTILINE
)
_NAMED = re.compile(r"(?:\b(?P<of>\w+)\.)?\b(?P<name>[A-Z_]*COMMANDS)\b")
_ENTRY = r"[\[(]\s*[\"'][\w-]+[\"']\s*,\s*[\w.]+\s*,?\s*[\])]"
_TUPLE = re.compile(rf"^(?P<name>[A-Z_]*COMMANDS)\b[^=\n]*=\s*[\[(]\s*{_ENTRY}(?:\s*,\s*{_ENTRY})*", re.MULTILINE)
_PAIR = re.compile(r"[\[(]\s*[\"'](?P<command>[\w-]+)[\"']\s*,\s*(?:\w+\.)*(?P<function>\w+)")


@dataclass(frozen=True, slots=True)
class Registered:
    """One such command: the loop's file and line, and where the pair of name and function stands."""

    name: str
    function: str
    loop: tuple[int, Span]
    pair: tuple[int, Span]


def registered(code: CodeBase) -> Iterator[Registered]:
    """The commands of all loops over tuples that the same file or an imported one holds."""
    for place in code.code:
        text = code.text(place)
        if code.files[place].language != "python" or "COMMANDS" not in text:
            continue
        for loop in _LOOP.finditer(text):
            for named in _NAMED.finditer(loop["over"]):
                at = (place, Span(*loop.span("over")))
                for of in _modules(text, named["of"] or ""):
                    holder = _holder(code, place, of, named["name"])
                    if holder is not None:
                        yield from _pairs(code, holder, named["name"], at)


def _modules(text: str, of: str) -> list[str]:
    """What a name before `.COMMANDS` stands for: itself, or where a loop over modules gives it, all of those."""
    outer = re.search(rf"^[ \t]*for {of} in [\[(](?P<all>[\w\s,.]*)[\])]:", text, re.MULTILINE) if of else None
    return re.findall(r"\w+", outer["all"]) if outer else [of]


def _holder(code: CodeBase, place: int, of: str, name: str) -> int | None:
    """The file whose tuple is meant: of the module that is named, of this file, or the one that it is taken from."""
    if not of and re.search(rf"^{name}\b", code.text(place), re.MULTILINE):
        return place
    for other in code.graph.imports.get(place, {}):
        stem = code.files[other].path.rpartition("/")[2].partition(".")[0]
        defines = any(one.name == name for one in code.files[other].definitions)
        if defines and (not of or code.aliases(place).get(of, of) == stem):
            return other
    return None


def _pairs(code: CodeBase, place: int, name: str, loop: tuple[int, Span]) -> Iterator[Registered]:
    text = code.text(place)
    for told in _TUPLE.finditer(text):
        if told["name"] == name:
            first = text.find("=", told.start()) + 1
            for pair in _PAIR.finditer(text, first, told.end()):
                yield Registered(pair["command"], pair["function"], loop, (place, Span(*pair.span())))
