"""What people or programs put onto a page beside its text: filled-in form fields, notes, attached files."""

from typing import Any

from docanalyze.ingest.pdf.opening import plain
from docanalyze.model import Role

_MOST = 500
_LONGEST = 4000


def apart(page: Any) -> list[list[object]]:
    """[role, words, note, box] of each, in the order of the file; most pages have none."""
    found: list[list[object]] = []
    if page.first_widget is not None:
        found += [field for widget in page.widgets() if (field := _field(widget))]
    if page.first_annot is not None:
        found += [note for annotation in page.annots() if (note := _note(annotation))]
    return found[:_MOST]


def _field(widget: Any) -> list[object] | None:
    value = str(widget.field_value or "").strip()
    if not value or value == "Off" or widget.field_type_string in ("Button", "PushButton", "Signature"):
        return None
    label = plain(widget.field_label or widget.field_name or "")
    words = f"{label}: {value}" if label else value
    return [Role.FORM_FIELD.value, words[:_LONGEST], widget.field_type_string, list(widget.rect)]


def _note(annotation: Any) -> list[object] | None:
    kind = annotation.type[1]
    info = annotation.info
    words = str(info.get("content") or "").strip()
    if kind == "FileAttachment":
        name = plain(annotation.file_info.get("filename", "")) or "without a name"
        return [Role.COMMENT.value, words or name, f"attached file, not read: {name}", list(annotation.rect)]
    if not words or kind in ("Link", "Popup", "Widget"):
        return None
    by = plain(info.get("title") or "")
    return [Role.COMMENT.value, words[:_LONGEST], f"{kind} by {by}" if by else kind, list(annotation.rect)]
