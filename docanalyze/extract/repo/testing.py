"""What tests there are, which code each of them imports, which code none imports, and how they are run."""

import re
from collections import Counter

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, absent, count, listed, say
from docanalyze.extract.repo.building import MAKEFILE, targets
from docanalyze.extract.repo.manifests import Manifests
from docanalyze.extract.repo.words import NO_TESTS, first_sentence, left_out, of_file
from docanalyze.model import Definition, File, FileRole, Finding, Quote, Section

_TEST = re.compile(r"(?:test|it|should|spec|Test|Benchmark|Fuzz)\w*|\w*(?:_test|Test|_spec)")
_CALLED = re.compile(r"^\s*(?:it|test|describe|specify|scenario)(?:\.\w+)*\(\s*[\"'`]", re.MULTILINE)
_MARKED = re.compile(
    r"^\s*(?:@(?:Test|ParameterizedTest)\b|#\[(?:\w+::)?test\b|\[(?:Fact|Test|Theory|TestMethod)\b|(?:it|specify) [\"'])",
    re.MULTILINE,
)
_FRAMEWORKS = frozenset(
    "pytest unittest hypothesis nose doctest vitest jest mocha chai ava tap node:test jasmine @jest/globals @playwright/test cypress "
    "playwright testing github.com/stretchr/testify org.junit junit org.mockito rspec minitest PHPUnit gtest/gtest.h catch2 xunit".split()
)
_SKIPPED = re.compile(
    r"@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.skip\w*|Disabled|Ignore)\b|\b(?:it|test|describe)\.(?:skip|todo)\(|\bt\.Skip\(|#\[ignore"
)
_HOLDS_TESTS = re.compile(r"(?:^|/)(?:tests?_[^/]*|tests?|[^/]*_tests?)\.pyi?$|(?:^|/)tests/")
_OF_EXAMPLES = re.compile(r"^(?:[^/]+/)?(?:examples?|samples?|demos?|vendor|third_party|node_modules)/")
_CASE = re.compile(r"\bclass (?:Test\w*|\w+Tests?)\b|TestCase\b")
_NAMED_TEST = re.compile(r"test(?:_|[A-Z0-9])\w*")
_LEAST_LINES = 15
_FEW = 0.4
_KEPT_BY_TOOLS = (".pytest_cache", ".hypothesis")
_BASES = ("conftest", "__init__", "setup", "helpers", "fixtures")


def tests_in(file: File, text: str) -> int:
    """How many tests a file of tests holds, as its definitions and its calls say."""
    defined = sum(1 for one in file.definitions if one.kind in FUNCTIONS and _TEST.fullmatch(one.name))
    if file.language == "python":
        return sum(_is_python_test(file, text, one) for one in file.definitions)
    return max(defined if file.language == "go" else 0, len(_CALLED.findall(text)), len(_MARKED.findall(text)))


def _is_python_test(file: File, text: str, one: Definition) -> bool:
    """Whether a runner would take a definition for a test: a framework of tests has functions of such names, too."""
    if one.kind not in FUNCTIONS or not _NAMED_TEST.fullmatch(one.name):
        return False
    if one.parent < 0:
        return _HOLDS_TESTS.search(file.path) is not None
    holder = file.definitions[one.parent]
    if holder.kind not in HOLDERS:
        return False
    head = text[holder.span.start : text.find("\n", text.find(holder.name, holder.span.start))]
    return _CASE.search(head) is not None or _HOLDS_TESTS.search(file.path) is not None


