"""Fetching a model file with huggingface_hub: resumed, and compared with the size and hash that the hub states.

The package is an extra (`hub`). Its own settings hold: HF_ENDPOINT, HF_HUB_OFFLINE, its token.
"""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from docanalyze.errors import DocanalyzeError, ModelRefused, ServerAbsent, ServerRefused, UsageError
from docanalyze.runtime import geometry, hashes
from docanalyze.runtime.values import GIB

_SPARE = GIB // 4
"""What stays free on the disk."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOVE = "move it away, or give --to another folder"
Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model file that is there and whole. `sha256` is what was computed, `stated` what the hub says, if it does."""

    path: Path
    size: int
    sha256: str
    stated: str
    was_there: bool


def fetch(repository: str, name: str, folder: Path, kept: Path, watch: Watch) -> Fetched:
    """The file `name` of a repository, in `folder`; `kept` is where hashes are remembered.

    A file that is there under that name is never written over or deleted, whatever it holds.

    UsageError without the package; ServerAbsent where the hub does not answer, ServerRefused where it has
    no such file; ModelRefused where the disk is too small, or what came or is there is not what was stated.
    """
    hub = _package()
    target = folder / name
    if hub.constants.HF_HUB_OFFLINE:
        return _offline(target, kept)
    with _named_errors(hub, repository, name):
        stated = hub.get_hf_file_metadata(hub.hf_hub_url(repository, name), library_name="docanalyze")
    size, etag = int(stated.size or 0), str(stated.etag or "").lower()
    sha256 = etag if _SHA256.fullmatch(etag) else ""
    if os.path.lexists(target):
        return _there(target, size, sha256, kept, watch)
    part = folder / f"{name}.{etag[:12] or 'some'}.part"
    begun = _begun(part, size)
    _require_room(folder, name, size - begun)
    watch(f"{name}, {size / GIB:.2f} GiB" + (f", {begun / GIB:.2f} of them are there" if begun else ""))
    with _named_errors(hub, repository, name), _bars(hub), part.open("ab") as file:
        _download(hub, hub.hf_hub_url(repository, name), file, begun, size)
    watch("the hash is compared")
    found = _checked(part, name, size, sha256, kept)
    _place(part, target)
    hashes.keep(target, found, kept, former=part.resolve())
    return Fetched(target, size, found, sha256, was_there=False)


def _download(hub: ModuleType, url: str, file: BinaryIO, begun: int, size: int) -> None:
    """Writes what is missing. (Its own `hf_hub_download` no longer goes on where another process was stopped.)"""
    headers = hub.utils.build_hf_headers(library_name="docanalyze")
    hub.file_download.http_get(url, file, resume_size=begun, headers=headers, expected_size=size)


def _begun(part: Path, size: int) -> int:
    """How much of a file was fetched before; what cannot be its beginning is deleted."""
    there = part.stat().st_size if part.is_file() else 0
    if there > size:
        part.unlink()
        return 0
    return there


def _package() -> ModuleType:
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
        import huggingface_hub.file_download
        import huggingface_hub.utils
    except ImportError:
        raise UsageError(
            "fetching models needs the package huggingface_hub",
            "install docanalyze[hub], or fetch the file yourself and give it to docanalyze models use",
        ) from None
    return huggingface_hub


def _offline(target: Path, kept: Path) -> Fetched:
    if not target.is_file():
        raise ServerAbsent(f"HF_HUB_OFFLINE is set, and {target} is not there", "unset it to fetch the file")
    geometry.whole(target)
    return Fetched(target, target.stat().st_size, hashes.sha256(target, kept), "", was_there=True)


def _there(target: Path, size: int, stated: str, kept: Path, watch: Watch) -> Fetched:
    """The file that is there already, if it is the one that the hub has."""
    there = target.stat().st_size if target.is_file() else -1
    if there != size:
        said = f"has {there:,} bytes, and the hub states {size:,}" if there >= 0 else "is there, and is no file"
        raise ModelRefused(f"{target} {said}: it was left as it is", _MOVE)
    watch(f"{target.name} is there already: its hash is compared")
    found = hashes.sha256(target, kept)
    if stated and found != stated:
        raise ModelRefused(f"{target} is not what the hub states: its sha256 is {found}, stated is {stated}", _MOVE)
    geometry.whole(target)
    return Fetched(target, size, found, stated, was_there=True)


def _checked(part: Path, name: str, size: int, stated: str, kept: Path) -> str:
    """The hash of what came; what is not what was stated, or is no model, is deleted."""
    there = part.stat().st_size
    if there != size:
        raise ModelRefused(f"{name} has {there:,} bytes, and the hub states {size:,}", "run the same command again")
    found = hashes.sha256(part, kept)
    if stated and found != stated:
        part.unlink()
        raise ModelRefused(
            f"{name} is not what the hub states: its sha256 is {found}, stated is {stated}",
            "what came was deleted; run the same command again",
        )
    try:
        geometry.whole(part)
    except DocanalyzeError:
        part.unlink()
        raise
    return found


def _place(part: Path, target: Path) -> None:
    """Gives what came its name, unless something has it by now."""
    try:
        os.link(part, target)
    except FileExistsError:
        pass
    except OSError:
        # A file system without links.
        if not os.path.lexists(target):
            part.rename(target)
            return
    else:
        part.unlink()
        return
    raise ModelRefused(f"{target} was put there meanwhile: it was left as it is", _MOVE)


def _require_room(folder: Path, name: str, missing: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ModelRefused(f"{folder} cannot be used: {error.strerror}", "give --to another folder") from None
    if free < missing + _SPARE:
        raise ModelRefused(
            f"{name} takes {missing / GIB:.2f} GiB more, and {folder} has {free / GIB:.2f} GiB free",
            "free some, or give --to another folder",
        )


@contextlib.contextmanager
def _named_errors(hub: ModuleType, repository: str, name: str) -> Iterator[None]:
    """What can go wrong on the way, in one line each."""
    errors = hub.errors
    endpoint = hub.constants.ENDPOINT
    try:
        yield
    except (errors.GatedRepoError, errors.RepositoryNotFoundError) as error:
        why = "wants a token that may read it" if isinstance(error, errors.GatedRepoError) else "has no such repository"
        raise ServerRefused(f"{endpoint} {why}: {repository}", "fetch another model") from None
    except errors.EntryNotFoundError:
        raise ServerRefused(f"{repository} at {endpoint} has no file {name}", "name another quantization") from None
    except errors.HfHubHTTPError as error:
        raise ServerRefused(f"{endpoint} does not give {name}: {_first_line(error)}", "try again later") from None
    except OSError as error:
        if error.filename is not None:
            raise ModelRefused(f"{error.filename} cannot be written: {error.strerror}", "give --to another") from None
        raise ServerAbsent(f"{endpoint} does not answer: {_first_line(error)}", "try again") from None
    except (errors.HTTPError, errors.FileMetadataError, ValueError) as error:
        raise ServerAbsent(
            f"{endpoint} does not answer as a hub does: {_first_line(error)}", "check HF_ENDPOINT, and try again"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def _bars(hub: ModuleType) -> Iterator[None]:
    """Its progress bars, on a terminal alone."""
    if sys.stderr.isatty():
        yield
        return
    hub.utils.disable_progress_bars()
    try:
        yield
    finally:
        hub.utils.enable_progress_bars()
