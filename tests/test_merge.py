"""Merging: what two Windows found of one thing is one Finding, and nothing found is lost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import merge
from docanalyze.model import Evidence, Field, FieldKind, Finding, Label, Match, Quote, Span, Sweep, Verdict


def finding(
    statement: str,
    *places: tuple[int, int],
    section: str = "payment",
    call: int = 1,
    fields: tuple[Field, ...] = (),
    confidence: float | None = None,
) -> Finding:
    quotes = tuple(Quote(f"{start}-{end}") for start, end in places)
    evidence = tuple(
        Evidence(quote.text, (Span(*place),), Match.EXACT) for quote, place in zip(quotes, places, strict=True)
    )
    return Finding(section, statement, quotes, fields, evidence, confidence=confidence, calls=(call,))


def amount(value: str | None, written: str = "a sum", name: str = "amount") -> Field:
    return Field(name, FieldKind.AMOUNT, written, value, "USD")


def test_findings_of_one_window_come_back_with_numbers() -> None:
    found = [finding("a", (0, 10)), finding("b", (5, 15)), finding("c", (0, 10), section="term", call=2)]
    assert merge.over_windows(found) == tuple(replace(f, number=n) for n, f in enumerate(found, 1))


def test_an_exact_repetition_is_one() -> None:
    found = [finding("a", (0, 10)), finding("b", (20, 30)), finding("a", (0, 10))]
    assert [f.statement for f in merge.over_windows(found)] == ["a", "b"]


def test_sections_keep_the_order_in_which_they_appear() -> None:
    found = [
        finding("a", (0, 9), section="term"),
        finding("b", (0, 9)),
        finding("c", (50, 60), section="term", call=3),
    ]
    merged = merge.over_windows(found)
    assert [(f.number, f.statement) for f in merged] == [(1, "a"), (2, "c"), (3, "b")]


def test_overlapping_findings_of_two_windows_are_one_with_all_that_proves_them() -> None:
    one = finding("a", (0, 10), (30, 40), call=1, confidence=0.4)
    other = replace(finding("b", (5, 12), (30, 40), call=4, confidence=0.8), calibrated=True)
    (merged,) = merge.over_windows([one, other])
    assert merged.statement == "a"
    assert sorted(e.spans[0].start for e in merged.evidence) == [0, 5, 30]
    assert [q.text for q in merged.quotes] == [e.quote for e in merged.evidence]
    assert merged.calls == (1, 4)
    assert (merged.confidence, merged.calibrated) == (0.8, True)


def test_a_finding_that_overlaps_two_brings_them_together() -> None:
    found = [finding("a", (0, 10)), finding("b", (20, 30), call=2), finding("c", (5, 25), call=3)]
    (merged,) = merge.over_windows(found)
    assert merged.calls == (1, 2, 3)
    assert len(merged.evidence) == 3


def test_findings_that_only_touch_or_of_other_sections_stay_apart() -> None:
    found = [
        finding("a", (0, 10)),
        finding("b", (10, 20), call=2),
        finding("c", (0, 10), section="term", call=3),
        finding("d", call=4),
        finding("e", call=5),
    ]
    assert len(merge.over_windows(found)) == 5


def test_two_things_in_one_sentence_stay_two_when_both_windows_saw_them() -> None:
    found = [
        finding("pay", (0, 60)),
        finding("report", (40, 100)),
        finding("must pay", (0, 55), call=2),
        finding("must report", (45, 100), call=2),
    ]
    merged = merge.over_windows(found)
    assert [(f.statement, f.calls) for f in merged] == [("pay", (1, 2)), ("report", (1, 2))]
    assert [len(f.evidence) for f in merged] == [2, 2]


def test_conflicting_values_are_kept_and_flagged() -> None:
    one = finding("a", (0, 10), fields=(amount("100", "$100"),))
    other = finding("b", (0, 10), call=2, fields=(amount("200", "$200"), amount("5", name="fee")))
    (merged,) = merge.over_windows([one, other])
    assert [f.value for f in merged.fields] == ["100", "200", "5"]
    assert merged.conflict == "amount: 100 USD against 200 USD"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((amount("100", "$100"),), (amount("100", "one hundred dollars"),)),
        ((amount("100"),), (amount("100"), amount("200"))),
        ((amount(None, "a fair  price"),), (amount(None, "A fair price"),)),
        ((amount("100"),), (amount("7", name="fee"),)),
        ((), (amount("100"),)),
    ],
    ids=["written otherwise", "one says more", "white space", "another field", "no field"],
)
def test_values_that_agree_are_no_conflict(one: tuple[Field, ...], other: tuple[Field, ...]) -> None:
    (merged,) = merge.over_windows([finding("a", (0, 10), fields=one), finding("b", (0, 10), call=2, fields=other)])
    assert merged.conflict == ""
    assert {f.value for f in merged.fields} == {f.value for f in (*one, *other)}


def test_statements_that_say_other_things_of_one_place_are_both_told() -> None:
    one, other = finding("It may be renewed twice.", (0, 40)), finding("It may not be renewed.", (0, 40), call=2)
    (merged,) = merge.over_windows([one, other])
    assert merged.conflict == "It may be renewed twice. against It may not be renewed."


def test_places_that_share_a_few_characters_are_two() -> None:
    assert len(merge.over_windows([finding("a", (0, 60)), finding("b", (50, 120), call=2)])) == 2


def test_conflicts_of_three_windows_are_all_told() -> None:
    found = [finding("a", (0, 10), call=n, fields=(amount(str(n)),)) for n in (1, 2, 3)]
    (merged,) = merge.over_windows(found)
    assert merged.conflict == "amount: 1 USD against 2 USD; amount: 1 USD, 2 USD against 3 USD"


def test_an_absence_never_joins_a_finding_and_the_same_absence_is_one() -> None:
    sweep = Sweep(("cap",), (), 100)
    absence = Finding("payment", "No cap is stated.", absence=True, calls=(1,))
    again = replace(absence, calls=(4,), sweep=sweep)
    merged = merge.over_windows([finding("a", (0, 10)), absence, again])
    assert [(f.absence, f.calls) for f in merged] == [(False, (1,)), (True, (1, 4))]
    assert merged[1].sweep == sweep


def test_verdicts_of_both_are_kept() -> None:
    rules, model = Verdict("rules", Label.CONSISTENT), Verdict("model", Label.SUPPORTED, 0.9)
    one = replace(finding("a", (0, 10)), verdicts=(rules,))
    other = replace(finding("b", (0, 10), call=2), verdicts=(rules, model))
    assert merge.over_windows([one, other])[0].verdicts == (rules, model)


FINDINGS = st.lists(
    st.builds(
        lambda statement, places, section, call: finding(statement, *places, section=section, call=call),
        st.sampled_from("abc"),
        st.lists(st.tuples(st.integers(0, 40), st.integers(41, 80)), max_size=3, unique=True),
        st.sampled_from(["payment", "term"]),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(FINDINGS)
@settings(deadline=None, max_examples=150)
def test_nothing_found_is_lost_and_merging_again_changes_nothing(found: list[Finding]) -> None:
    merged = merge.over_windows(found)
    assert [f.number for f in merged] == list(range(1, len(merged) + 1))
    for section in ("payment", "term"):
        before, after = ([f for f in fs if f.section == section] for fs in (found, merged))
        assert {e for f in before for e in f.evidence} == {e for f in after for e in f.evidence}
        assert {q for f in before for q in f.quotes} == {q for f in after for q in f.quotes}
        assert {c for f in before for c in f.calls} == {c for f in after for c in f.calls}
    assert all(len(f.quotes) == len(f.evidence) for f in merged)
    assert merge.over_windows(merged) == merged
