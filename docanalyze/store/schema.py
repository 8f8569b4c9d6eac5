"""The schema as SQL and as documentation, both taken from a new, empty database.

The words come from the comments in the SQL of the migrations; types, keys and references from SQLite itself.
"""

import re
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docanalyze.store.m001 import SEARCH_COMMENTS
from docanalyze.store.migrations import MIGRATIONS, migrate

if TYPE_CHECKING:
    from sqlite_utils import Database

_HEAD = """\
<!-- Made by `python -m docanalyze.store > docs/schema.md` from the comments in its SQL. -->
# The database

Schema {version}. One SQLite file, readable with any program that reads SQLite. Begin with the views:
`findings_view` has every finding with its quotes, places and verdicts.

Characters are Unicode code points of the document's text (`texts.text` by `documents.text_sha256`).
Ranges run from `start` up to, not including, `end`: `substr(text, start + 1, end - start)`.

A code base is one document: the text of its files, one after the other. `run_tree` has every file as a run saw it,
`symbols_view` what they define. Ranges of `files`, `symbols`, `imports` and `secrets` are of the file's own text,
which begins at `files.start`. What changed between two runs of one code base:

```sql
SELECT path, change, tokens_before, tokens_after FROM file_changes
WHERE run_before = '20270101-120000-abcdef' AND run_after = '20270108-090000-fedcba' AND change <> 'same'
ORDER BY path;
SELECT path, name, kind, change, line_before, line_after FROM symbol_changes
WHERE run_before = '20270101-120000-abcdef' AND run_after = '20270108-090000-fedcba'
ORDER BY path, coalesce(line_after, line_before);
```
"""

_COLUMN = re.compile(r"^\s+(?P<name>\w+) .*?-- (?P<comment>.+)$")
_VIEW_COLUMN = re.compile(r"^.* AS (?P<name>\w+),?\s+-- (?P<comment>.+)$")
_COMMENT = re.compile(r"^\s*-- (?P<comment>.+)$")


def schema_sql() -> str:
    """The SQL of a new database, comments included."""
    with _Fresh() as db:
        return db.schema


def schema_markdown() -> str:
    """Every table, view and column with its meaning."""
    with _Fresh() as db:
        parts = [_HEAD.format(version=len(MIGRATIONS))]
        parts += ["## Views\n", *(_section(db, name) for name in db.view_names())]
        parts += ["## Tables\n", *(_section(db, name) for name in _tables(db))]
        parts.append(
            "The index tables have companions of their own (`source_fts_data` and so on), which belong to SQLite.\n"
        )
        return "\n".join(parts)


def described() -> list[tuple[str, str, dict[str, str]]]:
    """Every view and table with what it is for and what each of its columns is."""
    with _Fresh() as db:
        return [(name, *comments(db, name)) for name in (*db.view_names(), *_tables(db))]


class _Fresh:
    """A new database in memory for the length of a block."""

    def __enter__(self) -> "Database":
        from sqlite_utils import Database

        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self._connection)
        return Database(self._connection, execute_plugins=False)

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def comments(db: "Database", name: str) -> tuple[str, dict[str, str]]:
    """What a table or view is for, and what each of its columns is, as far as the SQL says so."""
    if name in SEARCH_COMMENTS:
        return SEARCH_COMMENTS[name]
    view = name in db.view_names()
    sql: str = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
    about, columns = "", {}
    for line in sql.splitlines():
        if not about and (found := _COMMENT.match(line)):
            about = found["comment"]
        elif found := (_VIEW_COLUMN if view else _COLUMN).match(line):
            columns[found["name"]] = found["comment"]
    return about, columns


def _tables(db: "Database") -> list[str]:
    """Those that are ours: what an index keeps for itself is SQLite's own business."""
    return [
        name
        for name in db.table_names()
        if name in SEARCH_COMMENTS or not name.startswith(tuple(f"{index}_" for index in SEARCH_COMMENTS))
    ]


def _section(db: "Database", name: str) -> str:
    about, columns = comments(db, name)
    lines = [f"### {name}\n", f"{about}\n"]
    if name in db.view_names():
        # What type an expression has is told differently by different versions of SQLite.
        lines += ["| column | |", "|---|---|", *(f"| {c} | {columns[c]} |" for c, _ in _columns(db, name))]
    else:
        lines += ["| column | type | |", "|---|---|---|"]
        lines += [f"| {column} | {kind} | {columns[column]} |" for column, kind in _columns(db, name)]
    if references := list(_references(db, name)):
        lines += ["", f"Refers to {', '.join(references)}."]
    return "\n".join([*lines, ""])


def _columns(db: "Database", name: str) -> Iterator[tuple[str, str]]:
    for row in db.execute("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", [name]):
        yield row[0], f"{row[1]}, key" if row[2] else row[1]


def _references(db: "Database", name: str) -> Iterator[str]:
    found: dict[int, list[sqlite3.Row]] = {}
    rows = db.execute('SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', [name])
    for row in rows:
        found.setdefault(row[0], []).append(row)
    for columns in reversed(found.values()):
        ours = ", ".join(row[2] for row in columns)
        theirs = ", ".join(row[3] for row in columns)
        yield f"`{columns[0][1]}` ({ours} → {theirs})"
