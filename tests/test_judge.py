"""Rules as judge: what a statement may not say beyond its Evidence, and what stands behind an absence."""

import dataclasses

import pytest

from docanalyze import ground, judge
from docanalyze.language import TermIndex
from docanalyze.model import Field, FieldKind, Finding, Label, Quote, Section, Span, Sweep
from tests.test_ground import CLAUSES, DOCUMENT, INDEX

LIABILITY = Section("liability", "Liability", "?", "cues", terms=("liable", "insurance"))


def judged(statement: str, quote: str, *fields: Field, built_in: bool = False, **more: object) -> tuple[Label, str]:
    evidence = ground.locate(INDEX, Quote(quote))
    located = tuple(
        dataclasses.replace(field, evidence=ground.locate_value(INDEX, field.written, evidence)) for field in fields
    )
    finding = Finding("x", statement, (Quote(quote),), located, (evidence,))
    finding = dataclasses.replace(finding, **more)  # type: ignore[arg-type]
    verdict = judge.check(finding, DOCUMENT, built_in=built_in)
    assert verdict.by == "rules" and verdict.probability is None
    return verdict.label, verdict.reason


def test_a_statement_in_the_quotes_words_is_consistent() -> None:
    assert judged("The Customer's liability is at most $750,000", CLAUSES[1]) == (Label.CONSISTENT, "")
    assert judged("Cap: $750,000", CLAUSES[1], built_in=True) == (Label.QUOTED, "")


@pytest.mark.parametrize(
    ("statement", "clause", "said"),
    [
        ("The cap is $950,000", 1, "numbers"),
        ("The Supplier may deliver the report", 0, "modals"),
        ("The Supplier does not deliver the report", 0, "negations"),
        ("The report goes to Lighthouse Partners", 0, "names"),
        ("Harbour Light may assign this contract", 2, "denies"),
    ],
)
def test_what_the_quote_does_not_say_is_for_review(statement: str, clause: int, said: str) -> None:
    label, reason = judged(statement, CLAUSES[clause])
    assert label is Label.REVIEW
    assert said in reason


def test_a_statement_cut_short_drops_no_denial() -> None:
    assert judged("Harbour Light may not assign this …", CLAUSES[2], built_in=True)[0] is Label.QUOTED


def test_without_a_quote_it_is_unsupported() -> None:
    assert judged("Anything", "purple elephants dance on the moon tonight")[0] is Label.UNSUPPORTED
    assert judge.check(Finding("x", "Anything"), DOCUMENT, built_in=True).label is Label.UNSUPPORTED


def test_a_corrected_or_misplaced_quote_is_for_review() -> None:
    label, reason = judged("Reports are delivered", CLAUSES[0].replace("balance", "balanse"))
    assert label is Label.REVIEW and "not to the letter" in reason
    evidence = ground.locate(INDEX, Quote(CLAUSES[0], (5,)))
    finding = Finding("x", "Reports are delivered", (Quote(CLAUSES[0], (5,)),), evidence=(evidence,))
    assert "elsewhere" in judge.check(finding, DOCUMENT, built_in=False).reason


def test_one_refused_quote_among_several_is_for_review() -> None:
    quotes = (Quote(CLAUSES[0]), Quote("purple elephants dance on the moon tonight"))
    evidence = tuple(ground.locate(INDEX, quote) for quote in quotes)
    verdict = judge.check(Finding("x", "Reports", quotes, evidence=evidence), DOCUMENT, built_in=True)
    assert verdict.label is Label.REVIEW


def test_a_field_must_stand_in_the_quote() -> None:
    rate = Field("rate", FieldKind.NUMBER, "1.5%", "1.5", "%")
    assert judged("A rate", CLAUSES[3], rate)[0] is Label.CONSISTENT
    label, reason = judged("A rate", CLAUSES[3], dataclasses.replace(rate, written="2.5%"))
    assert label is Label.REVIEW and "rate" in reason


def test_conflicting_values_are_for_review() -> None:
    assert judged("A cap", CLAUSES[1], conflict="cap: 1 or 2")[0] is Label.REVIEW


def test_an_absence_stands_on_its_sweep() -> None:
    index = TermIndex(DOCUMENT.text)
    swept = judge.sweep(index, LIABILITY)
    assert [DOCUMENT.slice(span) for _, span in swept.hits] == ["liable"]
    assert (swept.terms, swept.chars) == (LIABILITY.terms, len(DOCUMENT.text))
    absent = Finding("liability", "No limit of liability", absence=True)
    verdict = judge.check(dataclasses.replace(absent, sweep=swept), DOCUMENT, built_in=True)
    assert verdict.label is Label.REVIEW and "liable (once)" in verdict.reason
    nothing = judge.sweep(index, dataclasses.replace(LIABILITY, terms=("insurance",)))
    assert judge.check(dataclasses.replace(absent, sweep=nothing), DOCUMENT, built_in=True).label is Label.CONSISTENT
    assert judge.check(absent, DOCUMENT, built_in=True).label is Label.REVIEW


def test_a_sweep_keeps_so_many_places_and_says_so() -> None:
    index = TermIndex("liable " * 80)
    swept = judge.sweep(index, dataclasses.replace(LIABILITY, terms=("liable",)))
    assert len(swept.hits) == judge.MOST_HITS
    finding = Finding("liability", "None", absence=True, sweep=swept)
    assert "50 times or more" in judge.check(finding, DOCUMENT, built_in=True).reason


def test_a_judge_that_saw_a_part_of_the_places_settles_no_absence() -> None:
    hits = tuple(("data", Span(n, n + 4)) for n in range(9))
    absence = Finding("missing", "No clause on data was recognised", absence=True, sweep=Sweep(("data",), hits, 100))
    few = dataclasses.replace(absence, sweep=Sweep(("data",), hits[:6], 100))
    assert judge.unseen(few) == "" and judge.unseen(absence) == "3 of 9 places were not shown to it"
    shares = {"A": 0.9, "B": 0.1, "C": 0.0, "D": 0.0}
    assert judge.decide("A", shares, "m", 1, "", None).label is Label.SUPPORTED
    verdict = judge.decide("A", shares, "m", 1, "", None, judge.unseen(absence))
    assert verdict.label is Label.REVIEW and "3 of 9 places" in verdict.reason
