"""The first step of the schema: documents, runs, findings, views over them, and search.

Comments stand in the SQL itself, one for each table, view and column. SQLite keeps them, so that
`.schema` and Datasette show them, and `docs/schema.md` is made from them. Nothing here knows what
the rows mean to the program.
"""

from typing import TYPE_CHECKING

from docanalyze.store.script import execute

if TYPE_CHECKING:
    from sqlite_utils import Database

_DOCUMENTS = """
CREATE TABLE migrations (
    -- The steps that made this schema.
    number INTEGER PRIMARY KEY,  -- counts from 1
    name TEXT NOT NULL,  -- what the step brought
    applied TEXT NOT NULL  -- when, in UTC
);
CREATE TABLE texts (
    -- Every long text once: of documents, Windows, prompts and replies.
    sha256 TEXT PRIMARY KEY,  -- hash of the text in UTF-8
    text TEXT NOT NULL,  -- the text
    chars INTEGER NOT NULL  -- its length in characters (code points)
);
CREATE TABLE documents (
    -- A source as read. Never changes.
    id TEXT PRIMARY KEY,  -- hash of the text, the source's bytes and the reader
    name TEXT NOT NULL,  -- name of the file
    path TEXT NOT NULL,  -- path as given, - for standard input
    format TEXT NOT NULL,  -- what was found inside, whatever the suffix said
    size INTEGER NOT NULL,  -- bytes of the source
    source_sha256 TEXT NOT NULL,  -- hash of the bytes of the source
    text_sha256 TEXT NOT NULL REFERENCES texts (sha256),  -- the canonical text
    reader TEXT NOT NULL,  -- what read it
    reader_version TEXT NOT NULL,  -- the version of that
    reader_options TEXT NOT NULL,  -- options that change what is read: JSON, pairs of name and value
    metadata TEXT NOT NULL  -- what the file says of itself: JSON, pairs of name and value
);
CREATE INDEX documents_text ON documents (text_sha256);
CREATE TABLE segments (
    -- Paragraphs, headings, list items: the parts of a document's text, in reading order.
    id INTEGER PRIMARY KEY,  -- row in source_fts
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,  -- the document
    number INTEGER NOT NULL,  -- counts from 1
    start INTEGER NOT NULL,  -- first character in the document's text
    end INTEGER NOT NULL,  -- the character after the last
    role TEXT NOT NULL,  -- heading, paragraph, list item, ...
    level INTEGER NOT NULL,  -- of a heading, 1 is the highest; 0 if it is none
    clause TEXT NOT NULL,  -- designation such as 3.2(a), or empty
    page INTEGER NOT NULL,  -- counts from 1; 0 where the format has no pages
    line INTEGER NOT NULL,  -- counts from 1; 0 where the format has no lines
    locator TEXT NOT NULL,  -- the place in words
    boxes TEXT NOT NULL,  -- rectangles: JSON, [page, x0, y0, x1, y1] in points from the top left
    UNIQUE (document_id, number)
);
CREATE TABLE pages (
    -- Pages of a document, and whether they were read.
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,  -- the document
    number INTEGER NOT NULL,  -- counts from 1
    width REAL NOT NULL,  -- points, as shown
    height REAL NOT NULL,  -- points, as shown
    rotation INTEGER NOT NULL,  -- degrees
    chars INTEGER NOT NULL,  -- characters read
    state TEXT NOT NULL,  -- read, no text, not read
    reason TEXT NOT NULL,  -- why it was not read
    PRIMARY KEY (document_id, number)
);
"""

