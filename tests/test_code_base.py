"""A code base as a Document: places in files, quotes where they were shown, terms in large texts."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from docanalyze import ground, judge
from docanalyze.language import TermIndex, TermScan
from docanalyze.model import (
    Document,
    Evidence,
    File,
    FileRole,
    Finding,
    Label,
    Match,
    Quote,
    Reader,
    Role,
    Segment,
    Source,
    Span,
    Tree,
)


def code_base(files: dict[str, str], cells: dict[str, tuple[int, ...]] | None = None) -> Document:
    """The Document of files: the path as a heading, the text as one Segment; an empty text was not read."""
    text, made = "", []
    segments: list[Segment] = []
    for path, content in files.items():
        segments.append(Segment(len(segments) + 1, Span(len(text), len(text) + len(path)), Role.HEADING, 1))
        text += f"{path}\n"
        start = len(text)
        if content.strip():
            lead = len(content) - len(content.lstrip())
            span = Span(start + lead, start + len(content.rstrip()))
            segments.append(Segment(len(segments) + 1, span, Role.CODE, line=1 + content.count("\n", 0, lead)))
        reason = "" if content else "empty"
        cell = (cells or {}).get(path, ())
        made.append(File(path, len(content), FileRole.CODE, reason=reason, chars=len(content), start=start, cells=cell))
        text += f"{content}\n\n"
    source = Source("here", "here", "0", 0)
    return Document(text, tuple(segments), source, Reader("repo", "1"), "repository", tree=Tree("here", tuple(made)))


APP = code_base(
    {"README.md": "What it is.\n", "logo.png": "", "src/app.py": "\nimport db\n\ndef main():\n    db.run()\n"}
)


def place(document: Document, words: str) -> Span:
    start = document.text.index(words)
    return Span(start, start + len(words))


def test_a_place_is_told_by_file_and_lines() -> None:
    assert APP.locator(place(APP, "import db")) == "src/app.py:2"
    assert APP.locator(place(APP, "def main():\n    db.run()")) == "src/app.py:4-5"
    assert APP.locator(place(APP, "def main():\n")) == "src/app.py:4"
    assert APP.locator(place(APP, "What it is.")) == "README.md:1"
    assert APP.locator(place(APP, "src/app.py")) == "src/app.py"
    assert APP.locator(place(APP, "logo.png")) == "logo.png"


def test_a_notebook_is_told_by_its_cells() -> None:
    text = "a = 1\n\nb = 2\n"
    document = code_base({"x.py": "a\n", "n.ipynb": text}, {"n.ipynb": (0, 7)})
    assert document.locator(place(document, "a = 1")) == "n.ipynb, cell 1"
    assert document.locator(place(document, "b = 2")) == "n.ipynb, cell 2"


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text("ab \n", max_size=40)), max_size=6))
def test_every_character_of_a_file_is_in_it_and_at_its_line(files: list[tuple[str, str]]) -> None:
    document = code_base(dict(files))
    assert document.tree is not None
    for file in document.tree.files:
        for at in range(file.start, file.start + file.chars):
            assert document.file_at(Span(at, at + 1)) == file
            line = 1 + document.text[file.start : at].count("\n")
            assert document.lines_of(Span(at, at + 1)) == (line, line)
        path = Span(file.start - 1 - len(file.path), file.start - 1)
        assert document.slice(path) == file.path
        assert document.file_at(path) == file
        assert document.lines_of(path) == (0, 0)


def test_a_path_that_is_cited_stands_for_its_file() -> None:
    number = next(s.number for s in APP.segments if APP.slice(s.span) == "src/app.py")
    index = ground.Index(APP)
    found = ground.locate(index, Quote("db.run()", (number,)))
    assert found.match is Match.EXACT
    assert found.in_place is True
    assert ground.locate(index, Quote("What it is.", (number,))).in_place is False
    paragraph = next(s.number for s in APP.segments if APP.slice(s.span) == "What it is.")
    assert APP.cited(paragraph) == place(APP, "What it is.")
    unread = next(s.number for s in APP.segments if APP.slice(s.span) == "logo.png")
    assert APP.cited(unread) == place(APP, "logo.png")


def test_code_is_quoted_in_its_lines() -> None:
    found = ground.locate(ground.Index(APP), Quote("run()"))
    assert found.sentence is not None
    assert APP.slice(found.sentence) == "    db.run()"


def test_only_what_was_shown_is_searched() -> None:
    shown = place(APP, "def main():")
    index = ground.Index(APP, [shown])
    assert ground.locate(index, Quote("def main()")).spans == (place(APP, "def main()"),)
    assert ground.locate(index, Quote("import db")).match is Match.MISSING
    at = place(APP, "import db")
    assert ground.locate(index, Quote("import db", (), at)).spans == (at,)


def test_no_quote_runs_over_what_was_left_out() -> None:
    document = code_base({"a.py": "def one():\n    secret()\ndef two():\n    pass\n"})
    outline = [place(document, "def one():"), place(document, "def two():")]
    index = ground.Index(document, outline)
    assert ground.locate(index, Quote("def one():\ndef two():")).match is Match.MISSING
    together = ground.Index(document, [place(document, "def two():"), place(document, "    pass")])
    assert ground.locate(together, Quote("def two(): pass")).match is Match.NORMALISED


def test_no_quote_runs_from_a_path_into_its_file() -> None:
    document = code_base({"a.py": "def one():\n    pass\n"})
    index = ground.Index(document, [segment.span for segment in document.segments])
    assert ground.locate(index, Quote("a.py def one")).match is Match.MISSING
    assert ground.locate(index, Quote("def one")).match is Match.EXACT


@given(st.lists(st.sampled_from("apply applies applied applying cap caps liability the of".split()), max_size=30))
def test_a_large_text_gives_the_same_terms_as_a_small_one(said: list[str]) -> None:
    text = " ".join(said)
    for term in ("apply", "liability cap", "of the"):
        assert _apart(TermScan(text).find(term)) == _apart(TermIndex(text).find(term))


def _apart(spans: list[Span]) -> list[Span]:
    """The first of those that overlap: a pass over a text finds no place twice."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def test_what_our_rules_counted_is_derived_and_a_models_number_is_looked_at() -> None:
    at = place(APP, "def main():")
    evidence = Evidence("def main():", (at,), Match.EXACT, sentence=at)
    told = Finding("entry", "main is used by 31 files", evidence=(evidence,))
    assert judge.check(told, APP, built_in=True).label is Label.DERIVED
    assert judge.check(told, APP, built_in=False).label is Label.REVIEW
    doubted = Finding("entry", "main is used by 31 files", evidence=(replace(evidence, in_place=False),))
    assert judge.check(doubted, APP, built_in=True).label is Label.REVIEW
    said = Finding("entry", "def main()", evidence=(evidence,))
    assert judge.check(said, APP, built_in=True).label is Label.QUOTED


def test_a_statement_may_name_the_files_of_its_quotes() -> None:
    at = place(APP, "def main():")
    evidence = (Evidence("def main():", (at,), Match.EXACT, sentence=at),)
    assert (
        judge.check(Finding("x", "it begins in SRC", evidence=evidence), APP, built_in=False).label is not Label.REVIEW
    )
    other = judge.check(Finding("x", "it begins in LIB", evidence=evidence), APP, built_in=False)
    assert other.label is Label.REVIEW
