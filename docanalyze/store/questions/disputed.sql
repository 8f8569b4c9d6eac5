-- Findings that the judge disputed: a model holds that the document does not say so, or not all of it.
-- :section  only this section [all]
SELECT
    c.document,
    c.section,
    c.statement,
    c.verdict,
    round(c.probability, 2) AS probability,
    c.judge,
    c.reason,
    (SELECT words FROM evidence WHERE finding_id = c.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS quote,
    (SELECT locator FROM evidence WHERE finding_id = c.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    c.run,
    c.finding
FROM (
    SELECT d.name AS document, f.section AS section, f.statement AS statement, v.label AS verdict,
        v.probability AS probability, v.by AS judge, v.reason AS reason, r.run AS run, f.number AS finding, f.id AS id
    FROM verdicts AS v
    CROSS JOIN findings AS f ON f.id = v.finding_id
    CROSS JOIN latest_runs AS r ON r.run = f.run_id
    CROSS JOIN documents AS d ON d.id = r.document_id
    WHERE v.label IN ('contradicted', 'unsupported', 'partly') AND v.by <> 'rules'
        AND NOT EXISTS (SELECT 1 FROM verdicts AS later WHERE later.finding_id = v.finding_id AND later.ordinal > v.ordinal)
        AND (:section = 'all' OR f.section = :section)
    ORDER BY CASE v.label WHEN 'contradicted' THEN 1 WHEN 'unsupported' THEN 2 ELSE 3 END, v.probability DESC,
        d.name, r.run, f.number
    -- Without end, but sorted before quotes are looked up for what is shown.
    LIMIT -1
) AS c
