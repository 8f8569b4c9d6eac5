"""What the report says, in both forms, and how it is written to a folder."""

import re
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from docanalyze.errors import StoreUnwritable
from docanalyze.model import (
    CallState,
    Document,
    Evidence,
    FieldKind,
    Fingerprint,
    Label,
    Match,
    Note,
    Run,
    RunState,
    Verdict,
)
from docanalyze.report import contents, html, markdown, write
from docanalyze.report.plain import moment, ranges, titled
from docanalyze.report.quotes import whole
from tests.report_material import PARAGRAPHS, SECTIONS, agreement

Render = Callable[[Run, Document], str]


def words(report: str) -> str:
    """A report's words alone, in order, whichever form it has, without the page's list of contents, its
    filter and the document's own text beside it."""
    if report.startswith("<!DOCTYPE"):
        report = re.sub(r"<(style|nav|script|form|aside)\b.*?</\1>", "", report, flags=re.DOTALL)
        report = re.sub(r"</?(span|mark|a|strong|code|summary)\b[^>]*>", "", report)
        report = re.sub(r"<[^>]*>", " ", report)
    else:
        report = re.sub(r"\\(?=[^A-Za-z0-9\s])|[*>\u2060]|(?m:^#+ )", "", report)
    return re.sub(r"\s+", " ", unescape(report))


def part(report: str, start: str, end: str) -> str:
    """The words from the first `start` to the `end` after it."""
    text = words(report)
    first = text.index(start)
    return text[first : text.index(end, first)]


@pytest.fixture(params=[markdown, html], ids=["markdown", "html"])
def render(request: pytest.FixtureRequest) -> Render:
    """Each form of the report in turn."""
    form: Render = request.param
    return form


def only(number: int, run: Run) -> Run:
    """The Run with that Finding alone."""
    return replace(run, findings=tuple(f for f in run.findings if f.number == number))


# -- top -------------------------------------------------------------------------------------------


def test_the_top_says_what_was_done(render: Render) -> None:
    text = words(render(*agreement()))
    for said in ("halden-services.pdf", "Contract", "checked by rules", "14 March 2027, 10:22 UTC", "done"):
        assert said in text
    assert "No model was used." in text
    assert "elsewhere it is not calibrated" in text


def test_a_model_is_named_and_the_notice_is_gone(render: Render) -> None:
    run, document = agreement()
    text = words(render(replace(run, analyst="big-model-q8", judge="judge-7b"), document))
    assert "analysed by big-model-q8" in text
    assert "judged by judge-7b" in text
    assert "No model was used" not in text


def test_an_unfinished_run_says_so_on_top(render: Render) -> None:
    run, document = agreement()
    text = words(render(replace(run, state=RunState.FAILED, error="the disk is full"), document))
    assert "did not end; its state is “failed”: the disk is full." in text


def test_verdicts_are_counted(render: Render) -> None:
    text = part(render(*agreement()), "14 findings in 9 of 10 sections", "Parties")
    counts = {"supported": 1, "quoted": 4, "consistent": 3, "partly": 1, "review": 2, "unjudged": 1}
    for name, count in counts.items():
        assert re.search(rf"\b{count} \S {name}|\S {name} \| {count}\b", text), name
    assert "1 quote refused" in text


def test_facts_stand_on_top_with_their_places(render: Render) -> None:
    text = part(render(*agreement()), "1 quote refused", "Findings")
    for said in ("Halden Mill Ltd", "Customer", "made on 1 March 2027 between", "fee of £ 48,500.00 for", "p. 2, §4.1"):
        assert said in text


def test_facts_come_from_no_refuted_finding(render: Render) -> None:
    run, document = agreement()
    refuted = Verdict("judge-7b", Label.CONTRADICTED)
    run = replace(run, findings=tuple(replace(f, verdicts=(refuted,)) for f in run.findings))
    assert "Amounts" not in words(render(run, document))


