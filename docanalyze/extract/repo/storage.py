"""What data there is and where it is kept: tables, classes that hold values, libraries of storage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docanalyze.extract.repo.base import HOLDERS, CodeBase, absent, count, listed, say, value
from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import seen, sign
from docanalyze.extract.repo.words import first_sentence, of_definition, unless_left_out
from docanalyze.model import Definition, FileRole, Finding, Section, Span

_TABLE = re.compile(
    r"\bCREATE\s+(?:(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\s+|VIRTUAL\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(?P<name>[\w.\"`\[\]]+)\s*(?P<using>USING\s+\w+\s*)?\(",
    re.IGNORECASE,
)
_NO_COLUMN = frozenset("primary foreign unique check constraint key index exclude like partition fulltext".split())
_REFERS = re.compile(r"\bREFERENCES\s+([\w.\"`\[\]]+)", re.IGNORECASE)
_ORM = (
    sign("Django model", "models.Model", r"^class (\w+)\([^)\n]*\bmodels\.Model\b[^)\n]*\)", frozenset({"python"})),
    sign("SQLAlchemy table", "__tablename__", r"^[ \t]+__tablename__\s*=\s*[\"'](\w+)[\"']", frozenset({"python"})),
    sign(
        "ActiveRecord model",
        "ApplicationRecord ActiveRecord::Base",
        r"^\s*class ([\w:]+) < (?:ApplicationRecord|ActiveRecord::Base)",
        frozenset({"ruby"}),
    ),
    sign(
        "Entity",
        "@Entity",
        r"@Entity\b[^\n]*\n(?:\s*@[^\n]*\n)*\s*(?:export |public |data )*class (\w+)",
        frozenset({"java", "kotlin", "typescript"}),
    ),
    sign(
        "Mongoose model",
        "mongoose",
        r"\bmodel(?:<[^>]*>)?\(\s*[\"'](\w+)[\"']",
        frozenset({"javascript", "typescript"}),
    ),
    sign("Eloquent model", "extends Model", r"^(?:final )?class (\w+) extends Model\b", frozenset({"php"})),
    sign("Prisma model", "model", r"^model (\w+) \{", frozenset({"prisma"})),
)
_VALUES = re.compile(
    r"@(?:\w+\.)*(?:dataclass|define|frozen|attrs|attr\.s)\b|\((?:[\w.]+,\s*)*(?:\w+\.)*"
    r"(?:BaseModel|TypedDict|NamedTuple|BaseSettings|Schema|Struct|SQLModel)\b|\brecord\b|\bstruct\b|\binterface\b|\bdata class\b|\btype\s+\w+\s*=\s*\{"
)
_FIELD = re.compile(
    r"^[ \t]+(?:(?:pub(?:\([^)]*\))?|public|private|protected|readonly|final|val|var)\s+)*(?P<name>[A-Za-z_]\w*)\??\s*:(?!:)",
    re.MULTILINE,
)
_GO_FIELD = re.compile(r"^[ \t]+(?P<name>[A-Z]\w*)\s+[\w*\[\].]+", re.MULTILINE)
_C_FIELD = re.compile(r"^[ \t]+(?:[\w<>\[\]*&:,]+\s+)+[*&]?(?P<name>\w+)(?:\[[^\]]*\])?\s*[;=]", re.MULTILINE)
_LIBRARIES = (
    "sqlite3 psycopg psycopg2 asyncpg pymysql MySQLdb aiosqlite sqlalchemy sqlmodel peewee pony tortoise redis aioredis pymongo "
    "motor mongoengine boto3 aioboto3 elasticsearch opensearchpy cassandra neo4j duckdb shelve dbm lmdb h5py sqlite_utils "
    "alembic pg mysql mysql2 mongodb mongoose sequelize typeorm knex ioredis prisma drizzle-orm better-sqlite3 sqlite "
    "database/sql rusqlite sqlx diesel sled active_record pdo java.sql javax.persistence jakarta.persistence sqlite3.h"
).split()
_LIBRARY = re.compile(rf"(?:@\w[\w-]*/)?({'|'.join(re.escape(name) for name in _LIBRARIES)})(?:[./].*)?")
_GO_LIBRARY = re.compile(
    r"gorm\.io/gorm|github\.com/(?:jackc/pgx|lib/pq|go-sql-driver/mysql|redis/go-redis|jmoiron/sqlx|mattn/go-sqlite3)\S*|go\.mongodb\.org/\S*|go\.etcd\.io/\S*"
)
_ASIDE = re.compile(r"--[^\n]*|/\*[\s\S]*?\*/|'[^'\n]*'")
_COLUMN = re.compile(r"[\s,]*(?P<mark>[\"`\[]?)(?P<name>\w+)")
_LONGEST_TABLE, _LONGEST_CLASS = 20_000, 100_000
_MOST_COLUMNS = 9
_MOST_HANDS = 3
_NO_FIELDS = frozenset({"ruby", "bash"})
"""Languages whose classes do not write their fields."""
_CONSTANTS_IN = frozenset({"java", "c_sharp", "kotlin", "cpp"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table of SQL: `span` is of the file's text."""

    name: str
    columns: tuple[str, ...]
    refers: tuple[str, ...]
    place: int
    span: Span


