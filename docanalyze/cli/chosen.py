"""Which of a Run's findings are shown: by section and by verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docanalyze.errors import UsageError
from docanalyze.model import Finding, Label, Run


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked to be shown; empty means all. `full` shows long findings, and long sections, whole."""

    sections: Sequence[str] = ()
    labels: Sequence[Label] = ()
    full: bool = False

    @property
    def is_all(self) -> bool:
        return not self.sections and not self.labels

    def of(self, run: Run) -> Run:
        """The Run with what is shown of it; UsageError for a Section that it has not."""
        named = dict(run.sections) | {finding.section: finding.section for finding in run.findings}
        for name in self.sections:
            if name not in named:
                raise UsageError(f"run {run.id} has no section {name!r}", f"it has {', '.join(named)}")
        sections = tuple(entry for entry in run.sections if not self.sections or entry[0] in self.sections)
        return replace(run, sections=sections, findings=tuple(one for one in run.findings if self._takes(one)))

    def _takes(self, finding: Finding) -> bool:
        label = finding.verdict.label if finding.verdict else Label.UNJUDGED
        return (not self.sections or finding.section in self.sections) and (not self.labels or label in self.labels)
