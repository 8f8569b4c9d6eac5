"""The sixth step of the schema: code bases: files, what they define and import, what a run saw of each."""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_TREES = """
CREATE TABLE trees (
    -- Documents that are code bases. Their text is that of all files, one after the other.
    document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,  -- the document
    name TEXT NOT NULL,  -- of its folder, when it was stored first
    branch TEXT NOT NULL,  -- as its own files said then; empty where it is no checkout
    commit_id TEXT NOT NULL,  -- as its own files said then, or empty
    vocabulary TEXT NOT NULL  -- hash of the vocabulary that counted tokens
);
CREATE TABLE files (
    -- Files of a code base, in the order of their paths.
    id INTEGER PRIMARY KEY,  -- row
    document_id TEXT NOT NULL REFERENCES trees (document_id) ON DELETE CASCADE,  -- the code base
    ordinal INTEGER NOT NULL,  -- in order, from 1
    path TEXT NOT NULL,  -- relative to its folder, with /
    size INTEGER NOT NULL,  -- bytes
    role TEXT NOT NULL,  -- code, test, example, documentation, manifest, configuration, ...
    sha256 TEXT NOT NULL,  -- hash of its bytes; empty where they were not read
    language TEXT NOT NULL,  -- empty where it is not known
    reason TEXT NOT NULL,  -- why its text was not read; empty if it was
    encoding TEXT NOT NULL,  -- of its bytes
    lines INTEGER NOT NULL,  -- of its text
    chars INTEGER NOT NULL,  -- of its text; 0 where none was read
    start INTEGER NOT NULL,  -- where its text begins in the document's
    tokens INTEGER NOT NULL,  -- of its text
    outline_tokens INTEGER NOT NULL,  -- of its outline
    outline TEXT NOT NULL,  -- what stands for it at lower detail: JSON, [start, end] in its text
    mains TEXT NOT NULL,  -- where a program starts: JSON, [start, end] in its text
    cells TEXT NOT NULL,  -- where the cells of a notebook begin: JSON, characters in its text
    referenced TEXT NOT NULL,  -- names that it uses: JSON, pairs of name and how often
    UNIQUE (document_id, ordinal)
);
CREATE INDEX files_path ON files (document_id, path);
CREATE TABLE symbols (
    -- What files define.
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,  -- the file
    ordinal INTEGER NOT NULL,  -- in order, from 1
    name TEXT NOT NULL,  -- its own name
    qualified TEXT NOT NULL,  -- its name behind those that enclose it, with dots; the end of it where it is long
    occurrence INTEGER NOT NULL,  -- 1, or more where the file defined that name before
    kind TEXT NOT NULL,  -- function, method, class, heading, ...
    line INTEGER NOT NULL,  -- in the file, from 1
    start INTEGER NOT NULL,  -- first character of the whole of it, in the file's text
    end INTEGER NOT NULL,  -- the character after the last
    shown TEXT NOT NULL,  -- what an outline shows: JSON, [start, end] in the file's text
    parent INTEGER,  -- ordinal of what encloses it, or null
    branches INTEGER NOT NULL,  -- decisions inside
    digest TEXT NOT NULL,  -- start of the hash of its text, without that of what it encloses
    PRIMARY KEY (file_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX symbols_name ON symbols (name);
CREATE INDEX symbols_qualified ON symbols (file_id, qualified);
CREATE TABLE imports (
    -- Imports of files, as written.
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,  -- the file
    ordinal INTEGER NOT NULL,  -- in order, from 1
    module TEXT NOT NULL,  -- what is imported, without quotes
    line INTEGER NOT NULL,  -- in the file, from 1
    start INTEGER NOT NULL,  -- first character in the file's text
    end INTEGER NOT NULL,  -- the character after the last
    names TEXT NOT NULL,  -- what is taken from it: JSON, names
    PRIMARY KEY (file_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX imports_module ON imports (module);
CREATE TABLE secrets (
    -- Places whose characters were replaced before anything was stored.
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,  -- the file
    ordinal INTEGER NOT NULL,  -- in order, from 1
    start INTEGER NOT NULL,  -- first character in the file's text
    end INTEGER NOT NULL,  -- the character after the last
    what TEXT NOT NULL,  -- what it looked like
    PRIMARY KEY (file_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE skipped_files (
    -- What of a code base was not even listed.
    document_id TEXT NOT NULL REFERENCES trees (document_id) ON DELETE CASCADE,  -- the code base
    ordinal INTEGER NOT NULL,  -- in order, from 1
    path TEXT NOT NULL,  -- relative to its folder
    reason TEXT NOT NULL,  -- why
    count INTEGER NOT NULL,  -- files that it stands for; 0 where nobody counted
    PRIMARY KEY (document_id, ordinal)
);
CREATE TABLE submodules (
    -- Code bases of others within one.
    document_id TEXT NOT NULL REFERENCES trees (document_id) ON DELETE CASCADE,  -- the code base
    ordinal INTEGER NOT NULL,  -- in order, from 1
    path TEXT NOT NULL,  -- relative to its folder
    PRIMARY KEY (document_id, ordinal)
);
"""

