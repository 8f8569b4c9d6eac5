"""A code base as the analyst works on it: files by rank, their words, and how a place in one becomes a quote."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property

from docanalyze.extract.repo.masks import Masks, Where, masks
from docanalyze.extract.repo.recent import Recent
from docanalyze.model import Definition, Document, File, FileRole, Finding, Quote, Section, Span, Sweep
from docanalyze.model import Field as Value
from docanalyze.model.kind import FieldKind
from docanalyze.rank import Graph, graph, rank

LONGEST_QUOTE, LONGEST_STATEMENT = 600, 1_000
_LONGEST_LINE = 2_000
_THRICE = ('"""', "'''")
FUNCTIONS = frozenset({"function", "method", "constructor"})
HOLDERS = frozenset({"class", "struct", "interface", "record", "type", "trait", "enum", "protocol", "object"})
_ALIAS = re.compile(r"\b(?P<name>\w+)\s+as\s+(?P<alias>\w+)")
_LETTERS = re.compile(r"[^\W_]")
_DOCSTRING = re.compile(r"\n[ \t]*[rRuUbB]{0,2}(?:\"|')")
_TYPING = re.compile(r"^[ \t]*if (?:\w+\.)?TYPE_CHECKING\b", re.MULTILINE)
_OUTER = re.compile(r"^\S", re.MULTILINE)
_GATHERS = re.compile(r"(?:^|/)(?:__init__\.pyi?|index\.[cm]?[jt]sx?|mod\.rs|lib\.rs)$")
_ASIDE = re.compile(
    r"(?:^|/)(?:examples?|samples?|demos?|tutorials?|fixtures?|testdata|tests?|vendor|third_party|node_modules)/"
)
_NO_BUILD = re.compile(r"^//\s*(?:go:build|\+build) ignore\b", re.MULTILINE)
_BUILDS = re.compile(r"(?:^|/)(?:build\.rs|setup\.py|noxfile\.py|gulpfile\.[cm]?js|Gruntfile\.[cm]?js)$")
_LONGEST_HEAD = 3_000
_RUST_TOPS = ("lib", "main", "mod")
_TEST_ONLY = re.compile(r"#\[cfg\((?:all\()?[^\]\n]*\btest\b|#\[(?:\w+::)?test\b")
_LEAST_LETTERS = 2
"""A quote of fewer letters and figures is found everywhere."""


