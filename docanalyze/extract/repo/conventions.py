"""Which rules the code follows or states: tools and their settings, names, types, documentation, what contributors are told."""

import re
from collections.abc import Iterator

from docanalyze.extract.repo import words
from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, count, listed, say
from docanalyze.extract.repo.offered import public
from docanalyze.extract.repo.structure import named
from docanalyze.model import Definition, FileRole, Finding, Section

_TOOLS = {
    "ruff.toml": "Ruff", ".ruff.toml": "Ruff", ".flake8": "Flake8", "mypy.ini": "mypy", "pyrightconfig.json": "Pyright", ".pylintrc": "Pylint",
    ".eslintrc": "ESLint", ".eslintrc.js": "ESLint", ".eslintrc.json": "ESLint", ".eslintrc.cjs": "ESLint", ".eslintrc.yml": "ESLint",
    "eslint.config.js": "ESLint", "eslint.config.mjs": "ESLint", "eslint.config.ts": "ESLint", ".prettierrc": "Prettier",
    ".prettierrc.json": "Prettier", "prettier.config.js": "Prettier", "biome.json": "Biome", "tslint.json": "TSLint",
    "rustfmt.toml": "rustfmt", ".rustfmt.toml": "rustfmt", "clippy.toml": "Clippy", ".golangci.yml": "golangci-lint", ".golangci.yaml": "golangci-lint",
    ".editorconfig": "EditorConfig", ".pre-commit-config.yaml": "pre-commit", ".rubocop.yml": "RuboCop", ".clang-format": "clang-format",
    "phpcs.xml": "PHP_CodeSniffer", "phpstan.neon": "PHPStan", "checkstyle.xml": "Checkstyle", "commitlint.config.js": "commitlint",
    "tsconfig.json": "TypeScript", ".stylelintrc": "Stylelint",
}  # fmt: skip
_TABLES = re.compile(
    r"^\[tool\.(?P<tool>ruff|black|isort|mypy|pyright|pylint|flake8|importlinter|bandit|yapf|pydocstyle|towncrier|commitizen|basedpyright|ty|vulture)(?P<part>[\w.-]*)\]\n(?P<body>(?:(?!\[)[^\n]*\n?)*)",
    re.MULTILINE,
)
_TELLING = re.compile(
    r"^[ \t]*\"?(?P<key>line[-_]length|max[-_]line[-_]length|select|extend-select|strict|target[-_]version|profile|max-complexity|convention|printWidth|semi|"
    r"singleQuote|indent_style|indent_size|tabWidth|python_version|disallow_untyped_defs)\"?\s*[:=]\s*(?P<value>[^\n#]+)",
    re.MULTILINE,
)
_SNAKE, _CAMEL = re.compile(r"_*[a-z][a-z0-9]*(?:_[a-z0-9]+)+_*"), re.compile(r"[a-z]+[a-z0-9]*(?:[A-Z][a-z0-9]*)+")
_GUIDE = re.compile(
    r"(?:CONTRIBUTING|STYLE|CODESTYLE|HACKING|DEVELOPMENT|AGENTS|CLAUDE)(?:[\w-]*)(?:\.\w+)?", re.IGNORECASE
)
_KEPT = (
    ("Changes are written down", re.compile(r"(?:CHANGELOG|CHANGES|HISTORY|NEWS)\b", re.IGNORECASE)),
    ("Also kept", re.compile(r"(?:CODE_OF_CONDUCT|SECURITY|CODEOWNERS|ROADMAP)\b", re.IGNORECASE)),
)
_LEAST_COUNTED = 8
_BY_CLASS = frozenset({"java", "kotlin", "scala", "c_sharp", "ruby", "php"})
"""Languages in which the class says what its file is for."""
_BRACKET = re.compile(r"[()\[\]{}]|\"[^\"\n]*\"|'[^'\n]*'")


