"""What reaches the terminal: plain text from documents, progress on standard error.

Rich lays out and wraps, but never interprets: a document may hold `[/red]` or an escape code, and
both come out as what they are.
"""

import re
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

    from docanalyze.model import Event

# Control characters but newline and tab; bidirectional and invisible format characters; tags.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# And what is no character: names of files hold bytes that are no text.
_UNENCODED = re.compile(f"{_UNSAFE.pattern}|[\ud800-\udfff]")
_FILLING = re.compile(r" +(?=\n)")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])-\n(?=[a-z])")


def safe(text: str) -> str:
    """The text with control and direction characters replaced, so that it cannot steer a terminal."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON that means the same, in which nothing can steer a terminal, and that can be encoded."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNENCODED.sub(lambda match: json.dumps(match[0])[1:-1], text)


def one_line(text: str) -> str:
    """The text for display: line-end hyphens undone, white space joined, nothing unsafe in it."""
    return " ".join(safe(_HYPHENATED.sub("", text)).split())


class _Trimmed:
    """A file or pipe without the blanks that Rich fills lines with."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(_FILLING.sub("", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def console() -> "Console":
    """A console on standard output that takes every string literally."""
    from rich.console import Console

    class Piped(Console):
        """Ends as a command does whose reader has gone: Rich's own would leave with 1, as if it had failed."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            raise BrokenPipeError

    out = sys.stdout if sys.stdout.isatty() else cast(TextIO, _Trimmed(sys.stdout))
    return Piped(file=out, markup=False, highlight=False, emoji=False, soft_wrap=False)


def complain(what: str, try_: str = "") -> None:
    """One clear line on standard error: what happened, and what to try."""
    line = one_line(f"{what}: {try_}" if try_ else what)
    sys.stderr.write(f"docanalyze: {line}\n")


def shortened(line: str, most: int) -> str:
    """The line, or as many characters of it as there is room for."""
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


_LABELS = {
    "read": "Reading",
    "files": "Reading",
    "pack": "Packing",
    "main server": "Server",
    "judge server": "Server",
    "plan": "Planned",
    "find": "Finding",
    "judge": "Judging",
    "prove": "Proving",
    "compare": "Measured",
}
_UNITS = {"read": "page", "files": "file", "find": "section", "judge": "finding"}
_LINE = 78


class Progress:
    """Shows Events on standard error: a line a stage, and on a terminal what moves within it.

    Silent when `quiet`. Used as a context manager; the last stage is closed on leaving.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.live = sys.stderr.isatty() and not quiet
        self.last: Event | None = None
        self.text, self.share = "", ""
        self.began = 0.0
        self.found = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, event: "Event") -> None:
        """Takes one Event; fits the type `Notify`. `found` says from then on whether a Run has begun."""
        self.found = self.found or event.stage == "find"
        if self.quiet:
            return
        if self.last is None or self.last.stage != event.stage:
            self.close()
            self.began = time.perf_counter()
        self.last = event
        self.text = event.text or self.text
        for line in event.lines:
            start = "\r\x1b[K" if self.live else ""
            sys.stderr.write(f"{start}{'':<8} {shortened(one_line(line), _LINE - 9)}\n")
        if self.live:
            sys.stderr.write(f"\r\x1b[K{self._line(event)}")
            sys.stderr.flush()

    def _line(self, event: "Event") -> str:
        unit = _UNITS.get(event.stage, "")
        units = f"{unit}{'s' * (event.total != 1)}"
        if event.total and unit:
            # What moves within a part of the stage does not know how far the stage is.
            self.share = (
                f"{event.total} {units}" if event.total == event.done else f"{event.done}/{event.total} {units}"
            )
        parts = (self.share, one_line(self.text))
        said = ", ".join(part for part in parts if part)
        return f"{_LABELS.get(event.stage, event.stage):<8} {said}"[:_LINE]

    def close(self) -> None:
        """Ends the stage that is shown; the next Event begins another."""
        if self.last is None:
            return
        seconds = time.perf_counter() - self.began
        start = "\r\x1b[K" if self.live else ""
        sys.stderr.write(f"{start}{self._line(self.last)}  {seconds:.1f} s\n")
        self.last, self.text, self.share = None, "", ""
