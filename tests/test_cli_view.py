"""What the terminal shows of a Finding."""

from dataclasses import replace

import pytest

from docanalyze.cli import view
from docanalyze.model import Evidence, Label, Match, Verdict
from tests.report_material import PARAGRAPHS, agreement

LAW = PARAGRAPHS[13][3]


def shown(capsys: pytest.CaptureFixture[str], evidence: Evidence, label: Label) -> str:
    run, document = agreement()
    finding = replace(run.findings[11], evidence=(evidence,), verdicts=(Verdict("rules", label),))
    view.show_findings(replace(run, findings=(finding,)), run, document, full=False)
    return " ".join(capsys.readouterr().out.split())


def test_a_quote_that_its_statement_shows_is_not_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = agreement()
    assert shown(capsys, run.findings[11].evidence[0], Label.QUOTED).count(LAW) == 1


def test_a_refused_quote_is_told_though_the_statement_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    gone = Evidence(LAW, (), Match.MISSING, 0.0, occurrences=0, reason="no text is close to it")
    text = shown(capsys, gone, Label.UNSUPPORTED)
    assert "refused, not in the document (no text is close to it)" in text and text.count(LAW) == 2


def test_a_corrected_quote_is_told_though_the_statement_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = agreement()
    corrected = replace(run.findings[11].evidence[0], match=Match.FUZZY, score=0.95)
    assert "(corrected: the source's words)" in shown(capsys, corrected, Label.QUOTED)
