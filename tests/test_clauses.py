"""Clauses by learned weights: what is recognised, how surely, and when one is said not to be there."""

from pathlib import Path

import pytest

from docanalyze import pack, prompts, tokens
from docanalyze.errors import UsageError
from docanalyze.extract import Reading, absences, candidates, find, recognised, surely_absent
from docanalyze.extract.clauses import is_taken, names
from docanalyze.extract.features import features
from docanalyze.extract.scoring import ClauseType, models, read
from docanalyze.ingest import read as read_source
from docanalyze.model import Finding, Kind

LAW = "9.1 This Agreement shall be governed by and construed in accordance with the laws of the State of Nevada."
INSURANCE = (
    "6.2 The Supplier shall maintain commercial general liability insurance with limits of not less than "
    "$2,000,000 per occurrence and shall name the Customer as an additional insured."
)
ASSIGNMENT = "8.1 Neither party may assign this Agreement without the prior written consent of the other party."
PLAIN = "2.1 The Supplier delivers flour to the mill of the Customer on every Monday before noon."


def reading_of(tmp_path: Path, *clauses: str) -> Reading:
    path = tmp_path / "contract.txt"
    opening = 'This Agreement is between Ruff Mills Inc. ("Supplier") and Godwit Ltd ("Customer").'
    path.write_text("\n\n".join(["SUPPLY AGREEMENT", opening, *clauses]), encoding="utf-8")
    document = read_source(str(path))
    windows, _ = pack.into_windows(document, 100_000, tokens.packaged())
    return Reading(document, windows[0])


def contract() -> Kind:
    return prompts.find("contract")


@pytest.mark.parametrize(
    ("clause", "name"), [(LAW, "governing-law"), (INSURANCE, "insurance"), (ASSIGNMENT, "anti-assignment")]
)
def test_a_clause_is_recognised_among_others(tmp_path: Path, clause: str, name: str) -> None:
    reading = reading_of(tmp_path, PLAIN, clause, PLAIN.replace("flour", "bran"))
    found = recognised(reading, [name])
    assert [one.sentence.text for one in found] == [clause]
    assert found[0].confidence > 0.8


def test_a_finding_says_which_clause_and_how_surely(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, PLAIN, INSURANCE)
    [found] = find(contract().section("insurance"), reading)
    assert found.statement.startswith("Insurance: The Supplier shall maintain")
    assert found.calibrated and found.confidence is not None and found.confidence > 0.8
    assert found.quotes[0].text == INSURANCE
    assert [(field.name, field.value) for field in found.fields] == [("amount", "2000000")]


def test_whose_law_governs_is_the_statement(tmp_path: Path) -> None:
    [found] = find(contract().section("law"), reading_of(tmp_path, LAW))
    assert found.statement == "Governing law: Nevada"


def test_what_seldom_is_right_is_only_possible(tmp_path: Path) -> None:
    weak = [known for known in models().types if known.possible]
    assert weak
    clause = (
        "7.1 If the Supplier delivers late it shall pay, as liquidated damages and not as a penalty, $500 for each day."
    )
    [found] = [one for one in recognised(reading_of(tmp_path, clause), ["liquidated-damages"])]
    assert found.type.possible
    stated = find(contract().section("liability"), reading_of(tmp_path, clause))
    assert stated[0].statement.startswith("Possibly liquidated damages: ")


def test_a_sum_that_is_agreed_for_a_breach_is_no_limit(tmp_path: Path) -> None:
    agreed = "7.1 If the Supplier delivers late it shall pay, as liquidated damages, $500 for each day, at most $9,000."
    limit = "7.2 The total liability of the Supplier under this Agreement shall not exceed $80,000 in any year."
    found = find(contract().section("liability"), reading_of(tmp_path, agreed, limit))
    assert [(f.name, f.value) for one in found for f in one.fields if f.name.startswith("cap")] == [("cap", "80000")]
    assert found[0].statement.startswith("Possibly liquidated damages: ")


