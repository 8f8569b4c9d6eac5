"""The tables of bookings and boats."""

import sqlite3
from dataclasses import replace
from datetime import date

from berthbook.errors import NotFoundError
from berthbook.models import Boat, Booking, Stay


def add_boat(connection: sqlite3.Connection, boat: Boat) -> int:
    """Its number."""
    values = (boat.name, boat.skipper, boat.email, boat.length_cm, boat.draught_cm)
    sql = "INSERT INTO boats (name, skipper, email, length_cm, draught_cm) VALUES (?, ?, ?, ?, ?)"
    return int(connection.execute(sql, values).lastrowid or 0)


def find_boat(connection: sqlite3.Connection, number: int) -> Boat:
    """One boat. NotFoundError if there is none of that number."""
    row = connection.execute("SELECT * FROM boats WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFoundError(f"no boat {number}")
    return Boat(**dict(row))


def add_booking(connection: sqlite3.Connection, booking: Booking) -> Booking:
    """The booking with its number."""
    stay = booking.stay
    values = (booking.berth_id, booking.boat_id, str(stay.arrives), str(stay.leaves), booking.price_cents)
    sql = "INSERT INTO bookings (berth_id, boat_id, arrives, leaves, price_cents) VALUES (?, ?, ?, ?, ?)"
    return replace(booking, id=int(connection.execute(sql, values).lastrowid or 0))


def find_booking(connection: sqlite3.Connection, number: int) -> Booking | None:
    row = connection.execute("SELECT * FROM bookings WHERE id = ?", (number,)).fetchone()
    return _booking(row) if row is not None else None


def of_berth(connection: sqlite3.Connection, berth: int) -> list[Booking]:
    """All bookings of one berth, cancelled ones too."""
    rows = connection.execute("SELECT * FROM bookings WHERE berth_id = ?", (berth,))
    return [_booking(row) for row in rows]


def arriving(connection: sqlite3.Connection, day: date) -> list[Booking]:
    rows = connection.execute(
        "SELECT * FROM bookings WHERE arrives = ? AND state <> 'cancelled' ORDER BY berth_id", (str(day),)
    )
    return [_booking(row) for row in rows]


def leaving(connection: sqlite3.Connection, day: date) -> list[Booking]:
    rows = connection.execute(
        "SELECT * FROM bookings WHERE leaves = ? AND state <> 'cancelled' ORDER BY berth_id", (str(day),)
    )
    return [_booking(row) for row in rows]


def set_state(connection: sqlite3.Connection, number: int, state: str) -> None:
    connection.execute("UPDATE bookings SET state = ? WHERE id = ?", (state, number))


def search_skippers(connection: sqlite3.Connection, name: str) -> list[dict[str, str]]:
    """Skippers whose name holds the words."""
    rows = connection.execute(f"SELECT skipper, email FROM boats WHERE skipper LIKE '%{name}%'")
    return [dict(row) for row in rows]


def purge_before(connection: sqlite3.Connection, day: str) -> int:
    """Deletes bookings that ended before a day; says how many."""
    return connection.execute("DELETE FROM bookings WHERE leaves < ?", (day,)).rowcount


def _booking(row: sqlite3.Row) -> Booking:
    stay = Stay(date.fromisoformat(row["arrives"]), date.fromisoformat(row["leaves"]))
    return Booking(row["id"], row["berth_id"], row["boat_id"], stay, row["price_cents"], row["state"])
