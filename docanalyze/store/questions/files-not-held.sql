-- Code bases: files that no window held, or by name only, those that matter most first.
-- :source  only code bases whose path holds this [all]
SELECT
    s.source AS source,
    f.path AS path,
    round(x.rank, 5) AS rank,
    x.detail AS detail,
    f.tokens AS tokens,
    f.role AS role,
    CASE WHEN x.reason <> '' THEN x.reason ELSE f.reason END AS reason,
    x.run_id AS run
FROM latest_runs AS r
JOIN runs AS s ON s.id = r.run
JOIN run_files AS x ON x.run_id = r.run AND x.detail NOT IN ('full', 'outline')
JOIN files AS f ON f.document_id = r.document_id AND f.ordinal = x.file
WHERE :source = 'all' OR instr(lower(s.source), lower(:source))
ORDER BY source, x.rank DESC, path
