"""What Datasette is told of the database: what tables and columns mean, what to narrow by, the saved questions."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docanalyze.store.questions import Question
from docanalyze.store.schema import described

_FACETS = {
    "findings_view": ("document", "section", "status", "verdict", "model"),
    "fields_view": ("document", "section", "field", "kind", "unit"),
    "runs_view": ("kind", "state", "analyst", "judge"),
    "calls_view": ("role", "section", "state", "model"),
    "coverage_view": ("document", "detail", "reason"),
    "run_tree": ("detail", "language", "role"),
    "symbols_view": ("tree", "kind"),
    "findings": ("section", "absence"),
    "verdicts": ("label", "by"),
    "segments": ("role",),
}
_LABELS = {"documents": "name", "runs": "source", "findings": "statement", "trees": "name", "files": "path"}
_SECONDS = 5


def metadata(database: Path, questions: Iterable[Question]) -> dict[str, Any]:
    """Datasette's metadata for a database file: tables described, facets, canned queries."""
    tables: dict[str, dict[str, Any]] = {}
    for name, about, columns in described():
        tables[name] = {"description": about, "columns": columns, "facets": list(_FACETS.get(name, ()))}
        if name in _LABELS:
            tables[name]["label_column"] = _LABELS[name]
    return {
        "title": "docanalyze",
        "description": "Documents, what was found in them, and what each finding rests on.",
        "databases": {
            # Datasette calls a database by the name of its file.
            database.stem: {
                "description": f"{database.name}: begin with findings_view.",
                "queries": {one.name: _canned(one) for one in questions},
                "tables": tables,
            }
        },
    }


def _canned(question: Question) -> dict[str, Any]:
    about = question.about
    if question.parameters:
        told = (f"{one.name}: {one.meaning}" + _default(one.default) for one in question.parameters)
        about = f"{about} ({'; '.join(told)})"
    return {
        "title": question.name,
        "description": about,
        "sql": with_defaults(question),
        "params": [one.name for one in question.parameters],
    }


def _default(default: str | None) -> str:
    return "" if default is None else f" [{default}]"


def with_defaults(question: Question) -> str:
    """The SQL in which an empty parameter is what it is by default: Datasette's forms begin empty."""
    from docanalyze.store.asking import replaced

    defaults = {one.name: one.default for one in question.parameters if one.default is not None}
    quoted = {name: default.replace("'", "''") for name, default in defaults.items()}
    return replaced(question.sql, {name: f"coalesce(nullif(:{name}, ''), '{text}')" for name, text in quoted.items()})
