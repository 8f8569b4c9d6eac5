"""Writes samples/contract_docx.txt as samples/contract.docx: the same bytes every time.

    python samples/make_contract_docx.py [TARGET]

It writes the XML of the parts itself, so that the file has what libraries leave out: automatic numbers on
four levels, changes that nobody has accepted, a comment and a footnote. A paragraph is one line: `T` a
title, `P` text, `1` to `4` a clause on that level, `| a | b` a row; `{+…+}` is inserted, `{-…-}` deleted,
`{f:…}` a footnote, `{c:…|words}` a comment on words that stand before it in the paragraph.
"""

import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
TEXT = HERE / "contract_docx.txt"
DOCX = HERE / "contract.docx"

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
WHEN = (2026, 5, 5, 9, 0, 0)
BY = 'w:author="Casper Wyndale" w:date="2026-04-29T16:10:00Z"'
MARKS = re.compile(r"\{(?P<kind>[+-])(?P<words>.*?)[+-]\}|\{(?P<note>[fc]):(?P<text>[^|}]*)(?:\|(?P<on>[^}]*))?\}")
LEVELS = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)"))
SIDES = ("styles", "numbering", "footnotes", "comments", "settings", "header1", "footer1")
ROOTS = {"header1": "hdr", "footer1": "ftr"}


@dataclass
class Writing:
    """What has been numbered so far, and the notes to be written beside the text."""

    changes: int = 0
    footnotes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def paragraph(self, line: str) -> str:
        """A line that begins with its kind as a paragraph."""
        kind, _, words = line.partition(" ")
        if kind == "T":
            return f'<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr>{run(words)}</w:p>'
        if kind == "P":
            return f"<w:p>{self.inline(words)}</w:p>"
        return f'<w:p><w:pPr><w:pStyle w:val="Clause{kind}"/></w:pPr>{self.inline(words)}</w:p>'

    def inline(self, words: str) -> str:
        """Words with their changes and notes as runs."""
        commented = next((match for match in MARKS.finditer(words) if match["note"] == "c"), None)
        found: list[str] = []
        at = 0
        for match in MARKS.finditer(words):
            found.append(run(words[at : match.start()]))
            found.append(self.mark(match, commented["on"] if commented else ""))
            at = match.end()
        found.append(run(words[at:]))
        return "".join(found)

    def mark(self, match: "re.Match[str]", commented: str) -> str:
        """An insertion, a deletion, a footnote's mark or the end of what a comment is on."""
        if match["note"] == "f":
            self.footnotes.append(match["text"])
            style = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
            return f'<w:r>{style}<w:footnoteReference w:id="{len(self.footnotes)}"/></w:r>'
        if match["note"] == "c":
            self.comments.append(match["text"])
            key = len(self.comments) - 1
            return f'<w:commentRangeEnd w:id="{key}"/><w:r><w:commentReference w:id="{key}"/></w:r>'
        self.changes += 1
        tag, text = ("ins", "t") if match["kind"] == "+" else ("del", "delText")
        start = f'<w:commentRangeStart w:id="{len(self.comments)}"/>' if match["words"] == commented else ""
        return f'{start}<w:{tag} w:id="{100 + self.changes}" {BY}>{run(match["words"], text)}</w:{tag}>'


def run(words: str, tag: str = "t") -> str:
    return f'<w:r><w:{tag} xml:space="preserve">{escape(words)}</w:{tag}></w:r>' if words else ""


def table(lines: list[str]) -> str:
    """Rows of cells; the first is the header and is repeated on every page."""
    rows = []
    for number, line in enumerate(lines):
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p>{run(cell.strip())}</w:p></w:tc>'
            for cell in line.strip("| ").split("|")
        )
        head = "<w:trPr><w:tblHeader/></w:trPr>" if number == 0 else ""
        rows.append(f"<w:tr>{head}{cells}</w:tr>")
    edges = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "bottom", "insideH"))
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>{"".join(rows)}</w:tbl>'


def blocks(writing: Writing) -> Iterator[str]:
    lines = [line for line in TEXT.read_text(encoding="utf-8").splitlines() if line.strip()]
    for is_row, group in groupby(lines, key=lambda line: line.startswith("|")):
        if is_row:
            yield table(list(group))
        else:
            yield from (writing.paragraph(line) for line in group)


