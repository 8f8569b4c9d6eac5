"""What files say of themselves: the comment that a file begins with, the first paragraphs of a README."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from docanalyze.extract.repo.base import FUNCTIONS, HOLDERS, CodeBase, count, trimmed
from docanalyze.model import Definition, FileRole, Span

LONGEST_SAID = 220
NO_TESTS = "tests were not asked for"
"""Why files were skipped where the call asked for no tests."""
_MOST_BLOCKS = 200
_LONGEST_READ = 150_000
"""Characters of a document of which paragraphs and commands are looked for."""
_DOCSTRING = re.compile(
    r"(?:\s|#[^\n]*\n)*[rRuUbB]{0,2}(?P<mark>\"\"\"|'''|\"(?!\")|'(?!'))(?P<body>(?:[^\\]|\\[\s\S])*?)(?P=mark)"
)
_BLOCK = re.compile(r"\s*(?:/\*+!?|<!--|--\[\[|\(\*)(?P<body>[\s\S]*?)(?:\*+/|-->|\]\]|\*\))")
_LINES = {
    "hash": re.compile(r"(?:[ \t]*#(?!!)[^\n]*\n?)+"),
    "slash": re.compile(r"(?:[ \t]*//[^\n]*\n?)+"),
    "dash": re.compile(r"(?:[ \t]*--[^\n]*\n?)+"),
}
_MARKS = re.compile(r"^[ \t]*(?:#+!?|//+!?|--+|\*+(?!/)|;+|%+)?[ \t]?", re.MULTILINE)
_RULE = re.compile(r"[\W_]+")
_NOTHING_SAID = re.compile(
    r"copyright|licen[cs]e|spdx|all rights reserved|permission is hereby|eslint|prettier-|@ts-|jshint|"
    r"-\*-|vim:|coding[:=]|noqa|pylint|type: ignore|mypy:|frozen_string_literal|generated|"
    r"^#?(?:end)?region\b|^\w+ = |use strict|^module (?:dependencies|variables|exports|requires)\b|^@\w+|^(?:globals?|exported) [\w, ]+$|<reference|redistribution|istanbul|clang-format|@flow|rubocop|shellcheck|^\W*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-z0-9)`’'\"\]])[.!?](?=\s+[A-Z`\"'(]|\s*$)")
_PREAMBLE = re.compile(r"\s*(?:#![^\n]*\n|<\?php\b|package [\w.]+;?|[\"']use \w+[\"'];?|\s)*")
_FRONT = re.compile(r"\s*---\n[\s\S]{0,4000}?\n---\n")
_NOT_PROSE = re.compile(
    r"\s*(?:#|=|-{3}|\[!|!\[|<|\||```|~~~|\.\.\s|:\w+:|\[\w|\*{3}|\d+\.\s|[-*+•]\s|>|@|\$ |\{|\w+ ::\s|image::|https?://\S+\s*$)"
)
_INDENTED = re.compile(r"(?: {4}|\t)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|\[([^\]\n]*)\]\[[^\]\n]*\]|`([^`\n<]*) <[^>\n]*>`_+")
_TAGS = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>")
_SLANTED = re.compile(r"(?<![\w`/])_([^_`\n]{1,80})_(?![\w`])")
_STARRED = re.compile(r"(?<![\w*\\/])\*(?=[^\s*/])([^*\n]{1,300})(?<=[^\s*])\*(?![\w*/])")
_INLINE = re.compile(r"\{@(?:code|link|linkplain|literal|value)\s+([^{}]*)\}")
_TAGGED = re.compile(
    r"\s@(?:public|private|protected|internal|api|param|returns?|type|see|since|author|throws|module|memberof)\b"
)
"""Where the words of a comment end and marks for a tool begin."""
_ADDRESS = re.compile(r"\w+://\S+")
_LEAST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a file about itself: where they stand, and how they read in one line."""

    span: Span
    words: str


_AS_ASKED = frozenset({"excluded", "not included", NO_TESTS})


def left_out(code: CodeBase, *reasons: str, of: str = "") -> str:
    """`12 files were left out, as asked` of what the call itself kept out of the code base, for these reasons or for
    any; empty if that is nothing. `of` says what the files are."""
    kept_out = [one for one in code.tree.skipped if one.reason in (reasons or _AS_ASKED)]
    if not kept_out:
        return ""
    files = sum(one.count for one in kept_out)
    folders = sum(not one.count for one in kept_out)
    parts = [count(files, f"file{of}", f"files{of}")] if files else []
    parts += [count(folders, "folder")] if folders else []
    return f"{' and '.join(parts)} {'was' if files + folders == 1 else 'were'} left out, as asked"


def unless_left_out(code: CodeBase, statement: str) -> str:
    """What is said to be missing, with what was left out as asked: it may stand there."""
    asked = left_out(code)
    return f"{statement} in what was read; {asked}" if asked else statement


def in_line(text: str) -> str:
    """Words of a comment or of Markdown in one line, without the marks around them."""
    bare = _MARKS.sub("", _STARRED.sub(r"\1", text))
    bare = _INLINE.sub(r"\1", _LINK.sub(lambda found: found[1] or found[2] or found[3] or "", bare))
    return " ".join(_SLANTED.sub(r"\1", _TAGS.sub("", bare).replace("**", "")).split())


