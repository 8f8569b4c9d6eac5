"""`--json`: the versioned form of a Run, as `runs.schema.json` describes it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from docanalyze.cli.terminal import json_text
from docanalyze.errors import DocanalyzeError
from docanalyze.model import Call, Coverage, Document, Evidence, Field, Finding, Run, Span, Tree, Window

if TYPE_CHECKING:
    from docanalyze.pipeline import Plan

VERSION = 1

Json = dict[str, Any]


def write(value: Json) -> None:
    """Prints one JSON object and nothing else on standard output."""
    sys.stdout.write(json_text(value, indent=2) + "\n")


def write_runs(
    runs: Sequence[Run],
    documents: Mapping[str, Document],
    failures: Sequence[tuple[str, DocanalyzeError]] = (),
) -> None:
    """`documents` holds that of each Run, by the Run's id."""
    write(
        {
            "schema": "docanalyze.runs",
            "version": VERSION,
            "runs": [run_object(run, documents[run.id]) for run in runs],
            "failures": [failure_object(source, error) for source, error in failures],
        }
    )


def write_plans(plans: "Sequence[Plan]", failures: Sequence[tuple[str, DocanalyzeError]]) -> None:
    write(
        {
            "schema": "docanalyze.plans",
            "version": VERSION,
            "plans": [plan_object(plan) for plan in plans],
            "failures": [failure_object(source, error) for source, error in failures],
        }
    )


def failure_object(source: str, error: DocanalyzeError) -> Json:
    return {"source": source, "error": type(error).__name__, "what": error.what, "try": error.try_}


def plan_object(plan: "Plan") -> Json:
    return {
        "source": plan.document.source.path,
        "document_id": plan.document.id,
        "kind": plan.kind.name,
        "kind_chosen": plan.why,
        "sections": [section.name for section in plan.sections],
        "text_tokens": plan.text_tokens,
        "fixed_tokens": plan.fixed_tokens,
        "answer_tokens": plan.answer_tokens,
        "windows": [window_object(window) for window in plan.windows],
        "analyst": plan.analyst,
        "calls": plan.calls,
        "coverage": coverage_object(plan.coverage, plan.document),
    }


def run_object(run: Run, document: Document) -> Json:
    """A Run with everything a script needs; places carry offsets, pages, boxes and the words."""
    return {
        "id": run.id,
        "state": run.state.value,
        "source": run.source,
        "document": document_object(document),
        "kind": run.kind,
        "kind_sha256": run.kind_sha256,
        "analyst": run.analyst,
        "judge": run.judge,
        "started": run.started,
        "ended": run.ended,
        "error": run.error,
        "settings": dict(run.settings),
        "versions": dict(run.versions),
        "sections": [{"name": name, "title": title} for name, title in run.sections],
        "windows": [window_object(window) for window in run.windows],
        "coverage": coverage_object(run.coverage, document) if run.coverage else None,
        "stages": [{"name": name, "seconds": seconds} for name, seconds in run.stages],
        "notes": [{"code": note.code, "text": note.text} for note in run.notes],
        "findings": [finding_object(finding, document) for finding in run.findings],
    }


def document_object(document: Document) -> Json:
    return {
        "id": document.id,
        "name": document.source.name,
        "sha256": document.source.sha256,
        "bytes": document.source.size,
        "text_sha256": document.text_sha256,
        "chars": len(document.text),
        "format": document.format,
        "reader": {"name": document.reader.name, "version": document.reader.version},
        "pages": len(document.pages),
        "notes": [{"code": n.code, "text": n.text, "page": n.page} for n in document.notes],
        "tree": tree_object(document.tree, document) if document.tree else None,
    }


def tree_object(tree: Tree, document: Document) -> Json:
    """What is known of a code base beside what became of its files."""
    return {
        "name": tree.name,
        "branch": tree.branch,
        "commit": tree.commit,
        "vocabulary": tree.vocabulary,
        "submodules": list(tree.submodules),
        "skipped": [{"path": one.path, "reason": one.reason, "files": one.count} for one in tree.skipped],
        "secrets": [
            {"path": file.path, "line": document.lines_of(file.within(secret.span))[0], "what": secret.what}
            for file in tree.files
            for secret in file.secrets
        ],
    }


