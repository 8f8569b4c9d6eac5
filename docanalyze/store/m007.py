"""The seventh step of the schema: what questions over many documents are answered by."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATEMENTS = """
CREATE INDEX findings_section ON findings (section, run_id);
CREATE INDEX runs_source ON runs (source);
CREATE VIEW latest_runs AS
-- The latest finished run of every document and kind, of every folder that is a code base: what most questions ask.
SELECT
    r.id AS run,  -- the run
    r.document_id AS document_id,  -- row in documents
    r.kind AS kind,  -- the kind of analysis
    r.analyst AS analyst,  -- who found
    r.started AS started  -- when, in UTC
FROM runs AS r
WHERE r.state = 'done' AND NOT EXISTS (SELECT 1 FROM runs AS n WHERE n.document_id = r.document_id
    AND n.kind = r.kind AND n.state = 'done' AND (n.started > r.started OR (n.started = r.started AND n.id > r.id)))
    AND NOT EXISTS (SELECT 1 FROM run_pairs AS p JOIN runs AS n ON n.id = p.run_after
        WHERE p.run_before = r.id AND n.kind = r.kind AND n.state = 'done');
"""


def m007_questions(db: "Database") -> None:
    """Indexes by Section and source, and the latest run of each document."""
    execute(db, _STATEMENTS)