def find_conventions(section: Section, code: CodeBase) -> list[Finding]:
    """What contributors are told, tools, and shares that were counted, each with an example."""
    return [
        *_told(section, code),
        *_tables(section, code),
        *_tools(section, code),
        *_typed(section, code),
        *_documented(section, code),
        *_naming(section, code),
        *_others(section, code),
    ][: section.limit]


def _told(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    for place in code.named(_GUIDE)[:2]:
        if code.files[place].role is FileRole.DOCUMENTATION:
            for said in list(words.paragraphs(code.text(place)))[:2]:
                shown = words.first_sentence(said.words, 260) if len(said.words) > 300 else said.words
                found += say(section, f"{code.files[place].path}: {shown}", [code.quote(place, said.span)], 0.85)
    return found


def _tables(section: Section, code: CodeBase) -> list[Finding]:
    """Tools that pyproject.toml sets."""
    found: list[Finding] = []
    for place in code.named(re.compile(r"pyproject\.toml"))[:2]:
        tools: dict[str, list[re.Match[str]]] = {}
        for match in _TABLES.finditer(code.text(place)):
            tools.setdefault(match["tool"], []).append(match)
        for tool, matches in list(tools.items())[:6]:
            keys = [
                f"{key['key']} = {' '.join(key['value'].split())}"
                for m in matches
                for key in _TELLING.finditer(m["body"])
            ]
            sets = f": {listed(keys, 4)}" if keys else ""
            quotes = [code.quoted_line(place, m.start(), m.end()) for m in matches[:3]]
            found += say(section, f"{tool.capitalize()} is set in {code.files[place].path}{sets}", quotes, 0.9)
    return found


def _tools(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    known: set[str] = set()
    for place, file in sorted(enumerate(code.files), key=lambda one: one[1].path.count("/")):
        tool = _TOOLS.get(file.path.rpartition("/")[2])
        if tool is None or tool in known or file.role in (FileRole.TEST, FileRole.VENDORED, FileRole.EXAMPLE):
            continue
        known.add(tool)
        keys = [f"{m['key']} {m['value'].strip().rstrip(',')}" for m in _TELLING.finditer(code.text(place))]
        sets = f": {listed(keys, 4)}" if keys else ""
        found += say(section, f"{tool} is set in {file.path}{sets}", [code.quoted_path(place)], 0.9)
    return found[:5]


# -- what was counted ------------------------------------------------------------------------------


def percent(part: int, whole: int) -> str:
    """A share in whole percent, `Over 99 %` where some are missing from all, `Under 1 %` where there are some."""
    share = round(100 * part / whole)
    if share == 100 and part < whole:
        return "Over 99 %"
    return "Under 1 %" if not share and part else f"{share} %"


def _functions(code: CodeBase, language: str) -> Iterator[tuple[int, Definition]]:
    for place in code.code:
        if code.files[place].language == language:
            for one in code.files[place].definitions:
                if one.kind in FUNCTIONS:
                    yield place, one


def _declares(text: str, one: Definition) -> bool:
    """Whether `->` stands behind the parameters of a Python function, however many lines they take."""
    at = text.find("(", text.find(f"def {one.name}", one.span.start, one.span.end))
    depth = 0
    for bracket in _BRACKET.finditer(text, at, one.span.end) if at >= 0 else ():
        depth += 1 if bracket[0] in "([{" else -1 if bracket[0] in ")]}" else 0
        if depth == 0:
            return text[bracket.end() : one.span.end].lstrip().startswith("->")
    return False


def _typed(section: Section, code: CodeBase) -> list[Finding]:
    """How many Python functions say what they return."""
    functions = [(place, one) for place, one in _functions(code, "python") if not re.fullmatch(r"__\w+__", one.name)]
    if len(functions) < _LEAST_COUNTED:
        return []
    typed: list[tuple[int, Definition]] = []
    untyped: list[tuple[int, Definition]] = []
    for place, one in functions:
        (typed if _declares(code.text(place), one) else untyped).append((place, one))
    example = (typed or untyped)[0]
    quotes = [code.quoted_signature(*example)]
    without = ""
    if typed and 0 < len(untyped) <= len(functions) // 2:
        quotes.append(code.quoted_signature(*untyped[0]))
        without = f"; without: {untyped[0][1].name}() in {code.files[untyped[0][0]].path}"
    share = percent(len(typed), len(functions))
    statement = f"{share} of {count(len(functions), 'Python function')} declare what they return{without}"
    return say(section, statement, quotes, 0.85)


def _documented(section: Section, code: CodeBase) -> list[Finding]:
    """How many public definitions, and how many files, say what they are for."""
    number, said_, first = 0, 0, None
    for place in code.code:
        for one in public(code, place):
            if one.kind in FUNCTIONS | HOLDERS:
                number += 1
                said = words.of_definition(code, place, one)
                said_ += said is not None
                first = first or (said and (place, one, said))
    files = [p for p in code.code if code.files[p].lines >= 5 and code.files[p].language not in _BY_CLASS]
    silent = [p for p in files if words.of_file(code, p) is None]
    found: list[Finding] = []
    if number >= _LEAST_COUNTED:
        share = percent(said_, number)
        example = f", for instance {first[1].name} in {code.files[first[0]].path}" if first else ""
        statement = f"{share} of {count(number, 'public function and class', 'public functions and classes')} are documented{example}"
        quote = code.quote(first[0], first[2].span) if first else code.quoted_path(files[0]) if files else None
        found += say(section, statement, [quote], 0.8)
    if len(files) >= _LEAST_COUNTED:
        telling = len(files) - len(silent)
        named_ = (
            f"; without: {listed([code.files[p].path for p in silent], 4)}"
            if silent and telling > 0.3 * len(files)
            else ""
        )
        said_of = percent(telling, len(files))
        statement = f"{said_of} of {count(len(files), 'file')} of code begin by saying what they are for{named_}"
        quotes = [code.quoted_path(p) for p in (silent[:3] if named_ else files[:1])]
        found += say(section, statement, quotes, 0.8)
    return found


def _naming(section: Section, code: CodeBase) -> list[Finding]:
    """Which form the names of functions have, language by language."""
    found: list[Finding] = []
    languages = {code.files[p].language for p in code.code}
    for language in sorted(languages):
        functions = [(place, one) for place, one in _functions(code, language)]
        snake = [entry for entry in functions if _SNAKE.fullmatch(entry[1].name)]
        camel = [entry for entry in functions if _CAMEL.fullmatch(entry[1].name)]
        counted = len(snake) + len(camel)
        if counted < _LEAST_COUNTED:
            continue
        form, most, rest = ("snake_case", snake, camel) if len(snake) >= len(camel) else ("camelCase", camel, snake)
        share = round(100 * len(most) / counted)
        but = (
            f"; exceptions: {listed(list(dict.fromkeys(one.name for _, one in rest)), 3)}"
            if rest and share > 60
            else ""
        )
        quotes = [code.quoted_signature(*entry) for entry in [*most[:1], *rest[:1]]]
        statement = f"{percent(len(most), counted)} of {counted:,} {named(language)} functions of several words are named in {form}{but}"
        found += say(section, statement, quotes, 0.8)
    return found[:3]


def _others(section: Section, code: CodeBase) -> list[Finding]:
    """Where changes are written down, and what else stands at the top for whoever works on it."""
    found: list[Finding] = []
    for said, wanted in _KEPT:
        places = [p for p, f in enumerate(code.files) if wanted.match(f.path.rpartition("/")[2])]
        places = [
            p for p in places if code.files[p].path.count("/") < 2 and code.files[p].role is FileRole.DOCUMENTATION
        ]
        names = [code.files[p].path for p in places]
        found += say(section, f"{said}: {listed(names, 8)}", [code.quoted_path(p) for p in places[:5]], 0.9)
    return found
