"""Booking: what is free, who gets it, and what happens if they do not come."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from berthbook.config import Settings
from berthbook.errors import BerthbookError, NotFoundError, TakenError
from berthbook.models import Berth, Boat, Booking, Stay
from berthbook.services import notices
from berthbook.services.pricing import price_of_stay
from berthbook.storage import berths as berth_table
from berthbook.storage import bookings as booking_table

LONGEST_STAY = 28


def free_berths(connection: sqlite3.Connection, stay: Stay) -> list[Berth]:
    """Berths that nobody has booked for any night of the stay."""
    _check(stay)
    free = []
    for berth in berth_table.all_berths(connection):
        taken = booking_table.of_berth(connection, berth.id)
        if not any(booking.stay.overlaps(stay) for booking in taken if booking.state != "cancelled"):
            free.append(berth)
    return free


def book(connection: sqlite3.Connection, settings: Settings, wanted: Mapping[str, Any], stay: Stay) -> Booking:
    """Books a berth and sends a notice. TakenError if another boat lies there."""
    _check(stay)
    berth = berth_table.find_berth(connection, int(wanted.get("berth", 0)))
    boat = boat_of(wanted)
    if boat.length_cm > berth.length_cm or boat.draught_cm > berth.depth_cm:
        raise BerthbookError(f"{boat.name} does not fit into berth {berth.name}")
    if berth.id not in [one.id for one in free_berths(connection, stay)]:
        raise TakenError(f"berth {berth.name} is taken")
    cents = price_of_stay(berth, boat.length_cm, stay, wanted)
    boat = replace(boat, id=booking_table.add_boat(connection, boat))
    booking = booking_table.add_booking(connection, Booking(0, berth.id, boat.id, stay, cents))
    notices.confirm(connection, settings, booking, boat)
    return booking


def boat_of(wanted: Mapping[str, Any]) -> Boat:
    """The boat that a request describes."""
    try:
        return Boat(
            0,
            str(wanted["boat"]),
            str(wanted["skipper"]),
            str(wanted["email"]),
            int(wanted["length_cm"]),
            int(wanted.get("draught_cm", 0)),
        )
    except (KeyError, ValueError) as error:
        raise BerthbookError(f"the boat is not described: {error}") from None


def find(connection: sqlite3.Connection, number: int) -> Booking:
    """One booking. NotFoundError if there is none of that number."""
    booking = booking_table.find_booking(connection, number)
    if booking is None:
        raise NotFoundError(f"no booking {number}")
    return booking


def cancel(connection: sqlite3.Connection, settings: Settings, number: int) -> None:
    """Cancels a booking that was not paid yet."""
    booking = find(connection, number)
    if booking.state == "paid":
        raise BerthbookError("it is paid already; ask the harbour office")
    booking_table.set_state(connection, number, "cancelled")
    notices.cancelled(connection, settings, booking)


def _check(stay: Stay) -> None:
    if stay.nights < 1:
        raise BerthbookError("a stay has at least one night")
    if stay.nights > LONGEST_STAY:
        raise BerthbookError(f"a stay has at most {LONGEST_STAY} nights")
