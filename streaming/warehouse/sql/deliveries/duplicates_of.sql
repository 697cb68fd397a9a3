SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    status,
    duplicate_of
FROM deliveries
WHERE
    status = 'duplicate'
    AND duplicate_of IN %(delivery_ids)s
ORDER BY delivery_id;
