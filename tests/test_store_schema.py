"""The documentation of the schema says all that is there, and nothing else."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from docanalyze.store import Store, schema_markdown, schema_sql

DOCS = Path(__file__).parent.parent / "docs" / "schema.md"
OF_SQLITE = re.compile(r"_fts_(data|idx|docsize|config|content)$")


def documented() -> dict[str, dict[str, str]]:
    """Table or view, column, meaning: as the Markdown says it."""
    found: dict[str, dict[str, str]] = {}
    name = ""
    for line in schema_markdown().splitlines():
        if line.startswith("### "):
            name = line.removeprefix("### ")
            found[name] = {}
        elif line.startswith("| ") and not line.startswith("| column "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[name][cells[0]] = cells[-1]
    return found


def actual(path: Path) -> dict[str, set[str]]:
    """Table or view and columns: as SQLite says it."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        return {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for (name,) in names
            if not OF_SQLITE.search(name)
        }


def test_every_table_view_and_column_is_documented_and_no_other(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db").close()
    said = documented()
    assert {name: set(columns) for name, columns in said.items()} == actual(tmp_path / "x.db")
    assert [(t, c) for t, columns in said.items() for c, meaning in columns.items() if not meaning] == []


def test_every_table_says_what_it_is_for() -> None:
    parts = re.split(r"^### ", schema_markdown(), flags=re.MULTILINE)[1:]
    assert [part.split("\n")[0] for part in parts if part.split("\n")[2].startswith("|")] == []


def test_the_documentation_is_not_stale() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "docanalyze.store"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert made.stderr == ""
    assert DOCS.read_text(encoding="utf-8") == made.stdout, "python -m docanalyze.store > docs/schema.md"


def test_the_sql_makes_the_same_schema(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db").close()
    with closing(sqlite3.connect(tmp_path / "y.db")) as connection:
        for statement in schema_sql().split(";\n"):
            if statement.strip() and not re.match(r"CREATE TABLE '\w+_fts_", statement.strip()):
                connection.execute(statement)
    assert actual(tmp_path / "y.db") == actual(tmp_path / "x.db")


def test_every_column_that_leads_to_a_row_is_indexed(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db").close()
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        slow = []
        for table in actual(tmp_path / "x.db"):
            leading = {
                connection.execute("SELECT name FROM pragma_index_info(?) WHERE seqno = 0", [row[1]]).fetchone()[0]
                for row in connection.execute(f"PRAGMA index_list({table})")
            }
            leading |= {row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5] == 1}
            for row in connection.execute(f"PRAGMA foreign_key_list({table})"):
                if row[1] == 0 and row[3] not in leading:
                    slow.append((table, row[3]))
    assert slow == []
