-- Findings that the judge disputed: a model holds that the document does not say so, or not all of it.
-- :section  only this section [all]
WITH latest AS MATERIALIZED (
    SELECT r.run AS run, r.section AS section, d.name AS document FROM latest_sections AS r JOIN documents AS d ON d.id = r.document_id
)
SELECT
    c.document,
    f.section,
    f.statement,
    v.label AS verdict,
    round(v.probability, 2) AS probability,
    v.by AS judge,
    v.reason,
    (SELECT words FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS quote,
    (SELECT locator FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    f.run_id AS run,
    f.number AS finding
FROM (
    SELECT v.finding_id AS id, v.ordinal AS ordinal, l.document AS document
    FROM verdicts AS v
    CROSS JOIN findings AS f ON f.id = v.finding_id
    CROSS JOIN latest AS l ON l.run = f.run_id AND l.section = f.section
    WHERE v.label IN ('contradicted', 'unsupported', 'partly') AND v.by <> 'rules'
        AND NOT EXISTS (SELECT 1 FROM verdicts AS later WHERE later.finding_id = v.finding_id AND later.ordinal > v.ordinal)
        AND (:section = 'all' OR f.section = :section)
    ORDER BY CASE v.label WHEN 'contradicted' THEN 1 WHEN 'unsupported' THEN 2 ELSE 3 END, v.probability DESC,
        l.document, f.run_id, f.number
    -- Without end, but sorted before words are looked up for what is shown.
    LIMIT -1
) AS c
CROSS JOIN verdicts AS v ON v.finding_id = c.id AND v.ordinal = c.ordinal
CROSS JOIN findings AS f ON f.id = c.id
