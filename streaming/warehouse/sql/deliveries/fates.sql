SELECT
    status,
    COUNT(*) AS deliveries,
    COALESCE(SUM(rows_loaded), 0) AS rows_loaded,
    COALESCE(SUM(rows_rejected), 0) AS rows_rejected
FROM deliveries
WHERE delivery_id IN %(delivery_ids)s
GROUP BY status
ORDER BY status;
