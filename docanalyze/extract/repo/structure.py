"""How a code base is put together: folders, who stands above whom, rings, what all lean on; and each module for itself."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, common, count, listed, say
from docanalyze.extract.repo.offered import public
from docanalyze.extract.repo.purpose import readme
from docanalyze.extract.repo.words import first_sentence, of_definition, of_file
from docanalyze.model import File, FileRole, Finding, Quote, Section
from docanalyze.rank import cycles

_MOST_ORDERED, _MOST_FILES, _LEAST_FOLDERS = 24, 14, 3
_MOST_STEPS, _MOST_BESIDE = 8, 4
_MOST_PARTS, _MOST_RINGS, _MOST_AGAINST = 9, 4, 4
_DOMINANT = 0.5
_FEW_LINES = 60
"""A longer file that defines nothing is written in a way that is not read: in a macro, for instance."""
_OVERVIEW = re.compile(r"README|CONTRIBUTING|ARCHITECTURE|DESIGN|STRUCTURE|OVERVIEW|LAYOUT", re.IGNORECASE)
_COUNTED = frozenset({FileRole.CODE, FileRole.TEST, FileRole.EXAMPLE, FileRole.SCHEMA})


def find_architecture(section: Section, code: CodeBase) -> list[Finding]:
    """Size and languages, parts, their order, what breaks it, rings, what is leant on most."""
    parts = parts_of(code)
    return [
        *_size(section, code),
        *_parts(section, code, parts),
        *_order(section, code, parts),
        *rings(section, code),
        *_leant_on(section, code),
    ][: section.limit]


# -- size ------------------------------------------------------------------------------------------


def _size(section: Section, code: CodeBase) -> list[Finding]:
    languages: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for place in code.of_role(*_COUNTED):
        file = code.files[place]
        if file.language:
            languages[named(file.language)] += file.lines
            files[named(file.language)] += 1
    if not languages:
        return []
    lines = sum(file.lines for file in code.files if file.is_read)
    top = [f"{name} ({count(files[name], 'file')}, {count(total, 'line')})" for name, total in languages.most_common(5)]
    tests = sum(code.files[p].lines for p in code.tests)
    share = f"; {count(tests, 'line')} of it tests" if tests else ""
    commit = f" at commit {code.tree.commit[:12]}" if code.tree.commit else ""
    branch = f" of branch {code.tree.branch}" if code.tree.branch else ""
    statement = f"{count(len(code.files), 'file')}, {count(lines, 'line')}{commit}{branch}: {', '.join(top)}{share}"
    start = readme(code)
    first = start if start is not None else next(iter(code.code), None)
    return say(section, statement, [code.quoted_path(first)] if first is not None else [], 0.95)


def named(language: str) -> str:
    """A language as people write it."""
    special = {"cpp": "C++", "c_sharp": "C#", "php": "PHP", "sql": "SQL", "css": "CSS", "html": "HTML", "json": "JSON"}
    special |= {
        "javascript": "JavaScript",
        "typescript": "TypeScript",
        "tsx": "TypeScript",
        "yaml": "YAML",
        "toml": "TOML",
    }
    return special.get(language, language.capitalize())


# -- parts -----------------------------------------------------------------------------------------


def parts_of(code: CodeBase) -> dict[str, list[int]]:
    """The folders that a code base consists of, with their files of code: those at the top, or where one of them
    holds most of it, those in it. Files that lie in no such folder are parts of their own."""
    return dict(sorted(_inside(code, "", list(code.code)), key=lambda part: (-len(part[1]), part[0])))


def _inside(code: CodeBase, folder: str, places: list[int], depth: int = 0) -> list[tuple[str, list[int]]]:
    children: dict[str, list[int]] = defaultdict(list)
    for place in places:
        rest = code.files[place].path[len(folder) :]
        name = rest.partition("/")[0]
        children[f"{folder}{name}/" if "/" in rest else f"{folder}{name}"].append(place)
    total = sum(code.files[p].lines for p in places) or 1
    parts: list[tuple[str, list[int]]] = []
    for name, held in children.items():
        large = sum(code.files[p].lines for p in held) > _DOMINANT * total
        if name.endswith("/") and (large or len(children) == 1) and depth < 6 and len(held) > 2:
            parts += _inside(code, name, held, depth + 1)
        elif name.endswith("/"):
            parts.append((common([code.files[p].path for p in held]), held))
        else:
            parts.append((name, held))
    return parts


def _parts(section: Section, code: CodeBase, parts: dict[str, list[int]]) -> list[Finding]:
    found: list[Finding] = []
    folders = [(name, places) for name, places in parts.items() if name.endswith("/")]
    weights = {name: sum(code.ranks[p] for p in places) for name, places in folders}
    for name, places in sorted(folders, key=lambda part: -weights[part[0]])[:_MOST_PARTS]:
        lines = sum(code.files[p].lines for p in places)
        languages = Counter(named(code.files[p].language) for p in places if code.files[p].language)
        of = "/".join(language for language, _ in languages.most_common(2))
        words, quotes = about_folder(code, name, places)
        said = f": {words}" if words else f"{'; ' if len(places) > 1 else ': '}{_first_in(code, name, places)}"
        statement = f"{name} holds {count(len(places), 'file')}, {count(lines, 'line')} of {of or 'code'}{said}"
        found += say(section, statement, quotes or [code.quoted_path(p) for p in places[:2]], 0.85)
    rest = [name for name, _ in folders if name not in sorted(weights, key=lambda n: -weights[n])[:_MOST_PARTS]]
    if rest:
        quotes = [code.quoted_path(parts[name][0]) for name in rest[:3]]
        found += say(section, f"{count(len(rest), 'more folder')}: {listed(rest, 12)}", quotes, 0.85)
    return found


def _first_in(code: CodeBase, name: str, places: Sequence[int]) -> str:
    """The file of a folder that most files import; where none is imported, the one that is ranked first."""
    if len(places) == 1:
        return code.files[places[0]].path.removeprefix(name)
    best = max(places, key=lambda p: len(code.users(p)))
    users = len(code.users(best))
    if not users:
        return f"ranked first is {code.files[places[0]].path.removeprefix(name)}"
    return f"most imported is {code.files[best].path.removeprefix(name)} (by {count(users, 'file')})"


def about_folder(code: CodeBase, name: str, places: Sequence[int]) -> tuple[str, list[Quote | None]]:
    """What a folder says of itself: its package's docstring, its README, else a line of a document that names it."""
    tops = [
        p
        for p in places
        if code.files[p].path in (f"{name}__init__.py", f"{name}doc.go", f"{name}mod.rs", f"{name}index.ts")
    ]
    tops += [
        p
        for p in code.of_role(FileRole.DOCUMENTATION)
        if code.files[p].path.lower() in (f"{name}readme.md".lower(), f"{name}readme.rst".lower())
    ]
    for place in tops:
        said = of_file(code, place)
        if said is not None:
            return first_sentence(said.words), [code.quote(place, said.span)]
    if len(places) == 1 and (said := of_file(code, places[0])) is not None:
        only = code.files[places[0]].path.removeprefix(name)
        return f"{only}: {first_sentence(said.words)}", [code.quote(places[0], said.span)]
    bare = name.rstrip("/")
    for place in code.of_role(FileRole.DOCUMENTATION)[:20]:
        text = code.text(place)
        plain = "/" in bare or _OVERVIEW.search(code.files[place].path)
        at = text.find(f"`{bare}`") if plain and f"`{bare}`" in text else text.find(f"`{bare}/`")
        if at >= 0:
            span = code.lines(place, at)
            words = text[span.start : span.end].lstrip("-*| ").replace("`", "").rstrip("| ")
            if len(words.split()) > 3:
                return f"“{first_sentence(words)}”", [code.quote(place, span)]
    return "", []