_RUNS = """
CREATE TABLE runs (
    -- One analysis of one document.
    id TEXT PRIMARY KEY,  -- sorts by time
    key TEXT NOT NULL,  -- hash of all that decides the result
    source TEXT NOT NULL,  -- what the user named
    document_id TEXT NOT NULL REFERENCES documents (id),  -- the document
    kind TEXT NOT NULL,  -- the kind of analysis
    kind_sha256 TEXT NOT NULL,  -- hash of the kind's files
    analyst TEXT NOT NULL,  -- who found
    judge TEXT NOT NULL,  -- who judged
    state TEXT NOT NULL,  -- reading, analyzing, awaiting judge, judging, done, failed
    started TEXT NOT NULL,  -- when, in UTC
    ended TEXT NOT NULL,  -- when, in UTC; empty while it has not
    error TEXT NOT NULL,  -- why it failed, or empty
    settings TEXT NOT NULL,  -- JSON, pairs of name and value
    versions TEXT NOT NULL,  -- of programs and libraries: JSON, pairs of name and version
    chars_in INTEGER,  -- characters that stand in some Window; null before packing
    chars_out INTEGER  -- characters that stand in none
);
CREATE INDEX runs_document ON runs (document_id);
CREATE INDEX runs_key ON runs (key);
CREATE INDEX runs_started ON runs (started);
CREATE TABLE sections (
    -- The Sections that a run was asked for.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    ordinal INTEGER NOT NULL,  -- in order, from 1
    name TEXT NOT NULL,  -- as in findings and calls
    title TEXT NOT NULL,  -- as shown
    PRIMARY KEY (run_id, ordinal)
);
CREATE TABLE stages (
    -- How long the stages of a run took.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    ordinal INTEGER NOT NULL,  -- in order, from 1
    name TEXT NOT NULL,  -- read, pack, find, ...
    seconds REAL NOT NULL,  -- of the try that ended it
    PRIMARY KEY (run_id, ordinal)
);
CREATE TABLE notes (
    -- What one must know about how a document was read, or about how a run went.
    id INTEGER PRIMARY KEY,  -- in order
    document_id TEXT REFERENCES documents (id) ON DELETE CASCADE,  -- the document, or null
    run_id TEXT REFERENCES runs (id) ON DELETE CASCADE,  -- the run, or null
    code TEXT NOT NULL,  -- what sort of note
    text TEXT NOT NULL,  -- the note
    page INTEGER NOT NULL,  -- the page it is about, or 0
    CHECK ((document_id IS NULL) <> (run_id IS NULL))
);
CREATE INDEX notes_document ON notes (document_id);
CREATE INDEX notes_run ON notes (run_id);
CREATE TABLE windows (
    -- What a model sees of a document.
    id INTEGER PRIMARY KEY,  -- row
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    number INTEGER NOT NULL,  -- counts from 1
    text_sha256 TEXT NOT NULL REFERENCES texts (sha256),  -- the text as rendered
    tokens INTEGER NOT NULL,  -- exact count
    budget INTEGER NOT NULL,  -- how many there might have been
    UNIQUE (run_id, number)
);
CREATE INDEX windows_text ON windows (text_sha256);
CREATE TABLE window_spans (
    -- Where the pieces of a document stand in a Window.
    window_id INTEGER NOT NULL REFERENCES windows (id) ON DELETE CASCADE,  -- the Window
    ordinal INTEGER NOT NULL,  -- in order, from 1
    segment INTEGER NOT NULL,  -- number of the Segment
    start INTEGER NOT NULL,  -- first character in the document's text
    end INTEGER NOT NULL,  -- the character after the last
    at INTEGER NOT NULL,  -- where the piece begins in the Window's text
    repeated INTEGER NOT NULL,  -- 1 for a heading shown again for context
    PRIMARY KEY (window_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE coverage (
    -- The receipt: what became of every part of the text.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    ordinal INTEGER NOT NULL,  -- in order, from 1
    start INTEGER NOT NULL,  -- first character in the document's text
    end INTEGER NOT NULL,  -- the character after the last
    window INTEGER NOT NULL,  -- number of the Window it stands in, 0 for none
    detail TEXT NOT NULL,  -- how fully: full, none
    reason TEXT NOT NULL,  -- why it was left out
    PRIMARY KEY (run_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE unread_pages (
    -- The receipt, continued: pages that gave no text.
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    ordinal INTEGER NOT NULL,  -- in order, from 1
    page INTEGER NOT NULL,  -- number of the page
    reason TEXT NOT NULL,  -- why
    PRIMARY KEY (run_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE fingerprints (
    -- What served a reply.
    id TEXT PRIMARY KEY,  -- hash of all the columns below
    model TEXT NOT NULL,  -- name
    file_sha256 TEXT NOT NULL,  -- hash of the model file, or of the built-in analyst's rules
    quantization TEXT NOT NULL,  -- of the weights
    cache_k TEXT NOT NULL,  -- type of the key cache
    cache_v TEXT NOT NULL,  -- type of the value cache
    context INTEGER NOT NULL,  -- tokens granted
    rope TEXT NOT NULL,  -- settings of the position encoding
    build TEXT NOT NULL,  -- of the server
    device TEXT NOT NULL,  -- where it ran
    proven INTEGER NOT NULL  -- 0 if some of this is what was asked for, not what was seen
);
CREATE TABLE calls (
    -- One unit of work: one Section over one Window.
    id INTEGER PRIMARY KEY,  -- row
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    number INTEGER NOT NULL,  -- within the run
    key TEXT NOT NULL,  -- what it is resumed by
    role TEXT NOT NULL,  -- who was asked
    section TEXT NOT NULL,  -- name of the Section
    window INTEGER,  -- number of the Window, null if none was shown
    template TEXT NOT NULL,  -- name of the prompt's template
    template_sha256 TEXT NOT NULL,  -- hash of the template
    prompt_sha256 TEXT NOT NULL REFERENCES texts (sha256),  -- the prompt as rendered
    reply_sha256 TEXT REFERENCES texts (sha256),  -- the raw answer, null if there was none
    fingerprint_id TEXT REFERENCES fingerprints (id),  -- what served the answer
    sampling TEXT,  -- how tokens were drawn
    prompt_tokens INTEGER,  -- in the prompt
    cached_tokens INTEGER,  -- of these, not computed again
    output_tokens INTEGER,  -- in the answer
    seconds REAL,  -- from request to answer
    finish TEXT,  -- why the answer ended: stop, length
    state TEXT NOT NULL,  -- done, failed
    error TEXT NOT NULL,  -- why it failed, or empty
    started TEXT NOT NULL,  -- when, in UTC
    UNIQUE (run_id, number),
    FOREIGN KEY (run_id, window) REFERENCES windows (run_id, number) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX calls_prompt ON calls (prompt_sha256);
CREATE INDEX calls_reply ON calls (reply_sha256);
CREATE INDEX calls_window ON calls (run_id, window);
CREATE INDEX calls_fingerprint ON calls (fingerprint_id);
"""

