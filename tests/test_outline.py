"""Outlines: what each language defines, where that stands, and what is shown of it."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.ingest.outline import LANGUAGES, MOST_CHARS, Outlined, language_of, outline
from docanalyze.ingest.outline.grammars import asked, one_byte_each
from docanalyze.ingest.outline.macros import without_macros

FOLDER = Path(__file__).parent / "outlined"
SAMPLES = sorted(FOLDER.glob("*.txt"))


def sample(path: Path) -> tuple[str, str]:
    """The language of a sample by the name that it would have, and its text."""
    text = path.read_text("utf-8")
    return language_of(path.name.removesuffix(".txt"), text), text


def told(text: str, made: Outlined) -> str:
    """All of an outline as lines: what is shown, then definitions, imports, names and mains."""
    lines = [line for span in made.outline for line in text[span.start : span.end].split("\n")]
    lines += ["--- name, kind, line, parent, branches"]
    lines += [f"{one.name} | {one.kind} {one.line} {one.parent} {one.branches}" for one in made.definitions]
    lines += ["--- imports", *(f"{one.module} {one.line} {' '.join(one.names)}".rstrip() for one in made.imports)]
    lines += ["--- names", " ".join(f"{name}:{count}" for name, count in made.references)]
    lines += ["--- mains", *(text[main.start : main.end].partition("\n")[0] for main in made.mains)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_of_each_language_gives_what_was_read_and_approved(path: Path) -> None:
    language, text = sample(path)

    made = outline(language, text)

    assert told(text, made) == path.with_suffix(".expected").read_text("utf-8")


def test_there_is_a_sample_of_every_language_with_a_grammar() -> None:
    assert {sample(path)[0] for path in SAMPLES} >= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.name)
def test_each_grammar_loads_and_its_query_fits_it(language: object) -> None:
    roles = asked(language).roles  # type: ignore[arg-type]

    assert all(roles)
    assert any(role.startswith("definition.") for role in roles)
    assert {"import", "branch", "reference"} <= set(roles)


def check(text: str, made: Outlined) -> None:
    """What holds for the outline of any text."""
    for spans in (made.outline, *(one.shown for one in made.definitions)):
        for span in spans:
            assert span.end <= len(text)
            assert span.start == 0 or text[span.start - 1] == "\n"
            assert text[span.start : span.end].strip()
            assert not text[span.end - 1].isspace()
        assert all(before.end < after.start for before, after in pairwise(spans))
    shown = set()
    for span in made.outline:
        shown.update(range(span.start, span.end))
    for place, one in enumerate(made.definitions):
        assert one.name
        assert one.span.start < one.span.end <= len(text)
        assert text.count("\n", 0, one.span.start) < one.line <= text.count("\n", 0, one.span.end) + 1
        assert -1 <= one.parent < place
        assert one.branches >= 0
        if one.parent >= 0:
            assert made.definitions[one.parent].span.contains(one.span)
        assert all(place in shown for span in one.shown for place in (span.start, span.end - 1))
    for imported in made.imports:
        assert imported.span.end <= len(text)
        assert text.count("\n", 0, imported.span.start) + 1 == imported.line
    assert all(main.end <= len(text) for main in made.mains)
    assert list(made.references) == sorted(made.references)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_names_stand_in_what_is_shown_of_them(path: Path) -> None:
    language, text = sample(path)

    made = outline(language, text)

    check(text, made)
    for one in made.definitions:
        shown = " ".join(text[span.start : span.end] for span in one.shown)
        assert all(word in shown for word in one.name.split()), one


PIECES = [line for path in SAMPLES for line in path.read_text("utf-8").splitlines(keepends=True)]
ODD = [
    "\r\n",
    "\r",
    "\u2028",
    "\x0b",
    "\0",
    "\ufeff",
    "\x85",
    "é",
    "数",
    "🙂",
    "\ud800",
    "\t",
    "/*",
    "*/",
    '"',
    "'",
    "{",
    "(",
    "\\",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([sample(path)[0] for path in SAMPLES]), st.lists(st.sampled_from(PIECES + ODD * 5), max_size=40))
def test_any_text_has_an_outline_whose_places_hold(language: str, pieces: list[str]) -> None:
    text = "".join(pieces)

    check(text, outline(language, text))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_sample_with_a_piece_cut_out_or_put_in_keeps_its_places(path: Path, data: st.DataObject) -> None:
    language, text = sample(path)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(st.one_of(st.text(max_size=8), st.sampled_from(ODD)))
    changed = text[:start] + put + text[end:]

    check(changed, outline(language, changed))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_every_character_is_one_byte_for_a_parser(text: str) -> None:
    assert len(one_byte_each(text)) == len(text)
    assert len(without_macros(text)) == len(text)
    assert one_byte_each(text).count(b"\n") == text.count("\n")


def test_what_parses_around_an_error_is_kept() -> None:
    text = "def one():\n    pass\n\nclass (((:\n\ndef two(a):\n    return a\n"

    assert [one.name for one in outline("python", text).definitions][-1] == "two"


def test_places_behind_characters_that_are_no_ascii_are_exact() -> None:
    text = '"""数 é 🙂"""\ndef größe(ö: "🙂") -> int:\n    """Größe 数."""\n'

    made = outline("python", text)

    assert [text[span.start : span.end] for span in made.outline] == ['def größe(ö: "🙂") -> int:\n    """Größe 数."""']


def test_carriage_returns_stay_out_of_what_is_shown() -> None:
    text = "import os\r\n\r\ndef one(a,\r\n        b):\r\n    pass\r\n"

    made = outline("python", text)

    assert [text[span.start : span.end] for span in made.outline] == ["import os", "def one(a,\r\n        b):"]
    assert made.definitions[0].line == 3


def test_what_is_too_long_and_what_is_not_known_has_no_outline() -> None:
    assert outline("python", "x = 1\n" * (MOST_CHARS // 6 + 1)).note
    assert outline("klingon", "x = 1\n") == Outlined()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "(" * 200_000),
        ("javascript", "[" * 200_000),
        ("json", '{"a":' * 100_000),
        ("c", "/*" * 200_000),
        ("css", "/* a" * 100_000),
        ("html", "<h1>" * 100_000),
        ("yaml", ":&" * 200_000),
        ("toml", "[" + " " * 400_000),
        ("makefile", "a " * 200_000),
        ("markdown", "# " + "# " * 200_000),
        ("sql", "CREATE TRIGGER a BEGIN; " * 20_000),
        ("javascript", "function f(){}" * 20_000),
        ("javascript", "function f(){" * 20_000),
        ("vue", "<script>" * 50_000),
        ("proto", "a " * 200_000),
    ],
    ids=lambda one: one[:12],
)
def test_what_is_hostile_takes_no_time(language: str, text: str) -> None:
    start = time.perf_counter()

    made = outline(language, text)

    assert time.perf_counter() - start < 10
    assert isinstance(made, Outlined)


def test_a_line_that_nobody_wrote_is_not_shown() -> None:
    text = "var a=1;" * 200 + "function late(){return 1}\nfunction next() {}\n"

    made = outline("javascript", text)

    late = next(one for one in made.definitions if one.name == "late")
    assert late.shown == ()
    assert "function next()" in told(text, made)


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("src/app.py", "", "python"),
        ("bin/run", "#!/usr/bin/env python3.12\n", "python"),
        ("bin/run", "#!/usr/bin/env -S VAR=1 node --x\n", "javascript"),
        ("bin/run", "#! /bin/sh -e\n", "bash"),
        ("a/index.d.ts", "", "typescript"),
        ("A.TSX", "", "tsx"),
        ("x.h", "#include <stdio.h>\nint x;\n", "c"),
        ("x.h", "#pragma once\nnamespace a {\n", "cpp"),
        ("x.h", "#include <vector>\n", "cpp"),
        ("deploy/Dockerfile.dev", "", "dockerfile"),
        ("Makefile", "", "makefile"),
        ("Gemfile", "", "ruby"),
        ("LICENSE", "Copyright", ""),
        ("data.bin", "", ""),
        ("", "", ""),
        ("py", "", ""),
    ],
)
def test_a_language_is_known_by_name_or_first_line(path: str, head: str, language: str) -> None:
    assert language_of(path, head) == language
