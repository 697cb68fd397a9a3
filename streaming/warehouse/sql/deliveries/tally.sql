SELECT
    status,
    COALESCE(SUBSTRING_INDEX(reason, ':', 1), '') AS reason,
    COUNT(*) AS deliveries,
    COALESCE(SUM(rows_loaded), 0) AS rows_loaded,
    COALESCE(SUM(rows_rejected), 0) AS rows_rejected,
    COALESCE(SUM(amount_loaded), 0) AS amount_loaded
FROM deliveries
WHERE delivery_id > %(after)s
GROUP BY status, COALESCE(SUBSTRING_INDEX(reason, ':', 1), '')
ORDER BY status, reason;
