"""Packing code bases beside repomix, gitingest and files-to-prompt: time, memory, what 120K tokens hold.

    python -m benchmarks.repo [--trees DIR] [--repomix FILE] [--gitingest FILE] [--files-to-prompt FILE]
    python -m benchmarks.repo [--trees DIR] --whole

DIR holds the folders small, medium and large; without it they are copied from the packages of this
environment. Whole processes, in turns, from folder to packed text; the ratios count. A tool that is
not found is skipped aloud. With --whole the large tree is analysed in as many windows as it takes, by the built-in
analyst, and nothing else is measured.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BUDGET = 120_000
ROUNDS = 3
SIZES = {"small": 150, "medium": 3_000, "large": 5_000}
# How many times as long the other may take at least: on the small tree start-up decides.
BARS = {
    ("small", "repomix"): 1.0,
    ("medium", "repomix"): 2.0,
    ("large", "repomix"): 2.0,
    ("medium", "gitingest"): 2.0,
    ("large", "gitingest"): 2.0,
    ("medium", "repomix --compress"): 4.0,
    ("large", "repomix --compress"): 4.0,
}
BAR_SECONDS, BAR_MB = 4.0, 250
BAR_WHOLE_MB = 600
CLAIMED = re.compile(r"Total Tokens:\s*([\d.,]+)")


@dataclass(frozen=True)
class Tool:
    """A program that packs: its name, and its command line for a folder and an output file."""

    name: str
    command: tuple[str, ...]

    def line(self, folder: Path, out: Path) -> list[str]:
        return [part.replace("{folder}", str(folder)).replace("{out}", str(out)) for part in self.command]


@dataclass(frozen=True)
class Taken:
    """One run: seconds, megabytes of its largest process, what it printed."""

    seconds: float
    megabytes: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trees", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--whole", action="store_true")
    for name in ("repomix", "gitingest", "files-to-prompt"):
        parser.add_argument(f"--{name}", default=shutil.which(name))
    asked = parser.parse_args()
    tools = [] if asked.whole else list(_tools(asked))
    with tempfile.TemporaryDirectory() as folder:
        sizes = ["large"] if asked.whole else list(SIZES)
        trees = {name: asked.trees / name if asked.trees else made(Path(folder), name) for name in sizes}
        for name, tree in trees.items():
            if not tree.is_dir():
                print(f"SKIPPED: {tree} is no folder")
            elif asked.whole:
                in_windows(tree.resolve(), Path(folder))
            else:
                measured(name, tree.resolve(), tools, asked.rounds, Path(folder))


def _tools(asked: argparse.Namespace) -> Iterator[Tool]:
    packing = (_own(), "pack", "{folder}", "-o", "{out}", "--force", "--window", str(BUDGET))
    yield Tool("docanalyze", packing)
    others = {
        "repomix": ((), ("{folder}", "-o", "{out}")),
        "repomix --compress": (("--compress",), ("{folder}", "-o", "{out}")),
        "gitingest": ((), ("{folder}", "-o", "{out}")),
        "files-to-prompt": ((), ("{folder}", "-o", "{out}")),
    }
    for name, (more, rest) in others.items():
        program = getattr(asked, name.split()[0].replace("-", "_"))
        if program and Path(program).exists():
            yield Tool(name, (program, *rest, *more))
        else:
            print(f"SKIPPED: {name} is not found")


def _own() -> str:
    return shutil.which("docanalyze", path=str(Path(sys.executable).parent)) or "docanalyze"


def in_windows(tree: Path, folder: Path) -> None:
    """What it takes to analyse all of a tree without a model, the report and a new database included."""
    kept = folder / "whole"
    line = [_own(), "repo", str(tree), "--whole", "--db", str(kept / "a.db"), "--out", str(kept)]
    taken = run(line, folder)
    held = "ok" if taken.megabytes < BAR_WHOLE_MB else "MISSED"
    print(f"repo --whole: {taken.seconds:.0f} s, {taken.megabytes:,.0f} MB in the largest process", flush=True)
    print(f"  bar: under {BAR_WHOLE_MB} MB: {held}", flush=True)


def made(folder: Path, name: str) -> Path:
    """A tree of so many files from the packages that are installed here, the same ones each time."""
    packages = Path(sysconfig.get_paths()["purelib"])
    target = folder / name
    left = SIZES[name]
    for package in sorted(path for path in packages.iterdir() if (path / "__init__.py").is_file()):
        files = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        for path in files[:left]:
            copy = target / path.relative_to(packages)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        left -= len(files[:left])
    return target


def measured(name: str, tree: Path, tools: Sequence[Tool], rounds: int, folder: Path) -> None:
    files = sum(path.is_file() for path in tree.rglob("*"))
    print(f"\n{name}: {files:,} files", flush=True)
    # Outside of what is packed, and nothing of the one in the other's way.
    outs = {tool.name: folder / f"{name}_{number}.txt" for number, tool in enumerate(tools)}
    runs: dict[str, list[Taken]] = {tool.name: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            outs[tool.name].unlink(missing_ok=True)
            runs[tool.name].append(run(tool.line(tree, outs[tool.name]), folder))
    own = statistics.median(one.seconds for one in runs["docanalyze"])
    for tool in tools:
        seconds = statistics.median(one.seconds for one in runs[tool.name])
        ratios = [a.seconds / b.seconds for a, b in zip(runs[tool.name], runs["docanalyze"], strict=True)]
        megabytes = max(one.megabytes for one in runs[tool.name])
        ratio = statistics.median(ratios)
        print(
            f"  {tool.name:<20}{seconds:>8.2f} s{ratio:>8.2f} times{megabytes:>8.0f} MB  {_bar(name, tool, ratio)}",
            flush=True,
        )
    if name == "large":
        megabytes = max(one.megabytes for one in runs["docanalyze"])
        kept = own < BAR_SECONDS and megabytes < BAR_MB
        print(f"  bar: under {BAR_SECONDS} s and {BAR_MB} MB: {'ok' if kept else 'MISSED'}", flush=True)
    counted(tree, runs, outs)


def counted(tree: Path, runs: dict[str, list[Taken]], outs: dict[str, Path]) -> None:
    """What was packed, counted in a process of its own: what this one takes is the least that others seem to take."""
    for name, out in outs.items():
        claimed = CLAIMED.search(runs[name][-1].said)
        said = re.sub(r"\D", "", claimed[1]) if claimed else ""
        subprocess.run([sys.executable, "-m", "benchmarks.repo_quality", "count", name, str(out), said], check=True)
    compressed = outs.get("repomix --compress")
    if compressed is not None and compressed.exists():
        compared = ["compare", str(tree), str(compressed), str(BUDGET)]
        subprocess.run([sys.executable, "-m", "benchmarks.repo_quality", *compared], check=True)


def _bar(name: str, tool: Tool, ratio: float) -> str:
    bar = BARS.get((name, tool.name))
    return "" if bar is None else f"(bar: {bar}) {'ok' if ratio >= bar else 'MISSED'}"


def run(line: Sequence[str], folder: Path) -> Taken:
    """Runs a program to its end; the memory is that of the largest of its processes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["NO_COLOR"] = "1"
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(line, stdout=said, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if process.returncode:
        sys.exit(f"{' '.join(line)} failed: {text[-500:]}")
    return Taken(seconds, usage.ru_maxrss / 1024, text)


if __name__ == "__main__":
    main()
