"""Verdicts by rules: whether a statement says more than its Evidence does.

Rules never say that a statement is right. They say that every number, amount, date, name, negation
and modal of it occurs where it is said to be from (`consistent`, or `quoted` of the built-in
analyst), that something does not (`review`; `derived` of what the built-in analyst counts and follows through
a code base), or that there is no Evidence (`unsupported`).
"""

import re
from collections import Counter

from docanalyze.language import TermIndex, TermScan, criticals, normalise, words
from docanalyze.model import Document, Finding, Label, Section, Span, Sweep, Verdict

NAME = "rules"

MOST_HITS = 50
"""Places of one term that a sweep keeps."""

_DENIALS = frozenset({"not", "no", "never", "neither", "nor", "none", "cannot"})


_LIMITS = re.compile(
    r"\b(?:at most|up to|limit\w*|cap(?:s|ped)?|maximum|exclu\w+|only|prohibit\w*|forbid\w*|exempt\w*|lacks?|refus\w+|"
    r"disclaim\w*|free of)\b",
    re.IGNORECASE,
)
"""Words that deny without a word of denial."""


def sweep(index: TermIndex | TermScan, section: Section) -> Sweep:
    """Searches the whole text for the terms that speak for a Section: what stands behind an absence.

    At most `MOST_HITS` places of a term are kept; a term with that many is no absence anyway.
    """
    hits: list[tuple[str, Span]] = []
    for term in section.terms:
        hits += [(term, span) for span in index.find(term)[:MOST_HITS]]
    return Sweep(section.terms, tuple(hits), len(index.text))


def check(finding: Finding, document: Document, *, built_in: bool) -> Verdict:
    """The rules' Verdict on one Finding with its Evidence."""
    if finding.absence:
        return _check_absence(finding)
    located = [evidence for evidence in finding.evidence if evidence.spans]
    if not located:
        return Verdict(NAME, Label.UNSUPPORTED, reason="none of its quotes is in the document")
    doubts, unsaid = _doubts(finding), _unsaid(finding, document, built_in=built_in)
    if unsaid and not doubts and built_in and document.tree is not None:
        # Its words are ours, and its numbers were counted over the files: no single quote can hold them.
        return Verdict(NAME, Label.DERIVED, reason="; ".join(unsaid))
    if doubts or unsaid:
        return Verdict(NAME, Label.REVIEW, reason="; ".join([*doubts, *unsaid]))
    return Verdict(NAME, Label.QUOTED if built_in else Label.CONSISTENT)


def _check_absence(finding: Finding) -> Verdict:
    """An absence stands only if its sweep found none of the terms."""
    if finding.sweep is None or not finding.sweep.terms:
        return Verdict(NAME, Label.REVIEW, reason="nothing was searched for")
    counts = Counter(term for term, _ in finding.sweep.hits)
    if not counts:
        return Verdict(NAME, Label.CONSISTENT, reason=f"searched without a hit: {', '.join(finding.sweep.terms)}")
    said = ", ".join(f"{term} ({_times(count)})" for term, count in counts.most_common())
    return Verdict(NAME, Label.REVIEW, reason=f"the text has {said}")


def _times(count: int) -> str:
    if count >= MOST_HITS:
        return f"{MOST_HITS} times or more"
    return "once" if count == 1 else f"{count} times"


def _doubts(finding: Finding) -> list[str]:
    doubts = []
    if any(evidence.status == "refused" for evidence in finding.evidence):
        doubts.append("one of its quotes is not in the document")
    if any(evidence.status == "corrected" for evidence in finding.evidence):
        doubts.append("a quote is not to the letter")
    if any(evidence.in_place is False for evidence in finding.evidence):
        doubts.append("a quote stands elsewhere than cited")
    if finding.conflict:
        doubts.append(f"conflicting values: {finding.conflict}")
    missing = [f.name for f in finding.fields if f.evidence is None or not f.evidence.spans]
    if missing:
        doubts.append(f"not in the quote: {', '.join(missing)}")
    return doubts


def _unsaid(finding: Finding, document: Document, *, built_in: bool) -> list[str]:
    """What the statement says and the Evidence with its sentence does not, and denials that it drops."""
    statement = _without_label(finding.statement) if built_in else finding.statement
    quoted = " ".join(document.slice(span) for evidence in finding.evidence for span in evidence.spans)
    sentences = " ".join(document.slice(e.sentence) for e in finding.evidence if e.sentence)
    said, stands = criticals(statement), criticals(f"{quoted} {sentences}")
    known = set(words(normalise(f"{quoted} {sentences} {_paths(finding, document)}").text))
    doubts = []
    for kind, where in (("numbers", stands), ("negations", criticals(quoted)), ("modals", stands)):
        extra = sorted(set(getattr(said, kind)) - set(getattr(where, kind)))
        if extra:
            doubts.append(f"{kind} not in the quote: {', '.join(extra)}")
    names = [name for name in said.names if name not in stands.names and not known.issuperset(words(name))]
    if names:
        doubts.append(f"names not in the quote: {', '.join(names)}")
    denied = (set(criticals(quoted).negations) & _DENIALS) - set(said.negations)
    # "At most 5" says what "in no event more than 5" says; "is liable" does not say "is not liable".
    if denied and (said.modals or not _LIMITS.search(statement)) and not _own_words(statement, quoted):
        doubts.append(f"the quote denies, the statement does not: {', '.join(sorted(denied))}")
    return doubts


def _paths(finding: Finding, document: Document) -> str:
    """The files that the Evidence of a code base stands in: a statement may name them."""
    files = (document.file_at(span) for evidence in finding.evidence for span in evidence.spans)
    return " ".join(dict.fromkeys(file.path for file in files if file is not None))


def _own_words(statement: str, quoted: str) -> bool:
    """Whether the statement is a piece of the quote, to the letter, between where it is cut."""
    piece = statement.removeprefix("… ").removesuffix(" …")
    return normalise(piece).text.strip() in normalise(quoted).text


def _without_label(statement: str) -> str:
    """What follows `Governing law: `, which is the built-in analyst's own word."""
    label, mark, rest = statement.partition(": ")
    return rest if mark and '"' not in label else statement