# -- order -----------------------------------------------------------------------------------------


def _part_of(parts: dict[str, list[int]]) -> dict[int, str]:
    return {place: name for name, places in parts.items() for place in places}


def _ordered(code: CodeBase, parts: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    """The parts whose order is told: the folders; and files that lie beside them where all are few."""
    folders = [(name, places) for name, places in parts.items() if name.endswith("/")]
    few = len(parts) <= _MOST_FILES or len(folders) < _LEAST_FOLDERS
    told, most = (list(parts.items()), _MOST_FILES) if few else (folders, _MOST_ORDERED)
    return sorted(told, key=lambda part: -sum(code.ranks[p] for p in part[1]))[:most]


def _order(section: Section, code: CodeBase, parts: dict[str, list[int]]) -> list[Finding]:
    """Which part imports which: from the top down, with an import line for each step, and those against the order."""
    home = _part_of(dict(_ordered(code, parts)))
    edges: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for place in code.code:
        for other, numbers in code.graph.imports.get(place, {}).items():
            a, b = home.get(place, ""), home.get(other, "")
            if a and b and a != b and not all(code.is_late(place, number) == "types" for number in numbers):
                edges[(a, b)].append((place, other, numbers[0]))
    if not edges:
        return []
    order = _sorted_parts(edges)
    rank = {name: number for number, name in enumerate(order)}
    down = {pair: made for pair, made in edges.items() if rank[pair[0]] < rank[pair[1]]}
    against = {pair: made for pair, made in edges.items() if rank[pair[0]] > rank[pair[1]]}
    top = sorted(down.items(), key=lambda one: -len(one[1]))[:6]
    quotes = [code.quoted_line(p, code.files[p].imports[n].span.start) for _, made in top for p, _, n in made[:1]]
    base = _shared(order)
    # What lies elsewhere keeps its whole path.
    levels = _levels(order, down)
    names = [listed([name.removeprefix(base).rstrip("/") for name in level], _MOST_BESIDE) for level in levels]
    inside = f" in {base}" if base else ""
    more = f" → {count(len(names) - _MOST_STEPS, 'more step')}" if len(names) > _MOST_STEPS else ""
    statement = f"Layers{inside}, from the top: {' → '.join(names[:_MOST_STEPS])}{more}"
    found = say(
        section, f"{statement}; each imports only from those behind it" * bool(not against) or statement, quotes, 0.7
    )
    for (a, b), made in sorted(against.items(), key=lambda one: len(one[1]))[:_MOST_AGAINST]:
        usual = len(edges.get((b, a), ()))
        lines = [code.quoted_line(p, code.files[p].imports[n].span.start) for p, _, n in made[:3]]
        files = listed([code.files[p].path for p, _, _ in made], 3)
        of = f"; the other way {count(usual, 'file does', 'files do')}" if usual else ""
        found += say(
            section, f"Against that order {a.rstrip('/')} imports {b.rstrip('/')}, in {files}{of}", lines, 0.65
        )
    return found


def _levels(order: Sequence[str], down: dict[tuple[str, str], list[tuple[int, int, int]]]) -> list[list[str]]:
    """The parts by how far they stand below the highest: what stands side by side does not import each other."""
    depth: dict[str, int] = {}
    levels: dict[int, list[str]] = {}
    for name in order:
        depth[name] = max((depth[a] + 1 for a, b in down if b == name), default=0)
        levels.setdefault(depth[name], []).append(name)
    return [levels[number] for number in sorted(levels)]


def _shared(names: Sequence[str]) -> str:
    """The folder that most of the names begin with."""
    starts = Counter("/".join(name.rstrip("/").split("/")[:-1]) for name in names)
    best = starts.most_common(1)[0][0] if starts else ""
    return f"{best}/" if best and sum(name.startswith(f"{best}/") for name in names) * 2 > len(names) else ""


def _sorted_parts(edges: dict[tuple[str, str], list[tuple[int, int, int]]]) -> list[str]:
    """Parts so that few imports point upwards: again and again the one that most lean on least is put first."""
    left = sorted({name for pair in edges for name in pair})
    order: list[str] = []
    while left:

        def lifted(name: str) -> tuple[int, int, str]:
            above = sum(len(made) for (a, b), made in edges.items() if b == name and a in left and a != name)
            below = sum(len(made) for (a, b), made in edges.items() if a == name and b in left and b != name)
            return (above - below if above else -10_000 - below, above, name)

        chosen = min(left, key=lifted)
        order.append(chosen)
        left.remove(chosen)
    return order


# -- rings -----------------------------------------------------------------------------------------


def rings(section: Section, code: CodeBase) -> list[Finding]:
    """Files that import each other in a ring, with the lines that close it."""
    found: list[Finding] = []
    every = [ring for ring in cycles(code.edges) if any(code.files[p].role is FileRole.CODE for p in ring)]
    for ring in every[:_MOST_RINGS]:
        way = shortest_ring(code, ring)
        paths = [code.files[p].path for p in way]
        late, quotes = [], []
        for a, b in zip(way, [*way[1:], way[0]], strict=True):
            numbers = code.edges[a][b]
            late.append(min(code.is_late(a, number) for number in numbers))
            quotes.append(code.quoted_line(a, code.files[a].imports[numbers[0]].span.start))
        later = _later(late)
        if len(ring) == len(way):
            statement = f"Import cycle: {' → '.join([*paths, paths[0]])}{later}"
        else:
            statement = f"Import cycle of {len(ring)} files, for instance {' → '.join([*paths, paths[0]])}{later}"
        found += say(section, statement, quotes[:6], 0.9)
    if len(every) > _MOST_RINGS:
        ways = [shortest_ring(code, ring) for ring in every[_MOST_RINGS:][:_MOST_RINGS]]
        told = ["; ".join(" → ".join(code.files[p].path for p in [*way, way[0]]) for way in ways)]
        told += ["…"] * (len(every) > 2 * _MOST_RINGS)
        quotes = [_closing(code, way) for way in ways]
        found += say(section, f"{count(len(every) - _MOST_RINGS, 'more import cycle')}: {'; '.join(told)}", quotes, 0.9)
    return found


def _closing(code: CodeBase, way: Sequence[int]) -> Quote | None:
    """The import by which the first file of a ring takes the second."""
    return code.quoted_import(way[0], way[1])


def _later(late: Sequence[str]) -> str:
    """` (1 of the imports stands in a function)`, or nothing where all are made when the files are loaded."""
    words = ((" only for type checkers", late.count("types")), (" inside a function", late.count("function")))
    told = [f"{number} of {len(late)} imports{what}" for what, number in words if number]
    return f" ({', '.join(told)})" if told else ""


def shortest_ring(code: CodeBase, ring: Sequence[int]) -> list[int]:
    """The shortest way around, through the file of the ring that matters most and has one."""
    members = set(ring)
    best: list[int] = []
    for start in sorted(ring, key=lambda p: -code.ranks[p])[:8]:
        came: dict[int, int] = {}
        level = [start]
        while level and start not in came:
            following = []
            for place in level:
                for other in code.edges.get(place, {}):
                    if other in members and other not in came:
                        came[other] = place
                        following.append(other)
            level = following
        if start in came:
            way = [came[start]]
            while way[-1] != start:
                way.append(came[way[-1]])
            way.reverse()
            if not best or len(way) < len(best):
                best = way
    return best or list(ring)


# -- what is leant on ------------------------------------------------------------------------------


def _leant_on(section: Section, code: CodeBase) -> list[Finding]:
    ranked = sorted(((len(code.users(p)), p) for p in code.code), key=lambda one: (-one[0], one[1]))
    top = [(users, place) for users, place in ranked[:6] if users > 2]
    if not top:
        return []
    told = [f"{code.files[place].path} ({users})" for users, place in top]
    quotes = [code.quoted_import(code.users(place)[0], place) for _, place in top]
    return say(section, f"Most imported, by how many files: {', '.join(told)}", quotes, 0.9)


# -- modules ---------------------------------------------------------------------------------------


def find_modules(section: Section, code: CodeBase) -> list[Finding]:
    """Each important file: what it says of itself, what it offers, who uses it."""
    found: list[Finding] = []
    for place in code.code:
        if len(found) >= section.limit:
            break
        file = code.files[place]
        if file.lines < 3 or code.is_apart(place) or file.path.endswith(("__main__.py", ".d.ts")):
            continue
        found += _module(section, code, place, file)
    return found


def _module(section: Section, code: CodeBase, place: int, file: File) -> list[Finding]:
    users = code.users(place)
    said = of_file(code, place)
    offered = public(code, place)
    used = f", imported by {users_of(code, users)}" if users else ""
    words = first_sentence(said.words) if said is not None else ""
    names = [f"{one.name}()" if one.kind in FUNCTIONS else one.name for one in offered]
    offers = f"offers {listed(names, 7)}" if names else ""
    if not words and offered:
        inner = next((of_definition(code, place, one) for one in offered[:3]), None)
        words = f"{offered[0].name}: {first_sentence(inner.words)}" if inner is not None else ""
        said = inner
    if not offered and (held := _held(file)):
        offers = f"holds {listed(held, 5)}"
    elif not offered and not words and file.imports:
        nothing = "defines nothing itself" if file.lines <= _FEW_LINES else "nothing that it defines was recognised"
        offers = f"{nothing}; takes {listed([one.module for one in file.imports], 4)}"
    rest = "; ".join(part for part in (words, offers) if part)
    quotes = [code.quote(place, said.span)] if said is not None else []
    quotes += [code.quoted_signature(place, one) for one in offered[:4]]
    quotes = quotes or [code.quoted_path(place)]
    return say(
        section,
        f"{file.path}, {count(file.lines, 'line')}{used}: {rest or 'no comment at its top says what it is for'}",
        quotes,
        0.85,
    )


def _held(file: File) -> list[str]:
    """What a file defines of which nothing is its own offer: methods of types of other files, what is private."""
    named_ = [one for one in file.definitions if one.kind in FUNCTIONS | HOLDERS | {"macro"}]
    return list(dict.fromkeys(f"{one.name}()" if one.kind in FUNCTIONS else one.name for one in named_))


def users_of(code: CodeBase, users: Sequence[int]) -> str:
    """`cli.py and app.py`, or of many how many and which matters most."""
    paths = [code.files[p].path for p in users]
    if len(paths) <= 2:
        return " and ".join(paths)
    return f"{count(len(paths), 'file')}, first of all {paths[0]}"
