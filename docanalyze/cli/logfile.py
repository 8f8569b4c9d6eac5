"""The log: one file beside the reports, readable by its owner alone, kept under two megabytes."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from docanalyze.errors import StoreUnwritable
from docanalyze.report import make_folder

MAX_BYTES = 1_000_000


class OwnerOnlyHandler(RotatingFileHandler):
    """A log file with mode 0600, in a folder made with mode 0700; one older file is kept."""

    def __init__(self, path: Path) -> None:
        try:
            make_folder(path.parent)
            super().__init__(path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")
        except OSError as error:
            raise StoreUnwritable(
                f"the log {path} cannot be written: {error.strerror or error}",
                "choose another place with --out",
            ) from None

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(descriptor, "a", encoding="utf-8")  # noqa: PTH123 - a descriptor has no path


@contextmanager
def logging_to(folder: Path, *, verbose: bool) -> Iterator[None]:
    """Logs to `docanalyze.log` in the folder while in use, and to standard error if `verbose`.

    The log names files, runs and errors, never a document's text.
    """
    log = logging.getLogger("docanalyze")
    handlers: list[logging.Handler] = [OwnerOnlyHandler(folder / "docanalyze.log")]
    if verbose:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()
