"""The page that a busy reader reads: facts in their words, none lost in silence, none cut to mean something else."""

from dataclasses import replace

import pytest

from docanalyze.model import (
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Label,
    Match,
    Reader,
    Role,
    Run,
    Segment,
    Source,
    Span,
    Verdict,
)
from docanalyze.report.overview import Fact, overview
from tests.report_material import agreement

QUOTED = (Verdict("rules", Label.QUOTED),)


def document_of(*paragraphs: str) -> Document:
    segments, start = [], 0
    for number, words in enumerate(paragraphs, 1):
        segments.append(Segment(number, Span(start, start + len(words)), Role.PARAGRAPH, 0))
        start += len(words) + 2
    source = Source("a.txt", "a.txt", "00" * 32, 1)
    return Document("\n\n".join(paragraphs), tuple(segments), source, Reader("text", "1", ()), "text")


def finding(number: int, section: str, statement: str, at: Span, document: Document, *fields: Field) -> Finding:
    evidence = Evidence(document.slice(at), (at,), Match.EXACT, sentence=at)
    return Finding(section, statement, evidence=(evidence,), fields=fields, verdicts=QUOTED, number=number)


def facts_of(document: Document, *findings: Finding) -> dict[str, tuple[Fact, ...]]:
    run = replace(agreement()[0], findings=findings)
    return {group.title: group.facts for group in overview(run, document)}


def told(words: str, section: str, *fields: Field) -> Fact:
    document = document_of(words)
    groups = facts_of(document, finding(1, section, words, document.segments[0].span, document, *fields))
    return next(iter(groups.values()))[0]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("24 months after the Effective Date the fee rises.", "24 months after the Effective Date the fee rises."),
        ("30 days after delivery.", "30 days after delivery."),
        ("16 figures were recorded.", "16 figures were recorded."),
        ("7.2 The fee rises.", "The fee rises."),
        ("3. The fee rises.", "The fee rises."),
        ("(a) the fee rises.", "the fee rises."),
        ("Section 4.1 The fee rises.", "The fee rises."),
    ],
)
def test_only_the_number_of_a_clause_is_left_out(words: str, shown: str) -> None:
    assert told(words, "term").text == shown


def test_the_whole_value_is_marked_and_no_part_of_another() -> None:
    words = "The term is 112 months, the notice is 12 months."
    field = Field("notice", FieldKind.DURATION, "12 months", "12", "months")
    fact = told(words, "term", field)
    assert (fact.before, fact.value, fact.after) == ("The term is 112 months, the notice is ", "12 months", ".")


def test_two_meanings_of_one_day_are_two_facts() -> None:
    document = document_of("This Agreement is dated 1 March 2027 and takes effect on 1 March 2027.")
    at = document.segments[0].span
    day = Field("date", FieldKind.DATE, "1 March 2027", "2027-03-01")
    groups = facts_of(
        document,
        finding(1, "dates", "Date of the contract: 1 March 2027", at, document, day),
        finding(2, "dates", "Effective date: 1 March 2027", at, document, day),
        finding(3, "dates", "It meets at 10:30 on 1 March 2027", at, document, day),
    )
    assert [fact.about for fact in groups["Dates"]] == ["Date of the contract", "Effective date"]


def test_text_without_blanks_is_cut_and_does_not_vanish() -> None:
    words = "甲方应向乙方支付人民币五百元整" * 20
    fact = told(words, "term")
    assert fact.text.startswith("甲方应向乙方") and fact.text.endswith(" …") and len(fact.text) > 100


def test_an_absence_says_what_became_of_the_search() -> None:
    run, document = agreement()
    missing = next(group for group in overview(run, document) if group.title == "What is missing")
    assert [fact.locator for fact in missing.facts] == [
        "searched in the whole text, no hit",
        "searched in the whole text, 2 hits",
    ]


def test_however_many_facts_there_are_they_fit_a_page_and_the_others_are_counted() -> None:
    sentence = (
        "The Supplier shall {} without any delay, at its own cost and in the manner that the Customer may ask for."
    )
    paragraphs = [sentence.format(f"do thing number {number} for EUR {number},000") for number in range(100)]
    document = document_of(*paragraphs)
    sections = ("term", "law", "unusual", "question", "contributions", "results", "limitations", "payment")
    findings = [
        finding(number, sections[number % len(sections)], words, segment.span, document, amount(number))
        for number, (words, segment) in enumerate(zip(paragraphs, document.segments, strict=True))
    ]
    run = replace(agreement()[0], findings=tuple(findings))
    groups = overview(run, document)
    assert sum(len(fact.text) + len(fact.about) + 24 for group in groups for fact in group.facts) <= 3_600
    of_term = next(group for group in groups if group.title == "Term")
    assert len(of_term.facts) + of_term.more == sum(one.section == "term" for one in findings)


def amount(number: int) -> Field:
    return Field("amount", FieldKind.AMOUNT, f"EUR {number},000", f"{number}000", "EUR")


def test_of_what_is_unusual_the_surest_come_first_and_stand_in_order() -> None:
    paragraphs = [
        f"The Client waives right number {number} for all time and without any payment." for number in range(10)
    ]
    document = document_of(*paragraphs)
    findings = [
        replace(
            finding(number, "unusual", words, document.segments[number].span, document),
            confidence=0.9 if number % 2 else 0.4,
        )
        for number, words in enumerate(paragraphs)
    ]
    groups = facts_of(document, *findings)
    assert [fact.finding for fact in groups["What is unusual"]] == [0, 1, 3, 5, 7, 9]


def test_a_kind_of_ones_own_begins_with_its_first_sections() -> None:
    run: Run
    run, document = agreement()
    named = replace(run, sections=tuple((f"own-{name}", title) for name, title in run.sections))
    moved = tuple(replace(one, section=f"own-{one.section}", fields=()) for one in run.findings)
    titles = [group.title for group in overview(replace(named, findings=moved), document)]
    assert set(titles) == {"Parties", "Dates", "Term and renewal", "Payment", "Confidentiality"}
