"""The endpoints. Each reads its request, calls one service and says what came of it."""

import sqlite3
from datetime import date

from berthbook.config import Settings
from berthbook.errors import BerthbookError, NotFoundError
from berthbook.http.auth import require_staff, sign_in
from berthbook.http.routing import Answer, Request, Router
from berthbook.models import Stay
from berthbook.services import bookings, reports
from berthbook.services.pricing import price_of_stay
from berthbook.storage import berths
from berthbook.storage.bookings import purge_before, search_skippers

router = Router()


def _stay(values) -> Stay:
    try:
        return Stay(date.fromisoformat(values["from"]), date.fromisoformat(values["to"]))
    except (KeyError, ValueError):
        raise BerthbookError("`from` and `to` must be dates, as 2026-07-01") from None


@router.get("/api/berths")
def free_berths(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    free = bookings.free_berths(connection, _stay(request.arguments))
    return 200, [{"id": berth.id, "name": berth.name, "pier": berth.pier} for berth in free]


@router.get("/api/price")
def price(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    berth = berths.find_berth(connection, int(request.arguments.get("berth", 0)))
    length = int(request.arguments.get("length_cm", berth.length_cm))
    cents = price_of_stay(berth, length, _stay(request.arguments), request.arguments)
    return 200, {"price_cents": cents}


@router.post("/api/bookings")
def book(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    booking = bookings.book(connection, settings, request.body, _stay(request.body))
    return 201, {"id": booking.id, "price_cents": booking.price_cents}


@router.get("/api/bookings/<number>")
def one_booking(connection: sqlite3.Connection, settings: Settings, request: Request, number: str) -> Answer:
    booking = bookings.find(connection, int(number))
    return 200, {"id": booking.id, "state": booking.state, "price_cents": booking.price_cents}


@router.delete("/api/bookings/<number>")
def cancel(connection: sqlite3.Connection, settings: Settings, request: Request, number: str) -> Answer:
    bookings.cancel(connection, settings, int(number))
    return 200, {"cancelled": int(number)}


@router.get("/api/today")
def today(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    require_staff(request)
    return 200, reports.arrivals(connection, request.arguments.get("date", ""))


@router.get("/api/skippers")
def skippers(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    require_staff(request)
    found = search_skippers(connection, request.arguments.get("name", ""))
    if not found:
        raise NotFoundError("nobody of that name")
    return 200, found


@router.post("/api/sign-in")
def sign_in_staff(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    return 200, {"token": sign_in(settings, request.body.get("name", ""), request.body.get("password", ""))}


@router.post("/api/admin/purge")
def purge(connection: sqlite3.Connection, settings: Settings, request: Request) -> Answer:
    # TODO: require_staff here too, before the service is reachable from outside.
    return 200, {"purged": purge_before(connection, request.body.get("before", ""))}
