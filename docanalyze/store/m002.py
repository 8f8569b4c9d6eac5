"""The second step of the schema: what was sent to a model, and which call a verdict came from."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = """
CREATE TABLE call_prompts (
    -- What went to a model with a call beside its question. Calls of the built-in analyst have none.
    call_id INTEGER PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,  -- the call
    whole_sha256 TEXT NOT NULL,  -- hash of system text, document and question, each after a zero byte
    prompt_sha256 TEXT NOT NULL,  -- hash of the question, kept or not
    system_sha256 TEXT NOT NULL REFERENCES texts (sha256),  -- the system text
    schema_sha256 TEXT NOT NULL REFERENCES texts (sha256),  -- the grammar or schema of the answer
    kept INTEGER NOT NULL,  -- 0 if only hashes of the prompt were to be kept
    prompt_seconds REAL,  -- the server's own time for the prompt, null without a reply
    output_seconds REAL  -- the server's own time for the answer, null without a reply
);
CREATE INDEX call_prompts_system ON call_prompts (system_sha256);
CREATE INDEX call_prompts_schema ON call_prompts (schema_sha256);
CREATE TABLE verdict_calls (
    -- The call that a model's verdict came from, and what else it might have said.
    finding_id INTEGER NOT NULL,  -- the finding
    ordinal INTEGER NOT NULL,  -- of the verdict
    call_id INTEGER NOT NULL REFERENCES calls (id) ON DELETE CASCADE,  -- the call
    shares TEXT NOT NULL,  -- JSON, pairs of label and probability
    PRIMARY KEY (finding_id, ordinal),
    FOREIGN KEY (finding_id, ordinal) REFERENCES verdicts (finding_id, ordinal) ON DELETE CASCADE
);
CREATE INDEX verdict_calls_call ON verdict_calls (call_id);
"""


def m002_models(db: "Database") -> None:
    """What was sent to models, and which call gave a verdict."""
    execute(db, _TABLES)
