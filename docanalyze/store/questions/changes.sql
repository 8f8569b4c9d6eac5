-- Code bases: files and definitions that were added, removed or changed between two runs, by default the latest two.
-- :before  the earlier run's id [latest]
-- :after  the later run's id [latest]
WITH pair AS (
    SELECT run_before, run_after FROM run_pairs
    WHERE (:before = 'latest' OR run_before = :before) AND (:after = 'latest' OR run_after = :after)
    ORDER BY run_after DESC, run_before DESC LIMIT 1
)
SELECT path, what, name, change, before, after FROM (
    SELECT c.path AS path, 'file' AS what, '' AS name, c.change AS change,
        c.lines_before || ' lines' AS before, c.lines_after || ' lines' AS after, 0 AS place
    FROM pair AS p
    JOIN file_changes AS c ON c.run_before = p.run_before AND c.run_after = p.run_after
    WHERE c.change <> 'same'
    UNION ALL
    SELECT c.path, c.kind, c.name, c.change, 'line ' || c.line_before, 'line ' || c.line_after,
        coalesce(c.line_after, c.line_before)
    FROM pair AS p
    JOIN symbol_changes AS c ON c.run_before = p.run_before AND c.run_after = p.run_after
)
ORDER BY path, place, name
