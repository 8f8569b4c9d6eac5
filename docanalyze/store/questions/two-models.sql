-- What two models say about the same document, one below the other in the order of its text.
-- :document  only documents whose name holds this [all]
-- :section  only this section [all]
SELECT
    d.name AS document,
    f.section AS section,
    (SELECT locator FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL ORDER BY quote LIMIT 1) AS place,
    r.analyst AS model,
    f.statement AS statement,
    (SELECT label FROM verdicts WHERE finding_id = f.id ORDER BY ordinal DESC LIMIT 1) AS verdict,
    f.run_id AS run,
    f.number AS finding
FROM runs AS r
JOIN documents AS d ON d.id = r.document_id
JOIN findings AS f ON f.run_id = r.id
WHERE r.state = 'done'
    AND EXISTS (SELECT 1 FROM runs AS o WHERE o.document_id = r.document_id AND o.kind = r.kind AND o.state = 'done'
        AND o.analyst <> r.analyst)
    AND NOT EXISTS (SELECT 1 FROM runs AS n JOIN sections AS t ON t.run_id = n.id AND t.name = f.section
        WHERE n.document_id = r.document_id AND n.kind = r.kind
        AND n.state = 'done' AND n.analyst = r.analyst AND (n.started > r.started OR (n.started = r.started AND n.id > r.id)))
    AND (:document = 'all' OR instr(lower(d.name), lower(:document)))
    AND (:section = 'all' OR f.section = :section)
ORDER BY document, section,
    (SELECT min(start) FROM evidence WHERE finding_id = f.id AND quote IS NOT NULL), model, finding
