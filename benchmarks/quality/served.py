"""A model behind a URL, asked the same of the same contracts: one Section a clause.

Each contract goes through the whole of docanalyze: packed, asked, grounded, judged where a judge is
given. What it did not ground is no claim. The confidence of a claim is the judge's probability, else
the model's own, else 1.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.quality.clauses import Answers, Claim
from benchmarks.quality.corpus import CLAUSES, Contract
from docanalyze import config, pipeline, prompts
from docanalyze.ingest import Worker
from docanalyze.model import Document, Event, Finding, Run
from docanalyze.store import Store

KIND = "clauses"
_SUPPORTING = ("supported", "partly", "quoted", "consistent")


def by_model(found: Sequence[Contract], main_url: str, judge_url: str) -> tuple[list[Answers], list[list[Finding]]]:
    """What the model says of each contract: clauses, and all Findings for the values."""
    answers, findings = [], []
    with tempfile.TemporaryDirectory() as folder:
        _write_kind(Path(folder) / "prompts")
        told = {
            "db": str(Path(folder) / "quality.db"),
            "kind": KIND,
            "prompts": str(Path(folder) / "prompts"),
            "main_url": main_url,
            "judge_url": judge_url or None,
        }
        for number, contract in enumerate(found, 1):
            said = list(run(contract.path, {key: value for key, value in told.items() if value})[0].findings)
            print(f"{number} of {len(found)}: {contract.path.name}: {len(said)} findings", flush=True)
            answers.append(_answers(said))
            findings.append(said)
    return answers, findings


def run(path: Path, told: Mapping[str, object]) -> tuple[Run, Document]:
    """One file through the whole of docanalyze, as these settings say."""
    settings = config.resolve(told, [str(path)])
    task = pipeline.Task(str(path), settings)

    def silent(_: Event) -> None:
        return

    wanted = pipeline.Wanted()
    with pipeline.open_models(settings, wanted, silent) as models, Worker() as worker, Store.open(settings.db) as store:
        ended, _ = pipeline.run(task, store, worker, silent, models)
        return ended, store.document(ended.document_id)


def _answers(findings: Sequence[Finding]) -> Answers:
    answers = Answers()
    for finding in findings:
        if finding.section not in CLAUSES:
            continue
        if finding.absence:
            answers.absent.add(finding.section)
        for evidence in finding.evidence:
            answers.claims += [Claim(finding.section, span, _confidence(finding)) for span in evidence.spans]
    return answers


def _confidence(finding: Finding) -> float:
    verdict = finding.verdict
    if verdict is not None and verdict.probability is not None:
        return verdict.probability if verdict.label in _SUPPORTING else 1 - verdict.probability
    return 1.0 if finding.confidence is None else finding.confidence


def _write_kind(folder: Path) -> None:
    """The packaged Sections of parties, dates and law, and one Section for each clause."""
    packaged = Path(prompts.find("contract").folder) / "kind.toml"
    lines = ['title = "Clauses"', "threshold = 99.0", ""]
    for text in packaged.read_text(encoding="utf-8").split("\n[[section]]\n")[1:]:
        if text.startswith(('name = "parties"', 'name = "dates"', 'name = "law"')):
            lines += ["[[section]]", text]
    for name, (_, title) in CLAUSES.items():
        lines += [
            "[[section]]",
            f'name = "{name}"',
            f'title = "{title}"',
            f'question = "Which passages of the contract are this clause: {title}?"',
            'method = "cues"',
            f'absence = "No such clause: {title}"',
            "",
        ]
    (folder / KIND).mkdir(parents=True)
    (folder / KIND / "kind.toml").write_text("\n".join(lines), encoding="utf-8")
