"""Values of one column: pairs, boxes and file names in the form that SQLite keeps, and back."""

import json
from collections.abc import Sequence

from docanalyze.model import Box, Fingerprint, Span, hash_text

Pairs = tuple[tuple[str, str], ...]


def as_json(value: object) -> str:
    """JSON with readable letters; escaped where a text is no valid Unicode, as file names may be."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _is_unicode(text) else json.dumps(value, separators=(",", ":"))


def as_pairs(text: str) -> Pairs:
    """Raises ValueError where the column does not hold pairs."""
    return tuple((str(name), str(value)) for name, value in json.loads(text))


def boxes_json(boxes: Sequence[Box]) -> str:
    """`[[page, x0, y0, x1, y1], …]`; floats come back exactly."""
    return as_json([[box.page, box.x0, box.y0, box.x1, box.y1] for box in boxes]) if boxes else "[]"


def as_boxes(text: str) -> tuple[Box, ...]:
    """Raises ValueError where the column does not hold rectangles."""
    return () if text == "[]" else tuple(Box(*values) for values in json.loads(text))


def spans_json(spans: Sequence[Span]) -> str:
    """`[[start, end], …]`"""
    return "[" + ",".join([f"[{span.start},{span.end}]" for span in spans]) + "]"


def as_spans(text: str) -> tuple[Span, ...]:
    """Raises ValueError where the column does not hold ranges."""
    if text == "[]":
        return ()
    try:
        return tuple([Span(start, end) for start, end in json.loads(text)])
    except TypeError as error:
        raise ValueError(f"no ranges: {error}") from error


def as_counts(text: str) -> tuple[tuple[str, int], ...]:
    """Names with how often each; ValueError where the column does not hold them."""
    try:
        return tuple([(str(name), int(count)) for name, count in json.loads(text)])
    except TypeError as error:
        raise ValueError(f"no counts: {error}") from error


def storable(text: str) -> str | bytes:
    """The text, or its bytes where it is no valid Unicode: names of files need not be."""
    return text if _is_unicode(text) else text.encode("utf-8", "surrogatepass")


def restored(value: str | bytes) -> str:
    """What `storable` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def fingerprint_id(fingerprint: Fingerprint) -> str:
    """Hash of all that is known of what served a Reply."""
    return hash_text(as_json(list(fingerprint_row(fingerprint))))


def fingerprint_row(fingerprint: Fingerprint) -> tuple[str | int, ...]:
    """In the order of the columns of `fingerprints`, the id left out."""
    return (
        fingerprint.model,
        fingerprint.file_sha256,
        fingerprint.quantization,
        fingerprint.cache_k,
        fingerprint.cache_v,
        fingerprint.context,
        fingerprint.rope,
        fingerprint.build,
        fingerprint.device,
        int(fingerprint.proven),
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
