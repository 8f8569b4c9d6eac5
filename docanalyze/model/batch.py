"""Many documents analysed together: what each of them is, how it stands, and what it took."""

from dataclasses import dataclass, field
from enum import StrEnum

from docanalyze.model.finding import Label


class BatchState(StrEnum):
    """How a document of a Batch stands. `FOUND` awaits its judge, `ASIDE` ended its process again and again."""

    WAITING = "waiting"
    WORKING = "working"
    FOUND = "found"
    DONE = "done"
    FAILED = "failed"
    ASIDE = "set aside"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls to models took: tokens read (those `cached` among them) and written, and seconds of the calls."""

    tokens_in: int = 0
    cached: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    calls: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.tokens_in + other.tokens_in,
            self.cached + other.cached,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
            self.calls + other.calls,
        )

    def cost(self, price_in: float, price_out: float) -> float:
        """Money, by prices of a million tokens; what was cached is paid like what was not."""
        return (self.tokens_in * price_in + self.tokens_out * price_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class BatchDocument:
    """One document of a Batch, by its `number` in it.

    `source` is the path as it was found, `is_code` says that it is a code base. `sha256` is of its content, and
    `asked` the hash of all that decides its result beside that; both are empty until it is begun. `tokens` are of
    its Windows. `tries` counts how often it was begun, `crashes` how often its process ended under it.
    """

    number: int
    source: str
    size: int = 0
    is_code: bool = False
    state: BatchState = BatchState.WAITING
    reason: str = ""
    sha256: str = ""
    asked: str = ""
    run: str = ""
    tries: int = 0
    crashes: int = 0
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    tokens: int = 0
    findings: int = 0
    spent: Spent = field(default_factory=Spent)
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Many documents, known again by `key`, the hash of what was named on the command line."""

    number: int
    key: str
    sources: tuple[str, ...]
    started: str
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What was found in one Section of one document: how many findings of each Label, how many of them absences."""

    labels: tuple[tuple[Label, int], ...]
    absences: int = 0

    @property
    def findings(self) -> int:
        return sum(count for _, count in self.labels)
