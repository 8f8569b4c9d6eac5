"""From a Choice to text, and the last gap filled with the beginning of one more file."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docanalyze.model import Detail, File, Span, shown_part
from docanalyze.pack.choosing import Choice, Sizes, counts_as_test, retold, showable
from docanalyze.pack.prose import Count

TextOf = Callable[[File], str]

# A gap of this part of the budget is not worth another file's beginning.
_GAP_SHARE = 0.01
_LEAST_GAP = 24
LINE = re.compile(r"(?<=\n)(?=[^\S\r\n]*\S)")
"""The start of a line that is not blank: there tokens add."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of a file in what was written: `span` of its own text (none: its path), at `start`, how fully."""

    place: int
    span: Span | None
    start: int
    detail: Detail
    repeated: bool = False


def text_sizes(count: Count, text_of: TextOf) -> Sizes:
    """Sizes by counting texts: for a vocabulary that is not the one the Tree was counted by."""

    def sizes(file: File, detail: Detail) -> int:
        text = text_of(file) if file.is_read else ""
        written = "".join(text[span.start : span.end] + "\n" for span in pieces(file, text, detail))
        return count(written) if written.strip() else 0

    return remembered(sizes)


def tree_sizes(file: File, detail: Detail) -> int:
    """Sizes as the Tree has them: for the vocabulary that it names."""
    return file.tokens if detail is Detail.FULL else file.outline_tokens if detail is Detail.OUTLINE else 0


def remembered(sizes: Sizes) -> Sizes:
    """The same sizes, each found once."""
    known: dict[tuple[str, Detail], int] = {}

    def found(file: File, detail: Detail) -> int:
        key = (file.path, detail)
        if key not in known:
            known[key] = sizes(file, detail)
        return known[key]

    return found


def pieces(file: File, text: str, detail: Detail, upto: int = 0) -> list[Span]:
    """What of a file's text is written, each piece with a line's end behind it. `upto`: its beginning is in full."""
    if detail is Detail.FULL:
        whole = shown_part(text)
        return [whole] if len(whole) else []
    if detail is not Detail.OUTLINE:
        return []
    found = []
    if upto:
        begun = shown_part(text[:upto])
        found.append(begun)
    return found + [span for span in file.outline if span.start >= upto]


def render(choice: Choice, text_of: TextOf) -> tuple[str, list[Shown]]:
    """What a Choice comes to, and where in it what stands."""
    measured, form = choice.measured, choice.measured.form
    written, shown = [choice.overview], []
    at = len(choice.overview)

    def write(text: str) -> None:
        nonlocal at
        written.append(text)
        at += len(text)

    for place in choice.order:
        file, detail, upto = measured.tree.files[place], choice.details[place], choice.parts.get(place, 0)
        text = text_of(file)
        shown.append(Shown(place, None, at + form.path_at(place), Detail.FULL))
        write(form.head(place, detail, text.count("\n", 0, upto)))
        for span in pieces(file, text, detail, upto):
            full = detail is Detail.FULL or span.start < upto
            shown.append(Shown(place, span, at, Detail.FULL if full else Detail.OUTLINE))
            write(form.body(place, text[span.start : span.end] + "\n"))
        write(form.tail(place, detail))
    if choice.names:
        write(form.names_head())
        for line in choice.names:
            if not line.folded:
                shown.append(Shown(line.places[0], None, at + form.path_at(line.places[0]), Detail.NAME))
            write(line.text)
        write(form.names_tail())
    write(form.end())
    return "".join(written), shown


# -- the last gap ------------------------------------------------------------------------------------


def fill(choice: Choice, text_of: TextOf) -> Choice:
    """The Choice with the beginning of one more file in full, where a gap is left that no whole file fits."""
    gap = choice.budget - choice.tokens
    if choice.is_whole or gap <= max(_LEAST_GAP, int(choice.budget * _GAP_SHARE)):
        return choice
    for place in _candidates(choice):
        found = _begun(choice, place, text_of(choice.measured.tree.files[place]))
        if found is not None:
            return found
    return choice


def _candidates(choice: Choice) -> Sequence[int]:
    measured = choice.measured
    places = [place for place in showable(measured) if choice.details[place] is not Detail.FULL]
    open_ = [place for place in places if not counts_as_test(measured.tree.files[place])]
    return sorted(open_, key=lambda place: (-measured.ranks[place], place))[:20]


def _begun(choice: Choice, place: int, text: str) -> Choice | None:
    """The Choice with as many lines of this file in full as fit; None if none do."""
    measured = choice.measured
    count = measured.count
    body = shown_part(text)
    cuts = [match.start() for match in LINE.finditer(text, body.start + 1, body.end)]
    fitting: Choice | None = None
    low, high = 0, len(cuts)
    while low < high:
        middle = (low + high) // 2
        tried = _with_part(choice, place, text, cuts[middle], count)
        if tried is not None and tried.tokens <= choice.budget:
            fitting, low = tried, middle + 1
        else:
            high = middle
    return fitting if fitting is not None and fitting.tokens > choice.tokens else None


def _with_part(choice: Choice, place: int, text: str, upto: int, count: Count) -> Choice | None:
    measured = choice.measured
    file = measured.tree.files[place]
    written = [measured.form.head(place, Detail.OUTLINE, text.count("\n", 0, upto))]
    written += [text[s.start : s.end] + "\n" for s in pieces(file, text, Detail.OUTLINE, upto)]
    written.append(measured.form.tail(place, Detail.OUTLINE))
    details = list(choice.details)
    now = details[place]
    had = 0 if now is Detail.NAME else measured.block(place, now)
    details[place] = Detail.OUTLINE
    shown = choice.shown_tokens - had + count("".join(written))
    found = retold(choice, details, shown)
    return replace(found, parts={place: upto}) if found is not None else None
