"""What is parsed of a file as JSON, and back: between processes, and for a store to keep."""

import json
from collections.abc import Mapping, Sequence
from sys import intern
from typing import TYPE_CHECKING, Any

from docanalyze.model import Definition, File, FileRole, Import, Note, Secret, Span

if TYPE_CHECKING:
    from docanalyze.ingest.repo.parse import Parsed

Json = dict[str, Any]


def values_of(parsed: "Parsed") -> Json:
    """All but the text, as short as it can be: ends of Spans follow their starts in flat lists."""
    found = parsed.outlined
    values: Json = {
        "role": parsed.role.value,
        "reason": parsed.reason,
        "language": parsed.language,
        "encoding": parsed.encoding,
        "sizes": [parsed.lines, parsed.chars, parsed.tokens, parsed.outline_tokens],
        "outline": _flat(found.outline),
        "definitions": [
            [d.name, d.kind, d.line, d.span.start, d.span.end, d.parent, d.branches, _flat(d.shown)]
            for d in found.definitions
        ],
        "imports": [[i.module, i.line, i.span.start, i.span.end, list(i.names)] for i in found.imports],
        "references": "\n".join(f"{name} {count}" for name, count in found.references),
        "mains": _flat(found.mains),
        "secrets": [[s.span.start, s.span.end, s.what] for s in parsed.secrets],
        "cells": list(parsed.cells),
        "notes": [[note.code, note.text] for note in parsed.notes],
    }
    return {name: value for name, value in values.items() if value}


def packed(values: Json) -> str:
    """The same for a store."""
    return json.dumps(values, separators=(",", ":"))


def _flat(spans: Sequence[Span]) -> list[int]:
    return [at for span in spans for at in (span.start, span.end)]


def _spans(flat: Sequence[int]) -> tuple[Span, ...]:
    return tuple(map(Span, flat[::2], flat[1::2]))


def unread(path: str, size: int, role: str, reason: str) -> File:
    """A file that is listed without having been opened."""
    return File(path, size, FileRole(role) if role else FileRole.DATA, reason=reason)


def file_of(path: str, size: int, sha256: str, values: Mapping[str, Any]) -> File:
    """A file from what was packed of it; its references are not among it yet."""
    lines, chars, tokens, outline_tokens = values.get("sizes", (0, 0, 0, 0))
    return File(
        path,
        size,
        FileRole(values["role"]),
        sha256,
        intern(values.get("language", "")),
        values.get("reason", ""),
        values.get("encoding", ""),
        lines,
        chars,
        0,
        tokens,
        outline_tokens,
        _spans(values.get("outline", ())),
        tuple(
            Definition(intern(name), intern(kind), line, Span(start, end), _spans(shown), parent, branches)
            for name, kind, line, start, end, parent, branches, shown in values.get("definitions", ())
        ),
        tuple(
            Import(intern(module), line, Span(start, end), tuple(map(intern, names)))
            for module, line, start, end, names in values.get("imports", ())
        ),
        (),
        _spans(values.get("mains", ())),
        tuple(Secret(Span(start, end), what) for start, end, what in values.get("secrets", ())),
        tuple(values.get("cells", ())),
    )


def references_of(flat: str, defined: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """The names that a file uses, of those that some file defines."""
    pairs = (line.rpartition(" ") for line in flat.split("\n") if line)
    return tuple((defined[name], int(count)) for name, _, count in pairs if name in defined)


def notes_of(values: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(code, text) for code, text in values.get("notes", ()))
