"""No text, wherever it stands, becomes a part of the report's structure, or hides, or acts."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docanalyze.report import html, markdown
from docanalyze.report.commonmark import escape
from docanalyze.report.plain import LIMIT, shown
from tests.report_material import agreement, everywhere

OWNED = "document.documentElement.setAttribute('data-owned','1');document.title='owned'"
ATTACKS = (
    f"<script>{OWNED}</script>",
    f'"><img src="x" onerror="{OWNED}">',
    f'\'><svg onload="{OWNED}">',
    f"</style></title></textarea><script>{OWNED}</script>",
    f'<a href="javascript:{OWNED}">press</a>',
    "javascript:alert(1)",
    "]]> <![CDATA[ --> <!-- ",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "&lt;script&gt; &#60;b&#62; &amp; AT&T",
    "\x1b[31mred\x1b[0m\x07\x00\x9b31m",
    "5\u202e000,1\u202c \u2066x\u2069 \u200f \ufeff \U000e0041\U000e0042\U000e0043\U000e0044\U000e0045",
    "# heading\n\n## another #",
    "[press](javascript:alert(1)) ![see](https://evil.example/x.png) [ref]: https://evil.example",
    "```\ncode\n``` `code` ~~~\ncode",
    "| a | b |\n| --- | --- |\n| c | d |",
    "line\n===\n\nline\n---\n\n***",
    "- one\n- two\n\n1. one\n2) two\n\n> said\n\n    code",
    "**bold** __bold__ *it* _it_ ~~struck~~ $x^2$ ==marked== H~2~O [^1]",
    "https://evil.example www.evil.example a@evil.example mailto:a@evil.example <https://evil.example>",
    "a\\\n\\",
)
HARM = " ".join(ATTACKS) + "\n\n" + "\n\n".join(ATTACKS)
HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def structure(text: str) -> list[str]:
    """The marks that a Markdown text is made of, without its words."""

    def kinds(tokens: list[Token]) -> list[str]:
        found = []
        for token in tokens:
            if token.type not in {"text", "text_special"}:
                found.append(token.type)
            found += kinds(token.children or [])
        return found

    return kinds(reader().parse(text))


def said(text: str) -> str:
    """The words of a Markdown text that is nothing but words."""
    paragraph, inline, end = reader().parse(text)
    assert (paragraph.type, inline.type, end.type) == ("paragraph_open", "inline", "paragraph_close")
    assert inline.children is not None
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    return "".join(child.content for child in inline.children)


class Tags(HTMLParser):
    """The tags of a page in order, with the names of their attributes, and all links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(" ".join([tag, *(name for name, _ in attrs)]))
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")


def harmless(words: str) -> str:
    """The same letters and figures without any mark: a statement repeats its quote where the other does."""
    return " ".join(re.sub(r"[^\w\s]|_", " ", shown(words)).split()) or "word"


@pytest.mark.parametrize("harm", [HARM, *ATTACKS])
def test_words_change_no_structure_of_the_markdown(harm: str) -> None:
    assert structure(markdown(*everywhere(harm))) == structure(markdown(*everywhere(harmless(harm))))


@pytest.mark.parametrize("harm", [HARM, *ATTACKS])
def test_words_change_no_structure_of_the_page(harm: str) -> None:
    assert Tags(html(*everywhere(harm))).tags == Tags(html(*everywhere(harmless(harm)))).tags


def test_the_markdown_is_made_of_few_marks() -> None:
    kinds = set(structure(markdown(*everywhere(HARM))))
    blocks = {"heading", "paragraph", "blockquote", "bullet_list", "list_item", "strong", "em"}
    tables = {"table", "thead", "tbody", "tr", "th", "td"}
    assert kinds <= {f"{kind}_{end}" for kind in blocks | tables for end in ("open", "close")} | {"inline"}


