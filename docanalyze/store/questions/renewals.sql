-- Contracts that end or renew within the next days, with the notice that keeps them from it where one is named.
-- :days  how many days ahead [90]
-- :from  the day to count from, as 2027-01-31 [now]
WITH asked AS MATERIALIZED (
    SELECT run, section, document_id FROM latest_sections WHERE kind = 'contract' AND section IN ('dates', 'term')
),
-- Every period of a finding about the term, with the words around it.
periods AS (
    SELECT a.document_id, n.name, n.written,
        lower(substr(q.words, max(1, instr(q.words, n.written) - 40), min(40, instr(q.words, n.written)))) AS before,
        lower(substr(q.words, instr(q.words, n.written) + length(n.written), 30)) AS after
    FROM asked AS a
    JOIN findings AS g ON g.run_id = a.run AND g.section = 'term' AND a.section = 'term'
    JOIN finding_fields AS n ON n.finding_id = g.id AND n.kind = 'duration'
    LEFT JOIN evidence AS q ON q.finding_id = g.id AND q.quote IS NOT NULL AND instr(q.words, n.written)
),
-- The period of which a notice is given is one; that by which the contract is renewed is none.
notices AS MATERIALIZED (
    SELECT DISTINCT document_id, written FROM periods
    WHERE name LIKE 'notice%' OR instr(before, 'notice') OR (NOT instr(after, 'unless')
        AND (instr(after, 'notice') OR instr(after, 'before') OR instr(after, 'prior') OR instr(after, 'advance')))
)
SELECT
    x.value AS date,
    CAST(julianday(x.value) - julianday(date(:from)) AS INTEGER) AS days_left,
    d.name AS document,
    f.statement AS statement,
    (SELECT group_concat(n.written, '; ') FROM notices AS n WHERE n.document_id = r.document_id) AS notice,
    (SELECT locator FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    r.run AS run,
    f.number AS finding
FROM asked AS r
JOIN findings AS f ON f.section = r.section AND f.run_id = r.run
JOIN finding_fields AS x ON x.finding_id = f.id AND x.kind = 'date'
JOIN documents AS d ON d.id = r.document_id
WHERE x.value BETWEEN date(:from) AND date(:from, '+' || :days || ' days')
    -- When another document was made, or from when on something may be done, is no end.
    AND f.statement NOT LIKE 'date of a document named%' AND f.statement NOT LIKE 'from %'
    AND (f.section = 'term' OR f.statement LIKE '%renew%' OR f.statement LIKE '%expir%' OR f.statement LIKE '%terminat%'
        OR ' ' || f.statement LIKE '% end %' OR f.statement LIKE '% ends %' OR f.statement LIKE '% ending %'
        OR f.statement LIKE '%until%')
ORDER BY x.value, document, finding
