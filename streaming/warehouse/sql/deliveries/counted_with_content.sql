SELECT
    delivery_id,
    object_key,
    etag,
    size_bytes,
    sales_months
FROM deliveries
WHERE
    status = 'processed'
    AND etag IN %(etags)s
ORDER BY delivery_id;
