"""How full the harbour was: nights by season, berth by berth."""

import sqlite3
from datetime import date, timedelta

from berthbook.storage.berths import all_berths

SEASONS = ("low", "middle", "high")


def occupancy(connection: sqlite3.Connection, year: int) -> dict[str, dict[str, int]]:
    """Nights that each berth was taken, by season."""
    nights: dict[str, dict[str, int]] = {}
    for berth in all_berths(connection):
        taken = dict.fromkeys(SEASONS, 0)
        rows = connection.execute(
            "SELECT arrives, leaves FROM bookings WHERE berth_id = ? AND state <> 'cancelled'", (berth.id,)
        )
        for row in rows:
            day = date.fromisoformat(row["arrives"])
            while day < date.fromisoformat(row["leaves"]):
                if day.month in (7, 8):
                    season = "high"
                elif day.month in (5, 6, 9):
                    season = "middle"
                elif day.month == 12 and day.day > 23:
                    season = "high"
                elif day.month == 1 and day.day < 3:
                    season = "high"
                else:
                    season = "low"
                if day.year == year:
                    taken[season] += 1
                day += timedelta(days=1)
        nights[berth.name] = taken
    return nights


def as_text(nights: dict[str, dict[str, int]]) -> str:
    """A table for a terminal."""
    lines = ["berth  " + "  ".join(f"{season:>6}" for season in SEASONS)]
    for name, taken in sorted(nights.items()):
        lines.append(f"{name:<5}  " + "  ".join(f"{taken[season]:>6}" for season in SEASONS))
    return "\n".join(lines)
