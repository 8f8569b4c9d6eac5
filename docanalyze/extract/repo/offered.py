"""What files offer to others: the names that their language makes public, the packages that lie highest, and the
modules that weigh most in them."""

import re
from math import sqrt

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, is_aside
from docanalyze.model import Definition, File, FileRole

_VALUES = frozenset({"constant", "variable"})
_HOMES = frozenset({"module", "namespace"})
_SCRIPTS = frozenset({"javascript", "typescript", "tsx", "vue", "svelte"})
_ALL = re.compile(r"^__all__\s*(?::[^=\n]*)?\+?=\s*[\[(](?P<names>[^\])]*)[\])]", re.MULTILINE)
_EXPORTS = re.compile(
    r"\bexport\s*(?:type\s*)?\{(?P<named>[^}]*)\}|\bexport default (?P<default>\w+);?$|"
    r"\bmodule\.exports\s*=\s*(?:\{(?P<common>[^}]*)\}|(?P<whole>\w+))|\bexports\.(?P<one>\w+)\s*=",
    re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_TOP = re.compile(
    r"(?:^|/)(?:__init__\.py|index\.[cm]?[jt]s|mod\.ts|lib\.rs|main\.rs|mod\.rs|doc\.go|package-info\.java)$"
)
_INNER = re.compile(r"(?:^|/)(?:_?internals?|_impl|deprecated|legacy|compat|v\d+|_vendor|contrib)/")
_SHARE, _MOST_LINES, _INNER_WEIGHS, _GATHERED_WEIGHS = 0.1, 2_500, 0.3, 3.0


def public(code: CodeBase, place: int) -> list[Definition]:
    """What a file defines at its top for others, what is used most first; constants that are exported, too."""
    file = code.files[place]
    exported = _exported(code, place)
    tops = [
        (number, one)
        for number, one in enumerate(file.definitions)
        if is_outer(file, one)
        and (one.kind in (FUNCTIONS | HOLDERS | _VALUES) - {"method"} or _is_mixed_in(file, number))
    ]
    seen = [(number, one) for number, one in tops if _is_public(code, place, one, exported)]
    weight = {number: len(code.graph.users.get((place, number), ())) for number, _ in seen}
    order = sorted(seen, key=lambda pair: (-weight[pair[0]], pair[1].kind in _VALUES, pair[0]))
    return list({one.name: one for _, one in order}.values())


def is_outer(file: File, one: Definition) -> bool:
    """Whether a definition stands in no other, but for what only gives names a home: `module Rake`, `namespace a`."""
    while one.parent >= 0:
        one = file.definitions[one.parent]
        if one.kind not in _HOMES:
            return False
    return True


def _is_mixed_in(file: File, number: int) -> bool:
    """Whether it is a module of Ruby with methods of its own: that is used as a class is."""
    return (
        file.definitions[number].kind == "module"
        and any(one.parent == number and one.kind in FUNCTIONS for one in file.definitions)
        and file.language == "ruby"
    )


def _exported(code: CodeBase, place: int) -> frozenset[str] | None:
    """The names that a file lists as what it offers; None where it has no such list."""
    text, language = code.text(place), code.files[place].language
    if language == "python":
        found = [name for match in _ALL.finditer(text) for name in re.findall(r"[\"'](\w+)[\"']", match["names"])]
        return frozenset(found) or None
    if language in _SCRIPTS and ("export" in text):
        told = [group for match in _EXPORTS.finditer(text) for group in match.groups() if group]
        return frozenset(name for group in told for name in _WORD.findall(group))
    return None


def _is_public(code: CodeBase, place: int, one: Definition, exported: frozenset[str] | None) -> bool:
    language = code.files[place].language
    span = code.signature(place, one)
    head = code.text(place)[span.start : span.end].lstrip()
    if language in _SCRIPTS and exported is not None:
        return head.startswith("export") or one.name in exported
    if exported is not None:
        return one.name in exported
    if one.name.startswith("_"):
        return False
    if language == "python":
        return one.kind != "variable"
    if language == "go":
        return one.name[:1].isupper()
    if language == "rust":
        return head.startswith("pub")
    if language == "cpp" and f"::{one.name}" in head.partition("(")[0]:
        # The body of a method, whose class another file offers.
        return False
    return one.kind not in _VALUES and not re.match(r"(?:\w+\s+)*(?:static|private)\b", head.partition("(")[0])


def top_packages(code: CodeBase) -> list[int]:
    """The files that stand for the packages that lie highest and hold a tenth of the code or more, by rank."""
    total = sum(code.files[p].lines for p in code.code) or 1
    by_depth: dict[int, list[int]] = {}
    for place in code.of_role(FileRole.CODE):
        if _TOP.search(code.files[place].path) and not is_aside(code.files[place]):
            by_depth.setdefault(code.files[place].path.count("/"), []).append(place)
    for depth in sorted(by_depth):
        tops = [place for place in by_depth[depth] if _lines_below(code, code.files[place].folder) >= _SHARE * total]
        if tops:
            return tops
    return []


def _lines_below(code: CodeBase, folder: str) -> int:
    start = f"{folder}/" if folder else ""
    return sum(code.files[p].lines for p in code.code if code.files[p].path.startswith(start))


def weighty(code: CodeBase, most: int) -> list[int]:
    """The modules that others use and that hold much, the weightiest first; of the first `most` by rank. What the
    highest packages gather weighs more; internals, what is deprecated and what no build takes weigh less."""
    gathered = {other for top in top_packages(code) for other in code.graph.imports.get(top, {})}

    def weight(place: int) -> float:
        file = code.files[place]
        weighed = code.ranks[place] * sqrt(min(file.lines, _MOST_LINES))
        inside = _INNER_WEIGHS if _INNER.search(file.path.removeprefix(code.top)) else 1.0
        return weighed * inside * (_GATHERED_WEIGHS if place in gathered else 1.0)

    first = [p for p in code.code[:most] if not code.is_apart(p)]
    return sorted(first, key=lambda p: (-weight(p), code.files[p].path))
