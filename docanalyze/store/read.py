"""Values from rows: a Document or a Run comes back equal to what was written.

Each table is read once for a whole Run. What cannot be read as what it was raises ValueError.
"""

import gc
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from docanalyze.errors import RunNotFound
from docanalyze.model import (
    Call,
    CallState,
    Coverage,
    Covered,
    Detail,
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Fingerprint,
    Label,
    Match,
    Note,
    Page,
    PageSource,
    PageState,
    Placed,
    Prompt,
    Quote,
    Reader,
    Reply,
    Role,
    Run,
    RunState,
    Segment,
    Sent,
    Source,
    Span,
    Sweep,
    Verdict,
    Window,
)
from docanalyze.store import trees
from docanalyze.store.forms import as_boxes, as_pairs, restored

Row = sqlite3.Row

# -- documents -------------------------------------------------------------------------------------


def document(connection: sqlite3.Connection, document_id: str) -> Document:
    """The Document of that id; RunNotFound if there is none."""
    row = connection.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise RunNotFound(f"no document {document_id} in this database", "see docanalyze runs")
    source = Source(restored(row["path"]), restored(row["name"]), row["source_sha256"], row["size"])
    reader = Reader(row["reader"], row["reader_version"], as_pairs(row["reader_options"]))
    segments = connection.execute(
        "SELECT s.*, r.note, r.head_start, r.head_end FROM segments AS s LEFT JOIN segment_readings AS r"
        " ON r.document_id = s.document_id AND r.number = s.number WHERE s.document_id = ? ORDER BY s.number",
        (document_id,),
    )
    pages = connection.execute(
        "SELECT p.*, r.source, r.ink, r.hidden, r.doubt FROM pages AS p LEFT JOIN page_readings AS r"
        " ON r.document_id = p.document_id AND r.number = p.number WHERE p.document_id = ? ORDER BY p.number",
        (document_id,),
    )
    notes = connection.execute("SELECT * FROM notes WHERE document_id = ? ORDER BY id", (document_id,))
    with _without_collection():
        return Document(
            text=text(connection, row["text_sha256"]),
            segments=tuple(_segment(s) for s in segments),
            source=source,
            reader=reader,
            format=row["format"],
            pages=tuple(_page(p) for p in pages),
            notes=tuple(_note(n) for n in notes),
            metadata=as_pairs(row["metadata"]),
            tree=trees.read(connection, document_id),
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Looking for cycles among a million new values, none of which is in one, takes half the time of making them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def text(connection: sqlite3.Connection, sha256: str) -> str:
    """A stored text by its hash, which must be there; ValueError where it is damaged."""
    # Read as bytes: a damaged text is no valid UTF-8, and SQLite's own error would not say where.
    sql = "SELECT CAST(text AS BLOB) AS text FROM texts WHERE sha256 = ?"
    with closing(connection.execute(sql, (sha256,))) as found:
        row = found.fetchone()
    if row is None:
        raise ValueError(f"no text {sha256}")
    return bytes(row["text"]).decode()


_ROLES = {role.value: role for role in Role}


def _segment(row: Row) -> Segment:
    return Segment(
        number=row["number"],
        span=Span(row["start"], row["end"]),
        # Looked up, since a code base has a hundred thousand; what is not there raises ValueError.
        role=_ROLES.get(row["role"]) or Role(row["role"]),
        level=row["level"],
        clause=row["clause"],
        page=row["page"],
        line=row["line"],
        boxes=as_boxes(row["boxes"]),
        note=restored(row["note"] or ""),
        head=None if row["head_start"] is None else Span(row["head_start"], row["head_end"]),
    )


def _page(row: Row) -> Page:
    return Page(
        number=row["number"],
        width=row["width"],
        height=row["height"],
        rotation=row["rotation"],
        chars=row["chars"],
        state=PageState(row["state"]),
        reason=row["reason"],
        # Pages that were stored before this was known have no reading.
        source=PageSource(row["source"] or PageSource.TEXT),
        ink=row["ink"] or 0.0,
        hidden=row["hidden"] or 0,
        doubt=restored(row["doubt"] or ""),
    )


def _note(row: Row) -> Note:
    return Note(row["code"], restored(row["text"]), row["page"])


# -- runs ------------------------------------------------------------------------------------------


def run(connection: sqlite3.Connection, run_id: str, *, with_windows: bool = True) -> Run:
    """The Run of that id with all that belongs to it, its Windows if asked for; RunNotFound if there is none."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise RunNotFound(f"no run {run_id} in this database", "see docanalyze runs")
    notes = connection.execute("SELECT * FROM notes WHERE run_id = ? ORDER BY id", (run_id,))
    return Run(
        id=row["id"],
        key=row["key"],
        source=restored(row["source"]),
        document_id=row["document_id"],
        kind=row["kind"],
        kind_sha256=row["kind_sha256"],
        analyst=row["analyst"],
        judge=row["judge"],
        state=RunState(row["state"]),
        started=row["started"],
        ended=row["ended"],
        error=restored(row["error"]),
        settings=as_pairs(row["settings"]),
        versions=as_pairs(row["versions"]),
        sections=_sections(connection, run_id),
        windows=windows(connection, run_id) if with_windows else (),
        coverage=_coverage(connection, run_id) if row["chars_in"] is not None else None,
        calls=calls(connection, run_id),
        findings=findings(connection, run_id),
        stages=_stages(connection, run_id),
        notes=tuple(_note(note) for note in notes),
    )


def _sections(connection: sqlite3.Connection, run_id: str) -> tuple[tuple[str, str], ...]:
    rows = connection.execute("SELECT * FROM sections WHERE run_id = ? ORDER BY ordinal", (run_id,))
    return tuple((row["name"], row["title"]) for row in rows)


def _stages(connection: sqlite3.Connection, run_id: str) -> tuple[tuple[str, float], ...]:
    rows = connection.execute("SELECT * FROM stages WHERE run_id = ? ORDER BY ordinal", (run_id,))
    return tuple((row["name"], row["seconds"]) for row in rows)


def windows(connection: sqlite3.Connection, run_id: str) -> tuple[Window, ...]:
    """The Windows of a Run."""
    # Window by window: those of a code base stand for a hundred thousand pieces.
    placed = "SELECT * FROM window_spans WHERE window_id = ? ORDER BY ordinal"
    rows = connection.execute(
        "SELECT w.*, CAST(t.text AS BLOB) AS text FROM windows AS w JOIN texts AS t"
        " ON t.sha256 = w.text_sha256 WHERE w.run_id = ? ORDER BY w.number",
        (run_id,),
    )
    return tuple(
        Window(
            number=row["number"],
            text=row["text"].decode(),
            placed=tuple(_placed(piece) for piece in connection.execute(placed, (row["id"],))),
            tokens=row["tokens"],
            budget=row["budget"],
        )
        for row in rows
    )


def _placed(row: Row) -> Placed:
    return Placed(row["segment"], Span(row["start"], row["end"]), row["at"], bool(row["repeated"]))


def _coverage(connection: sqlite3.Connection, run_id: str) -> Coverage:
    parts = connection.execute("SELECT * FROM coverage WHERE run_id = ? ORDER BY ordinal", (run_id,))
    unread = connection.execute("SELECT * FROM unread_pages WHERE run_id = ? ORDER BY ordinal", (run_id,))
    return Coverage(
        tuple(
            Covered(Span(row["start"], row["end"]), row["window"], Detail(row["detail"]), row["reason"])
            for row in parts
        ),
        tuple((row["page"], row["reason"]) for row in unread),
        trees.covered(connection, run_id),
    )


def calls(connection: sqlite3.Connection, run_id: str) -> tuple[Call, ...]:
    """The Calls of a Run."""
    rows = connection.execute(
        "SELECT k.*, CAST(p.text AS BLOB) AS prompt, CAST(a.text AS BLOB) AS reply, f.model, f.file_sha256,"
        " f.quantization, f.cache_k, f.cache_v, f.context, f.rope, f.build, f.device, f.proven,"
        " s.whole_sha256, s.prompt_sha256 AS asked_sha256, s.kept, s.prompt_seconds, s.output_seconds,"
        " CAST(y.text AS BLOB) AS system, CAST(g.text AS BLOB) AS schema"
        " FROM calls AS k JOIN texts AS p ON p.sha256 = k.prompt_sha256"
        " LEFT JOIN call_prompts AS s ON s.call_id = k.id"
        " LEFT JOIN texts AS y ON y.sha256 = s.system_sha256 LEFT JOIN texts AS g ON g.sha256 = s.schema_sha256"
        " LEFT JOIN texts AS a ON a.sha256 = k.reply_sha256"
        " LEFT JOIN fingerprints AS f ON f.id = k.fingerprint_id"
        " WHERE k.run_id = ? ORDER BY k.number",
        (run_id,),
    )
    return tuple(_call(row) for row in rows)


def _call(row: Row) -> Call:
    return Call(
        number=row["number"],
        key=row["key"],
        role=row["role"],
        section=row["section"],
        window=row["window"] or 0,
        prompt=Prompt(row["template"], row["template_sha256"], row["prompt"].decode()),
        reply=_reply(row) if row["reply_sha256"] is not None else None,
        state=CallState(row["state"]),
        started=row["started"],
        error=row["error"],
        sent=_sent(row) if row["whole_sha256"] is not None else None,
    )


def _sent(row: Row) -> Sent:
    return Sent(
        row["whole_sha256"], row["asked_sha256"], row["system"].decode(), row["schema"].decode(), bool(row["kept"])
    )


def _reply(row: Row) -> Reply:
    return Reply(
        text=row["reply"].decode(),
        fingerprint=fingerprint(row),
        sampling=row["sampling"],
        prompt_tokens=row["prompt_tokens"],
        cached_tokens=row["cached_tokens"],
        output_tokens=row["output_tokens"],
        seconds=row["seconds"],
        finish=row["finish"],
        prompt_seconds=row["prompt_seconds"] or 0.0,
        output_seconds=row["output_seconds"] or 0.0,
    )


def fingerprint(row: Row) -> Fingerprint:
    """From a row that has all columns of `fingerprints`."""
    return Fingerprint(
        model=row["model"],
        file_sha256=row["file_sha256"],
        quantization=row["quantization"],
        cache_k=row["cache_k"],
        cache_v=row["cache_v"],
        context=row["context"],
        rope=row["rope"],
        build=row["build"],
        device=row["device"],
        proven=bool(row["proven"]),
    )


# -- findings --------------------------------------------------------------------------------------

_PARTS = {
    "quotes": "SELECT x.finding_id AS parent, x.* FROM quotes AS x JOIN findings AS f"
    " ON f.id = x.finding_id WHERE f.run_id = ? ORDER BY x.finding_id, x.ordinal",
    "fields": "SELECT x.finding_id AS parent, x.* FROM finding_fields AS x JOIN findings AS f"
    " ON f.id = x.finding_id WHERE f.run_id = ? ORDER BY x.finding_id, x.ordinal",
    "evidence": "SELECT x.finding_id AS parent, x.* FROM evidence AS x JOIN findings AS f"
    " ON f.id = x.finding_id WHERE f.run_id = ? ORDER BY x.finding_id, x.quote, x.field",
    "spans": "SELECT x.evidence_id AS parent, x.* FROM evidence_spans AS x JOIN evidence AS e"
    " ON e.id = x.evidence_id JOIN findings AS f ON f.id = e.finding_id WHERE f.run_id = ?"
    " ORDER BY x.evidence_id, x.ordinal",
    "verdicts": "SELECT x.finding_id AS parent, x.*, k.number AS call, c.shares FROM verdicts AS x"
    " JOIN findings AS f ON f.id = x.finding_id"
    " LEFT JOIN verdict_calls AS c ON c.finding_id = x.finding_id AND c.ordinal = x.ordinal"
    " LEFT JOIN calls AS k ON k.id = c.call_id WHERE f.run_id = ? ORDER BY x.finding_id, x.ordinal",
    "calls": "SELECT x.finding_id AS parent, k.number FROM finding_calls AS x JOIN calls AS k"
    " ON k.id = x.call_id JOIN findings AS f ON f.id = x.finding_id WHERE f.run_id = ?"
    " ORDER BY x.finding_id, x.ordinal",
    "sweeps": "SELECT x.finding_id AS parent, x.* FROM sweeps AS x JOIN findings AS f"
    " ON f.id = x.finding_id WHERE f.run_id = ?",
    "hits": "SELECT x.finding_id AS parent, x.* FROM sweep_hits AS x JOIN findings AS f"
    " ON f.id = x.finding_id WHERE f.run_id = ? ORDER BY x.finding_id, x.ordinal",
}

Parts = dict[str, dict[int, list[Row]]]


def findings(connection: sqlite3.Connection, run_id: str) -> tuple[Finding, ...]:
    """The Findings of a Run by number."""
    parts: Parts = {name: _grouped(connection.execute(sql, (run_id,))) for name, sql in _PARTS.items()}
    rows = connection.execute("SELECT * FROM findings WHERE run_id = ? ORDER BY number", (run_id,))
    return tuple(_finding(row, parts) for row in rows)


def _finding(row: Row, parts: Parts) -> Finding:
    own = {name: groups.get(row["id"], []) for name, groups in parts.items() if name != "spans"}
    evidence = [(e, _evidence(e, parts["spans"].get(e["id"], []))) for e in own["evidence"]]
    of_field = {e["field"]: value for e, value in evidence if e["field"] is not None}
    return Finding(
        section=row["section"],
        statement=row["statement"],
        quotes=tuple(_quote(q) for q in own["quotes"]),
        fields=tuple(_field(x, of_field.get(x["ordinal"])) for x in own["fields"]),
        evidence=tuple(value for e, value in evidence if e["quote"] is not None),
        verdicts=tuple(_verdict(v) for v in own["verdicts"]),
        confidence=row["confidence"],
        calibrated=bool(row["calibrated"]),
        absence=bool(row["absence"]),
        sweep=_sweep(own["sweeps"][0], own["hits"]) if own["sweeps"] else None,
        conflict=row["conflict"],
        number=row["number"],
        calls=tuple(c["number"] for c in own["calls"]),
    )


def _verdict(row: Row) -> Verdict:
    shares = tuple((str(name), float(share)) for name, share in json.loads(row["shares"] or "[]"))
    return Verdict(row["by"], Label(row["label"]), row["probability"], row["reason"], row["call"] or 0, shares)


def _quote(row: Row) -> Quote:
    at = Span(row["at_start"], row["at_end"]) if row["at_start"] is not None else None
    return Quote(row["text"], tuple(int(number) for number in json.loads(row["cited"])), at)


def _field(row: Row, evidence: Evidence | None) -> Field:
    return Field(row["name"], FieldKind(row["kind"]), row["written"], row["value"], row["unit"], evidence)


def _evidence(row: Row, spans: Iterable[Row]) -> Evidence:
    in_place, start = row["in_place"], row["sentence_start"]
    return Evidence(
        quote=row["written"],
        spans=tuple(Span(span["start"], span["end"]) for span in spans),
        match=Match(row["match"]),
        score=row["score"],
        in_place=None if in_place is None else bool(in_place),
        occurrences=row["occurrences"],
        sentence=None if start is None else Span(start, row["sentence_end"]),
        boxes=as_boxes(row["boxes"]),
        reason=row["reason"],
    )


def _sweep(row: Row, hits: Iterable[Row]) -> Sweep:
    return Sweep(
        terms=tuple(str(term) for term in json.loads(row["terms"])),
        hits=tuple((hit["term"], Span(hit["start"], hit["end"])) for hit in hits),
        chars=row["chars"],
    )


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["parent"]].append(row)
    return groups
