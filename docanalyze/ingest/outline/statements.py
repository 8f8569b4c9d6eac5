"""Outlines of what is made of statements and blocks: SQL, Dockerfile, Makefile, Protocol Buffers, GraphQL, CSS."""

import re
from collections import Counter
from collections.abc import Iterator

from docanalyze.ingest.outline.lines import begin, clipped
from docanalyze.ingest.outline.marks import Line, Mark, Numbered, first_of, lines_of, outlined_of
from docanalyze.ingest.outline.outlined import Outlined
from docanalyze.model import Import, Span

_MOST_COLUMNS = 40
_MOST_BODY = 20_000

_SQL_NAME = r"(?:\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\]|[\w$]+)(?:\s*\.\s*(?:\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\]|[\w$]+))*"
_CREATE = re.compile(
    r"^[ \t]*CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?"
    r"(?:(?:TEMP|TEMPORARY|GLOBAL|LOCAL|UNLOGGED|EXTERNAL|FOREIGN|UNIQUE|MATERIALIZED|VIRTUAL|RECURSIVE|CONSTRAINT|CLUSTERED|DEFINER\s*=\s*\S+)\s+)*"
    r"(TABLE|VIEW|INDEX|FUNCTION|PROCEDURE|TRIGGER|TYPE|SEQUENCE|SCHEMA|DOMAIN)\s+(?:CONCURRENTLY\s+)?"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(" + _SQL_NAME + ")",
    re.I | re.M,
)
_SQL_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"\n]*\"|--[^\n]*|/\*.*?(?:\*/|\Z)|(\$\w*\$)|(;)", re.S)
_SQL_USED = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES|ON|TABLE)\s+(?:IF\s+EXISTS\s+|ONLY\s+)?(" + _SQL_NAME + ")", re.I
)
_SQL_END = re.compile(r"\bEND\s*;", re.I)
_SQL_WORDS = frozenset(
    "select set delete update conflict where if not exists values only using each duplicate true false".split()
)


def sql(text: str) -> Outlined:
    """What is created: tables with their columns, of all else the first lines; the names of tables used."""
    lines = Numbered(text)
    marks: list[Mark] = []
    done = 0
    for found in _CREATE.finditer(text):
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        if start < done:
            continue
        kind = found[1].lower()
        end = _statement_end(text, found.end(), kind)
        done = end
        most = _MOST_COLUMNS if kind in ("table", "type") else 3
        stop = _without_body(text, found.end(), end) if kind in ("function", "procedure") else end
        mark = Mark(_plain(found[2]), kind, lines.at(start), 1, end, (clipped(text, start, stop, most),))
        marks.append(mark)
    names = Counter(name for found in _SQL_USED.finditer(text) if _is_name(name := _plain(found[1])))
    return outlined_of(text, marks, references=tuple(sorted(names.items())))


def _plain(name: str) -> str:
    """A name without quotes and without the schema in front of it."""
    return re.split(r"\s*\.\s*", name)[-1].strip('"`[]')


def _is_name(word: str) -> bool:
    return not word[:1].isdigit() and word.lower() not in _SQL_WORDS


def _statement_end(text: str, start: int, kind: str) -> int:
    """Behind the `;` that ends a statement: none in a string, a comment or a body counts."""
    place = start
    while found := _SQL_TOKEN.search(text, place):
        place = found.end()
        if found[1]:
            closing = text.find(found[1], place)
            place = len(text) if closing < 0 else closing + len(found[1])
        elif found[2]:
            if kind in ("trigger", "procedure", "function") and re.search(
                r"\bBEGIN\b", text[start : found.start()], re.I
            ):
                over = _SQL_END.search(text, start, start + _MOST_BODY)
                return max(place, over.end()) if over else place
            return place
    return len(text)


def _without_body(text: str, start: int, end: int) -> int:
    found = re.compile(r"\bAS\s+(?:\$|'|BEGIN)|\bBEGIN\b|\$\w*\$", re.I).search(text, start, end)
    return found.start() if found else end


def _continued(text: str) -> Iterator[tuple[Line, int]]:
    """Lines with where the last of those ends that a backslash joins to them."""
    first: Line | None = None
    for line in lines_of(text):
        first = first or line
        if line.text.endswith("\\"):
            continue
        yield first, line.end
        first = None
    if first:
        yield first, len(text)


_INSTRUCTION = re.compile(r"\s*(FROM|EXPOSE|ENTRYPOINT|CMD|ENV|ARG|WORKDIR|USER|VOLUME|HEALTHCHECK)\s+(.*)", re.I)
_STAGE = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.I)


def dockerfile(text: str) -> Outlined:
    """Stages, and what each says about how it is run."""
    marks: list[Mark] = []
    for line, end in _continued(text):
        found = _INSTRUCTION.match(line.text)
        if not found:
            continue
        shown = (clipped(text, first_of(line), end, 6),)
        word = found[1].upper()
        if word == "FROM":
            stage = _STAGE.match(found[2])
            marks.append(Mark(stage[2] or stage[1] if stage else found[2].strip(), "stage", line, 1, -1, shown))
        else:
            marks.append(Mark(word, "instruction", line, 2, end, shown))
    return outlined_of(text, marks)


