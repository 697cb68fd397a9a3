SELECT
    delivery_id,
    archived_key
FROM deliveries
WHERE
    attempt = 1
    AND expired_at IS NOT NULL
    AND archived_key IS NOT NULL
ORDER BY delivery_id;
