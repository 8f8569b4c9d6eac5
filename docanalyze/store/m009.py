"""The ninth step of the schema: the latest answer to each Section, and batches that are being repeated."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

# A file that was read otherwise, by a newer reader or with OCR, is another document with the same bytes.
_STATEMENTS = """
CREATE INDEX documents_source ON documents (source_sha256);
DROP VIEW latest_runs;
CREATE VIEW latest_runs AS
-- The latest finished run of every file and kind, by content, and of every folder that is a code base.
SELECT
    r.id AS run,  -- the run
    r.document_id AS document_id,  -- row in documents
    r.kind AS kind,  -- the kind of analysis
    r.analyst AS analyst,  -- who found
    r.started AS started  -- when, in UTC
FROM runs AS r
JOIN documents AS d ON d.id = r.document_id
WHERE r.state = 'done' AND NOT EXISTS (SELECT 1 FROM documents AS e CROSS JOIN runs AS n ON n.document_id = e.id
    WHERE e.source_sha256 = d.source_sha256 AND n.kind = r.kind AND n.state = 'done'
    AND (n.started > r.started OR (n.started = r.started AND n.id > r.id)))
    AND NOT EXISTS (SELECT 1 FROM run_pairs AS p JOIN runs AS n ON n.id = p.run_after
        WHERE p.run_before = r.id AND n.kind = r.kind AND n.state = 'done');
CREATE VIEW latest_sections AS
-- Of every file and kind, and of every folder that is a code base, the latest finished run that asked each section.
SELECT
    s.name AS section,  -- name of the Section
    l.run AS run,  -- the run
    l.document_id AS document_id,  -- row in documents
    l.kind AS kind,  -- the kind of analysis
    l.analyst AS analyst,  -- who found
    l.started AS started  -- when, in UTC
FROM latest_runs AS l
JOIN sections AS s ON s.run_id = l.run
UNION ALL
SELECT s.name, r.id, r.document_id, r.kind, r.analyst, r.started
FROM runs AS r
JOIN documents AS d ON d.id = r.document_id
JOIN sections AS s ON s.run_id = r.id
WHERE r.state = 'done' AND r.id NOT IN (SELECT run FROM latest_runs)
    AND NOT EXISTS (SELECT 1 FROM documents AS e CROSS JOIN runs AS n ON n.document_id = e.id
        CROSS JOIN sections AS t ON t.run_id = n.id AND t.name = s.name
        WHERE e.source_sha256 = d.source_sha256 AND n.kind = r.kind AND n.state = 'done'
        AND (n.started > r.started OR (n.started = r.started AND n.id > r.id)))
    AND NOT EXISTS (SELECT 1 FROM run_pairs AS p JOIN runs AS n ON n.id = p.run_after
        JOIN sections AS t ON t.run_id = n.id AND t.name = s.name
        WHERE p.run_before = r.id AND n.kind = r.kind AND n.state = 'done');
CREATE TABLE batches_redone (
    -- Batches of which everything is being done again, until all of it is.
    batch_id INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE  -- the batch
);
"""


def m009_latest(db: "Database") -> None:
    """The latest run by the bytes of the file; the latest of each Section; batches that are being repeated."""
    execute(db, _STATEMENTS)
