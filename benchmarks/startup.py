"""How long `docanalyze --help` takes, against an empty Typer application of two commands.

    python benchmarks/startup.py

Whole processes of this interpreter, one after the other in turn, byte code warm; the ratio of the two
medians, wanted at most 1.5. A bare interpreter stands beside them.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
WANTED = 1.5
EMPTY = '''
import typer

app = typer.Typer(add_completion=False)


@app.command()
def first() -> None:
    """The first command."""


@app.command()
def second() -> None:
    """The second command."""


app()
'''


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        return measure(
            {
                "python -c pass": [sys.executable, "-c", "pass"],
                "an empty Typer": [sys.executable, str(empty), "--help"],
                "docanalyze": [sys.executable, "-m", "docanalyze", "--help"],
            }
        )


def measure(commands: dict[str, list[str]]) -> int:
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if turn:  # the first one compiles
                seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, median in medians.items():
        print(f"  {name:<16} {median * 1000:6.0f} ms")
    ratio = medians["docanalyze"] / medians["an empty Typer"]
    holds = ratio <= WANTED
    print(f"  ratio {ratio:.2f}, wanted at most {WANTED:g}: {'holds' if holds else 'DOES NOT HOLD'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
