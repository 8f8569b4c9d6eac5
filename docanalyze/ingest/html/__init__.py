"""Pages of the web, and filings, which are made of the same: read as a browser would show them.

Nothing is fetched: no style sheets, images or frames from elsewhere. What is not to be seen stands
apart, with the reason.
"""

import re
from collections.abc import Iterable, Iterator
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


def read(path: Path, request: dict[str, Any]) -> Iterator[Told]:
    """What a page tells, in reading order."""
    text, notes = decode(path.read_bytes())
    yield from notes
    text, facts = unwrapped(text)
    yield from facts
    sweeper = Sweeper()
    yield from told(text, request["name"], sweeper)
    yield from swept(sweeper)


def swept(sweeper: Sweeper) -> Iterator[Told]:
    """What was taken out of a document's words, once all are read."""
    for words in sweeper.spelled:
        yield Part(words, Role.HIDDEN, note=TAGS)
    yield from sweeper.notes()


def told(text: str, name: str, sweeper: Sweeper) -> Iterator[Told]:
    """What the mark-up of one page tells."""
    root, notes = tree(text, name)
    yield from notes
    if root is None:
        return
    yield from _facts(root, sweeper)
    sheet = Sheet()
    for style in root.iter("style"):
        sheet.add("".join(style.itertext()))
    flow = Flow(root, sheet, sweeper)
    blocks: Iterable[Block] = _blocks(root, flow)
    if _BREAKS.search(text):
        # What repeats on every page is known only when all of them are.
        blocks = paged(blocks)
    yield from named(blocks, by_looks=not any(True for _ in root.iter(*_HEADINGS)))
    yield from _left_out(root, flow)


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


def _left_out(root: Any, flow: Flow) -> Iterator[Note]:
    if flow.unread:
        yield Note("images", f"{flow.unread:,} images or embedded objects are not read")
    sheets = sum("stylesheet" in link.get("rel", "").lower() for link in root.iter("link"))
    if sheets:
        yield Note("styles", f"{sheets:,} style sheets outside the file are not followed: they may hide text")
