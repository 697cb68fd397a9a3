SELECT delivery_id
FROM deliveries
WHERE archived_at >= %(archived_since)s
UNION DISTINCT
SELECT delivery_id
FROM deliveries
WHERE
    archived_at IS NULL
    AND status <> 'waiting';
