"""Tables of a Word document as rows of cells; those that only place text are told apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from docanalyze.ingest.clauses import is_bullet, mark_of
from docanalyze.ingest.docx.names import VAL, W, switched, value

_GROUP = 30
_MOST_SPAN = 60
_MOST_HEAD = 4
_LONGEST_NAME = 60
_LONG_CELL = 300
_FIGURES = frozenset("0123456789")

ReadCell = Callable[[Any], list[str]]


@dataclass(slots=True)
class Table:
    """Rows of cells as people see them; `places` says that it only places the text of its `cells`."""

    rows: list[list[str]] = field(default_factory=list)
    head: int = 0
    places: bool = False
    cells: list[Any] = field(default_factory=list)

    def groups(self) -> Iterator[tuple[int, list[list[str]]]]:
        """(first row, rows) of at most thirty rows each."""
        for first in range(0, len(self.rows), _GROUP):
            yield first, self.rows[first : first + _GROUP]


def read(table: Any, cell: ReadCell, gone: Callable[[Any], bool]) -> Table:
    """A table of the document. `cell` gives the paragraphs of one, `gone` says whether a row is deleted."""
    found = Table()
    rows = [row for row in _own(table, f"{W}tr") if not gone(row)]
    found.cells = [one for row in rows for one in _own(row, f"{W}tc")]
    if _only_places(rows):
        found.places = True
        return found
    marked = 0
    for row in rows:
        cells = _cells(row, cell)
        if not any(cells):
            continue
        properties = row.find(f"{W}trPr")
        if marked == len(found.rows) and marked < _MOST_HEAD and switched(properties, f"{W}tblHeader"):
            marked += 1
        found.rows.append(cells)
    found.head = marked or _guessed_head(table, found.rows)
    return found


def _own(element: Any, tag: str) -> list[Any]:
    """Descendants of a tag that belong to no table within, through controls and insertions."""
    found: list[Any] = []
    for child in element:
        if child.tag == tag:
            found.append(child)
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml", f"{W}smartTag", f"{W}moveTo"):
            found += _own(child, tag)
    return found


def _cells(row: Any, read_cell: ReadCell) -> list[str]:
    """The cells of a row by column: a merged one says its words once, and keeps the columns it covers."""
    cells: list[str] = [""] * _count(value(row.find(f"{W}trPr"), f"{W}gridBefore"))
    for one in _own(row, f"{W}tc"):
        properties = one.find(f"{W}tcPr")
        merged = properties.find(f"{W}vMerge") if properties is not None else None
        words = ""
        if merged is None or merged.get(VAL, "continue") == "restart":
            words = " ".join(" ".join(text.split()) for text in read_cell(one))
        cells.append(words)
        cells += [""] * (_count(value(properties, f"{W}gridSpan")) - 1)
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells


def _count(written: str) -> int:
    return min(int(written), _MOST_SPAN) if written.isdigit() else 0


def _only_places(rows: list[Any]) -> bool:
    """A frame around text, or columns of it: one cell a row, a number beside its clause, long texts side by side."""
    cells = [_own(row, f"{W}tc") for row in rows]
    if not cells or max(map(len, cells)) <= 1:
        return True
    lengths = [[_length(cell) for cell in row] for row in cells]
    if len(rows) == 1:
        return max(lengths[0]) > _LONG_CELL
    two = [row for row in cells if len(row) == 2]
    if len(two) < len(cells):
        return False
    numbers = sum(_is_mark(row[0]) for row in two)
    return numbers * 2 > len(two) and sum(length[1] > _LONGEST_NAME for length in lengths) * 2 > len(two)


def _length(cell: Any) -> int:
    return sum(len(part.text or "") for part in cell.iter(f"{W}t"))


def _is_mark(cell: Any) -> bool:
    words = "".join(part.text or "" for part in cell.iter(f"{W}t")).strip()
    return len(words) < 8 and bool(words) and (is_bullet(f"{words} x") or mark_of(f"{words} X") is not None)


def _guessed_head(table: Any, rows: list[list[str]]) -> int:
    """1 if the first row names the columns: all filled, short, no figures, and something stands below."""
    if len(rows) < 2 or not all(rows[0]) or len(rows[0]) < 2:
        return 0
    if any(len(cell) > _LONGEST_NAME or (_FIGURES & set(cell) and not cell[0].isalpha()) for cell in rows[0]):
        return 0
    look = table.find(f"{W}tblPr/{W}tblLook")
    styled = look is not None and (look.get(f"{W}firstRow") == "1" or _bit(look.get(VAL, ""), 0x20))
    figures = sum(bool(_FIGURES & set(cell)) for row in rows[1:] for cell in row[1:])
    return int(styled or figures * 2 > sum(len(row) - 1 for row in rows[1:]))


def _bit(written: str, bit: int) -> bool:
    try:
        return bool(int(written, 16) & bit)
    except ValueError:
        return False
