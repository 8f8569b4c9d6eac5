"""The benchmark's own arithmetic: small cases whose results are known."""

import json
from pathlib import Path

import pytest

from benchmarks.quality import names
from benchmarks.quality.clauses import Answers, Claim, Tally, calibration_error, places, presence
from benchmarks.quality.corpus import Contract, folds, is_shared, kept_aside
from benchmarks.quality.ranking import curve, hits, jaccard, ranked, words
from benchmarks.quality.served import by_model
from benchmarks.quality.values import parties
from docanalyze.ingest import read
from docanalyze.model import Finding, Span
from tests.scripted import Said, Scripted, Seen
from tests.test_extract import found_in
from tests.test_models import section_of

LAW = "The laws of Nevada govern."
CAP = "Neither party is liable for more than the price."


def contract(tmp_path: Path, name: str = "Ruff_1.txt", **answers: str) -> Contract:
    """A contract whose first sentence is labelled as the governing law."""
    path = tmp_path / name
    path.write_text(f"{LAW}\n\n{CAP}", encoding="utf-8")
    labelled = Contract(path, read(str(path)), answers=answers)
    labelled.spans["Governing Law"].append(Span(0, len(LAW)))
    return labelled


def claim(clause: str, start: int, end: int, confidence: float = 0.9, *, shown: bool = True) -> Claim:
    return Claim(clause, Span(start, end), confidence, shown)


def test_precision_recall_and_f1_of_a_tally() -> None:
    total = Tally(3, 4, 6) + Tally(0, 0, 0)
    assert [total.precision, total.recall, total.f1] == pytest.approx([0.75, 0.5, 0.6])
    assert Tally().f1 == 0


def test_presence_counts_contracts_and_places_count_passages(tmp_path: Path) -> None:
    one, other = contract(tmp_path), contract(tmp_path, "Knot_1.txt")
    whole, elsewhere = claim("governing-law", 0, len(LAW)), claim("governing-law", len(LAW) + 2, len(LAW) + 40)
    answers = [Answers([whole, elsewhere]), Answers([claim("governing-law", 0, 9, shown=False)])]
    assert presence([one, other], answers, "governing-law") == Tally(1, 1, 2)
    shown, labelled = places([one, other], answers, "governing-law")
    assert (shown.right, shown.said) == (1, 2)
    assert (labelled.right, labelled.wanted) == (1, 2)
    assert presence([one], [Answers([claim("insurance", 0, 9)])], "insurance") == Tally(0, 1, 0)


def test_a_sentence_shares_a_passage_by_thirty_characters_or_half() -> None:
    assert is_shared(Span(0, 100), Span(70, 400))
    assert is_shared(Span(0, 20), Span(10, 200))
    assert not is_shared(Span(0, 20), Span(11, 200))
    assert not is_shared(Span(0, 20), Span(20, 40))


def test_the_calibration_error_is_the_mean_distance_over_tenths() -> None:
    assert calibration_error([(0.95, True)] * 19 + [(0.95, False)]) == pytest.approx(0.0)
    stated = [(0.95, True), (0.95, False), (0.25, False), (0.25, False)]
    assert calibration_error(stated) == pytest.approx((0.45 + 0.25) / 2)
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([]) == 0


def test_words_are_compared_as_the_data_set_does() -> None:
    assert words("The laws; of and/or, The LAWS.") == {"the", "laws", "of", "and", "or"}
    assert jaccard(words("a b c"), words("b c d")) == 0.5
    assert jaccard(words(""), words("")) == 0


def test_a_label_is_found_once_and_a_second_passage_of_it_is_not_wrong() -> None:
    labelled = [words("laws of nevada govern")]
    passages = [(0.5, words("laws of nevada")), (0.9, words("nevada govern laws of")), (0.7, words("price and more"))]
    assert hits(passages, labelled) == [(0.9, 1, 0), (0.7, 0, 1), (0.5, 0, 0)]


def test_the_curve_is_never_lower_than_at_a_higher_recall() -> None:
    points = [(0.9, 1, 0), (0.8, 0, 1), (0.7, 1, 0)]
    area, precision = curve(points, 2)
    # Precision 1 at half, then 1/2, then 2/3: the dip counts as 2/3.
    assert area == pytest.approx(0.5 + 0.5 * (2 / 3 + 2 / 3) / 2 + 0)
    assert precision == pytest.approx(2 / 3)
    assert curve(points, 4)[1] == 0, "80 % is never reached"
    assert curve([], 3) == (0.0, 0.0)


