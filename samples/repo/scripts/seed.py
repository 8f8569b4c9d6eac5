"""Fills a database with berths to try things on."""

import sys

from berthbook.models import Berth
from berthbook.storage.berths import add_berth
from berthbook.storage.database import connect, create


def seed(path: str) -> int:
    """Makes three piers of eight berths each."""
    create(path)
    with connect(path) as connection:
        for pier in "ABV":
            for number in range(1, 9):
                length = 800 + 50 * number
                add_berth(connection, Berth(0, f"{pier}{number}", pier, length, 220, number % 2 == 0))
    return 24


if __name__ == "__main__":
    print(seed(sys.argv[1] if len(sys.argv) > 1 else "berthbook.db"), "berths")
