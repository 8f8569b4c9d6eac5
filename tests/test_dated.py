"""The date that a contract bears, and whose law it names."""

from pathlib import Path

import pytest

from docanalyze import pack, tokens
from docanalyze.extract import Reading
from docanalyze.extract.dated import contract_date
from docanalyze.ingest import read
from docanalyze.language import dates
from docanalyze.language.jurisdictions import law_of

PLAIN = "The Supplier delivers flour to the mill on every working day of the week, before noon."


@pytest.mark.parametrize(
    ("opening", "wanted"),
    [
        (
            "This Supply Agreement is made on 14 March 2025 and takes effect on 1 April 2025 between A and B.",
            "2025-03-14",
        ),
        (
            'THIS AGREEMENT is entered into as of May 29, 2018 (the "Effective Date") by and between A and B.',
            "2018-05-29",
        ),
        ('THIS AGREEMENT is effective as of May 29, 2018 (the "Effective Date") by and between A and B.', "2018-05-29"),
        (
            "This Agreement amends that certain Lease dated May 1, 2001 and is made this 3rd day of June, 2004.",
            "2004-06-03",
        ),
        ("WHEREAS the parties entered into an agreement dated May 1, 2001;", None),
        ("May 3, 2016\n\nLICENCE AGREEMENT\n\nThis licence is granted by A to B.", "2016-05-03"),
        ("The mill burnt on 3 March 2021 to its foundations, and was built up again by the Supplier.", None),
        ("AGREEMENT\n\nSource: RUFF MILLS INC, 10-K, 12/27/2019", None),
        (f"{PLAIN}\n\nIN WITNESS WHEREOF the parties have signed on the 7th day of April, 2020.", "2020-04-07"),
        (f"{PLAIN}\n\nBy: /s/ A. Wren\n\nDate: 26 April 2017\n\nBy: /s/ B. Roe\n\nDate: 28 April 2017", "2017-04-28"),
        ("THIS AGREEMENT shall be effective as of Dec. 8, 2005 by and between A and B.", "2005-12-08"),
        ("SUPPLY AGREEMENT May 21, 2015 Ruff Mills Inc. 12 Quay Street", "2015-05-21"),
        ("The Trust Indenture dated as of May 1, 2001 between A and B stays in force.", None),
        (f"{PLAIN}\n\nBy: /s/ A. Wren\n\n4/24/2018 Date\n\nANNEX\n\n" + f"{PLAIN}\n\n" * 200, "2018-04-24"),
    ],
)
def test_the_date_that_the_contract_bears(tmp_path: Path, opening: str, wanted: str | None) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{opening}\n\n{PLAIN}\n", encoding="utf-8")
    document = read(str(path))
    windows, _ = pack.into_windows(document, 100_000, tokens.packaged())
    found = contract_date(Reading(document, windows[0]))
    assert (found.value.value if found else None) == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("the 16t h day of May, 2017", "2017-05-16"),
        ("dated March 12,1999", "1999-03-12"),
        ("this 16 day of August. 2012", "2012-08-16"),
        ("effective as of _Dec. 8, 2005", "2005-12-08"),
    ],
)
def test_dates_that_came_out_of_a_page_apart(words: str, wanted: str) -> None:
    assert [value.value for value in dates(words)] == [wanted]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("governed by the laws of the State of Delaware", ("Delaware", "Delaware")),
        ("GOVERNED BY THE LAWS OF THE STATE OF NEW\nYORK WITHOUT REGARD", ("NEW\nYORK", "New York")),
        ("This Agreement is governed by English law.", ("English", "England")),
        ("subject to California law", ("California", "California")),
        (
            "the law in force in the People’s Republic of China",
            ("People’s Republic of China", "People's Republic of China"),
        ),
        ("a company organised under the laws of Delaware, governed by Irish law", ("Irish", "Ireland")),
        ("comply with all applicable laws", None),
    ],
)
def test_whose_law(words: str, wanted: tuple[str, str] | None) -> None:
    assert law_of(words) == wanted