def test_a_field_without_a_value_is_no_fact(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[5]
    unknown = replace(finding.fields[0], value=None, kind=FieldKind.DATE)
    run = replace(run, findings=(replace(finding, fields=(unknown,)),))
    assert "£ 48,500.00 (" not in part(render(run, document), "1 finding in", "Findings")


# -- findings --------------------------------------------------------------------------------------


def test_sections_stand_in_the_order_asked(render: Render) -> None:
    text = part(render(*agreement()), " Findings ", "Coverage")
    places = [text.index(f" {title} ") for _, title in SECTIONS]
    assert places == sorted(places)
    assert "Insurance No findings. Governing law" in text


def test_a_quote_is_marked_in_its_sentence() -> None:
    run, document = agreement()
    assert "between <mark>Halden Mill Ltd</mark>, a company" in html(run, document)
    assert "between **Halden Mill Ltd**, a company" in markdown(run, document)


def test_each_part_of_an_ellipsis_is_marked() -> None:
    page = html(*agreement())
    assert "and <mark>interest on late sums</mark> accrues" in page
    assert "a year <mark>above the base rate</mark>." in page


def test_a_finding_shows_place_fields_reason_and_confidence(render: Render) -> None:
    run, document = agreement()
    text = part(render(only(5, run), document), "Notice against renewal", "Coverage")
    for said in (
        "p. 1, §2.1",
        "word for word",
        "these words stand in 2 places",
        "not where the analyst pointed",
        "ninety (90) days = 90 days",
        "rules: “sixty” is not in the quote",
        "Conflict: notice: 90 days (window 1), 60 days (window 2)",
        "confidence 0.55, not calibrated",
    ):
        assert said in text


def test_a_calibrated_confidence_is_not_called_uncalibrated(render: Render) -> None:
    run, document = agreement()
    text = part(render(only(8, run), document), "Confidential information stays", "Coverage")
    assert "confidence 0.77" in text
    assert "not calibrated" not in text


def test_a_corrected_quote_shows_the_words_of_the_source(render: Render) -> None:
    run, document = agreement()
    report = render(only(7, run), document)
    text = words(report)
    assert "corrected: these are the document’s words (likeness 0.93)" in text
    assert re.search("wording, which is not in the document: “?pay every undisputed", text)
    assert text.count("pay every") == 1
    assert re.search(r"(<mark>|\*\*)pay each undisputed invoice within thirty \(30\) days", report)


def test_a_refused_quote_is_never_evidence(render: Render) -> None:
    run, document = agreement()
    given = "either party may assign this Agreement to an Affiliate"
    text = words(render(run, document))
    assert text.count(given) == 1
    assert given not in part(render(run, document), " Findings ", "Not found in the document These quotes")
    assert given in part(render(run, document), "Not found in the document These quotes", "Coverage")
    assert "Refused: no text of the document is close to it" in text
    assert "1 statement without a quote in the document: see" in text


def test_a_finding_without_a_quote_that_stands_is_apart_from_the_others(render: Render) -> None:
    run, document = agreement()
    statement = "Assignment is free within a group of companies"
    assert statement not in part(render(run, document), " Findings ", "Not found in the document These quotes")
    assert statement in part(render(run, document), "Not found in the document These quotes", "Coverage")
    assert "14 findings in 9 of 10 sections" in words(render(run, document))


def test_a_refused_quote_beside_one_that_stands_is_told_at_the_finding(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[0]
    gone = Evidence("which it never says", (), Match.MISSING, 0.0, occurrences=0, reason="no text is close to it")
    run = replace(run, findings=(replace(finding, evidence=(*finding.evidence, gone)),))
    report = render(run, document)
    found = part(report, " Findings ", "Not found in the document These quotes")
    assert "Halden Mill Ltd is the Customer" in found and "which it never says" not in found
    assert "1 quote given for this is not in the document" in found
    apart = part(report, "Not found in the document These quotes", "Coverage")
    assert "Finding 1" in apart and "which it never says" in apart and "Refused: no text is close to it" in apart


def test_a_missing_quote_with_a_place_is_refused_all_the_same(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[0]
    evidence = replace(finding.evidence[0], match=Match.MISSING)
    report = render(replace(run, findings=(replace(finding, evidence=(evidence,)),)), document)
    assert "a company registered in England" not in words(report)
    assert "Given as a quote: " in words(report)
    assert "Halden Mill Ltd" not in part(report, "Overview", " Findings ")


def test_an_absence_shows_what_was_searched(render: Render) -> None:
    run, document = agreement()
    text = part(render(only(14, run), document), "No exclusion of indirect loss", "Coverage")
    assert f"Searched: {len(document.text):,} characters, the whole text" in text
    assert "“liability”: 2 hits (p. 3, §11; p. 3, §11.2)" in text
    assert "No hit: “indirect”, “consequential”" in text


def test_a_later_verdict_decides_and_the_earlier_one_is_kept(render: Render) -> None:
    run, document = agreement()
    text = words(render(only(2, run), document))
    assert "✓ supported" in text
    assert "judge-7b, probability 0.97: the sentence names it as a party" in text
    assert "before that, rules: every number, date, name and negation is in the quote, quoted" in text


def test_no_verdict_is_unjudged(render: Render) -> None:
    run, document = agreement()
    run = replace(run, findings=(replace(run.findings[0], verdicts=()),))
    assert "unjudged" in words(render(run, document))


def test_a_statement_that_is_its_quote_is_said_once(render: Render) -> None:
    run, document = agreement()
    law = PARAGRAPHS[13][3]
    assert part(render(only(12, run), document), " Parties No findings", "Coverage").count(law) == 1


def test_under_a_title_the_words_of_the_quote_are_said_once(render: Render) -> None:
    run, document = agreement()
    law = PARAGRAPHS[13][3]
    run = replace(run, findings=(replace(run.findings[11], statement=f"Whose law governs: {law[:40]} …"),))
    text = part(render(run, document), " Parties No findings", "Coverage")
    assert text.count("This Agreement is governed by") == text.count("Whose law governs") == 1


def test_a_doubted_statement_is_shown_as_it_was_said(render: Render) -> None:
    run, document = agreement()
    for label in (Label.CONTRADICTED, Label.PARTLY, Label.REVIEW, Label.UNSUPPORTED):
        doubted = replace(run.findings[11], statement=PARAGRAPHS[13][3], verdicts=(Verdict("judge", label),))
        text = part(render(replace(run, findings=(doubted,)), document), " Parties No findings", "Coverage")
        assert text.count(PARAGRAPHS[13][3]) == 2, label


def test_a_statement_of_few_of_the_words_of_its_quote_stands_beside_it(render: Render) -> None:
    run, document = agreement()
    run = replace(run, findings=(replace(run.findings[11], statement="England and Wales"),))
    text = part(render(run, document), " Parties No findings", "Coverage")
    assert text.count("England and Wales") == 2


def test_a_quote_of_part_of_its_statement_is_shown_beside_it(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[11]
    evidence = replace(finding.evidence[0], match=Match.FUZZY)
    run = replace(run, findings=(replace(finding, evidence=(evidence,)),))
    assert part(render(run, document), " Parties No findings", "Coverage").count(PARAGRAPHS[13][3]) == 3


def test_a_word_broken_at_a_line_end_is_shown_whole(render: Render) -> None:
    text = words(render(*agreement()))
    assert "Confidential Information secret" in text and "Informa-tion" not in text


def test_a_hyphen_that_may_be_the_words_own_stays() -> None:
    _, document = agreement(" A zygomorph third-party quillhaven.")
    assert whole("zygo-\nmorph", document) == "zygomorph", "the document has it"
    assert whole("third-\nparty", document) == "third-\nparty", "the document has it with its hyphen"
    assert whole("suc-\ncessive", document) == "successive", "a word that everybody knows"
    assert whole("quill-\nmoor", document) == "quill-\nmoor", "nobody knows it"


def test_evidence_without_a_sentence_shows_its_own_words(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[0]
    run = replace(run, findings=(replace(finding, evidence=(replace(finding.evidence[0], sentence=None),)),))
    text = part(render(run, document), "Halden Mill Ltd is the Customer", "p. 1")
    assert "a company registered" not in text


def test_a_field_that_is_not_in_its_quote_says_so(render: Render) -> None:
    run, document = agreement()
    finding = run.findings[3]
    gone = Evidence("three (3) years", (), Match.MISSING)
    field = replace(finding.fields[0], evidence=gone)
    text = words(render(replace(run, findings=(replace(finding, fields=(field,)),)), document))
    assert "three (3) years = 3 years (not found in the quote)" in text


# -- what was not done -----------------------------------------------------------------------------


def test_a_failed_call_does_not_look_like_an_empty_section(render: Render) -> None:
    run, document = agreement()
    calls = tuple(
        replace(call, state=CallState.FAILED, reply=None, error="the server closed the connection")
        if call.section == "insurance"
        else call
        for call in run.calls
    )
    text = words(render(replace(run, calls=calls), document))
    assert "Insurance Failed: the server closed the connection." in text
    assert "No findings" not in text


def test_a_section_that_has_not_all_is_called_incomplete(render: Render) -> None:
    run, document = agreement()
    notes = (Note("incomplete", "Insurance, window 1: the answer was cut 5 times"), *run.notes)
    text = words(render(replace(run, notes=notes), document))
    assert "Insurance Incomplete: the answer was cut 5 times" in text
    assert text.count("Incomplete:") == 1


def test_a_section_that_was_not_reached_says_so(render: Render) -> None:
    run, document = agreement()
    run = replace(run, calls=(), findings=(), state=RunState.ANALYZING)
    text = words(render(run, document))
    assert "Not analysed." in text
    assert "0 findings in 0 of 10 sections" in text


def test_a_finding_of_an_unknown_section_is_not_lost(render: Render) -> None:
    run, document = agreement()
    run = replace(run, findings=(replace(run.findings[0], section="elsewhere"),))
    assert "Halden Mill Ltd is the Customer" in part(render(run, document), "elsewhere", "Coverage")


# -- coverage and provenance -----------------------------------------------------------------------


def test_the_receipt_counts_pages_characters_and_windows(render: Render) -> None:
    run, document = agreement()
    assert run.coverage
    text = part(render(run, document), "Coverage ", "Notes of reading")
    for said in (
        "4 pages in the file, 3 read",
        "p. 4: an image without text",
        f"{run.coverage.chars_in:,} characters",
        "94.8 % of the text",
        "running head or page number",
        "pp. 1-2",
        "119,304",
        "512",
        "pp. 1-3",
    ):
        assert said in text


def test_nearly_all_is_not_called_all(render: Render) -> None:
    run, document = agreement()
    assert run.coverage
    many, one = run.coverage.parts[3], run.coverage.parts[-1]
    parts = (*([many] * 1000), replace(one, span=replace(one.span, end=one.span.start + 1)))
    assert "99.9 % of the text" in words(render(replace(run, coverage=replace(run.coverage, parts=parts)), document))


def test_a_run_without_a_receipt_says_so(render: Render) -> None:
    run, document = agreement()
    text = words(render(replace(run, coverage=None, windows=()), document))
    assert "was not recorded" in text


def test_notes_of_reading_and_of_the_run_are_shown(render: Render) -> None:
    run, document = agreement()
    run = replace(run, notes=(replace(document.notes[0], text="places could not be measured"),))
    text = words(render(run, document))
    for said in (
        "p. 4: this page is an image; it was not read",
        "has been rebuilt",
        "places could not be measured",
    ):
        assert said in text


def test_provenance_is_whole(render: Render) -> None:
    run, document = agreement()
    text = words(render(run, document))
    call = run.calls[0]
    for said in (
        "contracts/halden-services.pdf",
        "184,233 bytes",
        document.source.sha256,
        document.text_sha256,
        run.document_id,
        "pdf 1 ocr=off",
        run.kind_sha256,
        run.id,
        run.key,
        "built-in extract",
        "c4" * 32,
        call.prompt.sha256[:16],
        call.prompt.template_sha256[:16],
        "0.012",
        "131072",
        "3.11.7",
        "Services Agreement (execution copy)",
        "0.84 s",
    ):
        assert said in text, said


def test_what_served_is_told_once_for_each_that_differs(render: Render) -> None:
    run, document = agreement()
    served = Fingerprint("m.gguf", "e0" * 32, "Q8_0", "f16", "q8_0", 65_536, device="GPU 0", proven=False)
    first = run.calls[0]
    assert first.reply
    reply = replace(first.reply, fingerprint=served, prompt_tokens=1_200, output_tokens=80)
    text = words(render(replace(run, calls=(replace(first, reply=reply), *run.calls[1:])), document))
    for said in ("Analyst 2", "f16 / q8_0", "65,536 tokens", "not proven", "1,200 / 80", "Q8_0"):
        assert said in text
    assert "Analyst 3" not in text


# -- the page --------------------------------------------------------------------------------------


def test_headings_skip_no_level() -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", html(*agreement()))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_read(scheme: int) -> None:
    style = re.findall(r"<style>(.*?)</style>", html(*agreement()), re.DOTALL)[0]
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", roots[scheme]))
    for ground in ("paper", "raised"):
        for name in ("ink", "quiet", "link", "good", "plain", "warn", "bad"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    assert contrast(colours["ink"], colours["mark"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


# -- words -----------------------------------------------------------------------------------------


def test_small_words() -> None:
    assert ranges([7, 1, 2, 3, 3]) == "1-3, 7"
    assert ranges([]) == ""
    assert titled("due_date") == "Due date"
    assert moment("2027-03-01T09:05:00") == "1 March 2027, 09:05"
    assert moment("some day") == "some day"


# -- writing ---------------------------------------------------------------------------------------


def test_nothing_heavy_is_loaded_before_a_page_is_made() -> None:
    code = "import sys, docanalyze.report; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reports_are_their_owners_alone(tmp_path: Path) -> None:
    run, document = agreement()
    folder = tmp_path / "a" / "b"
    paths = write(run, document, folder)
    assert paths == (folder / f"{run.id}.md", folder / f"{run.id}.html")
    assert [mode(path) for path in paths] == [0o600, 0o600]
    assert [mode(path) for path in (folder, folder.parent)] == [0o700, 0o700]
    assert paths[0].read_text(encoding="utf-8") == markdown(run, document)
    assert paths[1].read_text(encoding="utf-8") == html(run, document)
    assert len(list(folder.iterdir())) == 2


def test_both_forms_are_made_from_one_look_at_the_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, of = [], contents.of

    def counted(run: Run, document: Document) -> contents.Contents:
        made.append(run.id)
        return of(run, document)

    monkeypatch.setattr(contents, "of", counted)
    run, document = agreement()
    write(run, document, tmp_path)
    assert made == [run.id]


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write(*agreement(), tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_report_replaces_the_one_before_and_follows_no_link(tmp_path: Path) -> None:
    run, document = agreement()
    kept = tmp_path / "kept"
    kept.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / f"{run.id}.md").symlink_to(kept)
    (folder / f"{run.id}.html").write_text("old")
    page = write(run, document, folder)[1]
    assert kept.read_text() == "mine"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert mode(page) == 0o600


def test_what_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnwritable, match=r"cannot be written to .*file.*--out"):
        write(*agreement(), tmp_path / "file" / "below")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    run, document = agreement()
    (tmp_path / f"{run.id}.html").mkdir()
    with pytest.raises(StoreUnwritable):
        write(run, document, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{run.id}.html", f"{run.id}.md"}


@pytest.mark.parametrize("name", ["../out", "/etc/x", "", "a/b", "..", "x\n", "a\x00b", "\u202ex"])
def test_the_id_of_a_run_chooses_no_other_place(tmp_path: Path, name: str) -> None:
    run, document = agreement()
    with pytest.raises(StoreUnwritable, match="cannot be the name of a file"):
        write(replace(run, id=name), document, tmp_path)
    assert not list(tmp_path.iterdir())
