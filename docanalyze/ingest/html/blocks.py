"""What a page of the web is made of once its mark-up is gone: blocks of words, and breaks between pages."""

import re
from dataclasses import dataclass, field, replace

from docanalyze.ingest.clauses import mark_of
from docanalyze.model import APART, Role

_LABEL = 40
_BULLET = re.compile(r"[•●▪■◦‣·–—*§□☐☒☑o-]")


@dataclass(slots=True)
class Block:
    """A paragraph to be, or, with `breaks`, the place where a page ends."""

    text: str
    role: Role = Role.PARAGRAPH
    level: int = 0
    note: str = ""
    bold: bool = False
    under: bool = False
    centre: bool = False
    head: int = 0
    goes_on: bool = False
    breaks: bool = False
    page: int = 0

    @property
    def apart(self) -> bool:
        return self.role in APART


@dataclass(slots=True)
class Cell:
    """A table's cell: what stands in it, and how many columns and rows it takes."""

    blocks: list[Block] = field(default_factory=list)
    columns: int = 1
    rows: int = 1
    heads: bool = False

    @property
    def text(self) -> str:
        """Its words in one line."""
        return " ".join(" ".join(b.text for b in self.blocks if not b.apart and not b.breaks).split())


def is_lead(text: str) -> bool:
    """Whether words stand before others in the same line: `(a)`, `1.2`, `•`, `Name:`."""
    if not text or len(text) > _LABEL:
        return False
    if _BULLET.fullmatch(text) or (text.endswith(":") and len(text.split()) <= 5):
        return True
    mark = mark_of(f"{text} Word")
    return mark is not None and mark.end >= len(text)


def led(lead: str, block: Block) -> Block:
    """A block with what stands before it in its line."""
    return replace(block, text=f"{lead} {block.text}") if lead else block
