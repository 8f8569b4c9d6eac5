"""The values that the whole program speaks in: frozen, compared by content, standard library only.

They know nothing of files, databases, models or terminals. Offsets count Unicode code points of
`Document.text` and ranges are half-open. Box coordinates are PDF points in the unrotated page,
origin at the top left.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docanalyze.model.batch import Batch, BatchDocument, BatchState, Cell, Spent
    from docanalyze.model.document import (
        APART,
        TAKEN_OUT,
        Document,
        Page,
        PageSource,
        PageState,
        Reader,
        Role,
        Segment,
        Source,
    )
    from docanalyze.model.event import Event, Notify
    from docanalyze.model.finding import Evidence, Field, Finding, Label, Match, Quote, Sweep, Verdict
    from docanalyze.model.kind import Cue, Example, FieldKind, FieldSpec, Kind, Section
    from docanalyze.model.note import Note
    from docanalyze.model.places import Box, Span, hash_text
    from docanalyze.model.run import Call, CallState, Fingerprint, Prompt, Reply, Run, RunState, Sent
    from docanalyze.model.tree import (
        NEVER_IN_FULL,
        Definition,
        File,
        FileRole,
        Import,
        Secret,
        Skipped,
        Tree,
        shown_part,
    )
    from docanalyze.model.window import Coverage, Covered, Detail, FileCovered, Placed, Window

__all__ = [
    "APART",
    "NEVER_IN_FULL",
    "TAKEN_OUT",
    "Batch",
    "BatchDocument",
    "BatchState",
    "Box",
    "Call",
    "CallState",
    "Cell",
    "Coverage",
    "Covered",
    "Cue",
    "Definition",
    "Detail",
    "Document",
    "Event",
    "Evidence",
    "Example",
    "Field",
    "FieldKind",
    "FieldSpec",
    "File",
    "FileCovered",
    "FileRole",
    "Finding",
    "Fingerprint",
    "Import",
    "Kind",
    "Label",
    "Match",
    "Note",
    "Notify",
    "Page",
    "PageSource",
    "PageState",
    "Placed",
    "Prompt",
    "Quote",
    "Reader",
    "Reply",
    "Role",
    "Run",
    "RunState",
    "Secret",
    "Section",
    "Segment",
    "Sent",
    "Skipped",
    "Source",
    "Span",
    "Spent",
    "Sweep",
    "Tree",
    "Verdict",
    "Window",
    "hash_text",
    "shown_part",
]

_MODULES = ("places", "note", "tree", "document", "event", "window", "kind", "finding", "run", "batch")
"""In such an order that none needs one behind it."""


def __getattr__(name: str) -> object:
    # To make all these classes takes longer than to start Python, and a reading process needs the first few alone.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    for module in _MODULES:
        found = vars(import_module(f"{__name__}.{module}"))
        if name in found:
            return globals().setdefault(name, found[name])
    raise AttributeError(f"module {__name__!r} lists {name!r} and has it nowhere")
