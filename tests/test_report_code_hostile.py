"""A code base is hostile, too: no file's name and no code becomes a part of the report's structure, hides, or acts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.model import Document, FileRole, Finding, Run, Secret, Skipped, Span
from docanalyze.report import html, markdown
from tests.browser import Browser, browser, chromium
from tests.report_tree import RULES, SECTIONS, code_document, over, quote
from tests.test_report_hostile import ATTACKS, HARM, HIDDEN, Tags, structure

__all__ = ["browser", "chromium"]

CODE = (
    "x = '</script></code></pre></aside></style>'\n"
    "y = ']]> --> <!-- \x00 \x1b[31m \u202e end \ufeff'\n\tz = `````` ~~~\n```\n# heading\n\x0c\r\n\u2028"
)


def hostile(name: str, code: str) -> tuple[Run, Document]:
    """A code base in which every name, and all code, is what someone chose."""
    name = name.replace("/", "∕").replace("\n", " ").strip() or "x"
    files = (
        (f"{name}/{name}.py", "Python", FileRole.CODE, "", f"first\n{code}\nlast\n"),
        (f"{name}/left.bin", "", FileRole.BINARY, name, ""),
        (f"{name}/notes.md", name, FileRole.DOCUMENTATION, "", f"# Notes\n\n{code}\n"),
    )
    document = code_document(
        files, secrets={files[0][0]: (Secret(Span(0, 5), name),)}, skipped=(Skipped(name, name), Skipped("a", "b", 0))
    )
    assert document.tree
    tree = replace(document.tree, name=name, branch=name, commit=name, submodules=(name,))
    document = replace(document, tree=tree, source=replace(document.source, name=name))
    findings = [
        Finding("modules", f"Said of {name}", evidence=(quote(document, files[0][0], f"first\n{code}\nlast"),)),
        Finding(
            "debt", f"{name}: here", evidence=(quote(document, files[0][0], "last"), quote(document, files[0][0], ""))
        ),
        Finding("purpose", f"Said of {name}", evidence=(quote(document, files[2][0], "# Notes"),)),
        Finding("security", f"Said of {name}", evidence=(quote(document, files[1][0], ""),)),
    ]
    run = over(document, [replace(one, verdicts=(RULES,)) for one in findings], SECTIONS)
    assert run.coverage
    covered = tuple(replace(one, reason=name) for one in run.coverage.files)
    return replace(run, coverage=replace(run.coverage, files=covered)), document


def lined(code: str) -> str:
    """As many lines of harmless words, as long."""
    return "\n".join("word" if line.strip() else "" for line in code.split("\n"))


@pytest.mark.parametrize("name", [HARM[:200], *(attack[:200] for attack in ATTACKS)])
def test_names_change_no_structure(name: str) -> None:
    plain = "plain"
    assert Tags(html(*hostile(name, "code"))).tags == Tags(html(*hostile(plain, "code"))).tags
    assert structure(markdown(*hostile(name, "code"))) == structure(markdown(*hostile(plain, "code")))


@pytest.mark.parametrize("code", [CODE, HARM, *ATTACKS])
def test_code_changes_no_structure(code: str) -> None:
    assert Tags(html(*hostile("name", code))).tags == Tags(html(*hostile("name", lined(code)))).tags
    assert structure(markdown(*hostile("name", code))) == structure(markdown(*hostile("name", lined(code))))


@given(st.text(max_size=60), st.text(max_size=120))
@settings(deadline=None, max_examples=30)
def test_no_text_changes_the_structure(name: str, code: str) -> None:
    name = "".join(sign for sign in name if not "\ud800" <= sign <= "\udfff")
    assert Tags(html(*hostile(name, code))).tags == Tags(html(*hostile("plain", lined(code)))).tags
    assert structure(markdown(*hostile(name, code))) == structure(markdown(*hostile("plain", lined(code))))


@pytest.mark.parametrize("render", [html, markdown])
def test_nothing_hidden_reaches_the_report(render: object) -> None:
    assert callable(render)
    report = render(*hostile(f"a\u202e{HARM[:300]}", CODE + HARM))
    assert not HIDDEN.search(report.replace("\t", " "))
    assert "⟨U+202E⟩" in report and "⟨U+001B⟩" in report and "⟨U+000C⟩" in report
    report.encode()


def test_the_page_runs_nothing_of_the_code_base_and_loads_nothing(browser: Browser) -> None:
    page = browser.open(html(*hostile(HARM[:250], CODE + HARM)))
    for key in ("j", "Enter", "n", "p", "k", "/", "Escape"):
        page.keyboard.press(key)
    page.locator("#tree-open").click()
    assert page.get_attribute("html", "data-owned") is None and page.title() != "owned"
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, link, base, a[href^='javascript']").count() == 0
    assert page.locator("article.finding").count() == 4
    assert (browser.loaded, browser.dialogs) == ([], [])


def test_a_long_name_is_wrapped_and_what_is_written_from_right_to_left_stays_in_its_place(browser: Browser) -> None:
    page = browser.open(html(*hostile("שלום" * 3 + "x" * 230, "code")), width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    name, level = (page.locator(f"#tree li.row {one}").first.bounding_box() for one in (".name", ".level"))
    assert name and level and name["x"] + name["width"] <= level["x"]
