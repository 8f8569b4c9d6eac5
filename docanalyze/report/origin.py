"""Where a report's findings come from: what of the source was read, and what read and answered.

Coverage and provenance as plain values, before any markup; every text has passed through `plain`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from docanalyze.model import Call, Document, Fingerprint, PageState, Role, Run, Segment, Window
from docanalyze.report.contents import BUILT_IN, RULES
from docanalyze.report.plain import counted, moment, ranges, shown, titled
from docanalyze.report.receipt import Line, receipt

HASH_SHOWN = 16
"""Characters of a hash in the table of calls, where two stand side by side."""

MOST_REASONS = 20
"""Reasons for files that were not read, told one by one."""
MOST_APART = 200
"""Changes, comments and the like that a report lists."""
_TOLD_APART = frozenset({Role.INSERTION, Role.DELETION, Role.COMMENT, Role.FORM_FIELD, Role.HIDDEN})

_ALL_OF_IT = "all files that were read, by fixed rules; of them the windows, as a model gets them, hold "

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Text outside every Window: why, how much, and on which pages."""

    reason: str
    chars: int
    pages: str


@dataclass(frozen=True, slots=True)
class Held:
    """A Window: its size, and what of the Document it holds."""

    number: int
    tokens: int
    budget: int
    chars: int
    pages: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The Coverage: `chars_in` and `chars_out` are None where none was recorded. `unit` is what `pages` counts."""

    pages: str
    unread: tuple[tuple[str, str], ...]
    chars_in: int | None
    chars_out: int | None
    left: tuple[Left, ...]
    windows: tuple[Held, ...]
    lines: tuple[Line, ...] = ()
    unit: str = "Pages"
    beside: str = ""
    """What was analysed besides what Windows hold."""

    @property
    def percent(self) -> str:
        """Of the characters read, those in Windows: never rounded up to all."""
        total = (self.chars_in or 0) + (self.chars_out or 0)
        tenths = 1000 * (self.chars_in or 0) // total if total else 0
        return f"{tenths / 10:g} %"


@dataclass(frozen=True, slots=True)
class Made:
    """One Call: what was asked of whom, and how long it took."""

    number: int
    role: str
    model: str
    section: str
    window: int
    prompt: str
    template: str
    tokens: str
    seconds: str
    state: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Text that stands beside the body: a change, a comment, a form field, what people do not see."""

    what: str
    words: str
    note: str
    locator: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Coverage, notes and provenance of one Run. `more_apart` counts what of `apart` is not listed."""

    receipt: Receipt
    notes: Rows
    apart: tuple[Apart, ...]
    more_apart: int
    groups: tuple[tuple[str, Rows], ...]
    calls: tuple[Made, ...]


def of(run: Run, document: Document) -> Origin:
    """Where the findings of a Run over its Document come from."""
    apart = [segment for segment in document.segments if segment.role in _TOLD_APART]
    return Origin(
        receipt=_receipt(run, document),
        apart=tuple(_apart(segment, document) for segment in apart[:MOST_APART]),
        more_apart=max(0, len(apart) - MOST_APART),
        notes=tuple(
            (f"p. {note.page}" if note.page else "", shown(note.text)) for note in (*document.notes, *run.notes)
        ),
        groups=_groups(run, document),
        calls=tuple(_made(call, dict(run.sections)) for call in run.calls),
    )


def _apart(segment: Segment, document: Document) -> Apart:
    place = f"p. {segment.page}" if segment.page else ""
    if document.tree is not None:
        place = shown(document.locator(segment.span))
    return Apart(titled(segment.role.value), shown(document.slice(segment.span)), shown(segment.note), place)


# -- coverage --------------------------------------------------------------------------------------


def _receipt(run: Run, document: Document) -> Receipt:
    coverage = run.coverage
    return Receipt(
        pages=_pages(document),
        unread=_unread(run, document),
        chars_in=coverage.chars_in if coverage else None,
        chars_out=coverage.chars_out if coverage else None,
        left=_left(run, document),
        windows=tuple(_held(window, run, document) for window in run.windows),
        lines=receipt(document.pages),
        unit="Pages" if document.tree is None else "Files",
        beside=_ALL_OF_IT if document.tree is not None and run.analyst == BUILT_IN else "",
    )


def _pages(document: Document) -> str:
    if document.tree is not None:
        files = document.tree.files
        return f"{counted(len(files), 'file')}, {sum(file.is_read for file in files):,} read"
    if not document.pages:
        return "this format has no pages"
    read = sum(page.state is PageState.READ for page in document.pages)
    return f"{counted(len(document.pages), 'page')} in the file, {read:,} read"


def _unread(run: Run, document: Document) -> tuple[tuple[str, str], ...]:
    """Reason and pages of those that gave no text, from the pages and from the receipt."""
    reasons = {
        page.number: page.reason or page.state.value for page in document.pages if page.state is not PageState.READ
    }
    if run.coverage:
        reasons |= {number: reason for number, reason in run.coverage.unread if reason}
    by_reason: dict[str, list[int]] = {}
    for number, reason in sorted(reasons.items()):
        by_reason.setdefault(reason, []).append(number)
    if document.tree is not None:
        unread = Counter(file.reason for file in document.tree.files if not file.is_read)
        told = [(shown(reason), counted(count, "file")) for reason, count in unread.most_common(MOST_REASONS)]
        rest = unread.total() - sum(count for _, count in unread.most_common(MOST_REASONS))
        return (*told, *([("other reasons", counted(rest, "file"))] if rest else []))
    return tuple((shown(reason), _page_numbers(numbers)) for reason, numbers in by_reason.items())


def _left(run: Run, document: Document) -> tuple[Left, ...]:
    if run.coverage is None:
        return ()
    pages: dict[str, set[int]] = {}
    for part in run.coverage.parts:
        if not part.window:
            touched = {segment.page for segment in document.segments_at(part.span)}
            pages.setdefault(part.reason, set()).update(touched - {0})
    return tuple(
        Left(shown(reason), chars, _page_numbers(pages[reason])) for reason, chars in run.coverage.reasons().items()
    )


def _held(window: Window, run: Run, document: Document) -> Held:
    pages = {document.segment(piece.segment).page for piece in window.placed if not piece.repeated} - {0}
    chars = sum(len(span) for span in window.spans())
    told = _page_numbers(pages)
    if document.tree is not None and run.coverage:
        told = f"{sum(one.window == window.number for one in run.coverage.files):,}"
    return Held(window.number, window.tokens, window.budget, chars, told)


def _page_numbers(numbers: Iterable[int]) -> str:
    held = set(numbers)
    return f"{'p.' if len(held) == 1 else 'pp.'} {ranges(held)}" if held else ""


# -- provenance ------------------------------------------------------------------------------------


def _groups(run: Run, document: Document) -> tuple[tuple[str, Rows], ...]:
    groups = (
        ("Source", _source(run, document)),
        ("Analysis", _analysis(run)),
        ("What the file says of itself", document.metadata),
        *(("Analyst" if number == 1 else f"Analyst {number}", rows) for number, rows in enumerate(_served(run), 1)),
        ("Time by stage", tuple((name, f"{seconds:.2f} s") for name, seconds in run.stages)),
        ("Settings", run.settings),
        ("Versions", run.versions),
    )
    return tuple((title, _clean(rows)) for title, rows in groups if rows)


def _clean(rows: Rows) -> Rows:
    return tuple((titled(name), shown(value)) for name, value in rows if value)


def _source(run: Run, document: Document) -> Rows:
    options = ", ".join(f"{name}={value}" for name, value in document.reader.options)
    return (
        ("Path", document.source.path),
        ("Size", counted(document.source.size, "byte")),
        ("Format", document.format),
        ("SHA-256 of the file", document.source.sha256),
        ("SHA-256 of the text", document.text_sha256),
        ("Document", run.document_id),
        ("Read by", " ".join(filter(None, (document.reader.name, document.reader.version, options)))),
    )


def _analysis(run: Run) -> Rows:
    return (
        ("Run", run.id),
        ("Started", moment(run.started)),
        ("Ended", moment(run.ended) if run.ended else "not ended"),
        ("Kind", run.kind),
        ("SHA-256 of the kind", run.kind_sha256),
        ("Analyst", "built-in, no model" if run.analyst == BUILT_IN else run.analyst),
        ("Judge", "rules, no model" if run.judge == RULES else run.judge or "none"),
        ("Key", run.key),
    )


def _served(run: Run) -> list[Rows]:
    """What answered, once for each that differs."""
    prints = dict.fromkeys(call.reply.fingerprint for call in run.calls if call.reply)
    return [_fingerprint(one) for one in prints]


def _fingerprint(one: Fingerprint) -> Rows:
    return (
        ("Model", one.model),
        (
            "SHA-256 of its rules" if one.model.startswith("built-in") else "SHA-256 of its file",
            one.file_sha256,
        ),
        ("Quantization", one.quantization),
        ("Cache", " / ".join(filter(None, (one.cache_k, one.cache_v)))),
        ("Context", f"{one.context:,} tokens" if one.context else ""),
        ("Rope", one.rope),
        ("Build", one.build),
        ("Device", one.device),
        ("Proof", "" if one.proven else "what served these answers is as it says of itself, not proven"),
    )


def _made(call: Call, titles: dict[str, str]) -> Made:
    reply = call.reply
    spent = f"{reply.prompt_tokens:,} / {reply.output_tokens:,}" if reply and reply.prompt_tokens else ""
    return Made(
        number=call.number,
        role=shown(call.role),
        model=shown(reply.fingerprint.model) if reply else "",
        section=shown(titles.get(call.section, call.section)),
        window=call.window,
        prompt=call.prompt.sha256,
        template=shown(call.prompt.template_sha256),
        tokens=spent,
        seconds=f"{reply.seconds:.3f}" if reply else "",
        state=call.state.value if not call.error else f"{call.state.value}: {shown(call.error)}",
    )