_TARGET = re.compile(r"([^\s:=#][^:=#\n]*)::?(?!=)(?:\s|$)")
_VARIABLE = re.compile(r"(?:export\s+|override\s+)*([\w.\-]+)\s*(?:[:?+!]|::)?=")
_INCLUDE = re.compile(r"[-s]?include\s+(\S+)")


def makefile(text: str) -> Outlined:
    """Variables, and targets with what they need."""
    marks: list[Mark] = []
    imports = []
    for line, end in _continued(text):
        if line.text.startswith("\t"):
            continue
        shown = (clipped(text, first_of(line), end, 3),) if line.text.strip() else ()
        if included := _INCLUDE.match(line.text):
            imports.append(Import(included[1], line.number, Span(line.start, line.end)))
        elif variable := _VARIABLE.match(line.text):
            marks.append(Mark(variable[1], "variable", line, 1, end, shown))
        elif (target := _TARGET.match(line.text)) and not target[1].startswith("."):
            marks.append(Mark(target[1].strip(), "target", line, 1, -1, shown))
    return outlined_of(text, marks, imports)


_PROTO = re.compile(r"\s*(message|service|enum|rpc|extend)\s+([\w.]+)")
_PROTO_IMPORT = re.compile(r"\s*import\s+(?:public\s+|weak\s+)?\"([^\"\n]+)\"")
_GRAPHQL = re.compile(
    r"\s*(?:extend\s+)?(type|interface|enum|input|union|scalar|schema|directive|fragment|query|mutation)\b\s*@?(\w*)"
)
_FIELD = re.compile(r"\s*(?:\w[^=\n(){}]*=\s*\d|\w+[ \t]*(?:\([^)\n]*\)[ \t]*)?:|[A-Z][A-Z0-9_]*\s*$)")


def proto(text: str) -> Outlined:
    """Messages with their fields, services with their calls."""
    return _blocks(text, _PROTO)


def graphql(text: str) -> Outlined:
    """Types with their fields."""
    return _blocks(text, _GRAPHQL)


def _blocks(text: str, opening: re.Pattern[str]) -> Outlined:
    """What an opening line begins, with the lines of fields in its braces."""
    marks: list[Mark] = []
    fields: list[list[Span]] = []
    imports = []
    depth = 0
    for line in lines_of(text):
        bare = re.sub(r"\"[^\"]*\"|(?://|#).*", "", line.text)
        found = opening.match(line.text)
        if found and (depth == 0 or found[1] in ("message", "enum", "rpc")):
            marks.append(Mark(found[2] or found[1], found[1], line, depth + 1))
            fields.append([clipped(text, first_of(line), line.end, 1)])
        elif fields and depth and _FIELD.match(bare) and len(fields[-1]) < _MOST_COLUMNS:
            fields[-1].append(clipped(text, first_of(line), line.end, 1))
        elif taken := _PROTO_IMPORT.match(line.text):
            imports.append(Import(taken[1], line.number, Span(line.start, line.end)))
        depth = max(0, depth + bare.count("{") - bare.count("}"))
    marks = [
        Mark(mark.name, mark.kind, mark.line, mark.level, -1, tuple(shown))
        for mark, shown in zip(marks, fields, strict=True)
    ]
    return outlined_of(text, marks, imports)


_CSS = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"\n]*\"|'[^'\n]*'|[{};]", re.S)
_CSS_IMPORT = re.compile(r"@(?:import|use|forward)\s+(?:url\()?[\"']?([^\"')\s;]+)")


def css(text: str) -> Outlined:
    """Selectors and at-rules that stand in no other, and what is imported."""
    marks: list[Mark] = []
    imports = []
    lines = Numbered(text)
    depth, start, last, said_before = 0, 0, 0, False
    for found in _CSS.finditer(text):
        sign = found[0]
        said_before = said_before or bool(text[last : found.start()].strip())
        last = found.end()
        if sign.startswith("/*") and not said_before:
            start = found.end()
        elif sign in "{;" and depth == 0:
            said = text[start : found.start()].strip()
            place = found.start() - len(text[start : found.start()].lstrip())
            taken = _CSS_IMPORT.match(said)
            if sign == ";" and taken:
                imports.append(Import(taken[1], lines.at(place).number, Span(place, found.start())))
            elif sign == "{" and said and begin(text, place) >= 0 and not text[begin(text, place) : place].strip():
                shown = (clipped(text, place, found.start(), 3),)
                marks.append(Mark(" ".join(said.split())[:80], "selector", lines.at(place), 1, -1, shown))
        if sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
        if sign in "{};" and depth == 0:
            start, said_before = found.end(), False
    return outlined_of(text, marks, imports)
