"""What manifests ask for and offer: names, dependencies, commands, each with its place. Wrong ones are passed over."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from docanalyze.extract.repo.base import CodeBase, is_aside
from docanalyze.model import FileRole, Span

RUNTIME, DEVELOPMENT, OPTIONAL, BUILD = "runtime", "development", "optional", "build"
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)")
_LONGEST_READ = 300_000
_DEV = re.compile(r"dev|test|lint|doc|typing|type|ci|bench|train|check|format|style", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A library that a manifest asks for: `use` is for what, `ecosystem` where it comes from."""

    name: str
    version: str
    use: str
    ecosystem: str
    place: int
    span: Span


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a manifest defines, and what it runs: `berthbook.cli:main`, `vite build`."""

    name: str
    runs: str
    sort: str
    place: int
    span: Span


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a manifest: name, description, version of a language, ..."""

    name: str
    value: str
    place: int
    span: Span


@dataclass(frozen=True, slots=True)
class Manifests:
    """All that the manifests of a code base say."""

    dependencies: tuple[Dependency, ...]
    commands: tuple[Command, ...]
    facts: tuple[Fact, ...]

    def fact(self, name: str) -> Fact | None:
        """The first of that name."""
        return next((fact for fact in self.facts if fact.name == name), None)


class _Reading:
    """One manifest being read."""

    def __init__(self, place: int, text: str) -> None:
        self.place = place
        self.text = text
        self.dependencies: list[Dependency] = []
        self.commands: list[Command] = []
        self.facts: list[Fact] = []

    def find(self, words: str, start: int = 0) -> int:
        at = self.text.find(words, start)
        # A line's end that was looked for, too, is the end of the line before.
        return start if at < 0 else at + words.startswith("\n")

    def line(self, at: int) -> Span:
        first = self.text.rfind("\n", 0, at) + 1
        last = self.text.find("\n", at)
        return Span(first, len(self.text) if last < 0 else last)

    def depends(self, name: str, version: str, use: str, ecosystem: str, at: int) -> None:
        self.dependencies.append(Dependency(name, version.strip(), use, ecosystem, self.place, self.line(at)))

    def offers(self, name: str, runs: str, sort: str, at: int) -> None:
        self.commands.append(Command(name, runs, sort, self.place, self.line(at)))

    def says(self, name: str, value: Any, at: int) -> None:
        if isinstance(value, str) and value.strip():
            self.facts.append(Fact(name, " ".join(value.split()), self.place, self.line(at)))


# -- Python ----------------------------------------------------------------------------------------


def _pyproject(one: _Reading) -> None:
    table = tomllib.loads(one.text)
    project = _table(table, "project")
    for name in ("name", "version", "description", "requires-python"):
        one.says(name, project.get(name), one.find(f"\n{name}"))
    licence = project.get("license")
    one.says("license", licence.get("text", "") if isinstance(licence, dict) else licence, one.find("\nlicense"))
    _requirements(one, project.get("dependencies"), RUNTIME, one.find("\ndependencies"))
    for group, wanted in _table(project, "optional-dependencies").items():
        _requirements(one, wanted, DEVELOPMENT if _DEV.search(group) else OPTIONAL, one.find(f"\n{group}"))
    for group, wanted in _table(table, "dependency-groups").items():
        at = one.find(f"\n{group}", one.find("[dependency-groups]"))
        _requirements(one, wanted, DEVELOPMENT, at)
    _requirements(one, _table(table, "build-system").get("requires"), BUILD, one.find("[build-system]"))
    for name, runs in {**_table(project, "scripts"), **_table(project, "gui-scripts")}.items():
        one.offers(name, str(runs), "command", one.find(str(runs), one.find("scripts]")))
    _poetry(one, _table(_table(table, "tool"), "poetry"))


