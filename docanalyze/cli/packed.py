"""What `pack` writes and tells."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.cli.terminal import one_line, safe
from docanalyze.cli.trees import unread
from docanalyze.errors import UsageError
from docanalyze.model import Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docanalyze.model import Note, Tree
    from docanalyze.pack.printed import Printed
    from docanalyze.tokens import Counter


def write(found: "Printed", target: Path | None, *, as_json: bool) -> None:
    """The text into its file, all or nothing, or on standard output."""
    data = found.text.encode("utf-8", "replace")
    if target is not None:
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_bytes(data)
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise UsageError(f"{target} cannot be written: {error.strerror}", "choose another place") from None
    elif not as_json:
        if sys.stdout.isatty():
            sys.stdout.write(safe(found.text))
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def tell(
    found: "Printed",
    tree: "Tree",
    target: Path | None,
    notes: "Sequence[Note]",
    *,
    as_json: bool,
    counted_by: "Counter",
) -> None:
    """The facts: as lines on standard error, or as JSON. `notes` are of how the files were read."""
    if as_json:
        from docanalyze.cli import output

        output.write(facts(found, tree, target, notes, counted_by))
        return
    lines = [f"{found.tokens:,} tokens: {found.summary()}"]
    masked = sum(len(file.secrets) for file in tree.files)
    if masked:
        lines.append(f"{masked:,} secret{'s were' if masked != 1 else ' was'} masked")
    left_out: dict[str, int] = {}
    for one in tree.skipped:
        left_out[one.reason] = left_out.get(one.reason, 0) + max(1, one.count)
    lines += [f"not read: {one_line(line)}" for line in unread(tree)]
    lines += [f"left out: {number:,} {one_line(reason)}" for reason, number in sorted(left_out.items())]
    lines += [f"note: {one_line(note.text)}" for note in notes]
    if target is not None:
        lines.append(f"written to {one_line(str(target))}")
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def facts(
    found: "Printed", tree: "Tree", target: Path | None, notes: "Sequence[Note]", counted_by: "Counter"
) -> dict[str, object]:
    """What was packed and how, for scripts; the text itself where it went into no file."""
    files = tree.files
    told: dict[str, object] = {
        "schema": "docanalyze.pack",
        "version": 1,
        "name": tree.name,
        "branch": tree.branch,
        "commit": tree.commit,
        "tokens": found.tokens,
        "window": found.budget if found.budget < 1 << 40 else None,
        "vocabulary": {"name": counted_by.name, "sha256": counted_by.sha256},
        "counts": {detail.value: found.count(detail) for detail in (Detail.FULL, Detail.OUTLINE, Detail.NAME)},
        "files": [
            {
                "path": files[one.file].path,
                "detail": one.detail.value,
                "tokens": one.tokens,
                "rank": round(one.rank, 6),
                "reason": one.reason,
            }
            for one in found.files
        ],
        "skipped": [{"path": one.path, "reason": one.reason, "count": one.count} for one in tree.skipped],
        "notes": [{"code": note.code, "text": note.text} for note in notes],
        "secrets_masked": sum(len(file.secrets) for file in files),
        "file": str(target) if target is not None else None,
    }
    if target is None:
        told["text"] = found.text
    return told