def test_labels_of_clauses_that_are_never_claimed_count(tmp_path: Path) -> None:
    labelled = contract(tmp_path)
    labelled.spans["Insurance"].append(Span(0, 10))
    points, wanted = ranked([labelled], [Answers([claim("governing-law", 0, len(LAW))])])
    assert (points, wanted) == ([(0.9, 1, 0)], 2)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ruff Mills, Inc.", "RUFF MILLS INC", True),
        ("Ruff Mills", "Ruff Mills Holdings Limited", True),
        ("Ruff & Sons Ltd", "Ruff and Sons", True),
        ("Ruff", "Ruff Mills Distribution and Transport Company", False),
        ("Supplier", "Ruff Mills, Inc.", False),
        ("Inc.", "Ruff Mills, Inc.", False),
    ],
)
def test_names_are_one_by_most_of_their_letters(one: str, other: str, same: bool) -> None:
    assert names.is_party(one, [[other]]) == same


def test_each_party_is_found_once_and_the_most_alike_first() -> None:
    wanted = [["Ruff Partners, L.P."], ["Ruff Partners, Inc."]]
    assert names.matched(["Ruff Partners, Inc.", "Ruff Partners, L.P.", "Ruff Partners"], wanted) == {0, 1}
    assert names.matched(["Ruff Partners", "Ruff Partners"], wanted[:1]) == {0}
    assert names.matched([], wanted) == set()


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ('Ruff Mills Inc. ("Supplier"); Godwit Ltd ("Customer")', ["Ruff Mills Inc", "Godwit Ltd"]),
        ('(Ruff Mills Inc. ("Supplier"); [] ("Customer")', ["Ruff Mills Inc"]),
        (
            'Ruff Inc. ("Ruff"); Knot Ltd ("Knot"); Ruff and Knot (collectively, the "Parties")',
            ["Ruff Inc", "Knot Ltd"],
        ),
        ('Godwit Ltd ("G"); Ruff Inc. and Knot Ltd (collectively "Agents")', ["Godwit Ltd", "Ruff Inc", "Knot Ltd"]),
        ('Ruff Inc. ("Ruff"); Supplier', ["Ruff Inc"]),
        ("Ruff Inc.; RUFF INC.", ["Ruff Inc"]),
    ],
)
def test_the_labels_list_each_party_once(tmp_path: Path, label: str, wanted: list[str]) -> None:
    assert [held[0] for held in names.wanted(contract(tmp_path, Parties=label))] == wanted


def test_parties_found_are_tallied_against_the_label(tmp_path: Path) -> None:
    found: list[Finding] = found_in(tmp_path, "parties")
    label = 'Ruff Mills Inc. ("Supplier"); Sanderling LP ("Carrier"); Knot Ltd ("Agent")'
    tally = parties(contract(tmp_path, Parties=label), found)
    assert (tally.right, tally.wanted) == (1, 3)
    assert tally.said == len(found) == 2


def test_contracts_of_one_company_stay_together(tmp_path: Path) -> None:
    held = [contract(tmp_path, name) for name in ("Ruff_1.txt", "Ruff_2.txt", "RUFF 3.txt")]
    assert len(set(folds(held, 5))) == 1
    assert len({kept_aside(one) for one in held}) == 1


def test_a_model_behind_a_url_is_measured_by_the_same_labels(tmp_path: Path) -> None:
    labelled = contract(tmp_path)
    found = {"statement": "Nevada", "quotes": [{"segments": [1], "text": LAW}], "fields": {}}

    def script(seen: Seen) -> Said:
        return Said(json.dumps({"findings": [found] if section_of(seen) == "Governing law" else []}))

    with Scripted(script) as server:
        answers, _ = by_model([labelled], server.url, "")
    assert [(one.clause, one.span, one.confidence) for one in answers[0].claims] == [
        ("governing-law", Span(0, len(LAW)), 1.0)
    ]
    assert presence([labelled], answers, "governing-law") == Tally(1, 1, 1)
    assert "insurance" in answers[0].absent
