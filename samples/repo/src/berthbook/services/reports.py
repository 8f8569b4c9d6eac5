"""Lists for the harbour office."""

import sqlite3
from datetime import date
from typing import Any

from berthbook.errors import BerthbookError
from berthbook.storage.berths import find_berth
from berthbook.storage.bookings import arriving, find_boat, leaving


def arrivals(connection: sqlite3.Connection, written: str) -> dict[str, Any]:
    """Who comes and who leaves on a day, today if none is given."""
    try:
        day = date.fromisoformat(written) if written else date.today()
    except ValueError:
        raise BerthbookError("`date` must be a date, as 2026-07-01") from None
    return {
        "date": day.isoformat(),
        "come": [_line(connection, booking) for booking in arriving(connection, day)],
        "leave": [_line(connection, booking) for booking in leaving(connection, day)],
    }


def arrivals_as_text(connection: sqlite3.Connection, written: str) -> str:
    """The same for a terminal."""
    listed = arrivals(connection, written)
    lines = [f"Harbour list of {listed['date']}"]
    for title in ("come", "leave"):
        lines.append(f"\n{title}:")
        for entry in listed[title]:
            lines.append(f"  {entry['berth']:>5}  {entry['boat']}, {entry['skipper']}")
    return "\n".join(lines)


def _line(connection: sqlite3.Connection, booking) -> dict[str, str]:
    boat = find_boat(connection, booking.boat_id)
    berth = find_berth(connection, booking.berth_id)
    return {"berth": berth.name, "boat": boat.name, "skipper": boat.skipper}