@pytest.mark.parametrize("render", [html, markdown])
def test_nothing_hidden_reaches_the_report(render: object) -> None:
    assert callable(render)
    report = render(*everywhere(HARM))
    assert not HIDDEN.search(report)
    assert "⟨U+202E⟩" in report
    assert "⟨U+001B⟩" in report
    assert "⟨U+E0041 and 4 more hidden characters⟩" in report


def test_the_version_in_the_footer_is_shown_like_all_else() -> None:
    run, document = agreement()
    page = html(replace(run, versions=(("docanalyze", "1<script>\u202e"),)), document)
    assert "docanalyze 1&lt;script&gt;⟨U+202E⟩" in page
    assert "\u202e" not in page


def test_a_name_that_no_file_can_hold_is_written_out() -> None:
    report = html(*everywhere("word"))
    assert shown("bad\udcff.pdf") == "bad⟨U+DCFF⟩.pdf"
    report.encode()


def test_the_page_has_one_script_of_ours_and_loads_nothing() -> None:
    for page in (html(*everywhere(HARM)), html(*agreement()), html(*everywhere(HARM), lambda number: b"\x89PNG")):
        read = Tags(page)
        assert page.count("<script") == 1 and page.endswith("</script>\n</body>\n</html>\n")
        names = {tag.split(" ")[0] for tag in read.tags}
        attributes = {name for tag in read.tags for name in tag.split(" ")[1:]}
        assert not names & {"img", "iframe", "object", "embed", "link", "base"}
        assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset"}}
        images = [link for link in read.links if link.startswith("data:image/png;base64,")]
        assert all(link.startswith("#") for link in read.links if link not in images)
        assert {link[1:] for link in read.links if link not in images} <= set(read.ids)
        assert len(read.ids) == len(set(read.ids))


def test_the_policy_admits_the_style_sheet_the_script_and_nothing_else() -> None:
    page = html(*everywhere(HARM))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert style and script and policy
    digests = [base64.b64encode(hashlib.sha256(one[1].encode()).digest()).decode() for one in (style, script)]
    written = policy[1].replace("&#39;", "'").replace("&#x27;", "'").replace("&#43;", "+")
    assert written == (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")


MARKS = st.text(alphabet=st.sampled_from("#*_`~[]()<>!|-+=:.\\&;@$^{}/ \t\nab1w\"'\u202e\x1b"), max_size=40)
TEXTS = st.one_of(st.text(max_size=60), MARKS, st.sampled_from(ATTACKS))


@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_escaped_words_say_themselves(text: str) -> None:
    line = shown(text)
    if line:
        assert said(escape(line)).replace("\u2060", "") == line


@given(TEXTS, TEXTS)
@settings(deadline=None, max_examples=150)
def test_escaped_words_stay_where_they_are_put(one: str, other: str) -> None:
    first, second = escape(shown(one)), escape(shown(other))
    table = f"| a | b |\n| --- | --- |\n| {first} | {second} |"
    text = f"- x {first}\n- {second or 'x'}\n\n{table}\n\n> {first or 'x'}\n"
    plain = "- x x\n- x\n\n| a | b |\n| --- | --- |\n| x | x |\n\n> x\n"
    assert structure(text) == structure(plain)


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=200)
def test_shown_text_is_one_visible_line(text: str) -> None:
    line = shown(text)
    assert not HIDDEN.search(line)
    assert "\n" not in line
    assert line == line.strip()
    line.encode()


def test_addresses_become_no_links_where_links_are_made_of_words() -> None:
    escaped = escape("see https://evil.example, www.evil.example and a@evil.example")
    assert "https://" not in escaped
    assert "www." not in escaped
    assert "@&NoBreak;evil" in escaped


def test_a_text_without_end_is_cut_and_says_so() -> None:
    line = shown("x" * 1_000_000)
    assert len(line) < LIMIT + 60
    assert "[… 996,000 characters left out …]" in line


def test_a_million_blanks_are_one_line_at_once() -> None:
    assert shown("a-" + " " * 1_000_000 + "\nb") == "a-b"
    assert shown("- " * 200_000 + "\x00" * 1_000_000).startswith("- - ")
