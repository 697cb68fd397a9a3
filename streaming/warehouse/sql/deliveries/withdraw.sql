UPDATE deliveries
SET
    status = 'withdrawn',
    finished_at = UTC_TIMESTAMP(6)
WHERE
    delivery_id = %(delivery_id)s
    AND status IN ('processed', 'duplicate');
