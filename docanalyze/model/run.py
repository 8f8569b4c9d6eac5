"""One analysis of one Document: its calls, its state, its progress."""

from dataclasses import dataclass
from enum import StrEnum

from docanalyze.model.finding import Finding
from docanalyze.model.note import Note
from docanalyze.model.places import hash_text
from docanalyze.model.window import Coverage, Window


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered template: its name, the hash of the template, and the text."""

    template: str
    template_sha256: str
    text: str

    @property
    def sha256(self) -> str:
        return hash_text(self.text)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What served a Reply. Of the built-in analyst: its name, and the hash of its rules."""

    model: str
    file_sha256: str = ""
    quantization: str = ""
    cache_k: str = ""
    cache_v: str = ""
    context: int = 0
    rope: str = ""
    build: str = ""
    device: str = ""
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """The raw answer, with what served it, token counts, and why it ended.

    `finish` is `stop`, `length` (cut at the limit) or `repeat` (stopped by us, going round in
    circles). `seconds` is from request to end; `prompt_seconds` and `output_seconds` are the server's
    own timings, 0 where it tells none.
    """

    text: str
    fingerprint: Fingerprint
    sampling: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    finish: str = "stop"
    prompt_seconds: float = 0.0
    output_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to a model beside the question: the system text, and what bound the answer's form.

    `whole_sha256` is the hash of system text, document and question, `prompt_sha256` that of the
    question: they stay where `kept` is false and the texts do not.
    """

    whole_sha256: str
    prompt_sha256: str
    system: str
    schema: str
    kept: bool = True


class CallState(StrEnum):
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Call:
    """One unit of work: one request to who finds or judges. `key` is what it is resumed by.

    `window` is 0 where none was shown. `sent` is None of the built-in analyst.
    """

    number: int
    key: str
    role: str
    section: str
    window: int
    prompt: Prompt
    reply: Reply | None
    state: CallState
    started: str
    error: str = ""
    sent: Sent | None = None


class RunState(StrEnum):
    READING = "reading"
    ANALYZING = "analyzing"
    AWAITING_JUDGE = "awaiting judge"
    JUDGING = "judging"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One analysis of one Document. `key` is the hash of all that decides its result.

    `sections` are (name, title) in the order asked, `stages` are (name, seconds).
    """

    id: str
    key: str
    source: str
    document_id: str
    kind: str
    kind_sha256: str
    analyst: str
    judge: str
    state: RunState
    started: str
    ended: str = ""
    error: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    windows: tuple[Window, ...] = ()
    coverage: Coverage | None = None
    calls: tuple[Call, ...] = ()
    findings: tuple[Finding, ...] = ()
    stages: tuple[tuple[str, float], ...] = ()
    notes: tuple[Note, ...] = ()
