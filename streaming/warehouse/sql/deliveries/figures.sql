SELECT
    delivery_id,
    COALESCE(rows_loaded, 0) AS rows_loaded,
    COALESCE(rows_rejected, 0) AS rows_rejected,
    COALESCE(amount_loaded, 0) AS amount_loaded
FROM deliveries
WHERE delivery_id IN %(delivery_ids)s;
