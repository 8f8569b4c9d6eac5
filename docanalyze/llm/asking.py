"""What is asked of a model server and what it tells: plain values, whatever the server is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from docanalyze.model import Fingerprint, Reply

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. Temperature 0 takes the likeliest, and the seed then says nothing."""

    temperature: float = 0.0
    seed: int = 0

    def __str__(self) -> str:
        return f"temperature {self.temperature:g}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question over one text. `document` is the part of the user's turn that many asks share.

    `most` bounds the answer in tokens. `grammar` (GBNF) and `schema` (JSON Schema) say the same: a
    server gets the one that it takes. `opening` is what the answer already begins with. `document_id` is
    never sent: it says whose text `document` is, for who keeps something of it.
    """

    system: str
    document: str
    question: str
    most: int
    grammar: str = ""
    schema: Mapping[str, object] | None = None
    opening: str = ""
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """What a server wrote or took up of its cache: how many tokens, and in how many bytes."""

    tokens: int
    size: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One label of several: the likeliest, with the probability of each, None where none was told."""

    label: str
    probabilities: Mapping[str, float] | None
    reply: Reply


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call is, in tokens; `waiting` says what is waited for, if anything."""

    read: int = 0
    to_read: int = 0
    written: int = 0
    per_second: float = 0.0
    waiting: str = ""


Watch = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Watches nothing."""


class Vocabulary(Protocol):
    """Counts and encodes text, none of it read as control: a `tokens.Counter`."""

    def __call__(self, text: str, /) -> int: ...

    def encode(self, text: str, /) -> list[int]: ...


class Served(Protocol):
    """A model server that answers. Every method may raise a ServerError; ReplyError is one call's."""

    url: str
    fingerprint: Fingerprint
    identity: tuple[str, ...]
    """What the endpoint says of its model: what calls are resumed by."""
    context: int
    """Tokens granted to one call; 0 if it does not tell."""
    unproven: tuple[str, ...]
    remote: bool

    def count(self, text: str) -> int:
        """Tokens of a text, none of it read as control; exact unless `tokens` is unproven."""

    def count_ask(self, ask: Ask) -> int:
        """Tokens of the whole prompt."""

    def complete(self, ask: Ask, sampling: Sampling, watch: Watch = silent) -> Reply:
        """The answer, streamed. Closing the stream ends the server's work."""

    def choose(self, ask: Ask, labels: tuple[str, ...], watch: Watch = silent) -> Choice:
        """The likeliest of a few labels of one letter each."""

    def close(self) -> None:
        """Ends the connection."""


class Around(Protocol):
    """Stands around the calls to one server: told before each, and after each that succeeded."""

    def before(self, ask: Ask, shared: Sequence[int], watch: Watch) -> None:
        """`shared` are the ids of system text and document: what calls over one document begin with."""

    def after(self, ask: Ask, shared: Sequence[int], reply: Reply, watch: Watch) -> None: ...


_MARKERS = re.compile(
    r"<(?=\|[^|<>\n]{1,40}\|>)|<(?=/?s>)|\[(?=/?INST\])|<(?=(?:start|end)_of_(?:turn|text)>)|<(?=/?tool_(?:call|response)>)"
    r"|<(?=<SYS>>|</SYS>>)|<(?=\N{FULLWIDTH VERTICAL LINE})"
)


def broken_up(text: str) -> str:
    """The text with a blank inside everything that some chat template takes for a control token."""
    return _MARKERS.sub(lambda match: match[0] + " ", text)
