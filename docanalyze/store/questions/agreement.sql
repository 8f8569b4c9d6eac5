-- Agreement between analyst and judge by section: of what a model judged, how much it held to be supported.
SELECT
    c.section AS section,
    sum(c.findings) AS findings,
    sum(c.judged) AS judged,
    sum(c.supported) AS supported,
    sum(c.partly) AS partly,
    sum(c.unsupported) AS unsupported,
    sum(c.contradicted) AS contradicted,
    sum(c.review) AS review,
    round(100.0 * sum(c.supported) / nullif(sum(c.judged), 0), 1) AS agreement_percent
FROM (
    SELECT f.section, f.run_id, count(*) AS findings,
        count(*) FILTER (WHERE v.label <> 'unjudged') AS judged,
        count(*) FILTER (WHERE v.label = 'supported') AS supported,
        count(*) FILTER (WHERE v.label = 'partly') AS partly,
        count(*) FILTER (WHERE v.label = 'unsupported') AS unsupported,
        count(*) FILTER (WHERE v.label = 'contradicted') AS contradicted,
        count(*) FILTER (WHERE v.label = 'review') AS review
    FROM findings AS f
    LEFT JOIN verdicts AS v ON v.finding_id = f.id AND v.by <> 'rules' AND NOT EXISTS (SELECT 1 FROM verdicts AS later
        WHERE later.finding_id = f.id AND later.ordinal > v.ordinal AND later.by <> 'rules')
    GROUP BY f.section, f.run_id
) AS c
WHERE (c.run_id, c.section) IN (SELECT run, section FROM latest_sections)
GROUP BY c.section
ORDER BY agreement_percent IS NULL, agreement_percent, section
