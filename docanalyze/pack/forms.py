"""How files are written in what is packed: the lines of ours around their texts.

Every string here ends with a line's end and begins with a character that is not blank, so that the
tokens of a whole are the sum of those of its parts.
"""

from collections.abc import Callable, Sequence

from docanalyze.model import Detail, File, Tree

_MOST_NAME = 120


def printable(text: str) -> str:
    """A name from the code base as a single line of ours: nothing in it steers or breaks the line."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= _MOST_NAME else f"{shown[: _MOST_NAME - 1]}…"


def counted(number: int, what: str, many: str = "") -> str:
    """`1 file`, `31 files`."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


class Form:
    """How a Window of a code base is written: `[n] path` before each file, `numbers` those of the paths."""

    def __init__(self, tree: Tree, numbers: Sequence[int] = ()) -> None:
        self.tree = tree
        self.numbers = numbers
        self.rewritten: dict[tuple[int, Detail], int] = {}
        """Tokens of texts and outlines that are not written as they are."""

    def head(self, place: int, detail: Detail, upto: int = 0) -> str:
        """What stands before the text of a file, of which the first `upto` lines are in full if not all are."""
        return f"{self.number(place)}{self.tree.files[place].path}{self.marked(place, detail, upto)}\n"

    def marked(self, place: int, detail: Detail, upto: int = 0) -> str:
        """How fully a file is shown, in words; empty if all of it is."""
        if detail is not Detail.OUTLINE:
            return ""
        rest = "the rest in outline" if self.tree.files[place].outline else "the rest left out"
        return f" (lines 1-{upto} of {self.tree.files[place].lines}, {rest})" if upto else " (outline)"

    def tail(self, place: int, detail: Detail) -> str:
        """What stands behind the text of a file."""
        return ""

    def name(self, place: int) -> str:
        """A file in the listing."""
        return f"{self.number(place)}{self.tree.files[place].path}\n"

    def fold(self, folder: str, files: int, *, deeper: bool) -> str:
        """A folder in the listing for so many files in it, `deeper`: or below it."""
        below = " and below" if deeper and folder else ""
        return f"{folder or '.'}/{below}: {counted(files, 'file')}\n"

    def names_head(self) -> str:
        """What stands before the listing."""
        return "Other files, by name only:\n"

    def names_tail(self) -> str:
        """What stands behind the listing."""
        return ""

    def overview(self, told: "Told") -> str:
        """What stands before everything."""
        return "".join(f"{line}\n" for line in told.lines(self.tree))

    def end(self) -> str:
        """What stands behind everything."""
        return ""

    def body(self, place: int, text: str) -> str:
        """The text of a file as it is written."""
        return text

    def learn(self, place: int, detail: Detail, text: str, count: Callable[[str], int]) -> bool:
        """Looks at what will stand between the lines of a file; whether those must be others than was thought."""
        return False

    def path_at(self, place: int) -> int:
        """Where the path begins in a file's first line."""
        return len(self.number(place))

    def number(self, place: int) -> str:
        """What stands before a path."""
        return f"[{self.numbers[place]}] " if self.numbers else ""


class Told:
    """What an overview says of what is packed: how many files stand how fully, in which Window of how many."""

    def __init__(self, full: int, outline: int, names: int, window: int = 1, windows: int = 1) -> None:
        self.full, self.outline, self.names = full, outline, names
        self.window, self.windows = window, windows

    def lines(self, tree: Tree) -> list[str]:
        """The lines of an overview."""
        checkout = [f"branch {printable(tree.branch)}"] * bool(tree.branch)
        checkout += [f"commit {printable(tree.commit)[:12]}"] * bool(tree.commit)
        named = ", ".join([f"Code base {printable(tree.name)}", *checkout])
        lines = [f"{named}: {counted(len(tree.files), 'file')}{_languages(tree.files)}."]
        how = [f"{self.full:,} in full"] * bool(self.full)
        how += [f"{self.outline:,} in outline, without bodies and marked so"] * bool(self.outline)
        how += [f"{self.names:,} by name only at the end"] * bool(self.names)
        part = f"Part {self.window} of {self.windows}: " if self.windows > 1 else ""
        lines.append(f"{part}{'; '.join(how) or 'no file is shown'}.")
        return lines


def _languages(files: Sequence[File]) -> str:
    lines: dict[str, int] = {}
    for file in files:
        if file.language:
            lines[file.language] = lines.get(file.language, 0) + file.lines
    most = sorted(lines.items(), key=lambda one: (-one[1], one[0]))[:4]
    return "; lines: " + ", ".join(f"{language} {count:,}" for language, count in most) if most else ""
