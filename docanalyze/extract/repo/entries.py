"""Where a program starts, and what happens then, step by step."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.extract.repo.base import FUNCTIONS, CodeBase, count, listed, say, value
from docanalyze.extract.repo.building import DOCKERFILE, as_typed
from docanalyze.extract.repo.calls import Called, Function, called, calls, calls_within, resolved
from docanalyze.extract.repo.manifests import Command, Manifests
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.registered import registered
from docanalyze.extract.repo.routes import Route
from docanalyze.extract.repo.signs import PYTHON, SCRIPT, seen, sign
from docanalyze.extract.repo.words import of_file
from docanalyze.model import Finding, Quote, Section, Span

_SHORT, _MOST_FLOWS, _MOST_PROGRAMS = 120, 3, 4
_STEPS, _BREADTH, _MOST_NAMED, _LEAST_CALLS = 3, 5, 8, 2
_MOST_COMMANDS, _MOST_QUOTED, _FEW_LINES = 24, 6, 4
_STARTS = re.compile(r"^(CMD|ENTRYPOINT)\s+(?P<what>[^\n]+)", re.MULTILINE | re.IGNORECASE)
_SCRIPTS = re.compile(r"(?:^|/)(?:bin|exe|sbin)/[^/]+$")
TEMPLATE = re.compile(r"(?:^|/)\w*templates?/|[-.](?:tpl|tmpl|j2|jinja2?)$")
"""What a program is made from, and none itself."""
_COMMANDS = (
    sign(
        "argparse", "add_parser", r"\.add_parser\(\s*[\"']([\w-]+)[\"'](?:[^\n]*?help\s*=\s*[\"']([^\"'\n]+))?", PYTHON
    ),
    sign(
        "click",
        ".command(",
        r"@[\w.]+\.command\(\s*(?:name\s*=\s*)?(?:[\"']([\w-]+)[\"'])?(?:(?!^[ \t]*(?:async )?def )[\s\S]){0,20000}?"
        r"^[ \t]*(?:async )?def (\w+)",
        PYTHON,
    ),
    sign("typer", ".command(", r"\.command\((?:\s*[\"']([\w-]+)[\"'][^\n()]*)?\)\(\s*[\w.]*?(\w+)\)", PYTHON),
    sign("cobra", "Use:", r"\bUse:\s*\"([\w-]+)[^\"\n]*\"(?:,\s*\n\s*Short:\s*\"([^\"\n]+))?", frozenset({"go"})),
    sign(
        "commander",
        ".command(",
        r"\.command\(\s*[\"'`]([\w-]+)[^\"'`\n]*[\"'`](?:[^\n]*\n?\s*\.description\(\s*[\"'`]([^\"'`\n]+))?",
        SCRIPT,
    ),
)
_JOBS = (
    sign(
        "Background job",
        "shared_task .task( .task",
        r"^[ \t]*@(?:shared_task|[\w.]+\.task)\b[^\n]*\n(?:[ \t]*@[^\n]*\n)*\s*(?:async )?def (\w+)",
        PYTHON,
    ),
    sign(
        "Scheduled job",
        "@Scheduled @Cron",
        r"@(?:Scheduled|Cron)\([^\n]*\)\s*\n[^\n]*?(\w+)\s*\(",
        frozenset({"java", "kotlin", "typescript"}),
    ),
)


def find_entries(section: Section, code: CodeBase, manifests: Manifests, routes: Sequence[Route]) -> list[Finding]:
    """Commands of manifests with their flows, other programs, containers, commands, endpoints, jobs; else what is exported."""
    shown: set[Function] = set()
    found = [one for command in manifests.commands for one in _command(section, code, command, shown)]
    started = {file_of(code, command) for command in manifests.commands if command.sort == "command"}
    found += _programs(section, code, shown, started)
    found += _containers(section, code)
    found += _subcommands(section, code, shown)
    found += _endpoints(section, code, routes)
    for one, hits in seen(code, _JOBS, code.code).items():
        for hit in hits[:3]:
            quote = code.quoted_line(hit.place, hit.span.start, hit.span.end)
            where = code.where(hit.place, hit.span.start)
            found += say(
                section, f"{one.said} {hit.groups[0]}(), {where}", [quote], 0.8, [value("entry", hit.groups[0])]
            )
    if not found:
        found = _exported(section, code)
    return found[: section.limit]


# -- commands --------------------------------------------------------------------------------------


def target_of(code: CodeBase, command: Command) -> Function | None:
    """The function that a command of a Python manifest starts."""
    module, _, name = command.runs.partition(":")
    path = module.strip().replace(".", "/")
    ends = (f"{path}.py", f"{path}/__init__.py")
    for place in code.code:
        if code.files[place].path.endswith(ends) and f"/{code.files[place].path}".endswith(
            tuple(f"/{end}" for end in ends)
        ):
            for number, definition in enumerate(code.files[place].definitions):
                if definition.name == name.partition(".")[0].strip() and definition.parent < 0:
                    return Function(place, number)
    return None


def file_of(code: CodeBase, command: Command) -> int | None:
    """The file that a command of another manifest runs: `./bin/tidy.js`."""
    folder = code.files[command.place].folder
    path = f"{folder}/{command.runs.removeprefix('./')}".lstrip("/")
    return next((place for place in code.by_rank if code.files[place].path == path), None)


def _command(section: Section, code: CodeBase, command: Command, shown: set[Function]) -> list[Finding]:
    if command.sort != "command":
        return []
    target = target_of(code, command)
    if target is None:
        return _command_file(section, code, command, shown)
    manifest = code.quote(command.place, command.span)
    fields = [value("entry", command.name)]
    definition = target.of(code)
    at = code.defined(target.place, definition)
    statement = f"The command `{command.name}` starts {called(code, target)} in {at}"
    said = of_file(code, target.place)
    about = f" ({said.words.rstrip('.')})" if said is not None and len(said.words) < _SHORT else ""
    found = say(section, statement + about, [manifest, code.quoted_signature(target.place, definition)], 0.95, fields)
    return found + _flow(section, code, target, shown)


def _command_file(section: Section, code: CodeBase, command: Command, shown: set[Function]) -> list[Finding]:
    """A command that runs a file: what that says of itself, what it takes and calls."""
    manifest = code.quote(command.place, command.span)
    fields = [value("entry", command.name)]
    start = f"The command `{command.name}`, by {code.files[command.place].path}, runs {command.runs}"
    file = file_of(code, command)
    if file is None:
        return say(section, start, [manifest], 0.85, fields)
    said = of_file(code, file)
    about = f" ({said.words.rstrip('.')})" if said is not None and len(said.words) < _SHORT else ""
    own = [one for one in code.files[file].imports if one.module.startswith(".")]
    takes = f"; that takes {listed([one.module for one in own], 4)}" if own else ""
    made = calls_within(code, file, Span(0, code.files[file].chars))[:_MOST_NAMED]
    then = f" and calls {listed([called(code, one.function, file) for one in made], 5)}" if made else ""
    quotes = [manifest, code.quote(file, said.span) if said is not None and about else None]
    lines = [*(taken.span for taken in own[:3]), *(call.span for call in made[:3])]
    quotes += [code.quoted_line(file, span.start) for span in lines]
    found = say(section, f"{start}{about}{takes}{then}", quotes, 0.85, fields)
    for one in made:
        if one.function.place != file and len(found) < _MOST_FLOWS:
            found += _flow(section, code, one.function, shown)
    return found


def _flow(section: Section, code: CodeBase, start: Function, shown: set[Function]) -> list[Finding]:
    """What a function calls, and those in turn."""
    steps: list[tuple[Function, list[Called]]] = []
    level = [start]
    for _ in range(_STEPS):
        following: list[Function] = []
        for function in level:
            if function in shown:
                continue
            shown.add(function)
            made = calls(code, function)[:_MOST_NAMED]
            if made:
                steps.append((function, made))
                following += [one.function for one in made if one.function.of(code).kind in FUNCTIONS]
        level = following[:_BREADTH]
    told_of = [one.function.of(code).kind in FUNCTIONS for _, made in steps for one in made]
    if len(told_of) < _LEAST_CALLS and not any(told_of):
        # That it makes one value says nothing of what it does.
        return []
    told = [
        f"{called(code, f)} calls {listed([called(code, c.function, f.place) for c in made], 8)}"
        for f, made in steps[:6]
    ]
    quotes = [code.quoted_line(f.place, one.span.start) for f, made in steps[:6] for one in made[:2]]
    return say(section, f"From {called(code, start)}: {'; '.join(told)}", quotes[:8], 0.7)


# -- programs --------------------------------------------------------------------------------------


def _programs(section: Section, code: CodeBase, shown: set[Function], started: set[int | None]) -> list[Finding]:
    """Files with a main guard or a `main` function, and scripts; those that commands run were told already."""
    found: list[Finding] = []
    more: list[int] = []
    places = [p for p in code.code if p not in started and _starts(code, p) and not TEMPLATE.search(code.files[p].path)]
    for place in places:
        file = code.files[place]
        if file.path.endswith("/__main__.py"):
            package = file.folder.rpartition("/")[2]
            quotes = [code.quoted_line(place, file.mains[0].start)]
            found += say(section, f"`python -m {package}` runs {file.path}", quotes, 0.9)
            continue
        if len(found) >= _MOST_PROGRAMS:
            more.append(place)
            continue
        main = file.mains[0] if file.mains else Span(0, file.chars)
        holder = code.enclosing(place, main.start)
        said = of_file(code, place)
        about = f": {said.words}" if said is not None else ""
        made = [one for one in calls_within(code, place, main) if one.function not in shown]
        then = f"; it calls {listed([called(code, one.function) for one in made], 5)}" if made else ""
        name = f"{holder.name}() in " if holder is not None and holder.kind in FUNCTIONS else ""
        statement = f"Program {name}{code.where(place, main.start)}{then}{about}"
        quotes = [code.quoted_line(place, main.start), code.quote(place, said.span) if said is not None else None]
        quotes += [code.quoted_line(place, one.span.start) for one in made[:3]]
        found += say(section, statement, quotes, 0.9)
    if more:
        names = [code.files[p].path for p in more]
        quotes = [code.quoted_line(p, code.files[p].mains[0].start if code.files[p].mains else 0) for p in more[:3]]
        found += say(section, f"{count(len(more), 'more file')} can be run: {listed(names, 6)}", quotes, 0.8)
    return found


def _starts(code: CodeBase, place: int) -> bool:
    """Whether a file is a program of the code base: what only builds it is none, a script among the commands is one."""
    file = code.files[place]
    scripted = _SCRIPTS.search(file.path) is not None and code.text(place).startswith("#!")
    return (bool(file.mains) or scripted) and not code.is_apart(place)


def _containers(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    for place in code.named(DOCKERFILE)[:2]:
        starts = list(_STARTS.finditer(code.text(place)))
        for match in starts[-1:]:
            statement = f"The container starts {as_typed(match['what'])} ({code.where(place, match.start())})"
            found += say(section, statement, [code.quoted_line(place, match.start())], 0.9)
    return found


def _subcommands(section: Section, code: CodeBase, shown: set[Function]) -> list[Finding]:
    """The commands of a command line, file by file; what those do that are functions of their own."""
    flows: list[Finding] = []
    by_file: dict[int, list[_Offered]] = {}
    for hits in seen(code, _COMMANDS, code.code).values():
        for hit in hits:
            name, about = hit.groups
            function = resolved(code, hit.place, about, "") or _elsewhere(code, hit.place, about)
            if function is not None and len(flows) < _MOST_FLOWS:
                flows += _flow(section, code, function, shown)
            if name or function is not None:
                words = "" if function is not None or about.isidentifier() else about
                offered = _Offered(name or about.replace("_", "-"), words, hit.place, hit.span)
                by_file.setdefault(hit.place, []).append(offered)
    for one in registered(code):
        by_file.setdefault(one.loop[0], []).append(_Offered(one.name, "", *one.pair))
    found: list[Finding] = []
    for place, commands in sorted(by_file.items(), key=lambda each: -len(each[1])):
        told = list(dict.fromkeys(f"{one.name} ({one.about})" if one.about else one.name for one in commands))
        quotes = [quote for one in _spread(commands) for quote in _of_command(code, one)]
        statement = f"{code.files[place].path} offers {count(len(told), 'command')}: {listed(told, _MOST_COMMANDS)}"
        found += say(section, statement, quotes, 0.85)
    return [*found[:4], *flows]


@dataclass(frozen=True, slots=True)
class _Offered:
    """A command of a command line, and where that is written."""

    name: str
    about: str
    place: int
    span: Span


def _spread(commands: Sequence[_Offered]) -> list[_Offered]:
    """A few of them to be quoted: of each file the first, then more."""
    firsts = list({one.place: one for one in reversed(commands)}.values())[::-1]
    return [*firsts, *(one for one in commands if one not in firsts)][:_MOST_QUOTED]


def _of_command(code: CodeBase, one: _Offered) -> list[Quote | None]:
    """The lines that name it; of many, the first and the last."""
    if code.line(one.place, one.span.end) - code.line(one.place, one.span.start) < _FEW_LINES:
        return [code.quoted_line(one.place, one.span.start, one.span.end)]
    return [code.quoted_line(one.place, one.span.start), code.quoted_line(one.place, one.span.end - 1)]


def _elsewhere(code: CodeBase, place: int, name: str) -> Function | None:
    """A function of that name in the one imported file that defines it."""
    near = [(p, n) for p, n in code.graph.definers.get(name, ()) if p in code.needs(place)]
    return Function(*near[0]) if len(near) == 1 else None


def _endpoints(section: Section, code: CodeBase, routes: Sequence[Route]) -> list[Finding]:
    """Endpoints by file, and what those that change something call."""
    by_file: dict[int, list[Route]] = {}
    for route in routes:
        by_file.setdefault(route.place, []).append(route)
    found: list[Finding] = []
    for place, answered in sorted(by_file.items(), key=lambda one: -len(one[1]))[:4]:
        told = [f"{route.said} → {route.function}()" if route.function else route.said for route in answered]
        quotes = [code.quoted_line(place, route.span.start) for route in answered[:4]]
        statement = f"{code.files[place].path} answers {count(len(answered), 'endpoint')}: {listed(told, 10)}"
        found += say(section, statement, quotes, 0.85)
    changing = [r for r in routes if r.verb in ("POST", "PUT", "PATCH", "DELETE") and r.body is not None]
    for route in changing[:4]:
        made = calls_within(code, route.place, route.body) if route.body is not None else []
        path: list[str] = []
        quotes = [code.quoted_line(route.place, one.span.start) for one in made[:3]]
        for one in made[:_BREADTH]:
            to = one.function
            inner = [called(code, c.function, to.place) for c in calls(code, to)[:_MOST_NAMED]]
            path.append(called(code, to, route.place) + (f" (which calls {', '.join(inner)})" if inner else ""))
        if path:
            found += say(section, f"{route.said} goes from {route.function}() to {'; '.join(path)}", quotes, 0.7)
    return found


# -- libraries -------------------------------------------------------------------------------------

_ALL = re.compile(r"^__all__\s*(?::[^=\n]*)?=\s*[\[(](?P<names>[^\])]*)[\])]", re.MULTILINE)
_EXPORTED = re.compile(r"(?<![\w$])(?!(?:export|type|default|const|function|class|async|from|as)\b)[A-Za-z_$][\w$]*")
_EXPORT = re.compile(
    r"^export\s+(?:\*|\{[^}]*\}|type \{[^}]*\}|default|const|function|class|async)[^\n]*", re.MULTILINE
)

_OPENED = re.compile(
    r"^[ \t]*(?P<what>pub (?:mod (?P<module>\w+)|use (?P<path>[\w:]+)(?: as (?P<alias>\w+))?;|use [\w:]+::\{(?P<several>[^{}]*)\};))",
    re.MULTILINE,
)


def _exported(section: Section, code: CodeBase) -> list[Finding]:
    """Nothing starts here: what the highest packages offer to whoever imports them."""
    found: list[Finding] = []
    tops = [
        p for p in code.code if re.search(r"(?:^|/)(?:__init__\.py|index\.[jt]s|lib\.rs|mod\.rs)$", code.files[p].path)
    ]
    for place in sorted(tops, key=lambda p: (code.files[p].path.count("/"), -code.ranks[p]))[:3]:
        path = code.files[place].path
        if path.endswith("lib.rs"):
            # The root of a crate: what it hands on is all there is.
            return _offers(section, code, place, *_opened(code, place))
        if path.endswith("mod.rs"):
            found += _offers(section, code, place, *_opened(code, place))
            continue
        text = code.text(place)
        match = _ALL.search(text)
        if match is not None and code.part(place, match.start()) is Where.CODE:
            names = re.findall(r"[\"'](\w+)[\"']", match["names"])
            found += _offers(section, code, place, names, [code.quote(place, Span(*match.span()))])
            continue
        lines = list(_EXPORT.finditer(text))[:6]
        imports = [] if lines else list(code.files[place].imports)[:6]
        names = [name for one in imports for name in one.names]
        names = names or [name for line in lines for name in _EXPORTED.findall(line[0])]
        quotes = [code.quoted_line(place, one.span.start) for one in imports]
        quotes += [code.quoted_line(place, one.start()) for one in lines]
        found += _offers(section, code, place, names, quotes)
    return found


def _offers(
    section: Section, code: CodeBase, place: int, names: Sequence[str], quotes: Sequence[Quote | None]
) -> list[Finding]:
    offered = f"offers {count(len(names), 'name')}: {listed(names, 16)}"
    return say(section, f"Nothing is started here; {code.files[place].path} {offered}", quotes, 0.6) if names else []


def _opened(code: CodeBase, place: int) -> tuple[list[str], list[Quote | None]]:
    """What a module of Rust opens to others: modules, and names that it hands on; and the lines of the first ones."""
    found = [m for m in _OPENED.finditer(code.text(place)) if code.part(place, m.start("what")) is Where.CODE]
    found = [m for m in found if not code.in_test(place, m.start("what"))]
    written = [m["module"] or m["alias"] or m["path"] or m["several"] for m in found]
    names = [one.split(" as ")[-1].rpartition("::")[2].strip() for group in written for one in group.split(",")]
    unique = list(dict.fromkeys(name for name in names if name and name not in ("self", "*")))
    return unique, [code.quoted_line(place, m.start("what")) for m in found[:6]]
