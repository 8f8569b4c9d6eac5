"""The built-in analyst on how contracts are really worded; every wording here is our own."""

from pathlib import Path

import pytest

from docanalyze import pack, prompts, tokens
from docanalyze.extract import Reading, find
from docanalyze.extract.listed import listed
from docanalyze.extract.parties import parties
from docanalyze.ingest import read
from docanalyze.model import Finding
from tests.conftest import PAPER

LISTS = {
    "between A and B": (
        'This Supply Agreement (the "Agreement") is made as of 4 May 2021 by and between Brackwater Mills, Inc., a '
        'Delaware corporation having its office at 12 Quay Street, Suite 4, Salem, MA 01970 ("Brackwater"), and '
        'Tern & Daughters Ltd ("Buyer"). WHEREAS, Brackwater mills flour;',
        [("Brackwater Mills, Inc.", "Brackwater"), ("Tern & Daughters Ltd", "Buyer")],
    ),
    "an address before the second": (
        'entered into by and between OAK RIDGE LLC ("Oak"), 900 Harbor Boulevard, Dover, DE 19901 and WILLOW '
        'SYSTEMS, INC. ("Willow"), located at 3 Main Street. RECITALS',
        [("OAK RIDGE LLC", "Oak"), ("WILLOW SYSTEMS, INC.", "Willow")],
    ),
    "a person": (
        'made by and between Larch Holdings, Ltd (hereinafter the "Company"), a Nevada corporation whose address is '
        '5 Pine Road, Reno, NV 89501 and Ada Merrow (hereinafter the "Consultant"), an individual. WHEREAS',
        [("Larch Holdings, Ltd", "Company"), ("Ada Merrow", "Consultant")],
    ),
    "three in a row": (
        'among THE ALDER CORPORATION, a Delaware corporation (hereinafter "TAC"); ALDER SYSTEM, INC., a Delaware '
        'corporation (hereinafter "ASI") and ELM RENTALS INC., a Delaware corporation (hereinafter "ERI"). WITNESSETH',
        [("ALDER CORPORATION", "TAC"), ("ALDER SYSTEM, INC.", "ASI"), ("ELM RENTALS INC.", "ERI")],
    ),
    "without brackets": (
        "This Agreement is entered into by and between Plover Corporation and Avocet Labs, LLC.\n\nRECITALS",
        [("Plover Corporation", ""), ("Avocet Labs, LLC", "")],
    ),
    "a name in small letters": (
        'by and between drumlin.com, inc., a Texas corporation ("drumlin.com"), and Skerry Goods, Inc. ("Sponsor").',
        [("drumlin.com, inc", "drumlin.com"), ("Skerry Goods, Inc.", "Sponsor")],
    ),
    "a parent is no party": (
        'between Curlew Pte Ltd, a Singapore company (and a subsidiary of Whimbrel Industries Ltd) ("Maker") and '
        'Dunlin GmbH ("Seller").',
        [("Curlew Pte Ltd", "Maker"), ("Dunlin GmbH", "Seller")],
    ),
}


@pytest.mark.parametrize("wording", LISTS)
def test_parties_are_read_from_the_opening_list(wording: str) -> None:
    text, expected = LISTS[wording]
    found = [
        (text[p.name.start : p.name.end], text[p.alias.start : p.alias.end] if p.alias else "") for p in listed(text)
    ]
    assert found == expected


