"""A lease, read and analysed by hand: a Document, and a Run that uses every column of the database."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from docanalyze.model import (
    Box,
    Call,
    CallState,
    Coverage,
    Covered,
    Detail,
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Fingerprint,
    Label,
    Match,
    Note,
    Page,
    PageSource,
    PageState,
    Placed,
    Prompt,
    Quote,
    Reader,
    Reply,
    Role,
    Run,
    RunState,
    Segment,
    Source,
    Span,
    Sweep,
    Verdict,
    Window,
    hash_text,
)

LEASE = (
    (Role.HEADING, "LEASE", ""),
    (Role.PARAGRAPH, "The Landlord lets the mill at Quarrendon to the Tenant.", ""),
    (Role.HEADING, "Rent", "2"),
    (Role.PARAGRAPH, "The Tenant shall pay 1,200 euros a month. The Tenant may not sub-\nlet.", "2.1"),
    (Role.FURNITURE, "page 1 of 2", ""),
)


def a_document(parts: Sequence[tuple[Role, str, str]] = LEASE, name: str = "lease.pdf") -> Document:
    """A Document of these parts, one blank line between them."""
    segments, text = [], ""
    for number, (role, words, clause) in enumerate(parts, 1):
        text += "\n\n" if text else ""
        span = Span(len(text), len(text) + len(words))
        text += words
        level = 1 if role is Role.HEADING else 0
        boxes = (Box(1, 72.0, 10.1 * number, 500.25, 10.1 * number + 9.7),)
        head = Span(0, 4) if number == 2 else None
        segments.append(Segment(number, span, role, level, clause, 1, 0, boxes, "a note" if number == 1 else "", head))
    return Document(
        text=text,
        segments=tuple(segments),
        source=Source(f"contracts/{name}", name, hash_text(name), 4711),
        reader=Reader("pdf", "1.4", (("ocr", "no"), ("columns", "natural"))),
        format="pdf",
        pages=(
            Page(1, 595.32, 841.92, 90, len(text), source=PageSource.OCR, ink=0.25, hidden=3, doubt="no known words"),
            Page(2, 595.0, 842.0, 0, 0, PageState.EMPTY, "a scan", PageSource.NONE),
        ),
        notes=(Note("suffix", "is a PDF, whatever its name says", 0), Note("empty", "no text", 2)),
        metadata=(("title", "Läuft"), ("title", "twice"), ("author", "")),
    )


def span_of(document: Document, words: str) -> Span:
    """Where the words stand first."""
    start = document.text.index(words)
    return Span(start, start + len(words))


def a_window(
    document: Document, number: int = 1, own: frozenset[int] | None = None, repeated: tuple[int, ...] = ()
) -> Window:
    """These Segments, or the whole body, below repeated headings."""
    text, placed = "", []
    body = [s for s in document.body if own is None or s.number in own]
    for segment in [*map(document.segment, repeated), *body]:
        text += f"[{segment.number}] "
        placed.append(Placed(segment.number, segment.span, len(text), segment.number in repeated))
        text += document.slice(segment.span) + "\n"
    return Window(number, text, tuple(placed), 57, 4096)


def two_windows(document: Document) -> tuple[Window, Window]:
    """The body in two, the first heading shown in both."""
    rest = frozenset(s.number for s in document.body if s.number > 2)
    return a_window(document, 1, frozenset({1, 2})), a_window(document, 2, rest, (1,))


def a_coverage(document: Document, *windows: Window) -> Coverage:
    """The receipt for these Windows, or for one that holds the body."""
    held = {s: w.number for w in windows or (a_window(document),) for s in w.spans()}
    parts = (
        Covered(s.span, held[s.span]) if s.in_body else Covered(s.span, 0, Detail.NONE, "running head or page number")
        for s in document.segments
    )
    return Coverage(tuple(parts), ((2, "a scan"),))


BUILT_IN = Fingerprint("built-in extract", hash_text("rules"))
SERVED = Fingerprint("qwen", "ab" * 32, "Q8_0", "q8_0", "f16", 65536, "none", "b9999", "GPU 0", False)


def a_call(number: int = 1, key: str = "", *, fingerprint: Fingerprint = BUILT_IN) -> Call:
    """A Call that was answered."""
    prompt = Prompt("question.md.j2", hash_text("template"), f"What is the rent?\nCall {number}.")
    reply = Reply(f'{{"findings": [{number}]}}', fingerprint, "greedy", 60, 40, 20, 0.125, "length")
    return Call(number, key or f"key {number}", "analyst", "payment", 1, prompt, reply, CallState.DONE, "2027-01-01")


def failed_call(number: int, key: str) -> Call:
    """A Call without an answer."""
    prompt = Prompt("question.md.j2", hash_text("template"), "What is the rent?")
    return Call(number, key, "analyst", "payment", 0, prompt, None, CallState.FAILED, "2027-01-01", "no server")


def found(document: Document, words: str, match: Match = Match.EXACT, written: str = "") -> Evidence:
    """Evidence for words that stand in the Document."""
    span = span_of(document, words)
    sentence = document.segments_at(span)[0].span
    boxes = (Box(1, 1.5, 2.5, 3.1, 4.2), Box(2, 0.1, 0.2, 0.3, 0.4))
    return Evidence(written or words, (span,), match, 1.0, True, 1, sentence, boxes)


def findings_of(document: Document) -> tuple[Finding, ...]:
    """Four Findings: with everything, corrected, refused, and an absence."""
    refused = Evidence("a deposit of 500", (), Match.MISSING, 0.0, reason="stands nowhere")
    deposit = (Quote("a deposit of 500"),)
    sweep = Sweep(("limit", "cap"), (("cap", Span(0, 5)),), len(document.text))
    return (
        _rent(document),
        _subletting(document),
        Finding("payment", "There is a deposit.", deposit, evidence=(refused,), number=3, calls=(2,)),
        Finding("liability", "Nothing limits liability.", absence=True, sweep=sweep, number=4),
    )


def _rent(document: Document) -> Finding:
    rent = "shall pay 1,200 euros a month"
    amount = Field("rent", FieldKind.AMOUNT, "1,200 euros", "1200", "EUR", found(document, "1,200 euros"))
    payer = Field("payer", FieldKind.PARTY, "Tenant", None, "", None)
    ends = Evidence(
        "The Tenant … a month",
        (span_of(document, "The Tenant"), span_of(document, "a month")),
        Match.EXACT,
        sentence=document.segment(4).span,
        in_place=False,
        occurrences=2,
    )
    return Finding(
        "payment",
        "The rent is 1,200 euros.",
        (Quote(rent, (4,), span_of(document, rent)), Quote("The Tenant … a month", (4, 2))),
        (amount, payer),
        (found(document, rent), ends),
        (Verdict("rules", Label.QUOTED), Verdict("qwen", Label.SUPPORTED, 0.93, "it says so")),
        confidence=0.7,
        calibrated=True,
        conflict="1,200 and 1,300",
        number=1,
        calls=(1, 2),
    )


def _subletting(document: Document) -> Finding:
    place = (span_of(document, "mill at Quarrendon"),)
    return Finding(
        "payment",
        "No subletting.",
        (Quote("may not sublet"), Quote("mill at Quarendon")),
        evidence=(
            found(document, "may not sub-\nlet", Match.NORMALISED, "may not sublet"),
            Evidence("mill at Quarendon", place, Match.FUZZY, 0.94, None, reason="one letter differs"),
        ),
        verdicts=(Verdict("rules", Label.REVIEW, None, "a name differs"),),
        number=2,
        calls=(2,),
    )


def a_run(document: Document, run_id: str = "20270101-120000-abcdef", *, whole: bool = True) -> Run:
    """A Run, with all that it may hold if `whole`."""
    bare = Run(
        id=run_id,
        key=f"key of {run_id}",
        source=document.source.path,
        document_id=document.id,
        kind="contract",
        kind_sha256=hash_text("kind"),
        analyst="extract",
        judge="rules",
        state=RunState.ANALYZING,
        started=f"2027-01-01T12:00:00 {run_id}",
        settings=(("window", "4096"), ("lang", "English")),
        versions=(("python", "3.11"),),
        sections=(("payment", "What is paid"), ("liability", "Who is liable")),
    )
    if not whole:
        return bare
    return replace(
        bare,
        ended="2027-01-01T12:00:09",
        error="stopped once",
        state=RunState.DONE,
        windows=two_windows(document),
        coverage=a_coverage(document, *two_windows(document)),
        calls=(a_call(1), a_call(2, fingerprint=SERVED), failed_call(3, "key 3")),
        findings=findings_of(document),
        stages=(("read", 0.5), ("find", 1.25)),
        notes=(Note("boxes", "could not be measured", 1),),
    )


def rows(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    """What another program sees in the file, or what it does to it."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
