"""Runs over code bases made by hand for the tests of the report: a small service, and one of thousands of files."""

from collections.abc import Sequence
from dataclasses import replace

from docanalyze.model import (
    Coverage,
    Covered,
    Detail,
    Document,
    Evidence,
    File,
    FileCovered,
    FileRole,
    Finding,
    Label,
    Match,
    Note,
    Placed,
    Quote,
    Reader,
    Role,
    Run,
    Secret,
    Segment,
    Skipped,
    Source,
    Span,
    Tree,
    Verdict,
    Window,
)
from tests.report_material import agreement

RULES = Verdict("rules", Label.QUOTED, None, "every number, date, name and negation is in the quote")

APP = '''"""The service: takes orders and tells where they are."""

import os

from shop.store import Store
from shop.pricing import price

SECRET_KEY = "****************"


class App:
    """Routes of the service."""

    def __init__(self, store: Store) -> None:
        self.store = store
\t\tself.depth = 2  # a tab, by mistake

    def order(self, name: str, count: int) -> int:
        """Takes an order; gives its number."""
        if count < 1 and "<b>" not in name:
            raise ValueError("count & name")
        # TODO: prices change while this runs
        return self.store.add(name, count, price(name) * count)


def main() -> None:
    App(Store(os.environ["SHOP_DB"]))


if __name__ == "__main__":
    main()
'''
STORE = "\n".join(
    ["class Store:", '    """Keeps orders in SQLite."""', ""]
    + [f"    def step_{n}(self) -> int:\n        return {n}\n" for n in range(700)]
)
README = """# Shop

Takes orders for small shops, and tells their customers where each order is.

## Run it

    python -m shop.app
"""
NOTEBOOK = "import shop\nshop.look()\n\nprices = [1, 2, 3]\nsum(prices)\n\nprint('done')\n"
LONG = "var a=1;" * 30_000 + "\n"

FILES: tuple[tuple[str, str, FileRole, str, str], ...] = (
    ("README.md", "Markdown", FileRole.DOCUMENTATION, "", README),
    ("docs/look.ipynb", "Python", FileRole.EXAMPLE, "", NOTEBOOK),
    ("pyproject.toml", "TOML", FileRole.MANIFEST, "", '[project]\nname = "shop"\n'),
    ("shop/app.py", "Python", FileRole.CODE, "", APP),
    ("shop/pricing.py", "Python", FileRole.CODE, "", "def price(name: str) -> int:\n    return len(name)\n"),
    ("shop/store.py", "Python", FileRole.CODE, "", STORE),
    ("web/dist/app.min.js", "JavaScript", FileRole.MINIFIED, "", LONG),
    ("web/img/logo.png", "", FileRole.BINARY, "binary", ""),
    ("web/src/main/ts/front.ts", "TypeScript", FileRole.CODE, "", "export const a = 1\r\nexport const b = 2\r\n"),
)