_FINDINGS = """
CREATE TABLE findings (
    -- One statement about a document.
    id INTEGER PRIMARY KEY,  -- row in findings_fts
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,  -- the run
    number INTEGER NOT NULL,  -- within the run, from 1
    section TEXT NOT NULL,  -- name of the Section
    statement TEXT NOT NULL,  -- what is said
    confidence REAL,  -- the analyst's own, null if it gave none
    calibrated INTEGER NOT NULL,  -- 1 if that confidence was measured
    absence INTEGER NOT NULL,  -- 1 if it says that something is not there
    conflict TEXT NOT NULL,  -- values that contradict each other, or empty
    UNIQUE (run_id, number)
);
CREATE TABLE finding_calls (
    -- The calls that a finding came from.
    finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    ordinal INTEGER NOT NULL,  -- in order, from 1
    call_id INTEGER NOT NULL REFERENCES calls (id) ON DELETE CASCADE,  -- the call
    PRIMARY KEY (finding_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX finding_calls_call ON finding_calls (call_id);
CREATE TABLE quotes (
    -- Words that the analyst says stand in the document.
    finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    ordinal INTEGER NOT NULL,  -- in order, from 1
    text TEXT NOT NULL,  -- the words as the analyst wrote them
    cited TEXT NOT NULL,  -- Segments that it points at: JSON, numbers
    at_start INTEGER,  -- the exact place, where the analyst read the text by itself; else null
    at_end INTEGER,  -- the character after it
    PRIMARY KEY (finding_id, ordinal)
);
CREATE TABLE finding_fields (
    -- Typed values of a finding.
    finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    ordinal INTEGER NOT NULL,  -- in order, from 1
    name TEXT NOT NULL,  -- which Field of the Section
    kind TEXT NOT NULL,  -- date, amount, duration, party, number, text
    written TEXT NOT NULL,  -- as it stands in the text
    value TEXT,  -- ISO date, plain decimal, count or name; null where the text gives none
    unit TEXT NOT NULL,  -- currency, unit of time, %, or empty
    PRIMARY KEY (finding_id, ordinal)
);
CREATE INDEX finding_fields_name ON finding_fields (name);
CREATE TABLE evidence (
    -- Where a quote or a Field's words stand in the document, or that they do not.
    id INTEGER PRIMARY KEY,  -- row
    finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    quote INTEGER,  -- ordinal of the quote it is for, null if it is for a Field
    field INTEGER,  -- ordinal of the Field it is for, null if it is for a quote
    written TEXT NOT NULL,  -- the words that were looked for
    words TEXT,  -- the words of the source found there; null if refused
    match TEXT NOT NULL,  -- exact, normalised, fuzzy, missing
    score REAL NOT NULL,  -- 1 is the same
    in_place INTEGER,  -- 1 if it stands where cited, null where nothing was cited
    occurrences INTEGER NOT NULL,  -- how often the words stand in the text
    start INTEGER,  -- first character of the first place; null if refused
    end INTEGER,  -- the character after the last place
    sentence_start INTEGER,  -- of the sentence around it
    sentence_end INTEGER,  -- the character after that sentence
    page INTEGER,  -- where it begins; null without pages
    locator TEXT,  -- the place in words
    boxes TEXT NOT NULL,  -- rectangles of the words: JSON, [page, x0, y0, x1, y1] in points
    reason TEXT NOT NULL,  -- why it was corrected or refused
    UNIQUE (finding_id, quote),
    UNIQUE (finding_id, field),
    FOREIGN KEY (finding_id, field) REFERENCES finding_fields (finding_id, ordinal) ON DELETE CASCADE,
    CHECK ((quote IS NULL) <> (field IS NULL))
);
CREATE TABLE evidence_spans (
    -- The places of one piece of evidence: several where the quote leaves something out.
    evidence_id INTEGER NOT NULL REFERENCES evidence (id) ON DELETE CASCADE,  -- the evidence
    ordinal INTEGER NOT NULL,  -- in order, from 1
    start INTEGER NOT NULL,  -- first character in the document's text
    end INTEGER NOT NULL,  -- the character after the last
    PRIMARY KEY (evidence_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE verdicts (
    -- What was thought of a finding. The last one decides.
    finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    ordinal INTEGER NOT NULL,  -- in order, from 1
    by TEXT NOT NULL,  -- rules, or the name of a model
    label TEXT NOT NULL,  -- supported, partly, unsupported, contradicted, quoted, consistent, ...
    probability REAL,  -- of that label, null if there is none
    reason TEXT NOT NULL,  -- why
    PRIMARY KEY (finding_id, ordinal)
);
CREATE TABLE sweeps (
    -- What was searched before an absence was stated.
    finding_id INTEGER PRIMARY KEY REFERENCES findings (id) ON DELETE CASCADE,  -- the finding
    terms TEXT NOT NULL,  -- JSON, the terms
    chars INTEGER NOT NULL  -- how much text was searched
);
CREATE TABLE sweep_hits (
    -- What such a search hit.
    finding_id INTEGER NOT NULL REFERENCES sweeps (finding_id) ON DELETE CASCADE,  -- the finding
    ordinal INTEGER NOT NULL,  -- in order, from 1
    term TEXT NOT NULL,  -- the term
    start INTEGER NOT NULL,  -- first character in the document's text
    end INTEGER NOT NULL,  -- the character after the last
    PRIMARY KEY (finding_id, ordinal)
) WITHOUT ROWID;
"""

