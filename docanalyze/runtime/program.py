"""Which program serves: the user's `llama-server`, or the `xllamacpp` wheel in a child process."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from docanalyze.errors import ServerError
from docanalyze.runtime import folder as kept

WHEEL = "wheel"
"""What is given for a binary to take the wheel, whatever stands on PATH."""
_NAME = "llama-server"
_LIBRARY = "xllamacpp"
_NEEDED = ("--model", "--ctx-size", "--host", "--port")
_SECONDS = 60
_VERSION = re.compile(r"version:\s*(\d+)\s*\((\w+)\)")
_MISSING = re.compile(r"error while loading shared libraries: (\S+?):|Library not loaded: (\S+)|(GLIBC\S+)' not found")


@dataclass(frozen=True, slots=True)
class Program:
    """What serves. `binary` is None for the wheel; `help` is what the binary says of its own flags."""

    binary: Path | None
    version: str
    help: str = ""

    def knows(self, flag: str) -> bool:
        """Whether the binary has that flag."""
        return re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", self.help) is not None

    def says_of(self, flag: str) -> str:
        """What its help says of a flag, up to the next flag."""
        lines = self.help.splitlines()
        for at, line in enumerate(lines):
            if line.lstrip().startswith("-") and re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", line):
                rest = lines[at + 1 :]
                end = next((i for i, one in enumerate(rest) if re.match(r"\s{0,8}-{1,2}[a-z]", one)), len(rest))
                return "\n".join([line, *rest[:end]])
        return ""


def find(asked: str, folder: Path) -> Program:
    """The binary that was asked for, by its path or its name on PATH, else llama-server on PATH, else the wheel.

    Raises ServerError where there is none of them, or it is no llama-server that runs.
    """
    if asked and asked != WHEEL:
        return binary(_named(asked), folder)
    if not asked and (path := _on_path(_NAME)) is not None:
        return binary(path, folder)
    if find_spec(_LIBRARY) is not None:
        return Program(None, f"{_LIBRARY} {version(_LIBRARY)}")
    raise ServerError(
        f"no {_NAME} is on PATH, and the {_LIBRARY} wheel is not installed",
        f"pip install 'docanalyze[llama]', or build llama.cpp and name its {_NAME} with --binary",
    )


def binary(path: Path, folder: Path) -> Program:
    """The llama-server at a path, asked for its version and flags; what it said is kept until the file changes."""
    path = path.absolute()
    try:
        stat = path.stat()
    except OSError:
        raise ServerError(f"there is no {path}", f"name a {_NAME} with --binary") from None
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ServerError(f"{path} is no program", f"name a {_NAME} with --binary")
    stamp = f"{stat.st_size} {stat.st_mtime_ns}"
    cache = folder / "binaries.json"
    known = _read(cache)
    entry = known.get(str(path), {})
    if entry.get("stamp") != stamp:
        entry = {"stamp": stamp, "version": _said(path, "--version"), "help": _said(path, "--help")}
    if not all(flag in entry["help"] for flag in _NEEDED):
        raise ServerError(f"{path} is no {_NAME}: its --help knows no {_NEEDED[1]}", f"name a {_NAME} with --binary")
    if known.get(str(path)) != entry:
        kept.write_private(cache, json.dumps(known | {str(path): entry}))
    match = _VERSION.search(entry["version"])
    return Program(path, f"b{match[1]} ({match[2]})" if match else "", entry["help"])


def _named(asked: str) -> Path:
    """Where a program is: a bare name is looked up on PATH alone, never in the working directory."""
    if any(separator in asked for separator in (os.sep, os.altsep) if separator):
        return Path(asked).expanduser()
    found = _on_path(asked)
    if found is None:
        raise ServerError(f"no {asked} is on PATH", f"name a {_NAME} by its path, such as --binary ./{asked}")
    return found


def _on_path(name: str) -> Path | None:
    """The program of that name in the folders of PATH; an empty or relative one would be the working directory."""
    for place in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if Path(place).is_absolute() and (found := shutil.which(str(Path(place) / name))):
            return Path(found)
    return None


def _read(cache: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(cache.read_text(encoding="utf-8"))
        return {
            path: {name: str(entry[name]) for name in ("stamp", "version", "help")} for path, entry in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _said(path: Path, flag: str) -> str:
    try:
        ended = subprocess.run(
            [str(path), flag], capture_output=True, text=True, errors="replace", check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ServerError(f"{path} {flag} does not end", f"name a {_NAME} with --binary") from None
    except OSError as error:
        raise ServerError(
            f"{path} cannot be run: {error.strerror}", "take a build for this machine, or --binary wheel"
        ) from None
    said = f"{ended.stdout}\n{ended.stderr}"
    if missing := _MISSING.search(said):
        library = next(filter(None, missing.groups()))
        raise ServerError(
            f"{path} does not find {library}", "docanalyze doctor says which libraries are missing; or --binary wheel"
        )
    return said
