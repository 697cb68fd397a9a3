SELECT
    r.reason,
    SUM(r.`rows`) AS `rows`,
    MIN(r.sample) AS sample
FROM delivery_rejects AS r
INNER JOIN deliveries AS d ON r.delivery_id = d.delivery_id
WHERE
    d.status = 'processed'
    AND r.delivery_id > %(after)s
GROUP BY r.reason
ORDER BY SUM(r.`rows`) DESC, r.reason ASC;
