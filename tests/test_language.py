"""Sentences, the matching key, what must not change, typed values, search."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docanalyze.language import (
    Bm25,
    TermIndex,
    amounts,
    criticals,
    cue_score,
    dates,
    durations,
    find_term,
    measures,
    normalise,
    percentages,
    sentences,
    stem,
    words,
)
from docanalyze.language.lexical import spelled_numbers
from docanalyze.language.values import Value
from docanalyze.model import Cue

# -- sentences -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It rains. It pours.", ["It rains.", "It pours."]),
        ("3.2 Payment. The Customer shall pay.", ["3.2 Payment. The Customer shall pay."]),
        ("(a) Acme Inc. shall pay under Sec. 4.1 hereof.", ["(a) Acme Inc. shall pay under Sec. 4.1 hereof."]),
        ("See No. 5 below. Then stop.", ["See No. 5 below.", "Then stop."]),
        ("  padded.  \n", ["padded."]),
        ("7.", ["7."]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[s.start : s.end] for s in sentences(text)] == parts


@given(st.text(max_size=300))
def test_sentences_are_in_order_trimmed_and_lose_no_word(text: str) -> None:
    found = sentences(text, 7)
    assert all(a.end <= b.start for a, b in pairwise(found))
    kept = "".join(text[s.start - 7 : s.end - 7] for s in found)
    assert "".join(kept.split()) == "".join(text.split())


# -- the key ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the  agree-\nment", "the agreement"),
        ("“Supplier’s”", '"supplier\'s"'),
        ("\ufb01nal o\ufb03ce", "final office"),
        ("a\u00a0b\u200b\u202ec", "a bc"),
        ("1990–1995", "1990-1995"),
        ("caf\u00e9", "cafe\u0301"),
        ("Non-\nDisclosure", "non-disclosure"),
        ("５０", "50"),
    ],
)
def test_what_printing_changes_is_equal(one: str, other: str) -> None:
    assert normalise(one).text == normalise(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [("10²", "102"), ("½", "1/2"), ("①", "1"), ("1.5", "15"), ("1,5", "1.5"), ("$5", "€5"), ("-5", "5")],
)
def test_what_changes_meaning_stays_different(one: str, other: str) -> None:
    assert normalise(one).text != normalise(other).text


@given(st.text(max_size=200))
def test_the_key_leads_back_to_its_source(text: str) -> None:
    key = normalise(text)
    assert len(key.map) == len(key.text) + 1
    assert list(key.map) == sorted(key.map)
    assert key.map[len(key.text)] == len(text)
    for character, place in zip(key.text, key.map, strict=False):
        if character.isascii() and character.isalnum() and text[place].isascii():
            assert text[place].lower() == character


@given(st.text(max_size=200))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    once = normalise(unicodedata.normalize("NFC", text)).text
    assert normalise(once).text.strip() == normalise(normalise(once).text).text.strip()


# -- criticals -------------------------------------------------------------------------------------


def test_criticals_of_a_clause() -> None:
    found = criticals("The Supplier shall not pay Acme more than US$1,000.50, or 5%, within thirty (30) days.")
    assert found.numbers == ("30", "30", "5%", "US$1000.50")
    assert found.negations == ("not",)
    assert found.modals == ("shall",)
    assert {"supplier", "acme"} <= set(found.names)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ninety-five", [95]),
        ("two hundred and three thousand", [203000]),
        ("five five", [5, 5]),
        ("one million million", [1000000]),
        ("hundred", []),
    ],
)
def test_numbers_written_as_words(text: str, values: list[int]) -> None:
    assert spelled_numbers(text) == values


# -- values ----------------------------------------------------------------------------------------


def pairs(values: list[Value]) -> list[tuple[str | None, str]]:
    return [(value.value, value.unit) for value in values]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("June 12, 2019", "2019-06-12"),
        ("12 June 2019", "2019-06-12"),
        ("12th day of June, 2019", "2019-06-12"),
        ("2019-06-12", "2019-06-12"),
        ("25/12/2019", "2019-12-25"),
        ("3/4/2019", None),
        ("4/4/2019", "2019-04-04"),
        ("12.06.2019", "2019-06-12"),
        ("June 2019", "2019-06"),
        ("31 February 2019", None),
        ("Sept. 3, 2021", "2021-09-03"),
    ],
)
def test_dates(text: str, value: str | None) -> None:
    [found] = dates(f"made on {text} by")
    assert (found.written, found.value) == (text, value)


@pytest.mark.parametrize("text", ["it may 2 of the", "the ____ day of", "version 1.2.3", "may not", "10-12"])
def test_no_dates(text: str) -> None:
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$1,234.56", "1234.56", "$"),
        ("USD 1.2 million", "1200000", "USD"),
        ("EUR 500.000,00", "500000", "EUR"),
        ("£3bn", "3000000000", "GBP"),
        ("five hundred thousand dollars ($500,000)", "500000", "$"),
        ("US$ 5 million", "5000000", "USD"),
        ("10,000 euros", "10000", "EUR"),
        ("two million US dollars", "2000000", "USD"),
        ("$ 1.234", None, "$"),
    ],
)
def test_amounts(text: str, value: str | None, unit: str) -> None:
    [found] = amounts(f"pays {text} then")
    assert (found.written, found.value, found.unit) == (text, value, unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("thirty (30) days", "30", "days"),
        ("five business days", "5", "business days"),
        ("10 (ten) working days", "10", "business days"),
        ("two years", "2", "years"),
        ("12-month", "12", "months"),
        ("one hundred and twenty (120) days", "120", "days"),
    ],
)
def test_durations(text: str, value: str, unit: str) -> None:
    [found] = durations(f"within {text} of")
    assert (found.written, found.value, found.unit) == (text, value, unit)


def test_percentages() -> None:
    assert pairs(percentages("1.5% and ten percent (10%), five per cent")) == [("1.5", "%"), ("10", "%"), ("5", "%")]


def test_measures_have_their_units() -> None:
    text = "It wrote 63.9 tokens per second, 2.8 times faster, in 6,912 MB; 23 hulls lost 0.4 mm a year (Table 2.1)."
    expected = [("63.9", "tokens per second"), ("2.8", "times faster"), ("6912", "MB"), ("0.4", "mm a year")]
    assert pairs(measures(text)) == expected
    assert [value.written for value in measures("(M=4.75, N=20, p<0.01)")] == ["M=4.75", "N=20", "p<0.01"]
    assert [value.written for value in measures("53.1% of 128K and 1,344 rows")] == ["53.1%", "1,344"]


@pytest.mark.parametrize(
    "text",
    [
        "In the 1990s and the 80s",
        "In 2019 twice a year",
        "on 3 May 2019 g",
        "A 3 x 3 kernel",
        "Chapter 3 V",
        "Appendix 2 m",
        "Tables 3 and 4",
    ],
)
def test_numbers_without_a_unit_are_no_measures(text: str) -> None:
    assert measures(text) == []


def test_a_bound_is_no_value() -> None:
    assert [value.value for value in measures("p<0.01, N=20")] == [None, "20"]


@given(st.text(alphabet="0123456789.,$€ -()abonethufivdayspr%/\n", max_size=400))
def test_values_are_verbatim_and_apart(text: str) -> None:
    for read in (dates, amounts, durations, percentages, measures):
        found = read(text)
        assert all(text[v.span.start : v.span.end] == v.written for v in found)
        assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@pytest.mark.parametrize("hostile", ["1," * 30_000, "five " * 15_000, "one hundred and " * 4_000, "-\n" * 30_000])
def test_hostile_runs_end(hostile: str) -> None:
    """The gate's time limit is what fails here if an expression backtracks without bound."""
    for read in (dates, amounts, durations, percentages, measures, normalise, criticals):
        read(hostile)


