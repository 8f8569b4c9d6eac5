-- Obligations by party and date: who has to do what by when, by the latest run of every contract that asked for them.
-- :party  only parties whose name holds this [everyone]
-- :document  only documents whose name holds this [all]
SELECT
    coalesce(who.value, who.written, '(nobody named)') AS party,
    CASE WHEN due.value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN due.value END AS date,
    due.written AS by_when,
    f.statement AS obligation,
    (SELECT locator FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    d.name AS document,
    f.run_id AS run,
    f.number AS finding
FROM latest_sections AS r
JOIN findings AS f ON f.section = 'obligations' AND f.run_id = r.run AND NOT f.absence
JOIN documents AS d ON d.id = r.document_id
LEFT JOIN finding_fields AS who ON who.finding_id = f.id AND who.name = 'who'
LEFT JOIN finding_fields AS due ON due.finding_id = f.id AND due.name = 'by_when'
WHERE r.section = 'obligations'
    AND (:party = 'everyone' OR instr(lower(coalesce(who.value, who.written, '')), lower(:party)))
    AND (:document = 'all' OR instr(lower(d.name), lower(:document)))
-- The Provider, the Provider and Provider are one.
ORDER BY iif(party LIKE 'the %', substr(party, 5), party) COLLATE NOCASE, date IS NULL, date, due.written IS NULL, document, finding
