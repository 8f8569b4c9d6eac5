"""The report of a code base: its tree by detail, quotes as code, files with the lines beside, in both forms."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docanalyze.model import (
    Detail,
    Document,
    Evidence,
    FileRole,
    Finding,
    Match,
    Role,
    Run,
    Secret,
    Skipped,
    Span,
    Sweep,
)
from docanalyze.report import html, markdown
from docanalyze.report.commonmark import fenced, spanned
from docanalyze.report.listing import MOST_LINES, listing
from docanalyze.report.plain import coded
from docanalyze.report.said import beside_code
from docanalyze.report.source import Source, sources
from docanalyze.report.tree import CodeBase, code_base, walk
from tests.report_material import agreement
from tests.report_tree import APP, FILES, STORE, code_document, many, over, quote, shop
from tests.test_report import part, render, words

__all__ = ["render"]

Render = Callable[[Run, Document], str]


def base_of(run: Run, document: Document, most: int = 2_000) -> CodeBase:
    base = code_base(run, document, most)
    assert base is not None
    return base


def beside(run: Run, document: Document, path: str, most: int = 1_500_000) -> Source:
    """What is shown of a file."""
    return next(one for one in sources(run, document, most).files if one.path == path)


def lines_of(source: Source) -> str:
    """The lines that are shown of a file."""
    return "".join(piece.text for block in source.blocks for one in block.stretches for piece in one.pieces)


def numbers_of(source: Source) -> list[int]:
    return [int(number) for block in source.blocks for one in block.gutter for number in one.numbers.split()]


# -- the tree --------------------------------------------------------------------------------------


def test_a_document_is_no_code_base(render: Render) -> None:
    run, document = agreement()
    assert code_base(run, document) is None
    assert sources(run, document).files == ()
    assert "Code base" not in words(render(run, document))
    assert "--tint" not in html(run, document)


def test_facts_of_a_code_base(render: Render) -> None:
    text = words(render(*shop()))
    top = part(render(*shop()), "Overview", "Findings")
    for said in ("9 files", "2,154 lines", "Python 99%", "branch main", "commit 0c1d2e3f"):
        assert said in top
    code = text[text.rindex("Code base") :]
    for said in ("0c1d2e3f" * 5, "9 files, 1 not read", "2,142 lines", "TypeScript < 1%", "full 100%"):
        assert said in code
    assert "outline < 1% 1 file" in code or "outline < 1% (1 file" in code


def test_every_file_is_listed_with_its_detail_tokens_rank_findings_and_reason() -> None:
    run, document = shop()
    base = base_of(run, document)
    rows = {(folder.name, row.name): row for folder in walk(base.root) for row in folder.rows}
    assert len(rows) == len(FILES)
    app = rows["shop", "app.py"]
    assert (app.tokens, app.whole, app.rank, app.findings, app.reason) == ("180", "", 4, 7, "")
    assert app.level and app.level.name == "full"
    price = rows["shop", "pricing.py"]
    assert price.level and (price.level.name, price.tokens, price.whole) == ("name only", "5", "12")
    assert price.reason == "others matter more"
    logo = rows["img", "logo.png"]
    assert logo.level and (logo.level.name, logo.tokens, logo.reason) == ("left out", "", "binary; others matter more")
    assert [row.step for row in sorted(rows.values(), key=lambda row: row.rank)] == sorted(
        (row.step for row in rows.values()), reverse=True
    )


def test_folders_have_the_sums_and_a_chain_of_folders_is_one_line() -> None:
    run, document = shop()
    base = base_of(run, document)
    folders = {folder.name: folder for folder in walk(base.root)}
    assert base.root.files == 9
    assert base.root.tokens == sum(one.tokens for one in run.coverage.files if one.window) if run.coverage else False
    assert (folders["shop"].files, folders["shop"].findings) == (3, 8)
    assert folders["shop"].told == "2 full, 1 name only"
    assert "src/main/ts" in folders and folders["src/main/ts"].rows[0].name == "front.ts"


def test_detail_is_told_by_words_and_shapes_too() -> None:
    page, text = html(*shop()), markdown(*shop())
    for shape, name in (("●", "full"), ("◐", "outline"), ("○", "name only"), ("×", "left out")):
        assert f"{shape} {name}" in text
        assert f'content: "{shape} "' in page
        assert re.search(rf'<span class="level">{name}</span>', page)


def test_what_was_not_read_masked_or_belongs_elsewhere_is_listed(render: Render) -> None:
    text = words(render(*shop()))
    text = text[text.rindex(" Files ", 0, text.rindex("Masked secrets")) :]
    for said in ("node_modules", "a symbolic link", "private", "shop/app.py:8: a key in an assignment", "vendor/lib"):
        assert said in text


def test_without_a_receipt_the_tree_is_shown_and_says_so(render: Render) -> None:
    run, document = shop()
    text = words(render(replace(run, coverage=None), document))
    assert "What became of each file was not recorded." in text
    assert "pricing.py" in text


def test_the_receipt_counts_files_instead_of_pages(render: Render) -> None:
    text = part(render(*shop()), "Coverage ", "Provenance")
    for said in ("9 files, 8 read", "1 file", "binary"):
        assert said in text
    assert "Pages" not in text and "no pages" not in text


def test_a_small_tree_is_open_and_a_large_one_folded() -> None:
    assert all(folder.is_open for folder in walk(base_of(*shop()).root))
    assert not any(folder.is_open for folder in walk(base_of(*many(400)).root))


def test_thousands_of_files_stay_within_bounds() -> None:
    run, document = many()
    page, text = html(run, document), markdown(run, document)
    assert len(page) < 2_000_000 and len(text) < 200_000
    base = base_of(run, document)
    rows = [row for folder in walk(base.root) for row in folder.rows]
    assert len(rows) == 2_000 and "Of 5,000 files 2,000 are listed" in page
    assert {row.place for row in rows if row.findings} == {n * 25 for n in range(200)}, "those with findings are listed"
    hidden = sum(int(folder.more.split()[0].replace(",", "")) for folder in walk(base.root) if folder.more)
    assert len(rows) + hidden == base.root.files == 5_000
    for folder in walk(base.root):
        listed = [row.level.name for one in walk(folder) for row in one.rows if row.level]
        assert dict((level.name, count) for level, count in folder.levels).get("full", 0) >= listed.count("full")


def test_a_path_of_a_thousand_folders_breaks_nothing(render: Render) -> None:
    path = "/".join(["d"] * 1_500) + "/end.py"
    document = code_document(((path, "Python", FileRole.CODE, "", "x = 1\n"),))
    run = over(document, [Finding("modules", "A name", evidence=(quote(document, path, "x = 1"),))])
    assert "end.py" in words(render(run, document))


def test_lists_beside_the_tree_are_bounded() -> None:
    skipped = tuple(Skipped(f"ignored/{n}", "ignored") for n in range(900))
    secrets = tuple(Secret(Span(n, n + 1), "a key") for n in range(300))
    document = code_document(FILES, secrets={"shop/store.py": secrets}, skipped=skipped)
    base = base_of(over(document, ()), document)
    assert (len(base.asides[0].paths), base.asides[0].more, base.asides[0].files) == (200, 700, 900)
    assert (len(base.secrets), base.more_secrets) == (200, 100)
    assert "and 700 more" in html(over(document, ()), document)
    assert "and 880 more" in markdown(over(document, ()), document)


# -- quotes ----------------------------------------------------------------------------------------


def test_code_keeps_its_lines_and_indentation() -> None:
    run, document = shop()
    shown = '''def order(self, name: str, count: int) -> int:
    """Takes an order; gives its number."""
    if count < 1 and "<b>" not in name:
        raise ValueError("count & name")
'''
    assert f"```python\n{shown}" in markdown(run, document)
    cards = re.findall(
        r'<blockquote class="code"><pre dir="ltr"><code>(.*?)</code></pre>', html(run, document), re.DOTALL
    )
    assert any(unescape(one).startswith(shown) for one in cards)


def test_a_part_of_a_line_is_marked_in_its_line() -> None:
    page = html(*shop())
    assert "if count &lt; 1 and <mark>&#34;&lt;b&gt;&#34; not in name</mark>:</code>" in page


def test_prose_in_a_code_base_is_quoted_as_prose(render: Render) -> None:
    report = render(*shop())
    assert "python -m shop.app" in words(report)
    assert "```markdown" not in report and '<pre dir="ltr"><code>Takes orders' not in report


def test_the_parts_of_a_quote_far_from_each_other_are_shown_apart() -> None:
    run, document = shop()
    parts, more = listing(run.findings[4].evidence[0], document)
    assert parts == (("class App:", True), ("\n⋮\n", False), ("def main() -> None:", True))
    assert more == ""


def test_a_long_quote_is_cut_and_says_so(render: Render) -> None:
    document = code_document()
    finding = Finding("modules", "Store is long", evidence=(quote(document, "shop/store.py", STORE),))
    run = over(document, [finding])
    parts, more = listing(finding.evidence[0], document)
    assert MOST_LINES - 2 <= "".join(text for text, _ in parts).count("\n") < MOST_LINES
    assert more == f"{STORE.count(chr(10)) - MOST_LINES:,} more lines"
    assert more in words(render(run, document))


def test_the_path_of_a_file_is_quoted_by_its_name_alone() -> None:
    run, document = shop()
    text = markdown(run, document)
    assert "**web/img/logo.png**, the file as a whole\n\n- rules" in text


@pytest.mark.parametrize(
    ("statement", "code", "left"),
    [
        ("x = a - b", "x = a + b", "x = a - b"),
        ("# TODO: prices change", "# TODO: prices change", ""),
        ("Left undone: # TODO: prices change", "    # TODO: prices change", "Left undone"),
        ("TODO: prices …", "# TODO: prices change while this is done and much else", ""),
        ("TODO: pri …", "# TODO: prices change while this is done", "TODO: pri …"),
        ("# TODO: prices change …", "# TODO: prices change while this is done and much else is", ""),
        ("max retries 3", "MAX_RETRIES = 3", "max retries 3"),
        ("App", "class App: pass", "App"),
    ],
)
def test_beside_code_a_statement_is_left_out_only_where_the_code_says_it_sign_for_sign(
    statement: str, code: str, left: str
) -> None:
    assert beside_code(statement, code) == left


def test_the_overview_tells_a_newcomer_what_it_is_and_counts_the_risks(render: Render) -> None:
    text = part(render(*shop()), "What it is for", " Findings ")
    for said in (
        "Takes orders for small shops",
        "Where it starts",
        "Where to start reading shop/app.py: it uses all others",
        "Technical debt: 4, the first: TODO: prices change while this runs",
        "Security-relevant places: 2, the first: A key stands in the code",
    ):
        assert said in text.replace(" - ", " ").replace("4 ,", "4,").replace("2 ,", "2,")


# -- the files beside ------------------------------------------------------------------------------


def test_every_quote_leads_to_its_lines() -> None:
    run, document = shop()
    page = html(run, document)
    aside = page[page.index("<aside") : page.index("</aside>")]
    for finding in run.findings:
        for number, evidence in enumerate(finding.evidence, 1):
            anchor = f"mark-{finding.number}-{number}"
            assert f'href="#{anchor}"' in page and aside.count(f'id="{anchor}"') == 1
            marked = re.findall(
                rf'<mark data-findings="(?:\d+ )*{finding.number}(?: \d+)*">(.*?)</mark>', aside, re.DOTALL
            )
            if document.lines_of(evidence.spans[0]) != (0, 0):
                wanted = "".join(document.slice(span) for span in evidence.spans).replace("\r", "")
                assert wanted in unescape("".join(marked))


def test_a_short_file_is_shown_whole_and_of_a_long_one_the_lines_around() -> None:
    run, document = shop()
    assert lines_of(beside(run, document, "shop/app.py")) == APP
    assert numbers_of(beside(run, document, "shop/app.py")) == list(range(1, APP.count("\n") + 1))
    store = beside(run, document, "shop/store.py")
    first = 1 + STORE[: STORE.index("def step_650")].count("\n")
    assert numbers_of(store) == list(range(first - 25, first + 27))
    assert [block.left_out for block in store.blocks] == [f"{first - 26:,} lines left out"]
    assert store.left_out == f"{STORE.count(chr(10)) - (first + 26)} lines left out"


def test_the_cells_of_a_notebook_stand_apart_and_count_their_own_lines() -> None:
    source = beside(*shop(), "docs/look.ipynb")
    assert [block.title for block in source.blocks] == ["Cell 1", "Cell 2", "Cell 3"]
    assert [numbers_of(replace(source, blocks=(block,))) for block in source.blocks] == [[1, 2, 3], [1, 2, 3], [1]]


def test_several_findings_share_the_lines_that_they_quote() -> None:
    source = beside(*shop(), "shop/app.py")
    stretches = [one for block in source.blocks for one in block.stretches if one.findings]
    tinted = {one.findings: "".join(piece.text for piece in one.pieces) for one in stretches}
    assert tinted[4, 9].strip() == "# TODO: prices change while this runs" or (4, 10) in tinted
    assert all(text.endswith("\n") for text in tinted.values())


def test_a_file_that_was_not_read_says_why() -> None:
    source = beside(*shop(), "web/img/logo.png")
    assert (source.about, source.blocks) == ("not read: binary", ())
    assert len(source.anchors) == 1


def test_windows_line_ends_are_no_signs_of_their_own() -> None:
    source = beside(*shop(), "web/src/main/ts/front.ts")
    assert lines_of(source) == "export const a = 1\nexport const b = 2\n"
    assert coded("a\rb\r\nc\x0cd\u2028e") == "a⟨U+000D⟩b\nc⟨U+000C⟩d⟨U+2028⟩e"


def test_a_very_long_line_is_cut_and_says_so() -> None:
    document = code_document()
    words_there = Finding("modules", "Minified", evidence=(quote(document, "web/dist/app.min.js", "var a=1;var"),))
    source = beside(over(document, [words_there]), document, "web/dist/app.min.js")
    assert len(lines_of(source)) < 5_000 and "characters left out …]" in lines_of(source)


def test_a_quote_of_thousands_of_lines_is_shown_at_both_ends() -> None:
    document = code_document()
    finding = Finding("modules", "All of it", evidence=(quote(document, "shop/store.py", STORE),))
    source = beside(over(document, [finding]), document, "shop/store.py")
    assert len(numbers_of(source)) < 300 and numbers_of(source)[-1] == STORE.count("\n")


def test_all_files_together_stay_within_the_bound() -> None:
    run, document = many(400, 2_000)
    everything = sources(run, document)
    assert sum(len(lines_of(one)) for one in everything.files) < 1_500_000 and not everything.remark
    few = sources(run, document, 40_000)
    assert 0 < len(few.files) < 200 and few.remark.startswith(f"{200 - len(few.files)} files with fewer findings")
    assert sum(len(lines_of(one)) for one in few.files) < 40_000
    assert len(html(run, document)) < 4_000_000


@given(
    st.lists(st.text(alphabet="ab \t\r\n\x0c<é漢\U0001f600", max_size=60), min_size=1, max_size=4),
    st.data(),
)
@settings(deadline=None, max_examples=150)
def test_what_is_shown_of_a_file_is_its_text_and_what_is_marked_the_quote(
    texts: list[str], data: st.DataObject
) -> None:
    files = tuple((f"f{n}.py", "Python", FileRole.CODE, "", text) for n, text in enumerate(texts))
    document = code_document(files)
    assert document.tree
    findings = []
    for file in document.tree.files:
        if file.chars:
            start = data.draw(st.integers(0, file.chars - 1))
            end = data.draw(st.integers(start + 1, file.chars))
            span = file.within(Span(start, end))
            findings.append(
                Finding("modules", "Said", evidence=(Evidence(document.slice(span), (span,), Match.EXACT),))
            )
    run = over(document, findings)
    shown = sources(run, document)
    assert len(shown.anchors) == len(findings) == len(shown.files)
    for source, finding in zip(shown.files, run.findings, strict=True):
        file = document.tree.files[source.place]
        text = document.slice(file.span)
        assert lines_of(source) == coded(text)
        assert len(numbers_of(source)) == text.count("\n") + (not text.endswith("\n"))
        marked = "".join(
            piece.text for block in source.blocks for one in block.stretches for piece in one.pieces if piece.findings
        )
        span = finding.evidence[0].spans[0]
        wanted = document.slice(span)
        if not (wanted.endswith("\r") or wanted.startswith("\n")):
            assert marked == coded(wanted)


# -- code that would be more than code -------------------------------------------------------------


@given(st.text(alphabet="`~ab\n >-#", max_size=80))
@settings(deadline=None, max_examples=200)
def test_nothing_in_code_closes_its_fence(code: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"before\n\n{fenced(code, 'x`y z<b>')}\n\nafter")
    assert [token.type for token in tokens] == [
        *("paragraph_open", "inline", "paragraph_close", "fence", "paragraph_open", "inline", "paragraph_close")
    ]
    assert tokens[3].content == f"{code}\n" and tokens[3].info == "xyzb"


def test_a_level_that_is_not_recorded_has_no_word() -> None:
    run, document = shop()
    assert run.coverage
    one = replace(run.coverage, files=run.coverage.files[:3])
    base = base_of(replace(run, coverage=one), document)
    levels = {row.name: row.level for folder in walk(base.root) for row in folder.rows}
    assert levels["app.py"] is None and levels["README.md"] is not None
    assert {detail.detail for detail in one.files} <= set(Detail)


def test_a_reason_of_many_files_is_told_once_and_others_with_each(render: Render) -> None:
    run, document = many(100)
    assert run.coverage
    files = (replace(run.coverage.files[2], reason="a directory of data"), *run.coverage.files[3:])
    run = replace(run, coverage=replace(run.coverage, files=(*run.coverage.files[:2], *files)))
    text = words(render(run, document))
    assert "Why not more is in view, of many: others matter more (39 files)." in text
    assert text.count("others matter more") == 1 and text.count("a directory of data") == 1


def test_a_quote_of_several_paragraphs_is_shown_in_lines() -> None:
    run, document = shop()
    evidence = quote(document, "shop/app.py", "import os")
    both = replace(evidence, spans=(*evidence.spans, *quote(document, "shop/pricing.py", "return").spans))
    text = markdown(replace(run, findings=(replace(run.findings[0], evidence=(both,)),)), document)
    assert "```python\nimport os\n⋮\n    return len(name)\n```" in text


def test_several_quotes_of_code_are_short_and_how_they_were_found_is_told_once(render: Render) -> None:
    run, document = shop()
    parts = [quote(document, "shop/app.py", words) for words in ("import os", "class App:", "def main() -> None:")]
    inexact = replace(parts[1], match=Match.NORMALISED)
    several = replace(run.findings[2], evidence=(parts[0], inexact, parts[2]))
    report = render(replace(run, findings=(several,)), document)
    text = part(report, "shop/app.py starts", "Code base")
    assert "2 quotes word for word" in text and text.count("word for word") == 2
    assert "shop/app.py:11 word for word, but for spacing" in text.replace(";", "").replace("  ", " ")
    assert "**shop/app.py:3**: ` import os `" in report or "<code>import os</code>" in report


@given(st.text(alphabet="`ab <*_\\", min_size=1, max_size=30).filter(lambda code: code.strip() == code))
@settings(deadline=None, max_examples=200)
def test_a_line_of_code_within_a_line_says_itself(code: str) -> None:
    inline = MarkdownIt("commonmark").parse(f"see {spanned(code)} there")[1]
    assert [(one.type, one.content) for one in inline.children or ()] == [
        ("text", "see "),
        ("code_inline", code),
        ("text", " there"),
    ]


def test_what_was_not_found_stands_after_what_was_in_the_overview() -> None:
    run, document = shop()
    absent = Finding("purpose", "No licence was found", absence=True, number=90, sweep=Sweep(("LICENSE",), (), 9))
    text = markdown(replace(run, findings=(absent, *run.findings)), document)
    assert text.index("Takes orders for small shops") < text.index("No licence was found (searched in the whole text")


def test_what_stands_beside_the_text_has_its_file_and_line(render: Render) -> None:
    run, document = shop()
    hidden = tuple(
        replace(one, role=Role.COMMENT) if document.locator(one.span).startswith("README.md:") else one
        for one in document.segments
    )
    text = words(render(run, replace(document, segments=hidden)))
    assert "README.md:1-7" in text[text.rindex("Beside the text") :]


def test_as_many_reasons_as_files_are_not_told_one_by_one(render: Render) -> None:
    skipped = tuple(Skipped(f"file{n}", f"reason {n}") for n in range(500))
    files = tuple((f"f{n}.bin", "", FileRole.BINARY, f"because {n}", "") for n in range(500))
    document = code_document(files, skipped=skipped)
    text = words(render(over(document, ()), document))
    assert len(base_of(over(document, ()), document).asides) == 21
    assert "480 files" in text and "other reasons" in text


def test_a_long_line_with_many_quotes_stays_within_the_bound() -> None:
    text = "".join(f"var name_{n} = {n};" + " " * 3_000 for n in range(600)) + "\n"
    document = code_document((("a.js", "JavaScript", FileRole.CODE, "", text),))
    found = [Finding("modules", f"{n}", evidence=(quote(document, "a.js", f"name_{n} "),)) for n in range(600)]
    assert sources(over(document, found), document).files == ()
    shown = sources(over(document, found[:100]), document)
    assert sum(len(lines_of(one)) for one in shown.files) < 500_000