def first_sentence(words: str, limit: int = LONGEST_SAID) -> str:
    """The first sentence, shortened if it is very long."""
    end = _SENTENCE.search(words)
    sentence = words[: end.end()] if end else words
    return shortened(sentence, limit) if len(sentence) > limit else sentence.rstrip(" .:;")


def shortened(words: str, limit: int) -> str:
    """The words, or their beginning up to a word's end."""
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(",;:.") + " …"


def of_file(code: CodeBase, place: int) -> Said | None:
    """What a file says of itself at its beginning: docstring or leading comment; None if it says nothing."""
    language = code.files[place].language
    text = code.text(place)
    if language == "markdown" or code.files[place].role is FileRole.DOCUMENTATION:
        return next(paragraphs(text), None)
    if language == "python":
        return _docstring(text)
    return _leading(text, language)


def _docstring(text: str) -> Said | None:
    match = _DOCSTRING.match(text)
    return _said(text, Span(*match.span("body"))) if match else None


def _leading(text: str, language: str) -> Said | None:
    """The first comment that says something, above all code but imports' preamble."""
    at = 0
    kind = "dash" if language in ("sql", "lua", "haskell") else "slash"
    if language in ("ruby", "bash", "yaml", "toml", "dockerfile", "makefile", "ini", ""):
        kind = "hash"
    for _ in range(4):
        preamble = _PREAMBLE.match(text, at)
        at = preamble.end() if preamble else at
        block = None if kind == "hash" else _BLOCK.match(text, at)
        lines = None if block else _LINES[kind].match(text, at)
        span = Span(*block.span("body")) if block else Span(*lines.span()) if lines else None
        if span is None:
            return None
        said = _said(text, span)
        if said is not None:
            return said
        at = block.end() if block else span.end
    return None


def _said(text: str, span: Span) -> Said | None:
    """The first paragraph of a comment, if it says something."""
    for start, end in _blocks(text, trimmed(text, span)):
        words = in_line(text[start:end]).removeprefix("-- ")
        words = words[: tags.start()] if (tags := _TAGGED.search(words)) else words
        if words.startswith(("!!!", "..", ":", "# ")):
            # A directive of the documentation's tools, or a heading.
            continue
        if not _ADDRESS.sub("", words).strip(" <>()."):
            # An address alone.
            continue
        if words and not _RULE.fullmatch(words) and not _NOTHING_SAID.search(words) and _WORD.search(words):
            return Said(trimmed(text, Span(start, end)), words)
        if _NOTHING_SAID.search(words):
            return None
    return None


