"""Questions in SQL to a database that they cannot change: SQLite itself refuses whatever is more than reading.

Three bolts, each enough by itself: the file is opened for reading, the connection is told to write nothing, and
an authorizer is asked about every step of a statement before it is run. A clock ends what takes too long.
"""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from docanalyze.errors import QuestionRefused, QuestionTooLong, StoreError, StoreUnwritable
from docanalyze.store.connection import BUSY_SECONDS, code, connect_to_read, require_file, translated, version
from docanalyze.store.migrations import MIGRATIONS
from docanalyze.store.opening import require_ours

Cell = str | int | float | bytes | None

MOST_BYTES = 200_000_000
"""Of one value: what a statement makes up out of nothing is held in memory."""
MOST_ANSWER = 1_000_000_000
"""Bytes and characters of a whole answer, for the same reason."""
_STEPS = 2_000
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_TELLING = frozenset(
    "table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list collation_list"
    " function_list data_version compile_options user_version application_id".split()
)
"""Pragmas that tell and, given a name, change nothing."""
_SETTABLE = frozenset({"user_version", "application_id", "data_version", "compile_options"})
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
_NAMED = re.compile(r"[:@$](\w+)")
_STRINGS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/""", re.DOTALL)
"""Texts, names in any of SQLite's quotation marks, comments."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: names of the columns, all different, and rows; `more` if there are further ones."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool = False


def ask(path: Path, sql: str, values: Mapping[str, Cell], *, limit: int = 0, seconds: float = 0.0) -> Answer:
    """The rows of one statement that reads, at most `limit` and for at most `seconds`; 0 is without end.

    Raises QuestionRefused for what is wrong or more than reading, QuestionTooLong when time is up, and StoreError
    where the file is not a database of ours.
    """
    _require_values(sql, values)
    with translated(path), closing(open_to_read(path)) as connection:
        connection.set_authorizer(_allowed)
        try:
            with timed(connection, seconds):
                cursor = connection.execute(sql, dict(values))
                rows = _held(cursor, limit)
        except (sqlite3.Error, sqlite3.Warning) as error:
            require_new(connection, path, error)
            raise refusal(error, seconds) from error
        except UnicodeEncodeError:
            raise not_text() from None
        if cursor.description is None:
            raise QuestionRefused("this asks for nothing", "begin with SELECT")
        columns = _different([column[0] for column in cursor.description])
        shown = rows[:limit] if limit else rows
        return Answer(columns, tuple(shown), len(rows) > len(shown))


def _held(cursor: sqlite3.Cursor, limit: int) -> list[tuple[Cell, ...]]:
    """At most `limit` rows and one more. QuestionRefused where they would fill the memory."""
    rows, size = list[tuple[Cell, ...]](), 0
    for row in cursor:
        rows.append(tuple(row))
        size += sum(len(cell) for cell in rows[-1] if isinstance(cell, str | bytes))
        if size > MOST_ANSWER:
            raise QuestionRefused(
                f"the answer is larger than {MOST_ANSWER / 1e9:g} GB",
                "ask for fewer rows, or for a part of long texts with substr()",
            )
        if limit and len(rows) > limit:
            break
    return rows


def not_text() -> QuestionRefused:
    """What to say of bytes from a command line that are no UTF-8."""
    return QuestionRefused("what was asked holds bytes that are no text", "write it in UTF-8")


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection to a database of ours that can only read. An older schema is brought up to date where that can be.

    Raises what `Store.open` raises.
    """
    require_file(path)
    connection = connect_to_read(path, BUSY_SECONDS)
    try:
        require_ours(connection, path, empty=False)
        if version(connection) < len(MIGRATIONS):
            connection.close()
            _update(path)
            connection = connect_to_read(path, BUSY_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        # Bytes that are no text are shown as what they are; docanalyze verify says where.
        connection.text_factory = _text
    except BaseException:
        connection.close()
        raise
    return connection


def require_database(path: Path) -> None:
    """Raises what `open_to_read` raises: whether there is a database of ours that can be asked."""
    with translated(path), closing(open_to_read(path)):
        return


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _update(path: Path) -> None:
    from docanalyze.store import Store

    # A file that may not be written is asked as it is.
    with suppress(StoreUnwritable):
        Store.open(path, create=False).close()


# -- what is allowed -------------------------------------------------------------------------------


def _allowed(action: int, first: str | None, second: str | None, _base: str | None, _view: str | None) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # Asked where a table of words is opened; the schema itself no statement may change.
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        name = (first or "").lower()
        if name in _TELLING and (second is None or name not in _SETTABLE):
            return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@contextmanager
def timed(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Ends what a connection does, with SQLite's own error, when `seconds` are up; 0 is never."""
    until = time.monotonic() + seconds
    stopped = False

    def is_over() -> int:
        nonlocal stopped
        stopped = bool(seconds) and time.monotonic() > until
        return int(stopped)

    connection.set_progress_handler(is_over, _STEPS)
    try:
        yield
    except sqlite3.Error as error:
        if code(error) == sqlite3.SQLITE_INTERRUPT and not stopped:
            # Ctrl-C, which SQLite took for the clock.
            raise KeyboardInterrupt from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


