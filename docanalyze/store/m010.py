"""The tenth step of the schema: values that are numbers compare as numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

# finding_fields.value is text: as such "98196" is more than 100000, and 9 is more than 10 in any order.
_STATEMENTS = """
DROP VIEW fields_view;
CREATE VIEW fields_view AS
-- Every typed value with its place.
SELECT
    d.name AS document,  -- name of the file
    e.page AS page,  -- where the words begin
    coalesce(e.locator, '') AS locator,  -- the place in words
    f.section AS section,  -- name of the Section
    x.name AS field,  -- which Field
    x.kind AS kind,  -- date, amount, duration, party, number, text
    x.written AS written,  -- as it stands in the text
    iif(x.kind IN ('amount', 'duration', 'number') AND x.value NOT GLOB '*[^0-9.+-]*', x.value + 0, x.value) AS value,  -- normalised, null where the text gives none; of amounts, durations and numbers a number
    x.unit AS unit,  -- currency, unit of time, %, or empty
    e.match AS match,  -- how the words were found
    r.id AS run,  -- the run
    f.number AS finding  -- number of the finding within the run
FROM finding_fields AS x
JOIN findings AS f ON f.id = x.finding_id
JOIN runs AS r ON r.id = f.run_id
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN evidence AS e ON e.finding_id = x.finding_id AND e.field = x.ordinal
ORDER BY r.started DESC, r.id, f.number, x.ordinal;
"""


def m010_numbers(db: "Database") -> None:
    """Amounts, durations and numbers are numbers in `fields_view`."""
    for statement in _STATEMENTS.split(";\n"):
        if statement.strip():
            db.execute(statement.strip())
