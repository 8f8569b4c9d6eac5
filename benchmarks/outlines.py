"""Outlines against what else knows the languages: names, kinds and lines of definitions, and how long they take.

    python benchmarks/outlines.py [FOLDER ...]

Python is held against its own `ast`, over the standard library and the installed packages where no folder is given;
all other languages against Universal Ctags, over the folders. What stands inside a function is no definition of a file
for us, and is left out on both sides.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from docanalyze.ingest.outline import MOST_CHARS, language_of, outline
from docanalyze.ingest.outline.grammars import asked
from docanalyze.ingest.outline.languages import LANGUAGES

Found = tuple[str, str, int]
"""Name, kind, line."""

_MOST_BYTES = 8_000_000
_CTAGS = {
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "go": "Go",
    "rust": "Rust",
    "java": "Java",
    "c": "C",
    "cpp": "C++",
    "c_sharp": "C#",
    "ruby": "Ruby",
    "php": "PHP",
    "bash": "Sh",
}
_SAME = {
    "func": "function",
    "prototype": "function",
    "method": "function",
    "constructor": "function",
    "methodSpec": "function",
    "singletonMethod": "function",
    "subroutine": "function",
    "generator": "function",
    "getter": "function",
    "setter": "function",
    "implementation": "impl",
    "typedef": "type",
    "struct": "type",
    "union": "type",
    "enum": "type",
    "alias": "type",
    "talias": "type",
    "annotation": "interface",
    "trait": "interface",
    "record": "class",
    "module": "namespace",
    "package": "namespace",
}
_COMPARED = {"function", "class", "interface", "type", "namespace", "impl"}


def main(folders: list[Path]) -> int:
    """Prints precision and recall for each language, and what both say differently where asked with `-v`."""
    told = "-v" in sys.argv
    python = folders or [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))]
    _speed([text for _, _, text in _files(python, {"python"})])
    _report("python", "ast", _against_ast(_files(python, {"python"})), told)
    if not shutil.which("ctags"):
        print("skipped: all other languages, for ctags is not installed")
        return 0
    by_language = defaultdict(list)
    for path, language, text in _files(folders, set(_CTAGS)):
        by_language[language].append((path, text))
    for language in _CTAGS:
        if by_language[language]:
            _report(language, "ctags", _against_ctags(language, by_language[language]), told)
        else:
            print(f"{language:12} skipped: no file of it in the folders")
    return 0


Compared = Iterator[tuple[Path, list[Found], list[Found]]]
"""A file, what we find in it, and what the other finds."""


def _files(folders: list[Path], wanted: set[str]) -> Iterator[tuple[Path, str, str]]:
    taken: Counter[str] = Counter()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            language = language_of(path.name, "")
            if path.suffix == ".h":
                language = language_of(path.name, path.read_text("utf-8", "replace")[:4000]) if path.is_file() else ""
            if language not in wanted or path.is_symlink() or not path.is_file() or taken[language] > _MOST_BYTES:
                continue
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
            if len(text) <= MOST_CHARS and "\r" not in text and not path.name.endswith((".min.js", ".min.css")):
                taken[language] += len(text)
                yield path, language, text


def _report(language: str, other: str, compared: Compared, told: bool) -> None:
    both = ours_only = theirs_only = 0
    files = 0
    start = time.perf_counter()
    kinds: Counter[tuple[str, str]] = Counter()
    for path, ours, theirs in compared:
        files += 1
        common = Counter(ours) & Counter(theirs)
        both += common.total()
        for sign, one in (("+", Counter(ours) - common), ("-", Counter(theirs) - common)):
            for name, kind, line in one.elements():
                kinds[sign, kind] += 1
                if told:
                    print(f"  {sign} {path}:{line} {kind} {name}")
        ours_only += len(ours) - common.total()
        theirs_only += len(theirs) - common.total()
    if not both:
        print(f"{language:12} nothing to compare")
        return
    precision, recall = both / (both + ours_only), both / (both + theirs_only)
    wrong = ", ".join(f"{sign}{kind} {count}" for (sign, kind), count in kinds.most_common(8))
    print(
        f"{language:12} {files:6} files {both:7} same as {other}: precision {precision:.4f} recall {recall:.4f}"
        f"  ({time.perf_counter() - start:.1f} s; {wrong})"
    )


def _speed(texts: list[str]) -> None:
    """Prints how fast outlines are made, beside parsing alone and Python's own `ast`."""
    kept, size = [], 0
    for text in texts:
        if size < 5_000_000:
            kept.append(text)
            size += len(text)
    ready = asked(LANGUAGES["python"])
    parsing = _least(lambda text: ready.parser.parse(text.encode()), kept)
    outlining = _least(lambda text: outline("python", text), kept)
    own = _least(_parsed_by_ast, kept)
    print(
        f"python       {size / 1e6:.1f} MB: parsing alone {parsing:.2f} s, outlines {outlining:.2f} s "
        f"({outlining / parsing:.2f} times), ast alone {own:.2f} s"
    )


