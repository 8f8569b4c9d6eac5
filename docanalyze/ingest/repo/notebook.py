"""A notebook as text: its cells in order, each under a line of its own, and the beginning of what they put out."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_MOST_OUTPUT = 500
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class NotANotebook(ValueError):
    """It has the name of one, but not the form."""


def read(text: str) -> tuple[str, tuple[int, ...], str]:
    """The text, where each cell begins in it, and the language of its code. NotANotebook if it is none.

    Everything but code stands behind `# `, so that the whole can be parsed as code.
    """
    try:
        book = json.loads(text)
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        language = _language(book)
        pieces: list[str] = []
        starts: list[int] = []
        at = 0
        for number, cell in enumerate(cells, 1):
            written = _cell(number, cell)
            starts.append(at)
            pieces.append(written)
            at += len(written)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise NotANotebook(str(error)[:100]) from None
    return "".join(pieces), tuple(starts), language


def _language(book: Mapping[str, Any]) -> str:
    about = book.get("metadata", {})
    language = about.get("kernelspec", {}).get("language") or about.get("language_info", {}).get("name") or "python"
    return str(language).lower()


def _cell(number: int, cell: Mapping[str, Any]) -> str:
    kind = str(cell["cell_type"])
    source = _clean(_joined(cell.get("source", cell.get("input", ""))))
    if kind == "code":
        body = source if source.endswith("\n") or not source else source + "\n"
        body += "".join(f"# -> {line}\n" for line in _outputs(cell))
    else:
        body = "".join(f"# {line}\n" for line in source.splitlines())
    return f"# %% cell {number} ({kind if kind.isalpha() else 'raw'})\n{body}\n"


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    """What a cell put out as text, cut."""
    texts = []
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "error":
            texts.append(f"{output.get('ename', '')}: {output.get('evalue', '')}")
        else:
            texts.append(_joined(output.get("text", output.get("data", {}).get("text/plain", ""))))
    whole = "\n".join(text.strip("\n") for text in texts if text.strip())
    cut = _clean(whole[:_MOST_OUTPUT]) + (" [cut]" if len(whole) > _MOST_OUTPUT else "")
    return iter(cut.splitlines())


def _clean(text: str) -> str:
    """JSON can spell what is no text: halves of characters, and NUL."""
    return _NO_TEXT.sub("\ufffd", text)


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
