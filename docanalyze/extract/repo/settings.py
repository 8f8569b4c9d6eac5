"""What can be set: variables of the environment with their defaults, classes of settings, flags, files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.extract.repo.base import HOLDERS, CodeBase, count, listed, say, value
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import GO, JAVA, PHP, PYTHON, RUBY, RUST, SCRIPT, SHELL, Sign, seen, sign
from docanalyze.extract.repo.storage import fields_of
from docanalyze.extract.repo.words import first_sentence, of_definition
from docanalyze.model import Definition, FileRole, Finding, Section, Span

_NAME = r"[\"'`]([A-Za-z_]\w{1,60})[\"'`]"
_VARIABLES: tuple[Sign, ...] = (
    sign(
        "",
        "environ getenv",
        rf"(?:\benviron(?:\.get|\.setdefault|\.pop)?\s*[\[(]|\bgetenv\()\s*{_NAME}(?:\s*,\s*([^)\n]+))?",
        PYTHON,
    ),
    sign("", "envvar", rf"\benvvar\s*=\s*\[?\s*{_NAME}()", PYTHON),
    sign(
        "",
        "environ config(",
        rf"\b(?:env(?:\.(?:str|bool|int|list|url|db))?|config)\(\s*{_NAME}(?:\s*,\s*(?:default\s*=\s*)?([^)\n]+))?",
        PYTHON,
    ),
    sign(
        "",
        "process.env import.meta.env",
        r"\b(?:process|import\.meta)\.env(?:\.|\[[\"'])([A-Z_]\w+)(?:[\"']\])?(?:\s*(?:\?\?|\|\|)\s*([^;,)\n]+))?",
        SCRIPT,
    ),
    sign("", "Getenv LookupEnv", rf"\bos\.(?:Getenv|LookupEnv)\({_NAME}\)()", GO),
    sign(
        "", "env::var env!", rf"\b(?:env::var(?:_os)?|(?:option_)?env!)\({_NAME}\)(?:\.unwrap_or\w*\(([^)\n]*))?", RUST
    ),
    sign("", "getenv @Value", r"(?:\bSystem\.getenv\(\"|@Value\(\"\$\{)([\w.-]+)(?::([^}\"\n]*))?", JAVA),
    sign("", "ENV[ ENV.fetch", rf"\bENV(?:\.fetch\(|\[)\s*{_NAME}(?:\s*,\s*([^)\n]+))?", RUBY),
    sign("", "env(", rf"\b(?:getenv|env)\({_NAME}(?:\s*,\s*([^)\n]+))?", PHP),
    sign("", "${", r"\$\{([A-Z_][A-Z0-9_]+):?[-=]([^}\n]*)\}", SHELL, Where.ANY),
)
_SHORT = r"(?:[\"']-\w[\"'],\s*)*"
_REST = r"((?:[^()\n]|\([^()\n]*\)|\n(?![ \t]*[@)])){0,400})"
"""What follows a flag in its call, over several lines: there stands what it is for."""
_FLAG = sign("Flag", "add_argument", rf"\.add_argument\(\s*{_SHORT}[\"'](--[\w-]+)[\"']{_REST}", PYTHON)
_OPTION = sign(
    "Flag",
    "option( Option(",
    rf"(?:@[\w.]*option|\btyper\.Option|\.option)\((?:\s*{_SHORT}|[^\n]*?)[\"'](?:-\w, ?)?(--[\w-]+)[^\"'\n]*[\"']{_REST}",
    PYTHON | SCRIPT,
)
_HELP = re.compile(
    r"help\s*=\s*\(?\s*(?P<mark>[\"'])(?P<words>(?:(?!(?P=mark))[^\n]){4,})(?P=mark)"
    # Elsewhere the words come next; one word alone is the name that the value gets.
    r"|,\s*(?P<other>[\"'])(?P<next>(?=[^\n\"']* )(?:(?!(?P=other))[^\n]){4,})(?P=other)"
)
_SETTINGS = re.compile(r"(?:\w*(?:Settings|Config|Configuration|Options|Preferences))")
_FOR_TOOLS = re.compile(
    r"(?:^|/)(?:\.cargo[-_][\w.-]+|\.git\w+|\.dockerignore|\.npmignore|\.github/.*|\.circleci/.*|\.mailmap)$"
)
_MOST_PAGES = 200
_HISTORY = re.compile(r"(?:^|/)(?:CHANGELOG|CHANGES|HISTORY|NEWS)[^/]*$", re.IGNORECASE)
"""What was once said of a variable describes it no more."""
_LITERAL = re.compile(r"""("[^"\n]*"|'[^'\n]*'|`[^`$\n]*`|-?\w[\w.+-]*)\s*(?:$|[)\]};,])""")
_ENOUGH_DOCUMENTED = 0.5
_SET = re.compile(r"\bself\.\w+(?:\s*:[^=\n]+)?\s*=(?!=)")
_BODY = re.compile(r"^(?P<indent>[ \t]+)\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    default: str
    place: int
    span: Span


def find_configuration(section: Section, code: CodeBase) -> list[Finding]:
    """Variables of the environment, then classes of settings, flags and files."""
    return [
        *_variables(section, code),
        *_classes(section, code),
        *_flags(section, code),
        *_files(section, code),
    ][: section.limit]


def _read(code: CodeBase) -> dict[str, list[_Variable]]:
    found: dict[str, list[_Variable]] = {}
    places = [*code.code, *code.of_role(FileRole.CONFIGURATION)]
    for hits in seen(code, _VARIABLES, dict.fromkeys(places)).values():
        for hit in hits:
            name, default = hit.groups[0], _literal(hit.groups[1])
            found.setdefault(name, []).append(_Variable(name, default, hit.place, hit.span))
    return found


def _literal(written: str) -> str:
    """A default that can be read by itself, a constant's name among them; nothing of one that is computed."""
    match = _LITERAL.match(written.strip())
    return match[1] if match and match[1] not in ("None", "null", "undefined", "nil") else ""


def _variables(section: Section, code: CodeBase) -> list[Finding]:
    read = _read(code)
    pages = [(place, code.text(place)) for place in code.of_role(FileRole.DOCUMENTATION)[:_MOST_PAGES]]
    pages = [(place, text) for place, text in pages if not _HISTORY.search(code.files[place].path)]
    described = {name: _described(code, name, pages) for name in read}
    documented = sum(1 for one in described.values() if one is not None)
    complete = len(read) > 2 and documented >= _ENOUGH_DOCUMENTED * len(read)
    most = section.limit * 2 // 3
    found: list[Finding] = []
    ranked = sorted(read.items(), key=lambda one: (-len(one[1]), -code.ranks[one[1][0].place], one[0]))
    for name, uses in ranked[:most]:
        page = described[name]
        first = next((use for use in uses if use.default), uses[0])
        default = f", default {first.default}" if first.default else ""
        about = f", described as “{page[1]}”" if page is not None and page[1] else ""
        silent = "; no document names it, though others are described" if complete and page is None else ""
        paths = list(dict.fromkeys(code.files[use.place].path for use in uses))
        statement = f"Environment variable {name}{default}, read in {listed(paths, 3)}{about}{silent}"
        quotes = [code.quoted_line(first.place, first.span.start, first.span.end)]
        quotes += [code.quote(page[0], page[2])] if page is not None else []
        fields = [value("name", name)] + ([value("default", first.default)] if first.default else [])
        found += say(section, statement, quotes, 0.9, fields)
    if len(ranked) > most:
        rest = ranked[most:]
        quotes = [code.quoted_line(uses[0].place, uses[0].span.start) for _, uses in rest[:4]]
        statement = f"{count(len(rest), 'more environment variable')}: {listed([name for name, _ in rest], 20)}"
        found += say(section, statement, quotes, 0.9)
    return found


def _naming(name: str, text: str) -> re.Match[str] | None:
    """Where a document names a variable: one word in capitals may stand for an argument of a command, unless it is
    marked as a variable (`$NAME`, `NAME=`), stands by itself in backticks or in a cell, or its line speaks of variables."""
    word = re.escape(name)
    if "_" in name:
        return re.search(rf"(?<!\w){word}(?!\w)", text)
    return re.search(
        rf"\$\{{?{word}\b|(?<![\w-]){word}=|`{word}`|^\s*\|\s*{word}\s*\||"
        rf"^[^\n]*\b(?i:environment|variable)[^\n]*?(?<![\w-]){word}(?!\w)",
        text,
        re.MULTILINE,
    )


def _described(code: CodeBase, name: str, pages: Sequence[tuple[int, str]]) -> tuple[int, str, Span] | None:
    """The document's line that says what a variable is for, its own name left out."""
    for place, text in pages:
        match = _naming(name, text) if name in text else None
        if match is not None:
            span = code.lines(place, match.end() - 1)
            line = text[span.start : span.end]
            cells = [cell.strip(" `") for cell in line.strip("| ").split("|")]
            words = [cell for cell in cells if cell and cell != name]
            said = words[0] if len(cells) > 1 and words else ""
            return place, first_sentence(said, 160), span
    return None


def _holds_values(code: CodeBase, place: int, one: Definition) -> bool:
    """Whether a class of Python has values of its own: one with methods alone does something with settings of others.
    Of other languages all are taken."""
    if code.files[place].language != "python":
        return True
    text = code.text(place)
    body = _BODY.search(text, text.find("\n", code.signature(place, one).start) + 1, one.span.end)
    level = re.escape(body["indent"]) if body else ""
    values = re.findall(
        rf"^{level}(?!name\b)[a-zA-Z]\w*\s*(?::[^=\n]+)?=(?!=)", text[one.span.start : one.span.end], re.MULTILINE
    )
    return (
        bool(values) or bool(fields_of(code, place, one)) or _SET.search(text, one.span.start, one.span.end) is not None
    )


def _classes(section: Section, code: CodeBase) -> list[Finding]:
    found: list[tuple[int, list[Finding]]] = []
    for place in code.code:
        for number, one in enumerate(code.files[place].definitions):
            if one.kind not in HOLDERS or not _SETTINGS.fullmatch(one.name) or one.name.startswith("_"):
                continue
            if not _holds_values(code, place, one):
                continue
            said = of_definition(code, place, one)
            users = [p for p, _ in code.graph.users.get((place, number), ()) if code.files[p].role is FileRole.CODE]
            about = f": {first_sentence(said.words, 160)}" if said is not None else ""
            used = f", used by {count(len(users), 'file')}" if users else ""
            statement = f"{one.name} in {code.defined(place, one)} holds settings{used}{about}"
            found.append((len(users), say(section, statement, [code.quote(place, one.span)], 0.7)))
    ranked = sorted(found, key=lambda one: -one[0])[:4]
    return [finding for _, findings in ranked for finding in findings]


def _flags(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    by_file: dict[int, list[tuple[str, str, Span]]] = {}
    for hits in seen(code, (_FLAG, _OPTION), code.code).values():
        for hit in hits:
            words = _HELP.search(hit.groups[1])
            if any(hit.groups[0] == name for name, _, _ in by_file.get(hit.place, ())):
                # The same flag of several commands.
                continue
            by_file.setdefault(hit.place, []).append(
                (hit.groups[0], words["words"] or words["next"] if words else "", hit.span)
            )
    for place, flags in sorted(by_file.items(), key=lambda one: -len(one[1]))[:4]:
        told = [f"{name} ({first_sentence(words, 60)})" if words else name for name, words, _ in flags]
        quotes = [code.quoted_line(place, span.start, span.end) for _, _, span in flags[:4]]
        statement = f"{count(len(flags), 'flag')} of the command line in {code.files[place].path}: {listed(told, 10)}"
        found += say(section, statement, quotes, 0.8)
    return found


def _files(section: Section, code: CodeBase) -> list[Finding]:
    places = [
        p
        for p, file in enumerate(code.files)
        if file.role is FileRole.CONFIGURATION and not _FOR_TOOLS.search(file.path)
    ]
    places.sort(key=lambda p: (code.files[p].path.count("/"), code.files[p].path))
    if not places:
        return []
    names = [code.files[p].path for p in places]
    quotes = [code.quoted_path(p) for p in places[:6]]
    return say(section, f"{count(len(names), 'file')} of configuration: {listed(names, 12)}", quotes, 0.8)
