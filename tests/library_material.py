"""A small library: a contract read by two models, a lease that was read in part, a code base in two states."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from docanalyze.model import (
    Call,
    CallState,
    Coverage,
    Covered,
    Detail,
    Document,
    Field,
    FieldKind,
    File,
    Finding,
    Fingerprint,
    Label,
    Note,
    Prompt,
    Quote,
    Reply,
    Role,
    Run,
    RunState,
    Sent,
    Sweep,
    Verdict,
    hash_text,
)
from docanalyze.store import Store
from tests.store_material import a_document, found
from tests.tree_material import FILES, a_code_base, a_run_of

SOON = (date.today() + timedelta(days=30)).isoformat()
LATER = (date.today() + timedelta(days=300)).isoformat()
SUPPLY = (
    (Role.HEADING, "SUPPLY AGREEMENT", ""),
    (Role.PARAGRAPH, "The Supplier shall deliver the reports by 30 April 2027.", "1"),
    (Role.PARAGRAPH, "This Agreement renews unless notice of ninety (90) days is given.", "2"),
    (Role.PARAGRAPH, "The total liability of either party shall not exceed EUR 250,000.", "3"),
    (Role.PARAGRAPH, "The Supplier shall indemnify the Customer up to that cap.", "4"),
)
LEASE = (
    (Role.HEADING, "LEASE", ""),
    (Role.PARAGRAPH, "The Tenant shall pay 1,200 euros a month.", "1"),
    (Role.PARAGRAPH, "The Landlord may inspect the mill.", "2"),
)
BEFORE, AFTER = "20270103-120000-00000c", "20270104-120000-00000d"


def the_library(path: Path) -> Path:
    """The library as a database at a path."""
    supply, lease = a_document(SUPPLY, "supply.txt"), a_document(LEASE, "lease.txt")
    with Store.open(path) as store:
        for document in (supply, lease):
            store.put_document(document)
        put(store, a_contract_run(supply, "20270101-110000-000000", "qwen", supply_findings(supply)))
        put(store, a_contract_run(supply, "20270101-120000-00000a", "qwen", supply_findings(supply)))
        put(store, a_contract_run(supply, "20270101-130000-00000e", "llama", supply_findings(supply, "llama")))
        put(store, partly_read(lease, a_contract_run(lease, "20270102-120000-00000b", "qwen", lease_findings(lease))))
        for run_id, tree in ((BEFORE, code_before()), (AFTER, code_after())):
            store.put_document(tree)
            details = [Detail.NAME if file.path == "app/store.py" else Detail.FULL for file in _files(tree)]
            put(store, replace(a_run_of(tree, details, run_id), kind="repo", started=run_id))
    return path


def put(store: Store, run: Run) -> None:
    """Stores a Run that is done."""
    store.start_run(replace(run, state=RunState.ANALYZING, ended=""))
    store.set_state(run.id, RunState.DONE, ended="2027-01-05T00:00:00")


def _files(document: Document) -> tuple[File, ...]:
    return document.tree.files if document.tree else ()


def a_contract_run(document: Document, run_id: str, model: str, findings: tuple[Finding, ...]) -> Run:
    """A Run of a contract by a model, with one call that was answered and one that failed."""
    return Run(
        id=run_id,
        key=f"key of {run_id}",
        source=document.source.path,
        document_id=document.id,
        kind="contract",
        kind_sha256="",
        analyst=model,
        judge="judge",
        state=RunState.DONE,
        started=f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:00:00",
        ended="2027-01-05",
        settings=(("out", "somewhere"),),
        sections=tuple((name, name.title()) for name in ("obligations", "term", "liability", "indemnity")),
        calls=(a_call(model), replace(a_call(model), number=2, reply=None, state=CallState.FAILED, error="gone")),
        findings=findings,
    )


def a_call(model: str) -> Call:
    """1,000 tokens read in two seconds, of which 400 were kept; 100 written in four."""
    fingerprint = Fingerprint(model, hash_text(model))
    reply = Reply("{}", fingerprint, "greedy", 1_400, 400, 100, 6.5, "stop", 2.0, 4.0)
    sent = Sent(hash_text("whole"), hash_text("prompt"), "system", "{}")
    prompt = Prompt("question", hash_text("template"), "What?")
    return Call(1, f"{model} 1", "main", "obligations", 0, prompt, reply, CallState.DONE, "2027-01-01", sent=sent)


def judged(label: Label, share: float = 0.9, reason: str = "") -> tuple[Verdict, ...]:
    """What the rules and then the judge say."""
    return (Verdict("rules", Label.CONSISTENT), Verdict("judge", label, share, reason))


def supply_findings(document: Document, model: str = "qwen") -> tuple[Finding, ...]:
    """A duty, a renewal, a cap, an indemnity; two of them disputed."""
    duty, renewal = "shall deliver the reports by 30 April 2027", "renews unless notice of ninety (90) days is given"
    cap, indemnity = "shall not exceed EUR 250,000", "shall indemnify the Customer up to that cap"
    who = Field("who", FieldKind.PARTY, "The Supplier", "The Supplier")
    due = Field("by_when", FieldKind.TEXT, "by 30 April 2027", "2027-04-30")
    amount = Field("cap", FieldKind.AMOUNT, "EUR 250,000", "250000", "EUR")
    period = Field("period", FieldKind.DURATION, "ninety (90) days", "90", "days")
    ends = Field("date", FieldKind.DATE, SOON, SOON)
    said = "Reports are due on 30 April 2027." if model == "qwen" else "The Supplier must report in April."
    supported, partly = judged(Label.SUPPORTED), judged(Label.PARTLY, 0.6)
    contradicted = judged(Label.CONTRADICTED, 0.8, "the text says otherwise")
    return (
        _finding(document, 1, "obligations", said, duty, (who, due), supported),
        _finding(document, 2, "term", "It renews after notice.", renewal, (period, ends), contradicted),
        _finding(document, 3, "liability", "Liability is capped.", cap, (amount,), supported),
        _finding(document, 4, "indemnity", "The Supplier indemnifies.", indemnity, (), partly),
    )


def lease_findings(document: Document) -> tuple[Finding, ...]:
    """A duty without a date, a far end, and no limit of liability."""
    rent = "shall pay 1,200 euros a month"
    who = Field("who", FieldKind.PARTY, "The Tenant", "The Tenant")
    ends = Field("date", FieldKind.DATE, LATER, LATER)
    sweep = Sweep(("liability", "cap"), (), len(document.text))
    statement = "No limit of liability was recognised"
    return (
        _finding(document, 1, "obligations", "The Tenant pays rent.", rent, (who,), judged(Label.UNSUPPORTED)),
        _finding(document, 2, "term", "It ends.", "may inspect the mill", (ends,), ()),
        Finding(
            "liability", statement, absence=True, sweep=sweep, number=3, verdicts=(Verdict("rules", Label.REVIEW),)
        ),
    )


def _finding(
    document: Document,
    number: int,
    section: str,
    statement: str,
    quote: str,
    fields: tuple[Field, ...],
    verdicts: tuple[Verdict, ...],
) -> Finding:
    evidence = found(document, quote)
    return Finding(section, statement, (Quote(quote),), fields, (evidence,), verdicts, number=number, calls=(1,))


def partly_read(document: Document, run: Run) -> Run:
    """The Run with a part of the text left out, a page that gave none, and a Section that was not finished."""
    last = document.segments[-1].span
    coverage = Coverage((Covered(last, 0, Detail.NONE, "too long for the window"),), ((2, "a scan"),))
    return replace(run, coverage=coverage, notes=(Note("incomplete", "obligations: the answer never ended"),))


def code_before() -> Document:
    """The code base, with a secret in one file."""
    return a_code_base()


def code_after() -> Document:
    """The code base later: a definition added, one removed, one file gone."""
    files = dict(FILES)
    files["app/store.py"] = (
        "class Store:\n    def open(self):\n        return 2\n\ndef close_store():\n    return None\n"
    )
    del files["README.md"]
    return a_code_base(files, commit="cd" * 20)
