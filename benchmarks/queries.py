"""How fast a library of a million findings is asked and searched, and how fast it was stored.

    python -m benchmarks.queries [--findings 1000000] [--db FILE]

Documents are made up: 500 findings each, with a quote, its place, one value, a verdict of the rules and one of a
model, over words that are as unevenly used as those of a language. They are stored by the program's own writer.
With `--db` the database is made there, or used again if it is there. Each time is the least of three.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path
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
from docanalyze.store import Narrowed, Store, ask, questions, search_findings, search_sources

PER_DOCUMENT = 500
SENTENCES = 100
WORDS = 12
VOCABULARY = 30_000
SECTIONS = (*"parties dates term termination payment obligations liability indemnity ip law".split(), "insurance")
LABELS = (Label.SUPPORTED, Label.SUPPORTED, Label.SUPPORTED, Label.PARTLY, Label.UNSUPPORTED, Label.CONTRADICTED)
MODELS = tuple(Fingerprint(f"analyst {letter}", hash_text(letter)) for letter in "AB")
TABLES = ("findings", "finding_calls", "quotes", "finding_fields", "evidence", "evidence_spans", "verdicts")
PARENTS = ("texts", "documents", "runs", "fingerprints", "calls")
WANTED = {
    "documents": " (wanted: under 200 ms)",
    "sections": " (wanted: under 200 ms)",
    "agreement": " (wanted: under 3,000 ms)",
    "disputed": " (wanted: under 3,000 ms)",
}
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
    """Stores one document; the seconds of the processor that its findings took."""
    document, run, call, found = filled
    store.put_document(document)
    store.start_run(run)
    began = time.process_time()
    store.finish_call(run.id, call, found)
    took = time.process_time() - began
    store.set_state(run.id, RunState.DONE, ended="2027-01-01T01:00:00")
    return took


# -- insertion -------------------------------------------------------------------------------------


def compare_insertion(folder: Path) -> None:
    """The store's own writer beside bare executemany of the same rows, indexes and search index on both sides."""
    count = COMPARED * PER_DOCUMENT
    filled = list(made_up(count))
    with Store.open(folder / "ours.db") as store:
        ours = sum(put(store, one) for one in filled)
        rows = {table: store.connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        rows |= {table: store.connection.execute(f"SELECT * FROM {table}").fetchall() for table in PARENTS}
    with Store.open(folder / "plain.db") as store:
        connection = store.connection
        for table in PARENTS:
            insert(connection, table, rows[table])
        began = time.process_time()
        connection.execute("BEGIN")
        for table in TABLES:
            insert(connection, table, rows[table])
        connection.execute(
            "INSERT INTO findings_fts (rowid, statement, quotes) SELECT id, statement, quotes FROM finding_texts"
        )
        connection.execute("COMMIT")
        plain = time.process_time() - began
    print(f"{count:,} findings stored: {ours:.2f} s, {PER_DOCUMENT} in a transaction; {ours / count * 1e6:.0f} µs each")
    print(f"the same rows by executemany, in one transaction: {plain:.2f} s")
    print(f"ours is {plain / ours:.2f} times as fast (wanted: at least 0.5)")


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", (tuple(row) for row in rows))


# -- questions and searches ------------------------------------------------------------------------


def least(work: Callable[[], T]) -> tuple[float, T]:
    """The least of three times, in milliseconds of the processor, and what came of it."""
    times = []
    for _ in range(3):
        began = time.process_time()
        result = work()
        times.append(time.process_time() - began)
    return min(times) * 1000, result


def ask_all(path: Path) -> None:
    """Every saved question, without its parameters."""
    for question in questions():
        values = question.values({})
        took, answer = least(lambda sql=question.sql, values=values: ask(path, sql, values, limit=1000))  # type: ignore[misc]
        more = " and more" if answer.more else ""
        print(f"{question.name:18} {took:8.0f} ms  {len(answer.rows):,} rows{more}{WANTED.get(question.name, '')}")


def search_all(path: Path) -> None:
    """Words from the commonest to rare ones, in findings and in sources."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab (main, findings_fts, row)")
        words = connection.execute("SELECT term, doc FROM temp.v ORDER BY doc DESC LIMIT 5000").fetchall()
        total = connection.execute("SELECT count(*) FROM findings").fetchone()[0]
    rare = [(term, count) for term, count in words if count < total / 100]
    chosen = [words[0], words[5], words[30], rare[0], rare[len(rare) // 2], rare[-1]]
    for term, count in chosen:
        for what, search in (("findings", search_findings), ("sources", search_sources)):
            took, found = least(lambda s=search, t=term: s(path, t, Narrowed(), limit=10))  # type: ignore[misc]
            print(f"{what:9} a word in {count / total:7.2%} of findings {took:8.1f} ms  {len(found.found)} shown")
    most, next_ = words[0][0], words[1][0]
    for query in (f"{most} OR {next_}", f"{most} NEAR {next_}", f'"{most} {next_}"', f"{rare[0][0][:3]}*"):
        took, found = least(lambda q=query: search_findings(path, q, Narrowed(), limit=10))  # type: ignore[misc]
        print(f"findings  {query:32} {took:8.1f} ms  {len(found.found)} shown")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--db", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare_insertion(folder)
        path = given.db or folder / "library.db"
        if not path.exists():
            with Store.open(path) as store:
                took = sum(put(store, filled) for filled in made_up(given.findings))
            print(f"{given.findings:,} findings stored in {took:.0f} s")
        print(f"{path.stat().st_size / 1e6:,.0f} MB; times of the processor, the least of three")
        ask_all(path)
        search_all(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
