"""Prices, season by season."""

from datetime import date

import pytest

from berthbook.models import Berth, Stay
from berthbook.services.pricing import price_of_stay

BERTH = Berth(1, "B1", "B", 1200, 250, True)


@pytest.mark.parametrize(
    ("arrives", "leaves", "cents"),
    [
        (date(2026, 3, 2), date(2026, 3, 3), 1100),
        (date(2026, 5, 4), date(2026, 5, 5), 1800),
        (date(2026, 7, 6), date(2026, 7, 8), 5200),
    ],
)
def test_a_boat_of_ten_metres(arrives, leaves, cents) -> None:
    assert price_of_stay(BERTH, 1000, Stay(arrives, leaves), {}) == cents


def test_power_costs_more() -> None:
    stay = Stay(date(2026, 5, 4), date(2026, 5, 5))
    assert price_of_stay(BERTH, 1000, stay, {"power": "1"}) - price_of_stay(BERTH, 1000, stay, {}) == 350


def test_a_night_has_a_least_price() -> None:
    assert price_of_stay(BERTH, 300, Stay(date(2026, 2, 2), date(2026, 2, 3)), {}) == 900
