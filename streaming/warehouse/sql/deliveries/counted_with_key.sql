SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    sales_months
FROM deliveries
WHERE
    status = 'processed'
    AND object_key IN %(object_keys)s
ORDER BY delivery_id;