class CodeBase:
    """What all Sections of a code base are read from. Graph and ranks are made once, when first asked for."""

    def __init__(self, document: Document) -> None:
        if document.tree is None:
            raise ValueError("the document is no code base")
        self.document = document
        self.tree = document.tree
        self.files = document.tree.files
        self._texts: Recent[str] = Recent(64)
        self._masks: Recent[Masks] = Recent(256)
        self._starts: Recent[list[int]] = Recent(1024)
        self._aliases: Recent[dict[str, str]] = Recent(1024)
        self._tests_in: Recent[tuple[Span, ...]] = Recent(1024)

    @cached_property
    def graph(self) -> Graph:
        return graph(self.tree)

    @cached_property
    def ranks(self) -> tuple[float, ...]:
        return rank(self.graph)

    # -- files ---------------------------------------------------------------------------------

    @cached_property
    def by_rank(self) -> tuple[int, ...]:
        """Places of the files that were read, those that matter most first, those apart from the rest last."""
        read = (place for place, file in enumerate(self.files) if file.is_read and file.chars)
        return tuple(sorted(read, key=lambda place: (self.is_apart(place), -self.ranks[place], self.files[place].path)))

    def is_apart(self, place: int) -> bool:
        """Whether a file of code takes no part in the program: a script of the build, or one that no build takes."""
        file = self.files[place]
        if file.role is not FileRole.CODE or not file.is_read:
            return False
        if file.language == "go":
            return bool(_NO_BUILD.search(self.document.text, file.start, file.start + min(file.chars, _LONGEST_HEAD)))
        return _BUILDS.search(file.path) is not None

    def of_role(self, *roles: FileRole) -> tuple[int, ...]:
        """Places of the files of these roles that were read, by rank."""
        return tuple(place for place in self.by_rank if self.files[place].role in roles)

    @cached_property
    def code(self) -> tuple[int, ...]:
        """Places of the code that is no test and no example, by rank; pages and styles left out."""
        return tuple(p for p in self.of_role(FileRole.CODE) if self.files[p].language not in _NO_CODE)

    @cached_property
    def tests(self) -> tuple[int, ...]:
        return tuple(p for p in self.of_role(FileRole.TEST) if self.files[p].language not in _NO_CODE)

    def needs(self, place: int) -> dict[int, int]:
        """The files that one imports, each with the place of the import: by itself, or through a package that only
        gathers them, if it uses something that they define."""
        imports = self.graph.imports.get(place, {})
        found = {other: numbers[0] for other, numbers in imports.items()}
        used = self.graph.uses.get(place, {})
        for other, numbers in imports.items():
            if _GATHERS.search(self.files[other].path):
                for inner in self.graph.imports.get(other, {}):
                    if inner in used and inner != place:
                        found.setdefault(inner, numbers[0])
        return found

    @cached_property
    def _needed(self) -> dict[int, dict[int, int]]:
        return {place: self.needs(place) for place in self.by_rank}

    @cached_property
    def importers(self) -> dict[int, tuple[int, ...]]:
        """Who imports each file, by rank: by its own name, and not through a package that gathers it."""
        found: dict[int, list[int]] = {}
        for place in self.by_rank:
            for other in self.graph.imports.get(place, {}):
                found.setdefault(other, []).append(place)
        return {place: tuple(users) for place, users in found.items()}

    def users(self, place: int) -> tuple[int, ...]:
        """The code that imports a file, tests left out."""
        return tuple(p for p in self.importers.get(place, ()) if self.files[p].role is FileRole.CODE)

    def quoted_import(self, place: int, other: int) -> Quote | None:
        """The line by which one file imports another."""
        number = self._needed[place].get(other)
        return None if number is None else self.quoted_line(place, self.files[place].imports[number].span.start)

    def is_late(self, place: int, number: int) -> str:
        """Why an import takes no part when its file is loaded: `types` (only type checkers read it), `function`
        (it stands in one); empty if it does."""
        one = self.files[place].imports[number]
        text = self.text(place)
        if text.startswith("import type", one.span.start):
            return "types"
        start = text.rfind("\n", 0, one.span.start) + 1
        if start == one.span.start or text[start : one.span.start].strip():
            return ""
        holder = self.enclosing(place, one.span.start)
        if holder is not None and holder.kind in FUNCTIONS:
            return "function"
        guards = [match.start() for match in _TYPING.finditer(text, 0, start)]
        return "types" if guards and not _OUTER.search(text, text.find("\n", guards[-1]), start) else ""

    def named(self, name: re.Pattern[str]) -> tuple[int, ...]:
        """Places of read files whose last part of the path fits as a whole, the shallowest first. Those of tests,
        examples and libraries of others are not the code base's own, and left out."""
        found = [
            p
            for p in self.by_rank
            if name.fullmatch(self.files[p].path.rpartition("/")[2]) and not is_aside(self.files[p])
        ]
        return tuple(sorted(found, key=lambda p: (self.files[p].path.count("/"), self.files[p].path)))

    @cached_property
    def top(self) -> str:
        """The folder in which all files lie, with `/` behind it: where an installed package stands in a folder of its own."""
        return common([file.path for file in self.files])

    def is_top(self, file: File) -> bool:
        """Whether a file lies at the top, and so speaks of the whole."""
        return "/" not in file.path.removeprefix(self.top)

    def text(self, place: int) -> str:
        """The text of a file."""
        return self._texts.of(place, self._slice)

    @cached_property
    def _long(self) -> frozenset[int]:
        """Files of code with lines that nobody wrote by hand."""
        return frozenset(p for p in self.by_rank if self._has_long_lines(self.files[p]))

    def _has_long_lines(self, file: File) -> bool:
        if file.role is FileRole.DOCUMENTATION or file.chars <= _LONGEST_LINE:
            return False
        return max(map(len, self.document.slice(file.span).split("\n"))) > _LONGEST_LINE

    def _slice(self, place: int) -> str:
        text = self.document.slice(self.files[place].span)
        if place not in self._long:
            return text
        # Data in a line of its own: blanks instead, so that no expression walks through it, and all places hold.
        return "\n".join(" " * len(line) if len(line) > _LONGEST_LINE else line for line in text.split("\n"))

    def _mask(self, place: int) -> Masks:
        return masks(self.files[place].language, self.text(place))

    def _begin(self, place: int) -> list[int]:
        return [definition.span.start for definition in self.files[place].definitions]

    def masks(self, place: int) -> Masks:
        """Where comments and strings stand in a file."""
        return self._masks.of(place, self._mask)

    @cached_property
    def edges(self) -> dict[int, dict[int, tuple[int, ...]]]:
        """Who imports whom, without what cannot be otherwise: in Rust a module names its own children."""
        found: dict[int, dict[int, tuple[int, ...]]] = {}
        for place, imported in self.graph.imports.items():
            below = _below(self.files[place])
            kept = {p: n for p, n in imported.items() if not below or not self.files[p].path.startswith(below)}
            found.update({place: kept} if kept else {})
        return found

    # -- places --------------------------------------------------------------------------------

    def line(self, place: int, offset: int) -> int:
        """The line, from 1, of a character of a file."""
        file = self.files[place]
        return 1 + self.document.text.count("\n", file.start, file.start + min(offset, file.chars))

    def where(self, place: int, offset: int) -> str:
        """`src/app.py:10`."""
        return f"{self.files[place].path}:{self.line(place, offset)}"

    def lines(self, place: int, start: int, end: int | None = None) -> Span:
        """The whole lines around a place, without the white space around them."""
        text = self.text(place)
        end = start if end is None else max(start, end)
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", max(start, end - 1))
        return trimmed(text, Span(first, len(text) if last < 0 else last))

    def quote(self, place: int, span: Span) -> Quote | None:
        """A Quote of a place in a file, of at most `LONGEST_QUOTE` characters; None of what says nothing."""
        file = self.files[place]
        text = self.text(place)
        span = trimmed(text, span)
        if len(span) > LONGEST_QUOTE:
            cut = text.rfind("\n", span.start, span.start + LONGEST_QUOTE)
            span = trimmed(text, Span(span.start, cut if cut > span.start else span.start + LONGEST_QUOTE))
        return self._quoted(file.within(span))

    def quoted_line(self, place: int, offset: int, end: int | None = None) -> Quote | None:
        """A Quote of the whole lines around a place."""
        return self.quote(place, self.lines(place, offset, end))

    def quoted_path(self, place: int) -> Quote | None:
        """A Quote of a file's own path, as it stands before its text."""
        file = self.files[place]
        start = file.start - 1 - len(file.path)
        if start < 0 or self.document.text[start : start + len(file.path)] != file.path:
            return None
        return self._quoted(Span(start, start + len(file.path)))

    def _quoted(self, at: Span) -> Quote | None:
        words = self.document.slice(at)
        if len(_LETTERS.findall(words)) < _LEAST_LETTERS:
            return None
        numbers = tuple(segment.number for segment in self.document.segments_at(at))
        return Quote(words, numbers, at)

    def part(self, place: int, offset: int) -> Where:
        """What a character of a file belongs to: code, a comment or a string."""
        where = self.masks(place).at(offset)
        if where is Where.COMMENT or self.files[place].language in _NO_STARS:
            return where
        # A quote in a regular expression may have turned strings inside out: the line itself tells.
        text = self.text(place)
        line = text[text.rfind("\n", 0, offset) + 1 : offset + 2].lstrip()
        return Where.COMMENT if line.startswith(("* ", "//", "/*")) or line == "*" else where

    def without_comments(self, place: int, span: Span) -> str:
        """The words of a file but for those of its comments."""
        text, masks = self.text(place), self.masks(place)
        kept, at = [], span.start
        for number in range(bisect_right(masks.ends, span.start), len(masks.starts)):
            start = masks.starts[number]
            if start >= span.end:
                break
            if masks.parts[number] is Where.COMMENT:
                kept.append(text[at : max(at, start)])
                at = masks.ends[number]
        return "".join([*kept, text[min(at, span.end) : span.end]])

    def is_told(self, place: int, offset: int) -> bool:
        """Whether a place lies in a comment or in a docstring: what is said there is done nowhere."""
        masks = self.masks(place)
        where = masks.at(offset)
        start, _ = masks.around(offset)
        return where is Where.COMMENT or (where is Where.STRING and self.text(place)[start : start + 3] in _THRICE)

    def _alias(self, place: int) -> dict[str, str]:
        text = self.text(place)
        spans = [one.span for one in self.files[place].imports] if " as " in text else []
        return {m["alias"]: m["name"] for span in spans for m in _ALIAS.finditer(text, span.start, span.end)}

    def aliases(self, place: int) -> dict[str, str]:
        """What the imports of a file gave another name: the own name of each."""
        return self._aliases.of(place, self._alias)

    # -- definitions ---------------------------------------------------------------------------

    def signature(self, place: int, definition: Definition) -> Span:
        """The line or lines that an outline shows of a definition, decorators left out, else its first line."""
        text = self.text(place)
        for shown in definition.shown:
            at = self._named_at(place, definition.name, shown)
            if at >= 0:
                said = _DOCSTRING.search(text, at, shown.end) if self.files[place].language == "python" else None
                return trimmed(text, Span(text.rfind("\n", 0, at) + 1, said.start() if said else shown.end))
        return self.lines(place, definition.span.start)

    def _named_at(self, place: int, name: str, shown: Span) -> int:
        """Where a name stands as code in what is shown; -1 if only words about it, or around it, hold it."""
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.text(place)[shown.start : shown.end]):
            if self.masks(place).at(shown.start + match.start()) is Where.CODE:
                return shown.start + match.start()
        return -1

    def defined(self, place: int, definition: Definition) -> str:
        """`src/app.py:10`, the line of its name: decorators and comments that belong to it stand above."""
        return self.where(place, self.signature(place, definition).start)

    def quoted_signature(self, place: int, definition: Definition) -> Quote | None:
        return self.quote(place, self.signature(place, definition))

    def enclosing(self, place: int, offset: int) -> Definition | None:
        """The innermost definition around a place; None outside of all."""
        definitions = self.files[place].definitions
        number = bisect_right(self._starts.of(place, self._begin), offset) - 1
        while number >= 0 and offset >= definitions[number].span.end:
            # The last one that began before is not around it: then the one around that may be.
            parent = definitions[number].parent
            number = parent if parent < number else -1
        return definitions[number] if number >= 0 else None

    def _tried(self, place: int) -> tuple[Span, ...]:
        file, text = self.files[place], self.text(place)
        if file.language != "rust" or "test" not in text:
            return ()
        heads = ((one, text[one.span.start : self.signature(place, one).start]) for one in file.definitions)
        return tuple(one.span for one, head in heads if _TEST_ONLY.search(head))

    def holds_tests(self, place: int) -> bool:
        """Whether tests stand in a file of code itself."""
        return bool(self._tests_in.of(place, self._tried))

    def in_test(self, place: int, offset: int) -> bool:
        """Whether a place of a file of code belongs to tests that stand in it: `#[cfg(test)] mod tests`."""
        return any(span.start <= offset < span.end for span in self._tests_in.of(place, self._tried))

    def inside(self, place: int, offset: int) -> str:
        """` in price_of_stay()`, or nothing outside of all functions."""
        holder = self.enclosing(place, offset)
        if holder is None or holder.kind not in FUNCTIONS | HOLDERS:
            return ""
        return f" in {holder.name}()" if holder.kind in FUNCTIONS else f" in {holder.name}"


