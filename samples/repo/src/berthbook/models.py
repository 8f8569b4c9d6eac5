"""The values that all layers pass around."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Berth:
    """A place at a pier. Lengths and depths are in centimetres."""

    id: int
    name: str
    pier: str
    length_cm: int
    depth_cm: int
    has_power: bool


@dataclass(frozen=True)
class Boat:
    """A boat and who sails it."""

    id: int
    name: str
    skipper: str
    email: str
    length_cm: int
    draught_cm: int


@dataclass(frozen=True)
class Stay:
    """From the day of arrival to the day of leaving, which is not paid for."""

    arrives: date
    leaves: date

    @property
    def nights(self) -> int:
        return (self.leaves - self.arrives).days

    def overlaps(self, other: "Stay") -> bool:
        return self.arrives < other.leaves and other.arrives < self.leaves


@dataclass(frozen=True)
class Booking:
    """A berth, rented to a boat. `state` is booked, paid or cancelled."""

    id: int
    berth_id: int
    boat_id: int
    stay: Stay
    price_cents: int
    state: str = "booked"