def _blocks(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Paragraphs of a comment: what blank lines, or lines of marks alone, part."""
    start: int | None = None
    at = span.start
    for line in text[span.start : span.end].splitlines(keepends=True):
        if _MARKS.sub("", line).strip():
            start = at if start is None else start
        elif start is not None:
            yield start, at
            start = None
        at += len(line)
    if start is not None:
        yield start, span.end


def of_definition(code: CodeBase, place: int, definition: Definition) -> Said | None:
    """The first paragraph that stands in or above a definition."""
    text = code.text(place)
    language = code.files[place].language
    if language == "python":
        if definition.kind not in FUNCTIONS | HOLDERS:
            # The first of a list of strings says nothing of the list.
            return None
        head = code.signature(place, definition).end
        match = _DOCSTRING.match(text, head) if head < definition.span.end else None
        return _said(text, Span(*match.span("body"))) if match and match.end() <= definition.span.end else None
    return (
        _leading(text[: definition.span.end], language)
        if definition.span.start == 0
        else _above(text, definition, language)
    )


def _above(text: str, definition: Definition, language: str) -> Said | None:
    part = text[definition.span.start : definition.span.end]
    said = _leading(part, language)
    if said is None:
        return None
    return Said(Span(said.span.start + definition.span.start, said.span.end + definition.span.start), said.words)


def paragraphs(text: str, span: Span | None = None) -> Iterator[Said]:
    """Paragraphs of prose in Markdown, reStructuredText or plain text: no headings, badges, lists, tables, code."""
    span = span or Span(0, min(len(text), _LONGEST_READ))
    front = _FRONT.match(text, span.start)
    at = front.end() if front else span.start
    fenced = False
    for block in re.split(r"(\n[ \t]*\n)", text[at : span.end]):
        start, at = at, at + len(block)
        fences = block.count("```")
        inside, fenced = fenced, fenced ^ (fences % 2 == 1)
        if inside or fences or not block.strip() or _INDENTED.match(block.lstrip("\n")) or _is_no_prose(block):
            continue
        words = in_line(block)
        if words.endswith(":"):
            # What ends with a colon leads to what follows it, and says little by itself.
            words = words[: max((end.end() for end in _SENTENCE.finditer(words)), default=0)]
        if len(_WORD.findall(_ADDRESS.sub("", words))) >= _LEAST_WORDS:
            yield Said(trimmed(text, Span(start, at)), words)


def _is_no_prose(block: str) -> bool:
    lines = [line for line in block.splitlines() if line.strip()]
    underlined = len(lines) > 1 and re.fullmatch(r"\s*[=\-~^*#\"']{3,}\s*", lines[1])
    return bool(underlined) or all(_NOT_PROSE.match(line) for line in lines[:1])


@dataclass(frozen=True, slots=True)
class Block:
    """Commands that a document shows: where they stand, under which heading."""

    span: Span
    heading: str
    commands: tuple[str, ...]


HEADING = re.compile(
    r"^(?:(?:#{1,6}\s+|={1,6}[ \t]+(?=\w))(?P<marked>[^\n]+)|(?P<lined>\S[^\n]*)\n[=\-~^]{3,}[ \t]*$)", re.MULTILINE
)
_FENCE = re.compile(r"^[ \t]*(?P<mark>```+|~~~+)[ \t]*(?P<language>[\w+-]*)[^\n]*\n?", re.MULTILINE)
_INDENT = re.compile(r"(?:(?<=\n\n)|(?<=\n \n))(?P<body>(?:(?: {4}|\t)\S[^\n]*(?:\n|$)|[ \t]*\n(?= {4}|\t))+)")
_NARROW = re.compile(_INDENT.pattern.replace(" {4}", " {2,}"))
_RST = re.compile(
    r"^\.\. code(?:-block)?::[ \t]*(?P<language>[\w-]*)[^\n]*\n(?P<body>(?:[ \t]*\n|[ \t]+[^\n]*\n)+)", re.MULTILINE
)
_TICKED = re.compile(r"(?<!`)`(?P<line>[\w./-]+ [^`\n]{2,120})`(?!`)")
_SHELL = frozenset({"", "sh", "bash", "shell", "console", "zsh", "shell-session", "text", "terminal", "powershell"})
_PROMPT = re.compile(r"^\s*(?:[$%>]\s+|\w+@\S+[$#]\s+)?")


def commands(text: str, own: frozenset[str], *, narrow: bool = False) -> Iterator[Block]:
    """Blocks of commands of a README, those alone whose first line begins with a known tool or one of `own`. `narrow`
    if two blanks set a block off, as in RDoc."""
    text = text[:_LONGEST_READ]
    headings = [(match.start(), (match["marked"] or match["lined"]).strip(" #*`")) for match in HEADING.finditer(text)]
    starts = [start for start, _ in headings]
    for span, language in islice(_shown(text, _NARROW if narrow else _INDENT), _MOST_BLOCKS):
        lines = [_PROMPT.sub("", line).strip() for line in text[span.start : span.end].splitlines()]
        typed = tuple(line for line in lines if line and not line.startswith("#"))
        if language.lower() in _SHELL and typed and _is_command(typed[0], own):
            above = bisect_left(starts, span.start) - 1
            yield Block(trimmed(text, span), headings[above][1] if above >= 0 else "", typed)


def inline_commands(text: str, own: frozenset[str]) -> Iterator[Block]:
    """Commands of two words and more that a README names in its prose: `make install`."""
    headings = [(match.start(), (match["marked"] or match["lined"]).strip(" #*`")) for match in HEADING.finditer(text)]
    starts = [start for start, _ in headings]
    for match in islice(_TICKED.finditer(text[:_LONGEST_READ]), _MOST_BLOCKS):
        if _is_command(match["line"], own):
            above = bisect_left(starts, match.start()) - 1
            yield Block(Span(*match.span("line")), headings[above][1] if above >= 0 else "", (match["line"],))


def _shown(text: str, indented: re.Pattern[str]) -> list[tuple[Span, str]]:
    """What stands in fences, in directives and indented, with its language, in order."""
    found: list[tuple[Span, str]] = []
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
        elif match["mark"].startswith(opened["mark"]) and not match["language"]:
            found.append((Span(opened.end(), match.start()), opened["language"]))
            opened = None
    found += [(Span(*match.span("body")), match["language"]) for match in _RST.finditer(text)]
    inside = sorted((span.start, span.end) for span, _ in found)
    for match in indented.finditer(text):
        place = bisect_right(inside, (match.start(), len(text))) - 1
        if place < 0 or match.start() >= inside[place][1]:
            found.append((Span(*match.span("body")), ""))
    return sorted(found)


def _is_command(line: str, own: frozenset[str]) -> bool:
    if not line.isascii():
        # A drawing, or prose.
        return False
    word = line.split()[0]
    return word in own or word in _KNOWN or word.startswith("./")


_KNOWN = frozenset(
    "sudo env pip pip3 pipx uv uvx python python3 poetry pdm hatch conda npm npx yarn pnpm bun node deno make cmake ninja "
    "meson docker docker-compose podman go cargo rustup mvn ./mvnw gradle ./gradlew java bundle gem rails rake ruby composer "
    "php dotnet git brew apt apt-get dnf cd bash sh source export curl wget tox nox pytest kubectl helm terraform just task "
    "flask uvicorn gunicorn django-admin".split()
)