def _poetry(one: _Reading, poetry: dict[str, Any]) -> None:
    for name in ("name", "version", "description"):
        one.says(name, poetry.get(name), one.find(f"\n{name}", one.find("[tool.poetry]")))
    at = one.find("[tool.poetry.dependencies]")
    for name, wanted in _table(poetry, "dependencies").items():
        if name == "python":
            one.says("requires-python", wanted, one.find("\npython", at) + 1)
        else:
            one.depends(name, _version(wanted), RUNTIME, "Python", one.find(f"\n{name}", at) + 1)
    for group, inner in _table(poetry, "group").items():
        at = one.find(f"[tool.poetry.group.{group}.dependencies]")
        for name, wanted in _table(inner, "dependencies").items():
            one.depends(name, _version(wanted), DEVELOPMENT, "Python", one.find(f"\n{name}", at) + 1)
    for name, runs in _table(poetry, "scripts").items():
        one.offers(name, str(runs), "command", one.find(f"\n{name}", one.find("[tool.poetry.scripts]")) + 1)


def _requirements(one: _Reading, wanted: object, use: str, at: int) -> None:
    for entry in wanted if isinstance(wanted, list) else ():
        match = _REQUIREMENT.match(entry) if isinstance(entry, str) else None
        if match:
            found = one.find(entry, at)
            at = found if found >= at else at
            one.depends(match[1], match[2], use, "Python", found)


