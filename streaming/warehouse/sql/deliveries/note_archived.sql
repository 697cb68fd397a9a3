UPDATE deliveries
SET
    archived_key = %(archived_key)s,
    archived_at = UTC_TIMESTAMP(6)
WHERE
    delivery_id = %(delivery_id)s
    AND archived_at IS NULL;