_RUNS = """
CREATE TABLE checkouts (
    -- What a run of a code base found checked out. Two commits with the same files are one document.
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    name TEXT NOT NULL,  -- of the folder
    branch TEXT NOT NULL,  -- as the code base's own files say; empty where it is no checkout
    commit_id TEXT NOT NULL  -- as the code base's own files say, or empty
);
CREATE TABLE run_files (
    -- The receipt of a run of a code base: what became of every file.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    file INTEGER NOT NULL,  -- ordinal of the file
    rank REAL NOT NULL,  -- how much it matters; those of all files add to 1
    window INTEGER NOT NULL,  -- number of the Window it stands in, 0 for none
    detail TEXT NOT NULL,  -- how fully: full, outline, name only, none
    tokens INTEGER NOT NULL,  -- that it takes there
    reason TEXT NOT NULL,  -- why not more
    PRIMARY KEY (run_id, file)
) WITHOUT ROWID;
CREATE TABLE parsed_files (
    -- A cache: what parsing gave, so that a file that did not change is not parsed again. To be emptied at will.
    id INTEGER PRIMARY KEY,  -- in the order of keeping: when there is too much, the oldest go
    key TEXT NOT NULL UNIQUE,  -- hash of the content and of what parsed it
    chars INTEGER NOT NULL,  -- how long it is
    parsed TEXT NOT NULL  -- in the parser's own form
);
"""

