SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    last_modified,
    attempt,
    arrival_id,
    withdraws,
    crashes,
    archived_key
FROM deliveries
WHERE
    status = 'waiting'
    AND delivery_id > %(after)s
    AND delivery_id <= %(until)s
ORDER BY delivery_id
LIMIT %(page)s;
