"""The report as Markdown (CommonMark with tables): readable as it stands, inert when rendered.

All that comes from a document or an analyst is escaped, so that it can form no heading, list, link,
image, HTML, table, code or formula, in any of the usual dialects.
"""

from collections.abc import Iterator, Sequence

from docanalyze.model import Document, Run
from docanalyze.report import contents, origin
from docanalyze.report.commonmark import bold, bullets, escape, fenced, spanned, table
from docanalyze.report.contents import Contents, Part, Shown
from docanalyze.report.origin import HASH_SHOWN, Origin, Receipt
from docanalyze.report.overview import Fact
from docanalyze.report.plain import counted
from docanalyze.report.quotes import Piece, Quoted, Refused
from docanalyze.report.tree import CodeBase, code_base
from docanalyze.report.tree_text import MOST_FILES, tree_blocks


def markdown(run: Run, document: Document, held: Contents | None = None) -> str:
    """The report of a Run over the Document that it read. `held` are its contents, where they are made already."""
    held = held or contents.of(run, document)
    made, base = origin.of(run, document), code_base(run, document, MOST_FILES)
    blocks = [
        *_top(held),
        *_overview(held, base),
        "## Findings",
        *(block for part in held.parts for block in _part(part)),
        *_not_found(held),
        *(tree_blocks(base) if base else ()),
        *_coverage(made.receipt),
        *_notes(made),
        *_apart(made),
        *_provenance(made),
    ]
    return "\n\n".join(blocks) + "\n"


# -- top -------------------------------------------------------------------------------------------


def _top(held: Contents) -> Iterator[str]:
    yield f"# {escape(held.title)}"
    yield " · ".join(map(escape, held.summary))
    if held.unfinished:
        yield f"> **{escape(held.unfinished)}.**"
    if held.no_model:
        yield f"> No model was used. {held.no_model}"


def _overview(held: Contents, base: CodeBase | None) -> Iterator[str]:
    yield "## Overview"
    if base:
        yield " · ".join(map(escape, base.line))
    yield f"{held.total_line}."
    if held.counts:
        rows = [(f"{one.mark} {one.name}", str(count), one.meaning) for one, count in held.counts]
        yield table(("Verdict", "Findings", "Meaning"), rows)
    if held.refused:
        yield f"{counted(len(held.refused), 'quote')} refused: see “Not found in the document”."
    for group in held.facts:
        lines = [_fact(fact) for fact in group.facts]
        yield f"**{escape(group.title)}**"
        yield bullets([*lines, f"and {group.more} more, below"] if group.more else lines)


def _fact(fact: Fact) -> str:
    about = f"{escape(fact.about)}, " if fact.about else ""
    value = bold(fact.value) if fact.value else ""
    words = f"{escape(fact.before)}{value}{escape(fact.after)}"
    return f"{words} ({about}{escape(fact.locator)}, finding {fact.finding}, {fact.verdict.name})"


# -- findings --------------------------------------------------------------------------------------


def _part(part: Part) -> Iterator[str]:
    yield f"### {escape(part.title)}"
    if part.remark:
        yield f"*{escape(part.remark)}.*"
    if part.ungrounded:
        yield f"*{counted(len(part.ungrounded), 'statement')} without a quote in the document: see below.*"
    for finding in part.findings:
        yield from _finding(finding)


def _finding(finding: Shown) -> Iterator[str]:
    labelled = finding.verdict.labelled
    head = f"**{finding.number}. {labelled.mark} {labelled.name}**"
    yield f"{head} {escape(finding.said)}".rstrip()
    told: list[str] = []
    if finding.compact:
        blocks, told = _compact(finding.quotes)
        yield from blocks
    else:
        yield from map(_quoted, finding.quotes)
    lines = [_field(one.title, one.written, one.value, one.remark) for one in finding.fields]
    if lines := [*told, *lines, *_searched(finding), *_grounds(finding)]:
        yield bullets(lines)


def _quoted(quote: Quoted) -> str:
    if quote.code:
        return _listed(quote)
    lines = [_marked(quote.pieces), ", ".join([f"**{escape(quote.locator)}**", escape(quote.how)])]
    lines[1] += "".join(f"; {escape(remark)}" for remark in quote.remarks)
    if quote.corrected:
        lines.append(f"The analyst’s wording, which is not in the document: {escape(quote.wording)}")
    return "\n>\n".join(f"> {line}" for line in lines)


def _listed(quote: Quoted) -> str:
    """A quote of code under its place, as code; without the code where it is a path."""
    said = ", ".join([f"**{escape(quote.locator)}**", escape(quote.how), *map(escape, filter(None, [quote.more]))])
    lines = [said + "".join(f"; {escape(remark)}" for remark in quote.remarks)]
    if quote.pieces:
        lines.append(fenced(quote.sentence, quote.language))
    if quote.corrected:
        lines.append(f"The analyst’s wording, which is not in the document: {escape(quote.wording)}")
    return "\n\n".join(lines)


def _compact(quotes: Sequence[Quoted]) -> tuple[list[str], list[str]]:
    """Several quotes of code: blocks, and the lines of the list that follows. Code of one line stands in its item."""
    blocks: list[str] = []
    lines: list[str] = []
    for quote in quotes:
        code = "" if "\n" in quote.sentence else quote.sentence
        told = [quote.how if not quote.is_exact else "", quote.more, *quote.remarks]
        said = "".join(f"; {escape(one)}" for one in told if one)
        lines.append(f"**{escape(quote.locator)}**{said}{f': {spanned(code)}' if code else ''}")
        if quote.pieces and not code:
            blocks += [bullets(lines), fenced(quote.sentence, quote.language)]
            lines = []
    return blocks, lines


