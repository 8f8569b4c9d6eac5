"""What skippers are told, and when. Kept in a table; a job of the harbour's mail server sends it."""

import sqlite3
from datetime import date

from berthbook.clients.weather import strongest_wind
from berthbook.config import Settings
from berthbook.models import Boat, Booking
from berthbook.services import bookings
from berthbook.storage.notices import add_notice

STORM = 8
"""Beaufort from which skippers are warned."""


def confirm(connection: sqlite3.Connection, settings: Settings, booking: Booking, boat: Boat) -> None:
    """Says that a berth is booked, and warns of a storm on the day of arrival."""
    add_notice(connection, booking.id, f"{boat.name}: your berth is booked")
    wind = strongest_wind(settings.weather_url, booking.stay.arrives)
    if wind is not None and wind >= STORM:
        add_notice(connection, booking.id, f"{boat.name}: wind of {wind} Beaufort is expected")


def cancelled(connection: sqlite3.Connection, settings: Settings, booking: Booking) -> None:
    """Says that a booking was cancelled."""
    add_notice(connection, booking.id, "your booking is cancelled")


def remind(connection: sqlite3.Connection, settings: Settings, numbers: list[int]) -> int:
    """Reminds of stays that begin today; says of how many."""
    count = 0
    for number in numbers:
        booking = bookings.find(connection, number)
        if booking.stay.arrives == date.today():
            add_notice(connection, booking.id, "we expect you today")
            count += 1
    return count
