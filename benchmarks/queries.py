"""How fast a library of a million findings is asked and searched, and how fast it was stored.

    python -m benchmarks.queries [--findings 1000000] [--db FILE]

Documents are made up: 500 findings each, with a quote, its place, one value, a verdict of the rules and one of a
model, over words that are as unevenly used as those of a language. They are stored by the program's own writer.
With `--db` the database is made there, or used again if it is there. Each time is the least of three.
"""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from docanalyze.model import (
    Call,
    CallState,
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Fingerprint,
    Label,
    Match,
    Prompt,
    Quote,
    Reader,
    Reply,
    Role,
    Run,
    RunState,
    Segment,
    Source,
    Span,
    Verdict,
    hash_text,
)
from docanalyze.store import Store

PER_DOCUMENT = 500
SENTENCES = 100
WORDS = 12
VOCABULARY = 30_000
SECTIONS = (*"parties dates term termination payment obligations liability indemnity ip law".split(), "insurance")
LABELS = (Label.SUPPORTED, Label.SUPPORTED, Label.SUPPORTED, Label.PARTLY, Label.UNSUPPORTED, Label.CONTRADICTED)
MODELS = tuple(Fingerprint(f"analyst {letter}", hash_text(letter)) for letter in "AB")
TABLES = ("findings", "finding_calls", "quotes", "finding_fields", "evidence", "evidence_spans", "verdicts")
COMPARED = 100
"""Documents that are stored both ways to compare."""

T = TypeVar("T")


class Words:
    """Made-up words, the n-th used in proportion to 1/n."""

    def __init__(self) -> None:
        self.chance = random.Random(9)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.chance.choices(letters, k=3 + n % 9)) for n in range(VOCABULARY)]
        self.weights = list(accumulate(1 / (n + 1) for n in range(VOCABULARY)))

    def some(self, count: int) -> str:
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=count))


def a_document(words: Words, number: int) -> Document:
    """A document of one paragraph a sentence."""
    text, segments = "", []
    for position in range(SENTENCES):
        sentence = f"{words.some(WORDS).capitalize()}."
        segments.append(Segment(position + 1, Span(len(text), len(text) + len(sentence)), Role.PARAGRAPH, 0))
        text += sentence + "\n\n"
    name = f"contract-{number:05}.txt"
    text = text.rstrip("\n")
    reader = Reader("text", "1", ())
    return Document(text, tuple(segments), Source(f"room/{name}", name, hash_text(text), len(text)), reader, "text")


def a_finding(words: Words, document: Document, number: int) -> Finding:
    """A finding with one quote, one value and two verdicts."""
    chance = words.chance
    segment = document.segments[chance.randrange(SENTENCES)]
    quote = document.slice(segment.span)
    date = f"20{chance.randint(24, 33)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    evidence = Evidence(quote, (segment.span,), Match.EXACT, sentence=segment.span)
    return Finding(
        SECTIONS[number % len(SECTIONS)],
        words.some(WORDS),
        (Quote(quote, (segment.number,)),),
        (Field("date", FieldKind.DATE, date, date),),
        (evidence,),
        (
            Verdict("rules", chance.choice((Label.CONSISTENT, Label.CONSISTENT, Label.REVIEW))),
            Verdict("judge", chance.choice(LABELS), 0.9),
        ),
        number=number,
        calls=(1,),
    )


def a_run(document: Document, number: int) -> tuple[Run, Call]:
    """The run of a document, and its one call."""
    model = MODELS[number % len(MODELS)]
    reply = Reply("{}", model, "greedy", 9_000, 8_000, 700, 30.0, "stop", 8.0, 22.0)
    prompt = Prompt("question", hash_text("template"), "What does it say?")
    call = Call(1, f"key {number}", "main", "payment", 0, prompt, reply, CallState.DONE, "2027-01-01")
    run = Run(
        id=f"20270101-{number:06}-abcdef",
        key=f"run {number}",
        source=document.source.path,
        document_id=document.id,
        kind="contract",
        kind_sha256="",
        analyst=model.model,
        judge="judge",
        state=RunState.ANALYZING,
        started=f"2027-01-01T00:{number // 60 % 60:02}:{number % 60:02}",
        sections=tuple((name, name.title()) for name in SECTIONS),
        stages=(("read", 0.2), ("find", 30.0)),
    )
    return run, call


Filled = tuple[Document, Run, Call, Sequence[Finding]]


def made_up(findings: int) -> Iterator[Filled]:
    """Documents with their runs, calls and findings."""
    words = Words()
    for number in range(max(1, findings // PER_DOCUMENT)):
        document = a_document(words, number)
        found = [a_finding(words, document, position + 1) for position in range(PER_DOCUMENT)]
        yield document, *a_run(document, number), found


def put(store: Store, filled: Filled) -> float:
    """Stores one document; the seconds that its findings took."""
    document, run, call, found = filled
    store.put_document(document)
    store.start_run(run)
    began = time.perf_counter()
    store.finish_call(run.id, call, found)
    took = time.perf_counter() - began
    store.set_state(run.id, RunState.DONE, ended="2027-01-01T01:00:00")
    return took