def _marked(pieces: Sequence[Piece]) -> str:
    """The sentence, the quote in bold unless it is all there is."""
    if all(piece.quoted for piece in pieces):
        return "".join(escape(piece.text) for piece in pieces)
    return "".join(bold(piece.text) if piece.quoted else escape(piece.text) for piece in pieces)


def _field(title: str, written: str, value: str, remark: str) -> str:
    normalised = f" = {escape(value)}" if value else ""
    return f"{escape(title)}: {escape(written)}{normalised}{f' ({remark})' if remark else ''}"


def _grounds(finding: Shown) -> Iterator[str]:
    if finding.conflict:
        yield f"**Conflict:** {escape(finding.conflict)}"
    if finding.refused and finding.quotes:
        yield f"{counted(len(finding.refused), 'quote')} given for this is not in the document"
    if finding.to_the_letter:
        yield finding.to_the_letter
    if finding.verdict.by:
        yield escape(finding.verdict.line)
    yield from (f"before that, {escape(one.line)}, {one.labelled.name}" for one in reversed(finding.earlier))
    if finding.confidence:
        yield f"confidence {finding.confidence}"


def _searched(finding: Shown) -> Iterator[str]:
    searched = finding.searched
    if searched is None:
        return
    yield f"Searched: {searched.chars:,} characters, the whole text"
    for hit in searched.hits:
        more = "" if hit.count <= len(hit.places) else ", …"
        places = "; ".join(map(escape, hit.places))
        yield f"“{escape(hit.term)}”: {counted(hit.count, 'hit')} ({places}{more})"
    if searched.without:
        yield "No hit: " + ", ".join(f"“{escape(term)}”" for term in searched.without)


def _not_found(held: Contents) -> Iterator[str]:
    if not held.refused and not held.ungrounded:
        return
    yield "## Not found in the document"
    yield "These quotes were given, but the document does not hold them. They are evidence of nothing."
    for finding in held.ungrounded:
        yield from _finding(finding)
        yield from (bullets(_refusal(one)) for one in finding.refused)
    for one in held.half_refused:
        yield f"**Finding {one.finding}.** {escape(one.statement)}"
        yield bullets(_refusal(one))


def _refusal(one: Refused) -> tuple[str, str]:
    reason = f"Refused: {escape(one.reason)}" if one.reason else "Refused"
    return f"Given as a quote: {escape(one.words)}", reason


# -- coverage and provenance -----------------------------------------------------------------------


def _coverage(receipt: Receipt) -> Iterator[str]:
    yield "## Coverage"
    lines = [f"{receipt.unit}: {escape(receipt.pages)}"]
    lines += [f"Without text: {pages}: {escape(reason)}" for reason, pages in receipt.unread]
    if receipt.chars_in is None or receipt.chars_out is None:
        lines.append("What was analysed was not recorded")
    else:
        lines.append(f"Analysed: {receipt.beside}{receipt.chars_in:,} characters ({receipt.percent} of the text)")
    if receipt.chars_out == 0:
        lines.append("Left out: nothing")
    for left in receipt.left:
        pages = f" ({left.pages})" if left.pages else ""
        lines.append(f"Left out: {left.chars:,} characters{pages}: {escape(left.reason)}")
    yield bullets(lines)
    if receipt.windows:
        rows = [(str(w.number), f"{w.tokens:,}", f"{w.budget:,}", f"{w.chars:,}", w.pages) for w in receipt.windows]
        yield table(("Window", "Tokens", "Budget", "Characters", receipt.unit), rows)
    if receipt.lines:
        told = [
            (str(one.number), one.chars, one.source, one.ink, one.hidden, escape(one.state)) for one in receipt.lines
        ]
        yield table(("Page", "Characters", "From", "Ink without text", "Hidden", "State"), told)


def _notes(made: Origin) -> Iterator[str]:
    if made.notes:
        yield "## Notes of reading"
        yield bullets(f"{f'{place}: ' if place else ''}{escape(text)}" for place, text in made.notes)


def _apart(made: Origin) -> Iterator[str]:
    if made.apart:
        yield "## Beside the text"
        told = [(one, ", ".join(filter(None, (one.note, one.locator)))) for one in made.apart]
        lines = [f"{one.what}: {escape(one.words)}{f' ({escape(where)})' if where else ''}" for one, where in told]
        yield bullets([*lines, f"and {made.more_apart} more"] if made.more_apart else lines)


def _provenance(made: Origin) -> Iterator[str]:
    yield "## Provenance"
    for title, rows in made.groups:
        yield f"### {title}"
        yield bullets(f"{escape(name)}: {escape(value)}" for name, value in rows)
    if made.calls:
        yield "### Calls"
        yield table(
            ("Call", "Section", "Window", "By", "Model", "Prompt", "Template", "Tokens in / out", "Seconds", "State"),
            [
                (
                    str(call.number),
                    escape(call.section),
                    str(call.window),
                    escape(call.role),
                    escape(call.model),
                    escape(call.prompt[:HASH_SHOWN]),
                    escape(call.template[:HASH_SHOWN]),
                    call.tokens,
                    call.seconds,
                    escape(call.state),
                )
                for call in made.calls
            ],
        )
        yield f"Prompt and template: the first {HASH_SHOWN} digits of the SHA-256; the database holds all."