def find_tests(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """How many and with what, how they are run, what each covers, what none imports."""
    # An example brings tests of its own, which are none of the code base.
    tests = [p for p in code.tests if not _OF_EXAMPLES.search(code.files[p].path)]
    if not tests:
        return _without(section, code)
    counts = {place: tests_in(code.files[place], code.text(place)) for place in tests}
    return [
        *_numbers(section, code, counts),
        *_how(section, code, manifests),
        *_covered(section, code, counts),
        *_bare(section, code, not any(counts.values()) or _may_be_left_out(code)),
        *_skipped(section, code),
    ][: section.limit]


def _without(section: Section, code: CodeBase) -> list[Finding]:
    """What is said where no test was read: that they were left out as asked, or that there are none."""
    looked, chars = ("test_*", "*_test.*", "*.test.*", "*.spec.*", "tests/"), sum(len(file.path) for file in code.files)
    if asked := left_out(code, NO_TESTS, of=" of tests"):
        return absent(section, asked, looked, chars)
    if asked := left_out(code):
        return absent(section, f"No tests stand in what was read; {asked}", looked, chars)
    if _may_be_left_out(code) or any(file.role is FileRole.TEST for file in code.files):
        return []
    return absent(section, "No tests were found", looked, chars)


def _may_be_left_out(code: CodeBase) -> bool:
    """Whether there may be tests among what was not read."""
    skipped = [one for one in code.tree.skipped if not one.path.endswith(_KEPT_BY_TOOLS)]
    return bool(left_out(code, "not included", NO_TESTS)) or any("test" in one.path.lower() for one in skipped)


def _numbers(section: Section, code: CodeBase, counts: dict[int, int]) -> list[Finding]:
    used: Counter[str] = Counter()
    quotes: dict[str, Quote | None] = {}
    for place in counts:
        names = {}
        for one in code.files[place].imports:
            name = one.module if one.module in _FRAMEWORKS else one.module.partition(".")[0]
            if name in _FRAMEWORKS:
                names[name] = one.span.start
        for name, at in names.items():
            used[name] += 1
            quotes.setdefault(name, code.quoted_line(place, at))
    lines = sum(code.files[place].lines for place in counts)
    code_lines = sum(code.files[place].lines for place in code.code) or 1
    holding = sum(1 for number in counts.values() if number)
    total = sum(counts.values())
    said = count(total, "test") if total else "Files of tests, without a function that looks like a test:"
    with_ = f", with {listed([name for name, _ in used.most_common(4)])}" if used else ""
    files = count(holding or len(counts), "file")
    statement = (
        f"{said} {f'in {files}' if total else files}{with_}; {count(lines, 'line')} beside {code_lines:,} of code"
    )
    first = max(counts, key=lambda place: counts[place])
    return say(section, statement, [*list(quotes.values())[:4], code.quoted_path(first)], 0.85)


def _how(section: Section, code: CodeBase, manifests: Manifests) -> list[Finding]:
    """Commands that run them, and their settings."""
    found: list[Finding] = []
    for place in code.named(MAKEFILE)[:2]:
        for name, does, span in targets(code, place):
            if re.match(r"(?:test|check|coverage)s?(?:$|[-_])", name):
                folder = f" in {code.files[place].folder}/" if code.files[place].folder else ""
                found += say(section, f"`make {name}`{folder}: {does or name}", [code.quote(place, span)], 0.85)
    for command in manifests.commands:
        if command.sort == "npm script" and re.match(r"test|e2e|coverage", command.name):
            folder = code.files[command.place].folder
            inside = f" in {folder}/" if folder else ""
            quotes = [code.quote(command.place, command.span)]
            found += say(section, f"`npm run {command.name}`{inside} runs {command.runs}", quotes, 0.85)
    for place in code.by_rank:
        name = code.files[place].path.rpartition("/")[2]
        if name in ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini") and code.files[place].path.count("/") == 0:
            match = re.search(
                r"^\[(?:tool\.pytest\.ini_options|pytest|tool:pytest|testenv)\]\n(?:[^\[\n][^\n]*\n|\n(?!\[))*",
                code.text(place),
                re.MULTILINE,
            )
            if match:
                keys = re.findall(r"^(\w+)\s*=", match[0], re.MULTILINE)
                statement = f"{code.files[place].path} sets how tests run: {listed(keys, 8)}"
                found += say(section, statement, [code.quoted_line(place, match.start(), match.end())], 0.85)
    return found[:5]


def covers(code: CodeBase, place: int) -> list[int]:
    """The code that a test imports, what matters most first."""
    direct = [p for p in code.needs(place) if code.files[p].role is FileRole.CODE]
    return sorted(direct, key=lambda p: -code.graph.uses.get(place, {}).get(p, 0.0))


def _covered(section: Section, code: CodeBase, counts: dict[int, int]) -> list[Finding]:
    """The map from tests to code, the largest tests first."""
    mapped = [(place, covers(code, place)) for place in counts if counts[place]]
    mapped = [(place, covered) for place, covered in mapped if covered]
    mapped.sort(key=lambda one: (-counts[one[0]], code.files[one[0]].path))
    most = max(4, section.limit - 8)
    found: list[Finding] = []
    for place, covered in mapped[:most]:
        said = of_file(code, place)
        about = f" ({first_sentence(said.words, 120)})" if said is not None else ""
        number = f", {count(counts[place], 'test')}" if counts[place] else ""
        paths = listed([code.files[p].path for p in covered], 4)
        quotes = [code.quote(place, said.span)] if said is not None else []
        quotes += [code.quoted_import(place, p) for p in covered[:3]]
        found += say(
            section,
            f"{code.files[place].path}{number}{about}{',' * bool(number or about)} imports {paths}",
            quotes,
            0.85,
        )
    if len(mapped) > most:
        rest = mapped[most:]
        quotes = [code.quoted_path(place) for place, _ in rest[:3]]
        tested = len({p for _, covered in rest for p in covered})
        statement = f"{count(len(rest), 'more file')} of tests import {count(tested, 'file')} of code"
        found += say(section, statement, quotes, 0.85)
    return found


def _bare(section: Section, code: CodeBase, left_out: bool) -> list[Finding]:
    """Code that no test imports, by itself or through another file."""
    tested = {p for place in code.of_role(FileRole.TEST) for p in code.needs(place)}
    if left_out or not tested:
        return []
    reached = _reached(code, tested)
    candidates = _candidates(code, {code.files[p].language for p in tested})
    few = [p for p in candidates if p in reached]
    if len(few) < _FEW * len(candidates):
        statement = f"Tests reach only {count(len(few), 'file')} of {len(candidates):,} of code"
        return _telling(section, code, statement, few)
    never = [p for p in candidates if p not in reached]
    through = [p for p in candidates if p in reached - tested]
    return [
        *_telling(section, code, f"No test imports {_share(never, candidates)}, nor anything that does", never),
        *_telling(section, code, f"Tests reach {_share(through, candidates)} only through other files", through),
    ]


def _reached(code: CodeBase, tested: set[int]) -> set[int]:
    """What is imported by these files, and by what they import, and so on; themselves among it."""
    reached = set(tested)
    level = tested
    while level:
        level = {p for place in level for p in code.graph.imports.get(place, {})} - reached
        reached |= level
    return reached


def _candidates(code: CodeBase, languages: set[str]) -> list[int]:
    """Code that one would expect a test of."""
    return [
        p
        for p in code.code
        if code.files[p].lines >= _LEAST_LINES
        and code.files[p].language in languages
        and code.files[p].definitions
        and not code.files[p].path.rpartition("/")[2].startswith(_BASES)
        and not code.holds_tests(p)
    ]


def _share(places: list[int], of: list[int]) -> str:
    return f"{len(places):,} files of {len(of):,} of code" if len(places) != 1 else "one file of code"


def _telling(section: Section, code: CodeBase, statement: str, places: list[int]) -> list[Finding]:
    names = listed([code.files[p].path for p in places], 8)
    return say(section, f"{statement}: {names}", [code.quoted_path(p) for p in places[:6]], 0.6)


def _skipped(section: Section, code: CodeBase) -> list[Finding]:
    places = []
    for place in code.tests:
        match = _SKIPPED.search(code.text(place))
        if match:
            places.append((place, match))
    if not places:
        return []
    names = [code.where(place, match.start()) for place, match in places]
    quotes = [code.quoted_line(place, match.start()) for place, match in places[:4]]
    return say(
        section,
        f"Tests are skipped or expected to fail in {count(len(places), 'file')}: {listed(names, 4)}",
        quotes,
        0.8,
    )
