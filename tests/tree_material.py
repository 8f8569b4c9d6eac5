"""Code bases made by hand: Documents out of paths and texts, and Runs that saw their files at any detail."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from docanalyze.model import (
    Coverage,
    Covered,
    Definition,
    Detail,
    Document,
    File,
    FileCovered,
    FileRole,
    Import,
    Placed,
    Reader,
    Role,
    Run,
    RunState,
    Secret,
    Segment,
    Skipped,
    Source,
    Span,
    Tree,
    Window,
    hash_text,
)
from tests.store_material import a_run

APP = """\
import os
from app.store import Store, open_store

class Server:
    \"\"\"Serves.\"\"\"

    def start(self):
        if os.environ.get("KEY") == "************":
            return Store()

    def stop(self):
        pass

def main():
    Server().start()

if __name__ == "__main__":
    main()
"""
STORE = """\
class Store:
    def open(self):
        return 1

def open_store():
    return Store()
"""
FILES = {
    "README.md": "# A service\n\nIt serves.",
    "app/main.py": APP,
    "app/store.py": STORE,
    "app/ünï.py": "\n",
    "logo.png": None,
}

_DEFINED = re.compile(r"^( *)(def|class) (\w+)", re.MULTILINE)
_IMPORTED = re.compile(r"^(?:from ([\w.]+) )?import (.+)$", re.MULTILINE)


def a_code_base(
    files: Mapping[str, str | None] = FILES, *, name: str = "service", branch: str = "main", commit: str = "ab" * 20
) -> Document:
    """The Document of these files; a file without a text is one that was not read."""
    text, made, segments = "", [], list[Segment]()
    for path, body in sorted(files.items()):
        segments.append(Segment(len(segments) + 1, Span(len(text), len(text) + len(path)), Role.HEADING, 1))
        text += path + "\n"
        made.append(_file(path, body, len(text)))
        if body and body.strip():
            segments.append(Segment(len(segments) + 1, made[-1].span, Role.CODE, line=1))
        text += body or ""
        text += ("" if not body or body.endswith("\n") else "\n") + "\n"
    tree = Tree(
        name,
        tuple(made),
        (Skipped("build", "ignored", 12), Skipped("link", "a link")),
        branch,
        commit,
        ("vendor/other",),
        hash_text("vocabulary"),
    )
    return Document(
        text,
        tuple(segments),
        Source(f"code/{name}", name, tree.sha256, sum(file.size for file in made)),
        Reader("repository", "1", (("tests", "no"),)),
        "repository",
        metadata=tuple(pair for pair in (("branch", branch), ("commit", commit)) if pair[1]),
        tree=tree,
    )


def _file(path: str, body: str | None, start: int) -> File:
    if body is None:
        return File(path, 4711, FileRole.BINARY, hash_text(path), reason="binary", start=start)
    definitions = tuple(_definitions(body))
    main = body.find("if __name__")
    return File(
        path=path,
        size=len(body.encode()),
        role=FileRole.CODE if path.endswith(".py") else FileRole.DOCUMENTATION,
        sha256=hash_text(body),
        language="python" if path.endswith(".py") else "markdown",
        encoding="utf-8",
        lines=len(body.splitlines()),
        chars=len(body),
        start=start,
        tokens=len(body) // 3,
        outline_tokens=len(body) // 9,
        outline=tuple(span for found in definitions for span in found.shown),
        definitions=definitions,
        imports=tuple(_imports(body)),
        references=(("Store", 2), ("open", 1)),
        mains=(Span(main, len(body) - 1),) if main >= 0 else (),
        secrets=tuple(Secret(Span(*found.span()), "a key") for found in re.finditer(r"\*{8,}", body)),
        cells=(0, 1) if path.endswith(".ipynb") else (),
    )


def _definitions(body: str) -> list[Definition]:
    """By `def` and `class`: each ends where the next one that is no deeper begins."""
    found = list(_DEFINED.finditer(body))
    made: list[Definition] = []
    for place, one in enumerate(found):
        after = (later.start() for later in found[place + 1 :] if len(later[1]) <= len(one[1]))
        span = Span(one.start(), len(body[: next(after, len(body))].rstrip()))
        outer = [n for n in range(place) if len(found[n][1]) < len(one[1]) and made[n].span.contains(span)]
        line = body.count("\n", 0, one.start()) + 1
        kind = "class" if one[2] == "class" else "method" if outer else "function"
        end = body.find("\n", one.end())
        shown = (Span(one.start(), end if end >= 0 else len(body)),)
        made.append(Definition(one[3], kind, line, span, shown, outer[-1] if outer else -1, place))
    return made


def _imports(body: str) -> list[Import]:
    return [
        Import(
            one[1] or one[2],
            body.count("\n", 0, one.start()) + 1,
            Span(*one.span()),
            tuple(one[2].split(", ")) if one[1] else (),
        )
        for one in _IMPORTED.finditer(body)
    ]


def a_run_of(document: Document, details: Sequence[Detail] = (), run_id: str = "20270101-120000-abcdef") -> Run:
    """A finished Run that has each file so fully, the rest in full where it was read, in one Window."""
    tree = document.tree
    assert tree is not None
    text, placed, parts = "", list[Placed](), list[Covered]()
    files, by_start = [], {segment.span.start: segment for segment in document.segments}
    for place, file in enumerate(tree.files):
        detail = details[place] if place < len(details) else Detail.FULL if file.is_read else Detail.NAME
        seen = file.chars and document.slice(file.span).strip()
        path = by_start[file.start - len(file.path) - 1]
        placed.append(Placed(path.number, path.span, len(text)))
        text += file.path + "\n"
        parts.append(Covered(path.span, 1, detail))
        spans = {Detail.FULL: (Span(0, file.chars),), Detail.OUTLINE: file.outline}.get(detail, ()) if seen else ()
        at = file.start
        for span in map(file.within, spans):
            placed.append(Placed(by_start[file.start].number, span, len(text)))
            text += document.slice(span) + "\n"
            parts += [Covered(Span(at, span.start), 0, Detail.NONE, "left out")] if at < span.start else []
            parts.append(Covered(span, 1, detail))
            at = span.end
        parts += [Covered(Span(at, file.span.end), 0, Detail.NONE, "left out")] if at < file.span.end else []
        files.append(FileCovered(place, 1 / len(tree.files), 1, detail, len(file.path), file.reason))
    return replace(
        a_run(document, run_id, whole=False),
        state=RunState.DONE,
        ended="2027-01-01T12:00:09",
        windows=(Window(1, text, tuple(placed), len(text) // 3, 4096),),
        coverage=Coverage(tuple(parts), files=tuple(files)),
    )
