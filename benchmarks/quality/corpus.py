"""Contracts with lawyers' labels, read as docanalyze reads them.

A folder holds `labels.jsonl` (one line a contract and label: `contract`, `dataset`, `clause_type`,
`present`, `answers` with `text` and `start`, `normalized_answer`) and the texts that it names.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from docanalyze import pack, tokens
from docanalyze.extract import Reading
from docanalyze.ingest import ReadOptions, Worker
from docanalyze.model import Document, Span

DATASET = "CUAD_v1"
CLAUSES = {
    "governing-law": ("Governing Law", "Governing law"),
    "anti-assignment": ("Anti-Assignment", "Limit on assignment"),
    "change-of-control": ("Change Of Control", "Change of control"),
    "liability-cap": ("Cap On Liability", "Limit of liability"),
    "uncapped-liability": ("Uncapped Liability", "Liability without limit"),
    "liquidated-damages": ("Liquidated Damages", "Liquidated damages"),
    "audit": ("Audit Rights", "Audit right"),
    "insurance": ("Insurance", "Insurance"),
    "licence": ("License Grant", "Licence"),
    "non-transferable-licence": ("Non-Transferable License", "Licence not transferable"),
    "perpetual-licence": ("Irrevocable Or Perpetual License", "Perpetual or irrevocable licence"),
    "affiliate-licence": ("Affiliate License-Licensee", "Licence to affiliates"),
    "ip-assignment": ("Ip Ownership Assignment", "Assignment of intellectual property"),
    "joint-ip": ("Joint Ip Ownership", "Joint ownership of intellectual property"),
    "source-code-escrow": ("Source Code Escrow", "Source code in escrow"),
    "expiry": ("Expiration Date", "End of the term"),
    "renewal": ("Renewal Term", "Renewal"),
    "renewal-notice": ("Notice Period To Terminate Renewal", "Notice against renewal"),
    "convenience": ("Termination For Convenience", "Termination for convenience"),
    "after-termination": ("Post-Termination Services", "Duties after termination"),
    "exclusivity": ("Exclusivity", "Exclusivity"),
    "non-compete": ("Non-Compete", "Non-compete"),
    "non-solicitation": ("No-Solicit Of Employees", "No soliciting of employees"),
    "customers": ("No-Solicit Of Customers", "No soliciting of customers"),
    "competition-exception": ("Competitive Restriction Exception", "Exception from a restriction"),
    "first-refusal": ("Rofr/Rofo/Rofn", "Right of first refusal, offer or negotiation"),
    "most-favoured": ("Most Favored Nation", "Most favoured customer"),
    "minimum": ("Minimum Commitment", "Minimum commitment"),
    "volume": ("Volume Restriction", "Limit of volume"),
    "revenue-share": ("Revenue/Profit Sharing", "Share of revenue or profit"),
    "warranty-period": ("Warranty Duration", "Warranty period"),
    "not-to-sue": ("Covenant Not To Sue", "Covenant not to sue or contest"),
    "third-parties": ("Third Party Beneficiary", "Third-party beneficiary"),
    "disparagement": ("Non-Disparagement", "Non-disparagement"),
}
"""By our name: the label, and the title that people read."""

_LEAST_SHARED = 30
THIRDS = 3


@dataclass
class Contract:
    """One contract with what lawyers found: by label the Spans, and the answer in their form."""

    path: Path
    document: Document
    spans: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def reading(self) -> Reading:
        windows, _ = pack.into_windows(self.document, 10_000_000, tokens.packaged())
        return Reading(self.document, windows[0])

    @property
    def digest(self) -> str:
        """Eight figures that tell which text it is."""
        return hashlib.sha256(self.document.text.encode()).hexdigest()[:8]

    @property
    def company(self) -> str:
        """Who filed it: contracts of one company are alike and stay in one fold."""
        return re.split(r"[_ ]", self.path.name)[0].lower()

    def has(self, label: str) -> bool:
        return bool(self.spans[label])


def contracts(folder: Path) -> Iterator[Contract]:
    """The labelled contracts of a folder, in the order of their names."""
    labels: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    with (folder / "labels.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            if told["dataset"] == DATASET:
                labels[told["contract"]].append(told)
    with Worker() as worker:
        for name, rows in sorted(labels.items()):
            path = folder / name
            contract = Contract(path, worker.read(str(path), ReadOptions(ocr="never"), lambda event: None))
            for row in rows:
                _take(contract, row)
            yield contract


def _take(contract: Contract, row: dict[str, object]) -> None:
    label, answers = str(row["clause_type"]), row["answers"]
    assert isinstance(answers, list)
    text = contract.document.text
    for answer in answers:
        if answer.get("start") is None:
            continue
        span = Span(answer["start"], answer["start"] + len(answer["text"]))
        if text[span.start : span.end] != answer["text"]:
            raise SystemExit(f"{contract.path.name}: the label {label} does not stand where it says")
        contract.spans[label].append(span)
    contract.answers[label] = str(row.get("normalized_answer") or "")


def is_shared(sentence: Span, gold: Span) -> bool:
    """Whether a sentence holds so much of a labelled passage that it is the passage's."""
    shared = min(sentence.end, gold.end) - max(sentence.start, gold.start)
    return shared > 0 and (shared >= _LEAST_SHARED or 2 * shared >= min(len(sentence), len(gold)))


def kept_aside(contract: Contract) -> bool:
    """Whether a contract belongs to the third by which rules are only measured, never mended."""
    return _number(contract, THIRDS) == 0


def folds(found: list[Contract], count: int) -> list[int]:
    """The fold of each contract: by the hash of who filed it, so the same wherever it is run."""
    return [_number(contract, count) for contract in found]


def _number(contract: Contract, count: int) -> int:
    return int(hashlib.sha256(contract.company.encode()).hexdigest(), 16) % count
