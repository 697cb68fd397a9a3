SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    attempt,
    arrival_id,
    sales_months
FROM deliveries
WHERE
    status = 'processed'
    AND batch_id IS NOT NULL
    AND etag IN %(etags)s
ORDER BY delivery_id;