def window_object(window: Window) -> Json:
    return {
        "number": window.number,
        "tokens": window.tokens,
        "budget": window.budget,
        "sha256": window.sha256,
    }


def coverage_object(coverage: Coverage, document: Document) -> Json:
    paths = [file.path for file in document.tree.files] if document.tree else []
    return {
        "chars_in": coverage.chars_in,
        "chars_out": coverage.chars_out,
        "out_by_reason": coverage.reasons(),
        "pages_unread": [{"page": page, "reason": reason} for page, reason in coverage.unread],
        "files": [
            {
                "path": paths[covered.file],
                "detail": covered.detail.value,
                "rank": covered.rank,
                "tokens": covered.tokens,
                "window": covered.window or None,
                "reason": covered.reason,
            }
            for covered in coverage.files
        ],
    }


def finding_object(finding: Finding, document: Document) -> Json:
    return {
        "number": finding.number,
        "section": finding.section,
        "statement": finding.statement,
        "absence": finding.absence,
        "confidence": finding.confidence,
        "calibrated": finding.calibrated,
        "conflict": finding.conflict,
        "calls": list(finding.calls),
        "fields": [field_object(field, document) for field in finding.fields],
        "evidence": [evidence_object(evidence, document) for evidence in finding.evidence],
        "sweep": _sweep(finding, document),
        "verdicts": [
            {
                "by": v.by,
                "label": v.label.value,
                "probability": v.probability,
                "reason": v.reason,
                "call": v.call or None,
                "shares": dict(v.shares),
            }
            for v in finding.verdicts
        ],
    }


def call_object(call: Call) -> Json:
    """A Call with all that is known of it; texts that were not kept are empty."""
    reply, sent = call.reply, call.sent
    served = reply.fingerprint if reply else None
    return {
        "number": call.number,
        "role": call.role,
        "section": call.section,
        "window": call.window or None,
        "state": call.state.value,
        "error": call.error,
        "started": call.started,
        "key": call.key,
        "template": call.prompt.template,
        "template_sha256": call.prompt.template_sha256,
        "prompt": call.prompt.text,
        "prompt_sha256": sent.prompt_sha256 if sent else call.prompt.sha256,
        "whole_sha256": sent.whole_sha256 if sent else None,
        "system": sent.system if sent else None,
        "schema": sent.schema if sent else None,
        "reply": reply.text if reply else None,
        "sampling": reply.sampling if reply else None,
        "prompt_tokens": reply.prompt_tokens if reply else None,
        "cached_tokens": reply.cached_tokens if reply else None,
        "output_tokens": reply.output_tokens if reply else None,
        "seconds": reply.seconds if reply else None,
        "prompt_seconds": reply.prompt_seconds if reply else None,
        "output_seconds": reply.output_seconds if reply else None,
        "finish": reply.finish if reply else None,
        "fingerprint": asdict(served) if served else None,
    }


def _sweep(finding: Finding, document: Document) -> Json | None:
    if finding.sweep is None:
        return None
    hits = [{"term": term, **span_object(span, document)} for term, span in finding.sweep.hits]
    return {"terms": list(finding.sweep.terms), "chars": finding.sweep.chars, "hits": hits}


def field_object(field: Field, document: Document) -> Json:
    span = field.evidence.span if field.evidence else None
    return {
        "name": field.name,
        "kind": field.kind.value,
        "written": field.written,
        "value": field.value,
        "unit": field.unit,
        "place": span_object(span, document) if span else None,
    }


def evidence_object(evidence: Evidence, document: Document) -> Json:
    return {
        "quote": evidence.quote,
        "status": evidence.status,
        "match": evidence.match.value,
        "score": evidence.score,
        "in_place": evidence.in_place,
        "occurrences": evidence.occurrences,
        "reason": evidence.reason,
        "places": [span_object(span, document) for span in evidence.spans],
        "sentence": span_object(evidence.sentence, document) if evidence.sentence else None,
        "boxes": [[box.page, box.x0, box.y0, box.x1, box.y1] for box in evidence.boxes],
    }


def span_object(span: Span, document: Document) -> Json:
    segments = document.segments_at(span)
    return {
        "start": span.start,
        "end": span.end,
        "text": document.slice(span),
        "page": segments[0].page if segments else 0,
        "locator": document.locator(span),
    }
