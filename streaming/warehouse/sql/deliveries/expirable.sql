-- of an arrival with further attempts the newest end counts, and none may still wait
SELECT d.delivery_id
FROM deliveries AS d
WHERE
    d.attempt = 1
    AND d.status <> 'waiting'
    AND d.archived_key IS NOT NULL
    AND d.expired_at IS NULL
    AND LEFT(d.archived_key, CHAR_LENGTH(%(prefix)s)) = %(prefix)s
    AND d.finished_at < UTC_TIMESTAMP(6) - INTERVAL %(days)s DAY
    AND d.delivery_id > %(after)s
    AND NOT EXISTS (
        SELECT 1
        FROM deliveries AS later
        WHERE
            later.arrival_id = d.delivery_id
            AND (
                later.status = 'waiting'
                OR later.finished_at >= UTC_TIMESTAMP(6) - INTERVAL %(days)s DAY
            )
    )
ORDER BY d.delivery_id
LIMIT %(page)s;
