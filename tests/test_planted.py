"""The sample with a scripted model: what is planted arrives whole, corrected where it was misquoted, and
refused where it was invented, with every call, token and verdict in the database."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docanalyze import llm, pipeline, prompts, tokens
from docanalyze.config import Settings
from docanalyze.ingest import Worker, read
from docanalyze.model import CallState, Document, Finding, Label, Run, RunState
from docanalyze.store import Store
from tests.scripted import Said, Scripted, Seen
from tests.store_material import rows

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))
FACTS, ABSENT = EXPECTED["fact"], EXPECTED["absent"]
INVENTED = "The Provider shall pay a bounty of EUR 77,123 to every employee of the Client"
EVERY = 4
"""Of so many facts one is misquoted, if it has a word long enough."""


def plain(text: str) -> str:
    return " ".join(text.replace("-\n", "").split())


def misquoted(number: int, quote: str) -> str:
    """Two letters of a long word exchanged, as a slip of the pen."""
    word = re.search(r"\b[a-z]{8,}\b", quote)
    if number % EVERY or word is None or len(quote.split()) < 8:
        return quote
    at = word.start() + 3
    return quote[:at] + quote[at + 1] + quote[at] + quote[at + 2 :] if quote[at] != quote[at + 1] else quote


class Script:
    """A main model that knows the facts, and invents one in each Section; a judge that says what it sees."""

    def __init__(self, document: Document) -> None:
        titles = {section.title: section.name for section in prompts.find("contract").sections}
        self.titles = titles
        self.given: dict[str, list[dict[str, Any]]] = {}
        for number, fact in enumerate(FACTS):
            cited = [
                s.number for s in document.body if s.page == fact["page"] and fact["quote"][:30] in said(document, s)
            ]
            quote = {"segments": cited[:1] or [1], "text": misquoted(number, fact["quote"])}
            entry = {"statement": f"It is agreed: {fact['quote']}.", "quotes": [quote], "fields": {}}
            self.given.setdefault(fact["section"], []).append(entry)

    def __call__(self, seen: Seen) -> Said:
        if "BEGIN PASSAGES" in seen.prompt:
            if seen.body["n_predict"] == 1:
                return Said(probabilities={"A": 0.9, "B": 0.06, "C": 0.03, "D": 0.01})
            return Said("the passage says so.")
        title = re.findall(r"^Section: (.*)$", seen.prompt, re.MULTILINE)[-1]
        invented = {
            "statement": f"{INVENTED}.",
            "quotes": [{"segments": [1], "text": INVENTED}],
            "fields": {},
        }
        if "do not stand in the document" in seen.prompt:
            return Said(json.dumps({"findings": [invented]}))
        return Said(json.dumps({"findings": [*self.given.get(self.titles[title], []), invented]}, ensure_ascii=False))


def said(document: Document, segment: Any) -> str:
    return plain(document.slice(segment.span))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Document, list[Seen], Path]]:
    source = str(SAMPLES / "contract.pdf")
    path = tmp_path_factory.mktemp("planted") / "a.db"
    with Scripted(Script(read(source))) as server, Worker() as worker, Store.open(path) as store:
        served = llm.connect(server.url, tokens.packaged())
        task = pipeline.Task(source, Settings(kind="contract"))
        run, _ = pipeline.run(task, store, worker, lambda event: None, pipeline.Models(served, served))
        assert store.verify() == []
        yield run, store.document_of(run), server.seen, path


def stating(run: Run, document: Document, fact: dict[str, Any]) -> list[Finding]:
    found = []
    for finding in (f for f in run.findings if f.section == fact["section"]):
        for span in (span for evidence in finding.evidence for span in evidence.spans):
            if plain(fact["quote"]) in plain(document.slice(span)):
                found += [finding] if document.segments_at(span)[0].page == fact["page"] else []
    return found


def test_every_planted_fact_arrives_with_the_words_of_the_source(
    analysed: tuple[Run, Document, list[Seen], Path],
) -> None:
    run, document, _, _ = analysed
    assert run.state is RunState.DONE
    corrected = 0
    for number, fact in enumerate(FACTS):
        (finding,) = stating(run, document, fact)
        (evidence,) = finding.evidence
        wrong = misquoted(number, fact["quote"]) != fact["quote"]
        assert evidence.status == ("corrected" if wrong else "verified"), fact
        assert plain(document.slice(evidence.spans[0])).startswith(plain(fact["quote"])[:20])
        assert evidence.boxes and evidence.boxes[0].page == fact["page"] and evidence.in_place
        corrected += wrong
    assert corrected >= 5


def test_what_was_invented_is_refused_in_every_section(analysed: tuple[Run, Document, list[Seen], Path]) -> None:
    run, _, seen, _ = analysed
    invented = [f for f in run.findings if f.statement.startswith(INVENTED)]
    asked = {call.section for call in run.calls if call.role == "analyst"}
    assert {f.section for f in invented} == asked
    for finding in invented:
        assert [e.status for e in finding.evidence] == ["refused"]
        assert finding.verdict is not None and finding.verdict.label is Label.UNSUPPORTED
    said_missing = [f for f in run.findings if f.absence]
    assert len(said_missing) == len(ABSENT), "an invention is no sign that a thing is there"
    assert all(f.section == "missing" and f.sweep is not None and not f.sweep.hits for f in said_missing)
    repairs = [s for s in seen if "do not stand in the document" in s.prompt]
    assert len(repairs) == len(asked), "each Section is mended once"


def test_every_call_token_and_verdict_is_in_the_database(analysed: tuple[Run, Document, list[Seen], Path]) -> None:
    run, _, seen, path = analysed
    assert all(call.state is CallState.DONE for call in run.calls)
    assert rows(path, "SELECT count(*), sum(prompt_tokens) FROM calls") == [
        (len(seen), sum(len(one.ids) for one in seen))
    ]
    judged = [f for f in run.findings if any(e.spans for e in f.evidence)]
    assert all([v.by for v in f.verdicts] == ["rules", "scripted"] for f in judged)
    assert rows(path, "SELECT count(*) FROM verdicts") == [(sum(len(f.verdicts) for f in run.findings),)]
    assert rows(path, "SELECT count(*) FROM verdict_calls") == [(len(judged),)]
    numbers = {call.number for call in run.calls}
    assert all(set(f.calls) <= numbers and (f.calls or f.absence) for f in run.findings)
    labels = {(f.evidence[0].status, f.verdict.label) for f in judged if f.verdict is not None}
    assert labels == {("verified", Label.SUPPORTED), ("corrected", Label.REVIEW)}
