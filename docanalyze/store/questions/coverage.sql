-- Coverage gaps: what of every document no model was shown, and why; pages that gave no text; runs not finished.
-- :document  only documents whose name holds this [all]
SELECT document, what, reason, parts, chars, run FROM (
    SELECT d.name AS document, 'text' AS what, c.reason AS reason, count(*) AS parts, sum(c.end - c.start) AS chars,
        c.run_id AS run
    FROM latest_runs AS r
    JOIN coverage AS c ON c.run_id = r.run AND c.detail = 'none'
    JOIN documents AS d ON d.id = r.document_id
    GROUP BY d.name, c.reason, c.run_id
    UNION ALL
    SELECT d.name, 'pages ' || group_concat(u.page, ', '), u.reason, count(*), 0, u.run_id
    FROM latest_runs AS r
    JOIN unread_pages AS u ON u.run_id = r.run
    JOIN documents AS d ON d.id = r.document_id
    GROUP BY d.name, u.reason, u.run_id
    UNION ALL
    SELECT d.name, 'run', CASE WHEN r.error <> '' THEN r.state || ': ' || r.error ELSE r.state END, 1,
        coalesce(r.chars_out, 0), r.id
    FROM runs AS r
    JOIN documents AS d ON d.id = r.document_id
    WHERE r.state <> 'done' AND NOT EXISTS (SELECT 1 FROM runs AS n WHERE n.document_id = r.document_id
        AND n.kind = r.kind AND n.state = 'done' AND n.started > r.started)
    UNION ALL
    SELECT d.name, 'section', n.text, 1, 0, n.run_id
    FROM latest_runs AS r
    JOIN notes AS n ON n.run_id = r.run AND n.code = 'incomplete'
    JOIN documents AS d ON d.id = r.document_id
)
WHERE :document = 'all' OR instr(lower(document), lower(:document))
ORDER BY chars DESC, document, what, reason, run
