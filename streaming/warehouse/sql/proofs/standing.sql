SELECT
    UTC_TIMESTAMP(6) AS started_at,
    COALESCE(MAX(batch_id), 0) AS last_batch
FROM batches
WHERE committed_at IS NOT NULL;
