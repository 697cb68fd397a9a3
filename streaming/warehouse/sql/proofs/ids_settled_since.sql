SELECT delivery_id
FROM deliveries
WHERE batch_id > %(last_batch)s
UNION DISTINCT
SELECT earlier.delivery_id
FROM deliveries AS later
INNER JOIN deliveries AS earlier ON later.delivery_id = earlier.superseded_by
WHERE later.batch_id > %(last_batch)s
UNION DISTINCT
SELECT withdraws AS delivery_id
FROM deliveries
WHERE
    batch_id > %(last_batch)s
    AND withdraws IS NOT NULL;
