"""What is said about a Document, where it is proven, and who judged it."""

from dataclasses import dataclass
from enum import StrEnum

from docanalyze.model.kind import FieldKind
from docanalyze.model.places import Box, Span


class Match(StrEnum):
    """How a quote was found in its source."""

    EXACT = "exact"
    NORMALISED = "normalised"
    FUZZY = "fuzzy"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an analyst says stand in the Document.

    `cited` are the numbers of the Segments it points at. `at` is the exact place where an analyst
    that read the text by itself knows it; a model never does.
    """

    text: str
    cited: tuple[int, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a Quote stands, or that it does not.

    `spans` are several for an ellipsis and none for a missing quote. `sentence` encloses them.
    `score` is 1 for exact and normalised. `in_place` says whether it stands where it was cited,
    None where nothing was cited. `occurrences` counts how often the words stand in the text. `boxes`
    are the rectangles of the words where the format has pages.
    """

    quote: str
    spans: tuple[Span, ...]
    match: Match
    score: float = 1.0
    in_place: bool | None = None
    occurrences: int = 1
    sentence: Span | None = None
    boxes: tuple[Box, ...] = ()
    reason: str = ""

    @property
    def status(self) -> str:
        """What a user is shown: verified, corrected (the source's words) or refused."""
        if self.match is Match.MISSING:
            return "refused"
        return "corrected" if self.match is Match.FUZZY else "verified"

    @property
    def span(self) -> Span | None:
        """From the first to the last place found."""
        return Span(self.spans[0].start, self.spans[-1].end) if self.spans else None


@dataclass(frozen=True, slots=True)
class Field:
    """A typed value of a Finding: as written, and normalised if it can be.

    `value` is an ISO date, a plain decimal, a count of `unit`, or a name; None where the text gives
    no such value ("90 days after signing" has a unit and no date).
    """

    name: str
    kind: FieldKind
    written: str
    value: str | None = None
    unit: str = ""
    evidence: Evidence | None = None


class Label(StrEnum):
    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    QUOTED = "quoted"
    DERIVED = "derived"
    """Of the built-in analyst: counted or followed through a whole code base; its quotes show where."""
    CONSISTENT = "consistent"
    REVIEW = "review"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who says so (`rules` or a model), a label, a probability if there is one, and why.

    `call` is the number of the call that it came from, 0 of rules; `shares` are the probabilities of
    all labels that the model chose from.
    """

    by: str
    label: Label
    probability: float | None = None
    reason: str = ""
    call: int = 0
    shares: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """What was searched, in the whole Document, before an absence was stated, and what it hit."""

    terms: tuple[str, ...]
    hits: tuple[tuple[str, Span], ...]
    chars: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about the Document.

    `number` counts from 1 within the Run. `quotes` are the analyst's, `evidence` is what grounding
    made of them, one each. `calls` are the numbers of the calls it came from. `absence` marks a
    statement that something is not there; its `sweep` is what was searched. `confidence` is the
    analyst's own, `calibrated` whether it was measured.
    """

    section: str
    statement: str
    quotes: tuple[Quote, ...] = ()
    fields: tuple[Field, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    confidence: float | None = None
    calibrated: bool = False
    absence: bool = False
    sweep: Sweep | None = None
    conflict: str = ""
    number: int = 0
    calls: tuple[int, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """The one that decides: the latest."""
        return self.verdicts[-1] if self.verdicts else None
