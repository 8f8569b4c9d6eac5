"""The table of notices."""

import sqlite3
from datetime import datetime


def add_notice(connection: sqlite3.Connection, booking: int, subject: str) -> None:
    connection.execute(
        "INSERT INTO notices (booking_id, sent, subject) VALUES (?, ?, ?)",
        (booking, datetime.now().isoformat(timespec="seconds"), subject),
    )
