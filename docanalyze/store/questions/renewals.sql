-- Contracts that end or renew within the next days, with the notice that keeps them from it where one is named.
-- :days  how many days ahead [90]
-- :from  the day to count from, as 2027-01-31 [now]
WITH asked AS MATERIALIZED (
    SELECT run, section, document_id FROM latest_sections WHERE kind = 'contract' AND section IN ('dates', 'term')
)
SELECT
    x.value AS date,
    CAST(julianday(x.value) - julianday(date(:from)) AS INTEGER) AS days_left,
    d.name AS document,
    f.statement AS statement,
    (SELECT group_concat(n.written, '; ') FROM findings AS g JOIN finding_fields AS n ON n.finding_id = g.id
        WHERE g.section = 'term' AND n.kind = 'duration' AND instr(lower(g.statement), 'notice')
            AND g.run_id IN (SELECT run FROM asked WHERE document_id = r.document_id AND section = 'term')) AS notice,
    (SELECT locator FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    r.run AS run,
    f.number AS finding
FROM asked AS r
JOIN findings AS f ON f.section = r.section AND f.run_id = r.run
JOIN finding_fields AS x ON x.finding_id = f.id AND x.kind = 'date'
JOIN documents AS d ON d.id = r.document_id
WHERE x.value BETWEEN date(:from) AND date(:from, '+' || :days || ' days')
    AND (f.section = 'term' OR f.statement LIKE '%renew%' OR f.statement LIKE '%expir%' OR f.statement LIKE '%terminat%'
        OR ' ' || f.statement LIKE '% end %' OR f.statement LIKE '% ends %' OR f.statement LIKE '% ending %'
        OR f.statement LIKE '%until%')
ORDER BY x.value, document, finding