# -- search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("governs", "governed"),
        ("terminate", "termination"),
        ("parties", "party"),
        ("assigning", "assigns"),
        ("pay", "pays"),
    ],
)
def test_stems_agree(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words() -> None:
    assert words("The Supplier’s 30 days") == ["the", "supplier's", "30", "days"]


def test_terms_are_found_by_stem_as_whole_words() -> None:
    text = "It governs. Governing\nlaw; law governing, lawful"
    assert [text[s.start : s.end] for s in find_term(text, "governing law")] == ["Governing\nlaw"]
    assert len(TermIndex(text).find("govern")) == 3
    assert find_term(text, "") == [] == find_term("", "law")


def test_cues_add_up_over_line_ends() -> None:
    cues = (Cue(r"shall\b.{0,9}pay", 2.0), Cue("tax", -0.5), Cue("never", 9.0))
    assert cue_score(cues, "SHALL\nthen PAY the tax") == 1.5


def test_bm25_ranks_the_rarer_word_higher() -> None:
    index = Bm25(["the cat sat", "the dog sat", "the cat and the aardvark", ""])
    assert [place for place, _ in index.rank("aardvark cats", 9)] == [2, 0]
    assert index.rank("zebra", 9) == []
    assert len(index.rank("the", 2)) == 2