def _requirements_file(one: _Reading) -> None:
    for match in re.finditer(
        r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]\n]*\])?[ \t]*([=<>~!][^;#\n\\]*)?", one.text, re.MULTILINE
    ):
        one.depends(match[1], match[2] or "", RUNTIME, "Python", match.start())


def _setup(one: _Reading) -> None:
    """setup.py and setup.cfg, by expressions: nothing in a code base is run."""
    for key, use in (("install_requires", RUNTIME), ("tests_require", DEVELOPMENT), ("setup_requires", BUILD)):
        block = re.search(rf"\b{key}\s*=\s*(\[[^\]]*\]|(?:\s*\n[ \t]+[^\n]+)+)", one.text)
        inner = block[1] if block else ""
        for wanted in re.finditer(r"(?:[\"']|^[ \t]+)([A-Za-z][\w.-]*)([^\"'\n;]*)", inner, re.MULTILINE):
            one.depends(wanted[1], wanted[2], use, "Python", (block.start(1) if block else 0) + wanted.start(1))
    block = re.search(r"console_scripts(?:[\"']?\s*[:=]|\])\s*(\[[^\]]*\]|(?:\s*\n[ \t]+[^\n]+)+|[^\"'\[]+)", one.text)
    for offered in re.finditer(r"([\w.-]+)\s*=\s*([\w.]+:[\w.]+)", block[1] if block else ""):
        one.offers(offered[1], offered[2], "command", (block.start(1) if block else 0) + offered.start())
    for name, key in (("name", "name"), ("description", "description"), ("requires-python", "python_requires")):
        match = re.search(rf"\b{key}\s*=\s*[\"']?([^\"'\n]+?)[\"']?,?\s*$", one.text, re.MULTILINE)
        if match:
            one.says(name, match[1], match.start())


# -- others ----------------------------------------------------------------------------------------


def _package_json(one: _Reading) -> None:
    table = json.loads(one.text)
    for name in ("name", "version", "description", "license"):
        one.says(name, table.get(name), one.find(f'"{name}"'))
    engines = _table(table, "engines")
    for name, wanted in engines.items():
        one.says("engine", f"{name} {wanted}", one.find(f'"{name}"', one.find('"engines"')))
    for key, use in (("dependencies", RUNTIME), ("devDependencies", DEVELOPMENT), ("peerDependencies", RUNTIME)):
        at = one.find(f'"{key}"')
        for name, wanted in _table(table, key).items():
            one.depends(name, str(wanted), use, "npm", one.find(f'"{name}"', at))
    at = one.find('"scripts"')
    for name, runs in _table(table, "scripts").items():
        one.offers(name, str(runs), "npm script", one.find(f'"{name}"', at))
    binaries = table.get("bin")
    if isinstance(binaries, dict):
        for name, runs in binaries.items():
            one.offers(name, str(runs), "command", one.find(f'"{name}"', one.find('"bin"')))
    elif isinstance(binaries, str):
        one.offers(str(table.get("name", "")), binaries, "command", one.find('"bin"'))
    one.says("main", table.get("main"), one.find('"main"'))


def _composer(one: _Reading) -> None:
    table = json.loads(one.text)
    one.says("name", table.get("name"), one.find('"name"'))
    one.says("description", table.get("description"), one.find('"description"'))
    for key, use in (("require", RUNTIME), ("require-dev", DEVELOPMENT)):
        for name, wanted in _table(table, key).items():
            at = one.find(f'"{name}"', one.find(f'"{key}"'))
            if "/" in name:
                one.depends(name, str(wanted), use, "Composer", at)
            elif name == "php":
                one.says("engine", f"PHP {wanted}", at)


def _go(one: _Reading) -> None:
    for match in re.finditer(r"^(module|go)\s+(\S+)", one.text, re.MULTILINE):
        one.says(
            "name" if match[1] == "module" else "engine", match[2] if match[1] == "module" else match[0], match.start()
        )
    wanted = re.compile(
        r"^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+|[\w-]+\.[\w-]+)\s+(v[\w.+-]+)([ \t]*// indirect)?", re.MULTILINE
    )
    for match in wanted.finditer(one.text):
        if not match[3]:
            one.depends(match[1], match[2], RUNTIME, "Go", match.start(1))


def _cargo(one: _Reading) -> None:
    table = tomllib.loads(one.text)
    package = _table(table, "package")
    for name in ("name", "version", "description", "license"):
        one.says(name, package.get(name), one.find(f"\n{name}") + 1)
    one.says("engine", f"Rust {package['rust-version']}" if "rust-version" in package else "", one.find("rust-version"))
    for key, use in (("dependencies", RUNTIME), ("dev-dependencies", DEVELOPMENT), ("build-dependencies", BUILD)):
        at = one.find(f"[{key}]")
        for name, wanted in _table(table, key).items():
            # Written out by Cargo itself, each library has a table of its own.
            own = max(one.text.find(f"[{key}.{name}]"), one.text.find(f'[{key}."{name}"]'))
            one.depends(name, _version(wanted), use, "Cargo", own if own >= 0 else one.find(f"\n{name}", at) + 1)
    for binary in table.get("bin", []) if isinstance(table.get("bin"), list) else []:
        one.offers(str(binary.get("name", "")), str(binary.get("path", "")), "command", one.find("[[bin]]"))


_POM = re.compile(r"\s*<groupId>([^<]+)</groupId>\s*<artifactId>([^<]+)</artifactId>(?:\s*<version>([^<]+)</version>)?")


def _pom(one: _Reading) -> None:
    at = 0
    for part in one.text.split("<dependency>"):
        inner = part.partition("</dependency>")[0]
        entry = _POM.match(inner) if at else None
        if entry:
            use = DEVELOPMENT if "<scope>test</scope>" in inner else RUNTIME
            one.depends(f"{entry[1]}:{entry[2]}", entry[3] or "", use, "Maven", at + entry.start(2))
        at += len(part) + len("<dependency>")
    for name in ("name", "description"):
        match = re.search(rf"^\s{{0,4}}<{name}>([^<]+)</{name}>", one.text, re.MULTILINE)
        if match:
            one.says(name, match[1], match.start(1))


def _cmake(one: _Reading) -> None:
    for name, pattern in (
        ("name", r"^\s*project\(\s*[\"']?([\w.+-]+)"),
        ("engine", r"^\s*cmake_minimum_required\(\s*VERSION\s+([\d.]+)"),
    ):
        match = re.search(pattern, one.text, re.MULTILINE | re.IGNORECASE)
        if match:
            one.says(name, f"CMake {match[1]}" if name == "engine" else match[1], match.start(1))


def _gradle(one: _Reading) -> None:
    wanted = re.compile(
        r"\b(implementation|api|compileOnly|runtimeOnly|testImplementation|kapt|annotationProcessor)\s*\(?\s*[\"']([\w.-]+:[\w.-]+)(?::([\w.+-]+))?"
    )
    for match in wanted.finditer(one.text):
        one.depends(match[2], match[3] or "", DEVELOPMENT if "test" in match[1] else RUNTIME, "Gradle", match.start())


def _gemfile(one: _Reading) -> None:
    for match in re.finditer(r"^\s*gem\s+[\"']([\w-]+)[\"'](?:\s*,\s*[\"']([^\"']+)[\"'])?", one.text, re.MULTILINE):
        one.depends(match[1], match[2] or "", RUNTIME, "RubyGems", match.start(1))


def _csproj(one: _Reading) -> None:
    for match in re.finditer(r"<PackageReference\s+Include=\"([^\"]+)\"(?:\s+Version=\"([^\"]+)\")?", one.text):
        one.depends(match[1], match[2] or "", RUNTIME, "NuGet", match.start())


_READERS: tuple[tuple[re.Pattern[str], Callable[[_Reading], None]], ...] = tuple(
    (re.compile(name), read)
    for name, read in (
        (r"pyproject\.toml", _pyproject),
        (r"setup\.(?:py|cfg)", _setup),
        (r"package\.json", _package_json),
        (r"composer\.json", _composer),
        (r"go\.mod", _go),
        (r"Cargo\.toml", _cargo),
        (r"pom\.xml", _pom),
        (r"CMakeLists\.txt", _cmake),
        (r"build\.gradle(?:\.kts)?", _gradle),
        (r"Gemfile|.*\.gemspec", _gemfile),
        (r".*\.csproj", _csproj),
        (r"requirements(?:[-_.]\w+)?\.(?:txt|in)", _requirements_file),
    )
)
_NOT_OURS = frozenset({FileRole.TEST, FileRole.EXAMPLE, FileRole.VENDORED, FileRole.GENERATED})


def read_manifests(code: CodeBase) -> Manifests:
    """All manifests, the shallowest first; a requirements file says nothing more where a pyproject.toml stands beside it."""
    found = sorted(_found(code), key=lambda one: (code.files[one[0]].path.count("/"), code.files[one[0]].path))
    read = []
    for place, reader in found:
        one = _Reading(place, code.text(place)[:_LONGEST_READ])
        # One that is not written as its name says counts up to there.
        with suppress(ValueError, AttributeError, TypeError, KeyError, RecursionError):
            reader(one)
        read.append(one)
    strict = {code.files[one.place].folder for one in read if one.dependencies and not _is_list(code, one.place)}
    kept = [one for one in read if not _is_list(code, one.place) or code.files[one.place].folder not in strict]
    return Manifests(
        tuple(wanted for one in kept for wanted in one.dependencies),
        tuple(command for one in read for command in one.commands),
        tuple(fact for one in read for fact in one.facts),
    )


def _is_list(code: CodeBase, place: int) -> bool:
    return "requirements" in code.files[place].path.rpartition("/")[2]


def _found(code: CodeBase) -> Iterator[tuple[int, Callable[[_Reading], None]]]:
    for place in code.by_rank:
        file = code.files[place]
        name = file.path.rpartition("/")[2]
        for pattern, reader in _READERS:
            if file.role not in _NOT_OURS and not is_aside(file) and pattern.fullmatch(name):
                yield place, reader


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    inner = table.get(name)
    return inner if isinstance(inner, dict) else {}


def _version(wanted: object) -> str:
    if isinstance(wanted, dict):
        return str(wanted.get("version", ""))
    return wanted if isinstance(wanted, str) else ""
