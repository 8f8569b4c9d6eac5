"""Word documents for tests: XML parts that a test writes, put into a package."""

import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SIDE_PARTS = ("numbering", "styles", "footnotes", "endnotes", "comments", "settings")


def docx(path: Path, body: str, *, extra: dict[str, bytes] | None = None, **parts: str) -> Path:
    """A package with this body; `parts` are the inner XML of numbering, styles, footnotes, header1, core, ...

    `relations` adds relationships of the text part, `namespace` replaces that of the words.
    """
    namespace = parts.pop("namespace", W)
    main = parts.pop("main", "word/document.xml")
    more = parts.pop("relations", "")
    core = parts.pop("core", "")
    related = [relation(name.rstrip("0123456789"), f"{name}.xml") for name in parts]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f"{_HEAD}<Types/>")
        office = f'<Relationship Id="r0" Type="{_RELATIONS}/officeDocument" Target="{main}"/>'
        package.writestr("_rels/.rels", f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{office}</Relationships>')
        package.writestr(main, part("document", f"<w:body>{body}</w:body>", namespace))
        rels = f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{"".join(related)}{more}</Relationships>'
        package.writestr(f"word/_rels/{main.rpartition('/')[2]}.rels", rels)
        for name, inner in parts.items():
            package.writestr(f"word/{name}.xml", part(name, inner, namespace))
        if core:
            package.writestr("docProps/core.xml", _HEAD + core)
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return path


def relation(kind: str, target: str, mode: str = "") -> str:
    outside = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{kind}{target}" Type="{_RELATIONS}/{kind}" Target="{target}"{outside}/>'


def part(name: str, inner: str, namespace: str = W) -> str:
    root = {"header1": "hdr", "footer1": "ftr"}.get(name, name)
    spaces = f'xmlns:w="{namespace}" xmlns:mc="{MC}" xmlns:m="{M}"'
    return f"{_HEAD}<w:{root} {spaces}>{inner}</w:{root}>"


def p(*inner: str, style: str = "", num: tuple[int, int] | None = None, more: str = "") -> str:
    """A paragraph; words without a tag become a run. `num` is a list's number and the level in it."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num:
        properties += f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>'
    runs = "".join(one if one.startswith("<") else r(one) for one in inner)
    return f"<w:p><w:pPr>{properties}{more}</w:pPr>{runs}</w:p>"


def r(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def level(depth: int, form: str, template: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{template}"/></w:lvl>'
    )


def numbering(*levels: str, nums: str = "", abstract: int = 0) -> str:
    """One list of these levels, as number 1; `nums` are further ones."""
    one = f'<w:num w:numId="1"><w:abstractNumId w:val="{abstract}"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="{abstract}">{"".join(levels)}</w:abstractNum>{one}{nums}'


LEGAL = (
    level(0, "decimal", "%1."),
    level(1, "decimal", "%1.%2"),
    level(2, "lowerLetter", "(%3)"),
    level(3, "lowerRoman", "(%4)"),
)


def cell(*inner: str, properties: str = "") -> str:
    paragraphs = "".join(one if one.startswith("<") else p(one) for one in inner)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(one if one.startswith("<") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str, look: str = "") -> str:
    return f"<w:tbl><w:tblPr>{look}</w:tblPr>{''.join(rows)}</w:tbl>"
