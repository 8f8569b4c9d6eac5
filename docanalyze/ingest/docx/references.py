"""Whether cross-references lead to the clauses that they name: the proof of the computed numbers."""

import re

from docanalyze.ingest.parts import Part
from docanalyze.model import Note, Role

_REFERENCE = re.compile(
    r"\b(?:[Ss]ections?|[Cc]lauses?|Articles?|[Pp]aragraphs?)\s(?P<number>\d{1,3}(?!\d)(?:\.\d{1,3}){0,3}(?:\([a-zA-Z]{1,4}\)){0,3}"
    r"|[IVX]{1,6})(?:\s{0,2}\((?P<title>[A-Z][^()]{2,60})\))?(?P<of>\s(?:of|under|in)\s(?:the|that|such|Title|Schedule|Exhibit|Annex|[A-Z])\w*"
    r"(?!\sAgreement))?"
)
_WORDS = re.compile(r"[^\W_]+")
_MOST = 5000


class Clauses:
    """Clauses as they come, and references to them."""

    def __init__(self) -> None:
        self.titles: dict[str, list[str]] = {}
        self.referred: list[tuple[str, str]] = []

    def take(self, part: Part) -> None:
        """A Part of the body."""
        if part.clause:
            self.titles.setdefault(part.clause, []).append(part.text[:200])
        if part.role in (Role.HEADING, Role.FURNITURE) or len(self.referred) >= _MOST:
            return
        for match in _REFERENCE.finditer(part.text):
            if not match["of"]:
                self.referred.append((match["number"], match["title"] or ""))

    def notes(self) -> list[Note]:
        """How many references lead to a clause of their number, and of their title where they give one."""
        if not self.referred or not self.titles:
            return []
        right = sum(self._leads(number, title) for number, title in self.referred)
        total = len(self.referred)
        said = f"{right:,} of {total:,} cross-references lead to a clause of that number"
        named = [(number, title) for number, title in self.referred if title]
        if named:
            matching = sum(self._leads(number, title) for number, title in named)
            said += f"; of {len(named):,} that give its title {matching:,} name it right"
        return [Note("references", said)]

    def _leads(self, number: str, title: str) -> bool:
        wanted = {word.lower() for word in _WORDS.findall(title)}
        # A number may stand twice: on a cover page, and in the terms.
        return any(wanted <= {word.lower() for word in _WORDS.findall(text)} for text in self.titles.get(number, ()))