def test_a_clause_is_said_to_be_absent_only_where_nothing_comes_near(tmp_path: Path) -> None:
    without, with_it = reading_of(tmp_path, PLAIN), reading_of(tmp_path, PLAIN, LAW)
    assert surely_absent([without], ["governing-law"])
    assert not surely_absent([with_it], ["governing-law"])
    assert not surely_absent([without, with_it], ["governing-law"])
    assert not surely_absent([], ["governing-law"])
    assert not surely_absent([without], [])
    never = [known.name for known in models().types if known.absent is None]
    assert never and not surely_absent([without], never[:1])


def test_not_found_is_said_where_it_is_sure_and_not_recognised_elsewhere(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, PLAIN)
    said = {section.name: finding for finding, section in absences(contract().sections, [], [reading])}
    assert said["law"].statement == "No governing law was found"
    assert said["indemnity"].statement == "No indemnity was recognised"
    parts = {section.name: finding for finding, section in absences(contract().sections, [], [])}
    assert parts["law"].statement == "No governing law was recognised"
    assert all(isinstance(finding, Finding) and finding.confidence is None for finding in said.values())


def test_a_kind_that_names_an_unknown_clause_is_told_which_there_are(tmp_path: Path) -> None:
    folder = tmp_path / "prompts" / "own"
    folder.mkdir(parents=True)
    (folder / "kind.toml").write_text(
        'title = "Own"\n[[section]]\nname = "a"\ntitle = "A"\nquestion = "What?"\nmethod = "cues"\n'
        'clauses = ["governing-laws"]\n',
        encoding="utf-8",
    )
    section = prompts.find("own", tmp_path / "prompts").section("a")
    with pytest.raises(UsageError, match="no clause 'governing-laws'") as raised:
        find(section, reading_of(tmp_path, LAW))
    assert "governing-law, " in raised.value.try_


def test_every_clause_that_the_packaged_kind_names_has_a_model() -> None:
    named = {name for section in contract().sections for name in section.clauses}
    assert named <= names()


def test_candidates_are_ranked_by_confidence(tmp_path: Path) -> None:
    found = candidates(reading_of(tmp_path, PLAIN, LAW, INSURANCE), sorted(names()), 0.01)
    confidences = [one.confidence for one in found]
    assert confidences == sorted(confidences, reverse=True)
    assert found[0].sentence.text in (LAW, INSURANCE)


def test_features_are_words_pairs_headings_and_patterns_without_numbers() -> None:
    found = features("Payable within 30 days; governed by the laws of Ohio.", "4 Payment")
    assert {"payable", "within 00", "#payment", "=governs"} <= found
    assert not any(character in "123456789" for name in found for character in name)


def test_a_score_is_the_bias_and_the_weights_of_the_features_that_are_there() -> None:
    table = {
        "mill": {
            "title": "Mill",
            "label": "Mill",
            "found": 0.0,
            "slope": 1.0,
            "offset": 0.0,
            "absent": None,
            "possible": False,
            "bias": -1.0,
            "weights": {"flour": 2.0, "not there": 9.0},
        }
    }
    built = read(table)  # type: ignore[arg-type]
    [score] = built.scores("Flour", "")
    assert score == pytest.approx(-1.0 + 2.0 * 4 / 21**0.5)
    [nothing] = built.scores("Bran", "")
    assert nothing == -1.0


def test_a_second_sentence_must_be_likelier_than_not() -> None:
    known = ClauseType("a", "A", "A", found=-2.0, slope=1.0, offset=0.0, absent=None, possible=False)
    assert is_taken(known, -1.0, 0) and not is_taken(known, -1.0, 1)
    assert is_taken(known, 1.0, 2) and not is_taken(known, 1.0, 3)
    assert not is_taken(known, -3.0, 0)
    assert known.confidence(1e9) == pytest.approx(1.0)
