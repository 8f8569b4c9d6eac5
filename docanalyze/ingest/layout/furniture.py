"""Running heads and feet, page numbers, text that stands on its side: what belongs to the page, not to the text."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from docanalyze.ingest.layout.lines import Line, PageLines, overlap

_LEAST_PAGES = 4
_MARGIN = 0.12
_PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:page\s{1,3})?(?P<number>\d{1,4}|[ivxlc]{1,7})(?:\s{0,3}(?:of|/)\s{0,3}\d{1,4})?\W{0,3}",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(r"page\s{1,3}(\d{1,4})\s{1,3}of\s{1,3}(\d{1,4})", re.IGNORECASE)


def furniture(pages: Sequence[PageLines]) -> set[tuple[int, int]]:
    """(page, line) of running heads and feet and of page numbers.

    Very short documents have none but those that say which page of how many they are on.
    """
    counted = {
        (page.page.number, line.number)
        for page in pages
        for line in page.lines
        if (match := _PAGE_OF.fullmatch(line.text.strip()))
        and (int(match[1]), int(match[2])) == (page.page.number, len(pages))
    }
    return counted if len(pages) < _LEAST_PAGES else counted | _in_margins(pages)


def _in_margins(pages: Sequence[PageLines]) -> set[tuple[int, int]]:
    on_pages: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    margins: list[tuple[PageLines, Line, tuple[str, int]]] = []
    for page in pages:
        for line in page.lines:
            height = page.tall
            top, bottom = line.seen[1] / height, line.seen[3] / height
            if bottom < _MARGIN or top > 1 - _MARGIN or not line.level:
                key = (re.sub(r"\d+", "#", line.text.strip().lower()), round(top * 40))
                on_pages[key].add(page.page.number)
                margins.append((page, line, key))
    needed = max(3, 0.3 * len(pages))
    shift = _number_shift(margins)
    found = set()
    for page, line, key in margins:
        number = _number_of(line.text)
        counted = number is not None and shift is not None and number - page.page.number == shift
        if counted and _numbers_what_follows(line, page):
            # The number of a heading at the head of its page, which happens to be that of the page.
            counted = False
        if len(on_pages[key]) >= needed or counted or not line.level:
            found.add((page.page.number, line.number))
    return found


def _numbers_what_follows(number: Line, page: PageLines) -> bool:
    """Whether words stand close to the right of a number, on its baseline."""
    height = number.seen[3] - number.seen[1]
    return any(
        0 < line.seen[0] - number.seen[2] < 4 * number.size
        and overlap(*line.seen[1::2], *number.seen[1::2]) > 0.5 * height
        for line in page.lines
    )


def _number_shift(margins: Iterable[tuple[PageLines, Line, tuple[str, int]]]) -> int | None:
    """How far the printed page numbers are ahead of the pages, if they follow them at all."""
    shifts: Counter[int] = Counter()
    for page, line, _ in margins:
        number = _number_of(line.text)
        if number is not None:
            shifts[number - page.page.number] += 1
    common = shifts.most_common(1)
    return common[0][0] if common and common[0][1] >= 3 else None


def _number_of(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    return int(match["number"]) if match and match["number"].isdigit() else None
