"""Booking: once, not twice, and not what does not fit."""

from datetime import date

import pytest

from berthbook.config import Settings
from berthbook.errors import BerthbookError, TakenError
from berthbook.models import Stay
from berthbook.services import bookings, notices

SETTINGS = Settings("test.db", 0, {}, "http://127.0.0.1:9/none", debug=False)
STAY = Stay(date(2026, 7, 1), date(2026, 7, 4))
WANTED = {"berth": 1, "boat": "Tern", "skipper": "Ada Finch", "email": "ada@example.org", "length_cm": 900}


@pytest.fixture(autouse=True)
def no_forecast(monkeypatch) -> None:
    monkeypatch.setattr(notices, "strongest_wind", lambda url, day: None)


def test_a_berth_is_booked_once(connection) -> None:
    first = bookings.book(connection, SETTINGS, WANTED, STAY)
    assert first.id == 1
    with pytest.raises(TakenError):
        bookings.book(connection, SETTINGS, WANTED, STAY)


def test_a_cancelled_berth_is_free_again(connection) -> None:
    first = bookings.book(connection, SETTINGS, WANTED, STAY)
    bookings.cancel(connection, SETTINGS, first.id)
    assert [berth.name for berth in bookings.free_berths(connection, STAY)] == ["A1", "B1"]


def test_a_boat_must_fit(connection) -> None:
    with pytest.raises(BerthbookError, match="does not fit"):
        bookings.book(connection, SETTINGS, {**WANTED, "length_cm": 1300}, STAY)