def _below(file: File) -> str:
    """The folder of a Rust module's children, with `/` behind it; empty for all else."""
    if file.language != "rust":
        return ""
    stem = file.path.removesuffix(".rs")
    return f"{file.folder}/".lstrip("/") if stem.endswith(_RUST_TOPS) else f"{stem}/"


_NO_STARS = frozenset(
    {"python", "ruby", "bash", "yaml", "toml", "ini", "dockerfile", "makefile", "sql", "markdown", ""}
)
"""Languages in which a line that begins with a star is no comment."""
_NO_CODE = frozenset({"", "markdown", "json", "yaml", "toml", "ini", "html", "css", "sql"})


def trimmed(text: str, span: Span) -> Span:
    """A Span without the white space around it."""
    start, end = span.start, min(span.end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, max(start, end))


def say(
    section: Section,
    statement: str,
    quotes: Iterable[Quote | None],
    confidence: float,
    fields: Sequence[Value] = (),
) -> list[Finding]:
    """A Finding in a list, or an empty list if nothing can be quoted for it. Fields that stand in no quote fall out."""
    kept = tuple(dict.fromkeys(quote for quote in quotes if quote is not None))
    if not kept:
        return []
    proven = tuple(field for field in fields if any(field.written in quote.text for quote in kept))
    said = " ".join(statement.split())
    if len(said) > LONGEST_STATEMENT:
        said = said[:LONGEST_STATEMENT].rsplit(" ", 1)[0] + " …"
    return [Finding(section.name, said, kept, proven, confidence=round(confidence, 2))]


def absent(section: Section, statement: str, terms: Sequence[str], chars: int) -> list[Finding]:
    """A statement that something is not there, with what was looked for and in how much."""
    sweep = Sweep(tuple(terms), (), chars)
    return [Finding(section.name, statement, absence=True, sweep=sweep, confidence=0.6)]


def value(name: str, written: str) -> Value:
    """A Field of words."""
    return Value(name, FieldKind.TEXT, written)


def count(number: int, one: str, several: str = "") -> str:
    """`1 file`, `1,200 files`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {several or one + 's'}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """`a, b, c`, of many the first and how many more."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most:,} more"


def common(paths: Sequence[str]) -> str:
    """The folder that all paths lie in, with `/` behind it; empty if there is none."""
    if not paths:
        return ""
    parts = [path.split("/")[:-1] for path in paths]
    shared: list[str] = []
    for names in zip(*parts, strict=False):
        if len(set(names)) != 1:
            break
        shared.append(names[0])
    return "/".join([*shared, ""]) if shared else ""


def is_aside(file: File) -> bool:
    """Whether a file belongs to a test, an example or a library of others, by its path."""
    return _ASIDE.search(file.path) is not None
