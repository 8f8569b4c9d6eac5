"""Quotes: located where they stand, corrected where only a slip differs, refused where meaning does."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from docanalyze import ground
from docanalyze.model import Document, Evidence, Match, Quote, Reader, Role, Segment, Source, Span

CLAUSES = (
    "The Supplier shall deliver the monthly water balance report within thirty (30) days after each quarter's end.",
    "In no event shall the Customer be liable for more than $750,000 in any period of twelve months.",
    "Harbour Light may not assign this contract without the prior written consent of Meadow Finch.",
    "Overdue amounts bear interest at a rate of 1.5% per month from the due date until payment is received.",
    "The Customer must return every device to the Supplier before December 31, 2027, unless both agree otherwise.",
    "Neither party shall disclose the drawings, except to advisers who need to know them and will keep them secret.",
    "The warranty will continue for eighteen months after the acceptance of the last device at the last site.",
    "The arbitrators should sit in Burlington and would apply the laws of Vermont to the whole of the dispute.",
)
HEAD = "Master Agreement of the Parties"


def document(*paragraphs: str, apart: str = "") -> Document:
    parts = [*paragraphs, *([apart] if apart else [])]
    segments, start = [], 0
    for number, part in enumerate(parts, 1):
        role = Role.FURNITURE if apart and number == len(parts) else Role.PARAGRAPH
        segments.append(Segment(number, Span(start, start + len(part)), role))
        start += len(part) + 2
    return Document("\n\n".join(parts), tuple(segments), Source("x", "x", "0" * 64, 1), Reader("t", "1"), "text")


DOCUMENT = document(*CLAUSES, apart=HEAD)
INDEX = ground.Index(DOCUMENT)


def found(evidence: Evidence, source: Document = DOCUMENT) -> list[str]:
    return [source.slice(span) for span in evidence.spans]


# -- lossless --------------------------------------------------------------------------------------


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_verbatim_quote_is_exact(clause: str) -> None:
    evidence = ground.locate(INDEX, Quote(clause))
    assert (evidence.match, found(evidence), evidence.occurrences) == (Match.EXACT, [clause], 1)
    assert evidence.sentence is not None and DOCUMENT.slice(evidence.sentence) == clause


def hyphenated(text: str) -> str:
    return re.sub(r"\b([a-z]{3})([a-z]{4,})", r"\1-\n\2", text, count=2)


Change = Callable[[str], str]

BENIGN: dict[str, Change] = {
    "wrapped": lambda t: t.replace(" ", "\n"),
    "wide": lambda t: t.replace(" ", " \u00a0 "),
    "curly": lambda t: t.replace("'", "’").replace('"', "“"),
    "hyphenated": hyphenated,
    "ligature": lambda t: t.replace("fi", "\ufb01"),
    "invisible": lambda t: t.replace("e", "e\u200b"),
    "capitals": str.upper,
    "wrapped in quotes": lambda t: f"“{t}”",
}


@pytest.mark.parametrize("change", BENIGN)
@pytest.mark.parametrize("clause", CLAUSES)
def test_what_printing_changes_is_verified(clause: str, change: str) -> None:
    evidence = ground.locate(INDEX, Quote(BENIGN[change](clause)))
    assert evidence.status == "verified"
    assert found(evidence) == [clause]


@given(st.data())
def test_any_words_of_the_document_are_verified(data: st.DataObject) -> None:
    clause = data.draw(st.sampled_from(CLAUSES))
    marks = [m.span() for m in re.finditer(r"[^\W_]+", clause)]
    first = data.draw(st.integers(0, len(marks) - 1))
    last = data.draw(st.integers(first, len(marks) - 1))
    words = clause[marks[first][0] : marks[last][1]]
    evidence = ground.locate(INDEX, Quote(words))
    denied = re.search(r"\b(?:not|no|never|neither|nor)\s$", clause[: marks[first][0]], re.IGNORECASE)
    # Neither a piece of a number, nor one letter, nor what a denial stands before.
    if evidence.match is Match.MISSING:
        assert re.match(r"\d", words[-1]) or re.match(r"\d", words[0]) or len(words) < 2 or denied
    else:
        assert [text.lower() for text in found(evidence)] == [words.lower()]


@pytest.mark.parametrize("cut", ["able", "750", "000", "5", "1.5", "deliver the month", ".", "", "a", "“”"])
def test_a_piece_of_a_word_or_number_is_no_quote(cut: str) -> None:
    assert ground.locate(INDEX, Quote(cut)).status == "refused"


def test_the_cited_place_wins_and_others_are_counted() -> None:
    twice = document("The fee is due.", "Nothing.", "The fee is due.")
    index = ground.Index(twice)
    evidence = ground.locate(index, Quote("The fee is due.", (3,)))
    assert (evidence.spans[0].start, evidence.occurrences, evidence.in_place) == (27, 2, True)
    assert ground.locate(index, Quote("The fee is due.")).spans[0].start == 0
    assert ground.locate(index, Quote("The fee is due.", (2,))).in_place is False
    assert ground.locate(index, Quote("The fee is due.", (99,))).in_place is False


def test_a_known_place_is_believed_only_if_the_words_stand_there() -> None:
    twice = document("The fee is due.", "The fee is due.")
    index = ground.Index(twice)
    assert ground.locate(index, Quote("The fee is due.", at=Span(17, 32))).spans == (Span(17, 32),)
    assert ground.locate(index, Quote("The fee is due.", at=Span(3, 18))).spans == (Span(0, 15),)


def test_the_body_comes_before_what_stands_apart() -> None:
    index = ground.Index(document("Text.", "See the Annual Report here.", apart="Annual Report"))
    assert ground.locate(index, Quote("Annual Report")).spans[0].start == 15
    assert ground.locate(INDEX, Quote(HEAD)).match is Match.EXACT
    across = CLAUSES[-1][-20:] + " " + HEAD[:10]
    assert ground.locate(INDEX, Quote(across)).status == "refused"


# -- ellipses --------------------------------------------------------------------------------------


def test_an_ellipsis_has_a_place_for_each_part() -> None:
    evidence = ground.locate(INDEX, Quote("Overdue amounts bear interest … from the due date"))
    assert found(evidence) == ["Overdue amounts bear interest", "from the due date"]
    assert evidence.status == "verified"


@pytest.mark.parametrize(
    "quote",
    [
        "from the due date … Overdue amounts bear interest",
        "Harbour Light may … assign this contract",
        "Overdue amounts … of purple elephants",
    ],
)
def test_an_ellipsis_that_misleads_is_refused(quote: str) -> None:
    assert ground.locate(INDEX, Quote(quote)).status == "refused"


def test_a_gap_has_a_limit() -> None:
    index = ground.Index(document("It begins here.", "word " * 1_000, "It ends there."))
    assert ground.locate(index, Quote("It begins ... ends there")).status == "refused"


# -- nearly ----------------------------------------------------------------------------------------


def test_a_slip_of_the_pen_is_corrected_with_the_sources_words() -> None:
    evidence = ground.locate(INDEX, Quote(CLAUSES[0].replace("balance", "balanse")))
    assert (evidence.match, evidence.status, found(evidence)) == (Match.FUZZY, "corrected", [CLAUSES[0]])
    assert 0.9 <= evidence.score < 1


def test_lost_punctuation_is_verified_and_said() -> None:
    evidence = ground.locate(INDEX, Quote(CLAUSES[5].replace(",", "")))
    assert (evidence.status, evidence.reason) == ("verified", "only punctuation differs")


def test_two_equally_near_places_are_refused() -> None:
    clause = "The keeper of the northern lighthouse shall trim the lamp every evening at dusk"
    index = ground.Index(document(clause + " in winter.", clause + " in summer."))
    evidence = ground.locate(index, Quote(clause.replace("lighthouse", "lighthuose")))
    assert evidence.status == "refused" and "two places" in evidence.reason


def test_a_refusal_says_what_differs_and_where() -> None:
    evidence = ground.locate(INDEX, Quote(CLAUSES[1].replace("$750,000", "$850,000")))
    assert evidence.spans == ()
    assert "numbers differ" in evidence.reason and "¶ 2" in evidence.reason


NEGATIONS = ("not ", "never ", "no ")
MODALS = ("shall", "may", "must", "will", "should", "would")
NAMES = {
    "Supplier": "Customer",
    "Customer": "Supplier",
    "Harbour": "Meadow",
    "Burlington": "Montpelier",
    "Vermont": "Nevada",
}


def _renumbered(clause: str, data: st.DataObject) -> str:
    numbers = list(re.finditer(r"\d+", clause))
    assume(numbers)
    chosen = data.draw(st.sampled_from(numbers))
    other = str(int(chosen[0]) + data.draw(st.integers(1, 90)))
    return clause[: chosen.start()] + other + clause[chosen.end() :]


def _denied(clause: str, data: st.DataObject) -> str:
    negations = list(re.finditer(r"\b(?:not|no|Neither|without|unless|except)\b ?", clause))
    drop: bool = data.draw(st.booleans())
    if negations and drop:
        lost = data.draw(st.sampled_from(negations))
        return clause[: lost.start()] + clause[lost.end() :]
    places = [m.start() for m in re.finditer(r"\b[a-z]+", clause)]
    at = data.draw(st.sampled_from(places))
    return clause[:at] + data.draw(st.sampled_from(NEGATIONS)) + clause[at:]


def _remodelled(clause: str, data: st.DataObject) -> str:
    modals = list(re.finditer(rf"\b(?:{'|'.join(MODALS)})\b", clause))
    assume(modals)
    chosen = data.draw(st.sampled_from(modals))
    other = data.draw(st.sampled_from([modal for modal in MODALS if modal != chosen[0]]))
    return clause[: chosen.start()] + other + clause[chosen.end() :]


def _renamed(clause: str, data: st.DataObject) -> str:
    names = list(re.finditer("|".join(NAMES), clause))
    assume(names)
    chosen = data.draw(st.sampled_from(names))
    return clause[: chosen.start()] + NAMES[chosen[0]] + clause[chosen.end() :]


@given(
    st.data(),
    st.sampled_from(CLAUSES),
    st.sampled_from([_renumbered, _denied, _remodelled, _renamed]),
    st.sampled_from(["", *BENIGN]),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_altered_quote_is_ever_shown_as_evidence(
    data: st.DataObject, clause: str, alter: Callable[[str, st.DataObject], str], benign: str
) -> None:
    """A number, negation, modal or name changed: refused, also where the rest is printed otherwise."""
    altered = alter(clause, data)
    assume(altered != clause)
    if benign:
        altered = BENIGN[benign](altered)
    evidence = ground.locate(INDEX, Quote(altered))
    assert evidence.status == "refused", (altered, evidence)


# -- values ----------------------------------------------------------------------------------------


def test_a_value_is_found_inside_its_quote() -> None:
    quote = ground.locate(INDEX, Quote("bear interest at a rate of 1.5% per month"))
    assert found(ground.locate_value(INDEX, "1.5%", quote)) == ["1.5%"]
    assert ground.locate_value(INDEX, "due date", quote).match is Match.EXACT  # in the sentence
    assert ground.locate_value(INDEX, "5%", quote).match is Match.MISSING
    assert ground.locate_value(INDEX, "thirty (30) days", quote).match is Match.MISSING


ALTERED_BY_CUTTING = [
    ("Customer pays a non-refundable deposit of $500.", "refundable deposit of $500"),
    (
        "The Supplier grants a non-exclusive, royalty-free licence to use it.",
        "exclusive, royalty-free licence to use it",
    ),
    ("Payment is due twenty-five days after notice.", "five days after notice"),
    ("It bears a rate of twenty-five percent.", "a rate of twenty"),
    ("It bears a rate of twenty percent.", "a rate of twenty"),
    ("Liability shall not exceed $5 million.", "shall not exceed $5"),
    ("It bears a rate of 5 % per year.", "a rate of 5"),
    ("The rent is C$5,000 per month.", "$5,000 per month"),
    ("The rent is 1 500 EUR per month.", "500 EUR per month"),
    ("The rent is 1'500 CHF per month.", "500 CHF per month"),
    ("-5 degrees is the limit.", "5 degrees"),
    ("Customer pays 1/2 of the fees.", "2 of the fees"),
    ("The term is one hundred five days.", "five days"),
    ("The Supplier shall not" + " " * 30 + "be liable for any loss.", "be liable for any loss"),
    ("The Supplier shall not \u200bbe liable for any loss.", "be liable for any loss"),
    ("The Supplier shall not be liable for any loss.", "liable for any loss"),
    ("Supplier shall not be liable for any loss or damage at all.", "be liable for any loss or damge at all"),
    ("Here the temperature shall be ≥ 5 degrees at all times.", "the temperature shall be ≤ 5 degrees at all times"),
    ("Here the tolerance shall be ±5% of the nominal weight.", "the tolerance shall be 5% of the nominal weight"),
    ("Here the fee of ₽500 is due every single month.", "the fee of ₩500 is due every single month"),
    ("He grants a perpetual, irrevocable licence to use it.", "He grants a perpetual, revocable licence to use it"),
    ("The Supplier has unlimited liability for damage caused.", "The Supplier has limited liability for damage caused"),
    ("The goods come. In no event shall it be liable for indirect loss.", "The goods … be liable for indirect loss"),
    ("The Supplier shall not be liable to anyone for any loss.", "be liable … for any loss whatever here"),
    ("It may visit the site. The Customer must return every device now.", "It may visit … return every device now"),
]


@pytest.mark.parametrize(("source", "quote"), ALTERED_BY_CUTTING, ids=[quote for _, quote in ALTERED_BY_CUTTING])
def test_a_quote_cut_so_that_it_says_something_else_is_refused(source: str, quote: str) -> None:
    assert ground.locate(ground.Index(document(source)), Quote(quote)).match is Match.MISSING


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("He grants a non-\nexclusive licence to use it.", "a non-exclusive licence"),
        ("It lists any third-\nparty software.", "any third-party software"),
        ("Now the con\u00ad\ntract is signed.", "the contract is signed"),
        ("They may use the Acme™ devices.", "use the Acme devices"),
        ("The fee—payable monthly—is 500.", "payable monthly"),
        ("The Supplier, which has an office in Cork, shall pay the fee.", "The Supplier … shall pay the fee"),
    ],
)
def test_a_true_quote_is_found_however_it_is_printed(source: str, quote: str) -> None:
    assert ground.locate(ground.Index(document(source)), Quote(quote)).status == "verified"


def test_a_cited_place_is_found_among_many_of_the_same_words() -> None:
    many = document(*["the fee is due"] * 700)
    evidence = ground.locate(ground.Index(many), Quote("the fee is due", (650,)))
    assert evidence.in_place is True
