-- Documents with how many findings their latest run has.
SELECT d.name AS document, r.kind AS kind, coalesce(c.findings, 0) AS findings, r.run AS run
FROM latest_runs AS r
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN (SELECT run_id, count(*) AS findings FROM findings GROUP BY run_id) AS c ON c.run_id = r.run
ORDER BY findings DESC, document, run
