SELECT
    batch_id,
    deliveries,
    rows_read,
    rows_loaded,
    rows_rejected,
    started_at,
    committed_at
FROM batches
WHERE committed_at IS NOT NULL
ORDER BY batch_id DESC
LIMIT %(page)s;