def styles() -> str:
    sizes = '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Liberation Serif" w:hAnsi="Liberation Serif"/>'
    sizes += '<w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="140"/></w:pPr></w:pPrDefault>'
    found = [sizes + "</w:docDefaults>", style("Normal", "Normal", "", "")]
    found.append(style("Title", "Title", '<w:jc w:val="center"/>', '<w:b/><w:sz w:val="32"/>'))
    for depth in range(4):
        outline = '<w:outlineLvl w:val="0"/><w:keepNext/>' if depth == 0 else ""
        listed = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>'
        look = "<w:b/>" if depth == 0 else ""
        found.append(style(f"Clause{depth + 1}", f"Clause {depth + 1}", listed + outline, look))
    return "".join(found)


def style(key: str, name: str, paragraph: str, look: str) -> str:
    default = ' w:default="1"' if key == "Normal" else ""
    parts = f'<w:name w:val="{name}"/><w:pPr>{paragraph}</w:pPr><w:rPr>{look}</w:rPr>'
    return f'<w:style w:type="paragraph" w:styleId="{key}"{default}>{parts}</w:style>'


def numbering() -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="Clause{depth + 1}"/>'
        f'<w:lvlText w:val="{template}"/><w:pPr><w:ind w:left="{max(depth, 1) * 720}" w:hanging="720"/></w:pPr></w:lvl>'
        for depth, (form, template) in enumerate(LEVELS)
    )
    kind = '<w:multiLevelType w:val="multilevel"/>'
    one = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="0">{kind}{levels}</w:abstractNum>{one}'


def footnotes(texts: list[str]) -> str:
    kinds = (("-1", "separator", "separator"), ("0", "continuationSeparator", "continuationSeparator"))
    lines = "".join(
        f'<w:footnote w:id="{key}" w:type="{kind}"><w:p><w:r><w:{tag}/></w:r></w:p></w:footnote>'
        for key, kind, tag in kinds
    )
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
    return lines + "".join(
        f'<w:footnote w:id="{key}"><w:p>{mark}{run(" " + text)}</w:p></w:footnote>' for key, text in enumerate(texts, 1)
    )


def parts() -> dict[str, str]:
    """Every part of the package by its name."""
    writing = Writing()
    body = "".join(blocks(writing))
    edges = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440"/>'
    named = "".join(f'<w:{kind}Reference w:type="default" r:id="{kind}1"/>' for kind in ("header", "footer"))
    comments = "".join(
        f'<w:comment w:id="{key}" w:author="Orla Fennimore" w:date="2026-04-30T08:30:00Z" w:initials="OF">'
        f"<w:p>{run(text)}</w:p></w:comment>"
        for key, text in enumerate(writing.comments)
    )
    inner = {
        "document": f"<w:body>{body}<w:sectPr>{named}{edges}</w:sectPr></w:body>",
        "styles": styles(),
        "numbering": numbering(),
        "footnotes": footnotes(writing.footnotes),
        "comments": comments,
        "settings": "<w:trackRevisions/>",
        "header1": f"<w:p>{run('Quillhaven / Teasel – Hull Maintenance Agreement – Draft 3')}</w:p>",
        "footer1": f"<w:p>{run('Confidential')}</w:p>",
    }
    found = {"[Content_Types].xml": content_types()}
    found["_rels/.rels"] = relationships([("officeDocument", "word/document.xml", "r1")])
    found["word/_rels/document.xml.rels"] = relationships(
        [(name.rstrip("1"), f"{name}.xml", name if name[-1] == "1" else f"r_{name}") for name in SIDES]
    )
    for name, xml in inner.items():
        root = ROOTS.get(name, name)
        found[f"word/{name}.xml"] = f'{HEAD}<w:{root} xmlns:w="{W}" xmlns:r="{RELATIONS}">{xml}</w:{root}>'
    return found


def content_types() -> str:
    kinds = {"document": "document.main", "header1": "header", "footer1": "footer"}
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{CONTENT}.{kinds.get(name, name)}+xml"/>'
        for name in ("document", *SIDES)
    )
    usual = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{usual}{overrides}</Types>'


def relationships(targets: list[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for kind, target, key in targets
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCX
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts().items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content.encode("utf-8"), compresslevel=9)


if __name__ == "__main__":
    main()
