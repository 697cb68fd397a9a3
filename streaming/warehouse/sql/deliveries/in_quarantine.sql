SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    last_modified,
    finished_at,
    reason,
    archived_key
FROM deliveries
WHERE
    status = 'quarantined'
    AND attempt = 1
    AND archived_key IS NOT NULL
    AND expired_at IS NULL
    AND delivery_id > %(after)s
ORDER BY delivery_id
LIMIT %(page)s;
