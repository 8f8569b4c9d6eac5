"""Whatever a Document, a Finding or a Span may be, it comes back from the store as it was."""

import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.model import (
    Box,
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Label,
    Match,
    Note,
    Quote,
    Reader,
    Role,
    Segment,
    Source,
    Span,
    Verdict,
    hash_text,
)
from docanalyze.store import Store
from docanalyze.store.connection import make_safe
from docanalyze.store.migrations import migrate
from tests.store_material import a_document, a_run, failed_call

texts = st.text(max_size=40)
names = st.text(st.characters(), max_size=10)  # lone surrogates too
numbers = st.integers(0, 2**53)
pairs = st.lists(st.tuples(names, names), max_size=3).map(tuple)
floats = st.floats(0, 1e4, allow_nan=False)
boxes = st.lists(st.builds(Box, st.integers(1, 99), floats, floats, floats, floats), max_size=3).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any text, cut anywhere."""
    text = draw(st.text(min_size=1, max_size=120))
    cuts = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=6))})
    segments = tuple(
        Segment(
            number,
            Span(start, end),
            draw(st.sampled_from(Role)),
            draw(st.integers(0, 6)),
            draw(texts),
            draw(st.integers(0, 500)),
            draw(numbers),
            draw(boxes),
        )
        for number, (start, end) in enumerate(pairwise(cuts), 1)
    )
    source = Source(draw(names), draw(names), hash_text(draw(texts)), draw(numbers))
    reader = Reader(draw(texts), draw(texts), draw(st.lists(st.tuples(texts, texts), max_size=2).map(tuple)))
    notes = draw(st.lists(st.builds(Note, texts, names, st.integers(0, 9)), max_size=2).map(tuple))
    return Document(text, segments, source, reader, draw(texts), (), notes, draw(pairs))


@st.composite
def spans(draw: st.DrawFn, length: int) -> Span:
    start, end = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
    return Span(start, end)


@st.composite
def evidence(draw: st.DrawFn, length: int) -> Evidence:
    places = tuple(sorted(draw(st.lists(spans(length), max_size=3))))
    sentence = draw(st.none() | spans(length))
    in_place = draw(st.none() | st.booleans())
    match = draw(st.sampled_from(Match))
    return Evidence(
        draw(texts), places, match, draw(floats), in_place, draw(numbers), sentence, draw(boxes), draw(texts)
    )


@st.composite
def findings(draw: st.DrawFn, document: Document, number: int) -> Finding:
    length = len(document.text)
    cited = st.lists(numbers, max_size=3).map(tuple)
    quotes = st.lists(st.builds(Quote, texts, cited, st.none() | spans(length)), max_size=3).map(tuple)
    fields = st.builds(
        Field,
        texts,
        st.sampled_from(FieldKind),
        texts,
        st.none() | texts,
        texts,
        st.none() | evidence(length),
    )
    verdict = st.builds(Verdict, texts, st.sampled_from(Label), st.none() | st.floats(0, 1), texts)
    return Finding(
        section=draw(texts),
        statement=draw(texts),
        quotes=draw(quotes),
        fields=draw(st.lists(fields, max_size=2).map(tuple)),
        evidence=draw(st.lists(evidence(length), max_size=3).map(tuple)),
        verdicts=draw(st.lists(verdict, max_size=2).map(tuple)),
        confidence=draw(st.none() | st.floats(0, 1)),
        calibrated=draw(st.booleans()),
        absence=draw(st.booleans()),
        conflict=draw(texts),
        number=number,
        calls=draw(st.lists(st.sampled_from([1, 2]), max_size=2, unique=True).map(tuple)),
    )


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_document_and_any_finding_survive(data: st.DataObject) -> None:
    document = data.draw(documents())
    wanted = tuple(data.draw(findings(document, number)) for number in (1, 2))
    run = replace(
        a_run(document, "r", whole=False),
        source=data.draw(names),
        error=data.draw(names),
        settings=data.draw(pairs),
        calls=(failed_call(1, "a"), failed_call(2, "b")),
        findings=wanted,
    )
    with in_memory() as store:
        store.put_document(document)
        store.start_run(run)
        assert store.document(document.id) == document
        assert store.run("r") == run


def in_memory() -> Store:
    """Without a file, for tests that need hundreds."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    make_safe(connection)
    migrate(connection)
    return Store(connection, Path("memory"))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_span_survives(data: st.DataObject) -> None:
    document = a_document()
    places = data.draw(st.lists(spans(len(document.text)), min_size=1, max_size=4).map(sorted).map(tuple))
    wanted = Finding(
        "s",
        "t",
        (Quote("q", (), places[0]),),
        evidence=(Evidence("q", places, Match.EXACT, sentence=places[-1]),),
        number=1,
    )
    with in_memory() as store:
        store.put_document(document)
        store.start_run(replace(a_run(document, "r", whole=False), findings=(wanted,)))
        loaded = store.run("r").findings[0]
        stored = store.connection.execute("SELECT words FROM evidence").fetchone()[0]
    assert loaded.evidence[0].spans == places
    assert loaded.evidence[0].sentence == places[-1]
    assert loaded.quotes[0].at == places[0]
    assert stored == " … ".join(document.slice(span) for span in places)
