"""The fourth step of the schema: what reading knows beyond words: tables' headers, hidden text, sources of pages."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLES = """
CREATE TABLE segment_readings (
    -- What is known of some segments beyond their words.
    document_id TEXT NOT NULL,  -- the document
    number INTEGER NOT NULL,  -- of the segment
    note TEXT NOT NULL,  -- why it is hidden, who inserted it and where; or empty
    head_start INTEGER,  -- first character of the header rows of its table, or null
    head_end INTEGER,  -- the character after their last, or null
    PRIMARY KEY (document_id, number),
    FOREIGN KEY (document_id, number) REFERENCES segments (document_id, number) ON DELETE CASCADE
);
CREATE TABLE page_readings (
    -- Where the characters of a page come from, and what speaks against them.
    document_id TEXT NOT NULL,  -- the document
    number INTEGER NOT NULL,  -- of the page
    source TEXT NOT NULL,  -- text, OCR, none
    ink REAL NOT NULL,  -- share of the page that images and drawings cover where no text is, 0 to 1
    hidden INTEGER NOT NULL,  -- characters that are not to be seen
    doubt TEXT NOT NULL,  -- what speaks against the text layer, or empty
    PRIMARY KEY (document_id, number),
    FOREIGN KEY (document_id, number) REFERENCES pages (document_id, number) ON DELETE CASCADE
);
"""


def m004_reading(db: "Database") -> None:
    """Notes and table headers of Segments; source, ink, hidden text and doubts of pages."""
    execute(db, _TABLES)
