"""The forecast of another service. Without it berths are booked all the same."""

import logging
import time
from datetime import date
from functools import lru_cache

import httpx

TRIES = 3
PAUSE = 0.5

log = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def strongest_wind(url: str, day: date) -> int | None:
    """Beaufort, or None where the forecast cannot be had."""
    for attempt in range(TRIES):
        try:
            reply = httpx.get(url, params={"date": str(day)}, timeout=3.0)
            reply.raise_for_status()
            return int(max(hour["beaufort"] for hour in reply.json()["hours"]))
        except Exception:
            log.warning("no forecast, try %d", attempt + 1)
            time.sleep(PAUSE * (attempt + 1))
    return None