TERMS = "\n\n".join(f"{number}. Flour is delivered to the mill before noon." for number in range(1, 40))
CONTRACTS = {
    "cover, opening and signatures name the same": (
        "SUPPLY AGREEMENT\n\nbetween\n\nBRACKWATER MILLS, INC.\n\nand\n\nTERN & DAUGHTERS LTD\n\n"
        "This Supply Agreement is made as of 4 May 2021 by and between Brackwater Mills, Inc., a Delaware corporation "
        '("Brackwater"), and Tern & Daughters Ltd, an English company ("Buyer").\n\nWHEREAS, Brackwater mills flour;'
        f"\n\n{TERMS}\n\nIN WITNESS WHEREOF the parties have signed.\n\nBRACKWATER MILLS, INC.\n\nBy: /s/ A. Wren"
        "\n\nTERN & DAUGHTERS LTD\n\nBy: /s/ B. Roe\n\nSource: KNOT HOLDINGS INC, 10-K, 3/1/2022",
        ["Brackwater Mills, Inc.", "Tern & Daughters Ltd"],
    ),
    "signatures alone": (
        "JOINT FILING AGREEMENT\n\nThe undersigned agree that the statement is filed on behalf of each of them.\n\n"
        "Date: 3 March 2020\n\nKNOT HOLDINGS, LLC\n\nBy: /s/ A. Wren\nName: A. Wren\nTitle: President\n\n"
        "SANDERLING FUND, L.P.\n\nBy: /s/ A. Wren\nName: A. Wren\nTitle: President",
        ["KNOT HOLDINGS, LLC", "SANDERLING FUND, L.P."],
    ),
}


@pytest.mark.parametrize("wording", CONTRACTS)
def test_each_party_is_named_once_wherever_it_stands(wording: str) -> None:
    text, expected = CONTRACTS[wording]
    found = parties(text)
    assert [text[party.name.start : party.name.end] for party in found] == expected
    assert all(party.confidence > 0.5 for party in found)


@pytest.mark.parametrize("text", ["", "between", 'and (the "X")', "by and between " + "A " * 5_000, "(" * 20_000])
def test_text_without_parties_names_none(text: str) -> None:
    assert listed(text) == []
    assert parties(text) == []


def found_in(tmp_path: Path, section: str, *clauses: str) -> list[Finding]:
    """What one Section of the contract Kind finds in a contract of these clauses."""
    opening = 'This Agreement is between Ruff Mills Inc. ("Supplier") and Godwit Ltd ("Customer").'
    path = tmp_path / "contract.txt"
    path.write_text("\n\n".join(["SUPPLY AGREEMENT", opening, *clauses]), encoding="utf-8")
    document = read(str(path))
    windows, _ = pack.into_windows(document, 100_000, tokens.packaged())
    return find(prompts.find("contract").section(section), Reading(document, windows[0]))


def statements(findings: list[Finding]) -> list[str]:
    return [finding.statement for finding in findings]


def test_a_denied_duty_is_never_stated_without_its_denial(tmp_path: Path) -> None:
    said = statements(
        found_in(
            tmp_path,
            "obligations",
            "Neither Supplier nor Customer shall disclose the prices to anybody.",
            "No sample that Supplier delivers, nor any copy that Customer keeps, shall return to the laboratory.",
        )
    )
    assert said == ["Neither Supplier nor Customer shall disclose the prices to anybody"]


@pytest.mark.parametrize(
    "clause",
    [
        "A notice to Supplier shall be sent by courier within two days.",
        "If Customer shall fail to return the crates, clause 9 applies.",
        "If the Customer shall fail to pay for the crates, clause 9 applies.",
        "Payment details, including Tax Identification Number will be included on each invoice.",
        "Supplier shall be entitled to interest.",
        "The headings shall not affect the reading of this contract.",
        "Such a report from Customer shall not relieve anybody.",
    ],
)
def test_what_binds_nobody_is_no_obligation(tmp_path: Path, clause: str) -> None:
    assert statements(found_in(tmp_path, "obligations", clause)) == []


@pytest.mark.parametrize(
    ("clause", "who"),
    [
        ("From the Effective Date the Supplier shall deliver the flour.", "the Supplier"),
        ("During the Initial Term the Supplier shall pay the freight.", "the Supplier"),
        ("LAYTIME AND DEMURRAGE Supplier shall give notice of arrival.", "Supplier"),
        ("As specified in this Agreement Customer shall pay the rates.", "Customer"),
        ("RUFF/GODWIT will provide technical expertise.", "RUFF/GODWIT"),
        ("SUPPLIER AND CUSTOMER shall cooperate.", "SUPPLIER AND CUSTOMER"),
        ("Each Other Supplier shall pay the freight.", "Each Other Supplier"),
    ],
)
def test_who_is_bound_is_named_without_the_words_before(tmp_path: Path, clause: str, who: str) -> None:
    (finding,) = found_in(tmp_path, "obligations", clause)
    assert [field.written for field in finding.fields if field.name == "who"] == [who]


