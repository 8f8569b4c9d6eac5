"""The reading process of code bases: walks, and reads file after file, each bounded from outside.

Takes requests as JSON lines on standard input and answers with JSON lines on a descriptor of its own.
A request may leave answers out: what it opens is there for the ones after it.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docanalyze.errors import DocanalyzeError
from docanalyze.ingest import bounds
from docanalyze.ingest.answering import Answers, Json, damaged
from docanalyze.ingest.collecting import uncollected

if TYPE_CHECKING:
    from docanalyze import tokens
    from docanalyze.ingest.repo.opening import Folders
    from docanalyze.ingest.repo.parse import Reading
    from docanalyze.model import Span


@dataclass(frozen=True, slots=True)
class _Opened:
    """A root that files are read below; `known` are keys of what need not be parsed, nothing is unless it `parses`."""

    folders: "Folders"
    most_bytes: int
    texts: bool
    known: frozenset[str]
    parses: bool
    segments: bool
    count: "tokens.Counter"


def main() -> None:
    """Serves requests until standard input ends."""
    answers = Answers(os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass"))
    # What a library prints must not look like an answer.
    os.dup2(2, 1)
    opened: _Opened | None = None
    for line in sys.stdin:
        request: Json = json.loads(line)
        bounds.bound(request["limits"]["memory_bytes"], request["limits"]["cpu_seconds"])
        try:
            with uncollected():
                opened = _serve(request, answers, opened)
        except DocanalyzeError as error:
            answers.send(type="error", error=type(error).__name__, what=error.what, try_=error.try_)
        except MemoryError:
            # A new process starts with all its memory.
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - whatever a hostile tree brings about is an answer
            found = damaged("the code base", error)
            answers.send(type="error", error="SourceDamaged", what=found.what, try_=found.try_)


def _serve(request: Json, answers: Answers, opened: _Opened | None) -> _Opened | None:
    """Does what is asked; what is open after it."""
    if request["action"] == "walk":
        answers.send(type="walked", **_walk(request))
    elif request["action"] == "load":
        _load()
    elif request["action"] == "open":
        if opened is not None:
            opened.folders.close()
        return _open(request)
    elif opened is not None:
        for answer in _read(opened, request["files"]):
            answers.send(**answer)
    return opened


def _walk(request: Json) -> Json:
    from docanalyze.ingest.repo.entries import told
    from docanalyze.ingest.repo.options import TreeOptions
    from docanalyze.ingest.repo.walk import walk

    options = request["options"]
    options |= {name: tuple(options[name]) for name in ("include", "exclude", "written")}
    found = walk(request["source"], TreeOptions(**options))
    return {
        "name": found.name,
        "entries": told(found.entries),
        "skipped": [[one.path, one.reason, one.count] for one in found.skipped],
        "facts": [found.facts.branch, found.facts.commit, found.facts.submodules],
        "idle": found.idle,
    }


def _load() -> "tokens.Counter":
    """Loads what reading needs whatever is read."""
    from docanalyze import tokens
    from docanalyze.ingest.outline import parsed  # noqa: F401 - loaded ahead
    from docanalyze.ingest.repo import forms, parse  # noqa: F401 - loaded ahead

    count = tokens.packaged()
    count(" ")
    return count


def _open(request: Json) -> _Opened:
    from docanalyze.ingest.repo.opening import Folders

    folders = Folders(Path(request["root"]))
    count = _load()
    known = frozenset(request["known"])
    wanted = request["texts"], known, request["parses"], request["segments"]
    return _Opened(folders, request["most_bytes"], *wanted, count)


def _read(opened: _Opened, files: list[tuple[str, str]]) -> Iterator[Json]:
    """An answer for each file, in order."""
    from docanalyze.ingest.repo.parse import Reading, Unreadable, load

    for path, role in files:
        try:
            reading = Reading(path, role, load(opened.folders, path, opened.most_bytes))
        except Unreadable as why:
            yield {"type": "unread", "reason": str(why)}
            continue
        yield _answer(opened, reading)


def _answer(opened: _Opened, reading: "Reading") -> Json:
    from docanalyze.ingest.repo.forms import values_of

    key = reading.key(opened.count.sha256)
    answer: Json = {"type": "file", "size": len(reading.data), "sha256": reading.sha256, "key": key}
    answer["vocabulary"] = opened.count.sha256
    is_wanted = opened.parses and key not in opened.known
    if not reading.parsed.reason and (opened.texts or is_wanted):
        reading.clean()
    if is_wanted:
        if not reading.parsed.reason:
            reading.parse(opened.count)
        answer["parsed"] = values_of(reading.parsed)
    if opened.texts and not reading.parsed.reason:
        answer["text"] = reading.text
        if reading.taken:
            answer["taken"] = reading.told_taken()
        if opened.segments and reading.language == "markdown":
            answer["segments"] = _segments(reading.text)
    return answer


def _segments(text: str) -> list[list[object]]:
    from docanalyze.ingest.text import segments

    found = segments(text, markdown=True)
    return [[*_ends(s.span), s.role.value, s.level, s.clause, s.line, s.note, _ends(s.head)] for s in found]


def _ends(span: "Span | None") -> list[int]:
    return [span.start, span.end] if span else []


if __name__ == "__main__":
    main()
