"""What a statement says that its quote does not, and nothing that could be wrong is hidden."""

import pytest

from docanalyze.report.said import own_words, spoken, without_title

QUOTE = "2.1 Neither party may assign this Agreement without consent; the fee is 1.5% a year."


@pytest.mark.parametrize(
    ("statement", "own"),
    [
        ("Neither party may assign this Agreement without consent; the fee is 1.5% a year.", ""),
        ("Neither party may assign this Agreement without con-sent; the fee is 1.5% a year", ""),
        ("Neither party may assign …", ""),
        ("… without consent; the fee is 1.5% a year.", ""),
        ("Assignment: Neither party may assign this Agreement without consent …", "Assignment"),
        ('"without consent": Neither party may assign this Agreement without consent …', '"without consent"'),
        ("Neither party may assign this Agreement without consent; the fee is 15% a year.", "all"),
        ("Neither party may assign this Agreement without consent; the fee is -1.5% a year.", "all"),
        ("Neither party may", "all"),
        ("ither party may assign this Agreement without consent; the fee is 1.5% a year.", "all"),
        ("The fee is low", "all"),
        ("", "all"),
        (": ", "all"),
    ],
)
def test_only_what_the_quote_says_is_left_to_it(statement: str, own: str) -> None:
    assert own_words(statement, QUOTE) == (statement if own == "all" else own)


def test_a_title_is_told_from_what_it_stands_over() -> None:
    assert without_title(f"Assignment: {QUOTE}", QUOTE) == ("Assignment", QUOTE)
    assert without_title(QUOTE, QUOTE) == ("", QUOTE)
    assert without_title("The meeting begins at 10:30", QUOTE) == ("", "The meeting begins at 10:30")


def test_numbers_keep_their_signs_and_points() -> None:
    assert spoken("-5% is not 5%, nor 1,250.50 or §3.2(a)") == "-5 is not 5 nor 1,250.50 or 3.2 a"
    assert spoken("pages 3-5 of a suc-cessive term") == "pages 3 5 of a successive term"
