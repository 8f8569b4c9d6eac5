"""The tenth step of the schema: values that are numbers compare as numbers; sections by name beside their titles."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

# finding_fields.value is text: as such "98196" is more than 100000, and 9 is more than 10 in any order.
_STATEMENTS = """
DROP VIEW findings_view;
CREATE VIEW findings_view AS
-- Every finding with each of its quotes: what to read first.
SELECT
    d.name AS document,  -- name of the file
    e.page AS page,  -- where the quote begins
    e.locator AS locator,  -- the place in words
    coalesce((SELECT title FROM sections WHERE run_id = r.id AND name = f.section),
        f.section) AS section,  -- title of the Section
    f.statement AS statement,  -- what is said
    e.words AS quote,  -- the source's words; null if refused or none
    e.match AS match,  -- exact, normalised, fuzzy, missing
    CASE WHEN e.match IN ('exact', 'normalised') THEN 'verified' WHEN e.match = 'fuzzy' THEN 'corrected'
        WHEN e.match = 'missing' THEN 'refused' WHEN f.absence THEN 'absence'
        ELSE 'no quote' END AS status,  -- verified, corrected, refused; absence, no quote
    v.label AS verdict,  -- the latest
    v.probability AS probability,  -- of that label, null if there is none
    v.reason AS reason,  -- of the verdict
    v.by AS judge,  -- who gave the verdict
    coalesce((SELECT group_concat(DISTINCT p.model) FROM finding_calls AS c
        JOIN calls AS k ON k.id = c.call_id JOIN fingerprints AS p ON p.id = k.fingerprint_id
        WHERE c.finding_id = f.id), r.analyst) AS model,  -- what found it
    r.id AS run,  -- the run
    f.number AS finding,  -- number within the run
    f.id AS finding_id,  -- row in findings
    d.id AS document_id,  -- row in documents
    f.section AS section_name  -- name of the Section, as --section and fields_view have it
FROM findings AS f
JOIN runs AS r ON r.id = f.run_id
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN evidence AS e ON e.finding_id = f.id AND e.quote IS NOT NULL
LEFT JOIN verdicts AS v ON v.finding_id = f.id
    AND v.ordinal = (SELECT max(ordinal) FROM verdicts WHERE finding_id = f.id)
ORDER BY r.started DESC, r.id, f.number, e.quote;
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


def m010_views(db: "Database") -> None:
    """Amounts, durations and numbers are numbers in `fields_view`; `findings_view` has the names of sections."""
    execute(db, _STATEMENTS)
