"""Runs made by hand for the tests of the report: a services agreement, and one with any text everywhere."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from docanalyze.model import (
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
)

BLANK = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc\xf8\x0f\0\1\1\1\0"
    b"\x1b\xb6\xeeV\0\0\0\0IEND\xaeB`\x82"
)
"""An image of one point, as PNG."""

H, P, F = Role.HEADING, Role.PARAGRAPH, Role.FURNITURE

PARAGRAPHS: tuple[tuple[Role, str, int, str], ...] = (
    (H, "", 1, "SERVICES AGREEMENT"),
    (
        P,
        "",
        1,
        "This Services Agreement is made on 1 March 2027 between Halden Mill Ltd, a company registered in "
        "England (the “Customer”), and Orrin & Vale Consulting LLP (the “Supplier”).",
    ),
    (H, "2", 1, "Term"),
    (
        P,
        "2.1",
        1,
        "This Agreement begins on the Effective Date and continues for three (3) years. It renews for "
        "further periods of one year unless either party gives notice at least ninety (90) days before the "
        "end of the period then running.",
    ),
    (H, "4", 2, "Charges and payment"),
    (
        P,
        "4.1",
        2,
        "The Customer shall pay the Supplier a fixed fee of £ 48,500.00 for each quarter, invoiced in advance.",
    ),
    (
        P,
        "4.2",
        2,
        "The Customer shall pay each undisputed invoice within thirty (30) days of receiving it, and "
        "interest on late sums accrues at four per cent a year above the base rate.",
    ),
    (H, "9", 2, "Confidentiality"),
    (
        P,
        "9.1",
        2,
        "Each party shall keep the other's Confidential Informa-\ntion secret for five years after this "
        "Agreement ends and shall use it for no other purpose.",
    ),
    (H, "11", 3, "Liability"),
    (
        P,
        "11.2",
        3,
        "Except for death or personal injury, in no event shall the Supplier's total liability under this "
        "Agreement exceed the charges paid in the twelve months before the claim arose.",
    ),
    (H, "17", 3, "General"),
    (
        P,
        "17.3",
        3,
        "Neither party may assign this Agreement without the prior written consent of the other, which shall "
        "not be unreasonably withheld.",
    ),
    (P, "17.8", 3, "This Agreement is governed by the law of England and Wales."),
    (F, "", 1, "Halden Mill / Orrin & Vale: page 1"),
    (F, "", 2, "Halden Mill / Orrin & Vale: page 2"),
)

SECTIONS = (
    ("parties", "Parties"),
    ("dates", "Dates"),
    ("term", "Term and renewal"),
    ("payment", "Payment"),
    ("confidentiality", "Confidentiality"),
    ("liability", "Liability and caps"),
    ("assignment", "Assignment and change of control"),
    ("insurance", "Insurance"),
    ("governing_law", "Governing law and disputes"),
    ("missing", "Expected and missing"),
)


def document(tail: str = "") -> Document:
    """A short agreement on four pages, the last without text. `tail` ends each of its paragraphs."""
    parts, segments, start = [], [], 0
    for number, (role, clause, page, words) in enumerate(PARAGRAPHS, 1):
        text = words + tail
        parts.append(text)
        level = (1 if number == 1 else 2) if role is H else 0
        span = Span(start, start + len(text))
        segments.append(Segment(number, span, role, level, clause, page))
        start += len(text) + 2
    return Document(
        text="\n\n".join(parts),
        segments=tuple(segments),
        source=Source("contracts/halden-services.pdf", "halden-services.pdf", "5e" * 32, 184_233),
        reader=Reader("pdf", "1", (("ocr", "off"),)),
        format="pdf",
        pages=(
            *(Page(number, 595, 842, chars=900) for number in (1, 2, 3)),
            Page(4, 595, 842, state=PageState.EMPTY, reason="an image without text"),
        ),
        notes=(
            Note("repaired", "the file's table of contents was damaged and has been rebuilt"),
            Note("no-text", "this page is an image; it was not read", 4),
        ),
        metadata=(("title", "Services Agreement (execution copy)"), ("producer", "Typesetter 4.1")),
    )


def place(document: Document, words: str) -> Span:
    """Where the words stand first."""
    start = document.text.index(words)
    return Span(start, start + len(words))


def found(document: Document, words: str, sentence: str = "", match: Match = Match.EXACT) -> Evidence:
    """Evidence of words that stand in the text."""
    around = place(document, sentence) if sentence else None
    return Evidence(words, (place(document, words),), match, sentence=around, in_place=True)


def findings(text: Document) -> tuple[Finding, ...]:
    """One of every kind: each label, corrected, refused, absent, in conflict, elsewhere than cited."""
    rules = Verdict("rules", Label.QUOTED, None, "every number, date, name and negation is in the quote")
    fee = PARAGRAPHS[5][3]
    late = PARAGRAPHS[6][3]
    cap = PARAGRAPHS[10][3]
    term = PARAGRAPHS[3][3].split(". ")
    made = PARAGRAPHS[1][3]
    law = PARAGRAPHS[13][3]
    held = (
        Finding(
            "parties",
            "Halden Mill Ltd is the Customer",
            evidence=(found(text, "Halden Mill Ltd", made),),
            fields=(
                Field("name", FieldKind.PARTY, "Halden Mill Ltd", "Halden Mill Ltd"),
                Field("role", FieldKind.TEXT, "the “Customer”", "Customer"),
            ),
            verdicts=(rules,),
            confidence=0.94,
        ),
        Finding(
            "parties",
            "Orrin & Vale Consulting LLP is the Supplier",
            evidence=(found(text, "Orrin & Vale Consulting LLP", made),),
            fields=(
                Field("name", FieldKind.PARTY, "Orrin & Vale Consulting LLP", "Orrin & Vale Consulting LLP"),
                Field("role", FieldKind.TEXT, "the “Supplier”", "Supplier"),
            ),
            verdicts=(rules, Verdict("judge-7b", Label.SUPPORTED, 0.973, "the sentence names it as a party")),
            confidence=0.94,
        ),
        Finding(
            "dates",
            "The agreement is dated 1 March 2027",
            evidence=(found(text, "made on 1 March 2027", made),),
            fields=(Field("signed_on", FieldKind.DATE, "1 March 2027", "2027-03-01"),),
            verdicts=(replace(rules, label=Label.CONSISTENT),),
            confidence=0.9,
        ),
        Finding(
            "term",
            f"{term[0]}.",
            evidence=(found(text, f"{term[0]}.", f"{term[0]}."),),
            fields=(Field("duration", FieldKind.DURATION, "three (3) years", "3", "years"),),
            verdicts=(rules,),
            confidence=0.82,
        ),
        Finding(
            "term",
            "Notice against renewal is ninety days in one place and sixty in another",
            evidence=(replace(found(text, "at least ninety (90) days", term[1]), occurrences=2, in_place=False),),
            fields=(Field("notice", FieldKind.DURATION, "ninety (90) days", "90", "days"),),
            verdicts=(Verdict("rules", Label.REVIEW, None, "“sixty” is not in the quote"),),
            conflict="notice: 90 days (window 1), 60 days (window 2)",
            confidence=0.55,
        ),
        Finding(
            "payment",
            fee,
            evidence=(found(text, fee, fee),),
            fields=(
                Field("amount", FieldKind.AMOUNT, "£ 48,500.00", "48500.00", "GBP"),
                Field("due", FieldKind.TEXT, "invoiced in advance"),
            ),
            verdicts=(rules,),
            confidence=0.88,
        ),
        Finding(
            "payment",
            "Undisputed invoices are due within thirty days; late sums carry interest",
            evidence=(
                replace(
                    found(text, "pay each undisputed invoice within thirty (30) days", late, Match.FUZZY),
                    quote="pay every undisputed invoice within thirty (30) days",
                    score=0.93,
                    reason="“every” stands for “each”",
                ),
                Evidence(
                    "",
                    (place(text, "interest on late sums"), place(text, "above the base rate")),
                    Match.NORMALISED,
                    sentence=place(text, late),
                ),
            ),
            fields=(
                Field("period", FieldKind.DURATION, "thirty (30) days", "30", "days"),
                Field("interest", FieldKind.NUMBER, "four per cent", "4", "%"),
            ),
            verdicts=(Verdict("rules", Label.PARTLY, 0.61, "the quote says nothing of the base rate's bank"),),
            confidence=0.7,
        ),
        Finding(
            "confidentiality",
            "Confidential information stays secret for five years after the end",
            evidence=(found(text, "Confidential Informa-\ntion secret for five years", PARAGRAPHS[8][3]),),
            verdicts=(Verdict("judge-7b", Label.UNJUDGED, None, "the judge gave no answer"),),
            confidence=0.77,
            calibrated=True,
        ),
        Finding(
            "liability",
            "The Supplier's liability is limited to the charges of twelve months",
            evidence=(found(text, "exceed the charges paid in the twelve months before the claim arose", cap),),
            verdicts=(replace(rules, label=Label.CONSISTENT),),
            confidence=0.91,
        ),
        Finding(
            "liability",
            "Liability for death or personal injury is limited too",
            evidence=(found(text, "Except for death or personal injury", cap),),
            verdicts=(Verdict("judge-7b", Label.CONTRADICTED, 0.98, "the sentence excepts these from the limit"),),
            confidence=0.4,
        ),
        Finding(
            "assignment",
            "Assignment is free within a group of companies",
            evidence=(
                Evidence(
                    "either party may assign this Agreement to an Affiliate",
                    (),
                    Match.MISSING,
                    0.0,
                    occurrences=0,
                    reason="no text of the document is close to it",
                ),
            ),
            verdicts=(Verdict("rules", Label.UNSUPPORTED, None, "no quote stands in the document"),),
            confidence=0.35,
        ),
        Finding(
            "governing_law",
            law,
            evidence=(found(text, law, law),),
            verdicts=(rules,),
            confidence=0.97,
        ),
        Finding(
            "missing",
            "No audit right was found",
            absence=True,
            sweep=Sweep(("audit", "inspect the books", "records"), (), len(text.text)),
            verdicts=(Verdict("rules", Label.CONSISTENT, None, "no searched term occurs"),),
        ),
        Finding(
            "missing",
            "No exclusion of indirect loss was found",
            absence=True,
            sweep=Sweep(
                ("indirect", "consequential", "liability"),
                (("liability", place(text, "Liability")), ("liability", place(text, "liability under"))),
                len(text.text),
            ),
            verdicts=(Verdict("rules", Label.REVIEW, None, "“liability” occurs twice: look there"),),
        ),
    )
    return tuple(
        replace(
            one,
            number=number,
            calls=(1,),
            quotes=tuple(Quote(evidence.quote) for evidence in one.evidence),
        )
        for number, one in enumerate(held, 1)
    )


def agreement(tail: str = "") -> tuple[Run, Document]:
    """A Run of the built-in analyst over the agreement, with Findings of every status."""
    text = document(tail)
    body = text.body
    end = body[-1].span.end
    placed = tuple(Placed(segment.number, segment.span, segment.span.start) for segment in body)
    window = Window(1, text.text[:end], placed, 512, 119_304)
    fingerprint = Fingerprint("built-in extract", "c4" * 32)
    prompt = Prompt("question.md.j2", "7a" * 32, "Who are the parties?")
    run = Run(
        id="20270314-102205-a1b2c3",
        key="09" * 32,
        source=text.source.path,
        document_id=text.id,
        kind="contract",
        kind_sha256="d1" * 32,
        analyst="extract",
        judge="rules",
        state=RunState.DONE,
        started="2027-03-14T10:22:05.120+00:00",
        ended="2027-03-14T10:22:07.480+00:00",
        settings=(("window", "131072"), ("lang", "English"), ("prompts", "")),
        versions=(("python", "3.11.7"), ("docanalyze", "0.1.0")),
        sections=SECTIONS,
        windows=(window,),
        coverage=Coverage(
            (
                *(Covered(segment.span, 1) for segment in body),
                *(
                    Covered(segment.span, 0, Detail.NONE, "running head or page number")
                    for segment in text.segments
                    if not segment.in_body
                ),
            ),
            ((4, "an image without text"),),
        ),
        calls=tuple(
            Call(
                number,
                "ab" * 32,
                "analyst",
                name,
                1,
                prompt,
                Reply("{}", fingerprint, seconds=0.012),
                CallState.DONE,
                "2027-03-14T10:22:06+00:00",
            )
            for number, (name, _) in enumerate(SECTIONS, 1)
        ),
        findings=findings(text),
        stages=(("read", 0.84), ("find", 0.21), ("judge", 0.02)),
    )
    return run, text


def everywhere(words: str) -> tuple[Run, Document]:
    """The same Run and Document with `words` in every text that they hold, quotes and titles too."""
    run, document = agreement(" " + words)
    whole = {segment.number: segment.span for segment in document.segments}
    located = tuple(replace(finding, evidence=_widened(finding, document, whole)) for finding in run.findings)
    sections = tuple((f"{name} {words}", words) for name, _ in run.sections)
    spoilt = _spoilt(replace(run, findings=located), words)
    assert isinstance(spoilt, Run)
    findings = tuple(replace(f, section=f"{o.section} {words}") for f, o in zip(spoilt.findings, located, strict=True))
    calls = tuple(replace(c, section=f"{o.section} {words}") for c, o in zip(spoilt.calls, run.calls, strict=True))
    changed = _spoilt(replace(document, text=""), words)
    assert isinstance(changed, Document)
    return (
        replace(spoilt, id=run.id, sections=sections, findings=findings, calls=calls),
        replace(changed, text=document.text),
    )


def _widened(finding: Finding, document: Document, whole: dict[int, Span]) -> tuple[Evidence, ...]:
    """The Evidence with its whole paragraph as sentence, and every second one quoting all of it."""
    widened = []
    for evidence in finding.evidence:
        if evidence.spans:
            around = whole[document.segments_at(evidence.spans[0])[0].number]
            spans = (around,) if finding.number % 2 else evidence.spans
            evidence = replace(evidence, sentence=around, spans=spans)
        widened.append(evidence)
    return tuple(widened)


def _spoilt(value: Any, words: str) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return words
    if isinstance(value, tuple):
        return tuple(_spoilt(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _spoilt(getattr(value, field.name), words) for field in fields(value)})
    return value
