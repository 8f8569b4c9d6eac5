"""Measures an analyst on papers whose sentences were labelled by hand.

    python -m benchmarks.quality.papers DIR                                  # the built-in analyst
    python -m benchmarks.quality.papers DIR --main-url URL [--judge-url URL]  # a model, by the same labels
    python -m benchmarks.quality.papers DIR --show                           # what it says first, marked

DIR holds the papers that `papers.toml` names, in it or in a folder below; the sample is found beside it.
What the analyst gets wrong in the papers that are aside was not looked at when it was tuned: only what
is measured on those says something of other papers.
"""

import argparse
import hashlib
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.rated import Rated, print_rated
from benchmarks.quality.served import run
from docanalyze import pack, tokens
from docanalyze.extract import Reading
from docanalyze.model import Document, Finding, Match, Run, Span
from docanalyze.report.said import spoken

LABELS = Path(__file__).with_name("papers.toml")
SAMPLES = Path(__file__).parent.parent.parent / "samples"
SECTIONS = ("question", "contributions", "method", "data", "results", "limitations")
BEST, RIGHT = 2, 1


@dataclass(frozen=True, slots=True)
class Labelled:
    """A paper's labels: by Section, the grade of each sentence that answers it, by its pointer."""

    file: str
    sha256: str
    aside: bool
    grades: Mapping[str, Mapping[str, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--main-url", default="")
    parser.add_argument("--judge-url", default="")
    parser.add_argument("--show", action="store_true", help="print the first findings of papers that are not aside")
    asked = parser.parse_args()
    rated: list[Rated] = []
    for paper, path in found(labels(), (asked.folder, SAMPLES)):
        rated += _rated(paper, path, {"main_url": asked.main_url, "judge_url": asked.judge_url}, show=asked.show)
    if not rated:
        raise SystemExit("skipped: none of the labelled papers is there")
    for aside in (False, True):
        print_rated("kept aside" if aside else "tuned on", [one for one in rated if one.aside is aside])


def labels() -> list[Labelled]:
    """All papers of `papers.toml`."""
    table = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    return [
        Labelled(
            paper["file"],
            paper["sha256"],
            paper["aside"],
            {
                name: {**dict.fromkeys(paper[name]["right"], RIGHT), **dict.fromkeys(paper[name]["best"], BEST)}
                for name in SECTIONS
            },
        )
        for paper in table["paper"]
    ]


def found(papers: Iterable[Labelled], folders: Sequence[Path]) -> list[tuple[Labelled, Path]]:
    """The papers that are there; of each other one it is said that it was skipped, and why."""
    there = []
    for paper in papers:
        paths = [path for folder in folders for path in sorted(folder.rglob(paper.file))]
        same = [path for path in paths if hashlib.sha256(path.read_bytes()).hexdigest().startswith(paper.sha256)]
        if same:
            there.append((paper, same[0]))
        else:
            print(f"skipped: {paper.file} is {'another file than was labelled' if paths else 'not there'}")
    return there


def _rated(paper: Labelled, path: Path, urls: Mapping[str, str], *, show: bool) -> list[Rated]:
    ended, document = analysed(path, urls)
    windows, _ = pack.into_windows(document, 10_000_000, tokens.packaged())
    cut = [sentence.span for sentence in Reading(document, windows[0]).sentences]
    known = {pointer(document.slice(span)) for span in cut}
    lost = [one for name in SECTIONS for one in paper.grades[name] if one not in known]
    if lost:
        print(f"{paper.file}: {len(lost)} labelled sentences are read in another way now")
    rated = []
    for name in SECTIONS:
        said = [one for one in ended.findings if one.section == name and not one.absence]
        grades = [paper.grades[name].get(meant(one, document, cut), 0) for one in said]
        quoted = sum(is_quoted(one, document, cut) for one in said)
        rated.append(Rated(name, paper.aside, tuple(grades), tuple(paper.grades[name].values()), quoted))
        if show and not paper.aside:
            print(f"\n{paper.file}: {name}")
            print(*(f"  {'-+*'[grade]} {one.statement}" for grade, one in zip(grades, said, strict=True)), sep="\n")
    return rated


def analysed(path: Path, urls: Mapping[str, str]) -> tuple[Run, Document]:
    """A paper through the whole of docanalyze: what the store keeps, in the order in which it is shown."""
    with tempfile.TemporaryDirectory() as folder:
        told = {"db": str(Path(folder) / "papers.db"), "kind": "paper", **{k: url for k, url in urls.items() if url}}
        return run(path, told)


def pointer(text: str) -> str:
    """What stands for a sentence: however it is broken into lines and hyphenated, the same."""
    return hashlib.sha256(_bare(text).encode()).hexdigest()[:10]


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", text).lower())


def meant(finding: Finding, document: Document, sentences: Sequence[Span]) -> str:
    """The pointer of the sentence that most of a Finding's Evidence lies in; empty where it has none."""
    spans = [span for evidence in finding.evidence for span in evidence.spans]
    shared = {at: sum(_shared(at, span) for span in spans) for at in sentences}
    most = max(shared, key=lambda at: shared[at], default=None)
    return pointer(document.slice(most)) if most is not None and shared[most] else ""


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def is_quoted(finding: Finding, document: Document, sentences: Sequence[Span]) -> bool:
    """Whether nothing is invented: exact Evidence within one sentence, whose words the statement is or begins."""
    exact = [one for one in finding.evidence if one.match is Match.EXACT and len(one.spans) == 1]
    if not exact or len(exact) < len(finding.evidence):
        return False
    at = exact[0].spans[0]
    within = any(_shared(sentence, at) == len(at) for sentence in sentences)
    # Signs and decimal points count: 15 is not 1.5. A statement may be cut, which is marked.
    said, quoted = spoken(finding.statement.removesuffix("…")), spoken(document.slice(at).replace("-\n", ""))
    return within and bool(said) and f" {said} " in f" {quoted} "


if __name__ == "__main__":
    main()
