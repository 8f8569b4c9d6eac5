"""A code base as one text for any model: as Markdown or as XML, counted as it is written."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from docanalyze.errors import WindowError
from docanalyze.model import Detail, File, FileCovered, Tree
from docanalyze.pack.choosing import Choice, Measured, anew, choose
from docanalyze.pack.forms import Begun, Form, Told, counted, printable
from docanalyze.pack.receipt import files_covered
from docanalyze.pack.rendering import fill, pieces, render

# What a Markdown renderer calls some languages.
_TAGS = {"c_sharp": "csharp", "c++": "cpp"}
_TICKS = re.compile(r"`{3,}")
# What XML 1.0 has no way to write.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_UNKNOWN = "\ufffd"


class Markdown(Form):
    """A heading and a code block for each file; a block's fence is longer than any in the file."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self.fences: dict[int, int] = {}

    def learn(self, place: int, detail: Detail, text: str, count: Callable[[str], int]) -> bool:
        longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
        if longest < self.fences.get(place, 3):
            return False
        self.fences[place] = longest + 1
        return True

    def head(self, place: int, detail: Detail, begun: Begun | None = None) -> str:
        file = self.tree.files[place]
        language = _TAGS.get(file.language, file.language)
        return f"## {file.path}{self.marked(place, detail, begun)}\n{self._fence(place)}{language}\n"

    def tail(self, place: int, detail: Detail) -> str:
        return f"{self._fence(place)}\n"

    def _fence(self, place: int) -> str:
        return "`" * self.fences.get(place, 3)

    def name(self, place: int) -> str:
        return f"- {self.tree.files[place].path}\n"

    def fold(self, folder: str, files: int, *, deeper: bool) -> str:
        return f"- {super().fold(folder, files, deeper=deeper)}"

    def names_head(self) -> str:
        return "## Other files, by name only\n"

    def overview(self, told: Told) -> str:
        first, *rest = told.lines(self.tree)
        return "\n".join([f"# {first}", *rest]) + "\n"


class Xml(Form):
    """An element for each file, its text as character data that nothing in it can end."""

    def learn(self, place: int, detail: Detail, text: str, count: Callable[[str], int]) -> bool:
        written = self.body(place, text)
        if written == text or (place, detail) in self.rewritten:
            return False
        self.rewritten[place, detail] = count(written)
        return True

    def head(self, place: int, detail: Detail, begun: Begun | None = None) -> str:
        file = self.tree.files[place]
        language = _attribute("language", file.language) if file.language else ""
        shown = self.marked(place, detail, begun).strip(" ()")
        shown = _attribute("shown", shown) if shown else ""
        return f"<file{_attribute('path', file.path)}{language}{shown}><![CDATA[\n"

    def tail(self, place: int, detail: Detail) -> str:
        return "]]></file>\n"

    def body(self, place: int, text: str) -> str:
        return _NO_XML.sub(_UNKNOWN, text).replace("]]>", "]]]]><![CDATA[>")

    def name(self, place: int) -> str:
        return f"<name>{escape(_NO_XML.sub(_UNKNOWN, self.tree.files[place].path))}</name>\n"

    def fold(self, folder: str, files: int, *, deeper: bool) -> str:
        return f"<folder>{escape(super().fold(folder, files, deeper=deeper).rstrip())}</folder>\n"

    def names_head(self) -> str:
        return "<names>\n"

    def names_tail(self) -> str:
        return "</names>\n"

    def overview(self, told: Told) -> str:
        said = "".join(f"{escape(line)}\n" for line in told.lines(self.tree))
        return f"<code_base{_attribute('name', printable(self.tree.name))}>\n<overview>\n{said}</overview>\n"

    def end(self) -> str:
        return "</code_base>\n"


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(_NO_XML.sub(_UNKNOWN, value))}"'


@dataclass(frozen=True, slots=True)
class Printed:
    """A packed text: `tokens` is its exact count, `files` what became of each file, in order."""

    text: str
    tokens: int
    budget: int
    files: tuple[FileCovered, ...]

    def count(self, detail: Detail) -> int:
        """How many files stand so fully in it."""
        return sum(file.detail is detail for file in self.files)

    def summary(self) -> str:
        """The counts in words."""
        parts = [
            f"{counted(self.count(Detail.FULL), 'file')} in full",
            f"{self.count(Detail.OUTLINE):,} in outline",
            f"{self.count(Detail.NAME):,} by name only",
        ]
        return ", ".join(parts)


Texts = Callable[[Sequence[File]], Mapping[str, str]]


def printed(measured: Measured, budget: int, texts: Texts) -> Printed:
    """The text of at most `budget` tokens that holds most of a code base. `texts` reads files of its Tree, by path.

    WindowError if the budget does not hold the smallest overview, or the vocabulary does not count by lines.
    """
    known: dict[str, str] = {}

    def text_of(file: File) -> str:
        if file.path not in known:
            known.update(texts([file]))
        return known[file.path]

    choice = choose(measured, budget)
    while _learnt(choice, known, texts):
        measured = anew(measured)
        choice = choose(measured, budget)
    choice = _filled(choice, text_of)
    text, _ = render(choice, text_of)
    tokens = measured.count(text)
    if tokens != choice.tokens or tokens > budget:
        raise WindowError(
            f"what was packed counts {tokens:,} tokens as a whole and {choice.tokens:,} as the sum of its lines",
            "use another vocabulary: with this one lines do not add",
        )
    return Printed(text, tokens, budget, tuple(files_covered(choice)))


def _learnt(choice: Choice, known: dict[str, str], texts: Texts) -> bool:
    """Reads what is chosen; whether some of it must be written in another way than was thought."""
    measured = choice.measured
    files = measured.tree.files
    missing = [files[place] for place in choice.order if files[place].path not in known]
    if missing:
        known.update(texts(missing))
    learnt = False
    for place in choice.order:
        detail, text = choice.details[place], known[files[place].path]
        written = "".join(text[span.start : span.end] + "\n" for span in pieces(files[place], text, detail))
        learnt = measured.form.learn(place, detail, written, measured.count) or learnt
    return learnt


def _filled(choice: Choice, text_of: Callable[[File], str]) -> Choice:
    """The gap filled, if what fills it is written as it is."""
    found = fill(choice, text_of)
    for place, begun in found.parts.items():
        file = choice.measured.tree.files[place]
        text = text_of(file)
        written = [text[span.start : span.end] + "\n" for span in pieces(file, text, Detail.OUTLINE, begun)]
        if any(choice.measured.form.body(place, one) != one for one in written) or _TICKS.search("".join(written)):
            return choice
    return found
