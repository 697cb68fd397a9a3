SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    status,
    attempt,
    arrival_id,
    sales_months
FROM deliveries
WHERE
    status IN ('processed', 'duplicate')
    AND batch_id IS NOT NULL
    AND object_key IN %(object_keys)s
ORDER BY delivery_id;
