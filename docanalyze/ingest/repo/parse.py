"""One file, from its bytes to what is known of it. Runs in a reading process."""

import hashlib
import json
import os
import re
from dataclasses import dataclass, field

from docanalyze import tokens
from docanalyze.ingest import outline as outlines
from docanalyze.ingest.decoding import decoded
from docanalyze.ingest.invisible import Sweeper, Taken
from docanalyze.ingest.repo import classify, notebook, secrets
from docanalyze.ingest.repo.opening import Folders, NotRegular, read_all
from docanalyze.ingest.repo.versions import version
from docanalyze.model import FileRole, Note, Secret, shown_part

_HEAD = 400
_LINE_END = "\n"
_MOST_TAKEN, _SPELLED = 200, 400


@dataclass(slots=True)
class Parsed:
    """What the bytes of a file say, apart from their text. `notes` are of its encoding and of what nobody sees."""

    role: FileRole
    reason: str = ""
    language: str = ""
    encoding: str = ""
    lines: int = 0
    chars: int = 0
    tokens: int = 0
    outline_tokens: int = 0
    outlined: outlines.Outlined = field(default_factory=outlines.Outlined)
    secrets: tuple[Secret, ...] = ()
    cells: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()


class Unreadable(Exception):
    """A file cannot be read; the message says why."""


def load(folders: Folders, path: str, most: int) -> bytes:
    """The bytes of a file as it stands still; Unreadable says why there are none."""
    for _ in range(2):
        try:
            with folders.file(path) as (found, before):
                if before.st_size > most:
                    raise Unreadable(f"{before.st_size:,} bytes, more than the {most:,} that are read of one file")
                data = read_all(found, most + 1)
                after = os.fstat(found)
        except NotRegular as error:
            raise Unreadable("no regular file any more") from error
        except PermissionError as error:
            raise Unreadable("no permission") from error
        except FileNotFoundError as error:
            raise Unreadable("gone before it was read") from error
        except OSError as error:
            raise Unreadable("cannot be opened, or became a link") from error
        if _state(before) == _state(after) and len(data) == before.st_size:
            return data
    raise Unreadable("changed while it was read, twice")


def _state(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns


_CPP = re.compile(
    rb"^[ \t]*(?:class\s+\w+[^;{}()]{0,200}\{|namespace\s+[\w:]+\s*\{|template\s*<"
    rb"|(?:public|private|protected):)|\bstd::\w",
    re.MULTILINE,
)
"""What stands in no header of C: such a one is read as C++."""
_MOST_SEARCHED = 200_000


class Reading:
    """What is done to one file's bytes, in steps, so that what is known already need not be done again."""

    def __init__(self, path: str, role: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.language = outlines.language_of(path, data[:_HEAD].split(b"\n", 1)[0].decode("latin-1"))
        if self.language == "c" and path.endswith(".h") and _CPP.search(data, 0, _MOST_SEARCHED):
            self.language = "cpp"
        known = FileRole(role) if role else FileRole.CODE if self.language else FileRole.DATA
        self.found = classify.by_content(path, known, data)
        self.text = ""
        self.notes: list[Note] = []
        self.taken: list[Taken] = []
        self.parsed = Parsed(*self.found, self.language)

    def key(self, vocabulary: str) -> str:
        """What decides about all that is parsed of it."""
        form = f"{self._is_loose()} {self._is_notebook}"
        parts = (version(), vocabulary, self.sha256, self.language, *self.found, form)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def clean(self) -> None:
        """Finds the text: decoded, cells taken out of a notebook, without what nobody sees and without secrets."""
        sweeper = Sweeper()
        text, notes, self.parsed.encoding = decoded(self.data)
        if self._is_notebook:
            try:
                text, self.parsed.cells, self.language = notebook.read(text)
            except notebook.NotANotebook:
                notes.append(Note("notebook", "not in the form of a notebook: read as text"))
        if not text.isascii():
            text = self._swept(text, sweeper)
            self.taken = sweeper.taken
        self.text, self.parsed.secrets = secrets.mask(text, is_configuration=self._is_loose())
        self.parsed.notes = (*notes, *sweeper.notes())

    def _swept(self, text: str, sweeper: Sweeper) -> str:
        """Cleans cell by cell: where they begin moves with what is taken out before."""
        cells = self.parsed.cells
        if not cells:
            return sweeper.clean(text)
        pieces: list[str] = []
        ends = [0]
        for start, end in zip(cells, [*cells[1:], len(text)], strict=True):
            pieces.append(sweeper.clean(text[start:end], ends[-1]))
            ends.append(ends[-1] + len(pieces[-1]))
        self.parsed.cells = tuple(ends[:-1])
        return "".join(pieces)

    def told_taken(self) -> list[tuple[int, str]]:
        """Where characters were taken out of the text, and what is to be said of it there: of a line once, but for
        each run of tags that spell something."""
        lines: dict[int, tuple[int, str]] = {}
        told: list[tuple[int, str]] = []
        line = at = 0
        for one in self.taken:
            line, at = line + self.text.count(_LINE_END, at, one.at), one.at
            if one.spelled:
                told.append((one.at, f"tags that spell {json.dumps(one.spelled[:_SPELLED])} in line {line + 1}"))
            else:
                first, codes = lines.get(line, (one.at, ""))
                lines[line] = first, codes + one.characters
        for line, (first, characters) in lines.items():
            codes = " ".join(dict.fromkeys(f"U+{ord(character):04X}" for character in characters))
            told.append((first, f"{codes} in line {line + 1}"))
        return sorted(told)[:_MOST_TAKEN]

    def parse(self, count: tokens.Counter) -> None:
        """Outlines and counts the text."""
        text, parsed = self.text, self.parsed
        parsed.language = self.language
        parsed.lines = text.count("\n") + (bool(text) and not text.endswith("\n"))
        parsed.chars = len(text)
        parsed.outlined = outlines.outline(self.language, text)
        if parsed.outlined.note:
            parsed.notes = (*parsed.notes, Note("outline", parsed.outlined.note))
        parsed.tokens = counted(count, text)
        shown = [text[span.start : span.end] for span in parsed.outlined.outline]
        parsed.outline_tokens = count("\n".join(shown) + "\n") if shown else 0

    @property
    def _is_notebook(self) -> bool:
        return self.path.endswith(".ipynb")

    def _is_loose(self) -> bool:
        return self.found.role is FileRole.CONFIGURATION or self.path.endswith((".env", ".ini", ".cfg", ".conf"))


def counted(count: tokens.Counter, text: str) -> int:
    """Tokens of a text without the blank lines around it, with a line end; 0 of nothing but white space."""
    body = shown_part(text)
    return count(text[body.start : body.end] + "\n") if len(body) else 0
