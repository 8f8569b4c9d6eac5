"""Outlines of texts made of headings, tables and keys: Markdown, TOML, INI, YAML, JSON."""

import re

from docanalyze.ingest.outline.marks import MOST_MARKS, Line, Mark, Numbered, lines_of, outlined_of
from docanalyze.ingest.outline.outlined import Outlined

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.+)")
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")


def markdown(text: str) -> Outlined:
    """Headings, those that are underlined too; what stands in fences is none."""
    marks: list[Mark] = []
    fence = ""
    previous: Line | None = None
    for line in lines_of(text):
        opened = _FENCE.match(line.text)
        if fence:
            if opened and opened[1].startswith(fence) and not line.text.strip(" `~"):
                fence = ""
            previous = None
            continue
        if opened:
            fence, previous = opened[1], None
            continue
        heading, under = _ATX.match(line.text), _UNDERLINE.match(line.text)
        if heading:
            said = _CLOSING.sub("", heading[2].strip()).strip()
            marks += [Mark(said, "heading", line, len(heading[1]))] if said else []
        elif under and previous:
            marks.append(Mark(previous.text.strip(), "heading", previous, 1 if under[1][0] == "=" else 2))
        previous = line if line.text.strip() and not heading and not under and line.text[:1] not in " >-*|\t" else None
    return outlined_of(text, marks)


_TOML_TABLE = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_TOML_KEY = re.compile(r"\s*((?:[\w\-]+|\"[^\"\n]*\"|'[^'\n]*')(?:\s*\.\s*(?:[\w\-]+|\"[^\"\n]*\"|'[^'\n]*'))*)\s*=")
_INI_KEY = re.compile(r"([^\s=:;#\[][^=:]*)[=:]")
_TRIPLE = re.compile(r'"""|\'\'\'')


def toml(text: str) -> Outlined:
    """Tables, and every key of the first two levels with its line."""
    marks: list[Mark] = []
    inside = ""
    depth = 0
    for line in lines_of(text):
        before = inside
        for quotes in _TRIPLE.findall(line.text):
            inside = "" if inside == quotes else inside or quotes
        if before:
            continue
        if depth == 0 and (table := _TOML_TABLE.match(line.text)):
            marks.append(Mark(table[1].strip(), "table", line, 1))
            continue
        bare = _without_strings(line.text, "#")
        if depth == 0 and (key := _TOML_KEY.match(line.text)):
            marks.append(Mark(key[1].strip("\"'"), "key", line, 2))
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
    return outlined_of(text, marks)


def _without_strings(line: str, comment: str) -> str:
    """A line without what stands in quotes, and without its comment."""
    return re.sub(r"\"(?:\\.|[^\"\\])*\"?|'[^']*'?", "", line).partition(comment)[0]


def ini(text: str) -> Outlined:
    """Sections and keys."""
    marks: list[Mark] = []
    for line in lines_of(text):
        section = re.match(r"\[([^\]\n]+)\]", line.text)
        if section:
            marks.append(Mark(section[1], "table", line, 1))
        elif key := _INI_KEY.match(line.text):
            marks.append(Mark(key[1].strip(), "key", line, 2))
    return outlined_of(text, marks)


_YAML_KEY = re.compile(r"( *)(?:- +)?(\"[^\"\n]+\"|'[^'\n]+'|[^\s#\-\"'\[\]{},&*!|>%@`][^\n#]*?|-?\w[^\n#:]*):(?=\s|$)")
_YAML_BLOCK = re.compile(r":\s*(?:[&!]\S+\s+)?[|>][-+0-9]*\s*(?:#.*)?$")


def yaml(text: str) -> Outlined:
    """The first two levels of keys; what stands in block texts is none."""
    marks: list[Mark] = []
    second: int | None = None
    block = -1
    for line in lines_of(text):
        if not line.text.strip():
            continue
        indent = len(line.text) - len(line.text.lstrip(" "))
        if 0 <= block < indent:
            continue
        block = -1
        key = _YAML_KEY.match(line.text)
        if key and _YAML_BLOCK.search(line.text[-60:]):
            block = indent
        if not key or line.text.lstrip().startswith(("#", "- ")):
            continue
        if indent == 0:
            marks.append(Mark(_bare(key[2]), "key", line, 1))
            second = None
        elif second is None or indent <= second:
            second = indent
            marks.append(Mark(_bare(key[2]), "key", line, 2))
    return outlined_of(text, marks)


def _bare(key: str) -> str:
    return key.strip().strip("\"'")


_JSON = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|[{}\[\]:,]', re.S)


def json(text: str) -> Outlined:
    """The keys of the first level, and of the second where each begins its line."""
    marks: list[Mark] = []
    line_of: dict[int, int] = {}
    depth = 0
    kinds: list[str] = []
    last = None
    lines = Numbered(text)
    for found in _JSON.finditer(text):
        sign = found[0]
        if sign in "{[":
            depth += 1
            kinds.append(sign)
        elif sign in "}]":
            depth = max(0, depth - 1)
            del kinds[depth:]
        elif sign == ":" and last and depth in (1, 2) and "[" not in kinds:
            line = lines.at(last.start())
            if not text[line.start : last.start()].strip(" \t{") and line_of.get(line.number) != depth:
                line_of[line.number] = depth
                marks.append(Mark(last[0].strip('"'), "key", line, depth))
                if len(marks) >= MOST_MARKS:
                    break
        last = found if sign[0] == '"' else None
    return outlined_of(text, [mark for mark in marks if mark.line.text.strip()])
