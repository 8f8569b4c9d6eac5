-- Code bases: secrets that were masked before anything was stored: what each looked like, in which file, from which line.
-- :source  only code bases whose path holds this [all]
SELECT
    s.source AS source,
    f.path AS path,
    (SELECT max(g.line) FROM segments AS g WHERE g.document_id = f.document_id
        AND g.start <= f.start + x.start AND g.end > f.start + x.start) AS in_lines_from,
    x.what AS what,
    x.end - x.start AS characters,
    r.run AS run
FROM latest_runs AS r
JOIN runs AS s ON s.id = r.run
JOIN files AS f ON f.document_id = r.document_id
JOIN secrets AS x ON x.file_id = f.id
WHERE :source = 'all' OR instr(lower(s.source), lower(:source))
ORDER BY source, path, x.ordinal
