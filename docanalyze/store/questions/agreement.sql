-- Agreement between analyst and judge by section: of what a model judged, how much it held to be supported.
SELECT
    f.section AS section,
    count(*) AS findings,
    count(v.label) AS judged,
    count(*) FILTER (WHERE v.label = 'supported') AS supported,
    count(*) FILTER (WHERE v.label = 'partly') AS partly,
    count(*) FILTER (WHERE v.label = 'unsupported') AS unsupported,
    count(*) FILTER (WHERE v.label = 'contradicted') AS contradicted,
    count(*) FILTER (WHERE v.label = 'review') AS review,
    round(100.0 * count(*) FILTER (WHERE v.label = 'supported') / nullif(count(v.label), 0), 1) AS agreement_percent
FROM findings AS f
JOIN latest_runs AS r ON r.run = f.run_id
LEFT JOIN verdicts AS v ON v.finding_id = f.id AND v.by <> 'rules'
    AND v.ordinal = (SELECT max(ordinal) FROM verdicts WHERE finding_id = f.id AND by <> 'rules')
GROUP BY f.section
ORDER BY agreement_percent IS NULL, agreement_percent, section