def find_data(section: Section, code: CodeBase) -> list[Finding]:
    """Libraries of storage, tables, models, and the classes of values that are used most."""
    found = _libraries(section, code)
    tables = list({table.name.lower(): table for table in reversed(list(_tables(code)))}.values())[::-1]
    for table in tables[: section.limit // 2]:
        refers = f"; refers to {listed(list(dict.fromkeys(table.refers)), 5)}" if table.refers else ""
        where = code.where(table.place, table.span.start)
        has = f": {listed(table.columns, _MOST_COLUMNS)}" if table.columns else ""
        statement = f"Table {table.name}, {where}{has}{refers}"
        found += say(section, statement, [code.quote(table.place, table.span)], 0.9, [value("name", table.name)])
    if len(tables) > section.limit // 2:
        rest = tables[section.limit // 2 :]
        quotes = [code.quoted_line(table.place, table.span.start) for table in rest[:4]]
        found += say(section, f"{count(len(rest), 'more table')}: {listed([t.name for t in rest], 15)}", quotes, 0.9)
    found += _models(section, code)
    found += _values(section, code, max(3, section.limit - len(found)))
    if not found and code.code:
        looked = (
            "CREATE TABLE",
            "models of an ORM",
            "dataclasses and structures that others use",
            "libraries of storage",
        )
        chars = sum(code.files[place].chars for place in code.code)
        said = unless_left_out(code, "No tables, models or libraries of storage were recognised")
        return absent(section, said, looked, chars)
    return found


# -- SQL -------------------------------------------------------------------------------------------


def _tables(code: CodeBase) -> Iterator[Table]:
    """Those of schema files first, then those in strings of code; tests and examples left out."""
    places = code.of_role(FileRole.SCHEMA, FileRole.DATA) + code.code
    for place in places:
        text = code.text(place)
        sql = code.files[place].language == "sql"
        if "TABLE" not in text and "table" not in text:
            continue
        for match in _TABLE.finditer(text):
            at = code.part(place, match.start())
            if at is (Where.CODE if sql else Where.STRING):
                yield _table(text, match, place)


def _table(text: str, match: re.Match[str], place: int) -> Table:
    first = match.end() - 1
    # Comments and strings hold commas and brackets that divide nothing.
    body = _ASIDE.sub(lambda found: " " * len(found[0]), text[first : first + _LONGEST_TABLE])
    depth, end, cuts = 0, 0, [1]
    for end, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 1:
            cuts.append(end + 1)
        if depth == 0:
            break
    columns = []
    for start, stop in zip(cuts, [*cuts[1:], end], strict=True):
        column = _COLUMN.match(body, start, stop)
        # In quotes a word of the language is a name as any other.
        if column and (column["mark"] or column["name"].lower() not in _NO_COLUMN) and not match["using"]:
            columns.append(column["name"])
    refers = tuple(_bare(found) for found in _REFERS.findall(body, 0, end))
    return Table(_bare(match["name"]), tuple(columns), refers, place, Span(match.start(), first + end + 1))


def _bare(name: str) -> str:
    return name.strip('"`[]')


# -- classes ---------------------------------------------------------------------------------------


def _models(section: Section, code: CodeBase) -> list[Finding]:
    found: list[Finding] = []
    for one, hits in seen(code, _ORM, code.of_role(FileRole.CODE, FileRole.SCHEMA)).items():
        hits = sorted(hits, key=lambda hit: -_uses(code, hit.place, hit.groups[0]))
        for hit in hits[:6]:
            holder = code.enclosing(hit.place, hit.span.end - 1)
            text = code.text(hit.place)
            end = min(holder.span.end, hit.span.start + 3_000) if holder is not None else hit.span.end
            columns = re.findall(
                r"^ {4}(\w+)\s*(?::[^=\n]+)?=\s*(?:models\.\w|Column|mapped_column|db\.Column|relationship)",
                text[hit.span.start : end],
                re.MULTILINE,
            )
            has = f": {listed(columns, _MOST_COLUMNS)}" if columns else ""
            statement = f"{one.said} {hit.groups[0]}, {code.where(hit.place, hit.span.start)}{has}"
            quotes = [code.quoted_line(hit.place, hit.span.start, hit.span.end)]
            found += say(section, statement, quotes, 0.85, [value("name", hit.groups[0])])
        if len(hits) > 6:
            names = [hit.groups[0] for hit in hits[6:]]
            quotes = [code.quoted_line(hit.place, hit.span.start, hit.span.end) for hit in hits[6:9]]
            found += say(section, f"{count(len(names), 'more ' + one.said)}: {listed(names, 15)}", quotes, 0.85)
    return found


def _uses(code: CodeBase, place: int, name: str) -> int:
    numbers = [n for p, n in code.graph.definers.get(name, ()) if p == place]
    return sum(len(code.graph.users.get((place, number), ())) for number in numbers)


def _values(section: Section, code: CodeBase, most: int) -> list[Finding]:
    """Classes that do little but hold values, by how many files use them."""
    held: list[tuple[int, int, Definition, list[str]]] = []
    for place in code.code:
        for number, one in enumerate(code.files[place].definitions):
            if one.kind not in HOLDERS or one.name.startswith("_"):
                continue
            users = sum(
                1
                for p, _ in code.graph.users.get((place, number), ())
                if code.files[p].role is FileRole.CODE and _is_meant(code, p, place, one.name)
            )
            if users and (fields := fields_of(code, place, one)):
                held.append((users, place, one, fields))
    held.sort(key=lambda entry: (-entry[0], code.files[entry[1]].path, entry[2].line))
    found: list[Finding] = []
    for users, place, one, fields in held[: min(most, 10)]:
        said = of_definition(code, place, one)
        about = f" ({first_sentence(said.words, 120)})" if said is not None else ""
        statement = f"{one.name}{about}, {code.files[place].path}, used by {count(users, 'file')}: {listed(fields, _MOST_COLUMNS)}"
        quotes = [code.quote(place, one.span)]
        found += say(section, statement, quotes, 0.8, [value("name", one.name)])
    return found


def _is_meant(code: CodeBase, user: int, place: int, name: str) -> bool:
    """Whether a file that uses a name means what another file defines. In Rust a type is named by a `use` or a path,
    and many modules have one of the same name."""
    if code.files[place].language != "rust":
        return True
    numbers = {number for number, one in enumerate(code.files[user].imports) if name in one.names}
    if numbers:
        led = {other for other, ours in code.graph.imports.get(user, {}).items() if not numbers.isdisjoint(ours)}
        for _ in range(_MOST_HANDS):
            # A module hands on what those below it define.
            led |= {
                p for one in led if code.files[one].path.endswith("/mod.rs") for p in code.graph.imports.get(one, {})
            }
        return place in led
    stem = code.files[place].path.rpartition("/")[2].removesuffix(".rs")
    module = code.files[place].folder.rpartition("/")[2] if stem == "mod" else stem
    return f"{module}::{name}" in code.text(user)


def fields_of(code: CodeBase, place: int, one: Definition) -> list[str]:
    """The fields of a class that is made to hold values; none of another."""
    text = code.text(place)
    language = code.files[place].language
    if language in _NO_FIELDS:
        return []
    head = code.without_comments(place, Span(one.span.start, max(one.span.start, code.signature(place, one).end)))
    if not _VALUES.search(head) and one.kind not in ("struct", "interface", "record"):
        return []
    pattern = _GO_FIELD if language == "go" else _C_FIELD if language in ("c", "cpp", "java", "c_sharp") else _FIELD
    # An outline shows the first fields together with the head.
    signature = code.signature(place, one)
    line_end = text.find("\n", text.find(one.name, signature.start))
    body = min(signature.end, line_end) if line_end >= 0 else signature.end
    names = []
    for match in pattern.finditer(text, body, min(one.span.end, body + _LONGEST_CLASS)):
        inside = code.enclosing(place, match.start("name"))
        if language in _CONSTANTS_IN and match["name"].isupper():
            # A constant of the class is no value that it holds.
            continue
        if (inside is None or inside.span == one.span or inside.name == match["name"]) and code.part(
            place, match.start("name")
        ) is Where.CODE:
            names.append(match["name"])
    return [name for name in dict.fromkeys(names) if name not in ("return", "def", "else", "default", "case", "class")]


# -- libraries -------------------------------------------------------------------------------------


def _libraries(section: Section, code: CodeBase) -> list[Finding]:
    users: dict[str, list[tuple[int, Span]]] = {}
    for place in code.code:
        for one in code.files[place].imports:
            match = _LIBRARY.fullmatch(one.module) or _GO_LIBRARY.fullmatch(one.module)
            if match:
                listed_at = users.setdefault(match[1] if match.lastindex else match[0], [])
                if all(place != other for other, _ in listed_at):
                    listed_at.append((place, one.span))
    found: list[Finding] = []
    for name, where in sorted(users.items(), key=lambda one: (-len(one[1]), one[0]))[:6]:
        paths = [code.files[place].path for place, _ in where]
        quotes = [code.quoted_line(place, span.start) for place, span in where[:3]]
        statement = (
            f"Data is stored or fetched with {name}, imported by {count(len(where), 'file')}: {listed(paths, 4)}"
        )
        found += say(section, statement, quotes, 0.85, [value("name", name)])
    return found
