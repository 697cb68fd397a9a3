SELECT
    delivery_id,
    object_key,
    status,
    reason,
    rows_read,
    rows_rejected
FROM deliveries
WHERE
    batch_id = %(batch_id)s
    AND (status = 'quarantined' OR rows_rejected > rows_read * %(reject_rate)s)
ORDER BY delivery_id
LIMIT %(page)s;
