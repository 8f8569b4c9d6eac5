"""A model's verdict: what it is shown, and what its choice of four labels means.

It sees the question, the statement and the passages that were found, never the analyst's reasoning.
"""

from collections.abc import Mapping

from docanalyze import prompts
from docanalyze.model import Document, Evidence, Finding, Label, Prompt, Span, Verdict

LABELS = {
    "A": Label.SUPPORTED,
    "B": Label.PARTLY,
    "C": Label.UNSUPPORTED,
    "D": Label.CONTRADICTED,
}
ENOUGH = 0.7
"""The probability from which a label stands; below it someone should look."""
NOT_CALIBRATED = "thresholds not calibrated"

_AROUND = 300
"""Characters of the Document shown before and after a quote, at most."""
_LONGEST_PASSAGE = 1_600
_MOST_PASSAGES = 6


def asked_about(finding: Finding, document: Document, question: str, *, built_in: bool) -> Prompt | None:
    """What a judge is asked about a Finding; None if there is nothing to show it."""
    if finding.absence:
        places = [span for _, span in finding.sweep.hits] if finding.sweep else []
        spans = [_widened(span, document) for span in places[:_MOST_PASSAGES]]
    else:
        spans = [_shown(evidence, document) for evidence in finding.evidence if evidence.spans][:_MOST_PASSAGES]
    passages = [(document.locator(span), _as_read(document, span)) for span in dict.fromkeys(spans)]
    if not passages:
        return None
    quoted = built_in and not finding.absence
    return prompts.render_judge(question, statement_of(finding), passages, quoted=quoted, absence=finding.absence)


def unseen(finding: Finding) -> str:
    """What a judge is not shown for want of room; empty if it sees all that was found."""
    if finding.absence:
        places = len(finding.sweep.hits) if finding.sweep else 0
    else:
        places = sum(bool(evidence.spans) for evidence in finding.evidence)
    return f"{places - _MOST_PASSAGES} of {places} places were not shown to it" if places > _MOST_PASSAGES else ""


def statement_of(finding: Finding) -> str:
    """The statement with the values that were read."""
    values = "; ".join(f"{field.name}: {field.written}" for field in finding.fields)
    return f"{finding.statement} ({values})" if values else finding.statement


def _shown(evidence: Evidence, document: Document) -> Span:
    """The quote with its surroundings: its whole paragraphs if they are not too long."""
    whole = evidence.span or Span(0, 0)
    segments = document.segments_at(whole)
    paragraphs = Span(segments[0].span.start, segments[-1].span.end) if segments else whole
    if len(paragraphs) <= _LONGEST_PASSAGE:
        return paragraphs
    return _widened(whole if len(whole) <= _LONGEST_PASSAGE else evidence.spans[0], document)


def _as_read(document: Document, span: Span) -> str:
    """The words in one line; of a code base the lines as they are, for indentation may be their sense."""
    text = document.slice(span)
    return " ".join(text.split()) if document.tree is None else f"\n{text.rstrip()}"


def _widened(span: Span, document: Document) -> Span:
    """The place with what stands around it, to the ends of words."""
    start, end = max(0, span.start - _AROUND), min(len(document.text), span.end + _AROUND)
    while start > 0 and not document.text[start - 1].isspace():
        start -= 1
    while end < len(document.text) and not document.text[end].isspace():
        end += 1
    return Span(start, end)


def decide(
    label: str,
    shares: Mapping[str, float] | None,
    by: str,
    call: int,
    reason: str,
    rules: Verdict | None,
    unseen: str = "",
) -> Verdict:
    """The Verdict that a choice means: its own label, or review where it is unsure, saw too little, or rules object."""
    chosen = LABELS[label]
    probability = shares[label] if shares is not None else None
    doubts = []
    if probability is not None and probability < ENOUGH:
        doubts.append(f"the judge leans to {chosen.value} with {probability:.2f}")
    if chosen is Label.SUPPORTED and rules is not None and rules.label is Label.REVIEW:
        doubts.append(f"the judge says supported, the rules doubt: {rules.reason}")
    if chosen is Label.SUPPORTED and unseen:
        doubts.append(f"the judge says supported, but {unseen}")
    told = tuple((LABELS[name].value, share) for name, share in (shares or {}).items())
    said = "; ".join(filter(None, (*doubts, reason)))
    return Verdict(by, Label.REVIEW if doubts else chosen, probability, said, call, told)
