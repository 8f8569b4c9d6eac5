"""What is asked of a Document: Kinds, their Sections and typed Fields."""

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    DATE = "date"
    AMOUNT = "amount"
    DURATION = "duration"
    PARTY = "party"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One typed Field that a Section asks for."""

    name: str
    kind: FieldKind
    title: str
    clauses: tuple[str, ...] = ()
    """Of a sentence recognised as clauses, those that it is read from; empty: whatever they are."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A regular expression (case ignored) that speaks for a Section, or against it if negative."""

    pattern: str
    weight: float


@dataclass(frozen=True, slots=True)
class Example:
    """What a good answer is: a text of the Kind's author, and a statement with its quote from it."""

    text: str
    statement: str
    quote: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a Kind's analysis.

    `method` names how the built-in analyst answers it, `headings` are cues of the headings above a
    sentence. `terms` are what an absence is searched by. `absence` is the statement made when nothing
    is found, empty where absence says nothing; `not_found` is the stronger one where all of `clauses`,
    for which the built-in analyst has measured models, are surely not there. `limit` is the largest
    number of Findings, and `best_first` whether they stand by how much speaks for them, not as in the text.
    """

    name: str
    title: str
    question: str
    method: str
    fields: tuple[FieldSpec, ...] = ()
    cues: tuple[Cue, ...] = ()
    terms: tuple[str, ...] = ()
    absence: str = ""
    limit: int = 12
    examples: tuple[Example, ...] = ()
    headings: tuple[Cue, ...] = ()
    clauses: tuple[str, ...] = ()
    not_found: str = ""
    best_first: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of analysis: a folder under `prompts/`. `sha256` covers its files, `folder` holds them."""

    name: str
    title: str
    sections: tuple[Section, ...]
    detect: tuple[Cue, ...] = ()
    threshold: float = 0.0
    sha256: str = ""
    folder: str = ""

    def section(self, name: str) -> Section:
        """The Section of that name; KeyError if there is none."""
        for section in self.sections:
            if section.name == name:
                return section
        raise KeyError(name)
