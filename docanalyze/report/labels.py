"""How verdicts are shown: the mark, the colour's name and the meaning of each Label. How languages are written."""

from dataclasses import dataclass

from docanalyze.model import Finding, Label
from docanalyze.report.plain import titled


@dataclass(frozen=True, slots=True)
class Labelled:
    """How a Label is shown: its mark, what colours it, and what it means."""

    name: str
    mark: str
    tone: str
    meaning: str


LABELS = {
    Label.SUPPORTED: Labelled("supported", "✓", "good", "the judge holds that the quote supports the statement"),
    Label.QUOTED: Labelled(
        "quoted",
        "✓",
        "plain",
        "quoted from the document, and the rules found nothing against it; no model has judged it",
    ),
    Label.DERIVED: Labelled(
        "derived",
        "✓",
        "plain",
        "counted or followed through the code base by fixed rules; its quotes show where, and no model has judged it",
    ),
    Label.CONSISTENT: Labelled(
        "consistent",
        "✓",
        "plain",
        "the rules found nothing against it, or no trace of what it calls absent; no model has judged it",
    ),
    Label.PARTLY: Labelled("partly", "~", "warn", "the quote supports a part of the statement"),
    Label.REVIEW: Labelled("review", "?", "warn", "undecided: someone should look at it"),
    Label.UNJUDGED: Labelled("unjudged", "·", "none", "there is no verdict, which is not a pass"),
    Label.UNSUPPORTED: Labelled("unsupported", "✗", "bad", "nothing in the document bears the statement out"),
    Label.CONTRADICTED: Labelled("contradicted", "✗", "bad", "the document says otherwise"),
}


def label_of(finding: Finding) -> Label:
    """The Label that decides: unjudged where nobody gave one."""
    return finding.verdict.label if finding.verdict else Label.UNJUDGED


_LANGUAGES = {
    "c": "C",
    "c_sharp": "C#",
    "cpp": "C++",
    "css": "CSS",
    "graphql": "GraphQL",
    "html": "HTML",
    "ini": "INI",
    "javascript": "JavaScript",
    "json": "JSON",
    "php": "PHP",
    "proto": "Protocol Buffers",
    "sql": "SQL",
    "toml": "TOML",
    "tsx": "TSX",
    "typescript": "TypeScript",
    "yaml": "YAML",
}


def language_name(language: str) -> str:
    """A language as people write it: `Python`, `C++`."""
    return _LANGUAGES.get(language, titled(language))