def _least(made: Callable[[str], object], texts: list[str]) -> float:
    """Seconds for all texts, the least of three rounds."""
    rounds = []
    for _ in range(3):
        start = time.perf_counter()
        for text in texts:
            made(text)
        rounds.append(time.perf_counter() - start)
    return min(rounds)


def _parsed_by_ast(text: str) -> object:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _against_ast(files: Iterator[tuple[Path, str, str]]) -> Compared:
    for path, _, text in files:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        ours = [
            (one.name, "function" if one.kind == "method" else one.kind, one.line)
            for one in outline("python", text).definitions
            if one.kind in ("function", "method", "class")
        ]
        yield path, ours, list(_of_ast(tree))


def _of_ast(tree: ast.AST) -> Iterator[Found]:
    waiting = [tree]
    while waiting:
        for one in ast.iter_child_nodes(waiting.pop()):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                yield one.name, "function", one.lineno
            elif isinstance(one, ast.ClassDef):
                yield one.name, "class", one.lineno
                waiting.append(one)
            elif not isinstance(one, ast.expr):
                waiting.append(one)


def _against_ctags(language: str, files: list[tuple[Path, str]]) -> Compared:
    listed = "\n".join(str(path) for path, _ in files)
    told = subprocess.run(
        [
            "ctags",
            "--options=NONE",
            f"--language-force={_CTAGS[language]}",
            "--kinds-all=*",
            "--fields=+nKzZs-P",
            "--output-format=json",
            "-f",
            "-",
            "-L",
            "-",
        ],
        input=listed,
        capture_output=True,
        text=True,
        check=True,
    )
    theirs: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in filter(None, told.stdout.split("\n")):
        tag = json.loads(line)
        if tag["_type"] == "tag":
            theirs[tag["path"]].append(tag)
    for path, text in files:
        ours = [
            (one.name.replace(" ", "").lstrip("#"), _kind(one.kind), one.line)
            for one in outline(language, text).definitions
        ]
        yield (
            path,
            [one for one in ours if one[1] in _COMPARED],
            list(_of_ctags(language, theirs[str(path)], text.split("\n"))),
        )


def _of_ctags(language: str, tags: list[dict[str, object]], lines: list[str]) -> Iterator[Found]:
    """Its definitions, without packages, what stands in functions, and declarations in interfaces: members for us."""
    functions = {str(tag["name"]) for tag in tags if _kind(str(tag["kind"])) == "function"}
    functions -= {str(tag["name"]) for tag in tags if _kind(str(tag["kind"])) in ("class", "type")}
    for tag in tags:
        if tag["kind"] == "alias" and language != "typescript":
            continue
        kind, name, line = _kind(str(tag["kind"])), str(tag["name"]), int(str(tag["line"]))
        scope = set() if language in ("go", "c", "cpp") else set(re.split(r"[.:]+", str(tag.get("scope", ""))))
        if (
            kind in _COMPARED
            and tag["kind"] not in ("package", "methodSpec")
            and not scope & functions
            and not name.startswith(("__anon", "anonymous", "AnonymousFunction"))
            and not (kind == "namespace" and (language == "php" or lines[line - 1].rstrip().endswith(";")))
            and (kind != "class" or re.search(r"class|record", lines[line - 1]))
        ):
            yield name.replace(" ", ""), kind, line


def _kind(kind: str) -> str:
    return _SAME.get(kind, kind)


if __name__ == "__main__":
    assert set(_CTAGS) <= set(LANGUAGES)
    sys.exit(main([Path(one) for one in sys.argv[1:] if one != "-v"]))
