"""A database with two berths, made anew for each test."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from berthbook.models import Berth
from berthbook.storage.berths import add_berth
from berthbook.storage.database import connect, create


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = str(tmp_path / "test.db")
    create(path)
    with connect(path) as opened:
        add_berth(opened, Berth(0, "A1", "A", 1000, 220, True))
        add_berth(opened, Berth(0, "B1", "B", 1400, 300, False))
        yield opened
