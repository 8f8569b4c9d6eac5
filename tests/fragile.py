"""A reading process of code bases that dies of some files, hangs at others, and finds some changed while it reads."""

import os
import time
from pathlib import Path

from docanalyze.ingest.repo import opening, parse, process

KILLS, HANGS, CHANGES, BREAKS = b"KILLS ITS READER", b"HANGS ITS READER", b"CHANGES", b"BREAKS ITS READER"

_read = opening.read_all


def _reading(found: int, most: int) -> bytes:
    data = _read(found, most)
    if KILLS in data:
        os._exit(11)
    if HANGS in data:
        time.sleep(60)
    if BREAKS in data:
        raise RuntimeError("what no library should raise")
    if CHANGES in data and not data.startswith(b"STILL"):
        path = Path(f"/proc/self/fd/{found}").resolve()
        path.write_bytes(b"STILL " + data if b"CHANGES ONCE" in data else data + b"!")
    return data


if __name__ == "__main__":
    vars(parse)["read_all"] = _reading
    process.main()
