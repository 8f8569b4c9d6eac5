-- Sections with how many findings the latest runs that asked each have, and in how many documents.
SELECT c.section AS section, sum(c.findings) AS findings, count(*) AS documents
FROM (SELECT section, run_id, count(*) AS findings FROM findings GROUP BY section, run_id) AS c
WHERE (c.run_id, c.section) IN (SELECT run, section FROM latest_sections)
GROUP BY c.section
ORDER BY findings DESC, section
