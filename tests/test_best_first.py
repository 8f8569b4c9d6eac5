"""Sections that show the best first, and what a Kind counts against a sentence in all of them."""

from pathlib import Path

import pytest

from docanalyze import pack, prompts, tokens
from docanalyze.extract import Reading, find, foremost
from docanalyze.ingest import read
from docanalyze.model import Finding, Quote, Section

KIND = """title = "Logbook"

[[cue]]
pattern = '^Note that'
weight = -3.0

[[heading]]
pattern = 'Thanks'
weight = -3.0

[[section]]
name = "weather"
title = "Weather"
question = "Which weather was met?"
method = "cues"
limit = 2
{order}

[[section.cue]]
pattern = '\\bstorm'
weight = 2.0

[[section.cue]]
pattern = '\\bwaves of\\b'
weight = 1.0

[[section.cue]]
pattern = '\\bsailors drowned\\b'
weight = 2.0
"""
LOG = """1 Log

Off the cape a storm came up from the south in the evening. The storm raised waves of nine metres on the next day.
Note that a storm with waves of ten metres is no rare thing there. In the storm with waves of ten metres two sailors
drowned near the strait.

2 Thanks

We thank the pilots of the storm for their patience with us.
"""
MILD = "Off the cape a storm came up from the south in the evening."
WAVES = "The storm raised waves of nine metres on the next day."
WORST = "In the storm with waves of ten metres two sailors drowned near the strait."


def section(tmp_path: Path, order: str) -> Section:
    (tmp_path / "kinds" / "logbook").mkdir(parents=True)
    (tmp_path / "kinds" / "logbook" / "kind.toml").write_text(KIND.format(order=order), encoding="utf-8")
    return prompts.find("logbook", tmp_path / "kinds").section("weather")


def reading(tmp_path: Path, text: str = LOG) -> Reading:
    (tmp_path / "log.txt").write_text(text, encoding="utf-8")
    document = read(str(tmp_path / "log.txt"))
    windows, _ = pack.into_windows(document, 30_000, tokens.packaged())
    return Reading(document, windows[0])


@pytest.mark.parametrize(("order", "expected"), [("", [WAVES, WORST]), ('order = "best"', [WORST, WAVES])])
def test_the_best_are_shown_in_the_order_that_the_section_wants(
    tmp_path: Path, order: str, expected: list[str]
) -> None:
    found = find(section(tmp_path, order), reading(tmp_path))
    assert [one.statement for one in found] == expected


def test_what_a_kind_counts_against_a_sentence_counts_in_its_sections(tmp_path: Path) -> None:
    said = [one.statement for one in find(section(tmp_path, ""), reading(tmp_path))]
    assert not [one for one in said if one.startswith(("Note", "We thank"))]


def test_of_several_windows_the_best_of_all_are_kept(tmp_path: Path) -> None:
    wanted = section(tmp_path, 'order = "best"')
    sure = {WAVES: 0.6, MILD: 0.5, WORST: 0.8}
    found = [Finding("weather", text, (Quote(text),), confidence=confidence) for text, confidence in sure.items()]
    assert [one.statement for one in foremost(wanted, found)] == [WORST, WAVES]


def test_an_abstract_that_is_no_heading_is_none_of_its_first_sentence(tmp_path: Path) -> None:
    first = reading(tmp_path, "Abstract We asked how rust grows in the hulls of ships.").sentences[0]
    assert first.text.startswith("We asked") and first.heading == "Abstract"
