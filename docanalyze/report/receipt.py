"""The receipt of reading, page by page: how much was read, from what, and what was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.model import Page, PageState
from docanalyze.report.plain import shown


@dataclass(frozen=True, slots=True)
class Line:
    """One page of the receipt, ready to be shown."""

    number: int
    chars: str
    source: str
    ink: str
    hidden: str
    state: str


def receipt(pages: Sequence[Page]) -> tuple[Line, ...]:
    """One line a page: how much was read of it, from what, and what was not."""
    return tuple(_line(page) for page in pages)


def _line(page: Page) -> Line:
    state = page.state.value
    said = "; ".join(filter(None, (page.reason, page.doubt if page.doubt not in page.reason else "")))
    return Line(
        page.number,
        f"{page.chars:,}",
        page.source.value,
        f"{page.ink:.0%}" if page.ink >= 0.005 else "",
        f"{page.hidden:,}" if page.hidden else "",
        state if page.state is PageState.READ and not said else f"{state}: {shown(said)}" if said else state,
    )
