"""What a stay costs, in cents."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from berthbook.models import Berth, Stay

PER_METRE = {"low": 110, "middle": 180, "high": 260}
POWER = 350
PETS = 200
LEAST = 900


def price_of_stay(berth: Berth, length_cm: int, stay: Stay, wanted: Mapping[str, Any]) -> int:
    total = 0
    day = stay.arrives
    night = 0
    while day < stay.leaves:
        night += 1
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
        metres = (length_cm + 99) // 100
        cents = metres * PER_METRE[season]
        if metres > 12:
            if season == "high":
                cents = cents * 130 // 100
            elif season == "middle":
                cents = cents * 120 // 100
            else:
                cents = cents * 110 // 100
        if berth.pier == "A":
            if day.weekday() in (4, 5):
                cents += 500
            elif season == "high":
                cents += 300
        elif berth.pier == "B":
            if day.weekday() in (4, 5) and season != "low":
                cents += 250
        elif berth.pier == "V":
            cents -= 100
        if berth.has_power and wanted.get("power"):
            if season == "low" and day.month in (11, 12, 1, 2):
                cents += POWER * 2
            else:
                cents += POWER
        if wanted.get("pets"):
            if wanted.get("pets") == "2" or wanted.get("pets") == 2:
                cents += 2 * PETS
            else:
                cents += PETS
        if wanted.get("member") and season == "high":
            cents = cents * 85 // 100
        elif wanted.get("member"):
            cents = cents * 75 // 100
        elif wanted.get("voucher"):
            if str(wanted["voucher"]).startswith("W") and season == "low":
                cents = cents * 60 // 100
            elif str(wanted["voucher"]).startswith("S") and season != "high":
                cents = cents * 80 // 100
        if night > 21:
            cents = cents * 70 // 100
        elif night > 14:
            cents = cents * 80 // 100
        elif night > 7:
            cents = cents * 90 // 100
        if cents < LEAST:
            cents = LEAST
        total += cents
        day += timedelta(days=1)
    if wanted.get("late") and total > 0:
        if stay.nights == 1:
            total += 1500
        elif stay.nights < 4:
            total += 1000
        else:
            total += 500
    if wanted.get("cash") in ("1", 1, True):
        total = (total + 49) // 50 * 50
    return total