# No JSON functions in views: SQLite refuses them where the schema is not trusted, as some builds do.
_VIEWS = """
CREATE VIEW run_tree AS
-- Every file of a code base as a run saw it, what matters most first.
SELECT
    r.id AS run,  -- the run
    f.path AS path,  -- relative to the folder
    x.rank AS rank,  -- how much it matters; those of all files add to 1
    x.detail AS detail,  -- full, outline, name only, none
    x.window AS window,  -- number of the Window, 0 for none
    x.tokens AS tokens,  -- that it takes there
    f.tokens AS all_tokens,  -- of its whole text
    f.outline_tokens AS outline_tokens,  -- of its outline
    f.lines AS lines,  -- of its text
    f.size AS size,  -- bytes
    f.language AS language,  -- empty where it is not known
    f.role AS role,  -- code, test, documentation, ...
    (SELECT count(*) FROM symbols WHERE file_id = f.id) AS symbols,  -- how many it defines
    (SELECT count(*) FROM secrets WHERE file_id = f.id) AS secrets,  -- how many were masked
    CASE WHEN x.reason <> '' THEN x.reason ELSE f.reason END AS reason,  -- why not more
    f.id AS file_id  -- row in files
FROM run_files AS x
JOIN runs AS r ON r.id = x.run_id
JOIN files AS f ON f.document_id = r.document_id AND f.ordinal = x.file
ORDER BY r.started DESC, r.id, x.rank DESC, x.file;
CREATE VIEW symbols_view AS
-- Every definition with its file.
SELECT
    t.name AS tree,  -- the code base
    f.path AS path,  -- the file
    s.line AS line,  -- in the file, from 1
    s.kind AS kind,  -- function, method, class, heading, ...
    s.name AS name,  -- its own name
    s.qualified AS qualified,  -- its name behind those that enclose it
    s.branches AS branches,  -- decisions inside
    f.start + s.start AS start,  -- first character in the document's text
    f.start + s.end AS end,  -- the character after the last
    f.document_id AS document_id,  -- row in documents
    f.id AS file_id  -- row in files
FROM symbols AS s
JOIN files AS f ON f.id = s.file_id
JOIN trees AS t ON t.document_id = f.document_id;
CREATE VIEW run_pairs AS
-- Two runs of one code base: the same source, a folder of the same name, one run after the other.
SELECT
    b.source AS source,  -- what the user named
    b.id AS run_before,  -- the earlier run
    a.id AS run_after,  -- the later run
    cb.commit_id AS commit_before,  -- what the earlier one found checked out
    ca.commit_id AS commit_after,  -- what the later one found checked out
    b.document_id AS document_before,  -- row in documents
    a.document_id AS document_after  -- row in documents
FROM runs AS b
JOIN checkouts AS cb ON cb.run_id = b.id
JOIN runs AS a ON a.source = b.source AND (a.started > b.started OR (a.started = b.started AND a.id > b.id))
JOIN checkouts AS ca ON ca.run_id = a.id AND ca.name = cb.name;
CREATE VIEW file_changes AS
-- What became of every file from one run of a code base to a later one.
SELECT
    p.run_before AS run_before,  -- the earlier run
    p.run_after AS run_after,  -- the later run
    f.path AS path,  -- relative to the folder
    CASE WHEN g.id IS NULL THEN 'removed' WHEN g.sha256 = f.sha256 AND g.size = f.size THEN 'same'
        ELSE 'changed' END AS change,  -- added, removed, changed, same
    f.tokens AS tokens_before,  -- of its text; null where it is added
    g.tokens AS tokens_after,  -- of its text; null where it is removed
    f.lines AS lines_before,  -- of its text
    g.lines AS lines_after,  -- of its text
    (SELECT detail FROM run_files WHERE run_id = p.run_before AND file = f.ordinal) AS detail_before,  -- how fully
    (SELECT detail FROM run_files WHERE run_id = p.run_after AND file = g.ordinal) AS detail_after  -- how fully
FROM run_pairs AS p
JOIN files AS f ON f.document_id = p.document_before
LEFT JOIN files AS g ON g.document_id = p.document_after AND g.path = f.path
UNION ALL
SELECT p.run_before, p.run_after, g.path, 'added', NULL, g.tokens, NULL, g.lines, NULL,
    (SELECT detail FROM run_files WHERE run_id = p.run_after AND file = g.ordinal)
FROM run_pairs AS p
JOIN files AS g ON g.document_id = p.document_after
WHERE NOT EXISTS (SELECT 1 FROM files AS f WHERE f.document_id = p.document_before AND f.path = g.path);
CREATE VIEW symbol_changes AS
-- Definitions that were added, removed or changed from one run of a code base to a later one.
SELECT
    p.run_before AS run_before,  -- the earlier run
    p.run_after AS run_after,  -- the later run
    f.path AS path,  -- the file
    s.qualified AS name,  -- behind the names that enclose it
    s.kind AS kind,  -- function, method, class, heading, ...
    CASE WHEN t.file_id IS NULL THEN 'removed' ELSE 'changed' END AS change,  -- added, removed, changed
    s.line AS line_before,  -- in the file; null where it is added
    t.line AS line_after  -- in the file; null where it is removed
FROM run_pairs AS p
JOIN files AS f ON f.document_id = p.document_before
LEFT JOIN files AS g ON g.document_id = p.document_after AND g.path = f.path
JOIN symbols AS s ON s.file_id = f.id
LEFT JOIN symbols AS t ON t.file_id = g.id AND t.qualified = s.qualified AND t.kind = s.kind
    AND t.occurrence = s.occurrence
WHERE (g.id IS NULL OR g.sha256 <> f.sha256) AND (t.file_id IS NULL OR t.digest <> s.digest)
UNION ALL
SELECT p.run_before, p.run_after, g.path, t.qualified, t.kind, 'added', NULL, t.line
FROM run_pairs AS p
JOIN files AS g ON g.document_id = p.document_after
LEFT JOIN files AS f ON f.document_id = p.document_before AND f.path = g.path
JOIN symbols AS t ON t.file_id = g.id
WHERE (f.id IS NULL OR f.sha256 <> g.sha256) AND NOT EXISTS (SELECT 1 FROM symbols AS s WHERE s.file_id = f.id
    AND s.qualified = t.qualified AND s.kind = t.kind AND s.occurrence = t.occurrence);
"""


def m006_trees(db: "Database") -> None:
    """Code bases: files, definitions, imports, what runs saw of each file, and what changed between runs."""
    execute(db, _TREES, _RUNS, _VIEWS)
    # Bytes of words held in memory before they go to the index: with the 1 MB of old a code base takes much longer.
    db.execute("INSERT INTO source_fts (source_fts, rank) VALUES ('hashsize', 8388608)")
