"""Code bases made of texts, as the reader of code bases would make them."""

from collections.abc import Mapping

from docanalyze import tokens
from docanalyze.ingest.outline import language_of, outline
from docanalyze.ingest.repo.assembling import assembled
from docanalyze.ingest.repo.parse import counted
from docanalyze.model import Document, File, FileRole, Reader, Source, Tree

count = tokens.packaged()

ROLES = {
    "README.md": FileRole.DOCUMENTATION,
    "pyproject.toml": FileRole.MANIFEST,
    "package.json": FileRole.MANIFEST,
    "go.mod": FileRole.MANIFEST,
    "Cargo.toml": FileRole.MANIFEST,
    "uv.lock": FileRole.LOCK,
}


def role_of(path: str) -> FileRole:
    """What a file is for, by the few names that tests use."""
    name = path.rpartition("/")[2]
    if name in ROLES:
        return ROLES[name]
    if path.startswith("tests/") or "/tests/" in path or name.endswith("_test.go"):
        return FileRole.TEST
    if path.startswith("generated/"):
        return FileRole.GENERATED
    return FileRole.DOCUMENTATION if name.endswith(".md") else FileRole.CODE


def file(path: str, text: str | None) -> File:
    """A file as read; None stands for one that was not."""
    if text is None:
        return File(path, 1, FileRole.BINARY, reason="binary")
    language = language_of(path, text.partition("\n")[0])
    made = outline(language, text)
    shown = "".join(text[span.start : span.end] + "\n" for span in made.outline)
    return File(
        path,
        len(text.encode()),
        role_of(path),
        "0" * 64,
        language,
        lines=text.count("\n") + (bool(text) and not text.endswith("\n")),
        chars=len(text),
        tokens=counted(count, text),
        outline_tokens=count(shown) if shown else 0,
        outline=made.outline,
        definitions=made.definitions,
        imports=made.imports,
        references=made.references,
        mains=made.mains,
    )


def tree(texts: Mapping[str, str | None], name: str = "sample") -> Tree:
    """A Tree without texts."""
    return Tree(name, tuple(file(path, texts[path]) for path in sorted(texts)), vocabulary=count.sha256)


def document(texts: Mapping[str, str | None], name: str = "sample") -> Document:
    """A Tree with its texts."""
    made = tree(texts, name)
    text, files, segments = assembled(made.files, {path: one for path, one in texts.items() if one is not None}, {}, {})
    placed = Tree(name, tuple(files), vocabulary=made.vocabulary)
    source = Source(name, name, placed.sha256, len(text))
    return Document(text, tuple(segments), source, Reader("repository", "1"), "repository", tree=placed)