@pytest.mark.parametrize(
    ("clause", "deadline"),
    [
        ("Supplier shall deliver the flour within ten (10) days of each order.", ("10", "days")),
        ("Customer shall keep records for at least six years.", ("6", "years")),
        ("Supplier shall man the telephone at least 40 hours each week.", None),
        ("Customer shall promptly inspect every delivery.", (None, "")),
    ],
)
def test_a_deadline_is_a_time_that_something_is_due_by(
    tmp_path: Path, clause: str, deadline: tuple[str | None, str] | None
) -> None:
    (finding,) = found_in(tmp_path, "obligations", clause)
    found = [(field.value, field.unit) for field in finding.fields if field.name == "by_when"]
    assert found == ([deadline] if deadline else [])


@pytest.mark.parametrize(
    ("clause", "statement"),
    [
        ("This Agreement is made on 3 March 2021.", "Date of the contract: 3 March 2021"),
        (
            'The work begins on 3 March 2021 (the "Launch Date") at the mill.',
            "Launch date 3 March 2021: The work begins",
        ),
        ("This Agreement continues until 3 March 2021.", "End 3 March 2021: This Agreement continues"),
        ("The Term begins on the Effective Date and concludes on 3 March 2021.", "End 3 March 2021: The Term begins"),
        ("Termination Date: 3 March 2021 (for the first order)", "End 3 March 2021: Termination Date"),
        (
            'The parties signed a certain Lease Agreement dated 3 March 2021 (the "Lease").',
            "Date of a document named 3 March 2021: The parties signed",
        ),
        ("Supplier shall deliver no later than 3 March 2021.", "Deadline 3 March 2021: Supplier shall deliver"),
        ("Supplier shall deliver by the end of 3 March 2021.", "Deadline 3 March 2021: Supplier shall deliver"),
        (
            "The plan that was approved by the lead of the project at Godwit names 3 March 2021 for the mill.",
            "3 March 2021: The plan that was approved",
        ),
        ("The mill burnt on 3 March 2021 to its foundations.", "3 March 2021: The mill burnt"),
    ],
)
def test_a_date_is_stated_with_what_it_is_of(tmp_path: Path, clause: str, statement: str) -> None:
    (finding,) = found_in(tmp_path, "dates", clause)
    assert finding.statement.startswith(statement)
    assert finding.fields[0].value == "2021-03-03"


@pytest.mark.parametrize("clause", ["5.1.11 Customer shall pay the freight.", "Source: GODWIT LTD, 10-K, 3/22/2021"])
def test_clause_numbers_and_filing_stamps_are_no_dates(tmp_path: Path, clause: str) -> None:
    assert found_in(tmp_path, "dates", clause) == []


def test_a_paper_is_read_section_by_section(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PAPER, encoding="utf-8")
    document = read(str(tmp_path / "a.txt"))
    windows, _ = pack.into_windows(document, 30_000, tokens.packaged())
    reading = Reading(document, windows[0])
    said = {s.name: find(s, reading) for s in prompts.find("paper").sections}
    expected = {
        "question": "This paper investigates how humidity in the hull changes the rate of rust.",
        "contributions": "We present a sensor that measures rust without touching it.",
        "method": "We measured the thickness of each hull twice, twelve months apart.",
        "data": "The dataset contains 1,344 readings from 48 ships of three yards.",
        "results": "We found that damp hulls lost 0.41 mm a year and dry ones 0.12 mm (p < 0.01).",
        "limitations": "All ships sailed in warm water.",
        "assumptions": "We assume that the paint of all ships is the same.",
        "reproduction": "The code and the readings are available at https://example.org/rust.",
        "open": "Future work should study cold seas.",
    }
    assert {name: text for name, text in expected.items() if text not in [f.statement for f in said[name]]} == {}
    everything = " ".join(f.statement for found in said.values() for f in found)
    assert "0.9 mm" not in everything, "what others found is no result of this paper"
    (result,) = [f for f in said["results"] if f.statement == expected["results"]]
    assert [field.value for field in result.fields] == ["0.41", "0.12", "0.01"]
    (data,) = said["data"]
    assert data.fields[0].value == "1344"
