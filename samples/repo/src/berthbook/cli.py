"""The command `berthbook`: makes the database, serves, prints the day's list."""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from berthbook.config import Settings
from berthbook.errors import BerthbookError
from berthbook.http.app import serve
from berthbook.models import Berth
from berthbook.services import statistics
from berthbook.services.reports import arrivals_as_text
from berthbook.storage.berths import add_berth
from berthbook.storage.database import connect, create


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(prog="berthbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init-db", help="makes the tables")
    serving = commands.add_parser("serve", help="answers requests until it is stopped")
    serving.add_argument("--port", type=int, default=None)
    loading = commands.add_parser("load-berths", help="reads berths from a CSV file")
    loading.add_argument("file", type=Path)
    today = commands.add_parser("today", help="prints who comes and who leaves")
    today.add_argument("--date", default="")
    year = commands.add_parser("statistics", help="prints how full the harbour was")
    year.add_argument("year", type=int)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 where something went wrong that can be said in one line."""
    arguments = build_parser().parse_args(argv)
    settings = Settings.from_environment()
    try:
        return run(arguments, settings)
    except BerthbookError as error:
        print(f"berthbook: {error}", file=sys.stderr)
        return 1


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Runs the command that was asked for."""
    if arguments.command == "init-db":
        create(settings.database)
        return 0
    if arguments.command == "serve":
        serve(settings, arguments.port or settings.port)
        return 0
    with connect(settings.database) as connection:
        if arguments.command == "load-berths":
            print(load_berths(connection, arguments.file), "berths")
        elif arguments.command == "statistics":
            print(statistics.as_text(statistics.occupancy(connection, arguments.year)))
        else:
            print(arrivals_as_text(connection, arguments.date))
    return 0


def load_berths(connection, file: Path) -> int:
    """Adds a berth for each row of a CSV file; says how many."""
    count = 0
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            add_berth(
                connection,
                Berth(0, row["name"], row["pier"], int(row["length_cm"]), int(row["depth_cm"]), row["power"] == "yes"),
            )
            count += 1
    return count