# No JSON functions in views: SQLite refuses them where the schema is not trusted, as some builds do.
_VIEWS = """
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
    d.id AS document_id  -- row in documents
FROM findings AS f
JOIN runs AS r ON r.id = f.run_id
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN evidence AS e ON e.finding_id = f.id AND e.quote IS NOT NULL
LEFT JOIN verdicts AS v ON v.finding_id = f.id
    AND v.ordinal = (SELECT max(ordinal) FROM verdicts WHERE finding_id = f.id)
ORDER BY r.started DESC, r.id, f.number, e.quote;
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
    x.value AS value,  -- normalised, null where the text gives none
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
CREATE VIEW runs_view AS
-- Every run, the latest first.
SELECT
    r.id AS run,  -- the run
    r.started AS started,  -- when, in UTC
    d.name AS document,  -- name of the file
    r.kind AS kind,  -- the kind of analysis
    r.state AS state,  -- done, failed, or where it stands
    r.analyst AS analyst,  -- who found
    r.judge AS judge,  -- who judged
    (SELECT count(*) FROM findings WHERE run_id = r.id) AS findings,  -- how many
    (SELECT count(*) FROM calls WHERE run_id = r.id AND state = 'failed') AS failed_calls,  -- how many
    (SELECT count(*) FROM windows WHERE run_id = r.id) AS windows,  -- how many
    (SELECT coalesce(sum(tokens), 0) FROM windows WHERE run_id = r.id) AS tokens,  -- in all Windows
    r.chars_in AS chars_in,  -- characters that stand in some Window
    r.chars_out AS chars_out,  -- characters that stand in none
    (SELECT total(seconds) FROM stages WHERE run_id = r.id) AS seconds,  -- over all stages
    r.error AS error,  -- why it failed
    d.id AS document_id  -- row in documents
FROM runs AS r
JOIN documents AS d ON d.id = r.document_id
ORDER BY r.started DESC, r.id DESC;
CREATE VIEW coverage_view AS
-- The receipt of every run, in sums.
SELECT
    r.id AS run,  -- the run
    d.name AS document,  -- name of the file
    c.window AS window,  -- number of the Window, 0 for none
    c.detail AS detail,  -- how fully
    c.reason AS reason,  -- why it was left out
    count(*) AS parts,  -- how many parts of the text
    sum(c.end - c.start) AS chars  -- how many characters
FROM coverage AS c
JOIN runs AS r ON r.id = c.run_id
JOIN documents AS d ON d.id = r.document_id
GROUP BY r.id, d.name, c.window, c.detail, c.reason
ORDER BY r.started DESC, r.id, c.window;
CREATE VIEW calls_view AS
-- Every call with what was asked and what was answered.
SELECT
    k.run_id AS run,  -- the run
    k.number AS call,  -- number within the run
    k.section AS section,  -- name of the Section
    k.window AS window,  -- number of the Window
    k.role AS role,  -- who was asked
    k.state AS state,  -- done, failed
    k.error AS error,  -- why it failed
    p.model AS model,  -- what answered
    k.prompt_tokens AS prompt_tokens,  -- in the prompt
    k.output_tokens AS output_tokens,  -- in the answer
    k.seconds AS seconds,  -- from request to answer
    k.template AS template,  -- name of the prompt's template
    q.text AS prompt,  -- the prompt
    a.text AS reply,  -- the raw answer
    k.id AS call_id  -- row in calls
FROM calls AS k
JOIN texts AS q ON q.sha256 = k.prompt_sha256
LEFT JOIN texts AS a ON a.sha256 = k.reply_sha256
LEFT JOIN fingerprints AS p ON p.id = k.fingerprint_id
ORDER BY k.run_id, k.number;
CREATE VIEW segment_texts AS
-- Every Segment with its words: what source_fts searches.
SELECT
    s.id AS id,  -- row in segments
    s.document_id AS document_id,  -- the document
    s.number AS number,  -- number of the Segment
    s.locator AS locator,  -- the place in words
    substr(t.text, s.start + 1, s.end - s.start) AS text  -- its words
FROM segments AS s
JOIN documents AS d ON d.id = s.document_id
JOIN texts AS t ON t.sha256 = d.text_sha256;
CREATE VIEW finding_texts AS
-- Every finding with the words of its quotes: what findings_fts searches.
SELECT
    f.id AS id,  -- row in findings
    f.run_id AS run_id,  -- the run
    f.statement AS statement,  -- what is said
    coalesce((SELECT group_concat(words, char(10)) FROM (SELECT words FROM evidence
        WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote)), '') AS quotes  -- the source's words
FROM findings AS f;
"""

# The index is filled in batches by what writes, never by triggers, which are many times slower.
_SEARCH = """
CREATE VIRTUAL TABLE source_fts USING fts5 (
    text, content="segment_texts", content_rowid="id",
    tokenize="porter unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE findings_fts USING fts5 (
    statement, quotes, content="finding_texts", content_rowid="id",
    tokenize="porter unicode61 remove_diacritics 2"
);
"""

SEARCH_COMMENTS = {
    "source_fts": ("Full-text index of the words of all Segments.", {"text": "words of the Segment"}),
    "findings_fts": (
        "Full-text index of all findings.",
        {"statement": "what is said", "quotes": "the source's words"},
    ),
}
"""Comments of the tables whose SQL has no room for any."""


def m001_documents_runs_findings(db: "Database") -> None:
    """All tables and views of the first release."""
    execute(db, _DOCUMENTS, _RUNS, _FINDINGS, _VIEWS, _SEARCH)
