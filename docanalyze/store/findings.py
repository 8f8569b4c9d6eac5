"""Rows from Calls and Findings. Opens no transaction, like `write`, of which it is the other half."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from docanalyze.errors import RunNotFound
from docanalyze.model import Call, Document, Evidence, Finding, Sent, Span, Verdict
from docanalyze.store import index, write
from docanalyze.store.forms import as_json, boxes_json

Numbered = Sequence[tuple[int, Finding]]
"""Findings with the rows they get."""

ELLIPSIS = " … "
"""Stands between the places of one quote wherever their words are shown as one."""

# -- calls -----------------------------------------------------------------------------------------


def call(connection: sqlite3.Connection, run_id: str, call: Call) -> None:
    """One Call, in place of an earlier one of the same number and what that had found."""
    found = connection.execute(
        "SELECT c.finding_id FROM finding_calls AS c JOIN calls AS k ON k.id = c.call_id"
        " WHERE k.run_id = ? AND k.number = ?",
        (run_id, call.number),
    )
    delete(connection, [row[0] for row in found])
    connection.execute("DELETE FROM calls WHERE run_id = ? AND number = ?", (run_id, call.number))
    inserted = connection.execute(
        "INSERT INTO calls (run_id, number, key, role, section, window, template, template_sha256,"
        " prompt_sha256, state, error, started, reply_sha256, fingerprint_id, sampling, prompt_tokens,"
        " cached_tokens, output_tokens, seconds, finish)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            call.number,
            call.key,
            call.role,
            call.section,
            call.window or None,
            call.prompt.template,
            call.prompt.template_sha256,
            write.text(connection, call.prompt.text),
            call.state.value,
            call.error,
            call.started,
            *_reply(connection, call),
        ),
    )
    if call.sent is not None and inserted.lastrowid is not None:
        _sent(connection, inserted.lastrowid, call, call.sent)


def _sent(connection: sqlite3.Connection, row: int, call: Call, sent: Sent) -> None:
    timings = (call.reply.prompt_seconds, call.reply.output_seconds) if call.reply else (None, None)
    connection.execute(
        "INSERT INTO call_prompts (call_id, whole_sha256, prompt_sha256, system_sha256, schema_sha256, kept,"
        " prompt_seconds, output_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row,
            sent.whole_sha256,
            sent.prompt_sha256,
            write.text(connection, sent.system),
            write.text(connection, sent.schema),
            int(sent.kept),
            *timings,
        ),
    )


def _reply(connection: sqlite3.Connection, call: Call) -> tuple[object, ...]:
    reply = call.reply
    if reply is None:
        return (None,) * 8
    return (
        write.text(connection, reply.text),
        write.fingerprint(connection, reply.fingerprint),
        reply.sampling,
        reply.prompt_tokens,
        reply.cached_tokens,
        reply.output_tokens,
        reply.seconds,
        reply.finish,
    )


# -- findings --------------------------------------------------------------------------------------


def numbered(connection: sqlite3.Connection, run_id: str, findings: Sequence[Finding], call: int) -> list[Finding]:
    """The Findings of one Call, each leading to it, each with a number that is free in the Run."""
    rows = connection.execute("SELECT number FROM findings WHERE run_id = ?", (run_id,))
    taken = {row[0] for row in rows}
    free = max((*taken, *(finding.number for finding in findings)), default=0) + 1
    result = []
    for finding in findings:
        number = finding.number
        if number < 1 or number in taken:
            number, free = free, free + 1
        taken.add(number)
        calls = finding.calls if call in finding.calls else (*finding.calls, call)
        result.append(replace(finding, number=number, calls=calls))
    return result


def insert(connection: sqlite3.Connection, run_id: str, document: Document, findings: Sequence[Finding]) -> None:
    """Findings with all that hangs on them, and their search index."""
    rows: Numbered = list(zip(write.ids(connection, "findings"), findings, strict=False))
    connection.executemany(
        "INSERT INTO findings (id, run_id, number, section, statement, confidence, calibrated, absence,"
        " conflict) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                run_id,
                f.number,
                f.section,
                f.statement,
                f.confidence,
                int(f.calibrated),
                int(f.absence),
                f.conflict,
            )
            for row, f in rows
        ),
    )
    _calls(connection, run_id, rows)
    _quotes(connection, rows)
    _fields(connection, rows)
    _evidence(connection, document, rows)
    _verdicts(connection, [(row, n, v) for row, f in rows for n, v in enumerate(f.verdicts, 1)])
    _sweeps(connection, rows)
    if rows:
        index.add_findings(connection, rows[0][0], rows[-1][0])


def rows_of(connection: sqlite3.Connection, run_id: str) -> list[int]:
    """The rows of all Findings of a Run."""
    return [row["id"] for row in connection.execute("SELECT id FROM findings WHERE run_id = ?", (run_id,))]


def row_of(connection: sqlite3.Connection, run_id: str, number: int) -> int:
    """The row of a Finding; RunNotFound if the Run has none of that number."""
    row = connection.execute("SELECT id FROM findings WHERE run_id = ? AND number = ?", (run_id, number)).fetchone()
    if row is None:
        raise RunNotFound(f"run {run_id} has no finding {number}", "see docanalyze show")
    return int(row["id"])


def delete(connection: sqlite3.Connection, rows: Sequence[int]) -> None:
    """Findings by row, out of the search index too."""
    unique = list(dict.fromkeys(rows))
    index.remove_findings(connection, unique)
    connection.executemany("DELETE FROM findings WHERE id = ?", ((row,) for row in unique))


def verdicts(connection: sqlite3.Connection, row: int, verdicts: Sequence[Verdict]) -> None:
    """Adds Verdicts after those that a Finding has."""
    last: int = connection.execute(
        "SELECT coalesce(max(ordinal), 0) FROM verdicts WHERE finding_id = ?", (row,)
    ).fetchone()[0]
    _verdicts(connection, [(row, ordinal, verdict) for ordinal, verdict in enumerate(verdicts, last + 1)])


def _verdicts(connection: sqlite3.Connection, rows: Sequence[tuple[int, int, Verdict]]) -> None:
    """Verdicts with the rows of their Findings and their ordinals."""
    connection.executemany(
        "INSERT INTO verdicts (finding_id, ordinal, by, label, probability, reason) VALUES (?, ?, ?, ?, ?, ?)",
        ((row, ordinal, v.by, v.label.value, v.probability, v.reason) for row, ordinal, v in rows),
    )
    connection.executemany(
        "INSERT INTO verdict_calls (finding_id, ordinal, call_id, shares)"
        " SELECT ?1, ?2, k.id, ?4 FROM calls AS k JOIN findings AS f ON f.run_id = k.run_id"
        " WHERE f.id = ?1 AND k.number = ?3",
        ((row, ordinal, v.call, as_json(v.shares)) for row, ordinal, v in rows if v.call),
    )


def _calls(connection: sqlite3.Connection, run_id: str, rows: Numbered) -> None:
    # A number without a call would vanish in a join: the missing row must break the foreign key.
    connection.executemany(
        "INSERT INTO finding_calls (finding_id, ordinal, call_id) VALUES (?, ?,"
        " coalesce((SELECT id FROM calls WHERE run_id = ? AND number = ?), -1))",
        ((row, ordinal, run_id, call) for row, f in rows for ordinal, call in enumerate(f.calls, 1)),
    )


def _quotes(connection: sqlite3.Connection, rows: Numbered) -> None:
    connection.executemany(
        "INSERT INTO quotes (finding_id, ordinal, text, cited, at_start, at_end) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                row,
                ordinal,
                quote.text,
                as_json(quote.cited),
                *_ends(quote.at),
            )
            for row, finding in rows
            for ordinal, quote in enumerate(finding.quotes, 1)
        ),
    )


def _fields(connection: sqlite3.Connection, rows: Numbered) -> None:
    connection.executemany(
        "INSERT INTO finding_fields (finding_id, ordinal, name, kind, written, value, unit)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (row, ordinal, x.name, x.kind.value, x.written, x.value, x.unit)
            for row, finding in rows
            for ordinal, x in enumerate(finding.fields, 1)
        ),
    )


def _sweeps(connection: sqlite3.Connection, rows: Numbered) -> None:
    swept = [(row, finding.sweep) for row, finding in rows if finding.sweep]
    connection.executemany(
        "INSERT INTO sweeps (finding_id, terms, chars) VALUES (?, ?, ?)",
        ((row, as_json(sweep.terms), sweep.chars) for row, sweep in swept),
    )
    connection.executemany(
        "INSERT INTO sweep_hits (finding_id, ordinal, term, start, end) VALUES (?, ?, ?, ?, ?)",
        (
            (row, ordinal, term, span.start, span.end)
            for row, sweep in swept
            for ordinal, (term, span) in enumerate(sweep.hits, 1)
        ),
    )


# -- evidence --------------------------------------------------------------------------------------


def _evidence(connection: sqlite3.Connection, document: Document, rows: Numbered) -> None:
    located = list(zip(write.ids(connection, "evidence"), _all_evidence(rows), strict=False))
    connection.executemany(
        "INSERT INTO evidence (id, finding_id, quote, field, written, words, match, score, in_place,"
        " occurrences, start, end, sentence_start, sentence_end, page, locator, boxes, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (row, finding, quote, field, *_evidence_row(document, evidence))
            for row, (finding, quote, field, evidence) in located
        ),
    )
    connection.executemany(
        "INSERT INTO evidence_spans (evidence_id, ordinal, start, end) VALUES (?, ?, ?, ?)",
        (
            (row, ordinal, span.start, span.end)
            for row, (*_, evidence) in located
            for ordinal, span in enumerate(evidence.spans, 1)
        ),
    )


def _all_evidence(rows: Numbered) -> Iterator[tuple[int, int | None, int | None, Evidence]]:
    for row, finding in rows:
        for ordinal, evidence in enumerate(finding.evidence, 1):
            yield row, ordinal, None, evidence
        for ordinal, field in enumerate(finding.fields, 1):
            if field.evidence is not None:
                yield row, None, ordinal, field.evidence


def _evidence_row(document: Document, evidence: Evidence) -> tuple[object, ...]:
    span = evidence.span
    first = document.segments_at(span)[:1] if span is not None else ()
    return (
        evidence.quote,
        shown_words(document, evidence),
        evidence.match.value,
        evidence.score,
        evidence.in_place,
        evidence.occurrences,
        *_ends(span),
        *_ends(evidence.sentence),
        first[0].page or None if first else None,
        shown_place(document, evidence),
        boxes_json(evidence.boxes),
        evidence.reason,
    )


def _ends(span: Span | None) -> tuple[int | None, int | None]:
    # Compared with None: an empty Span is false.
    return (span.start, span.end) if span is not None else (None, None)


def shown_words(document: Document, evidence: Evidence) -> str | None:
    """The source's words for a reader of the database; None where there are none."""
    return ELLIPSIS.join(document.slice(span) for span in evidence.spans) if evidence.spans else None


def shown_place(document: Document, evidence: Evidence) -> str | None:
    """The place in words for a reader of the database; None where there is none."""
    return document.locator(evidence.spans[0]) if evidence.spans else None
