"""A process that changes a tree without rest until its standard input ends: ROOT, STAGING, OUTSIDE are its arguments.

Files in `swapped` are replaced by other files, links and pipes in one step, so that their names are always there. Files
in `wild` are deleted, written anew, cut, lengthened. The folder `moved` is a link to the outside now and then.
"""

import os
import random
import select
import sys
from pathlib import Path

_MOST = 2_000_000
_A_ROUND = 20


def main(root: Path, staging: Path, outside: Path) -> int:
    """How much was changed."""
    dice = random.Random(1)
    swapped = sorted((root / "swapped").iterdir())
    wild = sorted((root / "wild").iterdir())
    done = 0
    while done < _MOST and not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(_A_ROUND):
            swap(dice.choice(swapped), staging / "new", outside / "secret.py", dice)
            spoil(dice.choice(wild), dice)
            done += 2
        move(root / "moved", staging / "away", outside)
        if done == 2 * _A_ROUND:
            print("begun", flush=True)
    return done


def swap(path: Path, new: Path, elsewhere: Path, dice: random.Random) -> None:
    """Another file, a link or a pipe in the place of this name."""
    kind = dice.randrange(4)
    if kind == 0:
        new.symlink_to(elsewhere)
    elif kind == 1:
        os.mkfifo(new)
    else:
        new.write_text(f"x = {dice.randrange(9)}\n" * dice.randrange(1, 400))
    new.replace(path)


def spoil(path: Path, dice: random.Random) -> None:
    """A file gone, made, emptied, cut or longer."""
    kind = dice.randrange(4)
    if kind == 0:
        path.unlink(missing_ok=True)
    elif kind == 1 and path.exists():
        os.truncate(path, dice.randrange(2_000))
    else:
        with path.open("a" if kind == 2 else "w") as file:
            file.write(f"y = {dice.randrange(9)}\n" * dice.randrange(1, 400))


def move(folder: Path, away: Path, outside: Path) -> None:
    """A folder gone, a link to the outside in its place, and back again."""
    folder.rename(away)
    folder.symlink_to(outside)
    folder.unlink()
    away.rename(folder)


if __name__ == "__main__":
    print(main(*map(Path, sys.argv[1:])), flush=True)
