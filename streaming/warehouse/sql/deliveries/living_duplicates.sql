SELECT
    d.delivery_id,
    d.object_key,
    d.etag,
    d.size_bytes,
    d.status,
    d.duplicate_of
FROM deliveries AS d
LEFT JOIN deliveries AS later
    ON
        d.object_key = later.object_key
        AND d.delivery_id < later.delivery_id
        AND later.status IN ('processed', 'duplicate')
WHERE
    d.status = 'duplicate'
    AND d.duplicate_of IN %(delivery_ids)s
    AND later.delivery_id IS NULL
ORDER BY d.delivery_id;
