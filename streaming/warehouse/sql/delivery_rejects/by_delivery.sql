SELECT
    d.object_key,
    d.delivery_id,
    d.last_modified AS arrived_at,
    r.reason,
    r.`rows`,
    r.sample
FROM delivery_rejects AS r
INNER JOIN deliveries AS d ON r.delivery_id = d.delivery_id
WHERE
    d.status = 'processed'
    AND r.delivery_id > %(after)s
ORDER BY r.delivery_id DESC, r.reason ASC
LIMIT %(page)s;
