"""Settings, all of them from the environment."""

import os
from dataclasses import dataclass

FORECAST = "https://forecast.example/v1/wind"


@dataclass(frozen=True)
class Settings:
    """What may differ from harbour to harbour. `staff` maps names to hashes of passwords."""

    database: str
    port: int
    staff: dict[str, str]
    weather_url: str
    debug: bool

    @classmethod
    def from_environment(cls) -> "Settings":
        """The settings as the environment has them, else their defaults."""
        return cls(
            database=os.environ.get("BERTHBOOK_DB", "berthbook.db"),
            port=int(os.environ.get("BERTHBOOK_PORT", "8080")),
            staff=_staff(os.environ.get("BERTHBOOK_STAFF", "")),
            weather_url=os.environ.get("BERTHBOOK_WEATHER_URL", FORECAST),
            debug=os.getenv("BERTHBOOK_DEBUG") == "1",
        )


def _staff(written: str) -> dict[str, str]:
    pairs = (entry.partition(":") for entry in written.split(",") if entry)
    return {name: digest for name, _, digest in pairs}
