-- Contracts without a liability cap: no amount is named as a limit, a judge disputes it, or no limit was found at all.
WITH asked AS MATERIALIZED (
    SELECT l.run AS run, l.kind AS kind, d.source_sha256 AS source_sha256
    FROM latest_sections AS l JOIN documents AS d ON d.id = l.document_id WHERE l.section = 'liability'
),
-- How a limit is worded that is no sum: the fees of a year, the price of the goods, an amount of the cover page. Between
-- words may stand the end of a line.
limiting (words) AS (
    VALUES ('%exceed%'), ('%be_limited_to%'), ('%is_limited_to%'), ('%be_more_than%'), ('%greater_than%'),
        ('%in_excess_of%'), ('%maximum_liability%'), ('%capped%')
)
SELECT
    d.name AS document,
    CASE
        WHEN s.run IS NULL THEN 'not known: no run was asked about liability'
        WHEN EXISTS (SELECT 1 FROM findings AS f JOIN finding_fields AS x ON x.finding_id = f.id
            WHERE f.section = 'liability' AND f.run_id = s.run AND x.kind = 'amount' AND x.name GLOB 'cap*'
                AND x.value IS NOT NULL)
            THEN 'an amount is named as a limit, but the judge disputes it'
        WHEN EXISTS (SELECT 1 FROM findings AS f JOIN evidence AS e ON e.finding_id = f.id AND e.quote IS NOT NULL
            JOIN limiting AS l ON e.words LIKE l.words
            WHERE f.section = 'liability' AND f.run_id = s.run AND NOT f.absence)
            THEN 'a limit is named, but no amount'
        WHEN EXISTS (SELECT 1 FROM findings AS f WHERE f.section = 'liability' AND f.run_id = s.run AND NOT f.absence)
            THEN 'liability is dealt with, but no limit is named'
        ELSE 'no limit of liability was found'
    END AS why,
    (SELECT group_concat(w.terms, ' ') FROM findings AS f JOIN sweeps AS w ON w.finding_id = f.id
        WHERE f.run_id = s.run AND f.absence AND instr(lower(f.statement), 'liability')) AS searched,
    coalesce(s.run, r.run) AS run
FROM latest_runs AS r
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN asked AS s ON s.kind = r.kind AND s.source_sha256 = d.source_sha256
WHERE r.kind = 'contract' AND NOT EXISTS (
    SELECT 1 FROM findings AS f JOIN finding_fields AS x ON x.finding_id = f.id
    WHERE f.section = 'liability' AND f.run_id = s.run AND x.kind = 'amount' AND x.name GLOB 'cap*'
        AND x.value IS NOT NULL AND coalesce((SELECT v.label FROM verdicts AS v WHERE v.finding_id = f.id
            ORDER BY v.ordinal DESC LIMIT 1), '') NOT IN ('contradicted', 'unsupported'))
ORDER BY document, run
