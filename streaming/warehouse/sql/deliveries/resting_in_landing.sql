SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    status,
    reason
FROM deliveries
WHERE
    archived_at IS NULL
    AND status <> 'waiting'
    AND delivery_id > %(after)s
ORDER BY delivery_id
LIMIT %(page)s;
