SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    status,
    attempt,
    arrival_id,
    withdraws,
    archived_key,
    expired_at,
    last_modified,
    rows_rejected
FROM deliveries
WHERE
    status IN %(statuses)s
    AND withdraws IS NULL
    AND COALESCE(reason, '') <> 'control_totals'
    AND delivery_id > %(after)s
ORDER BY delivery_id
LIMIT %(page)s;
