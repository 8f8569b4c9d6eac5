"""Scripts of SQL, statement by statement: `executescript` would end the transaction that a step is taken in."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def execute(db: "Database", *scripts: str) -> None:
    """Executes all statements of scripts, each of which ends with `;` at the end of a line."""
    for script in scripts:
        for statement in script.split(";\n"):
            if statement.strip():
                db.execute(statement.strip())
