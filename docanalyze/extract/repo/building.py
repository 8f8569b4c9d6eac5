"""How a code base is built, run and tested: what its README, its build files, its container and its CI say."""

import re
from collections.abc import Iterable, Sequence

from docanalyze.extract.repo import words
from docanalyze.extract.repo.base import CodeBase, absent, count, listed, say, value
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.purpose import README, readme
from docanalyze.model import FileRole, Finding, Quote, Section, Span

MAKEFILE = re.compile(r"(?:GNU)?[Mm]akefile|[Jj]ustfile")
DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.\w+)?|\w+\.[Dd]ockerfile")
COMPOSE = re.compile(r"(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml")
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|azure-pipelines\.yml")
_TARGET = re.compile(
    r"^(?P<name>[A-Za-z][\w./-]*)[ \t]*(?:\w+=\S*[ \t]+)*:(?![=:]|//)(?P<needs>[^\n#=]*)(?:#+[ \t]*(?P<said>[^\n]*))?",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$[({]\w+[)}]/")
"""The folder of a tool, by a variable: nobody types it."""
_SCRIPT = re.compile(r"(?:if|case|for|while|set|\()\s")
_RECIPE = re.compile(r"\n\t[@-]*(?P<line>[^\n]+)|\n {2,}[@-]*(?P<spaced>[^\n]+)")
_STEP = re.compile(
    r"^(?P<indent>[ \t]*)(?:- )?(?:run|script):[ \t]*(?P<block>[|>][+-]?[ \t]*)?(?P<line>[^\n]*)", re.MULTILINE
)
_STEPS = re.compile(r"^[ \t]*- (?P<line>(?!name:|uses:|run:|\w[\w-]*:)[^\n]+)", re.MULTILINE)
_FROM = re.compile(r"^(FROM|EXPOSE|VOLUME|USER)\s+[^\n]+", re.MULTILINE | re.IGNORECASE)
_STARTS = re.compile(r"^(CMD|ENTRYPOINT)\s+(?P<what>[^\n]+)", re.MULTILINE | re.IGNORECASE)
_HOW = re.compile(
    r"install|usage|run|build|quick|start|setup|set up|develop|test|deploy|how to|try|demo|contribut|compil",
    re.IGNORECASE,
)
_CONTRIBUTING = re.compile(
    r"CONTRIBUTING(?:\.\w+)?|DEVELOP\w*(?:\.\w+)?|INSTALL(?:\.\w+)?|HACKING(?:\.\w+)?", re.IGNORECASE
)
_MOST_TYPED = 6
_MOST_BLOCKS, _MOST_TARGETS, _MOST_STEPS = 5, 8, 4
_WELCOME = (
    "install",
    "build",
    "run",
    "serve",
    "start",
    "dev",
    "test",
    "demo",
    "lint",
    "check",
    "deploy",
    "all",
    "docs",
)


def find_build(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """Versions, what the documents show, targets and scripts, container, CI."""
    found = [
        *_versions(section, code, manifests),
        *_shown(section, code, manifests),
        *_targets(section, code),
        *_scripts(section, code, manifests),
        *_container(section, code),
        *_integration(section, code),
    ]
    if not found:
        looked = (
            "README*",
            "Makefile",
            "Dockerfile",
            "CMakeLists.txt",
            "pyproject.toml",
            "package.json",
            "Cargo.toml",
            ".github/workflows",
        )
        chars = sum(len(file.path) for file in code.files)
        statement = words.unless_left_out(code, "Nothing was found on how to build or run it")
        return absent(section, statement, looked, chars)
    return found[: section.limit]


def _versions(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    facts = [fact for fact in manifests.facts if fact.name in ("requires-python", "engine")]
    unique = {(fact.name, fact.value): fact for fact in reversed(facts)}.values()
    said = [f"Python {f.value}" if f.name == "requires-python" else f.value for f in unique]
    return say(section, f"Needs {listed(said)}", [code.quote(f.place, f.span) for f in unique], 0.95) if said else []


def _shown(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """Blocks of commands in the README, and in what is written for contributors."""
    own = frozenset(command.name for command in manifests.commands if command.sort == "command")
    first = readme(code)
    others = [p for p in code.named(_CONTRIBUTING) if code.files[p].role is FileRole.DOCUMENTATION]
    inner = [p for p in code.named(README) if p != first and code.files[p].path.count("/") == 1]
    found: list[Finding] = []
    for place in [p for p in (first, *others[:2], *inner[:2]) if p is not None]:
        text = code.text(place)
        blocks = list(words.commands(text, own, narrow=code.files[place].path.endswith(".rdoc")))
        blocks = blocks or [one for one in words.inline_commands(text, own) if _HOW.search(one.heading)]
        wanted = [block for block in blocks if _HOW.search(block.heading)] or blocks
        by_heading: dict[str, list[words.Block]] = {}
        for block in wanted:
            by_heading.setdefault(block.heading, []).append(block)
        for heading, under in list(by_heading.items())[: _MOST_BLOCKS if place == first else 2]:
            found += _typed(section, code, place, heading, under)
    return found[: _MOST_BLOCKS + 2]


def _typed(section: Section, code: CodeBase, place: int, heading: str, blocks: Sequence[words.Block]) -> list[Finding]:
    """The commands that a document shows under one heading."""
    lines = [re.sub(r"\s+#\s.*", "", line) for block in blocks for line in block.commands]
    typed = "; ".join(lines[:_MOST_TYPED]) + (" …" if len(lines) > _MOST_TYPED else "")
    under = f", under “{heading}”" if heading else ""
    fields = [value("command", line) for line in lines[:_MOST_TYPED]]
    statement = f"{code.files[place].path}{under}: {words.shortened(typed, 300)}"
    return say(section, statement, [code.quote(place, block.span) for block in blocks[:4]], 0.85, fields)


def targets(code: CodeBase, place: int) -> list[tuple[str, str, Span]]:
    """The targets of a Makefile: name, what it says or does, and where."""
    text = code.text(place)
    found = {}
    for match in _TARGET.finditer(text):
        name = match["name"]
        if name in found or name.startswith(".") or "%" in name or "/" in name:
            continue
        recipe = _RECIPE.match(text, match.end())
        does = (match["said"] or "").strip() or (recipe["line"] or recipe["spaced"] if recipe else "")
        # A script over several lines begins with what says nothing of it.
        does = "" if _SCRIPT.match(does) else does.rstrip("\\ \t")
        needs = (match["needs"] or "").strip()
        end = recipe.end() if recipe else match.end()
        found[name] = (
            name,
            _VARIABLE.sub("", " ".join((does or (needs and f"runs {needs}")).split())),
            Span(match.start(), end),
        )
    return list(found.values())


def _targets(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    for place in code.named(MAKEFILE)[:3]:
        tool = "just" if "just" in code.files[place].path.lower() else "make"
        folder = code.files[place].folder
        offered = [target for target in targets(code, place) if target[1]]
        offered.sort(key=lambda target: _welcome(target[0]))
        chosen = offered[: _MOST_TARGETS if not folder else 3]
        for name, does, span in chosen[:4] if not folder else chosen[:1]:
            inside = f" in {folder}/" if folder else ""
            typed = f"{tool} {name}"
            found += say(section, f"`{typed}`{inside}: {words.first_sentence(does)}", [code.quote(place, span)], 0.9)
        rest = [name for name, _, _ in offered if name not in [one[0] for one in chosen[:4]]]
        if rest and not folder:
            statement = f"Further targets of {code.files[place].path}: {listed(rest, 12)}"
            spans = [span for name, _, span in offered if name in rest[:3]]
            found += say(section, statement, [code.quoted_line(place, span.start) for span in spans], 0.9)
    return found


def _welcome(name: str) -> int:
    return next((place for place, word in enumerate(_WELCOME) if name.startswith(word)), len(_WELCOME))


def _scripts(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """npm scripts, manifest by manifest."""
    found: list[Finding] = []
    places = dict.fromkeys(command.place for command in manifests.commands if command.sort == "npm script")
    for place in list(places)[:3]:
        scripts = [c for c in manifests.commands if c.place == place and c.sort == "npm script"]
        scripts.sort(key=lambda command: _welcome(command.name))
        folder = code.files[place].folder
        inside = f" in {folder}/" if folder else ""
        told = "; ".join(f"`npm run {c.name}` is {c.runs}" for c in scripts[:4])
        more = f"; also {listed([c.name for c in scripts[4:]], 8)}" if len(scripts) > 4 else ""
        quotes = [code.quote(place, command.span) for command in scripts[:4]]
        found += say(section, f"npm scripts{inside}: {words.first_sentence(told, 320)}{more}", quotes, 0.9)
    return found


def _container(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    for place in code.named(DOCKERFILE)[:3]:
        text = code.text(place)
        bases = [match for match in _FROM.finditer(text)]
        start = list(_STARTS.finditer(text))
        said = "; ".join(" ".join(match[0].split()) for match in bases[:4])
        then = f"; it starts {as_typed(start[-1]['what'])}" if start else ""
        quotes = [code.quoted_line(place, match.start()) for match in [*bases[:4], *start[-1:]]]
        found += say(section, f"Container, {code.files[place].path}: {said}{then}", quotes, 0.9)
    for place in code.named(COMPOSE)[:2]:
        services = _services(code.text(place))
        names = [name for name, _ in services]
        quotes = [code.quoted_line(place, at) for _, at in services[:5]]
        found += say(
            section, f"{code.files[place].path} starts {count(len(names), 'service')}: {listed(names, 8)}", quotes, 0.9
        )
    return found


def as_typed(written: str) -> str:
    """A command of a Dockerfile as one would type it."""
    words_of = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", written) if written.lstrip().startswith("[") else []
    return " ".join(words_of) or written.strip()


def _services(text: str) -> list[tuple[str, int]]:
    block = re.search(r"^services:[ \t]*\n(?P<body>(?:[ \t]+[^\n]*\n|[ \t]*\n|#[^\n]*\n)*)", text, re.MULTILINE)
    if block is None:
        return []
    entries = list(re.finditer(r"^(?P<indent>[ \t]+)(?P<name>[\w.-]+):[ \t]*$", block["body"], re.MULTILINE))
    least = min((len(entry["indent"]) for entry in entries), default=0)
    return [(e["name"], block.start("body") + e.start("name")) for e in entries if len(e["indent"]) == least]


def _integration(section: Section, code: CodeBase) -> list[Finding]:
    """What continuous integration runs."""
    found: list[Finding] = []
    places = [p for p in code.by_rank if _WORKFLOW.fullmatch(code.files[p].path)]
    for place in sorted(places, key=lambda p: code.files[p].path)[:3]:
        steps = _steps(code.text(place))
        if not steps:
            continue
        typed = [line for line, _ in steps]
        quotes: list[Quote | None] = [code.quoted_line(place, at) for _, at in steps[:_MOST_STEPS]]
        statement = f"Continuous integration, {code.files[place].path}, runs {'; '.join(_short(typed))}"
        found += say(section, statement, quotes, 0.85)
    return found


def _short(lines: Sequence[str]) -> Iterable[str]:
    yield from lines[:_MOST_STEPS]
    if len(lines) > _MOST_STEPS:
        yield f"and {len(lines) - _MOST_STEPS} more commands"


def _steps(text: str) -> list[tuple[str, int]]:
    """Commands of a workflow, with where each stands."""
    found = []
    for match in _STEP.finditer(text):
        if match["block"]:
            line = re.compile(r"\n[ \t]+(?P<line>[^\s#][^\n]*)").match(text, match.end())
            if line:
                found.append((line["line"].strip(), line.start("line")))
        elif match["line"].strip():
            found.append((match["line"].strip(), match.start("line")))
        else:
            inner = _STEPS.match(text, match.end() + 1)
            if inner:
                found.append((inner["line"].strip(), inner.start("line")))
    unique = {line: (line, at) for line, at in reversed(found)}
    return sorted(unique.values(), key=lambda one: one[1])
