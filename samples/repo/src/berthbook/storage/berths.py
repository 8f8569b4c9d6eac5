"""The table of berths."""

import sqlite3

from berthbook.errors import NotFoundError
from berthbook.models import Berth

_COLUMNS = "id, name, pier, length_cm, depth_cm, has_power"


def add_berth(connection: sqlite3.Connection, berth: Berth) -> int:
    """Its number."""
    values = (berth.name, berth.pier, berth.length_cm, berth.depth_cm, int(berth.has_power))
    sql = "INSERT INTO berths (name, pier, length_cm, depth_cm, has_power) VALUES (?, ?, ?, ?, ?)"
    return int(connection.execute(sql, values).lastrowid or 0)


def all_berths(connection: sqlite3.Connection) -> list[Berth]:
    """In the order of their names."""
    return [_berth(row) for row in connection.execute("SELECT * FROM berths ORDER BY name")]


def find_berth(connection: sqlite3.Connection, number: int) -> Berth:
    """One berth. NotFoundError if there is none of that number."""
    row = connection.execute("SELECT * FROM berths WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"no berth {number}")
    return _berth(row)


def _berth(row: sqlite3.Row) -> Berth:
    return Berth(row["id"], row["name"], row["pier"], row["length_cm"], row["depth_cm"], bool(row["has_power"]))
