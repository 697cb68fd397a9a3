UPDATE deliveries
SET
    status = 'superseded',
    superseded_by = %(superseded_by)s,
    finished_at = UTC_TIMESTAMP(6)
WHERE
    delivery_id = %(delivery_id)s
    AND status IN ('processed', 'duplicate');
