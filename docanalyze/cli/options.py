"""Options that several commands share, and how they become Settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docanalyze.errors import UsageError

if TYPE_CHECKING:
    from docanalyze.ingest import ReadOptions

MOST_LISTED = 1_000_000_000
"""What a number of lines may be at most: whoever writes more means all."""
READ = "PDF, Word, HTML, EPUB, text or Markdown; - reads standard input."


class OcrMode(StrEnum):
    AUTO = "auto"
    NEVER = "never"
    FORCE = "force"


Db = Annotated[Path | None, typer.Option("--db", help="The database.", show_default="outputs/docanalyze.db")]
Out = Annotated[Path | None, typer.Option("--out", help="The folder of reports.", show_default="beside the database")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
KindName = Annotated[str | None, typer.Option("--kind", help="One that `docanalyze kinds` lists, or your own.")]
WindowSize = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="TOKENS",
        help="Context for template, text and answer; or trusted: as much as was proven.",
        show_default="131072",
    ),
]
MainUrl = Annotated[
    str | None,
    typer.Option("--main-url", help="The server of the main model, such as http://127.0.0.1:8080."),
]
JudgeUrl = Annotated[
    str | None,
    typer.Option("--judge-url", help="The server of the judge; may be the main model's."),
]
MainFile = Annotated[
    Path | None, typer.Option("--main-file", help="The main model's GGUF file, served for as long as it is needed.")
]
JudgeFile = Annotated[Path | None, typer.Option("--judge-file", help="The judge's GGUF file; may be the main model's.")]
Profile = Annotated[
    str | None, typer.Option("--profile", help="How the main model's file is served.", show_default="auto")
]
KeepServer = Annotated[
    bool | None, typer.Option("--keep-server", help="Servers started for this go on after it.", show_default="no")
]
MainModel = Annotated[str | None, typer.Option("--main-model", help="Its name, where a server has several.")]
JudgeModel = Annotated[str | None, typer.Option("--judge-model", help="Its name, where a server has several.")]
AllowRemote = Annotated[
    bool | None, typer.Option("--allow-remote", help="A server may be on another machine.", show_default="no")
]
Escalate = Annotated[bool, typer.Option("--escalate", help="Ask the main model where the judge is unsure.")]
NoStorePrompts = Annotated[bool, typer.Option("--no-store-prompts", help="Keep only hashes of prompts.")]
Password = Annotated[str, typer.Option("--password", envvar="DOCANALYZE_PASSWORD", help="Opens a locked PDF.")]
MaxSize = Annotated[str, typer.Option("--max-size", help="Largest file that is read, such as 500MB.")]
Ocr = Annotated[
    OcrMode,
    typer.Option("--ocr", help="Read pages without text by OCR, where its data is installed; force: all pages."),
]
OcrLanguage = Annotated[str, typer.Option("--ocr-language", help="Languages of its data, such as eng+deu.")]
Convert = Annotated[bool, typer.Option("--convert", help="Let LibreOffice make a copy to read of DOC, RTF, ODT.")]
Marked = Annotated[
    bool,
    typer.Option("--marked", help="Also write a copy of the PDF or DOCX with the findings as notes on their quotes."),
]
Sections = Annotated[list[str] | None, typer.Option("--section", help="Only this section; repeatable.")]
Ask = Annotated[list[str] | None, typer.Option("--ask", help="A question of your own; repeatable.")]
NoJudge = Annotated[bool, typer.Option("--no-judge", help="Rules alone judge.")]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of a model's answers.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 takes the likeliest words.")]
Seed = Annotated[int | None, typer.Option("--seed", help="What drawing words begins with.")]
Prompts = Annotated[Path | None, typer.Option("--prompts", help="A folder of your own kinds.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Repeat the calls that failed.")]
Redo = Annotated[bool, typer.Option("--redo", help="Analyse again what is finished.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log as well.")]
IncludeHidden = Annotated[bool, typer.Option("--include-hidden", help="Show the analyst text that readers do not see.")]
RunRef = Annotated[str, typer.Argument(help="A run's id, the start of one, or latest.")]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)i?b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_LANGUAGES = re.compile(r"[A-Za-z][A-Za-z_]{1,20}(\+[A-Za-z][A-Za-z_]{1,20}){0,9}")
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6})?)?")
LAST_PAGE = 100_000


def settings_of(typed: Mapping[str, object]) -> dict[str, object]:
    """Of what a command was given, what decides a setting."""
    from docanalyze.config import SETTINGS

    return {setting.name: typed[setting.name] for setting in SETTINGS if setting.name in typed}


def parse_size(text: str) -> int:
    """Bytes from `500MB`, `1.5 G` or `20000`; UsageError otherwise."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--max-size is not a size: {text}", "give it as 500MB")
    return int(float(match[1]) * _FACTORS[match[2].lower()])


@dataclass(frozen=True, slots=True)
class Reading:
    """How a command was told to read, as typed."""

    password: str
    max_size: str
    ocr: OcrMode
    ocr_language: str
    convert: bool

    def options(self) -> "ReadOptions":
        """What reading takes; UsageError for what cannot be meant."""
        from docanalyze.ingest import ReadOptions

        if not _LANGUAGES.fullmatch(self.ocr_language):
            raise UsageError(f"--ocr-language names no languages: {self.ocr_language}", "give it as eng or eng+deu")
        size = parse_size(self.max_size)
        return ReadOptions(self.password, size, self.ocr.value, self.ocr_language, self.convert)


def parse_pages(text: str | None) -> frozenset[int] | None:
    """Page numbers from `3-20`, `7`, `1-3,9` or `12-` (to the end); None for none given."""
    if text is None:
        return None
    pages: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"--pages is not a range of pages: {text}", "give it as 3-20 or 1-3,9")
        first = int(match[1])
        last = first if "-" not in part else int(match[2] or LAST_PAGE)
        if not 1 <= first <= last:
            raise UsageError(f"--pages runs backwards or begins below 1: {text}", "give it as 3-20")
        pages.update(range(first, min(last, LAST_PAGE) + 1))
    return frozenset(pages)
