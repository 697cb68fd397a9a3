SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    status,
    attempt,
    arrival_id,
    withdraws,
    crashes,
    archived_key,
    expired_at
FROM deliveries
WHERE delivery_id IN %(delivery_ids)s
ORDER BY delivery_id;
