"""Saved questions: `.sql` files that say at their head what they answer and what they want to know.

Ours are packaged beside this file; the user's stand in a folder of their own and replace ours by name. A head is

    -- One or more lines of what it answers.
    -- :days  how many days ahead [90]

where square brackets hold what a parameter is if it is not given: if that is a number, so must be what is given, and
if it is `now`, a day. The SQL follows.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Protocol

from docanalyze.errors import ConfigError, QuestionRefused

SUFFIX = ".sql"
MOST_CHARS = 200_000
_NOW = "now"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_PARAMETER = re.compile(r":(?P<name>\w+)\s+(?P<meaning>.*?)\s*(?:\[(?P<default>[^\[\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question wants to know; `default` None means that it must be told."""

    name: str
    meaning: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question; `own` is true of the user's."""

    name: str
    about: str
    parameters: tuple[Parameter, ...]
    sql: str
    own: bool = False

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """The values of all parameters; QuestionRefused for one that is unknown, missing and needed, or no number or
        day where its default is one."""
        known = {one.name: one for one in self.parameters}
        for name in given:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise QuestionRefused(f"the question {self.name} has no parameter {name}", has)
        for one in self.parameters:
            if one.default is None and one.name not in given:
                raise QuestionRefused(
                    f"the question {self.name} wants to know {one.name}: {one.meaning}",
                    f"give it as -p {one.name} VALUE",
                )
            if one.name in given and _is_number(one.default) and not _is_number(given[one.name]):
                raise QuestionRefused(
                    f"{one.name} of {self.name} is a number: {one.meaning}", f"not {given[one.name]!r}"
                )
            if one.name in given and one.default == _NOW and not _is_day(given[one.name]):
                raise QuestionRefused(
                    f"{one.name} of {self.name} is a day: {one.meaning}", f"not {given[one.name]!r}; or {_NOW}"
                )
        return {one.name: given.get(one.name, one.default or "") for one in self.parameters}


def _is_number(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text) is not None


def _is_day(text: str) -> bool:
    """Whether SQLite takes it for a day, and not for nothing at all, with which every comparison fails."""
    if text == _NOW:
        return True
    with suppress(ValueError):
        return len(text) == len("2027-01-31") and bool(date.fromisoformat(text))
    return False


class _Readable(Protocol):
    @property
    def name(self) -> str: ...

    def read_text(self, encoding: str) -> str: ...


def questions(folder: Path | None = None) -> tuple[Question, ...]:
    """Our saved questions and those in the user's folder, by name. Raises ConfigError for a file that is wrong."""
    packaged: list[_Readable] = [file for file in resources.files(__name__).iterdir() if file.name.endswith(SUFFIX)]
    found = {question.name: question for question in (_read(file, own=False) for file in packaged)}
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            question = _read(path, own=True)
            found[question.name] = question
    return tuple(found[name] for name in sorted(found))


def question(name: str, folder: Path | None = None) -> Question:
    """The saved question of that name; QuestionRefused if there is none."""
    from difflib import get_close_matches

    known = {one.name: one for one in questions(folder)}
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=1)
    try_ = f"did you mean {close[0]}?" if close else "docanalyze query --list names them"
    raise QuestionRefused(f"no saved question {name!r}", try_)


def _read(file: _Readable, *, own: bool) -> Question:
    name = file.name.removesuffix(SUFFIX)
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{file}: a question's name has only a-z, 0-9 and -", "rename the file")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", "mend or remove it") from None
    if len(text) > MOST_CHARS:
        raise ConfigError(f"{file} is no question: it has {len(text):,} characters", "remove it from the folder")
    about: list[str] = []
    parameters: list[Parameter] = []
    for line in _head(text):
        if line.startswith(":"):
            parameters.append(_parameter(line, str(file)))
        elif line:
            about.append(line)
    return Question(name, " ".join(about), tuple(parameters), text, own)


def _head(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("--"):
            return
        yield line.removeprefix("--").strip()


def _parameter(line: str, file: str) -> Parameter:
    match = _PARAMETER.fullmatch(line)
    if match is None:
        raise ConfigError(f"{file}: {line!r} is no parameter", "write -- :name  what it means [default]")
    return Parameter(match["name"], match["meaning"], match["default"])