# -- what is wrong ---------------------------------------------------------------------------------


def _require_values(sql: str, values: Mapping[str, Cell]) -> None:
    """QuestionRefused for a parameter that is given and not asked for, or the other way round."""
    asked = dict.fromkeys(_NAMED.findall(_STRINGS.sub(" ", sql)))
    for name in values:
        if name not in asked:
            known = f"it has {', '.join(asked)}" if asked else "write it as :name in the SQL"
            raise QuestionRefused(f"the question has no parameter {name}", known)
    for name in asked:
        if name not in values:
            raise QuestionRefused(f"the parameter {name} has no value", f"give it as -p {name} VALUE")


def replaced(sql: str, parameters: Mapping[str, str]) -> str:
    """The SQL with parameters replaced, but for what stands in texts and comments."""
    made, at = [], 0
    for match in (*_STRINGS.finditer(sql), None):
        end = match.start() if match else len(sql)
        made.append(_NAMED.sub(lambda named: parameters.get(named[1], named[0]), sql[at:end]))
        if match:
            made.append(match[0])
            at = match.end()
    return "".join(made)


def refusal(error: sqlite3.Error | sqlite3.Warning, seconds: float) -> Exception:
    """What SQLite said, as one of our errors; errors of the file itself as they are."""
    number = code(error)
    if number == sqlite3.SQLITE_INTERRUPT:
        return QuestionTooLong(f"no answer within {seconds:g} s", "ask for less, or allow more with --timeout")
    if number in (sqlite3.SQLITE_AUTH, sqlite3.SQLITE_READONLY):
        return QuestionRefused("questions only read: SQLite refused this one", "begin with SELECT, WITH or VALUES")
    if number == sqlite3.SQLITE_TOOBIG:
        return QuestionRefused("the answer holds a value of more than 200 MB", "ask for a part of it with substr()")
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.Warning):
        return QuestionRefused(*_misused(str(error)))
    if "not authorized" in str(error):
        return QuestionRefused("questions only read: SQLite refused a function in this one", "leave it out")
    if number in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE):
        return QuestionRefused(f"SQLite does not understand it: {error}", "docanalyze schema lists tables and columns")
    return error


def require_new(connection: sqlite3.Connection, path: Path, error: sqlite3.Error | sqlite3.Warning) -> None:
    """StoreError where a table is not there because the file is of an older docanalyze, and could not be changed."""
    if "no such table" in str(error) and version(connection) < len(MIGRATIONS):
        raise StoreError(
            f"{path} is of an older docanalyze, which had not all that this needs, and it cannot be written",
            "copy it to a folder of your own, and ask the copy",
        ) from error


def _misused(said: str) -> tuple[str, str]:
    if "one statement" in said:
        return "this is more than one statement", "ask one question at a time"
    if "inding" in said:
        return "parameters have names here", "write :name in the SQL and give -p name VALUE"
    return f"this cannot be asked: {said}", "begin with SELECT"


def _different(names: list[str]) -> tuple[str, ...]:
    """The names, a number behind one that was there before."""
    made: list[str] = []
    for name in names:
        plain, count = name, 1
        while name in made:
            count += 1
            name = f"{plain}_{count}"
        made.append(name)
    return tuple(made)
