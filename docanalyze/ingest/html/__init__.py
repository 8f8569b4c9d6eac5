"""Pages of the web, and filings, which are made of the same: read as a browser would show them.

Nothing is fetched: no style sheets, images or frames from elsewhere. What is not to be seen stands
apart, with the reason.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from docanalyze.ingest.html.blocks import Block
from docanalyze.ingest.html.decoding import decode, tree, unwrapped
from docanalyze.ingest.html.flow import Flow
from docanalyze.ingest.html.naming import named
from docanalyze.ingest.html.pages import paged
from docanalyze.ingest.html.styles import Sheet
from docanalyze.ingest.invisible import TAGS, Sweeper
from docanalyze.ingest.parts import Fact, Part, Told
from docanalyze.model import Note, Role

_META = {
    "author": "author", "dc.creator": "author", "description": "description", "dc.description": "description",
    "date": "date", "dc.date": "date", "article:published_time": "date", "keywords": "keywords",
}  # fmt: skip
_BREAKS = re.compile(r"(?:page-break|break)-(?:before|after)", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_FACT = 500


@dataclass(slots=True)
class Tally:
    """What is counted over all pages of a source, and where their linked style sheets are found."""

    sweeper: Sweeper = field(default_factory=Sweeper)
    images: int = 0
    sheets: int = 0
    linked: Callable[[str], str | None] = lambda address: None

    def told(self) -> Iterator[Told]:
        """What was taken out or left out, once all is read."""
        for words in self.sweeper.spelled:
            yield Part(words, Role.HIDDEN, note=TAGS)
        yield from self.sweeper.notes()
        if self.images:
            yield Note("images", f"{self.images:,} images or embedded objects are not read")
        if self.sheets:
            yield Note("styles", f"{self.sheets:,} style sheets outside the file are not followed: they may hide text")


def read(path: Path, request: dict[str, Any]) -> Iterator[Told]:
    """What a page tells, in reading order."""
    text, notes = decode(path.read_bytes())
    yield from notes
    text, facts = unwrapped(text)
    yield from facts
    tally = Tally()
    yield from told(text, request["name"], tally)
    yield from tally.told()


def told(text: str, name: str, tally: Tally) -> Iterator[Told]:
    """What the mark-up of one page tells."""
    root, notes = tree(text, name)
    yield from notes
    if root is None:
        return
    yield from _facts(root, tally.sweeper)
    flow = Flow(root, _sheet(root, tally), tally.sweeper)
    blocks: Iterable[Block] = _blocks(root, flow)
    if _BREAKS.search(text):
        # What repeats on every page is known only when all of them are.
        blocks = paged(blocks)
    yield from named(blocks, by_looks=not any(True for _ in root.iter(*_HEADINGS)))
    tally.images += flow.unread


def _sheet(root: Any, tally: Tally) -> Sheet:
    """The style sheets in the file, and those beside it in the same archive."""
    sheet = Sheet()
    for element in root.iter("style", "link"):
        if element.tag == "style":
            sheet.add("".join(element.itertext()))
        elif "stylesheet" in element.get("rel", "").lower():
            found = tally.linked(element.get("href", ""))
            tally.sheets += found is None
            sheet.add(found or "")
    return sheet


def _blocks(root: Any, flow: Flow) -> Iterator[Block]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            flow.start(element)
        else:
            flow.end(element)
        if flow.out:
            yield from flow.out
            flow.out = []
    flow.finish()
    yield from flow.out


def _facts(root: Any, sweeper: Sweeper) -> Iterator[Fact]:
    title = next(root.iter("title"), None)
    found = [("title", "".join(title.itertext()) if title is not None else "")]
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        found.append((_META.get(name, ""), meta.get("content", "")))
    for name, value in found:
        words = sweeper.clean(" ".join(value.split()))[:_LONGEST_FACT]
        if name and words:
            yield Fact(name, words)