def code_document(
    files: Sequence[tuple[str, str, FileRole, str, str]] = FILES,
    *,
    cells: dict[str, tuple[int, ...]] | None = None,
    secrets: dict[str, tuple[Secret, ...]] | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> Document:
    """A tree Document of (path, language, role, why not read, text), laid out as reading lays it out."""
    parts: list[str] = []
    segments: list[Segment] = []
    made: list[File] = []
    at = 0
    for path, language, role, reason, text in files:
        segments.append(Segment(len(segments) + 1, Span(at, at + len(path)), Role.HEADING, 1))
        start = at + len(path) + 1
        body = text if text.endswith("\n") or not text else text + "\n"
        if text.strip():
            lead, trail = len(text) - len(text.lstrip()), len(text.rstrip())
            kind = Role.PARAGRAPH if language == "Markdown" else Role.CODE
            line = 1 + text.count("\n", 0, lead)
            segments.append(Segment(len(segments) + 1, Span(start + lead, start + trail), kind, line=line))
        made.append(
            File(
                path=path,
                size=len(text),
                role=role,
                sha256="ab" * 32 if not reason else "",
                language=language,
                reason=reason,
                lines=text.count("\n") + bool(text and not text.endswith("\n")),
                chars=len(text),
                start=start,
                tokens=len(text) // 4,
                outline_tokens=len(text) // 20,
                cells=(cells or {}).get(path, ()),
                secrets=(secrets or {}).get(path, ()),
            )
        )
        parts.append(f"{path}\n{body}\n")
        at += len(parts[-1])
    tree = Tree("shop", tuple(made), skipped, "main", "0c1d2e3f" * 5, ("vendor/lib",), "cd" * 32)
    return Document(
        text="".join(parts),
        segments=tuple(segments),
        source=Source("./shop", "shop", tree.sha256, at),
        reader=Reader("repo", "1"),
        format="code base",
        notes=(Note("guess", "an encoding was guessed"),),
        tree=tree,
    )


def quote(document: Document, path: str, words: str, match: Match = Match.EXACT) -> Evidence:
    """Evidence of words that stand in a file; of the path itself where there are none."""
    assert document.tree
    file = document.tree.files[document.tree.place(path)]
    if not words:
        return Evidence(path, (Span(file.start - len(path) - 1, file.start - 1),), match)
    start = document.text.index(words, file.start, file.span.end)
    return Evidence(words, (Span(start, start + len(words)),), match)


def covered(document: Document) -> Coverage:
    """A receipt in which the first of four files is in full, the others in outline, by name and left out, in turn."""
    assert document.tree
    files = document.tree.files
    details = [_detail(place, file) for place, file in enumerate(files)]
    total = sum(range(1, len(files) + 1))
    return Coverage(
        tuple(Covered(segment.span, 1) for segment in document.segments),
        (),
        tuple(
            FileCovered(
                place,
                (len(files) - place) / total,
                0 if detail is Detail.NONE else 1,
                detail,
                {Detail.FULL: file.tokens, Detail.OUTLINE: file.outline_tokens, Detail.NAME: 5, Detail.NONE: 0}[detail],
                "" if detail is Detail.FULL else "others matter more",
            )
            for place, (file, detail) in enumerate(zip(files, details, strict=True))
        ),
    )


def _detail(place: int, file: File) -> Detail:
    if not file.is_read:
        return Detail.NONE if place % 2 else Detail.NAME
    return (Detail.FULL, Detail.FULL, Detail.OUTLINE, Detail.FULL, Detail.NAME)[place % 5]


SECTIONS = (
    ("purpose", "Purpose"),
    ("build", "How to build and run"),
    ("entry-points", "Entry points and main flows"),
    ("modules", "Modules"),
    ("start", "Where to start reading"),
    ("security", "Security-relevant places"),
    ("debt", "Technical debt"),
)


def over(document: Document, findings: Sequence[Finding], sections: Sequence[tuple[str, str]] = SECTIONS) -> Run:
    """A Run of the built-in analyst over a code base."""
    run, _ = agreement()
    end = len(document.text)
    placed = tuple(Placed(one.number, one.span, one.span.start) for one in document.segments)
    return replace(
        run,
        source=document.source.path,
        document_id=document.id,
        kind="repo",
        sections=tuple(sections),
        windows=(Window(1, document.text[:end], placed, 4_000, 32_768),),
        coverage=covered(document),
        calls=tuple(replace(run.calls[0], number=n, section=name) for n, (name, _) in enumerate(sections, 1)),
        findings=tuple(
            replace(one, number=number, calls=(1,), quotes=tuple(Quote(each.quote) for each in one.evidence))
            for number, one in enumerate(findings, 1)
        ),
        notes=(),
    )


def shop() -> tuple[Run, Document]:
    """A small service with findings of every sort: of a line, of many, of two parts, a path, a cell, prose."""
    key = APP.index("*")
    document = code_document(
        cells={"docs/look.ipynb": (0, 25, 57)},
        secrets={"shop/app.py": (Secret(Span(key, key + 16), "a key in an assignment"),)},
        skipped=(
            Skipped("node_modules", "ignored by .gitignore", 0),
            Skipped("link.py", "a symbolic link"),
            Skipped("private", "no permission", 0),
            Skipped("build/a.o", "ignored by .gitignore"),
        ),
    )
    method = APP[APP.index("    def order") : APP.index("\n\n\ndef main")]
    first, last = (quote(document, "shop/app.py", words) for words in ("class App:", "def main() -> None:"))
    store = quote(document, "shop/store.py", "def step_650(self) -> int:\n        return 650")
    findings = (
        Finding(
            "purpose",
            "Takes orders for small shops, and tells their customers where each order is.",
            evidence=(quote(document, "README.md", "Takes orders for small shops, and tells their customers"),),
        ),
        Finding("build", "Run it: python -m shop.app", evidence=(quote(document, "README.md", "python -m shop.app"),)),
        Finding(
            "entry-points",
            "shop/app.py starts a program when it is run as a script",
            evidence=(quote(document, "shop/app.py", 'if __name__ == "__main__":\n    main()'),),
        ),
        Finding("modules", "App.order is the longest method", evidence=(quote(document, "shop/app.py", method),)),
        Finding("modules", "Two definitions", evidence=(replace(first, spans=(*first.spans, *last.spans)),)),
        Finding("modules", "Store has the most methods", evidence=(store, quote(document, "shop/store.py", ""))),
        Finding("security", "A key stands in the code", evidence=(quote(document, "shop/app.py", "SECRET_KEY = "),)),
        Finding("start", "shop/app.py: it uses all others", evidence=(quote(document, "shop/app.py", ""),)),
        Finding(
            "security",
            "The page shows what it is given",
            evidence=(quote(document, "shop/app.py", '"<b>" not in name'),),
        ),
        Finding(
            "debt",
            "TODO: prices change while this runs",
            evidence=(quote(document, "shop/app.py", "# TODO: prices change while this runs"),),
        ),
        Finding("debt", "Prices are summed twice", evidence=(quote(document, "docs/look.ipynb", "sum(prices)"),)),
        Finding("debt", "Two constants", evidence=(quote(document, "web/src/main/ts/front.ts", "a = 1\r\nexport"),)),
        Finding("debt", "A file without a test", evidence=(quote(document, "web/img/logo.png", ""),)),
    )
    return over(document, [replace(one, verdicts=(RULES,), confidence=0.8) for one in findings]), document


def many(count: int = 5_000, lines: int = 60) -> tuple[Run, Document]:
    """A code base of so many files in a few hundred folders, with findings in two hundred of them."""
    text = "".join(f"def step_{n}(value: int) -> int:\n    return value + {n}\n" for n in range(lines // 2))
    files = [
        (f"part{n % 23:02}/layer{n % 7}/deep/module_{n}.py", "Python", FileRole.CODE, "", text) for n in range(count)
    ]
    document = code_document(sorted(files))
    assert document.tree
    findings = [
        Finding(
            "modules", f"Step {n} is here", evidence=(quote(document, file.path, "def step_7(value: int) -> int:"),)
        )
        for n, file in enumerate(document.tree.files[:: max(1, count // 200)])
    ]
    return over(document, [replace(one, verdicts=(RULES,)) for one in findings]), document
