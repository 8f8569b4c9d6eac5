-- Contracts without a liability cap: no amount is named as a limit, or no limit was found at all.
SELECT
    d.name AS document,
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM sections AS s WHERE s.run_id = r.run AND s.name = 'liability')
            THEN 'not known: this run was not asked about liability'
        WHEN EXISTS (SELECT 1 FROM findings AS f WHERE f.section = 'liability' AND f.run_id = r.run AND NOT f.absence)
            THEN 'limits are named, but no amount'
        ELSE 'no limit of liability was found'
    END AS why,
    (SELECT group_concat(s.terms, ' ') FROM findings AS f JOIN sweeps AS s ON s.finding_id = f.id
        WHERE f.run_id = r.run AND f.absence AND instr(lower(f.statement), 'liability')) AS searched,
    r.run AS run
FROM latest_runs AS r
JOIN documents AS d ON d.id = r.document_id
WHERE r.kind = 'contract' AND NOT EXISTS (
    SELECT 1 FROM findings AS f JOIN finding_fields AS x ON x.finding_id = f.id
    WHERE f.section = 'liability' AND f.run_id = r.run AND x.kind = 'amount' AND x.name GLOB 'cap*'
        AND x.value IS NOT NULL)
ORDER BY document, run
