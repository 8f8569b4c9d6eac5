"""Pages of a file that says where they end: their numbers, and what only marks their edges."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from docanalyze.ingest.html.blocks import Block
from docanalyze.model import Role

_NUMBER = re.compile(
    r"[\W_]{0,4}(?P<word>page\s{1,3})?(?P<number>(?:[A-Z]{1,2}-)?\d{1,4}|[ivxlc]{1,7})(?P<of>\s{0,3}(?:of|/)\s{0,3}\d{1,4})?[\W_]{0,4}",
    re.IGNORECASE,
)
_DASHED = re.compile(r"[-–—]\s*\S+\s*[-–—]")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_SET_OFF = re.compile(r"(?:\|\s*|\bpage\s+)\d+$|^\d+\s*\|", re.IGNORECASE)
_SENTENCE_WORDS = 5
_EDGE = 2
_LONGEST_HEAD = 140
_LEAST_PAGES = 3
_SHARE = 0.5


def paged(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with their pages, without the breaks; running heads and page numbers as furniture."""
    pages: list[list[Block]] = [[]]
    for block in blocks:
        if block.breaks:
            # Two breaks between the same words are one.
            if any(not b.apart for b in pages[-1]):
                pages.append([])
        else:
            pages[-1].append(block)
    if not any(not b.apart for b in pages[-1]) and len(pages) > 1:
        rest = pages.pop()
        pages[-1] += rest
    if len(pages) > 1:
        _mark(pages)
    for number, page in enumerate(pages, 1):
        for block in page:
            block.page = number if len(pages) > 1 else 0
            yield block


def _mark(pages: Sequence[list[Block]]) -> None:
    edges = [_edges(page) for page in pages]
    for block in _numbers(edges):
        block.role = Role.FURNITURE
    counts: Counter[str] = Counter()
    edges = [_edges(page) for page in pages]
    for page in edges:
        counts.update({_alike(block) for block in page})
    needed = max(_LEAST_PAGES, _SHARE * len(pages))
    for page in edges:
        for block in page:
            if counts[_alike(block)] >= needed and len(block.text) <= _LONGEST_HEAD and not _is_sentence(block.text):
                block.role = Role.FURNITURE


def _edges(page: list[Block]) -> list[Block]:
    """The first and last blocks of a page, tables not among them."""
    body = [block for block in page if not block.apart]
    ends = body if len(body) <= 2 * _EDGE else [*body[:_EDGE], *body[-_EDGE:]]
    return [block for block in ends if block.role is not Role.TABLE]


def _alike(block: Block) -> str:
    """What is the same in a running head on every page: all but a page number set off in it."""
    return _SET_OFF.sub("#", " ".join(block.text.split()))


def _is_sentence(text: str) -> bool:
    return text.endswith((".", ";", ",")) and len(text.split()) >= _SENTENCE_WORDS


def _numbers(edges: Sequence[list[Block]]) -> list[Block]:
    """Page numbers: such as say so, and figures at the edge that go on by one from page to page."""
    found: list[Block] = []
    values: defaultdict[int, list[tuple[int, Block]]] = defaultdict(list)
    for at, page in enumerate(edges):
        for block in page:
            match = _NUMBER.fullmatch(block.text)
            if match is None:
                continue
            if match["word"] or match["of"] or _DASHED.fullmatch(block.text):
                found.append(block)
            values[at].append((_value(match["number"]), block))
    for at, here in values.items():
        near = [value - step for step in (-1, 1) for value, _ in values.get(at + step, ())]
        found += [block for value, block in here if value == at + 1 or value in near]
    return found


def _value(number: str) -> int:
    digits = number.rpartition("-")[2]
    if digits.isdigit():
        return int(digits)
    values = [_ROMAN[letter] for letter in digits.lower() if letter in _ROMAN]
    after = [*values[1:], 0]
    return sum(-value if value < then else value for value, then in zip(values, after, strict=True))
