"""Packing code bases: within the budget to the token, near it where there is more, nothing lost in the receipt."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docanalyze import pack, rank, tokens
from docanalyze.errors import WindowError
from docanalyze.model import NEVER_IN_FULL, Coverage, Detail, Document, FileRole, Role, Window, shown_part
from docanalyze.pack.choosing import Choice, Measured, choose, counts_as_test
from docanalyze.pack.forms import Form
from docanalyze.pack.printed import Markdown, Printed, Xml, printed
from docanalyze.pack.rendering import tree_sizes
from tests.packing_material import document, tree

count = tokens.packaged()

Texts = Mapping[str, str | None]


def packed(doc: Document, budget: int, *, whole: bool = False) -> tuple[tuple[Window, ...], Coverage]:
    assert doc.tree is not None
    graph = rank.graph(doc.tree)
    return pack.into_mixed(doc, budget, count, rank.rank(graph), graph, whole=whole)


def chosen(texts: Texts, budget: int) -> Choice:
    made = tree(texts)
    graph = rank.graph(made)
    return choose(Measured(made, rank.rank(graph), graph, tree_sizes, count, Form(made)), budget)


def module(name: str, functions: int, lines: int = 6) -> str:
    """Python with so many functions of so many lines each."""
    body = "\n".join(f"    value_{line} = compute(argument, {line}) + {line * 7}" for line in range(lines))
    return "\n\n".join(
        f'def {name}_{number}(argument):\n    """Says what it does."""\n{body}' for number in range(functions)
    )


def service(modules: int = 12) -> dict[str, str | None]:
    """A code base of some folders."""
    texts: dict[str, str | None] = {
        "README.md": "# Service\n\nIt serves.\n\n## Run\n\n    python -m app\n",
        "pyproject.toml": '[project]\nname = "service"\n',
        "logo.png": None,
        "uv.lock": "locked = 1\n" * 400,
        "app/__init__.py": "",
        "app/__main__.py": "from app.core0 import core0_0\n\nif __name__ == '__main__':\n    core0_0(1)\n",
        "web/index.ts": "export function start(): void {\n  console.log('started')\n}\n",
        "docs/guide.md": "# Guide\n\n" + "One does this, then that.\n" * 60,
    }
    for number in range(modules):
        uses = f"from app.core{number + 1} import core{number + 1}_0\n\n" if number + 1 < modules else ""
        texts[f"app/core{number}.py"] = uses + module(f"core{number}", 4 + number)
        texts[f"tests/test_core{number}.py"] = f"from app.core{number} import *\n\n" + module(f"test{number}", 6)
    return texts


def check(doc: Document, windows: tuple[Window, ...], coverage: Coverage, budget: int) -> None:
    """What holds of every packing of a code base."""
    assert doc.tree is not None
    for number, window in enumerate(windows, 1):
        assert window.number == number
        assert window.tokens == count(window.text) <= budget == window.budget
        for piece in window.placed:
            assert window.text[piece.start : piece.start + len(piece.span)] == doc.slice(piece.span)
            assert doc.segment(piece.segment).span.contains(piece.span)
    assert [one.file for one in coverage.files] == list(range(len(doc.tree.files)))
    spans = [part.span for part in coverage.parts]
    assert spans == sorted(spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    covered = 0
    for segment in doc.segments:
        inside = [part for part in coverage.parts if part.span.overlaps(segment.span)]
        covered = sum(min(p.span.end, segment.span.end) - max(p.span.start, segment.span.start) for p in inside)
        assert covered >= len("".join(doc.slice(segment.span).split())) > 0
    for file, one in zip(doc.tree.files, coverage.files, strict=True):
        assert (one.reason == "") == (one.detail is Detail.FULL)
        if one.detail is Detail.FULL:
            spans = [p.span for w in windows for p in w.placed if file.span.contains(p.span) and not p.repeated]
            assert "".join("".join(map(doc.slice, spans)).split()) == "".join(doc.slice(file.span).split())
        if file.role in NEVER_IN_FULL or not file.is_read:
            assert one.detail is Detail.NAME


lines = st.sampled_from(
    [
        "",
        " ",
        "\f",
        "x = 1",
        "    return 2",
        "def made(a):",
        "class Thing:",
        "# ```",
        "]]>",
        "é ü 漢字",
        "\tz = '…'",
        "a\r",
        "````",
    ]
)
texts_of_files = (
    st.none() | st.lists(lines, max_size=40).map("\n".join) | st.integers(1, 9).map(lambda n: module("gen", n))
)
folders = st.sampled_from(["", "app/", "app/store/", "lib/", "tests/", "web/src/", "generated/", "data/very/deep/"])
names = st.sampled_from(
    ["a.py", "b.py", "c.ts", "README.md", "uv.lock", "main.go", "x.txt", "Makefile", "ü.py", "mod.rs"]
)
trees = st.dictionaries(st.builds(str.__add__, folders, names), texts_of_files, min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(trees, st.integers(1, 3_000), st.booleans())
def test_any_tree_packs_within_any_budget(texts: Texts, budget: int, whole: bool) -> None:
    doc = document(texts)
    try:
        windows, coverage = packed(doc, budget, whole=whole)
    except WindowError:
        assert budget < 400
        return
    check(doc, windows, coverage, budget)
    assert packed(doc, budget, whole=whole) == (windows, coverage)


@settings(max_examples=60, deadline=None)
@given(trees, st.integers(60, 3_000))
def test_what_can_be_shown_fills_the_window(texts: Texts, budget: int) -> None:
    doc = document(texts)
    assert doc.tree is not None
    (window,), coverage = packed(doc, budget)
    short = [
        one
        for one, file in zip(coverage.files, doc.tree.files, strict=True)
        if file.tokens and file.role not in NEVER_IN_FULL and one.detail is not Detail.FULL and not counts_as_test(file)
    ]
    # A line of text is the least that can still be put in, and its file's path.
    assert not short or budget - window.tokens <= max(60, budget // 100)


@settings(max_examples=60, deadline=None)
@given(trees, st.integers(60, 3_000), st.booleans())
def test_what_is_printed_is_counted_and_cannot_be_closed(texts: Texts, budget: int, xml: bool) -> None:
    try:
        found = _printed(texts, budget, xml=xml)
    except WindowError:
        assert budget < 200
        return
    assert found.tokens == count(found.text) <= budget
    full = [one.file for one in found.files if one.detail is Detail.FULL]
    bodies = _of_xml(found.text) if xml else _of_markdown(found.text)
    assert len(bodies) == sum(one.detail in {Detail.FULL, Detail.OUTLINE} for one in found.files)
    files = tree(texts).files
    for place in full:
        text = texts[files[place].path]
        assert text is not None
        shown = shown_part(text)
        wanted = text[shown.start : shown.end].replace("\f", "\ufffd" if xml else "\f")
        assert "".join(wanted.split()) in {"".join(body.split()) for body in bodies}


def _printed(texts: Texts, budget: int, *, xml: bool = False) -> Printed:
    made = tree(texts)
    graph = rank.graph(made)
    form = Xml(made) if xml else Markdown(made)
    measured = Measured(made, rank.rank(graph), graph, tree_sizes, count, form)
    return printed(measured, budget, lambda files: {file.path: texts[file.path] or "" for file in files})


def _of_xml(text: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(text).iter("file")]


def _of_markdown(text: str) -> list[str]:
    return [token.content for token in MarkdownIt().parse(text) if token.type == "fence"]


# -- mixed detail ------------------------------------------------------------------------------------


def test_a_code_base_that_fits_goes_in_whole() -> None:
    doc = document(service(3))
    for whole in (False, True):
        (window,), coverage = packed(doc, 60_000, whole=whole)
        check(doc, (window,), coverage, 60_000)
        names = {doc.tree.files[one.file].path for one in coverage.files if one.detail is not Detail.FULL}  # type: ignore[union-attr]
        assert names == {"logo.png", "uv.lock", "app/__init__.py"}


def test_one_token_less_and_it_does_not() -> None:
    doc = document(service(3))
    (window,), _ = packed(doc, 60_000)
    assert packed(doc, window.tokens)[0][0].text == window.text
    (smaller,), _ = packed(doc, window.tokens - 1)
    assert smaller.tokens < window.tokens


@pytest.mark.parametrize("budget", [2_000, 4_000, 8_000])
def test_every_top_folder_is_shown_and_tests_are_capped(budget: int) -> None:
    doc = document(service())
    (window,), coverage = packed(doc, budget)
    check(doc, (window,), coverage, budget)
    assert doc.tree is not None
    shown = [doc.tree.files[one.file] for one in coverage.files if one.detail in {Detail.FULL, Detail.OUTLINE}]
    assert {file.path.partition("/")[0] for file in shown if file.folder} >= {"app", "web", "docs"}
    tests = sum(one.tokens for one in coverage.files if doc.tree.files[one.file].role is FileRole.TEST)
    assert tests <= 0.15 * budget + 12 * 14
    assert window.tokens >= 0.99 * budget


def test_tests_take_what_nothing_else_needs() -> None:
    choice = chosen({"app.py": "x = 1\n"} | {f"tests/test_{n}.py": module("t", 9) for n in range(9)}, 4_000)
    assert choice.details[0] is Detail.FULL
    assert choice.tokens > 3_000


def test_it_reads_from_the_entry_down() -> None:
    doc = document(service(4))
    (window,), _ = packed(doc, 60_000)
    heads = [doc.slice(piece.span) for piece in window.placed if doc.segment(piece.segment).role is Role.HEADING]
    assert heads[:3] == ["README.md", "pyproject.toml", "app/__main__.py"]
    cores = [head for head in heads if head.startswith("app/core")]
    assert cores == [f"app/core{number}.py" for number in range(4)]
    assert max(map(heads.index, cores)) < heads.index("tests/test_core0.py") < heads.index("logo.png")


def test_a_long_listing_is_folded() -> None:
    texts: dict[str, str | None] = {f"data/{n % 7}/record_{n:04}.txt": None for n in range(3_000)}
    choice = chosen(texts | {"app.py": module("app", 40)}, 1_200)
    assert choice.tokens <= 1_200
    assert sum(line.tokens for line in choice.names) < 700
    assert sum(len(line.places) for line in choice.names) == choice.details.count(Detail.NAME)
    assert {line.path for line in choice.names} == {f"data/{n}/" for n in range(7)}


def test_a_file_larger_than_the_window_shows_its_beginning() -> None:
    doc = document({"notes.txt": "A line of some words.\n" * 2_000, "app.py": "x = 1\n"})
    (window,), coverage = packed(doc, 2_000)
    check(doc, (window,), coverage, 2_000)
    assert window.tokens > 1_980
    assert "its beginning is shown" in coverage.files[1].reason
    assert "(lines 1-" in window.text


def test_a_budget_too_small_for_an_overview_is_an_error() -> None:
    with pytest.raises(WindowError, match="overview"):
        packed(document(service(2)), 10)


# -- several Windows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [3_000, 6_000, 12_000])
def test_several_windows_hold_all_of_it(budget: int) -> None:
    doc = document(service(20))
    assert doc.tree is not None
    windows, coverage = packed(doc, budget, whole=True)
    check(doc, windows, coverage, budget)
    readable = {n for n, file in enumerate(doc.tree.files) if file.tokens and file.role not in NEVER_IN_FULL}
    assert {one.file for one in coverage.files if one.detail is Detail.FULL} == readable
    least = sum(doc.tree.files[place].tokens for place in readable) / (0.88 * budget)
    assert len(windows) <= 1.1 * least + 1


def test_several_windows_share_what_stands_in_front() -> None:
    windows, _ = packed(document(service(20)), 6_000, whole=True)
    fronts = {window.text.partition("Part ")[0] for window in windows}
    assert len(fronts) == 1
    assert count(fronts.pop()) <= 600
    assert all(piece.repeated for window in windows[1:] for piece in window.placed[:3])


def test_a_file_larger_than_a_window_is_cut_at_its_segments() -> None:
    doc = document({"big.py": module("big", 120), "small.py": "x = 1\n"})
    windows, coverage = packed(doc, 2_000, whole=True)
    check(doc, windows, coverage, 2_000)
    assert all(one.detail is Detail.FULL for one in coverage.files)
    placed = [piece for window in windows for piece in window.placed if not piece.repeated]
    assert [piece for piece in placed if piece.span != doc.segment(piece.segment).span] == []


def test_a_line_larger_than_a_window_is_cut_where_it_must() -> None:
    doc = document({"long.py": "x = [" + ", ".join(map(str, range(4_000))) + "]\n", "b.py": "y = 1\n"})
    windows, coverage = packed(doc, 1_500, whole=True)
    check(doc, windows, coverage, 1_500)


def test_another_vocabulary_counts_the_texts() -> None:
    doc = document(service(6))
    assert doc.tree is not None
    graph = rank.graph(doc.tree)
    by_lines = lambda text: text.count("\n")  # noqa: E731
    (window,), _ = pack.into_mixed(doc, 300, by_lines, rank.rank(graph), graph)
    assert window.tokens == window.text.count("\n") <= 300


# -- what was asked for ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("focus", "budget", "detail"),
    [
        ("app/core9.py", 8_000, Detail.FULL),
        ("app/core9.py", 2_000, Detail.OUTLINE),
        ("tests/test_core3.py", 4_000, Detail.FULL),
    ],
)
def test_what_was_asked_for_comes_first(focus: str, budget: int, detail: Detail) -> None:
    doc = document(service())
    assert doc.tree is not None
    graph = rank.graph(doc.tree)
    (place,) = focused = rank.focused(doc.tree, [focus])
    ranks = rank.rank(graph, [focus])
    windows, coverage = pack.into_mixed(doc, budget, count, ranks, graph, focused=focused)
    check(doc, windows, coverage, budget)
    assert coverage.files[place].detail is detail


@settings(max_examples=40, deadline=None)
@given(trees, st.integers(100, 3_000), st.sampled_from(["*.py", "app/", "*", "nothing"]))
def test_any_focus_packs_within_the_budget(texts: Texts, budget: int, focus: str) -> None:
    doc = document(texts)
    assert doc.tree is not None
    graph = rank.graph(doc.tree)
    focused = rank.focused(doc.tree, [focus])
    try:
        windows, coverage = pack.into_mixed(doc, budget, count, rank.rank(graph, [focus]), graph, focused=focused)
    except WindowError:
        assert budget < 400
        return
    check(doc, windows, coverage, budget)


def test_tiny_files_that_matter_little_do_not_crowd_out_outlines_of_what_matters() -> None:
    texts: dict[str, str | None] = {f"app/shim{n}.py": f"value_{n} = {n}\n" for n in range(60)}
    for n in range(6):
        needs = f"from app.core{n + 1} import core{n + 1}_0\n\n" if n < 5 else ""
        texts[f"app/core{n}.py"] = needs + module(f"core{n}", 9, lines=25)
    for n in range(24):
        uses = f"from app.core{n % 6} import core{n % 6}_0, core{n % 6}_1\n\n"
        texts[f"use/use{n}.py"] = uses + module(f"use{n}", 9)
    choice = chosen(texts, 1_500)
    shown = {
        file.path: detail
        for file, detail in zip(choice.measured.tree.files, choice.details, strict=True)
        if detail is not Detail.NAME
    }
    assert [shown.get(f"app/core{n}.py") for n in range(6)] == [Detail.OUTLINE] * 6
